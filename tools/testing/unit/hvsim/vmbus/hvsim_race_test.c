// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that runs while the bus is in the middle of a ring: no wake-up may be
 * lost.  The ring's source is built once more here, with a place before each
 * access to what both sides write, at which the guest may go on by some steps.
 * Nothing depends on time: a seed decides, and a run can be had again.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "guest_ring.h"

static void guest_run(void);

static uint32_t race_load(const uint32_t *field)
{
	guest_run();
	return *field;
}

static void race_store(uint32_t *field, uint32_t value)
{
	guest_run();
	*field = value;
}

#define hvsim_ring_start	race_ring_start
#define hvsim_ring_take		race_ring_take
#define hvsim_ring_put		race_ring_put
#define hvsim_ring_put_raw	race_ring_put_raw
#define hvsim_ring_poke		race_ring_poke
#define __atomic_load_n(field, order)		race_load(field)
#define __atomic_store_n(field, value, order)	race_store(field, value)
#define __atomic_thread_fence(order)		guest_run()
#include "hvsim_ring.c"

/* Packets of a round; and of each, more than the half of a ring is usual. */
#define PACKETS		12
#define ROUNDS		20000u

/**
 * enum guest_step - what the guest does next
 * @WRITER_LOOK: is there room for the next packet?
 * @WRITER_ASK: there is not: ask for a signal
 * @WRITER_LOOK_AGAIN: room may have come before that
 * @WRITER_WRITE: write the packet
 * @WRITER_SIGNAL: signal, if the host had read all
 * @READER_MASK: no more interrupts, while reading
 * @READER_READ: read a packet, if there is one
 * @READER_SIGNAL: signal, if the host waits for the room that there is now
 * @READER_UNMASK: there was none: interrupts again
 * @READER_LOOK_AGAIN: one may have come before that
 * @ASLEEP: until an interrupt
 * @DONE: all packets are through
 */
enum guest_step {
	WRITER_LOOK,
	WRITER_ASK,
	WRITER_LOOK_AGAIN,
	WRITER_WRITE,
	WRITER_SIGNAL,
	READER_MASK,
	READER_READ,
	READER_SIGNAL,
	READER_UNMASK,
	READER_LOOK_AGAIN,
	ASLEEP,
	DONE,
};

/**
 * struct guest - one end of the ring, as Linux has it
 * @step: what it does next
 * @awake: what it does first after an interrupt
 * @interrupted: there was one
 * @packets: it has written or read
 * @was: its index before the last packet
 * @wrong: it has read what was not written
 */
static struct guest {
	enum guest_step step;
	enum guest_step awake;
	bool interrupted;
	uint32_t packets;
	uint32_t was;
	bool wrong;
} guest;

static uint8_t memory[2][GUEST_PAGE] __attribute__((aligned(GUEST_PAGE)));
static void *pages[] = { memory[0], memory[1] };
static struct guest_ring shared;
static bool host_signalled;
static uint32_t dice_state;
static uint16_t lens[PACKETS];

static uint32_t dice(uint32_t below)
{
	dice_state = dice_state * 1664525 + 1013904223;
	return (dice_state >> 8) % below;
}

static void step_write(void)
{
	uint8_t payload[GUEST_PAGE];
	bool signal;

	memset(payload, (int)guest.packets, sizeof(payload));
	guest.was = guest_ring_get(&shared, GUEST_RING_WRITE);
	if (guest_ring_send(&shared, 6, guest.packets, payload, lens[guest.packets], &signal) < 0)
		guest.wrong = true;
	guest.packets++;
	guest.step = WRITER_SIGNAL;
}

static void writer_step(void)
{
	bool done = guest.packets == PACKETS;
	uint32_t need = done ? 0 : GUEST_PACKET_LEN(lens[guest.packets]);
	bool room = guest_ring_room(&shared) > need;

	switch (guest.step) {
	case WRITER_LOOK:
		guest.step = done ? DONE : room ? WRITER_WRITE : WRITER_ASK;
		break;
	case WRITER_ASK:
		guest_ring_set(&shared, GUEST_RING_PENDING, need);
		guest.step = WRITER_LOOK_AGAIN;
		break;
	case WRITER_LOOK_AGAIN:
		guest.step = room ? WRITER_WRITE : ASLEEP;
		break;
	case WRITER_WRITE:
		step_write();
		break;
	default:
		host_signalled |= guest_ring_get(&shared, GUEST_RING_READ) == guest.was;
		guest.step = WRITER_LOOK;
		break;
	}
}

static void step_read(void)
{
	static struct guest_packet packet;
	bool signal;
	int ret;

	guest.was = guest_ring_get(&shared, GUEST_RING_READ);
	ret = guest_ring_receive(&shared, &packet, &signal);
	if (ret == -EAGAIN) {
		guest.step = READER_UNMASK;
		return;
	}
	if (ret || packet.transaction != guest.packets || packet.payload[0] != guest.packets)
		guest.wrong = true;
	guest.packets++;
	guest.step = READER_SIGNAL;
}

/* The room that there was before is told from the indexes as they are now. */
static void step_signal(void)
{
	uint32_t pending = guest_ring_get(&shared, GUEST_RING_PENDING);
	uint32_t room = guest_ring_room(&shared);
	uint32_t read = (guest_ring_get(&shared, GUEST_RING_READ) + shared.size - guest.was) %
			shared.size;

	host_signalled |= pending && room > pending && room - read <= pending;
	guest.step = READER_READ;
}

static void reader_step(void)
{
	switch (guest.step) {
	case READER_MASK:
		guest_ring_set(&shared, GUEST_RING_MASK, 1);
		guest.step = READER_READ;
		break;
	case READER_READ:
		step_read();
		break;
	case READER_SIGNAL:
		step_signal();
		break;
	case READER_UNMASK:
		guest_ring_set(&shared, GUEST_RING_MASK, 0);
		guest.step = READER_LOOK_AGAIN;
		break;
	default:
		guest.step = guest_ring_room(&shared) == shared.size ? ASLEEP : READER_MASK;
		break;
	}
}

/* One step; returns whether there was any. */
static bool guest_step(void)
{
	if (guest.step == ASLEEP && guest.interrupted) {
		guest.interrupted = false;
		guest.step = guest.awake;
		return true;
	}
	if (guest.step == ASLEEP || guest.step == DONE)
		return false;
	if (guest.awake == WRITER_LOOK)
		writer_step();
	else
		reader_step();
	return true;
}

/* Between two accesses of the bus: often nothing, at times a lot. */
static void guest_run(void)
{
	uint32_t steps = dice(3) ? 0 : dice(4) ? dice(4) : 20;

	while (steps-- && guest_step())
		;
}

static void round_start(uint32_t seed, enum guest_step first, struct hvsim_ring *ring)
{
	size_t i;

	dice_state = seed;
	for (i = 0; i < PACKETS; i++)
		lens[i] = (uint16_t)(dice(3) ? 8 * dice(340) : 8 * dice(10));
	guest_ring_start(&shared, pages, 2);
	/* nothing to be interrupted in the middle of, yet */
	guest = (struct guest){ .step = DONE };
	if (race_ring_start(ring, pages, 2, first != WRITER_LOOK) < 0)
		abort();
	guest = (struct guest){ .step = first, .awake = first };
	host_signalled = false;
}

/* The host takes what there is when it is signalled, and then sleeps. */
static bool round_take(uint32_t seed)
{
	static uint8_t payload[HVSIM_RING_PACKET_MAX];
	struct hvsim_vmbus_packet packet;
	struct hvsim_ring ring;
	uint32_t taken = 0;
	bool wake;
	int ret;

	round_start(seed, WRITER_LOOK, &ring);
	while (host_signalled || guest_step()) {
		if (!host_signalled)
			continue;
		host_signalled = false;
		while ((ret = race_ring_take(&ring, &packet, payload,
					     sizeof(payload), &wake)) >= 0) {
			guest.interrupted |= wake;
			if (packet.transaction != taken || ret != lens[taken] ||
			    (ret && payload[0] != taken))
				return false;
			taken++;
		}
		if (ret != -EAGAIN)
			return false;
	}
	return taken == PACKETS && guest.step == DONE && !guest.wrong;
}

/* The host writes until there is no room, and then sleeps until it is signalled. */
static bool round_put(uint32_t seed)
{
	uint8_t payload[GUEST_PAGE];
	struct hvsim_ring ring;
	uint32_t put = 0;
	bool wake;
	int ret;

	round_start(seed, READER_MASK, &ring);
	host_signalled = true;
	while (host_signalled || guest_step()) {
		if (!host_signalled)
			continue;
		host_signalled = false;
		for (; put < PACKETS; put++) {
			memset(payload, (int)put, sizeof(payload));
			/* so that a first byte can be looked at */
			lens[put] += !lens[put];
			ret = race_ring_put(&ring, 6, put, payload, lens[put], &wake);
			if (ret < 0)
				break;
			guest.interrupted |= wake;
		}
		if (put < PACKETS && ret != -EAGAIN)
			return false;
	}
	return put == PACKETS && guest.packets == PACKETS && guest.step == ASLEEP && !guest.wrong;
}

static void test_race(const char *name, bool (*round)(uint32_t seed))
{
	uint32_t seed = 0;

	while (seed < ROUNDS && round(seed))
		seed++;
	tap_is_int(seed, ROUNDS, "%s, whatever the guest does meanwhile", name);
	if (seed < ROUNDS)
		tap_diag("seed %u: the guest has had %u of %u packets, and is at step %d", seed,
			 guest.packets, PACKETS, guest.step);
}

int main(void)
{
	test_race("packets from the guest all arrive", round_take);
	test_race("packets to the guest all arrive", round_put);
	return tap_done();
}
