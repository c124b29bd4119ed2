// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host asks, and what it is answered.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/message.h"

/* The key that the host gives the machine's own name by. */
#define VM_ID_KEY	"VirtualMachineId"

/* Pools whose contents the host gives. */
static const unsigned int host_pools[] = { HVIC_KVP_EXTERNAL, HVIC_KVP_AUTO_EXTERNAL };

/* Another machine's pools: what has come since we know it is of this one. */
static void pools_forget(struct kvp_exchange *exchange)
{
	size_t i;
	int gone;

	for (i = 0; i < sizeof(host_pools) / sizeof(host_pools[0]); i++) {
		struct kvp_pool *pool = exchange->pools[host_pools[i]];

		gone = kvp_pool_forget(pool);
		if (gone < 0)
			hvd_warning("%s is of another virtual machine and cannot be cleared: %s",
				    kvp_pool_path(pool), strerror(-gone));
		else if (gone)
			hvd_info("%s: cleared of %d items: they are of another virtual machine, "
				 "which this one is a copy of", kvp_pool_path(pool), gone);
	}
}

static void identity_keep(struct kvp_exchange *exchange, const char *firmware,
			  const char *host)
{
	int err = kvp_identity_keep(&exchange->identity, firmware, host);

	if (err)
		hvd_warning("cannot write %s: %s", exchange->identity.path, strerror(-err));
}

static void firmware_check(struct kvp_exchange *exchange, const char *firmware)
{
	char now[KVP_IDENTITY_LEN] = "";

	if (hvd_file_read(firmware, now, sizeof(now)) < 0)
		return;
	now[strcspn(now, "\n")] = '\0';
	if (kvp_identity_differs(exchange->identity.firmware, now))
		pools_forget(exchange);
	identity_keep(exchange, now, NULL);
}

/* The id is kept last: stopped before, it is found out again. */
static void host_check(struct kvp_exchange *exchange, const char *now)
{
	if (kvp_identity_differs(exchange->identity.host, now))
		pools_forget(exchange);
	identity_keep(exchange, NULL, now);
}

/**
 * kvp_exchange_start() - Open the pools.
 * @exchange: zeroed, but for what the caller sets: @clear_on_clone, @items, @set_done
 *	and @data
 * @directory: where they are
 * @firmware: the file that has the firmware's name for the machine
 *
 * Pools that cannot be opened are warned of; each operation tries again.
 *
 * Return: 0; -ENOMEM; -ENAMETOOLONG.
 */
int kvp_exchange_start(struct kvp_exchange *exchange, const char *directory,
		       const char *firmware)
{
	unsigned int i;
	int err;

	for (i = 0; i < KVP_POOL_FILES; i++) {
		err = kvp_pool_new(&exchange->pools[i], directory, i, true);
		if (err)
			return err;
		err = kvp_pool_count(exchange->pools[i]);
		if (err < 0)
			hvd_warning("cannot use %s: %s", kvp_pool_path(exchange->pools[i]),
				    strerror(-err));
	}
	err = kvp_identity_read(&exchange->identity, directory);
	if (err)
		hvd_warning("cannot read %s: %s", exchange->identity.path, strerror(-err));
	if (exchange->clear_on_clone)
		firmware_check(exchange, firmware);
	return 0;
}

/**
 * kvp_exchange_end() - Close the pools.
 * @exchange: what kvp_exchange_start() was given
 */
void kvp_exchange_end(struct kvp_exchange *exchange)
{
	unsigned int i;

	for (i = 0; i < KVP_POOL_FILES; i++)
		kvp_pool_free(exchange->pools[i]);
}

/* Whether a field has a text, not longer than is said; of a key, not empty. */
static bool text_is_good(const __u8 *field, size_t room, __u32 size, bool key)
{
	int len = size <= room ? hvd_text_len(field, room) : -EINVAL;

	return len >= key && (!size || (__u32)len < size);
}

/* The pool of a message, where the host may change it or look a key up. */
static int pool_of(struct kvp_exchange *exchange, const struct hvic_user_kvp *message,
		   struct kvp_pool **pool)
{
	if (message->pool >= HVIC_NR_KVP_POOLS)
		return -EINVAL;
	if (message->pool == HVIC_KVP_AUTO)
		return -EOPNOTSUPP;
	*pool = exchange->pools[message->pool];
	return 0;
}

static int value_fill(struct hvic_user_kvp_value *to, const char *key, const char *value)
{
	size_t key_len = strlen(key), value_len = strlen(value);

	memset(to, 0, sizeof(*to));
	to->type = HVIC_KVP_SZ;
	to->key_size = (__u32)key_len + 1;
	to->value_size = (__u32)value_len + 1;
	memcpy(to->key, key, key_len);
	memcpy(to->value, value, value_len);
	return 0;
}

static int item_fill(struct kvp_exchange *exchange, struct hvic_user_kvp_value *to,
		     __u32 index)
{
	char value[HVIC_KVP_VALUE_LEN];
	const char *key;
	int err = kvp_item_value(&exchange->items, index, &key, value, sizeof(value));

	return err ? err : value_fill(to, key, value);
}

static int message_get(struct kvp_exchange *exchange, struct hvic_user_kvp *message)
{
	struct hvic_user_kvp_value *item = &message->exchange;
	const char *key = (const char *)item->key;
	struct kvp_record record;
	struct kvp_pool *pool;
	__u32 index;
	int err;

	if (!text_is_good(item->key, sizeof(item->key), item->key_size, true))
		return -EINVAL;
	if (message->pool == HVIC_KVP_AUTO) {
		err = kvp_item_find(key, &index);
		return err ? err : item_fill(exchange, item, index);
	}
	err = pool_of(exchange, message, &pool);
	if (!err)
		err = kvp_pool_get(pool, key, &record);
	return err ? err : value_fill(item, record.key, record.value);
}

static int message_set(struct kvp_exchange *exchange, struct hvic_user_kvp *message)
{
	const struct hvic_user_kvp_value *item = &message->exchange;
	const char *key = (const char *)item->key, *value = (const char *)item->value;
	struct kvp_pool *pool;
	int err;

	if (!text_is_good(item->key, sizeof(item->key), item->key_size, true) ||
	    !text_is_good(item->value, sizeof(item->value), item->value_size, false))
		return -EINVAL;
	err = pool_of(exchange, message, &pool);
	if (!err)
		err = kvp_pool_set(pool, key, value);
	if (!err && exchange->clear_on_clone && message->pool == HVIC_KVP_AUTO_EXTERNAL &&
	    !strcmp(key, VM_ID_KEY))
		host_check(exchange, value);
	return err;
}

static int message_delete(struct kvp_exchange *exchange, struct hvic_user_kvp *message)
{
	struct kvp_pool *pool;
	int err;

	if (!text_is_good(message->delete.key, sizeof(message->delete.key),
			  message->delete.key_size, true))
		return -EINVAL;
	err = pool_of(exchange, message, &pool);
	return err ? err : kvp_pool_delete(pool, (const char *)message->delete.key);
}

static int message_enumerate(struct kvp_exchange *exchange, struct hvic_user_kvp *message)
{
	struct kvp_record record;
	struct kvp_pool *pool;
	int err;

	if (message->pool == HVIC_KVP_AUTO)
		return item_fill(exchange, &message->enumerate.item, message->enumerate.index);
	err = pool_of(exchange, message, &pool);
	if (!err)
		err = kvp_pool_item(pool, message->enumerate.index, &record);
	return err ? err : value_fill(&message->enumerate.item, record.key, record.value);
}

/* The network's part may rely on all fields being texts. */
static bool ip_is_good(const struct hvic_user_kvp_ip *ip)
{
	return hvd_text_len(ip->adapter, sizeof(ip->adapter)) > 0 &&
	       hvd_text_len(ip->addresses, sizeof(ip->addresses)) >= 0 &&
	       hvd_text_len(ip->subnets, sizeof(ip->subnets)) >= 0 &&
	       hvd_text_len(ip->gateways, sizeof(ip->gateways)) >= 0 &&
	       hvd_text_len(ip->dns, sizeof(ip->dns)) >= 0;
}

static int message_get_ip(struct kvp_exchange *exchange, struct hvic_user_kvp *message)
{
	if (!exchange->items.net)
		return -EOPNOTSUPP;
	if (hvd_text_len(message->ip.adapter, sizeof(message->ip.adapter)) <= 0)
		return -EINVAL;
	return kvp_nic_get(exchange->items.net, &message->ip);
}

static int message_set_ip(struct kvp_exchange *exchange, struct hvic_user_kvp *message)
{
	int err;

	if (!exchange->items.net)
		return -EOPNOTSUPP;
	if (!ip_is_good(&message->ip))
		return -EINVAL;
	err = kvp_nic_set(exchange->items.net, &message->ip, exchange->set_done, exchange->data);
	return err < 0 ? err : -EINPROGRESS;
}

static const struct {
	const char *name;
	int (*handle)(struct kvp_exchange *exchange, struct hvic_user_kvp *message);
} operations[HVIC_NR_KVP_OPERATIONS] = {
	[HVIC_KVP_GET]		= { "get", message_get },
	[HVIC_KVP_SET]		= { "set", message_set },
	[HVIC_KVP_DELETE]	= { "delete", message_delete },
	[HVIC_KVP_ENUMERATE]	= { "enumerate", message_enumerate },
	[HVIC_KVP_GET_IP]	= { "get-ip", message_get_ip },
	[HVIC_KVP_SET_IP]	= { "set-ip", message_set_ip },
};

/**
 * kvp_message_handle() - Do what the host asks.
 * @exchange: what it is about
 * @message: what is asked; becomes the answer, but for its status
 *
 * Return: 0; -EINPROGRESS when @exchange's set_done is called at the end, or has been;
 * else what kvp_message_status() takes: -EOPNOTSUPP for an operation that there is not;
 * -EINVAL for what is no text, or no pool; -ENODATA when there is no such item; -ENODEV
 * when there is no such adapter; others for what has gone wrong.
 */
int kvp_message_handle(struct kvp_exchange *exchange, struct hvic_user_kvp *message)
{
	if (message->operation >= HVIC_NR_KVP_OPERATIONS)
		return -EOPNOTSUPP;
	return operations[message->operation].handle(exchange, message);
}

/**
 * kvp_message_status() - Say to the host what has become of a request.
 * @operation: what was asked
 * @err: what kvp_message_handle() says, or the network
 *
 * Return: an HVIC_STATUS_*.
 */
__u32 kvp_message_status(unsigned int operation, int err)
{
	switch (err) {
	case 0:
		return HVIC_STATUS_OK;
	case -ENODATA:
		return HVIC_STATUS_NO_MORE;
	case -EOPNOTSUPP:
		return HVIC_STATUS_NOT_SUPPORTED;
	case -EINVAL:
		return HVIC_STATUS_INVALID_ARG;
	case -ENODEV:
		return operation == HVIC_KVP_SET_IP ? HVIC_STATUS_NOT_FOUND :
						      HVIC_STATUS_NOT_CONNECTED;
	default:
		return HVIC_STATUS_FAIL;
	}
}

/**
 * kvp_message_name() - Name an operation.
 * @operation: an enum hvic_kvp_operation, or anything
 *
 * Return: its name for people.
 */
const char *kvp_message_name(unsigned int operation)
{
	return operation < HVIC_NR_KVP_OPERATIONS ? operations[operation].name : "unknown";
}
