// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who freezes.
 */
#include <errno.h>

#include "vss/freezer.h"

/**
 * vss_freezer_start() - Begin with nothing frozen.
 * @freezer: the freezer
 * @device: of the module that is to be asked first; -1 for none
 */
void vss_freezer_start(struct vss_freezer *freezer, int device)
{
	*freezer = (struct vss_freezer){
		.ops = device < 0 ? &vss_freezer_local : &vss_freezer_module,
		.device = device,
		.control = -1,
		.worker = -1,
	};
}

/**
 * vss_freezer_freeze() - Freeze all of a set, or nothing.
 * @freezer: the freezer
 * @set: stays where it is until it is thawed; its record tells which one failed, and each
 *	one's error
 * @deadline_ms: after which it is thawed, whatever happens here
 *
 * Neither allocates nor opens anything nor logs from the first that is frozen on.
 *
 * Return: 0; a negative errno of the one that failed: -EOPNOTSUPP when it has no freeze,
 * -EBUSY when somebody else has frozen it; -ETIMEDOUT; -ECANCELED when the channel has
 * gone; -EPIPE when the process that was to freeze was killed; errnos of its start.
 */
int vss_freezer_freeze(struct vss_freezer *freezer, struct vss_set *set,
		       unsigned int deadline_ms)
{
	int err = freezer->ops->freeze(freezer, set, deadline_ms);

	/* the kernel's own module, or a test's socket: we do it */
	if (err == -ENOTTY && freezer->ops == &vss_freezer_module) {
		freezer->ops = &vss_freezer_local;
		err = freezer->ops->freeze(freezer, set, deadline_ms);
	}
	freezer->set = err ? NULL : set;
	return err;
}

/**
 * vss_freezer_thaw() - Thaw what was frozen, in reverse, or find out how it was.
 * @freezer: the freezer
 * @outcome: how it was thawed
 *
 * Return: 0, also when it had been thawed before, which @outcome tells; -ENODATA when
 * nothing was frozen; a negative errno when something may be frozen still.
 */
int vss_freezer_thaw(struct vss_freezer *freezer, struct vss_outcome *outcome)
{
	int err;

	*outcome = (struct vss_outcome){ .end = HVIC_USER_VSS_THAWED };
	if (!freezer->set)
		return -ENODATA;
	err = freezer->ops->thaw(freezer, outcome);
	freezer->set = NULL;
	return err;
}

/**
 * vss_freezer_fd() - What to wait at for news while it is frozen.
 * @freezer: the freezer
 *
 * Return: a descriptor that can be read when it was thawed without our doing; -1 when it
 * is the device itself that says so, by EPOLLPRI.
 */
int vss_freezer_fd(const struct vss_freezer *freezer)
{
	return freezer->ops->fd(freezer);
}
