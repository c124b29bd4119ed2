// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every service shows of itself, in /sys/bus/vmbus/devices/GUID/ic/.
 * Documented in Documentation/sysfs.rst.
 */
#include <linux/sysfs.h>

#include "hv_ics_chan.h"

static ssize_t service_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", hv_ics_chan_of(dev)->service->name);
}
static DEVICE_ATTR_RO(service);

static struct hvic_link read_link(struct device *dev)
{
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);
	struct hvic_link link;

	spin_lock_bh(&chan->lock);
	link = chan->link;
	spin_unlock_bh(&chan->lock);
	return link;
}

static ssize_t emit_version(char *buf, u32 version)
{
	if (!version)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "%u.%u\n", HVIC_VERSION_MAJOR(version),
			  HVIC_VERSION_MINOR(version));
}

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", hvic_link_state_name(read_link(dev).state));
}
static DEVICE_ATTR_RO(state);

static ssize_t framework_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return emit_version(buf, read_link(dev).framework);
}
static DEVICE_ATTR_RO(framework_version);

static ssize_t message_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return emit_version(buf, read_link(dev).message);
}
static DEVICE_ATTR_RO(message_version);

static ssize_t last_status_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);
	u32 status;

	spin_lock_bh(&chan->lock);
	status = chan->last_status;
	spin_unlock_bh(&chan->lock);
	return sysfs_emit(buf, "0x%08x\n", status);
}
static DEVICE_ATTR_RO(last_status);

#define COUNTER_ATTR(name)							\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr,	\
			   char *buf)						\
{										\
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);				\
	u64 count;								\
										\
	spin_lock_bh(&chan->lock);						\
	count = chan->counters.name;						\
	spin_unlock_bh(&chan->lock);						\
	return sysfs_emit(buf, "%llu\n", count);				\
}										\
static DEVICE_ATTR_RO(name)

COUNTER_ATTR(offers);
COUNTER_ATTR(requests);
COUNTER_ATTR(refused);
COUNTER_ATTR(dropped);
COUNTER_ATTR(send_errors);

static struct attribute *attributes[] = {
	&dev_attr_service.attr,
	&dev_attr_state.attr,
	&dev_attr_framework_version.attr,
	&dev_attr_message_version.attr,
	&dev_attr_last_status.attr,
	&dev_attr_offers.attr,
	&dev_attr_requests.attr,
	&dev_attr_refused.attr,
	&dev_attr_dropped.attr,
	&dev_attr_send_errors.attr,
	NULL
};

static const struct attribute_group group = {
	.name	= "ic",
	.attrs	= attributes,
};

/**
 * hv_ics_sysfs_add() - Show the service's directory.
 * @chan: the channel, already the device's driver data
 *
 * Context: may sleep.
 * Return: 0, or the errno of sysfs.
 */
int hv_ics_sysfs_add(struct hv_ics_chan *chan)
{
	const struct attribute_group *more = chan->service->attributes;
	struct kobject *kobj = &hv_ics_chan_dev(chan)->kobj;
	int err;

	err = sysfs_create_group(kobj, &group);
	if (err || !more)
		return err;
	err = sysfs_merge_group(kobj, more);
	if (err)
		sysfs_remove_group(kobj, &group);
	return err;
}

/**
 * hv_ics_sysfs_remove() - Take the service's directory away.
 * @chan: the channel
 *
 * Context: may sleep; waits for readers and writers that are inside.
 */
void hv_ics_sysfs_remove(struct hv_ics_chan *chan)
{
	struct kobject *kobj = &hv_ics_chan_dev(chan)->kobj;

	if (chan->service->attributes)
		sysfs_unmerge_group(kobj, chan->service->attributes);
	sysfs_remove_group(kobj, &group);
}
