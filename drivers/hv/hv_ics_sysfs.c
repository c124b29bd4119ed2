// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every service shows of itself, in /sys/bus/vmbus/devices/GUID/ic/.
 * Documented in Documentation/sysfs.rst.
 */
#include "hv_ics_sysfs.h"

/* A version as text, which the caller keeps; "none" before there is one. */
static const char *version_text(u32 version, char text[16])
{
	if (!version)
		return "none";
	snprintf(text, 16, "%u.%u", HVIC_VERSION_MAJOR(version), HVIC_VERSION_MINOR(version));
	return text;
}

HV_ICS_ATTR_RO(service, void, "%s", chan->service->name);
HV_ICS_ATTR_RO(state, void, "%s", hvic_link_state_name(chan->link.state));
HV_ICS_ATTR_RO(framework_version, void, "%s", version_text(chan->link.framework, (char[16]) {}));
HV_ICS_ATTR_RO(message_version, void, "%s", version_text(chan->link.message, (char[16]) {}));
HV_ICS_ATTR_RO(last_status, void, "0x%08x", chan->last_status);
HV_ICS_ATTR_RO(offers, void, "%llu", chan->counters.offers);
HV_ICS_ATTR_RO(requests, void, "%llu", chan->counters.requests);
HV_ICS_ATTR_RO(refused, void, "%llu", chan->counters.refused);
HV_ICS_ATTR_RO(dropped, void, "%llu", chan->counters.dropped);
HV_ICS_ATTR_RO(send_errors, void, "%llu", chan->counters.send_errors);
HV_ICS_ATTR_RO(forgotten, void, "%llu", chan->counters.forgotten);

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
	&dev_attr_forgotten.attr,
	NULL
};

static const struct attribute_group group = {
	.name	= "ic",
	.attrs	= attributes,
};

static int merge(struct kobject *kobj, const struct attribute_group *more)
{
	return more ? sysfs_merge_group(kobj, more) : 0;
}

static void unmerge(struct kobject *kobj, const struct attribute_group *more)
{
	if (more)
		sysfs_unmerge_group(kobj, more);
}

/**
 * hv_ics_sysfs_add() - Show the service's directory.
 * @chan: the channel, already the device's driver data
 *
 * Context: may sleep.
 * Return: 0, or the errno of sysfs.
 */
int hv_ics_sysfs_add(struct hv_ics_chan *chan)
{
	const struct hv_ics_service *service = chan->service;
	struct kobject *kobj = &hv_ics_chan_dev(chan)->kobj;
	int err;

	err = sysfs_create_group(kobj, &group);
	if (err)
		return err;
	err = merge(kobj, service->attributes);
	if (err)
		goto remove;
	err = merge(kobj, service->more_attributes);
	if (err)
		goto undo;
	return 0;

undo:
	unmerge(kobj, service->attributes);
remove:
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
	const struct hv_ics_service *service = chan->service;
	struct kobject *kobj = &hv_ics_chan_dev(chan)->kobj;

	unmerge(kobj, service->more_attributes);
	unmerge(kobj, service->attributes);
	sysfs_remove_group(kobj, &group);
}
