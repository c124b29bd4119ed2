// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channel -> core -> channel: the one file that calls vmbus_*().
 *
 * Most happens in the channel's callback, which never runs twice at a time: a
 * packet is received, judged by the core, served and sent back. What takes longer
 * is deferred: a copy of the packet is answered later, unless the host has
 * forgotten it by then.
 */
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

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

/* Returns whether the request has become its answer. */
static bool serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	int err;

	chan->counters.requests++;
	trace_hv_ic_request(chan->service->type, msg->hdr->transaction, chan->len);
	err = chan->service->serve(chan, msg);
	if (err == HV_ICS_LATER)
		return false;
	if (err)
		refuse(chan, "a request", err);
	hvic_msg_answer(msg, hvic_status(err));
	return true;
}

/* An offer, match or not: the host waits for no answer any more but this one's. */
static void restarted(struct hv_ics_chan *chan)
{
	chan->epoch++;
	if (chan->service->restarted)
		chan->service->restarted(chan);
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
static bool handle(struct hv_ics_chan *chan)
{
	const struct hv_ics_service *service = chan->service;
	enum hvic_verdict verdict;
	struct hvic_msg msg;
	int err;

	lockdep_assert_held(&chan->lock);
	verdict = hvic_link_receive(&chan->link, service->type, service->versions,
				    &msg, chan->buf, chan->len, &err);
	switch (verdict) {
	case HVIC_DROP:
		drop(chan, chan->len, err);
		return false;
	case HVIC_NEGOTIATED:
		restarted(chan);
		negotiated(chan);
		break;
	case HVIC_REFUSED:
		if (msg.hdr->type == cpu_to_le16(HVIC_TYPE_NEGOTIATE)) {
			restarted(chan);
			trace_hv_ic_negotiate(service->type, 0, 0, err);
		}
		refuse(chan, err == -EPROTONOSUPPORT ? "all versions offered" : "a message", err);
		break;
	case HVIC_SERVE:
		if (!serve(chan, &msg))
			return false;
		break;
	}
	chan->last_status = le32_to_cpu(msg.hdr->status);
	return true;
}

/* A host that does not say when there is room would never be answered again. */
static bool host_tells_of_room(struct vmbus_channel *channel)
{
	return channel->inbound.ring_buffer->feature_bits.feat_pending_send_sz;
}

/*
 * As long as it came, which every host takes; all of it is the host's own. When
 * there is no room (-EAGAIN), the host has been asked to interrupt when there is.
 */
static int send(struct hv_ics_chan *chan, void *bytes, u32 len, u64 id)
{
	const struct hvic_hdr *hdr = bytes + sizeof(struct hvic_pipe_hdr);
	struct vmbus_channel *channel = chan->device->channel;
	int err;

	err = vmbus_sendpacket(channel, bytes, len, id, VM_PKT_DATA_INBAND, 0);
	if (err == -EAGAIN && host_tells_of_room(channel)) {
		set_channel_pending_send_size(channel, sizeof(struct vmpacket_descriptor) +
					      ALIGN(len, 8) + HV_ICS_TRAILER);
		virt_mb();	/* it may have read before it could see that */
		err = vmbus_sendpacket(channel, bytes, len, id, VM_PKT_DATA_INBAND, 0);
		if (err == -EAGAIN)
			return err;
	}
	trace_hv_ic_reply(chan->service->type, hdr->transaction, le32_to_cpu(hdr->status), err);
	return err == -EAGAIN ? -ENOBUFS : err;
}

static void not_sent(struct hv_ics_chan *chan, int err)
{
	lockdep_assert_held(&chan->lock);
	chan->counters.send_errors++;
	dev_warn_ratelimited(hv_ics_chan_dev(chan), "%s: could not send an answer (%d)\n",
			     chan->service->name, err);
}

/* Sends what is in the buffer; returns whether it is done with. */
static bool answer(struct hv_ics_chan *chan)
{
	int err = send(chan, chan->buf, chan->len, chan->id);

	if (err && err != -EAGAIN) {
		spin_lock(&chan->lock);
		not_sent(chan, err);
		spin_unlock(&chan->lock);
	}
	return err != -EAGAIN;
}

/* Sends a deferred answer; returns whether it is done with. */
static bool deliver(struct hv_ics_chan *chan, struct hv_ics_packet *packet)
{
	int err;

	lockdep_assert_held(&chan->lock);
	if (!chan->open || packet->epoch != chan->epoch) {
		/* an answer to what the host has forgotten would confuse it */
		chan->counters.forgotten++;
	} else {
		/* under the lock: the rings must not go, nor the host begin anew, meanwhile */
		err = send(chan, packet->bytes, packet->len, packet->id);
		if (err == -EAGAIN)
			return false;
		if (err)
			not_sent(chan, err);
		chan->last_status = le32_to_cpu(packet->msg.hdr->status);
	}
	chan->deferred--;
	return true;
}

/* Those that found no room before. */
static void deliver_unsent(struct hv_ics_chan *chan)
{
	struct hv_ics_packet *packet, *next;

	list_for_each_entry_safe(packet, next, &chan->unsent, list) {
		if (!deliver(chan, packet))
			return;
		list_del(&packet->list);
		kfree(packet);
	}
}

/* Takes the next packet off the ring; returns whether there was one. */
static bool take(struct hv_ics_chan *chan)
{
	struct vmbus_channel *channel = chan->device->channel;
	u32 place = channel->inbound.priv_read_index;
	int err;

	err = vmbus_recvpacket(channel, chan->buf, HV_ICS_PACKET, &chan->len, &chan->id);
	if (err) {
		dev_err_ratelimited(hv_ics_chan_dev(chan), "%s: could not receive (%d)\n",
				    chan->service->name, err);
		return false;
	}
	/* a packet without a payload looks like none, but for the place in the ring */
	return chan->len || channel->inbound.priv_read_index != place;
}

/*
 * While there is no room for an answer, nothing is taken that could want another:
 * then the host's own ring fills up, and it stops sending.
 *
 * Context: softirq.
 */
static void hv_ics_chan_receive(void *context)
{
	struct hv_ics_chan *chan = context;
	unsigned int budget;

	spin_lock(&chan->lock);
	deliver_unsent(chan);
	spin_unlock(&chan->lock);
	for (budget = HV_ICS_BUDGET; budget; budget--) {
		if (chan->held && !answer(chan))
			return;
		chan->held = false;
		if (!take(chan))
			return;
		spin_lock(&chan->lock);
		chan->held = handle(chan);
		spin_unlock(&chan->lock);
	}
	/* the host signals an empty ring only, so nobody else would call again */
	tasklet_schedule(&chan->device->channel->callback_event);
}

/**
 * hv_ics_chan_defer() - Keep the request that is being served, to answer it later.
 * @chan: the channel
 *
 * The packet is the caller's until hv_ics_chan_answer() or hv_ics_chan_refuse()
 * takes it back, of which one must be called.
 *
 * Context: of serve().
 * Return: a copy; -EBUSY when too many are kept, or -ENOMEM, as an ERR_PTR().
 */
struct hv_ics_packet *hv_ics_chan_defer(struct hv_ics_chan *chan)
{
	struct hv_ics_packet *packet;
	int err;

	lockdep_assert_held(&chan->lock);
	if (chan->deferred >= HV_ICS_DEFERRED_MAX)
		return ERR_PTR(-EBUSY);
	packet = kmalloc(struct_size(packet, bytes, chan->len), GFP_ATOMIC | __GFP_NOWARN);
	if (!packet)
		return ERR_PTR(-ENOMEM);

	memcpy(packet->bytes, chan->buf, chan->len);
	err = hvic_msg_open(&packet->msg, packet->bytes, chan->len);
	if (err) {		/* not the second time, but nobody need believe that */
		kfree(packet);
		return ERR_PTR(err);
	}
	packet->version = chan->link.message;
	packet->epoch = chan->epoch;
	packet->serial = chan->serial;
	packet->id = chan->id;
	packet->len = chan->len;
	chan->deferred++;
	return packet;
}

static void answer_deferred(struct hv_ics_chan *chan, struct hv_ics_packet *packet, u32 status)
{
	hvic_msg_answer(&packet->msg, status);
	if (chan->service->answered)
		chan->service->answered(chan, packet);
	if (deliver(chan, packet))
		kfree(packet);
	else
		list_add_tail(&packet->list, &chan->unsent);
}

/**
 * hv_ics_chan_answer() - Answer a request that was kept.
 * @chan: the channel
 * @packet: the request with the body of the answer; is the channel's again
 * @status: an HVIC_STATUS_*
 *
 * Nothing is sent when the host has forgotten it, or the channel is closed.
 *
 * Context: process; may be called on a closed channel.
 */
void hv_ics_chan_answer(struct hv_ics_chan *chan, struct hv_ics_packet *packet, u32 status)
{
	spin_lock_bh(&chan->lock);
	answer_deferred(chan, packet, status);
	spin_unlock_bh(&chan->lock);
}

/**
 * hv_ics_chan_refuse() - Answer a request that was kept with a refusal.
 * @chan: the channel
 * @packet: the request; is the channel's again
 * @err: why, a negative errno
 *
 * Context: as of hv_ics_chan_answer().
 */
void hv_ics_chan_refuse(struct hv_ics_chan *chan, struct hv_ics_packet *packet, int err)
{
	spin_lock_bh(&chan->lock);
	refuse(chan, "a request", err);
	answer_deferred(chan, packet, hvic_status(err));
	spin_unlock_bh(&chan->lock);
}

/* A daemon that knows the device from before may wait for it. */
static void tell_of_open(struct hv_ics_chan *chan)
{
	char *env[] = { "EVENT=open", NULL };

	kobject_uevent_env(&hv_ics_chan_dev(chan)->kobj, KOBJ_CHANGE, env);
}

static void open_late(struct work_struct *work)
{
	struct hv_ics_chan *chan = container_of(work, struct hv_ics_chan, opening);
	const struct vmbus_channel *channel = chan->device->channel;
	int err;

	if (channel->rescind)
		return;
	err = hv_ics_chan_open(chan);
	/* a host that has taken the service back by now needs no words for it */
	if (!err)
		tell_of_open(chan);
	else if (!channel->rescind)
		dev_err(hv_ics_chan_dev(chan),
			"%s: could not open the channel (%d): bind the driver anew to try again\n",
			chan->service->name, err);
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
	INIT_LIST_HEAD(&chan->unsent);
	INIT_WORK(&chan->opening, open_late);
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
	chan->held = false;
	chan->epoch++;
	spin_unlock_bh(&chan->lock);
	if (chan->service->opening)
		chan->service->opening(chan);

	err = vmbus_open(chan->device->channel, HV_ICS_RING, HV_ICS_RING, NULL, 0,
			 hv_ics_chan_receive, chan);
	spin_lock_bh(&chan->lock);
	chan->open = !err;
	if (err)
		hvic_link_close(&chan->link);
	spin_unlock_bh(&chan->lock);
	if (!err && chan->service->opened)
		chan->service->opened(chan);
	return err;
}

/**
 * hv_ics_chan_open_later() - Have the channel opened, and do not wait for the host.
 * @chan: a closed channel
 *
 * When it is open, the device emits a uevent with EVENT=open.  A channel that cannot be
 * opened stays closed, as sysfs and the log say.
 *
 * Context: may sleep.
 */
void hv_ics_chan_open_later(struct hv_ics_chan *chan)
{
	queue_work(system_long_wq, &chan->opening);
}

/**
 * hv_ics_chan_close() - Close the channel and end the service's work.
 * @chan: a channel that was opened, or was to be
 *
 * First what feeds the service, then the service: nothing can queue work any
 * more when that work is waited for.
 *
 * Context: may sleep.
 */
void hv_ics_chan_close(struct hv_ics_chan *chan)
{
	bool open;

	/* opened first, if it is not: a driver that comes and goes is one to the host, too */
	flush_work(&chan->opening);
	spin_lock_bh(&chan->lock);
	open = chan->open;
	chan->open = false;	/* whoever sends outside of the callback is done, or will not */
	spin_unlock_bh(&chan->lock);
	if (!open)
		return;
	vmbus_close(chan->device->channel);
	spin_lock_bh(&chan->lock);
	deliver_unsent(chan);		/* that is, nowhere */
	hvic_link_close(&chan->link);
	spin_unlock_bh(&chan->lock);
	if (chan->service->closed)
		chan->service->closed(chan);
}
