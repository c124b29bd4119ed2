// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings in the formats of network managers: old texts and what becomes of them. */
#include <errno.h>
#include <string.h>

#include "kvp/net/format.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* What a host wants, in short. */
struct wish {
	const char *addresses, *subnets, *gateways, *dns;
	int dhcp;
};

static const struct wish v4 = { "192.0.2.2", "24", "192.0.2.1", "192.0.2.53;192.0.2.54", 0 };
static const struct wish many = {
	"192.0.2.2;192.0.2.3;2001:db8::2;2001:db8::3", "24;25;64;/56",
	"192.0.2.1;192.0.2.4;fe80::1", "192.0.2.53;2001:db8::53", 0
};

static const struct wish dhcp = { "", "", "", "", 1 };
static const struct wish v6 = { "2001:db8::2", "64", "2001:db8:1::1", "", 1 };
static const struct wish host = { "192.0.2.2", "32", "198.51.100.1", "", 0 };
static const struct wish no_v4 = { "2001:db8::2", "64", "", "", 0 };

static void setting_make(struct kvp_setting *setting, const struct wish *wish)
{
	struct hvic_user_kvp_ip ip = { .dhcp = (__u8)wish->dhcp };
	char why[256] = "";

	strcpy((char *)ip.addresses, wish->addresses);
	strcpy((char *)ip.subnets, wish->subnets);
	strcpy((char *)ip.gateways, wish->gateways);
	strcpy((char *)ip.dns, wish->dns);
	if (kvp_setting_parse(setting, &ip, why, sizeof(why)))
		tap_ok(false, "the test's setting is one: %s", why);
}

typedef void (*format_t)(struct hvd_text *out, const char *old, const char *interface,
			 const struct kvp_setting *setting);

struct text_case {
	const char *name;
	const struct wish *wish;
	const char *old, *new;
};

static void test_texts(const char *name, format_t format, const struct text_case *cases, size_t nr)
{
	struct kvp_setting setting;
	char text[8192], again[8192];
	struct hvd_text out;
	size_t i, room;

	for (i = 0; i < nr; i++) {
		setting_make(&setting, cases[i].wish);
		hvd_text_start(&out, text, sizeof(text));
		format(&out, cases[i].old, "eth0", &setting);
		tap_is_str(text, cases[i].new, "%s: %s", name, cases[i].name);
		hvd_text_start(&out, again, sizeof(again));
		format(&out, text, "eth0", &setting);
		tap_is_str(again, text, "%s: %s: once more changes nothing", name, cases[i].name);
		room = strlen(text);
		hvd_text_start(&out, again, room);
		format(&out, cases[i].old, "eth0", &setting);
		tap_ok(out.overflow && out.len < room, "%s: %s: no room is noticed", name,
		       cases[i].name);
	}
}

#define MARK	"# From here on: as the host set it\n"

static const struct text_case networkd[] = {
	{ "nothing before", &v4, "",
	  "[Match]\nName=eth0\n\n" MARK "[Network]\nDHCP=no\nAddress=192.0.2.2/24\n"
	  "DNS=192.0.2.53\nDNS=192.0.2.54\n\n[Route]\nGateway=192.0.2.1\n" },
	{ "DHCP", &dhcp, "", "[Match]\nName=eth0\n\n" MARK "[Network]\nDHCP=ipv4\n" },
	{ "both families, several of each", &many, "",
	  "[Match]\nName=eth0\n\n" MARK "[Network]\nDHCP=no\nIPv6AcceptRA=no\n"
	  "Address=192.0.2.2/24\n"
	  "Address=192.0.2.3/25\nAddress=2001:db8::2/64\nAddress=2001:db8::3/56\nDNS=192.0.2.53\n"
	  "DNS=2001:db8::53\n\n[Route]\nGateway=192.0.2.1\n\n[Route]\nGateway=192.0.2.4\n"
	  "Metric=1026\n\n[Route]\nGateway=fe80::1\n" },
	{ "a gateway that is not in the subnet", &host, "",
	  "[Match]\nName=eth0\n\n" MARK "[Network]\nDHCP=no\nAddress=192.0.2.2/32\n"
	  "\n[Route]\nGateway=198.51.100.1\nGatewayOnLink=yes\n" },
	{ "all else stays", &dhcp,
	  "# mine\n[Match]\nName=e*\nDriver=hv_netvsc\n[Link]\nMTUBytes=1400\n[Network]\n"
	  "Address=192.0.2.9/24\nGateway = 192.0.2.1\nDNS=192.0.2.53\nDHCP=no\n# note\n"
	  "Domains=a.example \\\n  b.example\nNTP=192.0.2.7\nIPv6AcceptRA=no\n"
	  "[Address]\nAddress=192.0.2.8/24\n[Route]\nGateway=192.0.2.1\n"
	  "[Route]\nGateway=192.0.2.1\nDestination=0.0.0.0/0\n"
	  "[Route]\nDestination=198.51.100.0/24\nGateway=192.0.2.3\n"
	  "[Route]\nGateway=192.0.2.1\nTable=7\n[DHCPv4]\nUseMTU=no",
	  "# mine\n[Match]\nName=eth0\n\n[Link]\nMTUBytes=1400\n[Network]\n# note\n"
	  "Domains=a.example \\\n  b.example\nNTP=192.0.2.7\nIPv6AcceptRA=no\n"
	  "[Route]\nDestination=198.51.100.0/24\nGateway=192.0.2.3\n"
	  "[Route]\nGateway=192.0.2.1\nTable=7\n[DHCPv4]\nUseMTU=no\n"
	  MARK "[Network]\nDHCP=ipv4\n" },
	{ "a line that goes on", &dhcp, "[Network]\nDNS=192.0.2.53 \\\n[Route]\nNTP=192.0.2.7\n",
	  "[Match]\nName=eth0\n\n[Network]\nNTP=192.0.2.7\n" MARK "[Network]\nDHCP=ipv4\n" },
};

static const struct text_case ifupdown[] = {
	{ "nothing before", &v4, "",
	  "auto eth0\niface eth0 inet static\n\taddress 192.0.2.2/24\n\tgateway 192.0.2.1\n"
	  "\tdns-nameservers 192.0.2.53 192.0.2.54\n" },
	{ "other interfaces stay", &v4,
	  "source /etc/network/interfaces.d/*\nauto lo eth0 eth1\niface lo inet loopback\n\n"
	  "# the first\niface eth0 inet dhcp\n\tmtu 1400\n\thostname x\n\n# the other\n"
	  "iface eth1 inet static\n\taddress 198.51.100.2/24\n",
	  "source /etc/network/interfaces.d/*\nauto lo eth0 eth1\niface lo inet loopback\n\n"
	  "# the first\niface eth0 inet static\n\taddress 192.0.2.2/24\n\tgateway 192.0.2.1\n"
	  "\tdns-nameservers 192.0.2.53 192.0.2.54\n\tmtu 1400\n\thostname x\n\n# the other\n"
	  "iface eth1 inet static\n\taddress 198.51.100.2/24\n" },
	{ "back to DHCP", &dhcp,
	  "auto eth0\niface eth0 inet static\n\taddress 192.0.2.2/24\n\tgateway 192.0.2.1\n"
	  "\tup ip route add 198.51.100.0/24 via 192.0.2.3\niface eth0 inet static\n"
	  "\taddress 192.0.2.3/24\niface eth0 inet6 static\n\taddress 2001:db8::2/64\n"
	  "\taccept_ra 0\n\tmtu 1300",
	  "auto eth0\niface eth0 inet dhcp\n\tup ip route add 198.51.100.0/24 via 192.0.2.3\n"
	  "iface eth0 inet6 auto\n\tmtu 1300\n" },
	{ "both families, several of each", &many, "allow-hotplug eth0\niface eth0 inet6 auto\n",
	  "allow-hotplug eth0\niface eth0 inet6 static\n\taddress 2001:db8::2/64\n\taccept_ra 0\n"
	  "\tautoconf 0\n\tgateway fe80::1\n\tdns-nameservers 2001:db8::53\n"
	  "iface eth0 inet6 static\n\taddress 2001:db8::3/56\niface eth0 inet static\n"
	  "\taddress 192.0.2.2/24\n\tgateway 192.0.2.1\n\tdns-nameservers 192.0.2.53\n"
	  "iface eth0 inet static\n\taddress 192.0.2.3/25\n" },
	{ "IPv6 that is automatic stays so", &v4,
	  "iface eth0 inet dhcp\niface eth0 inet6 dhcp\n\tprivext 2\n",
	  "iface eth0 inet static\n\taddress 192.0.2.2/24\n\tgateway 192.0.2.1\n"
	  "\tdns-nameservers 192.0.2.53 192.0.2.54\niface eth0 inet6 dhcp\n\tprivext 2\n" },
	{ "no IPv4", &no_v4, "iface eth0 inet dhcp\n",
	  "iface eth0 inet manual\niface eth0 inet6 static\n\taddress 2001:db8::2/64\n"
	  "\taccept_ra 0\n\tautoconf 0\n" },
	{ "lines that go on", &dhcp,
	  "auto \\\n eth0\niface eth0 \\\n inet static\n address \\\n  192.0.2.2/24\n up true\n",
	  "auto \\\n eth0\niface eth0 inet dhcp\n up true\n" },
	{ "a name that begins the same", &dhcp, "iface eth01 inet static\n\taddress 192.0.2.2/24\n",
	  "iface eth01 inet static\n\taddress 192.0.2.2/24\nauto eth0\niface eth0 inet dhcp\n" },
};

static const struct text_case ifcfg[] = {
	{ "nothing before", &v4, "",
	  "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR0=192.0.2.2\nPREFIX0=24\n"
	  "GATEWAY=192.0.2.1\nDNS1=192.0.2.53\nDNS2=192.0.2.54\n" },
	{ "all else stays", &dhcp,
	  "# mine\nTYPE=Ethernet\nBOOTPROTO=static\nIPADDR=192.0.2.9\nNETMASK=255.255.255.0\n"
	  "IPADDR_EXTRA=1\nPREFIX=24\nGATEWAY0=192.0.2.1\nDNS1=192.0.2.53\nMTU=1400\n"
	  "IPV6INIT=no\nIPV6ADDR=2001:db8::9/64\nGATEWAYDEV=eth1",
	  "# mine\nTYPE=Ethernet\nIPADDR_EXTRA=1\nMTU=1400\nIPV6INIT=no\nGATEWAYDEV=eth1\n"
	  "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=dhcp\n" },
	{ "both families, several of each", &many, "IPV6INIT=no\n",
	  "DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=none\nIPADDR0=192.0.2.2\nPREFIX0=24\n"
	  "IPADDR1=192.0.2.3\nPREFIX1=25\nGATEWAY=192.0.2.1\nIPV6INIT=yes\nIPV6_AUTOCONF=no\n"
	  "IPV6ADDR=2001:db8::2/64\nIPV6ADDR_SECONDARIES=\"2001:db8::3/56\"\n"
	  "IPV6_DEFAULTGW=fe80::1\nDNS1=192.0.2.53\nDNS2=2001:db8::53\n" },
};

static const struct text_case script_ifcfg[] = {
	{ "DHCP", &dhcp, "", "HWADDR=02:00\nDEVICE=eth0\nBOOTPROTO=dhcp\n" },
	{ "both families, several of each", &many, "",
	  "HWADDR=02:00\nDEVICE=eth0\nBOOTPROTO=none\nIPADDR0=192.0.2.2\nNETMASK0=255.255.255.0\n"
	  "IPADDR1=192.0.2.3\nNETMASK1=255.255.255.128\nGATEWAY=192.0.2.1\nGATEWAY1=192.0.2.4\n"
	  "DNS1=192.0.2.53\nDNS2=2001:db8::53\nIPV6ADDR=2001:db8::2\nIPV6NETMASK=64\n"
	  "IPV6ADDR_1=2001:db8::3\nIPV6NETMASK_1=56\nIPV6_DEFAULTGW=fe80::1\n" },
};

static const struct text_case script_keyfile[] = {
	{ "DHCP and IPv6", &v6, "",
	  "[connection]\ninterface-name=eth0\n\n[ethernet]\nmac-address=02:00\n\n[ipv4]\n"
	  "method=auto\n\n[ipv6]\nmethod=manual\naddress1=2001:db8::2/64\n"
	  "gateway=2001:db8:1::1\n" },
	{ "IPv4", &v4, "",
	  "[connection]\ninterface-name=eth0\n\n[ethernet]\nmac-address=02:00\n\n[ipv4]\n"
	  "method=manual\naddress1=192.0.2.2/24\ngateway=192.0.2.1\ndns=192.0.2.53;192.0.2.54;\n"
	  "\n[ipv6]\nmethod=auto\n" },
	{ "no IPv4", &no_v4, "",
	  "[connection]\ninterface-name=eth0\n\n[ethernet]\nmac-address=02:00\n\n[ipv4]\n"
	  "method=disabled\n\n[ipv6]\nmethod=manual\naddress1=2001:db8::2/64\n" },
};

static void format_script_ifcfg(struct hvd_text *out, const char *old, const char *interface,
				const struct kvp_setting *setting)
{
	(void)old;
	kvp_format_script_ifcfg(out, interface, "02:00", setting);
}

static void format_script_keyfile(struct hvd_text *out, const char *old, const char *interface,
				  const struct kvp_setting *setting)
{
	(void)old;
	kvp_format_script_keyfile(out, interface, "02:00", setting);
}

static const struct text_case resolv_conf[] = {
	{ "servers are others", &v4,
	  "# mine\nsearch a.example\nnameserver 192.0.2.1\nnameservers x\noptions rotate\n"
	  "nameserver\t::1",
	  "nameserver 192.0.2.53\nnameserver 192.0.2.54\n# mine\nsearch a.example\nnameservers x\n"
	  "options rotate\n" },
};

static void format_resolv_conf(struct hvd_text *out, const char *old, const char *interface,
			       const struct kvp_setting *setting)
{
	(void)interface;
	kvp_format_resolv_conf(out, old, setting);
}

/* As netplan 0.106 tells it. */
static const char netplan_yaml[] =
	"network:\n  version: 2\n  renderer: networkd\n  bridges:\n    br0:\n      routes:\n"
	"      - to: \"203.0.113.0/24\"\n        via: \"192.0.2.9\"\n  ethernets:\n    \"id0\":\n"
	"      match:\n        name: \"eth*\"\n      addresses:\n      - \"192.0.2.5/24\"\n"
	"      - \"2001:db8::5/64\"\n      nameservers:\n        addresses:\n        - 192.0.2.53\n"
	"      mtu: 1400\n      routes:\n      - to: \"default\"\n        via: \"192.0.2.1\"\n"
	"      - metric: 50\n        to: \"198.51.100.0/24\"\n        via: \"192.0.2.2\"\n"
	"      - to: \"::/0\"\n        via: \"2001:db8::1\"\n      - table: 7\n        to: default\n"
	"        via: \"192.0.2.3\"\n      wakeonlan: true\n    id1:\n      dhcp4: true\n";

static void test_netplan_reading(void)
{
	char kind[32], text[512];
	struct hvd_text out;

	tap_is_int(kvp_format_netplan_kind(netplan_yaml, "id0", kind, sizeof(kind)), 0,
		   "netplan: a definition is found");
	tap_is_str(kind, "ethernets", "netplan: with its kind");
	tap_is_int(kvp_format_netplan_kind(netplan_yaml, "br0", kind, sizeof(kind)), 0,
		   "netplan: another definition is found");
	tap_is_str(kind, "bridges", "netplan: with its own kind");
	tap_is_int(kvp_format_netplan_kind(netplan_yaml, "id", kind, sizeof(kind)), -1,
		   "netplan: what is not there is not found");
	tap_is_int(kvp_format_netplan_kind(netplan_yaml, "br0", kind, 7), -1,
		   "netplan: a kind without room is none");
	hvd_text_start(&out, text, sizeof(text));
	kvp_format_netplan_routes(&out, netplan_yaml, "id0");
	tap_is_str(text, "{metric: 50, to: \"198.51.100.0/24\", via: \"192.0.2.2\"}, "
		   "{table: 7, to: default, via: \"192.0.2.3\"}",
		   "netplan: routes that are not the default one, or of a table, are kept");
	hvd_text_start(&out, text, sizeof(text));
	kvp_format_netplan_routes(&out, netplan_yaml, "id1");
	tap_is_str(text, "", "netplan: who has none has none");
}

static const struct {
	const char *name;
	const struct wish *wish;
	const char *routes, *mapping;
} netplan[] = {
	{ "DHCP", &dhcp, "", "{dhcp4: true}" },
	{ "DHCP with a route", &dhcp, "{to: \"a\"}", "{dhcp4: true, routes: [{to: \"a\"}]}" },
	{ "IPv4", &v4, "",
	  "{dhcp4: false, addresses: [\"192.0.2.2/24\"], routes: [{to: \"0.0.0.0/0\","
	  " via: \"192.0.2.1\"}], nameservers: {addresses: [\"192.0.2.53\", \"192.0.2.54\"]}}" },
	{ "both families, several of each, and a route", &many, "{to: \"a\"}",
	  "{dhcp4: false, dhcp6: false, accept-ra: false, addresses: [\"192.0.2.2/24\", "
	  "\"192.0.2.3/25\", \"2001:db8::2/64\", \"2001:db8::3/56\"], routes: [{to: \"a\"}, "
	  "{to: \"0.0.0.0/0\", via: \"192.0.2.1\"}, {to: \"0.0.0.0/0\", via: \"192.0.2.4\", "
	  "metric: 1026}, {to: \"::/0\", via: \"fe80::1\"}], nameservers: {addresses: "
	  "[\"192.0.2.53\", \"2001:db8::53\"]}}" },
	{ "a gateway that is not in the subnet", &v6, "",
	  "{dhcp4: true, dhcp6: false, accept-ra: false, addresses: [\"2001:db8::2/64\"], "
	  "routes: [{to: \"::/0\", via: \"2001:db8:1::1\", on-link: true}]}" },
};

static void test_netplan(void)
{
	struct kvp_setting setting;
	struct hvd_text out;
	char text[1024];
	size_t i;

	for (i = 0; i < NR(netplan); i++) {
		setting_make(&setting, netplan[i].wish);
		hvd_text_start(&out, text, sizeof(text));
		kvp_format_netplan(&out, &setting, netplan[i].routes);
		tap_is_str(text, netplan[i].mapping, "netplan: %s", netplan[i].name);
	}
}

static void test_names(void)
{
	static const struct {
		const char *name;
		bool plain;
	} names[] = {
		{ "eth0", true }, { "enp0s3.100", true }, { "br-lan", true }, { "eth0:1", true },
		{ "", false }, { "-x", false }, { ".", false }, { "a/b", false }, { "a b", false },
		{ "e*", false }, { "a\nb", false }, { "e]", false }, { "\xc3\xa4", false },
		{ "a=b", false }, { "a\"", false },
	};
	size_t i;

	for (i = 0; i < NR(names); i++)
		tap_is_int(kvp_format_name_is_plain(names[i].name), names[i].plain,
			   "whether '%s' is a plain name", names[i].name);
}

int main(void)
{
	test_texts("networkd", kvp_format_networkd, networkd, NR(networkd));
	test_texts("ifupdown", kvp_format_ifupdown, ifupdown, NR(ifupdown));
	test_texts("ifcfg", kvp_format_ifcfg, ifcfg, NR(ifcfg));
	test_texts("script's ifcfg", format_script_ifcfg, script_ifcfg, NR(script_ifcfg));
	test_texts("script's keyfile", format_script_keyfile, script_keyfile, NR(script_keyfile));
	test_texts("resolv.conf", format_resolv_conf, resolv_conf, NR(resolv_conf));
	test_netplan_reading();
	test_netplan();
	test_names();
	return tap_done();
}
