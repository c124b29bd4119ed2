// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange: the guest is told by itself what the host is, and what it was to be
 * told while it was away.  How it is told is in hvsim_kvp_tell.c.
 */
#include <stdlib.h>
#include <time.h>

#include "hvsim_json.h"
#include "hvsim_kvp.h"

#define RETRY_MS	30000

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
