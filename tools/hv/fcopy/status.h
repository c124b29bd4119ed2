/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has become of the last copies: a file in /run, which hvic copy status shows.
 */
#ifndef FCOPY_STATUS_H
#define FCOPY_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "fcopy/path.h"

#define FCOPY_ENTRIES_MAX	20
#define FCOPY_LINE_LEN		2048

/**
 * enum fcopy_state - how a copy is, or how it ended
 * @FCOPY_COPYING: it goes on
 * @FCOPY_WAITING: it waits for the file system
 * @FCOPY_DONE: the file is in its place
 * @FCOPY_CANCELLED: the host did not want it any more
 * @FCOPY_FAILED: it did not work
 * @FCOPY_NR_STATES: how many there are
 */
enum fcopy_state {
	FCOPY_COPYING,
	FCOPY_WAITING,
	FCOPY_DONE,
	FCOPY_CANCELLED,
	FCOPY_FAILED,
	FCOPY_NR_STATES,
};

/**
 * struct fcopy_entry - a copy
 * @number: counts them, from 1
 * @state: how it is
 * @began: when, in seconds since 1970
 * @ms: how long it has taken, milliseconds
 * @size: bytes of the file
 * @bytes: of these, those that have come
 * @status: what the host was told last, an HVIC_STATUS_*
 * @path: of the file
 * @why: what went wrong; "" for nothing
 */
struct fcopy_entry {
	uint64_t number;
	enum fcopy_state state;
	int64_t began;
	uint64_t ms;
	uint64_t size;
	uint64_t bytes;
	uint32_t status;
	char path[FCOPY_PATH_LEN + FCOPY_NAME_LEN];
	char why[160];
};

/**
 * struct fcopy_status - the last copies
 * @path: of the file
 * @count: how many there are
 * @entries: them, the last one last
 * @written: what the file holds; on the heap
 */
struct fcopy_status {
	const char *path;
	unsigned int count;
	struct fcopy_entry entries[FCOPY_ENTRIES_MAX];
	char *written;
};

void fcopy_status_start(struct fcopy_status *status, const char *path);
int fcopy_status_read(struct fcopy_status *status, const char *path);
struct fcopy_entry *fcopy_status_add(struct fcopy_status *status);
struct fcopy_entry *fcopy_status_last(struct fcopy_status *status);
int fcopy_status_write(struct fcopy_status *status);
void fcopy_status_end(struct fcopy_status *status);

int fcopy_entry_format(const struct fcopy_entry *entry, char *line, size_t room);
int fcopy_entry_parse(struct fcopy_entry *entry, const char *line, size_t len);
uint64_t fcopy_entry_rate(const struct fcopy_entry *entry);
const char *fcopy_state_name(enum fcopy_state state);

#endif
