/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile packets to one service, as many and as fast as it takes them, and good
 * requests in between to prove that it still answers.
 */
#ifndef HVSIM_BARRAGE_H
#define HVSIM_BARRAGE_H

#include "hvsim_hostile.h"
#include "hvsim_service.h"

struct hvsim_barrage;

/**
 * struct hvsim_barrage_plan - what to send
 * @kinds: set of kinds of packets; on QEMU's bus not more than HVSIM_HOSTILE_ANY_BUS
 * @seed: of the packets
 * @first: number of the first
 * @count: how many
 * @check_every: packets between two proofs, at least 1
 * @rate: packets a second; 0 for as many as the guest takes
 * @most: bytes of payload, 64 to HVSIM_HOSTILE_MOST
 * @timeout_us: for how long the guest may say nothing, in us
 */
struct hvsim_barrage_plan {
	uint32_t kinds;
	uint64_t seed;
	uint64_t first;
	uint64_t count;
	uint64_t check_every;
	uint64_t rate;
	size_t most;
	uint64_t timeout_us;
};

/**
 * struct hvsim_barrage_result - what came of it
 * @packets: packets made, by kind
 * @sent: packets in the guest's ring, floods counted in full; interrupts alone
 *	and changes of indices are none
 * @answered: packets that the guest sent, answers to proofs left out
 * @misshapen: of those, such as no host would take for an answer
 * @lost: good requests in a flood that got no answer
 * @proofs: good requests that were answered well
 * @renewed: times that the channel was taken back and offered again, its ring
 *	being broken
 * @closed: times that the guest closed the channel by itself
 * @failure: why it ended early, in words; NULL when it did not
 * @number: of the packet behind the last that was made
 */
struct hvsim_barrage_result {
	uint64_t packets[HVSIM_NR_HOSTILE];
	uint64_t sent;
	uint64_t answered;
	uint64_t misshapen;
	uint64_t lost;
	uint64_t proofs;
	uint64_t renewed;
	uint64_t closed;
	const char *failure;
	uint64_t number;
};

int hvsim_barrage_new(struct hvsim_barrage **ret, struct hvsim_service *service,
		      const struct hvsim_barrage_plan *plan, void (*done)(void *userdata),
		      void *userdata);
void hvsim_barrage_free(struct hvsim_barrage *barrage);
const struct hvsim_barrage_result *hvsim_barrage_result(const struct hvsim_barrage *barrage);
struct json_object *hvsim_barrage_json(const struct hvsim_barrage_result *result);

#endif
