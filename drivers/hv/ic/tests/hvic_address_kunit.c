// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and addresses as text: what is one, what is none, and one way to write it. */

#include "../hvic_address.h"
#include "hvic_packet.h"

/**
 * struct text - a text, and what it is
 * @src: the text
 * @good: whether it is an address
 * @bytes: the address, in network order
 * @print: how we write it, where that is another text
 */
struct text {
	const char *src;
	bool good;
	u8 bytes[16];
	const char *print;
};

static void text_desc(const struct text *text, char *desc)
{
	strscpy(desc, *text->src ? text->src : "nothing", KUNIT_PARAM_DESC_SIZE);
}

static const struct text v4_texts[] = {
	{ "0.0.0.0", true, { 0, 0, 0, 0 } },
	{ "192.168.10.1", true, { 192, 168, 10, 1 } },
	{ "255.255.255.255", true, { 255, 255, 255, 255 } },
	{ "9.99.100.249", true, { 9, 99, 100, 249 } },
	{ "" }, { "1" }, { "1.2.3" }, { "1.2.3." }, { "1.2.3.4." }, { "1.2.3.4.5" }, { ".1.2.3" },
	{ "1..2.3" }, { "1.2.3.256" }, { "1.2.3.1000" }, { "01.2.3.4" }, { "1.2.3.00" },
	{ " 1.2.3.4" }, { "1.2.3.4 " }, { "1.2.3.4/24" }, { "1.2.3.-4" }, { "a.b.c.d" },
	{ "1.2.3.4294967297" }, { "::1" },
};

KUNIT_ARRAY_PARAM(v4_text, v4_texts, text_desc);

static const struct text v6_texts[] = {
	{ "::", true, { 0 } },
	{ "::1", true, { [15] = 1 } },
	{ "1::", true, { 0, 1 } },
	{ "fe80::1234:5678:9abc:def0", true,
	  { 0xfe, 0x80, [8] = 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0 } },
	{ "2001:db8:1:2:3:4:5:6", true,
	  { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6 } },
	{ "2001:DB8::ABCD", true, { 0x20, 0x01, 0x0d, 0xb8, [14] = 0xab, 0xcd },
	  "2001:db8::abcd" },
	{ "0:0:0:0:0:0:0:0", true, { 0 }, "::" },
	{ "2001:0db8:0:0:1:0:0:1", true, { 0x20, 0x01, 0x0d, 0xb8, [9] = 1, [15] = 1 },
	  "2001:db8::1:0:0:1" },
	{ "1:0:0:2:0:0:0:3", true, { 0, 1, [7] = 2, [15] = 3 }, "1:0:0:2::3" },
	{ "1:2:3:0:5:6:7:8", true, { 0, 1, 0, 2, 0, 3, 0, 0, 0, 5, 0, 6, 0, 7, 0, 8 } },
	{ "1:2:3::5:6:7:8", true, { 0, 1, 0, 2, 0, 3, 0, 0, 0, 5, 0, 6, 0, 7, 0, 8 },
	  "1:2:3:0:5:6:7:8" },
	{ "1:2:3:4:5:6::", true, { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6 } },
	{ "::3:4:5:6:7:8", true, { [5] = 3, [7] = 4, [9] = 5, [11] = 6, [13] = 7, [15] = 8 } },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true,
	  { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 } },
	{ "::ffff:192.168.0.1", true, { [10] = 255, 255, 192, 168, 0, 1 }, "::ffff:c0a8:1" },
	{ "1:2:3:4:5:6:1.2.3.4", true, { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4 },
	  "1:2:3:4:5:6:102:304" },
	{ "" }, { ":" }, { ":::" }, { "1" }, { "1:" }, { ":1" }, { "1::2::3" }, { "1:2:3:4:5:6:7" },
	{ "1:2:3:4:5:6:7:8:9" }, { "1:2:3:4:5:6:7:8:" }, { "1:2:3:4:5:6:7:8::" },
	{ "::1:2:3:4:5:6:7:8" }, { "1:2:3:4::5:6:7:8" }, { "12345::" }, { "g::" }, { "::1%eth0" },
	{ "::1/64" }, { "fe80::1 " }, { "1:2:3:4:5:6:7:1.2.3.4" }, { "1.2.3.4::" }, { "::1.2.3" },
	{ "::1.2.3.256" }, { "1.2.3.4" },
};

KUNIT_ARRAY_PARAM(v6_text, v6_texts, text_desc);

static void expect_text(struct kunit *test, size_t len, size_t cap,
			bool (*parse)(const char *src, size_t len, u8 *address),
			size_t (*print)(char *dst, const u8 *address))
{
	const struct text *text = test->param_value;
	size_t src_len = strlen(text->src);
	const char *src = packet_copy(test, text->src, src_len), *want = text->print ?: text->src;
	u8 *address = packet_alloc(test, len);
	char *dst = packet_alloc(test, cap);
	size_t i;

	memset(address, 0xee, len);
	KUNIT_ASSERT_EQ(test, parse(src, src_len, address), text->good);
	if (!text->good) {
		for (i = 0; i < len; i++)
			KUNIT_EXPECT_EQ(test, address[i], 0xee);
		return;
	}
	KUNIT_EXPECT_EQ(test, memcmp(address, text->bytes, len), 0);
	KUNIT_EXPECT_EQ(test, print(dst, address), strlen(want));
	KUNIT_EXPECT_STREQ(test, dst, want);
}

static void address_v4(struct kunit *test)
{
	expect_text(test, HVIC_IPV4_LEN, HVIC_IPV4_TEXT_CAP, hvic_ipv4_parse, hvic_ipv4_print);
}

static void address_v6(struct kunit *test)
{
	expect_text(test, HVIC_IPV6_LEN, HVIC_IPV6_TEXT_CAP, hvic_ipv6_parse, hvic_ipv6_print);
}

/* Each way in which groups can be zero, and not: read back, it is the same. */
static void address_v6_all_zeros(struct kunit *test)
{
	unsigned int mask, group;

	for (mask = 0; mask < 256; mask++) {
		u8 address[HVIC_IPV6_LEN] = {}, again[HVIC_IPV6_LEN];
		char text[HVIC_IPV6_TEXT_CAP];
		size_t len;

		for (group = 0; group < 8; group++)
			address[2 * group + group % 2] = mask >> group & 1 ? 0xa0 + group : 0;
		len = hvic_ipv6_print(text, address);
		KUNIT_ASSERT_EQ_MSG(test, len, strlen(text), "%s", text);
		KUNIT_ASSERT_TRUE_MSG(test, hvic_ipv6_parse(text, len, again), "%s", text);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(address, again, sizeof(again)), 0, "%s", text);
	}
}

/**
 * struct decimal - a text, and the number that it is
 * @src: the text
 * @max: the largest that is allowed
 * @good: whether it is one
 * @number: which
 */
struct decimal {
	const char *src;
	u64 max;
	bool good;
	u64 number;
};

static const struct decimal decimals[] = {
	{ "0", 0, true, 0 },
	{ "1", 0 },
	{ "128", 128, true, 128 },
	{ "129", 128 },
	{ "0128", 128, true, 128 },
	{ "9", 8 },
	{ "4294967295", 0xffffffff, true, 0xffffffff },
	{ "4294967296", 0xffffffff },
	{ "18446744073709551615", ~0ull, true, ~0ull },
	{ "18446744073709551616", ~0ull },
	{ "99999999999999999999999", ~0ull },
	{ "", ~0ull },
	{ "-1", ~0ull },
	{ "1 ", ~0ull },
	{ "0x10", ~0ull },
};

static void decimal_desc(const struct decimal *decimal, char *desc)
{
	strscpy(desc, *decimal->src ? decimal->src : "nothing", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(decimal, decimals, decimal_desc);

static void number_parse(struct kunit *test)
{
	const struct decimal *decimal = test->param_value;
	size_t len = strlen(decimal->src);
	u64 number = PACKET_UNTOUCHED;

	KUNIT_EXPECT_EQ(test, hvic_number_parse(packet_copy(test, decimal->src, len), len,
						decimal->max, &number), decimal->good);
	KUNIT_EXPECT_EQ(test, number, decimal->good ? decimal->number : PACKET_UNTOUCHED);
}

static void number_print(struct kunit *test)
{
	char *text = packet_alloc(test, 21);

	KUNIT_EXPECT_EQ(test, hvic_number_print(text, 0), 1);
	KUNIT_EXPECT_STREQ(test, text, "0");
	KUNIT_EXPECT_EQ(test, hvic_number_print(text, 1090), 4);
	KUNIT_EXPECT_STREQ(test, text, "1090");
	KUNIT_EXPECT_EQ(test, hvic_number_print(text, ~0ull), 20);
	KUNIT_EXPECT_STREQ(test, text, "18446744073709551615");
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(address_v4, v4_text_gen_params),
	KUNIT_CASE_PARAM(address_v6, v6_text_gen_params),
	KUNIT_CASE(address_v6_all_zeros),
	KUNIT_CASE_PARAM(number_parse, decimal_gen_params),
	KUNIT_CASE(number_print),
	{}
};

static struct kunit_suite suite = { .name = "hvic_address", .test_cases = cases };

kunit_test_suite(suite);
