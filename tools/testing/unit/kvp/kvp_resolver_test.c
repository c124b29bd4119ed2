// SPDX-License-Identifier: GPL-2.0-or-later
/* Name servers of a resolv.conf, and leases of dhclient's file, by tables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "kvp/net/format.h"
#include "kvp/net/lease.h"
#include "kvp/net/resolver.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name, *text, *servers;
} files[] = {
	{ "none", "", "" },
	{ "two", "nameserver 192.0.2.53\nnameserver 2001:db8::53\n", "192.0.2.53 2001:db8::53" },
	{ "without the last newline", "nameserver 192.0.2.53", "192.0.2.53" },
	{ "blanks and tabs", "\t nameserver\t 192.0.2.53 \t\n", "192.0.2.53" },
	{ "with a carriage return", "nameserver 192.0.2.53\r\n", "192.0.2.53" },
	{ "with a zone", "nameserver fe80::1%eth0\n", "fe80::1" },
	{ "one twice", "nameserver 192.0.2.53\nnameserver 192.0.2.53\n", "192.0.2.53" },
	{ "a stub", "nameserver 127.0.0.53\nnameserver ::1\n", "" },
	{ "comments", "# nameserver 192.0.2.1\n;nameserver 192.0.2.2\nnameserver 192.0.2.53 # x\n",
	  "192.0.2.53" },
	{ "other words", "search nameserver 192.0.2.1\nnameservers 192.0.2.2\nnameserver192.0.2.3\n"
	  "nameserver\n192.0.2.4\nnameserver dns.example\n", "" },
	{ "a long word",
	  "nameserver 192.0.2.53.192.0.2.53.192.0.2.53.192.0.2.53.192.0.2.53.1\n", "" },
};

static const char *list_text(const struct kvp_addresses *list, char *text, size_t room)
{
	struct hvd_text out;

	hvd_text_start(&out, text, room);
	kvp_format_servers(&out, list, AF_UNSPEC, " ");
	return text;
}

static void test_resolv_conf(void)
{
	struct kvp_addresses list;
	char text[256];
	size_t i;

	for (i = 0; i < NR(files); i++) {
		list.count = 0;
		kvp_resolver_parse(&list, files[i].text);
		tap_is_str(list_text(&list, text, sizeof(text)), files[i].servers,
			   "resolv.conf: %s", files[i].name);
	}
}

#define NOW	1795327200	/* 2026-11-22 06:00:00 UTC */

static const struct {
	const char *name, *text, *address;	/* or NULL */
} leases[] = {
	{ "none", "", NULL },
	{ "one", "lease {\n  interface \"eth0\";\n  fixed-address 192.0.2.7;\n"
	  "  option domain-name \"a}.example\";\n  option routers 192.0.2.1, 192.0.2.2;\n"
	  "  expire 0 2026/11/22 06:00:01;\n}\n", "192.0.2.7" },
	{ "one that has run out", "lease { interface \"eth0\"; fixed-address 192.0.2.7; "
	  "expire 0 2026/11/22 06:00:00; }", NULL },
	{ "without end", "lease { interface \"eth0\"; fixed-address 192.0.2.7; expire never; }",
	  "192.0.2.7" },
	{ "by seconds", "lease { interface \"eth0\"; fixed-address 192.0.2.7; "
	  "expire epoch 1795327201; # x }\n}", "192.0.2.7" },
	{ "by seconds, run out", "lease { interface \"eth0\"; fixed-address 192.0.2.7; "
	  "expire epoch 1795327199; }", NULL },
	{ "of another", "lease { interface \"eth01\"; fixed-address 192.0.2.7; }", NULL },
	{ "the last of two", "lease { interface \"eth0\"; fixed-address 192.0.2.7; }\n"
	  "lease { interface \"eth1\"; fixed-address 192.0.2.9; }\n"
	  "lease { interface \"eth0\"; fixed-address 192.0.2.8; }\n", "192.0.2.8" },
	{ "the last of two has run out", "lease { interface \"eth0\"; fixed-address 192.0.2.7; }\n"
	  "lease { interface \"eth0\"; fixed-address 192.0.2.8; expire 4 2020/01/02 00:00:00; }",
	  NULL },
	{ "cut in the middle", "lease { interface \"eth0\"; fixed-address 192.0.2.7; }\n"
	  "lease { interface \"eth0\"; fixed-address 192.0.2.8; expi", "192.0.2.7" },
	{ "no address", "lease { interface \"eth0\"; fixed-address host.example; }", NULL },
	{ "quotes in quotes", "lease { interface \"eth0\"; option x \"\\\"; }\"; "
	  "fixed-address 192.0.2.7; }", "192.0.2.7" },
	{ "other things", "default-duid \"\\000\";\nlease6 { interface \"eth0\"; }\n"
	  "lease { interface \"eth0\"; fixed-address 192.0.2.7; }", "192.0.2.7" },
};

static void test_leases(void)
{
	struct kvp_address address;
	char text[KVP_ADDRESS_LEN];
	bool found;
	size_t i;

	for (i = 0; i < NR(leases); i++) {
		found = kvp_lease_parse(leases[i].text, "eth0", NOW, &address);
		tap_is_str(found ? kvp_address_text(&address, text) : NULL, leases[i].address,
			   "lease: %s", leases[i].name);
	}
}

static void file_make(const char *root, const char *path, const char *text)
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

static void test_files(void)
{
	char root[] = "/tmp/kvp_resolver_test.XXXXXX", text[256], command[64];
	struct kvp_addresses list = { .count = 0 }, has = { .count = 0 };
	struct kvp_address address;

	if (!mkdtemp(root)) {
		tap_ok(false, "there is a directory for files");
		return;
	}
	tap_is_int(kvp_resolver_read(&list, root), -ENOENT, "no resolv.conf is an error");
	file_make(root, "/etc/resolv.conf", "nameserver 127.0.0.53\n");
	tap_is_int(kvp_resolver_read(&list, root), 0, "a stub is none");
	file_make(root, "/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.53\n");
	kvp_resolver_read(&list, root);
	tap_is_str(list_text(&list, text, sizeof(text)), "192.0.2.53",
		   "behind a stub are resolved's servers");

	kvp_address_parse(&address, "192.0.2.7");
	file_make(root, "/var/lib/dhcp/dhclient.eth0.leases",
		  "lease { interface \"eth0\"; fixed-address 192.0.2.7; }");
	tap_ok(!kvp_lease_exists(root, "eth0", 7, &has), "a lease of what is gone is none");
	kvp_addresses_add(&has, &address);
	tap_ok(kvp_lease_exists(root, "eth0", 7, &has), "a lease of what is there is one");
	tap_ok(!kvp_lease_exists(root, "eth1", 8, &has), "of another interface it is not");
	file_make(root, "/run/systemd/netif/leases/8", "ADDRESS=192.0.2.8\n");
	tap_ok(kvp_lease_exists(root, "eth1", 8, &has), "networkd's file is one");
	file_make(root, "/run/dhcpcd/eth2-4.pid", "1\n");
	tap_ok(kvp_lease_exists(root, "eth2", 9, &has), "a dhcpcd that runs is one");
	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (system(command))
		tap_diag("%s is left behind", root);
}

int main(void)
{
	test_resolv_conf();
	test_leases();
	test_files();
	return tap_done();
}
