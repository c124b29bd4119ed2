/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_DEV_H
#define _HV_ICS_DEV_H

#include <linux/kref.h>
#include <linux/poll.h>
#include <linux/types.h>
#include <linux/wait.h>

struct hv_ics_dev;
struct hv_ics_dev_ioctls;

/**
 * struct hv_ics_dev_ioctls_ops - what a device's ioctls do
 * @ioctl: serve one; may take as long as it likes, and the device may be gone meanwhile
 * @events: what poll() is to say besides
 * @free: nobody has it any more
 *
 * Context of all: process, without the device's lock.
 */
struct hv_ics_dev_ioctls_ops {
	long (*ioctl)(struct hv_ics_dev_ioctls *ioctls, unsigned int cmd, void __user *arg);
	__poll_t (*events)(struct hv_ics_dev_ioctls *ioctls);
	void (*free)(struct hv_ics_dev_ioctls *ioctls);
};

/**
 * struct hv_ics_dev_ioctls - what a device's ioctls are about
 * @ops: see there
 * @ref: the owner's, and the device's, which lasts until its last file is closed: so
 *	an ioctl needs neither the owner nor a lock
 * @wait: those who wait for @events
 */
struct hv_ics_dev_ioctls {
	const struct hv_ics_dev_ioctls_ops *ops;
	struct kref ref;
	wait_queue_head_t wait;
};

/**
 * struct hv_ics_dev_ops - what the owner of a device is told of its daemon
 * @open: a process opens the device: 0, or the errno that it gets
 * @close: the last file that it had of it is closed
 * @read: it has got all of the message that was posted, which is posted no more
 * @write: it has written a message of the size agreed on: 0, or the errno that it
 *	gets
 *
 * Context: process, with the device's lock held.
 */
struct hv_ics_dev_ops {
	int (*open)(void *owner);
	void (*close)(void *owner);
	void (*read)(void *owner);
	int (*write)(void *owner, const void *message);
};

/**
 * struct hv_ics_dev_kind - what sets one device apart
 * @name: its path below /dev
 * @write_len: bytes that a message of the daemon has at least; what is behind them is
 *	not looked at
 * @exact: a message has no byte more, either
 */
struct hv_ics_dev_kind {
	const char *name;
	size_t write_len;
	bool exact;
};

void hv_ics_dev_ioctls_init(struct hv_ics_dev_ioctls *ioctls,
			    const struct hv_ics_dev_ioctls_ops *ops);
void hv_ics_dev_ioctls_put(struct hv_ics_dev_ioctls *ioctls);

struct hv_ics_dev *hv_ics_dev_create(const struct hv_ics_dev_kind *kind,
				     const struct hv_ics_dev_ops *ops, void *owner,
				     struct hv_ics_dev_ioctls *ioctls);
int hv_ics_dev_register(struct hv_ics_dev *dev);
void hv_ics_dev_destroy(struct hv_ics_dev *dev);
void hv_ics_dev_lock(struct hv_ics_dev *dev);
void hv_ics_dev_unlock(struct hv_ics_dev *dev);
void hv_ics_dev_post(struct hv_ics_dev *dev, const void *message, size_t len);
void hv_ics_dev_withdraw(struct hv_ics_dev *dev);

#endif
