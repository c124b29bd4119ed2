// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time synchronisation: the guest is told once to set its clock, and then
 * hears the time regularly.  The time is that of the machine that runs the
 * guest, read by the plugin together with the guest's reference counter, plus
 * an offset, by which this host's clock is wrong, plus the gaps, by which it has
 * moved on while the machine was paused or saved.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "hvsim_json.h"
#include "hvsim_service.h"

/* Counted from the answer to the previous sample, as openvmm does. */
#define SAMPLE_INTERVAL_MS	5000
/* A host's clock can be wrong by this much, either way: 10000 years. */
#define OFFSET_MAX_MS		315576000000000
/* A reference counter can be given wrong by this much: anything. */
#define REFERENCE_ERROR_MAX	INT64_MAX

/**
 * struct timesync - state of the service
 * @automatic: tell the time on its own
 * @interval_ms: between samples, in ms
 * @timer: of the next sample
 * @offset_ms: added to the machine's time, in ms
 * @leap: NTP leap indicator to tell
 * @stratum: NTP stratum to tell
 * @clock: last that the plugin gave; 0 before the first
 * @clock_ns: when, on our own monotonic clock, in ns
 * @sent: last that the guest was told and answered
 * @messages: how many it answered
 */
struct timesync {
	bool automatic;
	int64_t interval_ms;
	sd_event_source *timer;
	int64_t offset_ms;
	int64_t leap;
	int64_t stratum;
	struct hvsim_clock clock;
	uint64_t clock_ns;
	struct hvsim_time sent;
	uint64_t messages;
};

/**
 * struct telling - what the guest is told of the time, once
 * @flags: HVIC_TIMESYNC_*
 * @offset_ms: added to the machine's time, in ms
 * @leap: NTP leap indicator
 * @stratum: NTP stratum
 * @reference_error: added to the reference counter, in 100 ns
 * @body_size: bytes of body; 0 for the usual
 * @timeout_ms: time for the answer, in ms
 * @exchange: it
 * @service: whose
 * @request: to answer; NULL when nobody asked for it
 * @time: what was sent
 */
struct telling {
	int64_t flags;
	int64_t offset_ms;
	int64_t leap;
	int64_t stratum;
	int64_t reference_error;
	int64_t body_size;
	int64_t timeout_ms;
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	struct hvsim_time time;
};

/* Parent time: 100 ns since 1601; a silly offset wraps around, as it may. */
static uint64_t parent_time(const struct hvsim_service *service, const struct hvsim_clock *clock,
			    int64_t offset_ms)
{
	return clock->realtime / 100 + HVSIM_EPOCH_1601 +
	       ((uint64_t)offset_ms + (uint64_t)service->setting->gap_ms) * 10000;
}

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int telling_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			   size_t size)
{
	struct telling *telling = exchange->userdata;
	struct hvsim_service *service = telling->service;
	struct timesync *timesync = service->own;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	timesync->clock = exchange->clock;
	timesync->clock_ns = monotonic_ns();
	telling->time = (struct hvsim_time){
		.parent = parent_time(service, &exchange->clock, telling->offset_ms),
		.reference = exchange->clock.reference + (uint64_t)telling->reference_error,
		.flags = (uint8_t)telling->flags,
		.leap = (uint8_t)telling->leap,
		.stratum = (uint8_t)telling->stratum,
	};
	return hvsim_message_build_time(bytes, size, transaction, &service->versions,
					&telling->time, (size_t)telling->body_size);
}

static void timer_arm(struct timesync *timesync)
{
	sd_event_source_set_time_relative(timesync->timer, (uint64_t)timesync->interval_ms * 1000);
	sd_event_source_set_enabled(timesync->timer, SD_EVENT_ONESHOT);
}

static void time_add(struct json_object *object, const struct hvsim_time *time)
{
	hvsim_json_add_uint(object, "parent-time", time->parent);
	hvsim_json_add_uint(object, "reference-time", time->reference);
	hvsim_json_add_int(object, "flags", time->flags);
	hvsim_json_add_int(object, "leap", time->leap);
	hvsim_json_add_int(object, "stratum", time->stratum);
}

static void telling_done(struct hvsim_exchange *exchange, int result,
			 const struct hvsim_answer *answer)
{
	struct telling *telling = exchange->userdata;
	struct hvsim_service *service = telling->service;
	struct timesync *timesync = service->own;
	struct json_object *data;

	if (!result) {
		timesync->sent = telling->time;
		timesync->messages++;
	}
	if (!telling->request) {
		if (timesync->automatic && service->state == HVSIM_READY)
			timer_arm(timesync);
	} else if (result < 0) {
		hvsim_service_fail(service, telling->request, result, answer);
	} else {
		data = json_object_new_object();
		time_add(data, &telling->time);
		hvsim_json_add_uint(data, "realtime-ns", exchange->clock.realtime);
		hvsim_status_add(data, answer);
		hvsim_request_return(telling->request, data);
	}
	free(telling);
}

static struct telling *telling_new(struct hvsim_service *service, uint8_t flags)
{
	struct timesync *timesync = service->own;
	struct telling *telling = calloc(1, sizeof(*telling));

	if (!telling)
		return NULL;
	telling->flags = flags;
	telling->offset_ms = timesync->offset_ms;
	telling->leap = timesync->leap;
	telling->stratum = timesync->stratum;
	telling->timeout_ms = HVSIM_ANSWER_MS;
	telling->service = service;
	return telling;
}

/* Takes @telling over, also when it fails. */
static int telling_submit(struct telling *telling)
{
	int err;

	telling->exchange = (struct hvsim_exchange){
		.prepare = telling_prepare,
		.done = telling_done,
		.userdata = telling,
		.timeout_us = (uint64_t)telling->timeout_ms * 1000,
		.vmbus_type = HVSIM_VMBUS_INBAND,
		.needs_clock = true,
	};
	err = hvsim_channel_submit(telling->service->channel, &telling->exchange);
	if (err < 0)
		free(telling);
	return err;
}

static void timesync_tell(struct hvsim_service *service, uint8_t flags)
{
	struct telling *telling = telling_new(service, flags);

	/* a host that cannot now will when the guest opens the channel again */
	if (telling)
		telling_submit(telling);
}

static int timesync_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	timesync_tell(userdata, HVIC_TIMESYNC_SAMPLE);
	return 0;
}

static void timesync_ready(struct hvsim_service *service)
{
	struct timesync *timesync = service->own;

	if (timesync->automatic)
		timesync_tell(service, HVIC_TIMESYNC_SYNC);
}

static void timesync_unready(struct hvsim_service *service)
{
	struct timesync *timesync = service->own;

	sd_event_source_set_enabled(timesync->timer, SD_EVENT_OFF);
}

static void timesync_paused(struct hvsim_service *service)
{
	struct timesync *timesync = service->own;

	/* who was away must know that time has passed */
	if (!service->paused && service->state == HVSIM_READY && timesync->automatic)
		timesync_tell(service, HVIC_TIMESYNC_SYNC);
}

static int timesync_start(struct hvsim_service *service)
{
	struct timesync *timesync = service->own;
	int err;

	timesync->automatic = !service->setting->options.no_time;
	timesync->interval_ms = SAMPLE_INTERVAL_MS;
	err = sd_event_add_time(service->setting->event, &timesync->timer, CLOCK_MONOTONIC, 0,
				HVSIM_TIMER_ACCURACY_US, timesync_on_timer, service);
	if (err < 0)
		return err;
	return sd_event_source_set_enabled(timesync->timer, SD_EVENT_OFF);
}

static void timesync_stop(struct hvsim_service *service)
{
	struct timesync *timesync = service->own;

	sd_event_source_disable_unref(timesync->timer);
}

static void timesync_report(struct hvsim_service *service, struct json_object *status)
{
	struct timesync *timesync = service->own;
	struct json_object *last = NULL;

	hvsim_json_add_bool(status, "automatic", timesync->automatic);
	hvsim_json_add_int(status, "interval-ms", timesync->interval_ms);
	hvsim_json_add_int(status, "offset-ms", timesync->offset_ms);
	hvsim_json_add_int(status, "gap-ms", service->setting->gap_ms);
	hvsim_json_add_int(status, "leap", timesync->leap);
	hvsim_json_add_int(status, "stratum", timesync->stratum);
	hvsim_json_add_uint(status, "messages", timesync->messages);
	if (timesync->messages) {
		last = json_object_new_object();
		time_add(last, &timesync->sent);
	}
	hvsim_json_add(status, "last", last);
}

/*
 * A sample without a fresh clock: the last one's, carried on.  The machine may
 * have another idea of the time than we do, so only the difference is ours.
 */
static int timesync_burst(struct hvsim_service *service, uint8_t transaction, uint8_t *bytes,
			  size_t size)
{
	struct timesync *timesync = service->own;
	struct hvsim_clock clock = timesync->clock;
	struct hvsim_time told;
	uint64_t passed_ns = monotonic_ns() - timesync->clock_ns;

	if (!clock.realtime)
		return -ENODATA;
	clock.realtime += passed_ns;
	told = (struct hvsim_time){
		.parent = parent_time(service, &clock, timesync->offset_ms),
		.reference = clock.reference + passed_ns / 100,
		.flags = HVIC_TIMESYNC_SAMPLE,
		.leap = (uint8_t)timesync->leap,
		.stratum = (uint8_t)timesync->stratum,
	};
	return hvsim_message_build_time(bytes, size, transaction, &service->versions, &told, 0);
}

static void timesync_command(struct hvsim_request *request, struct json_object *arguments,
			     struct hvsim_service *service, uint8_t flags)
{
	static const struct hvsim_argument table[] = {
		{ "flags", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct telling, flags), 0, 255 },
		{ "offset-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct telling, offset_ms), -OFFSET_MAX_MS, OFFSET_MAX_MS },
		{ "leap", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct telling, leap), 0, 255 },
		{ "stratum", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct telling, stratum), 0, 255 },
		{ "reference-error", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct telling, reference_error),
		  -REFERENCE_ERROR_MAX, REFERENCE_ERROR_MAX },
		{ "body-size", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct telling, body_size), 1, HVSIM_BODY_LEN_MAX },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct telling, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct telling *telling = telling_new(service, flags);
	int err;

	if (!telling) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return;
	}
	if (hvsim_arguments_read(request, arguments, table, telling) < 0 ||
	    hvsim_service_require_ready(service, request) < 0) {
		free(telling);
		return;
	}
	telling->request = request;
	err = telling_submit(telling);
	if (err < 0)
		hvsim_service_fail(service, request, err, NULL);
}

static void command_sync(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	timesync_command(request, arguments, userdata, HVIC_TIMESYNC_SYNC);
}

static void command_sample(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	timesync_command(request, arguments, userdata, HVIC_TIMESYNC_SAMPLE);
}

static void command_auto(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "enabled", HVSIM_ARGUMENT_BOOL, true, offsetof(struct timesync, automatic) },
		{ "interval-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct timesync, interval_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct hvsim_service *service = userdata;
	struct timesync *timesync = service->own;

	if (hvsim_arguments_read(request, arguments, table, timesync) < 0)
		return;
	if (!timesync->automatic)
		sd_event_source_set_enabled(timesync->timer, SD_EVENT_OFF);
	else if (service->state == HVSIM_READY)
		timer_arm(timesync);
	hvsim_request_return(request, NULL);
}

static void command_set(struct hvsim_request *request, struct json_object *arguments,
			void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "offset-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct timesync, offset_ms), -OFFSET_MAX_MS, OFFSET_MAX_MS },
		{ "leap", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct timesync, leap), 0, 255 },
		{ "stratum", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct timesync, stratum), 0, 255 },
		{ .name = NULL },
	};
	struct hvsim_service *service = userdata;

	if (hvsim_arguments_read(request, arguments, table, service->own) < 0)
		return;
	hvsim_request_return(request, NULL);
}

static const struct hvsim_command commands[] = {
	{ "time-sync", command_sync },
	{ "time-sample", command_sample },
	{ "time-auto", command_auto },
	{ "time-set", command_set },
	{ NULL, NULL },
};

const struct hvsim_service_kind hvsim_timesync_kind = {
	.id = HVSIM_TIMESYNC,
	.name = "timesync",
	.title = "Time Synchronization",
	.size = sizeof(struct timesync),
	.start = timesync_start,
	.stop = timesync_stop,
	.ready = timesync_ready,
	.unready = timesync_unready,
	.paused = timesync_paused,
	.report = timesync_report,
	.burst = timesync_burst,
	.commands = commands,
};
