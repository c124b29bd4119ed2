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

static int32_t unit_read(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8;
}

static size_t character_len(int32_t character)
{
	return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

static void character_write(char *text, size_t len, int32_t character)
{
	static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = len; i-- > 1; character >>= 6)
		text[i] = (char)(0x80 | (character & 0x3f));
	text[0] = (char)(first[len] | character);
}

/**
 * hvsim_utf16_decode() - Turn UTF-16LE into UTF-8, up to its terminator or its end.
 * @text: where to write; terminated
 * @size: bytes at @text, one at least; three for each unit and one more always do
 * @bytes: UTF-16LE, with a terminator or without
 * @len: bytes at @bytes; of an odd one at the end nothing is seen
 *
 * Return: bytes of @bytes before the terminator, or all; -EILSEQ when there is half
 * of a character among them, -EMSGSIZE when @text is too small.
 */
int hvsim_utf16_decode(char *text, size_t size, const uint8_t *bytes, size_t len)
{
	size_t used = 0, wide, at;
	int32_t character, second;

	for (at = 0; at + 2 <= len && unit_read(bytes + at); at += 2) {
		character = unit_read(bytes + at);
		if (character >= 0xd800 && character <= 0xdfff) {
			second = at + 4 <= len ? unit_read(bytes + at + 2) : 0;
			if (character >= 0xdc00 || second < 0xdc00 || second > 0xdfff)
				return -EILSEQ;
			character = 0x10000 + ((character & 0x3ff) << 10 | (second & 0x3ff));
			at += 2;
		}
		wide = character_len(character);
		if (size - used <= wide)
			return -EMSGSIZE;
		character_write(text + used, wide, character);
		used += wide;
	}
	text[used] = '\0';
	return (int)at;
}
