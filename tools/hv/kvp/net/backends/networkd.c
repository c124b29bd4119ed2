// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * systemd-networkd: a .network file for the link alone, and word of it by D-Bus.
 */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "kvp/net/backend.h"
#include "kvp/net/bus.h"
#include "kvp/net/format.h"
#include "kvp/net/networkd.h"

/* Files are taken in the order of their names: this one comes before any with numbers. */
#define PREFIX	"0-hyperv-ics-"

static const struct kvp_bus_object manager = {
	"org.freedesktop.network1", "/org/freedesktop/network1", "org.freedesktop.network1.Manager",
};

/**
 * kvp_networkd_state() - What networkd has noted down of a link.
 * @net: the network
 * @index: number of the link
 * @key: of what
 * @value: the value; the empty text when there is none
 * @room: bytes at @value
 */
void kvp_networkd_state(const struct kvp_net *net, int index, const char *key, char *value,
			size_t room)
{
	char text[8192], *at;
	size_t size = strlen(key), len;

	value[0] = '\0';
	if (kvp_net_read(net, text, sizeof(text), "/run/systemd/netif/links/%d", index) < 0)
		return;
	for (at = text; *at; at += len + (at[len] == '\n')) {
		len = strcspn(at, "\n");
		if (len > size && at[size] == '=' && !strncmp(at, key, size) &&
		    len - size - 1 < room) {
			memcpy(value, at + size + 1, len - size - 1);
			value[len - size - 1] = '\0';
			return;
		}
	}
}

static enum kvp_claim networkd_claim(struct kvp_net *net, const struct kvp_nic *nic)
{
	char state[32];

	kvp_networkd_state(net, nic->index, "ADMIN_STATE", state, sizeof(state));
	if (!*state)
		return KVP_CLAIM_NONE;
	return !strcmp(state, "configured") || !strcmp(state, "configuring") ||
	       !strcmp(state, "failed") ? KVP_CLAIM_HAS : KVP_CLAIM_ABLE;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Of those with one name /etc is before /run, and that before /usr, as it should be. */
static int drop_in_compare(const void *a, const void *b)
{
	const char *first = *(char *const *)a, *second = *(char *const *)b;

	return strcmp(base_name(first), base_name(second)) ?: strcmp(first, second);
}

static int text_append(struct hvd_text *text, const char *path)
{
	char *file = malloc(KVP_FILE_MAX);
	int len = file ? hvd_file_read(path, file, KVP_FILE_MAX) : -ENOMEM;

	if (len >= 0) {
		hvd_text_add(text, file);
		if (len && file[len - 1] != '\n')
			hvd_text_add(text, "\n");
	}
	free(file);
	return len < 0 ? len : 0;
}

/* In the order of their names, and of those with one name the administrator's. */
static int drop_ins_append(struct kvp_net *net, struct hvd_text *text, const char *file)
{
	static const char *const places[] = { "/etc", "/run", "/usr/lib", "/lib" };
	char pattern[PATH_MAX];
	glob_t found = { 0 };
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!kvp_net_path(net, pattern, sizeof(pattern), "%s/systemd/network/%s.d/*.conf",
				  places[i], base_name(file)))
			glob(pattern, i ? GLOB_APPEND : 0, NULL, &found);
	if (found.gl_pathc)
		qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), drop_in_compare);
	for (i = 0; !err && i < found.gl_pathc; i++)
		if (!i || strcmp(base_name(found.gl_pathv[i - 1]), base_name(found.gl_pathv[i])))
			err = text_append(text, found.gl_pathv[i]);
	globfree(&found);
	return err;
}

/* The file that the link has now, with all that is added to it. */
static int old_read(struct kvp_job *job, struct hvd_text *text)
{
	char file[PATH_MAX], path[PATH_MAX];
	int err;

	kvp_networkd_state(job->net, job->nic.index, "NETWORK_FILE", file, sizeof(file));
	if (!*file)
		return 0;
	err = kvp_net_path(job->net, path, sizeof(path), "%s", file) ?: text_append(text, path);
	/* of ours, drop-ins go on to apply by themselves */
	if (err || !strncmp(base_name(file), PREFIX, sizeof(PREFIX) - 1))
		return err;
	if (strcmp(base_name(file), PREFIX) < 0) {
		snprintf(job->why, sizeof(job->why),
			 "%.128s comes before any file of ours: rename it to begin with a number",
			 file);
		return -EEXIST;
	}
	return drop_ins_append(job->net, text, file);
}

static int file_write(struct kvp_job *job, struct hvd_text *old, struct hvd_text *text)
{
	char path[PATH_MAX];
	int err;

	err = old_read(job, old);
	if (err)
		return err;
	kvp_format_networkd(text, old->at, job->nic.name, &job->setting);
	if (old->overflow || text->overflow)
		return -EMSGSIZE;
	return kvp_net_path(job->net, path, sizeof(path),
			    "/etc/systemd/network/" PREFIX "%s.network", job->nic.name) ?:
	       kvp_undo_replace(&job->undo, path, text->at, 0644);
}

static int networkd_tell(struct kvp_job *job)
{
	return kvp_bus_call(job->net, NULL, &manager, "Reload", NULL) ?:
	       kvp_bus_call(job->net, NULL, &manager, "ReconfigureLink", "i", job->nic.index);
}

static int networkd_apply(struct kvp_job *job)
{
	char *old_at = malloc(KVP_FILE_MAX), *at = malloc(KVP_FILE_MAX);
	struct hvd_text old, text;
	int err = -ENOMEM;

	if (!kvp_format_name_is_plain(job->nic.name)) {
		err = -EINVAL;
	} else if (old_at && at) {
		hvd_text_start(&old, old_at, KVP_FILE_MAX);
		hvd_text_start(&text, at, KVP_FILE_MAX);
		err = file_write(job, &old, &text);
	}
	free(old_at);
	free(at);
	if (!err)
		err = networkd_tell(job);
	if (!err)
		kvp_job_applied(job, 0);
	return err;
}

static int networkd_restore(struct kvp_job *job)
{
	int err;

	kvp_undo_restore(&job->undo);
	err = networkd_tell(job);
	if (!err)
		kvp_job_applied(job, 0);
	return err;
}

const struct kvp_backend kvp_backend_networkd = {
	.name = "networkd",
	.claim = networkd_claim,
	.apply = networkd_apply,
	.restore = networkd_restore,
};
