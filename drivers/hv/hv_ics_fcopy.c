// SPDX-License-Identifier: GPL-2.0-only
/*
 * File copy: hv_fcopy_daemon finds the place for a file, and writes it unless it has
 * handed the open file to us (hv_ics_copy.c).
 */
#include <linux/err.h>

#include <hv/hvic_limits.h>
#include <hv/hvic_service.h>

#include "hv_ics_copy.h"
#include "hv_ics_relay.h"
#include "hv_ics_sysfs.h"

static struct hv_ics_copy *copy_of(struct hv_ics_chan *chan)
{
	return hv_ics_relay_own(chan);
}

static unsigned int fcopy_timeout(const struct hvic_msg *msg)
{
	return HVIC_LIMIT_FCOPY_SECS;
}

static int fcopy_greet(const void *written, void *greeting)
{
	return hvic_fcopy_register(written, greeting);
}

static int fcopy_forward(void *own, const struct hvic_msg *msg, u32 version, void *request)
{
	return hvic_fcopy_forward(msg, request);
}

static u32 fcopy_answer(void *own, const struct hvic_msg *msg, u32 version, const void *reply)
{
	u32 status = *(const u32 *)reply;
	int operation = hvic_fcopy_operation(msg);

	/* it is not begun, or it is over: the daemon knows */
	if (status != HVIC_STATUS_OK || operation >= HVIC_FCOPY_COMPLETE)
		hv_ics_copy_drop(own, 0);
	return status;
}

static void fcopy_lost(void *own)
{
	hv_ics_copy_drop(own, -EPIPE);
}

static const struct hv_ics_relay_service fcopy_relay = {
	.device		= { .name = HVIC_DEVICE_FCOPY, .write_len = sizeof(u32), .exact = true },
	.request_len	= sizeof(struct hvic_user_fcopy_write),
	.impatient	= true,
	.timeout	= fcopy_timeout,
	.greet		= fcopy_greet,
	.forward	= fcopy_forward,
	.answer		= fcopy_answer,
	.lost		= fcopy_lost,
};

static int fcopy_create(struct hv_ics_chan *chan)
{
	struct hv_ics_copy *copy = hv_ics_copy_create(chan);
	int err;

	if (!copy)
		return -ENOMEM;
	err = hv_ics_relay_create(chan, &fcopy_relay, copy, &copy->ioctls);
	if (err)
		hv_ics_copy_destroy(copy);
	return err;
}

static void fcopy_destroy(struct hv_ics_chan *chan)
{
	struct hv_ics_copy *copy = copy_of(chan);

	hv_ics_relay_destroy(chan);
	hv_ics_copy_destroy(copy);
}

static void fcopy_restarted(struct hv_ics_chan *chan)
{
	hvic_copy_forget(&copy_of(chan)->copy);
	hv_ics_relay_restarted(chan);
}

static void fcopy_closed(struct hv_ics_chan *chan)
{
	spin_lock_bh(&chan->lock);
	hvic_copy_forget(&copy_of(chan)->copy);
	spin_unlock_bh(&chan->lock);
	hv_ics_relay_closed(chan);
}

static int piece_serve(struct hv_ics_chan *chan, struct hv_ics_copy *copy)
{
	struct hv_ics_packet *packet = hv_ics_chan_defer(chan);

	if (IS_ERR(packet))
		return PTR_ERR(packet);
	hv_ics_copy_add(copy, packet);
	return HV_ICS_LATER;
}

static int fcopy_serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	struct hv_ics_copy *copy = copy_of(chan);
	int err = hvic_copy_admit(&copy->copy, msg, hv_ics_copy_now());

	if (err) {
		/* if that was its end, the daemon is to know */
		hv_ics_copy_kick(copy);
		return err;
	}
	chan->serial = copy->copy.serial;
	if (copy->file && hvic_fcopy_operation(msg) == HVIC_FCOPY_WRITE)
		err = piece_serve(chan, copy);
	else
		err = hv_ics_relay_serve(chan, msg);
	if (err < 0)
		hvic_copy_settle(&copy->copy, copy->copy.serial, msg, hvic_status(err));
	return err;
}

static void fcopy_answered(struct hv_ics_chan *chan, const struct hv_ics_packet *packet)
{
	hvic_copy_settle(&copy_of(chan)->copy, packet->serial, &packet->msg,
			 le32_to_cpu(packet->msg.hdr->status));
}

HV_ICS_ATTR_RO(copy, void, "%s", hvic_copy_word(&copy_of(chan)->copy));
HV_ICS_ATTR_RO(size, void, "%llu", copy_of(chan)->copy.size);
HV_ICS_ATTR_RO(reached, void, "%llu", copy_of(chan)->copy.reached);
HV_ICS_ATTR_RO(writer, void, "%s", copy_of(chan)->file ? "module" : "daemon");

static struct attribute *attributes[] = {
	&dev_attr_copy.attr,
	&dev_attr_size.attr,
	&dev_attr_reached.attr,
	&dev_attr_writer.attr,
	NULL
};

static const struct attribute_group fcopy_group = {
	.name	= "ic",
	.attrs	= attributes,
};

const struct hv_ics_service hv_ics_fcopy_service = {
	.name		= "fcopy",
	.type		= HVIC_TYPE_FCOPY,
	.versions	= &hvic_fcopy_versions,
	.create		= fcopy_create,
	.destroy	= fcopy_destroy,
	.opened		= hv_ics_relay_opened,
	.restarted	= fcopy_restarted,
	.closed		= fcopy_closed,
	.serve		= fcopy_serve,
	.answered	= fcopy_answered,
	.attributes	= &hv_ics_relay_group,
	.more_attributes = &fcopy_group,
};
