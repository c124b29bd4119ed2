// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the bus does wrong when it is told to: one trick at a time, when the
 * guest gets to the step that it was armed for.
 */
#include <stdlib.h>
#include <string.h>

#include "hvsim_bus_state.h"

/**
 * hvsim_bus_trick_take() - The trick for this step, if one is armed.
 * @bus: which
 * @step: where the guest is
 * @channel: that it is about; NULL for none
 *
 * Return: the trick, for the caller to free, and not armed any more; NULL for none.
 */
struct hvsim_bus_armed *hvsim_bus_trick_take(struct hvsim_bus *bus, enum hvsim_bus_step step,
					     const struct hvsim_bus_channel *channel)
{
	struct hvsim_bus_armed *armed;

	STAILQ_FOREACH(armed, &bus->armed, link) {
		if (armed->step != step)
			continue;
		if (armed->channel != HVSIM_CHANNEL_ANY &&
		    (!channel || channel->number != armed->channel))
			continue;
		STAILQ_REMOVE(&bus->armed, armed, hvsim_bus_armed, link);
		return armed;
	}
	return NULL;
}

/**
 * hvsim_bus_trick_clear() - Forget all tricks.
 * @bus: which
 */
void hvsim_bus_trick_clear(struct hvsim_bus *bus)
{
	struct hvsim_bus_armed *armed;

	while ((armed = STAILQ_FIRST(&bus->armed))) {
		STAILQ_REMOVE_HEAD(&bus->armed, link);
		free(armed);
	}
}

static void reply_post(struct hvsim_bus *bus, const struct hvsim_bus_reply *reply)
{
	if (reply->message)
		hvsim_bus_post(bus, reply->message, reply->len);
}

static void reply_poke(const struct hvsim_bus_reply *reply, size_t offset, uint32_t value)
{
	if (reply->message && offset && offset + sizeof(value) <= reply->len)
		memcpy((uint8_t *)reply->message + offset, &value, sizeof(value));
}

/* A channel that is taken back may be gone at once: it must not be touched after. */
static void reply_rescind(struct hvsim_bus *bus, const struct hvsim_bus_reply *reply)
{
	if (reply->channel)
		hvsim_bus_channel_rescind(bus, reply->channel);
}

/**
 * hvsim_bus_reply() - Answer the guest, or play the trick that is armed for it.
 * @bus: which
 * @reply: the answer; its message may be changed.  The channel may be gone
 *	when this returns
 */
void hvsim_bus_reply(struct hvsim_bus *bus, const struct hvsim_bus_reply *reply)
{
	struct hvsim_bus_armed *armed = hvsim_bus_trick_take(bus, reply->step, reply->channel);

	if (!armed) {
		reply_post(bus, reply);
		return;
	}
	if (armed->trick == HVSIM_TRICK_STATUS)
		reply_poke(reply, reply->status, armed->value);
	if (armed->trick == HVSIM_TRICK_OTHER)
		reply_poke(reply, reply->about, armed->value);
	if (armed->trick == HVSIM_TRICK_RESCIND_BEFORE)
		reply_rescind(bus, reply);
	if (armed->trick != HVSIM_TRICK_SILENCE && armed->trick != HVSIM_TRICK_RESCIND_INSTEAD)
		reply_post(bus, reply);
	if (armed->trick == HVSIM_TRICK_TWICE)
		reply_post(bus, reply);
	if (armed->trick == HVSIM_TRICK_RESCIND_AFTER ||
	    armed->trick == HVSIM_TRICK_RESCIND_INSTEAD)
		reply_rescind(bus, reply);
	free(armed);
}
