// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A daemon and its requests: the input is what happens, a byte each. Every request
 * is handed back once, in no other place than one of the moves.
 */
#include "fuzz.h"
#include "hvic_session.h"

#define REQUESTS_MAX	8

static struct hvic_session session;
static size_t requests;

/* It is freed: who still had it would be caught by AddressSanitizer. */
static void end(struct hvic_request *ended)
{
	if (!ended)
		return;
	requests--;
	free(ended);
}

static void add(u64 expires)
{
	struct hvic_request *request = malloc(sizeof(*request));

	CHECK(request);
	hvic_session_add(&session, request, expires);
	requests++;
}

static void step(enum hvic_session_event event)
{
	enum hvic_session_state before = session.state;
	struct hvic_request *ended;
	int err = hvic_session_step(&session, event, &ended);

	CHECK(!err || (session.state == before && !ended));
	CHECK(!ended || before == HVIC_SESSION_BUSY || event == HVIC_ON_END);
	end(ended);
}

static void check(u64 now)
{
	const struct hvic_request *due = hvic_session_due(&session);

	CHECK(hvic_session_count(&session) == requests);
	CHECK(!due == !requests && (!due || due->expires > now));
	CHECK(session.state != HVIC_SESSION_READY || !requests);
	CHECK(session.state < HVIC_SESSION_OFFERED || requests);
}

/**
 * LLVMFuzzerTestOneInput() - Live through a session.
 * @data: what happens
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct hvic_request *ended;
	u64 now = 0;

	session = (struct hvic_session){};
	for (; len; data++, len--) {
		u8 move = *data % 10;

		if (move < HVIC_NR_SESSION_EVENTS)
			step(move);
		else if (move == 7 && requests < REQUESTS_MAX)
			add(now + 1 + *data / 16);
		else if (move == 8)
			now++;
		else if (move == 9)
			while ((ended = hvic_session_drop(&session)))
				end(ended);
		while ((ended = hvic_session_expire(&session, now)))
			end(ended);
		hvic_session_offer(&session);
		check(now);
	}
	while ((ended = hvic_session_drop(&session)))
		end(ended);
	CHECK(!requests);
	return 0;
}
