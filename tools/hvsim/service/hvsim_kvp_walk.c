// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange: the command that lists items, one request an item, until the guest
 * has no more; of one pool, or of each in turn.
 */
#include <errno.h>
#include <stdlib.h>

#include "hvsim_json.h"
#include "hvsim_kvp.h"

/* More items than any guest has; who never comes to an end is wrong. */
#define ITEMS_MOST	65536

/**
 * struct walk - a list being made
 * @exchange: the request under way
 * @service: whose
 * @request: to answer
 * @asked: what the guest is asked
 * @last: pool with which it ends
 * @items: those found
 * @count: how many those are
 */
struct walk {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	struct hvsim_kvp_request asked;
	uint8_t last;
	struct json_object *items;
	uint64_t count;
};

static void walk_free(struct walk *walk)
{
	json_object_put(walk->items);
	free(walk);
}

static void walk_finish(struct walk *walk, const struct hvsim_answer *answer)
{
	struct json_object *data = json_object_new_object();
	/* the last pool's end is none of a failure */
	bool ended = answer->message.status == HVIC_STATUS_NO_MORE;

	hvsim_json_add_uint(data, "count", walk->count);
	hvsim_json_add(data, "items", json_object_get(walk->items));
	if (!ended)
		hvsim_json_add_string(data, "pool", hvsim_kvp_pool_name(walk->asked.pool));
	hvsim_status_add(data, answer);
	if (ended) {
		hvsim_json_add_uint(data, "status", HVIC_STATUS_OK);
		hvsim_json_add_string(data, "status-name", hvsim_status_name(HVIC_STATUS_OK));
		hvsim_json_add_string(data, "status-text", hvsim_status_text(HVIC_STATUS_OK));
	}
	hvsim_request_return(walk->request, data);
	walk_free(walk);
}

static void walk_submit(struct walk *walk)
{
	int err = hvsim_channel_submit(walk->service->channel, &walk->exchange);

	if (err < 0) {
		hvsim_service_fail(walk->service, walk->request, err, NULL);
		walk_free(walk);
	}
}

/* Adds an item; returns whether there was a sound one. */
static bool walk_add(struct walk *walk, const struct hvsim_answer *answer)
{
	struct hvsim_kvp_item item;
	struct json_object *one;
	uint32_t faults;

	faults = hvsim_kvp_item_read(&answer->message, &walk->asked, &item);
	hvsim_service_note(walk->service, faults, answer);
	if (faults & HVSIM_FAULTS_FATAL)
		return false;
	one = hvsim_kvp_item_json(walk->asked.pool, &item);
	hvsim_json_add_uint(one, "index", walk->asked.index);
	json_object_array_add(walk->items, one);
	walk->count++;
	return true;
}

static int walk_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			size_t size)
{
	struct walk *walk = exchange->userdata;
	struct hvsim_service *service = walk->service;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	return hvsim_kvp_item_build(bytes, size, transaction, &service->versions, &walk->asked);
}

static void walk_done(struct hvsim_exchange *exchange, int result,
		      const struct hvsim_answer *answer)
{
	struct walk *walk = exchange->userdata;

	hvsim_kvp_hear(walk->service, result, answer);
	if (result < 0) {
		hvsim_service_fail(walk->service, walk->request, result, answer);
		walk_free(walk);
	} else if (answer->message.status == HVIC_STATUS_NO_MORE &&
		   walk->asked.pool < walk->last) {
		walk->asked.pool++;
		walk->asked.index = 0;
		walk_submit(walk);
	} else if (answer->message.status) {
		walk_finish(walk, answer);
	} else if (walk->asked.index == ITEMS_MOST) {
		hvsim_request_fail(walk->request, "bad-answer", "kvp: the guest's pool %s has no "
				   "end: it has answered with %d items",
				   hvsim_kvp_pool_name(walk->asked.pool), ITEMS_MOST);
		walk_free(walk);
	} else if (!walk_add(walk, answer)) {
		hvsim_service_fail(walk->service, walk->request, -EBADMSG, answer);
		walk_free(walk);
	} else {
		walk->asked.index++;
		walk_submit(walk);
	}
}

struct list_arguments {
	const char *pool;
	int64_t timeout_ms;
};

/**
 * hvsim_kvp_command_list() - Carry out the command "kvp-list".
 * @request: gone afterwards, or later
 * @arguments: of the command
 * @userdata: the service
 */
void hvsim_kvp_command_list(struct hvsim_request *request, struct json_object *arguments,
			    void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "pool", HVSIM_ARGUMENT_STRING, false, offsetof(struct list_arguments, pool) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct list_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct list_arguments given = { .timeout_ms = HVSIM_KVP_ANSWER_MS };
	struct hvsim_service *service = userdata;
	uint8_t first = 0, last = HVIC_NR_KVP_POOLS - 1;
	struct walk *walk;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    (given.pool && hvsim_kvp_pool_argument(request, given.pool, &first) < 0) ||
	    hvsim_service_require_ready(service, request) < 0)
		return;
	walk = calloc(1, sizeof(*walk));
	if (!walk) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return;
	}
	walk->service = service;
	walk->request = request;
	walk->items = json_object_new_array();
	walk->asked.operation = HVIC_KVP_ENUMERATE;
	walk->asked.pool = first;
	walk->last = given.pool ? first : last;
	walk->exchange = (struct hvsim_exchange){
		.prepare = walk_prepare,
		.done = walk_done,
		.userdata = walk,
		.timeout_us = (uint64_t)given.timeout_ms * 1000,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	walk_submit(walk);
}
