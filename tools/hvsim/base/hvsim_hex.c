// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes as hexadecimal text, as the control protocol carries them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_hex.h"

/**
 * hvsim_hex_encode() - Write bytes as text.
 * @bytes: what
 * @len: bytes at @bytes
 *
 * Return: two lower-case digits a byte, to be freed; NULL without memory.
 */
char *hvsim_hex_encode(const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = bytes;
	char *text = malloc(2 * len + 1);
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < len; i++) {
		text[2 * i] = digits[from[i] >> 4];
		text[2 * i + 1] = digits[from[i] & 15];
	}
	text[2 * len] = '\0';
	return text;
}

static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/**
 * hvsim_hex_decode() - Read text as bytes.
 * @ret: the bytes, to be freed; not NULL even when there are none
 * @len: their number
 * @text: two digits a byte; spaces may stand between bytes
 *
 * Return: 0; -EINVAL when @text is not that; -ENOMEM.
 */
int hvsim_hex_decode(uint8_t **ret, size_t *len, const char *text)
{
	uint8_t *bytes = malloc(strlen(text) / 2 + 1);
	size_t used = 0;

	if (!bytes)
		return -ENOMEM;
	while (*text) {
		int high, low;

		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		high = digit_value(text[0]);
		low = high < 0 ? -1 : digit_value(text[1]);
		if (low < 0) {
			free(bytes);
			return -EINVAL;
		}
		bytes[used++] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	*ret = bytes;
	*len = used;
	return 0;
}
