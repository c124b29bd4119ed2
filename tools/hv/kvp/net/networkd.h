/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What systemd-networkd knows of a link.
 */
#ifndef KVP_NETWORKD_H
#define KVP_NETWORKD_H

#include "kvp/net/net.h"

void kvp_networkd_state(const struct kvp_net *net, int index, const char *key, char *value,
			size_t room);

#endif
