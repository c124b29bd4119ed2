/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of a channel as a guest has it.  Written byte by byte, from the
 * protocol and not from the code under test, so that the two cannot agree on a
 * mistake.
 */
#ifndef GUEST_RING_H
#define GUEST_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_PAGE		4096u
/* Longest payload that a packet can have: all of its 65535 * 8 bytes but the head. */
#define GUEST_PAYLOAD_MAX	(65535u * 8 - 16)
/* Bytes that a packet of @len takes: head, payload, padding, trailer. */
#define GUEST_PACKET_LEN(len)	(16 + ((uint32_t)(len) + 7) / 8 * 8 + 8)

/**
 * enum guest_ring_field - what is in a ring's first page, as numbers of 32-bit words
 * @GUEST_RING_WRITE: where the writer goes on
 * @GUEST_RING_READ: where the reader goes on
 * @GUEST_RING_MASK: the reader wants no interrupt
 * @GUEST_RING_PENDING: bytes that the writer waits to have free
 * @GUEST_RING_FEATURES: the writer uses GUEST_RING_PENDING
 */
enum guest_ring_field {
	GUEST_RING_WRITE	= 0,
	GUEST_RING_READ		= 1,
	GUEST_RING_MASK		= 2,
	GUEST_RING_PENDING	= 3,
	GUEST_RING_FEATURES	= 16,
};

/**
 * struct guest_ring - one direction of a channel
 * @pages: the head, then the data; borrowed
 * @size: bytes of data
 */
struct guest_ring {
	void *const *pages;
	uint32_t size;
};

/**
 * struct guest_packet - what was read
 * @type: VMBus packet type
 * @transaction: transaction id
 * @len: bytes at @payload, padding and all
 * @payload: what was behind the head
 */
struct guest_packet {
	uint16_t type;
	uint64_t transaction;
	size_t len;
	uint8_t payload[GUEST_PAYLOAD_MAX];
};

void guest_ring_start(struct guest_ring *ring, void *const *pages, size_t count);
uint32_t guest_ring_get(const struct guest_ring *ring, enum guest_ring_field field);
void guest_ring_set(struct guest_ring *ring, enum guest_ring_field field, uint32_t value);
uint8_t *guest_ring_at(const struct guest_ring *ring, uint32_t offset);
uint32_t guest_ring_room(const struct guest_ring *ring);
int guest_ring_send(struct guest_ring *ring, uint16_t type, uint64_t transaction,
		    const void *payload, size_t len, bool *signal);
int guest_ring_receive(struct guest_ring *ring, struct guest_packet *packet, bool *signal);

#endif
