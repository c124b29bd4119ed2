// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rings of a channel: packets in the guest's memory.
 *
 * A ring is full when one byte less than its size is in it, since equal indexes
 * mean that it is empty.  Who writes wakes the reader when the ring was empty
 * and the reader does not mask that; who reads wakes the writer when the writer
 * waits for as much room as there is from now on.
 */
#include <errno.h>
#include <string.h>

#include "hvsim_ring.h"

static struct hvsim_vmbus_ring *ring_head(const struct hvsim_ring *ring)
{
	return ring->pages[0];
}

/* Each reading of what the guest can write is one reading, and in this order. */
static uint32_t shared_read(const uint32_t *field)
{
	return __atomic_load_n(field, __ATOMIC_ACQUIRE);
}

static void shared_write(uint32_t *field, uint32_t value)
{
	__atomic_store_n(field, value, __ATOMIC_RELEASE);
}

/* The other side's next look at an index must come after our last write. */
static void shared_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Copies between @bytes and the data at @at, which may go over the ring's end. */
static void ring_copy(const struct hvsim_ring *ring, uint32_t at, void *bytes, size_t len,
		      bool to_ring)
{
	uint8_t *rest = bytes;

	while (len) {
		uint8_t *page = ring->pages[1 + at / HVSIM_VMBUS_PAGE];
		uint32_t offset = at % HVSIM_VMBUS_PAGE;
		size_t part = HVSIM_VMBUS_PAGE - offset;

		if (part > len)
			part = len;
		if (to_ring)
			memcpy(page + offset, rest, part);
		else
			memcpy(rest, page + offset, part);
		rest += part;
		len -= part;
		at = (uint32_t)((at + part) % ring->size);
	}
}

static bool index_is_sound(const struct hvsim_ring *ring, uint32_t index)
{
	return index < ring->size && index % 8 == 0;
}

/* Bytes from @from to @to, in the direction of writing. */
static uint32_t ring_distance(const struct hvsim_ring *ring, uint32_t from, uint32_t to)
{
	return (to + ring->size - from) % ring->size;
}

/**
 * hvsim_ring_start() - Begin with an empty ring.
 * @ring: to be set up
 * @pages: of the guest: the head, then the data; must stay
 * @count: pages at @pages
 * @to_guest: the bus writes to it; else it reads
 *
 * Return: 0; -EINVAL when there is no page of data, or more than a ring may have.
 */
int hvsim_ring_start(struct hvsim_ring *ring, void *const *pages, size_t count, bool to_guest)
{
	struct hvsim_vmbus_ring *head;

	if (count < 2 || count - 1 > UINT32_MAX / 2 / HVSIM_VMBUS_PAGE)
		return -EINVAL;
	ring->pages = pages;
	ring->size = (uint32_t)(count - 1) * HVSIM_VMBUS_PAGE;
	head = ring_head(ring);
	/* a guest opens with both at 0; what is there counts, where it makes sense */
	ring->index = shared_read(to_guest ? &head->write_index : &head->read_index);
	if (!index_is_sound(ring, ring->index))
		return -EINVAL;
	if (to_guest)
		shared_write(&head->features, HVSIM_RING_PENDING_SEND);
	return 0;
}

/* Moves on to @next, and says whether that is what the guest waits for. */
static bool ring_free(struct hvsim_ring *ring, uint32_t next)
{
	struct hvsim_vmbus_ring *head = ring_head(ring);
	uint32_t old = ring->index, pending, write_index;

	ring->index = next;
	shared_write(&head->read_index, next);
	shared_fence();
	pending = shared_read(&head->pending_send);
	/* as it is now: the guest may have filled the ring since the packet was found */
	write_index = shared_read(&head->write_index);
	return pending &&
	       ring->size - ring_distance(ring, old, write_index) <= pending &&
	       ring->size - ring_distance(ring, next, write_index) > pending;
}

/**
 * hvsim_ring_take() - Take the next packet that the guest wrote.
 * @ring: from the guest
 * @packet: its head
 * @payload: where to put what is behind the head
 * @size: bytes at @payload; HVSIM_RING_PACKET_MAX are enough for any
 * @wake: whether the guest is to be interrupted, since it waits for room
 *
 * Return: bytes put at @payload; -EAGAIN when there is no packet; -EPROTO when
 * the ring makes no sense, and then it never will again; -EMSGSIZE when @payload
 * is too small, and then the packet stays.
 */
int hvsim_ring_take(struct hvsim_ring *ring, struct hvsim_vmbus_packet *packet, void *payload,
		    size_t size, bool *wake)
{
	uint32_t write_index = shared_read(&ring_head(ring)->write_index);
	uint32_t offset, length, there;

	*wake = false;
	if (!index_is_sound(ring, write_index))
		return -EPROTO;
	there = ring_distance(ring, ring->index, write_index);
	if (!there)
		return -EAGAIN;
	if (there < sizeof(*packet) + HVSIM_PACKET_TRAILER)
		return -EPROTO;
	ring_copy(ring, ring->index, packet, sizeof(*packet), false);
	offset = packet->offset8 * 8u;
	length = packet->length8 * 8u;
	if (offset < sizeof(*packet) || length < offset || length + HVSIM_PACKET_TRAILER > there)
		return -EPROTO;
	if (length - offset > size)
		return -EMSGSIZE;
	ring_copy(ring, (ring->index + offset) % ring->size, payload, length - offset, false);
	*wake = ring_free(ring, (ring->index + length + HVSIM_PACKET_TRAILER) % ring->size);
	return (int)(length - offset);
}

/*
 * Bytes that may be written: one less than are free.  When they are less than
 * @need, the guest is asked to say when they are there.
 */
static int ring_room(struct hvsim_ring *ring, uint32_t need, uint32_t *room)
{
	struct hvsim_vmbus_ring *head = ring_head(ring);
	int tries;

	for (tries = 0; tries < 2; tries++) {
		uint32_t read_index = shared_read(&head->read_index);

		if (!index_is_sound(ring, read_index))
			return -EPROTO;
		*room = ring->size - ring_distance(ring, read_index, ring->index) - 1;
		if (*room >= need) {
			shared_write(&head->pending_send, 0);
			return 0;
		}
		/* looked at again after that: the guest may have read meanwhile */
		shared_write(&head->pending_send, need);
		shared_fence();
	}
	return -EAGAIN;
}

/* Makes what was written from the index on visible; returns whether to wake the guest. */
static bool ring_publish(struct hvsim_ring *ring, uint32_t len)
{
	struct hvsim_vmbus_ring *head = ring_head(ring);
	uint32_t old = ring->index;

	ring->index = (uint32_t)(((uint64_t)old + len) % ring->size);
	shared_write(&head->write_index, ring->index);
	shared_fence();
	/* a guest that has read all there was may have gone to sleep */
	return !shared_read(&head->interrupt_mask) && shared_read(&head->read_index) == old;
}

/**
 * hvsim_ring_put() - Write a packet for the guest.
 * @ring: to the guest
 * @type: VMBus packet type
 * @transaction: its transaction id
 * @payload: what is behind the head; zeros are added to a multiple of 8 bytes
 * @len: bytes at @payload
 * @wake: whether the guest is to be interrupted
 *
 * Return: 0; -EAGAIN when there is no room: the guest will signal when there is;
 * -EMSGSIZE when there never can be; -EPROTO when the ring makes no sense.
 */
int hvsim_ring_put(struct hvsim_ring *ring, uint16_t type, uint64_t transaction,
		   const void *payload, size_t len, bool *wake)
{
	struct hvsim_vmbus_packet packet = {
		.type = type,
		.offset8 = sizeof(packet) / 8,
		.transaction = transaction,
	};
	uint64_t trailer = (uint64_t)ring->index << 32, zeros = 0;
	uint32_t at = ring->index, padding, length, room;
	int err;

	*wake = false;
	if (len > HVSIM_RING_PACKET_MAX - sizeof(packet))
		return -EMSGSIZE;
	padding = (uint32_t)(-len & 7);
	length = (uint32_t)(sizeof(packet) + len) + padding;
	if (length + HVSIM_PACKET_TRAILER >= ring->size)
		return -EMSGSIZE;
	err = ring_room(ring, length + HVSIM_PACKET_TRAILER, &room);
	if (err < 0)
		return err;
	packet.length8 = (uint16_t)(length / 8);
	ring_copy(ring, at, &packet, sizeof(packet), true);
	at = (uint32_t)((at + sizeof(packet)) % ring->size);
	ring_copy(ring, at, (void *)payload, len, true);
	at = (uint32_t)((at + len) % ring->size);
	ring_copy(ring, at, &zeros, padding, true);
	ring_copy(ring, (at + padding) % ring->size, &trailer, sizeof(trailer), true);
	*wake = ring_publish(ring, length + HVSIM_PACKET_TRAILER);
	return 0;
}

/**
 * hvsim_ring_put_raw() - Write bytes for the guest that need not be a packet.
 * @ring: to the guest
 * @bytes: what, from a packet's head on
 * @len: bytes at @bytes, of any number
 * @wake: whether the guest is to be interrupted
 *
 * What is written next comes right behind, and so may start where no packet can.
 *
 * Return: as hvsim_ring_put().
 */
int hvsim_ring_put_raw(struct hvsim_ring *ring, const void *bytes, size_t len, bool *wake)
{
	uint32_t room;
	int err;

	*wake = false;
	if (len >= ring->size)
		return -EMSGSIZE;
	err = ring_room(ring, (uint32_t)len, &room);
	if (err < 0)
		return err;
	ring_copy(ring, ring->index, (void *)bytes, len, true);
	*wake = ring_publish(ring, (uint32_t)len);
	return 0;
}

/**
 * hvsim_ring_poke() - Write a number to the head of a ring.
 * @ring: which
 * @offset: bytes from the start of the page, a multiple of 4
 * @value: what to write
 *
 * The bus itself goes on where it was, at the next packet.
 *
 * Return: 0; -EINVAL when @offset is not in the page, or not aligned.
 */
int hvsim_ring_poke(struct hvsim_ring *ring, uint32_t offset, uint32_t value)
{
	if (offset % 4 || offset > HVSIM_VMBUS_PAGE - 4)
		return -EINVAL;
	shared_write((uint32_t *)ring->pages[0] + offset / 4, value);
	return 0;
}
