// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange: tells the guest what it is to know, one item after the other.
 *
 * What Windows does with an item that the guest cannot take now is not known, and so
 * a guess: it is tried again after a while.
 */
#include <errno.h>
#include <stdlib.h>

#include "hvsim_json.h"
#include "hvsim_kvp.h"

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
