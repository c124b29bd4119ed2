// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a host that means ill may say on VMBus itself, out of the blue.
 *
 * All of it is about nothing that there is: answers to what was not asked, channels
 * and memory that nobody knows.  To take away what there is, or to offer what there
 * is not, would be no test of the guest but the end of one; and messages of unknown
 * types or too short are a known fault of Linux (see Documentation/
 * hv_vmbus-reports.rst).  Such things are done by name, in hvsim_misbehave.c.
 */
#include <string.h>

#include "hvsim_dice.h"
#include "hvsim_frame.h"
#include "hvsim_hostile_bus.h"

/* Numbers of channels that are in the guest's table, and that a bus gets to last. */
#define RELIDS_FREE	256

struct field {
	uint8_t offset;
	uint8_t size;
};

/* Messages of a host; not those that open, close, offer or greet. */
static const struct {
	enum hvsim_vmbus_message type;
	uint8_t len;
	uint8_t relid;			/* where its channel is; 0 for none */
	struct field fields[4];		/* the others */
} messages[] = {
	{ HVSIM_RESCIND_CHANNEL_OFFER, 12, 0 },	/* of channel 0, which there is not */
	{ HVSIM_ALL_OFFERS_DELIVERED, 8, 0, { { 4, 4 } } },
	{ HVSIM_OPEN_CHANNEL_RESULT, 20, 8, { { 12, 4 }, { 16, 4 } } },
	{ HVSIM_GPADL_CREATED, 20, 8, { { 12, 4 }, { 16, 4 } } },
	{ HVSIM_GPADL_TORNDOWN, 12, 0, { { 8, 4 } } },
	{ HVSIM_VERSION_RESPONSE, 16, 0, { { 8, 1 }, { 9, 1 }, { 12, 4 } } },
	{ HVSIM_TL_CONNECT_RESULT, 44, 0, { { 8, 8 }, { 24, 8 }, { 40, 4 } } },
	{ HVSIM_MODIFY_CHANNEL_RESPONSE, 16, 8, { { 12, 4 } } },
};

#define NR_MESSAGES	(sizeof(messages) / sizeof(messages[0]))

static size_t message_make(struct hvsim_dice *dice, uint8_t *bytes)
{
	uint64_t which = hvsim_dice_below(dice, NR_MESSAGES);
	const struct field *field;
	unsigned int i;

	hvsim_frame_put(bytes, messages[which].type, 4);
	for (i = 0; i < 4 && messages[which].fields[i].size; i++) {
		field = &messages[which].fields[i];
		hvsim_frame_put(bytes + field->offset, hvsim_dice_odd(dice, field->size, 1),
				field->size);
	}
	if (messages[which].relid)
		hvsim_frame_put(bytes + messages[which].relid, HVSIM_VMBUS_RELIDS - 1 -
				hvsim_dice_below(dice, RELIDS_FREE), 4);
	return messages[which].len;
}

/**
 * hvsim_hostile_message() - Make a message of VMBus.
 * @bytes: written
 * @seed: of all messages
 * @number: of this one, from 0
 *
 * It rescinds no channel but 0, and speaks of none between that and
 * HVSIM_VMBUS_RELIDS - 256.
 *
 * Return: bytes of it.
 */
size_t hvsim_hostile_message(uint8_t bytes[HVSIM_VMBUS_MESSAGE_MAX], uint64_t seed,
			     uint64_t number)
{
	struct hvsim_dice dice = { hvsim_dice_mix(hvsim_dice_mix(~seed) + number) };
	size_t len;

	memset(bytes, 0, HVSIM_VMBUS_MESSAGE_MAX);
	len = message_make(&dice, bytes);
	/* newer hosts may say more than the guest knows of */
	if (!hvsim_dice_below(&dice, 4))
		len += hvsim_dice_below(&dice, HVSIM_VMBUS_MESSAGE_MAX - len + 1);
	return len;
}
