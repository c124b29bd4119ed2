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
#define HVIC_STATUS_NO_MORE		0x80070103u
#define HVIC_STATUS_IN_PROGRESS		0x8007045bu

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

#define HVIC_TIME_SYNC		0x01u	/* set the clock now */
#define HVIC_TIME_SAMPLE	0x02u	/* a hint about the time */

/**
 * struct hvic_time_v3 - body of a time message up to version 3.0
 * @parent: the host's time in 100 ns since 1601-01-01 00:00 UTC
 * @child: unused
 * @round_trip: as measured by the host, in 100 ns
 * @flags: HVIC_TIME_*
 * @pad: fills up to the host's size; not always sent
 */
struct hvic_time_v3 {
	hvic_le64 parent;
	hvic_le64 child;
	hvic_le64 round_trip;
	__u8 flags;
	__u8 pad[3];
};

/**
 * struct hvic_time_v4 - body of a time message of version 4.0
 * @parent: the host's time in 100 ns since 1601-01-01 00:00 UTC
 * @reference: the partition's reference counter at that moment, in 100 ns
 * @flags: HVIC_TIME_*
 * @leap: NTP leap indicator
 * @stratum: NTP stratum
 * @reserved: fills up to the host's size; not always sent
 */
struct hvic_time_v4 {
	hvic_le64 parent;
	hvic_le64 reference;
	__u8 flags;
	__u8 leap;
	__u8 stratum;
	__u8 reserved[5];
};

/* Bytes of a time message that carry something; hosts may or may not pad it. */
#define HVIC_TIME_V3_LEN	25
#define HVIC_TIME_V4_LEN	19

_Static_assert(sizeof(struct hvic_pipe_hdr) == 8, "pipe header is 8 bytes");
_Static_assert(sizeof(struct hvic_hdr) == 20, "message header is 20 bytes");
_Static_assert(sizeof(struct hvic_negotiate) == 8, "head of an offer is 8 bytes");
_Static_assert(sizeof(struct hvic_heartbeat) == 16, "heartbeat is 16 bytes");
_Static_assert(sizeof(struct hvic_shutdown) == 2060, "shutdown is 2060 bytes");
_Static_assert(sizeof(struct hvic_time_v3) == 28, "time, version 3, is 28 bytes");
_Static_assert(sizeof(struct hvic_time_v4) == 24, "time, version 4, is 24 bytes");

#endif
