/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames between the QEMU plugin, which owns the guest's channels, and the
 * emulated host, which owns what is said on them.
 *
 * On QEMU's own bus there is one UNIX stream socket a service: the host listens
 * at <service>.sock in its run directory and the plugin connects.  On hvsim's bus
 * there is one for all, bus.sock, and whatever is about a channel starts with 4
 * bytes more: the number that the host gave the channel when it offered it.
 *
 * Everything is little endian.  This header needs nothing but the C library's
 * headers, so that the plugin, which lives in QEMU's world, can include it.
 */
#ifndef HVSIM_FRAME_H
#define HVSIM_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * enum hvsim_frame_type - what a frame is
 * @HVSIM_FRAME_OPENED: plugin -> host: the guest opened the channel; no bytes, but
 *	4 on hvsim's bus: the processor that is interrupted
 * @HVSIM_FRAME_CLOSED: plugin -> host: the guest closed it, or is gone; no bytes
 * @HVSIM_FRAME_PACKET: both ways: payload of one VMBus packet (pipe header,
 *	message header, body); the frame's arg is the VMBus packet type, to which
 *	the host may add HVSIM_PACKET_TELL on hvsim's bus
 * @HVSIM_FRAME_CLOCK: plugin -> host: a struct hvsim_frame_clock;
 *	host -> plugin: no bytes, asks for that.  About no channel
 *
 * On hvsim's bus only, host -> plugin:
 *
 * @HVSIM_FRAME_OFFER: a channel, with a number that is not in use, and the 176
 *	bytes of a struct hvsim_vmbus_offer; stays until it is rescinded, over
 *	resets of the guest too
 * @HVSIM_FRAME_RESCIND: take the channel back; no bytes.  Its number is in use
 *	until HVSIM_FRAME_RELEASED
 * @HVSIM_FRAME_HOLD: a channel; with arg 1, leave what the guest writes in its
 *	ring, with 0 take it again
 * @HVSIM_FRAME_LIMIT: 4 bytes: newest VMBus version to agree to; for contacts to
 *	come.  About no channel
 * @HVSIM_FRAME_TRACE: with arg 1, tell all messages; with 0 no more.  About no channel
 * @HVSIM_FRAME_RESULT: 16 bytes endpoint, 16 bytes service, 4 bytes status: answer
 *	to HVSIM_FRAME_CONNECT that is no offer.  About no channel
 *
 * and what no good host does:
 *
 * @HVSIM_FRAME_MESSAGE: bytes of a message, 240 at most, to be posted as they are;
 *	arg 1: with the SynIC message type that the first 4 bytes are.  About no channel
 * @HVSIM_FRAME_RING: a channel and bytes to be put into the guest's ring as they
 *	are, descriptor, trailer and all; a multiple of 8 not needed
 * @HVSIM_FRAME_INDEX: a channel, 4 bytes offset, 4 bytes value: write that to the
 *	first page of a ring; arg 0 of the one to the guest, 1 of the one from it
 * @HVSIM_FRAME_SIGNAL: a channel; interrupt the guest, whether there is something or not
 * @HVSIM_FRAME_TRICK: a channel, or HVSIM_CHANNEL_ANY; arg is an enum
 *	hvsim_bus_step; 4 bytes enum hvsim_bus_trick, 4 bytes value: what to do,
 *	once, when the guest gets there
 *
 * plugin -> host:
 *
 * @HVSIM_FRAME_OFFERED: a channel, 4 bytes relid: the offer was sent to the guest
 * @HVSIM_FRAME_RELEASED: a channel: nobody uses it any more
 * @HVSIM_FRAME_MOVED: a channel, 4 bytes: processor that it interrupts from now on
 * @HVSIM_FRAME_WRITTEN: a channel: a packet with HVSIM_PACKET_TELL is in the ring, or lost
 * @HVSIM_FRAME_CONTACT: 4 bytes version, 4 bytes processor: the guest asked for that
 *	version; arg 1 when it was agreed to.  About no channel
 * @HVSIM_FRAME_REQUESTED: the guest wants offers; what there was has been sent
 * @HVSIM_FRAME_UNLOADED: the guest takes its leave; arg 1: the machine was reset
 * @HVSIM_FRAME_CONNECT: 16 bytes endpoint, 16 bytes service: a Hyper-V socket of
 *	the guest wants to connect
 * @HVSIM_FRAME_TRACED: a message; arg 0 to the guest, 1 from it
 * @HVSIM_FRAME_ANOMALY: text: the guest did what it should not have done; with a
 *	channel, or HVSIM_CHANNEL_ANY
 */
enum hvsim_frame_type {
	HVSIM_FRAME_OPENED	= 1,
	HVSIM_FRAME_CLOSED	= 2,
	HVSIM_FRAME_PACKET	= 3,
	HVSIM_FRAME_CLOCK	= 4,

	HVSIM_FRAME_OFFER	= 16,
	HVSIM_FRAME_RESCIND	= 17,
	HVSIM_FRAME_HOLD	= 18,
	HVSIM_FRAME_LIMIT	= 19,
	HVSIM_FRAME_TRACE	= 20,
	HVSIM_FRAME_RESULT	= 21,

	HVSIM_FRAME_MESSAGE	= 32,
	HVSIM_FRAME_RING	= 33,
	HVSIM_FRAME_INDEX	= 34,
	HVSIM_FRAME_SIGNAL	= 35,
	HVSIM_FRAME_TRICK	= 36,

	HVSIM_FRAME_OFFERED	= 48,
	HVSIM_FRAME_RELEASED	= 49,
	HVSIM_FRAME_MOVED	= 50,
	HVSIM_FRAME_WRITTEN	= 51,
	HVSIM_FRAME_CONTACT	= 52,
	HVSIM_FRAME_REQUESTED	= 53,
	HVSIM_FRAME_UNLOADED	= 54,
	HVSIM_FRAME_CONNECT	= 55,
	HVSIM_FRAME_TRACED	= 56,
	HVSIM_FRAME_ANOMALY	= 57,
};

/**
 * enum hvsim_bus_step - where a guest can be when a trick is played
 * @HVSIM_STEP_CONTACT: asks for a version
 * @HVSIM_STEP_REQUEST: asks for offers
 * @HVSIM_STEP_GPADL: has described memory; the answer is GPADL_CREATED
 * @HVSIM_STEP_OPEN: opens the channel; the answer is OPEN_CHANNEL_RESULT
 * @HVSIM_STEP_PACKET: sent a packet on the channel; the answer is to hand it on
 * @HVSIM_STEP_CLOSE: closes the channel; there is no answer
 * @HVSIM_STEP_TEARDOWN: takes memory back; the answer is GPADL_TORNDOWN
 * @HVSIM_STEP_RELEASE: lets go of a rescinded channel; there is no answer
 * @HVSIM_STEP_MOVE: moves the channel to another processor
 * @HVSIM_STEP_UNLOAD: takes its leave
 */
enum hvsim_bus_step {
	HVSIM_STEP_CONTACT	= 1,
	HVSIM_STEP_REQUEST	= 2,
	HVSIM_STEP_GPADL	= 3,
	HVSIM_STEP_OPEN		= 4,
	HVSIM_STEP_PACKET	= 5,
	HVSIM_STEP_CLOSE	= 6,
	HVSIM_STEP_TEARDOWN	= 7,
	HVSIM_STEP_RELEASE	= 8,
	HVSIM_STEP_MOVE		= 9,
	HVSIM_STEP_UNLOAD	= 10,
};

/**
 * enum hvsim_bus_trick - what the bus does instead of what is right
 * @HVSIM_TRICK_RESCIND_BEFORE: rescind the channel, then answer
 * @HVSIM_TRICK_RESCIND_AFTER: answer, then rescind the channel
 * @HVSIM_TRICK_RESCIND_INSTEAD: rescind the channel and do not answer
 * @HVSIM_TRICK_SILENCE: do not answer
 * @HVSIM_TRICK_TWICE: answer twice
 * @HVSIM_TRICK_STATUS: answer with the value as status: a refusal
 * @HVSIM_TRICK_OTHER: answer, but with the value in place of the relid or GPADL
 *	that it is about
 *
 * Of a step without a channel, only silence, twice and, for a version, status.
 */
enum hvsim_bus_trick {
	HVSIM_TRICK_RESCIND_BEFORE	= 1,
	HVSIM_TRICK_RESCIND_AFTER	= 2,
	HVSIM_TRICK_RESCIND_INSTEAD	= 3,
	HVSIM_TRICK_SILENCE		= 4,
	HVSIM_TRICK_TWICE		= 5,
	HVSIM_TRICK_STATUS		= 6,
	HVSIM_TRICK_OTHER		= 7,
};

/* In place of a channel's number: any, or none. */
#define HVSIM_CHANNEL_ANY	UINT32_MAX
/* Bytes of a channel's number. */
#define HVSIM_CHANNEL_LEN	4
/* With a packet's type: tell when it is in the ring. */
#define HVSIM_PACKET_TELL	0x8000

/* VMBus packet type of a message; integration services use no other. */
#define HVSIM_VMBUS_INBAND	6

/* Bytes of a head, as sent. */
#define HVSIM_FRAME_HEAD_LEN	8
/* Bytes of a clock, as sent. */
#define HVSIM_FRAME_CLOCK_LEN	16
/*
 * Most bytes behind a head: what a VMBus packet can hold, whose length is a
 * 16-bit number of 8-byte units.  Who sends a larger one is not to be believed.
 */
#define HVSIM_FRAME_MAX		(65536u * 8)

/**
 * struct hvsim_frame_head - what every frame starts with, as sent
 * @length: bytes that follow the head
 * @type: an enum hvsim_frame_type
 * @arg: of a packet, the VMBus packet type; else 0
 *
 * For sizeof() and documentation; use the functions below, which care for the
 * byte order and for alignment.
 */
struct hvsim_frame_head {
	uint32_t length;
	uint16_t type;
	uint16_t arg;
} __attribute__((packed));

/**
 * struct hvsim_frame_clock - bytes of a clock frame, as sent
 * @reference: the partition's reference counter, in 100 ns
 * @realtime: CLOCK_REALTIME of the machine that runs the guest, at that same
 *	moment, in ns
 */
struct hvsim_frame_clock {
	uint64_t reference;
	uint64_t realtime;
} __attribute__((packed));

_Static_assert(sizeof(struct hvsim_frame_head) == HVSIM_FRAME_HEAD_LEN, "head is 8 bytes");
_Static_assert(sizeof(struct hvsim_frame_clock) == HVSIM_FRAME_CLOCK_LEN, "clock is 16 bytes");

/**
 * struct hvsim_frame - a frame taken apart
 * @type: an enum hvsim_frame_type, not checked
 * @arg: see struct hvsim_frame_head
 * @length: bytes at @bytes
 * @bytes: what followed the head; borrowed from the buffer that was decoded
 */
struct hvsim_frame {
	uint16_t type;
	uint16_t arg;
	uint32_t length;
	const uint8_t *bytes;
};

static inline void hvsim_frame_put(uint8_t *to, uint64_t value, unsigned int bytes)
{
	unsigned int i;

	for (i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t hvsim_frame_get(const uint8_t *from, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | from[bytes];
	return value;
}

/**
 * hvsim_frame_encode_head() - Write the head of a frame.
 * @head: HVSIM_FRAME_HEAD_LEN bytes to write to
 * @type: an enum hvsim_frame_type
 * @arg: VMBus packet type, or 0
 * @length: bytes that will follow
 */
static inline void hvsim_frame_encode_head(uint8_t *head, uint16_t type, uint16_t arg,
					   uint32_t length)
{
	hvsim_frame_put(head, length, 4);
	hvsim_frame_put(head + 4, type, 2);
	hvsim_frame_put(head + 6, arg, 2);
}

/**
 * hvsim_frame_decode() - Find the first frame in what has come in so far.
 * @frame: filled in when there is one
 * @bytes: what came in, from the head of a frame on
 * @len: bytes at @bytes
 *
 * Return: 1 when @frame is complete (it took HVSIM_FRAME_HEAD_LEN +
 * @frame->length bytes); 0 when more bytes are needed; -1 when the stream
 * cannot be followed any further, since the head claims more than
 * HVSIM_FRAME_MAX.
 */
static inline int hvsim_frame_decode(struct hvsim_frame *frame, const void *bytes, size_t len)
{
	const uint8_t *from = (const uint8_t *)bytes;
	uint32_t length;

	if (len < HVSIM_FRAME_HEAD_LEN)
		return 0;
	length = (uint32_t)hvsim_frame_get(from, 4);
	if (length > HVSIM_FRAME_MAX)
		return -1;
	if (len - HVSIM_FRAME_HEAD_LEN < length)
		return 0;

	frame->length = length;
	frame->type = (uint16_t)hvsim_frame_get(from + 4, 2);
	frame->arg = (uint16_t)hvsim_frame_get(from + 6, 2);
	frame->bytes = from + HVSIM_FRAME_HEAD_LEN;
	return 1;
}

/**
 * hvsim_frame_encode_clock() - Write the bytes of a clock frame.
 * @bytes: HVSIM_FRAME_CLOCK_LEN bytes to write to
 * @reference: partition reference counter, in 100 ns
 * @realtime: CLOCK_REALTIME at that moment, in ns
 */
static inline void hvsim_frame_encode_clock(uint8_t *bytes, uint64_t reference, uint64_t realtime)
{
	hvsim_frame_put(bytes, reference, 8);
	hvsim_frame_put(bytes + 8, realtime, 8);
}

/**
 * hvsim_frame_decode_clock() - Take the bytes of a clock frame apart.
 * @frame: a frame of type HVSIM_FRAME_CLOCK
 * @reference: partition reference counter, in 100 ns
 * @realtime: CLOCK_REALTIME at that moment, in ns
 *
 * Return: 0; -1 when @frame has not the length of a clock, and then nothing
 * is written.
 */
static inline int hvsim_frame_decode_clock(const struct hvsim_frame *frame, uint64_t *reference,
					   uint64_t *realtime)
{
	if (frame->length != HVSIM_FRAME_CLOCK_LEN)
		return -1;
	*reference = hvsim_frame_get(frame->bytes, 8);
	*realtime = hvsim_frame_get(frame->bytes + 8, 8);
	return 0;
}

#endif
