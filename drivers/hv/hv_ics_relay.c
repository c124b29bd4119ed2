// SPDX-License-Identifier: GPL-2.0-only
/*
 * What services with a daemon have in common: a request comes over the channel,
 * is read from the device, and the reply that is written there answers it.
 *
 *   callback: serve() -> inbox -> work: session -> device: read(), write() -> answer
 *
 * What may happen when is the core's to say (hvic_session); here is what has to be
 * locked, timed and woken for that. Every packet that enters the inbox leaves by
 * hv_ics_chan_answer() or hv_ics_chan_refuse(), which sends nothing to a host that
 * has forgotten it.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "hv_ics_relay.h"
#include "hv_ics_sysfs.h"
#include "hv_ics_trace.h"
#include "ic/hvic_session.h"

/**
 * struct relay_request - a request on its way to the daemon and back
 * @request: its place in the session
 * @packet: what came
 * @len: bytes in @message
 * @message: what the daemon reads
 */
struct relay_request {
	struct hvic_request request;
	struct hv_ics_packet *packet;
	size_t len;
	u8 message[] __aligned(8);
};

/**
 * struct relay - a service with a daemon
 * @service: which one
 * @chan: its channel
 * @own: the service's own
 * @inbox: packets that the work has not taken yet; guarded by &hv_ics_chan.lock
 * @wq: ordered, so that requests and expiry never overlap
 * @work: takes what is in @inbox
 * @expiry: ends requests whose time is up
 * @dev: its lock guards all below; inside of it, &hv_ics_chan.lock may be taken
 * @session: the daemon, and the requests for it
 * @armed: when @expiry comes, in jiffies; 0 while it does not
 * @epoch: &hv_ics_chan.epoch when the requests in @session came
 * @forwarded: requests that a daemon could read
 * @timeouts: requests whose time was up
 * @replies_refused: messages of a daemon that nobody waited for
 * @greeting: what a daemon reads that has registered
 */
struct relay {
	const struct hv_ics_relay_service *service;
	struct hv_ics_chan *chan;
	void *own;
	struct list_head inbox;
	struct workqueue_struct *wq;
	struct work_struct work;
	struct delayed_work expiry;

	struct hv_ics_dev *dev;
	struct hvic_session session;
	u64 armed;
	u64 epoch;
	u64 forwarded;
	u64 timeouts;
	u64 replies_refused;
	u8 greeting[] __aligned(8);
};

static struct relay_request *relay_request_of(const struct hvic_request *request)
{
	return container_of(request, struct relay_request, request);
}

static void relay_answer(struct relay *relay, struct hvic_request *ended, u32 status)
{
	struct relay_request *request = relay_request_of(ended);

	hv_ics_chan_answer(relay->chan, request->packet, status);
	kfree(request);
}

static void relay_refuse(struct relay *relay, struct hvic_request *ended, int err)
{
	struct relay_request *request = relay_request_of(ended);

	hv_ics_chan_refuse(relay->chan, request->packet, err);
	kfree(request);
}

static void relay_lost(struct relay *relay)
{
	if (relay->service->lost)
		relay->service->lost(relay->own);
}

/* The host has forgotten them all: none is sent. */
static void relay_forget(struct relay *relay)
{
	struct hvic_request *request;

	relay_lost(relay);
	while ((request = hvic_session_drop(&relay->session)))
		relay_answer(relay, request, HVIC_STATUS_FAIL);
}

/*
 * Only ever earlier: that a request has ended in time is no reason to touch the timer,
 * which finds nothing to do then, and to touch it costs more than all else here.
 */
static void relay_arm(struct relay *relay)
{
	const struct hvic_request *due = hvic_session_due(&relay->session);
	u64 now = get_jiffies_64();

	if (!due || (relay->armed && relay->armed <= due->expires))
		return;
	relay->armed = due->expires;
	mod_delayed_work(relay->wq, &relay->expiry, due->expires > now ? due->expires - now : 0);
}

/* Ends whatever changes the session: what it now wants read, and until when. */
static void relay_settle(struct relay *relay)
{
	struct hvic_request *offered = hvic_session_offer(&relay->session);
	struct relay_request *request;

	if (offered) {
		request = relay_request_of(offered);
		relay->forwarded++;
		trace_hv_ic_forward(relay->chan->service->type,
				    request->packet->msg.hdr->transaction,
				    hvic_session_count(&relay->session));
		hv_ics_dev_post(relay->dev, request->message, request->len);
	} else if (!hvic_session_has_mail(&relay->session)) {
		hv_ics_dev_withdraw(relay->dev);
	}
	relay_arm(relay);
}

static bool relay_has_daemon(const struct relay *relay)
{
	return relay->session.state >= HVIC_SESSION_GREETED;
}

static void relay_take(struct relay *relay, struct hv_ics_packet *packet)
{
	const struct hv_ics_relay_service *service = relay->service;
	struct relay_request *request;
	int len;

	if (service->impatient && !relay_has_daemon(relay)) {
		hv_ics_chan_refuse(relay->chan, packet, -ENOTCONN);
		return;
	}
	request = kmalloc(struct_size(request, message, service->request_len), GFP_KERNEL);
	len = request ? service->forward(relay->own, &packet->msg, packet->version,
					 request->message) : -ENOMEM;
	if (len < 0) {
		kfree(request);
		hv_ics_chan_refuse(relay->chan, packet, len);
		return;
	}
	request->packet = packet;
	request->len = len;
	hvic_session_add(&relay->session, &request->request,
			 get_jiffies_64() + (u64)service->timeout(&packet->msg) * HZ);
}

/* Takes the packets out of the inbox, if the channel is open. */
static bool relay_empty_inbox(struct relay *relay, struct list_head *packets, u64 *epoch)
{
	struct hv_ics_chan *chan = relay->chan;
	bool open;

	spin_lock_bh(&chan->lock);
	open = chan->open;
	*epoch = chan->epoch;
	if (open)
		list_splice_init(&relay->inbox, packets);
	spin_unlock_bh(&chan->lock);
	return open;
}

static void relay_work(struct work_struct *work)
{
	struct relay *relay = container_of(work, struct relay, work);
	struct hv_ics_packet *packet, *next;
	LIST_HEAD(packets);
	u64 epoch;

	hv_ics_dev_lock(relay->dev);
	if (relay_empty_inbox(relay, &packets, &epoch)) {
		if (epoch != relay->epoch)
			relay_forget(relay);
		relay->epoch = epoch;
		list_for_each_entry_safe(packet, next, &packets, list) {
			if (packet->epoch == epoch)
				relay_take(relay, packet);
			else
				hv_ics_chan_answer(relay->chan, packet, HVIC_STATUS_FAIL);
		}
		relay_settle(relay);
	}
	hv_ics_dev_unlock(relay->dev);
}

static void relay_expire(struct work_struct *work)
{
	struct relay *relay = container_of(to_delayed_work(work), struct relay, expiry);
	const struct hv_ics_packet *packet;
	struct hvic_request *request;
	const char *daemon;

	hv_ics_dev_lock(relay->dev);
	relay->armed = 0;
	for (;;) {
		daemon = hvic_session_daemon(&relay->session);
		request = hvic_session_expire(&relay->session, get_jiffies_64());
		if (!request)
			break;
		packet = relay_request_of(request)->packet;
		relay->timeouts++;
		trace_hv_ic_timeout(relay->chan->service->type, packet->msg.hdr->transaction,
				    daemon);
		relay_lost(relay);
		relay_refuse(relay, request, -ETIMEDOUT);
	}
	relay_settle(relay);
	hv_ics_dev_unlock(relay->dev);
}

/* What the daemon does, but for what it writes, has no answer for the host to get. */
static int relay_step(struct relay *relay, enum hvic_session_event event)
{
	struct hvic_request *ended;
	int err = hvic_session_step(&relay->session, event, &ended);

	if (ended)
		relay_refuse(relay, ended, -EPIPE);
	relay_settle(relay);
	return err;
}

static int relay_daemon_open(void *owner)
{
	return relay_step(owner, HVIC_ON_OPEN);
}

static void relay_daemon_close(void *owner)
{
	struct relay *relay = owner;
	struct hvic_request *request;

	relay_step(relay, HVIC_ON_CLOSE);
	relay_lost(relay);
	if (!relay->service->impatient)
		return;
	while ((request = hvic_session_drop(&relay->session)))
		relay_refuse(relay, request, -EPIPE);
	relay_arm(relay);
}

static void relay_daemon_read(void *owner)
{
	relay_step(owner, HVIC_ON_READ);
}

static int relay_register(struct relay *relay, const void *written)
{
	int len = relay->service->greet(written, relay->greeting);
	struct hvic_request *ended;
	int err;

	if (len < 0)
		return len;
	err = hvic_session_step(&relay->session, HVIC_ON_REGISTER, &ended);
	if (!err && len)
		hv_ics_dev_post(relay->dev, relay->greeting, len);
	else if (!err)	/* an old daemon, which reads no greeting */
		err = relay_step(relay, HVIC_ON_READ);
	return err;
}

static bool relay_registers(const struct relay *relay, const void *written)
{
	return relay->session.state == HVIC_SESSION_OPEN ||
	       (relay->service->registers && relay->service->registers(written));
}

static int relay_daemon_write(void *owner, const void *message)
{
	struct relay *relay = owner;
	struct hv_ics_packet *packet;
	struct hvic_request *ended;
	int err;

	if (relay_registers(relay, message))
		return relay_register(relay, message);
	err = hvic_session_step(&relay->session, HVIC_ON_REPLY, &ended);
	if (err) {
		relay->replies_refused++;
		return err;
	}
	packet = relay_request_of(ended)->packet;
	relay_answer(relay, ended,
		     relay->service->answer(relay->own, &packet->msg, packet->version, message));
	relay_settle(relay);
	return 0;
}

static const struct hv_ics_dev_ops relay_dev_ops = {
	.open	= relay_daemon_open,
	.close	= relay_daemon_close,
	.read	= relay_daemon_read,
	.write	= relay_daemon_write,
};

/**
 * hv_ics_relay_serve() - A request comes.
 * @chan: the channel
 * @msg: the request
 *
 * Context: of &hv_ics_service.serve.
 * Return: HV_ICS_LATER; -EBUSY when too many wait, or -ENOMEM.
 */
int hv_ics_relay_serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	struct relay *relay = chan->service_data;
	struct hv_ics_packet *packet = hv_ics_chan_defer(chan);

	if (IS_ERR(packet))
		return PTR_ERR(packet);
	list_add_tail(&packet->list, &relay->inbox);
	queue_work(relay->wq, &relay->work);
	return HV_ICS_LATER;
}

/**
 * hv_ics_relay_restarted() - The host has begun anew.
 * @chan: the channel
 *
 * Context: of &hv_ics_service.restarted.
 */
void hv_ics_relay_restarted(struct hv_ics_chan *chan)
{
	struct relay *relay = chan->service_data;

	queue_work(relay->wq, &relay->work);
}

/**
 * hv_ics_relay_opened() - Requests may have come before they could be answered.
 * @chan: the channel
 */
void hv_ics_relay_opened(struct hv_ics_chan *chan)
{
	hv_ics_relay_restarted(chan);
}

/**
 * hv_ics_relay_closed() - Forget all requests.
 * @chan: the closed channel
 *
 * The daemon stays; what it replies to a request that is gone is refused.
 *
 * Context: may sleep; never waits for a process.
 */
void hv_ics_relay_closed(struct hv_ics_chan *chan)
{
	struct relay *relay = chan->service_data;
	struct hv_ics_packet *packet, *next;
	LIST_HEAD(packets);

	spin_lock_bh(&chan->lock);
	list_splice_init(&relay->inbox, &packets);
	spin_unlock_bh(&chan->lock);

	hv_ics_dev_lock(relay->dev);
	relay_forget(relay);
	list_for_each_entry_safe(packet, next, &packets, list)
		hv_ics_chan_answer(chan, packet, HVIC_STATUS_FAIL);
	relay_settle(relay);
	hv_ics_dev_unlock(relay->dev);

	/* nothing feeds them any more */
	cancel_work_sync(&relay->work);
	cancel_delayed_work_sync(&relay->expiry);
	relay->armed = 0;
}

/**
 * hv_ics_relay_create() - Set up a service with a daemon.
 * @chan: the channel; its service data is the relay's
 * @service: which one
 * @own: handed to the service's functions
 * @ioctls: what ioctls of the device are about; %NULL without any
 *
 * A daemon may be there before this returns; it has nothing to do until the
 * channel is open.
 *
 * Context: may sleep.
 * Return: 0, or why the device could not be made.
 */
int hv_ics_relay_create(struct hv_ics_chan *chan, const struct hv_ics_relay_service *service,
			void *own, struct hv_ics_dev_ioctls *ioctls)
{
	struct relay *relay = kzalloc(struct_size(relay, greeting, service->request_len),
				      GFP_KERNEL);
	int err = -ENOMEM;

	if (!relay)
		return -ENOMEM;
	relay->service = service;
	relay->chan = chan;
	relay->own = own;
	INIT_LIST_HEAD(&relay->inbox);
	INIT_WORK(&relay->work, relay_work);
	INIT_DELAYED_WORK(&relay->expiry, relay_expire);
	relay->wq = alloc_ordered_workqueue("hv_ics_%s", 0, chan->service->name);
	if (!relay->wq)
		goto free_relay;
	relay->dev = hv_ics_dev_create(&service->device, &relay_dev_ops, relay, ioctls);
	if (!relay->dev)
		goto destroy_wq;
	err = hv_ics_dev_register(relay->dev);
	if (err)
		goto destroy_wq;
	chan->service_data = relay;
	return 0;

destroy_wq:
	destroy_workqueue(relay->wq);
free_relay:
	kfree(relay);
	return err;
}

/**
 * hv_ics_relay_own() - What is the service's own.
 * @chan: the channel
 *
 * Return: what hv_ics_relay_create() was given.
 */
void *hv_ics_relay_own(struct hv_ics_chan *chan)
{
	struct relay *relay = chan->service_data;

	return relay->own;
}

/**
 * hv_ics_relay_destroy() - Undo hv_ics_relay_create().
 * @chan: the closed channel
 *
 * Context: may sleep; never waits for a process.
 */
void hv_ics_relay_destroy(struct hv_ics_chan *chan)
{
	struct relay *relay = chan->service_data;

	/* when the channel could not be opened, nobody has said that it is closed */
	hv_ics_relay_closed(chan);
	hv_ics_dev_destroy(relay->dev);
	destroy_workqueue(relay->wq);
	kfree(relay);
}

/*
 * Defines dev_attr_NAME, which shows VALUE. In VALUE, "relay" is the relay; the lock
 * of its device is held.
 */
#define RELAY_ATTR_RO(name, format, value)						\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr,		\
			   char *buf)							\
{											\
	struct relay *relay = hv_ics_chan_of(dev)->service_data;			\
	ssize_t len;									\
											\
	hv_ics_dev_lock(relay->dev);							\
	len = sysfs_emit(buf, format "\n", value);					\
	hv_ics_dev_unlock(relay->dev);							\
	return len;									\
}											\
static DEVICE_ATTR_RO(name)

RELAY_ATTR_RO(daemon, "%s", hvic_session_daemon(&relay->session));
RELAY_ATTR_RO(waiting, "%u", hvic_session_count(&relay->session));
RELAY_ATTR_RO(forwarded, "%llu", relay->forwarded);
RELAY_ATTR_RO(timeouts, "%llu", relay->timeouts);
RELAY_ATTR_RO(replies_refused, "%llu", relay->replies_refused);

static struct attribute *relay_attributes[] = {
	&dev_attr_daemon.attr,
	&dev_attr_waiting.attr,
	&dev_attr_forwarded.attr,
	&dev_attr_timeouts.attr,
	&dev_attr_replies_refused.attr,
	NULL
};

const struct attribute_group hv_ics_relay_group = {
	.name	= "ic",
	.attrs	= relay_attributes,
};
