// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A channel: offered, opened, closed, taken back, let go.
 *
 *	         offer            open
 *	waiting --------> offered <-----> open
 *	   ^                 |     close   |
 *	   | disconnect      | rescind     | rescind (closes it)
 *	   |                 v             v
 *	   +---------------- rescinded ----+  release: gone
 *
 * The guest knows a channel by its relid, the host by its number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_bus_state.h"

/**
 * hvsim_bus_channel_by_relid() - The channel that the guest means.
 * @bus: which
 * @relid: by the guest
 *
 * Return: the channel; NULL when there is none.
 */
struct hvsim_bus_channel *hvsim_bus_channel_by_relid(struct hvsim_bus *bus, uint32_t relid)
{
	struct hvsim_bus_channel *channel;

	TAILQ_FOREACH(channel, &bus->channels, link)
		if (relid && channel->relid == relid)
			return channel;
	return NULL;
}

/**
 * hvsim_bus_channel_by_number() - The channel that the host means.
 * @bus: which
 * @number: by the host
 *
 * Return: the channel; NULL when there is none.
 */
struct hvsim_bus_channel *hvsim_bus_channel_by_number(struct hvsim_bus *bus, uint32_t number)
{
	struct hvsim_bus_channel *channel;

	TAILQ_FOREACH(channel, &bus->channels, link)
		if (number != HVSIM_CHANNEL_ANY && channel->number == number)
			return channel;
	return NULL;
}

/**
 * hvsim_bus_channel_new() - Take a channel that the host offers.
 * @bus: which
 * @number: by the host
 * @offer: what the guest is to be told of it, at once or when it asks
 *
 * Return: 0; -EEXIST when the number is in use, or stands for any; -ENOMEM.
 */
int hvsim_bus_channel_new(struct hvsim_bus *bus, uint32_t number,
			  const struct hvsim_vmbus_offer *offer)
{
	struct hvsim_bus_channel *channel;

	if (number == HVSIM_CHANNEL_ANY || hvsim_bus_channel_by_number(bus, number))
		return -EEXIST;
	channel = calloc(1, sizeof(*channel));
	if (!channel)
		return -ENOMEM;
	channel->number = number;
	channel->offer = *offer;
	STAILQ_INIT(&channel->writes);
	TAILQ_INSERT_TAIL(&bus->channels, channel, link);
	if (bus->requested)
		hvsim_bus_channel_offer(bus, channel);
	return 0;
}

/* One that has not been in use for long: the guest may still think of an old one. */
static uint32_t relid_choose(struct hvsim_bus *bus)
{
	uint32_t tried;

	for (tried = 1; tried < HVSIM_VMBUS_RELIDS; tried++) {
		bus->last_relid = bus->last_relid % (HVSIM_VMBUS_RELIDS - 1) + 1;
		if (!hvsim_bus_channel_by_relid(bus, bus->last_relid))
			return bus->last_relid;
	}
	return 0;
}

/**
 * hvsim_bus_channel_offer() - Tell the guest of a channel.
 * @bus: with a guest that asked for offers
 * @channel: one that it does not know
 *
 * When all relids are in use, it waits for hvsim_bus_channel_offer_next().
 */
void hvsim_bus_channel_offer(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	struct hvsim_vmbus_offer_channel message = {
		.head.type = HVSIM_OFFER_CHANNEL,
		.offer = channel->offer,
		.interrupt = HVSIM_OFFER_DEDICATED,
	};

	channel->relid = relid_choose(bus);
	if (!channel->relid) {
		hvsim_bus_complain(bus, channel, "no more than %u channels can be offered",
				   HVSIM_VMBUS_RELIDS - 1);
		return;
	}
	message.relid = channel->relid;
	message.connection = HVSIM_VMBUS_CONNECTION_EVENTS + channel->relid;
	hvsim_bus_post(bus, &message, sizeof(message));
	hvsim_bus_tell(bus, channel, HVSIM_FRAME_OFFERED, 0, &channel->relid,
		       sizeof(channel->relid));
}

/**
 * hvsim_bus_channel_offer_next() - Tell the guest of a channel that had to wait.
 * @bus: with a guest that has just let go of a relid
 */
void hvsim_bus_channel_offer_next(struct hvsim_bus *bus)
{
	struct hvsim_bus_channel *channel;

	TAILQ_FOREACH(channel, &bus->channels, link) {
		if (channel->relid)
			continue;
		hvsim_bus_channel_offer(bus, channel);
		return;
	}
}

static struct hvsim_gpadl *gpadl_of(struct hvsim_bus *bus, const struct hvsim_vmbus_open *open)
{
	struct hvsim_gpadl *gpadl;

	TAILQ_FOREACH(gpadl, &bus->gpadls, link)
		if (gpadl->id == open->gpadl && gpadl->relid == open->relid && gpadl->pages)
			return gpadl;
	return NULL;
}

static int rings_start(struct hvsim_bus_channel *channel, const struct hvsim_gpadl *gpadl,
		       uint32_t split)
{
	int err;

	if (split > gpadl->count)
		return -EINVAL;
	err = hvsim_ring_start(&channel->from_guest, gpadl->pages, split, false);
	if (err < 0)
		return err;
	return hvsim_ring_start(&channel->to_guest, gpadl->pages + split, gpadl->count - split,
				true);
}

/**
 * hvsim_bus_channel_open() - Give a channel its rings.
 * @bus: which
 * @channel: one that the guest knows
 * @open: as the guest asked
 *
 * The host is not told yet: the guest may learn that it has failed.
 *
 * Return: status for the guest.
 */
uint32_t hvsim_bus_channel_open(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
				const struct hvsim_vmbus_open *open)
{
	struct hvsim_gpadl *gpadl = gpadl_of(bus, open);

	if (channel->open || channel->rescinded)
		return HVSIM_STATUS_BUSY;
	if (!bus->platform->has_vp(bus->userdata, open->vp))
		return HVSIM_STATUS_INVALID;
	if (!gpadl || rings_start(channel, gpadl, open->downstream_page) < 0)
		return HVSIM_STATUS_INVALID;
	if (bus->platform->listen(bus->userdata,
				  HVSIM_VMBUS_CONNECTION_EVENTS + channel->relid) < 0)
		return HVSIM_STATUS_BUSY;
	channel->gpadl = gpadl->id;
	channel->vp = open->vp;
	channel->broken = false;
	channel->transaction = 0;
	channel->open = true;
	return HVSIM_STATUS_OK;
}

/**
 * hvsim_bus_channel_close() - Take a channel's rings.
 * @bus: which
 * @channel: which; one that is closed stays so
 *
 * What waits for room is lost with the ring.
 */
void hvsim_bus_channel_close(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	if (!channel->open)
		return;
	channel->open = false;
	channel->held = false;
	bus->platform->ignore(bus->userdata, HVSIM_VMBUS_CONNECTION_EVENTS + channel->relid);
	hvsim_bus_channel_discard(bus, channel);
	if (channel->announced)
		hvsim_bus_tell(bus, channel, HVSIM_FRAME_CLOSED, 0, NULL, 0);
	channel->announced = false;
}

/**
 * hvsim_bus_channel_rescind() - Take a channel back.
 * @bus: which
 * @channel: which; is gone at once when the guest does not know of it, else when
 *	the guest lets go of it
 */
void hvsim_bus_channel_rescind(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	struct hvsim_vmbus_relid message = {
		.head.type = HVSIM_RESCIND_CHANNEL_OFFER,
		.relid = channel->relid,
	};

	if (channel->rescinded)
		return;
	channel->rescinded = true;
	hvsim_bus_channel_close(bus, channel);
	if (channel->relid)
		hvsim_bus_post(bus, &message, sizeof(message));
	else
		hvsim_bus_channel_release(bus, channel);
}

/**
 * hvsim_bus_channel_release() - Let a channel go.
 * @bus: which
 * @channel: a rescinded one
 *
 * The memory that is for it goes with it: guests do not take that back any more.
 */
void hvsim_bus_channel_release(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	struct hvsim_gpadl *gpadl, *next;

	for (gpadl = TAILQ_FIRST(&bus->gpadls); gpadl; gpadl = next) {
		next = TAILQ_NEXT(gpadl, link);
		if (gpadl->relid == channel->relid)
			hvsim_bus_gpadl_drop(bus, gpadl);
	}
	TAILQ_REMOVE(&bus->channels, channel, link);
	hvsim_bus_tell(bus, channel, HVSIM_FRAME_RELEASED, 0, NULL, 0);
	free(channel);
}

/**
 * hvsim_bus_channel_disconnect() - The guest has forgotten a channel.
 * @bus: which
 * @channel: which; waits to be offered again, but a rescinded one is gone
 */
void hvsim_bus_channel_disconnect(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	hvsim_bus_channel_close(bus, channel);
	channel->relid = 0;
	if (channel->rescinded)
		hvsim_bus_channel_release(bus, channel);
}
