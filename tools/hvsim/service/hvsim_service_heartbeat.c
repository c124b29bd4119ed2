// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Heartbeat: every two seconds the guest is asked to count one further, and to
 * tell how its applications are.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "hvsim_json.h"
#include "hvsim_latency.h"
#include "hvsim_service.h"

#define BEAT_INTERVAL_MS	2000
/* Beats in a row that may go unanswered; what Windows does is not known. */
#define BEATS_MISSED_MAX	5
/* Time for the answer to a beat; until it is up there is no other. */
#define BEAT_ANSWER_MS		10000

/**
 * struct heartbeat - state of the service
 * @automatic: beat on its own
 * @interval_ms: between beats, in ms
 * @timer: of the next beat
 * @beating: the last automatic beat is not answered yet
 * @sequence: last number that the guest gave
 * @application_state: last state that it gave
 * @beats: answered ones
 * @missed: in a row
 * @status: last that was told as an event
 */
struct heartbeat {
	bool automatic;
	int64_t interval_ms;
	sd_event_source *timer;
	bool beating;
	uint64_t sequence;
	uint32_t application_state;
	uint64_t beats;
	unsigned int missed;
	const char *status;
};

/**
 * struct beat - one beat, or several one after the other
 * @exchange: the one under way
 * @service: whose
 * @request: to answer at the end; NULL for an automatic beat
 * @left: how many are still to be sent, with this one
 * @done: how many were answered
 * @body_len: bytes of body
 * @sequence: number sent last
 * @latency: of those answered
 */
struct beat {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	int64_t left;
	int64_t done;
	size_t body_len;
	uint64_t sequence;
	struct hvsim_latency latency;
};

static const char *application_state_name(uint32_t state)
{
	static const char *const names[] = {
		[HVIC_APPLICATION_UNKNOWN] = "unknown",
		[HVIC_APPLICATION_HEALTHY] = "healthy",
		[HVIC_APPLICATION_CRITICAL] = "critical",
		[HVIC_APPLICATION_STOPPED] = "stopped",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "invalid";
}

/* What PowerShell's Get-VM shows as the heartbeat of a machine. */
static const char *heartbeat_status(struct hvsim_service *service)
{
	struct heartbeat *heartbeat = service->own;

	if (!service->enabled)
		return "Disabled";
	if (service->paused)
		return "Paused";
	if (!heartbeat->beats)
		return "NoContact";
	if (service->state != HVSIM_READY || heartbeat->missed >= BEATS_MISSED_MAX)
		return "LostCommunication";
	switch (heartbeat->application_state) {
	case HVIC_APPLICATION_HEALTHY:
		return "OkApplicationsHealthy";
	case HVIC_APPLICATION_CRITICAL:
		return "OkApplicationsCritical";
	default:
		/* PowerShell has no word for stopped applications */
		return "OkApplicationsUnknown";
	}
}

static void heartbeat_add(struct hvsim_service *service, struct json_object *object)
{
	struct heartbeat *heartbeat = service->own;

	hvsim_json_add_string(object, "heartbeat", heartbeat_status(service));
	hvsim_json_add_string(object, "application-state",
			      application_state_name(heartbeat->application_state));
	hvsim_json_add_uint(object, "sequence", heartbeat->sequence);
	hvsim_json_add_uint(object, "beats", heartbeat->beats);
	hvsim_json_add_uint(object, "missed", heartbeat->missed);
}

static void heartbeat_emit_if_changed(struct hvsim_service *service)
{
	struct heartbeat *heartbeat = service->own;
	const char *status = heartbeat_status(service);
	struct json_object *data;

	/* the names are constants, so that the pointers tell them apart */
	if (heartbeat->status == status)
		return;
	heartbeat->status = status;
	data = json_object_new_object();
	heartbeat_add(service, data);
	hvsim_service_emit(service, "heartbeat-changed", data);
}

static int heartbeat_answered(struct hvsim_service *service, uint64_t sent,
			      const struct hvsim_answer *answer)
{
	struct heartbeat *heartbeat = service->own;
	uint64_t sequence;
	uint32_t faults, state;

	faults = hvsim_message_read_heartbeat(&answer->message, sent, &sequence, &state);
	hvsim_service_note(service, faults, answer);
	if (faults & HVSIM_FAULTS_FATAL)
		return -EBADMSG;
	heartbeat->sequence = sequence;
	heartbeat->application_state = state;
	heartbeat->beats++;
	heartbeat->missed = 0;
	heartbeat_emit_if_changed(service);
	return 0;
}

static int beat_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			size_t size)
{
	struct beat *beat = exchange->userdata;
	struct hvsim_service *service = beat->service;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	beat->sequence = ((struct heartbeat *)service->own)->sequence;
	return hvsim_message_build_heartbeat(bytes, size, transaction, &service->versions,
					     beat->sequence, beat->body_len);
}

/* Answers the client, if there is one. */
static void beat_finish(struct beat *beat, int result, const struct hvsim_answer *answer)
{
	struct json_object *data;

	if (!beat->request) {
		((struct heartbeat *)beat->service->own)->beating = false;
	} else if (result < 0) {
		hvsim_service_fail(beat->service, beat->request, result, answer);
	} else {
		data = json_object_new_object();
		heartbeat_add(beat->service, data);
		hvsim_json_add_int(data, "answered", beat->done);
		hvsim_json_add_uint(data, "status", answer->message.status);
		hvsim_json_add(data, "round-trip", hvsim_latency_summary(&beat->latency));
		hvsim_request_return(beat->request, data);
	}
	hvsim_latency_clear(&beat->latency);
	free(beat);
}

static void beat_done(struct hvsim_exchange *exchange, int result,
		      const struct hvsim_answer *answer)
{
	struct beat *beat = exchange->userdata;
	int err = result;

	if (!err)
		err = heartbeat_answered(beat->service, beat->sequence, answer);
	if (!err) {
		hvsim_latency_add(&beat->latency, answer->round_trip_us);
		beat->done++;
		beat->left--;
		if (beat->left) {
			err = hvsim_channel_submit(beat->service->channel, exchange);
			if (!err)
				return;
		}
	}
	beat_finish(beat, err, answer);
}

static int beat_start(struct hvsim_service *service, int64_t count, size_t body_len,
		      uint64_t timeout_us, struct hvsim_request *request)
{
	struct beat *beat = calloc(1, sizeof(*beat));
	int err;

	if (!beat)
		return -ENOMEM;
	beat->service = service;
	beat->request = request;
	beat->left = count;
	beat->body_len = body_len;
	beat->exchange = (struct hvsim_exchange){
		.prepare = beat_prepare,
		.done = beat_done,
		.userdata = beat,
		.timeout_us = timeout_us,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	err = hvsim_channel_submit(service->channel, &beat->exchange);
	if (err < 0)
		free(beat);
	return err;
}

static void timer_arm(struct heartbeat *heartbeat, int64_t ms)
{
	sd_event_source_set_time_relative(heartbeat->timer, (uint64_t)ms * 1000);
	sd_event_source_set_enabled(heartbeat->timer, SD_EVENT_ONESHOT);
}

static int heartbeat_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_service *service = userdata;
	struct heartbeat *heartbeat = service->own;

	(void)source;
	(void)usec;
	if (service->paused) {
		/* what stands still misses nothing */
	} else if (heartbeat->beating) {
		heartbeat->missed++;
		heartbeat_emit_if_changed(service);
	} else if (!beat_start(service, 1, HVSIM_HEARTBEAT_LEN, BEAT_ANSWER_MS * 1000ull, NULL)) {
		heartbeat->beating = true;
	}
	timer_arm(heartbeat, heartbeat->interval_ms);
	return 0;
}

static void heartbeat_ready(struct hvsim_service *service)
{
	struct heartbeat *heartbeat = service->own;

	heartbeat->missed = 0;
	if (heartbeat->automatic)
		timer_arm(heartbeat, 0);
}

static void heartbeat_unready(struct hvsim_service *service)
{
	struct heartbeat *heartbeat = service->own;

	sd_event_source_set_enabled(heartbeat->timer, SD_EVENT_OFF);
	heartbeat_emit_if_changed(service);
}

static int heartbeat_start(struct hvsim_service *service)
{
	struct heartbeat *heartbeat = service->own;
	int err;

	heartbeat->automatic = !service->setting->options.no_heartbeat;
	heartbeat->interval_ms = BEAT_INTERVAL_MS;
	heartbeat->status = heartbeat_status(service);
	err = sd_event_add_time(service->setting->event, &heartbeat->timer, CLOCK_MONOTONIC, 0,
				HVSIM_TIMER_ACCURACY_US, heartbeat_on_timer, service);
	if (err < 0)
		return err;
	return sd_event_source_set_enabled(heartbeat->timer, SD_EVENT_OFF);
}

static void heartbeat_stop(struct hvsim_service *service)
{
	struct heartbeat *heartbeat = service->own;

	sd_event_source_disable_unref(heartbeat->timer);
}

static void heartbeat_report(struct hvsim_service *service, struct json_object *status)
{
	struct heartbeat *heartbeat = service->own;
	const char *secondary = "";

	heartbeat_add(service, status);
	hvsim_json_add_bool(status, "automatic", heartbeat->automatic);
	hvsim_json_add_int(status, "interval-ms", heartbeat->interval_ms);
	/* administrators see whether the guest is alive, not which version it speaks */
	if (service->state != HVSIM_READY || !heartbeat->beats || service->paused)
		return;
	if (heartbeat->missed >= BEATS_MISSED_MAX) {
		hvsim_json_add_string(status, "primary-status", "Lost Communication");
	} else {
		hvsim_json_add_string(status, "primary-status", "OK");
		if (heartbeat->application_state == HVIC_APPLICATION_UNKNOWN)
			secondary = "No Application Data";
		else if (heartbeat->application_state == HVIC_APPLICATION_CRITICAL)
			secondary = "Applications Critical";
		else if (heartbeat->application_state == HVIC_APPLICATION_STOPPED)
			secondary = "Applications Stopped";
	}
	hvsim_json_add_string(status, "secondary-status", secondary);
}

static int heartbeat_burst(struct hvsim_service *service, uint8_t transaction, uint8_t *bytes,
			   size_t size)
{
	struct heartbeat *heartbeat = service->own;

	return hvsim_message_build_heartbeat(bytes, size, transaction, &service->versions,
					     heartbeat->sequence++, HVSIM_HEARTBEAT_LEN);
}

struct beat_arguments {
	int64_t count;
	int64_t body_size;
	int64_t timeout_ms;
};

static void command_beat(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "count", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct beat_arguments, count), 1, 1000000 },
		{ "body-size", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct beat_arguments, body_size), 0, HVSIM_BODY_LEN_MAX },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct beat_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct beat_arguments beat = {
		.count = 1,
		.body_size = HVSIM_HEARTBEAT_LEN,
		.timeout_ms = HVSIM_ANSWER_MS,
	};
	struct hvsim_service *service = userdata;
	int err;

	if (hvsim_arguments_read(request, arguments, table, &beat) < 0 ||
	    hvsim_service_require_ready(service, request) < 0)
		return;
	err = beat_start(service, beat.count, (size_t)beat.body_size,
			 (uint64_t)beat.timeout_ms * 1000, request);
	if (err < 0)
		hvsim_service_fail(service, request, err, NULL);
}

static void command_auto(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "enabled", HVSIM_ARGUMENT_BOOL, true, offsetof(struct heartbeat, automatic) },
		{ "interval-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct heartbeat, interval_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct hvsim_service *service = userdata;
	struct heartbeat *heartbeat = service->own;

	if (hvsim_arguments_read(request, arguments, table, heartbeat) < 0)
		return;
	if (!heartbeat->automatic)
		sd_event_source_set_enabled(heartbeat->timer, SD_EVENT_OFF);
	else if (service->state == HVSIM_READY)
		timer_arm(heartbeat, 0);
	hvsim_request_return(request, NULL);
}

static const struct hvsim_command commands[] = {
	{ "heartbeat-beat", command_beat },
	{ "heartbeat-auto", command_auto },
	{ NULL, NULL },
};

const struct hvsim_service_kind hvsim_heartbeat_kind = {
	.id = HVSIM_HEARTBEAT,
	.name = "heartbeat",
	.title = "Heartbeat",
	.size = sizeof(struct heartbeat),
	.start = heartbeat_start,
	.stop = heartbeat_stop,
	.ready = heartbeat_ready,
	.unready = heartbeat_unready,
	.paused = heartbeat_emit_if_changed,
	.report = heartbeat_report,
	.burst = heartbeat_burst,
	.commands = commands,
};
