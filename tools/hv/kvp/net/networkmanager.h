/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What NetworkManager knows of a link.
 */
#ifndef KVP_NETWORKMANAGER_H
#define KVP_NETWORKMANAGER_H

#include "kvp/net/net.h"

int kvp_networkmanager_device(struct kvp_net *net, const char *interface, char *path,
			      size_t room);
int kvp_networkmanager_connection(struct kvp_net *net, const char *interface, char *id,
				  size_t room);
void kvp_networkmanager_servers(struct kvp_net *net, const char *interface,
				struct kvp_addresses *servers);
bool kvp_networkmanager_has_dhcp(struct kvp_net *net, const char *interface);

#endif
