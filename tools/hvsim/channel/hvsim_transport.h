/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carries the frames of one channel: on QEMU's bus a socket of its own, on
 * hvsim's bus a port of the connection that all have in common.
 */
#ifndef HVSIM_TRANSPORT_H
#define HVSIM_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "hvsim_frame.h"
#include "hvsim_link.h"

struct hvsim_root;
struct hvsim_transport;
struct hvsim_vmbus_offer;

/**
 * struct hvsim_transport_owner - who listens
 * @frame: what happened on the channel; also HVSIM_FRAME_CLOSED when the plugin
 *	has gone.  On hvsim's bus also HVSIM_FRAME_RELEASED, HVSIM_FRAME_UNLOADED, and
 *	each HVSIM_FRAME_CLOCK that anybody asked for
 * @anomaly: the plugin did what it should not have done, or says so of the guest;
 *	@bytes may be NULL
 *
 * Neither may free the transport.
 */
struct hvsim_transport_owner {
	void (*frame)(const struct hvsim_frame *frame, void *userdata);
	void (*anomaly)(const char *kind, const char *text, const void *bytes, size_t len,
			void *userdata);
};

/**
 * struct hvsim_transport_ops - how it is done
 * @is_connected: whether a machine has the channel
 * @send: a frame about the channel; 0 or a negative errno, as hvsim_link_send()
 * @offer: put the channel before the guest, if it is not: now, or when the guest
 *	has let go of the one before; NULL where it always is
 * @rescind: take it back, if it is there; NULL where that cannot be
 * @port: what the channel is on hvsim's bus; NULL where it is none, and also
 *	while it is not offered
 * @free: hang up; nobody hears any more of it
 */
struct hvsim_transport_ops {
	bool (*is_connected)(const struct hvsim_transport *transport);
	int (*send)(struct hvsim_transport *transport, enum hvsim_frame_type type, uint16_t arg,
		    const void *bytes, size_t len);
	int (*offer)(struct hvsim_transport *transport);
	void (*rescind)(struct hvsim_transport *transport);
	struct hvsim_port *(*port)(struct hvsim_transport *transport);
	void (*free)(struct hvsim_transport *transport);
};

/**
 * struct hvsim_transport - what carries a channel's frames; begins each kind
 * @ops: how
 * @owner: who listens
 * @userdata: for @owner
 */
struct hvsim_transport {
	const struct hvsim_transport_ops *ops;
	const struct hvsim_transport_owner *owner;
	void *userdata;
};

int hvsim_transport_listen(struct hvsim_transport **ret, sd_event *event, const char *path,
			   const struct hvsim_transport_owner *owner, void *userdata);
int hvsim_transport_attach(struct hvsim_transport **ret, struct hvsim_root *root,
			   const struct hvsim_vmbus_offer *offer,
			   const struct hvsim_transport_owner *owner, void *userdata);

#endif
