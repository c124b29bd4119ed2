// SPDX-License-Identifier: GPL-2.0-or-later
/* os-release, hosts and the file that says which machine it was: the input is each. */

#include "fuzz.h"
#include "hvd_text.h"
#include "kvp/identity.h"
#include "kvp/item.h"
#include "kvp/net/nic.h"
#include "kvp/osrelease.h"

/* Addresses are no part of this. */
int kvp_nic_addresses(struct kvp_net *net, int family, char *out, size_t room)
{
	(void)net;
	(void)family;
	(void)out;
	(void)room;
	return -EINVAL;
}

static void check_text(const char *field, size_t room)
{
	CHECK(hvd_text_len(field, room) >= 0);
}

/**
 * LLVMFuzzerTestOneInput() - Be given files.
 * @data: what is in them
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = strndup((const char *)data, len), fqdn[40] = "";
	struct kvp_identity identity;
	struct kvp_osrelease os;

	kvp_osrelease_parse(&os, text);
	check_text(os.name, sizeof(os.name));
	check_text(os.version_id, sizeof(os.version_id));
	check_text(os.pretty_name, sizeof(os.pretty_name));
	CHECK(hvd_text_units(os.name) >= 0 && hvd_text_units(os.pretty_name) >= 0);
	kvp_identity_parse(&identity, text);
	check_text(identity.firmware, sizeof(identity.firmware));
	check_text(identity.host, sizeof(identity.host));
	CHECK(!strchr(identity.host, '\n'));
	if (!kvp_item_fqdn(fqdn, sizeof(fqdn), "vm", text))
		CHECK(!strcmp(fqdn, "vm") || strchr(fqdn, '.'));
	else
		CHECK(!fqdn[0]);
	free(text);
	return 0;
}
