/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings in the formats of network managers: from a text, and what was there before it,
 * to a text.  Nothing else is read or written.
 */
#ifndef KVP_FORMAT_H
#define KVP_FORMAT_H

#include <stdbool.h>

#include "hvd_text.h"
#include "kvp/net/setting.h"

bool kvp_format_name_is_plain(const char *name);
bool kvp_format_gateway_is_on_link(const struct kvp_setting *setting,
				   const struct kvp_address *gateway);
void kvp_format_end_line(struct hvd_text *out);
void kvp_format_servers(struct hvd_text *out, const struct kvp_addresses *list, int family,
			const char *between);

void kvp_format_networkd(struct hvd_text *out, const char *old, const char *interface,
			 const struct kvp_setting *setting);
void kvp_format_ifupdown(struct hvd_text *out, const char *old, const char *interface,
			 const struct kvp_setting *setting);
bool kvp_format_ifupdown_has(const char *text, const char *interface);
void kvp_format_ifcfg(struct hvd_text *out, const char *old, const char *interface,
		      const struct kvp_setting *setting);
void kvp_format_netplan(struct hvd_text *out, const struct kvp_setting *setting,
			const char *routes);
void kvp_format_netplan_routes(struct hvd_text *out, const char *yaml, const char *id);
int kvp_format_netplan_kind(const char *yaml, const char *id, char *kind, size_t room);
void kvp_format_script_ifcfg(struct hvd_text *out, const char *interface, const char *mac,
			     const struct kvp_setting *setting);
void kvp_format_script_keyfile(struct hvd_text *out, const char *interface, const char *mac,
			       const struct kvp_setting *setting);
void kvp_format_resolv_conf(struct hvd_text *out, const char *old,
			    const struct kvp_setting *setting);

#endif
