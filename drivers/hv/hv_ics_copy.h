/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_COPY_H
#define _HV_ICS_COPY_H

#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "hv_ics_chan.h"
#include "hv_ics_dev.h"
#include "ic/hvic_fcopy.h"

/**
 * struct hv_ics_copy - a file that is copied, and who writes it
 * @ioctls: the daemon's ioctls; counts the references of the service, of the device, and
 *	of @work
 * @lock: guards @chan; inside of it, &hv_ics_chan.lock may be taken
 * @chan: the channel; %NULL when it is gone, and @lock alone guards what its lock did
 * @copy: how far it is; guarded by &hv_ics_chan.lock, as are those below
 * @file: what pieces are written to; %NULL when the daemon writes them
 * @pieces: those that @work has not taken yet
 * @held: the one that it has
 * @writing: it is being written, and its bytes are needed
 * @state: for the daemon; its @idle_ms and @flags are made up when it asks
 * @lost: the file was given up, and the daemon has not asked why
 * @work: writes @pieces; a work runs once at a time, so in their order
 * @frozen: since when @held waits for its file system, in jiffies; 0 if it does not;
 *	@work's alone
 */
struct hv_ics_copy {
	struct hv_ics_dev_ioctls ioctls;
	struct mutex lock;	/* see above */
	struct hv_ics_chan *chan;

	struct hvic_copy copy;
	struct file *file;
	struct list_head pieces;
	struct hv_ics_packet *held;
	bool writing;
	struct hvic_user_fcopy_state state;
	bool lost;

	struct delayed_work work;
	u64 frozen;
};

int hv_ics_copy_init(void);
void hv_ics_copy_exit(void);
struct hv_ics_copy *hv_ics_copy_create(struct hv_ics_chan *chan);
void hv_ics_copy_destroy(struct hv_ics_copy *copy);
void hv_ics_copy_add(struct hv_ics_copy *copy, struct hv_ics_packet *packet);
void hv_ics_copy_kick(struct hv_ics_copy *copy);
u64 hv_ics_copy_now(void);
void hv_ics_copy_drop(struct hv_ics_copy *copy, int err);

#endif
