// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The end of a log file.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_log.h"

/* As much as a person wants to read of a log, at the least. */
#define SHOWN_LINES	25
/* Longest part of a log that is looked at. */
#define TAIL_MAX	(1 << 20)

static char *file_read_end(FILE *file)
{
	char *text;
	long size;
	size_t n;

	if (fseek(file, 0, SEEK_END) < 0)
		return NULL;
	size = ftell(file);
	if (size < 0 || fseek(file, size > TAIL_MAX ? size - TAIL_MAX : 0, SEEK_SET) < 0)
		return NULL;
	text = malloc(TAIL_MAX + 1);
	if (!text)
		return NULL;
	n = fread(text, 1, TAIL_MAX, file);
	text[n] = '\0';
	return text;
}

/**
 * hvsim_log_tail() - Read the last lines of a log.
 * @directory: where it is
 * @name: of the file
 * @lines: how many, at most; not 0
 *
 * Return: the text, for the caller to free; NULL when there is no such log, or
 * no memory.
 */
char *hvsim_log_tail(const char *directory, const char *name, unsigned int lines)
{
	char path[PATH_MAX], *text = NULL, *at;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	text = file_read_end(file);
	fclose(file);
	if (!text)
		return NULL;
	/* a newline at the very end ends a line, it does not start one */
	for (at = text + strlen(text); at > text; at--)
		if (at[-1] == '\n' && *at && !--lines)
			break;
	memmove(text, at, strlen(at) + 1);
	return text;
}

/**
 * hvsim_log_show() - Show a person the end of a log, on standard error.
 * @directory: where it is
 * @name: of the file
 * @title: what it is
 */
void hvsim_log_show(const char *directory, const char *name, const char *title)
{
	char *text = hvsim_log_tail(directory, name, SHOWN_LINES);

	if (text && *text)
		fprintf(stderr, "hvsim: the end of %s:\n%s%s", title, text,
			text[strlen(text) - 1] == '\n' ? "" : "\n");
	free(text);
}
