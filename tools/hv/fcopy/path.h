/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a host wants a file to be: its texts, made a path that can be walked.
 */
#ifndef FCOPY_PATH_H
#define FCOPY_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Both are of 520 bytes on the wire; a path and a name together are shorter than this. */
#define FCOPY_PATH_LEN	1280
#define FCOPY_NAME_LEN	256	/* NAME_MAX, and the NUL */

/**
 * struct fcopy_path - where a host wants a file to be
 * @text: the destination, absolute; names with one slash between, none of them empty, "."
 *	or "..", and no slash at the end: the root is ""
 * @is_directory: whether the host wrote it as a directory, with a slash at the end
 * @name: of the file on the host, without a slash
 * @why: what is wrong with what the host said; "" for nothing
 */
struct fcopy_path {
	char text[FCOPY_PATH_LEN];
	bool is_directory;
	char name[FCOPY_NAME_LEN];
	char why[80];
};

int fcopy_path_parse(struct fcopy_path *path, const char *destination, const char *name);
int fcopy_path_tidy(char *to, size_t room, const char *from, const char **why);
const char *fcopy_path_below(const char *tree, const char *text);
const char *fcopy_path_last(const char *text);

#endif
