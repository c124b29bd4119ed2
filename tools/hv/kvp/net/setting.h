/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host wants an adapter to be set to.
 */
#ifndef KVP_SETTING_H
#define KVP_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include <hv/hvic_user.h>

#include "kvp/net/address.h"

/* Where IPv4 addresses come from.  IPv6 is automatic unless there are addresses. */
enum kvp_method {
	KVP_METHOD_NONE,	/* there are to be none */
	KVP_METHOD_DHCP,
	KVP_METHOD_STATIC,
};

/**
 * struct kvp_setting - what an adapter is to be set to
 * @v4: where its IPv4 addresses come from
 * @addresses: its static addresses
 * @gateways: where its default routes lead, the preferred ones first
 * @dns: its name servers
 */
struct kvp_setting {
	enum kvp_method v4;
	struct kvp_addresses addresses;
	struct kvp_addresses gateways;
	struct kvp_addresses dns;
};

int kvp_setting_parse(struct kvp_setting *setting, const struct hvic_user_kvp_ip *ip,
		      char *why, size_t room);

/* Whether IPv6 addresses are static; if not, the link sees to them itself. */
static inline bool kvp_setting_v6_is_static(const struct kvp_setting *setting)
{
	return kvp_addresses_count(&setting->addresses, AF_INET6);
}

#endif
