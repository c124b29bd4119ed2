// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system's D-Bus, for what network managers know and do.
 *
 * The connection is made when it is first needed and kept, for making it costs more than
 * using it; nothing is subscribed to, so that it does not wake anybody.  What waits here
 * does so for short, since managers only take a note of what they are told.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/net/bus.h"

/* A host that asks waits for some seconds; one that sets, for half a minute. */
#define BUS_ASK_USEC	(1 * 1000000ULL)
#define BUS_SET_USEC	(8 * 1000000ULL)

/**
 * kvp_bus_of() - The connection, made if it is not there.
 * @net: whose
 *
 * Return: the connection; NULL when there is no bus.
 */
sd_bus *kvp_bus_of(struct kvp_net *net)
{
	int err;

	if (net->bus && sd_bus_is_open(net->bus) > 0)
		return net->bus;
	net->bus = sd_bus_close_unref(net->bus);
	err = sd_bus_open_system(&net->bus);
	if (err >= 0)
		err = sd_bus_attach_event(net->bus, net->event, 0);
	if (err < 0) {
		sd_bus_close_unref(net->bus);
		net->bus = NULL;
		hvd_debug("there is no system bus: %s", strerror(-err));
	}
	return net->bus;
}

/**
 * kvp_bus_message() - Begin a call.
 * @net: whose bus
 * @ret: the message, to which its arguments are to be appended
 * @object: what is called
 * @member: its method
 *
 * Nothing is started by it that is not running.
 *
 * Return: 0; a negative errno of sd-bus, -ENOTCONN without a bus.
 */
int kvp_bus_message(struct kvp_net *net, sd_bus_message **ret,
		    const struct kvp_bus_object *object, const char *member)
{
	sd_bus *bus = kvp_bus_of(net);
	int err;

	if (!bus)
		return -ENOTCONN;
	err = sd_bus_message_new_method_call(bus, ret, object->service, object->path,
					     object->interface, member);
	if (err < 0)
		return err;
	sd_bus_message_set_auto_start(*ret, false);
	return 0;
}

/**
 * kvp_bus_send() - Make a call, and wait for its answer.
 * @net: whose bus
 * @message: the call, which is consumed
 * @ret: the answer; NULL when only the outcome matters
 *
 * What a service has to say on a failure is logged for those who look for it.
 *
 * Return: 0; a negative errno of sd-bus, of what the service answered, or -ETIMEDOUT.
 */
int kvp_bus_send(struct kvp_net *net, sd_bus_message *message, sd_bus_message **ret)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	int err;

	err = sd_bus_call(net->bus, message, net->job ? BUS_SET_USEC : BUS_ASK_USEC, &error,
			  &reply);
	if (err < 0)
		hvd_debug("%s.%s: %s", sd_bus_message_get_interface(message),
			  sd_bus_message_get_member(message),
			  error.message ?: strerror(-err));
	sd_bus_error_free(&error);
	sd_bus_message_unref(message);
	if (err < 0)
		return err;
	if (ret)
		*ret = reply;
	else
		sd_bus_message_unref(reply);
	return 0;
}

/**
 * kvp_bus_call() - Call a method with simple arguments.
 * @net: whose bus
 * @ret: see kvp_bus_send()
 * @object: what is called
 * @member: its method
 * @types: of the arguments, as of sd_bus_message_append(); NULL for none
 *
 * Return: see kvp_bus_send().
 */
int kvp_bus_call(struct kvp_net *net, sd_bus_message **ret, const struct kvp_bus_object *object,
		 const char *member, const char *types, ...)
{
	sd_bus_message *message = NULL;
	va_list args;
	int err;

	err = kvp_bus_message(net, &message, object, member);
	if (err < 0)
		return err;
	va_start(args, types);
	if (types)
		err = sd_bus_message_appendv(message, types, args);
	va_end(args);
	if (err < 0) {
		sd_bus_message_unref(message);
		return err;
	}
	return kvp_bus_send(net, message, ret);
}

/**
 * kvp_bus_property() - Ask for a property.
 * @net: whose bus
 * @ret: the answer, in which its value is what is read next
 * @object: whose property
 * @name: its name
 * @type: which it must be of
 *
 * Return: see kvp_bus_send(); -ENXIO when it is of another type.
 */
int kvp_bus_property(struct kvp_net *net, sd_bus_message **ret,
		     const struct kvp_bus_object *object, const char *name, const char *type)
{
	const struct kvp_bus_object properties = {
		object->service, object->path, "org.freedesktop.DBus.Properties",
	};
	sd_bus_message *reply = NULL;
	int err;

	err = kvp_bus_call(net, &reply, &properties, "Get", "ss", object->interface, name);
	if (err < 0)
		return err;
	err = sd_bus_message_enter_container(reply, 'v', type);
	if (err <= 0) {
		sd_bus_message_unref(reply);
		return err < 0 ? err : -ENXIO;
	}
	*ret = reply;
	return 0;
}

/**
 * kvp_bus_path_property() - Ask for a property that is the path of another object.
 * @net: whose bus
 * @path: the path
 * @room: bytes at @path
 * @object: whose property
 * @name: its name
 *
 * Return: see kvp_bus_property(); -ENOENT when there is no such object; -ENOSPC when the
 * path does not fit.
 */
int kvp_bus_path_property(struct kvp_net *net, char *path, size_t room,
			  const struct kvp_bus_object *object, const char *name)
{
	sd_bus_message *reply = NULL;
	const char *value;
	int err;

	err = kvp_bus_property(net, &reply, object, name, "o");
	if (err < 0)
		return err;
	err = sd_bus_message_read(reply, "o", &value);
	if (err > 0)
		err = strcmp(value, "/") ? hvd_text_copy(path, room, value) : -ENOENT;
	sd_bus_message_unref(reply);
	return err < 0 ? err : 0;
}

/**
 * kvp_bus_has() - Whether a service runs.
 * @net: whose bus
 * @service: its name
 *
 * Return: whether it does.
 */
bool kvp_bus_has(struct kvp_net *net, const char *service)
{
	static const struct kvp_bus_object bus = {
		"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
	};
	sd_bus_message *reply = NULL;
	int has = 0;

	if (kvp_bus_call(net, &reply, &bus, "NameHasOwner", "s", service) < 0)
		return false;
	sd_bus_message_read(reply, "b", &has);
	sd_bus_message_unref(reply);
	return has;
}

/* One "(iay)": a family, and the bytes of an address. */
static int server_read(sd_bus_message *reply, struct kvp_addresses *servers)
{
	struct kvp_address address = { 0 };
	const void *bytes;
	int family, err;
	size_t size;

	err = sd_bus_message_enter_container(reply, 'r', "iay");
	if (err <= 0)
		return err;
	err = sd_bus_message_read(reply, "i", &family);
	if (err > 0)
		err = sd_bus_message_read_array(reply, 'y', &bytes, &size);
	if (err < 0)
		return err;
	if ((family == AF_INET && size == 4) || (family == AF_INET6 && size == 16)) {
		address.family = (uint8_t)family;
		address.prefix = (uint8_t)(8 * size);
		memcpy(&address.v4, bytes, size);
		if (!kvp_address_is_loopback(&address))
			kvp_addresses_add(servers, &address);
	}
	return sd_bus_message_exit_container(reply);
}

/**
 * kvp_bus_resolved_servers() - Ask systemd-resolved for the name servers of a link.
 * @net: whose bus
 * @index: number of the link
 * @servers: to which they are added
 */
void kvp_bus_resolved_servers(struct kvp_net *net, int index, struct kvp_addresses *servers)
{
	struct kvp_bus_object link = {
		.service = "org.freedesktop.resolve1", .interface = "org.freedesktop.resolve1.Link",
	};
	sd_bus_message *reply = NULL;
	char number[16], *path;

	snprintf(number, sizeof(number), "%d", index);
	if (sd_bus_path_encode("/org/freedesktop/resolve1/link", number, &path) < 0)
		return;
	link.path = path;
	if (!kvp_bus_property(net, &reply, &link, "DNS", "a(iay)") &&
	    sd_bus_message_enter_container(reply, 'a', "(iay)") > 0)
		while (server_read(reply, servers) > 0)
			;
	sd_bus_message_unref(reply);
	free(path);
}
