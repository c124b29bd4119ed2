/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host wants its guest to know: the items of its own pools, and which of
 * them the guest has been told.
 */
#ifndef HVSIM_KVP_STORE_H
#define HVSIM_KVP_STORE_H

#include <sys/queue.h>

#include "hvsim_kvp_item.h"
#include "hvsim_profile.h"

/**
 * enum hvsim_kvp_state - how far an entry is
 * @HVSIM_KVP_WAITING: the guest is to be told
 * @HVSIM_KVP_UNDER_WAY: it is being told
 * @HVSIM_KVP_TOLD: it has taken it
 * @HVSIM_KVP_REFUSED: it has refused it for good
 */
enum hvsim_kvp_state {
	HVSIM_KVP_WAITING,
	HVSIM_KVP_UNDER_WAY,
	HVSIM_KVP_TOLD,
	HVSIM_KVP_REFUSED,
};

/**
 * struct hvsim_kvp_entry - an item that the guest is to have, or to have no more
 * @link: in the store
 * @pool: an enum hvic_kvp_pool
 * @state: how far it is
 * @removed: it is to have it no more
 * @status: what the guest answered last; 0 before
 * @item: the item
 */
struct hvsim_kvp_entry {
	TAILQ_ENTRY(hvsim_kvp_entry) link;
	uint8_t pool;
	enum hvsim_kvp_state state;
	bool removed;
	uint32_t status;
	struct hvsim_kvp_item item;
};

TAILQ_HEAD(hvsim_kvp_entries, hvsim_kvp_entry);

/**
 * struct hvsim_kvp_store - all of them
 * @entries: in the order in which the guest is told
 */
struct hvsim_kvp_store {
	struct hvsim_kvp_entries entries;
};

void hvsim_kvp_store_init(struct hvsim_kvp_store *store);
void hvsim_kvp_store_clear(struct hvsim_kvp_store *store);
int hvsim_kvp_store_describe(struct hvsim_kvp_store *store, const struct hvsim_profile *profile,
			     const char *name);
struct hvsim_kvp_entry *hvsim_kvp_store_find(struct hvsim_kvp_store *store, uint8_t pool,
					     const char *key);
struct hvsim_kvp_entry *hvsim_kvp_store_set(struct hvsim_kvp_store *store, uint8_t pool,
					    const struct hvsim_kvp_item *item);
struct hvsim_kvp_entry *hvsim_kvp_store_waiting(struct hvsim_kvp_store *store);
void hvsim_kvp_store_remove(struct hvsim_kvp_entry *entry);
void hvsim_kvp_store_drop(struct hvsim_kvp_store *store, struct hvsim_kvp_entry *entry);
void hvsim_kvp_store_postpone(struct hvsim_kvp_store *store, struct hvsim_kvp_entry *entry);
void hvsim_kvp_store_forget(struct hvsim_kvp_store *store);
bool hvsim_kvp_is_host_pool(uint8_t pool);
const char *hvsim_kvp_state_name(const struct hvsim_kvp_entry *entry);

#endif
