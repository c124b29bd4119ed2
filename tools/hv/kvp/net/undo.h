/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are replaced, and can be put back as they were.
 */
#ifndef KVP_UNDO_H
#define KVP_UNDO_H

#include <stddef.h>
#include <sys/types.h>

#define KVP_UNDO_MAX	32

/* More than any file has that a network manager reads. */
#define KVP_FILE_MAX	65536

/**
 * struct kvp_undo - files as they were
 * @journal: directory to which they are written, too, for a daemon that is killed; NULL
 *	for none
 * @at: each file that was replaced, in the order in which it was
 * @count: how many there are
 */
struct kvp_undo {
	const char *journal;
	struct kvp_undo_file {
		char *path;
		char *text;	/* NULL where there was no file */
		size_t len;
		mode_t mode;
	} at[KVP_UNDO_MAX];
	size_t count;
};

int kvp_undo_keep(struct kvp_undo *undo, const char *path);
int kvp_undo_replace(struct kvp_undo *undo, const char *path, const char *text, mode_t mode);
int kvp_undo_restore(struct kvp_undo *undo);
void kvp_undo_forget(struct kvp_undo *undo);
int kvp_undo_recover(const char *journal);

#endif
