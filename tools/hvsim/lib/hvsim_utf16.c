// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text as Windows has it.
 */
#include <errno.h>

#include "hvsim_utf16.h"

/* Bytes of the UTF-8 sequence that begins like this; 0 for none that may. */
static int sequence_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/* The character that @text begins with, which is not at its end, or -EILSEQ. */
static int32_t character_read(const uint8_t *text, int *len)
{
	static const uint8_t first_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int32_t character;
	int i;

	*len = sequence_len(*text);
	if (!*len)
		return -EILSEQ;
	character = *text & first_mask[*len];
	for (i = 1; i < *len; i++) {
		/* the terminator is no continuation, so this stops there */
		if ((text[i] & 0xc0) != 0x80)
			return -EILSEQ;
		character = character << 6 | (text[i] & 0x3f);
	}
	if (character < least[*len] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return -EILSEQ;
	return character;
}

static void unit_write(uint8_t *bytes, int32_t unit)
{
	bytes[0] = unit & 0xff;
	bytes[1] = unit >> 8 & 0xff;
}

/**
 * hvsim_utf16_encode() - Turn UTF-8 into UTF-16LE, without a terminator.
 * @bytes: where to write
 * @size: bytes at @bytes
 * @text: UTF-8, terminated
 *
 * Return: bytes written; -EILSEQ when @text is not UTF-8, -EMSGSIZE when
 * @bytes is too small.
 */
int hvsim_utf16_encode(uint8_t *bytes, size_t size, const char *text)
{
	const uint8_t *from = (const uint8_t *)text;
	size_t used = 0;
	int32_t character;
	int len;

	for (; *from; from += len) {
		character = character_read(from, &len);
		if (character < 0)
			return -EILSEQ;
		if (size - used < (character < 0x10000 ? 2 : 4))
			return -EMSGSIZE;
		if (character >= 0x10000) {
			character -= 0x10000;
			unit_write(bytes + used, 0xd800 | character >> 10);
			used += 2;
			character = 0xdc00 | (character & 0x3ff);
		}
		unit_write(bytes + used, character);
		used += 2;
	}
	return (int)used;
}
