// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings as an ifcfg file of Red Hat's network-scripts.
 *
 * Lines of the old file that the setting has no say in stay.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "kvp/net/format.h"

/* Behind which there may be a number. */
static const char *const replaced[] = {
	"BOOTPROTO", "IPADDR", "NETMASK", "PREFIX", "NETWORK", "BROADCAST", "GATEWAY", "DNS",
	"PEERDNS", "DEVICE", "ONBOOT", NULL,
};

/* Only where IPv6 addresses are static: else the link goes on as it did. */
static const char *const replaced_v6[] = {
	"IPV6INIT", "IPV6_AUTOCONF", "DHCPV6C", NULL,
};

/* Always: static addresses that were there are not any more. */
static const char *const removed_v6[] = {
	"IPV6ADDR", "IPV6ADDR_SECONDARIES", "IPV6_DEFAULTGW", NULL,
};

static bool key_is(const char *line, size_t len, const char *key)
{
	size_t at = strlen(key);

	if (len <= at || strncmp(line, key, at))
		return false;
	while (at < len && (isdigit((unsigned char)line[at]) || line[at] == '_'))
		at++;
	return at < len && line[at] == '=';
}

static bool key_is_any(const char *line, size_t len, const char *const keys[])
{
	for (; *keys; keys++)
		if (key_is(line, len, *keys))
			return true;
	return false;
}

static void old_copy(struct hvd_text *out, const char *old, bool v6_static)
{
	const char *line;
	size_t len, blanks;

	for (; *old; old += len) {
		len = strcspn(old, "\n");
		len += old[len] == '\n';
		blanks = strspn(old, " \t");
		line = old + blanks;
		if (key_is_any(line, len - blanks, replaced) ||
		    key_is_any(line, len - blanks, removed_v6) ||
		    (v6_static && key_is_any(line, len - blanks, replaced_v6)))
			continue;
		hvd_text_addf(out, "%.*s", (int)len, old);
	}
	kvp_format_end_line(out);
}

static void v4_write(struct hvd_text *out, const struct kvp_setting *setting)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	unsigned int number = 0;

	kvp_addresses_each(&setting->addresses, AF_INET, address) {
		hvd_text_addf(out, "IPADDR%u=%s\n", number, kvp_address_text(address, text));
		hvd_text_addf(out, "PREFIX%u=%u\n", number++, address->prefix);
	}
	address = kvp_addresses_next(&setting->gateways, AF_INET, NULL);
	if (address)
		hvd_text_addf(out, "GATEWAY=%s\n", kvp_address_text(address, text));
}

static void v6_write(struct hvd_text *out, const struct kvp_setting *setting)
{
	const struct kvp_address *address, *first;
	char text[KVP_ADDRESS_LEN];
	bool more = false;

	first = kvp_addresses_next(&setting->addresses, AF_INET6, NULL);
	if (!first)
		return;
	hvd_text_addf(out, "IPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6ADDR=%s\n",
		      kvp_address_prefixed(first, text));
	for (address = kvp_addresses_next(&setting->addresses, AF_INET6, first); address;
	     address = kvp_addresses_next(&setting->addresses, AF_INET6, address)) {
		hvd_text_addf(out, "%s%s", more ? " " : "IPV6ADDR_SECONDARIES=\"",
			      kvp_address_prefixed(address, text));
		more = true;
	}
	if (more)
		hvd_text_add(out, "\"\n");
	address = kvp_addresses_next(&setting->gateways, AF_INET6, NULL);
	if (address)
		hvd_text_addf(out, "IPV6_DEFAULTGW=%s\n", kvp_address_text(address, text));
}

/**
 * kvp_format_ifcfg() - Write an ifcfg file.
 * @out: the file
 * @old: its text now; empty for none
 * @interface: the interface, whose name must be plain
 * @setting: what it is to be set to; of several gateways of a family only the first is
 */
void kvp_format_ifcfg(struct hvd_text *out, const char *old, const char *interface,
		      const struct kvp_setting *setting)
{
	const struct kvp_address *server;
	char text[KVP_ADDRESS_LEN];
	unsigned int number = 0;

	old_copy(out, old, kvp_setting_v6_is_static(setting));
	hvd_text_addf(out, "DEVICE=%s\nONBOOT=yes\nBOOTPROTO=%s\n", interface,
		      setting->v4 == KVP_METHOD_DHCP ? "dhcp" : "none");
	v4_write(out, setting);
	v6_write(out, setting);
	kvp_addresses_each(&setting->dns, AF_UNSPEC, server)
		hvd_text_addf(out, "DNS%u=%s\n", ++number, kvp_address_text(server, text));
}
