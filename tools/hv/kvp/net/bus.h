/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system's D-Bus, for what network managers know and do.
 */
#ifndef KVP_BUS_H
#define KVP_BUS_H

#include <stdbool.h>

#include "kvp/net/net.h"

/**
 * struct kvp_bus_object - an interface of an object of a service
 * @service: its name on the bus
 * @path: of the object
 * @interface: of the members
 */
struct kvp_bus_object {
	const char *service;
	const char *path;
	const char *interface;
};

sd_bus *kvp_bus_of(struct kvp_net *net);
bool kvp_bus_has(struct kvp_net *net, const char *service);
int kvp_bus_message(struct kvp_net *net, sd_bus_message **ret,
		    const struct kvp_bus_object *object, const char *member);
int kvp_bus_send(struct kvp_net *net, sd_bus_message *message, sd_bus_message **ret);
int kvp_bus_call(struct kvp_net *net, sd_bus_message **ret, const struct kvp_bus_object *object,
		 const char *member, const char *types, ...);
int kvp_bus_property(struct kvp_net *net, sd_bus_message **ret,
		     const struct kvp_bus_object *object, const char *name, const char *type);
int kvp_bus_path_property(struct kvp_net *net, char *path, size_t room,
			  const struct kvp_bus_object *object, const char *name);
void kvp_bus_resolved_servers(struct kvp_net *net, int index, struct kvp_addresses *servers);

#endif
