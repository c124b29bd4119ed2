// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ring of a channel as a guest has it.
 */
#include <errno.h>
#include <string.h>

#include "guest_ring.h"

/**
 * guest_ring_start() - Make an empty ring.
 * @ring: to be set up
 * @pages: the head, then the data; must stay
 * @count: pages at @pages, 2 at least
 */
void guest_ring_start(struct guest_ring *ring, void *const *pages, size_t count)
{
	ring->pages = pages;
	ring->size = (uint32_t)(count - 1) * GUEST_PAGE;
	memset(pages[0], 0, GUEST_PAGE);
}

/**
 * guest_ring_get() - Read a field of the ring's first page.
 * @ring: which
 * @field: which
 *
 * Return: its value.
 */
uint32_t guest_ring_get(const struct guest_ring *ring, enum guest_ring_field field)
{
	const uint8_t *at = (const uint8_t *)ring->pages[0] + 4 * field;

	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/**
 * guest_ring_set() - Write a field of the ring's first page.
 * @ring: which
 * @field: which
 * @value: what
 */
void guest_ring_set(struct guest_ring *ring, enum guest_ring_field field, uint32_t value)
{
	uint8_t *at = (uint8_t *)ring->pages[0] + 4 * field;
	int i;

	for (i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/**
 * guest_ring_at() - A byte of the data.
 * @ring: which
 * @offset: bytes from the start of the data; what is beyond the end is at the start again
 *
 * Return: where it is.
 */
uint8_t *guest_ring_at(const struct guest_ring *ring, uint32_t offset)
{
	offset %= ring->size;
	return (uint8_t *)ring->pages[1 + offset / GUEST_PAGE] + offset % GUEST_PAGE;
}

/**
 * guest_ring_room() - How much may still be written, and one byte.
 * @ring: which
 *
 * Return: bytes that are free; a packet needs one more than it has.
 */
uint32_t guest_ring_room(const struct guest_ring *ring)
{
	uint32_t write = guest_ring_get(ring, GUEST_RING_WRITE);
	uint32_t read = guest_ring_get(ring, GUEST_RING_READ);

	return write >= read ? ring->size - (write - read) : read - write;
}

static void number_put(struct guest_ring *ring, uint32_t at, uint64_t value, int bytes)
{
	while (bytes--) {
		*guest_ring_at(ring, at++) = (uint8_t)value;
		value >>= 8;
	}
}

static uint64_t number_get(const struct guest_ring *ring, uint32_t at, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *guest_ring_at(ring, at + (uint32_t)bytes);
	return value;
}

/**
 * guest_ring_send() - Write a packet.
 * @ring: to the host
 * @type: VMBus packet type
 * @transaction: transaction id
 * @payload: what is behind the head
 * @len: bytes at @payload
 * @signal: whether the host is to be signalled: it had read all there was
 *
 * Return: 0; -EAGAIN when there is no room.
 */
int guest_ring_send(struct guest_ring *ring, uint16_t type, uint64_t transaction,
		    const void *payload, size_t len, bool *signal)
{
	uint32_t start = guest_ring_get(ring, GUEST_RING_WRITE), total = GUEST_PACKET_LEN(len), i;
	const uint8_t *bytes = payload;

	*signal = false;
	if (guest_ring_room(ring) <= total)
		return -EAGAIN;
	number_put(ring, start, type, 2);
	number_put(ring, start + 2, 2, 2);
	number_put(ring, start + 4, (total - 8) / 8, 2);
	number_put(ring, start + 6, 0, 2);
	number_put(ring, start + 8, transaction, 8);
	for (i = 16; i < total - 8; i++)
		*guest_ring_at(ring, start + i) = i - 16 < len ? bytes[i - 16] : 0;
	number_put(ring, start + i, (uint64_t)start << 32, 8);
	guest_ring_set(ring, GUEST_RING_WRITE, (start + total) % ring->size);
	*signal = guest_ring_get(ring, GUEST_RING_READ) == start &&
		  !guest_ring_get(ring, GUEST_RING_MASK);
	return 0;
}

/**
 * guest_ring_receive() - Read a packet.
 * @ring: from the host
 * @packet: what it was
 * @signal: whether the host is to be signalled: it waits for the room that there
 *	is from now on
 *
 * Return: 0; -EAGAIN when there is none; -EPROTO when it is none that a host
 * writes, and then it stays.
 */
int guest_ring_receive(struct guest_ring *ring, struct guest_packet *packet, bool *signal)
{
	uint32_t start = guest_ring_get(ring, GUEST_RING_READ), length, i;
	uint32_t used = ring->size - guest_ring_room(ring);
	uint32_t pending, before = guest_ring_room(ring);

	*signal = false;
	if (!used)
		return -EAGAIN;
	length = (uint32_t)number_get(ring, start + 4, 2) * 8;
	if (number_get(ring, start + 2, 2) != 2 || number_get(ring, start + 6, 2) ||
	    length < 16 || length + 8 > used ||
	    number_get(ring, start + length, 8) != (uint64_t)start << 32)
		return -EPROTO;
	packet->type = (uint16_t)number_get(ring, start, 2);
	packet->transaction = number_get(ring, start + 8, 8);
	packet->len = length - 16;
	for (i = 16; i < length; i++)
		packet->payload[i - 16] = *guest_ring_at(ring, start + i);
	guest_ring_set(ring, GUEST_RING_READ, (start + length + 8) % ring->size);
	pending = guest_ring_get(ring, GUEST_RING_PENDING);
	*signal = guest_ring_get(ring, GUEST_RING_FEATURES) & 1 && pending &&
		  before <= pending && guest_ring_room(ring) > pending;
	return 0;
}
