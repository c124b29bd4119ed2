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
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_channel.h"
#include "hvsim_stream.h"

TAILQ_HEAD(exchange_list, hvsim_exchange);

/* What is known of a transaction id that is not in flight. */
enum id_past {
	ID_UNKNOWN,
	ID_EXPIRED,	/* its answer did not come in time, but may come */
	ID_DROPPED,	/* its answer may come and is nobody's business any more */
};

struct hvsim_channel {
	sd_event *event;
	sd_event_source *listener;
	sd_event_source *starter;	/* starts what may start, from the loop */
	char *path;
	int fd;
	struct hvsim_stream *stream;	/* NULL while no plugin is connected */
	const struct hvsim_channel_owner *owner;
	void *userdata;

	bool open;
	struct exchange_list queue;
	struct exchange_list flight;
	unsigned int flying;
	struct hvsim_exchange *wants_clock;	/* the one in flight that does, if any */
	uint8_t last_id;
	uint8_t ids[256];		/* each an enum id_past */
	struct hvsim_channel_counters counters;

	uint8_t frame[HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX];	/* being built */
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

static int frame_send(struct hvsim_channel *channel, uint16_t type, uint16_t arg, size_t len)
{
	hvsim_frame_encode_head(channel->frame, type, arg, (uint32_t)len);
	return hvsim_stream_send(channel->stream, channel->frame, HVSIM_FRAME_HEAD_LEN + len);
}

/* Builds the request and sends it; an exchange that only listens has none. */
static void exchange_send(struct hvsim_exchange *exchange)
{
	struct hvsim_channel *channel = exchange->channel;
	uint8_t *bytes = channel->frame + HVSIM_FRAME_HEAD_LEN;
	int len, err;

	exchange->sent_us = monotonic_us();
	if (!exchange->prepare)
		return;
	len = exchange->prepare(exchange, id_next(channel), bytes, HVSIM_FRAME_MAX);
	if (len < 0) {
		exchange_finish(exchange, len, NULL);
		return;
	}
	err = frame_send(channel, HVSIM_FRAME_PACKET, exchange->vmbus_type, (size_t)len);
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
		err = frame_send(channel, HVSIM_FRAME_CLOCK, 0, 0);
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
	while ((exchange = TAILQ_FIRST(&channel->queue)) && exchange_may_start(channel, exchange))
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
	if (channel->open) {
		/* a guest that was reset says no good-bye */
		channel->open = false;
		channel_abort(channel, -ECONNRESET);
		channel->owner->closed(channel->userdata);
	}
	memset(channel->ids, ID_UNKNOWN, sizeof(channel->ids));
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
	/* one that comes after its exchange expired is of no use */
	if (!exchange)
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

static void channel_on_frame(struct hvsim_channel *channel, const struct hvsim_frame *frame)
{
	switch (frame->type) {
	case HVSIM_FRAME_OPENED:
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
	default:
		channel->owner->anomaly("frame-type", "the plugin sent a frame of unknown type",
					frame->bytes, frame->length, channel->userdata);
	}
}

static ptrdiff_t channel_received(const uint8_t *bytes, size_t len, void *userdata)
{
	struct hvsim_channel *channel = userdata;
	struct hvsim_frame frame;
	size_t used = 0;
	int found;

	while ((found = hvsim_frame_decode(&frame, bytes + used, len - used)) > 0) {
		used += HVSIM_FRAME_HEAD_LEN + frame.length;
		channel_on_frame(channel, &frame);
	}
	if (found < 0) {
		channel->owner->anomaly("frame-length", "the plugin sent a frame that is too large",
					bytes + used, HVSIM_FRAME_HEAD_LEN, channel->userdata);
		return -EMSGSIZE;
	}
	return (ptrdiff_t)used;
}

static void channel_disconnected(void *userdata)
{
	struct hvsim_channel *channel = userdata;

	channel_on_closed(channel);
	hvsim_stream_free(channel->stream);
	channel->stream = NULL;
}

static const struct hvsim_stream_owner channel_stream = {
	.received = channel_received,
	.closed = channel_disconnected,
	.most = HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX,
};

static int channel_on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hvsim_channel *channel = userdata;

	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;	/* who knocked has gone */
	/* a new plugin means that the old one is dead, whether that is known or not */
	if (channel->stream)
		channel_disconnected(channel);
	if (hvsim_stream_new(&channel->stream, channel->event, fd, &channel_stream, channel) < 0)
		channel->stream = NULL;
	return 0;
}

static int channel_listen(struct hvsim_channel *channel, const char *path)
{
	int err;

	channel->fd = hvsim_stream_listen(path);
	if (channel->fd < 0)
		return channel->fd;
	channel->path = strdup(path);
	if (!channel->path)
		return -ENOMEM;
	err = sd_event_add_io(channel->event, &channel->listener, channel->fd, EPOLLIN,
			      channel_on_connect, channel);
	if (err < 0)
		return err;
	return sd_event_add_defer(channel->event, &channel->starter, channel_on_start, channel);
}

/**
 * hvsim_channel_new() - Wait for a plugin at a socket.
 * @ret: the channel
 * @event: the loop that it lives in
 * @path: the socket; one that is there already is replaced
 * @owner: what to tell whom
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM, or what hvsim_stream_listen() or the loop said.
 */
int hvsim_channel_new(struct hvsim_channel **ret, sd_event *event, const char *path,
		      const struct hvsim_channel_owner *owner, void *userdata)
{
	struct hvsim_channel *channel = calloc(1, sizeof(*channel));
	int err;

	if (!channel)
		return -ENOMEM;
	channel->event = sd_event_ref(event);
	channel->fd = -1;
	channel->owner = owner;
	channel->userdata = userdata;
	TAILQ_INIT(&channel->queue);
	TAILQ_INIT(&channel->flight);
	err = channel_listen(channel, path);
	if (err < 0) {
		hvsim_channel_free(channel);
		return err;
	}
	*ret = channel;
	return 0;
}

/**
 * hvsim_channel_free() - Disconnect, and end all exchanges with -ECONNRESET.
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
	hvsim_stream_free(channel->stream);
	sd_event_source_disable_unref(channel->listener);
	sd_event_source_disable_unref(channel->starter);
	if (channel->fd >= 0)
		close(channel->fd);
	if (channel->path)
		unlink(channel->path);
	free(channel->path);
	sd_event_unref(channel->event);
	free(channel);
}

/**
 * hvsim_channel_is_connected() - Whether a machine has this device.
 * @channel: which
 *
 * Return: whether a plugin is connected.
 */
bool hvsim_channel_is_connected(const struct hvsim_channel *channel)
{
	return channel->stream;
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
	if (!channel->open)
		return -ENOTCONN;
	exchange->channel = channel;
	exchange->timer = NULL;
	memset(&exchange->request, 0, sizeof(exchange->request));
	TAILQ_INSERT_TAIL(&channel->queue, exchange, link);
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
