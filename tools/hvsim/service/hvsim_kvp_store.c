// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host wants its guest to know.
 *
 * That is kept by the host, as Windows keeps it, since guests come and go: who
 * negotiates anew is told everything again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_dice.h"
#include "hvsim_guid.h"
#include "hvsim_kvp_store.h"

/* What a machine without a name is called. */
#define NAME_DEFAULT	"hvsim"

/* Windows Server Datacenter; of hosts nothing else was seen. */
#define EDITION		"8"
/* PROCESSOR_ARCHITECTURE_AMD64 */
#define ARCHITECTURE	"9"

/**
 * hvsim_kvp_store_init() - Begin with nothing.
 * @store: filled in
 */
void hvsim_kvp_store_init(struct hvsim_kvp_store *store)
{
	TAILQ_INIT(&store->entries);
}

/**
 * hvsim_kvp_store_clear() - Free everything.
 * @store: of which
 */
void hvsim_kvp_store_clear(struct hvsim_kvp_store *store)
{
	struct hvsim_kvp_entry *entry;

	while ((entry = TAILQ_FIRST(&store->entries)))
		hvsim_kvp_store_drop(store, entry);
}

/* The same for each machine of that name, so that a guest sees one machine in them. */
static void machine_id(char text[HVSIM_GUID_TEXT_LEN], const char *name)
{
	struct hvsim_dice dice = { 0 };
	uint8_t guid[HVSIM_GUID_LEN];
	size_t i;

	for (i = 0; name[i]; i++)
		dice.state = hvsim_dice_mix(dice.state + (uint8_t)name[i]);
	for (i = 0; i < sizeof(guid); i++)
		guid[i] = (uint8_t)hvsim_dice_roll(&dice);
	/* a random one, as GUIDs have it */
	guid[7] = (guid[7] & 0x0f) | 0x40;
	guid[8] = (guid[8] & 0x3f) | 0x80;
	hvsim_guid_format(text, guid);
	for (i = 0; text[i]; i++)
		if (text[i] >= 'a' && text[i] <= 'f')
			text[i] -= 'a' - 'A';
}

/**
 * hvsim_kvp_store_describe() - Add what a Windows host tells of itself.
 * @store: to which
 * @profile: which Windows; one that is none adds nothing
 * @name: of the machine; NULL for the usual one
 *
 * The keys are known, and that there are sixteen of them.  That all values are
 * texts is not: no source says which may be numbers.
 *
 * Return: 0; -ENOMEM.
 */
int hvsim_kvp_store_describe(struct hvsim_kvp_store *store, const struct hvsim_profile *profile,
			     const char *name)
{
	char major[8], minor[8], id[HVSIM_GUID_TEXT_LEN];
	const struct {
		const char *key;
		const char *value;
	} facts[] = {
		{ "HostName", "HVSIM-HOST" },
		{ "HostingSystemEditionId", EDITION },
		{ "HostingSystemNestedLevel", "0" },
		{ "HostingSystemOsMajor", major },
		{ "HostingSystemOsMinor", minor },
		{ "HostingSystemProcessorArchitecture", ARCHITECTURE },
		{ "HostingSystemProcessorIdleStateMax", "0" },
		{ "HostingSystemProcessorThrottleMax", "100" },
		{ "HostingSystemProcessorThrottleMin", "5" },
		{ "HostingSystemSpMajor", "0" },
		{ "HostingSystemSpMinor", "0" },
		{ "PhysicalHostName", "HVSIM-HOST" },
		{ "PhysicalHostNameFullyQualified", "hvsim-host.example" },
		{ "VirtualMachineDynamicMemoryBalancingEnabled", "0" },
		{ "VirtualMachineId", id },
		{ "VirtualMachineName", name ?: NAME_DEFAULT },
	};
	struct hvsim_kvp_item item = { .type = HVIC_KVP_SZ };
	size_t i;

	if (!profile->system)
		return 0;
	snprintf(major, sizeof(major), "%u", HVIC_VERSION_MAJOR(profile->system));
	snprintf(minor, sizeof(minor), "%u", HVIC_VERSION_MINOR(profile->system));
	machine_id(id, name ?: NAME_DEFAULT);
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		snprintf(item.key, sizeof(item.key), "%s", facts[i].key);
		snprintf(item.text, sizeof(item.text), "%s", facts[i].value);
		if (!hvsim_kvp_store_set(store, HVIC_KVP_AUTO_EXTERNAL, &item))
			return -ENOMEM;
	}
	return 0;
}

/**
 * hvsim_kvp_store_find() - Find an item.
 * @store: where
 * @pool: of which
 * @key: of which
 *
 * Return: the entry, which may be one that is removed; NULL when there is none.
 */
struct hvsim_kvp_entry *hvsim_kvp_store_find(struct hvsim_kvp_store *store, uint8_t pool,
					     const char *key)
{
	struct hvsim_kvp_entry *entry;

	TAILQ_FOREACH(entry, &store->entries, link)
		if (entry->pool == pool && !strcmp(entry->item.key, key))
			return entry;
	return NULL;
}

/**
 * hvsim_kvp_store_set() - Add an item, or change the one of its key.
 * @store: where
 * @pool: of which
 * @item: copied
 *
 * Return: the entry, of which the guest is to be told; NULL without memory.
 */
struct hvsim_kvp_entry *hvsim_kvp_store_set(struct hvsim_kvp_store *store, uint8_t pool,
					    const struct hvsim_kvp_item *item)
{
	struct hvsim_kvp_entry *entry = hvsim_kvp_store_find(store, pool, item->key);

	if (!entry) {
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			return NULL;
		entry->pool = pool;
		TAILQ_INSERT_TAIL(&store->entries, entry, link);
	}
	entry->item = *item;
	entry->state = HVSIM_KVP_WAITING;
	entry->removed = false;
	entry->status = 0;
	return entry;
}

/**
 * hvsim_kvp_store_waiting() - What to tell the guest next.
 * @store: of which
 *
 * Return: the entry; NULL when there is nothing to tell.
 */
struct hvsim_kvp_entry *hvsim_kvp_store_waiting(struct hvsim_kvp_store *store)
{
	struct hvsim_kvp_entry *entry;

	TAILQ_FOREACH(entry, &store->entries, link)
		if (entry->state == HVSIM_KVP_WAITING)
			return entry;
	return NULL;
}

/**
 * hvsim_kvp_store_remove() - Have the guest be told that an item is no more.
 * @entry: which; stays until it was told
 */
void hvsim_kvp_store_remove(struct hvsim_kvp_entry *entry)
{
	entry->removed = true;
	entry->state = HVSIM_KVP_WAITING;
}

/**
 * hvsim_kvp_store_drop() - Forget an item.
 * @store: where
 * @entry: which; is gone afterwards
 */
void hvsim_kvp_store_drop(struct hvsim_kvp_store *store, struct hvsim_kvp_entry *entry)
{
	TAILQ_REMOVE(&store->entries, entry, link);
	free(entry);
}

/**
 * hvsim_kvp_store_postpone() - Tell the guest of an item behind all others.
 * @store: where
 * @entry: which
 */
void hvsim_kvp_store_postpone(struct hvsim_kvp_store *store, struct hvsim_kvp_entry *entry)
{
	entry->state = HVSIM_KVP_WAITING;
	TAILQ_REMOVE(&store->entries, entry, link);
	TAILQ_INSERT_TAIL(&store->entries, entry, link);
}

/**
 * hvsim_kvp_store_forget() - Take it that the guest knows nothing.
 * @store: of which
 */
void hvsim_kvp_store_forget(struct hvsim_kvp_store *store)
{
	struct hvsim_kvp_entry *entry;

	TAILQ_FOREACH(entry, &store->entries, link)
		entry->state = HVSIM_KVP_WAITING;
}

/**
 * hvsim_kvp_is_host_pool() - Whether the items of a pool are the host's.
 * @pool: which
 *
 * Return: whether; else they are the guest's.
 */
bool hvsim_kvp_is_host_pool(uint8_t pool)
{
	return pool == HVIC_KVP_EXTERNAL || pool == HVIC_KVP_AUTO_EXTERNAL;
}

/**
 * hvsim_kvp_state_name() - How far an entry is, for programs.
 * @entry: which
 *
 * Return: a word.
 */
const char *hvsim_kvp_state_name(const struct hvsim_kvp_entry *entry)
{
	static const char *const names[] = {
		[HVSIM_KVP_WAITING] = "waiting",
		[HVSIM_KVP_UNDER_WAY] = "under-way",
		[HVSIM_KVP_TOLD] = "told",
		[HVSIM_KVP_REFUSED] = "refused",
	};

	return entry->removed ? "removing" : names[entry->state];
}
