// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile packets: the same from the same seed, of each kind that is wanted and
 * of no other, and never one that would end the machine that is tested.
 */
#include <stdlib.h>
#include <string.h>

#include "hvsim_dice.h"
#include "hvsim_frame.h"
#include "hvsim_hostile.h"
#include "hvsim_hostile_socket.h"
#include "hvsim_vmbus.h"
#include "tap.h"

#include <hv/hvic_psdirect.h>

#define SEED	20240229
#define MANY	200000

static const char *const names[] = { "heartbeat", "shutdown", "timesync", "kvp", "vss", "fcopy" };

static struct hvsim_hostile_packet one, other;

static struct hvsim_hostile_target target_of(enum hvsim_service_id service, uint32_t kinds)
{
	return (struct hvsim_hostile_target){ service, kinds, HVSIM_HOSTILE_MOST };
}

static bool is_same(const struct hvsim_hostile_packet *a, const struct hvsim_hostile_packet *b)
{
	return a->frame == b->frame && a->arg == b->arg && a->times == b->times &&
	       a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static void test_dice(void)
{
	struct hvsim_dice dice = { 1 }, again = { 1 };
	unsigned int i, wrong = 0, seen[10] = { 0 };
	uint64_t number;

	for (i = 0; i < 10000; i++)
		wrong += hvsim_dice_roll(&dice) != hvsim_dice_roll(&again);
	tap_is_int(wrong, 0, "dice with the same start fall the same");
	for (i = 0; i < 10000; i++)
		seen[hvsim_dice_below(&dice, 10)]++;
	for (i = wrong = 0; i < 10; i++)
		wrong += seen[i] < 800 || seen[i] > 1200;
	tap_is_int(wrong, 0, "and evenly");
	for (i = wrong = 0; i < 10000; i++) {
		number = hvsim_dice_odd(&dice, 1 + i % 8, 77);
		wrong += i % 8 < 7 && number >> (8 * (1 + i % 8));
	}
	tap_is_int(wrong, 0, "an odd number fits its field");
}

static void test_same(enum hvsim_service_id service)
{
	struct hvsim_hostile_target target = target_of(service, (1u << HVSIM_NR_HOSTILE) - 1);
	unsigned int i, differ = 0, alike = 0, sets = 0;

	/* in another order, with others in between: a packet depends on its number alone */
	for (i = 0; i < 3000; i++) {
		hvsim_hostile_make(&one, &target, SEED, i);
		hvsim_hostile_make(&other, &target, SEED, 3000 - i);
		hvsim_hostile_make(&other, &target, SEED, i);
		differ += !is_same(&one, &other) || one.kind != other.kind;
		hvsim_hostile_make(&other, &target, SEED + 1, i);
		alike += is_same(&one, &other);
		hvsim_hostile_make(&other, &target, SEED, i + 1);
		sets += is_same(&one, &other);
	}
	tap_is_int(differ, 0, "%s: the same seed and number make the same packet", names[service]);
	/* signals and empty packets have little to differ in, and some are sent twice */
	tap_ok(alike < 300, "%s: another seed makes others", names[service]);
	tap_ok(sets < 600, "%s: another number makes another", names[service]);
}

static void test_kinds(enum hvsim_service_id service)
{
	struct hvsim_hostile_target all = target_of(service, (1u << HVSIM_NR_HOSTILE) - 1);
	unsigned int i, seen[HVSIM_NR_HOSTILE] = { 0 }, missing = 0, wrong = 0;
	struct hvsim_hostile_target alone;

	for (i = 0; i < MANY; i++) {
		hvsim_hostile_make(&one, &all, SEED, i);
		seen[one.kind]++;
	}
	for (i = 0; i < HVSIM_NR_HOSTILE; i++)
		missing += !seen[i];
	tap_is_int(missing, 0, "%s: every kind occurs", names[service]);
	tap_ok(seen[HVSIM_HOSTILE_LENGTH] + seen[HVSIM_HOSTILE_INDEX] < MANY / 1000,
	       "%s: what breaks the ring is rare", names[service]);
	for (i = 0; i < 100 * HVSIM_NR_HOSTILE; i++) {
		alone = target_of(service, 1u << i % HVSIM_NR_HOSTILE);
		hvsim_hostile_make(&one, &alone, SEED, i);
		wrong += one.kind != i % HVSIM_NR_HOSTILE;
	}
	tap_is_int(wrong, 0, "%s: each kind can be had alone", names[service]);
}

static bool is_in_bounds(const struct hvsim_hostile_packet *packet, size_t most)
{
	switch (packet->frame) {
	case HVSIM_FRAME_PACKET:
		return packet->len <= most && !(packet->arg & HVSIM_PACKET_TELL);
	case HVSIM_FRAME_RING:
		return packet->len <= sizeof(packet->bytes) && packet->len % 8 == 0 &&
		       (hvsim_frame_get(packet->bytes + 4, 2) * 8 + HVSIM_PACKET_TRAILER ==
			packet->len) == (packet->kind != HVSIM_HOSTILE_LENGTH);
	case HVSIM_FRAME_INDEX:
		return packet->len == 8 && packet->arg <= 1 &&
		       hvsim_frame_get(packet->bytes, 4) <= HVSIM_VMBUS_PAGE - 4;
	case HVSIM_FRAME_SIGNAL:
		return !packet->len;
	default:
		return false;
	}
}

static void test_bounds(enum hvsim_service_id service)
{
	static const size_t sizes[] = { 64, 4096, HVSIM_HOSTILE_MOST };
	uint32_t all = (1u << HVSIM_NR_HOSTILE) - 1;
	unsigned int i, out = 0, reserved = 0;
	size_t at;

	for (i = 0; i < MANY; i++) {
		struct hvsim_hostile_target target = { service, all, sizes[i % 3] };

		hvsim_hostile_make(&one, &target, SEED, i);
		out += !is_in_bounds(&one, target.most) || !one.times || one.times > 64;
		at = one.frame == HVSIM_FRAME_RING ? 16 + 24 : 24;
		reserved += one.frame != HVSIM_FRAME_INDEX && one.len > at &&
			    one.bytes[at] >= HVSIM_HOSTILE_OTHERS;
	}
	tap_is_int(out, 0, "%s: no packet is longer than allowed, or sent too often",
		   names[service]);
	tap_is_int(reserved, 0, "%s: none has a transaction that is not theirs", names[service]);
}

static void test_good(enum hvsim_service_id service)
{
	struct hvsim_hostile_target target = target_of(service, HVSIM_HOSTILE(GOOD));
	struct hvsim_message message;
	unsigned int i, bad = 0, offers = 0;

	for (i = 0; i < 1000; i++) {
		hvsim_hostile_make(&one, &target, SEED, i);
		bad += hvsim_message_open(&message, one.bytes, one.len) || message.status ||
		       message.flags != (HVIC_FLAG_TRANSACTION | HVIC_FLAG_REQUEST) ||
		       message.body_len != one.len - HVIC_HDR_LEN;
		offers += message.type == HVIC_TYPE_NEGOTIATE;
	}
	tap_is_int(bad, 0, "%s: a good packet has nothing wrong with it", names[service]);
	tap_ok(offers > 50 && offers < 300, "%s: and is an offer now and then", names[service]);
}

static void test_twice(enum hvsim_service_id service)
{
	struct hvsim_hostile_target target = target_of(service, HVSIM_HOSTILE_ANY_BUS);
	unsigned int i, twice = 0, same = 0;

	for (i = 1; i < 5000; i++) {
		hvsim_hostile_make(&one, &target, SEED, i);
		if (one.kind != HVSIM_HOSTILE_TWICE)
			continue;
		hvsim_hostile_make(&other, &target, SEED, i - 1);
		twice++;
		same += is_same(&one, &other);
	}
	/* one in a row of more than three is good instead */
	tap_ok(twice > 100 && same + 4 >= twice, "%s: what is sent twice was sent just before",
	       names[service]);
}

/*
 * Whether any guest could take the bytes for an order that it carries out.  Less
 * is asked than guests do: neither sizes nor flags of the headers must be right.
 */
static bool is_order(const uint8_t *payload, size_t len)
{
	uint8_t ring[HVSIM_HOSTILE_ROOM + 8] = { 0 };

	memcpy(ring, payload, len);
	return (len + 7) / 8 * 8 >= HVIC_HDR_LEN + 12 &&
	       hvsim_frame_get(ring + 12, 2) == HVIC_TYPE_SHUTDOWN &&
	       hvsim_frame_get(ring + HVIC_HDR_LEN + 8, 4) <= 7;
}

static bool has_order(const struct hvsim_hostile_packet *packet)
{
	size_t offset, end = packet->len - HVSIM_PACKET_TRAILER;

	if (packet->frame == HVSIM_FRAME_PACKET)
		return is_order(packet->bytes, packet->len);
	if (packet->frame != HVSIM_FRAME_RING)
		return false;
	/* wherever the descriptor says that the payload begins, believed or not */
	for (offset = 16; offset < end; offset += 8)
		if (is_order(packet->bytes + offset, end - offset))
			return true;
	return false;
}

static void test_no_order(void)
{
	struct hvsim_hostile_target target = target_of(HVSIM_SHUTDOWN,
						       (1u << HVSIM_NR_HOSTILE) - 1);
	unsigned int i, orders = 0, asked = 0;

	for (i = 0; i < MANY; i++) {
		hvsim_hostile_make(&one, &target, SEED, i);
		orders += has_order(&one);
		asked += one.frame == HVSIM_FRAME_PACKET && one.len >= 2088 &&
			 one.bytes[12] == HVIC_TYPE_SHUTDOWN;
	}
	tap_is_int(orders, 0, "shutdown: no packet of %d is an order to go down", MANY);
	tap_ok(asked > MANY / 10, "shutdown: though many look like one");

	/* the test can see one */
	target.kinds = HVSIM_HOSTILE(GOOD);
	for (i = 0; !one.len || one.bytes[12] != HVIC_TYPE_SHUTDOWN; i++)
		hvsim_hostile_make(&one, &target, SEED, i);
	memset(one.bytes + HVIC_HDR_LEN + 8, 0, 4);
	tap_ok(has_order(&one), "shutdown: an order would be found");
	one.len = HVIC_HDR_LEN + 5;
	memset(one.bytes + HVIC_HDR_LEN, 0, 12);
	tap_ok(has_order(&one), "shutdown: also one that the ring fills up");
}

static void test_names(void)
{
	unsigned int i, j, wrong = 0;

	for (i = 0; i < HVSIM_NR_HOSTILE; i++) {
		wrong += !*hvsim_hostile_name(i) || !*hvsim_hostile_text(i);
		for (j = 0; j < i; j++)
			wrong += !strcmp(hvsim_hostile_name(i), hvsim_hostile_name(j));
	}
	tap_is_int(wrong, 0, "each kind has a name of its own, and a text");
}

/* ---- offers of sockets ---- */

#define SOCKETS_MANY	20000

static bool is_service(const uint8_t *class_id)
{
	static const uint8_t broker[] = HVIC_PSDIRECT_BROKER_GUID;
	static const uint8_t server[] = HVIC_PSDIRECT_SERVER_GUID;

	return !memcmp(class_id, broker, sizeof(broker)) ||
	       !memcmp(class_id, server, sizeof(server));
}

/**
 * struct socket_tally - how many of many offers are odd in what
 * @no_socket: without the flag of a socket
 * @encrypted: that want memory which a guest may not have
 * @no_service: of another class than PowerShell Direct's
 * @flags: with other flags than a good one
 * @container: for a container
 * @version: with another version than 0
 * @rest: with bytes behind the container's GUID
 * @from_guest: that answer a connection of the guest's
 * @again: with an instance that another has
 * @unlike: that are not the same when made again
 */
struct socket_tally {
	unsigned int no_socket;
	unsigned int encrypted;
	unsigned int no_service;
	unsigned int flags;
	unsigned int container;
	unsigned int version;
	unsigned int rest;
	unsigned int from_guest;
	unsigned int again;
	unsigned int unlike;
};

static struct socket_tally socket_count(enum hvsim_hostile_socket odd)
{
	struct hvsim_vmbus_offer offer, same;
	struct socket_tally tally = { 0 };
	unsigned int i;

	for (i = 0; i < SOCKETS_MANY; i++) {
		hvsim_hostile_socket(&offer, odd, SEED, i);
		hvsim_hostile_socket(&same, odd, SEED, i);
		tally.unlike += !!memcmp(&offer, &same, sizeof(offer));
		tally.no_socket += !(offer.flags & HVSIM_OFFER_SOCKET);
		tally.encrypted += !!(offer.flags & 0x0006);
		tally.no_service += !is_service(offer.class_id);
		tally.flags += offer.flags != 0x2011;
		tally.container += !!offer.user[5];
		tally.version += !!hvsim_frame_get(offer.user + 6, 4);
		tally.rest += !!offer.user[60];
		tally.from_guest += !offer.user[4];
		tally.again += hvsim_frame_get(offer.instance_id, 4) != i;
	}
	return tally;
}

static void test_sockets(void)
{
	struct socket_tally tally;
	unsigned int odd;

	tally = socket_count(HVSIM_SOCKET_ENCRYPTED);
	tap_is_int(tally.encrypted, SOCKETS_MANY, "encrypted memory is wanted by name only");
	for (odd = 0; odd < HVSIM_SOCKET_ENCRYPTED; odd++) {
		tally = socket_count(odd);
		tap_is_int(tally.unlike, 0, "socket %u: the same seed makes the same offers", odd);
		tap_is_int(tally.again, 0, "socket %u: no instance comes twice", odd);
		tap_is_int(tally.no_socket, 0, "socket %u: all are sockets", odd);
		tap_is_int(tally.encrypted, 0, "socket %u: none wants encrypted memory", odd);
		tap_ok(!tally.no_service == (odd != HVSIM_SOCKET_ANY),
		       "socket %u: the class is odd where it may be", odd);
		tap_ok(!tally.flags == (odd != HVSIM_SOCKET_ANY && odd != HVSIM_SOCKET_FLAGS),
		       "socket %u: so are the flags", odd);
		tap_ok(!tally.container ==
		       (odd < HVSIM_SOCKET_CONTAINER || odd == HVSIM_SOCKET_VERSION),
		       "socket %u: and the container", odd);
		tap_ok(!tally.version == (odd < HVSIM_SOCKET_VERSION),
		       "socket %u: and the version", odd);
		tap_ok(!tally.rest == (odd < HVSIM_SOCKET_VERSION),
		       "socket %u: and what follows", odd);
		tap_ok(!tally.from_guest == (odd < HVSIM_SOCKET_USER),
		       "socket %u: and who connects", odd);
	}
}

int main(void)
{
	unsigned int i, known = 0;

	test_dice();
	test_names();
	for (i = 0; i < HVSIM_NR_SERVICES; i++) {
		if (!hvsim_hostile_knows(i))
			continue;
		known++;
		test_same(i);
		test_kinds(i);
		test_bounds(i);
		test_good(i);
		test_twice(i);
	}
	tap_ok(known >= 6, "packets are made for %u services", known);
	test_no_order();
	test_sockets();
	return tap_done();
}
