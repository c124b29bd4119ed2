// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets on hvsim's bus, both ways: in order, held back, waiting for room,
 * dropped, nonsense; and who is interrupted when.
 */
#include <errno.h>
#include <string.h>

#include "guest_script.h"

#define INTERRUPT	"interrupt 1 2 1\n"
#define CLOSED		"ignore 1001\ntell closed 0: 07000000\n"
#define WRITTEN		"tell written 0: 07000000\n"
#define PACKET(bytes)	"tell packet 6: 07000000" bytes "\n"
#define ONE		"0100000000000000"
#define TWO		"0200000000000000"
#define SIGNALS		DO(GUEST_SIGNALS, 0x1001)
#define MSG_OPEN_7	MSG_OPEN("01000000", "91000000", "50000000", "01000000", "02000000")

static struct guest_packet got;

/* The guest sends a packet of one number; returns whether it would signal. */
static bool guest_sends(struct guest_bus *guest, uint64_t number)
{
	bool signal;

	if (guest_ring_send(&guest->out, 6, 1, &number, sizeof(number), &signal) < 0)
		abort();
	return signal;
}

/* Whether what the guest reads next is of these bytes, and of this number in turn. */
static bool guest_gets(struct guest_bus *guest, uint64_t transaction, const void *bytes,
		       size_t len, bool *signal)
{
	static const uint8_t zeros[8];
	size_t padding = -len & 7;

	return !guest_ring_receive(&guest->in, &got, signal) && got.type == 6 &&
	       got.transaction == transaction && got.len == len + padding &&
	       !memcmp(got.payload, bytes, len) && !memcmp(got.payload + len, zeros, padding);
}

static bool does(struct guest_bus *guest, struct guest_action action, const char *want)
{
	const struct guest_step step = { "", action, want };

	return guest_bus_does(guest, &step);
}

static void test_from_guest(void)
{
	struct guest_bus *guest = guest_start(OPEN);

	tap_ok(does(guest, SIGNALS, ""), "from the guest: a signal with nothing behind it");
	tap_ok(guest_sends(guest, 1), "from the guest: it signals");
	tap_ok(does(guest, SIGNALS, PACKET(ONE)), "from the guest: a packet");
	guest_sends(guest, 1);
	tap_ok(!guest_sends(guest, 2), "from the guest: for a second one it need not signal");
	tap_ok(does(guest, SIGNALS, PACKET(ONE) PACKET(TWO)), "from the guest: two packets");
	tap_is_int(guest_ring_room(&guest->out), 4096, "from the guest: the ring is empty");
	guest_sends(guest, 1);
	tap_ok(does(guest, DO(GUEST_SIGNALS, 0x1002), ""),
	       "from the guest: another channel's signal is not this one's");
	tap_ok(does(guest, DO(GUEST_SIGNALS, 1), ""),
	       "from the guest: nor that of a connection of messages");
	tap_ok(does(guest, DO(GUEST_SIGNALS, 0x1000), ""),
	       "from the guest: nor that of no channel");
	tap_ok(does(guest, SIGNALS, PACKET(ONE)), "from the guest: a packet of before");
	guest_end(guest, "from the guest");
}

/* The guest waits for room: it is interrupted when there is, once. */
static void test_guest_waits(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	size_t i;

	guest->full = true;
	for (i = 0; i < 127; i++)
		guest_sends(guest, 1);
	tap_is_int(guest_ring_room(&guest->out), 4096 - 127 * 32,
		   "the guest waits: the ring is full");
	guest_ring_set(&guest->out, GUEST_RING_PENDING, 64);
	tap_ok(does(guest, SIGNALS, ""), "the guest waits: the host does not take");
	guest->interrupts = 0;
	guest->quiet = true;
	guest->full = false;
	hvsim_bus_resume(guest->bus);
	guest->quiet = false;
	tap_is_int(guest->interrupts, 1, "the guest waits: it is interrupted once");
	guest_sends(guest, 1);
	tap_ok(does(guest, SIGNALS, PACKET(ONE)), "the guest waits: but not when there was room");
	guest_end(guest, "the guest waits");
}

static void test_to_guest(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	bool signal;

	tap_ok(does(guest, SAY(PACKET, 6, "07000000 112233"), INTERRUPT), "to the guest: a packet");
	tap_ok(does(guest, SAY(PACKET, 0x8006, "07000000 44"), WRITTEN),
	       "to the guest: a second one, and the host is told");
	tap_ok(guest_gets(guest, 0, "\x11\x22\x33", 3, &signal),
	       "to the guest: it reads the first");
	tap_ok(guest_gets(guest, 1, "\x44", 1, &signal), "to the guest: and the second");
	tap_ok(does(guest, SAY(PACKET, 0x8006, "07000000"), INTERRUPT WRITTEN),
	       "to the guest: one of nothing, since there was none");
	tap_ok(guest_gets(guest, 2, "", 0, &signal), "to the guest: which it reads");
	guest_ring_set(&guest->in, GUEST_RING_MASK, 1);
	tap_ok(does(guest, SAY(PACKET, 6, "07000000 55"), ""),
	       "to the guest: with its interrupts masked");
	guest_ring_set(&guest->in, GUEST_RING_MASK, 0);
	tap_ok(does(guest, SAY(PACKET, 6, "07000000 66"), ""),
	       "to the guest: it has not read what there was");
	tap_ok(does(guest, POST(MSG_CLOSE("01000000")), CLOSED), "to the guest: closed");
	guest_ring_start(&guest->in, guest->in_pages, 2);
	guest_bus_post(guest, MSG_OPEN_7);
	guest_bus_did(guest, NULL);
	tap_ok(does(guest, SAY(PACKET, 6, "07000000 77"), INTERRUPT), "to the guest: a packet");
	tap_ok(guest_gets(guest, 0, "\x77", 1, &signal), "to the guest: counts from 0 again");
	guest_end(guest, "to the guest");
}

/* As much payload as leaves a byte more than half of the ring. */
static int say_large(struct guest_bus *guest, uint8_t first, bool tell)
{
	uint8_t bytes[4 + 2040] = { 7, 0, 0, 0, first };

	return guest_bus_say(guest, HVSIM_FRAME_PACKET, tell ? 0x8006 : 6, bytes, sizeof(bytes));
}

static bool gets_large(struct guest_bus *guest, uint64_t transaction, uint8_t first, bool *signal)
{
	uint8_t bytes[2040] = { first };

	return guest_gets(guest, transaction, bytes, sizeof(bytes), signal);
}

static void test_host_waits(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	bool signal;

	say_large(guest, 1, true);
	tap_ok(guest_bus_did(guest, INTERRUPT WRITTEN), "the host waits: not for the first");
	say_large(guest, 2, true);
	tap_ok(guest_bus_did(guest, ""), "the host waits: for the second");
	tap_is_int(guest_ring_get(&guest->in, GUEST_RING_PENDING), 2064,
		   "the host waits: and asks the guest to say when");
	tap_ok(does(guest, SAY(PACKET, 0x8006, "07000000 33"), ""),
	       "the host waits: for the third, for which there is room, as it is the third");
	tap_ok(does(guest, SIGNALS, ""), "the host waits: a signal without room");
	tap_ok(gets_large(guest, 0, 1, &signal) && signal,
	       "the host waits: the guest reads, and signals");
	tap_ok(does(guest, SIGNALS, INTERRUPT WRITTEN WRITTEN), "the host waits: not any more");
	tap_is_int(guest_ring_get(&guest->in, GUEST_RING_PENDING), 0,
		   "the host waits: for nothing");
	tap_ok(gets_large(guest, 1, 2, &signal) && !signal, "the host waits: the second");
	tap_ok(guest_gets(guest, 2, "\x33", 1, &signal), "the host waits: the third");
	guest_end(guest, "the host waits");
}

/* What waits is lost with the channel, and the host is told. */
static void test_lost(void)
{
	static const struct {
		const char *name;
		struct guest_action action;
		const char *want;
	} ends[] = {
		{ "close", POST(MSG_CLOSE("01000000")), "ignore 1001\n" WRITTEN WRITTEN
		  "tell closed 0: 07000000" },
		{ "rescind", SAY(RESCIND, 0, "07000000"), "ignore 1001\n" WRITTEN WRITTEN
		  "tell closed 0: 07000000\npost 1 2 1: " MSG_RESCIND("01000000") },
		{ "the host is gone", DO(HOST_GOES),
		  "ignore 1001\npost 1 2 1: " MSG_RESCIND("01000000") },
	};
	struct guest_bus *guest;
	size_t i;

	for (i = 0; i < NR(ends); i++) {
		guest = guest_start(OPEN);
		say_large(guest, 1, false);
		say_large(guest, 2, true);
		say_large(guest, 3, false);
		say_large(guest, 4, true);
		guest_bus_did(guest, NULL);
		tap_ok(does(guest, ends[i].action, ends[i].want),
		       "lost: %s", ends[i].name);
		guest_end(guest, ends[i].name);
	}
	guest = guest_start(OFFERED);
	tap_ok(does(guest, SAY(PACKET, 0x8006, "07000000 11"), WRITTEN), "lost: not open");
	tap_ok(does(guest, SAY(PACKET, 6, "07000000 11"), ""), "lost: not open, and not told");
	tap_ok(does(guest, SAY(RING, 0x8006, "07000000 11"), ""),
	       "lost: bytes, of which nobody is told");
	guest_end(guest, "lost, not open");
}

/* A guest that reads nothing: what may wait has an end, also what has no bytes. */
static void test_limit(size_t len)
{
	struct guest_bus *guest = guest_start(OPEN);
	uint8_t bytes[4 + 3000] = { 7 };
	size_t count = 0;
	char want[128];
	bool signal;

	while (count < 1000000 && !guest->log_len) {
		guest_bus_say(guest, HVSIM_FRAME_PACKET, 6, bytes, 4 + len);
		if (!count++)
			guest_bus_did(guest, NULL);
	}
	snprintf(want, sizeof(want), "anomaly 7: lost a packet of %zu bytes: too many wait", len);
	tap_ok(guest_bus_did(guest, want), "limit: of packets of %zu bytes, there is one", len);
	tap_ok(count * len < 9 << 20 && count > 1000,
	       "limit: and it is neither too high nor too low (%zu)",
	       count);
	guest_bus_say(guest, HVSIM_FRAME_PACKET, 0x8006, bytes, 4 + len);
	strcat(want, "\n" WRITTEN);
	tap_ok(guest_bus_did(guest, want), "limit: the host is told of a packet that is lost");
	while (!guest_ring_receive(&guest->in, &got, &signal))
		;
	hvsim_bus_signalled(guest->bus, 0x1001);
	guest_bus_did(guest, NULL);
	guest_bus_say(guest, HVSIM_FRAME_PACKET, 6, bytes, 4 + len);
	tap_ok(guest_bus_did(guest, ""), "limit: when some were read, some can wait again");
	guest_end(guest, "limit");
}

static void test_too_large(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	uint8_t bytes[4 + 4096] = { 7 };
	bool signal;

	guest_bus_say(guest, HVSIM_FRAME_PACKET, 0x8006, bytes, 4 + 4072);
	tap_ok(guest_bus_did(guest,
			     "anomaly 7: dropped a packet of 4072 bytes: too large for its ring\n"
			     WRITTEN), "too large: a packet");
	guest_bus_say(guest, HVSIM_FRAME_RING, 0, bytes, 4 + 4096);
	tap_ok(guest_bus_did(guest,
			     "anomaly 7: dropped a packet of 4096 bytes: too large for its ring"),
	       "too large: bytes");
	tap_ok(does(guest, SAY(PACKET, 6, "07000000 11"), INTERRUPT), "too large: the next is not");
	tap_ok(guest_gets(guest, 0, "\x11", 1, &signal), "too large: and is the first");
	guest_end(guest, "too large");
}

static void test_hold(void)
{
	struct guest_bus *guest = guest_start(OPEN);

	tap_ok(does(guest, SAY(HOLD, 1, "07000000"), ""), "hold: on");
	guest_sends(guest, 1);
	tap_ok(does(guest, SIGNALS, ""), "hold: a packet stays");
	tap_ok(does(guest, DO(HOST_READS), ""), "hold: whether the host reads or not");
	tap_is_int(guest_ring_get(&guest->out, GUEST_RING_READ), 0, "hold: in the ring");
	tap_ok(does(guest, SAY(HOLD, 0, "07000000"), PACKET(ONE)), "hold: off");
	guest_sends(guest, 2);
	tap_ok(does(guest, SIGNALS, PACKET(TWO)), "hold: packets do not stay any more");
	tap_ok(does(guest, SAY(HOLD, 1, "07000000"), ""), "hold: on");
	tap_ok(does(guest, POST(MSG_CLOSE("01000000")), CLOSED), "hold: closed");
	guest_bus_post(guest, MSG_OPEN_7);
	guest_bus_did(guest, NULL);
	guest_sends(guest, 1);
	tap_ok(does(guest, SIGNALS, PACKET(ONE)), "hold: what is opened again is not held");
	tap_ok(does(guest, POST(MSG_CLOSE("01000000")), CLOSED), "hold: closed");
	tap_ok(does(guest, SAY(HOLD, 1, "07000000"), ""), "hold: when closed");
	guest_bus_post(guest, MSG_OPEN_7);
	guest_bus_did(guest, NULL);
	guest_sends(guest, 2);
	tap_ok(does(guest, SIGNALS, PACKET(TWO)), "hold: what is not open cannot be held");
	guest_end(guest, "hold");
}

static void test_full(void)
{
	struct guest_bus *guest = guest_start(OPEN);

	guest->full = true;
	guest_sends(guest, 1);
	tap_ok(does(guest, SIGNALS, ""), "full: a packet stays");
	tap_ok(does(guest, SAY(PACKET, 0x8006, "07000000 11"), INTERRUPT WRITTEN),
	       "full: the host can be told what is no packet");
	tap_ok(does(guest, DO(HOST_READS), PACKET(ONE)), "full: until the host reads");
	guest_end(guest, "full");
}

/* Two channels: each has its own packets, and both are looked at. */
static void test_two(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	void *pages[] = { guest->memory[11], guest->memory[12] };
	struct guest_ring other;
	uint64_t two = 2;
	bool signal;

	guest_ring_start(&other, pages, 2);
	memset(guest->memory[13], 0, sizeof(guest->memory[13]));
	guest_bus_say_hex(guest, HVSIM_FRAME_OFFER, 0, "08000000" DEVICE);
	guest_bus_post(guest, MSG_GPADL("02000000", "51000000", "2800", "00400000",
					"0b00000000000000 0c00000000000000"
					"0d00000000000000 0e00000000000000"));
	guest_bus_post(guest, MSG_OPEN("02000000", "91000000", "51000000", "02000000", "02000000"));
	guest_bus_did(guest, NULL);
	tap_ok(does(guest, SAY(PACKET, 6, "08000000 11"), "interrupt 2 2 2"),
	       "two: the other's interrupt");
	guest->full = true;
	guest_sends(guest, 1);
	guest_ring_send(&other, 6, 1, &two, sizeof(two), &signal);
	tap_ok(does(guest, DO(HOST_READS), PACKET(ONE) "tell packet 6: 08000000" TWO),
	       "two: packets of both");
	guest->full = true;
	guest_sends(guest, 1);
	guest_ring_send(&other, 6, 1, &two, sizeof(two), &signal);
	guest_bus_say_hex(guest, HVSIM_FRAME_TRICK, 5, "07000000 03000000 00000000");
	tap_ok(does(guest, DO(HOST_READS), CLOSED "post 1 2 1:" MSG_RESCIND("01000000")
		    "\ntell packet 6: 08000000" TWO),
		    "two: packets of one, when the other is taken back");
	guest_end(guest, "two");
}

/* What a guest writes before it opens a channel needs no signal: nobody listens yet. */
static void test_before_open(void)
{
	struct guest_bus *guest = guest_start(OPEN);

	guest_bus_post(guest, MSG_CLOSE("01000000"));
	guest_bus_did(guest, NULL);
	guest_sends(guest, 1);
	tap_ok(does(guest, POST(MSG_OPEN_7),
		    "listen 1001\npost 1 2 1:" MSG_OPENED("01000000", "91000000", "00000000") "\n"
		    "tell opened 0: 07000000 01000000\n" PACKET(ONE)), "before the open: a packet");
	guest_end(guest, "before the open");
}

static void test_broken_from(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	bool signal;

	guest_sends(guest, 1);
	guest_sends(guest, 2);
	*guest_ring_at(&guest->out, 32 + 2) = 1;
	tap_ok(does(guest, SIGNALS, PACKET(ONE)
		    "anomaly 7: the ring from the guest makes no sense any more"),
	       "broken from: what was good is told");
	*guest_ring_at(&guest->out, 32 + 2) = 2;
	tap_ok(does(guest, SIGNALS, ""), "broken from: nothing is read any more");
	tap_ok(does(guest, SAY(PACKET, 6, "07000000 11"), INTERRUPT), "broken from: but written");
	tap_ok(guest_gets(guest, 0, "\x11", 1, &signal), "broken from: and read by the guest");
	guest_bus_post(guest, MSG_CLOSE("01000000"));
	guest_ring_start(&guest->out, guest->out_pages, 2);
	guest_bus_post(guest, MSG_OPEN_7);
	guest_bus_did(guest, NULL);
	guest_sends(guest, 2);
	tap_ok(does(guest, SIGNALS, PACKET(TWO)), "broken from: good when opened again");
	guest_end(guest, "broken from");
}

static void test_broken_to(void)
{
	struct guest_bus *guest = guest_start(OPEN);

	say_large(guest, 1, false);
	say_large(guest, 2, true);
	guest_bus_did(guest, NULL);
	guest_ring_set(&guest->in, GUEST_RING_READ, 5);
	tap_ok(does(guest, SIGNALS,
		    "anomaly 7: the ring to the guest makes no sense any more\n" WRITTEN),
	       "broken to: what waits is lost");
	guest_ring_set(&guest->in, GUEST_RING_READ, 8192);
	tap_ok(does(guest, SAY(PACKET, 0x8006, "07000000 11"),
		    "anomaly 7: the ring to the guest makes no sense any more\n" WRITTEN),
	       "broken to: so is what comes");
	guest_sends(guest, 1);
	tap_ok(does(guest, SIGNALS, ""), "broken to: nothing is read any more");
	guest_end(guest, "broken to");
}

/* What no good host does. */
static void test_raw(void)
{
	struct guest_bus *guest = guest_start(OPEN);
	bool signal;

	tap_ok(does(guest, SAY(RING, 0, "07000000 0600 0200 0300 0000 0000000000000000"
			       "8899aabbccddeeff 0000000000000000"), INTERRUPT),
			       "raw: a whole packet");
	tap_ok(guest_gets(guest, 0, "\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 8, &signal),
	       "raw: is one for the guest");
	tap_ok(does(guest, SAY(PACKET, 6, "07000000 11"), INTERRUPT), "raw: a packet behind it");
	tap_ok(guest_gets(guest, 0, "\x11", 1, &signal), "raw: is the first of the bus's own");
	tap_ok(does(guest, SAY(RING, 0, "07000000 0102 03"), INTERRUPT), "raw: three bytes");
	tap_is_int(guest_ring_get(&guest->in, GUEST_RING_WRITE), 67, "raw: and no more");
	tap_ok(does(guest, SAY(INDEX, 0, "07000000 08000000 01000000"), ""), "raw: a mask");
	tap_is_int(guest_ring_get(&guest->in, GUEST_RING_MASK), 1, "raw: is set");
	tap_ok(does(guest, SAY(INDEX, 1, "07000000 04000000 10000000"), ""), "raw: a read index");
	tap_is_int(guest_ring_get(&guest->out, GUEST_RING_READ), 16,
		   "raw: is set in the other ring");
	tap_ok(does(guest, SAY(INDEX, 0, "07000000 02000000 01000000"), "returns EINVAL"),
	       "raw: no half of a number");
	tap_ok(does(guest, SAY(INDEX, 0, "07000000 00100000 01000000"), "returns EINVAL"),
	       "raw: no number of the next page");
	tap_ok(does(guest, SAY(SIGNAL, 0, "07000000"), INTERRUPT), "raw: a signal of nothing");
	guest_bus_post(guest, MSG_CLOSE("01000000"));
	guest_bus_did(guest, NULL);
	tap_ok(does(guest, SAY(INDEX, 0, "07000000 08000000 00000000"), ""), "raw: no ring");
	tap_is_int(guest_ring_get(&guest->in, GUEST_RING_MASK), 1, "raw: is not written to");
	tap_ok(does(guest, SAY(SIGNAL, 0, "07000000"), ""),
	       "raw: nor is a guest that closed it interrupted");
	guest_end(guest, "raw");
}

/* A processor whose SynIC is off, say. */
static void test_no_interrupt(void)
{
	struct guest_bus *guest = guest_start(OPEN);

	guest->interrupt_error = -ENXIO;
	tap_ok(does(guest, SAY(PACKET, 0x8006, "07000000 11"),
		    "anomaly 7: cannot interrupt processor 1\n" WRITTEN),
	       "no interrupt: the packet is in the ring nevertheless");
	guest_end(guest, "no interrupt");
}

/* ---- both sides at random, who look only when they are told to ---- */

/**
 * struct talk - what was said so far
 * @guest: with the bus
 * @dice: state of the dice
 * @sent: packets by the guest
 * @heard: of these, by the host
 * @said: packets by the host
 * @got: of these, by the guest
 * @asked: times that the host wants to be told
 * @told: times that it was
 * @reading: the guest has not read all that it was interrupted for
 * @waiting: the guest waits for room
 * @seen: interrupts that the guest has looked at
 * @wrong: what one side heard the other did not say
 */
static struct talk {
	struct guest_bus *guest;
	uint32_t dice;
	uint32_t sent, heard, said, got;
	uint32_t asked, told;
	bool reading, waiting;
	unsigned int seen;
	bool wrong;
} talk;

static uint32_t dice(uint32_t below)
{
	talk.dice = talk.dice * 1664525 + 1013904223;
	return (talk.dice >> 8) % below;
}

/* Bytes of packet @number: its number in front, and as many as that makes. */
static size_t talk_len(uint32_t number)
{
	uint32_t hash = number * 2654435761u >> 16;

	return 4 + hash % (number % 3 ? 100 : 2000);
}

static bool is_packet(uint32_t number, const uint8_t *bytes, size_t len)
{
	size_t want = talk_len(number), i;

	if (len != (want + 7) / 8 * 8 || memcmp(bytes, &number, sizeof(number)))
		return false;
	for (i = sizeof(number); i < want; i++)
		if (bytes[i] != (uint8_t)(number + i))
			return false;
	return true;
}

static size_t packet_make(uint32_t number, uint8_t *bytes)
{
	size_t len = talk_len(number), i;

	for (i = sizeof(number); i < len; i++)
		bytes[i] = (uint8_t)(number + i);
	memcpy(bytes, &number, sizeof(number));
	return len;
}

static void on_tell(uint32_t type, const uint8_t *bytes, size_t len)
{
	if (type == HVSIM_FRAME_PACKET)
		talk.wrong |= !is_packet(talk.heard++, bytes, len);
	else if (type == HVSIM_FRAME_WRITTEN)
		talk.told++;
	else
		talk.wrong = true;
}

static void host_speaks(void)
{
	uint8_t bytes[4 + 2100] = { 7 };
	bool tell = dice(2);

	talk.asked += tell;
	guest_bus_say(talk.guest, HVSIM_FRAME_PACKET, tell ? 0x8006 : 6, bytes,
		      4 + packet_make(talk.said++, bytes + 4));
}

static void guest_speaks(void)
{
	struct guest_ring *ring = &talk.guest->out;
	uint8_t bytes[2100];
	size_t len = packet_make(talk.sent, bytes);
	bool signal;

	if (talk.waiting)
		return;
	if (guest_ring_send(ring, 6, 0, bytes, len, &signal) < 0) {
		guest_ring_set(ring, GUEST_RING_PENDING, GUEST_PACKET_LEN(len));
		talk.waiting = true;
		return;
	}
	guest_ring_set(ring, GUEST_RING_PENDING, 0);
	talk.sent++;
	if (signal)
		hvsim_bus_signalled(talk.guest->bus, 0x1001);
}

/* The guest reads @most packets, if it was interrupted or has not read all. */
static void guest_hears(uint32_t most)
{
	struct guest_ring *ring = &talk.guest->in;
	bool signal;
	int ret;

	if (talk.seen != talk.guest->interrupts) {
		talk.seen = talk.guest->interrupts;
		talk.reading = true;
		talk.waiting = false;
	}
	while (talk.reading && most--) {
		guest_ring_set(ring, GUEST_RING_MASK, 1);
		ret = guest_ring_receive(ring, &got, &signal);
		if (!ret)
			talk.wrong |= !is_packet(talk.got++, got.payload, got.len);
		talk.wrong |= ret && ret != -EAGAIN;
		talk.reading = !ret;
		if (!talk.reading)
			guest_ring_set(ring, GUEST_RING_MASK, 0);
		if (signal)
			hvsim_bus_signalled(talk.guest->bus, 0x1001);
	}
}

static void talk_step(void)
{
	switch (dice(10)) {
	case 0 ... 2:
		host_speaks();
		break;
	case 3 ... 5:
		guest_speaks();
		break;
	case 6 ... 7:
		guest_hears(1 + dice(4) * dice(10));
		break;
	case 8:
		guest_bus_say_hex(talk.guest, HVSIM_FRAME_HOLD, dice(3) == 0, "07000000");
		break;
	default:
		talk.guest->full = dice(3) == 0;
		if (!talk.guest->full)
			hvsim_bus_resume(talk.guest->bus);
		break;
	}
}

static bool talk_ends(uint32_t seed)
{
	struct guest_bus *guest = guest_start(OPEN);
	int steps = 2000;

	talk = (struct talk){ .guest = guest, .dice = seed, .seen = guest->interrupts };
	guest->quiet = true;
	guest->on_tell = on_tell;
	while (steps--)
		talk_step();
	guest->full = false;
	guest_bus_say_hex(guest, HVSIM_FRAME_HOLD, 0, "07000000");
	hvsim_bus_resume(guest->bus);
	/* nobody looks again unless it is told to */
	while (talk.reading || talk.seen != guest->interrupts)
		guest_hears(UINT32_MAX);
	guest->on_tell = NULL;
	return guest_bus_free(guest) && !talk.wrong && talk.sent == talk.heard &&
	talk.got == talk.said &&
	       talk.told == talk.asked && !talk.waiting;
}

static void test_talk(void)
{
	uint32_t seed = 0, packets = 0;

	while (seed < 200 && talk_ends(seed)) {
		packets += talk.sent + talk.said;
		seed++;
	}
	tap_is_int(seed, 200,
		   "at random: all is heard, in order, and who sleeps is woken (%u packets)",
		   packets);
	if (seed < 200)
		tap_diag("seed %u: the guest sent %u, of which the host heard %u; "
			 "the host sent %u, of which the guest got %u", seed, talk.sent, talk.heard,
			 talk.said, talk.got);
}

int main(void)
{
	test_from_guest();
	test_guest_waits();
	test_to_guest();
	test_host_waits();
	test_lost();
	test_limit(3000);
	test_limit(0);
	test_too_large();
	test_hold();
	test_full();
	test_two();
	test_before_open();
	test_broken_from();
	test_broken_to();
	test_raw();
	test_no_interrupt();
	test_talk();
	return tap_done();
}
