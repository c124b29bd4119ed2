// SPDX-License-Identifier: GPL-2.0-only
/*
 * UTF-16LE of the host, UTF-8 of the guest, both ways and never past an end.
 *
 * UTF-16 is read and written byte by byte: it may stand at any address, and
 * its order is the host's, not the machine's.
 */
#include <linux/errno.h>

#include "hvic_utf.h"

#define MAX_CHARACTER		0x10ffffu
#define IS_HIGH(unit)		(((unit) & 0xfc00) == 0xd800)
#define IS_LOW(unit)		(((unit) & 0xfc00) == 0xdc00)
#define IS_SURROGATE(unit)	(((unit) & 0xfffff800) == 0xd800)

/**
 * hvic_utf16_next() - Read one character of UTF-16LE.
 * @at: where to read; moves on by one unit at least, unless at the end
 * @end: the end of the text; a lone last byte is no unit
 *
 * Return: the character; 0 at the end of the text (and for a NUL);
 * %HVIC_NO_CHARACTER for half a surrogate pair.
 */
u32 hvic_utf16_next(const u8 **at, const u8 *end)
{
	u32 first, second;

	if (end - *at < 2)
		return 0;
	first = (*at)[0] | (u32)(*at)[1] << 8;
	*at += 2;
	if (!IS_SURROGATE(first))
		return first;
	if (!IS_HIGH(first) || end - *at < 2)
		return HVIC_NO_CHARACTER;

	second = (*at)[0] | (u32)(*at)[1] << 8;
	if (!IS_LOW(second))
		return HVIC_NO_CHARACTER;
	*at += 2;
	return 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
}

/**
 * hvic_utf8_next() - Read one character of UTF-8.
 * @at: where to read; moves on by one byte at least, unless at the end
 * @end: the end of the text
 *
 * Return: the character; 0 at the end of the text (and for a NUL);
 * %HVIC_NO_CHARACTER for a byte that starts none: a stray or missing
 * continuation, an overlong form, a surrogate, a number past U+10FFFF.
 */
u32 hvic_utf8_next(const u8 **at, const u8 *end)
{
	static const u32 smallest[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned int more, i;
	u32 character;

	if (*at >= end)
		return 0;
	character = *(*at)++;
	if (character < 0x80)
		return character;

	if ((character & 0xe0) == 0xc0)
		more = 1;
	else if ((character & 0xf0) == 0xe0)
		more = 2;
	else if ((character & 0xf8) == 0xf0)
		more = 3;
	else
		return HVIC_NO_CHARACTER;
	if ((size_t)(end - *at) < more)
		return HVIC_NO_CHARACTER;

	character &= 0x3f >> more;
	for (i = 0; i < more; i++) {
		if (((*at)[i] & 0xc0) != 0x80)
			return HVIC_NO_CHARACTER;
		character = character << 6 | ((*at)[i] & 0x3f);
	}
	if (character < smallest[more] || character > MAX_CHARACTER || IS_SURROGATE(character))
		return HVIC_NO_CHARACTER;
	*at += more;
	return character;
}

/**
 * hvic_utf8_put() - Write one character as UTF-8.
 * @dst: where to
 * @room: bytes there
 * @character: a character that hvic_utf16_next() or hvic_utf8_next() gave
 *
 * Return: bytes written, or 0 when it does not fit; it is never cut.
 */
size_t hvic_utf8_put(char *dst, size_t room, u32 character)
{
	static const u8 lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	size_t i;

	if (len > room)
		return 0;
	for (i = len - 1; i; i--, character >>= 6)
		dst[i] = 0x80 | (character & 0x3f);
	dst[0] = lead[len] | character;
	return len;
}

/**
 * hvic_utf16_put() - Write one character as UTF-16LE.
 * @dst: where to
 * @room_bytes: bytes there
 * @character: a character that hvic_utf16_next() or hvic_utf8_next() gave
 *
 * Return: bytes written (2 or 4), or 0 when it does not fit; it is never cut.
 */
size_t hvic_utf16_put(u8 *dst, size_t room_bytes, u32 character)
{
	size_t len = character < 0x10000 ? 2 : 4;
	u32 unit = character;

	if (len > room_bytes)
		return 0;
	if (len == 4) {
		character -= 0x10000;
		unit = 0xd800 | character >> 10;
		dst[2] = character & 0xff;
		dst[3] = 0xdc | (character >> 8 & 0x3);
	}
	dst[0] = unit & 0xff;
	dst[1] = unit >> 8;
	return len;
}

/**
 * hvic_utf16_to_utf8() - Make a C string of a text of the host.
 * @dst: the string, always ended by a NUL
 * @cap_bytes: bytes at @dst, at least 1
 * @src: UTF-16LE at any alignment; ends at a NUL or at @units
 * @units: 16-bit units at @src
 *
 * Return: bytes in @dst without the NUL; -EILSEQ for half a surrogate pair;
 * -ENAMETOOLONG when it does not fit. On failure @dst is the empty string.
 */
int hvic_utf16_to_utf8(char *dst, size_t cap_bytes, const void *src, size_t units)
{
	const u8 *at = src, *end = at + 2 * units;
	size_t len = 0, n;
	u32 character;

	while ((character = hvic_utf16_next(&at, end))) {
		n = character == HVIC_NO_CHARACTER ? 0 :
		    hvic_utf8_put(dst + len, cap_bytes - 1 - len, character);
		if (!n) {
			dst[0] = '\0';
			return character == HVIC_NO_CHARACTER ? -EILSEQ : -ENAMETOOLONG;
		}
		len += n;
	}
	dst[len] = '\0';
	return len;
}

/**
 * hvic_utf8_to_utf16() - Make a text for the host of a string.
 * @dst: the text, UTF-16LE at any alignment, always ended by a NUL unit
 * @cap_units: 16-bit units at @dst, at least 1
 * @src: UTF-8; ends at a NUL or at @bytes
 * @bytes: bytes at @src
 *
 * Return: units in @dst without the NUL; -EILSEQ for what is no UTF-8;
 * -ENAMETOOLONG when it does not fit. On failure @dst is empty.
 */
int hvic_utf8_to_utf16(void *dst, size_t cap_units, const char *src, size_t bytes)
{
	const u8 *at = (const u8 *)src, *end = at + bytes;
	size_t room = 2 * (cap_units - 1), len = 0, n;
	u8 *out = dst;
	u32 character;

	while ((character = hvic_utf8_next(&at, end))) {
		n = character == HVIC_NO_CHARACTER ? 0 :
		    hvic_utf16_put(out + len, room - len, character);
		if (!n) {
			out[0] = 0;
			out[1] = 0;
			return character == HVIC_NO_CHARACTER ? -EILSEQ : -ENAMETOOLONG;
		}
		len += n;
	}
	out[len] = 0;
	out[len + 1] = 0;
	return len / 2;
}

/**
 * hvic_utf8_to_utf16_lossy() - Make a text for the host of whatever there is.
 * @dst: the text, UTF-16LE at any alignment, always ended by a NUL unit
 * @cap_units: 16-bit units at @dst, at least 1
 * @src: UTF-8; ends at a NUL or at @bytes
 * @bytes: bytes at @src
 *
 * What is no UTF-8 is replaced, and what does not fit left out, at a character's
 * end: for texts that are better damaged than missing.
 *
 * Return: units in @dst without the NUL.
 */
size_t hvic_utf8_to_utf16_lossy(void *dst, size_t cap_units, const char *src, size_t bytes)
{
	const u8 *at = (const u8 *)src, *end = at + bytes;
	size_t room = 2 * (cap_units - 1), len = 0, n;
	u8 *out = dst;
	u32 character;

	while ((character = hvic_utf8_next(&at, end))) {
		if (character == HVIC_NO_CHARACTER)
			character = HVIC_REPLACEMENT;
		n = hvic_utf16_put(out + len, room - len, character);
		if (!n)
			break;
		len += n;
	}
	out[len] = 0;
	out[len + 1] = 0;
	return len / 2;
}
