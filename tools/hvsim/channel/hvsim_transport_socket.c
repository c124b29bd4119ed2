// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A channel on QEMU's bus: a socket of its own, at which the plugin's device
 * connects.  It is offered when the machine is made, and stays.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hvsim_stream.h"
#include "hvsim_transport.h"

struct socket_transport {
	struct hvsim_transport base;
	sd_event *event;
	sd_event_source *listener;
	char *path;
	int fd;
	struct hvsim_stream *stream;	/* NULL while no plugin is connected */
	uint8_t frame[HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX];	/* being built */
};

static ptrdiff_t socket_received(const uint8_t *bytes, size_t len, void *userdata)
{
	struct socket_transport *transport = userdata;
	struct hvsim_transport *base = &transport->base;
	struct hvsim_frame frame;
	size_t used = 0;
	int found;

	while ((found = hvsim_frame_decode(&frame, bytes + used, len - used)) > 0) {
		used += HVSIM_FRAME_HEAD_LEN + frame.length;
		base->owner->frame(&frame, base->userdata);
	}
	if (found < 0) {
		base->owner->anomaly("frame-length", "the plugin sent a frame that is too large",
				     bytes + used, HVSIM_FRAME_HEAD_LEN, base->userdata);
		return -EMSGSIZE;
	}
	return (ptrdiff_t)used;
}

static void socket_disconnected(void *userdata)
{
	static const struct hvsim_frame closed = { .type = HVSIM_FRAME_CLOSED };
	struct socket_transport *transport = userdata;

	hvsim_stream_free(transport->stream);
	transport->stream = NULL;
	transport->base.owner->frame(&closed, transport->base.userdata);
}

static const struct hvsim_stream_owner socket_stream = {
	.received = socket_received,
	.closed = socket_disconnected,
	.most = HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX,
};

static int socket_on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct socket_transport *transport = userdata;

	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;	/* who knocked has gone */
	/* a new plugin means that the old one is dead, whether that is known or not */
	if (transport->stream)
		socket_disconnected(transport);
	if (hvsim_stream_new(&transport->stream, transport->event, fd, &socket_stream,
			     transport) < 0)
		transport->stream = NULL;
	return 0;
}

static bool socket_is_connected(const struct hvsim_transport *base)
{
	return ((const struct socket_transport *)base)->stream;
}

static int socket_send(struct hvsim_transport *base, enum hvsim_frame_type type, uint16_t arg,
		       const void *bytes, size_t len)
{
	struct socket_transport *transport = (struct socket_transport *)base;

	if (!transport->stream)
		return -ENOTCONN;
	if (len > HVSIM_FRAME_MAX)
		return -EMSGSIZE;
	hvsim_frame_encode_head(transport->frame, (uint16_t)type, arg, (uint32_t)len);
	if (len)
		memcpy(transport->frame + HVSIM_FRAME_HEAD_LEN, bytes, len);
	return hvsim_stream_send(transport->stream, transport->frame, HVSIM_FRAME_HEAD_LEN + len);
}

static struct hvsim_port *socket_port(struct hvsim_transport *base)
{
	(void)base;
	return NULL;
}

static void socket_free(struct hvsim_transport *base)
{
	struct socket_transport *transport = (struct socket_transport *)base;

	hvsim_stream_free(transport->stream);
	sd_event_source_disable_unref(transport->listener);
	if (transport->fd >= 0)
		close(transport->fd);
	if (transport->path)
		unlink(transport->path);
	free(transport->path);
	sd_event_unref(transport->event);
	free(transport);
}

static const struct hvsim_transport_ops socket_ops = {
	.is_connected = socket_is_connected,
	.send = socket_send,
	.port = socket_port,
	.free = socket_free,
};

static int socket_start(struct socket_transport *transport, const char *path)
{
	transport->fd = hvsim_stream_listen(path);
	if (transport->fd < 0)
		return transport->fd;
	transport->path = strdup(path);
	if (!transport->path)
		return -ENOMEM;
	return sd_event_add_io(transport->event, &transport->listener, transport->fd, EPOLLIN,
			       socket_on_connect, transport);
}

/**
 * hvsim_transport_listen() - Wait for a channel's device at a socket.
 * @ret: the transport
 * @event: the loop that it lives in
 * @path: the socket; one that is there already is replaced
 * @owner: who listens
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM, or what hvsim_stream_listen() or the loop said.
 */
int hvsim_transport_listen(struct hvsim_transport **ret, sd_event *event, const char *path,
			   const struct hvsim_transport_owner *owner, void *userdata)
{
	struct socket_transport *transport = calloc(1, sizeof(*transport));
	int err;

	if (!transport)
		return -ENOMEM;
	transport->base = (struct hvsim_transport){ &socket_ops, owner, userdata };
	transport->event = sd_event_ref(event);
	transport->fd = -1;
	err = socket_start(transport, path);
	if (err < 0) {
		socket_free(&transport->base);
		return err;
	}
	*ret = &transport->base;
	return 0;
}
