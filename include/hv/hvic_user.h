/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages as they cross the character devices in /dev/vmbus.
 *
 * Byte for byte what the in-tree module and its daemons speak, so that either can
 * be exchanged: Documentation/protocol.rst, "Character devices".  Numbers are in
 * the byte order of the machine.
 */
#ifndef _HV_HVIC_USER_H
#define _HV_HVIC_USER_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* First messages of a daemon, in the place of an operation. */
#define HVIC_USER_KVP_REGISTER		4	/* that of old daemons */
#define HVIC_USER_KVP_REGISTER1		100

/**
 * struct hvic_user_kvp_value - a key and its value
 * @type: an enum hvic_kvp_type
 * @key_size: bytes of @key, its NUL included
 * @value_size: bytes of @value, its NUL included
 * @key: UTF-8, with NUL
 * @value: UTF-8, with NUL
 */
struct hvic_user_kvp_value {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u8 key[512];
	__u8 value[2048];
};

/**
 * struct hvic_user_kvp_ip - addresses of an adapter
 * @adapter: UTF-8, as all here; see struct hvic_kvp_ip_text for what stands where
 * @family: an enum hvic_kvp_family
 * @dhcp: whether IPv4 addresses come by DHCP
 * @addresses: semicolons between
 * @subnets: the same
 * @gateways: the same
 * @dns: the same
 */
struct hvic_user_kvp_ip {
	__u8 adapter[256];
	__u8 family;
	__u8 dhcp;
	__u8 addresses[2048];
	__u8 subnets[2048];
	__u8 gateways[1024];
	__u8 dns[2048];
};

/**
 * struct hvic_user_kvp - a message of data exchange, either way
 * @operation: an enum hvic_kvp_operation, or HVIC_USER_KVP_REGISTER*
 * @pool: an enum hvic_kvp_pool
 * @pad: 0
 * @error: of the daemon's reply, an HVIC_STATUS_*; lies over the three above
 * @exchange: of a get and a set
 * @delete: of a delete: bytes of the key with its NUL, and the key
 * @enumerate: of an enumerate
 * @ip: of the addresses
 * @version: of a registration; in the answer the module's version, for the host
 * @room: the longest that there is
 */
struct hvic_user_kvp {
	union {
		struct {
			__u8 operation;
			__u8 pool;
			__u16 pad;
		};
		__s32 error;
	};
	union {
		struct hvic_user_kvp_value exchange;
		struct {
			__u32 key_size;
			__u8 key[512];
		} delete;
		struct {
			__u32 index;
			struct hvic_user_kvp_value item;
		} enumerate;
		struct hvic_user_kvp_ip ip;
		__u8 version[512];
		__u8 room[7428];
	};
};

_Static_assert(sizeof(struct hvic_user_kvp) == 7432, "a message is 7432 bytes");

#define HVIC_USER_VSS_REGISTER		128	/* that of old daemons */
#define HVIC_USER_VSS_REGISTER1		129

/**
 * struct hvic_user_vss - a message of backup, either way
 * @operation: an enum hvic_vss_operation, or HVIC_USER_VSS_REGISTER*
 * @reserved: 0
 * @error: of the daemon's reply, an HVIC_STATUS_*; lies over the operation
 * @flags: of the answer to a check: HVIC_VSS_HBU_*
 */
struct hvic_user_vss {
	union {
		struct {
			__u8 operation;
			__u8 reserved[7];
		};
		__s32 error;
	};
	__u32 flags;
};

_Static_assert(sizeof(struct hvic_user_vss) == 12, "a message is 12 bytes");

/* File systems that one freeze may name. */
#define HVIC_USER_VSS_FREEZE_MAX	1024
/* Milliseconds for which they may be frozen. */
#define HVIC_USER_VSS_TIMEOUT_MAX	3600000

/**
 * struct hvic_user_vss_mount - a file system that is to be frozen, and what became of it
 * @fd: a descriptor of a directory or a regular file of it
 * @level: at least that of the one before it; those of one level are frozen side by side,
 *	when all of lower levels are frozen
 * @error: out: 0, or a negative errno; -ECANCELED when its turn did not come
 * @took_us: out: microseconds that freezing it took
 */
struct hvic_user_vss_mount {
	__s32 fd;
	__u32 level;
	__s32 error;
	__u32 took_us;
};

/**
 * struct hvic_user_vss_freeze - what the module is to freeze, and to thaw by itself
 * @mounts: address of an array of struct hvic_user_vss_mount, in the order of freezing;
 *	thawed in reverse. Written by the module also when it fails
 * @count: how many, from 1 to HVIC_USER_VSS_FREEZE_MAX
 * @timeout_ms: after which the module thaws by itself, from when the first begins
 *	to be frozen
 * @flags: 0
 * @frozen: out: how many are frozen: @count, or 0 when it failed
 * @failed: out: which one could not be frozen, when it failed; @count when it was
 *	none of them
 * @reserved: 0
 */
struct hvic_user_vss_freeze {
	__aligned_u64 mounts;
	__u32 count;
	__u32 timeout_ms;
	__u32 flags;
	__u32 frozen;
	__u32 failed;
	__u32 reserved;
};

/* Why what the module froze is not frozen any more, or still is. */
enum hvic_user_vss_end {
	HVIC_USER_VSS_HELD,	/* it is */
	HVIC_USER_VSS_THAWED,	/* this call thawed it, or there was nothing */
	HVIC_USER_VSS_DEADLINE,	/* its time was up */
	HVIC_USER_VSS_GONE,	/* the daemon, the host's request or the channel is gone */
	HVIC_USER_VSS_OTHERS,	/* somebody else thawed one of them */
};

/**
 * struct hvic_user_vss_thaw - how it was thawed
 * @thawed: how many this call thawed; 0 when the module had done so by itself
 * @lost: how many were not frozen any more, as somebody else had thawed them
 * @end: an enum hvic_user_vss_end
 * @frozen_ms: milliseconds between the first that was frozen and the last thawed
 */
struct hvic_user_vss_thaw {
	__u32 thawed;
	__u32 lost;
	__u32 end;
	__u32 frozen_ms;
};

#define HVIC_USER_VSS_FREEZE	_IOWR('V', 0xe0, struct hvic_user_vss_freeze)
#define HVIC_USER_VSS_THAW	_IOR('V', 0xe1, struct hvic_user_vss_thaw)

_Static_assert(sizeof(struct hvic_user_vss_mount) == 16, "a file system is 16 bytes");
_Static_assert(sizeof(struct hvic_user_vss_freeze) == 32, "what to freeze is 32 bytes");
_Static_assert(sizeof(struct hvic_user_vss_thaw) == 16, "how it was thawed is 16 bytes");

/* First messages of a daemon: a number alone. */
#define HVIC_USER_FCOPY_REGISTER	0	/* that of old daemons, which read no answer */
#define HVIC_USER_FCOPY_REGISTER1	1

/* As behind a header of 36 bytes, in a message without padding. */
typedef __u64 hvic_user_fcopy_u64 __attribute__((__aligned__(4)));

/**
 * struct hvic_user_fcopy_hdr - what a message of file copy starts with
 * @operation: an enum hvic_fcopy_operation
 * @service: as the host sent it
 * @session: as the host sent it
 *
 * All there is of a complete and a cancel; the in-tree module has more behind it,
 * which means nothing. The daemon replies to each message with 4 bytes, an
 * HVIC_STATUS_*.
 */
struct hvic_user_fcopy_hdr {
	__u32 operation;
	__u8 service[16];
	__u8 session[16];
};

/**
 * struct hvic_user_fcopy_start - a copy begins
 * @hdr: which
 * @name: of the file that is copied; UTF-8, with NUL
 * @path: where to; UTF-8, with NUL
 * @flags: HVIC_FCOPY_*
 * @size: of the file, in bytes
 */
struct hvic_user_fcopy_start {
	struct hvic_user_fcopy_hdr hdr;
	__u8 name[520];
	__u8 path[520];
	__u32 flags;
	hvic_user_fcopy_u64 size;
};

/**
 * struct hvic_user_fcopy_write - a piece of the file
 * @hdr: which
 * @pad: 0
 * @offset: where @data goes in the file
 * @size: bytes of @data that count
 * @data: the bytes
 *
 * Not seen by a daemon whose file the module has taken.
 */
struct hvic_user_fcopy_write {
	struct hvic_user_fcopy_hdr hdr;
	__u32 pad;
	hvic_user_fcopy_u64 offset;
	__u32 size;
	__u8 data[6144];
};

/**
 * struct hvic_user_fcopy_take - the file that the module is to write to
 * @size: bytes that the host has announced: nothing is written beyond
 * @fd: a regular file, open for writing; -1 takes it back
 * @flags: 0
 */
struct hvic_user_fcopy_take {
	__aligned_u64 size;
	__s32 fd;
	__u32 flags;
};

/* It holds a file. */
#define HVIC_USER_FCOPY_HOLDS	0x1

/**
 * struct hvic_user_fcopy_state - how far the module is
 * @written: bytes written
 * @chunks: messages served
 * @error: 0, or the negative errno that ended it
 * @idle_ms: milliseconds since the last message of the host
 * @flags: HVIC_USER_FCOPY_HOLDS
 * @reserved: 0
 */
struct hvic_user_fcopy_state {
	__aligned_u64 written;
	__aligned_u64 chunks;
	__s32 error;
	__u32 idle_ms;
	__u32 flags;
	__u32 reserved;
};

#define HVIC_USER_FCOPY_TAKE	_IOW('V', 0xf0, struct hvic_user_fcopy_take)
#define HVIC_USER_FCOPY_STATE	_IOR('V', 0xf1, struct hvic_user_fcopy_state)

_Static_assert(sizeof(struct hvic_user_fcopy_hdr) == 36, "head of a message is 36 bytes");
_Static_assert(sizeof(struct hvic_user_fcopy_start) == 1088, "start is 1088 bytes");
_Static_assert(sizeof(struct hvic_user_fcopy_write) == 6196, "write is 6196 bytes");
_Static_assert(sizeof(struct hvic_user_fcopy_take) == 16, "a file is 16 bytes");
_Static_assert(sizeof(struct hvic_user_fcopy_state) == 32, "a state is 32 bytes");

#endif
