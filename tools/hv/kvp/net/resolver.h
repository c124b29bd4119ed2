/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The name servers of a NIC.
 */
#ifndef KVP_RESOLVER_H
#define KVP_RESOLVER_H

#include <stddef.h>

#include "kvp/net/address.h"

void kvp_resolver_parse(struct kvp_addresses *servers, const char *text);
int kvp_resolver_read(struct kvp_addresses *servers, const char *root);

#endif
