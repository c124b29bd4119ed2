// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What NetworkManager knows of a link.
 */
#include <errno.h>
#include <string.h>

#include "hvd_text.h"
#include "kvp/net/bus.h"
#include "kvp/net/networkmanager.h"

#define NM		"org.freedesktop.NetworkManager"
#define NM_PATH		"/org/freedesktop/NetworkManager"

/**
 * kvp_networkmanager_device() - Find a link.
 * @net: whose bus
 * @interface: the link's name
 * @path: of its object
 * @room: bytes at @path
 *
 * Return: 0; a negative errno of kvp_bus_send(), also when NetworkManager does not run or
 * does not know the link.
 */
int kvp_networkmanager_device(struct kvp_net *net, const char *interface, char *path, size_t room)
{
	static const struct kvp_bus_object manager = { NM, NM_PATH, NM };
	sd_bus_message *reply = NULL;
	const char *device;
	int err;

	err = kvp_bus_call(net, &reply, &manager, "GetDeviceByIpIface", "s", interface);
	if (err < 0)
		return err;
	err = sd_bus_message_read(reply, "o", &device);
	if (err > 0)
		err = hvd_text_copy(path, room, device);
	sd_bus_message_unref(reply);
	return err < 0 ? err : 0;
}

/**
 * kvp_networkmanager_connection() - Ask for the name of the connection that a link has.
 * @net: whose bus
 * @interface: the link's name
 * @id: the connection's name
 * @room: bytes at @id
 *
 * Return: 0; a negative errno of kvp_bus_send(); -ENOENT when it has none.
 */
int kvp_networkmanager_connection(struct kvp_net *net, const char *interface, char *id,
				  size_t room)
{
	struct kvp_bus_object device = { .service = NM, .interface = NM ".Device" };
	struct kvp_bus_object active = { .service = NM, .interface = NM ".Connection.Active" };
	char path[128], active_path[128];
	sd_bus_message *reply = NULL;
	const char *name;
	int err;

	device.path = path;
	active.path = active_path;
	err = kvp_networkmanager_device(net, interface, path, sizeof(path)) ?:
	      kvp_bus_path_property(net, active_path, sizeof(active_path), &device,
				    "ActiveConnection") ?:
	      kvp_bus_property(net, &reply, &active, "Id", "s");
	if (err)
		return err;
	err = sd_bus_message_read(reply, "s", &name);
	if (err > 0)
		err = hvd_text_copy(id, room, name);
	sd_bus_message_unref(reply);
	return err < 0 ? err : 0;
}

/* The texts of an "as" that are addresses. */
static int names_read(sd_bus_message *reply, struct kvp_addresses *servers)
{
	struct kvp_address address;
	const char *text;
	int err;

	err = sd_bus_message_enter_container(reply, 'a', "s");
	while (err >= 0 && (err = sd_bus_message_read(reply, "s", &text)) > 0)
		if (!kvp_address_parse(&address, text) && !kvp_address_is_loopback(&address))
			kvp_addresses_add(servers, &address);
	return err < 0 ? err : sd_bus_message_exit_container(reply);
}

/* One "{sv}": of which interface it is, or its servers. */
static int entry_read(sd_bus_message *reply, const char *interface, bool *ours,
		      struct kvp_addresses *servers)
{
	const char *key, *name;
	int err;

	err = sd_bus_message_read(reply, "s", &key);
	if (err < 0)
		return err;
	if (!strcmp(key, "interface")) {
		err = sd_bus_message_read(reply, "v", "s", &name);
		*ours = err > 0 && !strcmp(name, interface);
		return err;
	}
	if (strcmp(key, "nameservers"))
		return sd_bus_message_skip(reply, "v");
	err = sd_bus_message_enter_container(reply, 'v', "as");
	if (err >= 0)
		err = names_read(reply, servers);
	return err < 0 ? err : sd_bus_message_exit_container(reply);
}

/* One "a{sv}", whose servers count if it is of the interface. */
static int configuration_read(sd_bus_message *reply, const char *interface,
			      struct kvp_addresses *servers)
{
	struct kvp_addresses found = { .count = 0 };
	const struct kvp_address *server;
	bool ours = false;
	int err, more;

	more = sd_bus_message_enter_container(reply, 'a', "{sv}");
	if (more <= 0)
		return more;
	while ((err = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
		err = entry_read(reply, interface, &ours, &found);
		if (err < 0 || sd_bus_message_exit_container(reply) < 0)
			return -EBADMSG;
	}
	if (ours)
		kvp_addresses_each(&found, AF_UNSPEC, server)
			kvp_addresses_add(servers, server);
	return err < 0 ? err : sd_bus_message_exit_container(reply);
}

/**
 * kvp_networkmanager_servers() - Ask for the name servers of a link.
 * @net: whose bus
 * @interface: the link's name
 * @servers: to which they are added
 */
void kvp_networkmanager_servers(struct kvp_net *net, const char *interface,
				struct kvp_addresses *servers)
{
	static const struct kvp_bus_object manager = {
		NM, NM_PATH "/DnsManager", NM ".DnsManager",
	};
	sd_bus_message *reply = NULL;

	if (kvp_bus_property(net, &reply, &manager, "Configuration", "aa{sv}") < 0)
		return;
	if (sd_bus_message_enter_container(reply, 'a', "a{sv}") > 0)
		while (configuration_read(reply, interface, servers) > 0)
			;
	sd_bus_message_unref(reply);
}

/**
 * kvp_networkmanager_has_dhcp() - Ask whether a link has its IPv4 addresses from DHCP.
 * @net: whose bus
 * @interface: the link's name
 *
 * Return: whether it has a DHCP client that has, or had, an answer.
 */
bool kvp_networkmanager_has_dhcp(struct kvp_net *net, const char *interface)
{
	struct kvp_bus_object device = { .service = NM, .interface = NM ".Device" };
	char path[128], config[128];

	if (kvp_networkmanager_device(net, interface, path, sizeof(path)))
		return false;
	device.path = path;
	return !kvp_bus_path_property(net, config, sizeof(config), &device, "Dhcp4Config");
}
