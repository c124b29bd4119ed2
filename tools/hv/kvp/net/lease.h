/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What DHCP clients leave behind on the disk.
 */
#ifndef KVP_LEASE_H
#define KVP_LEASE_H

#include <stdbool.h>
#include <time.h>

#include "kvp/net/address.h"

bool kvp_lease_parse(const char *text, const char *interface, time_t now,
		     struct kvp_address *address);
bool kvp_lease_exists(const char *root, const char *interface, int index,
		      const struct kvp_addresses *has);

#endif
