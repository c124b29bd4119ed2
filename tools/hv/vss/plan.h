/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be frozen, in which order, and what not and why.
 *
 * Pure: of a text of mountinfo and of what is answered of sysfs.
 */
#ifndef VSS_PLAN_H
#define VSS_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "vss/block.h"
#include "vss/mount.h"

/* What becomes of a mount. */
enum vss_verdict {
	VSS_FREEZE,
	VSS_SAME,		/* another mount is of the same file system */
	VSS_READ_ONLY,
	VSS_VIRTUAL,		/* there is no block device */
	VSS_NETWORK,
	VSS_FUSE,
	VSS_OVERLAY,
	VSS_UNSUPPORTED,	/* it is flushed, but cannot be frozen */
	VSS_REMOTE,		/* its block device is served by the network, or a process */
	VSS_EXCLUDED,
	VSS_BUSY,		/* somebody else has frozen it */
	VSS_HIDDEN,		/* another mount is over it: it cannot be reached */
	VSS_NR_VERDICTS
};

/**
 * struct vss_choice - what an administrator wants
 * @include: patterns with blanks between; only what matches one is frozen; %NULL for all
 * @exclude: what matches one of these is not; %NULL for none
 * @remote: whether what is served by the network or by a process is frozen, too
 *
 * A pattern is a shell's, of the mount point; of the type or of the source with "type:" or
 * "device:" before it.
 */
struct vss_choice {
	const char *include;
	const char *exclude;
	bool remote;
};

/**
 * struct vss_item - a mount, and what becomes of it
 * @mount: the mount
 * @verdict: what becomes of it
 * @why: more about that, for people; may be empty
 * @first: the item that stands for its file system; itself, unless VSS_SAME
 * @level: of one that is to be frozen: when all of lower levels are. Those of one level do
 *	not need each other
 */
struct vss_item {
	struct vss_mount mount;
	enum vss_verdict verdict;
	char why[128];
	size_t first;
	unsigned int level;
};

/**
 * struct vss_plan - what is to be frozen
 * @items: all mounts, in the order of mountinfo
 * @nr_items: how many
 * @order: those of VSS_FREEZE, in the order of freezing: by level
 * @nr_order: how many
 * @text: what the texts of @items are in
 */
struct vss_plan {
	struct vss_item *items;
	size_t nr_items;
	size_t *order;
	size_t nr_order;
	char *text;
};

const char *vss_plan_verdict(enum vss_verdict verdict);
int vss_plan_make(struct vss_plan *plan, const char *mountinfo, const struct vss_sysfs *sysfs,
		  const struct vss_choice *choice);
int vss_plan_system(struct vss_plan *plan, const struct vss_choice *choice);
void vss_plan_drop(struct vss_plan *plan, size_t place, enum vss_verdict verdict,
		   const char *why);
int vss_plan_open(const struct vss_plan *plan, size_t item);
void vss_plan_free(struct vss_plan *plan);
bool vss_plan_matches(const char *patterns, const struct vss_mount *mount);

#endif
