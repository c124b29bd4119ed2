// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets on an open channel, both ways.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_bus_state.h"

/**
 * hvsim_bus_channel_interrupt() - Have the guest look at its rings.
 * @bus: which
 * @channel: an open one
 */
void hvsim_bus_channel_interrupt(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	if (bus->platform->interrupt(bus->userdata, channel->vp, bus->sint, channel->relid) < 0)
		hvsim_bus_complain(bus, channel, "cannot interrupt processor %u", channel->vp);
}

static void channel_break(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
			  const char *which)
{
	channel->broken = true;
	hvsim_bus_complain(bus, channel, "the ring %s the guest makes no sense any more", which);
}

/* Hands a packet on; returns whether there may be another one to be read. */
static bool packet_handle(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
			  uint16_t type, size_t len)
{
	struct hvsim_bus_armed *armed = hvsim_bus_trick_take(bus, HVSIM_STEP_PACKET, channel);
	enum hvsim_bus_trick trick = armed ? armed->trick : 0;

	free(armed);
	if (trick != HVSIM_TRICK_SILENCE && trick != HVSIM_TRICK_RESCIND_BEFORE &&
	    trick != HVSIM_TRICK_RESCIND_INSTEAD)
		hvsim_bus_tell(bus, channel, HVSIM_FRAME_PACKET, type, bus->payload, len);
	if (trick == HVSIM_TRICK_TWICE)
		hvsim_bus_tell(bus, channel, HVSIM_FRAME_PACKET, type, bus->payload, len);
	if (trick == HVSIM_TRICK_RESCIND_BEFORE || trick == HVSIM_TRICK_RESCIND_AFTER ||
	    trick == HVSIM_TRICK_RESCIND_INSTEAD) {
		hvsim_bus_channel_rescind(bus, channel);
		return false;
	}
	return true;
}

/**
 * hvsim_bus_channel_drain() - Take what the guest wrote.
 * @bus: which
 * @channel: which; need not be open.  It may be gone when this returns
 */
void hvsim_bus_channel_drain(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	struct hvsim_vmbus_packet packet;
	bool wake;
	int len;

	while (channel->open && !channel->held && !channel->broken &&
	       !bus->platform->full(bus->userdata)) {
		len = hvsim_ring_take(&channel->from_guest, &packet, bus->payload,
				      sizeof(bus->payload), &wake);
		if (len == -EAGAIN)
			return;
		if (len < 0) {
			channel_break(bus, channel, "from");
			return;
		}
		if (wake)
			hvsim_bus_channel_interrupt(bus, channel);
		if (!packet_handle(bus, channel, packet.type, (size_t)len))
			return;
	}
}

static int write_put(struct hvsim_bus_channel *channel, const struct hvsim_bus_write *write,
		     bool *wake)
{
	if (write->raw)
		return hvsim_ring_put_raw(&channel->to_guest, write->bytes, write->len, wake);
	return hvsim_ring_put(&channel->to_guest, write->type, channel->transaction, write->bytes,
			      write->len, wake);
}

static void write_drop(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	struct hvsim_bus_write *write = STAILQ_FIRST(&channel->writes);

	STAILQ_REMOVE_HEAD(&channel->writes, link);
	channel->waiting -= sizeof(*write) + write->len;
	if (write->tell)
		hvsim_bus_tell(bus, channel, HVSIM_FRAME_WRITTEN, 0, NULL, 0);
	free(write);
}

/**
 * hvsim_bus_channel_flush() - Write what waits, as far as there is room.
 * @bus: which
 * @channel: which; need not be open
 */
void hvsim_bus_channel_flush(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	struct hvsim_bus_write *write;
	bool wake;
	int err;

	while (channel->open && (write = STAILQ_FIRST(&channel->writes))) {
		err = write_put(channel, write, &wake);
		if (err == -EAGAIN)
			return;
		if (err == -EPROTO) {
			channel_break(bus, channel, "to");
			hvsim_bus_channel_discard(bus, channel);
			return;
		}
		if (err < 0)
			hvsim_bus_complain(bus, channel,
					   "dropped a packet of %zu bytes: too large for its ring",
					   write->len);
		else if (!write->raw)
			channel->transaction++;
		if (wake)
			hvsim_bus_channel_interrupt(bus, channel);
		write_drop(bus, channel);
	}
}

/**
 * hvsim_bus_channel_discard() - Forget what waits.
 * @bus: which
 * @channel: which
 */
void hvsim_bus_channel_discard(struct hvsim_bus *bus, struct hvsim_bus_channel *channel)
{
	while (!STAILQ_EMPTY(&channel->writes))
		write_drop(bus, channel);
}

/**
 * hvsim_bus_channel_write() - Write to the guest, now or when there is room.
 * @bus: which
 * @channel: which
 * @raw: @bytes go into the ring as they are
 * @type: else, VMBus packet type of a packet with @bytes as its payload; with
 *	HVSIM_PACKET_TELL, the host is told when it is in the ring
 * @bytes: what
 * @len: bytes at @bytes
 *
 * What is for a channel that the guest has closed meanwhile is dropped, as is
 * what cannot wait: then the host is told that too.
 */
void hvsim_bus_channel_write(struct hvsim_bus *bus, struct hvsim_bus_channel *channel, bool raw,
			     uint16_t type, const void *bytes, size_t len)
{
	struct hvsim_bus_write *write = NULL;
	bool tell = !raw && type & HVSIM_PACKET_TELL;

	if (channel->waiting + sizeof(*write) + len <= HVSIM_BUS_WAITING_MAX)
		write = malloc(sizeof(*write) + len);
	if (!write) {
		hvsim_bus_complain(bus, channel, "lost a packet of %zu bytes: too many wait", len);
		if (tell)
			hvsim_bus_tell(bus, channel, HVSIM_FRAME_WRITTEN, 0, NULL, 0);
		return;
	}
	write->raw = raw;
	write->tell = tell;
	write->type = (uint16_t)(type & ~HVSIM_PACKET_TELL);
	write->len = len;
	memcpy(write->bytes, bytes, len);
	STAILQ_INSERT_TAIL(&channel->writes, write, link);
	channel->waiting += sizeof(*write) + len;
	if (channel->open)
		hvsim_bus_channel_flush(bus, channel);
	else
		hvsim_bus_channel_discard(bus, channel);
}
