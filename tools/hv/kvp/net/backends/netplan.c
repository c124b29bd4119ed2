// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netplan, by its own D-Bus service, which edits its files, merges them and has whatever
 * is behind it take them.
 *
 * The keys that a setting replaces are taken out of whichever file has them, and put into
 * one of ours.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/net/backend.h"
#include "kvp/net/bus.h"
#include "kvp/net/format.h"
#include "kvp/net/networkd.h"
#include "kvp/net/networkmanager.h"

#define NETPLAN		"io.netplan.Netplan"
#define NETPLAN_PATH	"/io/netplan/Netplan"
#define ORIGIN		"90-hyperv-ics"

/* What a setting replaces; of IPv6 without static addresses, how it is automatic stays. */
#define REPLACED	"{addresses: null, gateway4: null, gateway6: null, routes: null, " \
			"dhcp4: null, nameservers: {addresses: null}}"
#define REPLACED_V6	"{dhcp6: null, accept-ra: null}"

static const struct kvp_bus_object netplan = { NETPLAN, NETPLAN_PATH, NETPLAN };

/* The name of the definition that a link is set up from, out of the name of what netplan wrote. */
static int definition_find(struct kvp_net *net, const struct kvp_nic *nic, char *id, size_t room)
{
	static const char networkd[] = "/run/systemd/network/10-netplan-", behind[] = ".network";
	char name[PATH_MAX];
	size_t len;

	kvp_networkd_state(net, nic->index, "NETWORK_FILE", name, sizeof(name));
	len = strlen(name);
	if (!strncmp(name, networkd, sizeof(networkd) - 1) && len > sizeof(behind) &&
	    !strcmp(name + len - (sizeof(behind) - 1), behind)) {
		name[len - (sizeof(behind) - 1)] = '\0';
		return hvd_text_copy(id, room, name + sizeof(networkd) - 1) < 0 ? -ENOSPC : 0;
	}
	if (!kvp_net_has(net, "/run/NetworkManager") ||
	    kvp_networkmanager_connection(net, nic->name, name, sizeof(name)) ||
	    strncmp(name, "netplan-", 8))
		return -ENOENT;
	return hvd_text_copy(id, room, name + 8) < 0 ? -ENOSPC : 0;
}

static enum kvp_claim netplan_claim(struct kvp_net *net, const struct kvp_nic *nic)
{
	char id[64];

	if (!kvp_net_has(net, "/usr/share/dbus-1/system-services/io.netplan.Netplan.service"))
		return KVP_CLAIM_NONE;
	return definition_find(net, nic, id, sizeof(id)) ? KVP_CLAIM_NONE : KVP_CLAIM_HAS;
}

/* The service is started by being called. */
static int config_open(struct kvp_job *job, struct kvp_bus_object *config)
{
	sd_bus_message *call = NULL, *reply = NULL;
	const char *path;
	int err;

	err = kvp_bus_message(job->net, &call, &netplan, "Config");
	if (err < 0)
		return err;
	sd_bus_message_set_auto_start(call, true);
	err = kvp_bus_send(job->net, call, &reply);
	if (err < 0)
		return err;
	err = sd_bus_message_read(reply, "o", &path);
	if (err >= 0)
		err = hvd_text_copy(job->state, sizeof(job->state), path);
	sd_bus_message_unref(reply);
	*config = (struct kvp_bus_object){ NETPLAN, job->state, NETPLAN ".Config" };
	return err < 0 ? err : 0;
}

/* What netplan has of the link: its kind, and the routes that are to stay. */
static int config_read(struct kvp_job *job, const struct kvp_bus_object *config, const char *id,
		       char *kind, size_t room, struct hvd_text *routes)
{
	sd_bus_message *reply = NULL;
	const char *yaml;
	int err;

	err = kvp_bus_call(job->net, &reply, config, "Get", NULL);
	if (err < 0)
		return err;
	err = sd_bus_message_read(reply, "s", &yaml);
	if (err >= 0) {
		kvp_format_netplan_routes(routes, yaml, id);
		err = kvp_format_netplan_kind(yaml, id, kind, room) ? 0 : 1;
	}
	sd_bus_message_unref(reply);
	return err;
}

static int config_set(struct kvp_job *job, const struct kvp_bus_object *config, const char *kind,
		      const char *id, const char *mapping, const char *origin)
{
	char text[16384];
	struct hvd_text out;

	hvd_text_start(&out, text, sizeof(text));
	hvd_text_addf(&out, "%s.%s=%s", kind, id, mapping);
	if (out.overflow)
		return -EMSGSIZE;
	return kvp_bus_call(job->net, NULL, config, "Set", "ss", text, origin);
}

static int config_change(struct kvp_job *job, const struct kvp_bus_object *config, const char *id)
{
	char kind[32] = "ethernets", routes_at[4096], text[16384];
	struct hvd_text routes, out;
	int err;

	hvd_text_start(&routes, routes_at, sizeof(routes_at));
	hvd_text_start(&out, text, sizeof(text));
	err = config_read(job, config, id, kind, sizeof(kind), &routes);
	if (err < 0)
		return err;
	kvp_format_netplan(&out, &job->setting, routes.at);
	if (routes.overflow || out.overflow)
		return -EMSGSIZE;
	if (err)
		err = config_set(job, config, kind, id, REPLACED, "");
	if (!err && kvp_setting_v6_is_static(&job->setting))
		err = config_set(job, config, kind, id, REPLACED_V6, "");
	return err ?: config_set(job, config, kind, id, text, ORIGIN);
}

/* All of netplan's files, for any may be changed. */
static int files_keep(struct kvp_job *job)
{
	char path[PATH_MAX];
	glob_t found = { 0 };
	size_t i;
	int err;

	err = kvp_net_path(job->net, path, sizeof(path), "/etc/netplan/*.yaml");
	if (!err)
		glob(path, 0, NULL, &found);
	for (i = 0; !err && i < found.gl_pathc; i++)
		err = kvp_undo_keep(&job->undo, found.gl_pathv[i]);
	globfree(&found);
	return err ?: kvp_net_path(job->net, path, sizeof(path), "/etc/netplan/" ORIGIN ".yaml") ?:
	       kvp_undo_keep(&job->undo, path);
}

static int netplan_on_applied(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
	const sd_bus_error *failure = sd_bus_message_get_error(reply);
	struct kvp_job *job = userdata;
	int ok = 0;

	(void)error;
	job->slot = sd_bus_slot_unref(job->slot);
	if (!failure)
		sd_bus_message_read(reply, "b", &ok);
	if (!ok)
		snprintf(job->why, sizeof(job->why), "netplan: %s", failure ? failure->message :
			 "not applied");
	kvp_job_applied(job, ok ? 0 : -EIO);
	return 0;
}

/* Which takes seconds. */
static int netplan_call(struct kvp_job *job, const struct kvp_bus_object *object)
{
	sd_bus_message *call = NULL;
	int err;

	job->slot = sd_bus_slot_unref(job->slot);
	err = kvp_bus_message(job->net, &call, object, "Apply");
	if (err < 0)
		return err;
	sd_bus_message_set_auto_start(call, true);
	err = sd_bus_call_async(job->net->bus, &job->slot, call, netplan_on_applied, job,
				kvp_job_seconds(job) * 1000000ULL);
	sd_bus_message_unref(call);
	return err < 0 ? err : 0;
}

static int netplan_apply(struct kvp_job *job)
{
	struct kvp_bus_object config;
	char id[64];
	int err;

	if (definition_find(job->net, &job->nic, id, sizeof(id)))
		snprintf(id, sizeof(id), "%s", job->nic.name);
	if (!kvp_format_name_is_plain(id))
		return -EINVAL;
	err = files_keep(job) ?: config_open(job, &config) ?: config_change(job, &config, id);
	if (err) {
		if (job->state[0])
			kvp_bus_call(job->net, NULL, &config, "Cancel", NULL);
		kvp_undo_forget(&job->undo);
		return err;
	}
	return netplan_call(job, &config);
}

static int netplan_restore(struct kvp_job *job)
{
	if (!job->undo.count) {
		kvp_job_applied(job, 0);	/* nothing was changed */
		return 0;
	}
	kvp_undo_restore(&job->undo);
	return netplan_call(job, &netplan);
}

const struct kvp_backend kvp_backend_netplan = {
	.name = "netplan",
	.claim = netplan_claim,
	.apply = netplan_apply,
	.restore = netplan_restore,
};
