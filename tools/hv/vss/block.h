/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file system stands on: partitions, device-mapper, md, loop devices and files.
 */
#ifndef VSS_BLOCK_H
#define VSS_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "vss/mount.h"

#define VSS_PATH_LEN	1024
#define VSS_STACK_FILES	8
#define VSS_STACK_DEVICES 64

/**
 * struct vss_sysfs - who answers what is asked of /sys and /dev
 * @read: the first line of a file, without its newline; 0, or a negative errno
 * @list: names in a directory, a NUL behind each and one more at the end; the same
 * @real: a path without symbolic links; the same
 * @node: the numbers of a block device's node; the same
 * @data: passed to each
 *
 * So that texts of other systems can answer.
 */
struct vss_sysfs {
	int (*read)(void *data, const char *path, char *to, size_t room);
	int (*list)(void *data, const char *path, char *names, size_t room);
	int (*real)(void *data, const char *path, char *to, size_t room);
	int (*node)(void *data, const char *path, unsigned int *major, unsigned int *minor);
	void *data;
};

/**
 * struct vss_stack - what a file system stands on
 * @on_devices: whether there is a block device at all
 * @remote: what of it is served by the network or by a process; empty for nothing
 * @files: which files it lies in, by loop devices
 * @nr_files: how many
 * @devices: which devices have been looked at
 * @nr_devices: how many
 */
struct vss_stack {
	bool on_devices;
	char remote[96];
	char files[VSS_STACK_FILES][VSS_PATH_LEN];
	unsigned int nr_files;
	struct vss_device {
		unsigned int major;
		unsigned int minor;
	} devices[VSS_STACK_DEVICES];
	unsigned int nr_devices;
};

extern const struct vss_sysfs vss_sysfs;

void vss_block_stack(struct vss_stack *stack, const struct vss_sysfs *sysfs,
		     const struct vss_mount *mount);

#endif
