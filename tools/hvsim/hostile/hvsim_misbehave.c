// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host that misbehaves on command.
 *
 * A behaviour is a list of deeds, which are done one after the other, each when the
 * one before is over.  Every behaviour ends with a proof that the service is as
 * well as before; what comes in its way is a failure of the guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <time.h>

#include "hvsim_barrage.h"
#include "hvsim_behaviour.h"
#include "hvsim_dice.h"
#include "hvsim_guid.h"
#include "hvsim_hostile_socket.h"
#include "hvsim_json.h"
#include "hvsim_misbehave.h"
#include "hvsim_vmbus.h"

/* Packets from one proof to the next. */
#define CHECK_EVERY	1000
/* Requests of one that takes no answer: several times what a ring holds. */
#define REQUESTS	1000
#define WAIT_US		1000000
/* Between two questions whether a guest has done with all the others. */
#define ASK_AGAIN_US	1000000
/* A year, in 100 ns. */
#define YEAR		(365ull * 86400 * 10000000)

struct run;

/**
 * struct more - another channel than the service's
 * @run: for which it was offered
 * @port: the channel; NULL when the guest has let go of it
 */
struct more {
	struct run *run;
	struct hvsim_port *port;
};

/**
 * struct run - a behaviour under way
 * @link: in @misbehave
 * @misbehave: whose
 * @service: to which it is done
 * @behaviour: which
 * @request: to answer
 * @seed: of all that is random
 * @count: times to do all of it, or packets
 * @round: of those, from 0
 * @timeout_us: for the guest, each time that it has to do something
 * @start_us: when it began
 * @deed: of this round, from 0
 * @go: does the next deed, from the loop
 * @timer: of @timeout_us, or of a deed that waits
 * @waits: the timer's end is no failure
 * @watching: the channel's watcher is this
 * @hushed: the channel is paused
 * @awaited: what has to happen to the channel; 0 for nothing
 * @happened: what has, since it was last taken back or offered: a set of frame types
 * @drained: the guest has answered the last of many requests
 * @drain_us: until when it has to; 0 when it is not waited for
 * @barrage: packets under way
 * @total: what came of all barrages
 * @more: other channels
 * @nr_more: how many were offered
 * @offer: of the last of them
 * @sockets: how many of them, in all rounds, were sockets
 * @lessening: it is waited for until the guest has let go of all of them
 * @time: a wrong time
 * @timing: it is under way
 * @times: how many there are still to be
 * @ended: nothing is to come of what is under way any more
 */
struct run {
	LIST_ENTRY(run) link;
	struct hvsim_misbehave *misbehave;
	struct hvsim_service *service;
	const struct hvsim_behaviour *behaviour;
	struct hvsim_request *request;
	uint64_t seed;
	uint64_t count;
	uint64_t round;
	uint64_t timeout_us;
	uint64_t start_us;
	size_t deed;
	sd_event_source *go;
	sd_event_source *timer;
	bool waits;
	bool watching;
	bool hushed;
	enum hvsim_frame_type awaited;
	uint64_t happened;
	bool drained;
	uint64_t drain_us;
	struct hvsim_barrage *barrage;
	struct hvsim_barrage_result total;
	struct more more[HVSIM_MORE_MAX];
	size_t nr_more;
	struct hvsim_vmbus_offer offer;
	uint64_t sockets;
	bool lessening;
	struct hvsim_exchange time;
	bool timing;
	uint32_t times;
	bool ended;
};

struct hvsim_misbehave {
	const struct hvsim_setting *setting;
	struct hvsim_service *const *services;
	size_t count;
	LIST_HEAD(, run) runs;
};

/* What a deed comes to. */
enum outcome {
	GO_ON,
	WAIT,		/* until something has happened */
	FAILED,		/* and the run is gone */
};

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void run_unwatch(struct run *run)
{
	if (run->watching)
		hvsim_channel_unwatch(run->service->channel);
	run->watching = false;
}

/* Leaves everything as it should be, whatever was done. */
static void run_free(struct run *run)
{
	size_t i;

	run->ended = true;
	if (run->timing)
		hvsim_channel_cancel(run->service->channel);
	hvsim_barrage_free(run->barrage);
	run_unwatch(run);
	if (run->hushed)
		hvsim_channel_resume(run->service->channel);
	for (i = 0; i < run->nr_more; i++)
		if (run->more[i].port)
			hvsim_port_abandon(run->more[i].port);
	sd_event_source_disable_unref(run->go);
	sd_event_source_disable_unref(run->timer);
	LIST_REMOVE(run, link);
	free(run);
}

/* Answers the client; the run is gone afterwards. */
static enum outcome run_finish(struct run *run, const char *failure)
{
	struct json_object *result;

	run->total.failure = failure;
	result = hvsim_barrage_json(&run->total);
	hvsim_json_add_string(result, "behaviour", run->behaviour->name);
	hvsim_json_add_string(result, "service", run->service->kind->name);
	hvsim_json_add_uint(result, "seed", run->seed);
	hvsim_json_add_uint(result, "count", run->count);
	hvsim_json_add_uint(result, "elapsed-us", monotonic_us() - run->start_us);
	hvsim_request_return(run->request, result);
	run_free(run);
	return FAILED;
}

static void run_go_on(struct run *run)
{
	run->awaited = 0;
	sd_event_source_set_enabled(run->timer, SD_EVENT_OFF);
	sd_event_source_set_enabled(run->go, SD_EVENT_ONESHOT);
}

/* Waits for the guest, or just so. */
static enum outcome run_wait(struct run *run, uint64_t us, bool waits)
{
	run->waits = waits;
	sd_event_source_set_time_relative(run->timer, us);
	sd_event_source_set_enabled(run->timer, SD_EVENT_ONESHOT);
	return WAIT;
}

static struct hvsim_link *run_link(struct run *run)
{
	return hvsim_root_link(run->misbehave->setting->root);
}

/* ---- the channel ---- */

static bool run_on_frame(const struct hvsim_frame *frame, void *userdata)
{
	struct run *run = userdata;

	if (frame->type < 64)
		run->happened |= 1ull << frame->type;
	if (run->awaited && run->awaited == frame->type)
		run_go_on(run);
	/* what answers what was sent beside all exchanges is not for the channel */
	if (frame->type != HVSIM_FRAME_PACKET || !run->hushed)
		return false;
	if (frame->length > 24 && frame->bytes[24] >= HVSIM_HOSTILE_OTHERS)
		run->drained = true;
	return true;
}

static enum outcome run_watch(struct run *run)
{
	if (run->watching)
		return GO_ON;
	if (hvsim_channel_watch(run->service->channel, run_on_frame, run) < 0)
		return run_finish(run, "something else is done there");
	run->watching = true;
	return GO_ON;
}

static enum outcome run_await(struct run *run, enum hvsim_frame_type type)
{
	if (run->happened & 1ull << type)
		return GO_ON;
	run->awaited = type;
	return run_wait(run, run->timeout_us, false);
}

static enum outcome deed_rescind(struct run *run)
{
	run->happened = 0;
	hvsim_channel_rescind(run->service->channel);
	return GO_ON;
}

static enum outcome deed_offer(struct run *run)
{
	run->happened = 0;
	if (hvsim_channel_offer(run->service->channel) < 0)
		return run_finish(run, "the channel cannot be offered");
	return GO_ON;
}

static enum outcome deed_await_offered(struct run *run)
{
	return run_await(run, HVSIM_FRAME_OFFERED);
}

static enum outcome deed_await_opened(struct run *run)
{
	return run_await(run, HVSIM_FRAME_OPENED);
}

static enum outcome deed_await_closed(struct run *run)
{
	return run_await(run, HVSIM_FRAME_CLOSED);
}

static enum outcome deed_wait(struct run *run)
{
	return run_wait(run, WAIT_US, true);
}

/* ---- packets ---- */

static void total_add(struct hvsim_barrage_result *total, const struct hvsim_barrage_result *one)
{
	size_t i;

	for (i = 0; i < HVSIM_NR_HOSTILE; i++)
		total->packets[i] += one->packets[i];
	total->sent += one->sent;
	total->answered += one->answered;
	total->misshapen += one->misshapen;
	total->lost += one->lost;
	total->proofs += one->proofs;
	total->renewed += one->renewed;
	total->closed += one->closed;
	total->number = one->number;
}

static void run_on_barrage(void *userdata)
{
	struct run *run = userdata;
	const struct hvsim_barrage_result *result = hvsim_barrage_result(run->barrage);
	const char *failure = result->failure;

	total_add(&run->total, result);
	hvsim_barrage_free(run->barrage);
	run->barrage = NULL;
	if (failure)
		run_finish(run, failure);
	else if (run_watch(run) == GO_ON)
		run_go_on(run);
}

/* Hostile packets, or none, and the proof that the service stands it. */
static enum outcome packets_send(struct run *run, uint32_t kinds, uint64_t count)
{
	const struct hvsim_barrage_plan plan = {
		.kinds = kinds,
		.seed = run->seed,
		.count = count,
		.check_every = CHECK_EVERY,
		.most = HVSIM_HOSTILE_MOST,
		.timeout_us = run->timeout_us,
	};
	int err;

	run_unwatch(run);
	err = hvsim_barrage_new(&run->barrage, run->service, &plan, run_on_barrage, run);
	if (err < 0)
		return run_finish(run, strerror(-err));
	return WAIT;
}

static enum outcome deed_packets(struct run *run)
{
	uint64_t count = run->count;

	/* not round by round: what is random is to go on */
	run->round = count - 1;
	return packets_send(run, run->behaviour->what, count);
}

static enum outcome deed_prove(struct run *run)
{
	return packets_send(run, HVSIM_HOSTILE(GOOD), 0);
}

static enum outcome deed_hush(struct run *run)
{
	hvsim_channel_cancel(run->service->channel);
	hvsim_channel_pause(run->service->channel);
	run->hushed = true;
	return GO_ON;
}

static enum outcome deed_speak(struct run *run)
{
	run->hushed = false;
	hvsim_channel_resume(run->service->channel);
	return GO_ON;
}

static enum outcome deed_hold(struct run *run)
{
	hvsim_channel_send(run->service->channel, HVSIM_FRAME_HOLD, 1, NULL, 0);
	return GO_ON;
}

static enum outcome deed_let_go(struct run *run)
{
	hvsim_channel_send(run->service->channel, HVSIM_FRAME_HOLD, 0, NULL, 0);
	return GO_ON;
}

static enum outcome deed_ask(struct run *run)
{
	const struct hvsim_hostile_target target = {
		.service = run->service->kind->id,
		.kinds = HVSIM_HOSTILE(GOOD),
		.most = HVSIM_HOSTILE_MOST,
	};
	struct hvsim_hostile_packet *packet = malloc(sizeof(*packet));
	uint64_t i;
	int err = packet ? 0 : -ENOMEM;

	for (i = 0; i < REQUESTS && !err; i++) {
		hvsim_hostile_make(packet, &target, run->seed, run->round * REQUESTS + i);
		err = hvsim_channel_send(run->service->channel, packet->frame, packet->arg,
					 packet->bytes, packet->len);
	}
	run->total.sent += i;
	free(packet);
	return err < 0 ? run_finish(run, strerror(-err)) : GO_ON;
}

/*
 * Waits until all that was asked is answered, or lost: until the answer to one more
 * question, which may be lost itself.
 */
static enum outcome deed_drain(struct run *run)
{
	uint8_t bytes[HVIC_HDR_LEN + 256];
	int len;

	if (!run->drain_us)
		run->drain_us = monotonic_us() + run->timeout_us;
	if (run->drained) {
		run->drained = false;
		run->drain_us = 0;
		return GO_ON;
	}
	if (monotonic_us() > run->drain_us)
		return run_finish(run, "the guest does not answer any more");
	len = hvsim_message_build_offer(bytes, sizeof(bytes), HVSIM_HOSTILE_OTHERS,
					hvsim_service_offer(run->service));
	if (len > 0)
		hvsim_channel_send(run->service->channel, HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND,
				   bytes, (size_t)len);
	/* once more */
	run->deed--;
	return run_wait(run, ASK_AGAIN_US, true);
}

/* ---- the bus ---- */

/* A trick on what the guest has, or on what it is about to get: its number is not known. */
static enum outcome deed_trick(struct run *run)
{
	const struct hvsim_behaviour *behaviour = run->behaviour;
	struct hvsim_port *port = hvsim_channel_port(run->service->channel);
	bool now = behaviour->deeds[1] != HVSIM_DEED_RESCIND &&
		   behaviour->deeds[1] != HVSIM_DEED_SOCKETS;
	uint8_t bytes[12];

	hvsim_frame_put(bytes, now && port ? hvsim_port_number(port) : HVSIM_CHANNEL_ANY, 4);
	hvsim_frame_put(bytes + 4, behaviour->how, 4);
	hvsim_frame_put(bytes + 8, behaviour->value, 4);
	run->happened = 0;
	hvsim_link_send(run_link(run), HVSIM_FRAME_TRICK, (uint16_t)behaviour->what, bytes,
			sizeof(bytes));
	return GO_ON;
}

static enum outcome message_post(struct run *run, bool other_type)
{
	const struct hvsim_behaviour *behaviour = run->behaviour;
	size_t head = other_type ? 4 : 0;
	uint8_t bytes[4 + HVSIM_VMBUS_MESSAGE_MAX] = { 0 };
	size_t value = other_type ? 0 : sizeof(struct hvsim_vmbus_head);

	hvsim_frame_put(bytes + head, behaviour->what, 4);
	hvsim_frame_put(bytes + value, behaviour->value, 4);
	hvsim_link_send(run_link(run), HVSIM_FRAME_MESSAGE, other_type, bytes,
			head + behaviour->how);
	return GO_ON;
}

static enum outcome deed_message(struct run *run)
{
	return message_post(run, false);
}

static enum outcome deed_type(struct run *run)
{
	return message_post(run, true);
}

/* With the number that Linux gives an opening. */
static enum outcome deed_answer_open(struct run *run)
{
	uint32_t relid = hvsim_channel_place(run->service->channel)->relid;
	const struct hvsim_vmbus_open_result message = {
		.head.type = HVSIM_OPEN_CHANNEL_RESULT,
		.relid = relid,
		.open_id = relid,
	};

	hvsim_link_send(run_link(run), HVSIM_FRAME_MESSAGE, 0, &message, sizeof(message));
	return GO_ON;
}

static enum outcome deed_rescind_again(struct run *run)
{
	const struct hvsim_vmbus_relid message = {
		.head.type = HVSIM_RESCIND_CHANNEL_OFFER,
		.relid = hvsim_channel_place(run->service->channel)->relid,
	};

	hvsim_link_send(run_link(run), HVSIM_FRAME_MESSAGE, 0, &message, sizeof(message));
	return GO_ON;
}

static enum outcome deed_index(struct run *run)
{
	const struct hvsim_behaviour *behaviour = run->behaviour;
	uint8_t bytes[8];

	hvsim_frame_put(bytes, behaviour->how, 4);
	hvsim_frame_put(bytes + 4, behaviour->value, 4);
	hvsim_channel_send(run->service->channel, HVSIM_FRAME_INDEX, (uint16_t)behaviour->what,
			   bytes, sizeof(bytes));
	/* nobody looks at it otherwise */
	hvsim_channel_send(run->service->channel, HVSIM_FRAME_SIGNAL, 0, NULL, 0);
	return GO_ON;
}

/* ---- another channel ---- */

static void more_frame(const struct hvsim_frame *frame, void *userdata)
{
	(void)frame;
	(void)userdata;
}

static bool more_are_gone(const struct run *run)
{
	size_t i;

	for (i = 0; i < run->nr_more; i++)
		if (run->more[i].port)
			return false;
	return true;
}

static void more_released(void *userdata)
{
	struct more *more = userdata;
	struct run *run = more->run;

	more->port = NULL;
	if (!run->lessening || !more_are_gone(run))
		return;
	run->lessening = false;
	run_go_on(run);
}

static void more_make(struct run *run, struct hvsim_vmbus_offer *offer)
{
	const struct hvsim_ic *ic = &hvsim_ics[run->service->kind->id];
	struct hvsim_dice dice = { hvsim_dice_mix(run->seed) + run->round };
	size_t i;

	*offer = (struct hvsim_vmbus_offer){ .flags = HVSIM_OFFER_PIPE };
	hvsim_guid_parse(offer->class_id, ic->class_id);
	hvsim_guid_parse(offer->instance_id, ic->instance_id);
	offer->user[0] = HVSIM_PIPE_MESSAGE;
	if (run->behaviour->what == HVSIM_MORE_SAME)
		return;
	for (i = 0; i < sizeof(offer->instance_id); i++)
		offer->instance_id[i] = (uint8_t)hvsim_dice_roll(&dice);
	if (run->behaviour->what == HVSIM_MORE_SUB_CHANNEL)
		offer->sub_channel = (uint16_t)(1 + hvsim_dice_below(&dice, 8));
	if (run->behaviour->what != HVSIM_MORE_STRANGE)
		return;
	for (i = 0; i < sizeof(offer->class_id); i++)
		offer->class_id[i] = (uint8_t)hvsim_dice_roll(&dice);
	for (i = 0; i < sizeof(offer->user); i++)
		offer->user[i] = (uint8_t)hvsim_dice_roll(&dice);
	offer->flags = (uint16_t)hvsim_dice_roll(&dice);
	offer->mmio_mib = (uint16_t)hvsim_dice_roll(&dice);
}

static enum outcome more_offer(struct run *run)
{
	static const struct hvsim_port_owner owner = { more_frame, more_released };
	struct more *more = &run->more[run->nr_more];

	if (run->nr_more == HVSIM_MORE_MAX)
		return run_finish(run, "there are too many channels");
	more->run = run;
	if (hvsim_port_new(&more->port, run_link(run), &run->offer, &owner, more) < 0) {
		more->port = NULL;
		return run_finish(run, "the channel cannot be offered");
	}
	run->nr_more++;
	return GO_ON;
}

static enum outcome deed_more(struct run *run)
{
	more_make(run, &run->offer);
	return more_offer(run);
}

static enum outcome deed_sockets(struct run *run)
{
	/* the value of a trick is for one */
	bool tricked = run->behaviour->deeds[0] == HVSIM_DEED_TRICK;
	uint32_t left = tricked || !run->behaviour->value ? 1 : run->behaviour->value;
	enum outcome outcome = GO_ON;

	while (left-- && outcome == GO_ON) {
		hvsim_hostile_socket(&run->offer, run->behaviour->more, run->seed, run->sockets++);
		outcome = more_offer(run);
	}
	return outcome;
}

static enum outcome deed_same_socket(struct run *run)
{
	return more_offer(run);
}

static enum outcome deed_less(struct run *run)
{
	bool gone = more_are_gone(run);
	size_t i;

	run->lessening = !gone;
	for (i = 0; i < run->nr_more; i++)
		if (run->more[i].port)
			hvsim_port_rescind(run->more[i].port);
	if (gone)
		run->nr_more = 0;
	else
		run->deed--;	/* which finds them gone */
	return gone ? GO_ON : run_wait(run, run->timeout_us, false);
}

/* ---- the time ---- */

static int time_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			size_t size)
{
	static const uint64_t jumps[] = {
		10000000, 36000000000ull, YEAR, 100 * YEAR, 5 * 10000000, 1,
	};
	struct run *run = exchange->userdata;
	struct hvsim_dice dice = { hvsim_dice_mix(run->seed + run->round) + run->times };
	uint64_t jump = jumps[hvsim_dice_below(&dice, sizeof(jumps) / sizeof(jumps[0]))];
	struct hvsim_time time = {
		.parent = HVSIM_EPOCH_1601 + exchange->clock.realtime / 100,
		.reference = exchange->clock.reference,
		.flags = run->times % 2 ? HVIC_TIMESYNC_SAMPLE : HVIC_TIMESYNC_SYNC,
	};

	if (run->service->state != HVSIM_READY)
		return -ECANCELED;
	/* the last one is right */
	if (run->times > 1) {
		time.parent += hvsim_dice_below(&dice, 2) ? jump : -jump;
		if (!hvsim_dice_below(&dice, 4))
			time.parent = hvsim_dice_odd(&dice, 8, HVSIM_EPOCH_1601);
		if (!hvsim_dice_below(&dice, 4))
			time.reference = hvsim_dice_odd(&dice, 8, time.reference);
		time.flags = (uint8_t)hvsim_dice_below(&dice, 4);
	} else {
		time.flags = HVIC_TIMESYNC_SYNC;
	}
	return hvsim_message_build_time(bytes, size, transaction, &run->service->versions, &time,
					0);
}

static enum outcome time_submit(struct run *run)
{
	if (hvsim_channel_submit(run->service->channel, &run->time) < 0)
		return run_finish(run, "the guest has closed the channel");
	run->timing = true;
	return WAIT;
}

static void time_done(struct hvsim_exchange *exchange, int result,
		      const struct hvsim_answer *answer)
{
	struct run *run = exchange->userdata;
	bool last = --run->times == 0;

	if (run->ended)
		return;
	run->timing = false;
	run->total.sent++;
	if (result && result != -EBADMSG) {
		run_finish(run, "the guest does not answer what the time is");
	} else if (last && answer->message.status) {
		run_finish(run, "the guest does not take the right time any more");
	} else {
		run->total.answered++;
		if (last)
			run_go_on(run);
		else
			time_submit(run);
	}
}

static enum outcome deed_time(struct run *run)
{
	run->times = run->behaviour->value;
	run->time = (struct hvsim_exchange){
		.prepare = time_prepare,
		.done = time_done,
		.userdata = run,
		.timeout_us = run->timeout_us,
		.vmbus_type = HVSIM_VMBUS_INBAND,
		.needs_clock = true,
	};
	return time_submit(run);
}

/* ---- the run ---- */

static enum outcome (*const deeds[])(struct run *run) = {
	[HVSIM_DEED_PACKETS] = deed_packets,
	[HVSIM_DEED_PROVE] = deed_prove,
	[HVSIM_DEED_TRICK] = deed_trick,
	[HVSIM_DEED_RESCIND] = deed_rescind,
	[HVSIM_DEED_OFFER] = deed_offer,
	[HVSIM_DEED_AWAIT_OFFERED] = deed_await_offered,
	[HVSIM_DEED_AWAIT_OPENED] = deed_await_opened,
	[HVSIM_DEED_AWAIT_CLOSED] = deed_await_closed,
	[HVSIM_DEED_WAIT] = deed_wait,
	[HVSIM_DEED_HUSH] = deed_hush,
	[HVSIM_DEED_SPEAK] = deed_speak,
	[HVSIM_DEED_ASK] = deed_ask,
	[HVSIM_DEED_DRAIN] = deed_drain,
	[HVSIM_DEED_HOLD] = deed_hold,
	[HVSIM_DEED_LET_GO] = deed_let_go,
	[HVSIM_DEED_MESSAGE] = deed_message,
	[HVSIM_DEED_TYPE] = deed_type,
	[HVSIM_DEED_ANSWER_OPEN] = deed_answer_open,
	[HVSIM_DEED_RESCIND_AGAIN] = deed_rescind_again,
	[HVSIM_DEED_MORE] = deed_more,
	[HVSIM_DEED_SOCKETS] = deed_sockets,
	[HVSIM_DEED_SAME_SOCKET] = deed_same_socket,
	[HVSIM_DEED_LESS] = deed_less,
	[HVSIM_DEED_INDEX] = deed_index,
	[HVSIM_DEED_TIME] = deed_time,
};

static int run_on_go(sd_event_source *source, void *userdata)
{
	struct run *run = userdata;
	enum outcome outcome = GO_ON;
	enum hvsim_deed deed;

	(void)source;
	while (outcome == GO_ON) {
		deed = run->behaviour->deeds[run->deed++];
		if (deed != HVSIM_DEED_END)
			outcome = deeds[deed](run);
		else if (++run->round < run->count)
			run->deed = 0;
		else
			outcome = run_finish(run, NULL);
	}
	return 0;
}

static int run_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct run *run = userdata;

	(void)source;
	(void)usec;
	if (run->waits)
		run_go_on(run);
	else
		run_finish(run, run->awaited == HVSIM_FRAME_OFFERED || !run->awaited ?
			   "the guest does not let go of the channel" :
			   run->awaited == HVSIM_FRAME_CLOSED ?
			   "the guest did not close the channel" :
			   "the guest does not open the channel");
	return 0;
}

struct misbehave_arguments {
	const char *name;
	const char *service;
	int64_t count;
	int64_t seed;
	int64_t timeout_ms;
};

static const struct hvsim_argument table[] = {
	{ "name", HVSIM_ARGUMENT_STRING, true, offsetof(struct misbehave_arguments, name) },
	{ "service", HVSIM_ARGUMENT_STRING, false,
	  offsetof(struct misbehave_arguments, service) },
	{ "count", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct misbehave_arguments, count),
	  1, 1000000000 },
	{ "seed", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct misbehave_arguments, seed),
	  0, INT64_MAX },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct misbehave_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* The service that is meant: the one named, or the first that is ready. */
static struct hvsim_service *service_pick(struct hvsim_misbehave *misbehave,
					  struct hvsim_request *request,
					  const struct hvsim_behaviour *behaviour,
					  const char *name)
{
	struct hvsim_service *service;
	size_t i;

	for (i = 0; i < misbehave->count; i++) {
		service = misbehave->services[i];
		if (behaviour->service && strcmp(behaviour->service, service->kind->name))
			continue;
		if (name ? !strcmp(name, service->kind->name) : service->state == HVSIM_READY)
			return hvsim_service_require_ready(service, request) < 0 ? NULL : service;
	}
	hvsim_request_fail(request, "bad-argument", "misbehave: %s is for %s", behaviour->name,
			   behaviour->service ?: "a service that the guest has open");
	return NULL;
}

static const struct hvsim_behaviour *behaviour_pick(struct hvsim_misbehave *misbehave,
						    struct hvsim_request *request,
						    const char *name)
{
	const struct hvsim_behaviour *behaviour = hvsim_behaviour_find(name);

	if (!behaviour)
		hvsim_request_fail(request, "bad-argument", "there is no behaviour \"%s\"; "
				   "\"misbehave list\" shows those there are", name);
	else if (behaviour->needs != HVSIM_NEEDS_NOTHING && !misbehave->setting->root)
		hvsim_request_fail(request, "not-supported", "misbehave: %s is not possible on "
				   "QEMU's bus; run the machine with --bus hvsim", name);
	else
		return behaviour;
	return NULL;
}

static int run_start(struct run *run)
{
	sd_event *event = run->misbehave->setting->event;
	int err;

	err = hvsim_channel_watch(run->service->channel, run_on_frame, run);
	if (err < 0)
		return err;
	run->watching = true;
	err = sd_event_add_time(event, &run->timer, CLOCK_MONOTONIC, 0, HVSIM_TIMER_ACCURACY_US,
				run_on_timer, run);
	if (err >= 0)
		err = sd_event_source_set_enabled(run->timer, SD_EVENT_OFF);
	if (err >= 0)
		err = sd_event_add_defer(event, &run->go, run_on_go, run);
	return err;
}

static void command_misbehave(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	struct misbehave_arguments given = { .seed = 1, .timeout_ms = HVSIM_ANSWER_MS };
	struct hvsim_misbehave *misbehave = userdata;
	const struct hvsim_behaviour *behaviour;
	struct hvsim_service *service;
	struct run *run;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0)
		return;
	behaviour = behaviour_pick(misbehave, request, given.name);
	service = behaviour ? service_pick(misbehave, request, behaviour, given.service) : NULL;
	if (!service)
		return;
	run = calloc(1, sizeof(*run));
	if (!run) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return;
	}
	run->misbehave = misbehave;
	run->service = service;
	run->behaviour = behaviour;
	run->request = request;
	run->seed = (uint64_t)given.seed;
	run->count = given.count ? (uint64_t)given.count : behaviour->count ?: 1;
	run->timeout_us = (uint64_t)given.timeout_ms * 1000;
	run->start_us = monotonic_us();
	LIST_INSERT_HEAD(&misbehave->runs, run, link);
	if (run_start(run) < 0)
		run_finish(run, "something else is done there");
}

static void command_list(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument none[] = { { .name = NULL } };
	struct hvsim_misbehave *misbehave = userdata;
	const struct hvsim_behaviour *behaviour;
	struct json_object *result, *list, *one;
	size_t i;

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	result = json_object_new_object();
	list = json_object_new_array();
	for (i = 0; (behaviour = hvsim_behaviour_at(i)); i++) {
		one = json_object_new_object();
		hvsim_json_add_string(one, "name", behaviour->name);
		hvsim_json_add_string(one, "text", behaviour->text);
		hvsim_json_add_string(one, "needs", hvsim_behaviour_needs_text(behaviour->needs));
		hvsim_json_add_string(one, "service", behaviour->service);
		hvsim_json_add_bool(one, "possible", behaviour->needs == HVSIM_NEEDS_NOTHING ||
				    misbehave->setting->root);
		json_object_array_add(list, one);
	}
	hvsim_json_add(result, "behaviours", list);
	hvsim_request_return(request, result);
}

/**
 * hvsim_misbehave_new() - Have the commands "misbehave" and "misbehave-list".
 * @ret: what carries them out
 * @setting: what it lives in
 * @services: on which it works
 * @count: how many services there are
 *
 * All must outlive it.
 *
 * Return: 0; -ENOMEM; as hvsim_control_register().
 */
int hvsim_misbehave_new(struct hvsim_misbehave **ret, const struct hvsim_setting *setting,
			struct hvsim_service *const *services, size_t count)
{
	struct hvsim_misbehave *misbehave = calloc(1, sizeof(*misbehave));
	int err;

	if (!misbehave)
		return -ENOMEM;
	misbehave->setting = setting;
	misbehave->services = services;
	misbehave->count = count;
	LIST_INIT(&misbehave->runs);
	err = hvsim_control_register(setting->control, "misbehave", command_misbehave, misbehave);
	if (err >= 0)
		err = hvsim_control_register(setting->control, "misbehave-list", command_list,
					     misbehave);
	if (err < 0) {
		free(misbehave);
		return err;
	}
	*ret = misbehave;
	return 0;
}

/**
 * hvsim_misbehave_free() - Stop all of it; who waits for it is told.
 * @misbehave: may be NULL
 */
void hvsim_misbehave_free(struct hvsim_misbehave *misbehave)
{
	struct run *run;

	if (!misbehave)
		return;
	while ((run = LIST_FIRST(&misbehave->runs)))
		run_finish(run, "the host stops");
	free(misbehave);
}
