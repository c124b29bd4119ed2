// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests about items, byte for byte the same to either module: the host's own list of
 * what it wants the guest to know is left out of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "hvsim_client.h"
#include "hvsim_kvp_item.h"

#define POOL		HVIC_KVP_EXTERNAL
#define POOL_FILE	"/var/lib/hyperv/.kvp_pool_0"
#define PATIENCE_MS	60000

/* All that both modules speak. */
static const struct hvsim_versions versions = { HVIC_VERSION(3, 0), HVIC_VERSION(4, 0) };

static uint8_t transaction;

static void key_write(struct hvsim_kvp_item *item, uint32_t key)
{
	snprintf(item->key, sizeof(item->key), "key%u", key);
}

/* Asks, and has the answer in @item; what is not OK would be measured as something else. */
static void ask(struct hvsim_kvp_request *request, struct hvsim_kvp_item *item)
{
	static uint8_t packet[HVIC_MESSAGE_MAX], reply[HVIC_MESSAGE_MAX];
	struct hvsim_message answer;
	size_t reply_len = sizeof(reply);
	int len, err;

	request->pool = POOL;
	len = hvsim_kvp_item_build(packet, sizeof(packet), ++transaction, &versions, request);
	if (len < 0)
		bench_die("cannot build a request: %s", strerror(-len));
	err = hvsim_client_raw(bench_client(), "kvp", packet, (size_t)len, reply, &reply_len,
			       PATIENCE_MS);
	if (err < 0)
		bench_die("operation %u of data exchange: %s", request->operation, strerror(-err));
	if (hvsim_message_open(&answer, reply, reply_len) || answer.status)
		bench_die("operation %u of data exchange is answered with status 0x%08x",
			  request->operation, answer.status);
	if (item && hvsim_kvp_item_read(&answer, request, item))
		bench_die("operation %u of data exchange has an answer that is wrong",
			  request->operation);
}

/**
 * bench_kvp_begin() - Have a pool with so many items.
 * @records: key0 and so on
 */
void bench_kvp_begin(uint32_t records)
{
	free(bench_guest("seq -f key%%.0f 0 %u | "
			 "awk '{ printf \"%%-512s%%-2048s\", $1, \"value\" }' | "
			 "tr ' ' '\\0' >" POOL_FILE " && "
			 "test $(stat -c %%s " POOL_FILE ") = %u", records - 1, records * 2560));
}

/**
 * bench_kvp_set() - Set an item.
 * @key: its number
 * @value: another than it has, for a daemon need not write what is there
 */
void bench_kvp_set(uint32_t key, uint32_t value)
{
	struct hvsim_kvp_request request = {
		.operation = HVIC_KVP_SET, .item.type = HVIC_KVP_SZ
	};

	key_write(&request.item, key);
	snprintf(request.item.text, sizeof(request.item.text), "a value as hosts have them, %u",
		 value);
	ask(&request, NULL);
}

/**
 * bench_kvp_delete() - Delete an item.
 * @key: its number
 */
void bench_kvp_delete(uint32_t key)
{
	struct hvsim_kvp_request request = { .operation = HVIC_KVP_DELETE };

	key_write(&request.item, key);
	ask(&request, NULL);
}

/**
 * bench_kvp_enumerate() - Ask for an item by its place.
 * @index: from 0; it must be there
 */
void bench_kvp_enumerate(uint32_t index)
{
	struct hvsim_kvp_request request = { .operation = HVIC_KVP_ENUMERATE, .index = index };
	struct hvsim_kvp_item item;

	ask(&request, &item);
}

/**
 * bench_kvp_get() - Ask for an item by its key.
 * @key: its number
 */
void bench_kvp_get(uint32_t key)
{
	struct hvsim_kvp_request request = { .operation = HVIC_KVP_GET };
	struct hvsim_kvp_item item;

	key_write(&request.item, key);
	ask(&request, &item);
}
