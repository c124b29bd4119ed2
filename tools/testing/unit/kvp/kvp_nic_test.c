// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Adapters by real netlink, in a network of the test's own, with a sysfs made of files:
 * which of them is meant, what the host is told, and when a link is what it was to be.
 */
#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "kvp/net/link.h"
#include "kvp/net/net.h"
#include "kvp_namespace.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define GUID		"{f00f0000-0000-4000-8000-000000000001}"
#define MAC		"02:00:00:00:00:01"

static char root[64];

/* A command and its words, with blanks between; its exit status. */
static int run(const char *format, ...)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	char words[512], *argv[32];
	int count = 0, status;
	va_list args;
	pid_t pid;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	for (argv[0] = strtok(words, " "); argv[count];)
		argv[++count] = strtok(NULL, " ");
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environment))
		return -1;
	if (waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void file_make(const char *path, const char *text)
{
	char whole[512], *slash;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(whole, 0755);
	}
	if (hvd_file_replace(whole, text, strlen(text), 0644))
		tap_ok(false, "the test's file %s is there", path);
}

/* A link, as what it is to be taken for. */
static void link_make(const char *name, const char *mac, const char *guid, bool hardware)
{
	char path[128], text[64];

	run("ip link add %s type veth peer name %s-far", name, name);
	run("ip link set %s-far up", name);
	run("ip link set %s address %s up", name, mac);
	snprintf(path, sizeof(path), "/class/net/%s/address", name);
	snprintf(text, sizeof(text), "%s\n", mac);
	file_make(path, text);
	if (hardware) {
		snprintf(path, sizeof(path), "/class/net/%s/device/vendor", name);
		file_make(path, "0x1414\n");
	}
	if (guid) {
		snprintf(path, sizeof(path), "/class/net/%s/device/device_id", name);
		snprintf(text, sizeof(text), "%s\n", guid);
		file_make(path, text);
	}
}

static void links_make(void)
{
	char path[512];

	link_make("vf0", MAC, NULL, true);		/* before it, as to its number */
	link_make("eth0", MAC, GUID, true);
	link_make("eth01", "02:00:00:00:00:11", "{f00f0000-0000-4000-8000-000000000011}", true);
	link_make("veth7", MAC, NULL, false);
	link_make("legacy", "02:00:00:00:00:02", NULL, true);
	link_make("port", "02:00:00:00:00:03", "{f00f0000-0000-4000-8000-000000000003}", true);
	link_make("ib0", "02:00:00:00:00:04", NULL, true);
	run("ip link add br0 type bridge");
	/* which it may have got before it was in the bridge, and keeps */
	run("ip -6 addr add fe80::99/64 dev port nodad");
	run("ip link set port master br0");
	run("ip link set br0 up");
	file_make("/class/net/br0/address", "02:00:00:00:00:03\n");
	snprintf(path, sizeof(path), "%s/class/net/port/master", root);
	if (symlink("../br0", path))
		tap_ok(false, "the test's link is there");
	run("ip addr add 192.0.2.2/24 dev eth0");
	run("ip addr add 192.0.2.3/25 dev eth0");
	run("ip -6 addr add 2001:db8::2/64 dev eth0 nodad");
	run("ip addr add 192.0.2.9/24 dev vf0");
	run("ip addr add 198.51.100.7/24 dev eth01");
	run("ip addr add 203.0.113.7/24 dev veth7");
	run("ip addr add 203.0.113.3/24 dev br0");
	run("ip addr add 203.0.113.4/24 dev legacy valid_lft 600 preferred_lft 600");
	run("ip route add default via 192.0.2.1 dev eth0 metric 20");
	run("ip route append default via 192.0.2.4 dev eth0 metric 10");
	run("ip route add default via 198.51.100.1 dev eth01 metric 5");
	run("ip route add default via 192.0.2.5 dev eth0 table 7");
	run("ip route add 10.0.0.0/8 via 192.0.2.6 dev eth0");
	run("ip -6 route add default via fe80::1 dev eth0");
	run("ip route add default metric 30 nexthop via 203.0.113.1 dev br0 "
	    "nexthop via 192.0.2.8 dev eth0");
	file_make("/etc/resolv.conf", "nameserver 192.0.2.53\nnameserver 2001:db8::53\n");
}

static struct kvp_net *net_new(const char *exclude, const char *map)
{
	const struct kvp_net_settings settings = {
		.sysfs = root, .root = root, .exclude = exclude, .nic_map = map,
	};
	sd_event *event = NULL;
	struct kvp_net *net;

	sd_event_default(&event);
	net = kvp_net_new(event, &settings);
	sd_event_unref(event);
	return net;
}

/* Without the link-local ones, whose order and number are the kernel's. */
static const char *without_own(const char *list, char *text, size_t room)
{
	char copy[2048], *at, *state;

	snprintf(copy, sizeof(copy), "%s", list);
	text[0] = '\0';
	for (at = strtok_r(copy, ";", &state); at; at = strtok_r(NULL, ";", &state))
		if (strncmp(at, "fe80", 4))
			snprintf(text + strlen(text), room - strlen(text), "%s%s",
				 *text ? ";" : "", at);
	return text;
}

static void test_get(struct kvp_net *net)
{
	struct hvic_user_kvp_ip ip = { .adapter = "02:00:00:00:00:01" };
	char text[512];

	tap_is_int(kvp_nic_get(net, &ip), 0, "the synthetic adapter is found by its MAC address");
	tap_is_str(without_own((char *)ip.addresses, text, sizeof(text)),
		   "192.0.2.2;192.0.2.3;2001:db8::2", "its addresses, not those of its VF");
	/* the link's own address may not be there yet */
	tap_ok(strstr((char *)ip.subnets, "255.255.255.0;255.255.255.128;/64") ==
	       (char *)ip.subnets, "a subnet each");
	tap_is_str((char *)ip.gateways, "192.0.2.4;192.0.2.1;192.0.2.8;fe80::1",
		   "its gateways of the main table, the best first");
	tap_is_str((char *)ip.dns, "192.0.2.53;2001:db8::53", "the machine's servers");
	tap_is_int(ip.dhcp, 0, "no DHCP");
	tap_is_int(ip.family, 3, "both families");

	strcpy((char *)ip.adapter, "02:00:00:00:00:02");
	tap_is_int(kvp_nic_get(net, &ip), 0, "an emulated adapter is found");
	tap_is_int(ip.dhcp, 1, "an address that has an end is from DHCP");
	tap_is_str((char *)ip.gateways, "", "it has no gateway");
	strcpy((char *)ip.adapter, "02:00:00:00:00:03");
	tap_is_int(kvp_nic_get(net, &ip), 0, "an adapter in a bridge is found");
	tap_is_str((char *)ip.gateways, "203.0.113.1", "and told with the bridge's gateway");
	strcpy((char *)ip.adapter, "02:00:00:00:00:99");
	tap_is_int(kvp_nic_get(net, &ip), -ENODEV, "one that is not there is not found");
	memset(ip.adapter, '0', sizeof(ip.adapter));
	tap_is_int(kvp_nic_get(net, &ip), -EINVAL, "a MAC address without an end is refused");
	strcpy((char *)ip.adapter, "02:00:00:00:00:04");
	tap_is_int(kvp_nic_get(net, &ip), 0, "one without addresses is found");
	tap_is_str(without_own((char *)ip.addresses, text, sizeof(text)), "", "and has none");
}

static void test_full(struct kvp_net *net)
{
	struct hvic_user_kvp_ip ip = { .adapter = "02:00:00:00:00:04" };
	size_t addresses = 0, subnets = 0;
	const char *at;
	int i;

	for (i = 1; i <= 70; i++)
		run("ip -6 addr add 2001:db8:1111:2222:3333:4444:5555:%x/64 dev ib0 nodad",
		    0x1000 + i);
	tap_is_int(kvp_nic_get(net, &ip), 0, "more addresses than there is room for");
	for (at = (char *)ip.addresses; *at; at++)
		addresses += *at == ';';
	for (at = (char *)ip.subnets; *at; at++)
		subnets += *at == ';';
	tap_ok(addresses >= 50 && strlen((char *)ip.addresses) < 2048, "as many as fit");
	tap_ok(subnets >= addresses, "and a subnet for each");
	run("ip -6 addr flush dev ib0");
}

static void test_list(struct kvp_net *net)
{
	char list[2048], text[512];

	tap_is_int(kvp_nic_addresses(net, AF_INET, list, sizeof(list)), 0, "all addresses");
	tap_is_str(list, "192.0.2.2;192.0.2.3;198.51.100.7;192.0.2.9;203.0.113.4;203.0.113.3",
		   "of synthetic adapters, of others, of bridges, and none of containers");
	kvp_nic_addresses(net, AF_INET6, list, sizeof(list));
	tap_is_str(without_own(list, text, sizeof(text)), "2001:db8::2", "those of IPv6");
	tap_is_int(kvp_nic_addresses(net, AF_INET, list, 20), 0, "with little room");
	tap_is_str(list, "192.0.2.2;192.0.2.3", "only what fits");
}

static void test_find(struct kvp_net *net)
{
	struct kvp_nic nic;

	tap_is_int(kvp_nic_find_guid(net, &nic, "{F00F0000-0000-4000-8000-000000000001}"), 0,
		   "an adapter is found by its GUID, in either case");
	tap_is_str(nic.name, "eth0", "which is the one");
	tap_is_str(nic.mac, MAC, "with its MAC address");
	tap_is_int(kvp_nic_find_guid(net, &nic, "{f00f0000-0000-4000-8000-000000000003}"), 0,
		   "an adapter in a bridge is found");
	tap_is_str(nic.name, "br0", "as the bridge");
	tap_is_int(kvp_nic_find_guid(net, &nic, ""), -ENODEV, "no GUID is none");
	tap_is_int(kvp_nic_find_guid(net, &nic, "{f00f0000-0000-4000-8000-00000000000"), -ENODEV,
		   "a part of one is none");
	tap_is_int(kvp_nic_find_guid(net, &nic, "{f00f0000-0000-4000-8000-000000000009}"), -ENODEV,
		   "an unknown one is none");
}

static void test_settings(void)
{
	struct kvp_net *net = net_new("eth* veth*", "x {AA}=veth7  {bb}=gone {cc}=" GUID GUID);
	struct hvic_user_kvp_ip ip = { .adapter = "02:00:00:00:00:01" };
	struct kvp_nic nic;

	tap_is_int(kvp_nic_find_guid(net, &nic, "{aa}"), 0, "an adapter is found by the map");
	tap_is_str(nic.name, "veth7", "which is the one that it names");
	tap_is_int(kvp_nic_find_guid(net, &nic, "{bb}"), -ENODEV, "one that is gone is not");
	tap_is_int(kvp_nic_find_guid(net, &nic, "{cc}"), -ENODEV, "too long a name is none");
	tap_is_int(kvp_nic_get(net, &ip), 0, "with the synthetic one excluded");
	tap_is_str((char *)ip.gateways, "", "the next one with that address is it");
	kvp_net_free(net);
}

/* What is on the link when a setting is looked for; and the same, in words. */
static const struct {
	const char *name, *change, *addresses, *subnets, *gateways;
	int dhcp, err;
	const char *why;
} verified[] = {
	{ "what is there", NULL, "192.0.2.2;192.0.2.3;2001:db8::2", "24;25;64",
	  "192.0.2.4;fe80::1", 0, 0, "" },
	{ "an address that is missing", NULL, "192.0.2.2;192.0.2.99", "24;24", "", 0, -EAGAIN,
	  "192.0.2.99 is not there" },
	{ "another prefix", NULL, "192.0.2.2;192.0.2.3;2001:db8::2", "24;24;64", "", 0, -EAGAIN,
	  "192.0.2.3 is not there" },
	{ "an address too many", NULL, "192.0.2.2;2001:db8::2", "24;64", "192.0.2.4", 0, -EAGAIN,
	  "192.0.2.3 is still there" },
	{ "an IPv6 address too many", NULL, "192.0.2.2;192.0.2.3", "24;25", "192.0.2.4", 0, -EAGAIN,
	  "2001:db8::2 is still there" },
	{ "another gateway", NULL, "192.0.2.2;192.0.2.3;2001:db8::2", "24;25;64", "192.0.2.1", 0,
	  -EAGAIN, "192.0.2.1 is not where the default route leads" },
	{ "a gateway too many", NULL, "192.0.2.2;192.0.2.3;2001:db8::2", "24;25;64", "", 0, -EAGAIN,
	  "192.0.2.4 is still where a default route leads" },
	{ "no lease", NULL, "2001:db8::2", "64", "", 1, -EAGAIN,
	  "no DHCP server has given an address" },
	{ "a lease", "ip addr add 192.0.2.100/24 dev eth0 valid_lft 60 preferred_lft 60",
	  "2001:db8::2", "64", "", 1, 0, "" },
	{ "a leased address as a static one", NULL, "192.0.2.2;192.0.2.3;192.0.2.100", "24;25;24",
	  "192.0.2.4", 0, -EAGAIN, "192.0.2.100 is there as a leased address" },
	{ "a leased address too many", NULL, "192.0.2.2;192.0.2.3;2001:db8::2", "24;25;64",
	  "192.0.2.4", 0, -EAGAIN, "192.0.2.100 is still there" },
	{ "IPv6 from a router",
	  "ip -6 addr change 2001:db8::2/64 dev eth0 valid_lft 60 preferred_lft 60",
	  "", "", "", 1, 0, "" },
};

static void test_verify(void)
{
	struct kvp_setting setting;
	struct kvp_link link;
	char why[256];
	size_t i;
	int err;

	for (i = 0; i < NR(verified); i++) {
		struct hvic_user_kvp_ip ip = { .dhcp = (__u8)verified[i].dhcp };

		if (verified[i].change)
			run("%s", verified[i].change);
		strcpy((char *)ip.addresses, verified[i].addresses);
		strcpy((char *)ip.subnets, verified[i].subnets);
		strcpy((char *)ip.gateways, verified[i].gateways);
		err = kvp_setting_parse(&setting, &ip, why, sizeof(why)) ?:
		      kvp_link_read(&link, (int)if_nametoindex("eth0"));
		tap_is_int(err, 0, "%s: can be asked for", verified[i].name);
		why[0] = '\0';
		err = kvp_link_verify(&link, &setting, false, why, sizeof(why));
		tap_is_int(err, verified[i].err, "%s: the answer", verified[i].name);
		tap_is_str(why, verified[i].why, "%s: in words", verified[i].name);
	}
	tap_is_int(kvp_link_read(&link, 9999), -ENODEV, "a link that is not there is not read");
}

static void on_change(void *event)
{
	sd_event_exit(event, 7);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)usec;
	(void)userdata;
	return sd_event_exit(sd_event_source_get_event(source), 1);
}

static void test_watch(void)
{
	struct kvp_link_watch *watch = NULL;
	sd_event_source *timer = NULL;
	sd_event *event = NULL;

	sd_event_new(&event);
	tap_is_int(kvp_link_watch_new(&watch, event, on_change, event), 0, "links can be watched");
	sd_event_add_time_relative(event, &timer, CLOCK_MONOTONIC, 10000000, 0, on_time, NULL);
	run("ip addr add 192.0.2.77/24 dev eth0");
	tap_is_int(sd_event_loop(event), 7, "an address that comes is noticed");
	kvp_link_watch_free(watch);
	sd_event_source_unref(timer);
	sd_event_unref(event);
}

int main(void)
{
	struct kvp_net *net;

	hvd_log_open("kvp_nic_test", true, false);
	if (!namespace_enter("adapters"))
		return tap_done();
	strcpy(root, "/tmp/kvp_nic_test.XXXXXX");
	if (!mkdtemp(root))
		return 1;
	links_make();
	net = net_new(NULL, NULL);
	test_get(net);
	test_full(net);
	test_list(net);
	test_find(net);
	kvp_net_free(net);
	test_settings();
	test_verify();
	test_watch();
	run("rm -rf %s", root);
	return tap_done();
}
