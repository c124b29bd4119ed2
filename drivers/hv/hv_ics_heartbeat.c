// SPDX-License-Identifier: GPL-2.0-only
/* Heartbeat: answers the host's count and says how the applications are. */

#include <linux/hyperv.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "hv_ics_sysfs.h"
#include "ic/hvic_heartbeat.h"

/**
 * struct heartbeat - a heartbeat service
 * @set: whether user space has set @state; it tells the truth until it says
 *	something else
 * @state: what it has been set to
 * @sequence: the last number that went to the host
 */
struct heartbeat {
	bool set;
	enum hvic_application_state state;
	u64 sequence;
};

/* Nobody has said anything: as much as the kernel itself knows. */
static enum hvic_application_state default_state(void)
{
	if (system_state < SYSTEM_RUNNING)
		return HVIC_APPLICATION_UNKNOWN;
	if (system_state == SYSTEM_HALT || system_state == SYSTEM_POWER_OFF ||
	    system_state == SYSTEM_RESTART)
		return HVIC_APPLICATION_STOPPED;
	return HVIC_APPLICATION_HEALTHY;
}

static enum hvic_application_state heartbeat_state(const struct heartbeat *heartbeat)
{
	return heartbeat->set ? heartbeat->state : default_state();
}

static int heartbeat_serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	struct heartbeat *heartbeat = chan->service_data;

	return hvic_heartbeat(msg, heartbeat_state(heartbeat), &heartbeat->sequence);
}

static int heartbeat_create(struct hv_ics_chan *chan)
{
	struct heartbeat *heartbeat = kzalloc(sizeof(*heartbeat), GFP_KERNEL);

	chan->service_data = heartbeat;
	return heartbeat ? 0 : -ENOMEM;
}

static void heartbeat_destroy(struct hv_ics_chan *chan)
{
	kfree(chan->service_data);
}

static ssize_t application_state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);
	enum hvic_application_state state;

	spin_lock_bh(&chan->lock);
	state = heartbeat_state(chan->service_data);
	spin_unlock_bh(&chan->lock);
	return sysfs_emit(buf, "%s\n", hvic_application_state_name(state));
}

static ssize_t application_state_store(struct device *dev, struct device_attribute *attr,
				       const char *buf, size_t len)
{
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);
	struct heartbeat *heartbeat = chan->service_data;
	bool set = !sysfs_streq(buf, "auto");
	int state = 0;
	char word[16];

	if (set) {
		if (strscpy(word, buf, sizeof(word)) < 0)
			return -EINVAL;
		state = hvic_application_state_parse(strim(word));
		if (state < 0)
			return state;
	}
	spin_lock_bh(&chan->lock);
	heartbeat->set = set;
	heartbeat->state = state;
	spin_unlock_bh(&chan->lock);
	return len;
}
static DEVICE_ATTR_RW(application_state);

HV_ICS_ATTR_RO(sequence, struct heartbeat, "%llu", own->sequence);

static struct attribute *heartbeat_attributes[] = {
	&dev_attr_application_state.attr,
	&dev_attr_sequence.attr,
	NULL
};

static const struct attribute_group heartbeat_group = {
	.name	= "ic",
	.attrs	= heartbeat_attributes,
};

/* Answered in the callback: it is what tells the host that the guest lives. */
const struct hv_ics_service hv_ics_heartbeat_service = {
	.name		= "heartbeat",
	.type		= HVIC_TYPE_HEARTBEAT,
	.versions	= &hvic_heartbeat_versions,
	.create		= heartbeat_create,
	.destroy	= heartbeat_destroy,
	.serve		= heartbeat_serve,
	.attributes	= &heartbeat_group,
};
