// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Red Hat's network-scripts: ifcfg files, where NetworkManager does not have them.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "hvd_file.h"
#include "kvp/net/backend.h"
#include "kvp/net/format.h"

#define IFCFG	"/etc/sysconfig/network-scripts/ifcfg-%s"
#define IFUP	"/usr/sbin/ifup"
#define IFDOWN	"/usr/sbin/ifdown"

static enum kvp_claim ifcfg_claim(struct kvp_net *net, const struct kvp_nic *nic)
{
	char path[PATH_MAX];

	if (!kvp_net_has(net, IFUP) || !kvp_net_has(net, "/etc/sysconfig/network-scripts"))
		return KVP_CLAIM_NONE;
	snprintf(path, sizeof(path), IFCFG, nic->name);
	return kvp_net_has(net, path) ? KVP_CLAIM_HAS : KVP_CLAIM_ABLE;
}

static int ifcfg_write(struct kvp_job *job)
{
	char *old = malloc(KVP_FILE_MAX), *at = malloc(KVP_FILE_MAX), path[PATH_MAX];
	struct hvd_text text;
	int err = -ENOMEM;

	if (old && at) {
		kvp_net_read(job->net, old, KVP_FILE_MAX, IFCFG, job->nic.name);
		hvd_text_start(&text, at, KVP_FILE_MAX);
		kvp_format_ifcfg(&text, old, job->nic.name, &job->setting);
		err = text.overflow ? -EMSGSIZE :
		      kvp_net_path(job->net, path, sizeof(path), IFCFG, job->nic.name) ?:
		      kvp_undo_replace(&job->undo, path, at, 0644);
	}
	free(old);
	free(at);
	return err;
}

static int ifcfg_run(struct kvp_job *job, const char *program, void (*done)(int err, void *job))
{
	char path[PATH_MAX];

	return kvp_net_path(job->net, path, sizeof(path), "%s", program) ?:
	       kvp_job_run(job, (const char *const []){ path, job->nic.name, NULL }, done);
}

static void ifcfg_on_up(int err, void *userdata)
{
	struct kvp_job *job = userdata;

	if (err && !job->why[0])
		snprintf(job->why, sizeof(job->why), "ifup failed");
	kvp_job_applied(job, err);
}

static void ifcfg_on_down(int err, void *userdata)
{
	struct kvp_job *job = userdata;

	if (err != -ETIMEDOUT) {
		if (job->phase == KVP_JOB_RESTORING)
			err = kvp_undo_restore(&job->undo);
		else
			err = ifcfg_write(job);
		if (!err)
			err = ifcfg_run(job, IFUP, ifcfg_on_up);
	}
	if (err)
		kvp_job_applied(job, err);
}

static int ifcfg_apply(struct kvp_job *job)
{
	if (!kvp_format_name_is_plain(job->nic.name))
		return -EINVAL;
	return ifcfg_run(job, IFDOWN, ifcfg_on_down);
}

static int ifcfg_restore(struct kvp_job *job)
{
	return ifcfg_run(job, IFDOWN, ifcfg_on_down);
}

const struct kvp_backend kvp_backend_ifcfg = {
	.name = "ifcfg",
	.claim = ifcfg_claim,
	.apply = ifcfg_apply,
	.restore = ifcfg_restore,
};
