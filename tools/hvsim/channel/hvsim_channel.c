// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One service's channel, as the host sees it.
 *
 * An exchange waits in the queue until it may start, then is in flight until
 * it is done:
 *
 *	submit -> queue -> [plugin's clock ->] sent -> answered, expired or cut off
 *
 * Whatever happens, done() is called once: exchange_finish() is the only place
 * that does, and each exchange gets there, since each has a timer from the
 * moment it leaves the queue.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvsim_channel.h"
#include "hvsim_transport.h"

TAILQ_HEAD(exchange_list, hvsim_exchange);

/* What is known of a transaction id that is not in flight. */
enum id_past {
	ID_UNKNOWN,
	ID_EXPIRED,	/* its answer did not come in time, but may come */
	ID_DROPPED,	/* its answer may come and is nobody's business any more */
};

struct hvsim_channel {
	sd_event *event;
	sd_event_source *starter;	/* starts what may start, from the loop */
	struct hvsim_transport *transport;
	const struct hvsim_channel_owner *owner;
	void *userdata;
	hvsim_channel_watcher watcher;
	void *watcher_userdata;

	struct hvsim_channel_place place;
	bool open;
	bool paused;
	struct exchange_list queue;
	struct exchange_list flight;
	unsigned int flying;
	struct hvsim_exchange *wants_clock;	/* the one in flight that does, if any */
	uint8_t last_id;
	uint8_t ids[256];		/* each an enum id_past */
	struct hvsim_channel_counters counters;

	uint8_t packet[HVSIM_FRAME_MAX];	/* being built */
};

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void channel_start_soon(struct hvsim_channel *channel)
{
	sd_event_source_set_enabled(channel->starter, SD_EVENT_ONESHOT);
}

static void exchange_finish(struct hvsim_exchange *exchange, int result,
			    const struct hvsim_answer *answer)
{
	struct hvsim_channel *channel = exchange->channel;

	TAILQ_REMOVE(&channel->flight, exchange, link);
	channel->flying--;
	if (channel->wants_clock == exchange)
		channel->wants_clock = NULL;
	exchange->timer = sd_event_source_disable_unref(exchange->timer);
	channel_start_soon(channel);
	exchange->done(exchange, result, answer);
}

static int exchange_on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_exchange *exchange = userdata;
	struct hvsim_channel *channel = exchange->channel;

	(void)source;
	(void)usec;
	if (channel->wants_clock == exchange) {
		exchange_finish(exchange, -ETIME, NULL);
		return 0;
	}
	if (exchange->prepare)
		channel->counters.timed_out++;
	if (exchange->request.has_header)
		channel->ids[exchange->request.transaction] = ID_EXPIRED;
	exchange_finish(exchange, -ETIMEDOUT, NULL);
	return 0;
}

static struct hvsim_exchange *flight_find(struct hvsim_channel *channel, uint8_t transaction)
{
	struct hvsim_exchange *exchange;

	TAILQ_FOREACH(exchange, &channel->flight, link)
		if (exchange->request.has_header && exchange->request.transaction == transaction)
			return exchange;
	return NULL;
}

static uint8_t id_next(struct hvsim_channel *channel)
{
	do {
		channel->last_id++;
	} while (flight_find(channel, channel->last_id));
	return channel->last_id;
}

static int frame_send(struct hvsim_channel *channel, enum hvsim_frame_type type, uint16_t arg,
		      const void *bytes, size_t len)
{
	return channel->transport->ops->send(channel->transport, type, arg, bytes, len);
}

/* Builds the request and sends it; an exchange that only listens has none. */
static void exchange_send(struct hvsim_exchange *exchange)
{
	struct hvsim_channel *channel = exchange->channel;
	uint8_t *bytes = channel->packet;
	int len, err;

	exchange->sent_us = monotonic_us();
	if (!exchange->prepare)
		return;
	len = exchange->prepare(exchange, id_next(channel), bytes, HVSIM_FRAME_MAX);
	if (len < 0) {
		exchange_finish(exchange, len, NULL);
		return;
	}
	err = frame_send(channel, HVSIM_FRAME_PACKET, exchange->vmbus_type, bytes, (size_t)len);
	if (err < 0) {
		exchange_finish(exchange, err, NULL);
		return;
	}
	channel->counters.sent++;
	channel->owner->packet(true, bytes, (size_t)len, channel->userdata);
	hvsim_message_open(&exchange->request, bytes, (size_t)len);
	exchange->request.body = NULL;
	channel->ids[exchange->request.transaction] = ID_UNKNOWN;
	if (exchange->unanswered) {
		channel->ids[exchange->request.transaction] = ID_DROPPED;
		exchange_finish(exchange, 0, NULL);
	}
}

static void exchange_start(struct hvsim_channel *channel, struct hvsim_exchange *exchange)
{
	int err;

	TAILQ_REMOVE(&channel->queue, exchange, link);
	TAILQ_INSERT_TAIL(&channel->flight, exchange, link);
	channel->flying++;
	err = sd_event_add_time_relative(channel->event, &exchange->timer, CLOCK_MONOTONIC,
					 exchange->timeout_us, HVSIM_TIMER_ACCURACY_US,
					 exchange_on_timeout, exchange);
	if (err >= 0 && exchange->needs_clock) {
		channel->wants_clock = exchange;
		err = frame_send(channel, HVSIM_FRAME_CLOCK, 0, NULL, 0);
	}
	if (err < 0)
		exchange_finish(exchange, err, NULL);
	else if (!exchange->needs_clock)
		exchange_send(exchange);
}

static bool exchange_may_start(struct hvsim_channel *channel, struct hvsim_exchange *exchange)
{
	struct hvsim_exchange *last = TAILQ_LAST(&channel->flight, exchange_list);

	if (!last)
		return true;
	return exchange->pipelined && !exchange->needs_clock && last->pipelined &&
	       !channel->wants_clock && channel->flying < HVSIM_WINDOW_MAX;
}

static int channel_on_start(sd_event_source *source, void *userdata)
{
	struct hvsim_channel *channel = userdata;
	struct hvsim_exchange *exchange;

	(void)source;
	while (!channel->paused && (exchange = TAILQ_FIRST(&channel->queue)) &&
	       exchange_may_start(channel, exchange))
		exchange_start(channel, exchange);
	return 0;
}

/* Ends all exchanges, those in flight first. */
static void channel_abort(struct hvsim_channel *channel, int result)
{
	struct exchange_list all = TAILQ_HEAD_INITIALIZER(all);
	struct hvsim_exchange *exchange;

	TAILQ_CONCAT(&all, &channel->flight, link);
	TAILQ_CONCAT(&all, &channel->queue, link);
	channel->flying = 0;
	channel->wants_clock = NULL;
	/* what done() submits anew goes to the queue, not to this list */
	while ((exchange = TAILQ_FIRST(&all))) {
		TAILQ_REMOVE(&all, exchange, link);
		TAILQ_INSERT_TAIL(&channel->flight, exchange, link);
		channel->flying++;
		if (exchange->request.has_header)
			channel->ids[exchange->request.transaction] = ID_DROPPED;
		exchange_finish(exchange, result, NULL);
	}
}

static void channel_on_opened(struct hvsim_channel *channel)
{
	size_t id;

	if (channel->open) {
		/* a guest that was reset says no good-bye */
		channel->open = false;
		channel_abort(channel, -ECONNRESET);
		channel->owner->closed(channel->userdata);
	}
	/* what was on its way when the guest closed it may have got into the new rings */
	for (id = 0; id < sizeof(channel->ids) / sizeof(channel->ids[0]); id++)
		if (channel->ids[id] != ID_UNKNOWN)
			channel->ids[id] = ID_DROPPED;
	channel->open = true;
	channel->counters.opened++;
	channel->owner->opened(channel->userdata);
}

static void channel_on_closed(struct hvsim_channel *channel)
{
	if (!channel->open)
		return;
	channel->open = false;
	channel_abort(channel, -ECONNRESET);
	channel->owner->closed(channel->userdata);
}

static void channel_on_clock(struct hvsim_channel *channel, const struct hvsim_frame *frame)
{
	struct hvsim_exchange *exchange = channel->wants_clock;
	struct hvsim_clock clock;

	if (hvsim_frame_decode_clock(frame, &clock.reference, &clock.realtime) < 0) {
		channel->owner->anomaly("clock-length", "the plugin's clock is not 16 bytes",
					frame->bytes, frame->length, channel->userdata);
		return;
	}
	/* one that comes after its exchange expired, or in a pause, is of no use */
	if (!exchange || channel->paused)
		return;
	channel->wants_clock = NULL;
	exchange->clock = clock;
	exchange_send(exchange);
}

/* The exchange that a packet belongs to; NULL when to none in flight. */
static struct hvsim_exchange *answer_find(struct hvsim_channel *channel,
					  const struct hvsim_message *message)
{
	struct hvsim_exchange *first = TAILQ_FIRST(&channel->flight);
	struct hvsim_exchange *exchange = NULL;

	if (message->has_header)
		exchange = flight_find(channel, message->transaction);
	if (exchange || !first || first == channel->wants_clock)
		return exchange;
	if (message->has_header && channel->ids[message->transaction] != ID_UNKNOWN)
		return NULL;
	/* with one request under way it can be meant for that only, however wrong */
	return first->raw || channel->flying == 1 ? first : NULL;
}

/* A packet that answers nothing that is in flight. */
static void answer_stray(struct hvsim_channel *channel, const struct hvsim_answer *answer)
{
	enum id_past past = ID_UNKNOWN;

	if (answer->message.has_header) {
		past = channel->ids[answer->message.transaction];
		channel->ids[answer->message.transaction] = ID_UNKNOWN;
	}
	if (past == ID_DROPPED) {
		channel->counters.discarded++;
	} else if (past == ID_EXPIRED) {
		channel->counters.late++;
		channel->owner->anomaly("late-answer", "the answer came after its time was up",
					answer->bytes, answer->len, channel->userdata);
	} else {
		channel->owner->anomaly("unexpected-packet",
					"the guest sent a packet that answers nothing",
					answer->bytes, answer->len, channel->userdata);
	}
}

static void answer_report(struct hvsim_channel *channel, const struct hvsim_answer *answer)
{
	int i;

	for (i = 0; i < HVSIM_NR_FAULTS; i++)
		if (answer->faults & 1u << i)
			channel->owner->anomaly(hvsim_fault_name(i), hvsim_fault_text(i),
						answer->bytes, answer->len, channel->userdata);
}

static void channel_on_packet(struct hvsim_channel *channel, const struct hvsim_frame *frame)
{
	struct hvsim_answer answer = {
		.vmbus_type = frame->arg,
		.bytes = frame->bytes,
		.len = frame->length,
	};
	struct hvsim_exchange *exchange;

	channel->counters.received++;
	channel->owner->packet(false, frame->bytes, frame->length, channel->userdata);
	if (!channel->open) {
		channel->owner->anomaly("closed-channel",
					"the guest sent a packet on a channel that is not open",
					frame->bytes, frame->length, channel->userdata);
		return;
	}
	answer.faults = hvsim_message_open(&answer.message, answer.bytes, answer.len);
	if (answer.vmbus_type != HVSIM_VMBUS_INBAND)
		answer.faults |= HVSIM_FAULT(VMBUS_TYPE);
	exchange = answer_find(channel, &answer.message);
	if (!exchange) {
		answer_stray(channel, &answer);
		return;
	}
	answer.round_trip_us = monotonic_us() - exchange->sent_us;
	if (exchange->prepare) {
		channel->counters.answered++;
		channel->counters.round_trip_us += answer.round_trip_us;
	}
	answer.faults |= hvsim_message_answers(&answer.message, &exchange->request);
	if (exchange->raw) {
		exchange_finish(exchange, 0, &answer);
		return;
	}
	answer_report(channel, &answer);
	/* the true answer, should there be one, will come too late */
	if (answer.faults & HVSIM_FAULT(TRANSACTION_ID))
		channel->ids[exchange->request.transaction] = ID_EXPIRED;
	exchange_finish(exchange, answer.faults & HVSIM_FAULTS_FATAL ? -EBADMSG : 0, &answer);
}

/* Whether what a frame tells in its bytes is all there. */
static bool frame_is_whole(struct hvsim_channel *channel, const struct hvsim_frame *frame)
{
	if ((frame->type != HVSIM_FRAME_OFFERED && frame->type != HVSIM_FRAME_MOVED) ||
	    frame->length >= 4)
		return true;
	channel->owner->anomaly("frame-length", "the plugin sent a frame that is too short",
				frame->bytes, frame->length, channel->userdata);
	return false;
}

/* Where the channel is on the bus: comes and goes by itself. */
static void channel_on_place(struct hvsim_channel *channel, const struct hvsim_frame *frame)
{
	struct hvsim_channel_place *place = &channel->place;
	uint32_t number = frame->length >= 4 ? (uint32_t)hvsim_frame_get(frame->bytes, 4) : 0;

	switch (frame->type) {
	case HVSIM_FRAME_OFFERED:
		place->relid = number;
		break;
	case HVSIM_FRAME_MOVED:
		place->processor = number;
		place->placed = true;
		break;
	default:
		*place = (struct hvsim_channel_place){ 0 };
	}
	if (channel->owner->placed)
		channel->owner->placed(frame->type, channel->userdata);
}

static void channel_on_frame(const struct hvsim_frame *frame, void *userdata)
{
	struct hvsim_channel *channel = userdata;

	if (channel->watcher && channel->watcher(frame, channel->watcher_userdata))
		return;
	if (!frame_is_whole(channel, frame))
		return;
	switch (frame->type) {
	case HVSIM_FRAME_OPENED:
		/* hvsim's bus says on which processor, QEMU's does not */
		channel->place.placed = frame->length >= 4;
		if (channel->place.placed)
			channel->place.processor = (uint32_t)hvsim_frame_get(frame->bytes, 4);
		channel_on_opened(channel);
		break;
	case HVSIM_FRAME_CLOSED:
		channel_on_closed(channel);
		break;
	case HVSIM_FRAME_PACKET:
		channel_on_packet(channel, frame);
		break;
	case HVSIM_FRAME_CLOCK:
		channel_on_clock(channel, frame);
		break;
	case HVSIM_FRAME_OFFERED:
	case HVSIM_FRAME_MOVED:
	case HVSIM_FRAME_RELEASED:
		channel_on_place(channel, frame);
		break;
	case HVSIM_FRAME_UNLOADED:
		channel->place = (struct hvsim_channel_place){ 0 };
		break;
	case HVSIM_FRAME_WRITTEN:
		break;	/* for the watcher, who asked for it */
	default:
		channel->owner->anomaly("frame-type", "the plugin sent a frame of unknown type",
					frame->bytes, frame->length, channel->userdata);
	}
}

static void channel_on_anomaly(const char *kind, const char *text, const void *bytes, size_t len,
			       void *userdata)
{
	struct hvsim_channel *channel = userdata;

	channel->owner->anomaly(kind, text, bytes, len, channel->userdata);
}

static const struct hvsim_transport_owner channel_transport = {
	.frame = channel_on_frame,
	.anomaly = channel_on_anomaly,
};

static struct hvsim_channel *channel_new(sd_event *event, const struct hvsim_channel_owner *owner,
					 void *userdata)
{
	struct hvsim_channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return NULL;
	channel->event = sd_event_ref(event);
	channel->owner = owner;
	channel->userdata = userdata;
	TAILQ_INIT(&channel->queue);
	TAILQ_INIT(&channel->flight);
	if (sd_event_add_defer(event, &channel->starter, channel_on_start, channel) < 0) {
		hvsim_channel_free(channel);
		return NULL;
	}
	return channel;
}

/**
 * hvsim_channel_listen() - Have a channel on QEMU's bus.
 * @ret: the channel
 * @event: the loop that it lives in
 * @path: of the socket at which its device connects
 * @owner: what to tell whom
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM, or what hvsim_transport_listen() said.
 */
int hvsim_channel_listen(struct hvsim_channel **ret, sd_event *event, const char *path,
			 const struct hvsim_channel_owner *owner, void *userdata)
{
	struct hvsim_channel *channel = channel_new(event, owner, userdata);
	int err;

	if (!channel)
		return -ENOMEM;
	err = hvsim_transport_listen(&channel->transport, event, path, &channel_transport,
				     channel);
	if (err < 0) {
		hvsim_channel_free(channel);
		return err;
	}
	*ret = channel;
	return 0;
}

/**
 * hvsim_channel_attach() - Have a channel on hvsim's bus.
 * @ret: the channel, which is not offered yet
 * @event: the loop that it lives in
 * @root: the bus
 * @offer: what the guest will be told of it; copied
 * @owner: what to tell whom
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM.
 */
int hvsim_channel_attach(struct hvsim_channel **ret, sd_event *event, struct hvsim_root *root,
			 const struct hvsim_vmbus_offer *offer,
			 const struct hvsim_channel_owner *owner, void *userdata)
{
	struct hvsim_channel *channel = channel_new(event, owner, userdata);
	int err;

	if (!channel)
		return -ENOMEM;
	err = hvsim_transport_attach(&channel->transport, root, offer, &channel_transport,
				     channel);
	if (err < 0) {
		hvsim_channel_free(channel);
		return err;
	}
	*ret = channel;
	return 0;
}

/**
 * hvsim_channel_free() - Hang up, and end all exchanges with -ECONNRESET.
 * @channel: may be NULL
 *
 * The owner's closed() is not called.
 */
void hvsim_channel_free(struct hvsim_channel *channel)
{
	if (!channel)
		return;
	channel->open = false;
	channel_abort(channel, -ECONNRESET);
	if (channel->transport)
		channel->transport->ops->free(channel->transport);
	sd_event_source_disable_unref(channel->starter);
	sd_event_unref(channel->event);
	free(channel);
}

/**
 * hvsim_channel_offer() - Put a channel before the guest.
 * @channel: which; one that is there stays so
 *
 * While the guest still holds one that was taken back, that comes first.
 *
 * Return: 0; -EOPNOTSUPP on QEMU's bus, where it always is; -ENOMEM; as
 * hvsim_stream_send().
 */
int hvsim_channel_offer(struct hvsim_channel *channel)
{
	if (!channel->transport->ops->offer)
		return -EOPNOTSUPP;
	return channel->transport->ops->offer(channel->transport);
}

/**
 * hvsim_channel_rescind() - Take a channel back from the guest.
 * @channel: which; one that is away stays so
 *
 * It is closed when this returns, and the owner told so; that the guest has let go
 * of it comes later, with placed(HVSIM_FRAME_RELEASED).
 *
 * Return: 0; -EOPNOTSUPP on QEMU's bus.
 */
int hvsim_channel_rescind(struct hvsim_channel *channel)
{
	if (!channel->transport->ops->rescind)
		return -EOPNOTSUPP;
	channel->transport->ops->rescind(channel->transport);
	channel_on_closed(channel);
	return 0;
}

/**
 * hvsim_channel_port() - What a channel is on hvsim's bus.
 * @channel: which
 *
 * Return: the port, borrowed, also of one that was taken back and that the guest
 * still holds; NULL when it is not offered, and on QEMU's bus.
 */
struct hvsim_port *hvsim_channel_port(struct hvsim_channel *channel)
{
	return channel->transport->ops->port(channel->transport);
}

/**
 * hvsim_channel_place() - Where a channel is on hvsim's bus.
 * @channel: which
 *
 * Return: the place, borrowed.
 */
const struct hvsim_channel_place *hvsim_channel_place(const struct hvsim_channel *channel)
{
	return &channel->place;
}

/**
 * hvsim_channel_watch() - See each frame before the channel does.
 * @channel: which
 * @watcher: is called with it; must not free the channel
 * @userdata: for @watcher
 *
 * Return: 0; -EBUSY when somebody does already.
 */
int hvsim_channel_watch(struct hvsim_channel *channel, hvsim_channel_watcher watcher,
			void *userdata)
{
	if (channel->watcher)
		return -EBUSY;
	channel->watcher = watcher;
	channel->watcher_userdata = userdata;
	return 0;
}

/**
 * hvsim_channel_unwatch() - Undo hvsim_channel_watch().
 * @channel: which
 */
void hvsim_channel_unwatch(struct hvsim_channel *channel)
{
	channel->watcher = NULL;
}

/**
 * hvsim_channel_send() - Send a frame beside all exchanges.
 * @channel: to where
 * @type: what it is; on QEMU's bus HVSIM_FRAME_PACKET
 * @arg: as @type needs it
 * @bytes: behind the channel's number
 * @len: bytes at @bytes
 *
 * What answers it is seen by the watcher, who keeps it from the channel.
 *
 * Return: 0; -ENOTCONN when there is no plugin, or the channel is not offered; as
 * hvsim_stream_send().
 */
int hvsim_channel_send(struct hvsim_channel *channel, enum hvsim_frame_type type, uint16_t arg,
		       const void *bytes, size_t len)
{
	return channel->transport->ops->send(channel->transport, type, arg, bytes, len);
}

/**
 * hvsim_channel_is_connected() - Whether a machine has this device.
 * @channel: which
 *
 * Return: whether a plugin is connected.
 */
bool hvsim_channel_is_connected(const struct hvsim_channel *channel)
{
	return channel->transport->ops->is_connected(channel->transport);
}

/**
 * hvsim_channel_is_open() - Whether the guest has a driver on this device.
 * @channel: which
 *
 * Return: whether the guest has opened it.
 */
bool hvsim_channel_is_open(const struct hvsim_channel *channel)
{
	return channel->open;
}

/**
 * hvsim_channel_counters() - What crossed a channel since its start.
 * @channel: which
 *
 * Return: the counters, borrowed.
 */
const struct hvsim_channel_counters *hvsim_channel_counters(const struct hvsim_channel *channel)
{
	return &channel->counters;
}

/* The exchange that gives way to any other; NULL when there is none. */
static struct hvsim_exchange *yielding_find(struct hvsim_channel *channel)
{
	struct hvsim_exchange *exchange;

	TAILQ_FOREACH(exchange, &channel->flight, link)
		if (exchange->yields)
			return exchange;
	TAILQ_FOREACH(exchange, &channel->queue, link)
		if (exchange->yields)
			return exchange;
	return NULL;
}

/* Ends an exchange; what the guest still answers is discarded. */
static void exchange_withdraw(struct hvsim_exchange *exchange)
{
	struct hvsim_channel *channel = exchange->channel;

	/* one in the queue has no timer yet */
	if (!exchange->timer) {
		TAILQ_REMOVE(&channel->queue, exchange, link);
		TAILQ_INSERT_TAIL(&channel->flight, exchange, link);
		channel->flying++;
	}
	if (exchange->request.has_header)
		channel->ids[exchange->request.transaction] = ID_DROPPED;
	exchange_finish(exchange, -ECANCELED, NULL);
}

/**
 * hvsim_channel_submit() - Have a request sent when it is its turn.
 * @channel: to where
 * @exchange: what, see there; must stay until its done() is called, which is
 *	never before this returns
 *
 * Return: 0; -ENOTCONN when the guest has not opened the channel, and then
 * done() will not be called.
 */
int hvsim_channel_submit(struct hvsim_channel *channel, struct hvsim_exchange *exchange)
{
	struct hvsim_exchange *yielding = exchange->yields ? NULL : yielding_find(channel);

	if (!channel->open)
		return -ENOTCONN;
	exchange->channel = channel;
	exchange->timer = NULL;
	memset(&exchange->request, 0, sizeof(exchange->request));
	TAILQ_INSERT_TAIL(&channel->queue, exchange, link);
	/* afterwards, since it may be submitted again, behind this one */
	if (yielding)
		exchange_withdraw(yielding);
	channel_start_soon(channel);
	return 0;
}

/**
 * hvsim_channel_cancel() - Forget all exchanges, as a restored host does.
 * @channel: which
 *
 * Each is done with -ECANCELED; what the guest still answers is discarded.
 */
void hvsim_channel_cancel(struct hvsim_channel *channel)
{
	channel_abort(channel, -ECANCELED);
}

/**
 * hvsim_channel_pause() - Let time stand still, as for a machine that is paused.
 * @channel: which
 *
 * Nothing is sent, and no time is up, until hvsim_channel_resume().
 */
void hvsim_channel_pause(struct hvsim_channel *channel)
{
	struct hvsim_exchange *exchange;

	channel->paused = true;
	TAILQ_FOREACH(exchange, &channel->flight, link)
		sd_event_source_set_enabled(exchange->timer, SD_EVENT_OFF);
}

/**
 * hvsim_channel_resume() - Go on after hvsim_channel_pause().
 * @channel: which
 *
 * What is under way has all of its time once more.
 */
void hvsim_channel_resume(struct hvsim_channel *channel)
{
	struct hvsim_exchange *exchange;

	channel->paused = false;
	TAILQ_FOREACH(exchange, &channel->flight, link) {
		sd_event_source_set_time_relative(exchange->timer, exchange->timeout_us);
		sd_event_source_set_enabled(exchange->timer, SD_EVENT_ONESHOT);
	}
	/* the clock that came meanwhile is wrong by now */
	if (channel->wants_clock)
		frame_send(channel, HVSIM_FRAME_CLOCK, 0, NULL, 0);
	channel_start_soon(channel);
}
