// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a file system stands on.
 *
 * Each device is looked at once and there is an end to how many, so that no answer,
 * however wrong, keeps us busy.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hvd_text.h"
#include "vss/block.h"

#define NAMES_LEN	8192

struct walk {
	const struct vss_sysfs *sysfs;
	struct vss_stack *stack;
};

static void device_walk(struct walk *walk, unsigned int major, unsigned int minor);

/* A file below a directory of sysfs. */
static int file_read(const struct vss_sysfs *sysfs, const char *directory, const char *name,
		     char *to, size_t room)
{
	char path[VSS_PATH_LEN + 64];
	int len = snprintf(path, sizeof(path), "%s/%s", directory, name);

	return (size_t)len >= sizeof(path) ? -ENAMETOOLONG :
	       sysfs->read(sysfs->data, path, to, room);
}

/* Goes on at the device that a file "dev" tells the numbers of. */
static void dev_walk(struct walk *walk, const char *directory, const char *name)
{
	unsigned int major, minor;
	char text[32];

	if (!file_read(walk->sysfs, directory, name, text, sizeof(text)) &&
	    sscanf(text, "%9u:%9u", &major, &minor) == 2)
		device_walk(walk, major, minor);
}

/* Goes on at each device that is linked to in a directory; returns how many there are. */
static unsigned int links_walk(struct walk *walk, const char *directory)
{
	char names[NAMES_LEN], dev[300];
	unsigned int count = 0;
	const char *name;

	if (walk->sysfs->list(walk->sysfs->data, directory, names, sizeof(names)))
		return 0;
	for (name = names; *name; name += strlen(name) + 1, count++) {
		snprintf(dev, sizeof(dev), "%.250s/dev", name);
		dev_walk(walk, directory, dev);
	}
	return count;
}

static bool is_numbered(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) && name[len] >= '0' && name[len] <= '9';
}

/* What a device's place in sysfs says of who serves it; NULL when it is the kernel. */
static const char *server_of(const char *real, const char *name)
{
	const char *at;

	if (is_numbered(name, "nbd"))
		return "nbd";
	if (is_numbered(name, "ublkb"))
		return "ublk";
	if (is_numbered(name, "rbd"))
		return "Ceph";
	if (is_numbered(name, "rnbd"))
		return "rnbd";
	if (!strncmp(name, "etherd!", 7))
		return "ATA over Ethernet";
	if (strstr(real, "/nvme-fabrics/"))
		return "NVMe over fabrics";
	for (at = strstr(real, "/session"); at; at = strstr(at + 1, "/session"))
		if (is_numbered(at + 1, "session"))
			return "iSCSI";
	return NULL;
}

/* Whether it is to be looked at: once, and not without end. */
static bool device_is_new(struct vss_stack *stack, unsigned int major, unsigned int minor)
{
	unsigned int i;

	for (i = 0; i < stack->nr_devices; i++)
		if (stack->devices[i].major == major && stack->devices[i].minor == minor)
			return false;
	if (stack->nr_devices == VSS_STACK_DEVICES) {
		snprintf(stack->remote, sizeof(stack->remote), "more than %d devices",
			 VSS_STACK_DEVICES);
		return false;
	}
	stack->devices[stack->nr_devices++] = (struct vss_device){ major, minor };
	return true;
}

static void file_add(struct vss_stack *stack, const char *path)
{
	if (stack->nr_files == VSS_STACK_FILES)
		snprintf(stack->remote, sizeof(stack->remote), "more than %d files",
			 VSS_STACK_FILES);
	else if (hvd_text_copy(stack->files[stack->nr_files], VSS_PATH_LEN, path) >= 0)
		stack->nr_files++;
}

static void device_walk(struct walk *walk, unsigned int major, unsigned int minor)
{
	struct vss_stack *stack = walk->stack;
	char path[64], real[VSS_PATH_LEN], more[VSS_PATH_LEN];
	const struct vss_sysfs *sysfs = walk->sysfs;
	const char *name, *server;
	char *slash;

	if (!device_is_new(stack, major, minor))
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major, minor);
	if (sysfs->real(sysfs->data, path, real, sizeof(real)))
		return;
	slash = strrchr(real, '/');
	name = slash ? slash + 1 : real;
	stack->on_devices = true;
	server = server_of(real, name);
	if (server && !stack->remote[0])
		snprintf(stack->remote, sizeof(stack->remote), "%s (%.40s)", server, name);
	if (!file_read(sysfs, real, "loop/backing_file", more, sizeof(more)))
		file_add(stack, more);
	if (snprintf(more, sizeof(more), "%s/slaves", real) < (int)sizeof(more))
		links_walk(walk, more);
	if (slash && !file_read(sysfs, real, "partition", more, sizeof(more))) {
		*slash = '\0';
		dev_walk(walk, real, "dev");
	}
}

/* A file system of several devices: sysfs tells the others for one of them. */
static void btrfs_walk(struct walk *walk, unsigned int major, unsigned int minor)
{
	const struct vss_sysfs *sysfs = walk->sysfs;
	char ids[NAMES_LEN], directory[VSS_PATH_LEN];
	struct vss_stack probe;
	const char *id;

	device_walk(walk, major, minor);
	if (sysfs->list(sysfs->data, "/sys/fs/btrfs", ids, sizeof(ids)))
		return;
	for (id = ids; *id; id += strlen(id) + 1) {
		struct walk other = { sysfs, &probe };
		unsigned int i;

		memset(&probe, 0, sizeof(probe));
		snprintf(directory, sizeof(directory), "/sys/fs/btrfs/%.200s/devices", id);
		if (!links_walk(&other, directory))
			continue;
		for (i = 0; i < probe.nr_devices; i++)
			if (probe.devices[i].major == major && probe.devices[i].minor == minor)
				break;
		if (i < probe.nr_devices)
			links_walk(walk, directory);
	}
}

/* What was mounted: a node, or nodes with colons between (bcachefs). */
static void source_walk(struct walk *walk, const struct vss_mount *mount)
{
	const struct vss_sysfs *sysfs = walk->sysfs;
	unsigned int major, minor;
	char node[VSS_PATH_LEN];
	const char *at, *end;

	for (at = mount->source; *at == '/'; at = *end ? end + 1 : end) {
		end = !strcmp(mount->type, "bcachefs") ? strchrnul(at, ':') : strchr(at, '\0');
		if ((size_t)(end - at) >= sizeof(node))
			continue;
		memcpy(node, at, (size_t)(end - at));
		node[end - at] = '\0';
		if (sysfs->node(sysfs->data, node, &major, &minor))
			continue;
		if (!strcmp(mount->type, "btrfs"))
			btrfs_walk(walk, major, minor);
		else
			device_walk(walk, major, minor);
	}
}

/**
 * vss_block_stack() - Find out what a file system stands on.
 * @stack: what there is; what sysfs does not tell is missing
 * @sysfs: who is asked
 * @mount: the file system
 */
void vss_block_stack(struct vss_stack *stack, const struct vss_sysfs *sysfs,
		     const struct vss_mount *mount)
{
	struct walk walk = { sysfs, stack };

	memset(stack, 0, sizeof(*stack));
	if (mount->major)
		device_walk(&walk, mount->major, mount->minor);
	else
		source_walk(&walk, mount);
}
