/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of a link: its addresses and default routes, by netlink.
 */
#ifndef KVP_LINK_H
#define KVP_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "kvp/net/address.h"
#include "kvp/net/setting.h"

/**
 * struct kvp_link - a link as it is now
 * @carrier: whether there is somebody at the other end
 * @addresses: those that can be used, without loopback ones; global ones come first
 * @leased: those of them that have an end: from DHCP, or of a router's prefix
 * @refused: those that turned out to be another machine's
 * @gateways: of its default routes in the main table, the preferred ones first
 */
struct kvp_link {
	bool carrier;
	struct kvp_addresses addresses;
	struct kvp_addresses leased;
	struct kvp_addresses refused;
	struct kvp_addresses gateways;
};

struct kvp_link_watch;

int kvp_link_read(struct kvp_link *link, int index);
int kvp_link_verify(const struct kvp_link *link, const struct kvp_setting *setting, bool leased,
		    char *why, size_t room);

int kvp_link_watch_new(struct kvp_link_watch **ret, sd_event *event,
		       void (*changed)(void *userdata), void *userdata);
void kvp_link_watch_free(struct kvp_link_watch *watch);

#endif
