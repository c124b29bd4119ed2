/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated host's connection to hvsim's VMBus: one socket, at which a
 * plugin connects, and the channels offered on it.
 */
#ifndef HVSIM_LINK_H
#define HVSIM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "hvsim_frame.h"

struct hvsim_link;
struct hvsim_port;

/**
 * struct hvsim_link_owner - who has a connection
 * @connected: a plugin is there; what was offered before it came is offered again
 * @disconnected: it is gone, and with it the guest; all ports are closed already
 * @frame: what is about no channel: contact, requested, unloaded, connect, traced,
 *	clock, anomaly; an anomaly's bytes are its text alone, and it may also be
 *	about the plugin itself
 *
 * Any may be NULL.  None may free the connection.
 */
struct hvsim_link_owner {
	void (*connected)(void *userdata);
	void (*disconnected)(void *userdata);
	void (*frame)(const struct hvsim_frame *frame, void *userdata);
};

/**
 * struct hvsim_port_owner - who has a channel
 * @frame: what happened on it: opened, closed, packet, offered, moved, written,
 *	anomaly; the frame's bytes are those behind the channel's number
 * @released: it was rescinded and nobody uses it any more; the port is gone
 *	when this returns
 *
 * closed always comes before released when opened came, also when the plugin
 * goes away.  Neither is ever called from within a function of the port.
 * Within either nothing may be freed but the owner itself.
 */
struct hvsim_port_owner {
	void (*frame)(const struct hvsim_frame *frame, void *userdata);
	void (*released)(void *userdata);
};

int hvsim_link_new(struct hvsim_link **ret, sd_event *event, const char *path,
		   const struct hvsim_link_owner *owner, void *userdata);
void hvsim_link_free(struct hvsim_link *link);
bool hvsim_link_is_connected(const struct hvsim_link *link);
int hvsim_link_send(struct hvsim_link *link, enum hvsim_frame_type type, uint16_t arg,
		    const void *bytes, size_t len);

int hvsim_port_new(struct hvsim_port **ret, struct hvsim_link *link, const void *offer,
		   const struct hvsim_port_owner *owner, void *userdata);
void hvsim_port_rescind(struct hvsim_port *port);
void hvsim_port_abandon(struct hvsim_port *port);
uint32_t hvsim_port_number(const struct hvsim_port *port);
struct hvsim_link *hvsim_port_link(const struct hvsim_port *port);
int hvsim_port_send(struct hvsim_port *port, enum hvsim_frame_type type, uint16_t arg,
		    const void *bytes, size_t len);

#endif
