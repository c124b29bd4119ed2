// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What this system answers when it is asked for its block devices.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "vss/block.h"

static int system_read(void *data, const char *path, char *to, size_t room)
{
	int len = hvd_file_read(path, to, room);

	(void)data;
	if (len < 0)
		return len;
	to[strcspn(to, "\n")] = '\0';
	return 0;
}

static int system_list(void *data, const char *path, char *names, size_t room)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	size_t len = 0, more;
	int err = 0;

	(void)data;
	if (!directory)
		return -errno;
	while (!err && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		more = strlen(entry->d_name) + 1;
		/* the last NUL */
		if (len + more >= room) {
			err = -EFBIG;
		} else {
			memcpy(names + len, entry->d_name, more);
			len += more;
		}
	}
	closedir(directory);
	names[len] = '\0';
	return err;
}

static int system_real(void *data, const char *path, char *to, size_t room)
{
	char *real = realpath(path, NULL);
	int err;

	(void)data;
	if (!real)
		return -errno;
	err = hvd_text_copy(to, room, real);
	free(real);
	return err < 0 ? err : 0;
}

static int system_node(void *data, const char *path, unsigned int *major, unsigned int *minor)
{
	struct stat status;

	(void)data;
	if (stat(path, &status) < 0)
		return -errno;
	if (!S_ISBLK(status.st_mode))
		return -ENOTBLK;
	*major = major(status.st_rdev);
	*minor = minor(status.st_rdev);
	return 0;
}

/* Of this system. */
const struct vss_sysfs vss_sysfs = {
	.read = system_read,
	.list = system_list,
	.real = system_real,
	.node = system_node,
};
