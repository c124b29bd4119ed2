// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A VMBus root: what it tells the host, what it posts to the guest, and how it ends.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_bus.h"
#include "hvsim_bus_state.h"

/**
 * hvsim_bus_tell() - Tell the host what happened on a channel.
 * @bus: which
 * @channel: which; NULL to say none
 * @type: of the frame
 * @arg: likewise
 * @bytes: behind the channel's number
 * @len: bytes at @bytes
 *
 * Of a channel that the host has forgotten it is not told.
 */
void hvsim_bus_tell(struct hvsim_bus *bus, const struct hvsim_bus_channel *channel,
		    enum hvsim_frame_type type, uint16_t arg, const void *bytes, size_t len)
{
	uint32_t number = channel ? channel->number : HVSIM_CHANNEL_ANY;

	if (channel && number == HVSIM_CHANNEL_ANY)
		return;
	bus->platform->tell(bus->userdata, type, arg, &number, sizeof(number), bytes, len);
}

/**
 * hvsim_bus_tell_all() - Tell the host what happened on the bus.
 * @bus: which
 * @type: of the frame
 * @arg: likewise
 * @bytes: of the frame
 * @len: bytes at @bytes
 */
void hvsim_bus_tell_all(struct hvsim_bus *bus, enum hvsim_frame_type type, uint16_t arg,
			const void *bytes, size_t len)
{
	bus->platform->tell(bus->userdata, type, arg, NULL, 0, bytes, len);
}

/**
 * hvsim_bus_complain() - Tell the host that the guest did what it should not have done.
 * @bus: which
 * @channel: which; NULL for none
 * @format: as for printf(); 200 bytes of the text are told
 */
void hvsim_bus_complain(struct hvsim_bus *bus, const struct hvsim_bus_channel *channel,
			const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hvsim_bus_tell(bus, channel, HVSIM_FRAME_ANOMALY, 0, text, strlen(text));
}

static void post_drop(struct hvsim_bus *bus, struct hvsim_bus_post *post)
{
	STAILQ_REMOVE(&bus->posts, post, hvsim_bus_post, link);
	bus->post_count--;
	free(post);
}

/* Posts the first message that can be; the platform says when it is there. */
static void posts_start(struct hvsim_bus *bus)
{
	struct hvsim_bus_post *post;

	while (!bus->posting && (post = STAILQ_FIRST(&bus->posts))) {
		if (!bus->platform->post(bus->userdata, post->vp, post->sint, post->type,
					 post->bytes, post->len)) {
			bus->posting = true;
			return;
		}
		hvsim_bus_complain(bus, NULL, "cannot post a message to processor %u", post->vp);
		post_drop(bus, post);
	}
}

/* The first message is the platform's as long as it is under way. */
static void posts_clear(struct hvsim_bus *bus)
{
	struct hvsim_bus_post *post, *next;

	post = STAILQ_FIRST(&bus->posts);
	if (bus->posting)
		post = STAILQ_NEXT(post, link);
	for (; post; post = next) {
		next = STAILQ_NEXT(post, link);
		post_drop(bus, post);
	}
}

/**
 * hvsim_bus_post_as() - Post any message to the guest, when it is its turn.
 * @bus: which
 * @type: SynIC message type
 * @bytes: the message
 * @len: bytes at @bytes, HVSIM_VMBUS_MESSAGE_MAX at most
 *
 * There is no limit here: whoever lets messages be posted without end has to see
 * to HVSIM_BUS_POSTS_MAX.  Offers and rescinds need none, as there are relids for
 * so many only, and no relid is free again while the guest is refused.
 */
void hvsim_bus_post_as(struct hvsim_bus *bus, uint32_t type, const void *bytes, size_t len)
{
	struct hvsim_bus_post *post = calloc(1, sizeof(*post));

	if (!post) {
		hvsim_bus_complain(bus, NULL, "lost a message to the guest: no memory");
		return;
	}
	post->vp = bus->vp;
	post->sint = bus->sint;
	post->type = type;
	post->len = len;
	memcpy(post->bytes, bytes, len);
	STAILQ_INSERT_TAIL(&bus->posts, post, link);
	if (++bus->post_count == HVSIM_BUS_POSTS_MAX)
		hvsim_bus_complain(bus, NULL, "the guest takes no messages: %u wait",
				   HVSIM_BUS_POSTS_MAX);
	if (bus->trace)
		hvsim_bus_tell_all(bus, HVSIM_FRAME_TRACED, 0, bytes, len);
	posts_start(bus);
}

/**
 * hvsim_bus_post() - Post a message of VMBus to the guest, when it is its turn.
 * @bus: which
 * @message: with its head
 * @len: bytes at @message, HVSIM_VMBUS_MESSAGE_MAX at most
 */
void hvsim_bus_post(struct hvsim_bus *bus, const void *message, size_t len)
{
	hvsim_bus_post_as(bus, HVSIM_VMBUS_MESSAGE, message, len);
}

/**
 * hvsim_bus_posted() - The message under way has arrived, or never will.
 * @bus: which
 */
void hvsim_bus_posted(struct hvsim_bus *bus)
{
	if (!bus->posting)
		return;
	bus->posting = false;
	post_drop(bus, STAILQ_FIRST(&bus->posts));
	posts_start(bus);
}

/**
 * hvsim_bus_gpadl_drop() - Give memory back to the guest.
 * @bus: which
 * @gpadl: of the bus, and of no open channel
 */
void hvsim_bus_gpadl_drop(struct hvsim_bus *bus, struct hvsim_gpadl *gpadl)
{
	TAILQ_REMOVE(&bus->gpadls, gpadl, link);
	bus->gpadl_count--;
	bus->gpadl_pages -= gpadl->count;
	hvsim_gpadl_free(gpadl, bus->platform, bus->userdata);
}

/**
 * hvsim_bus_disconnect() - The guest knows of nothing any more.
 * @bus: which
 */
void hvsim_bus_disconnect(struct hvsim_bus *bus)
{
	struct hvsim_bus_channel *channel, *next;
	struct hvsim_gpadl *gpadl;

	posts_clear(bus);
	for (channel = TAILQ_FIRST(&bus->channels); channel; channel = next) {
		next = TAILQ_NEXT(channel, link);
		hvsim_bus_channel_disconnect(bus, channel);
	}
	while ((gpadl = TAILQ_FIRST(&bus->gpadls)))
		hvsim_bus_gpadl_drop(bus, gpadl);
	bus->version = 0;
	bus->requested = false;
}

/**
 * hvsim_bus_signalled() - The guest has written to a ring, or made room in one.
 * @bus: which
 * @connection: that it signalled
 */
void hvsim_bus_signalled(struct hvsim_bus *bus, uint32_t connection)
{
	struct hvsim_bus_channel *channel =
		hvsim_bus_channel_by_relid(bus, connection - HVSIM_VMBUS_CONNECTION_EVENTS);

	if (!channel)
		return;
	hvsim_bus_channel_flush(bus, channel);
	hvsim_bus_channel_drain(bus, channel);
}

/**
 * hvsim_bus_resume() - The host can be told of packets again.
 * @bus: which
 */
void hvsim_bus_resume(struct hvsim_bus *bus)
{
	struct hvsim_bus_channel *channel, *next;

	for (channel = TAILQ_FIRST(&bus->channels); channel; channel = next) {
		next = TAILQ_NEXT(channel, link);
		hvsim_bus_channel_drain(bus, channel);
	}
}

/**
 * hvsim_bus_reset() - The machine was reset: the guest knows of nothing any more.
 * @bus: which
 *
 * What the host offered is offered again when a guest asks.
 */
void hvsim_bus_reset(struct hvsim_bus *bus)
{
	bool was_there = bus->version;

	hvsim_bus_disconnect(bus);
	if (was_there)
		hvsim_bus_tell_all(bus, HVSIM_FRAME_UNLOADED, 1, NULL, 0);
}

/**
 * hvsim_bus_forget() - The host is gone, and with it all that it offered.
 * @bus: which
 *
 * The guest is told that the channels are taken back, as it would be by a host.
 */
void hvsim_bus_forget(struct hvsim_bus *bus)
{
	struct hvsim_bus_channel *channel, *next;

	hvsim_bus_trick_clear(bus);
	bus->limit = HVSIM_VMBUS_NEWEST;
	bus->trace = false;
	for (channel = TAILQ_FIRST(&bus->channels); channel; channel = next) {
		next = TAILQ_NEXT(channel, link);
		channel->number = HVSIM_CHANNEL_ANY;
		hvsim_bus_channel_rescind(bus, channel);
	}
}

/**
 * hvsim_bus_new() - Make a bus without channels.
 * @platform: that it lives on; must stay
 * @userdata: for @platform
 *
 * Return: the bus; NULL when there is no memory.
 */
struct hvsim_bus *hvsim_bus_new(const struct hvsim_bus_platform *platform, void *userdata)
{
	struct hvsim_bus *bus = calloc(1, sizeof(*bus));

	if (!bus)
		return NULL;
	bus->platform = platform;
	bus->userdata = userdata;
	bus->limit = HVSIM_VMBUS_NEWEST;
	bus->sint = HVSIM_VMBUS_SINT;
	TAILQ_INIT(&bus->channels);
	TAILQ_INIT(&bus->gpadls);
	STAILQ_INIT(&bus->posts);
	STAILQ_INIT(&bus->armed);
	return bus;
}

/**
 * hvsim_bus_free() - Give a bus up, without a word to the guest.
 * @bus: may be NULL
 */
void hvsim_bus_free(struct hvsim_bus *bus)
{
	if (!bus)
		return;
	/* in this order: a guest that knows of nothing is not told that it is taken back */
	hvsim_bus_disconnect(bus);
	hvsim_bus_forget(bus);
	while (!STAILQ_EMPTY(&bus->posts))
		post_drop(bus, STAILQ_FIRST(&bus->posts));
	free(bus);
}
