/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMBus as it is in the guest's memory and in SynIC messages: numbers and
 * layouts, little endian.  See Documentation/vmbus.rst.
 */
#ifndef HVSIM_VMBUS_H
#define HVSIM_VMBUS_H

#include <stddef.h>
#include <stdint.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a Hyper-V guest is little endian");

#define HVSIM_VMBUS_VERSION(major, minor)	((uint32_t)(major) << 16 | (minor))
/* Older guests have their interrupts through a page that hvsim does not have. */
#define HVSIM_VMBUS_OLDEST	HVSIM_VMBUS_VERSION(2, 4)
#define HVSIM_VMBUS_NEWEST	HVSIM_VMBUS_VERSION(6, 0)
/* From here on a channel can be moved to another processor. */
#define HVSIM_VMBUS_MOVES	HVSIM_VMBUS_VERSION(4, 1)
/* From here on the guest says which interrupt it wants, on a connection of its own. */
#define HVSIM_VMBUS_SINTS	HVSIM_VMBUS_VERSION(5, 0)
/* From here on a move is answered. */
#define HVSIM_VMBUS_ANSWERS_MOVES	HVSIM_VMBUS_VERSION(5, 3)

/* Where guests post messages: up to 4.1, and from 5.0 on. */
#define HVSIM_VMBUS_CONNECTION		1
#define HVSIM_VMBUS_CONNECTION_SINTS	4
/* Where they signal: this and the channel's relid. */
#define HVSIM_VMBUS_CONNECTION_EVENTS	0x1000
/* Synthetic interrupt that messages and events come by, unless asked otherwise. */
#define HVSIM_VMBUS_SINT		2
/* Synthetic interrupts that a processor has. */
#define HVSIM_VMBUS_SINTS_MAX		16
/* SynIC message type of everything on VMBus. */
#define HVSIM_VMBUS_MESSAGE		1
/* Bytes that a SynIC message can carry. */
#define HVSIM_VMBUS_MESSAGE_MAX		240
/* Relids, which are numbers of event flags; 0 is not used. */
#define HVSIM_VMBUS_RELIDS		2048

#define HVSIM_VMBUS_PAGE		4096u
/* Free bytes of an offer, and of an open. */
#define HVSIM_VMBUS_USER_LEN		120

/* Hypercall status codes. */
#define HVSIM_HV_SUCCESS		0
#define HVSIM_HV_INVALID_PARAMETER	5
#define HVSIM_HV_INVALID_CONNECTION	18
#define HVSIM_HV_INSUFFICIENT_BUFFERS	19

/* Status of an open, a GPADL or a move that was refused (NTSTATUS). */
#define HVSIM_STATUS_OK			0
#define HVSIM_STATUS_INVALID		0xc000000du	/* invalid parameter */
#define HVSIM_STATUS_BUSY		0x80000011u	/* device busy */

/* Types of messages, named as in the field; what each carries is in the structures below. */
enum hvsim_vmbus_message {
	HVSIM_OFFER_CHANNEL		= 1,
	HVSIM_RESCIND_CHANNEL_OFFER	= 2,
	HVSIM_REQUEST_OFFERS		= 3,
	HVSIM_ALL_OFFERS_DELIVERED	= 4,
	HVSIM_OPEN_CHANNEL		= 5,
	HVSIM_OPEN_CHANNEL_RESULT	= 6,
	HVSIM_CLOSE_CHANNEL		= 7,
	HVSIM_GPADL_HEADER		= 8,
	HVSIM_GPADL_BODY		= 9,
	HVSIM_GPADL_CREATED		= 10,
	HVSIM_GPADL_TEARDOWN		= 11,
	HVSIM_GPADL_TORNDOWN		= 12,
	HVSIM_RELID_RELEASED		= 13,
	HVSIM_INITIATE_CONTACT		= 14,
	HVSIM_VERSION_RESPONSE		= 15,
	HVSIM_UNLOAD			= 16,
	HVSIM_UNLOAD_RESPONSE		= 17,
	HVSIM_TL_CONNECT_REQUEST	= 21,
	HVSIM_MODIFY_CHANNEL		= 22,
	HVSIM_TL_CONNECT_RESULT		= 23,
	HVSIM_MODIFY_CHANNEL_RESPONSE	= 24,
};

/* Flags of an offer. */
#define HVSIM_OFFER_ENUMERATE		0x0001	/* a device that people may see */
#define HVSIM_OFFER_PIPE		0x0010	/* packets begin with a pipe header */
#define HVSIM_OFFER_SOCKET		0x2000	/* a Hyper-V socket (TLNPI provider) */
/* Pipe modes, first of an offer's user bytes. */
#define HVSIM_PIPE_BYTE			0
#define HVSIM_PIPE_MESSAGE		4
/* In an offer's interrupt flags: no bit in a shared page is set before a signal. */
#define HVSIM_OFFER_DEDICATED		1

#define HVSIM_PACKED __attribute__((packed))

/* Head of every message. */
struct hvsim_vmbus_head {
	uint32_t type;		/* an enum hvsim_vmbus_message */
	uint32_t padding;
} HVSIM_PACKED;

/* What an offer says of a device; the part of the message that a host chooses. */
struct hvsim_vmbus_offer {
	uint8_t class_id[16];
	uint8_t instance_id[16];
	uint8_t reserved[16];
	uint16_t flags;		/* HVSIM_OFFER_* */
	uint16_t mmio_mib;
	uint8_t user[HVSIM_VMBUS_USER_LEN];
	uint16_t sub_channel;
	uint16_t reserved2;
} HVSIM_PACKED;

struct hvsim_vmbus_offer_channel {
	struct hvsim_vmbus_head head;
	struct hvsim_vmbus_offer offer;
	uint32_t relid;
	uint8_t monitor_id;
	uint8_t monitor_allocated;
	uint16_t interrupt;	/* HVSIM_OFFER_DEDICATED */
	uint32_t connection;	/* where the guest is to signal */
} HVSIM_PACKED;

/* RESCIND_CHANNEL_OFFER, CLOSE_CHANNEL, RELID_RELEASED. */
struct hvsim_vmbus_relid {
	struct hvsim_vmbus_head head;
	uint32_t relid;
} HVSIM_PACKED;

struct hvsim_vmbus_open {
	struct hvsim_vmbus_head head;
	uint32_t relid;
	uint32_t open_id;
	uint32_t gpadl;
	uint32_t vp;
	uint32_t downstream_page;	/* where the ring to the guest starts */
	uint8_t user[HVSIM_VMBUS_USER_LEN];
} HVSIM_PACKED;

struct hvsim_vmbus_open_result {
	struct hvsim_vmbus_head head;
	uint32_t relid;
	uint32_t open_id;
	uint32_t status;
} HVSIM_PACKED;

/* A range of pages, before the numbers of its pages. */
struct hvsim_vmbus_range {
	uint32_t byte_count;
	uint32_t byte_offset;
} HVSIM_PACKED;

struct hvsim_vmbus_gpadl_header {
	struct hvsim_vmbus_head head;
	uint32_t relid;
	uint32_t gpadl;
	uint16_t range_bytes;	/* of all ranges, here and in the bodies */
	uint16_t range_count;
} HVSIM_PACKED;			/* ranges follow, each with 64-bit page numbers */

struct hvsim_vmbus_gpadl_body {
	struct hvsim_vmbus_head head;
	uint32_t number;
	uint32_t gpadl;
} HVSIM_PACKED;			/* page numbers follow */

struct hvsim_vmbus_gpadl_created {
	struct hvsim_vmbus_head head;
	uint32_t relid;
	uint32_t gpadl;
	uint32_t status;
} HVSIM_PACKED;

struct hvsim_vmbus_gpadl_teardown {
	struct hvsim_vmbus_head head;
	uint32_t relid;
	uint32_t gpadl;
} HVSIM_PACKED;

struct hvsim_vmbus_gpadl_torndown {
	struct hvsim_vmbus_head head;
	uint32_t gpadl;
} HVSIM_PACKED;

struct hvsim_vmbus_contact {
	struct hvsim_vmbus_head head;
	uint32_t version;
	uint32_t vp;		/* that messages are to go to */
	union {
		uint64_t interrupt_page;
		struct {
			uint8_t sint;
			uint8_t vtl;
			uint8_t reserved[2];
			uint32_t features;
		} HVSIM_PACKED;
	};
	uint64_t monitor_page[2];
} HVSIM_PACKED;

struct hvsim_vmbus_version_response {
	struct hvsim_vmbus_head head;
	uint8_t supported;
	uint8_t state;
	uint16_t padding;
	uint32_t connection;	/* where messages are to be posted from now on, from 5.0 on */
} HVSIM_PACKED;

struct hvsim_vmbus_connect {
	struct hvsim_vmbus_head head;
	uint8_t endpoint_id[16];	/* of the guest's end */
	uint8_t service_id[16];
} HVSIM_PACKED;

struct hvsim_vmbus_connect_result {
	struct hvsim_vmbus_head head;
	uint8_t endpoint_id[16];
	uint8_t service_id[16];
	uint32_t status;
} HVSIM_PACKED;

struct hvsim_vmbus_modify {
	struct hvsim_vmbus_head head;
	uint32_t relid;
	uint32_t vp;
} HVSIM_PACKED;

struct hvsim_vmbus_modify_response {
	struct hvsim_vmbus_head head;
	uint32_t relid;
	uint32_t status;
} HVSIM_PACKED;

/* First page of a ring. */
struct hvsim_vmbus_ring {
	uint32_t write_index;
	uint32_t read_index;
	uint32_t interrupt_mask;
	uint32_t pending_send;	/* bytes that the writer waits to have free */
	uint32_t reserved[12];
	uint32_t features;	/* HVSIM_RING_PENDING_SEND */
};

/* In a ring's features: its writer sets pending_send, and heeds that of the other ring. */
#define HVSIM_RING_PENDING_SEND	1

/* Head of every packet in a ring; lengths are in units of 8 bytes. */
struct hvsim_vmbus_packet {
	uint16_t type;
	uint16_t offset8;
	uint16_t length8;
	uint16_t flags;
	uint64_t transaction;
} HVSIM_PACKED;

/* Behind every packet: where it began. */
#define HVSIM_PACKET_TRAILER	8

_Static_assert(sizeof(struct hvsim_vmbus_offer) == 176, "as in an offer");
_Static_assert(sizeof(struct hvsim_vmbus_offer_channel) == 196, "head, offer, and who it is");
_Static_assert(sizeof(struct hvsim_vmbus_open) == 148, "an open");
_Static_assert(sizeof(struct hvsim_vmbus_contact) == 40, "a contact");
_Static_assert(sizeof(struct hvsim_vmbus_version_response) == 16, "a version response");
_Static_assert(offsetof(struct hvsim_vmbus_ring, features) == 64, "a ring's head");

#endif
