/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is mounted where: mountinfo, as the kernel writes it.
 */
#ifndef VSS_MOUNT_H
#define VSS_MOUNT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct vss_mount - a line of mountinfo
 * @id: of the mount
 * @major: of the device that the file system has; 0 where the kernel made one up
 * @minor: of the same
 * @root: which part of the file system is mounted
 * @point: where
 * @type: of the file system
 * @source: what it was mounted from; may be empty
 * @read_only: whether the file system is, and not just this mount of it
 *
 * Texts are in the text that was parsed.
 */
struct vss_mount {
	unsigned int id;
	unsigned int major;
	unsigned int minor;
	char *root;
	char *point;
	char *type;
	char *source;
	bool read_only;
};

int vss_mount_parse(struct vss_mount *mount, char *line);
int vss_mount_open(const struct vss_mount *mount);

#endif
