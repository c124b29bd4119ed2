/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's network adapters, as hosts ask for them and set them.
 */
#ifndef KVP_NIC_H
#define KVP_NIC_H

#include <net/if.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include <hv/hvic_user.h>

struct kvp_net;

/* A MAC address as text, and as much as any other hardware address may be. */
#define KVP_NIC_MAC_LEN		64

/**
 * struct kvp_net_settings - what an administrator can choose
 * @sysfs: where sysfs is; NULL for /sys
 * @root: what stands before the path of each file that is read or written; NULL for none
 * @backend: name of the network manager to use; NULL or "auto" for the one that has the
 *	link
 * @exclude: blank-separated patterns of links that are never reported; NULL for those of
 *	containers and of virtual machines
 * @nic_map: blank-separated GUID=INTERFACE, which come before sysfs; for tests without a
 *	Hyper-V adapter; NULL for none
 * @verify_seconds: how long a link may take to become what it was set to; 0 for the usual
 *	15, and never more than 20
 */
struct kvp_net_settings {
	const char *sysfs;
	const char *root;
	const char *backend;
	const char *exclude;
	const char *nic_map;
	unsigned int verify_seconds;
};

/**
 * struct kvp_nic - a network adapter
 * @name: of the link that has its addresses: its own, or the bridge or bond it is part of
 * @index: number of that link
 * @mac: its hardware address, as in sysfs
 */
struct kvp_nic {
	char name[IF_NAMESIZE];
	int index;
	char mac[KVP_NIC_MAC_LEN];
};

typedef void (*kvp_nic_done_t)(int err, void *data);

struct kvp_net *kvp_net_new(sd_event *event, const struct kvp_net_settings *settings);
void kvp_net_free(struct kvp_net *net);

int kvp_nic_get(struct kvp_net *net, struct hvic_user_kvp_ip *ip);
int kvp_nic_set(struct kvp_net *net, const struct hvic_user_kvp_ip *ip, kvp_nic_done_t done,
		void *data);
int kvp_nic_addresses(struct kvp_net *net, int family, char *out, size_t room);

#endif
