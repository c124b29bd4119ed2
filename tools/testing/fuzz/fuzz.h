/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share: an input is taken apart from its front, and what
 * goes to the core is a copy on the heap of exactly its size, so that
 * AddressSanitizer sees a byte too far.
 */
#ifndef _TOOLS_TESTING_FUZZ_H
#define _TOOLS_TESTING_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asm/byteorder.h>
#include <linux/errno.h>

#include "hvic_msg.h"

/* Stop, so that the input is kept, unless what should hold does. */
#define CHECK(condition)								\
	do {										\
		if (!(condition)) {							\
			fprintf(stderr, "%s:%d: %s: it does not hold that %s\n",	\
				__FILE__, __LINE__, __func__, #condition);		\
			abort();							\
		}									\
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/**
 * struct fuzz_input - what is left of an input
 * @at: its first byte
 * @len: how much it is
 */
struct fuzz_input {
	const u8 *at;
	size_t len;
};

/* Up to @want bytes off the front, as a copy to be freed; @len says how many. */
static inline u8 *fuzz_take(struct fuzz_input *input, size_t want, size_t *len)
{
	u8 *bytes;

	*len = want < input->len ? want : input->len;
	bytes = malloc(*len);
	CHECK(bytes || !*len);
	if (*len)
		memcpy(bytes, input->at, *len);
	input->at += *len;
	input->len -= *len;
	return bytes;
}

/* A number of @size bytes off the front, as far as there are any. */
static inline u64 fuzz_number(struct fuzz_input *input, size_t size)
{
	u64 number = 0;

	for (; size && input->len; size--, input->len--)
		number = number << 8 | *input->at++;
	return number;
}

/* All that is left, as the body of a request, which is opened. */
static inline u8 *fuzz_request(struct fuzz_input *input, u16 type, struct hvic_msg *msg)
{
	size_t body = input->len < HVIC_MESSAGE_MAX ? input->len : HVIC_MESSAGE_MAX;
	struct hvic_pipe_hdr pipe = {
		.type = cpu_to_le32(HVIC_PIPE_DATA),
		.size = cpu_to_le32(sizeof(struct hvic_hdr) + body),
	};
	struct hvic_hdr hdr = {
		.type = cpu_to_le16(type),
		.size = cpu_to_le16(body),
		.flags = HVIC_FLAG_TRANSACTION | HVIC_FLAG_REQUEST,
	};
	u8 *bytes = malloc(HVIC_HDR_LEN + body);

	CHECK(bytes);
	memcpy(bytes, &pipe, sizeof(pipe));
	memcpy(bytes + sizeof(pipe), &hdr, sizeof(hdr));
	if (body)
		memcpy(bytes + HVIC_HDR_LEN, input->at, body);
	CHECK(!hvic_msg_open(msg, bytes, HVIC_HDR_LEN + body));
	return bytes;
}

/*
 * The bytes of the character at @at, by Unicode's table of well-formed UTF-8 and
 * not by our code; 0 if there is none.
 */
static inline size_t fuzz_utf8_len(const u8 *at)
{
	u8 first = at[0], low = 0x80, high = 0xbf;
	size_t len = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 :
		     first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0, i;

	low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : low;
	high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : high;
	for (i = 1; i < len; i++, low = 0x80, high = 0xbf)
		if (at[i] < low || at[i] > high)
			return 0;
	return len;
}

#endif
