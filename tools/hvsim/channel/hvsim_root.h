/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hvsim's VMBus as the host knows it: the connection to the plugin, the version
 * that the guest agreed to, and who is told of what is about no channel.
 */
#ifndef HVSIM_ROOT_H
#define HVSIM_ROOT_H

#include <sys/queue.h>

#include <json-c/json.h>

#include "hvsim_link.h"

struct hvsim_root;
struct hvsim_setting;

/**
 * struct hvsim_root_watch - somebody who is told what is about no channel
 * @link: in the root's list
 * @frame: contact, requested, unloaded, connect, clock; unloaded (by a reset) also
 *	when the plugin has gone, and with it the guest.  Must not unwatch
 * @userdata: for @frame
 */
struct hvsim_root_watch {
	LIST_ENTRY(hvsim_root_watch) link;
	void (*frame)(const struct hvsim_frame *frame, void *userdata);
	void *userdata;
};

int hvsim_root_new(struct hvsim_root **ret, const struct hvsim_setting *setting);
void hvsim_root_free(struct hvsim_root *root);
struct hvsim_link *hvsim_root_link(struct hvsim_root *root);
void hvsim_root_watch(struct hvsim_root *root, struct hvsim_root_watch *watch);
void hvsim_root_unwatch(struct hvsim_root_watch *watch);
struct json_object *hvsim_root_status(const struct hvsim_root *root);

#endif
