/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that a bus remembers, for the files that are the bus.
 */
#ifndef HVSIM_BUS_STATE_H
#define HVSIM_BUS_STATE_H

#include <sys/queue.h>

#include "hvsim_bus_platform.h"
#include "hvsim_gpadl.h"
#include "hvsim_ring.h"
#include "hvsim_vmbus.h"

/* GPADLs that a guest may have at a time; some hundreds are usual. */
#define HVSIM_BUS_GPADLS_MAX	4096
/* Pages of all of them: 1 GiB; network devices, which have the largest, use 16 to 31 MiB. */
#define HVSIM_BUS_GPADL_PAGES_MAX	262144u
/* Messages that wait for the guest; it, and the host's raw ones, are refused beyond that. */
#define HVSIM_BUS_POSTS_MAX	8192u
/* Bytes of memory for what waits for room in one channel's ring; what is more is lost. */
#define HVSIM_BUS_WAITING_MAX	(8u << 20)

/**
 * struct hvsim_bus_post - a message that waits for its turn
 * @link: in the bus's list
 * @vp: processor that it is for
 * @sint: of that
 * @type: SynIC message type
 * @len: bytes at @bytes
 * @bytes: the message
 */
struct hvsim_bus_post {
	STAILQ_ENTRY(hvsim_bus_post) link;
	uint32_t vp;
	uint32_t sint;
	uint32_t type;
	size_t len;
	uint8_t bytes[HVSIM_VMBUS_MESSAGE_MAX];
};

/**
 * struct hvsim_bus_write - what waits for room in a channel's ring
 * @link: in the channel's list
 * @raw: goes into the ring as it is
 * @tell: tell the host when it has
 * @type: else, VMBus packet type
 * @len: bytes at @bytes
 * @bytes: payload
 */
struct hvsim_bus_write {
	STAILQ_ENTRY(hvsim_bus_write) link;
	bool raw;
	bool tell;
	uint16_t type;
	size_t len;
	uint8_t bytes[];
};

STAILQ_HEAD(hvsim_bus_posts, hvsim_bus_post);
STAILQ_HEAD(hvsim_bus_writes, hvsim_bus_write);

/**
 * struct hvsim_bus_armed - what the bus is to do wrong, once
 * @link: in the bus's list
 * @channel: number of the channel, or HVSIM_CHANNEL_ANY
 * @step: where the guest is then
 * @trick: what to do
 * @value: see enum hvsim_bus_trick
 */
struct hvsim_bus_armed {
	STAILQ_ENTRY(hvsim_bus_armed) link;
	uint32_t channel;
	enum hvsim_bus_step step;
	enum hvsim_bus_trick trick;
	uint32_t value;
};

/**
 * struct hvsim_bus_channel - a channel, from its offer by the host to its release
 * @link: in the bus's list
 * @number: by the host; HVSIM_CHANNEL_ANY when that has forgotten it
 * @offer: what the guest is told of it
 * @relid: by the bus, while the guest knows it; else 0
 * @rescinded: taken back; stays until the guest lets go of it
 * @open: has rings
 * @announced: the host knows that it is open
 * @held: what the guest writes is left in its ring
 * @broken: what the guest wrote makes no sense; nothing is read any more
 * @vp: processor that is interrupted
 * @gpadl: of the rings, when open
 * @from_guest: one ring
 * @to_guest: the other
 * @transaction: of the next packet
 * @writes: what waits for room
 * @waiting: bytes of memory in @writes
 */
struct hvsim_bus_channel {
	TAILQ_ENTRY(hvsim_bus_channel) link;
	uint32_t number;
	struct hvsim_vmbus_offer offer;
	uint32_t relid;
	bool rescinded;
	bool open;
	bool announced;
	bool held;
	bool broken;
	uint32_t vp;
	uint32_t gpadl;
	struct hvsim_ring from_guest;
	struct hvsim_ring to_guest;
	uint64_t transaction;
	struct hvsim_bus_writes writes;
	size_t waiting;
};

STAILQ_HEAD(hvsim_bus_armeds, hvsim_bus_armed);
TAILQ_HEAD(hvsim_bus_channels, hvsim_bus_channel);
TAILQ_HEAD(hvsim_gpadls, hvsim_gpadl);

/**
 * struct hvsim_bus - a VMBus root
 * @platform: that it lives on
 * @userdata: for @platform
 * @limit: newest version to agree to
 * @version: agreed on; 0 while there is no contact
 * @vp: processor that messages go to
 * @sint: of that, and of those that channels interrupt
 * @requested: the guest has asked for offers, and gets them as they come
 * @trace: tell the host all messages
 * @last_relid: last one that was given
 * @channels: all there are
 * @gpadls: likewise
 * @gpadl_count: how many
 * @gpadl_pages: of all of them
 * @posts: messages that wait; the first is under way when @posting
 * @post_count: how many
 * @posting: hvsim_bus_posted() is to come
 * @armed: what the host has asked for
 * @payload: of the packet being read
 */
struct hvsim_bus {
	const struct hvsim_bus_platform *platform;
	void *userdata;
	uint32_t limit;
	uint32_t version;
	uint32_t vp;
	uint32_t sint;
	bool requested;
	bool trace;
	uint32_t last_relid;
	struct hvsim_bus_channels channels;
	struct hvsim_gpadls gpadls;
	size_t gpadl_count;
	size_t gpadl_pages;
	struct hvsim_bus_posts posts;
	size_t post_count;
	bool posting;
	struct hvsim_bus_armeds armed;
	uint8_t payload[HVSIM_RING_PACKET_MAX];
};

/**
 * struct hvsim_bus_reply - what the guest is answered, where a trick may be played
 * @step: where it is
 * @channel: that it is about; NULL for none
 * @message: the answer; NULL when there is none
 * @len: bytes at @message
 * @about: offset of the 32-bit relid or GPADL in @message
 * @status: offset of the 32-bit status in @message; 0 when it has none
 */
struct hvsim_bus_reply {
	enum hvsim_bus_step step;
	struct hvsim_bus_channel *channel;
	void *message;
	size_t len;
	size_t about;
	size_t status;
};

/* hvsim_bus.c */
void hvsim_bus_post(struct hvsim_bus *bus, const void *message, size_t len);
void hvsim_bus_post_as(struct hvsim_bus *bus, uint32_t type, const void *bytes, size_t len);
void hvsim_bus_tell(struct hvsim_bus *bus, const struct hvsim_bus_channel *channel,
		    enum hvsim_frame_type type, uint16_t arg, const void *bytes, size_t len);
void hvsim_bus_tell_all(struct hvsim_bus *bus, enum hvsim_frame_type type, uint16_t arg,
			const void *bytes, size_t len);
void hvsim_bus_complain(struct hvsim_bus *bus, const struct hvsim_bus_channel *channel,
			const char *format, ...) __attribute__((format(printf, 3, 4)));
void hvsim_bus_gpadl_drop(struct hvsim_bus *bus, struct hvsim_gpadl *gpadl);
void hvsim_bus_disconnect(struct hvsim_bus *bus);

/* hvsim_bus_trick.c */
struct hvsim_bus_armed *hvsim_bus_trick_take(struct hvsim_bus *bus, enum hvsim_bus_step step,
					     const struct hvsim_bus_channel *channel);
void hvsim_bus_reply(struct hvsim_bus *bus, const struct hvsim_bus_reply *reply);
void hvsim_bus_trick_clear(struct hvsim_bus *bus);

/* hvsim_bus_channel.c */
struct hvsim_bus_channel *hvsim_bus_channel_by_relid(struct hvsim_bus *bus, uint32_t relid);
struct hvsim_bus_channel *hvsim_bus_channel_by_number(struct hvsim_bus *bus, uint32_t number);
int hvsim_bus_channel_new(struct hvsim_bus *bus, uint32_t number,
			  const struct hvsim_vmbus_offer *offer);
void hvsim_bus_channel_offer(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);
void hvsim_bus_channel_offer_next(struct hvsim_bus *bus);
void hvsim_bus_channel_rescind(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);
void hvsim_bus_channel_release(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);
void hvsim_bus_channel_disconnect(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);
uint32_t hvsim_bus_channel_open(struct hvsim_bus *bus, struct hvsim_bus_channel *channel,
				const struct hvsim_vmbus_open *open);
void hvsim_bus_channel_close(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);

/* hvsim_bus_traffic.c */
void hvsim_bus_channel_interrupt(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);
void hvsim_bus_channel_drain(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);
void hvsim_bus_channel_write(struct hvsim_bus *bus, struct hvsim_bus_channel *channel, bool raw,
			     uint16_t type, const void *bytes, size_t len);
void hvsim_bus_channel_flush(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);
void hvsim_bus_channel_discard(struct hvsim_bus *bus, struct hvsim_bus_channel *channel);

#endif
