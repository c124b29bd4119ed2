// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange: the guest is told by itself what the host is, and what it was to be
 * told while it was away.
 *
 * What Windows does with an item that the guest cannot take now is not known, and so
 * a guess: it is tried again after a while.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "hvsim_json.h"
#include "hvsim_kvp.h"

#define RETRY_MS	30000

/**
 * struct telling - an item that the guest is told by itself
 * @exchange: it
 * @service: whose
 * @entry: which; NULL before it is its turn
 */
struct telling {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_kvp_entry *entry;
};

/* What there is to tell is looked for now, since it may have changed in the queue. */
static int telling_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			   size_t size)
{
	struct telling *telling = exchange->userdata;
	struct hvsim_service *service = telling->service;
	struct hvsim_kvp *kvp = service->own;
	struct hvsim_kvp_request request;

	telling->entry = kvp->automatic ? hvsim_kvp_store_waiting(&kvp->store) : NULL;
	if (service->state != HVSIM_READY || !telling->entry)
		return -ENODATA;
	telling->entry->state = HVSIM_KVP_UNDER_WAY;
	request = (struct hvsim_kvp_request){
		.operation = telling->entry->removed ? HVIC_KVP_DELETE : HVIC_KVP_SET,
		.pool = telling->entry->pool,
		.item = telling->entry->item,
	};
	return hvsim_kvp_item_build(bytes, size, transaction, &service->versions, &request);
}

/* Notes how the guest took it; returns whether it may be told the next at once. */
static bool telling_settle(struct hvsim_kvp *kvp, struct hvsim_kvp_entry *entry,
			   const struct hvsim_answer *answer)
{
	uint32_t status = answer->message.status;

	/* set anew meanwhile */
	if (entry->state != HVSIM_KVP_UNDER_WAY)
		return true;
	entry->status = status;
	if (status == HVIC_STATUS_FAIL) {
		hvsim_kvp_store_postpone(&kvp->store, entry);
		return false;
	}
	if (entry->removed && (status == HVIC_STATUS_OK || status == HVIC_STATUS_NO_MORE))
		hvsim_kvp_store_drop(&kvp->store, entry);
	else
		entry->state = status == HVIC_STATUS_OK ? HVSIM_KVP_TOLD : HVSIM_KVP_REFUSED;
	return true;
}

static void retry_arm(struct hvsim_kvp *kvp)
{
	sd_event_source_set_time_relative(kvp->retry, (uint64_t)kvp->retry_ms * 1000);
	sd_event_source_set_enabled(kvp->retry, SD_EVENT_ONESHOT);
}

static void telling_done(struct hvsim_exchange *exchange, int result,
			 const struct hvsim_answer *answer)
{
	struct telling *telling = exchange->userdata;
	struct hvsim_service *service = telling->service;
	struct hvsim_kvp_entry *entry = telling->entry;
	struct hvsim_kvp *kvp = service->own;
	bool go_on = false;

	free(telling);
	kvp->telling = false;
	hvsim_kvp_hear(service, result, answer);
	if (result == -ENODATA)
		return;
	if (result == -ECANCELED) {
		/* it gave way, and is behind what it gave way to */
		if (entry && entry->state == HVSIM_KVP_UNDER_WAY)
			entry->state = HVSIM_KVP_WAITING;
		go_on = true;
	} else if (!result) {
		kvp->news = true;
		go_on = telling_settle(kvp, entry, answer);
	} else if (entry && entry->state == HVSIM_KVP_UNDER_WAY) {
		hvsim_kvp_store_postpone(&kvp->store, entry);
	}
	if (go_on)
		hvsim_kvp_tell(service);
	else if (service->state == HVSIM_READY && kvp->automatic)
		retry_arm(kvp);
}

/* Who waits for the guest to know all of it is told so. */
static void news_emit(struct hvsim_service *service)
{
	struct json_object *data = json_object_new_object();
	struct hvsim_kvp *kvp = service->own;
	uint64_t told = 0, refused = 0;
	struct hvsim_kvp_entry *entry;

	TAILQ_FOREACH(entry, &kvp->store.entries, link) {
		told += entry->state == HVSIM_KVP_TOLD;
		refused += entry->state == HVSIM_KVP_REFUSED;
	}
	hvsim_json_add_uint(data, "told", told);
	hvsim_json_add_uint(data, "refused", refused);
	hvsim_service_emit(service, "kvp-told", data);
}

/**
 * hvsim_kvp_hear() - Note whether somebody in the guest carries out requests.
 * @service: data exchange
 * @result: how a request ended
 * @answer: the answer to it; NULL without one
 */
void hvsim_kvp_hear(struct hvsim_service *service, int result, const struct hvsim_answer *answer)
{
	struct hvsim_kvp *kvp = service->own;

	if (!result)
		kvp->served = answer->message.status != HVIC_STATUS_FAIL;
	else if (result == -ETIMEDOUT)
		kvp->served = false;
}

/**
 * hvsim_kvp_tell() - Tell the guest what it does not know yet.
 * @service: data exchange
 *
 * One item after the other; the next when the last was answered.  Whatever else is
 * asked comes first, since a guest without a daemon takes long to say so.
 */
void hvsim_kvp_tell(struct hvsim_service *service)
{
	struct hvsim_kvp *kvp = service->own;
	struct telling *telling;

	if (kvp->telling || !kvp->automatic || service->state != HVSIM_READY || service->paused)
		return;
	if (!hvsim_kvp_store_waiting(&kvp->store)) {
		if (kvp->news)
			news_emit(service);
		kvp->news = false;
		return;
	}
	telling = calloc(1, sizeof(*telling));
	if (!telling)
		return;
	telling->service = service;
	telling->exchange = (struct hvsim_exchange){
		.prepare = telling_prepare,
		.done = telling_done,
		.userdata = telling,
		.timeout_us = HVSIM_KVP_ANSWER_MS * 1000ull,
		.vmbus_type = HVSIM_VMBUS_INBAND,
		.yields = true,
	};
	if (hvsim_channel_submit(service->channel, &telling->exchange) < 0)
		free(telling);
	else
		kvp->telling = true;
}

static int kvp_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	hvsim_kvp_tell(userdata);
	return 0;
}

/* Another guest may be there now, or the same that has forgotten; so nothing is known. */
static void kvp_ready(struct hvsim_service *service)
{
	struct hvsim_kvp *kvp = service->own;

	hvsim_kvp_store_forget(&kvp->store);
	hvsim_kvp_tell(service);
}

static void kvp_unready(struct hvsim_service *service)
{
	struct hvsim_kvp *kvp = service->own;

	kvp->served = false;
	sd_event_source_set_enabled(kvp->retry, SD_EVENT_OFF);
}

static void kvp_paused(struct hvsim_service *service)
{
	hvsim_kvp_tell(service);
}

static int kvp_start(struct hvsim_service *service)
{
	const struct hvsim_host_options *options = &service->setting->options;
	struct hvsim_kvp *kvp = service->own;
	int err;

	hvsim_kvp_store_init(&kvp->store);
	kvp->automatic = !options->no_kvp;
	kvp->retry_ms = RETRY_MS;
	err = sd_event_add_time(service->setting->event, &kvp->retry, CLOCK_MONOTONIC, 0,
				HVSIM_TIMER_ACCURACY_US, kvp_on_retry, service);
	if (err >= 0)
		err = sd_event_source_set_enabled(kvp->retry, SD_EVENT_OFF);
	if (err < 0)
		return err;
	return hvsim_kvp_store_describe(&kvp->store, service->setting->profile, options->name);
}

static void kvp_stop(struct hvsim_service *service)
{
	struct hvsim_kvp *kvp = service->own;

	sd_event_source_disable_unref(kvp->retry);
	/* a start that failed early has no store */
	if (kvp->store.entries.tqh_last)
		hvsim_kvp_store_clear(&kvp->store);
}

static void kvp_report(struct hvsim_service *service, struct json_object *status)
{
	struct hvsim_kvp *kvp = service->own;
	uint64_t waiting = 0, told = 0, refused = 0;
	struct hvsim_kvp_entry *entry;

	TAILQ_FOREACH(entry, &kvp->store.entries, link) {
		waiting += entry->state < HVSIM_KVP_TOLD;
		told += entry->state == HVSIM_KVP_TOLD;
		refused += entry->state == HVSIM_KVP_REFUSED;
	}
	hvsim_json_add_bool(status, "automatic", kvp->automatic);
	hvsim_json_add_int(status, "retry-ms", kvp->retry_ms);
	hvsim_json_add_uint(status, "waiting", waiting);
	hvsim_json_add_uint(status, "told", told);
	hvsim_json_add_uint(status, "refused", refused);
}

/* To look at what the guest generates changes nothing in it. */
static int kvp_burst(struct hvsim_service *service, uint8_t transaction, uint8_t *bytes,
		     size_t size)
{
	const struct hvsim_kvp_request request = {
		.operation = HVIC_KVP_ENUMERATE,
		.pool = HVIC_KVP_AUTO,
	};

	return hvsim_kvp_item_build(bytes, size, transaction, &service->versions, &request);
}

static bool kvp_served(struct hvsim_service *service)
{
	struct hvsim_kvp *kvp = service->own;

	return kvp->served;
}

static void command_auto(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "enabled", HVSIM_ARGUMENT_BOOL, true, offsetof(struct hvsim_kvp, automatic) },
		{ "retry-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct hvsim_kvp, retry_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct hvsim_service *service = userdata;
	struct hvsim_kvp *kvp = service->own;

	if (hvsim_arguments_read(request, arguments, table, kvp) < 0)
		return;
	if (!kvp->automatic)
		sd_event_source_set_enabled(kvp->retry, SD_EVENT_OFF);
	hvsim_kvp_tell(service);
	hvsim_request_return(request, NULL);
}

static void command_items(struct hvsim_request *request, struct json_object *arguments,
			  void *userdata)
{
	static const struct hvsim_argument none[] = { { .name = NULL } };
	struct hvsim_service *service = userdata;
	struct hvsim_kvp *kvp = service->own;
	struct json_object *result, *list, *one;
	struct hvsim_kvp_entry *entry;

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	result = json_object_new_object();
	list = json_object_new_array();
	hvsim_json_add_bool(result, "automatic", kvp->automatic);
	TAILQ_FOREACH(entry, &kvp->store.entries, link) {
		one = hvsim_kvp_item_json(entry->pool, &entry->item);
		hvsim_json_add_string(one, "state", hvsim_kvp_state_name(entry));
		hvsim_json_add_uint(one, "status", entry->status);
		hvsim_json_add_string(one, "status-name", hvsim_status_name(entry->status));
		json_object_array_add(list, one);
	}
	hvsim_json_add(result, "items", list);
	hvsim_request_return(request, result);
}

static const struct hvsim_command commands[] = {
	{ "kvp-auto", command_auto },
	{ "kvp-delete", hvsim_kvp_command_delete },
	{ "kvp-get", hvsim_kvp_command_get },
	{ "kvp-get-ip", hvsim_kvp_command_get_ip },
	{ "kvp-items", command_items },
	{ "kvp-list", hvsim_kvp_command_list },
	{ "kvp-set", hvsim_kvp_command_set },
	{ "kvp-set-ip", hvsim_kvp_command_set_ip },
	{ NULL, NULL },
};

const struct hvsim_service_kind hvsim_kvp_kind = {
	.id = HVSIM_KVP,
	.name = "kvp",
	.title = "Key-Value Pair Exchange",
	.size = sizeof(struct hvsim_kvp),
	.start = kvp_start,
	.stop = kvp_stop,
	.ready = kvp_ready,
	.unready = kvp_unready,
	.paused = kvp_paused,
	.report = kvp_report,
	.burst = kvp_burst,
	.served = kvp_served,
	.commands = commands,
};
