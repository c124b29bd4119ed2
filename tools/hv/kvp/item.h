/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intrinsic items: what the guest tells of itself when the host asks, the pool
 * "auto".  Nothing is kept, so that all of it is as it is at that moment.
 */
#ifndef KVP_ITEM_H
#define KVP_ITEM_H

#include <stddef.h>
#include <stdint.h>

struct kvp_net;

/**
 * struct kvp_item_source - what items are read from, besides the system
 * @module_version: of the module, as it has said
 * @net: the links' addresses; %NULL has none
 */
struct kvp_item_source {
	char module_version[64];
	struct kvp_net *net;
};

int kvp_item_value(const struct kvp_item_source *source, uint32_t index, const char **key,
		   char *value, size_t room);
int kvp_item_find(const char *key, uint32_t *index);
int kvp_item_fqdn(char *fqdn, size_t room, const char *host, const char *hosts);

#endif
