/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a misbehaving host does, by name: a table.  How it is done stands in
 * hvsim_misbehave.c.
 */
#ifndef HVSIM_BEHAVIOUR_H
#define HVSIM_BEHAVIOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum hvsim_deed - one thing that is done, one after the other
 * @HVSIM_DEED_END: no more
 * @HVSIM_DEED_PACKETS: send hostile packets of the kinds in @what
 * @HVSIM_DEED_PROVE: see that the service answers good requests, when the guest has
 *	opened the channel
 * @HVSIM_DEED_TRICK: have the bus play a trick on the service's channel: in @what the
 *	step, in @how the trick, in @value what goes with it
 * @HVSIM_DEED_RESCIND: take the channel back
 * @HVSIM_DEED_OFFER: offer it, at once or when the guest has let go of the one before
 * @HVSIM_DEED_AWAIT_OFFERED: wait until the guest is told of it
 * @HVSIM_DEED_AWAIT_OPENED: wait until the guest has opened it
 * @HVSIM_DEED_AWAIT_CLOSED: wait until the guest closes it, for whatever reason
 * @HVSIM_DEED_WAIT: do nothing for a second
 * @HVSIM_DEED_HUSH: send nothing any more by itself
 * @HVSIM_DEED_SPEAK: go on after that
 * @HVSIM_DEED_ASK: send many good requests at a time, and take no answer
 * @HVSIM_DEED_DRAIN: wait until the guest has done with all that was asked
 * @HVSIM_DEED_HOLD: leave what the guest writes in its ring
 * @HVSIM_DEED_LET_GO: go on after that
 * @HVSIM_DEED_MESSAGE: post a message of VMBus: in @what the enum
 *	hvsim_vmbus_message, in @how bytes, in @value what follows the head
 * @HVSIM_DEED_TYPE: the same, with @value as the type of the SynIC message
 * @HVSIM_DEED_ANSWER_OPEN: answer the opening of the channel, which was not answered
 * @HVSIM_DEED_RESCIND_AGAIN: post the rescind of the channel once more
 * @HVSIM_DEED_MORE: offer another channel: in @what an enum hvsim_more
 * @HVSIM_DEED_SOCKETS: offer @value Hyper-V sockets, at least one: in @more an enum
 *	hvsim_hostile_socket
 * @HVSIM_DEED_SAME_SOCKET: the same offer as the last of these, once more
 * @HVSIM_DEED_LESS: take those back, and wait until the guest has let go of them
 * @HVSIM_DEED_INDEX: write @value into a ring's first page, at offset @how; in @what 0
 *	for the ring to the guest, 1 for the one from it; and interrupt the guest
 * @HVSIM_DEED_TIME: tell the guest a wrong time, @value many times
 */
enum hvsim_deed {
	HVSIM_DEED_END,
	HVSIM_DEED_PACKETS,
	HVSIM_DEED_PROVE,
	HVSIM_DEED_TRICK,
	HVSIM_DEED_RESCIND,
	HVSIM_DEED_OFFER,
	HVSIM_DEED_AWAIT_OFFERED,
	HVSIM_DEED_AWAIT_OPENED,
	HVSIM_DEED_AWAIT_CLOSED,
	HVSIM_DEED_WAIT,
	HVSIM_DEED_HUSH,
	HVSIM_DEED_SPEAK,
	HVSIM_DEED_ASK,
	HVSIM_DEED_DRAIN,
	HVSIM_DEED_HOLD,
	HVSIM_DEED_LET_GO,
	HVSIM_DEED_MESSAGE,
	HVSIM_DEED_TYPE,
	HVSIM_DEED_ANSWER_OPEN,
	HVSIM_DEED_RESCIND_AGAIN,
	HVSIM_DEED_MORE,
	HVSIM_DEED_SOCKETS,
	HVSIM_DEED_SAME_SOCKET,
	HVSIM_DEED_LESS,
	HVSIM_DEED_INDEX,
	HVSIM_DEED_TIME,
};

/**
 * enum hvsim_more - what else is offered
 * @HVSIM_MORE_SAME: the service's offer, once more
 * @HVSIM_MORE_CLASS: the service's class, as another device
 * @HVSIM_MORE_SUB_CHANNEL: the service's class, as a sub-channel of none
 * @HVSIM_MORE_STRANGE: a class that nobody knows, with flags and bytes that are odd
 */
enum hvsim_more {
	HVSIM_MORE_SAME,
	HVSIM_MORE_CLASS,
	HVSIM_MORE_SUB_CHANNEL,
	HVSIM_MORE_STRANGE,
};

/* Channels that are offered beside the service's, at a time. */
#define HVSIM_MORE_MAX	64

/**
 * enum hvsim_behaviour_needs - where a behaviour is possible
 * @HVSIM_NEEDS_NOTHING: on any bus
 * @HVSIM_NEEDS_BUS: on hvsim's bus
 * @HVSIM_NEEDS_GUEST: there, and the guest has to close the channel meanwhile:
 *	somebody must unbind or unload the driver
 * @HVSIM_NEEDS_LISTENER: there, and a program in the guest has to listen for PowerShell
 *	Direct, so that the guest opens what is offered
 * @HVSIM_NEEDS_FAULT: there; Linux' own hv_vmbus is known to complain, or worse:
 *	Documentation/hv_vmbus-reports.rst
 */
enum hvsim_behaviour_needs {
	HVSIM_NEEDS_NOTHING,
	HVSIM_NEEDS_BUS,
	HVSIM_NEEDS_GUEST,
	HVSIM_NEEDS_LISTENER,
	HVSIM_NEEDS_FAULT,
};

/**
 * struct hvsim_behaviour - what a misbehaving host does
 * @name: for programs and people
 * @text: a line for people
 * @needs: where it is possible
 * @deeds: what is done, in order; ends with HVSIM_DEED_END
 * @what: for the deeds, see there
 * @how: likewise
 * @value: likewise
 * @more: likewise
 * @service: the only one that it is for; NULL for any
 * @count: packets that are sent, or rounds, unless told otherwise; 0 for one round
 */
struct hvsim_behaviour {
	const char *name;
	const char *text;
	enum hvsim_behaviour_needs needs;
	const enum hvsim_deed *deeds;
	uint32_t what;
	uint32_t how;
	uint32_t value;
	uint32_t more;
	const char *service;
	uint32_t count;
};

const struct hvsim_behaviour *hvsim_behaviour_at(size_t index);
const struct hvsim_behaviour *hvsim_behaviour_find(const char *name);
const char *hvsim_behaviour_needs_text(enum hvsim_behaviour_needs needs);

#endif
