// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host sets a real link through a real network manager, in a Debian with systemd: by
 * our module and our daemon, under its own unit.  A group for each manager, all with the
 * same tests.
 *
 * The link is one end of a pair whose other end has a namespace of its own, a router and
 * a DHCP server; nic_map= has the daemon take it for an adapter.  The file managers.sh,
 * which the guest has, knows what each manager is like.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/hvic_wire.h>

#include "e2e.h"

#define UNIT	"hv-kvp-daemon"
#define GUID	"{f00f0000-0000-4000-8000-000000000001}"
#define MAC	"00:15:5d:01:02:03"
#define LINK	"hv0"
/* For a daemon, or a manager, to begin. */
#define BEGIN_MS	60000
#define WORDS_MAX	16

static const char *group;

/* ---- what the guest has ---- */

/* A function of managers.sh, or several. */
#define MANAGER(commands) \
	"manager=%s link=" LINK "; . /usr/libexec/managers.sh; " commands, group + strlen("net-")

/* Which answers an address request at once, so that tests need not wait for it. */
static bool link_begin(void)
{
	e2e_guest("set -e; ip netns add far; "
		  "ip link add " LINK " address " MAC " type veth peer name far netns far; "
		  "ip -n far address add 203.0.113.1/24 dev far; "
		  "ip -n far address add 203.0.113.2/24 dev far; "
		  "ip -n far address add 2001:db8:1::1/64 dev far nodad; "
		  "ip -n far link set lo up; ip -n far link set far up; "
		  "ip netns exec far dnsmasq --conf-file=/dev/null --port=0 --interface=far "
		  "--bind-interfaces --dhcp-authoritative --no-ping --user=root "
		  "--dhcp-range=203.0.113.100,static,10m --dhcp-host=" MAC ",203.0.113.100 "
		  "--dhcp-option=3,203.0.113.1 --dhcp-option=6,203.0.113.53 "
		  "--dhcp-leasefile=/run/far.leases --pid-file=/run/far.pid 2>&1");
	return !e2e_guest_status();
}

static bool daemon_begin(void)
{
	e2e_guest("mkdir -p /etc/hyperv-ics.conf.d; "
		  "printf '[network]\\nnic_map = " GUID "=" LINK "\\nverify_seconds = 20\\n' "
		  ">/etc/hyperv-ics.conf.d/net.conf; systemctl restart " UNIT);
	return e2e_wait_state("kvp", "ready", BEGIN_MS);
}

/* What there is on the disk, to see that it is as it was. */
static void files_keep(char *text, size_t room)
{
	snprintf(text, room, "%s", e2e_guest(MANAGER("state")));
}

/* ---- what the host does ---- */

/* Returns the name of the status, valid until the next call, or why there is none. */
static const char *set(const char *arguments)
{
	long long before = e2e_now_ns();
	struct json_object *ret = e2e_call("kvp-set-ip", "{\"adapter\":\"" GUID "\",%s}",
					   arguments);
	static char status[256];

	snprintf(status, sizeof(status), "%s", ret ? e2e_string(ret, "status-name") :
		 e2e_error());
	json_object_put(ret);
	e2e_note("  %s: %s after %lld ms", arguments, status,
		 (e2e_now_ns() - before) / 1000000);
	return status;
}

static int word_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The texts of a list, or its addresses with their prefixes, in order; none of a link's own. */
static void list_write(char *text, size_t room, struct json_object *list)
{
	char words[WORDS_MAX][64];
	size_t count = 0, len = 0, i;

	for (i = 0; list && i < json_object_array_length(list) && count < WORDS_MAX; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (json_object_is_type(item, json_type_string))
			snprintf(words[count], sizeof(words[0]), "%s",
				 json_object_get_string(item));
		else
			snprintf(words[count], sizeof(words[0]), "%s/%lld",
				 e2e_string(item, "address"), e2e_number(item, "prefix"));
		count += !!strncmp(words[count], "fe80:", 5);
	}
	qsort(words, count, sizeof(words[0]), word_compare);
	text[0] = '\0';
	for (i = 0; i < count && len < room; i++)
		len += (size_t)snprintf(text + len, room - len, "%s%s", i ? " " : "", words[i]);
}

/*
 * What the host is told of the link, in a line: addresses, gateways, servers, and how it
 * comes by them.  Valid until the next call.
 */
static const char *told(void)
{
	struct json_object *ret = e2e_call("kvp-get-ip", "{\"mac\":\"" MAC "\"}");
	char addresses[512], gateways[256], servers[256];
	static char line[1088];

	list_write(addresses, sizeof(addresses), e2e_get(ret, "addresses"));
	list_write(gateways, sizeof(gateways), e2e_get(ret, "gateways"));
	list_write(servers, sizeof(servers), e2e_get(ret, "dns"));
	if (!ret || e2e_number(ret, "status"))
		snprintf(line, sizeof(line), "%s", ret ? e2e_string(ret, "status-name") :
			 e2e_error());
	else
		snprintf(line, sizeof(line), "%s | %s | %s | %s", addresses, gateways, servers,
			 json_object_get_boolean(e2e_get(ret, "dhcp")) ? "DHCP" : "static");
	json_object_put(ret);
	return line;
}

/* The same without the daemon, as far as the kernel knows. */
static const char *linked(void)
{
	return e2e_guest("a=$(ip -o address show dev " LINK " scope global | awk '{ print $4 }' | "
			 "LC_ALL=C sort | paste -sd' '); g=$({ ip route show default dev " LINK "; "
			 "ip -6 route show default dev " LINK "; } | "
			 "sed -n 's/.* via \\([^ ]*\\).*/\\1/p' | LC_ALL=C sort -u | "
			 "paste -sd' '); echo \"$a | $g\"");
}

static bool fits(const char *pattern, const char *line)
{
	return !fnmatch(pattern, line, 0);
}

/* Managers take their time when nobody waits for them. */
static bool wait_told(const char *pattern)
{
	int waited;

	for (waited = 0; waited < BEGIN_MS; waited += 500) {
		if (fits(pattern, told()))
			return true;
		e2e_sleep_ms(500);
	}
	return false;
}

static void note_lines(const char *text)
{
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		e2e_note("    %.*s", (int)len, text);
	}
}

/* What there is to see when something is not as it should be. */
static void note_guest(void)
{
	note_lines(e2e_guest("journalctl -b -n 25 -o cat -u " UNIT " -u 'hv-kvp-network*' "
			     "-u 'systemd-networkd*' -u 'NetworkManager*' | cut -c1-200; "
			     "ip address show " LINK "; ip route; grep -v '^#' /etc/resolv.conf"));
}

static void expect(bool pass, const char *what, const char *name)
{
	if (!e2e_ok(pass, "%s: %s: %s", group, name, what))
		note_guest();
}

/* ---- the tests ---- */

/**
 * struct setting - what the host sets
 * @name: for people
 * @arguments: of kvp-set-ip
 * @told: a pattern of what told() is then
 */
struct setting {
	const char *name;
	const char *arguments;
	const char *told;
};

#define GATEWAYS	"\"gateways\":[\"203.0.113.1\"],"
#define LEASED		"203.0.113.100/24 | 203.0.113.1 | 203.0.113.53 | DHCP"

/* No more addresses than a slow guest's ifup can set in the time that the host waits. */
static const struct setting settings[] = {
	{
		"static",
		"\"addresses\":[\"203.0.113.20/24\"]," GATEWAYS
		"\"dns\":[\"203.0.113.53\",\"203.0.113.54\"]",
		"203.0.113.20/24 | 203.0.113.1 | 203.0.113.53 203.0.113.54 | static",
	}, {
		"several addresses",
		"\"addresses\":[\"203.0.113.21/24\",\"203.0.113.23/25\"]," GATEWAYS
		"\"dns\":[\"203.0.113.55\"]",
		"203.0.113.21/24 203.0.113.23/25 | 203.0.113.1 | 203.0.113.55 | static",
	}, {
		"IPv6 with DHCP",
		"\"addresses\":[\"2001:db8:1::26/64\"],\"gateways\":[\"2001:db8:1::1\"],"
		"\"dns\":[\"2001:db8:1::53\"],\"dhcp\":true",
		"2001:db8:1::26/64 203.0.113.100/24 | 2001:db8:1::1 203.0.113.1 | *203.0.113.53* | "
		"DHCP",
	}, {
		"IPv6 alone",
		"\"addresses\":[\"2001:db8:1::25/64\",\"2001:db8:1::27/64\"],"
		"\"gateways\":[\"2001:db8:1::1\"],\"dns\":[\"2001:db8:1::53\"]",
		"2001:db8:1::25/64 2001:db8:1::27/64 | 2001:db8:1::1 | 2001:db8:1::53 | static",
	}, {
		"back to DHCP", "\"dhcp\":true", LEASED,
	}, {
		"both families",
		"\"addresses\":[\"203.0.113.24/24\",\"2001:db8:1::24/64\"],"
		"\"gateways\":[\"203.0.113.1\",\"2001:db8:1::1\"],"
		"\"dns\":[\"203.0.113.53\",\"2001:db8:1::53\"]",
		"2001:db8:1::24/64 203.0.113.24/24 | 2001:db8:1::1 203.0.113.1 | "
		"2001:db8:1::53 203.0.113.53 | static",
	},
};

static void test_setting(const struct setting *setting)
{
	const char *line, *kernel;

	expect(!strcmp(set(setting->arguments), "ok"), "the host sets it", setting->name);
	line = told();
	expect(fits(setting->told, line), "and is told of it", setting->name);
	if (!fits(setting->told, line))
		e2e_note("  told \"%s\", want \"%s\"", line, setting->told);
	kernel = linked();
	expect(*kernel && !strncmp(line, kernel, strlen(kernel)), "the link has just that",
	       setting->name);
	if (strncmp(line, kernel, strlen(kernel)))
		e2e_note("  the kernel has \"%s\"", kernel);
}

/* Refused, with all as it was. */
static void test_failure(const char *name, const char *arguments, const char *status)
{
	char files[4096], after[4096], line[1088];

	files_keep(files, sizeof(files));
	snprintf(line, sizeof(line), "%s", told());
	expect(fits(status, set(arguments)), "the host hears of it", name);
	/* which may be before a slow manager is done with it */
	expect(wait_told(line), "the link has what it had", name);
	files_keep(after, sizeof(after));
	expect(*files && !strcmp(files, after), "files are as they were", name);
}

/* Texts are sent up to version 4.0 only. */
static void test_texts(void)
{
	static const struct { const char *name, *arguments; } wrong[] = {
		{ "no address", "\"addresses-text\":\"203.0.113.300\",\"subnets-text\":\"24\"" },
		{ "no mask",
		  "\"addresses-text\":\"203.0.113.30\",\"subnets-text\":\"255.0.255.0\"" },
		{ "more than an address",
		  "\"addresses-text\":\"203.0.113.30\\\"; reboot; \\\"\",\"subnets-text\":\"24\"" },
		{ "no server",
		  "\"addresses-text\":\"203.0.113.30\",\"subnets-text\":\"24\","
		  "\"dns-text\":\"a.example\"" },
	};
	const struct setting text = {
		"as text", "\"addresses\":[\"203.0.113.28/24\",\"2001:db8:1::28/64\"]," GATEWAYS
		"\"dns\":[\"203.0.113.53\"]",
		"2001:db8:1::28/64 203.0.113.28/24 | 203.0.113.1 | 203.0.113.53 | static",
	};
	size_t i;

	expect(e2e_agree("kvp", HVIC_VERSION(3, 0), HVIC_VERSION(4, 0)), "agreed on",
	       "version 4.0");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		test_failure(wrong[i].name, wrong[i].arguments, "invalid-argument");
	test_setting(&text);
	expect(e2e_agree("kvp", HVIC_VERSION(3, 0), HVIC_VERSION(5, 0)), "agreed on",
	       "version 5.0");
}

static void test_restart(void)
{
	char line[1088];

	snprintf(line, sizeof(line), "%s", told());
	e2e_guest(MANAGER("manager_restart 2>&1"));
	expect(wait_told(line), "the link has what was set", "the manager restarted");
}

/* Each way that a manager has of not doing what it is told. */
static void test_refusals(void)
{
	static const char other[] =
		"\"addresses\":[\"203.0.113.40/24\"]," GATEWAYS "\"dhcp\":false";

	e2e_guest(MANAGER("${manager}_refuse"));
	test_failure("a manager that refuses", other, "fail");
	e2e_guest(MANAGER("${manager}_allow"));

	/* which has mounts of its own: see above */
	if (strcmp(group, "net-networkmanager")) {
		e2e_guest(MANAGER("directory_seal"));
		test_failure("nowhere to write", other, "fail");
		e2e_guest(MANAGER("directory_open"));
	}
	test_failure("an address that another has",
		     "\"addresses\":[\"203.0.113.31/24\",\"2001:db8:1::1/64\"]", "fail");
}

/* The link has what it had, but nobody is there to be told. */
static void test_stopped(void)
{
	/* of the others, netplan starts networkd itself, and ifupdown is no daemon */
	if (strcmp(group, "net-networkd") && strcmp(group, "net-networkmanager"))
		return;
	e2e_guest(MANAGER("manager_stop 2>&1"));
	/* "fail" where it has left a note that the link is its own, else "not-supported" */
	test_failure("a manager that does not run", "\"addresses\":[\"203.0.113.41/24\"]", "[fn]*");
	e2e_guest(MANAGER("systemctl start $(units) 2>&1"));
}

static void test_forgotten(void)
{
	static const struct setting anew = {
		"a link that nobody has set up",
		"\"addresses\":[\"203.0.113.50/24\"]," GATEWAYS "\"dns\":[\"203.0.113.53\"]",
		"203.0.113.50/24 | 203.0.113.1 | 203.0.113.53 | static",
	};

	e2e_guest(MANAGER("${manager}_forget 2>&1"));
	expect(wait_told(" |*"), "it is bare", anew.name);
	test_setting(&anew);
}

/* Up to a manager that has the link. */
static bool test_begin(void)
{
	const char *said[2];
	bool begun;

	if (!e2e_ok(link_begin(), "%s: there is a link", group) ||
	    !e2e_ok(daemon_begin(), "%s: the daemon begins", group)) {
		note_guest();
		return false;
	}
	e2e_is_str(e2e_guest("sed -n 's/^CapBnd:\t0*//p' /proc/$(pidof hv_kvp_daemon)/status"), "1",
		   "%s: it may do nothing but change owners", group);
	said[0] = e2e_guest(MANAGER("manager_start 2>&1"));
	said[1] = e2e_guest(MANAGER("${manager}_begin 2>&1"));
	begun = wait_told(LEASED);
	expect(begun, "by DHCP", "to begin with");
	if (!begun) {
		note_lines(said[0]);
		note_lines(said[1]);
	}
	return begun;
}

static void run_as(const char *name)
{
	size_t i;

	group = name;
	e2e_quiet();
	if (!test_begin())
		return;
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		test_setting(&settings[i]);
	e2e_is_str(e2e_guest("journalctl -b -o cat -u " UNIT " | "
			     "sed -n 's/.*: set by \\([^ ]*\\) as the.*/\\1/p' | sort -u"),
		   group + strlen("net-"), "%s: it is that manager that has set it", group);
	test_restart();
	e2e_is_str(e2e_guest("cat /sys/class/net/" LINK "/mtu; ip route show 198.51.100.0/24 | "
			     "cut -d' ' -f1-3"), "1400\n198.51.100.0/24 via 203.0.113.2",
		   "%s: all else of the link is as it was", group);
	test_texts();
	test_refusals();
	test_stopped();
	test_forgotten();
	e2e_is_str(e2e_anomaly(), "", "%s: the host has seen nothing odd", group);
	e2e_is_str(e2e_complaints(), "", "%s: the kernel has no complaint", group);
}

static void run_networkd(void)
{
	run_as("net-networkd");
}

static void run_networkmanager(void)
{
	run_as("net-networkmanager");
}

static void run_netplan(void)
{
	run_as("net-netplan");
}

static void run_ifupdown(void)
{
	run_as("net-ifupdown");
}

const struct e2e_group e2e_net_networkd = { "net-networkd", run_networkd };
const struct e2e_group e2e_net_networkmanager = { "net-networkmanager", run_networkmanager };
const struct e2e_group e2e_net_netplan = { "net-netplan", run_netplan };
const struct e2e_group e2e_net_ifupdown = { "net-ifupdown", run_ifupdown };
