// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NetworkManager, by D-Bus: the connection that the link has is changed, all else of it
 * stays, and it is activated anew.
 *
 * NetworkManager itself can go back: to a checkpoint, by itself when nobody says in time
 * that all is well.  So even a daemon that is killed leaves the link as it was.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <systemd/sd-id128.h>

#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/net/backend.h"
#include "kvp/net/bus.h"
#include "kvp/net/networkmanager.h"

#define NM		"org.freedesktop.NetworkManager"
#define NM_PATH		"/org/freedesktop/NetworkManager"

/* Longer than a job can take. */
#define CHECKPOINT_SECONDS	40u
#define CHECKPOINT_FLAGS	0x02u	/* connections that are new go with it */
#define UPDATE_TO_DISK		0x01u

static const struct kvp_bus_object manager = { NM, NM_PATH, NM };
static const struct kvp_bus_object settings = { NM, NM_PATH "/Settings", NM ".Settings" };

static bool device_is_managed(struct kvp_net *net, const char *path)
{
	const struct kvp_bus_object device = { NM, path, NM ".Device" };
	sd_bus_message *reply = NULL;
	int managed = 0;

	if (kvp_bus_property(net, &reply, &device, "Managed", "b"))
		return false;
	sd_bus_message_read(reply, "b", &managed);
	sd_bus_message_unref(reply);
	return managed;
}

static enum kvp_claim networkmanager_claim(struct kvp_net *net, const struct kvp_nic *nic)
{
	char path[128];

	if (!kvp_net_has(net, "/run/NetworkManager") ||
	    kvp_networkmanager_device(net, nic->name, path, sizeof(path)))
		return KVP_CLAIM_NONE;
	return device_is_managed(net, path) ? KVP_CLAIM_HAS : KVP_CLAIM_NONE;
}

/* {"address": "192.0.2.1", "prefix": 24} for each. */
static int addresses_append(sd_bus_message *to, const struct kvp_addresses *list, int family)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	int err;

	err = sd_bus_message_append(to, "s", "address-data");
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'v', "aa{sv}");
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'a', "a{sv}");
	kvp_addresses_each(list, family, address)
		if (err >= 0)
			err = sd_bus_message_append(to, "a{sv}", 2, "address", "s",
						    kvp_address_text(address, text),
						    "prefix", "u", (uint32_t)address->prefix);
	if (err >= 0)
		err = sd_bus_message_close_container(to);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

static int servers_append(sd_bus_message *to, const struct kvp_addresses *list, int family)
{
	const struct kvp_address *address;
	int err;

	err = sd_bus_message_append(to, "s", "dns");
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'v', family == AF_INET ? "au" : "aay");
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'a', family == AF_INET ? "u" : "ay");
	kvp_addresses_each(list, family, address) {
		if (err < 0)
			break;
		if (family == AF_INET)
			err = sd_bus_message_append(to, "u", address->v4.s_addr);
		else
			err = sd_bus_message_append_array(to, 'y', &address->v6, 16);
	}
	if (err >= 0)
		err = sd_bus_message_close_container(to);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

static const char *method_of(const struct kvp_setting *setting, int family, const char *old)
{
	if (family == AF_INET)
		return setting->v4 == KVP_METHOD_DHCP ? "auto" :
		       setting->v4 == KVP_METHOD_STATIC ? "manual" : "disabled";
	if (kvp_setting_v6_is_static(setting))
		return "manual";
	/* whatever it did by itself it goes on doing */
	return strcmp(old, "manual") ? old : "auto";
}

/* What is between two containers that the setting gives, each as a dictionary's entry. */
static int family_append(sd_bus_message *to, const struct kvp_setting *setting, int family,
			 const char *old_method)
{
	const struct kvp_address *gateway = kvp_addresses_next(&setting->gateways, family, NULL);
	char text[KVP_ADDRESS_LEN];
	int err;

	err = sd_bus_message_append(to, "{sv}", "method", "s",
				    method_of(setting, family, old_method));
	if (err >= 0 && gateway)
		err = sd_bus_message_append(to, "{sv}", "gateway", "s",
					    kvp_address_text(gateway, text));
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'e', "sv");
	if (err >= 0)
		err = addresses_append(to, &setting->addresses, family);
	if (err >= 0)
		err = sd_bus_message_close_container(to);
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'e', "sv");
	if (err >= 0)
		err = servers_append(to, &setting->dns, family);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

static bool key_is_replaced(const char *key)
{
	static const char *const keys[] = {
		"address-data", "addresses", "gateway", "dns", "dns-data", NULL,
	};
	size_t i;

	for (i = 0; keys[i]; i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

/* One property of an ipv4 or ipv6 section, which the reader has just entered. */
static int property_copy(sd_bus_message *to, sd_bus_message *from, char *method, size_t room)
{
	const char *key, *value;
	int err;

	err = sd_bus_message_read(from, "s", &key);
	if (err < 0)
		return err;
	if (!strcmp(key, "method")) {
		err = sd_bus_message_read(from, "v", "s", &value);
		return err < 0 ? err : hvd_text_copy(method, room, value);
	}
	if (key_is_replaced(key))
		return sd_bus_message_skip(from, "v");
	err = sd_bus_message_open_container(to, 'e', "sv");
	if (err >= 0)
		err = sd_bus_message_append(to, "s", key);
	if (err >= 0)
		err = sd_bus_message_copy(to, from, false);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

/* The reader is before the "a{sv}" of a section of a family. */
static int family_copy(sd_bus_message *to, sd_bus_message *from,
		       const struct kvp_setting *setting, int family)
{
	char method[32] = "auto";
	int err;

	err = sd_bus_message_open_container(to, 'a', "{sv}");
	if (err >= 0)
		err = sd_bus_message_enter_container(from, 'a', "{sv}");
	while (err >= 0 && (err = sd_bus_message_enter_container(from, 'e', "sv")) > 0) {
		err = property_copy(to, from, method, sizeof(method));
		if (err >= 0)
			err = sd_bus_message_exit_container(from);
	}
	if (err >= 0)
		err = sd_bus_message_exit_container(from);
	if (err >= 0)
		err = family_append(to, setting, family, method);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

static int section_copy(sd_bus_message *to, sd_bus_message *from,
			const struct kvp_setting *setting)
{
	const char *name;
	int err;

	err = sd_bus_message_read(from, "s", &name);
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'e', "sa{sv}");
	if (err >= 0)
		err = sd_bus_message_append(to, "s", name);
	if (err >= 0 && !strcmp(name, "ipv4"))
		err = family_copy(to, from, setting, AF_INET);
	else if (err >= 0 && !strcmp(name, "ipv6"))
		err = family_copy(to, from, setting, AF_INET6);
	else if (err >= 0)
		err = sd_bus_message_copy(to, from, false);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

/* A connection as it was, but for the setting. */
static int connection_copy(sd_bus_message *to, sd_bus_message *from,
			   const struct kvp_setting *setting)
{
	int err;

	err = sd_bus_message_open_container(to, 'a', "{sa{sv}}");
	if (err >= 0)
		err = sd_bus_message_enter_container(from, 'a', "{sa{sv}}");
	while (err >= 0 && (err = sd_bus_message_enter_container(from, 'e', "sa{sv}")) > 0) {
		err = section_copy(to, from, setting);
		if (err >= 0)
			err = sd_bus_message_exit_container(from);
	}
	return err < 0 ? err : sd_bus_message_close_container(to);
}

static int connection_update(struct kvp_job *job, const char *path)
{
	const struct kvp_bus_object connection = { NM, path, NM ".Settings.Connection" };
	sd_bus_message *old = NULL, *call = NULL;
	int err;

	err = kvp_bus_call(job->net, &old, &connection, "GetSettings", NULL);
	if (err >= 0)
		err = kvp_bus_message(job->net, &call, &connection, "Update2");
	if (err >= 0)
		err = connection_copy(call, old, &job->setting);
	if (err >= 0)
		err = sd_bus_message_append(call, "ua{sv}", UPDATE_TO_DISK, 0);
	sd_bus_message_unref(old);
	if (err < 0) {
		sd_bus_message_unref(call);
		return err;
	}
	return kvp_bus_send(job->net, call, NULL);
}

static int section_append(sd_bus_message *to, const char *name, const struct kvp_setting *setting,
			  int family)
{
	int err;

	err = sd_bus_message_open_container(to, 'e', "sa{sv}");
	if (err >= 0)
		err = sd_bus_message_append(to, "s", name);
	if (err >= 0)
		err = sd_bus_message_open_container(to, 'a', "{sv}");
	if (err >= 0)
		err = family_append(to, setting, family, "auto");
	if (err >= 0)
		err = sd_bus_message_close_container(to);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

static int connection_append(sd_bus_message *to, const struct kvp_job *job)
{
	char id[64], uuid[SD_ID128_UUID_STRING_MAX];
	sd_id128_t random_id;
	int err;

	err = sd_id128_randomize(&random_id);
	if (err < 0)
		return err;
	sd_id128_to_uuid_string(random_id, uuid);
	snprintf(id, sizeof(id), "Hyper-V %s", job->nic.name);
	err = sd_bus_message_open_container(to, 'a', "{sa{sv}}");
	if (err >= 0)
		err = sd_bus_message_append(to, "{sa{sv}}", "connection", 4, "id", "s", id,
					    "uuid", "s", uuid, "type", "s", "802-3-ethernet",
					    "interface-name", "s", job->nic.name);
	if (err >= 0)
		err = section_append(to, "ipv4", &job->setting, AF_INET);
	if (err >= 0)
		err = section_append(to, "ipv6", &job->setting, AF_INET6);
	return err < 0 ? err : sd_bus_message_close_container(to);
}

/* For a link that has none: a connection of its own, whose path is the answer. */
static int connection_new(struct kvp_job *job, char *path, size_t room)
{
	sd_bus_message *call = NULL, *reply = NULL;
	const char *connection;
	int err;

	err = kvp_bus_message(job->net, &call, &settings, "AddConnection2");
	if (err >= 0)
		err = connection_append(call, job);
	if (err >= 0)
		err = sd_bus_message_append(call, "ua{sv}", UPDATE_TO_DISK, 0);
	if (err < 0) {
		sd_bus_message_unref(call);
		return err;
	}
	err = kvp_bus_send(job->net, call, &reply);
	if (err < 0)
		return err;
	err = sd_bus_message_read(reply, "o", &connection);
	if (err >= 0)
		err = hvd_text_copy(path, room, connection);
	sd_bus_message_unref(reply);
	return err < 0 ? err : 0;
}

/* The connection that the link has now; -ENOENT when it has none. */
static int connection_find(struct kvp_net *net, const char *device_path, char *path, size_t room)
{
	struct kvp_bus_object device = { NM, device_path, NM ".Device" };
	struct kvp_bus_object active = { .service = NM, .interface = NM ".Connection.Active" };
	char active_path[128];
	int err;

	err = kvp_bus_path_property(net, active_path, sizeof(active_path), &device,
				    "ActiveConnection");
	if (err)
		return err;
	active.path = active_path;
	return kvp_bus_path_property(net, path, room, &active, "Connection");
}

static int checkpoint_create(struct kvp_job *job, const char *device)
{
	sd_bus_message *reply = NULL;
	const char *path;
	int err;

	err = kvp_bus_call(job->net, &reply, &manager, "CheckpointCreate", "aouu", 1, device,
			   CHECKPOINT_SECONDS, CHECKPOINT_FLAGS);
	if (err < 0)
		return err;
	err = sd_bus_message_read(reply, "o", &path);
	if (err >= 0)
		err = hvd_text_copy(job->state, sizeof(job->state), path);
	sd_bus_message_unref(reply);
	return err < 0 ? err : 0;
}

static int networkmanager_apply(struct kvp_job *job)
{
	char device[128], connection[128];
	int err;

	err = kvp_networkmanager_device(job->net, job->nic.name, device, sizeof(device)) ?:
	      checkpoint_create(job, device);
	if (err)
		return err;
	err = connection_find(job->net, device, connection, sizeof(connection));
	if (!err)
		err = connection_update(job, connection);
	else if (err == -ENOENT)
		err = connection_new(job, connection, sizeof(connection));
	if (!err)
		err = kvp_bus_call(job->net, NULL, &manager, "ActivateConnection", "ooo",
				   connection, device, "/");
	if (!err)
		kvp_job_applied(job, 0);
	return err;
}

static int networkmanager_restore(struct kvp_job *job)
{
	int err = 0;

	if (job->state[0])
		err = kvp_bus_call(job->net, NULL, &manager, "CheckpointRollback", "o", job->state);
	if (!err)
		kvp_job_applied(job, 0);
	return err;
}

static void networkmanager_settle(struct kvp_job *job)
{
	if (kvp_bus_call(job->net, NULL, &manager, "CheckpointDestroy", "o", job->state))
		hvd_warning("%s: NetworkManager may go back to the old setting, for it does not answer",
			    job->nic.name);
}

const struct kvp_backend kvp_backend_networkmanager = {
	.name = "networkmanager",
	.claim = networkmanager_claim,
	.apply = networkmanager_apply,
	.restore = networkmanager_restore,
	.settle = networkmanager_settle,
};
