// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module holds what is frozen.
 *
 * It has references to the file systems and thaws by a work of its own: on the deadline,
 * when its device is closed, and when the channel goes.  No process is needed for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <hv/hvic_limits.h>

#include "vss/freezer.h"

#define THAW_AGAIN_US	10000
#define THAW_MS		20000

_Static_assert(THAW_MS + HVIC_LIMIT_VSS_THAW_MS < HVIC_LIMIT_VSS_SECS * 1000,
	       "a thaw ends before the module gives up");

static struct hvic_user_vss_mount *mounts_make(const struct vss_set *set)
{
	const struct vss_record *record = set->record;
	struct hvic_user_vss_mount *mounts = calloc(record->count, sizeof(*mounts));
	uint32_t i;

	for (i = 0; mounts && i < record->count; i++) {
		mounts[i].fd = set->fds[i];
		mounts[i].level = record->entries[i].level;
	}
	return mounts;
}

static void mounts_take(struct vss_record *record, const struct hvic_user_vss_mount *mounts)
{
	uint32_t i;

	for (i = 0; i < record->count; i++) {
		record->entries[i].error = mounts[i].error;
		record->entries[i].took_us = mounts[i].took_us;
	}
}

static int module_freeze(struct vss_freezer *freezer, struct vss_set *set,
			 unsigned int deadline_ms)
{
	struct vss_record *record = set->record;
	struct hvic_user_vss_mount *mounts = mounts_make(set);
	struct hvic_user_vss_freeze request = {
		.mounts = (uintptr_t)mounts,
		.count = record->count,
		.timeout_ms = deadline_ms,
	};
	int err = 0;

	if (!mounts)
		return -ENOMEM;
	record->holder = VSS_HOLDER_MODULE;
	record->froze_at = vss_record_now();
	if (ioctl(freezer->device, HVIC_USER_VSS_FREEZE, &request) < 0)
		err = -errno;
	record->frozen_at = vss_record_now();
	if (err)
		record->holder = VSS_HOLDER_NONE;
	if (err != -ENOTTY)
		mounts_take(record, mounts);
	record->failed = err ? request.failed : record->count;
	/* giving memory back takes no lock that a frozen process could hold: there is one thread */
	free(mounts);
	return err;
}

static int module_thaw(struct vss_freezer *freezer, struct vss_outcome *outcome)
{
	struct hvic_user_vss_thaw answer = { 0 };
	uint64_t until = vss_record_now() + THAW_MS * UINT64_C(1000000);

	/* a thaw takes as long as a disk does; the module goes on with one that hangs */
	while (ioctl(freezer->device, HVIC_USER_VSS_THAW, &answer) < 0) {
		if (errno != EBUSY || vss_record_now() > until)
			return -errno;
		usleep(THAW_AGAIN_US);
	}
	*outcome = (struct vss_outcome){
		.end = (enum hvic_user_vss_end)answer.end,
		.thawed = answer.thawed,
		.lost = answer.lost,
		.frozen_ms = answer.frozen_ms,
	};
	freezer->set->record->holder = VSS_HOLDER_NONE;
	return 0;
}

static int module_fd(const struct vss_freezer *freezer)
{
	(void)freezer;
	return -1;
}

/* By ioctls of the module's device. */
const struct vss_freezer_ops vss_freezer_module = {
	.name = "module",
	.freeze = module_freeze,
	.thaw = module_thaw,
	.fd = module_fd,
};
