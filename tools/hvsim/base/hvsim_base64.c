// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes as text, RFC 4648 section 4.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * hvsim_base64_encode() - Write bytes as text.
 * @bytes: what
 * @len: bytes at @bytes
 *
 * Return: the text, for the caller to free; NULL without memory.
 */
char *hvsim_base64_encode(const void *bytes, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1), *to = text;
	const uint8_t *from = bytes;
	uint32_t group;
	size_t n;

	for (; text && len; len -= n, from += n) {
		n = len < 3 ? len : 3;
		group = (uint32_t)from[0] << 16;
		group |= n > 1 ? from[1] << 8 : 0;
		group |= n > 2 ? from[2] : 0;
		*to++ = digits[group >> 18];
		*to++ = digits[group >> 12 & 63];
		*to++ = n > 1 ? digits[group >> 6 & 63] : '=';
		*to++ = n > 2 ? digits[group & 63] : '=';
	}
	if (text)
		*to = '\0';
	return text;
}

/* Returns how many bytes the four characters at @text hold, or -1. */
static int group_decode(const char *text, uint8_t *to)
{
	int bytes = text[3] != '=' ? 3 : text[2] != '=' ? 2 : 1;
	uint32_t group = 0;
	const char *digit;
	int i;

	for (i = 0; i <= bytes; i++) {
		digit = memchr(digits, text[i], sizeof(digits) - 1);
		if (!digit)
			return -1;
		group |= (uint32_t)(digit - digits) << (18 - 6 * i);
	}
	for (i = 0; i < bytes; i++)
		to[i] = (uint8_t)(group >> (16 - 8 * i));
	return bytes;
}

/**
 * hvsim_base64_decode() - Read bytes from text.
 * @text: without white space
 * @ret: the bytes, for the caller to free
 * @len: bytes at @ret
 *
 * Return: 0; -EINVAL when @text is no base64; -ENOMEM.
 */
int hvsim_base64_decode(const char *text, uint8_t **ret, size_t *len)
{
	size_t left = strlen(text), done = 0;
	uint8_t *bytes;
	int n;

	if (left % 4)
		return -EINVAL;
	bytes = malloc(left / 4 * 3 + 1);
	if (!bytes)
		return -ENOMEM;
	for (; left; left -= 4, text += 4) {
		n = group_decode(text, bytes + done);
		/* only the last group may be short */
		if (n < 0 || (n < 3 && left > 4)) {
			free(bytes);
			return -EINVAL;
		}
		done += (size_t)n;
	}
	*ret = bytes;
	*len = done;
	return 0;
}
