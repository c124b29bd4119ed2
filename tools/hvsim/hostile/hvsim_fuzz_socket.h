/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile offers of Hyper-V sockets, one after the other: what "fuzz" does beside its
 * packets.
 */
#ifndef HVSIM_FUZZ_SOCKET_H
#define HVSIM_FUZZ_SOCKET_H

#include <stdint.h>

#include "hvsim_service.h"

/**
 * struct hvsim_fuzz_sockets_plan - what is to be offered
 * @seed: of all offers
 * @first: number of the first
 * @count: how many
 * @timeout_us: for the guest to let go of one
 */
struct hvsim_fuzz_sockets_plan {
	uint64_t seed;
	uint64_t first;
	uint64_t count;
	uint64_t timeout_us;
};

struct hvsim_fuzz_sockets;

int hvsim_fuzz_sockets_new(struct hvsim_fuzz_sockets **ret, const struct hvsim_setting *setting,
			   const struct hvsim_fuzz_sockets_plan *plan,
			   void (*done)(void *userdata), void *userdata);
void hvsim_fuzz_sockets_free(struct hvsim_fuzz_sockets *sockets);
uint64_t hvsim_fuzz_sockets_offered(const struct hvsim_fuzz_sockets *sockets);
const char *hvsim_fuzz_sockets_failure(const struct hvsim_fuzz_sockets *sockets);

#endif
