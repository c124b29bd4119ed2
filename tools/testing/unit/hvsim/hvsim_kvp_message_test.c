// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange as bytes: what a host sends, to the byte, and what it makes of every
 * kind of answer.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "hvsim_frame.h"
#include "hvsim_kvp_address.h"
#include "hvsim_kvp_item.h"
#include "hvsim_kvp_store.h"
#include "hvsim_utf16.h"

#define BODY	HVIC_HDR_LEN
#define F(name)	HVSIM_FAULT(name)
#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static const struct hvsim_versions v4 = { HVIC_VERSION(3, 0), HVIC_VERSION(4, 0) };
static const struct hvsim_versions v5 = { HVIC_VERSION(3, 0), HVIC_VERSION(5, 0) };

static uint8_t packet[HVIC_PIPE_MAX];

static uint64_t at(size_t offset, unsigned int bytes)
{
	return hvsim_frame_get(packet + BODY + offset, bytes);
}

static void put(size_t offset, uint64_t value, unsigned int bytes)
{
	hvsim_frame_put(packet + BODY + offset, value, bytes);
}

/* The bytes in the packet, as the answer that they would be. */
static struct hvsim_message answer(size_t body_len)
{
	struct hvsim_message message;

	hvsim_frame_put(packet + 4, body_len + 20, 4);
	hvsim_frame_put(packet + 18, body_len, 2);
	hvsim_message_open(&message, packet, BODY + body_len);
	return message;
}

static void test_utf16(void)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t len;
		int result;
		const char *text;
	} cases[] = {
		{ "nothing", "", 0, 0, "" },
		{ "a text", "a\0b\0", 4, 4, "ab" },
		{ "a terminator", "a\0\0\0b\0", 6, 2, "a" },
		{ "an odd byte", "a\0b", 3, 2, "a" },
		{ "two bytes", "\xe9\0", 2, 2, "\xc3\xa9" },
		{ "three bytes", "\xac\x20", 2, 2, "\xe2\x82\xac" },
		{ "a pair", "\x3d\xd8\x00\xde", 4, 4, "\xf0\x9f\x98\x80" },
		{ "the first half alone", "\x3d\xd8", 2, -EILSEQ, NULL },
		{ "the first half and a letter", "\x3d\xd8\x61\0", 4, -EILSEQ, NULL },
		{ "the second half", "\x00\xde", 2, -EILSEQ, NULL },
	};
	uint8_t again[16];
	char text[32];
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		tap_is_int(hvsim_utf16_decode(text, sizeof(text), (const uint8_t *)cases[i].bytes,
					      cases[i].len), cases[i].result,
			   "UTF-16: %s", cases[i].what);
		if (cases[i].result < 0)
			continue;
		tap_is_str(text, cases[i].text, "UTF-16: %s, in UTF-8", cases[i].what);
		tap_ok(hvsim_utf16_encode(again, sizeof(again), text) == cases[i].result &&
		       !memcmp(again, cases[i].bytes, (size_t)cases[i].result),
		       "UTF-16: %s, and back", cases[i].what);
	}
	tap_is_int(hvsim_utf16_decode(text, 4, (const uint8_t *)"\x3d\xd8\x00\xde", 4), -EMSGSIZE,
		   "UTF-16: no room for the terminator");
	tap_is_int(hvsim_utf16_decode(text, 5, (const uint8_t *)"\x3d\xd8\x00\xde", 4), 4,
		   "UTF-16: just room for it");
}

static int build(uint8_t operation, uint32_t type, const char *key, const char *text,
		 uint64_t number)
{
	struct hvsim_kvp_request request = {
		.operation = operation, .pool = HVIC_KVP_AUTO_EXTERNAL, .index = 0x1234,
		.item = { .type = type, .number = number },
	};

	snprintf(request.item.key, sizeof(request.item.key), "%s", key);
	snprintf(request.item.text, sizeof(request.item.text), "%s", text);
	memset(packet, 0xee, sizeof(packet));
	return hvsim_kvp_item_build(packet, sizeof(packet), 7, &v4, &request);
}

static void test_requests(void)
{
	char key[300], value[1200];

	tap_is_int(build(HVIC_KVP_SET, HVIC_KVP_SZ, "ab", "xyz", 0), 28 + 2580, "a set is 2580");
	tap_ok(at(0, 1) == 1 && at(1, 1) == 3 && !at(2, 2), "its operation and pool");
	tap_ok(at(4, 4) == 1 && at(8, 4) == 6 && at(12, 4) == 8, "its type and sizes in bytes");
	tap_ok(at(16, 8) == 0x620061 && at(528, 8) == 0x7a00790078, "its key and value");
	tap_ok(packet[12] == HVIC_TYPE_KVP && packet[25] == 3 && packet[24] == 7, "its header");
	build(HVIC_KVP_SET, HVIC_KVP_DWORD, "a", "", 0x11223344);
	tap_ok(at(4, 4) == 4 && at(12, 4) == 4 && at(528, 8) == 0x11223344, "a DWORD");
	build(HVIC_KVP_SET, HVIC_KVP_QWORD, "a", "", 0x1122334455667788);
	tap_ok(at(4, 4) == 11 && at(12, 4) == 8 && at(528, 8) == 0x1122334455667788, "a QWORD");
	tap_is_int(build(HVIC_KVP_GET, HVIC_KVP_SZ, "ab", "xyz", 0), 28 + 2580, "a get is 2580");
	tap_ok(!at(0, 1) && !at(4, 4) && at(8, 4) == 6 && !at(12, 4) && at(16, 4) == 0x620061,
	       "with a key, and no value");
	tap_is_int(build(HVIC_KVP_DELETE, 0, "ab", "", 0), 28 + 2580, "a delete is 2580");
	tap_ok(at(0, 1) == 2 && at(4, 4) == 6 && at(8, 8) == 0x620061, "with a key");
	build(HVIC_KVP_ENUMERATE, 0, "ab", "", 0);
	tap_ok(at(0, 1) == 3 && at(4, 4) == 0x1234 && !at(8, 8) && !at(20, 8),
	       "an enumeration has an index alone");
	tap_is_int(build(HVIC_KVP_GET_IP, 0, "", "", 0), -EINVAL, "another operation is refused");

	memset(key, 'k', 255);
	key[255] = '\0';
	memset(value, 'v', 1023);
	value[1023] = '\0';
	tap_ok(build(HVIC_KVP_SET, HVIC_KVP_SZ, key, value, 0) > 0 && at(8, 4) == 512 &&
	       at(12, 4) == 2048 && at(16 + 508, 4) == 'k' && at(528 + 2044, 4) == 'v',
	       "255 units of key and 1023 of value fit");
	strcat(key, "k");
	tap_is_int(build(HVIC_KVP_SET, HVIC_KVP_SZ, key, value, 0), -EMSGSIZE, "256 do not");
	strcat(value, "v");
	tap_is_int(build(HVIC_KVP_SET, HVIC_KVP_SZ, "k", value, 0), -EMSGSIZE, "nor do 1024");
	tap_is_int(build(HVIC_KVP_SET, HVIC_KVP_SZ, "\xff", "", 0), -EILSEQ, "UTF-8 it must be");
}

/* A good answer to a get or an enumeration, and then spoilt at @offset. */
static uint32_t read_item(struct hvsim_kvp_item *item, uint8_t operation, size_t offset,
			  uint64_t value, unsigned int bytes)
{
	struct hvsim_kvp_request request = { .operation = operation, .pool = 1, .index = 0x1234 };
	size_t shift = operation == HVIC_KVP_ENUMERATE ? 4 : 0;
	struct hvsim_message message;

	memset(packet, 0, sizeof(packet));
	put(0, operation, 1);
	put(1, 1, 1);
	if (shift)
		put(4, 0x1234, 4);
	put(shift + 4, HVIC_KVP_SZ, 4);
	put(shift + 8, 6, 4);
	put(shift + 12, 8, 4);
	put(shift + 16, 0x620061, 8);
	put(shift + 528, 0x7a00790078, 8);
	put(offset, value, bytes);
	message = answer(HVIC_KVP_EXCHANGE_LEN);
	return hvsim_kvp_item_read(&message, &request, item);
}

static void test_answers(void)
{
	static const struct {
		const char *what;
		size_t offset;
		uint64_t value;
		unsigned int bytes;
		uint32_t faults;
	} cases[] = {
		{ "a good one", 0, 3, 1, 0 },
		{ "another operation", 0, 1, 1, F(KVP_OPERATION) },
		{ "another pool", 1, 2, 1, F(KVP_OPERATION) },
		{ "another index", 4, 0x1235, 4, F(KVP_OPERATION) },
		{ "no type", 8, 0, 4, F(KVP_TYPE) },
		{ "Linux' type of 64 bits", 8, 8, 4, F(KVP_TYPE) },
		{ "a DWORD of 8 bytes", 8, HVIC_KVP_DWORD, 4, F(TEXT_SIZE) },
		{ "a QWORD of 8 bytes", 8, HVIC_KVP_QWORD, 4, 0 },
		{ "no key", 12, 0, 4, F(TEXT_SIZE) },
		{ "an odd key", 12, 5, 4, F(TEXT_SIZE) },
		{ "a key too long", 12, 514, 4, F(TEXT_SIZE) },
		{ "a key that is nearly 4 GiB", 12, 0xfffffffe, 4, F(TEXT_SIZE) },
		{ "a key without its end", 12, 4, 4, F(TEXT_END) },
		{ "a key that goes on", 12, 512, 4, F(TEXT_BEHIND) },
		{ "half a character", 20, 0xd83d, 2, F(TEXT_UTF16) },
		{ "an odd value", 16, 7, 4, F(TEXT_SIZE) },
		{ "a value too long", 16, 2050, 4, F(TEXT_SIZE) },
		{ "no value, not even an end", 16, 0, 4, F(TEXT_SIZE) },
		{ "an empty value", 532, 0, 2, F(TEXT_BEHIND) },
	};
	struct hvsim_kvp_item item;
	struct hvsim_message message;
	size_t i;

	for (i = 0; i < NR(cases); i++)
		tap_is_int(read_item(&item, HVIC_KVP_ENUMERATE, cases[i].offset, cases[i].value,
				     cases[i].bytes), cases[i].faults, "answer: %s", cases[i].what);
	read_item(&item, HVIC_KVP_ENUMERATE, 0, 3, 1);
	tap_is_str(item.key, "ab", "its key");
	tap_is_str(item.text, "xyz", "and its value");
	read_item(&item, HVIC_KVP_ENUMERATE, 8, HVIC_KVP_QWORD, 4);
	tap_is_int((long long)item.number, 0x7a00790078, "or its number");
	tap_is_int(read_item(&item, HVIC_KVP_GET, 0, 0, 1), 0, "answer: to a get");
	tap_is_str(item.text, "xyz", "which is elsewhere");
	message = answer(2579);
	tap_is_int(hvsim_kvp_item_read(&message, &(struct hvsim_kvp_request){ .operation = 3 },
				       &item), F(BODY_SHORT), "answer: cut");
}

static void addresses_fill(struct hvsim_kvp_adapter *adapter)
{
	memset(adapter, 0, sizeof(*adapter));
	strcpy(adapter->id, "{abc}");
	adapter->family = HVIC_KVP_FAMILY_BOTH;
	adapter->dhcp = 1;
	hvsim_kvp_address_parse(&adapter->addresses[0], "fd00::5/64");
	hvsim_kvp_address_parse(&adapter->addresses[1], "10.0.0.5/20");
	adapter->addresses[0].origin = HVIC_KVP_ORIGIN_STATIC;
	adapter->addresses[1].origin = HVIC_KVP_ORIGIN_OTHER;
	adapter->address_count = 2;
	hvsim_kvp_address_parse(&adapter->gateways[0], "10.0.0.1");
	adapter->gateway_count = 1;
	hvsim_kvp_address_parse(&adapter->dns[0], "10.0.0.2");
	hvsim_kvp_address_parse(&adapter->dns[1], "fd00::2");
	adapter->dns_count = 2;
}

static void test_address(void)
{
	static const char *const wrong[] = { "", "10.0.0", "10.0.0.256", "x", "10.0.0.1/33",
		"fd00::1/129", "10.0.0.1/", "10.0.0.1/x", "10.0.0.1/-1", "1::2::3",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" };
	struct hvsim_kvp_address address;
	unsigned int i, taken = 0;
	char text[64];

	for (i = 0; i < NR(wrong); i++)
		taken += !hvsim_kvp_address_parse(&address, wrong[i]);
	tap_is_int(taken, 0, "what is no address is refused");
	tap_ok(!hvsim_kvp_address_parse(&address, "10.0.0.5/24") && !address.v6 &&
	       address.prefix == 24, "an address");
	hvsim_kvp_address_format(text, sizeof(text), &address);
	tap_is_str(text, "10.0.0.5", "and back");
	tap_ok(!hvsim_kvp_address_parse(&address, "fd00::5/0") && address.v6 && !address.prefix,
	       "one of IPv6");
}

static void test_adapter_text(void)
{
	static char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM];
	struct hvsim_kvp_adapter adapter, got;
	struct hvsim_message message;
	char text[2048];

	addresses_fill(&adapter);
	tap_is_int(hvsim_kvp_adapter_build(packet, sizeof(packet), 1, &v4, HVIC_KVP_SET_IP,
					   &adapter), 28 + 7428, "4.0: a set is 7428");
	tap_ok(at(0, 1) == 5 && at(2, 2) == '{' && at(258, 1) == 3 && at(259, 1) == 1,
	       "4.0: the head");
	hvsim_utf16_decode(text, sizeof(text), packet + BODY + 260, 2048);
	tap_is_str(text, "fd00::5;10.0.0.5", "4.0: the addresses");
	hvsim_utf16_decode(text, sizeof(text), packet + BODY + 2308, 2048);
	tap_is_str(text, "64;255.255.240.0", "4.0: the subnets");
	hvsim_utf16_decode(text, sizeof(text), packet + BODY + 4356, 1024);
	tap_is_str(text, "10.0.0.1", "4.0: the gateways");
	hvsim_utf16_decode(text, sizeof(text), packet + BODY + 5380, 2048);
	tap_is_str(text, "10.0.0.2;fd00::2", "4.0: the name servers");

	put(0, HVIC_KVP_GET_IP, 1);
	message = answer(7428);
	tap_is_int(hvsim_kvp_adapter_read(&message, &got, texts), 0, "4.0: it can be read");
	tap_ok(got.address_count == 2 && got.addresses[0].v6 && got.addresses[0].prefix == 64 &&
	       got.addresses[1].prefix == 20 && got.gateway_count == 1 && got.dns_count == 2 &&
	       got.family == 3 && got.dhcp == 1, "4.0: as it was");
	tap_is_str(got.texts[HVSIM_KVP_LIST_SUBNETS], "64;255.255.240.0", "4.0: with its texts");
	hvsim_utf16_encode(packet + BODY + 2308, 2048, "/64;255.0.255.0");
	tap_is_int(hvsim_kvp_adapter_read(&message, &got, texts), F(KVP_ADDRESS),
		   "4.0: a mask that is none");
	put(260, 'g', 2);
	tap_is_int(hvsim_kvp_adapter_read(&message, &got, texts), F(KVP_ADDRESS),
		   "4.0: an address that is none");
	addresses_fill(&adapter);
	adapter.texts[HVSIM_KVP_LIST_ADDRESSES] = "$(reboot)";
	hvsim_kvp_adapter_build(packet, sizeof(packet), 1, &v4, HVIC_KVP_GET_IP, &adapter);
	hvsim_utf16_decode(text, sizeof(text), packet + BODY + 260, 2048);
	tap_is_str(text, "$(reboot)", "4.0: a text is sent as it is");
	memset(packet + BODY + 5380, 'x', 2048);
	tap_ok(hvsim_kvp_adapter_read(&message, &got, texts) & F(TEXT_END),
	       "4.0: a text without its end");
	put(5380, 0xdc00, 2);
	tap_ok(hvsim_kvp_adapter_read(&message, &got, texts) & F(TEXT_UTF16),
	       "4.0: half a character");
	message = answer(7427);
	tap_is_int(hvsim_kvp_adapter_read(&message, &got, texts), F(BODY_SHORT), "4.0: cut");
}

static void test_adapter_binary(void)
{
	static char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM];
	struct hvsim_kvp_adapter adapter, got;
	struct hvsim_message message;

	addresses_fill(&adapter);
	tap_is_int(hvsim_kvp_adapter_build(packet, sizeof(packet), 1, &v5, HVIC_KVP_SET_IP,
					   &adapter), 28 + 7428, "5.0: a set is 7428, too");
	tap_ok(at(4, 4) == 1 && at(8, 4) == 1 && at(12, 4) == 1 && !at(16, 4) && at(20, 4) == 1 &&
	       at(24, 4) == 1, "5.0: the counts");
	tap_ok(at(28, 2) == '{' && at(284, 1) == 3 && at(285, 1) == 1, "5.0: the head");
	tap_ok(at(288, 4) == 0x0500000a && at(544, 2) == 0xfd && at(559, 1) == 5,
	       "5.0: the addresses in network order");
	tap_ok(at(1568, 4) == 0xf0ffff && at(1824, 4) == 64, "5.0: mask and prefix");
	tap_ok(at(2080, 4) == 0x0100000a && at(2180, 4) == 0x0200000a && at(2436, 1) == 0xfd,
	       "5.0: gateway and name servers");
	tap_ok(at(3460, 2) == 1 && at(3462, 2) == 2, "5.0: origins, of IPv4 first");

	put(0, HVIC_KVP_GET_IP, 1);
	message = answer(3716);
	tap_is_int(hvsim_kvp_adapter_read(&message, &got, texts), 0, "5.0: it can be read");
	tap_ok(got.address_count == 2 && got.addresses[0].prefix == 20 && got.addresses[1].v6 &&
	       got.addresses[1].prefix == 64 && got.addresses[1].origin == 2 &&
	       !got.texts[0], "5.0: as it was, IPv4 first");
}

static void test_adapter_spoilt(void)
{
	static char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM];
	struct hvsim_kvp_adapter adapter, got;
	struct hvsim_message message;
	size_t i;

	addresses_fill(&adapter);
	hvsim_kvp_adapter_build(packet, sizeof(packet), 1, &v5, HVIC_KVP_GET_IP, &adapter);
	message = answer(3716);
	for (i = 4; i < 28; i += 4) {
		uint64_t right = at(i, 4);

		put(i, i == 12 || i == 16 ? 6 : 65, 4);
		tap_ok(hvsim_kvp_adapter_read(&message, &got, texts) & F(KVP_COUNTS),
		       "5.0: too many in count %zu", i / 4);
		put(i, 0xffffffff, 4);
		tap_ok(hvsim_kvp_adapter_read(&message, &got, texts) & F(KVP_COUNTS),
		       "5.0: and far too many");
		put(i, right, 4);
	}
	put(1824, 129, 4);
	tap_is_int(hvsim_kvp_adapter_read(&message, &got, texts), F(KVP_ADDRESS),
		   "5.0: a prefix that is none");
	put(4, 64, 4);
	put(8, 64, 4);
	put(1824, 64, 4);
	tap_ok(!(hvsim_kvp_adapter_read(&message, &got, texts) & F(KVP_COUNTS)) &&
	       got.address_count == 128, "5.0: as many as there is room for");
	message = answer(3715);
	tap_is_int(hvsim_kvp_adapter_read(&message, &got, texts), F(BODY_SHORT), "5.0: cut");
	for (i = 0; i < 6; i++)
		hvsim_kvp_address_parse(&adapter.gateways[i], "10.0.0.1");
	adapter.gateway_count = 6;
	tap_is_int(hvsim_kvp_adapter_build(packet, sizeof(packet), 1, &v5, HVIC_KVP_SET_IP,
					   &adapter), -EMSGSIZE, "5.0: no room for six gateways");
}

static void test_names(void)
{
	uint8_t pool = 0;
	uint32_t type;

	tap_ok(!hvsim_kvp_pool_find(&pool, "auto-external") && pool == 3, "a pool by its name");
	tap_ok(!hvsim_kvp_pool_find(&pool, "77") && pool == 77, "or its number");
	tap_ok(hvsim_kvp_pool_find(&pool, "256") && hvsim_kvp_pool_find(&pool, "-1") &&
	       hvsim_kvp_pool_find(&pool, "") && hvsim_kvp_pool_find(&pool, "gast"),
	       "and nothing else");
	tap_ok(!hvsim_kvp_type_find(&type, "qword") && type == 11 &&
	       hvsim_kvp_type_find(&type, "REG_SZ"), "a type by its name");
	tap_is_str(hvsim_kvp_type_name(8), "unknown", "Linux' type of 64 bits is none");
	tap_is_str(hvsim_kvp_pool_name(4), "unknown", "nor is its fifth pool one");
}

static const char *fact(struct hvsim_kvp_store *store, const char *key)
{
	struct hvsim_kvp_entry *entry = hvsim_kvp_store_find(store, HVIC_KVP_AUTO_EXTERNAL, key);

	return entry ? entry->item.text : NULL;
}

static void test_store(void)
{
	struct hvsim_kvp_item item = { .type = HVIC_KVP_SZ, .key = "k", .text = "v" };
	struct hvsim_kvp_store store, other;
	struct hvsim_kvp_entry *entry;
	unsigned int count = 0;

	hvsim_kvp_store_init(&store);
	hvsim_kvp_store_init(&other);
	hvsim_kvp_store_describe(&store, hvsim_profile_find("ws2012r2"), NULL);
	hvsim_kvp_store_describe(&other, hvsim_profile_find("ws2022"), "zwei");
	TAILQ_FOREACH(entry, &store.entries, link)
		count++;
	tap_is_int(count, 16, "a host tells sixteen things of itself");
	tap_ok(!strcmp(fact(&store, "HostingSystemOsMajor"), "6") &&
	       !strcmp(fact(&store, "HostingSystemOsMinor"), "3"), "its version is that played");
	tap_is_str(fact(&other, "VirtualMachineName"), "zwei", "the machine has its name");
	tap_ok(strcmp(fact(&store, "VirtualMachineId"), fact(&other, "VirtualMachineId")),
	       "and an identity of its own");
	hvsim_kvp_store_clear(&other);
	hvsim_kvp_store_describe(&other, hvsim_profile_find("openvmm"), NULL);
	tap_ok(!hvsim_kvp_store_waiting(&other), "a host that is no Windows tells nothing");

	entry = hvsim_kvp_store_set(&other, 0, &item);
	tap_ok(hvsim_kvp_store_waiting(&other) == entry, "what is set waits");
	entry->state = HVSIM_KVP_TOLD;
	tap_ok(!hvsim_kvp_store_waiting(&other), "until it was told");
	tap_ok(hvsim_kvp_store_set(&other, 0, &item) == entry &&
	       entry->state == HVSIM_KVP_WAITING, "set anew, it waits again");
	hvsim_kvp_store_remove(entry);
	tap_is_str(hvsim_kvp_state_name(entry), "removing", "what is removed stays until told");
	hvsim_kvp_store_set(&other, 3, &item);
	hvsim_kvp_store_postpone(&other, entry);
	tap_is_int(hvsim_kvp_store_waiting(&other)->pool, 3, "what is postponed comes last");
	hvsim_kvp_store_clear(&store);
	hvsim_kvp_store_clear(&other);
}

int main(void)
{
	test_utf16();
	test_requests();
	test_answers();
	test_address();
	test_adapter_text();
	test_adapter_binary();
	test_adapter_spoilt();
	test_names();
	test_store();
	return tap_done();
}
