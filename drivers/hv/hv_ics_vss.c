// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backup: hv_vss_daemon says what is to be frozen, and has the module hold it. A daemon
 * that freezes by itself is served as well; what it holds, the module cannot know.
 */
#include <hv/hvic_service.h>

#include "hv_ics_vss_freeze.h"
#include "hv_ics_relay.h"
#include "ic/hvic_vss.h"

static int vss_greet(const void *written, void *greeting)
{
	return hvic_vss_register(written, greeting) ?: sizeof(u32);
}

static bool vss_registers(const void *written)
{
	return hvic_vss_is_registration(written);
}

static u8 operation_of(const struct hvic_msg *msg)
{
	const struct hvic_vss_hdr *hdr = msg->body;	/* else it had not been forwarded */

	return hdr->operation;
}

static int vss_forward(void *own, const struct hvic_msg *msg, u32 version, void *request)
{
	int err = hvic_vss_forward(msg, request);

	if (err)
		return err;
	if (operation_of(msg) == HVIC_VSS_FREEZE)
		hv_ics_vss_freeze_begin(own);
	return sizeof(struct hvic_user_vss);
}

/* A daemon that says that it is done must be, whatever it has forgotten. */
static u32 vss_answer(void *own, const struct hvic_msg *msg, u32 version, const void *reply)
{
	u32 status = hvic_vss_answer(msg, reply, hv_ics_vss_freeze_is_awake(own));

	if (operation_of(msg) == HVIC_VSS_THAW ||
	    (operation_of(msg) == HVIC_VSS_FREEZE && status))
		hv_ics_vss_freeze_end(own);
	return status;
}

static void vss_lost(void *own)
{
	hv_ics_vss_freeze_end(own);
}

static const struct hv_ics_relay_service vss_relay = {
	.device		= {
		.name		= HVIC_DEVICE_VSS,
		.write_len	= sizeof(struct hvic_user_vss),
		.exact		= true,
	},
	.request_len	= sizeof(struct hvic_user_vss),
	.impatient	= true,
	.timeout	= hvic_vss_timeout,
	.registers	= vss_registers,
	.greet		= vss_greet,
	.forward	= vss_forward,
	.answer		= vss_answer,
	.lost		= vss_lost,
};

static int vss_create(struct hv_ics_chan *chan)
{
	struct hv_ics_vss_freeze *freeze = hv_ics_vss_freeze_create();
	int err;

	if (!freeze)
		return -ENOMEM;
	err = hv_ics_relay_create(chan, &vss_relay, freeze, hv_ics_vss_freeze_ioctls(freeze));
	if (err)
		hv_ics_vss_freeze_destroy(freeze);
	return err;
}

static void vss_destroy(struct hv_ics_chan *chan)
{
	struct hv_ics_vss_freeze *freeze = hv_ics_relay_own(chan);

	/* the daemon can ask for more until its device is gone */
	hv_ics_relay_destroy(chan);
	hv_ics_vss_freeze_destroy(freeze);
}

/* The host cannot have it thawed any more. */
static void vss_closed(struct hv_ics_chan *chan)
{
	hv_ics_relay_closed(chan);
	hv_ics_vss_freeze_wait(hv_ics_relay_own(chan));
}

static int vss_serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	int served = hvic_vss_serve(msg, chan->link.message);

	return served == HVIC_VSS_FORWARD ? hv_ics_relay_serve(chan, msg) : served;
}

/* Defines dev_attr_NAME, which shows a field of struct hv_ics_vss_freeze_count. */
#define VSS_ATTR_RO(name, format)							\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr,		\
			   char *buf)							\
{											\
	return sysfs_emit(buf, format "\n",						\
			  hv_ics_vss_freeze_count(hv_ics_relay_own(hv_ics_chan_of(dev))).name); \
}											\
static DEVICE_ATTR_RO(name)

VSS_ATTR_RO(frozen, "%u");
VSS_ATTR_RO(frozen_ms, "%u");
VSS_ATTR_RO(freezes, "%llu");
VSS_ATTR_RO(failures, "%llu");
VSS_ATTR_RO(self_thaws, "%llu");

static struct attribute *vss_attributes[] = {
	&dev_attr_frozen.attr,
	&dev_attr_frozen_ms.attr,
	&dev_attr_freezes.attr,
	&dev_attr_failures.attr,
	&dev_attr_self_thaws.attr,
	NULL
};

static const struct attribute_group vss_group = {
	.name	= "ic",
	.attrs	= vss_attributes,
};

const struct hv_ics_service hv_ics_vss_service = {
	.name		= "vss",
	.type		= HVIC_TYPE_VSS,
	.versions	= &hvic_vss_versions,
	.create		= vss_create,
	.destroy	= vss_destroy,
	.opened		= hv_ics_relay_opened,
	.restarted	= hv_ics_relay_restarted,
	.closed		= vss_closed,
	.serve		= vss_serve,
	.attributes	= &hv_ics_relay_group,
	.more_attributes = &vss_group,
};
