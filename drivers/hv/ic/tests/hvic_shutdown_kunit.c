// SPDX-License-Identifier: GPL-2.0-only
/* Shutdown: every flag of every version, every length, and texts of all kinds. */

#include "../hvic_shutdown.h"
#include "hvic_offer.h"

#define FULL_LEN	2060
#define HEAD_LEN	12

static struct hvic_packet order_new(struct kunit *test, u32 flags, size_t len)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_SHUTDOWN, len);
	const u8 head[HEAD_LEN] = { 0x00, 0x00, 0x02, 0x80, 0x2c, 0x01, 0x00, 0x00,
				    flags, flags >> 8, flags >> 16, flags >> 24 };

	memcpy(packet.body, head, len < HEAD_LEN ? len : HEAD_LEN);
	return packet;
}

/**
 * struct meaning - what a flags field asks for; see shutdown.rst
 * @since: the first version that has it
 * @action: what is to be done
 * @force: whether user space is not asked
 */
struct meaning {
	u32 since;
	enum hvic_shutdown_action action;
	bool force;
};

/* A row each value that means something; all others mean nothing. */
static const struct meaning meanings[] = {
	[0] = { V(1, 0), HVIC_SHUTDOWN_ACTION_OFF, false },
	[1] = { V(1, 0), HVIC_SHUTDOWN_ACTION_OFF, true },
	[2] = { V(3, 1), HVIC_SHUTDOWN_ACTION_RESTART, false },
	[3] = { V(3, 1), HVIC_SHUTDOWN_ACTION_RESTART, true },
	[4] = { V(3, 2), HVIC_SHUTDOWN_ACTION_HIBERNATE, false },
	[5] = { V(3, 2), HVIC_SHUTDOWN_ACTION_HIBERNATE, true },
};

static const u32 versions[] = { V(1, 0), V(3, 0), V(3, 1), V(3, 2) };

static void expect_order(struct kunit *test, u32 flags, u32 version, bool can_hibernate)
{
	const struct meaning *want = flags < ARRAY_SIZE(meanings) ? &meanings[flags] : NULL;
	struct hvic_packet packet = order_new(test, flags, HEAD_LEN);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_shutdown_order *order = packet_alloc(test, sizeof(*order));
	bool known = want && version >= want->since &&
		     (want->action != HVIC_SHUTDOWN_ACTION_HIBERNATE || can_hibernate);
	u8 *before;

	memset(order, 0xee, sizeof(*order));
	before = packet_copy(test, order, sizeof(*order));
	KUNIT_ASSERT_EQ_MSG(test, hvic_shutdown_parse(&msg, version, can_hibernate, order),
			    known ? 0 : -EOPNOTSUPP, "flags %#x, version %#x", flags, version);
	if (!known) {
		KUNIT_ASSERT_EQ_MSG(test, memcmp(order, before, sizeof(*order)), 0,
				    "flags %#x, version %#x", flags, version);
		return;
	}
	KUNIT_ASSERT_EQ_MSG(test, order->action, want->action, "flags %#x", flags);
	KUNIT_ASSERT_EQ_MSG(test, order->force, want->force, "flags %#x", flags);
	KUNIT_ASSERT_EQ(test, order->reason, 0x80020000);
	KUNIT_ASSERT_EQ(test, order->delay, 300);
}

static void shutdown_all_low_flags(struct kunit *test)
{
	unsigned int version, flags;

	for (version = 0; version < ARRAY_SIZE(versions); version++) {
		for (flags = 0; flags < 256; flags++) {
			expect_order(test, flags, versions[version], false);
			expect_order(test, flags, versions[version], true);
		}
	}
}

static void shutdown_all_high_flags(struct kunit *test)
{
	unsigned int bit, low;

	for (bit = 3; bit < 32; bit++)
		for (low = 0; low < ARRAY_SIZE(meanings); low++)
			expect_order(test, low | 1u << bit, V(3, 2), true);
}

static void shutdown_each_length(struct kunit *test)
{
	struct hvic_shutdown_order *order = packet_alloc(test, sizeof(*order));
	size_t len;

	for (len = 0; len <= FULL_LEN + 16; len++) {
		struct hvic_packet packet = order_new(test, HVIC_SHUTDOWN_FORCE, len);
		struct hvic_msg msg = packet_open(test, &packet);
		size_t text_len = len < HEAD_LEN ? 0 : len - HEAD_LEN;
		int err;

		memset(packet.body + len - text_len, 'x', text_len);
		memset(order, 0xee, sizeof(*order));
		err = hvic_shutdown_parse(&msg, V(3, 0), false, order);
		KUNIT_ASSERT_EQ_MSG(test, err, len < HEAD_LEN ? -EMSGSIZE : 0, "%zu bytes", len);
		if (err)
			continue;
		if (text_len > HVIC_SHUTDOWN_TEXT_LEN)
			text_len = HVIC_SHUTDOWN_TEXT_LEN;
		KUNIT_ASSERT_EQ_MSG(test, strnlen(order->text, sizeof(order->text)), text_len,
				    "%zu bytes", len);
	}
}

static void shutdown_keeps_all_of_its_numbers(struct kunit *test)
{
	static const u8 head[] = { 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 'h', 'i' };
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_SHUTDOWN, FULL_LEN);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_shutdown_order *order = packet_alloc(test, sizeof(*order));

	memcpy(packet.body, head, sizeof(head));
	KUNIT_ASSERT_EQ(test, hvic_shutdown_parse(&msg, V(3, 2), true, order), 0);
	KUNIT_EXPECT_EQ(test, order->reason, 0x04030201);
	KUNIT_EXPECT_EQ(test, order->delay, 0x08070605);
	KUNIT_EXPECT_EQ(test, order->action, HVIC_SHUTDOWN_ACTION_OFF);
	KUNIT_EXPECT_TRUE(test, order->force);
	KUNIT_EXPECT_STREQ(test, order->text, "hi");
}

/**
 * struct text - bytes of a host, and what a person reads
 * @name: the test's
 * @bytes: the bytes; no NUL follows them
 * @len: how many
 * @want: UTF-8
 */
struct text {
	const char *name;
	const char *bytes;
	size_t len;
	const char *want;
};

#define TEXT(name, bytes, want)	{ name, bytes, sizeof(bytes) - 1, want }

static const struct text texts[] = {
	TEXT("none", "", ""),
	TEXT("NUL at once", "\0", ""),
	TEXT("NUL unit at once", "\0\0", ""),
	TEXT("nothing but NULs", "\0\0\0\0\0\0\0\0", ""),
	TEXT("ASCII", "The host is going down", "The host is going down"),
	TEXT("ASCII, padded", "Backup\0\0\0\0\0\0", "Backup"),
	TEXT("ASCII of odd length, padded", "Bye\0\0\0\0\0\0", "Bye"),
	TEXT("ASCII, one character", "A", "A"),
	TEXT("ASCII, one character, padded", "A\0\0\0\0\0", "A"),
	TEXT("ASCII, two characters", "AB", "AB"),
	TEXT("UTF-8, Latin", "caf\xc3\xa9\0\0", "caf\xc3\xa9"),
	TEXT("UTF-8, one character", "\xc3\xa9", "\xc3\xa9"),
	TEXT("UTF-8, Chinese", "\xe5\x85\xb3\xe6\x9c\xba\0\0", "\xe5\x85\xb3\xe6\x9c\xba"),
	TEXT("UTF-8, outside of the plane", "\xf0\x9f\x98\x80!", "\xf0\x9f\x98\x80!"),
	TEXT("UTF-16, Latin", "H\0i\0 \0y\0o\0u\0\0\0\0\0", "Hi you"),
	TEXT("UTF-16, Latin, not terminated", "H\0i\0", "Hi"),
	TEXT("UTF-16, Latin, lone last byte", "H\0i\0x", "Hi"),
	TEXT("UTF-16, one character", "A\0", "A"),
	TEXT("UTF-16, one character, terminated", "A\0\0\0", "A"),
	TEXT("UTF-16, one accent", "\xe9\0", "\xc3\xa9"),
	TEXT("UTF-16, Chinese, one character", "\x9c\xe6", "\xee\x9a\x9c"),
	TEXT("UTF-16, Chinese, bytes that continue nothing at the end", "AB\x80\x80",
	     "\xe4\x89\x81\xe8\x82\x80"),
	TEXT("UTF-16, Chinese, bytes that continue too long", "\xf8\x88\x80\x80",
	     "\xe8\xa3\xb8\xe8\x82\x80"),
	TEXT("UTF-16, accent first", "\xe9\0t\0\xe9\0\0\0", "\xc3\xa9t\xc3\xa9"),
	TEXT("UTF-16, Chinese", "\x73\x51\x3a\x67\xcd\x91\xb0\x65\0\0",
	     "\xe5\x85\xb3\xe6\x9c\xba\xe9\x87\x8d\xe6\x96\xb0"),
	TEXT("UTF-16, Chinese, of ASCII's bytes, then a space", "\x31\x75 \0H\0y\0\0\0",
	     "\xe7\x94\xb1 Hy"),
	TEXT("UTF-16, Chinese, a unit with a NUL below", "\x00\x4e\x73\x51\0\0",
	     "\xe4\xb8\x80\xe5\x85\xb3"),
	TEXT("UTF-16, Chinese, a NUL below not in front", "\x73\x51\x00\x4e\0\0",
	     "\xe5\x85\xb3\xe4\xb8\x80"),
	TEXT("UTF-16, Cyrillic", "\x21\x04\x42\x04\x3e\x04\x3f\x04\0\0",
	     "\xd0\xa1\xd1\x82\xd0\xbe\xd0\xbf"),
	TEXT("UTF-16, outside of the plane", "\x3d\xd8\x00\xde!\0\0\0", "\xf0\x9f\x98\x80!"),
	TEXT("UTF-16, high half alone", "A\0\x3d\xd8" "B\0\0\0", "A\xef\xbf\xbd" "B"),
	TEXT("UTF-16, low half alone", "A\0\x00\xde" "B\0\0\0", "A\xef\xbf\xbd" "B"),
	TEXT("UTF-16, cut between halves", "A\0\x3d\xd8", "A\xef\xbf\xbd"),
	TEXT("control characters", "a\nb\tc\x1b[31md\x7f\r", "a b c [31md  "),
	TEXT("control characters above", "a\xc2\x80" "b\xc2\x9b" "c\xc2\xa0" "d",
	     "a b c\xc2\xa0" "d"),
	TEXT("UTF-16, control characters", "a\0\n\0b\0\x1b\0c\0\x9b\0d\0\0\0", "a b c d"),
	TEXT("first and last of the plain ones",
	     "\x1f\0 \0~\0\x7f\0\x80\0\x9f\0\xa0\0\0\0", "  ~   \xc2\xa0"),
	TEXT("what follows the NUL of a long ASCII text is nothing", "Longer\0\0\0\0xyz", "Longer"),
};

static void text_desc(const struct text *text, char *desc)
{
	strscpy(desc, text->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(text, texts, text_desc);

static void shutdown_text(struct kunit *test)
{
	const struct text *text = test->param_value;
	const u8 *src = packet_copy(test, text->bytes, text->len);
	size_t want_len = strlen(text->want), cap = want_len + 1;
	char *dst = packet_alloc(test, cap);

	memset(dst, 'x', cap);
	KUNIT_EXPECT_EQ(test, hvic_shutdown_text(dst, cap, src, text->len), want_len);
	KUNIT_EXPECT_EQ(test, memcmp(dst, text->want, cap), 0);
}

/* Whatever the text and the room, a character is never cut. */
static void shutdown_text_each_cap(struct kunit *test)
{
	static const char text[] = "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80Z";
	static const u8 fits[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11 };
	size_t cap;

	for (cap = 1; cap <= ARRAY_SIZE(fits); cap++) {
		const u8 *src = packet_copy(test, text, sizeof(text) - 1);
		size_t want = fits[cap - 1];
		char *dst = packet_alloc(test, cap);

		memset(dst, 'x', cap);
		KUNIT_ASSERT_EQ_MSG(test, hvic_shutdown_text(dst, cap, src, sizeof(text) - 1),
				    want, "in %zu", cap);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(dst, text, want), 0, "in %zu", cap);
		KUNIT_ASSERT_EQ_MSG(test, dst[want], 0, "in %zu", cap);
	}
}

/**
 * struct filling - a text that fills the host's field to its last byte
 * @name: the test's
 * @bytes: what is repeated
 * @want: the same in UTF-8
 * @times: how often it fits
 * @rest: what follows, where the field ends within a character
 */
struct filling {
	const char *name;
	const char *bytes;
	const char *want;
	unsigned int times;
	const char *rest;
};

static const struct filling fillings[] = {
	{ "ASCII", "x", "x", 2048, "" },
	{ "UTF-8, two bytes", "\xc3\xa9", "\xc3\xa9", 1024, "" },
	{ "UTF-8, three bytes, the last cut", "\xe6\x9c\xba", "\xe6\x9c\xba", 682,
	  "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "UTF-8, four bytes, the last cut", "\xf0\x9f\x98\x80!", "\xf0\x9f\x98\x80!", 409,
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "UTF-16, the longest there is", "\xb0\x65", "\xe6\x96\xb0", 1024, "" },
	{ "UTF-16, halves of pairs", "\x3d\xd8", "\xef\xbf\xbd", 1024, "" },
	{ "bytes that are nothing", "\xff", "\xef\xbf\xbf", 1024, "" },
};

static void filling_desc(const struct filling *filling, char *desc)
{
	strscpy(desc, filling->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(filling, fillings, filling_desc);

static void shutdown_text_fills_the_field(struct kunit *test)
{
	const struct filling *filling = test->param_value;
	struct hvic_packet packet = order_new(test, 0, FULL_LEN);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_shutdown_order *order = packet_alloc(test, sizeof(*order));
	size_t n = strlen(filling->bytes), want = strlen(filling->want), i;
	u8 *text = packet.body + HEAD_LEN;

	for (i = 0; i < HVIC_SHUTDOWN_TEXT_LEN; i++)
		text[i] = filling->bytes[i % n];
	KUNIT_ASSERT_EQ(test, hvic_shutdown_parse(&msg, V(3, 2), false, order), 0);
	KUNIT_EXPECT_EQ(test, strlen(order->text),
			filling->times * want + strlen(filling->rest));
	for (i = 0; i < filling->times; i++)
		KUNIT_ASSERT_EQ_MSG(test, memcmp(order->text + i * want, filling->want, want), 0,
				    "the %zuth", i);
	KUNIT_EXPECT_STREQ(test, order->text + i * want, filling->rest);
}

static void shutdown_action_names(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, hvic_shutdown_action_name(HVIC_SHUTDOWN_ACTION_OFF), "poweroff");
	KUNIT_EXPECT_STREQ(test, hvic_shutdown_action_name(HVIC_SHUTDOWN_ACTION_RESTART),
			   "restart");
	KUNIT_EXPECT_STREQ(test, hvic_shutdown_action_name(HVIC_SHUTDOWN_ACTION_HIBERNATE),
			   "hibernate");
	KUNIT_EXPECT_STREQ(test, hvic_shutdown_action_name(HVIC_NR_SHUTDOWN_ACTIONS), "unknown");
	KUNIT_EXPECT_STREQ(test, hvic_shutdown_action_name(-1), "unknown");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(shutdown_all_low_flags),
	KUNIT_CASE(shutdown_all_high_flags),
	KUNIT_CASE(shutdown_each_length),
	KUNIT_CASE(shutdown_keeps_all_of_its_numbers),
	KUNIT_CASE_PARAM(shutdown_text, text_gen_params),
	KUNIT_CASE(shutdown_text_each_cap),
	KUNIT_CASE_PARAM(shutdown_text_fills_the_field, filling_gen_params),
	KUNIT_CASE(shutdown_action_names),
	{}
};

static struct kunit_suite suite = { .name = "hvic_shutdown", .test_cases = cases };

kunit_test_suite(suite);
