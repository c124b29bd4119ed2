// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that others write: the input is a resolv.conf, and a file of dhclient's. */

#include "fuzz.h"
#include "hvd_text.h"
#include "kvp/net/format.h"
#include "kvp/net/lease.h"
#include "kvp/net/resolver.h"

static void try_resolv_conf(const char *text)
{
	const size_t room = 65536;
	struct kvp_addresses servers = { .count = 0 }, again = { .count = 0 };
	struct kvp_setting setting = { .v4 = KVP_METHOD_STATIC };
	const struct kvp_address *server;
	char *new = malloc(room);
	struct hvd_text out;

	kvp_resolver_parse(&servers, text);
	kvp_addresses_each(&servers, AF_UNSPEC, server)
		CHECK(!kvp_address_is_loopback(server));
	/* what is written is what will be read */
	setting.dns = servers;
	hvd_text_start(&out, new, room);
	kvp_format_resolv_conf(&out, text, &setting);
	CHECK(!out.overflow);
	kvp_resolver_parse(&again, new);
	CHECK(again.count >= servers.count);
	CHECK(!servers.count || kvp_address_same(&again.at[0], &servers.at[0]));
	free(new);
}

static void try_leases(const char *text)
{
	struct kvp_address address = { .family = 77 }, other;
	bool found = kvp_lease_parse(text, "eth0", 0, &address);

	CHECK(found ? address.family == AF_INET || address.family == AF_INET6 :
	      address.family == 77);
	/* what has run out by then had not before */
	CHECK(!kvp_lease_parse(text, "eth0", 1795327200, &other) || found);
}

/**
 * LLVMFuzzerTestOneInput() - Read a file.
 * @data: its bytes
 * @len: how many
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = strndup((const char *)data, len);

	try_resolv_conf(text);
	try_leases(text);
	free(text);
	return 0;
}
