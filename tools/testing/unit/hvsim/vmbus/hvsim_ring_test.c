// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rings of hvsim's bus, against bytes that are spelled out here and against
 * a guest's end of a ring that was written apart.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "guest_ring.h"
#include "hvsim_hex.h"
#include "hvsim_ring.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define PAGES_MAX	132

/* Pages are used from the last on, so that what goes over the end of one shows. */
static uint8_t memory[PAGES_MAX][GUEST_PAGE] __attribute__((aligned(GUEST_PAGE)));
static void *pages[PAGES_MAX];
static struct guest_ring guest;
static struct hvsim_ring ring;
static struct guest_packet got;
static uint8_t bytes[GUEST_PAYLOAD_MAX + 8];

/* A ring with @data pages of data, where both sides are at @at. */
static void ring_new(size_t data, uint32_t at, bool to_guest)
{
	size_t i;

	for (i = 0; i <= data; i++)
		pages[i] = memory[data - i];
	memset(memory, 0xaa, (data + 1) * GUEST_PAGE);
	guest_ring_start(&guest, pages, data + 1);
	guest_ring_set(&guest, GUEST_RING_WRITE, at);
	guest_ring_set(&guest, GUEST_RING_READ, at);
	if (hvsim_ring_start(&ring, pages, data + 1, to_guest) < 0)
		abort();
}

static void ring_fill(uint32_t at, const char *hex)
{
	uint8_t *from;
	size_t len, i;

	if (hvsim_hex_decode(&from, &len, hex) < 0)
		abort();
	for (i = 0; i < len; i++)
		*guest_ring_at(&guest, at + (uint32_t)i) = from[i];
	free(from);
}

static bool ring_has(uint32_t at, const char *hex)
{
	bool same = true;
	uint8_t *want;
	size_t len, i;

	if (hvsim_hex_decode(&want, &len, hex) < 0)
		abort();
	for (i = 0; i < len; i++)
		same &= *guest_ring_at(&guest, at + (uint32_t)i) == want[i];
	free(want);
	return same;
}

static void pattern_fill(uint8_t *to, size_t len, uint32_t seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = (uint8_t)(seed + i * 7 + (i >> 8));
}

static bool pattern_is(const uint8_t *from, size_t len, uint32_t seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (from[i] != (uint8_t)(seed + i * 7 + (i >> 8)))
			return false;
	return true;
}

static const struct {
	const char *name;
	uint32_t at;
	uint16_t type;
	const char *payload;
	const char *packet;		/* with what is behind it, as it was */
	uint32_t next;
} puts_[] = {
	{ "no payload", 0, 6, "", "0600 0200 0200 0000 efcdab8967452301 0000000000000000 aa", 24 },
	{ "a byte", 0, 0x1234, "11",
	  "3412 0200 0300 0000 efcdab8967452301 1100000000000000 0000000000000000 aa", 32 },
	{ "eight bytes", 8, 6, "1122334455667788",
	  "0600 0200 0300 0000 efcdab8967452301 1122334455667788 0000000008000000 aa", 40 },
	{ "nine bytes", 0x100, 6, "112233445566778899",
	  "0600 0200 0400 0000 efcdab8967452301 1122334455667788 9900000000000000"
	  "0000000000010000 aa", 0x128 },
	{ "over the end", 4096 - 24, 6, "1122334455667788",
	  "0600 0200 0300 0000 efcdab8967452301 1122334455667788 00000000e80f0000 aa", 8 },
};

static void test_put(void)
{
	size_t i, len;
	uint8_t *payload;
	bool wake;

	for (i = 0; i < NR(puts_); i++) {
		ring_new(1, puts_[i].at, true);
		if (hvsim_hex_decode(&payload, &len, puts_[i].payload) < 0)
			abort();
		tap_is_int(hvsim_ring_put(&ring, puts_[i].type, 0x0123456789abcdef, payload, len,
					  &wake), 0, "put: %s", puts_[i].name);
		tap_ok(ring_has(puts_[i].at, puts_[i].packet), "put: %s: each byte",
		       puts_[i].name);
		tap_is_int(guest_ring_get(&guest, GUEST_RING_WRITE), puts_[i].next,
			   "put: %s: the write index", puts_[i].name);
		tap_ok(wake, "put: %s: the guest is woken", puts_[i].name);
		free(payload);
	}
}

static const struct {
	const char *name;
	uint32_t read, write;
	const char *packet;
	int len;			/* or a negative errno */
	const char *payload;
	uint16_t type;
} takes[] = {
	{ "empty", 8, 8, "", -EAGAIN },
	{ "no payload", 0, 24, "0600 0200 0200 0000 0100000000000000 0000000000000000", 0, "", 6 },
	{ "a payload", 0, 32,
	  "3412 0200 0300 0000 0100000000000000 1122334455667788 0000000000000000", 8,
	  "1122334455667788", 0x1234 },
	{ "flags and a trailer of anything", 0, 32,
	  "0600 0200 0300 ffff 0100000000000000 1122334455667788 ffffffffffffffff", 8,
	  "1122334455667788", 6 },
	{ "a longer head", 0, 40,
	  "0700 0300 0400 0000 0100000000000000 9999999999999999 1122334455667788 0000000000000000",
	  8, "1122334455667788", 7 },
	{ "over the end", 4096 - 16, 16,
	  "0600 0200 0300 0000 0100000000000000 1122334455667788 0000000000000000", 8,
	  "1122334455667788", 6 },
	{ "another one behind", 0, 4088,
	  "0600 0200 0300 0000 0100000000000000 1122334455667788 0000000000000000", 8,
	  "1122334455667788", 6 },
	{ "the longest there can be", 8, 0, "0600 0200 fe01 0000 0100000000000000 11", 4064, "11",
	  6 },
	{ "a head of no bytes", 0, 32, "0600 0000 0300 0000 0100000000000000", -EPROTO },
	{ "a head cut short", 0, 32, "0600 0100 0300 0000 0100000000000000", -EPROTO },
	{ "a head longer than the packet", 0, 32, "0600 0400 0300 0000 0100000000000000", -EPROTO },
	{ "a head as long as can be", 0, 32, "0600 ffff 0300 0000 0100000000000000", -EPROTO },
	{ "a packet of no bytes", 0, 32, "0600 0200 0000 0000 0100000000000000", -EPROTO },
	{ "a packet shorter than a head", 0, 32, "0600 0200 0100 0000 0100000000000000", -EPROTO },
	{ "a packet longer than was written", 0, 32, "0600 0200 0400 0000 0100000000000000",
	  -EPROTO },
	{ "a packet as long as can be", 0, 32, "0600 0200 ffff 0000 0100000000000000", -EPROTO },
	{ "head and length as long as can be", 0, 32, "0600 ffff ffff 0000 0100000000000000",
	  -EPROTO },
	{ "a write index in the middle of a unit", 0, 33, "0600 0200 0300 0000", -EPROTO },
	{ "a write index at the end", 0, 4096, "0600 0200 0300 0000", -EPROTO },
	{ "a write index beyond", 0, 8192, "0600 0200 0300 0000", -EPROTO },
	{ "a write index as large as can be", 0, UINT32_MAX, "0600 0200 0300 0000", -EPROTO },
	{ "eight bytes", 0, 8, "0600 0200 0300 0000", -EPROTO },
	{ "a head without a trailer", 0, 16, "0600 0200 0200 0000 0100000000000000", -EPROTO },
};

static void test_take(void)
{
	struct hvsim_vmbus_packet packet;
	uint8_t *payload, *want;
	size_t i, len;
	bool wake;
	int ret;

	for (i = 0; i < NR(takes); i++) {
		ring_new(1, takes[i].read, false);
		ring_fill(takes[i].read, takes[i].packet);
		guest_ring_set(&guest, GUEST_RING_WRITE, takes[i].write);
		/* of the exact size, so that the sanitizer sees one byte too far */
		len = takes[i].len > 0 ? (size_t)takes[i].len : 0;
		payload = malloc(len ?: 1);
		ret = hvsim_ring_take(&ring, &packet, payload, len, &wake);
		tap_is_int(ret, takes[i].len, "take: %s", takes[i].name);
		if (hvsim_hex_decode(&want, &len, takes[i].payload ?: "") < 0)
			abort();
		tap_ok(ret < 0 || !memcmp(payload, want, len), "take: %s: its payload",
		       takes[i].name);
		tap_ok(ret < 0 || (packet.type == takes[i].type && packet.transaction == 1),
		       "take: %s: its head", takes[i].name);
		tap_is_int(guest_ring_get(&guest, GUEST_RING_READ), ret < 0 ? takes[i].read :
			   (takes[i].read + packet.length8 * 8u + 8) % 4096,
			   "take: %s: the read index", takes[i].name);
		tap_ok(!wake, "take: %s: a guest that does not wait is not woken", takes[i].name);
		free(payload);
		free(want);
	}
}

static const struct {
	const char *name;
	size_t count;
	uint32_t write, read;
	int from_guest, to_guest;
} starts[] = {
	{ "no pages", 0, 0, 0, -EINVAL, -EINVAL },
	{ "a head alone", 1, 0, 0, -EINVAL, -EINVAL },
	{ "a page of data", 2, 0, 0, 0, 0 },
	{ "more than 32 bits can say", SIZE_MAX, 0, 0, -EINVAL, -EINVAL },
	{ "2 GiB of data", 0x80001, 0, 0, -EINVAL, -EINVAL },
	{ "not quite as much", 0x80000, 0, 0, 0, 0 },
	{ "packets in it", 2, 4088, 8, 0, 0 },
	{ "a write index at the end", 2, 4096, 0, 0, -EINVAL },
	{ "a write index in the middle of a unit", 2, 4, 0, 0, -EINVAL },
	{ "a read index at the end", 2, 0, 4096, -EINVAL, 0 },
	{ "a read index in the middle of a unit", 2, 0, 4, -EINVAL, 0 },
	{ "indexes as large as can be", 2, UINT32_MAX, UINT32_MAX, -EINVAL, -EINVAL },
};

static void test_start(void)
{
	size_t i;

	for (i = 0; i < NR(starts); i++) {
		ring_new(1, 0, false);
		guest_ring_set(&guest, GUEST_RING_WRITE, starts[i].write);
		guest_ring_set(&guest, GUEST_RING_READ, starts[i].read);
		tap_is_int(hvsim_ring_start(&ring, pages, starts[i].count, false),
			   starts[i].from_guest, "start: from the guest: %s", starts[i].name);
		tap_is_int(guest_ring_get(&guest, GUEST_RING_FEATURES), 0,
			   "start: from the guest: %s: what its writer can is the guest's to say",
			   starts[i].name);
		tap_is_int(hvsim_ring_start(&ring, pages, starts[i].count, true),
			   starts[i].to_guest, "start: to the guest: %s", starts[i].name);
		tap_is_int(guest_ring_get(&guest, GUEST_RING_FEATURES), !starts[i].to_guest,
			   "start: to the guest: %s: says that it waits for room",
			   starts[i].name);
	}
}

/* A packet that starts at each position, of each length: there and back. */
static bool wraps(size_t data, uint32_t at, size_t len)
{
	struct hvsim_vmbus_packet packet;
	uint8_t payload[64];
	bool wake;

	pattern_fill(bytes, len, at);
	ring_new(data, at, true);
	if (hvsim_ring_put(&ring, 6, at, bytes, len, &wake) || !wake ||
	    guest_ring_receive(&guest, &got, &wake) || got.len != (len + 7) / 8 * 8 ||
	    got.transaction != at || !pattern_is(got.payload, len, at))
		return false;
	ring_new(data, at, false);
	return !guest_ring_send(&guest, 6, at, bytes, len, &wake) && wake &&
	       hvsim_ring_take(&ring, &packet, payload, sizeof(payload), &wake) ==
			(int)(len + 7) / 8 * 8 &&
	       packet.transaction == at && pattern_is(payload, len, at) &&
	       guest_ring_room(&guest) == guest.size;
}

static void test_wrap(void)
{
	uint32_t at, near;
	bool pass = true;
	size_t len;

	for (at = 0; pass && at < GUEST_PAGE; at += 8)
		for (len = 0; pass && len < 50; len += len % 8 == 1 ? 6 : 1)
			pass = wraps(1, at, len);
	tap_ok(pass, "wrap: a packet at each position of a ring");
	for (at = GUEST_PAGE; pass && at <= 3 * GUEST_PAGE; at += GUEST_PAGE)
		for (near = at - 72; pass && near < at + 8; near += 8)
			for (len = 0; pass && len < 50; len++)
				pass = wraps(3, near % (3 * GUEST_PAGE), len);
	tap_ok(pass, "wrap: a packet over the end of each page");
	if (!pass)
		tap_diag("at %u, of %zu bytes", at, len);
}

/* The largest packet there is, and what is larger. */
static void test_longest(void)
{
	struct hvsim_vmbus_packet packet;
	uint8_t *payload = malloc(HVSIM_RING_PACKET_MAX);
	bool wake;

	pattern_fill(bytes, sizeof(bytes), 3);
	ring_new(PAGES_MAX - 1, 4096 * 100, true);
	tap_is_int(hvsim_ring_put(&ring, 6, 1, bytes, GUEST_PAYLOAD_MAX + 1, &wake), -EMSGSIZE,
		   "longest: a byte more can be in no packet");
	tap_is_int(guest_ring_get(&guest, GUEST_RING_PENDING), 0, "longest: nor waits for room");
	tap_is_int(hvsim_ring_put(&ring, 6, 1, bytes, GUEST_PAYLOAD_MAX, &wake), 0,
		   "longest: it can be put");
	tap_ok(!guest_ring_receive(&guest, &got, &wake) && got.len == GUEST_PAYLOAD_MAX &&
	       pattern_is(got.payload, got.len, 3), "longest: and is what the guest reads");

	ring_new(PAGES_MAX - 1, 4096 * 100, false);
	guest_ring_send(&guest, 6, 1, bytes, GUEST_PAYLOAD_MAX, &wake);
	tap_is_int(hvsim_ring_take(&ring, &packet, payload, GUEST_PAYLOAD_MAX - 1, &wake),
		   -EMSGSIZE, "longest: it does not fit in a byte less");
	tap_is_int(hvsim_ring_take(&ring, &packet, payload, HVSIM_RING_PACKET_MAX, &wake),
		   GUEST_PAYLOAD_MAX, "longest: and stays, to be taken");
	tap_ok(pattern_is(payload, GUEST_PAYLOAD_MAX, 3), "longest: whole");
	free(payload);
}

/* Fills a ring until @room bytes are free, a multiple of 8. */
static void ring_occupy(uint32_t at, uint32_t room)
{
	ring_new(1, at, true);
	guest_ring_set(&guest, GUEST_RING_READ, (at + room) % guest.size);
}

static void test_room(void)
{
	bool pass = true, wake;
	uint32_t room, len;
	int ret;

	for (room = 8; pass && room < 4096; room += 8) {
		for (len = 24; pass && len < 4096; len += 8) {
			ring_occupy(16, room);
			ret = hvsim_ring_put(&ring, 6, 0, bytes, len - 24, &wake);
			pass = ret == (room > len ? 0 : -EAGAIN) && !wake &&
			       guest_ring_get(&guest, GUEST_RING_PENDING) == (ret ? len : 0) &&
			       guest_ring_get(&guest, GUEST_RING_WRITE) == (ret ? 16 :
			       16 + len) % 4096;
		}
	}
	tap_ok(pass,
	       "room: a packet is put when there is a byte more than it has, else waited for");
	if (!pass)
		tap_diag("with %u bytes free, for a packet of %u: %d", room, len, ret);

	ring_new(1, 16, true);
	tap_is_int(hvsim_ring_put(&ring, 6, 0, bytes, 4096 - 24, &wake), -EMSGSIZE,
		   "room: a packet of the size of the ring never can be put");
	tap_is_int(hvsim_ring_put(&ring, 6, 0, bytes, 4096 - 24 - 7, &wake), -EMSGSIZE,
		   "room: nor one that its padding makes as large");
	tap_is_int(guest_ring_get(&guest, GUEST_RING_PENDING), 0, "room: and is not waited for");
	tap_is_int(hvsim_ring_put(&ring, 6, 0, bytes, 4096 - 32, &wake), 0,
		   "room: one of 8 bytes less can");
	tap_is_int(guest_ring_room(&guest), 8, "room: which fills it");
	tap_is_int(guest_ring_receive(&guest, &got, &wake), 0, "room: and is a packet");
}

static void test_read_index(void)
{
	static const uint32_t bad[] = { 1, 4, 4095, 4096, 4104, 1u << 31, UINT32_MAX };
	bool wake;
	size_t i;

	for (i = 0; i < NR(bad); i++) {
		ring_new(1, 0, true);
		guest_ring_set(&guest, GUEST_RING_READ, bad[i]);
		tap_is_int(hvsim_ring_put(&ring, 6, 0, bytes, 1, &wake), -EPROTO,
			   "read index %u: a packet cannot be put", bad[i]);
		tap_is_int(hvsim_ring_put_raw(&ring, bytes, 1, &wake), -EPROTO,
			   "read index %u: nor anything else", bad[i]);
		tap_ok(!wake && !guest_ring_get(&guest, GUEST_RING_WRITE),
		       "read index %u: and nothing happens", bad[i]);
	}
}

/* The guest waits for @pending bytes while @used are in the ring; @len are taken. */
static bool wakes_writer(uint32_t used, uint32_t len, uint32_t pending)
{
	uint32_t before = 4096 - used, after = before + len;
	struct hvsim_vmbus_packet packet;
	static uint8_t payload[4096];
	bool wake, want = pending && pending >= before && pending < after;
	uint8_t head[8] = { 6, 0, 2, 0, (uint8_t)((len - 8) / 8), (uint8_t)((len - 8) / 8 >> 8) };
	size_t i;

	for (i = 0; i < sizeof(head); i++)
		*guest_ring_at(&guest, ring.index + (uint32_t)i) = head[i];
	guest_ring_set(&guest, GUEST_RING_WRITE, (ring.index + used) % 4096);
	guest_ring_set(&guest, GUEST_RING_PENDING, pending);
	return hvsim_ring_take(&ring, &packet, payload, sizeof(payload), &wake) == (int)len - 24 &&
	       wake == want;
}

static void test_wake_writer(void)
{
	uint32_t used = 0, len = 0, pending = 0, at;
	bool pass = true;
	size_t i;

	ring_new(1, 512, false);
	for (used = 24; pass && used < 4096; used += 24) {
		for (len = 24; pass && len <= used; len += 16) {
			for (i = 0; pass && i < 12; i++) {
				at = i % 2 ? 4096 - used : 4096 - used + len;
				pending = i < 10 ? at + (uint32_t)i / 2 - 2 : i == 10 ? 0 :
				UINT32_MAX;
				pass = wakes_writer(used, len, pending);
			}
		}
	}
	tap_ok(pass, "wake: a guest that waits for room, when there is as much and was not");
	if (!pass)
		tap_diag("%u bytes there, %u taken, %u waited for", used, len, pending);

	/* a mask is about packets, not about room */
	ring_new(1, 0, false);
	guest_ring_set(&guest, GUEST_RING_MASK, 1);
	tap_ok(wakes_writer(4088, 24, 8), "wake: also a guest whose interrupts are masked");
}

static const struct {
	const char *name;
	uint32_t mask;
	bool empty;
	bool wake;
} masks[] = {
	{ "a ring that was empty", 0, true, true },
	{ "a ring that was not", 0, false, false },
	{ "an empty ring, masked", 1, true, false },
	{ "a ring that was not, masked", 1, false, false },
	{ "an empty ring, masked in another way", 0x80000000u, true, false },
};

static void test_wake_reader(void)
{
	bool wake;
	size_t i;

	for (i = 0; i < 2 * NR(masks); i++) {
		ring_occupy(64, masks[i / 2].empty ? 4096 : 4080);
		guest_ring_set(&guest, GUEST_RING_MASK, masks[i / 2].mask);
		if (i % 2)
			hvsim_ring_put_raw(&ring, bytes, 5, &wake);
		else
			hvsim_ring_put(&ring, 6, 0, bytes, 5, &wake);
		tap_is_int(wake, masks[i / 2].wake, "wake: %s%s", masks[i / 2].name,
			   i % 2 ? ", of bytes" : "");
	}
}

static const struct {
	uint32_t at;
	uint32_t room;
	size_t len;
	int ret;
	uint32_t next;
} raws[] = {
	{ 0, 4096, 1, 0, 1 },
	{ 8, 4096, 3, 0, 11 },
	{ 8, 4096, 0, 0, 8 },
	{ 8, 4096, 4095, 0, 7 },
	{ 8, 4096, 4096, -EMSGSIZE, 8 },
	{ 8, 4096, 5000, -EMSGSIZE, 8 },
	{ 8, 16, 15, 0, 23 },
	{ 8, 16, 16, -EAGAIN, 8 },
	{ 4088, 4096, 8, 0, 0 },
	{ 4088, 4096, 20, 0, 12 },
};

static void test_raw(void)
{
	bool pass, wake;
	size_t i, j;
	int ret;

	pattern_fill(bytes, sizeof(bytes), 99);
	for (i = 0; i < NR(raws); i++) {
		ring_occupy(raws[i].at, raws[i].room);
		ret = hvsim_ring_put_raw(&ring, bytes, raws[i].len, &wake);
		tap_is_int(ret, raws[i].ret, "raw: %zu bytes at %u, with %u free", raws[i].len,
			   raws[i].at, raws[i].room);
		pass = guest_ring_get(&guest, GUEST_RING_WRITE) == raws[i].next;
		for (j = 0; !ret && j < raws[i].len; j++)
			pass &= *guest_ring_at(&guest, raws[i].at + (uint32_t)j) == bytes[j];
		tap_ok(pass, "raw: %zu bytes at %u: each of them", raws[i].len, raws[i].at);
	}
	ring_new(1, 4088, true);
	hvsim_ring_put_raw(&ring, bytes, 3, &wake);
	hvsim_ring_put(&ring, 6, 1, "\x11", 1, &wake);
	tap_ok(ring_has(4091,
			"0600 0200 0300 0000 0100000000000000 11000000000000 00 00000000fb0f0000"),
	       "raw: a packet comes right behind");
	tap_is_int(guest_ring_get(&guest, GUEST_RING_WRITE), 27, "raw: and so does what is next");
}

static void test_poke(void)
{
	static const uint32_t bad[] = { 1, 2, 3, 4093, 4096, 8192, UINT32_MAX, UINT32_MAX - 3 };
	bool wake;
	size_t i;

	ring_new(1, 8, true);
	for (i = 0; i < NR(bad); i++)
		tap_is_int(hvsim_ring_poke(&ring, bad[i], 1), -EINVAL, "poke: not at %u", bad[i]);
	for (i = 0; i < GUEST_PAGE / 4; i++)
		if (hvsim_ring_poke(&ring, (uint32_t)i * 4, 0x04030201) ||
		    guest_ring_get(&guest, i) != 0x04030201)
			break;
	tap_is_int(i, GUEST_PAGE / 4, "poke: each number of the first page");
	ring_new(1, 8, true);
	hvsim_ring_poke(&ring, 0, 4000);
	hvsim_ring_put(&ring, 6, 0, bytes, 0, &wake);
	tap_is_int(guest_ring_get(&guest, GUEST_RING_WRITE), 32,
		   "poke: the bus goes on where it was");
}

/* ---- both ends at random, against what a ring is: a queue of so many bytes ---- */

static uint32_t dice_state;

static uint32_t dice(uint32_t below)
{
	dice_state = dice_state * 1664525 + 1013904223;
	return (dice_state >> 8) % below;
}

/**
 * struct model - what a ring should be like
 * @first: number of the packet that is read next
 * @next: number of the packet that is written next
 * @lens: bytes of each payload, by its number
 * @used: bytes in the ring
 * @asked: bytes that its writer waits to have free
 */
struct model {
	uint32_t first, next;
	uint16_t lens[512];
	uint32_t used;
	uint32_t asked;
};

static bool model_write(struct model *model, bool to_guest)
{
	uint16_t len = (uint16_t)dice(dice(4) ? 60 : 3000);
	uint32_t total = GUEST_PACKET_LEN(len);
	bool fits = model->used + total < guest.size, masked = dice(3) == 0, wake;
	int ret;

	guest_ring_set(&guest, GUEST_RING_MASK, masked);
	pattern_fill(bytes, len, model->next);
	ret = to_guest ? hvsim_ring_put(&ring, 6, model->next, bytes, len, &wake) :
			 guest_ring_send(&guest, 6, model->next, bytes, len, &wake);
	/* the bus asks on its own, the guest's code above does not */
	if (!to_guest)
		guest_ring_set(&guest, GUEST_RING_PENDING, fits ? 0 : total);
	model->asked = fits ? 0 : total;
	if (ret != (fits ? 0 : -EAGAIN) || wake != (fits && !model->used && !masked) ||
	    guest_ring_get(&guest, GUEST_RING_PENDING) != model->asked)
		return false;
	if (fits) {
		model->lens[model->next++ % 512] = len;
		model->used += total;
	}
	return true;
}

static bool model_read(struct model *model, bool to_guest)
{
	uint16_t len = model->lens[model->first % 512];
	uint32_t room = guest.size - model->used, total = GUEST_PACKET_LEN(len);
	struct hvsim_vmbus_packet packet;
	uint64_t transaction;
	bool wake;
	int ret;

	if (to_guest) {
		ret = guest_ring_receive(&guest, &got, &wake) ?: (int)got.len;
		transaction = got.transaction;
	} else {
		ret = hvsim_ring_take(&ring, &packet, got.payload, sizeof(got.payload), &wake);
		transaction = packet.transaction;
	}
	if (!model->used)
		return ret == -EAGAIN && !wake;
	if (ret != (len + 7) / 8 * 8 || transaction != model->first ||
	    !pattern_is(got.payload, len, model->first) ||
	    wake != (model->asked && room <= model->asked && room + total > model->asked))
		return false;
	model->first++;
	model->used -= total;
	return true;
}

static void test_model(bool to_guest)
{
	struct model model = { 0 };
	uint32_t seed, step = 0;
	bool pass = true;

	for (seed = 1; pass && seed <= 200; seed++) {
		dice_state = seed;
		model = (struct model){ 0 };
		ring_new(1 + seed % 3, 0, to_guest);
		for (step = 0; pass && step < 1000; step++)
			/* by turns the one and the other is faster */
			pass = dice(100) < 30 + 40 * (step / 100 % 2) ?
			       model_write(&model, to_guest) : model_read(&model, to_guest);
	}
	tap_ok(pass, "model: %s the guest: nothing is lost, and who waits is woken",
	       to_guest ? "to" : "from");
	tap_ok(model.first > 100,
	       "model: %s the guest: packets went through (%u in the last round)",
	       to_guest ? "to" : "from", model.first);
	if (!pass)
		tap_diag("seed %u, step %u", seed - 1, step);
}

int main(void)
{
	test_put();
	test_take();
	test_start();
	test_wrap();
	test_longest();
	test_room();
	test_read_index();
	test_wake_writer();
	test_wake_reader();
	test_raw();
	test_poke();
	test_model(true);
	test_model(false);
	return tap_done();
}
