// SPDX-License-Identifier: GPL-2.0-or-later
/* What hosts send as addresses, by tables: what is taken, and which word is complained of. */
#include <errno.h>
#include <string.h>

#include "kvp/net/setting.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text, *subnet;
	int prefix;		/* or the errno */
	const char *mask;
} subnets[] = {
	{ "192.0.2.1", "255.255.255.0", 24, "255.255.255.0" },
	{ "192.0.2.1", "24", 24, "255.255.255.0" },
	{ "192.0.2.1", "/24", 24, "255.255.255.0" },
	{ "192.0.2.1", "255.255.255.255", 32, "255.255.255.255" },
	{ "192.0.2.1", "128.0.0.0", 1, "128.0.0.0" },
	{ "192.0.2.1", "0.0.0.0", 0, "0.0.0.0" },
	{ "192.0.2.1", "32", 32, "255.255.255.255" },
	{ "192.0.2.1", "33", -EINVAL },
	{ "192.0.2.1", "255.0.255.0", -EINVAL },
	{ "192.0.2.1", "0.0.0.255", -EINVAL },
	{ "192.0.2.1", "", -EINVAL },
	{ "192.0.2.1", "/", -EINVAL },
	{ "192.0.2.1", "//24", -EINVAL },
	{ "192.0.2.1", "+24", -EINVAL },
	{ "192.0.2.1", " 24", -EINVAL },
	{ "192.0.2.1", "24 ", -EINVAL },
	{ "192.0.2.1", "0x18", -EINVAL },
	{ "192.0.2.1", "4294967320", -EINVAL },
	{ "2001:db8::1", "64", 64, "/64" },
	{ "2001:db8::1", "/64", 64, "/64" },
	{ "2001:db8::1", "/128", 128, "/128" },
	{ "2001:db8::1", "129", -EINVAL },
	{ "2001:db8::1", "255.255.255.0", -EINVAL },
};

static void test_subnets(void)
{
	struct kvp_address address;
	char text[KVP_ADDRESS_LEN];
	size_t i;
	int err;

	for (i = 0; i < NR(subnets); i++) {
		tap_is_int(kvp_address_parse(&address, subnets[i].text), 0, "%s is an address",
			   subnets[i].text);
		err = kvp_address_parse_prefix(&address, subnets[i].subnet);
		tap_is_int(err ?: address.prefix, subnets[i].prefix, "%s with %s", subnets[i].text,
			   subnets[i].subnet);
		if (!err)
			tap_is_str(kvp_address_mask(&address, text), subnets[i].mask,
				   "%s is told as the mask", subnets[i].mask);
	}
}

static void test_kinds(void)
{
	static const struct {
		const char *text, *kinds;	/* u, m, l, k: of the four below */
	} cases[] = {
		{ "0.0.0.0", "u" }, { "::", "u" }, { "224.0.0.1", "m" }, { "255.255.255.255", "m" },
		{ "ff02::1", "m" }, { "127.0.0.53", "l" }, { "::1", "l" }, { "169.254.1.1", "k" },
		{ "fe80::1", "k" }, { "febf::1", "k" }, { "fec0::1", "" }, { "192.0.2.1", "" },
		{ "223.255.255.255", "" }, { "128.0.0.1", "" }, { "2001:db8::1", "" },
	};
	struct kvp_address address;
	char kinds[8];
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		kvp_address_parse(&address, cases[i].text);
		snprintf(kinds, sizeof(kinds), "%s%s%s%s",
			 kvp_address_is_unspecified(&address) ? "u" : "",
			 kvp_address_is_multicast(&address) ? "m" : "",
			 kvp_address_is_loopback(&address) ? "l" : "",
			 kvp_address_is_link_local(&address) ? "k" : "");
		tap_is_str(kinds, cases[i].kinds, "what %s is", cases[i].text);
	}
}

static void test_lists(void)
{
	struct kvp_addresses list = { .count = 0 };
	struct kvp_address address = { .family = AF_INET, .prefix = 32 };
	int i, err = 0;

	for (i = 0; i < KVP_ADDRESSES_MAX; i++) {
		address.v4.s_addr = (in_addr_t)i + 1;
		err = err ?: kvp_addresses_add(&list, &address);
	}
	tap_is_int(err, 0, "a list takes %d addresses", KVP_ADDRESSES_MAX);
	tap_is_int(kvp_addresses_add(&list, &address), 0, "and one of them again");
	tap_is_int((long long)list.count, KVP_ADDRESSES_MAX, "which is there once");
	address.v4.s_addr = 0xffffffff;
	tap_is_int(kvp_addresses_add(&list, &address), -ENOSPC, "and no other");
	tap_is_int((long long)kvp_addresses_count(&list, AF_INET6), 0, "none is of IPv6");
	tap_ok(!kvp_addresses_next(&list, AF_INET6, NULL), "nor is one found");
}

/* A setting in a line: method addresses gateways servers. */
static const char *setting_text(const struct kvp_setting *setting, char *text, size_t room)
{
	const struct kvp_addresses *lists[] = {
		&setting->addresses, &setting->gateways, &setting->dns,
	};
	const struct kvp_address *address;
	char word[KVP_ADDRESS_LEN];
	size_t len, i;

	snprintf(text, room, "%s", setting->v4 == KVP_METHOD_DHCP ? "dhcp" :
		 setting->v4 == KVP_METHOD_STATIC ? "static" : "none");
	for (i = 0; i < 3; i++) {
		len = strlen(text);
		snprintf(text + len, room - len, " |");
		kvp_addresses_each(lists[i], AF_UNSPEC, address) {
			len = strlen(text);
			snprintf(text + len, room - len, " %s",
				 i ? kvp_address_text(address, word) :
				 kvp_address_prefixed(address, word));
		}
	}
	return text;
}

static const struct {
	const char *name, *addresses, *subnets, *gateways, *dns;
	int dhcp;
	const char *setting;	/* or what is wrong */
	int err;
} settings[] = {
	{ "one", "192.0.2.2", "255.255.255.0", "192.0.2.1", "192.0.2.53", 0,
	  "static | 192.0.2.2/24 | 192.0.2.1 | 192.0.2.53" },
	{ "several", "192.0.2.2;192.0.2.3", "24;/25", "192.0.2.1;192.0.2.4", "", 0,
	  "static | 192.0.2.2/24 192.0.2.3/25 | 192.0.2.1 192.0.2.4 |" },
	{ "both families", "192.0.2.2;2001:db8::2", "24;/64", "192.0.2.1;fe80::1", "2001:db8::53",
	  0,
	  "static | 192.0.2.2/24 2001:db8::2/64 | 192.0.2.1 fe80::1 | 2001:db8::53" },
	{ "mixed up", "2001:db8::2;192.0.2.2", "64;255.255.0.0", "", "", 0,
	  "static | 2001:db8::2/64 192.0.2.2/16 | |" },
	{ "DHCP", "", "", "", "", 1, "dhcp | | |" },
	{ "DHCP with servers", "", "", "", "192.0.2.53", 1, "dhcp | | | 192.0.2.53" },
	{ "DHCP with what was there", "192.0.2.2", "24", "192.0.2.1", "", 1, "dhcp | | |" },
	{ "IPv6 alone", "2001:db8::2", "64", "2001:db8::1", "", 1,
	  "dhcp | 2001:db8::2/64 | 2001:db8::1 |" },
	{ "IPv6 and no IPv4", "2001:db8::2", "64", "", "", 0, "none | 2001:db8::2/64 | |" },
	{ "the link's own address", "192.0.2.2;fe80::2", "24;64", "192.0.2.1;fe80::1", "", 0,
	  "static | 192.0.2.2/24 | 192.0.2.1 |" },
	{ "blanks and empty words", ";; 192.0.2.2 ;;", "; 24 ;", " ; ", ";", 0,
	  "static | 192.0.2.2/24 | |" },
	{ "one address twice", "192.0.2.2;192.0.2.2", "24;24", "", "", 0,
	  "static | 192.0.2.2/24 | |" },
	{ "subnets to spare", "192.0.2.2", "24;24;24", "", "", 0, "static | 192.0.2.2/24 | |" },
	{ "nothing", "", "", "", "", 0, "there is neither an address nor DHCP", -EINVAL },
	{ "only the link's own", "fe80::2", "64", "", "", 0,
	  "there is neither an address nor DHCP", -EINVAL },
	{ "no address", "192.0.2.256", "24", "", "", 0,
	  "address 1, '192.0.2.256', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "the second is none", "192.0.2.2;eth0", "24;24", "", "", 0,
	  "address 2, 'eth0', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "a short form", "192.0.2", "24", "", "", 0,
	  "address 1, '192.0.2', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "a zone", "2001:db8::1%eth0", "64", "", "", 0,
	  "address 1, '2001:db8::1%eth0', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "a prefix in it", "192.0.2.2/24", "24", "", "", 0,
	  "address 1, '192.0.2.2/24', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "commands", "192.0.2.2\nup reboot", "24", "", "", 0,
	  "address 1, '192.0.2.2?up reboot', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "no subnet", "192.0.2.2;192.0.2.3", "24", "", "", 0,
	  "address 2, '192.0.2.3', has no subnet", -EINVAL },
	{ "a subnet with holes", "192.0.2.2", "255.0.255.0", "", "", 0,
	  "subnet 1, '255.0.255.0', is no mask and no prefix length", -EINVAL },
	{ "all is the subnet", "192.0.2.2", "0.0.0.0", "", "", 0,
	  "subnet 1, '0.0.0.0', is no mask and no prefix length", -EINVAL },
	{ "loopback", "127.0.0.1", "8", "", "", 0, "address 1, '127.0.0.1', is the machine's own",
	  -EINVAL },
	{ "a group", "224.0.0.1", "4", "", "", 0,
	  "address 1, '224.0.0.1', is not the address of one machine", -EINVAL },
	{ "no gateway", "192.0.2.2", "24", "router", "", 0,
	  "gateway 1, 'router', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "0.0.0.0 as a gateway", "192.0.2.2", "24", "0.0.0.0", "", 0,
	  "gateway 1, '0.0.0.0', is not the address of one machine", -EINVAL },
	{ "a gateway out of reach", "192.0.2.2", "24", "2001:db8::1", "", 0,
	  "gateway 2001:db8::1 is of a family without an address", -EINVAL },
	{ "no server", "192.0.2.2", "24", "", "192.0.2.53;x", 0,
	  "DNS server 2, 'x', is neither an IPv4 nor an IPv6 address", -EINVAL },
	{ "a long word", "192.0.2.2", "24", "",
	  "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc", 0,
	  "DNS server 1, '1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa', is too long",
	  -EINVAL },
};

static void ip_fill(struct hvic_user_kvp_ip *ip, size_t i)
{
	memset(ip, 0, sizeof(*ip));
	strcpy((char *)ip->addresses, settings[i].addresses);
	strcpy((char *)ip->subnets, settings[i].subnets);
	strcpy((char *)ip->gateways, settings[i].gateways);
	strcpy((char *)ip->dns, settings[i].dns);
	ip->dhcp = (__u8)settings[i].dhcp;
}

static void test_settings(void)
{
	struct hvic_user_kvp_ip ip;
	struct kvp_setting setting;
	char text[512], why[256];
	size_t i;
	int err;

	for (i = 0; i < NR(settings); i++) {
		ip_fill(&ip, i);
		err = kvp_setting_parse(&setting, &ip, why, sizeof(why));
		tap_is_int(err, settings[i].err, "%s: taken or not", settings[i].name);
		tap_is_str(err ? why : setting_text(&setting, text, sizeof(text)),
			   settings[i].setting, "%s: how", settings[i].name);
	}
}

static void test_fields(void)
{
	struct hvic_user_kvp_ip ip = { .dhcp = 1 };
	struct kvp_setting setting;
	char why[256];
	size_t i;

	memset(ip.dns, '1', sizeof(ip.dns));
	tap_is_int(kvp_setting_parse(&setting, &ip, why, sizeof(why)), -EINVAL,
		   "a field without a NUL is refused");
	tap_is_str(why, "the DNS server list has no end", "which is told");
	memset(ip.dns, 0, sizeof(ip.dns));
	for (i = 0; i < 250; i++)
		sprintf((char *)ip.dns + strlen((char *)ip.dns), "::%zx;", i + 2);
	tap_is_int(kvp_setting_parse(&setting, &ip, why, sizeof(why)), -EINVAL,
		   "more servers than there is room for are refused");
	tap_is_str(why, "DNS server 129, '::82', is one too many", "which is told");
}

int main(void)
{
	test_subnets();
	test_kinds();
	test_lists();
	test_settings();
	test_fields();
	return tap_done();
}
