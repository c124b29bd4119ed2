// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the system says it is, and what the host is told of it.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_text.h"
#include "kvp/item.h"
#include "kvp/net/nic.h"
#include "kvp/osrelease.h"

static const struct {
	const char *name, *text, *os_name, *version, *pretty;
} releases[] = {
	{ "nothing", "", "", "", "" },
	{ "Debian's", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
	  "VERSION_ID=\"12\"\nID=debian\n", "Debian GNU/Linux", "12",
	  "Debian GNU/Linux 12 (bookworm)" },
	{ "without quotes", "NAME=Fedora\nVERSION_ID=40\n", "Fedora", "40", "" },
	{ "in single quotes", "NAME='Alpine \"Linux\" \\n'\n", "Alpine \"Linux\" \\n", "", "" },
	{ "escapes", "NAME=\"a\\\"b\\\\c\\$d\\`e\\nf\"\n", "a\"b\\c$d`e\\nf", "", "" },
	{ "an escape without quotes", "NAME=a\\ b\n", "a b", "", "" },
	{ "parts", "NAME=a\"b c\"'d'e\n", "ab cde", "", "" },
	{ "comments", "# NAME=no\n #NAME=no\nNAME=yes # behind\n", "yes", "", "" },
	{ "a longer name", "NAMES=no\nMYNAME=no\nNAME=yes\n", "yes", "", "" },
	{ "twice", "NAME=one\nNAME=two\n", "two", "", "" },
	{ "Windows' newlines", "NAME=a\r\nVERSION_ID=1\r\n", "a", "1", "" },
	{ "no newline", "NAME=a", "a", "", "" },
	{ "an open quote", "VERSION_ID=1\nNAME=\"a\n", "", "1", "" },
	{ "an open single quote", "NAME='a\n", "", "", "" },
	{ "a backslash at the end", "NAME=a\\", "a\\", "", "" },
	{ "not UTF-8", "NAME=\"\xff\"\n", "", "", "" },
	{ "UTF-8", "NAME=\"\xc3\x9c-x\"\n", "\xc3\x9c-x", "", "" },
	{ "empty", "NAME=\nVERSION_ID=\"\"\n", "", "", "" },
};

static void test_releases(void)
{
	struct kvp_osrelease os;
	char text[600] = "VERSION_ID=1\nNAME=";
	size_t i;

	for (i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		kvp_osrelease_parse(&os, releases[i].text);
		tap_is_str(os.name, releases[i].os_name, "%s: name", releases[i].name);
		tap_is_str(os.version_id, releases[i].version, "version");
		tap_is_str(os.pretty_name, releases[i].pretty, "pretty name");
	}
	memset(text + strlen(text), 'x', 300);
	kvp_osrelease_parse(&os, text);
	tap_is_str(os.name, "", "what is too long is not told in part");
	tap_is_str(os.version_id, "1", "nor is it in the way");
}

static const struct {
	const char *name, *host, *hosts, *fqdn;
} names[] = {
	{ "no hosts", "vm", "", "vm" },
	{ "a full name", "vm.example.org", "127.0.1.1 other.example.com vm.example.org",
	  "vm.example.org" },
	{ "Debian's way", "vm", "127.0.0.1\tlocalhost\n127.0.1.1\tvm.example.org\tvm\n",
	  "vm.example.org" },
	{ "the alias first", "vm", "10.0.0.1 vm alias vm.example.org\n", "vm.example.org" },
	{ "another case", "vm", "10.0.0.1 VM.example.org VM\n", "VM.example.org" },
	{ "no full name", "vm", "127.0.1.1 vm alias\n", "vm" },
	{ "somebody else's", "vm", "10.0.0.1 vm2.example.org vm2\n", "vm" },
	{ "a comment", "vm", "# 10.0.0.1 vm.example.org vm\n10.0.0.2 a.b vm#c\n", "a.b" },
	{ "no newline", "vm", "10.0.0.1 vm.b vm", "vm.b" },
	{ "blank lines", "vm", "\n\n\t\n10.0.0.1 vm.b vm", "vm.b" },
};

static void test_names(void)
{
	char fqdn[64];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		tap_is_int(kvp_item_fqdn(fqdn, sizeof(fqdn), names[i].host, names[i].hosts), 0,
			   "%s", names[i].name);
		tap_is_str(fqdn, names[i].fqdn, "its name");
	}
	tap_is_int(kvp_item_fqdn(fqdn, 3, "host", ""), -ENOSPC, "a name that does not fit");
}

/* ---- the network, which is another's test ---- */

static int fake_net;

int kvp_nic_addresses(struct kvp_net *net, int family, char *out, size_t room)
{
	if (net != (struct kvp_net *)&fake_net)
		return -EINVAL;
	return hvd_text_copy(out, room, family == AF_INET ? "10.0.0.4;10.0.0.5" : "fe80::1") < 0;
}

static void test_items(void)
{
	static const char *const in_tree[] = {
		"FullyQualifiedDomainName", "IntegrationServicesVersion", "NetworkAddressIPv4",
		"NetworkAddressIPv6", "OSBuildNumber", "OSName", "OSMajorVersion", "OSMinorVersion",
		"OSVersion", "ProcessorArchitecture",
	};
	struct kvp_item_source source = { .module_version = "3.1" };
	struct utsname system;
	char value[2048];
	const char *key;
	uint32_t i, at;

	uname(&system);
	for (i = 0; !kvp_item_value(&source, i, &key, value, sizeof(value)); i++) {
		tap_is_str(key, i < 10 ? in_tree[i] : key, "item %u: %s", i, value);
		tap_ok(!kvp_item_find(key, &at) && at == i, "is found by its name");
		if (!strcmp(key, "OSBuildNumber"))
			tap_is_str(value, system.release, "is uname's");
		if (!strcmp(key, "OSVersion"))
			tap_ok(strspn(value, "0123456789.") == strlen(value),
			       "is numbers and points");
		if (!strcmp(key, "ProcessorArchitecture"))
			tap_is_str(value, system.machine, "is uname's");
		if (!strcmp(key, "IntegrationServicesVersion"))
			tap_is_str(value, "3.1", "is the module's");
		if (!strncmp(key, "NetworkAddress", 14))
			tap_is_str(value, "", "is empty without a network");
	}
	tap_is_int(i, 14, "there are 14");
	tap_is_int(kvp_item_value(&source, UINT32_MAX, &key, value, sizeof(value)), -ENODATA,
		   "far behind the last");
	tap_is_int(kvp_item_find("Nothing", &at), -ENODATA, "one that there is not");
	source.net = (struct kvp_net *)&fake_net;
	tap_ok(!kvp_item_value(&source, 2, &key, value, sizeof(value)), "addresses");
	tap_is_str(value, "10.0.0.4;10.0.0.5", "of version 4");
	tap_ok(!kvp_item_value(&source, 3, &key, value, sizeof(value)), "and");
	tap_is_str(value, "fe80::1", "of version 6");
}

/* Read live: a host that is renamed is told by its new name. */
static void test_live(void)
{
	struct kvp_item_source source = { 0 };
	char before[256], value[256];
	const char *key;

	gethostname(before, sizeof(before));
	if (unshare(CLONE_NEWUTS) || sethostname("renamed.example.org", 19)) {
		tap_skip("a host that is renamed", "needs root");
		return;
	}
	kvp_item_value(&source, 0, &key, value, sizeof(value));
	tap_is_str(value, "renamed.example.org", "a host that is renamed is told so at once");
}

int main(void)
{
	test_releases();
	test_names();
	test_items();
	test_live();
	return tap_done();
}
