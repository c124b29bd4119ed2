// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host asks, and what it is answered; and what becomes of a copied machine.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_file.h"
#include "hvd_text.h"
#include "kvp/message.h"

static char directory[64], firmware[96];
static struct kvp_exchange exchange;

/* ---- the network, which is another's test ---- */

static int fake_net;
static int set_answer = -EBUSY;

int kvp_nic_addresses(struct kvp_net *net, int family, char *out, size_t room)
{
	(void)net;
	(void)family;
	return hvd_text_copy(out, room, "") < 0;
}

int kvp_nic_get(struct kvp_net *net, struct hvic_user_kvp_ip *ip)
{
	(void)net;
	if (strcmp((char *)ip->adapter, "00:15:5D:00:00:01"))
		return -ENODEV;
	strcpy((char *)ip->addresses, "10.0.0.2");
	return 0;
}

int kvp_nic_set(struct kvp_net *net, const struct hvic_user_kvp_ip *ip, kvp_nic_done_t done,
		void *data)
{
	(void)net;
	(void)ip;
	(void)done;
	(void)data;
	return set_answer;
}

/* ---- messages ---- */

static struct hvic_user_kvp message;

static void text_put(__u8 *field, __u32 *size, const char *text)
{
	strcpy((char *)field, text);
	*size = (__u32)strlen(text) + 1;
}

static int ask(unsigned int operation, unsigned int pool, const char *key, const char *value)
{
	memset(&message, 0, sizeof(message));
	message.operation = (__u8)operation;
	message.pool = (__u8)pool;
	if (operation == HVIC_KVP_DELETE) {
		text_put(message.delete.key, &message.delete.key_size, key);
	} else {
		text_put(message.exchange.key, &message.exchange.key_size, key);
		if (value)
			text_put(message.exchange.value, &message.exchange.value_size, value);
	}
	return kvp_message_handle(&exchange, &message);
}

static int enumerate(unsigned int pool, __u32 index)
{
	memset(&message, 0, sizeof(message));
	message.operation = HVIC_KVP_ENUMERATE;
	message.pool = (__u8)pool;
	message.enumerate.index = index;
	return kvp_message_handle(&exchange, &message);
}

static void test_pools(void)
{
	const struct hvic_user_kvp_value *item = &message.enumerate.item;

	tap_is_int(ask(HVIC_KVP_SET, 0, "key", "value"), 0, "a set");
	tap_is_int(ask(HVIC_KVP_GET, 0, "key", NULL), 0, "a get");
	tap_is_str((char *)message.exchange.value, "value", "gets it");
	tap_is_int(message.exchange.value_size, 6, "with its size, the NUL included");
	tap_is_int(message.exchange.key_size, 4, "and the key's");
	tap_is_int(message.exchange.type, HVIC_KVP_SZ, "as a string");
	tap_is_int(ask(HVIC_KVP_GET, 1, "key", NULL), -ENODATA, "not from another pool");
	tap_is_int(enumerate(0, 0), 0, "an enumerate");
	tap_is_str((char *)item->key, "key", "has the key");
	tap_is_str((char *)item->value, "value", "and the value");
	tap_is_int(item->value_size, 6, "and the size");
	tap_is_int(message.enumerate.index, 0, "and keeps the index");
	tap_is_int(enumerate(0, 1), -ENODATA, "and an end");
	tap_is_int(enumerate(0, 0xffffffff), -ENODATA, "also with an index that is negative");
	tap_is_int(ask(HVIC_KVP_DELETE, 0, "key", NULL), 0, "a delete");
	tap_is_int(ask(HVIC_KVP_DELETE, 0, "key", NULL), -ENODATA, "of what there is not");
	tap_is_int(ask(HVIC_KVP_SET, 1, "empty", ""), 0, "an empty value");
	tap_is_int(enumerate(1, 0), 0, "is an item");
	tap_is_int(item->value_size, 1, "of a NUL");
}

static void test_auto(void)
{
	tap_is_int(enumerate(2, 1), 0, "an intrinsic item");
	tap_is_str((char *)message.enumerate.item.key, "IntegrationServicesVersion",
		   "by its place");
	tap_is_str((char *)message.enumerate.item.value, "3.1", "with its value");
	tap_is_int(enumerate(2, 14), -ENODATA, "behind the last");
	tap_is_int(ask(HVIC_KVP_GET, 2, "ProcessorArchitecture", NULL), 0, "or by its name");
	tap_ok(message.exchange.value[0], "with a value");
	tap_is_int(ask(HVIC_KVP_GET, 2, "Nothing", NULL), -ENODATA, "one that there is not");
	tap_is_int(ask(HVIC_KVP_SET, 2, "OSName", "mine"), -EOPNOTSUPP, "they cannot be set");
	tap_is_int(ask(HVIC_KVP_DELETE, 2, "OSName", NULL), -EOPNOTSUPP, "nor deleted");
}

static void test_wrong(void)
{
	unsigned int operation;

	for (operation = HVIC_KVP_GET; operation <= HVIC_KVP_DELETE; operation++) {
		tap_is_int(ask(operation, 4, "key", "value"), -EINVAL,
			   "%s: a pool that there is not", kvp_message_name(operation));
		tap_is_int(ask(operation, 255, "key", "value"), -EINVAL, "the last");
		tap_is_int(ask(operation, 0, "", "value"), -EINVAL, "no key");
	}
	tap_is_int(enumerate(4, 0), -EINVAL, "enumerate: a pool that there is not");
	tap_is_int(ask(6, 0, "key", "value"), -EOPNOTSUPP, "an operation that there is not");
	tap_is_int(ask(255, 0, "key", "value"), -EOPNOTSUPP, "the last");
	tap_is_int(ask(HVIC_KVP_SET, 0, "k\xff", "value"), -EINVAL, "a key that is no UTF-8");
	memset(&message, 'x', sizeof(message));
	for (operation = HVIC_KVP_GET; operation < HVIC_NR_KVP_OPERATIONS; operation++) {
		message.operation = (__u8)operation;
		message.pool = 1;
		tap_ok(kvp_message_handle(&exchange, &message) < 0, "%s of a message without a NUL",
		       kvp_message_name(operation));
	}
	ask(HVIC_KVP_GET, 0, "key", NULL);
	message.exchange.key_size = 3;
	tap_is_int(kvp_message_handle(&exchange, &message), -EINVAL, "a key longer than its size");
	message.exchange.key_size = 0x80000000;
	tap_is_int(kvp_message_handle(&exchange, &message), -EINVAL,
		   "a size longer than the field");
	message.exchange.key_size = 0;
	tap_is_int(kvp_message_handle(&exchange, &message), -ENODATA, "no size, as of old modules");
}

static void test_sizes(void)
{
	char key[512], value[2048];

	memset(key, 'k', sizeof(key));
	memset(value, 'v', sizeof(value));
	key[511] = '\0';
	value[2047] = '\0';
	tap_is_int(ask(HVIC_KVP_SET, 0, key, value), 0, "the longest");
	tap_is_int(ask(HVIC_KVP_GET, 0, key, NULL), 0, "is got");
	tap_is_int(message.exchange.value_size, 2048, "to the last byte");
	tap_is_int(ask(HVIC_KVP_DELETE, 0, key, NULL), 0, "and deleted");
}

static void test_network(void)
{
	struct kvp_net *net = (struct kvp_net *)&fake_net;

	memset(&message, 0, sizeof(message));
	message.operation = HVIC_KVP_GET_IP;
	strcpy((char *)message.ip.adapter, "00:15:5D:00:00:01");
	tap_is_int(kvp_message_handle(&exchange, &message), -EOPNOTSUPP, "without a network");
	exchange.items.net = net;
	tap_is_int(kvp_message_handle(&exchange, &message), 0, "addresses");
	tap_is_str((char *)message.ip.addresses, "10.0.0.2", "are got");
	message.ip.adapter[0] = 'x';
	tap_is_int(kvp_message_handle(&exchange, &message), -ENODEV, "not of another adapter");
	message.operation = HVIC_KVP_SET_IP;
	tap_is_int(kvp_message_handle(&exchange, &message), -EBUSY, "what cannot be set");
	set_answer = 0;
	tap_is_int(kvp_message_handle(&exchange, &message), -EINPROGRESS, "what takes its time");
	memset(message.ip.dns, 'x', sizeof(message.ip.dns));
	tap_is_int(kvp_message_handle(&exchange, &message), -EINVAL, "what is no text");
	exchange.items.net = NULL;
	message.operation = HVIC_KVP_SET_IP;
	tap_is_int(kvp_message_handle(&exchange, &message), -EOPNOTSUPP, "without a network");
}

static const struct {
	int err;
	unsigned int operation;
	__u32 status;
} statuses[] = {
	{ 0, HVIC_KVP_SET, HVIC_STATUS_OK },
	{ -ENODATA, HVIC_KVP_ENUMERATE, HVIC_STATUS_NO_MORE },
	{ -EINVAL, HVIC_KVP_SET, HVIC_STATUS_INVALID_ARG },
	{ -EOPNOTSUPP, 77, HVIC_STATUS_NOT_SUPPORTED },
	{ -ENODEV, HVIC_KVP_GET_IP, HVIC_STATUS_NOT_CONNECTED },
	{ -ENODEV, HVIC_KVP_SET_IP, HVIC_STATUS_NOT_FOUND },
	{ -ENOSPC, HVIC_KVP_SET, HVIC_STATUS_FAIL },
	{ -ETIMEDOUT, HVIC_KVP_GET, HVIC_STATUS_FAIL },
};

static void test_statuses(void)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		tap_is_int(kvp_message_status(statuses[i].operation, statuses[i].err),
			   statuses[i].status, "%s: %s", kvp_message_name(statuses[i].operation),
			   strerror(-statuses[i].err));
}

/* ---- a machine, and its copy ---- */

static void machine_start(const char *uuid)
{
	tap_is_int(hvd_file_replace(firmware, uuid, strlen(uuid), 0600), 0, "machine %.8s", uuid);
	memset(&exchange, 0, sizeof(exchange));
	exchange.clear_on_clone = true;
	hvd_text_copy(exchange.items.module_version, sizeof(exchange.items.module_version), "3.1");
	tap_is_int(kvp_exchange_start(&exchange, directory, firmware), 0, "starts");
}

static void machine_stop(void)
{
	kvp_exchange_end(&exchange);
}

static void host_pushes(const char *id)
{
	ask(HVIC_KVP_SET, 3, "HostName", "host");
	ask(HVIC_KVP_SET, 3, "VirtualMachineId", id);
}

static void test_copy(void)
{
	machine_start("11111111-1\n");
	host_pushes("VM-1");
	ask(HVIC_KVP_SET, 0, "secret", "of the first");
	ask(HVIC_KVP_SET, 1, "ours", "stays");
	machine_stop();
	machine_start("11111111-1\n");
	host_pushes("vm-1");
	tap_is_int(ask(HVIC_KVP_GET, 0, "secret", NULL), 0, "the same machine keeps its items");
	machine_stop();
	machine_start("22222222-2\n");
	tap_is_int(ask(HVIC_KVP_GET, 0, "secret", NULL), -ENODATA, "a copy has none of the host's");
	tap_is_int(ask(HVIC_KVP_GET, 3, "HostName", NULL), -ENODATA, "of neither kind");
	tap_is_int(ask(HVIC_KVP_GET, 1, "ours", NULL), 0, "but its own");
	ask(HVIC_KVP_SET, 0, "old", "of the second");
	host_pushes("VM-2");
	machine_stop();
	machine_start("22222222-2\n");
	ask(HVIC_KVP_SET, 0, "new", "of the third");
	host_pushes("VM-3");
	tap_is_int(ask(HVIC_KVP_GET, 0, "old", NULL), -ENODATA, "the host tells of a copy, too");
	tap_is_int(ask(HVIC_KVP_GET, 0, "new", NULL), 0, "what it has set for it stays");
	tap_is_int(ask(HVIC_KVP_GET, 3, "HostName", NULL), 0, "of both kinds");
	machine_stop();
	machine_start("");
	tap_is_int(ask(HVIC_KVP_GET, 0, "new", NULL), 0, "firmware that has no name says nothing");
	machine_stop();
}

int main(void)
{
	char command[96];

	strcpy(directory, "/tmp/kvp_message_test.XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	snprintf(firmware, sizeof(firmware), "%s/uuid", directory);
	machine_start("11111111-1\n");
	test_pools();
	test_auto();
	test_wrong();
	test_sizes();
	test_network();
	test_statuses();
	machine_stop();
	test_copy();
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) ? 1 : tap_done();
}
