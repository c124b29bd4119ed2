/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_SYSFS_H
#define _HV_ICS_SYSFS_H

#include <linux/device.h>
#include <linux/sysfs.h>

#include "hv_ics_chan.h"

/*
 * Defines dev_attr_NAME, which shows VALUE. In VALUE, "chan" is the channel and
 * "own" the service's data, a pointer to TYPE; the channel's lock is held.
 */
#define HV_ICS_ATTR_RO(name, type, format, value)				\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr,	\
			   char *buf)						\
{										\
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);				\
	type __maybe_unused *own = chan->service_data;				\
	ssize_t len;								\
										\
	spin_lock_bh(&chan->lock);						\
	len = sysfs_emit(buf, format "\n", value);				\
	spin_unlock_bh(&chan->lock);						\
	return len;								\
}										\
static DEVICE_ATTR_RO(name)

int hv_ics_sysfs_add(struct hv_ics_chan *chan);
void hv_ics_sysfs_remove(struct hv_ics_chan *chan);

#endif
