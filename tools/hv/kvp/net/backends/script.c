// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An administrator's own hv_set_ifconfig, called as the in-tree daemon does: with a file in
 * each of two formats.
 *
 * It runs as root, so that nobody else may be able to write it.  What it does cannot be
 * undone from here.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "hvd_log.h"
#include "kvp/net/backend.h"
#include "kvp/net/format.h"

#define STATE	"/var/lib/hyperv"

static const char *const places[] = {
	"/etc/hyperv-ics/hv_set_ifconfig",
	"/usr/local/sbin/hv_set_ifconfig",
	"/usr/libexec/hypervkvpd/hv_set_ifconfig",
	"/usr/sbin/hv_set_ifconfig",
};

static bool script_is_safe(const char *path)
{
	struct stat script;

	if (stat(path, &script) < 0 || !S_ISREG(script.st_mode) || !(script.st_mode & 0111))
		return false;
	if (!script.st_uid && !(script.st_mode & 0022))
		return true;
	hvd_warning("%s is not used: chown root and chmod go-w it", path);
	return false;
}

static int script_find(const struct kvp_net *net, char *path, size_t room)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!kvp_net_path(net, path, room, "%s", places[i]) && script_is_safe(path))
			return 0;
	return -ENOENT;
}

static enum kvp_claim script_claim(struct kvp_net *net, const struct kvp_nic *nic)
{
	char path[PATH_MAX];

	(void)nic;
	return script_find(net, path, sizeof(path)) ? KVP_CLAIM_NONE : KVP_CLAIM_HAS;
}

static void script_on_exit(int err, void *userdata)
{
	struct kvp_job *job = userdata;

	if (err)
		snprintf(job->why, sizeof(job->why), "hv_set_ifconfig failed");
	kvp_job_applied(job, err);
}

static int file_write(struct kvp_job *job, const char *path,
		      void (*format)(struct hvd_text *out, const char *interface, const char *mac,
				     const struct kvp_setting *setting))
{
	struct hvd_text text;
	char at[16384];

	hvd_text_start(&text, at, sizeof(at));
	format(&text, job->nic.name, job->nic.mac, &job->setting);
	return text.overflow ? -EMSGSIZE : kvp_undo_replace(&job->undo, path, at, 0600);
}

static int script_apply(struct kvp_job *job)
{
	char ifcfg[PATH_MAX], keyfile[PATH_MAX], script[PATH_MAX];
	int err;

	err = script_find(job->net, script, sizeof(script)) ?:
	      kvp_net_path(job->net, ifcfg, sizeof(ifcfg), STATE "/ifcfg-%s", job->nic.name) ?:
	      kvp_net_path(job->net, keyfile, sizeof(keyfile), STATE "/%s.nmconnection",
			   job->nic.name) ?:
	      file_write(job, ifcfg, kvp_format_script_ifcfg) ?:
	      file_write(job, keyfile, kvp_format_script_keyfile);
	return err ?: kvp_job_run(job, (const char *const []){ script, ifcfg, keyfile, NULL },
				  script_on_exit);
}

const struct kvp_backend kvp_backend_script = {
	.name = "script",
	.claim = script_claim,
	.apply = script_apply,
};
