// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host tells the bus to do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_bus.h"
#include "hvsim_bus_state.h"

static uint32_t number_at(const struct hvsim_frame *frame, size_t offset)
{
	return (uint32_t)hvsim_frame_get(frame->bytes + offset, 4);
}

static int command_offer(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	struct hvsim_vmbus_offer offer;

	memcpy(&offer, frame->bytes + HVSIM_CHANNEL_LEN, sizeof(offer));
	return hvsim_bus_channel_new(bus, number_at(frame, 0), &offer);
}

static int command_limit(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	uint32_t limit = number_at(frame, 0);

	if (limit < HVSIM_VMBUS_OLDEST)
		return -EINVAL;
	bus->limit = limit;
	return 0;
}

static int command_trace(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	bus->trace = frame->arg;
	return 0;
}

static int command_clock(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	uint8_t bytes[HVSIM_FRAME_CLOCK_LEN];
	uint64_t reference, realtime;
	int err;

	(void)frame;
	err = bus->platform->clock(bus->userdata, &reference, &realtime);
	if (err < 0)
		return err;
	hvsim_frame_encode_clock(bytes, reference, realtime);
	hvsim_bus_tell_all(bus, HVSIM_FRAME_CLOCK, 0, bytes, sizeof(bytes));
	return 0;
}

/* What the host may send without end must not wait for the guest without end. */
static int message_post(struct hvsim_bus *bus, uint32_t type, const void *bytes, size_t len)
{
	if (bus->post_count >= HVSIM_BUS_POSTS_MAX) {
		hvsim_bus_complain(bus, NULL, "lost a message of %zu bytes: too many wait", len);
		return -ENOBUFS;
	}
	hvsim_bus_post_as(bus, type, bytes, len);
	return 0;
}

static int command_result(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	struct hvsim_vmbus_connect_result result = { .head.type = HVSIM_TL_CONNECT_RESULT };

	memcpy(result.endpoint_id, frame->bytes,
	       sizeof(result) - offsetof(struct hvsim_vmbus_connect_result, endpoint_id));
	return message_post(bus, HVSIM_VMBUS_MESSAGE, &result, sizeof(result));
}

static int command_message(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	size_t head = frame->arg ? 4 : 0;

	if (frame->length < head || frame->length - head > HVSIM_VMBUS_MESSAGE_MAX)
		return -EMSGSIZE;
	return message_post(bus, head ? number_at(frame, 0) : HVSIM_VMBUS_MESSAGE,
			    frame->bytes + head, frame->length - head);
}

static int command_trick(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	struct hvsim_bus_armed *armed = malloc(sizeof(*armed));

	if (!armed)
		return -ENOMEM;
	armed->channel = number_at(frame, 0);
	armed->step = frame->arg;
	armed->trick = number_at(frame, 4);
	armed->value = number_at(frame, 8);
	STAILQ_INSERT_TAIL(&bus->armed, armed, link);
	return 0;
}

static int channel_rescind(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
			   const struct hvsim_frame *frame)
{
	(void)frame;
	hvsim_bus_channel_rescind(bus, channel);
	return 0;
}

static int channel_hold(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
			const struct hvsim_frame *frame)
{
	channel->held = channel->open && frame->arg;
	hvsim_bus_channel_drain(bus, channel);
	return 0;
}

static int channel_write(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
			 const struct hvsim_frame *frame)
{
	hvsim_bus_channel_write(bus, channel, frame->type == HVSIM_FRAME_RING, frame->arg,
				frame->bytes + HVSIM_CHANNEL_LEN,
				frame->length - HVSIM_CHANNEL_LEN);
	return 0;
}

static int channel_index(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
			 const struct hvsim_frame *frame)
{
	(void)bus;
	if (!channel->open)
		return 0;
	return hvsim_ring_poke(frame->arg ? &channel->from_guest : &channel->to_guest,
			       number_at(frame, 4), number_at(frame, 8));
}

static int channel_signal(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
			  const struct hvsim_frame *frame)
{
	(void)frame;
	if (channel->open)
		hvsim_bus_channel_interrupt(bus, channel);
	return 0;
}

/**
 * struct command - what to do with a frame
 * @type: which
 * @least: bytes that it has at least
 * @handle: for one about the bus
 * @channel: for one about a channel that there is
 */
struct command {
	enum hvsim_frame_type type;
	size_t least;
	int (*handle)(struct hvsim_bus *bus, const struct hvsim_frame *frame);
	int (*channel)(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
		       const struct hvsim_frame *frame);
};

static const struct command commands[] = {
	{ HVSIM_FRAME_OFFER, HVSIM_CHANNEL_LEN + sizeof(struct hvsim_vmbus_offer), command_offer },
	{ HVSIM_FRAME_LIMIT, 4, command_limit },
	{ HVSIM_FRAME_TRACE, 0, command_trace },
	{ HVSIM_FRAME_CLOCK, 0, command_clock },
	{ HVSIM_FRAME_RESULT, 36, command_result },
	{ HVSIM_FRAME_MESSAGE, 0, command_message },
	{ HVSIM_FRAME_TRICK, 12, command_trick },
	{ HVSIM_FRAME_RESCIND, HVSIM_CHANNEL_LEN, .channel = channel_rescind },
	{ HVSIM_FRAME_HOLD, HVSIM_CHANNEL_LEN, .channel = channel_hold },
	{ HVSIM_FRAME_PACKET, HVSIM_CHANNEL_LEN, .channel = channel_write },
	{ HVSIM_FRAME_RING, HVSIM_CHANNEL_LEN, .channel = channel_write },
	{ HVSIM_FRAME_INDEX, HVSIM_CHANNEL_LEN + 8, .channel = channel_index },
	{ HVSIM_FRAME_SIGNAL, HVSIM_CHANNEL_LEN, .channel = channel_signal },
};

/**
 * hvsim_bus_command() - Do what the host says.
 * @bus: which
 * @frame: of a type that hosts send
 *
 * What is about a channel that is gone is ignored: the host may not know yet.
 *
 * Return: 0; -EBADMSG when the frame is too short; -EEXIST when a channel's number
 * is in use; -EINVAL for a number that makes no sense; -EMSGSIZE for a message
 * that is too long; -ENOBUFS for one that is lost, as HVSIM_BUS_POSTS_MAX wait;
 * -EOPNOTSUPP for a type that hosts do not send; -ENOMEM; the errno of the
 * platform's clock.
 */
int hvsim_bus_command(struct hvsim_bus *bus, const struct hvsim_frame *frame)
{
	struct hvsim_bus_channel *channel;
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *command = &commands[i];

		if (command->type != frame->type)
			continue;
		if (frame->length < command->least)
			return -EBADMSG;
		if (command->handle)
			return command->handle(bus, frame);
		channel = hvsim_bus_channel_by_number(bus, number_at(frame, 0));
		return channel ? command->channel(bus, channel, frame) : 0;
	}
	return -EOPNOTSUPP;
}
