/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts for a bus: steps, each with what the bus must do then and nothing else.
 */
#ifndef GUEST_SCRIPT_H
#define GUEST_SCRIPT_H

#include <stdlib.h>

#include "tap.h"
#include "guest_bus.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define SCRIPT(name, from, steps)	{ name, from, steps, NR(steps) }

/**
 * enum guest_state - where a script starts
 * @FRESH: nothing has happened
 * @CONNECTED: the guest has agreed on 5.3 and asked for offers
 * @OFFERED: and channel GUEST_NUMBER was offered
 * @OPEN: and is open
 */
enum guest_state {
	FRESH,
	CONNECTED,
	OFFERED,
	OPEN,
};

/**
 * struct guest_script - steps
 * @name: what they are about
 * @from: where they start
 * @steps: what happens
 * @count: steps at @steps
 */
struct guest_script {
	const char *name;
	enum guest_state from;
	const struct guest_step *steps;
	size_t count;
};

/* A bus on which so much has happened. */
static inline struct guest_bus *guest_start(enum guest_state from)
{
	struct guest_bus *guest = guest_bus_new();

	if (!guest)
		abort();
	if (from >= CONNECTED)
		guest_bus_connect(guest);
	if (from >= OFFERED)
		guest_bus_offer(guest);
	if (from >= OPEN)
		guest_bus_open(guest);
	return guest;
}

static inline void guest_end(struct guest_bus *guest, const char *name)
{
	tap_ok(guest_bus_free(guest), "%s: all is given back", name);
}

static inline void guest_play(const struct guest_script *script)
{
	struct guest_bus *guest = guest_start(script->from);
	size_t i;

	for (i = 0; i < script->count; i++)
		tap_ok(guest_bus_does(guest, &script->steps[i]), "%s: %s", script->name,
		       script->steps[i].name);
	guest_end(guest, script->name);
}

#endif
