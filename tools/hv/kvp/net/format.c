// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the formats of network managers have in common, and resolv.conf(5).
 */
#include <ctype.h>
#include <string.h>

#include "kvp/net/format.h"

/**
 * kvp_format_name_is_plain() - Whether a name means itself in any format.
 * @name: of an interface
 *
 * Return: whether it has only letters, digits, dots, dashes, underscores and colons, and
 * begins with a letter or a digit.
 */
bool kvp_format_name_is_plain(const char *name)
{
	return isalnum((unsigned char)*name) &&
	       !name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._:-")];
}

static bool prefix_covers(const struct kvp_address *address, const struct kvp_address *other)
{
	const uint8_t *a = (const uint8_t *)&address->v4, *b = (const uint8_t *)&other->v4;
	unsigned int whole = address->prefix / 8, bits = address->prefix % 8;

	if (address->family != other->family || memcmp(a, b, whole))
		return false;
	return !bits || !((a[whole] ^ b[whole]) >> (8 - bits));
}

/**
 * kvp_format_gateway_is_on_link() - Whether a gateway is in a subnet of the setting.
 * @setting: with the addresses
 * @gateway: the gateway
 *
 * Where it is not, as with addresses of /32, the kernel has to be told that it is there.
 *
 * Return: whether it is.
 */
bool kvp_format_gateway_is_on_link(const struct kvp_setting *setting,
				   const struct kvp_address *gateway)
{
	const struct kvp_address *address;

	if (gateway->family == AF_INET6 && kvp_address_is_link_local(gateway))
		return true;
	kvp_addresses_each(&setting->addresses, gateway->family, address)
		if (prefix_covers(address, gateway))
			return true;
	return false;
}

/**
 * kvp_format_end_line() - See to it that what comes next is a line of its own.
 * @out: a text of somebody else's, which may lack its last newline, or have a backslash
 *	before it
 */
void kvp_format_end_line(struct hvd_text *out)
{
	if (out->len && out->at[out->len - 1] != '\n')
		hvd_text_add(out, "\n");
	if (out->len > 1 && out->at[out->len - 2] == '\\')
		hvd_text_add(out, "\n");
}

/**
 * kvp_format_servers() - Write addresses in a row.
 * @out: where to
 * @list: the addresses
 * @family: those of which family; AF_UNSPEC for all
 * @between: what stands between two
 */
void kvp_format_servers(struct hvd_text *out, const struct kvp_addresses *list, int family,
			const char *between)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	bool first = true;

	kvp_addresses_each(list, family, address) {
		hvd_text_addf(out, "%s%s", first ? "" : between, kvp_address_text(address, text));
		first = false;
	}
}

/**
 * kvp_format_resolv_conf() - Have a resolv.conf name the setting's servers.
 * @out: the new text: these servers, then all of the old one but its servers
 * @old: the text as it is
 * @setting: whose servers
 */
void kvp_format_resolv_conf(struct hvd_text *out, const char *old,
			    const struct kvp_setting *setting)
{
	const struct kvp_address *server;
	char text[KVP_ADDRESS_LEN];
	size_t len;

	kvp_addresses_each(&setting->dns, AF_UNSPEC, server)
		hvd_text_addf(out, "nameserver %s\n", kvp_address_text(server, text));
	for (; *old; old += len) {
		len = strcspn(old, "\n");
		len += old[len] == '\n';
		if (!strncmp(old, "nameserver", 10) && isspace((unsigned char)old[10]))
			continue;
		hvd_text_addf(out, "%.*s", (int)len, old);
	}
}
