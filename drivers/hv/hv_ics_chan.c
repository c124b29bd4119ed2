// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channel -> core -> channel: the one file that calls vmbus_*().
 *
 * Everything happens in the channel's callback, which never runs twice at a
 * time: a packet is received, judged by the core, served and sent back.
 */
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "hv_ics_chan.h"

#define CREATE_TRACE_POINTS
#include "hv_ics_trace.h"

/* Bytes that follow each packet in a ring. */
#define HV_ICS_TRAILER	sizeof(u64)

/*
 * Room for the longest legal message both ways.  The receive buffer takes the
 * longest packet that fits into the ring: the VMBus core cuts what is longer,
 * and then loses its place.  It must not be a byte longer, though: the core
 * believes the host's write index, goes on by as much as the buffer takes and
 * what is behind each packet, and lets its place wrap but once.  From a place
 * behind the ring's end it reads beyond the ring's mapping.
 */
#define HV_ICS_RING	VMBUS_RING_SIZE(HVIC_PIPE_MAX)
#define HV_ICS_PACKET	(HV_ICS_RING - sizeof(struct hv_ring_buffer) - HV_ICS_TRAILER)

/* Packets served in one go; then others get the processor for a moment. */
#define HV_ICS_BUDGET	64

/**
 * hv_ics_chan_dev() - The device to speak of in the log.
 * @chan: the channel
 *
 * Return: the device.
 */
struct device *hv_ics_chan_dev(struct hv_ics_chan *chan)
{
	return &chan->device->device;
}

/**
 * hv_ics_chan_of() - The channel of a device that is bound to this driver.
 * @dev: the device
 *
 * Return: the channel.
 */
struct hv_ics_chan *hv_ics_chan_of(struct device *dev)
{
	return hv_get_drvdata(device_to_hv_device(dev));
}

static void drop(struct hv_ics_chan *chan, u32 len, int err)
{
	chan->counters.dropped++;
	trace_hv_ic_drop(chan->service->type, len, err);
	dev_warn_ratelimited(hv_ics_chan_dev(chan),
			     "%s: dropped a malformed packet of %u bytes (%d)\n",
			     chan->service->name, len, err);
}

static void refuse(struct hv_ics_chan *chan, const char *what, int err)
{
	chan->counters.refused++;
	dev_warn_ratelimited(hv_ics_chan_dev(chan), "%s: refused %s (%d)\n",
			     chan->service->name, what, err);
}

static void serve(struct hv_ics_chan *chan, struct hvic_msg *msg, u32 len)
{
	int err;

	chan->counters.requests++;
	trace_hv_ic_request(chan->service->type, msg->hdr->transaction, len);
	err = chan->service->serve(chan, msg);
	if (err)
		refuse(chan, "a request", err);
	hvic_msg_answer(msg, hvic_status(err));
}

static void negotiated(struct hv_ics_chan *chan)
{
	const struct hvic_link *link = &chan->link;

	chan->counters.offers++;
	trace_hv_ic_negotiate(chan->service->type, link->framework, link->message, 0);
	/* a host may negotiate as often as it likes, but not fill the log with it */
	dev_info_ratelimited(hv_ics_chan_dev(chan), "%s: version %u.%u, framework %u.%u\n",
			     chan->service->name,
			     HVIC_VERSION_MAJOR(link->message), HVIC_VERSION_MINOR(link->message),
			     HVIC_VERSION_MAJOR(link->framework),
			     HVIC_VERSION_MINOR(link->framework));
}

/* Whether what is in the buffer is now an answer, to be sent. */
static bool handle(struct hv_ics_chan *chan, u32 len)
{
	const struct hv_ics_service *service = chan->service;
	enum hvic_verdict verdict;
	struct hvic_msg msg;
	int err;

	lockdep_assert_held(&chan->lock);
	verdict = hvic_link_receive(&chan->link, service->type, service->versions,
				    &msg, chan->buf, len, &err);
	switch (verdict) {
	case HVIC_DROP:
		drop(chan, len, err);
		return false;
	case HVIC_NEGOTIATED:
		negotiated(chan);
		break;
	case HVIC_REFUSED:
		if (msg.hdr->type == cpu_to_le16(HVIC_TYPE_NEGOTIATE))
			trace_hv_ic_negotiate(service->type, 0, 0, err);
		refuse(chan, err == -EPROTONOSUPPORT ? "all versions offered" : "a message", err);
		break;
	case HVIC_SERVE:
		serve(chan, &msg, len);
		break;
	}
	chan->last_status = le32_to_cpu(msg.hdr->status);
	return true;
}

static void send(struct hv_ics_chan *chan, u32 len, u64 id)
{
	const struct hvic_hdr *hdr = (void *)(chan->buf + sizeof(struct hvic_pipe_hdr));
	int err;

	/* as long as it came, which every host takes; all of it is the host's own */
	err = vmbus_sendpacket(chan->device->channel, chan->buf, len, id, VM_PKT_DATA_INBAND, 0);
	trace_hv_ic_reply(chan->service->type, hdr->transaction, le32_to_cpu(hdr->status), err);
	if (!err)
		return;

	spin_lock(&chan->lock);
	chan->counters.send_errors++;
	spin_unlock(&chan->lock);
	dev_warn_ratelimited(hv_ics_chan_dev(chan), "%s: could not send an answer (%d)\n",
			     chan->service->name, err);
}

/* Takes the next packet off the ring; returns whether there was one. */
static bool take(struct hv_ics_chan *chan, u32 *len, u64 *id)
{
	struct vmbus_channel *channel = chan->device->channel;
	u32 place = channel->inbound.priv_read_index;
	int err;

	err = vmbus_recvpacket(channel, chan->buf, HV_ICS_PACKET, len, id);
	if (err) {
		dev_err_ratelimited(hv_ics_chan_dev(chan), "%s: could not receive (%d)\n",
				    chan->service->name, err);
		return false;
	}
	/* a packet without a payload looks like none, but for the place in the ring */
	return *len || channel->inbound.priv_read_index != place;
}

/* Context: softirq. */
static void hv_ics_chan_receive(void *context)
{
	struct hv_ics_chan *chan = context;
	unsigned int budget;
	bool answer;
	u32 len;
	u64 id;

	for (budget = HV_ICS_BUDGET; budget; budget--) {
		if (!take(chan, &len, &id))
			return;
		spin_lock(&chan->lock);
		answer = handle(chan, len);
		spin_unlock(&chan->lock);
		if (answer)
			send(chan, len, id);
	}
	/* the host signals an empty ring only, so nobody else would call again */
	tasklet_schedule(&chan->device->channel->callback_event);
}

/**
 * hv_ics_chan_create() - Set up a service on a VMBus device.
 * @device: the device
 * @service: the service
 *
 * Context: may sleep. The channel is left closed.
 * Return: the channel, or an ERR_PTR() with the reason.
 */
struct hv_ics_chan *hv_ics_chan_create(struct hv_device *device,
				       const struct hv_ics_service *service)
{
	struct hv_ics_chan *chan = kzalloc(sizeof(*chan), GFP_KERNEL);
	int err = -ENOMEM;

	if (!chan)
		return ERR_PTR(-ENOMEM);
	chan->service = service;
	chan->device = device;
	spin_lock_init(&chan->lock);
	chan->buf = kzalloc(HV_ICS_PACKET, GFP_KERNEL);
	if (!chan->buf)
		goto free_chan;
	err = service->create(chan);
	if (err)
		goto free_buf;

	device->channel->max_pkt_size = HV_ICS_PACKET;
	set_channel_read_mode(device->channel, HV_CALL_DIRECT);
	return chan;

free_buf:
	kfree(chan->buf);
free_chan:
	kfree(chan);
	return ERR_PTR(err);
}

/**
 * hv_ics_chan_destroy() - Undo hv_ics_chan_create().
 * @chan: a closed channel
 *
 * Context: may sleep; waits for the service's work, never for a process.
 */
void hv_ics_chan_destroy(struct hv_ics_chan *chan)
{
	chan->service->destroy(chan);
	kfree(chan->buf);
	kfree(chan);
}

/**
 * hv_ics_chan_open() - Open the channel; the host then offers its versions.
 * @chan: a closed channel
 *
 * The callback may run before this returns.
 *
 * Context: may sleep.
 * Return: 0, or the errno of vmbus_open().
 */
int hv_ics_chan_open(struct hv_ics_chan *chan)
{
	int err;

	spin_lock_bh(&chan->lock);
	hvic_link_open(&chan->link);
	spin_unlock_bh(&chan->lock);
	if (chan->service->opening)
		chan->service->opening(chan);

	err = vmbus_open(chan->device->channel, HV_ICS_RING, HV_ICS_RING, NULL, 0,
			 hv_ics_chan_receive, chan);
	if (err) {
		spin_lock_bh(&chan->lock);
		hvic_link_close(&chan->link);
		spin_unlock_bh(&chan->lock);
	}
	return err;
}

/**
 * hv_ics_chan_close() - Close the channel and end the service's work.
 * @chan: an open channel
 *
 * First what feeds the service, then the service: nothing can queue work any
 * more when that work is waited for.
 *
 * Context: may sleep.
 */
void hv_ics_chan_close(struct hv_ics_chan *chan)
{
	vmbus_close(chan->device->channel);
	spin_lock_bh(&chan->lock);
	hvic_link_close(&chan->link);
	spin_unlock_bh(&chan->lock);
	if (chan->service->closed)
		chan->service->closed(chan);
}
