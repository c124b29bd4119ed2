// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A channel on hvsim's bus: a port of the connection that all have in common,
 * which comes and goes as the host likes, and stays away until the guest has let
 * go of the one before.
 *
 *	away --offer--> there --rescind--> taken back --released--> away
 *	                                       |  ^
 *	                                 offer |  | rescind
 *	                                       v  |
 *	                                    to come --released--> there
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_root.h"
#include "hvsim_transport.h"
#include "hvsim_vmbus.h"

/**
 * struct port_transport - a channel that comes and goes
 * @base: what all transports have
 * @watch: for what is about no channel
 * @root: the bus
 * @offer: what the guest is told of the channel
 * @port: NULL when away
 * @wanted: there, or to come
 * @rescinded: taken back; what the guest still says on it is of no interest
 */
struct port_transport {
	struct hvsim_transport base;
	struct hvsim_root_watch watch;
	struct hvsim_root *root;
	struct hvsim_vmbus_offer offer;
	struct hvsim_port *port;
	bool wanted;
	bool rescinded;
};

static void port_frame(const struct hvsim_frame *frame, void *userdata)
{
	struct port_transport *transport = userdata;
	const struct hvsim_transport_owner *owner = transport->base.owner;
	char text[256];
	size_t len = frame->length < sizeof(text) ? frame->length : sizeof(text) - 1;

	if (transport->rescinded && frame->type != HVSIM_FRAME_ANOMALY)
		return;
	if (frame->type != HVSIM_FRAME_ANOMALY) {
		owner->frame(frame, transport->base.userdata);
		return;
	}
	memcpy(text, frame->bytes, len);
	text[len] = '\0';
	owner->anomaly("vmbus", text, NULL, 0, transport->base.userdata);
}

static int port_make(struct port_transport *transport);

static void port_released(void *userdata)
{
	static const struct hvsim_frame released = { .type = HVSIM_FRAME_RELEASED };
	struct port_transport *transport = userdata;

	transport->port = NULL;
	transport->base.owner->frame(&released, transport->base.userdata);
	if (transport->wanted && !transport->port)
		port_make(transport);
}

static int port_make(struct port_transport *transport)
{
	static const struct hvsim_port_owner owner = { port_frame, port_released };
	int err;

	err = hvsim_port_new(&transport->port, hvsim_root_link(transport->root),
			     &transport->offer, &owner, transport);
	if (err < 0)
		transport->port = NULL;
	transport->rescinded = false;
	return err;
}

static bool port_is_connected(const struct hvsim_transport *base)
{
	const struct port_transport *transport = (const struct port_transport *)base;

	return transport->port && !transport->rescinded &&
	       hvsim_link_is_connected(hvsim_root_link(transport->root));
}

static int port_send(struct hvsim_transport *base, enum hvsim_frame_type type, uint16_t arg,
		     const void *bytes, size_t len)
{
	struct port_transport *transport = (struct port_transport *)base;

	if (type == HVSIM_FRAME_CLOCK)
		return hvsim_link_send(hvsim_root_link(transport->root), type, arg, bytes, len);
	if (!transport->port || transport->rescinded)
		return -ENOTCONN;
	return hvsim_port_send(transport->port, type, arg, bytes, len);
}

static int port_offer(struct hvsim_transport *base)
{
	struct port_transport *transport = (struct port_transport *)base;
	int err;

	if (!transport->port) {
		err = port_make(transport);
		if (err < 0)
			return err;
	}
	transport->wanted = true;
	return 0;
}

static void port_rescind(struct hvsim_transport *base)
{
	struct port_transport *transport = (struct port_transport *)base;

	transport->wanted = false;
	if (!transport->port)
		return;
	transport->rescinded = true;
	hvsim_port_rescind(transport->port);
}

static struct hvsim_port *port_get(struct hvsim_transport *base)
{
	return ((struct port_transport *)base)->port;
}

static void port_free(struct hvsim_transport *base)
{
	struct port_transport *transport = (struct port_transport *)base;

	if (transport->port)
		hvsim_port_abandon(transport->port);
	hvsim_root_unwatch(&transport->watch);
	free(transport);
}

static const struct hvsim_transport_ops port_ops = {
	.is_connected = port_is_connected,
	.send = port_send,
	.offer = port_offer,
	.rescind = port_rescind,
	.port = port_get,
	.free = port_free,
};

static void port_on_root(const struct hvsim_frame *frame, void *userdata)
{
	struct port_transport *transport = userdata;

	/*
	 * Each gets the clock that any has asked for, and knows whether it did; a guest
	 * that has gone knows no channel any more.
	 */
	if (frame->type == HVSIM_FRAME_CLOCK || frame->type == HVSIM_FRAME_UNLOADED)
		transport->base.owner->frame(frame, transport->base.userdata);
}

/**
 * hvsim_transport_attach() - Have a channel on hvsim's bus, not offered yet.
 * @ret: the transport
 * @root: the bus
 * @offer: what the guest will be told of it; copied
 * @owner: who listens
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM.
 */
int hvsim_transport_attach(struct hvsim_transport **ret, struct hvsim_root *root,
			   const struct hvsim_vmbus_offer *offer,
			   const struct hvsim_transport_owner *owner, void *userdata)
{
	struct port_transport *transport = calloc(1, sizeof(*transport));

	if (!transport)
		return -ENOMEM;
	transport->base = (struct hvsim_transport){ &port_ops, owner, userdata };
	transport->root = root;
	transport->offer = *offer;
	transport->watch.frame = port_on_root;
	transport->watch.userdata = transport;
	hvsim_root_watch(root, &transport->watch);
	*ret = &transport->base;
	return 0;
}
