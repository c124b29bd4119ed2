// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings in the two formats that hv_set_ifconfig is given: those of the in-tree daemon.
 */
#include <stdio.h>

#include "kvp/net/format.h"

/* Keys of addresses are numbered from 0, others from 1, of which the first has no number. */
static void ifcfg_v4(struct hvd_text *out, const struct kvp_setting *setting)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	unsigned int number = 0;

	kvp_addresses_each(&setting->addresses, AF_INET, address) {
		hvd_text_addf(out, "IPADDR%u=%s\n", number, kvp_address_text(address, text));
		hvd_text_addf(out, "NETMASK%u=%s\n", number++, kvp_address_mask(address, text));
	}
	number = 0;
	kvp_addresses_each(&setting->gateways, AF_INET, address) {
		hvd_text_add(out, "GATEWAY");
		if (number++)
			hvd_text_addf(out, "%u", number - 1);
		hvd_text_addf(out, "=%s\n", kvp_address_text(address, text));
	}
}

static void ifcfg_v6(struct hvd_text *out, const struct kvp_setting *setting)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN], behind[8] = "";
	unsigned int number = 0;

	kvp_addresses_each(&setting->addresses, AF_INET6, address) {
		hvd_text_addf(out, "IPV6ADDR%s=%s\n", behind, kvp_address_text(address, text));
		hvd_text_addf(out, "IPV6NETMASK%s=%u\n", behind, address->prefix);
		snprintf(behind, sizeof(behind), "_%u", ++number);
	}
	number = 0;
	behind[0] = '\0';
	kvp_addresses_each(&setting->gateways, AF_INET6, address) {
		hvd_text_addf(out, "IPV6_DEFAULTGW%s=%s\n", behind,
			      kvp_address_text(address, text));
		snprintf(behind, sizeof(behind), "_%u", ++number);
	}
}

/**
 * kvp_format_script_ifcfg() - Write the first file that hv_set_ifconfig is given.
 * @out: the file
 * @interface: the interface, whose name must be plain
 * @mac: its hardware address
 * @setting: what it is to be set to
 */
void kvp_format_script_ifcfg(struct hvd_text *out, const char *interface, const char *mac,
			     const struct kvp_setting *setting)
{
	const struct kvp_address *server;
	char text[KVP_ADDRESS_LEN];
	unsigned int number = 0;

	hvd_text_addf(out, "HWADDR=%s\nDEVICE=%s\nBOOTPROTO=%s\n", mac, interface,
		      setting->v4 == KVP_METHOD_DHCP ? "dhcp" : "none");
	ifcfg_v4(out, setting);
	kvp_addresses_each(&setting->dns, AF_UNSPEC, server)
		hvd_text_addf(out, "DNS%u=%s\n", ++number, kvp_address_text(server, text));
	ifcfg_v6(out, setting);
}

static void keyfile_family(struct hvd_text *out, const struct kvp_setting *setting, int family,
			   const char *method)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	unsigned int number = 0;

	hvd_text_addf(out, "\n[%s]\nmethod=%s\n", family == AF_INET ? "ipv4" : "ipv6", method);
	kvp_addresses_each(&setting->addresses, family, address)
		hvd_text_addf(out, "address%u=%s\n", ++number,
			      kvp_address_prefixed(address, text));
	address = kvp_addresses_next(&setting->gateways, family, NULL);
	if (address)
		hvd_text_addf(out, "gateway=%s\n", kvp_address_text(address, text));
	if (!kvp_addresses_count(&setting->dns, family))
		return;
	hvd_text_add(out, "dns=");
	kvp_format_servers(out, &setting->dns, family, ";");
	hvd_text_add(out, ";\n");
}

/**
 * kvp_format_script_keyfile() - Write the second file that hv_set_ifconfig is given.
 * @out: the file
 * @interface: see kvp_format_script_ifcfg()
 * @mac: see there
 * @setting: see there
 */
void kvp_format_script_keyfile(struct hvd_text *out, const char *interface, const char *mac,
			       const struct kvp_setting *setting)
{
	hvd_text_addf(out, "[connection]\ninterface-name=%s\n\n[ethernet]\nmac-address=%s\n",
		      interface, mac);
	keyfile_family(out, setting, AF_INET, setting->v4 == KVP_METHOD_DHCP ? "auto" :
		       setting->v4 == KVP_METHOD_STATIC ? "manual" : "disabled");
	keyfile_family(out, setting, AF_INET6,
		       kvp_setting_v6_is_static(setting) ? "manual" : "auto");
}
