/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in bounded buffers, and text that others have put into theirs.
 */
#ifndef HVD_TEXT_H
#define HVD_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct hvd_text - text that is written piece by piece
 * @at: the text, NUL-terminated at all times
 * @room: bytes at @at
 * @len: bytes of text, without the NUL
 * @overflow: whether a piece did not fit: it is missing, and so is all behind it
 */
struct hvd_text {
	char *at;
	size_t room;
	size_t len;
	bool overflow;
};

void hvd_text_start(struct hvd_text *text, char *at, size_t room);
void hvd_text_add(struct hvd_text *text, const char *piece);
__attribute__((format(printf, 2, 3)))
void hvd_text_addf(struct hvd_text *text, const char *format, ...);

int hvd_text_copy(char *to, size_t room, const char *from);
int hvd_text_len(const void *field, size_t room);
int hvd_text_units(const char *text);
void hvd_text_printable(char *to, size_t room, const char *from);

#endif
