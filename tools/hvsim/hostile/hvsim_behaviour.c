// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a misbehaving host does, by name.
 */
#include <string.h>

#include "hvsim_behaviour.h"
#include "hvsim_frame.h"
#include "hvsim_hostile.h"
#include "hvsim_hostile_socket.h"
#include "hvsim_vmbus.h"

#define DEEDS(...)	((const enum hvsim_deed[]){ __VA_ARGS__, HVSIM_DEED_END })
#define D(name)		HVSIM_DEED_##name

/* Packets, and the proof that goes with them. */
#define PACKETS(label, about, need, number, set) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_##need, \
	  .deeds = DEEDS(D(PACKETS)), .what = set, .count = number }

/* A trick while the guest takes a channel that is offered anew. */
#define WHILE_TAKING(label, about, step, trick, number) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_BUS, \
	  .deeds = DEEDS(D(TRICK), D(RESCIND), D(OFFER), D(PROVE)), \
	  .what = HVSIM_STEP_##step, .how = HVSIM_TRICK_##trick, .value = number }

/* The same, when the guest is stuck after it: it has a second to be, and is freed. */
#define STUCK_TAKING(label, about, step, trick, number) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_BUS, \
	  .deeds = DEEDS(D(TRICK), D(RESCIND), D(OFFER), D(AWAIT_OFFERED), D(WAIT), \
			 D(RESCIND), D(OFFER), D(PROVE)), \
	  .what = HVSIM_STEP_##step, .how = HVSIM_TRICK_##trick, .value = number }

/* A trick when the guest answers a good request. */
#define WHILE_ANSWERING(label, about, trick) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_BUS, \
	  .deeds = DEEDS(D(TRICK), D(PROVE)), \
	  .what = HVSIM_STEP_PACKET, .how = HVSIM_TRICK_##trick }

/* A trick when the guest gives the channel up by itself. */
#define WHILE_CLOSING(label, about, need, step, trick) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_##need, \
	  .deeds = DEEDS(D(TRICK), D(AWAIT_CLOSED), D(WAIT), D(RESCIND), D(OFFER), D(PROVE)), \
	  .what = HVSIM_STEP_##step, .how = HVSIM_TRICK_##trick }

/* A message out of the blue, twice. */
#define MESSAGE(label, about, need, type, len, number) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_##need, \
	  .deeds = DEEDS(D(MESSAGE), D(MESSAGE), D(PROVE)), \
	  .what = type, .how = len, .value = number }

#define MORE(label, about, need, variant) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_##need, \
	  .deeds = DEEDS(D(MORE), D(PROVE), D(LESS), D(PROVE)), .what = HVSIM_MORE_##variant }

/* Hyper-V sockets, so many at a time, so many times. */
#define SOCKETS(label, about, odd, number, times) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_BUS, \
	  .deeds = DEEDS(D(SOCKETS), D(PROVE), D(LESS), D(PROVE)), \
	  .more = HVSIM_SOCKET_##odd, .value = number, .count = times }

/* A trick while a program in the guest accepts a socket, which is taken back then. */
#define WHILE_ACCEPTING(label, about, step, trick, number) \
	{ .name = label, .text = about, .needs = HVSIM_NEEDS_LISTENER, \
	  .deeds = DEEDS(D(TRICK), D(SOCKETS), D(WAIT), D(LESS), D(PROVE)), \
	  .what = HVSIM_STEP_##step, .how = HVSIM_TRICK_##trick, .value = number, \
	  .more = HVSIM_SOCKET_GOOD }

#define KIND(name)	HVSIM_HOSTILE(name)

static const struct hvsim_behaviour behaviours[] = {
	PACKETS("packet-type", "packets that are not in-band", NOTHING, 500, KIND(TYPE)),
	PACKETS("pipe-header", "pipe headers of other types and sizes", NOTHING, 500, KIND(PIPE)),
	PACKETS("message-header", "message headers with odd fields", NOTHING, 500, KIND(HEADER)),
	PACKETS("sizes", "sizes that are not those of what follows", NOTHING, 500, KIND(SIZES)),
	PACKETS("version-lists", "version offers with odd counts and lists", NOTHING, 500,
		KIND(VERSIONS)),
	PACKETS("bodies", "bodies with odd fields, or of odd lengths", NOTHING, 500, KIND(BODY)),
	PACKETS("cut", "packets without their end, down to none at all", NOTHING, 500, KIND(CUT)),
	PACKETS("long", "packets with more behind their end", NOTHING, 500, KIND(LONG)),
	PACKETS("noise", "packets with any bits wrong, or all", NOTHING, 500, KIND(NOISE)),
	PACKETS("replies", "replies to nothing", NOTHING, 500, KIND(REPLY)),
	PACKETS("twice", "each packet twice", NOTHING, 500, KIND(GOOD) | KIND(TWICE)),
	PACKETS("reordered", "transactions out of order", NOTHING, 500,
		KIND(GOOD) | KIND(REORDERED)),
	PACKETS("flood", "more requests than the rings hold answers", NOTHING, 50, KIND(FLOOD)),
	PACKETS("renegotiate", "version offers in the middle of requests", NOTHING, 500,
		KIND(GOOD) | KIND(VERSIONS)),
	PACKETS("ring-end", "packets of every length, so that each field gets to the ring's end",
		NOTHING, 500, KIND(GOOD) | KIND(CUT) | KIND(BODY)),
	{ .name = "time-jumps", .text = "times that jump, back and forth, and are none",
	  .needs = HVSIM_NEEDS_NOTHING, .deeds = DEEDS(D(TIME), D(PROVE)), .value = 40,
	  .service = "timesync" },

	PACKETS("descriptor", "VMBus packets with odd descriptors", BUS, 500, KIND(DESCRIPTOR)),
	PACKETS("signals", "interrupts without a packet", BUS, 500, KIND(SIGNAL)),
	PACKETS("packet-length", "VMBus packets whose length is wrong; the ring is lost", BUS, 20,
		KIND(LENGTH)),
	PACKETS("ring-index", "ring indices that make no sense; the ring is lost", BUS, 20,
		KIND(INDEX)),
	/* a ring of zeros: each packet has the greatest length that the guest believes in */
	{ .name = "endless-ring", .text = "the ring to the guest never ends; the ring is lost",
	  .needs = HVSIM_NEEDS_BUS,
	  .deeds = DEEDS(D(HUSH), D(RESCIND), D(OFFER), D(AWAIT_OPENED), D(INDEX), D(WAIT),
			 D(RESCIND), D(SPEAK), D(OFFER), D(PROVE)),
	  .what = 0, .how = 0, .value = 0x10000000 },
	{ .name = "deaf", .text = "many requests, and no answer is read for a while",
	  .needs = HVSIM_NEEDS_BUS,
	  .deeds = DEEDS(D(HUSH), D(HOLD), D(ASK), D(WAIT), D(LET_GO), D(DRAIN), D(SPEAK),
			 D(PROVE)) },
	{ .name = "silence", .text = "nothing is said on a channel that was opened, for a while",
	  .needs = HVSIM_NEEDS_BUS,
	  .deeds = DEEDS(D(HUSH), D(RESCIND), D(OFFER), D(AWAIT_OPENED), D(WAIT), D(SPEAK),
			 D(PROVE)) },

	{ .name = "reoffer", .text = "the channel is taken back and offered again",
	  .needs = HVSIM_NEEDS_BUS, .deeds = DEEDS(D(RESCIND), D(OFFER), D(PROVE)) },
	{ .name = "rescind-during-probe", .text = "the channel is taken back as soon as offered",
	  .needs = HVSIM_NEEDS_BUS,
	  .deeds = DEEDS(D(RESCIND), D(OFFER), D(AWAIT_OFFERED), D(RESCIND), D(OFFER), D(PROVE)) },
	{ .name = "rescind-twice", .text = "the same channel is taken back twice",
	  .needs = HVSIM_NEEDS_BUS,
	  /* in this order: a guest that lets go at the first would not at the bus's own */
	  .deeds = DEEDS(D(RESCIND), D(RESCIND_AGAIN), D(OFFER), D(PROVE)) },
	WHILE_TAKING("rescind-before-gpadl", "taken back, then its memory acknowledged",
		     GPADL, RESCIND_BEFORE, 0),
	WHILE_TAKING("rescind-after-gpadl", "its memory acknowledged, then taken back",
		     GPADL, RESCIND_AFTER, 0),
	WHILE_TAKING("rescind-instead-gpadl", "taken back, its memory never acknowledged",
		     GPADL, RESCIND_INSTEAD, 0),
	WHILE_TAKING("rescind-before-open", "taken back, then its opening answered",
		     OPEN, RESCIND_BEFORE, 0),
	WHILE_TAKING("rescind-after-open", "its opening answered, then taken back",
		     OPEN, RESCIND_AFTER, 0),
	WHILE_TAKING("rescind-instead-open", "taken back, its opening never answered",
		     OPEN, RESCIND_INSTEAD, 0),
	WHILE_TAKING("rescind-after-teardown", "closed by a rescind, and taken back once more",
		     TEARDOWN, RESCIND_AFTER, 0),
	WHILE_ANSWERING("rescind-before-answer", "taken back while a request is answered",
			RESCIND_BEFORE),
	WHILE_ANSWERING("rescind-after-answer", "taken back when a request was answered",
			RESCIND_AFTER),
	WHILE_CLOSING("rescind-before-close", "the guest closes it, and it is taken back",
		      GUEST, CLOSE, RESCIND_BEFORE),
	WHILE_CLOSING("rescind-before-torndown", "taken back, then its memory given back",
		      GUEST, TEARDOWN, RESCIND_BEFORE),
	WHILE_CLOSING("rescind-after-torndown", "its memory given back, then taken back",
		      GUEST, TEARDOWN, RESCIND_AFTER),

	STUCK_TAKING("silence-gpadl", "its memory is never acknowledged", GPADL, SILENCE, 0),
	STUCK_TAKING("silence-open", "its opening is never answered", OPEN, SILENCE, 0),
	{ .name = "late-open", .text = "its opening is answered after a second",
	  .needs = HVSIM_NEEDS_BUS,
	  .deeds = DEEDS(D(TRICK), D(RESCIND), D(OFFER), D(AWAIT_OFFERED), D(WAIT), D(ANSWER_OPEN),
			 D(PROVE)),
	  .what = HVSIM_STEP_OPEN, .how = HVSIM_TRICK_SILENCE },
	{ .name = "early-questions", .text = "it is asked before its opening is answered",
	  .needs = HVSIM_NEEDS_BUS,
	  .deeds = DEEDS(D(TRICK), D(RESCIND), D(OFFER), D(AWAIT_OFFERED), D(WAIT), D(HUSH), D(ASK),
			 D(WAIT), D(ANSWER_OPEN), D(WAIT), D(DRAIN), D(SPEAK), D(PROVE)),
	  .what = HVSIM_STEP_OPEN, .how = HVSIM_TRICK_SILENCE },
	WHILE_TAKING("twice-gpadl", "its memory is acknowledged twice", GPADL, TWICE, 0),
	WHILE_TAKING("twice-open", "its opening is answered twice", OPEN, TWICE, 0),
	WHILE_CLOSING("twice-torndown", "its memory is given back twice", GUEST, TEARDOWN, TWICE),
	STUCK_TAKING("refuse-gpadl", "its memory is refused", GPADL, STATUS, HVSIM_STATUS_INVALID),
	STUCK_TAKING("refuse-open", "its opening is refused", OPEN, STATUS, HVSIM_STATUS_BUSY),
	STUCK_TAKING("other-gpadl", "memory of another is acknowledged", GPADL, OTHER, 0x7777),
	STUCK_TAKING("other-open", "the opening of another is answered", OPEN, OTHER, 0x700),

	MORE("class-twice", "the same class is offered as a second device", BUS, CLASS),
	MORE("sub-channel", "a sub-channel is offered of a device that there is not", BUS,
	     SUB_CHANNEL),
	MORE("offer-strange", "an unknown device with odd flags and bytes is offered", BUS,
	     STRANGE),

	SOCKETS("socket-idle", "sockets of PowerShell Direct that say nothing", GOOD, 4, 3),
	SOCKETS("socket-flags", "sockets with odd flags", FLAGS, 4, 5),
	SOCKETS("socket-container", "sockets for containers", CONTAINER, 4, 3),
	SOCKETS("socket-version", "sockets with parameters of odd versions", VERSION, 4, 3),
	SOCKETS("socket-user", "sockets with any bytes for the service's own use", USER, 4, 5),
	SOCKETS("socket-any", "sockets with anything odd", ANY, 8, 10),
	SOCKETS("socket-many", "very many sockets at a time", ANY, HVSIM_MORE_MAX, 1),
	{ .name = "socket-rescind", .text = "sockets that are taken back as soon as offered",
	  .needs = HVSIM_NEEDS_BUS, .deeds = DEEDS(D(SOCKETS), D(LESS), D(PROVE)),
	  .more = HVSIM_SOCKET_GOOD, .value = 8, .count = 5 },
	WHILE_ACCEPTING("socket-rescind-before-gpadl",
			"a socket is taken back, then its memory acknowledged",
			GPADL, RESCIND_BEFORE, 0),
	WHILE_ACCEPTING("socket-rescind-after-gpadl",
			"a socket's memory is acknowledged, then it is taken back",
			GPADL, RESCIND_AFTER, 0),
	WHILE_ACCEPTING("socket-rescind-instead-gpadl",
			"a socket is taken back, its memory never acknowledged",
			GPADL, RESCIND_INSTEAD, 0),
	WHILE_ACCEPTING("socket-rescind-before-open",
			"a socket is taken back, then its opening answered",
			OPEN, RESCIND_BEFORE, 0),
	WHILE_ACCEPTING("socket-rescind-after-open",
			"a socket's opening is answered, then it is taken back",
			OPEN, RESCIND_AFTER, 0),
	WHILE_ACCEPTING("socket-rescind-instead-open",
			"a socket is taken back, its opening never answered",
			OPEN, RESCIND_INSTEAD, 0),
	WHILE_ACCEPTING("socket-rescind-after-teardown",
			"a socket is closed by a rescind, and taken back once more",
			TEARDOWN, RESCIND_AFTER, 0),
	WHILE_ACCEPTING("socket-silence-gpadl", "a socket's memory is never acknowledged",
			GPADL, SILENCE, 0),
	WHILE_ACCEPTING("socket-silence-open", "a socket's opening is never answered",
			OPEN, SILENCE, 0),
	WHILE_ACCEPTING("socket-twice-gpadl", "a socket's memory is acknowledged twice",
			GPADL, TWICE, 0),
	WHILE_ACCEPTING("socket-twice-open", "a socket's opening is answered twice",
			OPEN, TWICE, 0),
	WHILE_ACCEPTING("socket-refuse-gpadl", "a socket's memory is refused",
			GPADL, STATUS, HVSIM_STATUS_INVALID),
	WHILE_ACCEPTING("socket-refuse-open", "a socket's opening is refused",
			OPEN, STATUS, HVSIM_STATUS_BUSY),
	WHILE_ACCEPTING("socket-other-open", "the opening of another socket is answered",
			OPEN, OTHER, 0x700),

	MESSAGE("all-offers", "all offers were delivered, once more", BUS,
		HVSIM_ALL_OFFERS_DELIVERED, 8, 0),
	MESSAGE("rescind-unknown", "a channel is taken back that there is not", BUS,
		HVSIM_RESCIND_CHANNEL_OFFER, 12, 0),
	MESSAGE("open-unasked", "the opening of no channel is answered", BUS,
		HVSIM_OPEN_CHANNEL_RESULT, 20, HVSIM_VMBUS_RELIDS - 1),
	MESSAGE("gpadl-unasked", "memory of no channel is acknowledged", BUS,
		HVSIM_GPADL_CREATED, 20, HVSIM_VMBUS_RELIDS - 1),
	MESSAGE("torndown-unasked", "memory is given back that was not asked for", BUS,
		HVSIM_GPADL_TORNDOWN, 12, 0x7777),
	MESSAGE("version-unasked", "a version is agreed to that was not asked for", BUS,
		HVSIM_VERSION_RESPONSE, 16, 1),
	MESSAGE("version-refused", "a version is refused that was agreed to", BUS,
		HVSIM_VERSION_RESPONSE, 16, 0),
	MESSAGE("unload-unasked", "a farewell is answered that was not said", BUS,
		HVSIM_UNLOAD_RESPONSE, 8, 0),
	MESSAGE("connect-unasked", "a socket is refused that did not connect", BUS,
		HVSIM_TL_CONNECT_RESULT, 44, 0),
	MESSAGE("move-unasked", "a move is answered that was not asked for", BUS,
		HVSIM_MODIFY_CHANNEL_RESPONSE, 16, HVSIM_VMBUS_RELIDS - 1),
	{ .name = "synic-type", .text = "SynIC messages that are not VMBus's",
	  .needs = HVSIM_NEEDS_BUS, .deeds = DEEDS(D(TYPE), D(TYPE), D(PROVE)),
	  .what = HVSIM_ALL_OFFERS_DELIVERED, .how = 8, .value = 0x7fff },

	WHILE_CLOSING("rescind-instead-torndown",
		      "the guest closes it, it is taken back, its memory never given back", FAULT,
		      TEARDOWN, RESCIND_INSTEAD),
	WHILE_CLOSING("silence-torndown",
		      "the guest closes it, its memory is not given back, it is taken back", FAULT,
		      TEARDOWN, SILENCE),
	{ .name = "write-index", .text = "the index at which the guest writes its answers is moved",
	  .needs = HVSIM_NEEDS_FAULT, .deeds = DEEDS(D(INDEX), D(PROVE)), .what = 1, .how = 0,
	  .value = 0x10000000 },
	MORE("offer-twice", "the same device is offered twice", FAULT, SAME),
	{ .name = "socket-encrypted", .text = "a socket whose memory is to be encrypted is offered",
	  .needs = HVSIM_NEEDS_FAULT, .deeds = DEEDS(D(SOCKETS), D(LESS), D(PROVE)),
	  .more = HVSIM_SOCKET_ENCRYPTED },
	{ .name = "socket-twice", .text = "the same socket is offered twice",
	  .needs = HVSIM_NEEDS_FAULT,
	  .deeds = DEEDS(D(SOCKETS), D(SAME_SOCKET), D(PROVE), D(LESS), D(PROVE)),
	  .more = HVSIM_SOCKET_GOOD },
	MESSAGE("message-type", "a message of a type that there is not", FAULT, 0x7fff, 8, 0),
	MESSAGE("message-short", "a message without its end", FAULT,
		HVSIM_MODIFY_CHANNEL_RESPONSE, 9, 0),
	MESSAGE("rescind-huge", "a channel is taken back whose number is out of range", FAULT,
		HVSIM_RESCIND_CHANNEL_OFFER, 12, 0x7fffffff),
};

/**
 * hvsim_behaviour_at() - Get a behaviour by its place in the table.
 * @index: from 0
 *
 * Return: the behaviour; NULL behind the last.
 */
const struct hvsim_behaviour *hvsim_behaviour_at(size_t index)
{
	return index < sizeof(behaviours) / sizeof(behaviours[0]) ? &behaviours[index] : NULL;
}

/**
 * hvsim_behaviour_find() - Get a behaviour by its name.
 * @name: of which
 *
 * Return: the behaviour; NULL when there is none of that name.
 */
const struct hvsim_behaviour *hvsim_behaviour_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++)
		if (!strcmp(behaviours[i].name, name))
			return &behaviours[i];
	return NULL;
}

/**
 * hvsim_behaviour_needs_text() - Name what a behaviour needs, for people.
 * @needs: what
 *
 * Return: a few words.
 */
const char *hvsim_behaviour_needs_text(enum hvsim_behaviour_needs needs)
{
	static const char *const texts[] = {
		[HVSIM_NEEDS_NOTHING] = "any bus",
		[HVSIM_NEEDS_BUS] = "hvsim bus",
		[HVSIM_NEEDS_GUEST] = "guest closes",
		[HVSIM_NEEDS_LISTENER] = "guest listens",
		[HVSIM_NEEDS_FAULT] = "known fault",
	};

	return texts[needs];
}
