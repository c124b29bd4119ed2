/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One service's channel, as the host sees it, on either bus: packets to and from
 * the plugin, requests matched with their answers.
 *
 * What is asked of a guest is an exchange.  Exchanges are carried out in the
 * order they were submitted, one at a time, as hosts do; only neighbours that
 * are marked as pipelined may be under way together.
 */
#ifndef HVSIM_CHANNEL_H
#define HVSIM_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <systemd/sd-event.h>

#include "hvsim_frame.h"
#include "hvsim_link.h"
#include "hvsim_message.h"

/* How late a timer may be, in us; left to itself the loop takes 250 ms. */
#define HVSIM_TIMER_ACCURACY_US	1000
/* Pipelined exchanges that may be under way together; ids are 8 bits wide. */
#define HVSIM_WINDOW_MAX	128

struct hvsim_channel;
struct hvsim_exchange;
struct hvsim_root;
struct hvsim_vmbus_offer;

/**
 * struct hvsim_clock - the machine's two clocks, read together
 * @reference: partition reference counter, in 100 ns
 * @realtime: CLOCK_REALTIME, in ns
 */
struct hvsim_clock {
	uint64_t reference;
	uint64_t realtime;
};

/**
 * struct hvsim_answer - what a guest answered
 * @vmbus_type: VMBus packet type
 * @bytes: payload of the packet, valid until the exchange's done() returns
 * @len: bytes at @bytes
 * @message: the same, taken apart
 * @faults: what is wrong with the header
 * @round_trip_us: time since the request was sent, in us
 */
struct hvsim_answer {
	uint16_t vmbus_type;
	const uint8_t *bytes;
	size_t len;
	struct hvsim_message message;
	uint32_t faults;
	uint64_t round_trip_us;
};

/**
 * struct hvsim_exchange - a request, from its submission until it is done
 * @prepare: writes the request, @size bytes at most, when it is its turn;
 *	returns its length or a negative errno that the exchange ends with.
 *	NULL for one that only listens
 * @done: called exactly once for each exchange that was submitted with
 *	success; may free it.  @result is 0 and @answer what came; -EBADMSG and
 *	@answer what came, with faults for which a real host would not take it;
 *	or, without @answer: -ETIMEDOUT, -ECONNRESET when the channel was
 *	closed, -ECANCELED when the host dropped it, -ETIME when the plugin
 *	told no time, -ENOBUFS when the plugin takes no more, or what @prepare
 *	returned
 * @userdata: for the two
 * @timeout_us: time for the answer, in us, and for the plugin's clock before it
 * @vmbus_type: VMBus packet type to send as
 * @needs_clock: @prepare wants @clock
 * @pipelined: may be under way together with its neighbours
 * @raw: the next packet is the answer, whatever it is, and is not judged
 * @unanswered: is done, with 0 and no answer, as soon as it is sent
 * @yields: is done with -ECANCELED, wherever it is, as soon as another is submitted;
 *	there is never more than one of these
 * @clock: read just before @prepare
 * @link: in one of the channel's lists; this and all below is the channel's
 * @channel: where it was submitted
 * @timer: of @timeout_us
 * @request: what was sent; its body is not kept
 * @sent_us: when, on the monotonic clock, in us
 */
struct hvsim_exchange {
	int (*prepare)(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
		       size_t size);
	void (*done)(struct hvsim_exchange *exchange, int result,
		     const struct hvsim_answer *answer);
	void *userdata;
	uint64_t timeout_us;
	uint16_t vmbus_type;
	bool needs_clock;
	bool pipelined;
	bool raw;
	bool unanswered;
	bool yields;
	struct hvsim_clock clock;

	TAILQ_ENTRY(hvsim_exchange) link;
	struct hvsim_channel *channel;
	sd_event_source *timer;
	struct hvsim_message request;
	uint64_t sent_us;
};

/**
 * struct hvsim_channel_owner - who uses a channel
 * @opened: the guest opened it
 * @closed: the guest closed it or is gone; all exchanges are done already
 * @packet: a packet crossed, @to_guest or from it, for a trace
 * @placed: on hvsim's bus, HVSIM_FRAME_OFFERED: the guest was told of it,
 *	HVSIM_FRAME_MOVED: it has another processor, HVSIM_FRAME_RELEASED: the guest
 *	has let go of it; may be NULL
 * @anomaly: the guest or the plugin did what it should not have done; @bytes
 *	may be NULL
 */
struct hvsim_channel_owner {
	void (*opened)(void *userdata);
	void (*closed)(void *userdata);
	void (*packet)(bool to_guest, const void *bytes, size_t len, void *userdata);
	void (*placed)(enum hvsim_frame_type what, void *userdata);
	void (*anomaly)(const char *kind, const char *text, const void *bytes, size_t len,
			void *userdata);
};

/**
 * struct hvsim_channel_counters - what crossed a channel since its start
 * @opened: times that the guest opened it
 * @sent: packets to the guest
 * @received: packets from the guest
 * @answered: packets from the guest that were the answer to something
 * @timed_out: requests without an answer in time
 * @late: answers that came after their time
 * @discarded: answers to what the host had dropped
 * @round_trip_us: sum of the round trips of @answered, in us
 */
struct hvsim_channel_counters {
	uint64_t opened;
	uint64_t sent;
	uint64_t received;
	uint64_t answered;
	uint64_t timed_out;
	uint64_t late;
	uint64_t discarded;
	uint64_t round_trip_us;
};

/**
 * struct hvsim_channel_place - where a channel is on hvsim's bus
 * @relid: number that the guest has of it; 0 while it has none
 * @placed: @processor is known
 * @processor: that is interrupted for it, while it is open
 */
struct hvsim_channel_place {
	uint32_t relid;
	bool placed;
	uint32_t processor;
};

/* Sees a frame before the channel does; returns whether it is not for the channel. */
typedef bool (*hvsim_channel_watcher)(const struct hvsim_frame *frame, void *userdata);

int hvsim_channel_listen(struct hvsim_channel **ret, sd_event *event, const char *path,
			 const struct hvsim_channel_owner *owner, void *userdata);
int hvsim_channel_attach(struct hvsim_channel **ret, sd_event *event, struct hvsim_root *root,
			 const struct hvsim_vmbus_offer *offer,
			 const struct hvsim_channel_owner *owner, void *userdata);
void hvsim_channel_free(struct hvsim_channel *channel);
int hvsim_channel_offer(struct hvsim_channel *channel);
int hvsim_channel_rescind(struct hvsim_channel *channel);
struct hvsim_port *hvsim_channel_port(struct hvsim_channel *channel);
const struct hvsim_channel_place *hvsim_channel_place(const struct hvsim_channel *channel);
int hvsim_channel_watch(struct hvsim_channel *channel, hvsim_channel_watcher watcher,
			void *userdata);
void hvsim_channel_unwatch(struct hvsim_channel *channel);
int hvsim_channel_send(struct hvsim_channel *channel, enum hvsim_frame_type type, uint16_t arg,
		       const void *bytes, size_t len);
bool hvsim_channel_is_connected(const struct hvsim_channel *channel);
bool hvsim_channel_is_open(const struct hvsim_channel *channel);
const struct hvsim_channel_counters *hvsim_channel_counters(const struct hvsim_channel *channel);
int hvsim_channel_submit(struct hvsim_channel *channel, struct hvsim_exchange *exchange);
void hvsim_channel_cancel(struct hvsim_channel *channel);
void hvsim_channel_pause(struct hvsim_channel *channel);
void hvsim_channel_resume(struct hvsim_channel *channel);

#endif
