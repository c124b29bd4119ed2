/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which virtual machine this is, so that a copy of one notices that it is another.
 */
#ifndef KVP_IDENTITY_H
#define KVP_IDENTITY_H

#include <stdbool.h>

#define KVP_IDENTITY_LEN	64
#define KVP_IDENTITY_FIRMWARE	"/sys/class/dmi/id/product_uuid"

/**
 * struct kvp_identity - the machine that the pools on the disk are of
 * @path: the file that says so
 * @firmware: what the firmware had called it; empty when that is not known
 * @host: what the host had called it, VirtualMachineId; empty when that is not known
 */
struct kvp_identity {
	char path[256];
	char firmware[KVP_IDENTITY_LEN];
	char host[KVP_IDENTITY_LEN];
};

void kvp_identity_parse(struct kvp_identity *identity, const char *text);
int kvp_identity_read(struct kvp_identity *identity, const char *directory);
bool kvp_identity_differs(const char *known, const char *now);
int kvp_identity_keep(struct kvp_identity *identity, const char *firmware, const char *host);

#endif
