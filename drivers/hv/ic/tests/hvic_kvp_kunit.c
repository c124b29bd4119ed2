// SPDX-License-Identifier: GPL-2.0-only
/* Data exchange: each operation, pool, type, size and length, both ways. */

#include "../hvic_kvp.h"
#include "hvic_offer.h"

#define KEY_UNITS	255
#define VALUE_UNITS	1023

/* A request of an operation, with no more in it than that. */
static struct hvic_packet kvp_new(struct kunit *test, u8 operation, u8 pool, size_t len)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_KVP, len);
	u8 *body = packet.body;

	if (len > 0)
		body[0] = operation;
	if (len > 1)
		body[1] = pool;
	return packet;
}

static struct hvic_user_kvp *user_new(struct kunit *test)
{
	struct hvic_user_kvp *user = packet_alloc(test, sizeof(*user));

	/* what was in the memory before must not reach anybody */
	memset(user, 0xee, sizeof(*user));
	return user;
}

/* ASCII as UTF-16; returns bytes with the NUL. */
static u32 widen(u8 *dst, const char *src)
{
	u32 n = 0;

	do {
		dst[n++] = *src;
		dst[n++] = 0;
	} while (*src++);
	return n;
}

static void item_write(struct hvic_kvp_value *item, const char *key, const char *value)
{
	item->type = cpu_to_le32(HVIC_KVP_SZ);
	item->key_size = cpu_to_le32(widen(item->key, key));
	item->value_size = cpu_to_le32(widen(item->value, value));
}

static void expect_zero(struct kunit *test, const void *bytes, size_t len, const char *what)
{
	const u8 *at = bytes;
	size_t i;

	for (i = 0; i < len; i++)
		KUNIT_ASSERT_EQ_MSG(test, at[i], 0, "%s, byte %zu", what, i);
}

/**
 * struct operation - an operation, and when it can be served
 * @since: first version that has it
 * @len: bytes of body that it needs
 */
struct operation {
	u32 since;
	size_t len;
};

static const struct operation operations[] = {
	[HVIC_KVP_GET] = { V(1, 0), 2576 },
	[HVIC_KVP_SET] = { V(1, 0), 2576 },
	[HVIC_KVP_DELETE] = { V(1, 0), 520 },
	[HVIC_KVP_ENUMERATE] = { V(1, 0), 2580 },
	[HVIC_KVP_GET_IP] = { V(4, 0), 7428 },
	[HVIC_KVP_SET_IP] = { V(4, 0), 7428 },
};

/* All that an operation could need, whichever it is. */
static void fill(struct hvic_packet *packet, u32 version)
{
	u8 *body = packet->body;

	switch (body[0]) {
	case HVIC_KVP_GET:
	case HVIC_KVP_SET:
		item_write(&((struct hvic_kvp_exchange *)body)->item, "key", "value");
		break;
	case HVIC_KVP_DELETE:
		((struct hvic_kvp_delete *)body)->key_size = cpu_to_le32(widen(body + 8, "key"));
		break;
	case HVIC_KVP_GET_IP:
	case HVIC_KVP_SET_IP:
		widen(body + (version < V(5, 0) ? 2 : 28), "eth0");
		break;
	}
}

static void kvp_each_operation_pool_and_version(struct kunit *test)
{
	static const u32 versions[] = { V(1, 0), V(3, 0), V(4, 0), V(5, 0) };
	struct hvic_user_kvp *user = user_new(test);
	struct hvic_packet packet = kvp_new(test, 0, 0, 7428);
	struct hvic_msg msg = packet_open(test, &packet);
	unsigned int v, op, pool;

	for (v = 0; v < ARRAY_SIZE(versions); v++) {
		for (op = 0; op < 256; op++) {
			bool known = op < ARRAY_SIZE(operations);
			bool item = op <= HVIC_KVP_ENUMERATE;

			for (pool = 0; pool < 256; pool++) {
				bool bad_pool = pool > 3;
				int want = item && bad_pool ? -EINVAL : !known ||
					versions[v] < operations[op].since ? -EOPNOTSUPP : 0;

				memset(packet.body, 0, 600);
				((u8 *)packet.body)[0] = op;
				((u8 *)packet.body)[1] = pool;
				fill(&packet, versions[v]);
				KUNIT_ASSERT_EQ_MSG(test, hvic_kvp_forward(&msg, versions[v], user),
						    want, "operation %u, pool %u", op, pool);
				if (want)
					continue;
				KUNIT_ASSERT_EQ(test, user->operation, op);
				KUNIT_ASSERT_EQ(test, user->pool, bad_pool ? 0 : pool);
			}
		}
	}
}

static void expect_each_length(struct kunit *test, u8 op, u32 version, size_t need)
{
	struct hvic_user_kvp *user = user_new(test);
	size_t len;

	for (len = 0; len <= need + 8; len += len + 40 < need && len > 40 ? 37 : 1) {
		struct hvic_packet whole = kvp_new(test, op, 1, need + 8);
		struct hvic_packet packet = packet_new(test, HVIC_TYPE_KVP, len);
		struct hvic_msg msg = packet_open(test, &packet);

		fill(&whole, version);
		memcpy(packet.body, whole.body, len);
		KUNIT_ASSERT_EQ_MSG(test, hvic_kvp_forward(&msg, version, user),
				    len < need ? -EMSGSIZE : 0, "operation %u, %zu bytes", op, len);
		if (len >= 2 && len < need && op != HVIC_KVP_SET && op != HVIC_KVP_DELETE &&
		    op != HVIC_KVP_SET_IP) {
			user->error = 0;
			KUNIT_ASSERT_EQ_MSG(test, hvic_kvp_answer(&msg, version, user),
					    HVIC_STATUS_FAIL, "operation %u, %zu bytes", op, len);
		}
	}
}

static void kvp_each_length(struct kunit *test)
{
	unsigned int op;

	for (op = 0; op < ARRAY_SIZE(operations); op++) {
		expect_each_length(test, op, V(4, 0), operations[op].len);
		expect_each_length(test, op, V(5, 0), op < HVIC_KVP_GET_IP ?
				   operations[op].len : 3716);
	}
}

/**
 * struct set - what a host sets, and what the daemon is told
 * @name: the test's
 * @type: an enum hvic_kvp_type, or not
 * @key_size: as the host says
 * @value_size: likewise
 * @key: UTF-16; 'Z's, which nobody must see, are behind its size
 * @value: likewise, or a number
 * @err: why it is refused
 * @want_key: UTF-8
 * @want: UTF-8
 */
struct set {
	const char *name;
	u32 type;
	u32 key_size;
	u32 value_size;
	char key[16];
	char value[16];
	int err;
	const char *want_key;
	const char *want;
};

static const struct set sets[] = {
	{ "text", 1, 6, 6, "k\0e\0\0", "v\0w\0\0", 0, "ke", "vw" },
	{ "text to expand", 2, 4, 4, "k\0\0", "v\0\0", 0, "k", "v" },
	{ "text without its NUL", 1, 4, 4, "k\0e", "v\0w", 0, "ke", "vw" },
	{ "text that ends before its size", 1, 8, 8, "k\0\0\0Z\0\0", "v\0\0\0Z\0\0", 0, "k", "v" },
	{ "empty text", 1, 4, 2, "k\0\0", "\0", 0, "k", "" },
	{ "text of no size", 1, 4, 0, "k\0\0", "v\0\0", 0, "k", "" },
	{ "surrogate pairs", 1, 6, 6, "\x3d\xd8\x00\xde\0", "\x3d\xd8\x01\xde\0", 0,
	  "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x81" },
	{ "DWORD", 4, 4, 4, "k\0\0", "\x78\x56\x34\x12", 0, "k", "305419896" },
	{ "DWORD, largest", 4, 4, 4, "k\0\0", "\xff\xff\xff\xff", 0, "k", "4294967295" },
	{ "DWORD, 0", 4, 4, 4, "k\0\0", "\0\0\0", 0, "k", "0" },
	{ "QWORD", 11, 4, 8, "k\0\0", "\0\0\0\0\1\0\0", 0, "k", "4294967296" },
	{ "QWORD, largest", 11, 4, 8, "k\0\0", "\xff\xff\xff\xff\xff\xff\xff\xff", 0, "k",
	  "18446744073709551615" },
	{ "QWORD by Linux' number", 8, 4, 8, "k\0\0", "\7\0\0\0\0\0\0", 0, "k", "7" },
	{ "DWORD of no size", 4, 4, 0, "k\0\0", "", -EINVAL },
	{ "DWORD of the other size", 4, 4, 8, "k\0\0", "", -EINVAL },
	{ "DWORD of 3 bytes", 4, 4, 3, "k\0\0", "", -EINVAL },
	{ "QWORD of the other size", 11, 4, 4, "k\0\0", "", -EINVAL },
	{ "QWORD by Linux' number of 7 bytes", 8, 4, 7, "k\0\0", "", -EINVAL },
	{ "no type", 0, 4, 4, "k\0\0", "v\0\0", -EINVAL },
	{ "binary", 3, 4, 4, "k\0\0", "v\0\0", -EINVAL },
	{ "type that does not exist", 0xffffffff, 4, 4, "k\0\0", "v\0\0", -EINVAL },
	{ "key without a size", 1, 0, 4, "k\0\0", "v\0\0", -EINVAL },
	{ "key that is only a NUL", 1, 2, 4, "\0", "v\0\0", -EINVAL },
	{ "key that begins with a NUL", 1, 6, 4, "\0\0k\0\0", "v\0\0", -EINVAL },
	{ "key of odd size", 1, 5, 4, "k\0e\0\0", "v\0\0", -EINVAL },
	{ "value of odd size", 1, 4, 3, "k\0\0", "v\0\0", -EINVAL },
	{ "key beyond its field", 1, 514, 4, "k\0\0", "v\0\0", -EINVAL },
	{ "value beyond its field", 1, 4, 2050, "k\0\0", "v\0\0", -EINVAL },
	{ "key as long as can be said", 1, 0xfffffffe, 4, "k\0\0", "v\0\0", -EINVAL },
	{ "value as long as can be said", 1, 4, 0xfffffffe, "k\0\0", "v\0\0", -EINVAL },
	{ "key with half a pair", 1, 6, 4, "k\0\x3d\xd8\0", "v\0\0", -EILSEQ },
	{ "value with half a pair", 1, 4, 6, "k\0\0", "v\0\x00\xde\0", -EILSEQ },
};

static void set_desc(const struct set *set, char *desc)
{
	strscpy(desc, set->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(set, sets, set_desc);

static void kvp_set(struct kunit *test)
{
	const struct set *set = test->param_value;
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_SET, 0, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_exchange *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);
	struct hvic_user_kvp_value *to = &user->exchange;

	memset(&body->item, 'Z', sizeof(body->item));
	body->item.type = cpu_to_le32(set->type);
	body->item.key_size = cpu_to_le32(set->key_size);
	body->item.value_size = cpu_to_le32(set->value_size);
	memcpy(body->item.key, set->key, set->key_size < 16 ? set->key_size : 16);
	memcpy(body->item.value, set->value, set->value_size < 16 ? set->value_size : 16);

	KUNIT_ASSERT_EQ(test, hvic_kvp_forward(&msg, V(5, 0), user), set->err);
	if (set->err)
		return;
	KUNIT_EXPECT_EQ(test, user->operation, HVIC_KVP_SET);
	KUNIT_EXPECT_EQ(test, user->pad, 0);
	KUNIT_EXPECT_EQ(test, to->type, 0);
	KUNIT_EXPECT_STREQ(test, (char *)to->key, set->want_key);
	KUNIT_EXPECT_STREQ(test, (char *)to->value, set->want);
	KUNIT_EXPECT_EQ(test, to->key_size, strlen(set->want_key) + 1);
	KUNIT_EXPECT_EQ(test, to->value_size, strlen(set->want) + 1);
	expect_zero(test, to->key + to->key_size, sizeof(to->key) - to->key_size, "key");
	expect_zero(test, to->value + to->value_size, sizeof(to->value) - to->value_size, "value");
	expect_zero(test, to + 1, sizeof(user->room) - sizeof(*to), "room");
}

/* Every unit of both fields counts, the last as well. */
static void kvp_set_fills_its_fields(struct kunit *test)
{
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_SET, 0, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_exchange *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);
	char key[KEY_UNITS + 1], value[VALUE_UNITS + 1];

	memset(key, 'k', KEY_UNITS);
	memset(value, 'v', VALUE_UNITS);
	key[KEY_UNITS] = 0;
	value[VALUE_UNITS] = 0;
	item_write(&body->item, key, value);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.key_size), 512);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.value_size), 2048);
	KUNIT_ASSERT_EQ(test, hvic_kvp_forward(&msg, V(4, 0), user), 0);
	KUNIT_EXPECT_STREQ(test, (char *)user->exchange.key, key);
	KUNIT_EXPECT_STREQ(test, (char *)user->exchange.value, value);
	KUNIT_EXPECT_EQ(test, user->exchange.key_size, 256);
	KUNIT_EXPECT_EQ(test, user->exchange.value_size, 1024);
}

/* The daemon's fields are as long in bytes as the host's: not all fits as UTF-8. */
static void kvp_set_that_cannot_be_told(struct kunit *test)
{
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_SET, 0, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_exchange *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);
	unsigned int i;

	item_write(&body->item, "k", "v");
	memset(body->item.value, 0, sizeof(body->item.value));
	for (i = 0; i < 683; i++)
		memcpy(body->item.value + 2 * i, "\xb0\x65", 2);
	body->item.value_size = cpu_to_le32(2048);
	KUNIT_EXPECT_EQ(test, hvic_kvp_forward(&msg, V(4, 0), user), -ENAMETOOLONG);
	memset(body->item.value + 2 * 682, 0, 2);
	KUNIT_EXPECT_EQ(test, hvic_kvp_forward(&msg, V(4, 0), user), 0);
	KUNIT_EXPECT_EQ(test, user->exchange.value_size, 3 * 682 + 1);
}

static void kvp_get(struct kunit *test)
{
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_GET, 3, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_exchange *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);

	item_write(&body->item, "key", "what the host left behind");
	KUNIT_ASSERT_EQ(test, hvic_kvp_forward(&msg, V(3, 0), user), 0);
	KUNIT_EXPECT_EQ(test, user->operation, HVIC_KVP_GET);
	KUNIT_EXPECT_EQ(test, user->pool, 3);
	KUNIT_EXPECT_STREQ(test, (char *)user->exchange.key, "key");
	KUNIT_EXPECT_EQ(test, user->exchange.key_size, 4);
	KUNIT_EXPECT_EQ(test, user->exchange.value_size, 2048);
	expect_zero(test, user->exchange.value, sizeof(user->exchange.value), "value");

	user->error = 0;
	memcpy(user->exchange.value, "found", 6);
	KUNIT_EXPECT_EQ(test, hvic_kvp_answer(&msg, V(3, 0), user), HVIC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.type), HVIC_KVP_SZ);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.value_size), 12);
	KUNIT_EXPECT_EQ(test, memcmp((u8 *)packet.body + 528, "f\0o\0u\0n\0d\0\0", 12), 0);
	expect_zero(test, body->item.value + 12, sizeof(body->item.value) - 12, "value");
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.key_size), 8);
	KUNIT_EXPECT_EQ(test, body->hdr.operation, HVIC_KVP_GET);
}

static void kvp_delete(struct kunit *test)
{
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_DELETE, 1, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_delete *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);

	body->key_size = cpu_to_le32(widen(body->key, "key"));
	KUNIT_ASSERT_EQ(test, hvic_kvp_forward(&msg, V(5, 0), user), 0);
	KUNIT_EXPECT_EQ(test, user->delete.key_size, 4);
	KUNIT_EXPECT_STREQ(test, (char *)user->delete.key, "key");
	body->key_size = cpu_to_le32(514);
	KUNIT_EXPECT_EQ(test, hvic_kvp_forward(&msg, V(5, 0), user), -EINVAL);
	body->key_size = 0;
	KUNIT_EXPECT_EQ(test, hvic_kvp_forward(&msg, V(5, 0), user), -EINVAL);
}

static void kvp_enumerate_index(struct kunit *test)
{
	static const u32 indexes[] = { 0, 1, 1023, 0x7fffffff, 0x80000000, 0xffffffff };
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_ENUMERATE, 2, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_enumerate *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indexes); i++) {
		body->index = cpu_to_le32(indexes[i]);
		KUNIT_ASSERT_EQ(test, hvic_kvp_forward(&msg, V(5, 0), user),
				indexes[i] >> 31 ? -ENODATA : 0);
		KUNIT_EXPECT_EQ(test, user->enumerate.index, indexes[i]);
		expect_zero(test, user->room + 4, sizeof(user->room) - 4, "room");
	}
}

/**
 * struct item - what the daemon says of an item, and what the host is told
 * @name: the test's
 * @type: the daemon's
 * @key: the daemon's, UTF-8 or not
 * @value: likewise
 * @want_type: the host's
 * @want_key_size: bytes
 * @want_value_size: bytes
 * @want: what the value begins with
 */
struct item {
	const char *name;
	u32 type;
	const char *key;
	const char *value;
	u32 want_type;
	u32 want_key_size;
	u32 want_value_size;
	const char *want;
};

static const struct item items[] = {
	{ "text", 0, "key", "value", 1, 8, 12, "v\0a\0l\0u\0e\0\0" },
	{ "text by its type", 1, "key", "v", 1, 8, 4, "v\0\0" },
	{ "text to expand", 2, "key", "v", 2, 8, 4, "v\0\0" },
	{ "nothing", 0, "", "", 1, 2, 2, "\0" },
	{ "surrogate pair", 0, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 1, 6, 6,
	  "\x3d\xd8\x00\xde\0" },
	{ "what is no UTF-8", 0, "\xe9", "a\xff", 1, 4, 6, "a\0\xfd\xff\0" },
	{ "DWORD", 4, "k", "305419896", 4, 4, 4, "\x78\x56\x34\x12" },
	{ "DWORD that does not fit", 4, "k", "4294967296", 1, 4, 22, "4\0\x32\0" },
	{ "QWORD", 11, "k", "18446744073709551615", 11, 4, 8, "\xff\xff\xff\xff\xff\xff\xff\xff" },
	{ "QWORD of a few digits", 11, "k", "513", 11, 4, 8, "\1\2\0\0\0\0\0" },
	{ "QWORD that is none", 11, "k", "5 MB", 1, 4, 10, "5\0 \0M\0B\0\0" },
	{ "DWORD that is empty", 4, "k", "", 1, 4, 2, "\0" },
	{ "type that hosts do not know", 77, "k", "v", 1, 4, 4, "v\0\0" },
};

static void item_desc(const struct item *item, char *desc)
{
	strscpy(desc, item->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(item, items, item_desc);

static void kvp_enumerate_answer(struct kunit *test)
{
	const struct item *item = test->param_value;
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_ENUMERATE, 1, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_enumerate *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);

	memset(body->item.key, 'Z', sizeof(body->item.key));
	memset(body->item.value, 'Z', sizeof(body->item.value));
	body->index = cpu_to_le32(7);
	/* over the operation lies the daemon's error; its sizes are its own business */
	user->error = 0;
	user->enumerate.item.type = item->type;
	memcpy(user->enumerate.item.key, item->key, strlen(item->key) + 1);
	memcpy(user->enumerate.item.value, item->value, strlen(item->value) + 1);
	KUNIT_ASSERT_EQ(test, hvic_kvp_answer(&msg, V(5, 0), user), HVIC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->index), 7);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.type), item->want_type);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.key_size), item->want_key_size);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.value_size), item->want_value_size);
	KUNIT_EXPECT_EQ(test, memcmp(body->item.value, item->want,
				     item->want_value_size < 8 ? item->want_value_size : 4), 0);
	expect_zero(test, body->item.key + item->want_key_size - 2,
		    sizeof(body->item.key) - item->want_key_size + 2, "key");
	expect_zero(test, body->item.value + item->want_value_size,
		    sizeof(body->item.value) - item->want_value_size, "value");
}

/* Without a NUL in sight, and with more than the host can take. */
static void kvp_enumerate_answer_too_long(struct kunit *test)
{
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_ENUMERATE, 1, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_enumerate *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);

	user->error = 0;
	memset(user->enumerate.item.key, 'k', sizeof(user->enumerate.item.key));
	memset(user->enumerate.item.value, 'v', sizeof(user->enumerate.item.value));
	KUNIT_ASSERT_EQ(test, hvic_kvp_answer(&msg, V(4, 0), user), HVIC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.key_size), 512);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.value_size), 2048);
	KUNIT_EXPECT_EQ(test, memcmp(body->item.key + 508, "k\0\0", 4), 0);
	KUNIT_EXPECT_EQ(test, memcmp(body->item.value + 2044, "v\0\0", 4), 0);
	KUNIT_EXPECT_EQ(test, body->item.value[0], 'v');
}

/* A number without its NUL is looked for in its field, and no further. */
static void kvp_number_without_an_end(struct kunit *test)
{
	struct hvic_packet packet = kvp_new(test, HVIC_KVP_ENUMERATE, 1, 2580);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_enumerate *body = packet.body;
	struct hvic_user_kvp *user = user_new(test);

	user->error = 0;
	user->enumerate.item.type = HVIC_KVP_QWORD;
	memset(user->enumerate.item.value, '0', sizeof(user->enumerate.item.value));
	KUNIT_ASSERT_EQ(test, hvic_kvp_answer(&msg, V(4, 0), user), HVIC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->item.type), HVIC_KVP_QWORD);
	expect_zero(test, body->item.value, sizeof(body->item.value), "value");
}

/* With an error, the daemon's status is the host's, and nothing of its memory goes. */
static void kvp_error_of_the_daemon(struct kunit *test)
{
	static const u32 statuses[] = {
		HVIC_STATUS_FAIL, HVIC_STATUS_NO_MORE, HVIC_STATUS_NOT_FOUND, 1, 0x7fffffff,
	};
	struct hvic_user_kvp *user = user_new(test);
	unsigned int op, i;

	for (op = 0; op < ARRAY_SIZE(operations); op++) {
		for (i = 0; i < ARRAY_SIZE(statuses); i++) {
			struct hvic_packet packet = kvp_new(test, op, 1, 7428);
			struct hvic_msg msg = packet_open(test, &packet);
			u8 *before = packet_copy(test, packet.bytes, packet.len);

			user->error = statuses[i];
			KUNIT_ASSERT_EQ(test, hvic_kvp_answer(&msg, V(5, 0), user), statuses[i]);
			KUNIT_ASSERT_EQ(test, memcmp(packet.bytes, before, packet.len), 0);
		}
	}
}

/* What is not asked for has no body, whatever the daemon writes. */
static void kvp_answer_without_a_body(struct kunit *test)
{
	static const u8 ops[] = { HVIC_KVP_SET, HVIC_KVP_DELETE, HVIC_KVP_SET_IP };
	struct hvic_user_kvp *user = user_new(test);
	unsigned int i;

	user->error = 0;
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		struct hvic_packet packet = kvp_new(test, ops[i], 1, 7428);
		struct hvic_msg msg = packet_open(test, &packet);
		u8 *before = packet_copy(test, packet.bytes, packet.len);

		KUNIT_ASSERT_EQ(test, hvic_kvp_answer(&msg, V(5, 0), user), HVIC_STATUS_OK);
		KUNIT_ASSERT_EQ(test, memcmp(packet.bytes, before, packet.len), 0);
	}
}

static void kvp_register(struct kunit *test)
{
	struct hvic_user_kvp *written = packet_alloc(test, sizeof(*written));
	struct hvic_user_kvp *greeting = user_new(test);
	unsigned int op;

	for (op = 0; op < 256; op++) {
		written->operation = op;
		if (op != HVIC_USER_KVP_REGISTER1)
			KUNIT_ASSERT_EQ_MSG(test, hvic_kvp_register(written, greeting), -EINVAL,
					    "operation %u", op);
	}
	KUNIT_EXPECT_EQ(test, greeting->operation, 0xee);

	written->operation = HVIC_USER_KVP_REGISTER1;
	KUNIT_ASSERT_EQ(test, hvic_kvp_register(written, greeting), 0);
	KUNIT_EXPECT_EQ(test, greeting->operation, 100);
	KUNIT_EXPECT_EQ(test, memcmp((u8 *)greeting + 1, "\0\0\0" "3.1", 7), 0);
	expect_zero(test, greeting->room + 3, sizeof(greeting->room) - 3, "room");
}

static void kvp_versions(struct kunit *test)
{
	static const u32 best_first[] = { V(5, 0), V(4, 0), V(3, 0), V(1, 0), 0 };

	KUNIT_EXPECT_EQ(test, memcmp(hvic_kvp_versions.message, best_first, sizeof(best_first)), 0);
	KUNIT_EXPECT_TRUE(test, hvic_kvp_versions.framework == hvic_frameworks);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kvp_each_operation_pool_and_version),
	KUNIT_CASE(kvp_each_length),
	KUNIT_CASE_PARAM(kvp_set, set_gen_params),
	KUNIT_CASE(kvp_set_fills_its_fields),
	KUNIT_CASE(kvp_set_that_cannot_be_told),
	KUNIT_CASE(kvp_get),
	KUNIT_CASE(kvp_delete),
	KUNIT_CASE(kvp_enumerate_index),
	KUNIT_CASE_PARAM(kvp_enumerate_answer, item_gen_params),
	KUNIT_CASE(kvp_enumerate_answer_too_long),
	KUNIT_CASE(kvp_number_without_an_end),
	KUNIT_CASE(kvp_error_of_the_daemon),
	KUNIT_CASE(kvp_answer_without_a_body),
	KUNIT_CASE(kvp_register),
	KUNIT_CASE(kvp_versions),
	{}
};

static struct kunit_suite suite = { .name = "hvic_kvp", .test_cases = cases };

kunit_test_suite(suite);
