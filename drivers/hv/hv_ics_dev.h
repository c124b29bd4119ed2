/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_DEV_H
#define _HV_ICS_DEV_H

#include <linux/types.h>

struct hv_ics_dev;

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

struct hv_ics_dev *hv_ics_dev_create(const char *name, size_t write_len,
				     const struct hv_ics_dev_ops *ops, void *owner);
int hv_ics_dev_register(struct hv_ics_dev *dev);
void hv_ics_dev_destroy(struct hv_ics_dev *dev);
void hv_ics_dev_lock(struct hv_ics_dev *dev);
void hv_ics_dev_unlock(struct hv_ics_dev *dev);
void hv_ics_dev_post(struct hv_ics_dev *dev, const void *message, size_t len);
void hv_ics_dev_withdraw(struct hv_ics_dev *dev);

#endif
