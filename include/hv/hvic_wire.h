/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Integration component messages as they cross VMBus.
 *
 * All of it is little endian and laid out by the host.  Nothing here depends
 * on the kernel, so that the module, its tests, the daemons and the emulated
 * host share one description.  Numbers: Documentation/protocol.rst.
 */
#ifndef _HV_HVIC_WIRE_H
#define _HV_HVIC_WIRE_H

#include <linux/types.h>

/* Size of the largest message a host may send: pipe payload, headers included. */
#define HVIC_PIPE_MAX		16384
/* Size of the largest integration component message: header and body. */
#define HVIC_MESSAGE_MAX	13312

/*
 * A body begins 28 bytes into its packet, so that 64-bit numbers in it are only
 * aligned for a u32.
 */
typedef __le64 hvic_le64 __attribute__((__aligned__(4)));

enum hvic_pipe_type {
	HVIC_PIPE_DATA	= 1,
};

/**
 * struct hvic_pipe_hdr - what every payload of a pipe channel starts with
 * @type: an enum hvic_pipe_type
 * @size: bytes that follow this header
 */
struct hvic_pipe_hdr {
	__le32 type;
	__le32 size;
};

/**
 * struct hvic_version - a framework or message version
 * @major: the number before the point
 * @minor: the number behind it
 */
struct hvic_version {
	__le16 major;
	__le16 minor;
};

/* A version as one comparable number, in the byte order of the machine. */
#define HVIC_VERSION(major, minor)	((__u32)(major) << 16 | (minor))
#define HVIC_VERSION_MAJOR(version)	((version) >> 16)
#define HVIC_VERSION_MINOR(version)	((version) & 0xffff)

enum hvic_type {
	HVIC_TYPE_NEGOTIATE	= 0,
	HVIC_TYPE_HEARTBEAT	= 1,
	HVIC_TYPE_KVP		= 2,
	HVIC_TYPE_SHUTDOWN	= 3,
	HVIC_TYPE_TIMESYNC	= 4,
	HVIC_TYPE_VSS		= 5,
	HVIC_TYPE_RDV		= 6,
	HVIC_TYPE_FCOPY		= 7,
	HVIC_TYPE_VMSESSION	= 8,
};

#define HVIC_FLAG_TRANSACTION	0x01
#define HVIC_FLAG_REQUEST	0x02
#define HVIC_FLAG_RESPONSE	0x04

/* What a host understands as the outcome of a request. */
#define HVIC_STATUS_OK			0x00000000u
#define HVIC_STATUS_FAIL		0x80004005u
#define HVIC_STATUS_NOT_SUPPORTED	0x80070032u
#define HVIC_STATUS_INVALID_ARG		0x80070057u
#define HVIC_STATUS_NOT_FOUND		0x80041002u	/* no such adapter */
#define HVIC_STATUS_NOT_CONNECTED	0x8007048fu
#define HVIC_STATUS_NO_MORE		0x80070103u
#define HVIC_STATUS_IN_PROGRESS		0x8007045bu
#define HVIC_STATUS_NO_PATH		0x80070003u	/* a directory is missing */
#define HVIC_STATUS_ACCESS_DENIED	0x80070005u
#define HVIC_STATUS_EXISTS		0x80070050u	/* and is not to be written over */
#define HVIC_STATUS_DISK_FULL		0x80070070u

/**
 * struct hvic_hdr - what every integration component message starts with
 * @framework: negotiated framework version; 0.0 while negotiating
 * @type: an enum hvic_type
 * @message: negotiated message version; 0.0 while negotiating
 * @size: bytes of body behind this header
 * @status: 0 in a request, an HVIC_STATUS_* in an answer
 * @transaction: chosen by the host; the answer carries it back unchanged
 * @flags: HVIC_FLAG_*
 * @reserved: 0
 */
struct hvic_hdr {
	struct hvic_version framework;
	__le16 type;
	struct hvic_version message;
	__le16 size;
	__le32 status;
	__u8 transaction;
	__u8 flags;
	__u8 reserved[2];
};

/* Bytes before the body. */
#define HVIC_HDR_LEN	(sizeof(struct hvic_pipe_hdr) + sizeof(struct hvic_hdr))

/**
 * struct hvic_negotiate - body of a version offer, and of its answer
 * @framework_count: framework versions in @version, which come first
 * @message_count: message versions in @version, behind them
 * @reserved: 0
 * @version: the versions
 */
struct hvic_negotiate {
	__le16 framework_count;
	__le16 message_count;
	__le32 reserved;
	struct hvic_version version[];
};

/* What a guest says of the applications in it. */
enum hvic_application_state {
	HVIC_APPLICATION_UNKNOWN	= 0,
	HVIC_APPLICATION_HEALTHY	= 1,
	HVIC_APPLICATION_CRITICAL	= 2,
	HVIC_APPLICATION_STOPPED	= 3,
	HVIC_NR_APPLICATION_STATES
};

/**
 * struct hvic_heartbeat - body of a heartbeat
 * @sequence: counted up by the guest
 * @application_state: an enum hvic_application_state, filled in by the guest;
 *	absent where the host sends the sequence alone
 * @reserved: 0
 */
struct hvic_heartbeat {
	hvic_le64 sequence;
	__le32 application_state;
	__le32 reserved;
};

#define HVIC_SHUTDOWN_FORCE	0x01u
#define HVIC_SHUTDOWN_RESTART	0x02u	/* from 3.1 */
#define HVIC_SHUTDOWN_HIBERNATE	0x04u	/* from 3.2 */
#define HVIC_SHUTDOWN_TEXT_LEN	2048

/**
 * struct hvic_shutdown - body of a shutdown request
 * @reason: Windows' SHTDN_REASON_*
 * @timeout: seconds until the guest is to act
 * @flags: HVIC_SHUTDOWN_*
 * @text: for whoever is logged in; the encoding is nowhere specified
 */
struct hvic_shutdown {
	__le32 reason;
	__le32 timeout;
	__le32 flags;
	__u8 text[HVIC_SHUTDOWN_TEXT_LEN];
};

#define HVIC_TIMESYNC_SYNC	0x01u	/* set the clock now */
#define HVIC_TIMESYNC_SAMPLE	0x02u	/* a hint about the time */

/**
 * struct hvic_timesync_v3 - body of a time message up to version 3.0
 * @parent: the host's time in 100 ns since 1601-01-01 00:00 UTC
 * @child: unused
 * @round_trip: as measured by the host, in 100 ns
 * @flags: HVIC_TIMESYNC_*
 * @pad: fills up to the host's size; not always sent
 */
struct hvic_timesync_v3 {
	hvic_le64 parent;
	hvic_le64 child;
	hvic_le64 round_trip;
	__u8 flags;
	__u8 pad[3];
};

/**
 * struct hvic_timesync_v4 - body of a time message of version 4.0
 * @parent: the host's time in 100 ns since 1601-01-01 00:00 UTC
 * @reference: the partition's reference counter at that moment, in 100 ns
 * @flags: HVIC_TIMESYNC_*
 * @leap: NTP leap indicator
 * @stratum: NTP stratum
 * @reserved: fills up to the host's size; not always sent
 */
struct hvic_timesync_v4 {
	hvic_le64 parent;
	hvic_le64 reference;
	__u8 flags;
	__u8 leap;
	__u8 stratum;
	__u8 reserved[5];
};

/* Bytes of a time message that carry something; hosts may or may not pad it. */
#define HVIC_TIMESYNC_V3_LEN	25
#define HVIC_TIMESYNC_V4_LEN	19

enum hvic_kvp_operation {
	HVIC_KVP_GET		= 0,
	HVIC_KVP_SET		= 1,
	HVIC_KVP_DELETE		= 2,
	HVIC_KVP_ENUMERATE	= 3,
	HVIC_KVP_GET_IP		= 4,	/* from 4.0 */
	HVIC_KVP_SET_IP		= 5,	/* from 4.0 */
	HVIC_NR_KVP_OPERATIONS
};

/* Who writes a pool, and who reads it. */
enum hvic_kvp_pool {
	HVIC_KVP_EXTERNAL	= 0,	/* the host's administrator, for the guest */
	HVIC_KVP_GUEST		= 1,	/* programs in the guest, for the host */
	HVIC_KVP_AUTO		= 2,	/* what the guest is, for the host */
	HVIC_KVP_AUTO_EXTERNAL	= 3,	/* what the host is, for the guest */
	HVIC_NR_KVP_POOLS		/* on the wire; a fifth has a file only */
};

enum hvic_kvp_type {
	HVIC_KVP_SZ		= 1,
	HVIC_KVP_EXPAND_SZ	= 2,
	HVIC_KVP_DWORD		= 4,
	HVIC_KVP_QWORD		= 11,
};

#define HVIC_KVP_KEY_LEN	512	/* bytes, NUL included */
#define HVIC_KVP_VALUE_LEN	2048	/* bytes, NUL included */

/**
 * struct hvic_kvp_hdr - what every body of data exchange starts with
 * @operation: an enum hvic_kvp_operation
 * @pool: an enum hvic_kvp_pool
 */
struct hvic_kvp_hdr {
	__u8 operation;
	__u8 pool;
};

/**
 * struct hvic_kvp_value - a key and its value
 * @type: an enum hvic_kvp_type
 * @key_size: bytes of @key, its NUL included
 * @value_size: bytes of @value, a string's NUL included
 * @key: UTF-16
 * @value: UTF-16, or a number of 4 or 8 bytes
 */
struct hvic_kvp_value {
	__le32 type;
	__le32 key_size;
	__le32 value_size;
	__u8 key[HVIC_KVP_KEY_LEN];
	__u8 value[HVIC_KVP_VALUE_LEN];
};

/**
 * struct hvic_kvp_exchange - body of a get, and of a set
 * @hdr: which
 * @pad: 0
 * @item: the key; and the value, of a set or in the answer to a get
 */
struct hvic_kvp_exchange {
	struct hvic_kvp_hdr hdr;
	__u8 pad[2];
	struct hvic_kvp_value item;
};

/**
 * struct hvic_kvp_delete - body of a delete
 * @hdr: which
 * @pad: 0
 * @key_size: bytes of @key, its NUL included
 * @key: UTF-16
 */
struct hvic_kvp_delete {
	struct hvic_kvp_hdr hdr;
	__u8 pad[2];
	__le32 key_size;
	__u8 key[HVIC_KVP_KEY_LEN];
};

/**
 * struct hvic_kvp_enumerate - body of an enumerate
 * @hdr: which
 * @pad: 0
 * @index: which item, from 0
 * @item: the item, in the answer
 */
struct hvic_kvp_enumerate {
	struct hvic_kvp_hdr hdr;
	__u8 pad[2];
	__le32 index;
	struct hvic_kvp_value item;
};

#define HVIC_KVP_ADAPTER_LEN	256	/* bytes, NUL included */

enum hvic_kvp_family {
	HVIC_KVP_FAMILY_NONE	= 0,
	HVIC_KVP_FAMILY_IPV4	= 1,
	HVIC_KVP_FAMILY_IPV6	= 2,
	HVIC_KVP_FAMILY_BOTH	= 3,
};

/**
 * struct hvic_kvp_ip_text - body of a get and a set of addresses, version 4.0
 * @hdr: which; the rest follows at once
 * @adapter: UTF-16; of a get the MAC address, upper case, with colons; of a set the
 *	instance of the device, in braces
 * @family: an enum hvic_kvp_family
 * @dhcp: whether IPv4 addresses come by DHCP
 * @addresses: UTF-16, semicolons between
 * @subnets: the same; IPv4 masks with dots, IPv6 prefix lengths
 * @gateways: the same
 * @dns: the same
 */
struct hvic_kvp_ip_text {
	struct hvic_kvp_hdr hdr;
	__u8 adapter[HVIC_KVP_ADAPTER_LEN];
	__u8 family;
	__u8 dhcp;
	__u8 addresses[2048];
	__u8 subnets[2048];
	__u8 gateways[1024];
	__u8 dns[2048];
};

#define HVIC_KVP_IP_ADDRESSES	64
#define HVIC_KVP_IP_GATEWAYS	5

enum hvic_kvp_origin {
	HVIC_KVP_ORIGIN_UNKNOWN	= 0,
	HVIC_KVP_ORIGIN_OTHER	= 1,	/* DHCP, router advertisement */
	HVIC_KVP_ORIGIN_STATIC	= 2,
};

/**
 * struct hvic_kvp_ip_binary - the same, version 5.0
 * @hdr: which
 * @pad: 0
 * @v4_count: of @v4 and @v4_masks
 * @v6_count: of @v6 and @v6_prefixes
 * @v4_gateway_count: of @v4_gateways
 * @v6_gateway_count: of @v6_gateways
 * @v4_dns_count: of @v4_dns
 * @v6_dns_count: of @v6_dns
 * @adapter: as in struct hvic_kvp_ip_text
 * @family: likewise
 * @dhcp: likewise
 * @pad2: 0
 * @v4: addresses, in network order as all here
 * @v6: addresses
 * @v4_masks: a mask each
 * @v6_prefixes: a prefix length each
 * @v4_gateways: addresses
 * @v6_gateways: addresses
 * @v4_dns: addresses
 * @v6_dns: addresses
 * @origins: an enum hvic_kvp_origin each, those of @v6 right behind those of @v4
 *
 * Its 3716 bytes are sent as the 7428 of the text.
 */
struct hvic_kvp_ip_binary {
	struct hvic_kvp_hdr hdr;
	__u8 pad[2];
	__le32 v4_count;
	__le32 v6_count;
	__le32 v4_gateway_count;
	__le32 v6_gateway_count;
	__le32 v4_dns_count;
	__le32 v6_dns_count;
	__u8 adapter[HVIC_KVP_ADAPTER_LEN];
	__u8 family;
	__u8 dhcp;
	__u8 pad2[2];
	__u8 v4[HVIC_KVP_IP_ADDRESSES][4];
	__u8 v6[HVIC_KVP_IP_ADDRESSES][16];
	__u8 v4_masks[HVIC_KVP_IP_ADDRESSES][4];
	__le32 v6_prefixes[HVIC_KVP_IP_ADDRESSES];
	__u8 v4_gateways[HVIC_KVP_IP_GATEWAYS][4];
	__u8 v6_gateways[HVIC_KVP_IP_GATEWAYS][16];
	__u8 v4_dns[HVIC_KVP_IP_ADDRESSES][4];
	__u8 v6_dns[HVIC_KVP_IP_ADDRESSES][16];
	__le16 origins[2 * HVIC_KVP_IP_ADDRESSES];
};

/* Bytes of body that hosts send, whatever they put into it. */
#define HVIC_KVP_EXCHANGE_LEN	2580	/* all but the two below */
#define HVIC_KVP_IP_LEN		7428	/* get and set of addresses */

enum hvic_vss_operation {
	HVIC_VSS_CREATE			= 0,
	HVIC_VSS_DELETE			= 1,
	HVIC_VSS_CHECK_HOT_BACKUP	= 2,
	HVIC_VSS_GET_DM_INFO		= 3,
	HVIC_VSS_BACKUP_COMPLETE	= 4,	/* from 4.0 */
	HVIC_VSS_FREEZE			= 5,	/* from 5.0, as all that follow */
	HVIC_VSS_THAW			= 6,
	HVIC_VSS_AUTO_RECOVER		= 7,
	HVIC_VSS_QUERY_CLUSTER		= 8,	/* from 6.0 */
	HVIC_NR_VSS_OPERATIONS
};

/* What a guest says of itself in its answer to HVIC_VSS_CHECK_HOT_BACKUP. */
#define HVIC_VSS_HBU_NO_AUTO_RECOVERY	0x00000005u

#define HVIC_VSS_AUTO_RECOVERY		0x01u	/* the snapshot is to be made writable */
#define HVIC_VSS_SHARED_LUNS		0x02u	/* it includes disks shared with others */

#define HVIC_VSS_GUID_LEN		16
#define HVIC_VSS_LUNS			260

/**
 * struct hvic_vss_hdr - what every body of backup starts with
 * @operation: an enum hvic_vss_operation
 * @reserved: 0
 */
struct hvic_vss_hdr {
	__u8 operation;
	__u8 reserved[7];
};

/**
 * struct hvic_vss_flags - body of a check, of a question for direct-mapped devices, of
 *	a thaw and of the end of a backup
 * @hdr: which
 * @flags: of a check and a question, filled in by the guest
 */
struct hvic_vss_flags {
	struct hvic_vss_hdr hdr;
	__le32 flags;
};

/**
 * struct hvic_vss_set - body of a create and a delete
 * @hdr: which
 * @set: GUID of the set of snapshots
 * @backup: type of the backup; of a create, and not always sent
 */
struct hvic_vss_set {
	struct hvic_vss_hdr hdr;
	__u8 set[HVIC_VSS_GUID_LEN];
	__le32 backup;
};

/* Bus of a disk. */
enum hvic_vss_bus {
	HVIC_VSS_BUS_INVALID	= 0,
	HVIC_VSS_BUS_SCSI	= 1,
	HVIC_VSS_BUS_IDE	= 2,
};

/**
 * struct hvic_vss_lun - a disk
 * @bus: an enum hvic_vss_bus
 * @reserved: 0
 * @controller: GUID of its controller
 * @port: where it is on that
 * @target: likewise
 * @lun: likewise
 * @pad: 0
 */
struct hvic_vss_lun {
	__u8 bus;
	__u8 reserved[3];
	__u8 controller[HVIC_VSS_GUID_LEN];
	__u8 port;
	__u8 target;
	__u8 lun;
	__u8 pad;
};

/**
 * struct hvic_vss_freeze - body of a freeze
 * @hdr: which
 * @backup: type of the backup
 * @flags: HVIC_VSS_AUTO_RECOVERY, HVIC_VSS_SHARED_LUNS
 * @lun_count: of @luns
 * @luns: disks that are backed up
 */
struct hvic_vss_freeze {
	struct hvic_vss_hdr hdr;
	__le32 backup;
	__le32 flags;
	__le32 lun_count;
	struct hvic_vss_lun luns[HVIC_VSS_LUNS];
};

/**
 * struct hvic_vss_recover - body of an auto recovery
 * @freeze: as in a freeze
 * @shadows: disks of the snapshot, one for each of its disks
 */
struct hvic_vss_recover {
	struct hvic_vss_freeze freeze;
	struct hvic_vss_lun shadows[HVIC_VSS_LUNS];
};

/**
 * struct hvic_vss_cluster - body of a question for a cluster
 * @hdr: which
 * @cluster: GUID of the cluster
 * @size: bytes of this structure, in the host's words
 * @lun_count: of @luns and @statuses
 * @luns: disks asked for
 * @statuses: of each, filled in by the guest
 * @moved: when the cluster last moved; not always sent
 */
struct hvic_vss_cluster {
	struct hvic_vss_hdr hdr;
	__u8 cluster[HVIC_VSS_GUID_LEN];
	__le32 size;
	__le32 lun_count;
	struct hvic_vss_lun luns[HVIC_VSS_LUNS];
	__le32 statuses[HVIC_VSS_LUNS];
	hvic_le64 moved;
};

/* Bytes of body that hosts send for the operations that are no longer than it. */
#define HVIC_VSS_SHORT_LEN	32
/* Bytes of a freeze, of a thaw and of a check that carry something, as Linux wants them. */
#define HVIC_VSS_MIN_LEN	12

enum hvic_fcopy_operation {
	HVIC_FCOPY_START	= 0,
	HVIC_FCOPY_WRITE	= 1,
	HVIC_FCOPY_COMPLETE	= 2,
	HVIC_FCOPY_CANCEL	= 3,
	HVIC_NR_FCOPY_OPERATIONS
};

#define HVIC_FCOPY_OVER_WRITE	0x01u	/* an existing file */
#define HVIC_FCOPY_CREATE_PATH	0x02u	/* the directories that are missing */
#define HVIC_FCOPY_NAME_LEN	520	/* bytes, NUL included */
#define HVIC_FCOPY_DATA_LEN	6144

/**
 * struct hvic_fcopy_hdr - what every body of file copy starts with
 * @operation: an enum hvic_fcopy_operation
 * @service: a GUID; what for is nowhere said
 * @session: the same
 */
struct hvic_fcopy_hdr {
	__le32 operation;
	__u8 service[16];
	__u8 session[16];
};

/**
 * struct hvic_fcopy_start - body of a start
 * @hdr: which
 * @name: of the file that is copied, UTF-16
 * @path: where to, UTF-16: a directory, or the name that it gets
 * @flags: HVIC_FCOPY_*
 * @size: of the file, in bytes
 */
struct hvic_fcopy_start {
	struct hvic_fcopy_hdr hdr;
	__u8 name[HVIC_FCOPY_NAME_LEN];
	__u8 path[HVIC_FCOPY_NAME_LEN];
	__le32 flags;
	hvic_le64 size;
};

/**
 * struct hvic_fcopy_write - body of a write
 * @hdr: which
 * @pad: 0
 * @offset: where @data goes in the file
 * @size: bytes of @data that count
 * @data: the bytes
 */
struct hvic_fcopy_write {
	struct hvic_fcopy_hdr hdr;
	__le32 pad;
	hvic_le64 offset;
	__le32 size;
	__u8 data[HVIC_FCOPY_DATA_LEN];
};

_Static_assert(sizeof(struct hvic_pipe_hdr) == 8, "pipe header is 8 bytes");
_Static_assert(sizeof(struct hvic_hdr) == 20, "message header is 20 bytes");
_Static_assert(sizeof(struct hvic_negotiate) == 8, "head of an offer is 8 bytes");
_Static_assert(sizeof(struct hvic_heartbeat) == 16, "heartbeat is 16 bytes");
_Static_assert(sizeof(struct hvic_shutdown) == 2060, "shutdown is 2060 bytes");
_Static_assert(sizeof(struct hvic_timesync_v3) == 28, "time, version 3, is 28 bytes");
_Static_assert(sizeof(struct hvic_timesync_v4) == 24, "time, version 4, is 24 bytes");
_Static_assert(sizeof(struct hvic_kvp_exchange) == 2576, "get and set are 2576 bytes");
_Static_assert(sizeof(struct hvic_kvp_delete) == 520, "delete is 520 bytes");
_Static_assert(sizeof(struct hvic_kvp_enumerate) == 2580, "enumerate is 2580 bytes");
_Static_assert(sizeof(struct hvic_kvp_ip_text) == 7428, "addresses as text are 7428 bytes");
_Static_assert(sizeof(struct hvic_kvp_ip_binary) == 3716, "addresses as numbers are 3716 bytes");
_Static_assert(sizeof(struct hvic_vss_flags) == 12, "flags of backup are 12 bytes");
_Static_assert(sizeof(struct hvic_vss_set) == 28, "a set of snapshots is 28 bytes");
_Static_assert(sizeof(struct hvic_vss_lun) == 24, "a disk is 24 bytes");
_Static_assert(sizeof(struct hvic_vss_freeze) == 6260, "freeze is 6260 bytes");
_Static_assert(sizeof(struct hvic_vss_recover) == 12500, "auto recovery is 12500 bytes");
_Static_assert(sizeof(struct hvic_vss_cluster) == 7320, "question for a cluster is 7320 bytes");
_Static_assert(sizeof(struct hvic_fcopy_hdr) == 36, "head of a copy is 36 bytes");
_Static_assert(sizeof(struct hvic_fcopy_start) == 1088, "start is 1088 bytes");
_Static_assert(sizeof(struct hvic_fcopy_write) == 6196, "write is 6196 bytes");

#endif
