/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text that answers what is asked of /sys and /dev, a line each:
 *
 *	PATH VALUE		a file with that in it; "-" for an empty one
 *	PATH -> PATH		a symbolic link; what is below it is below what it leads to
 *	PATH = MAJOR:MINOR	a block device's node
 *
 * Directories are what comes before a slash.
 */
#ifndef _TOOLS_TESTING_VSS_ANSWERS_H
#define _TOOLS_TESTING_VSS_ANSWERS_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vss/block.h"

/* The next line; NULL behind the last. */
static inline const char *answer_next(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

/* What stands behind the path in its line; NULL when there is none.  @len: of it. */
static inline const char *answer_find(const char *text, const char *path, int *len)
{
	size_t path_len = strlen(path);

	for (; text; text = answer_next(text)) {
		if (strncmp(text, path, path_len) || text[path_len] != ' ')
			continue;
		text += path_len + 1;
		*len = (int)strcspn(text, "\n");
		return text;
	}
	return NULL;
}

/* Follows links, of which there is one in a path here at most. */
static inline void answer_real(const char *text, const char *path, char *real, size_t room)
{
	char start[VSS_PATH_LEN * 2];
	const char *to;
	size_t at;
	int len;

	for (at = strlen(path); at; at--) {
		if (path[at] && path[at] != '/')
			continue;
		snprintf(start, sizeof(start), "%.*s", (int)at, path);
		to = answer_find(text, start, &len);
		if (!to || strncmp(to, "-> ", 3))
			continue;
		snprintf(real, room, "%.*s%s", len - 3, to + 3, path + at);
		return;
	}
	snprintf(real, room, "%s", path);
}

static inline int answer_read(void *data, const char *path, char *to, size_t room)
{
	char real[VSS_PATH_LEN * 2];
	const char *value;
	int len;

	answer_real(data, path, real, sizeof(real));
	value = answer_find(data, real, &len);
	if (!value || (size_t)len >= room)
		return -ENOENT;
	snprintf(to, room, "%.*s", len, strncmp(value, "-\n", 2) ? value : "");
	return 0;
}

static inline int answer_list(void *data, const char *path, char *names, size_t room)
{
	char real[VSS_PATH_LEN * 2];
	const char *text = data, *name, *at;
	size_t len, path_len, used = 0;

	answer_real(data, path, real, sizeof(real));
	path_len = strlen(real);
	for (; text; text = answer_next(text)) {
		if (strncmp(text, real, path_len) || text[path_len] != '/')
			continue;
		name = text + path_len + 1;
		len = strcspn(name, "/\n ");
		for (at = names; at < names + used && (strncmp(at, name, len) || at[len]);)
			at += strlen(at) + 1;
		if (!len || at < names + used || used + len + 2 > room)
			continue;
		memcpy(names + used, name, len);
		names[used + len] = '\0';
		used += len + 1;
	}
	names[used] = '\0';
	return used ? 0 : -ENOENT;
}

static inline int answer_path(void *data, const char *path, char *to, size_t room)
{
	char names[8192];

	answer_real(data, path, to, room);
	return answer_list(data, to, names, sizeof(names));
}

static inline int answer_node(void *data, const char *path, unsigned int *major,
			      unsigned int *minor)
{
	const char *value;
	int len;

	value = answer_find(data, path, &len);
	return value && sscanf(value, "= %9u:%9u", major, minor) == 2 ? 0 : -ENOENT;
}

static inline struct vss_sysfs answers(const char *text)
{
	return (struct vss_sysfs){
		.read = answer_read,
		.list = answer_list,
		.real = answer_path,
		.node = answer_node,
		.data = (void *)text,
	};
}

#endif
