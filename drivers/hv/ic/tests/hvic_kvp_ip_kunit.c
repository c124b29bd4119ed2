// SPDX-License-Identifier: GPL-2.0-only
/* The addresses of an adapter: texts and numbers, both ways, and each count. */

#include "../hvic_kvp_ip.h"
#include "hvic_offer.h"

#define BODY_LEN	7428
#define ADAPTER		"{4487b255-b88c-403f-bb51-d1f69cf17f87}"

static struct hvic_packet ip_new(struct kunit *test, u8 operation)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_KVP, BODY_LEN);

	*(u8 *)packet.body = operation;
	return packet;
}

static struct hvic_user_kvp_ip *user_new(struct kunit *test)
{
	return packet_alloc(test, sizeof(struct hvic_user_kvp_ip));
}

static void widen(u8 *dst, const char *src)
{
	while (*src) {
		*dst++ = *src++;
		*dst++ = 0;
	}
}

static void say(u8 *dst, const char *src)
{
	memcpy(dst, src, strlen(src) + 1);
}

/* Whether UTF-16 is a text of ASCII, filled up with zeros. */
static void expect_wide(struct kunit *test, const u8 *is, size_t room, const char *want)
{
	u8 *wide = packet_alloc(test, room);

	widen(wide, want);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(is, wide, room), 0, "%s", want);
}

static void ip_get_text(struct kunit *test)
{
	struct hvic_packet packet = ip_new(test, HVIC_KVP_GET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_text *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);

	widen(body->adapter, "00:15:5D:01:02:03");
	body->family = 3;
	body->dhcp = 1;
	widen(body->addresses, "left over from what the host has had here");
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_forward(&msg, V(4, 0), ip), 0);
	KUNIT_EXPECT_STREQ(test, (char *)ip->adapter, "00:15:5D:01:02:03");
	KUNIT_EXPECT_EQ(test, ip->family, 3);
	KUNIT_EXPECT_EQ(test, ip->dhcp | ip->addresses[0], 0);

	memset(ip->adapter, 0xee, sizeof(ip->adapter));
	ip->family = 0xff;
	ip->dhcp = 2;
	say(ip->addresses, "10.0.0.2;fe80::1");
	say(ip->subnets, "255.0.0.0;/64");
	say(ip->gateways, "10.0.0.1");
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_answer(&msg, V(4, 0), ip), 0);
	expect_wide(test, body->adapter, sizeof(body->adapter), "00:15:5D:01:02:03");
	KUNIT_EXPECT_EQ(test, body->family, 3);
	KUNIT_EXPECT_EQ(test, body->dhcp, 1);
	expect_wide(test, body->addresses, sizeof(body->addresses), "10.0.0.2;fe80::1");
	expect_wide(test, body->subnets, sizeof(body->subnets), "255.0.0.0;/64");
	expect_wide(test, body->gateways, sizeof(body->gateways), "10.0.0.1");
	expect_wide(test, body->dns, sizeof(body->dns), "");
}

/* Twice as many bytes as the host has units: cut, but never without a NUL. */
static void ip_get_text_too_long(struct kunit *test)
{
	struct hvic_packet packet = ip_new(test, HVIC_KVP_GET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_text *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);

	memset(ip, 'x', sizeof(*ip));
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_answer(&msg, V(4, 0), ip), 0);
	KUNIT_EXPECT_EQ(test, memcmp(body->addresses + 2044, "x\0\0", 4), 0);
	KUNIT_EXPECT_EQ(test, memcmp(body->subnets + 2044, "x\0\0", 4), 0);
	KUNIT_EXPECT_EQ(test, memcmp(body->gateways + 1020, "x\0\0", 4), 0);
	KUNIT_EXPECT_EQ(test, memcmp(body->dns + 2044, "x\0\0", 4), 0);
}

static void ip_set_text(struct kunit *test)
{
	struct hvic_packet packet = ip_new(test, HVIC_KVP_SET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_text *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);

	widen(body->adapter, ADAPTER);
	body->family = 1;
	body->dhcp = 255;
	widen(body->addresses, "1.1.1.1;");
	widen(body->subnets, "2.2.2.2;");
	widen(body->gateways, "3.3.3.3;");
	widen(body->dns, "4.4.4.4;");
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_forward(&msg, V(4, 0), ip), 0);
	KUNIT_EXPECT_STREQ(test, (char *)ip->adapter, ADAPTER);
	KUNIT_EXPECT_EQ(test, ip->family, 1);
	KUNIT_EXPECT_EQ(test, ip->dhcp, 1);
	KUNIT_EXPECT_STREQ(test, (char *)ip->addresses, "1.1.1.1;");
	KUNIT_EXPECT_STREQ(test, (char *)ip->subnets, "2.2.2.2;");
	KUNIT_EXPECT_STREQ(test, (char *)ip->gateways, "3.3.3.3;");
	KUNIT_EXPECT_STREQ(test, (char *)ip->dns, "4.4.4.4;");
}

/**
 * struct damage - a byte or two of a request that cannot be served
 * @name: the test's
 * @version: the negotiated one
 * @at: where in the body
 * @bytes: two of them
 * @err: what becomes of it
 */
struct damage {
	const char *name;
	u32 version;
	size_t at;
	u8 bytes[2];
	int err;
};

static const struct damage damages[] = {
	{ "nothing, text", V(4, 0), 7426, { 0, 0 }, 0 },
	{ "nothing, numbers", V(5, 0), 7426, { 0, 0 }, 0 },
	{ "version before addresses", V(3, 0), 7426, { 0, 0 }, -EOPNOTSUPP },
	{ "oldest version", V(1, 0), 7426, { 0, 0 }, -EOPNOTSUPP },
	{ "no adapter, text", V(4, 0), 2, { 0, 0 }, -EINVAL },
	{ "no adapter, numbers", V(5, 0), 28, { 0, 0 }, -EINVAL },
	{ "half a pair in the adapter, text", V(4, 0), 4, { 0, 0xd8 }, -EILSEQ },
	{ "half a pair in the adapter, numbers", V(5, 0), 30, { 0, 0xd8 }, -EILSEQ },
	{ "family, text", V(4, 0), 258, { 4, 0 }, -EINVAL },
	{ "family, numbers", V(5, 0), 284, { 4, 0 }, -EINVAL },
	{ "half a pair in the addresses", V(4, 0), 260, { 0, 0xd8 }, -EILSEQ },
	{ "half a pair in the subnets", V(4, 0), 2308, { 0, 0xdc }, -EILSEQ },
	{ "half a pair in the gateways", V(4, 0), 4356, { 0, 0xdc }, -EILSEQ },
	{ "half a pair in the DNS servers", V(4, 0), 5380, { 0, 0xdc }, -EILSEQ },
	{ "65 IPv4 addresses", V(5, 0), 4, { 65, 0 }, -EINVAL },
	{ "65 IPv6 addresses", V(5, 0), 8, { 65, 0 }, -EINVAL },
	{ "6 IPv4 gateways", V(5, 0), 12, { 6, 0 }, -EINVAL },
	{ "6 IPv6 gateways", V(5, 0), 16, { 6, 0 }, -EINVAL },
	{ "65 IPv4 DNS servers", V(5, 0), 20, { 65, 0 }, -EINVAL },
	{ "65 IPv6 DNS servers", V(5, 0), 24, { 65, 0 }, -EINVAL },
	{ "IPv4 addresses beyond counting", V(5, 0), 6, { 0, 0x80 }, -EINVAL },
	{ "64 IPv4 addresses", V(5, 0), 4, { 64, 0 }, 0 },
	{ "64 IPv6 addresses, all of them short", V(5, 0), 8, { 64, 0 }, 0 },
	{ "5 IPv4 gateways", V(5, 0), 12, { 5, 0 }, 0 },
	{ "5 IPv6 gateways", V(5, 0), 16, { 5, 0 }, 0 },
	{ "64 IPv4 DNS servers", V(5, 0), 20, { 64, 0 }, 0 },
	{ "64 IPv6 DNS servers", V(5, 0), 24, { 64, 0 }, 0 },
};

static void damage_desc(const struct damage *damage, char *desc)
{
	strscpy(desc, damage->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(damage, damages, damage_desc);

static void ip_set_damaged(struct kunit *test)
{
	const struct damage *damage = test->param_value;
	struct hvic_packet packet = ip_new(test, HVIC_KVP_SET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_user_kvp_ip *ip = user_new(test);

	widen((u8 *)packet.body + (damage->version < V(5, 0) ? 2 : 28), "eth0");
	memcpy((u8 *)packet.body + damage->at, damage->bytes, 2);
	KUNIT_EXPECT_EQ(test, hvic_kvp_ip_forward(&msg, damage->version, ip), damage->err);
}

static void ip_set_binary(struct kunit *test)
{
	static const u8 v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct hvic_packet packet = ip_new(test, HVIC_KVP_SET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_binary *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);

	widen(body->adapter, ADAPTER);
	body->family = 3;
	body->v4_count = cpu_to_le32(2);
	body->v6_count = cpu_to_le32(1);
	body->v4_gateway_count = cpu_to_le32(1);
	body->v6_gateway_count = cpu_to_le32(1);
	body->v4_dns_count = cpu_to_le32(1);
	body->v6_dns_count = cpu_to_le32(1);
	memcpy(body->v4[0], "\x0a\0\0\x02", 4);
	memcpy(body->v4[1], "\x0a\1\0\x02", 4);
	memcpy(body->v4_masks[0], "\xff\0\0", 4);
	memcpy(body->v4_masks[1], "\xff\xff\0", 4);
	memcpy(body->v6[0], v6, 16);
	body->v6_prefixes[0] = cpu_to_le32(128);
	memcpy(body->v4_gateways[0], "\x0a\0\0\x01", 4);
	memcpy(body->v6_gateways[0], v6, 16);
	memcpy(body->v4_dns[0], "\x09\x09\x09\x09", 4);
	memcpy(body->v6_dns[0], v6, 16);
	/* beyond the counts */
	memcpy(body->v4[2], "\x63\x63\x63\x63", 4);
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_forward(&msg, V(5, 0), ip), 0);
	KUNIT_EXPECT_STREQ(test, (char *)ip->adapter, ADAPTER);
	KUNIT_EXPECT_EQ(test, ip->family, 3);
	KUNIT_EXPECT_EQ(test, ip->dhcp, 0);
	KUNIT_EXPECT_STREQ(test, (char *)ip->addresses, "10.0.0.2;10.1.0.2;2001:db8::1");
	KUNIT_EXPECT_STREQ(test, (char *)ip->subnets, "255.0.0.0;255.255.0.0;128");
	KUNIT_EXPECT_STREQ(test, (char *)ip->gateways, "10.0.0.1;2001:db8::1");
	KUNIT_EXPECT_STREQ(test, (char *)ip->dns, "9.9.9.9;2001:db8::1");

	body->v6_prefixes[0] = cpu_to_le32(129);
	KUNIT_EXPECT_EQ(test, hvic_kvp_ip_forward(&msg, V(5, 0), ip), -EINVAL);
}

/* Addresses that fill the daemon's field to the last byte, and one byte more. */
static void ip_set_binary_fills_the_field(struct kunit *test)
{
	struct hvic_packet packet = ip_new(test, HVIC_KVP_SET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_binary *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);

	widen(body->adapter, "eth0");
	/* 51 of 39 letters with semicolons are 2039 bytes, and one of 7 makes 2047 */
	body->v6_dns_count = cpu_to_le32(52);
	memset(body->v6_dns, 0xff, sizeof(body->v6_dns));
	memset(body->v6_dns[51], 0, 16);
	body->v6_dns[51][0] = 0xff;
	body->v6_dns[51][1] = 0xff;
	body->v6_dns[51][15] = 1;
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_forward(&msg, V(5, 0), ip), 0);
	KUNIT_EXPECT_EQ(test, strnlen((char *)ip->dns, sizeof(ip->dns)), 2047);

	body->v6_dns[51][15] = 0x11;
	memset(ip, 0, sizeof(*ip));
	KUNIT_EXPECT_EQ(test, hvic_kvp_ip_forward(&msg, V(5, 0), ip), -ENAMETOOLONG);
}

/**
 * struct list - the daemon's addresses and subnets, and what the host gets of them
 * @name: the test's
 * @addresses: the daemon's
 * @subnets: the daemon's
 * @v4_count: how many of IPv4
 * @v4: the first of them, and behind it its mask
 * @v6_count: how many of IPv6
 * @prefix: of the first of them
 */
struct list {
	const char *name;
	const char *addresses;
	const char *subnets;
	u32 v4_count;
	u8 v4[8];
	u32 v6_count;
	u32 prefix;
};

static const struct list lists[] = {
	{ "nothing", "", "", 0, { 0 }, 0, 0 },
	{ "one", "10.0.0.2", "255.255.255.0", 1, { 10, 0, 0, 2, 255, 255, 255, 0 } },
	{ "semicolon at the end", "10.0.0.2;", "255.0.0.0;", 1, { 10, 0, 0, 2, 255 } },
	{ "both families", "10.0.0.2;fe80::1", "255.0.0.0;64", 1, { 10, 0, 0, 2, 255 }, 1, 64 },
	{ "the other way around", "fe80::1;10.0.0.2", "64;255.0.0.0", 1, { 10, 0, 0, 2, 255 },
	  1, 64 },
	{ "prefix as the stock daemon has it", "fe80::1;", "/64;", 0, { 0 }, 1, 64 },
	{ "prefix that is too long", "fe80::1", "129", 0, { 0 }, 1, 128 },
	{ "no subnets", "10.0.0.2;fe80::1", "", 1, { 10, 0, 0, 2, 255, 255, 255, 255 }, 1, 128 },
	{ "an empty subnet", "10.0.0.3;10.0.0.2", ";255.0.0.0", 2,
	  { 10, 0, 0, 3, 255, 255, 255, 255 } },
	{ "subnets of what is no address are left out as well", "x;10.0.0.2",
	  "255.0.0.0;255.128.0.0", 1, { 10, 0, 0, 2, 255, 128 } },
	{ "error as an address", "getifaddrs failed\n", "", 0, { 0 }, 0, 0 },
	{ "nothing but semicolons", ";;;", ";;;", 0, { 0 }, 0, 0 },
};

static void list_desc(const struct list *list, char *desc)
{
	strscpy(desc, list->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(list, lists, list_desc);

static void ip_get_binary_list(struct kunit *test)
{
	const struct list *list = test->param_value;
	struct hvic_packet packet = ip_new(test, HVIC_KVP_GET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_binary *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);

	memset((u8 *)packet.body + 288, 0xdd, BODY_LEN - 288);
	say(ip->addresses, list->addresses);
	say(ip->subnets, list->subnets);
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_answer(&msg, V(5, 0), ip), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v4_count), list->v4_count);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_count), list->v6_count);
	KUNIT_EXPECT_EQ(test, memcmp(body->v4[0], list->v4, 4), 0);
	KUNIT_EXPECT_EQ(test, memcmp(body->v4_masks[0], list->v4 + 4, 4), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_prefixes[0]), list->prefix);
}

static void ip_get_binary(struct kunit *test)
{
	static const u8 v6[16] = { 0xfe, 0x80, [15] = 1 };
	struct hvic_packet packet = ip_new(test, HVIC_KVP_GET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_binary *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);

	body->hdr.pool = 1;
	widen(body->adapter, "00:15:5D:01:02:03");
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_forward(&msg, V(5, 0), ip), 0);
	KUNIT_EXPECT_STREQ(test, (char *)ip->adapter, "00:15:5D:01:02:03");

	memset(ip->adapter, 0xee, sizeof(ip->adapter));
	ip->family = 3;
	ip->dhcp = 1;
	say(ip->addresses, "10.0.0.2;fe80::1");
	say(ip->gateways, "10.0.0.1;fe80::1;");
	say(ip->dns, "bad;9.9.9.9;fe80::1;8.8.8.8");
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_answer(&msg, V(5, 0), ip), 0);
	KUNIT_EXPECT_EQ(test, body->hdr.operation, HVIC_KVP_GET_IP);
	KUNIT_EXPECT_EQ(test, body->hdr.pool, 1);
	expect_wide(test, body->adapter, sizeof(body->adapter), "00:15:5D:01:02:03");
	KUNIT_EXPECT_EQ(test, body->family, 3);
	KUNIT_EXPECT_EQ(test, body->dhcp, 1);
	KUNIT_EXPECT_EQ(test, memcmp(body->v6[0], v6, 16), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v4_gateway_count), 1);
	KUNIT_EXPECT_EQ(test, memcmp(body->v4_gateways[0], "\x0a\0\0\x01", 4), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_gateway_count), 1);
	KUNIT_EXPECT_EQ(test, memcmp(body->v6_gateways[0], v6, 16), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v4_dns_count), 2);
	KUNIT_EXPECT_EQ(test, memcmp(body->v4_dns, "\x09\x09\x09\x09\x08\x08\x08\x08", 8), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_dns_count), 1);
	KUNIT_EXPECT_EQ(test, memcmp(body->v6_dns[0], v6, 16), 0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(body->origins[0]), HVIC_KVP_ORIGIN_OTHER);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(body->origins[1]), HVIC_KVP_ORIGIN_UNKNOWN);

	ip->dhcp = 0;
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_answer(&msg, V(5, 0), ip), 0);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(body->origins[0]), HVIC_KVP_ORIGIN_STATIC);
}

/* More of everything than the host has room for: the first are taken. */
static void ip_get_binary_too_many(struct kunit *test)
{
	struct hvic_packet packet = ip_new(test, HVIC_KVP_GET_IP);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_kvp_ip_binary *body = packet.body;
	struct hvic_user_kvp_ip *ip = user_new(test);
	size_t i;

	for (i = 0; i + 12 <= sizeof(ip->addresses); i += 12) {
		memcpy(ip->addresses + i, "1.2.3.4;::7;", 12);
		memcpy(ip->subnets + i, "255.0.0.0;8;", 12);
		memcpy(ip->dns + i, "1.2.3.4;::7;", 12);
		if (i + 12 <= sizeof(ip->gateways))
			memcpy(ip->gateways + i, "1.2.3.4;::7;", 12);
	}
	KUNIT_ASSERT_EQ(test, hvic_kvp_ip_answer(&msg, V(5, 0), ip), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v4_count), 64);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_count), 64);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v4_gateway_count), 5);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_gateway_count), 5);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v4_dns_count), 64);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_dns_count), 64);
	KUNIT_EXPECT_EQ(test, memcmp(body->v4[63], "\1\2\3\4", 4), 0);
	KUNIT_EXPECT_EQ(test, body->v6[63][15], 7);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(body->v6_prefixes[63]), 8);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(body->origins[63]), HVIC_KVP_ORIGIN_STATIC);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(body->origins[64]), HVIC_KVP_ORIGIN_UNKNOWN);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ip_get_text),
	KUNIT_CASE(ip_get_text_too_long),
	KUNIT_CASE(ip_set_text),
	KUNIT_CASE_PARAM(ip_set_damaged, damage_gen_params),
	KUNIT_CASE(ip_set_binary),
	KUNIT_CASE(ip_set_binary_fills_the_field),
	KUNIT_CASE_PARAM(ip_get_binary_list, list_gen_params),
	KUNIT_CASE(ip_get_binary),
	KUNIT_CASE(ip_get_binary_too_many),
	{}
};

static struct kunit_suite suite = { .name = "hvic_kvp_ip", .test_cases = cases };

kunit_test_suite(suite);
