/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames between the QEMU plugin, which owns the guest's channels, and the
 * emulated host, which owns what is said on them.
 *
 * One UNIX stream socket a service; the host listens at <service>.sock in its
 * run directory and the plugin connects.  Everything is little endian.  This
 * header needs nothing but the C library's headers, so that the plugin, which
 * lives in QEMU's world, can include it.
 */
#ifndef HVSIM_FRAME_H
#define HVSIM_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * enum hvsim_frame_type - what a frame is
 * @HVSIM_FRAME_OPENED: plugin -> host: the guest opened the channel; no bytes
 * @HVSIM_FRAME_CLOSED: plugin -> host: the guest closed it, or is gone; no bytes
 * @HVSIM_FRAME_PACKET: both ways: payload of one VMBus packet (pipe header,
 *	message header, body); the frame's arg is the VMBus packet type
 * @HVSIM_FRAME_CLOCK: plugin -> host: a struct hvsim_frame_clock;
 *	host -> plugin: no bytes, asks for that
 */
enum hvsim_frame_type {
	HVSIM_FRAME_OPENED	= 1,
	HVSIM_FRAME_CLOSED	= 2,
	HVSIM_FRAME_PACKET	= 3,
	HVSIM_FRAME_CLOCK	= 4,
};

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
