// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the parts that get and set addresses share: what is chosen, and where files are.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "kvp/net/job.h"
#include "kvp/net/net.h"
#include "kvp/net/undo.h"

#define EXCLUDE_USUAL	"lo veth* docker* br-* cni* flannel* cali* kube-* podman* lxc* lxdbr* " \
			"virbr* vnet* vmnet* tap* tun* wg* ifb* dummy*"
#define JOURNAL		"/var/lib/hyperv/undo"
#define VERIFY_SECONDS	15

/**
 * kvp_net_has() - Whether a file is there.
 * @net: the network
 * @path: the file, without the root
 *
 * Return: whether it is.
 */
bool kvp_net_has(const struct kvp_net *net, const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", net->root, path);
	return !access(whole, F_OK);
}

/**
 * kvp_net_path() - Write down a path.
 * @net: the network, whose root stands before it
 * @path: the path
 * @room: bytes at @path
 * @format: of printf()
 *
 * Return: 0; -ENAMETOOLONG.
 */
int kvp_net_path(const struct kvp_net *net, char *path, size_t room, const char *format, ...)
{
	size_t len = strlen(net->root);
	va_list args;
	int more;

	if (hvd_text_copy(path, room, net->root) < 0)
		return -ENAMETOOLONG;
	va_start(args, format);
	more = vsnprintf(path + len, room - len, format, args);
	va_end(args);
	return more < 0 || (size_t)more >= room - len ? -ENAMETOOLONG : 0;
}

/**
 * kvp_net_read() - Read a file as text.
 * @net: the network, whose root stands before the path
 * @text: the text; empty when it cannot be read
 * @room: bytes at @text
 * @format: of printf(); the path
 *
 * Return: as of hvd_file_read(); -ENAMETOOLONG.
 */
int kvp_net_read(const struct kvp_net *net, char *text, size_t room, const char *format, ...)
{
	char path[PATH_MAX], name[PATH_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	text[0] = '\0';
	if (len < 0 || (size_t)len >= sizeof(name) ||
	    kvp_net_path(net, path, sizeof(path), "%s", name))
		return -ENAMETOOLONG;
	len = hvd_file_read(path, text, room);
	if (len < 0)
		text[0] = '\0';
	return len;
}

static char *text_of(const char *text, const char *usual)
{
	return strdup(text ?: usual);
}

/**
 * kvp_net_new() - Get ready for what hosts ask of adapters.
 * @event: the loop that settings are carried out in
 * @settings: which may be gone afterwards
 *
 * Return: the network; NULL when there is no memory.
 */
struct kvp_net *kvp_net_new(sd_event *event, const struct kvp_net_settings *settings)
{
	struct kvp_net *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->event = sd_event_ref(event);
	net->sysfs = text_of(settings->sysfs, "/sys");
	net->root = text_of(settings->root, "");
	net->backend = text_of(settings->backend, "auto");
	net->exclude = text_of(settings->exclude, EXCLUDE_USUAL);
	net->nic_map = text_of(settings->nic_map, "");
	if (asprintf(&net->journal, "%s" JOURNAL, settings->root ?: "") < 0)
		net->journal = NULL;
	net->verify_seconds = settings->verify_seconds ?: VERIFY_SECONDS;
	if (net->verify_seconds > KVP_NET_VERIFY_MOST)
		net->verify_seconds = KVP_NET_VERIFY_MOST;
	if (!net->sysfs || !net->root || !net->backend || !net->exclude || !net->nic_map ||
	    !net->journal) {
		kvp_net_free(net);
		return NULL;
	}
	kvp_undo_recover(net->journal);
	return net;
}

/**
 * kvp_net_free() - Stop.
 * @net: may be NULL; a setting that is under way is undone as far as files go, and nobody
 *	is told how it ended
 */
void kvp_net_free(struct kvp_net *net)
{
	if (!net)
		return;
	kvp_job_abandon(net->job);
	sd_bus_flush_close_unref(net->bus);
	sd_event_unref(net->event);
	free(net->sysfs);
	free(net->root);
	free(net->backend);
	free(net->exclude);
	free(net->nic_map);
	free(net->journal);
	free(net);
}
