// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated host's connection to hvsim's VMBus.
 *
 * A port lives from its offer until the bus says that it is released.  What was
 * offered is kept, so that a plugin that comes later, or comes again, is told of
 * it; without a plugin there is no guest that could hold on to a channel, and a
 * rescinded port is released from the loop.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hvsim_link.h"
#include "hvsim_stream.h"
#include "hvsim_vmbus.h"

TAILQ_HEAD(port_list, hvsim_port);

struct hvsim_port {
	TAILQ_ENTRY(hvsim_port) link;
	struct hvsim_link *connection;
	uint32_t number;
	struct hvsim_vmbus_offer offer;
	const struct hvsim_port_owner *owner;
	void *userdata;
	bool open;
	bool rescinded;
};

struct hvsim_link {
	sd_event *event;
	sd_event_source *listener;
	sd_event_source *releaser;	/* of what was rescinded while nobody was there */
	char *path;
	int fd;
	struct hvsim_stream *stream;	/* NULL while no plugin is connected */
	const struct hvsim_link_owner *owner;
	void *userdata;
	struct port_list ports;
	uint32_t last_number;
	bool broken;			/* the plugin did not take what it must take */
	uint8_t frame[HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX];	/* being built */
};

/* Of a channel that nobody cares about any more. */
static void nobody_frame(const struct hvsim_frame *frame, void *userdata)
{
	(void)frame;
	(void)userdata;
}

static void nobody_released(void *userdata)
{
	(void)userdata;
}

static const struct hvsim_port_owner nobody = { nobody_frame, nobody_released };

static void link_tell(struct hvsim_link *link, const struct hvsim_frame *frame)
{
	if (link->owner->frame)
		link->owner->frame(frame, link->userdata);
}

/* The plugin has done what none should do. */
static void link_complain(struct hvsim_link *link, const char *text)
{
	const struct hvsim_frame frame = {
		.type = HVSIM_FRAME_ANOMALY,
		.length = (uint32_t)strlen(text),
		.bytes = (const uint8_t *)text,
	};

	link_tell(link, &frame);
}

static struct hvsim_port *port_find(struct hvsim_link *link, uint32_t number)
{
	struct hvsim_port *port;

	TAILQ_FOREACH(port, &link->ports, link)
		if (port->number == number)
			return port;
	return NULL;
}

static void port_close(struct hvsim_port *port)
{
	const struct hvsim_frame frame = { .type = HVSIM_FRAME_CLOSED };

	if (!port->open)
		return;
	port->open = false;
	port->owner->frame(&frame, port->userdata);
}

static void port_release(struct hvsim_port *port)
{
	port_close(port);
	/* so that the owner can offer the same again from within */
	TAILQ_REMOVE(&port->connection->ports, port, link);
	port->owner->released(port->userdata);
	free(port);
}

static void port_on_frame(struct hvsim_port *port, const struct hvsim_frame *frame)
{
	switch (frame->type) {
	case HVSIM_FRAME_RELEASED:
		port_release(port);
		return;
	case HVSIM_FRAME_OPENED:
		port->open = true;
		break;
	case HVSIM_FRAME_CLOSED:
		port->open = false;
		break;
	default:
		break;
	}
	port->owner->frame(frame, port->userdata);
}

/* A frame that begins with the number of a channel. */
static void link_on_channel(struct hvsim_link *link, const struct hvsim_frame *whole)
{
	struct hvsim_frame frame = *whole;
	struct hvsim_port *port;
	uint32_t number;

	if (frame.length < HVSIM_CHANNEL_LEN) {
		link_complain(link, "the plugin sent a frame without the channel it is about");
		return;
	}
	number = (uint32_t)hvsim_frame_get(frame.bytes, HVSIM_CHANNEL_LEN);
	frame.bytes += HVSIM_CHANNEL_LEN;
	frame.length -= HVSIM_CHANNEL_LEN;
	port = port_find(link, number);
	if (port)
		port_on_frame(port, &frame);
	else if (frame.type == HVSIM_FRAME_ANOMALY)
		link_tell(link, &frame);
	else
		link_complain(link, "the plugin sent a frame about a channel that there is not");
}

static void link_on_frame(struct hvsim_link *link, const struct hvsim_frame *frame)
{
	switch (frame->type) {
	case HVSIM_FRAME_OPENED:
	case HVSIM_FRAME_CLOSED:
	case HVSIM_FRAME_PACKET:
	case HVSIM_FRAME_OFFERED:
	case HVSIM_FRAME_RELEASED:
	case HVSIM_FRAME_MOVED:
	case HVSIM_FRAME_WRITTEN:
	case HVSIM_FRAME_ANOMALY:
		link_on_channel(link, frame);
		break;
	case HVSIM_FRAME_CLOCK:
	case HVSIM_FRAME_CONTACT:
	case HVSIM_FRAME_REQUESTED:
	case HVSIM_FRAME_UNLOADED:
	case HVSIM_FRAME_CONNECT:
	case HVSIM_FRAME_TRACED:
		link_tell(link, frame);
		break;
	default:
		link_complain(link, "the plugin sent a frame of unknown type");
	}
}

static ptrdiff_t link_received(const uint8_t *bytes, size_t len, void *userdata)
{
	struct hvsim_link *link = userdata;
	struct hvsim_frame frame;
	size_t used = 0;
	int found;

	while ((found = hvsim_frame_decode(&frame, bytes + used, len - used)) > 0) {
		used += HVSIM_FRAME_HEAD_LEN + frame.length;
		link_on_frame(link, &frame);
	}
	if (found < 0) {
		link_complain(link, "the plugin sent a frame that is too large");
		return -EMSGSIZE;
	}
	return (ptrdiff_t)used;
}

static void link_release(struct hvsim_link *link)
{
	struct hvsim_port *port, *next;

	for (port = TAILQ_FIRST(&link->ports); port; port = next) {
		next = TAILQ_NEXT(port, link);
		if (port->rescinded)
			port_release(port);
	}
}

static void link_disconnected(void *userdata)
{
	struct hvsim_link *link = userdata;
	struct hvsim_port *port;

	hvsim_stream_free(link->stream);
	link->stream = NULL;
	link->broken = false;
	TAILQ_FOREACH(port, &link->ports, link)
		port_close(port);
	link_release(link);
	if (link->owner->disconnected)
		link->owner->disconnected(link->userdata);
}

static int link_on_release(sd_event_source *source, void *userdata)
{
	struct hvsim_link *link = userdata;

	(void)source;
	if (link->broken)
		link_disconnected(link);
	else if (!link->stream)
		link_release(link);
	return 0;
}

static const struct hvsim_stream_owner link_stream = {
	.received = link_received,
	.closed = link_disconnected,
	.most = HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX,
};

static int port_offer(struct hvsim_port *port)
{
	return hvsim_port_send(port, HVSIM_FRAME_OFFER, 0, &port->offer, sizeof(port->offer));
}

static int link_on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hvsim_link *link = userdata;
	struct hvsim_port *port;
	int err;

	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;	/* who knocked has gone */
	/* a new plugin means that the old one is dead, whether that is known or not */
	if (link->stream)
		link_disconnected(link);
	link_release(link);
	err = hvsim_stream_new(&link->stream, link->event, fd, &link_stream, link);
	if (err < 0) {
		link->stream = NULL;
		return 0;
	}
	TAILQ_FOREACH(port, &link->ports, link)
		err = port_offer(port) ?: err;
	/* a bus that lacks a channel is worse than none: the guest will not come up */
	if (err < 0)
		link_disconnected(link);
	else if (link->owner->connected)
		link->owner->connected(link->userdata);
	return 0;
}

static int link_listen(struct hvsim_link *link, const char *path)
{
	int err;

	link->fd = hvsim_stream_listen(path);
	if (link->fd < 0)
		return link->fd;
	link->path = strdup(path);
	if (!link->path)
		return -ENOMEM;
	err = sd_event_add_io(link->event, &link->listener, link->fd, EPOLLIN, link_on_connect,
			      link);
	if (err < 0)
		return err;
	err = sd_event_add_defer(link->event, &link->releaser, link_on_release, link);
	if (err < 0)
		return err;
	return sd_event_source_set_enabled(link->releaser, SD_EVENT_OFF);
}

/**
 * hvsim_link_new() - Wait for a plugin at a socket.
 * @ret: the connection
 * @event: the loop that it lives in
 * @path: the socket; one that is there already is replaced
 * @owner: what to tell whom
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM, or what hvsim_stream_listen() or the loop said.
 */
int hvsim_link_new(struct hvsim_link **ret, sd_event *event, const char *path,
		   const struct hvsim_link_owner *owner, void *userdata)
{
	struct hvsim_link *link = calloc(1, sizeof(*link));
	int err;

	if (!link)
		return -ENOMEM;
	link->event = sd_event_ref(event);
	link->fd = -1;
	link->owner = owner;
	link->userdata = userdata;
	TAILQ_INIT(&link->ports);
	err = link_listen(link, path);
	if (err < 0) {
		hvsim_link_free(link);
		return err;
	}
	*ret = link;
	return 0;
}

/**
 * hvsim_link_free() - Disconnect, and forget all ports.
 * @link: may be NULL
 *
 * No owner hears anything of it.
 */
void hvsim_link_free(struct hvsim_link *link)
{
	struct hvsim_port *port;

	if (!link)
		return;
	while ((port = TAILQ_FIRST(&link->ports))) {
		TAILQ_REMOVE(&link->ports, port, link);
		free(port);
	}
	hvsim_stream_free(link->stream);
	sd_event_source_disable_unref(link->listener);
	sd_event_source_disable_unref(link->releaser);
	if (link->fd >= 0)
		close(link->fd);
	if (link->path)
		unlink(link->path);
	free(link->path);
	sd_event_unref(link->event);
	free(link);
}

/**
 * hvsim_link_is_connected() - Whether a machine has the bus.
 * @link: which
 *
 * Return: whether a plugin is connected.
 */
bool hvsim_link_is_connected(const struct hvsim_link *link)
{
	return link->stream;
}

/* Sends a frame in up to two pieces. */
static int frame_send(struct hvsim_link *link, enum hvsim_frame_type type, uint16_t arg,
		      const void *first, size_t first_len, const void *second, size_t second_len)
{
	size_t len = first_len + second_len;
	uint8_t *at = link->frame + HVSIM_FRAME_HEAD_LEN;

	if (!link->stream)
		return -ENOTCONN;
	if (second_len > HVSIM_FRAME_MAX || len > HVSIM_FRAME_MAX)
		return -EMSGSIZE;
	hvsim_frame_encode_head(link->frame, (uint16_t)type, arg, (uint32_t)len);
	if (first_len)
		memcpy(at, first, first_len);
	if (second_len)
		memcpy(at + first_len, second, second_len);
	return hvsim_stream_send(link->stream, link->frame, HVSIM_FRAME_HEAD_LEN + len);
}

/**
 * hvsim_link_send() - Send a frame that is about no channel.
 * @link: to whose plugin
 * @type: what it is
 * @arg: as @type needs it
 * @bytes: behind the head; NULL for none
 * @len: bytes at @bytes
 *
 * Return: 0; -ENOTCONN without a plugin; -EMSGSIZE for more than
 * HVSIM_FRAME_MAX bytes; as hvsim_stream_send().
 */
int hvsim_link_send(struct hvsim_link *link, enum hvsim_frame_type type, uint16_t arg,
		    const void *bytes, size_t len)
{
	return frame_send(link, type, arg, NULL, 0, bytes, len);
}

static uint32_t number_next(struct hvsim_link *link)
{
	do {
		link->last_number++;
	} while (link->last_number == HVSIM_CHANNEL_ANY || port_find(link, link->last_number));
	return link->last_number;
}

/**
 * hvsim_port_new() - Offer a channel, now and to each plugin that comes.
 * @ret: the port
 * @link: where
 * @offer: the bytes of a struct hvsim_vmbus_offer; copied
 * @owner: what to tell whom
 * @userdata: for @owner
 *
 * It is there until @owner is told that it is released.
 *
 * Return: 0; -ENOMEM; as hvsim_stream_send().
 */
int hvsim_port_new(struct hvsim_port **ret, struct hvsim_link *link, const void *offer,
		   const struct hvsim_port_owner *owner, void *userdata)
{
	struct hvsim_port *port = calloc(1, sizeof(*port));
	int err;

	if (!port)
		return -ENOMEM;
	port->connection = link;
	port->number = number_next(link);
	memcpy(&port->offer, offer, sizeof(port->offer));
	port->owner = owner;
	port->userdata = userdata;
	err = link->stream ? port_offer(port) : 0;
	if (err < 0) {
		free(port);
		return err;
	}
	TAILQ_INSERT_TAIL(&link->ports, port, link);
	*ret = port;
	return 0;
}

/**
 * hvsim_port_rescind() - Take a channel back.
 * @port: which; may be rescinded already
 *
 * It is gone when its owner is told that it is released: when the guest has let
 * go of it, or at once, but not before this returns, when there is no plugin.
 */
void hvsim_port_rescind(struct hvsim_port *port)
{
	struct hvsim_link *link = port->connection;

	if (port->rescinded)
		return;
	port->rescinded = true;
	if (!hvsim_port_send(port, HVSIM_FRAME_RESCIND, 0, NULL, 0))
		return;
	/* a guest that keeps a channel which the host has not is worse than none */
	link->broken = link->stream;
	sd_event_source_set_enabled(link->releaser, SD_EVENT_ONESHOT);
}

/**
 * hvsim_port_abandon() - Take a channel back, and hear no more of it.
 * @port: which; is not to be used any more
 */
void hvsim_port_abandon(struct hvsim_port *port)
{
	port->owner = &nobody;
	hvsim_port_rescind(port);
}

/**
 * hvsim_port_number() - The number that a channel was offered with.
 * @port: which
 *
 * Return: the number; no other port of the connection has it.
 */
uint32_t hvsim_port_number(const struct hvsim_port *port)
{
	return port->number;
}

/**
 * hvsim_port_link() - The connection that a channel is on.
 * @port: which
 *
 * Return: the connection, borrowed.
 */
struct hvsim_link *hvsim_port_link(const struct hvsim_port *port)
{
	return port->connection;
}

/**
 * hvsim_port_send() - Send a frame about a channel.
 * @port: which
 * @type: what it is
 * @arg: as @type needs it
 * @bytes: behind the channel's number; NULL for none
 * @len: bytes at @bytes
 *
 * Return: as hvsim_link_send(), but 4 bytes less fit.
 */
int hvsim_port_send(struct hvsim_port *port, enum hvsim_frame_type type, uint16_t arg,
		    const void *bytes, size_t len)
{
	uint8_t number[HVSIM_CHANNEL_LEN];

	hvsim_frame_put(number, port->number, HVSIM_CHANNEL_LEN);
	return frame_send(port->connection, type, arg, number, sizeof(number), bytes, len);
}
