/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host asks, and what it is answered.
 */
#ifndef KVP_MESSAGE_H
#define KVP_MESSAGE_H

#include <stdbool.h>

#include <hv/hvic_user.h>

#include "hvd_pool.h"
#include "kvp/identity.h"
#include "kvp/item.h"
#include "kvp/net/nic.h"

/**
 * struct kvp_exchange - what messages are about
 * @pools: by number; that of the intrinsic items and the fifth are files only
 * @items: what the intrinsic items are read from; has the network, too
 * @identity: the machine that the pools are of
 * @clear_on_clone: whether pools that the host owns are cleared when it is another
 * @set_done: called when an adapter is set, with the errno and @data
 * @data: passed to that
 */
struct kvp_exchange {
	struct kvp_pool *pools[KVP_POOL_FILES];
	struct kvp_item_source items;
	struct kvp_identity identity;
	bool clear_on_clone;
	kvp_nic_done_t set_done;
	void *data;
};

int kvp_exchange_start(struct kvp_exchange *exchange, const char *directory,
		       const char *firmware);
void kvp_exchange_end(struct kvp_exchange *exchange);

int kvp_message_handle(struct kvp_exchange *exchange, struct hvic_user_kvp *message);
__u32 kvp_message_status(unsigned int operation, int err);
const char *kvp_message_name(unsigned int operation);

#endif
