/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts that get and set addresses share.
 */
#ifndef KVP_NET_H
#define KVP_NET_H

#include <stdbool.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "kvp/net/address.h"
#include "kvp/net/nic.h"

/* The most seconds that a link may take to become what it was set to. */
#define KVP_NET_VERIFY_MOST	20

struct kvp_job;

/**
 * struct kvp_net - the machine's network
 * @event: the loop
 * @sysfs: where sysfs is
 * @root: what stands before each path
 * @backend: name of the manager to use; "auto" for the one that has the link
 * @exclude: patterns of links that are not reported
 * @journal: where files are written down before they are replaced
 * @nic_map: GUID=INTERFACE, blanks between
 * @verify_seconds: how long a link may take to become what it was set to
 * @units: of systemd's that were made for programs
 * @bus: NULL until it is needed; see kvp_bus_of()
 * @job: the setting that is under way; NULL for none
 */
struct kvp_net {
	sd_event *event;
	char *sysfs;
	char *root;
	char *backend;
	char *exclude;
	char *nic_map;
	char *journal;
	unsigned int verify_seconds;
	unsigned int units;
	sd_bus *bus;
	struct kvp_job *job;
};

int kvp_nic_find_mac(struct kvp_net *net, struct kvp_nic *nic, const char *mac);
int kvp_nic_find_guid(struct kvp_net *net, struct kvp_nic *nic, const char *guid);
bool kvp_net_has(const struct kvp_net *net, const char *path);
int kvp_net_path(const struct kvp_net *net, char *path, size_t room, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int kvp_net_read(const struct kvp_net *net, char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
