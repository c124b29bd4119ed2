// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of the module: the input is a row of them, which need not be texts.
 * What they say is what a host can, and more: the module has looked at it already.
 */
#include <dirent.h>
#include <unistd.h>

#include "fuzz.h"
#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/message.h"

static char directory[64];

bool hvd_log_wanted(int level)
{
	(void)level;
	return false;
}

void hvd_log(int level, const char *format, ...)
{
	(void)level;
	(void)format;
}

/* ---- the network has a target of its own; here it is to be given texts only ---- */

int kvp_nic_addresses(struct kvp_net *net, int family, char *out, size_t room)
{
	(void)net;
	(void)family;
	return hvd_text_copy(out, room, "10.0.0.1") < 0;
}

int kvp_nic_get(struct kvp_net *net, struct hvic_user_kvp_ip *ip)
{
	(void)net;
	return strlen((char *)ip->adapter) < 8 ? -ENODEV : 0;
}

int kvp_nic_set(struct kvp_net *net, const struct hvic_user_kvp_ip *ip, kvp_nic_done_t done,
		void *data)
{
	(void)net;
	(void)done;
	(void)data;
	CHECK(strlen((char *)ip->adapter) < sizeof(ip->adapter));
	CHECK(strlen((char *)ip->addresses) < sizeof(ip->addresses));
	CHECK(strlen((char *)ip->subnets) < sizeof(ip->subnets));
	CHECK(strlen((char *)ip->gateways) < sizeof(ip->gateways));
	CHECK(strlen((char *)ip->dns) < sizeof(ip->dns));
	return 0;
}

static void directory_remove(void)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(directory);
}

static struct kvp_exchange *exchange_make(void)
{
	static struct kvp_exchange exchange;

	strcpy(directory, "/dev/shm/fuzz_kvp_message.XXXXXX");
	if (!mkdtemp(directory)) {
		strcpy(directory, "/tmp/fuzz_kvp_message.XXXXXX");
		CHECK(mkdtemp(directory));
	}
	atexit(directory_remove);
	exchange.clear_on_clone = true;
	exchange.items.net = (struct kvp_net *)&exchange;
	CHECK(!kvp_exchange_start(&exchange, directory, "/nonexistent"));
	return &exchange;
}

/* A message of few bytes: what its fields begin with, and what fills them up. */
static void message_take(struct fuzz_input *input, struct hvic_user_kvp *message)
{
	/* each field of each body begins at one of these */
	static const size_t fields[] = { 4, 8, 12, 16, 20, 260, 262, 528, 532, 2310, 4358, 5382 };
	u8 fill = (u8)fuzz_number(input, 1), *text;
	size_t len, at;

	memset(message, fill & 1 ? fill : 0, sizeof(*message));
	message->operation = (u8)fuzz_number(input, 1);
	message->pool = (u8)fuzz_number(input, 1);
	for (at = 0; at < sizeof(fields) / sizeof(fields[0]) && input->len; at++) {
		text = fuzz_take(input, (size_t)fuzz_number(input, 1) & 15, &len);
		if (len)
			memcpy((u8 *)message + fields[at], text, len);
		free(text);
	}
}

static void answer_check(const struct hvic_user_kvp *asked, const struct hvic_user_kvp *answer)
{
	const struct hvic_user_kvp_value *item = asked->operation == HVIC_KVP_ENUMERATE ?
		&answer->enumerate.item : &answer->exchange;

	if (asked->operation != HVIC_KVP_ENUMERATE && asked->operation != HVIC_KVP_GET)
		return;
	CHECK(item->type == HVIC_KVP_SZ);
	CHECK(item->key_size == (__u32)hvd_text_len(item->key, sizeof(item->key)) + 1);
	CHECK(item->value_size == (__u32)hvd_text_len(item->value, sizeof(item->value)) + 1);
	CHECK(hvd_text_units((const char *)item->key) > 0);
	CHECK(hvd_text_units((const char *)item->value) >= 0);
}

/**
 * LLVMFuzzerTestOneInput() - Be asked.
 * @data: messages
 * @len: bytes of them
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	static struct kvp_exchange *exchange;
	struct hvic_user_kvp *message, asked;
	unsigned int pool;
	int err;

	if (!exchange)
		exchange = exchange_make();
	message = malloc(sizeof(*message));
	CHECK(message);
	while (input.len) {
		message_take(&input, message);
		asked = *message;
		err = kvp_message_handle(exchange, message);
		CHECK(err <= 0);
		CHECK(asked.operation < HVIC_NR_KVP_OPERATIONS || err == -EOPNOTSUPP);
		CHECK(!err == !kvp_message_status(asked.operation, err));
		if (!err)
			answer_check(&asked, message);
	}
	free(message);
	/* what one input has left is not to be another's */
	for (pool = 0; pool < HVIC_NR_KVP_POOLS; pool++) {
		struct kvp_record record;

		while (!kvp_pool_item(exchange->pools[pool], 0, &record))
			CHECK(!kvp_pool_delete(exchange->pools[pool], record.key));
	}
	return 0;
}
