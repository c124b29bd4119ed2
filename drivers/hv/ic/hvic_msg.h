/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_MSG_H
#define _HVIC_MSG_H

#include <linux/types.h>
#include <hv/hvic_wire.h>

/**
 * struct hvic_msg - a checked view of one received packet
 * @hdr: the message header, inside the caller's buffer
 * @body: first byte behind the header
 * @body_len: bytes of body that the host sent
 */
struct hvic_msg {
	struct hvic_hdr *hdr;
	void *body;
	size_t body_len;
};

int hvic_msg_open(struct hvic_msg *msg, void *buf, size_t len);
void hvic_msg_answer(struct hvic_msg *msg, u32 status);
u32 hvic_status(int err);

/**
 * hvic_msg_body() - Borrow the body as a structure of a given size.
 * @msg: an opened message
 * @size: bytes that the caller is about to touch
 *
 * The one place where a length is compared: behind it, a pointer to a body
 * cannot exist without its bytes.
 *
 * Return: the body, or %NULL when the host sent fewer than @size bytes.
 */
static inline void *hvic_msg_body(const struct hvic_msg *msg, size_t size)
{
	return msg->body_len < size ? NULL : msg->body;
}

#endif
