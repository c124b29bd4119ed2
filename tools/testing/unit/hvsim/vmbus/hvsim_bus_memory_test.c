// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim's bus when there is no memory: each allocation of each step fails in its
 * turn.  The linker sends malloc() and calloc() here first.
 */
#include <errno.h>
#include <string.h>

#include "guest_script.h"
#include "hvsim_hex.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

/* Allocations until one fails, while this is not negative; and whether it has. */
static int countdown = -1;
static bool failed;

static bool fails(void)
{
	if (countdown < 0 || countdown--)
		return false;
	failed = true;
	return true;
}

/**
 * __wrap_malloc() - Allocate, or fail when it is time to.
 * @size: in bytes
 *
 * Return: the memory; NULL.
 */
void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

/**
 * __wrap_calloc() - Allocate zeros, or fail when it is time to.
 * @count: how many
 * @size: of each, in bytes
 *
 * Return: the memory; NULL.
 */
void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

/* What needs memory; how often is not said, so that a new one is found. */
static const struct {
	const char *name;
	enum guest_state from;
	uint16_t frame;			/* 0 for a message */
	uint16_t arg;
	const char *hex;
} steps[] = {
	{ "contact", FRESH, 0, 0, MSG_CONTACT("03000500", "01000000", "02") },
	{ "request", CONNECTED, 0, 0, MSG_REQUEST },
	{ "gpadl", OFFERED, 0, 0,
	  MSG_GPADL("01000000", "51000000", "1800", "00200000", Z16) },
	{ "gpadl in two messages", OFFERED, 0, 0,
	  MSG_GPADL("01000000", "51000000", "1800", "00200000", Z8) },
	{ "open that is refused", OPEN, 0, 0,
	  MSG_OPEN("01000000", "91000000", "50000000", "01000000", "02000000") },
	{ "teardown", OPEN, 0, 0, MSG_TEARDOWN("01000000", "50000000") },
	{ "unload", OPEN, 0, 0, MSG_UNLOAD },
	{ "offer", CONNECTED, HVSIM_FRAME_OFFER, 0, "08000000" DEVICE },
	{ "rescind", OPEN, HVSIM_FRAME_RESCIND, 0, "07000000" },
	{ "packet", OPEN, HVSIM_FRAME_PACKET, 0x8006, "07000000 11" },
	{ "bytes", OPEN, HVSIM_FRAME_RING, 0, "07000000 11" },
	{ "message", CONNECTED, HVSIM_FRAME_MESSAGE, 0, "11" },
	{ "trick", CONNECTED, HVSIM_FRAME_TRICK, 4, "ffffffff 04000000 00000000" },
};

static unsigned int anomalies, written;

static void on_tell(uint32_t type, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	anomalies += type == HVSIM_FRAME_ANOMALY;
	written += type == HVSIM_FRAME_WRITTEN;
}

static int step_do(struct guest_bus *guest, size_t i, const uint8_t *bytes, size_t len)
{
	struct hvsim_frame frame = { steps[i].frame, steps[i].arg, (uint32_t)len, bytes };

	if (steps[i].frame)
		return hvsim_bus_command(guest->bus, &frame);
	return hvsim_bus_receive(guest->bus, 4, 1, bytes, len);
}

/* Does a step whose allocation @which fails; returns whether it has as many. */
static bool step_fail(size_t i, int which)
{
	struct guest_bus *guest = guest_start(steps[i].from);
	bool said, clean, has;
	uint8_t *bytes;
	size_t len;
	int err;

	if (hvsim_hex_decode(&bytes, &len, steps[i].hex) < 0)
		abort();
	guest->quiet = true;
	guest->on_tell = on_tell;
	anomalies = 0;
	written = 0;
	failed = false;
	countdown = which;
	err = step_do(guest, i, bytes, len);
	countdown = -1;
	has = failed;
	said = err == -ENOMEM || anomalies;
	guest_bus_settle(guest);
	guest_bus_connect(guest);
	guest->on_tell = NULL;
	free(bytes);
	clean = guest_bus_free(guest);
	if (has)
		tap_ok(said && clean, "no memory: %s: it is said, and nothing is lost (%d)",
		       steps[i].name, which + 1);
	if (has && steps[i].arg & HVSIM_PACKET_TELL)
		tap_is_int(written, 1, "no memory: %s: nor waited for", steps[i].name);
	return has;
}

int main(void)
{
	struct guest_bus *guest;
	size_t i;
	int which;

	for (i = 0; i < NR(steps); i++) {
		for (which = 0; step_fail(i, which); which++)
			;
		tap_ok(which > 0 && which < 10, "no memory: %s needs some", steps[i].name);
	}
	countdown = 0;
	guest = guest_bus_new();
	countdown = -1;
	tap_ok(!guest && failed, "no memory: there is no bus");
	return tap_done();
}
