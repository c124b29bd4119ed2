/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_PACKET_H
#define _HVIC_PACKET_H

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "../hvic_msg.h"

/* A transaction id that no code would make up. */
#define PACKET_TRANSACTION	0xa7
/* What an output holds before, to see that it is left alone. */
#define PACKET_UNTOUCHED	0xdeadbeefu

/**
 * struct hvic_packet - a packet as a host sends it, alone in its memory
 * @bytes: the packet
 * @len: bytes in it, and not one more
 * @pipe: the pipe header in it
 * @hdr: the message header in it
 * @body: the body in it
 */
struct hvic_packet {
	u8 *bytes;
	size_t len;
	struct hvic_pipe_hdr *pipe;
	struct hvic_hdr *hdr;
	void *body;
};

static inline void *packet_alloc(struct kunit *test, size_t len)
{
	void *bytes = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	return bytes;
}

/* A request whose headers are right; its body is all zero. */
static inline struct hvic_packet packet_new(struct kunit *test, u16 type, size_t body_len)
{
	struct hvic_packet packet = { .len = HVIC_HDR_LEN + body_len };

	packet.bytes = packet_alloc(test, packet.len);
	packet.pipe = (void *)packet.bytes;
	packet.hdr = (void *)(packet.pipe + 1);
	packet.body = packet.hdr + 1;
	packet.pipe->type = cpu_to_le32(HVIC_PIPE_DATA);
	packet.pipe->size = cpu_to_le32(sizeof(*packet.hdr) + body_len);
	packet.hdr->type = cpu_to_le16(type);
	packet.hdr->size = cpu_to_le16(body_len);
	packet.hdr->transaction = PACKET_TRANSACTION;
	packet.hdr->flags = HVIC_FLAG_TRANSACTION | HVIC_FLAG_REQUEST;
	return packet;
}

/* A copy of the first bytes of a packet, also alone in its memory. */
static inline void *packet_copy(struct kunit *test, const void *bytes, size_t len)
{
	return memcpy(packet_alloc(test, len), bytes, len);
}

static inline struct hvic_msg packet_open(struct kunit *test, const struct hvic_packet *packet)
{
	struct hvic_msg msg = {};

	KUNIT_ASSERT_EQ(test, hvic_msg_open(&msg, packet->bytes, packet->len), 0);
	return msg;
}

#endif
