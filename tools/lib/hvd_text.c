// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text in bounded buffers.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "hvd_text.h"

/**
 * hvd_text_start() - Begin an empty text.
 * @text: the text
 * @at: where it goes
 * @room: bytes at @at, 1 or more
 */
void hvd_text_start(struct hvd_text *text, char *at, size_t room)
{
	*text = (struct hvd_text){ .at = at, .room = room };
	at[0] = '\0';
}

/**
 * hvd_text_add() - Write a piece behind what is there.
 * @text: the text; after an overflow nothing is added, so that it is enough to look at
 *	the end
 * @piece: the whole of it or nothing is added
 */
void hvd_text_add(struct hvd_text *text, const char *piece)
{
	size_t len = strlen(piece);

	if (text->overflow || len >= text->room - text->len) {
		text->overflow = true;
		return;
	}
	memcpy(text->at + text->len, piece, len + 1);
	text->len += len;
}

/**
 * hvd_text_addf() - Write a piece with a format.
 * @text: see hvd_text_add()
 * @format: of printf()
 */
void hvd_text_addf(struct hvd_text *text, const char *format, ...)
{
	size_t left = text->room - text->len;
	va_list args;
	int len;

	if (text->overflow)
		return;
	va_start(args, format);
	len = vsnprintf(text->at + text->len, left, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= left) {
		text->at[text->len] = '\0';
		text->overflow = true;
		return;
	}
	text->len += (size_t)len;
}

/**
 * hvd_text_copy() - Copy a text that must fit.
 * @to: where to; untouched when it does not
 * @room: bytes at @to
 * @from: what
 *
 * Return: its length without the NUL; -ENOSPC when it does not fit.
 */
int hvd_text_copy(char *to, size_t room, const char *from)
{
	size_t len = strlen(from);

	if (len >= room)
		return -ENOSPC;
	memcpy(to, from, len + 1);
	return (int)len;
}

/**
 * hvd_text_len() - Length of a text in a field that somebody else has filled.
 * @field: the field
 * @room: its bytes
 *
 * Return: bytes before the NUL; -EINVAL when there is none.
 */
int hvd_text_len(const void *field, size_t room)
{
	const char *end = memchr(field, '\0', room);

	return end ? (int)(end - (const char *)field) : -EINVAL;
}

/* What Unicode's table allows as the second byte: no long forms, no surrogates. */
static bool second_is_good(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

/* Bytes of the character that begins at @at, which has its NUL somewhere; 0 if none does. */
static size_t character_len(const uint8_t *at)
{
	size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 :
		     at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0, i;

	if (len > 1 && !second_is_good(at[0], at[1]))
		return 0;
	for (i = 2; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/**
 * hvd_text_units() - How long a text is for the host, which has it in UTF-16.
 * @text: UTF-8
 *
 * Return: 16-bit units without the NUL; -EILSEQ when @text is no UTF-8.
 */
int hvd_text_units(const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	size_t len;
	int units = 0;

	for (; *at; at += len) {
		len = character_len(at);
		if (!len)
			return -EILSEQ;
		units += len == 4 ? 2 : 1;
	}
	return units;
}

/* The character of @len bytes at @at. */
static uint32_t character_value(const uint8_t *at, size_t len)
{
	uint32_t value = len == 1 ? at[0] : at[0] & (0x7fu >> len);
	size_t i;

	for (i = 1; i < len; i++)
		value = value << 6 | (at[i] & 0x3f);
	return value;
}

/*
 * Characters that a terminal or a reader would obey and not see: controls, and of Unicode
 * what is invisible, ends a line, or turns the direction of what follows.
 */
static bool is_hidden(uint32_t character)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad }, { 0x061c, 0x061c },
		{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xfffe, 0xffff },
		{ 0xe0000, 0xe0fff },
	};
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return true;
	return false;
}

/* How the character at @at is shown, with a NUL; returns the bytes of it. */
static size_t character_show(char piece[16], const uint8_t *at)
{
	size_t len = character_len(at);
	uint32_t value = len ? character_value(at, len) : at[0];

	if (len && !is_hidden(value)) {
		memcpy(piece, at, len);
		piece[len] = '\0';
	} else if (value == '\n' || value == '\r' || value == '\t') {
		snprintf(piece, 16, "\\%c", value == '\n' ? 'n' : value == '\r' ? 'r' : 't');
	} else {
		snprintf(piece, 16, !len || value < 0x80 ? "\\x%02x" : "\\u%04x", value);
	}
	return len ?: 1;
}

/**
 * hvd_text_printable() - Make a text of others one that can be shown to a person.
 * @to: the text, with a NUL; cut before the first character that does not fit
 * @room: bytes at @to, 1 or more
 * @from: the text, of any bytes
 *
 * What is not to be seen is written as in C: \\n, \\r, \\t, \\xNN for another control
 * character or a byte that is no UTF-8, \\uNNNN for a character that is invisible, ends a
 * line or turns the direction of text. A backslash stays one, as names of Windows domains
 * have it: so a text that has been through here stays as it is when it comes again.
 */
void hvd_text_printable(char *to, size_t room, const char *from)
{
	const uint8_t *at = (const uint8_t *)from;
	struct hvd_text text;
	char piece[16];

	for (hvd_text_start(&text, to, room); *at && !text.overflow; hvd_text_add(&text, piece))
		at += character_show(piece, at);
}
