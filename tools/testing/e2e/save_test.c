// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine that stands still while the world goes on: paused, or saved and
 * restored on a host that has forgotten what it was doing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "e2e.h"

#define ROUNDS		10
#define GAP_SECONDS	600

/**
 * struct stop - a way to stop a machine and have it go on
 * @name: for the tests' names
 * @stop: the host's command
 * @go_on: the host's command
 * @options: of @go_on, as JSON
 */
struct stop {
	const char *name;
	const char *stop;
	const char *go_on;
	const char *options;
};

static const struct stop stops[] = {
	{ "pause and resume", "pause", "resume", "" },
	{ "save and restore", "save", "restore", "" },
	{ "save and restore elsewhere", "save", "restore", ",\"reoffer\":true" },
};

static void stand_still(const struct stop *stop, int gap_s)
{
	e2e_tell(stop->stop, "{}");
	e2e_tell(stop->go_on, "{\"gap-ms\":%d%s}", gap_s * 1000, stop->options);
}

static void test_rounds(const struct stop *stop)
{
	const struct e2e_service *service;
	char when[64];
	int n;

	for (n = 0; n < ROUNDS; n++) {
		e2e_traffic();
		e2e_sleep_ms(n);	/* not always in the same moment of the traffic */
		stand_still(stop, 0);
		for (service = e2e_services; service->name; service++)
			if (!e2e_wait_state(service->name, "ready", 10000))
				break;
	}
	snprintf(when, sizeof(when), "after %d times %s", ROUNDS, stop->name);
	e2e_check_services("save", when);
}

/* The guest cannot know how long it stood still, but for the host's telling. */
static void test_gap(const struct stop *stop, int ahead_s)
{
	long long ahead = 0;
	int tries;

	e2e_agree_all();
	e2e_traffic();
	stand_still(stop, GAP_SECONDS);
	for (tries = 0; tries < 100 && llabs(ahead - ahead_s) > 1; tries++) {
		e2e_sleep_ms(50);
		ahead = strtoll(e2e_guest("date +%%s"), NULL, 10) - e2e_now_ns() / 1000000000;
	}
	e2e_is_int(llabs(ahead - ahead_s) <= 1 ? ahead_s : ahead, ahead_s,
		   "save: %s: the clock is set after a gap of %d s", stop->name, GAP_SECONDS);
	e2e_quiet();
}

static void run(void)
{
	int i;

	e2e_quiet();
	for (i = 0; i < (int)(sizeof(stops) / sizeof(stops[0])); i++) {
		test_rounds(&stops[i]);
		test_gap(&stops[i], (i + 1) * GAP_SECONDS);
	}
	/* for who comes next, this host's clock is right */
	e2e_tell("time-set", "{\"offset-ms\":%d}", -i * GAP_SECONDS * 1000);
	e2e_tell("time-sync", "{}");
}

const struct e2e_group e2e_save = { "save", run };
