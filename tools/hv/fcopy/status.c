// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has become of the last copies.
 *
 * A line each, with tabs between: number, state, began, milliseconds, size, bytes, status,
 * path, what went wrong.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fcopy/status.h"
#include "hvd_file.h"
#include "hvd_text.h"

#define FILE_LEN	(FCOPY_ENTRIES_MAX * FCOPY_LINE_LEN)
#define MODE		0600	/* names of files may be nobody else's business */

static const char *const names[FCOPY_NR_STATES] = {
	[FCOPY_COPYING]		= "copying",
	[FCOPY_WAITING]		= "waiting",
	[FCOPY_DONE]		= "done",
	[FCOPY_CANCELLED]	= "cancelled",
	[FCOPY_FAILED]		= "failed",
};

/**
 * fcopy_state_name() - Name a state.
 * @state: it
 *
 * Return: its name.
 */
const char *fcopy_state_name(enum fcopy_state state)
{
	return names[state];
}

/**
 * fcopy_entry_rate() - How fast a copy is, or was.
 * @entry: the copy
 *
 * Return: bytes a second; 0 as long as that cannot be told.
 */
uint64_t fcopy_entry_rate(const struct fcopy_entry *entry)
{
	unsigned __int128 rate;

	if (!entry->ms)
		return 0;
	rate = (unsigned __int128)entry->bytes * 1000 / entry->ms;
	return rate > UINT64_MAX ? UINT64_MAX : (uint64_t)rate;
}

/* Text that is to be in a line: a host's may have anything in it, and terminals obey some. */
static void text_add(struct hvd_text *line, const char *text)
{
	unsigned char *at = (unsigned char *)line->at + line->len;
	bool ascii = hvd_text_units(text) < 0;

	hvd_text_add(line, text);
	for (; !line->overflow && *at; at++) {
		if (*at == 0xc2 && at[1] < 0xa0)
			at[1] = *at = '?';
		if (*at < ' ' || *at == 0x7f || (ascii && *at > 0x7f))
			*at = '?';
	}
}

/**
 * fcopy_entry_format() - Write a copy as a line.
 * @entry: the copy
 * @line: the line, with its newline
 * @room: bytes at @line
 *
 * Return: its length; -ENOSPC.
 */
int fcopy_entry_format(const struct fcopy_entry *entry, char *line, size_t room)
{
	struct hvd_text text;

	hvd_text_start(&text, line, room);
	hvd_text_addf(&text, "%" PRIu64 "\t%s\t%" PRId64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
		      "\t0x%08" PRIx32 "\t", entry->number, names[entry->state], entry->began,
		      entry->ms, entry->size, entry->bytes, entry->status);
	text_add(&text, entry->path);
	hvd_text_add(&text, "\t");
	text_add(&text, entry->why);
	hvd_text_add(&text, "\n");
	return text.overflow ? -ENOSPC : (int)text.len;
}

/* A word up to a tab, into @word; false when there is none, or it is too long. */
static bool word_take(const char **at, char *word, size_t room)
{
	size_t len = strcspn(*at, "\t");

	if (len >= room)
		return false;
	memcpy(word, *at, len);
	word[len] = '\0';
	*at += len + ((*at)[len] == '\t');
	return true;
}

static bool number_take(const char **at, int base, uint64_t max, uint64_t *number)
{
	char word[24], *end;

	if (!word_take(at, word, sizeof(word)) || word[0] < '0' || word[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(word, &end, base);
	return !errno && !*end && *number <= max;
}

static bool state_take(const char **at, enum fcopy_state *state)
{
	unsigned int i;
	char word[16];

	if (!word_take(at, word, sizeof(word)))
		return false;
	for (i = 0; i < FCOPY_NR_STATES; i++)
		if (!strcmp(word, names[i]))
			*state = (enum fcopy_state)i;
	return !strcmp(word, names[*state]);
}

/**
 * fcopy_entry_parse() - Read a copy from a line.
 * @entry: the copy; of no use where the return is not 0
 * @line: the line, without its newline
 * @len: bytes of it
 *
 * Return: 0; -EBADMSG for what is none.
 */
int fcopy_entry_parse(struct fcopy_entry *entry, const char *line, size_t len)
{
	char text[FCOPY_LINE_LEN];
	uint64_t began, status;
	const char *at = text;

	memset(entry, 0, sizeof(*entry));
	if (len >= sizeof(text) || memchr(line, '\0', len))
		return -EBADMSG;
	memcpy(text, line, len);
	text[len] = '\0';
	if (!number_take(&at, 10, UINT64_MAX, &entry->number) || !state_take(&at, &entry->state) ||
	    !number_take(&at, 10, INT64_MAX, &began) ||
	    !number_take(&at, 10, UINT64_MAX, &entry->ms) ||
	    !number_take(&at, 10, UINT64_MAX, &entry->size) ||
	    !number_take(&at, 10, UINT64_MAX, &entry->bytes) ||
	    !number_take(&at, 16, UINT32_MAX, &status) ||
	    !word_take(&at, entry->path, sizeof(entry->path)) ||
	    !word_take(&at, entry->why, sizeof(entry->why)) || *at)
		return -EBADMSG;
	entry->began = (int64_t)began;
	entry->status = (uint32_t)status;
	return 0;
}

/**
 * fcopy_status_read() - Read the file.
 * @status: what is in it; lines that are none are left out
 * @path: of it; must stay
 *
 * Return: 0; -ENOMEM; the errno of reading it.
 */
int fcopy_status_read(struct fcopy_status *status, const char *path)
{
	char *text = malloc(FILE_LEN), *line, *end;
	struct fcopy_entry entry;
	int len;

	*status = (struct fcopy_status){ .path = path };
	if (!text)
		return -ENOMEM;
	len = hvd_file_read(path, text, FILE_LEN);
	for (line = text; len > 0 && *line; line = end) {
		end = line + strcspn(line, "\n");
		if (!fcopy_entry_parse(&entry, line, (size_t)(end - line)))
			*fcopy_status_add(status) = entry;
		end += *end == '\n';
	}
	free(text);
	return len < 0 ? len : 0;
}

/**
 * fcopy_status_start() - Go on where a daemon before has ended.
 * @status: what it has left; what was not at its end has failed
 * @path: see fcopy_status_read()
 */
void fcopy_status_start(struct fcopy_status *status, const char *path)
{
	unsigned int i;

	/* without a file, or with one that cannot be read, it begins anew */
	if (fcopy_status_read(status, path) < 0)
		return;
	for (i = 0; i < status->count; i++) {
		struct fcopy_entry *entry = &status->entries[i];

		if (entry->state != FCOPY_COPYING && entry->state != FCOPY_WAITING)
			continue;
		entry->state = FCOPY_FAILED;
		snprintf(entry->why, sizeof(entry->why), "the daemon ended");
	}
}

/**
 * fcopy_status_add() - Begin a copy.
 * @status: all of them; the oldest goes when there is no room
 *
 * Return: the new one, which has a number.
 */
struct fcopy_entry *fcopy_status_add(struct fcopy_status *status)
{
	struct fcopy_entry *entries = status->entries, *entry;
	uint64_t number = status->count ? entries[status->count - 1].number + 1 : 1;

	if (status->count == FCOPY_ENTRIES_MAX) {
		status->count--;
		memmove(&entries[0], &entries[1], status->count * sizeof(entries[0]));
	}
	entry = &entries[status->count++];
	*entry = (struct fcopy_entry){ .number = number };
	return entry;
}

/**
 * fcopy_status_last() - The copy that was begun last.
 * @status: all of them; there is one
 *
 * Return: it.
 */
struct fcopy_entry *fcopy_status_last(struct fcopy_status *status)
{
	return &status->entries[status->count - 1];
}

/**
 * fcopy_status_write() - Write the file, if it says something else now.
 * @status: what is to be in it
 *
 * Return: 0; -ENOMEM; a negative errno of hvd_file_replace().
 */
int fcopy_status_write(struct fcopy_status *status)
{
	char *text = malloc(FILE_LEN);
	size_t used = 0;
	unsigned int i;
	int len, err;

	if (!text)
		return -ENOMEM;
	text[0] = '\0';
	for (i = 0; i < status->count; i++) {
		len = fcopy_entry_format(&status->entries[i], text + used, FCOPY_LINE_LEN);
		used += len < 0 ? 0 : (size_t)len;
		text[used] = '\0';
	}
	if (status->written && !strcmp(status->written, text)) {
		free(text);
		return 0;
	}
	err = hvd_file_replace(status->path, text, used, MODE);
	free(status->written);
	status->written = err ? NULL : text;
	if (err)
		free(text);
	return err;
}

/**
 * fcopy_status_end() - Free what it refers to.
 * @status: not to be used any more
 */
void fcopy_status_end(struct fcopy_status *status)
{
	free(status->written);
	status->written = NULL;
}
