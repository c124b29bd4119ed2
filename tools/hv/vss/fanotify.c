// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs that the kernel asks before a file is opened.
 *
 * One that writes a log before it answers waits for a frozen file system, and whoever opens
 * a file anywhere waits for it: the usual way in which a frozen system comes to a stand.
 * We open nothing while it is frozen; others do.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "vss/fanotify.h"

/* FAN_OPEN_PERM, FAN_ACCESS_PERM, FAN_OPEN_EXEC_PERM */
#define ASKING		0x00070000u

/* What a descriptor of it has is a line a mark: thousands are not read. */
#define FDINFO_LEN	65536

/**
 * vss_fanotify_asks() - See whether a descriptor is asked for permission.
 * @fdinfo: its /proc/PID/fdinfo/FD
 *
 * Return: whether a mark of it (a line "fanotify ... mask:...") has such an event.
 */
bool vss_fanotify_asks(const char *fdinfo)
{
	const char *line, *mask, *end;

	for (line = fdinfo; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncmp(line, "fanotify ", 9))
			continue;
		mask = strstr(line, " mask:");
		if (mask && mask < end && (strtoul(mask + 6, NULL, 16) & ASKING))
			return true;
	}
	return false;
}

static bool fd_asks(int process, const char *name)
{
	char path[300], target[64], *text;
	ssize_t len;
	bool asks;

	snprintf(path, sizeof(path), "fd/%s", name);
	len = readlinkat(process, path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	if (!strstr(target, "[fanotify]"))
		return false;
	text = malloc(FDINFO_LEN);
	if (!text)
		return false;
	snprintf(path, sizeof(path), "fdinfo/%s", name);
	text[0] = '\0';
	/* the beginning of what is too long will do */
	len = hvd_file_read_at(process, path, text, FDINFO_LEN);
	text[FDINFO_LEN - 1] = '\0';
	asks = (len >= 0 || len == -EFBIG) && vss_fanotify_asks(text);
	free(text);
	return asks;
}

static bool process_asks(int process)
{
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool asks = false;

	while (directory && !asks && (entry = readdir(directory)))
		asks = isdigit((unsigned char)entry->d_name[0]) && fd_asks(process, entry->d_name);
	if (directory)
		closedir(directory);
	else if (fd >= 0)
		close(fd);
	return asks;
}

static void name_add(struct hvd_text *names, int process, const char *pid)
{
	char comm[64];

	if (hvd_file_read_at(process, "comm", comm, sizeof(comm)) < 0)
		strcpy(comm, "?");
	comm[strcspn(comm, "\n")] = '\0';
	hvd_text_addf(names, "%s%s (%s)", names->len ? ", " : "", comm, pid);
}

/**
 * vss_fanotify_find() - Find who is asked for permission when files are opened.
 * @proc: /proc
 * @names: "NAME (PID)" of each, with commas between, as far as there is room
 * @room: bytes at @names
 *
 * Processes that we may not look into are passed over.
 *
 * Return: how many there are; a negative errno of opening @proc.
 */
int vss_fanotify_find(const char *proc, char *names, size_t room)
{
	DIR *directory = opendir(proc);
	struct dirent *entry;
	struct hvd_text text;
	int count = 0, process;

	hvd_text_start(&text, names, room);
	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		process = openat(dirfd(directory), entry->d_name,
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process < 0)
			continue;
		if (process_asks(process)) {
			name_add(&text, process, entry->d_name);
			count++;
		}
		close(process);
	}
	closedir(directory);
	return count;
}
