// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text of the host.  It comes before any authentication, so nothing is guessed: what is not
 * a text in each respect is none.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "psdirect/text.h"

#define IS_HIGH(unit)	(((unit) & 0xfc00) == 0xd800)
#define IS_LOW(unit)	(((unit) & 0xfc00) == 0xdc00)

/* The character at @at, which moves on; -EILSEQ for half a surrogate pair. */
static int32_t character_take(const uint8_t **at, const uint8_t *end)
{
	uint32_t first = (*at)[0] | (uint32_t)(*at)[1] << 8, second;

	*at += 2;
	if (!IS_HIGH(first))
		return IS_LOW(first) ? -EILSEQ : (int32_t)first;
	if (end - *at < 2)
		return -EILSEQ;
	second = (*at)[0] | (uint32_t)(*at)[1] << 8;
	*at += 2;
	if (!IS_LOW(second))
		return -EILSEQ;
	return (int32_t)(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff));
}

static size_t character_put(char *to, uint32_t character)
{
	if (character < 0x80) {
		to[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		to[0] = (char)(0xc0 | character >> 6);
		to[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	if (character < 0x10000) {
		to[0] = (char)(0xe0 | character >> 12);
		to[1] = (char)(0x80 | (character >> 6 & 0x3f));
		to[2] = (char)(0x80 | (character & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | character >> 18);
	to[1] = (char)(0x80 | (character >> 12 & 0x3f));
	to[2] = (char)(0x80 | (character >> 6 & 0x3f));
	to[3] = (char)(0x80 | (character & 0x3f));
	return 4;
}

/* NUL and the control characters of Unicode: C0, DEL and C1. */
static int is_control(int32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

/**
 * psdirect_text_take() - Check a field of the host and make it UTF-8.
 * @to: the text, always ended by a NUL
 * @room: bytes at @to; 3 for two bytes of the field and 1 are enough
 * @from: the field as it came, without a NUL
 * @bytes: how much came
 * @max: how much may come
 *
 * Return: bytes at @to without the NUL; -ENODATA for an empty field; -EMSGSIZE for one of
 * more than @max bytes; -EINVAL for an odd number of bytes; -EILSEQ for half a surrogate
 * pair; -EBADMSG for a NUL or a control character; -ENOSPC.  On failure @to is empty.
 */
int psdirect_text_take(char *to, size_t room, const void *from, size_t bytes, size_t max)
{
	const uint8_t *at = from, *end = at + bytes;
	char piece[4];
	size_t len = 0, n;
	int32_t character;
	int err = !bytes ? -ENODATA : bytes > max ? -EMSGSIZE : bytes % 2 ? -EINVAL : 0;

	while (!err && at < end) {
		character = character_take(&at, end);
		if (character < 0)
			err = character;
		else if (is_control(character))
			err = -EBADMSG;
		if (err)
			break;
		n = character_put(piece, (uint32_t)character);
		if (n >= room - len) {
			err = -ENOSPC;
			break;
		}
		memcpy(to + len, piece, n);
		len += n;
	}
	explicit_bzero(piece, sizeof(piece));
	if (err)
		explicit_bzero(to, len);
	to[err ? 0 : len] = '\0';
	return err ?: (int)len;
}

/**
 * psdirect_text_why() - Say what was wrong with a field.
 * @error: what psdirect_text_take() returned
 *
 * Return: words for a log line.
 */
const char *psdirect_text_why(int error)
{
	switch (error) {
	case -ENODATA:
		return "is empty";
	case -EMSGSIZE:
		return "is too long";
	case -EINVAL:
		return "has an odd number of bytes, so it is no UTF-16";
	case -EILSEQ:
		return "has half a surrogate pair";
	case -EBADMSG:
		return "has a NUL or a control character";
	default:
		return "is malformed";
	}
}

/**
 * psdirect_text_ascii() - Make a sentence one that the protocol can carry.
 * @to: the sentence; always ended by a NUL, cut where it does not fit
 * @room: bytes at @to, at least 1
 * @from: any text
 *
 * The host decodes what a broker says as ASCII, and a line feed would end it.
 */
void psdirect_text_ascii(char *to, size_t room, const char *from)
{
	size_t len = 0;

	for (; *from && len + 1 < room; from++) {
		if (((unsigned char)*from & 0xc0) == 0x80)	/* one mark a character */
			continue;
		to[len++] = *from >= ' ' && *from < 0x7f ? *from : '?';
	}
	to[len] = '\0';
}
