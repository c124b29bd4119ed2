// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ifupdown: the link is taken down by what the files say until then, and up by what they
 * say afterwards.
 */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "kvp/net/backend.h"
#include "kvp/net/format.h"

#define INTERFACES	"/etc/network/interfaces"
#define RESOLV_CONF	"/etc/resolv.conf"
#define IFUP		"/sbin/ifup"
#define IFDOWN		"/sbin/ifdown"

/* The interfaces(5) file and all that it has read with it. */
struct files {
	glob_t found;
	bool has_directory;	/* interfaces.d is among what is read */
};

/* The word behind "source" or "source-directory", and what to look for. */
static void files_source(const struct kvp_net *net, struct files *files, const char *line,
			 size_t len)
{
	char keyword[32], word[PATH_MAX], text[PATH_MAX], pattern[PATH_MAX];
	bool directory;

	if (len >= sizeof(text))
		return;
	memcpy(text, line, len);
	text[len] = '\0';
	if (sscanf(text, "%31s %4095s", keyword, word) != 2 || strncmp(keyword, "source", 6))
		return;
	directory = !strncmp(keyword, "source-dir", 10);
	if (kvp_net_path(net, pattern, sizeof(pattern), "%s%s%s", *word == '/' ? "" :
			 "/etc/network/", word, directory ? "/*" : ""))
		return;
	if (strstr(pattern, "/etc/network/interfaces.d/*"))
		files->has_directory = true;
	glob(pattern, GLOB_APPEND, NULL, &files->found);
}

static int files_find(const struct kvp_net *net, struct files *files)
{
	char *text = malloc(KVP_FILE_MAX), path[PATH_MAX];
	const char *line;
	size_t len;
	int err;

	*files = (struct files){ 0 };
	if (!text)
		return -ENOMEM;
	err = kvp_net_path(net, path, sizeof(path), INTERFACES);
	if (!err)
		err = hvd_file_read(path, text, KVP_FILE_MAX);
	if (err >= 0) {
		glob(path, 0, NULL, &files->found);
		for (line = text; *line; line += len + (line[len] == '\n')) {
			len = strcspn(line, "\n");
			files_source(net, files, line, len);
		}
	}
	free(text);
	return err < 0 ? err : 0;
}

static bool file_has(const char *path, const char *interface, char *text)
{
	return hvd_file_read(path, text, KVP_FILE_MAX) >= 0 &&
	       kvp_format_ifupdown_has(text, interface);
}

/* Whether another manager is set up, which may just not be running. */
static bool others_exist(const struct kvp_net *net)
{
	static const char *const others[] = {
		"/etc/systemd/network/*.network", "/run/systemd/network/*.network",
		"/etc/netplan/*.yaml", "/etc/NetworkManager/system-connections/*",
	};
	char pattern[PATH_MAX];
	glob_t found = { 0 };
	bool exist = false;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (kvp_net_path(net, pattern, sizeof(pattern), "%s", others[i]))
			continue;
		exist |= !glob(pattern, 0, NULL, &found);
		globfree(&found);
	}
	return exist;
}

static enum kvp_claim ifupdown_claim(struct kvp_net *net, const struct kvp_nic *nic)
{
	char *text = malloc(KVP_FILE_MAX);
	enum kvp_claim claim = KVP_CLAIM_NONE;
	struct files files;
	size_t i;

	if (text && kvp_net_has(net, IFUP) && !files_find(net, &files)) {
		claim = others_exist(net) ? KVP_CLAIM_NONE : KVP_CLAIM_ABLE;
		for (i = 0; i < files.found.gl_pathc; i++)
			if (file_has(files.found.gl_pathv[i], nic->name, text))
				claim = KVP_CLAIM_HAS;
		globfree(&files.found);
	}
	free(text);
	return claim;
}

static int file_rewrite(struct kvp_job *job, const char *path, const char *old)
{
	char *at = malloc(KVP_FILE_MAX);
	struct hvd_text text;
	int err = -ENOMEM;

	if (at) {
		hvd_text_start(&text, at, KVP_FILE_MAX);
		kvp_format_ifupdown(&text, old, job->nic.name, &job->setting);
		err = text.overflow ? -EMSGSIZE : kvp_undo_replace(&job->undo, path, at, 0644);
	}
	free(at);
	return err;
}

/* The first file that has the link; else one of ours, if it would be read. */
static int files_rewrite(struct kvp_job *job, const struct files *files, char *text)
{
	char path[PATH_MAX];
	size_t i;
	int err;

	for (i = 0; i < files->found.gl_pathc; i++)
		if (file_has(files->found.gl_pathv[i], job->nic.name, text))
			return file_rewrite(job, files->found.gl_pathv[i], text);
	err = kvp_net_path(job->net, path, sizeof(path), files->has_directory ?
			   INTERFACES ".d/hyperv-ics-%s" : INTERFACES, job->nic.name);
	if (err)
		return err;
	if (hvd_file_read(path, text, KVP_FILE_MAX) < 0)
		text[0] = '\0';
	return file_rewrite(job, path, text);
}

/*
 * Where nothing else cares for it, a static link's servers are the machine's.  Who does
 * care has a link there, or its name in the file.
 */
static int resolv_conf_rewrite(struct kvp_job *job, char *text)
{
	char path[PATH_MAX], at[16384];
	struct hvd_text new;
	struct stat now;

	if (!job->setting.dns.count || job->setting.v4 == KVP_METHOD_DHCP ||
	    kvp_net_path(job->net, path, sizeof(path), RESOLV_CONF) ||
	    lstat(path, &now) < 0 || !S_ISREG(now.st_mode) ||
	    hvd_file_read(path, text, KVP_FILE_MAX) < 0 || strstr(text, "resolvconf"))
		return 0;
	hvd_text_start(&new, at, sizeof(at));
	kvp_format_resolv_conf(&new, text, &job->setting);
	return new.overflow ? -EMSGSIZE : kvp_undo_replace(&job->undo, path, at, 0644);
}

static int ifupdown_write(struct kvp_job *job)
{
	char *text = malloc(KVP_FILE_MAX);
	struct files files;
	int err = text ? files_find(job->net, &files) : -ENOMEM;

	if (!err) {
		err = files_rewrite(job, &files, text) ?: resolv_conf_rewrite(job, text);
		globfree(&files.found);
	}
	free(text);
	return err;
}

static int ifupdown_run(struct kvp_job *job, const char *program, bool force,
			void (*done)(int err, void *job))
{
	const char *name = job->nic.name;
	char path[PATH_MAX];

	return kvp_net_path(job->net, path, sizeof(path), "%s", program) ?:
	       kvp_job_run(job, force ? (const char *const []){ path, "--force", name, NULL } :
			   (const char *const []){ path, name, NULL }, done);
}

static void ifupdown_on_up(int err, void *userdata)
{
	struct kvp_job *job = userdata;

	if (err && !job->why[0])
		snprintf(job->why, sizeof(job->why), "ifup failed");
	kvp_job_applied(job, err);
}

static void ifupdown_on_down(int err, void *userdata)
{
	struct kvp_job *job = userdata;

	/* one that was not up cannot go down, which is no reason to leave it so */
	if (err == -ETIMEDOUT) {
		kvp_job_applied(job, err);
		return;
	}
	if (job->phase == KVP_JOB_RESTORING)
		err = kvp_undo_restore(&job->undo);
	else
		err = ifupdown_write(job);
	if (!err)
		err = ifupdown_run(job, IFUP, false, ifupdown_on_up);
	if (err)
		kvp_job_applied(job, err);
}

static int ifupdown_apply(struct kvp_job *job)
{
	if (!kvp_format_name_is_plain(job->nic.name))
		return -EINVAL;
	return ifupdown_run(job, IFDOWN, false, ifupdown_on_down);
}

/* What is half up counts as not up, so that it has to be forced down. */
static int ifupdown_restore(struct kvp_job *job)
{
	return ifupdown_run(job, IFDOWN, true, ifupdown_on_down);
}

const struct kvp_backend kvp_backend_ifupdown = {
	.name = "ifupdown",
	.claim = ifupdown_claim,
	.apply = ifupdown_apply,
	.restore = ifupdown_restore,
};
