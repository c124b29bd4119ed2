// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange: commands that set, delete and get an item.
 *
 * What is set or deleted in a pool of the host while the guest is away, it is told
 * when it is there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_json.h"
#include "hvsim_kvp.h"

/**
 * struct change - an item that is set, deleted or got
 * @exchange: it
 * @service: whose
 * @request: to answer
 * @asked: what the guest is asked
 */
struct change {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	struct hvsim_kvp_request asked;
};

struct change_arguments {
	const char *key;
	const char *value;
	const char *type;
	const char *pool;
	const char *how;
	int64_t timeout_ms;
};

/**
 * hvsim_kvp_item_json() - An item as clients see it.
 * @pool: of which
 * @item: which
 *
 * Return: an object, the caller's; its value is a string or a number.
 */
struct json_object *hvsim_kvp_item_json(uint8_t pool, const struct hvsim_kvp_item *item)
{
	struct json_object *object = json_object_new_object();

	hvsim_json_add_string(object, "pool", hvsim_kvp_pool_name(pool));
	hvsim_json_add_string(object, "key", item->key);
	hvsim_json_add_string(object, "type", hvsim_kvp_type_name(item->type));
	if (hvsim_kvp_is_number(item->type))
		hvsim_json_add_uint(object, "value", item->number);
	else
		hvsim_json_add_string(object, "value", item->text);
	return object;
}

/**
 * hvsim_kvp_pool_argument() - Read which pool is meant.
 * @request: is failed when it is none
 * @name: as the client gave it
 * @pool: written when it is one
 *
 * Return: 0; -EINVAL, and then @request is gone.
 */
int hvsim_kvp_pool_argument(struct hvsim_request *request, const char *name, uint8_t *pool)
{
	if (!hvsim_kvp_pool_find(pool, name))
		return 0;
	hvsim_request_fail(request, "bad-argument", "kvp: '%s' is no pool: external, guest, auto, "
			   "auto-external, or a number up to 255", name);
	return -EINVAL;
}

static int change_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			  size_t size)
{
	struct change *change = exchange->userdata;
	struct hvsim_service *service = change->service;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	return hvsim_kvp_item_build(bytes, size, transaction, &service->versions, &change->asked);
}

/* Has the host know what the guest knows now. */
static void change_keep(struct change *change, uint32_t status)
{
	struct hvsim_kvp_request *asked = &change->asked;
	struct hvsim_kvp *kvp = change->service->own;
	struct hvsim_kvp_entry *entry;

	if (!hvsim_kvp_is_host_pool(asked->pool))
		return;
	if (asked->operation == HVIC_KVP_SET && status == HVIC_STATUS_OK) {
		entry = hvsim_kvp_store_set(&kvp->store, asked->pool, &asked->item);
		if (entry)
			entry->state = HVSIM_KVP_TOLD;
	} else if (asked->operation == HVIC_KVP_DELETE &&
		   (status == HVIC_STATUS_OK || status == HVIC_STATUS_NO_MORE)) {
		entry = hvsim_kvp_store_find(&kvp->store, asked->pool, asked->item.key);
		if (entry)
			hvsim_kvp_store_drop(&kvp->store, entry);
	}
}

static void change_done(struct hvsim_exchange *exchange, int result,
			const struct hvsim_answer *answer)
{
	struct change *change = exchange->userdata;
	struct hvsim_kvp_item item = change->asked.item;
	struct json_object *data;
	uint32_t faults = 0;

	hvsim_kvp_hear(change->service, result, answer);
	if (!result && change->asked.operation == HVIC_KVP_GET && !answer->message.status) {
		faults = hvsim_kvp_item_read(&answer->message, &change->asked, &item);
		hvsim_service_note(change->service, faults, answer);
	}
	if (result < 0 || faults & HVSIM_FAULTS_FATAL) {
		hvsim_service_fail(change->service, change->request, result ?: -EBADMSG, answer);
	} else {
		change_keep(change, answer->message.status);
		data = hvsim_kvp_item_json(change->asked.pool, &item);
		hvsim_json_add_bool(data, "delivered", true);
		hvsim_status_add(data, answer);
		hvsim_request_return(change->request, data);
	}
	free(change);
}

/* Takes @change over, also when it fails. */
static void change_submit(struct change *change, int64_t timeout_ms)
{
	int err;

	change->exchange = (struct hvsim_exchange){
		.prepare = change_prepare,
		.done = change_done,
		.userdata = change,
		.timeout_us = (uint64_t)timeout_ms * 1000,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	err = hvsim_channel_submit(change->service->channel, &change->exchange);
	if (err < 0) {
		hvsim_service_fail(change->service, change->request, err, NULL);
		free(change);
	}
}

/* For a guest that is away: kept until it is there. */
static void change_postpone(struct change *change)
{
	struct hvsim_kvp_request *asked = &change->asked;
	struct hvsim_kvp *kvp = change->service->own;
	struct hvsim_kvp_entry *entry;
	struct json_object *data;

	if (asked->operation == HVIC_KVP_SET) {
		entry = hvsim_kvp_store_set(&kvp->store, asked->pool, &asked->item);
	} else {
		entry = hvsim_kvp_store_find(&kvp->store, asked->pool, asked->item.key);
		/* the guest may have it from before */
		if (entry)
			hvsim_kvp_store_remove(entry);
	}
	if (entry) {
		data = hvsim_kvp_item_json(asked->pool, &asked->item);
		hvsim_json_add_bool(data, "delivered", false);
		hvsim_json_add_uint(data, "status", HVIC_STATUS_OK);
		hvsim_request_return(change->request, data);
	} else if (asked->operation == HVIC_KVP_SET) {
		hvsim_service_fail(change->service, change->request, -ENOMEM, NULL);
	} else {
		hvsim_request_fail(change->request, "not-found", "kvp: the guest is away, and the "
				   "host has no item '%s' in its pool %s (WMI's error 32773)",
				   asked->item.key, hvsim_kvp_pool_name(asked->pool));
	}
	free(change);
}

static int number_parse(struct hvsim_kvp_item *item, const char *text)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' ||
	    (item->type == HVIC_KVP_DWORD && number > UINT32_MAX))
		return -EINVAL;
	item->number = number;
	return 0;
}

static int value_parse(struct hvsim_request *request, struct hvsim_kvp_item *item,
		       const struct change_arguments *given)
{
	if (hvsim_kvp_type_find(&item->type, given->type) < 0) {
		hvsim_request_fail(request, "bad-argument", "kvp: '%s' is no type: string, expand, "
				   "dword, qword", given->type);
		return -EINVAL;
	}
	if (hvsim_kvp_is_number(item->type) && number_parse(item, given->value) < 0) {
		hvsim_request_fail(request, "bad-argument", "kvp: '%s' is no %s: a number below "
				   "2^%d", given->value, given->type,
				   item->type == HVIC_KVP_DWORD ? 32 : 64);
		return -EINVAL;
	}
	if (strlen(given->value) >= sizeof(item->text)) {
		hvsim_request_fail(request, "bad-argument", "kvp: the value has more than 1023 "
				   "units of UTF-16");
		return -EMSGSIZE;
	}
	if (!hvsim_kvp_is_number(item->type))
		strcpy(item->text, given->value);
	return 0;
}

/* Sees that a message can carry it. */
static int change_check(struct hvsim_request *request, const struct hvsim_kvp_request *asked)
{
	static const struct hvsim_versions any = { HVIC_VERSION(3, 0), HVIC_VERSION(3, 0) };
	uint8_t bytes[HVIC_HDR_LEN + HVIC_KVP_EXCHANGE_LEN];
	int len = hvsim_kvp_item_build(bytes, sizeof(bytes), 0, &any, asked);

	if (len == -EILSEQ)
		hvsim_request_fail(request, "bad-argument", "kvp: key and value must be UTF-8");
	else if (len < 0)
		hvsim_request_fail(request, "bad-argument", "kvp: too long: a key may have 255 "
				   "units of UTF-16, and a value 1023");
	return len < 0 ? len : 0;
}

static struct change *change_new(struct hvsim_service *service, struct hvsim_request *request,
				 uint8_t operation, const struct change_arguments *given)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return NULL;
	}
	change->service = service;
	change->request = request;
	change->asked.operation = operation;
	change->asked.item.type = HVIC_KVP_SZ;
	if (strlen(given->key) >= sizeof(change->asked.item.key)) {
		hvsim_request_fail(request, "bad-argument",
				   "kvp: the key has more than 255 units of UTF-16");
		free(change);
		return NULL;
	}
	strcpy(change->asked.item.key, given->key);
	if (hvsim_kvp_pool_argument(request, given->pool, &change->asked.pool) < 0 ||
	    (operation == HVIC_KVP_SET &&
	     value_parse(request, &change->asked.item, given) < 0) ||
	    change_check(request, &change->asked) < 0) {
		free(change);
		return NULL;
	}
	return change;
}

/* Takes @change over; whom nobody can ask now learns it later, or the client fails. */
static void change_start(struct change *change, int64_t timeout_ms)
{
	struct hvsim_service *service = change->service;
	bool away = service->state != HVSIM_READY || service->paused;

	if (away && change->asked.operation != HVIC_KVP_GET &&
	    hvsim_kvp_is_host_pool(change->asked.pool))
		change_postpone(change);
	else if (hvsim_service_require_ready(service, change->request) < 0)
		free(change);
	else
		change_submit(change, timeout_ms);
}

/* AddKvpItems adds only, ModifyKvpItems changes only. */
static int how_check(struct hvsim_service *service, struct hvsim_request *request, const char *how,
		     const struct hvsim_kvp_request *asked)
{
	struct hvsim_kvp *kvp = service->own;
	struct hvsim_kvp_entry *entry = hvsim_kvp_store_find(&kvp->store, asked->pool,
							     asked->item.key);
	bool known = entry && !entry->removed;

	if (!strcmp(how, "set"))
		return 0;
	if (strcmp(how, "add") && strcmp(how, "modify"))
		hvsim_request_fail(request, "bad-argument",
				   "argument \"how\" must be set, add or modify");
	else if (known && !strcmp(how, "add"))
		hvsim_request_fail(request, "exists", "kvp: the host has an item '%s' in its pool "
				   "%s already (WMI's error 32773)", asked->item.key,
				   hvsim_kvp_pool_name(asked->pool));
	else if (!known && !strcmp(how, "modify"))
		hvsim_request_fail(request, "not-found", "kvp: the host has no item '%s' in its "
				   "pool %s (WMI's error 32773)", asked->item.key,
				   hvsim_kvp_pool_name(asked->pool));
	else
		return 0;
	return -EINVAL;
}

/**
 * hvsim_kvp_command_set() - Carry out the command "kvp-set".
 * @request: gone afterwards, or later
 * @arguments: of the command
 * @userdata: the service
 */
void hvsim_kvp_command_set(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "key", HVSIM_ARGUMENT_STRING, true, offsetof(struct change_arguments, key) },
		{ "value", HVSIM_ARGUMENT_STRING, true,
		  offsetof(struct change_arguments, value) },
		{ "type", HVSIM_ARGUMENT_STRING, false, offsetof(struct change_arguments, type) },
		{ "pool", HVSIM_ARGUMENT_STRING, false, offsetof(struct change_arguments, pool) },
		{ "how", HVSIM_ARGUMENT_STRING, false, offsetof(struct change_arguments, how) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct change_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct change_arguments given = {
		.type = "string",
		.pool = "external",
		.how = "set",
		.timeout_ms = HVSIM_KVP_ANSWER_MS,
	};
	struct change *change;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0)
		return;
	change = change_new(userdata, request, HVIC_KVP_SET, &given);
	if (!change)
		return;
	if (how_check(userdata, request, given.how, &change->asked) < 0)
		free(change);
	else
		change_start(change, given.timeout_ms);
}

static void key_command(struct hvsim_request *request, struct json_object *arguments,
			struct hvsim_service *service, uint8_t operation, const char *pool)
{
	static const struct hvsim_argument table[] = {
		{ "key", HVSIM_ARGUMENT_STRING, true, offsetof(struct change_arguments, key) },
		{ "pool", HVSIM_ARGUMENT_STRING, false, offsetof(struct change_arguments, pool) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct change_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct change_arguments given = { .pool = pool, .timeout_ms = HVSIM_KVP_ANSWER_MS };
	struct change *change;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0)
		return;
	change = change_new(service, request, operation, &given);
	if (change)
		change_start(change, given.timeout_ms);
}

/**
 * hvsim_kvp_command_delete() - Carry out the command "kvp-delete".
 * @request: gone afterwards, or later
 * @arguments: of the command
 * @userdata: the service
 */
void hvsim_kvp_command_delete(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	key_command(request, arguments, userdata, HVIC_KVP_DELETE, "external");
}

/**
 * hvsim_kvp_command_get() - Carry out the command "kvp-get".
 * @request: gone afterwards, or later
 * @arguments: of the command
 * @userdata: the service
 */
void hvsim_kvp_command_get(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	key_command(request, arguments, userdata, HVIC_KVP_GET, "guest");
}
