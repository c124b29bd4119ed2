// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many good requests, several under way at a time: how much a guest can take,
 * and whether it can be taken apart meanwhile.  What the answers say is not
 * looked at, only that they are good answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvsim_burst.h"
#include "hvsim_json.h"
#include "hvsim_latency.h"

/**
 * struct burst - a burst under way
 * @service: on which
 * @request: to answer at the end
 * @count: how many requests to send
 * @started: how many were submitted
 * @flying: how many of those are not done
 * @answered: how many got a good answer
 * @refused: how many of those had a status other than 0
 * @lost: how many got none, or a bad one
 * @error: what ended it early; 0 when nothing did
 * @negotiate: whether the requests are version offers
 * @timeout_us: time for each answer, in us
 * @start_us: when it began, in us
 * @heard_us: when the guest last answered anything, or it began
 * @latency: of those answered
 * @window: how many may be under way
 * @exchanges: room for that many
 */
struct burst {
	struct hvsim_service *service;
	struct hvsim_request *request;
	int64_t count;
	int64_t started;
	int64_t flying;
	int64_t answered;
	int64_t refused;
	int64_t lost;
	int error;
	bool negotiate;
	uint64_t timeout_us;
	uint64_t start_us;
	uint64_t heard_us;
	struct hvsim_latency latency;
	int64_t window;
	struct hvsim_exchange exchanges[];
};

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int burst_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			 size_t size)
{
	struct burst *burst = exchange->userdata;
	struct hvsim_service *service = burst->service;

	if (burst->negotiate)
		return hvsim_message_build_offer(bytes, size, transaction,
						 hvsim_service_offer(service));
	if (service->state != HVSIM_READY)
		return -ECANCELED;
	return service->kind->burst(service, transaction, bytes, size);
}

static const char *error_text(int error)
{
	switch (error) {
	case 0:
		return NULL;
	case -ECONNRESET:
	case -ENOTCONN:
		return "the guest closed the channel";
	case -ETIMEDOUT:
		return "the guest answers no more";
	case -ECANCELED:
		return "versions were negotiated anew meanwhile";
	default:
		return strerror(-error);
	}
}

static void burst_finish(struct burst *burst)
{
	struct json_object *data = json_object_new_object();
	uint64_t elapsed = monotonic_us() - burst->start_us;

	hvsim_json_add_int(data, "sent", burst->started);
	hvsim_json_add_int(data, "answered", burst->answered);
	hvsim_json_add_int(data, "refused", burst->refused);
	hvsim_json_add_int(data, "lost", burst->lost);
	hvsim_json_add_string(data, "ended-early", error_text(burst->error));
	hvsim_json_add_uint(data, "elapsed-us", elapsed);
	hvsim_json_add_uint(data, "answers-per-second",
			    elapsed ? (uint64_t)burst->answered * 1000000 / elapsed : 0);
	hvsim_json_add(data, "round-trip", hvsim_latency_summary(&burst->latency));
	hvsim_request_return(burst->request, data);
	hvsim_latency_clear(&burst->latency);
	free(burst);
}

static void burst_submit(struct burst *burst, struct hvsim_exchange *exchange)
{
	int err = hvsim_channel_submit(burst->service->channel, exchange);

	if (err < 0) {
		burst->error = err;
		return;
	}
	burst->started++;
	burst->flying++;
}

static void burst_done(struct hvsim_exchange *exchange, int result,
		       const struct hvsim_answer *answer)
{
	struct burst *burst = exchange->userdata;

	burst->flying--;
	if (answer)
		burst->heard_us = monotonic_us();
	if (!result) {
		burst->answered++;
		burst->refused += answer->message.status != HVIC_STATUS_OK;
		hvsim_latency_add(&burst->latency, answer->round_trip_us);
	} else {
		burst->lost++;
		/* one answer that is bad or missing is no reason to stop; silence is */
		if (result != -EBADMSG && result != -ETIMEDOUT)
			burst->error = result;
		else if (monotonic_us() - burst->heard_us > burst->timeout_us / 2)
			burst->error = result;
	}
	if (!burst->error && burst->started < burst->count)
		burst_submit(burst, exchange);
	if (!burst->flying)
		burst_finish(burst);
}

struct burst_arguments {
	const char *service;
	const char *kind;
	int64_t count;
	int64_t window;
	int64_t timeout_ms;
};

static const struct hvsim_argument table[] = {
	{ "service", HVSIM_ARGUMENT_STRING, true, offsetof(struct burst_arguments, service) },
	{ "kind", HVSIM_ARGUMENT_STRING, false, offsetof(struct burst_arguments, kind) },
	{ "count", HVSIM_ARGUMENT_INTEGER, true,
	  offsetof(struct burst_arguments, count), 1, 10000000 },
	{ "window", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct burst_arguments, window), 1, HVSIM_WINDOW_MAX },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct burst_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* Whether the service can do that kind of burst; fails the request if not. */
static bool burst_possible(struct hvsim_service *service, struct hvsim_request *request,
			   const char *kind)
{
	const char *name = service->kind->name;

	if (!strcmp(kind, "negotiate"))
		return true;
	if (strcmp(kind, "request"))
		hvsim_request_fail(request, "bad-argument",
				   "argument \"kind\" must be request or negotiate");
	else if (!service->kind->burst)
		hvsim_request_fail(request, "bad-argument", "%s has no request that does no harm; "
				   "\"kind\" must be negotiate", name);
	else
		return true;
	return false;
}

/**
 * hvsim_burst_command() - Carry out the command "burst".
 * @service: on whose channel
 * @request: gone afterwards, or later
 * @arguments: of the command
 */
void hvsim_burst_command(struct hvsim_service *service, struct hvsim_request *request,
			 struct json_object *arguments)
{
	struct burst_arguments given = {
		.kind = "request",
		.window = 16,
		.timeout_ms = HVSIM_ANSWER_MS,
	};
	struct burst *burst;
	int64_t i;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    !burst_possible(service, request, given.kind) ||
	    hvsim_service_require_ready(service, request) < 0)
		return;
	burst = calloc(1, sizeof(*burst) + (size_t)given.window * sizeof(burst->exchanges[0]));
	if (!burst) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return;
	}
	burst->service = service;
	burst->request = request;
	burst->count = given.count;
	burst->window = given.window;
	burst->negotiate = !strcmp(given.kind, "negotiate");
	burst->timeout_us = (uint64_t)given.timeout_ms * 1000;
	burst->start_us = monotonic_us();
	burst->heard_us = burst->start_us;
	for (i = 0; i < burst->window && i < burst->count && !burst->error; i++) {
		burst->exchanges[i] = (struct hvsim_exchange){
			.prepare = burst_prepare,
			.done = burst_done,
			.userdata = burst,
			.timeout_us = burst->timeout_us,
			.vmbus_type = HVSIM_VMBUS_INBAND,
			.pipelined = true,
		};
		burst_submit(burst, &burst->exchanges[i]);
	}
	if (!burst->flying)
		burst_finish(burst);
}
