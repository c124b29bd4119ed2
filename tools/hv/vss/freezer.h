/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who freezes, holds what is frozen, and thaws it whatever becomes of this process.
 *
 * Our module does when there is one; else a process of our own.  Documentation/vss.rst
 * has why.
 */
#ifndef VSS_FREEZER_H
#define VSS_FREEZER_H

#include <hv/hvic_user.h>

#include "vss/record.h"

/**
 * struct vss_set - what is to be frozen
 * @fds: a descriptor of each, in the order of freezing
 * @record: what has become of each
 */
struct vss_set {
	int *fds;
	struct vss_record *record;
};

/**
 * struct vss_outcome - how it was thawed
 * @end: why
 * @thawed: how many were
 * @lost: how many were not frozen any more
 * @frozen_ms: milliseconds from the first that was frozen to the last that was thawed
 */
struct vss_outcome {
	enum hvic_user_vss_end end;
	unsigned int thawed;
	unsigned int lost;
	unsigned int frozen_ms;
};

struct vss_freezer;

/**
 * struct vss_freezer_ops - a way to do it
 * @name: of the way, for people
 * @freeze: see vss_freezer_freeze()
 * @thaw: see vss_freezer_thaw()
 * @fd: see vss_freezer_fd()
 */
struct vss_freezer_ops {
	const char *name;
	int (*freeze)(struct vss_freezer *freezer, struct vss_set *set, unsigned int deadline_ms);
	int (*thaw)(struct vss_freezer *freezer, struct vss_outcome *outcome);
	int (*fd)(const struct vss_freezer *freezer);
};

/**
 * struct vss_freezer - somebody who freezes
 * @ops: how
 * @set: what is frozen; %NULL when nothing is
 * @device: the module's device; -1 for none
 * @control: to the process that holds; -1 for none
 * @worker: a pidfd of the process that freezes for it; -1 for none
 */
struct vss_freezer {
	const struct vss_freezer_ops *ops;
	struct vss_set *set;
	int device;
	int control;
	int worker;
};

extern const struct vss_freezer_ops vss_freezer_module;
extern const struct vss_freezer_ops vss_freezer_local;

void vss_freezer_start(struct vss_freezer *freezer, int device);
int vss_freezer_freeze(struct vss_freezer *freezer, struct vss_set *set,
		       unsigned int deadline_ms);
int vss_freezer_thaw(struct vss_freezer *freezer, struct vss_outcome *outcome);
int vss_freezer_fd(const struct vss_freezer *freezer);

#endif
