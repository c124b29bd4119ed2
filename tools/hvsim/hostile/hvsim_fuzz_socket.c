// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile offers of Hyper-V sockets, one after the other.
 *
 * Some are there at a time, each in a slot.  At every turn of the timer the next slot is
 * looked at: an empty one gets an offer, a full one is taken back.  So each is there for a
 * few milliseconds, which is the time in which a guest probes and accepts it.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "hvsim_fuzz_socket.h"
#include "hvsim_hostile_socket.h"
#include "hvsim_link.h"
#include "hvsim_root.h"

#define SLOTS	8
/* Between two turns, in us. */
#define TURN_US	2000

/**
 * struct slot - a socket that the guest has been offered
 * @port: its channel; NULL for none
 * @rescinded_us: when it was taken back; 0 when it was not
 */
struct slot {
	struct hvsim_port *port;
	uint64_t rescinded_us;
};

/**
 * struct hvsim_fuzz_sockets - offers under way
 * @setting: what they live in
 * @plan: what is to be offered
 * @done: called from the loop when all are gone, or one does not go
 * @userdata: for @done
 * @timer: of the next turn
 * @slots: those that are there
 * @at: whose turn it is
 * @offered: so far
 * @failure: what was wrong; NULL for nothing
 */
struct hvsim_fuzz_sockets {
	const struct hvsim_setting *setting;
	struct hvsim_fuzz_sockets_plan plan;
	void (*done)(void *userdata);
	void *userdata;
	sd_event_source *timer;
	struct slot slots[SLOTS];
	size_t at;
	uint64_t offered;
	const char *failure;
};

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void slot_on_frame(const struct hvsim_frame *frame, void *userdata)
{
	(void)frame;
	(void)userdata;
}

static void slot_on_released(void *userdata)
{
	struct slot *slot = userdata;

	slot->port = NULL;
	slot->rescinded_us = 0;
}

static void slot_offer(struct hvsim_fuzz_sockets *sockets, struct slot *slot)
{
	static const struct hvsim_port_owner owner = { slot_on_frame, slot_on_released };
	struct hvsim_link *link = hvsim_root_link(sockets->setting->root);
	struct hvsim_vmbus_offer offer;

	hvsim_hostile_socket(&offer, HVSIM_SOCKET_ANY, sockets->plan.seed,
			     sockets->plan.first + sockets->offered);
	if (hvsim_port_new(&slot->port, link, &offer, &owner, slot) < 0) {
		slot->port = NULL;
		sockets->failure = "a socket cannot be offered";
		return;
	}
	sockets->offered++;
}

static void slot_turn(struct hvsim_fuzz_sockets *sockets, struct slot *slot)
{
	if (!slot->port) {
		if (sockets->offered < sockets->plan.count)
			slot_offer(sockets, slot);
	} else if (!slot->rescinded_us) {
		slot->rescinded_us = monotonic_us();
		hvsim_port_rescind(slot->port);
	} else if (monotonic_us() - slot->rescinded_us > sockets->plan.timeout_us) {
		sockets->failure = "the guest does not let go of a socket";
	}
}

static bool is_over(const struct hvsim_fuzz_sockets *sockets)
{
	size_t i;

	if (sockets->failure)
		return true;
	for (i = 0; i < SLOTS; i++)
		if (sockets->slots[i].port)
			return false;
	return sockets->offered == sockets->plan.count;
}

static int sockets_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_fuzz_sockets *sockets = userdata;

	(void)usec;
	slot_turn(sockets, &sockets->slots[sockets->at]);
	sockets->at = (sockets->at + 1) % SLOTS;
	if (is_over(sockets)) {
		/* which frees this */
		sockets->done(sockets->userdata);
		return 0;
	}
	sd_event_source_set_time_relative(source, TURN_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/**
 * hvsim_fuzz_sockets_new() - Begin to offer sockets.
 * @ret: what offers them
 * @setting: what they live in, with a bus of hvsim's
 * @plan: what is to be offered
 * @done: called from the loop at the end, once; may free it
 * @userdata: for @done
 *
 * Return: 0; -ENOMEM; what the loop said.
 */
int hvsim_fuzz_sockets_new(struct hvsim_fuzz_sockets **ret, const struct hvsim_setting *setting,
			   const struct hvsim_fuzz_sockets_plan *plan,
			   void (*done)(void *userdata), void *userdata)
{
	struct hvsim_fuzz_sockets *sockets = calloc(1, sizeof(*sockets));
	int err;

	if (!sockets)
		return -ENOMEM;
	sockets->setting = setting;
	sockets->plan = *plan;
	sockets->done = done;
	sockets->userdata = userdata;
	err = sd_event_add_time_relative(setting->event, &sockets->timer, CLOCK_MONOTONIC, 0,
					 HVSIM_TIMER_ACCURACY_US, sockets_on_turn, sockets);
	if (err < 0) {
		free(sockets);
		return err;
	}
	*ret = sockets;
	return 0;
}

/**
 * hvsim_fuzz_sockets_free() - Take back what is there.
 * @sockets: may be NULL
 */
void hvsim_fuzz_sockets_free(struct hvsim_fuzz_sockets *sockets)
{
	size_t i;

	if (!sockets)
		return;
	for (i = 0; i < SLOTS; i++)
		if (sockets->slots[i].port)
			hvsim_port_abandon(sockets->slots[i].port);
	sd_event_source_disable_unref(sockets->timer);
	free(sockets);
}

/**
 * hvsim_fuzz_sockets_offered() - How many were offered.
 * @sockets: may be NULL
 *
 * Return: how many.
 */
uint64_t hvsim_fuzz_sockets_offered(const struct hvsim_fuzz_sockets *sockets)
{
	return sockets ? sockets->offered : 0;
}

/**
 * hvsim_fuzz_sockets_failure() - What was wrong.
 * @sockets: may be NULL
 *
 * Return: a sentence; NULL for nothing.
 */
const char *hvsim_fuzz_sockets_failure(const struct hvsim_fuzz_sockets *sockets)
{
	return sockets ? sockets->failure : NULL;
}
