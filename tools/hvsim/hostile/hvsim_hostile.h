/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host that means ill may send to a service: packets made from a seed.
 *
 * A packet is a function of its target, a seed and a number, and of nothing
 * else, so that any of a million can be made again alone.  Nothing here does
 * input, output or allocation.
 */
#ifndef HVSIM_HOSTILE_H
#define HVSIM_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvsim_frame.h"
#include "hvsim_profile.h"

/*
 * What is wrong with a packet, by layer.  Each has a name and a sentence, which
 * say what it means: see the table in hvsim_hostile.c.
 */
enum hvsim_hostile_kind {
	/* on any bus */
	HVSIM_HOSTILE_GOOD,
	HVSIM_HOSTILE_TYPE,
	HVSIM_HOSTILE_PIPE,
	HVSIM_HOSTILE_HEADER,
	HVSIM_HOSTILE_SIZES,
	HVSIM_HOSTILE_VERSIONS,
	HVSIM_HOSTILE_BODY,
	HVSIM_HOSTILE_CUT,
	HVSIM_HOSTILE_LONG,
	HVSIM_HOSTILE_NOISE,
	HVSIM_HOSTILE_REPLY,
	HVSIM_HOSTILE_TWICE,
	HVSIM_HOSTILE_REORDERED,
	HVSIM_HOSTILE_FLOOD,
	/* on hvsim's bus */
	HVSIM_HOSTILE_DESCRIPTOR,
	HVSIM_HOSTILE_SIGNAL,
	/* on hvsim's bus, and the ring is of no use afterwards */
	HVSIM_HOSTILE_LENGTH,
	HVSIM_HOSTILE_INDEX,
	HVSIM_NR_HOSTILE,
};

/* A set of kinds is the sum of these. */
#define HVSIM_HOSTILE(name)	(1u << HVSIM_HOSTILE_##name)
#define HVSIM_HOSTILE_ANY_BUS	(HVSIM_HOSTILE(DESCRIPTOR) - 1)
#define HVSIM_HOSTILE_OUR_BUS	(HVSIM_HOSTILE(LENGTH) - 1)
#define HVSIM_HOSTILE_BREAKING	(HVSIM_HOSTILE(LENGTH) | HVSIM_HOSTILE(INDEX))

/*
 * The largest payload: with descriptor and trailer, and a version offer behind it, it
 * just fits into a ring that holds the largest message of a pipe, and so do the
 * answers.
 */
#define HVSIM_HOSTILE_MOST	16224
/* Room for a packet with descriptor and trailer. */
#define HVSIM_HOSTILE_ROOM	(16 + HVSIM_HOSTILE_MOST + 8)

/*
 * Transactions from here on no packet of these has: what carries one can be told
 * from all of them, and so can the answer.
 */
#define HVSIM_HOSTILE_OTHERS	240

/**
 * struct hvsim_hostile_target - for whom packets are made
 * @service: which speaks there; see hvsim_hostile_knows()
 * @kinds: set of kinds, one at least
 * @most: bytes of payload, 64 to HVSIM_HOSTILE_MOST
 */
struct hvsim_hostile_target {
	enum hvsim_service_id service;
	uint32_t kinds;
	size_t most;
};

/**
 * struct hvsim_hostile_packet - a packet, and how it is sent
 * @kind: what is wrong with it
 * @frame: HVSIM_FRAME_PACKET, RING, INDEX or SIGNAL
 * @arg: of that frame
 * @times: how often it is sent, one after the other; at least once
 * @len: bytes at @bytes
 * @bytes: of that frame
 */
struct hvsim_hostile_packet {
	enum hvsim_hostile_kind kind;
	enum hvsim_frame_type frame;
	uint16_t arg;
	unsigned int times;
	size_t len;
	uint8_t bytes[HVSIM_HOSTILE_ROOM];
};

bool hvsim_hostile_knows(enum hvsim_service_id service);
void hvsim_hostile_make(struct hvsim_hostile_packet *packet,
			const struct hvsim_hostile_target *target, uint64_t seed, uint64_t number);
const char *hvsim_hostile_name(enum hvsim_hostile_kind kind);
const char *hvsim_hostile_text(enum hvsim_hostile_kind kind);

#endif
