/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items of data exchange as they cross VMBus, from the host's point of view.
 * Nothing here does input, output or allocation.
 */
#ifndef HVSIM_KVP_ITEM_H
#define HVSIM_KVP_ITEM_H

#include "hvsim_message.h"

/* Room for the longest texts in UTF-8, terminators included. */
#define HVSIM_KVP_KEY_ROOM	(HVIC_KVP_KEY_LEN / 2 * 3 + 1)
#define HVSIM_KVP_TEXT_ROOM	(HVIC_KVP_VALUE_LEN / 2 * 3 + 1)

/**
 * struct hvsim_kvp_item - a key and its value
 * @type: an enum hvic_kvp_type
 * @key: UTF-8, terminated
 * @text: the value, if it is a text: UTF-8, terminated
 * @number: the value, if it is a number
 */
struct hvsim_kvp_item {
	uint32_t type;
	char key[HVSIM_KVP_KEY_ROOM];
	char text[HVSIM_KVP_TEXT_ROOM];
	uint64_t number;
};

/**
 * struct hvsim_kvp_request - what is asked about items
 * @operation: HVIC_KVP_GET, SET, DELETE or ENUMERATE
 * @pool: an enum hvic_kvp_pool, or another number
 * @index: of an enumeration
 * @item: of a set; of a get and a delete its key
 */
struct hvsim_kvp_request {
	uint8_t operation;
	uint8_t pool;
	uint32_t index;
	struct hvsim_kvp_item item;
};

bool hvsim_kvp_is_number(uint32_t type);
const char *hvsim_kvp_type_name(uint32_t type);
int hvsim_kvp_type_find(uint32_t *type, const char *name);
const char *hvsim_kvp_pool_name(uint8_t pool);
int hvsim_kvp_pool_find(uint8_t *pool, const char *name);

int hvsim_kvp_item_build(void *buf, size_t size, uint8_t transaction,
			 const struct hvsim_versions *versions,
			 const struct hvsim_kvp_request *request);
uint32_t hvsim_kvp_item_read(const struct hvsim_message *answer,
			     const struct hvsim_kvp_request *request,
			     struct hvsim_kvp_item *item);

#endif
