// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile packets to one service.
 *
 * Packets are sent in turns.  A turn is an exchange on the channel, so that what
 * others ask of the guest waits, and nothing of theirs is under way.  Within a
 * turn nobody waits for the answer to a packet, since there may be none: version
 * offers that can be told from the packets stand between them like posts in a
 * fence, and a guest answers in the order in which it is asked.  Some fences ahead
 * of the answers keep the guest busy; that all which is under way fits into a ring
 * keeps the guest from losing answers, which it does when the host asks faster than
 * it reads.  A flood is meant to do just that: a fence may get lost in it, and there
 * is another when the guest has been silent for a while.
 *
 *	AWAY --opened--> WAITING --its turn--> STARTING --answer--> SENDING
 *	  ^                                                            |
 *	  '---- PROVING <--answer-- ENDING <--all answered-- DRAINING <'
 *
 * and from each to AWAY when the channel is closed, as it is by the host itself
 * when a packet has broken the ring.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvsim_barrage.h"
#include "hvsim_json.h"
#include "hvsim_vmbus.h"

/*
 * Bytes in a ring from one fence to the next, and that may be under way; the
 * smallest ring of a service that is known holds 12288.
 */
#define FENCE_BYTES	2048
#define FLYING_BYTES	11264
/* Fences that may be ahead of their answers; each has a transaction of its own. */
#define FENCES_MOST	8
/* After how long a silence there is another fence, in us. */
#define AGAIN_US	2000000
#define FENCE_IDS	(GATE - HVSIM_HOSTILE_OTHERS)
/* Transaction of the fence with which a turn begins, and of that with which it ends. */
#define GATE		255u
/* How long a turn may last, in us: the barrage itself knows when it is too long. */
#define TURN_US		(365ull * 86400 * 1000000)
/*
 * How often a good request may be refused, and how long it is until the next, in us: with
 * what was asked before the guest may be busy, although nobody waits for it.
 */
#define REFUSALS	10
#define REFUSED_US	300000
/* How often a barrage looks whether it may send more, where it has a rate. */
#define PACE_US		10000

enum phase {
	AWAY,
	WAITING,
	STARTING,
	SENDING,
	DRAINING,
	ENDING,
	PROVING,
	REFUSED,
	DONE,
};

/**
 * struct hvsim_barrage - packets under way to a service
 * @service: to which
 * @plan: which
 * @target: what they are made for
 * @done: to be called at the end, with @userdata
 * @userdata: for @done
 * @phase: an enum phase
 * @watching: the channel's watcher is this
 * @turn: is under way while the channel belongs to the barrage
 * @proof: a good request
 * @next: sends more, or waits for its turn, from the loop
 * @pace: enables @next when the rate allows
 * @again: sends another fence when the guest has been silent for a while, or another
 *	good request when it has refused one
 * @silence: goes off when the guest has said nothing for too long
 * @turn_end: number behind the last packet before the next proof
 * @refused: how often the good request was, since it was answered
 * @proved: whether the guest has stood all up to there; a turn whose ring was lost
 *	goes on with a new one, so that proofs do not become fewer
 * @fences: sent in this turn
 * @fences_answered: of those, or followed by one that was
 * @batches: bytes before each fence that is not answered, by its transaction
 * @flying: bytes under way
 * @start_us: when the barrage began
 * @result: so far
 * @packet: the last that was made
 */
struct hvsim_barrage {
	struct hvsim_service *service;
	struct hvsim_barrage_plan plan;
	struct hvsim_hostile_target target;
	void (*done)(void *userdata);
	void *userdata;
	enum phase phase;
	bool watching;
	struct hvsim_exchange turn;
	struct hvsim_exchange proof;
	sd_event_source *next;
	sd_event_source *pace;
	sd_event_source *again;
	sd_event_source *silence;
	uint64_t turn_end;
	unsigned int refused;
	bool proved;
	uint64_t fences;
	uint64_t fences_answered;
	size_t batches[FENCE_IDS];
	size_t flying;
	uint64_t start_us;
	struct hvsim_barrage_result result;
	struct hvsim_hostile_packet packet;
};

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t barrage_end(const struct hvsim_barrage *barrage)
{
	return barrage->plan.first + barrage->plan.count;
}

static void barrage_go_on(struct hvsim_barrage *barrage)
{
	sd_event_source_set_enabled(barrage->next, SD_EVENT_ONESHOT);
}

static int barrage_again_after(struct hvsim_barrage *barrage, uint64_t us)
{
	sd_event_source_set_time_relative(barrage->again, us);
	return sd_event_source_set_enabled(barrage->again, SD_EVENT_ONESHOT);
}

/* The guest has said something. */
static void barrage_hear(struct hvsim_barrage *barrage)
{
	sd_event_source_set_time_relative(barrage->silence, barrage->plan.timeout_us);
	barrage_again_after(barrage, AGAIN_US);
}

/* Tells its owner from the loop, where the barrage may be freed. */
static void barrage_finish(struct hvsim_barrage *barrage, const char *failure)
{
	enum phase phase = barrage->phase;

	if (phase == DONE)
		return;
	barrage->phase = DONE;
	barrage->result.failure = failure;
	sd_event_source_set_enabled(barrage->silence, SD_EVENT_OFF);
	sd_event_source_set_enabled(barrage->again, SD_EVENT_OFF);
	sd_event_source_set_enabled(barrage->pace, SD_EVENT_OFF);
	/* a turn that nobody ends would hold up the channel for ever */
	if (phase != AWAY)
		hvsim_channel_cancel(barrage->service->channel);
	barrage_go_on(barrage);
}

static void fence_failed(struct hvsim_barrage *barrage, int err)
{
	/* the channel is being closed; who watches will see it */
	if (err != -ENOTCONN)
		barrage_finish(barrage, err == -ENOBUFS ? "the plugin takes no more" :
			       strerror(-err));
}

static int fence_build(struct hvsim_barrage *barrage, uint8_t *bytes, size_t size, uint8_t id)
{
	return hvsim_message_build_offer(bytes, size, id, hvsim_service_offer(barrage->service));
}

static int fence_send(struct hvsim_barrage *barrage, uint8_t id)
{
	struct hvsim_service *service = barrage->service;
	uint8_t bytes[HVIC_HDR_LEN + 256];
	int len;

	len = fence_build(barrage, bytes, sizeof(bytes), id);
	if (len < 0)
		return len;
	hvsim_journal_packet(service->setting->journal, service->kind->name, true, bytes,
			     (size_t)len);
	return hvsim_channel_send(service->channel, HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, bytes,
				  (size_t)len);
}

/* Closes a batch of this many bytes. */
static int batch_close(struct hvsim_barrage *barrage, size_t batch)
{
	unsigned int id = barrage->fences % FENCE_IDS;

	barrage->batches[id] = batch;
	barrage->flying += batch;
	barrage->fences++;
	return fence_send(barrage, (uint8_t)(HVSIM_HOSTILE_OTHERS + id));
}

/* The answer to a fence: all before it is answered, too, or lost. */
static void batch_answered(struct hvsim_barrage *barrage, unsigned int id)
{
	uint64_t ahead = barrage->fences - barrage->fences_answered, fence;

	for (fence = 0; fence < ahead; fence++)
		if ((barrage->fences_answered + fence) % FENCE_IDS == id)
			break;
	for (ahead = fence < ahead ? fence + 1 : 0; ahead; ahead--)
		barrage->flying -= barrage->batches[barrage->fences_answered++ % FENCE_IDS];
}

/* Sends the packet that was made last, as often as it says. */
static int packet_send(struct hvsim_barrage *barrage)
{
	const struct hvsim_hostile_packet *packet = &barrage->packet;
	struct hvsim_service *service = barrage->service;
	bool in_ring = packet->frame == HVSIM_FRAME_PACKET || packet->frame == HVSIM_FRAME_RING;
	unsigned int i;
	int err;

	for (i = 0; i < packet->times; i++) {
		err = hvsim_channel_send(service->channel, packet->frame, packet->arg,
					 packet->bytes, packet->len);
		if (err < 0)
			return err;
		barrage->result.sent += in_ring;
		if (in_ring)
			hvsim_journal_packet(service->setting->journal, service->kind->name, true,
					     packet->bytes, packet->len);
	}
	barrage->result.packets[packet->kind]++;
	barrage->result.number++;
	return 0;
}

/* A ring that makes no sense any more is of use to nobody: there must be a new one. */
static int channel_renew(struct hvsim_barrage *barrage)
{
	struct hvsim_channel *channel = barrage->service->channel;
	int err;

	err = hvsim_channel_send(channel, HVSIM_FRAME_SIGNAL, 0, NULL, 0);
	if (err < 0)
		return err;
	barrage->result.renewed++;
	/* this closes it, and so ends the turn */
	err = hvsim_channel_rescind(channel);
	return err ?: hvsim_channel_offer(channel);
}

/* Bytes that the packet which was made last takes up in a ring. */
static size_t packet_size(const struct hvsim_hostile_packet *packet)
{
	size_t around = packet->frame == HVSIM_FRAME_PACKET ? sizeof(struct hvsim_vmbus_packet) +
			HVSIM_PACKET_TRAILER : 0;

	return packet->times * (around + (packet->len + 7) / 8 * 8);
}

/*
 * Sends packets up to the next fence, and that; returns whether it did, or a
 * negative errno.  What is larger than may be under way is sent alone.
 */
static int batch_send(struct hvsim_barrage *barrage)
{
	size_t batch = 0, size;
	int err;

	while (barrage->result.number < barrage->turn_end && batch < FENCE_BYTES) {
		hvsim_hostile_make(&barrage->packet, &barrage->target, barrage->plan.seed,
				   barrage->result.number);
		size = packet_size(&barrage->packet);
		if (barrage->flying + batch && barrage->flying + batch + size > FLYING_BYTES)
			break;
		err = packet_send(barrage);
		if (err < 0)
			return err;
		if (1u << barrage->packet.kind & HVSIM_HOSTILE_BREAKING)
			return channel_renew(barrage);
		batch += size ?: 1;
	}
	if (!batch)
		return 0;
	err = batch_close(barrage, batch);
	return err < 0 ? err : 1;
}

/* Whether the rate allows more now; if not, there will be another look later. */
static bool pace_allows(struct hvsim_barrage *barrage)
{
	uint64_t done = barrage->result.number - barrage->plan.first;
	uint64_t due;

	if (!barrage->plan.rate)
		return true;
	due = barrage->start_us + done * 1000000 / barrage->plan.rate;
	if (monotonic_us() >= due)
		return true;
	sd_event_source_set_time_relative(barrage->pace, PACE_US);
	sd_event_source_set_enabled(barrage->pace, SD_EVENT_ONESHOT);
	/* it is not the guest who is silent */
	barrage_hear(barrage);
	return false;
}

static void barrage_send(struct hvsim_barrage *barrage)
{
	int sent = 1;

	while (barrage->phase == SENDING && sent > 0 &&
	       barrage->fences - barrage->fences_answered < FENCES_MOST) {
		if (barrage->result.number == barrage->turn_end)
			barrage->phase = DRAINING;
		else if (pace_allows(barrage))
			sent = batch_send(barrage);
		else
			return;
	}
	if (sent >= 0 && barrage->phase == DRAINING &&
	    barrage->fences_answered == barrage->fences) {
		barrage->phase = ENDING;
		sent = fence_send(barrage, GATE);
	}
	if (sent < 0)
		fence_failed(barrage, sent);
}

static void turn_submit(struct hvsim_barrage *barrage)
{
	if (!hvsim_channel_submit(barrage->service->channel, &barrage->turn))
		barrage->phase = WAITING;
}

static int barrage_on_next(sd_event_source *source, void *userdata)
{
	struct hvsim_barrage *barrage = userdata;

	(void)source;
	if (barrage->phase == DONE)
		barrage->done(barrage->userdata);
	else if (barrage->phase == AWAY)
		turn_submit(barrage);
	else if (barrage->phase == SENDING || barrage->phase == DRAINING)
		barrage_send(barrage);
	return 0;
}

static int barrage_on_pace(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	barrage_go_on(userdata);
	return 0;
}

/* Whether the channel belongs to the barrage. */
static bool has_turn(const struct hvsim_barrage *barrage)
{
	return barrage->phase >= STARTING && barrage->phase <= ENDING;
}

static void proof_submit(struct hvsim_barrage *barrage);

static int barrage_on_again(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_barrage *barrage = userdata;

	(void)source;
	(void)usec;
	if (barrage->phase == REFUSED)
		proof_submit(barrage);
	if (!has_turn(barrage) ||
	    barrage->fences - barrage->fences_answered == FENCE_IDS)
		return 0;
	barrage->result.lost++;
	if (barrage->phase == STARTING || barrage->phase == ENDING)
		fence_send(barrage, GATE);
	else
		batch_close(barrage, 0);
	return barrage_again_after(barrage, AGAIN_US);
}

static int barrage_on_silence(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_barrage *barrage = userdata;

	(void)source;
	(void)usec;
	barrage_finish(barrage, barrage->phase == AWAY ?
		       "the guest does not open the channel any more" :
		       "the guest does not answer any more");
	return 0;
}

/* The turn begins with its first fence. */
static int turn_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			size_t size)
{
	struct hvsim_barrage *barrage = exchange->userdata;
	uint64_t left = barrage_end(barrage) - barrage->result.number;
	uint64_t check_every = barrage->plan.check_every;

	(void)transaction;
	if (barrage->phase == DONE)
		return -ECANCELED;
	barrage->phase = STARTING;
	if (barrage->proved) {
		barrage->turn_end = barrage->result.number +
				    (left < check_every ? left : check_every);
		barrage->proved = false;
	}
	barrage->fences = 0;
	barrage->fences_answered = 0;
	barrage->flying = 0;
	barrage_hear(barrage);
	return fence_build(barrage, bytes, size, GATE);
}

/* The channel is gone, or the host has started over: wait until it is there again. */
static void barrage_cut_off(struct hvsim_barrage *barrage)
{
	barrage->phase = AWAY;
	barrage_hear(barrage);
	barrage_go_on(barrage);
}

/* All is sent, or it is time for the next turn. */
static void turn_end(struct hvsim_barrage *barrage)
{
	barrage->proved = true;
	if (barrage->result.number == barrage_end(barrage))
		barrage_finish(barrage, NULL);
	else
		barrage_cut_off(barrage);
}

static void proof_submit(struct hvsim_barrage *barrage)
{
	struct hvsim_service *service = barrage->service;

	if (service->state != HVSIM_READY) {
		barrage_finish(barrage, "the guest chooses no versions any more");
		return;
	}
	barrage->result.proofs += !barrage->refused;
	/* where requests have effects, or nobody is there for them, to agree must do */
	if (!service->kind->burst || (service->kind->served && !service->kind->served(service)))
		turn_end(barrage);
	else if (!hvsim_channel_submit(service->channel, &barrage->proof))
		barrage->phase = PROVING;
	else
		barrage_cut_off(barrage);
}

static void turn_done(struct hvsim_exchange *exchange, int result,
		      const struct hvsim_answer *answer)
{
	struct hvsim_barrage *barrage = exchange->userdata;

	if (barrage->phase == DONE)
		return;
	barrage->phase = AWAY;
	if (!result) {
		hvsim_service_adopt(barrage->service, hvsim_service_offer(barrage->service),
				    answer);
		proof_submit(barrage);
	} else if (result == -ECONNRESET || result == -ECANCELED) {
		barrage_cut_off(barrage);
	} else {
		barrage_finish(barrage, strerror(-result));
	}
}

static int proof_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			 size_t size)
{
	struct hvsim_barrage *barrage = exchange->userdata;
	struct hvsim_service *service = barrage->service;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	return service->kind->burst(service, transaction, bytes, size);
}

static void proof_count(struct hvsim_barrage *barrage, int result)
{
	barrage->result.proofs += !result;
	barrage->refused = 0;
	turn_end(barrage);
}

/* See barrage_on_again(). */
static void proof_wait(struct hvsim_barrage *barrage)
{
	barrage->phase = REFUSED;
	barrage_again_after(barrage, REFUSED_US);
}

static void proof_done(struct hvsim_exchange *exchange, int result,
		       const struct hvsim_answer *answer)
{
	struct hvsim_barrage *barrage = exchange->userdata;

	if (barrage->phase == DONE)
		return;
	barrage->phase = AWAY;
	/* of the time there may be nothing to say yet */
	if ((!result && !answer->message.status) || result == -ENODATA)
		proof_count(barrage, result);
	else if (result == -ECONNRESET || result == -ECANCELED)
		barrage_cut_off(barrage);
	else if (!result && barrage->refused++ < REFUSALS)
		proof_wait(barrage);
	else
		barrage_finish(barrage, "the guest answers no good request any more");
}

static void answer_count(struct hvsim_barrage *barrage, const struct hvsim_message *message,
			 uint32_t faults)
{
	barrage->result.answered++;
	if (faults & HVSIM_FAULTS_FATAL ||
	    message->flags != (HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE))
		barrage->result.misshapen++;
}

/* Whether the answer to a fence is none of the channel's business: the last one is. */
static bool fence_answered(struct hvsim_barrage *barrage, unsigned int transaction)
{
	barrage_hear(barrage);
	barrage_go_on(barrage);
	if (transaction != GATE)
		batch_answered(barrage, transaction - HVSIM_HOSTILE_OTHERS);
	else if (barrage->phase == STARTING)
		barrage->phase = SENDING;
	else
		return barrage->phase != ENDING;
	return true;
}

/* Whether a packet is none of the channel's business. */
static bool barrage_take(struct hvsim_barrage *barrage, const struct hvsim_frame *frame)
{
	struct hvsim_service *service = barrage->service;
	struct hvsim_message message;
	bool taken = true;
	uint32_t faults;

	if (!has_turn(barrage))
		return false;
	faults = hvsim_message_open(&message, frame->bytes, frame->length);
	if (message.has_header && message.transaction >= HVSIM_HOSTILE_OTHERS)
		taken = fence_answered(barrage, message.transaction);
	else if (barrage->phase != STARTING)
		answer_count(barrage, &message, faults);
	if (taken)
		hvsim_journal_packet(service->setting->journal, service->kind->name, false,
				     frame->bytes, frame->length);
	return taken;
}

static bool barrage_on_frame(const struct hvsim_frame *frame, void *userdata)
{
	struct hvsim_barrage *barrage = userdata;

	switch (frame->type) {
	case HVSIM_FRAME_PACKET:
		return barrage_take(barrage, frame);
	case HVSIM_FRAME_OPENED:
		barrage_hear(barrage);
		barrage_go_on(barrage);
		return false;
	case HVSIM_FRAME_CLOSED:
		barrage->result.closed += hvsim_channel_is_open(barrage->service->channel);
		return false;
	default:
		return false;
	}
}

static int timer_add(struct hvsim_barrage *barrage, sd_event_source **ret,
		     sd_event_time_handler_t handler)
{
	int err = sd_event_add_time(barrage->service->setting->event, ret, CLOCK_MONOTONIC, 0,
				    HVSIM_TIMER_ACCURACY_US, handler, barrage);

	return err < 0 ? err : sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

static int barrage_start(struct hvsim_barrage *barrage)
{
	sd_event *event = barrage->service->setting->event;
	int err;

	err = timer_add(barrage, &barrage->pace, barrage_on_pace);
	if (err >= 0)
		err = timer_add(barrage, &barrage->again, barrage_on_again);
	if (err >= 0)
		err = timer_add(barrage, &barrage->silence, barrage_on_silence);
	if (err >= 0)
		err = sd_event_add_defer(event, &barrage->next, barrage_on_next, barrage);
	if (err >= 0)
		err = hvsim_channel_watch(barrage->service->channel, barrage_on_frame, barrage);
	if (err < 0)
		return err;
	barrage->watching = true;
	barrage_hear(barrage);
	sd_event_source_set_enabled(barrage->silence, SD_EVENT_ONESHOT);
	return 0;
}

/**
 * hvsim_barrage_new() - Begin to send hostile packets to a service.
 * @ret: the barrage
 * @service: to which; need not be open yet
 * @plan: what to send; copied
 * @done: called once, from the loop, when all is sent and proven, or something has
 *	failed; may free the barrage
 * @userdata: for @done
 *
 * Return: 0; -EOPNOTSUPP when no packets can be made for the service; -EBUSY when
 * somebody else has its channel; -ENOMEM.
 */
int hvsim_barrage_new(struct hvsim_barrage **ret, struct hvsim_service *service,
		      const struct hvsim_barrage_plan *plan, void (*done)(void *userdata),
		      void *userdata)
{
	struct hvsim_barrage *barrage;
	int err;

	if (!hvsim_hostile_knows(service->kind->id))
		return -EOPNOTSUPP;
	barrage = calloc(1, sizeof(*barrage));
	if (!barrage)
		return -ENOMEM;
	barrage->service = service;
	barrage->plan = *plan;
	barrage->target = (struct hvsim_hostile_target){
		.service = service->kind->id, .kinds = plan->kinds, .most = plan->most,
	};
	barrage->done = done;
	barrage->userdata = userdata;
	barrage->result.number = plan->first;
	barrage->proved = true;
	barrage->start_us = monotonic_us();
	barrage->turn = (struct hvsim_exchange){
		.prepare = turn_prepare, .done = turn_done, .userdata = barrage,
		.timeout_us = TURN_US, .vmbus_type = HVSIM_VMBUS_INBAND, .raw = true,
	};
	barrage->proof = (struct hvsim_exchange){
		.prepare = proof_prepare, .done = proof_done, .userdata = barrage,
		.timeout_us = plan->timeout_us, .vmbus_type = HVSIM_VMBUS_INBAND,
	};
	err = barrage_start(barrage);
	if (err < 0) {
		hvsim_barrage_free(barrage);
		return err;
	}
	*ret = barrage;
	return 0;
}

/**
 * hvsim_barrage_free() - End a barrage, and give the channel back.
 * @barrage: may be NULL
 *
 * What is under way is dropped, and done() is not called any more.
 */
void hvsim_barrage_free(struct hvsim_barrage *barrage)
{
	enum phase phase;

	if (!barrage)
		return;
	phase = barrage->phase;
	barrage->phase = DONE;
	if (phase != AWAY && phase != DONE)
		hvsim_channel_cancel(barrage->service->channel);
	if (barrage->watching)
		hvsim_channel_unwatch(barrage->service->channel);
	sd_event_source_disable_unref(barrage->next);
	sd_event_source_disable_unref(barrage->pace);
	sd_event_source_disable_unref(barrage->again);
	sd_event_source_disable_unref(barrage->silence);
	free(barrage);
}

/**
 * hvsim_barrage_result() - What has come of a barrage so far.
 * @barrage: of which
 *
 * Return: the result, borrowed.
 */
const struct hvsim_barrage_result *hvsim_barrage_result(const struct hvsim_barrage *barrage)
{
	return &barrage->result;
}

/**
 * hvsim_barrage_json() - Tell a barrage's result.
 * @result: which
 *
 * Return: an object, the caller's.
 */
struct json_object *hvsim_barrage_json(const struct hvsim_barrage_result *result)
{
	struct json_object *object = json_object_new_object();
	struct json_object *packets = json_object_new_object();
	int i;

	for (i = 0; i < HVSIM_NR_HOSTILE; i++)
		if (result->packets[i])
			hvsim_json_add_uint(packets, hvsim_hostile_name(i), result->packets[i]);
	hvsim_json_add(object, "packets", packets);
	hvsim_json_add_uint(object, "sent", result->sent);
	hvsim_json_add_uint(object, "answered", result->answered);
	hvsim_json_add_uint(object, "misshapen", result->misshapen);
	hvsim_json_add_uint(object, "lost", result->lost);
	hvsim_json_add_uint(object, "proofs", result->proofs);
	hvsim_json_add_uint(object, "renewed", result->renewed);
	hvsim_json_add_uint(object, "closed", result->closed);
	hvsim_json_add_uint(object, "next", result->number);
	hvsim_json_add_string(object, "failure", result->failure);
	return object;
}
