// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all services of the emulated host have in common.
 *
 *	CLOSED --opened--> NEGOTIATING --good answer--> READY
 *	                     |    ^                       |
 *	                     |    '------ a new offer ----'
 *	                     '--bad or no answer--> FAILED
 *
 * and from each back to CLOSED when the guest closes the channel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_guid.h"
#include "hvsim_json.h"
#include "hvsim_service.h"
#include "hvsim_vmbus.h"

static const char *const state_names[] = {
	[HVSIM_CLOSED] = "closed",
	[HVSIM_NEGOTIATING] = "negotiating",
	[HVSIM_READY] = "ready",
	[HVSIM_FAILED] = "failed",
};

/**
 * struct negotiation - a version offer under way
 * @exchange: it
 * @service: whose
 * @request: to answer; NULL when nobody asked for it
 * @offer: what is offered; the lists are in @versions
 * @versions: framework versions, then message versions
 */
struct negotiation {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	struct hvsim_offer offer;
	uint32_t versions[];
};

/**
 * hvsim_status_add() - Add an answer's outcome to a result.
 * @object: the result
 * @answer: what the guest answered
 */
void hvsim_status_add(struct json_object *object, const struct hvsim_answer *answer)
{
	hvsim_json_add_uint(object, "status", answer->message.status);
	hvsim_json_add_string(object, "status-name", hvsim_status_name(answer->message.status));
	hvsim_json_add_string(object, "status-text", hvsim_status_text(answer->message.status));
	hvsim_json_add_uint(object, "round-trip-us", answer->round_trip_us);
}

/**
 * hvsim_service_emit() - Tell that something happened to a service.
 * @service: to which
 * @event: what
 * @data: the particulars, taken over, to which "service" is added; may be NULL
 */
void hvsim_service_emit(struct hvsim_service *service, const char *event,
			struct json_object *data)
{
	if (!data)
		data = json_object_new_object();
	hvsim_json_add_string(data, "service", service->kind->name);
	hvsim_control_emit(service->setting->control, event, data);
}

static void service_on_anomaly(const char *kind, const char *text, const void *bytes, size_t len,
			       void *userdata)
{
	struct hvsim_service *service = userdata;
	struct json_object *anomaly;

	service->anomalies++;
	anomaly = hvsim_journal_anomaly(service->setting->journal, service->kind->name, kind, text,
					bytes, len);
	hvsim_control_emit(service->setting->control, "anomaly", anomaly);
}

/**
 * hvsim_service_note() - Note what is wrong with an answer's body.
 * @service: which was answered
 * @faults: set of faults
 * @answer: the answer
 */
void hvsim_service_note(struct hvsim_service *service, uint32_t faults,
			const struct hvsim_answer *answer)
{
	int i;

	for (i = 0; i < HVSIM_NR_FAULTS; i++)
		if (faults & 1u << i)
			service_on_anomaly(hvsim_fault_name(i), hvsim_fault_text(i), answer->bytes,
					   answer->len, service);
}

/* The first of a set of faults, in words. */
static const char *faults_text(uint32_t faults)
{
	return hvsim_fault_text((enum hvsim_fault)__builtin_ctz(faults));
}

/**
 * hvsim_service_fail() - Answer a request whose exchange failed.
 * @service: on which
 * @request: is gone afterwards
 * @result: what the exchange ended with, a negative errno
 * @answer: what came, with -EBADMSG
 */
void hvsim_service_fail(struct hvsim_service *service, struct hvsim_request *request, int result,
			const struct hvsim_answer *answer)
{
	const char *name = service->kind->name;

	switch (result) {
	case -EBADMSG:
		hvsim_request_fail(request, "bad-answer", "%s: %s", name,
				   answer && answer->faults ? faults_text(answer->faults) :
				   "the guest's answer makes no sense");
		break;
	case -ETIMEDOUT:
		hvsim_request_fail(request, "timeout",
				   "%s: the guest did not answer in time", name);
		break;
	case -ETIME:
		hvsim_request_fail(request, "failed", "%s: the plugin did not tell the time", name);
		break;
	case -ECONNRESET:
	case -ENOTCONN:
		hvsim_request_fail(request, "closed", "%s: the guest closed the channel", name);
		break;
	case -ECANCELED:
		hvsim_request_fail(request, "not-ready",
				   "%s: the host negotiated versions anew meanwhile", name);
		break;
	default:
		hvsim_request_fail(request, "failed", "%s: %s", name, strerror(-result));
	}
}

/**
 * hvsim_service_require_ready() - Refuse a request that comes too early.
 * @service: which it is for
 * @request: is answered, and so gone, unless this returns 0
 *
 * Return: 0 when the service can send requests; -ENOTCONN.
 */
int hvsim_service_require_ready(struct hvsim_service *service, struct hvsim_request *request)
{
	const char *name = service->kind->name;

	if (service->paused) {
		hvsim_request_fail(request, "paused", "%s: the machine is paused", name);
		return -ENOTCONN;
	}
	switch (service->state) {
	case HVSIM_READY:
		return 0;
	case HVSIM_CLOSED:
		hvsim_request_fail(request, "not-open", !service->enabled ?
				   "%s: the host has disabled or does not have the service" :
				   hvsim_channel_is_connected(service->channel) ?
				   "%s: the guest has no driver on the channel" :
				   "%s: the machine has no such device", name);
		break;
	case HVSIM_NEGOTIATING:
		hvsim_request_fail(request, "not-ready",
				   "%s: versions are not negotiated yet", name);
		break;
	case HVSIM_FAILED:
		hvsim_request_fail(request, "not-ready", "%s: negotiation failed: %s", name,
				   service->failure);
		break;
	}
	return -ENOTCONN;
}

/**
 * hvsim_service_offer() - What the host offers by itself.
 * @service: for which
 *
 * Return: the profile's offer; without message versions when this Hyper-V does
 * not have the service.
 */
const struct hvsim_offer *hvsim_service_offer(const struct hvsim_service *service)
{
	return &service->setting->profile->offers[service->kind->id];
}

/**
 * hvsim_service_changed() - Tell what watches a service that it changed.
 * @service: which
 */
void hvsim_service_changed(struct hvsim_service *service)
{
	struct hvsim_service_watch *watch, *next;

	for (watch = LIST_FIRST(&service->watches); watch; watch = next) {
		next = LIST_NEXT(watch, link);
		watch->changed(watch);
	}
}

static void service_set_unready(struct hvsim_service *service, enum hvsim_service_state state)
{
	bool was_ready = service->state == HVSIM_READY;

	service->state = state;
	service->versions = (struct hvsim_versions){ 0 };
	service->degraded = false;
	if (was_ready && service->kind->unready)
		service->kind->unready(service);
}

static int negotiation_prepare(struct hvsim_exchange *exchange, uint8_t transaction,
			       uint8_t *bytes, size_t size)
{
	struct negotiation *negotiation = exchange->userdata;

	service_set_unready(negotiation->service, HVSIM_NEGOTIATING);
	return hvsim_message_build_offer(bytes, size, transaction, &negotiation->offer);
}

/* The guest chose: tell @request, if it is not NULL, and whoever waits. */
static void negotiation_succeed(struct hvsim_service *service, const struct hvsim_offer *offer,
				const struct hvsim_versions *choice, struct hvsim_request *request)
{
	struct json_object *data = json_object_new_object();
	size_t i;

	service->state = HVSIM_READY;
	service->versions = *choice;
	service->degraded = false;
	for (i = 0; i < offer->message_count; i++)
		service->degraded |= offer->message[i] > choice->message;
	hvsim_json_add(data, "framework", hvsim_version_json(choice->framework));
	hvsim_json_add(data, "message", hvsim_version_json(choice->message));
	if (request)
		hvsim_request_return(request, json_object_get(data));
	hvsim_service_emit(service, "negotiated", data);
	if (service->kind->ready)
		service->kind->ready(service);
	hvsim_service_changed(service);
}

/* It did not, or not well: @faults say how, else @result says why. */
static void negotiation_fail(struct hvsim_service *service, int result, uint32_t faults,
			     struct hvsim_request *request)
{
	const char *error_class = faults & HVSIM_FAULT(NO_CHOICE) ? "no-common-version" :
				  faults ? "bad-answer" :
				  result == -ETIMEDOUT ? "timeout" : "failed";
	struct json_object *data = json_object_new_object();

	service_set_unready(service, HVSIM_FAILED);
	service->failure = faults ? faults_text(faults) : result == -ETIMEDOUT ?
			   "the guest did not answer in time" : strerror(-result);
	if (request)
		hvsim_request_fail(request, error_class, "%s: %s", service->kind->name,
				   service->failure);
	hvsim_json_add_string(data, "reason", service->failure);
	hvsim_service_emit(service, "negotiation-failed", data);
	hvsim_service_changed(service);
}

/**
 * hvsim_service_adopt() - Take note of a negotiation that a client did by hand.
 * @service: for which
 * @offer: what the client offered
 * @answer: what the guest answered
 *
 * The guest now speaks the versions it chose, or none, so the host has to go on
 * from there.
 */
void hvsim_service_adopt(struct hvsim_service *service, const struct hvsim_offer *offer,
			 const struct hvsim_answer *answer)
{
	struct hvsim_versions choice;
	uint32_t faults = answer->faults & HVSIM_FAULTS_FATAL;

	if (!faults)
		faults = hvsim_message_read_choice(&answer->message, offer, &choice);
	service->contacted = true;
	if (faults)
		negotiation_fail(service, 0, faults, NULL);
	else
		negotiation_succeed(service, offer, &choice, NULL);
}

static void negotiation_done(struct hvsim_exchange *exchange, int result,
			     const struct hvsim_answer *answer)
{
	struct negotiation *negotiation = exchange->userdata;
	struct hvsim_service *service = negotiation->service;
	struct hvsim_versions choice = { 0 };
	uint32_t faults = 0;

	if (result == -ECONNRESET || result == -ECANCELED) {
		if (negotiation->request)
			hvsim_service_fail(service, negotiation->request, result, NULL);
		free(negotiation);
		return;
	}
	if (answer) {
		service->contacted = true;
		faults = answer->faults & HVSIM_FAULTS_FATAL;
	}
	if (!result) {
		faults = hvsim_message_read_choice(&answer->message, &negotiation->offer, &choice);
		/* to understand nothing is an answer; all else is a mistake */
		hvsim_service_note(service, faults & ~HVSIM_FAULT(NO_CHOICE), answer);
	}
	if (result || faults)
		negotiation_fail(service, result, faults, negotiation->request);
	else
		negotiation_succeed(service, &negotiation->offer, &choice, negotiation->request);
	free(negotiation);
}

/**
 * hvsim_service_negotiate() - Offer versions to the guest.
 * @service: for which
 * @offer: what to offer; copied
 * @abrupt: drop what is under way first, as after a restore of the machine;
 *	else wait until it is done
 * @timeout_us: time for the answer, in us
 * @request: to answer when it is known how that went; NULL for nobody; is gone
 *	when this returns 0
 *
 * Return: 0; -ENOTCONN when the channel is not open; -ENOMEM.
 */
int hvsim_service_negotiate(struct hvsim_service *service, const struct hvsim_offer *offer,
			    bool abrupt, uint64_t timeout_us, struct hvsim_request *request)
{
	size_t count = offer->framework_count + offer->message_count;
	struct negotiation *negotiation;
	uint32_t *versions;
	int err;

	negotiation = calloc(1, sizeof(*negotiation) + count * sizeof(*versions));
	if (!negotiation)
		return -ENOMEM;
	versions = negotiation->versions;
	if (offer->framework_count)
		memcpy(versions, offer->framework, offer->framework_count * sizeof(*versions));
	if (offer->message_count)
		memcpy(versions + offer->framework_count, offer->message,
		       offer->message_count * sizeof(*versions));
	negotiation->offer = (struct hvsim_offer){
		.framework = versions,
		.framework_count = offer->framework_count,
		.message = versions + offer->framework_count,
		.message_count = offer->message_count,
	};
	negotiation->service = service;
	negotiation->request = request;
	negotiation->exchange = (struct hvsim_exchange){
		.prepare = negotiation_prepare,
		.done = negotiation_done,
		.userdata = negotiation,
		.timeout_us = timeout_us,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	if (abrupt)
		hvsim_channel_cancel(service->channel);
	err = hvsim_channel_submit(service->channel, &negotiation->exchange);
	if (err < 0)
		free(negotiation);
	return err;
}

static void service_on_opened(void *userdata)
{
	const struct hvsim_setting *setting = ((struct hvsim_service *)userdata)->setting;
	struct hvsim_service *service = userdata;

	service_set_unready(service, HVSIM_NEGOTIATING);
	hvsim_service_emit(service, "channel-opened", NULL);
	hvsim_service_changed(service);
	if (setting->options.no_negotiate || !hvsim_service_offer(service)->message_count)
		return;
	hvsim_service_negotiate(service, hvsim_service_offer(service), false,
				HVSIM_NEGOTIATE_MS * 1000ull, NULL);
}

static void service_on_closed(void *userdata)
{
	struct hvsim_service *service = userdata;

	service_set_unready(service, HVSIM_CLOSED);
	hvsim_service_emit(service, "channel-closed", NULL);
}

static void service_on_packet(bool to_guest, const void *bytes, size_t len, void *userdata)
{
	struct hvsim_service *service = userdata;

	hvsim_journal_packet(service->setting->journal, service->kind->name, to_guest, bytes, len);
}

static void service_on_placed(enum hvsim_frame_type what, void *userdata)
{
	struct hvsim_service *service = userdata;
	const struct hvsim_channel_place *place = hvsim_channel_place(service->channel);
	struct json_object *data = json_object_new_object();

	if (what == HVSIM_FRAME_RELEASED) {
		hvsim_service_emit(service, "channel-released", data);
		hvsim_service_changed(service);
	} else if (what == HVSIM_FRAME_MOVED) {
		hvsim_json_add_uint(data, "processor", place->processor);
		hvsim_service_emit(service, "channel-moved", data);
	} else {
		hvsim_json_add_uint(data, "relid", place->relid);
		hvsim_service_emit(service, "channel-offered", data);
	}
}

static const struct hvsim_channel_owner service_owner = {
	.opened = service_on_opened,
	.closed = service_on_closed,
	.packet = service_on_packet,
	.placed = service_on_placed,
	.anomaly = service_on_anomaly,
};

/* A channel on hvsim's bus, offered if this Hyper-V has the service. */
static int channel_attach(struct hvsim_service *service)
{
	const struct hvsim_ic *ic = &hvsim_ics[service->kind->id];
	struct hvsim_vmbus_offer offer = { .flags = HVSIM_OFFER_PIPE };
	int err;

	/* of the table, and so well-formed */
	hvsim_guid_parse(offer.class_id, ic->class_id);
	hvsim_guid_parse(offer.instance_id, ic->instance_id);
	hvsim_frame_put(offer.user, HVSIM_PIPE_MESSAGE, 4);
	err = hvsim_channel_attach(&service->channel, service->setting->event,
				   service->setting->root, &offer, &service_owner, service);
	if (err < 0 || !service->enabled)
		return err;
	return hvsim_channel_offer(service->channel);
}

/* A channel on QEMU's bus, which the machine has or has not. */
static int channel_listen(struct hvsim_service *service)
{
	char *path;
	int err;

	if (asprintf(&path, "%s/%s.sock", service->setting->options.directory,
		     service->kind->name) < 0)
		return -ENOMEM;
	err = hvsim_channel_listen(&service->channel, service->setting->event, path,
				   &service_owner, service);
	free(path);
	return err;
}

static int service_start(struct hvsim_service *service)
{
	const struct hvsim_service_kind *kind = service->kind;
	const struct hvsim_command *command;
	int err;

	service->own = calloc(1, kind->size ?: 1);
	if (!service->own)
		return -ENOMEM;
	service->enabled = hvsim_service_offer(service)->message_count;
	err = service->setting->root ? channel_attach(service) : channel_listen(service);
	if (err < 0)
		return err;
	for (command = kind->commands; command && command->name; command++) {
		err = hvsim_control_register(service->setting->control, command->name,
					     command->handler, service);
		if (err < 0)
			return err;
	}
	return kind->start ? kind->start(service) : 0;
}

/**
 * hvsim_service_new() - Offer a service to a machine.
 * @ret: the service
 * @kind: which
 * @setting: what it lives in; must outlive it
 *
 * Return: 0; -ENOMEM, or what opening the socket, registering the commands or
 * the kind's start() said.
 */
int hvsim_service_new(struct hvsim_service **ret, const struct hvsim_service_kind *kind,
		      const struct hvsim_setting *setting)
{
	struct hvsim_service *service = calloc(1, sizeof(*service));
	int err;

	if (!service)
		return -ENOMEM;
	service->kind = kind;
	service->setting = setting;
	LIST_INIT(&service->watches);
	err = service_start(service);
	if (err < 0) {
		hvsim_service_free(service);
		return err;
	}
	*ret = service;
	return 0;
}

/**
 * hvsim_service_free() - Take a service away; what is under way fails.
 * @service: may be NULL
 */
void hvsim_service_free(struct hvsim_service *service)
{
	struct hvsim_service_watch *watch;

	if (!service)
		return;
	while ((watch = LIST_FIRST(&service->watches)))
		watch->gone(watch);
	hvsim_channel_free(service->channel);
	if (service->own && service->kind->stop)
		service->kind->stop(service);
	free(service->own);
	free(service);
}

static void service_set_paused(struct hvsim_service *service, bool paused)
{
	service->paused = paused;
	if (service->kind->paused)
		service->kind->paused(service);
}

/**
 * hvsim_service_pause() - The machine stands still.
 * @service: which
 *
 * What is under way waits.
 */
void hvsim_service_pause(struct hvsim_service *service)
{
	hvsim_channel_pause(service->channel);
	service_set_paused(service, true);
}

/**
 * hvsim_service_resume() - The machine goes on where it was.
 * @service: which
 */
void hvsim_service_resume(struct hvsim_service *service)
{
	if (!service->paused)
		return;
	hvsim_channel_resume(service->channel);
	service_set_paused(service, false);
}

/**
 * hvsim_service_restore() - The machine goes on, on a host that remembers nothing.
 * @service: which
 * @reoffer: take the channel back and offer it again, on hvsim's bus
 *
 * Versions are offered anew: on the channel that is still open, or when the guest
 * has opened it again.
 */
void hvsim_service_restore(struct hvsim_service *service, bool reoffer)
{
	const struct hvsim_offer *offer = hvsim_service_offer(service);

	hvsim_service_resume(service);
	if (reoffer && service->enabled && !hvsim_channel_rescind(service->channel))
		hvsim_channel_offer(service->channel);
	else if (hvsim_channel_is_open(service->channel) && offer->message_count &&
		 !service->setting->options.no_negotiate)
		hvsim_service_negotiate(service, offer, true, HVSIM_NEGOTIATE_MS * 1000ull, NULL);
}

/* What an administrator sees first of a service, and behind that. */
static void service_add_health(struct hvsim_service *service, struct json_object *status)
{
	const char *primary = "No Contact", *secondary = "";

	if (!service->enabled) {
		/* as Windows shows what is disabled */
		primary = "OK";
	} else if (service->paused) {
		primary = "Paused";
	} else if (service->state == HVSIM_READY) {
		primary = service->degraded ? "Degraded" : "OK";
		secondary = service->degraded ? "Protocol Mismatch" : "";
	} else if (service->state == HVSIM_FAILED && service->contacted) {
		primary = "Non-Recoverable Error";
		secondary = service->failure;
	} else if (service->contacted) {
		primary = "Lost Communication";
	}
	hvsim_json_add_string(status, "primary-status", primary);
	hvsim_json_add_string(status, "secondary-status", secondary);
}

static struct json_object *counters_json(const struct hvsim_channel_counters *counters)
{
	struct json_object *result = json_object_new_object();

	hvsim_json_add_uint(result, "opened", counters->opened);
	hvsim_json_add_uint(result, "sent", counters->sent);
	hvsim_json_add_uint(result, "received", counters->received);
	hvsim_json_add_uint(result, "answered", counters->answered);
	hvsim_json_add_uint(result, "timed-out", counters->timed_out);
	hvsim_json_add_uint(result, "late", counters->late);
	hvsim_json_add_uint(result, "discarded", counters->discarded);
	hvsim_json_add_uint(result, "mean-round-trip-us", counters->answered ?
			    counters->round_trip_us / counters->answered : 0);
	return result;
}

/* Where the channel is on hvsim's bus; of QEMU's only that it is open is known. */
static struct json_object *channel_json(struct hvsim_service *service)
{
	const struct hvsim_channel_place *place = hvsim_channel_place(service->channel);
	struct hvsim_port *port = hvsim_channel_port(service->channel);
	bool open = hvsim_channel_is_open(service->channel);
	struct json_object *result = json_object_new_object();

	hvsim_json_add_bool(result, "open", open);
	if (!port)
		return result;
	hvsim_json_add_uint(result, "number", hvsim_port_number(port));
	if (place->relid)
		hvsim_json_add_uint(result, "relid", place->relid);
	if (open && place->placed)
		hvsim_json_add_uint(result, "processor", place->processor);
	return result;
}

/**
 * hvsim_service_status() - Tell how a service is.
 * @service: which
 *
 * Return: an object, the caller's.
 */
struct json_object *hvsim_service_status(struct hvsim_service *service)
{
	bool connected = hvsim_channel_is_connected(service->channel);
	struct json_object *status = json_object_new_object();

	hvsim_json_add_string(status, "name", service->kind->name);
	hvsim_json_add_string(status, "title", service->kind->title);
	hvsim_json_add_bool(status, "offered", hvsim_service_offer(service)->message_count);
	hvsim_json_add_bool(status, "connected", connected);
	hvsim_json_add_bool(status, "enabled",
			    service->enabled && (service->setting->root || connected));
	hvsim_json_add_string(status, "state", service->enabled ? state_names[service->state] :
			      "disabled");
	if (service->state == HVSIM_READY) {
		hvsim_json_add(status, "framework",
			       hvsim_version_json(service->versions.framework));
		hvsim_json_add(status, "message", hvsim_version_json(service->versions.message));
	}
	service_add_health(service, status);
	hvsim_json_add(status, "channel", channel_json(service));
	hvsim_json_add(status, "counters",
		       counters_json(hvsim_channel_counters(service->channel)));
	hvsim_json_add_uint(status, "anomalies", service->anomalies);
	if (service->kind->report)
		service->kind->report(service, status);
	return status;
}
