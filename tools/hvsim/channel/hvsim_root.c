// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim's VMBus as the host knows it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "hvsim_control.h"
#include "hvsim_journal.h"
#include "hvsim_json.h"
#include "hvsim_root.h"
#include "hvsim_setting.h"
#include "hvsim_vmbus.h"

/* What stands for the bus where others name a service. */
#define BUS	"vmbus"

struct hvsim_root {
	const struct hvsim_setting *setting;
	struct hvsim_link *link;
	LIST_HEAD(, hvsim_root_watch) watches;
	uint32_t version;		/* agreed on; 0 while there is no contact */
	uint32_t processor;		/* that messages go to */
};

static struct json_object *version_json(uint32_t version)
{
	/* as those of services, a major and a minor number of 16 bits each */
	return version ? hvsim_version_json(version) : NULL;
}

static void root_emit(struct hvsim_root *root, const char *event, struct json_object *data)
{
	hvsim_control_emit(root->setting->control, event, data);
}

static void root_complain(struct hvsim_root *root, const char *text)
{
	root_emit(root, "anomaly", hvsim_journal_anomaly(root->setting->journal, BUS, BUS, text,
							 NULL, 0));
}

static void root_on_contact(struct hvsim_root *root, const struct hvsim_frame *frame)
{
	struct json_object *data = json_object_new_object();
	uint32_t version = (uint32_t)hvsim_frame_get(frame->bytes, 4);
	uint32_t processor = (uint32_t)hvsim_frame_get(frame->bytes + 4, 4);

	root->version = frame->arg ? version : 0;
	root->processor = processor;
	hvsim_json_add(data, "version", version_json(version));
	hvsim_json_add_bool(data, "agreed", frame->arg);
	hvsim_json_add_uint(data, "processor", processor);
	root_emit(root, "vmbus-contact", data);
}

static void root_on_unloaded(struct hvsim_root *root, const struct hvsim_frame *frame)
{
	struct json_object *data = json_object_new_object();

	root->version = 0;
	hvsim_json_add_bool(data, "by-reset", frame->arg);
	root_emit(root, "vmbus-unload", data);
}

static void root_on_anomaly(struct hvsim_root *root, const struct hvsim_frame *frame)
{
	char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)frame->length, (const char *)frame->bytes);
	root_complain(root, text);
}

/* Bytes that a frame must have to be looked into. */
static size_t frame_least(enum hvsim_frame_type type)
{
	return type == HVSIM_FRAME_CONTACT ? 8 : type == HVSIM_FRAME_CONNECT ? 32 : 0;
}

static void root_on_frame(const struct hvsim_frame *frame, void *userdata)
{
	struct hvsim_root *root = userdata;
	struct hvsim_root_watch *watch;

	if (frame->length < frame_least(frame->type)) {
		root_complain(root, "the plugin sent a frame that is too short");
		return;
	}
	if (frame->type == HVSIM_FRAME_TRACED)
		hvsim_journal_channel_message(root->setting->journal, !frame->arg, frame->bytes,
					      frame->length);
	else if (frame->type == HVSIM_FRAME_ANOMALY)
		root_on_anomaly(root, frame);
	else if (frame->type == HVSIM_FRAME_CONTACT)
		root_on_contact(root, frame);
	else if (frame->type == HVSIM_FRAME_REQUESTED)
		root_emit(root, "vmbus-request", NULL);
	else if (frame->type == HVSIM_FRAME_UNLOADED)
		root_on_unloaded(root, frame);
	LIST_FOREACH(watch, &root->watches, link)
		watch->frame(frame, watch->userdata);
}

static void root_on_connected(void *userdata)
{
	struct hvsim_root *root = userdata;
	const struct hvsim_host_options *options = &root->setting->options;
	uint8_t limit[4];

	hvsim_frame_put(limit, options->vmbus_version, sizeof(limit));
	if (options->vmbus_version)
		hvsim_link_send(root->link, HVSIM_FRAME_LIMIT, 0, limit, sizeof(limit));
	if (options->trace)
		hvsim_link_send(root->link, HVSIM_FRAME_TRACE, 1, NULL, 0);
}

static void root_on_disconnected(void *userdata)
{
	const struct hvsim_frame gone = { .type = HVSIM_FRAME_UNLOADED, .arg = 1 };
	struct hvsim_root *root = userdata;
	struct hvsim_root_watch *watch;

	root->version = 0;
	LIST_FOREACH(watch, &root->watches, link)
		watch->frame(&gone, watch->userdata);
}

static const struct hvsim_link_owner root_owner = {
	.connected = root_on_connected,
	.disconnected = root_on_disconnected,
	.frame = root_on_frame,
};

/**
 * hvsim_root_new() - Have a bus for a machine, at bus.sock in its directory.
 * @ret: the root
 * @setting: what it lives in; must outlive it
 *
 * Return: 0; as hvsim_link_new().
 */
int hvsim_root_new(struct hvsim_root **ret, const struct hvsim_setting *setting)
{
	struct hvsim_root *root = calloc(1, sizeof(*root));
	char *path;
	int err;

	if (!root)
		return -ENOMEM;
	root->setting = setting;
	LIST_INIT(&root->watches);
	if (asprintf(&path, "%s/bus.sock", setting->options.directory) < 0) {
		free(root);
		return -ENOMEM;
	}
	err = hvsim_link_new(&root->link, setting->event, path, &root_owner, root);
	free(path);
	if (err < 0) {
		free(root);
		return err;
	}
	*ret = root;
	return 0;
}

/**
 * hvsim_root_free() - Take the bus away; nobody hears anything of it.
 * @root: may be NULL
 */
void hvsim_root_free(struct hvsim_root *root)
{
	if (!root)
		return;
	hvsim_link_free(root->link);
	free(root);
}

/**
 * hvsim_root_link() - The connection to the plugin.
 * @root: of which
 *
 * Return: the connection, borrowed.
 */
struct hvsim_link *hvsim_root_link(struct hvsim_root *root)
{
	return root->link;
}

/**
 * hvsim_root_watch() - Be told of what is about no channel.
 * @root: on which bus
 * @watch: who; stays in use until hvsim_root_unwatch()
 */
void hvsim_root_watch(struct hvsim_root *root, struct hvsim_root_watch *watch)
{
	LIST_INSERT_HEAD(&root->watches, watch, link);
}

/**
 * hvsim_root_unwatch() - Be told no more.
 * @watch: who
 */
void hvsim_root_unwatch(struct hvsim_root_watch *watch)
{
	LIST_REMOVE(watch, link);
}

/**
 * hvsim_root_status() - Tell how the bus is.
 * @root: NULL for QEMU's, of which nothing is known here
 *
 * Return: an object, the caller's.
 */
struct json_object *hvsim_root_status(const struct hvsim_root *root)
{
	struct json_object *status = json_object_new_object();

	hvsim_json_add_string(status, "kind", root ? "hvsim" : "qemu");
	if (!root)
		return status;
	hvsim_json_add_bool(status, "connected", hvsim_link_is_connected(root->link));
	hvsim_json_add(status, "version", version_json(root->version));
	hvsim_json_add(status, "limit", version_json(root->setting->options.vmbus_version));
	if (root->version)
		hvsim_json_add_uint(status, "processor", root->processor);
	return status;
}
