// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies a file, or a disk, in pieces small enough for a heart to beat between them.
 * What is zero is not written: the copy is sparse.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvsim_copy.h"

#define PIECE	(256u << 10)
/* Smallest hole: what file systems keep apart. */
#define BLOCK	4096u

struct hvsim_copy {
	sd_event_source *source;
	hvsim_copy_done done;
	void *userdata;
	int from;
	int to;
	uint64_t at;
	uint8_t piece[PIECE];
};

static void copy_finish(struct hvsim_copy *copy, int result)
{
	/* a hole at the end is part of it, too */
	if (!result && ftruncate(copy->to, (off_t)copy->at) < 0)
		result = -errno;
	sd_event_source_set_enabled(copy->source, SD_EVENT_OFF);
	copy->done(result, copy->at, copy->userdata);
}

static int all_write(int fd, const uint8_t *bytes, size_t len, uint64_t at)
{
	ssize_t n;

	for (; len; bytes += n, at += (uint64_t)n, len -= (size_t)n) {
		n = pwrite(fd, bytes, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return n ? -errno : -ENOSPC;
	}
	return 0;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, len - 1);
}

static int piece_write(struct hvsim_copy *copy, size_t len)
{
	size_t at, n;
	int err;

	for (at = 0; at < len; at += n) {
		n = len - at < BLOCK ? len - at : BLOCK;
		if (is_zero(copy->piece + at, n))
			continue;
		err = all_write(copy->to, copy->piece + at, n, copy->at + at);
		if (err)
			return err;
	}
	return 0;
}

static int copy_step(sd_event_source *source, void *userdata)
{
	struct hvsim_copy *copy = userdata;
	ssize_t n;
	int err;

	(void)source;
	n = pread(copy->from, copy->piece, sizeof(copy->piece), (off_t)copy->at);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0) {
		copy_finish(copy, n ? -errno : 0);
		return 0;
	}
	err = piece_write(copy, (size_t)n);
	if (err)
		copy_finish(copy, err);
	else
		copy->at += (uint64_t)n;
	return 0;
}

/**
 * hvsim_copy_new() - Begin a copy.
 * @ret: the copy; written only on success
 * @event: the loop that it is made in
 * @from: path of a file, or of a disk
 * @to: path of the file to be written; one that is there is replaced
 * @done: called once, unless it is freed before
 * @userdata: for @done
 *
 * Return: 0; -ENOMEM; the errno of opening a file; what the loop said.
 */
int hvsim_copy_new(struct hvsim_copy **ret, sd_event *event, const char *from, const char *to,
		   hvsim_copy_done done, void *userdata)
{
	struct hvsim_copy *copy = calloc(1, sizeof(*copy));
	int err;

	if (!copy)
		return -ENOMEM;
	copy->done = done;
	copy->userdata = userdata;
	copy->to = -1;
	copy->from = open(from, O_RDONLY | O_CLOEXEC);
	if (copy->from >= 0)
		copy->to = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = copy->to < 0 ? -errno :
	      sd_event_add_defer(event, &copy->source, copy_step, copy);
	if (err >= 0)
		err = sd_event_source_set_priority(copy->source, SD_EVENT_PRIORITY_IDLE);
	if (err >= 0)
		err = sd_event_source_set_enabled(copy->source, SD_EVENT_ON);
	if (err < 0) {
		hvsim_copy_free(copy);
		return err;
	}
	*ret = copy;
	return 0;
}

/**
 * hvsim_copy_free() - Stop a copy, or forget one that is done.
 * @copy: may be NULL
 */
void hvsim_copy_free(struct hvsim_copy *copy)
{
	if (!copy)
		return;
	sd_event_source_disable_unref(copy->source);
	if (copy->from >= 0)
		close(copy->from);
	if (copy->to >= 0)
		close(copy->to);
	free(copy);
}
