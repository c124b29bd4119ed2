/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rings of a channel: packets in the guest's memory.
 *
 * The guest may write to that memory at any time.  What the bus decides by, it
 * reads once; its own indexes it keeps, and never takes back from the guest.
 */
#ifndef HVSIM_RING_H
#define HVSIM_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvsim_vmbus.h"

/* Longest packet there is: its length is a 16-bit number of 8 bytes. */
#define HVSIM_RING_PACKET_MAX	(UINT16_MAX * 8u)

/**
 * struct hvsim_ring - one direction of a channel
 * @pages: the head, then the data; borrowed
 * @size: bytes of data, a multiple of a page
 * @index: where the bus reads or writes next, in bytes from the start of the data
 */
struct hvsim_ring {
	void *const *pages;
	uint32_t size;
	uint32_t index;
};

int hvsim_ring_start(struct hvsim_ring *ring, void *const *pages, size_t count, bool to_guest);
int hvsim_ring_take(struct hvsim_ring *ring, struct hvsim_vmbus_packet *packet, void *payload,
		    size_t size, bool *wake);
int hvsim_ring_put(struct hvsim_ring *ring, uint16_t type, uint64_t transaction,
		   const void *payload, size_t len, bool *wake);
int hvsim_ring_put_raw(struct hvsim_ring *ring, const void *bytes, size_t len, bool *wake);
int hvsim_ring_poke(struct hvsim_ring *ring, uint32_t offset, uint32_t value);

#endif
