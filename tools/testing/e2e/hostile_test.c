// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that no good host sends: each field of the headers wrong in turn,
 * each length short and long.  What is asked of the guest is always the same:
 * drop it, or refuse it with a status; count it; answer the next good one.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define N(list)	(sizeof(list) / sizeof((list)[0]))

static const struct service {
	const char *name;
	uint16_t type;
	uint32_t version;
	size_t body_len;	/* of a good request */
	size_t needed;		/* of it, for an answer with status 0 */
} services[] = {
	{ "heartbeat", HVIC_TYPE_HEARTBEAT, HVIC_VERSION(3, 0), 16, 8 },
	/* flags that are refused: a good order would end the test */
	{ "shutdown", HVIC_TYPE_SHUTDOWN, HVIC_VERSION(3, 2), 2060, 0 },
	{ "timesync", HVIC_TYPE_TIMESYNC, HVIC_VERSION(3, 0), 28, 25 },
};

enum { DROPPED = -1 };

static size_t build(const struct service *service, uint8_t *packet)
{
	const struct hvsim_versions versions = { HVIC_VERSION(3, 0), service->version };
	const struct hvsim_power power = { .flags = 0x100, .text = "no", .text_len = 2 };
	const struct hvsim_time time = { .parent = HVSIM_EPOCH_1601 + 1000 };
	int len;

	if (service->type == HVIC_TYPE_HEARTBEAT)
		len = hvsim_message_build_heartbeat(packet, E2E_PACKET_MAX, 77, &versions, 5, 16);
	else if (service->type == HVIC_TYPE_SHUTDOWN)
		len = hvsim_message_build_shutdown(packet, E2E_PACKET_MAX, 77, &versions, &power);
	else
		len = hvsim_message_build_time(packet, E2E_PACKET_MAX, 77, &versions, &time, 28);
	return (size_t)len;
}

/* The status of the answer, or DROPPED; an answer that no host takes aborts. */
static long long ask(const struct service *service, const uint8_t *packet, size_t len)
{
	struct hvsim_message answer;

	if (e2e_raw(service->name, packet, len, &answer) <= 0)
		return DROPPED;
	if (answer.flags != (HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE) ||
	    answer.transaction != packet[24])
		return -2;
	return answer.status;
}

/*
 * Whether a packet is dropped: no waiting for what does not come, but a good
 * request behind it, and one answer for both. The guest answers in order.
 */
static bool is_dropped(const struct service *service, const uint8_t *packet, size_t len)
{
	static char hex[2 * E2E_PACKET_MAX + 1];
	static uint8_t good[E2E_PACKET_MAX];
	long long before = e2e_host_counter(service->name, "received");
	size_t i, good_len;

	/* that stops reading at a short packet, and the good one would wait */
	if (e2e_in_tree())
		return ask(service, packet, len) == DROPPED;
	for (i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", packet[i]);
	e2e_tell("raw", "{\"service\":\"%s\",\"expect-answer\":false,\"hex\":\"%s\"}",
		 service->name, hex);
	good_len = build(service, good);
	return ask(service, good, good_len) != DROPPED &&
	       e2e_host_counter(service->name, "received") == before + 1;
}

static const struct field {
	const char *what;
	size_t offset;
	size_t size;
	uint32_t values[5];
	long long want;
} fields[] = {
	{ "pipe types", 0, 4, { 0, 2, 3, 0xffffffff, 0x100 }, DROPPED },
	{ "pipe sizes below the header", 4, 4, { 0, 1, 8, 18, 19 }, DROPPED },
	{ "pipe sizes beyond the packet", 4, 4,
	  { 4096, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000 }, DROPPED },
	{ "body sizes", 18, 2, { 0xffff, 0x8000, 13312, 4096, 3000 }, DROPPED },
	{ "flags", 25, 1, { 0, 1, 4, 5, 7 }, DROPPED },
	{ "message types", 12, 2, { 2, 5, 8, 0xffff, 0x100 }, HVIC_STATUS_NOT_SUPPORTED },
};

static void test_fields(const struct service *service)
{
	static uint8_t packet[E2E_PACKET_MAX];
	long long dropped = e2e_counter(service->name, "dropped"), expected = 0;
	unsigned int as_wanted;
	uint32_t value;
	size_t len, i, v;

	for (i = 0; i < N(fields); i++) {
		for (v = as_wanted = 0; v < 5; v++) {
			len = build(service, packet);
			value = htole32(fields[i].values[v]);
			memcpy(packet + fields[i].offset, &value, fields[i].size);
			as_wanted += fields[i].want == DROPPED ?
				     is_dropped(service, packet, len) :
				     ask(service, packet, len) == fields[i].want;
		}
		e2e_is_int(as_wanted, 5, "hostile: %s: each of 5 wrong %s is %s",
			   service->name, fields[i].what,
			   fields[i].want == DROPPED ? "dropped" : "refused");
		expected += fields[i].want == DROPPED ? 5 : 0;
	}
	e2e_is_int(e2e_counter(service->name, "dropped") - dropped, expected,
		   "hostile: %s: each drop is counted", service->name);
}

/* What may be anything: the guest neither minds nor believes it. */
static void test_harmless_fields(const struct service *service)
{
	static const struct { size_t offset, size; } harmless[] = {
		{ 8, 4 }, { 14, 4 }, { 20, 4 }, { 24, 1 }, { 26, 2 },
	};
	static uint8_t packet[E2E_PACKET_MAX];
	long long good;
	unsigned int same = 0;
	size_t len, i;

	len = build(service, packet);
	good = ask(service, packet, len);
	for (i = 0; i < N(harmless); i++) {
		len = build(service, packet);
		memset(packet + harmless[i].offset, 0xee, harmless[i].size);
		same += ask(service, packet, len) == good;
	}
	e2e_is_int(same, N(harmless),
		   "hostile: %s: versions, status, transaction and reserved bytes may be anything",
		   service->name);
}

/* Every length of the packet, its headers claiming the whole of it. */
static void test_packet_lengths(const struct service *service)
{
	static uint8_t packet[E2E_PACKET_MAX];
	unsigned int taken = 0, cases = 0;
	size_t full = build(service, packet), len;

	/* the ring counts in eights, so a packet loses its end by the eight */
	for (len = 8; len + 8 <= full; len += len < 64 ? 8 : 512, cases++)
		taken += !is_dropped(service, packet, len);
	e2e_is_int(taken, 0, "hostile: %s: a packet cut short at %u places is always dropped",
		   service->name, cases);
}

/* Every length of the body, with headers that say so. */
static void test_body_lengths(const struct service *service)
{
	static uint8_t packet[E2E_PACKET_MAX];
	unsigned int wrong = 0, cases = 0;
	struct hvic_pipe_hdr *pipe = (void *)packet;
	struct hvic_hdr *hdr = (void *)(packet + 8);
	long long status;
	size_t body;

	for (body = 0; body <= 48; body++, cases++) {
		memset(packet, 0, sizeof(packet));
		build(service, packet);
		pipe->size = htole32(20 + body);
		hdr->size = htole16(body);
		status = ask(service, packet, HVIC_HDR_LEN + body);
		wrong += service->needed && body >= service->needed ? status != 0 : status <= 0;
	}
	e2e_is_int(wrong, 0, "hostile: %s: bodies of 0 to %u bytes are taken or refused, rightly",
		   service->name, cases - 1);

	build(service, packet);
	body = HVIC_MESSAGE_MAX - 20;
	pipe->size = htole32(20 + body);
	hdr->size = htole16(body);
	status = ask(service, packet, HVIC_HDR_LEN + body);
	e2e_ok(service->needed ? status == 0 : status > 0,
	       "hostile: %s: the longest legal message is taken whole", service->name);
}

static long long lines_logged(void)
{
	return strtoll(e2e_guest("dmesg | grep -c 'dropped a malformed packet'"), NULL, 10);
}

/* A host that floods the guest with rubbish does not fill its disk with it. */
static void test_log_is_limited(void)
{
	static const uint8_t rubbish[64] = { 0xff };
	struct hvsim_message answer;
	long long dropped, lines;
	int i;

	dropped = e2e_counter("heartbeat", "dropped");
	lines = lines_logged();
	for (i = 0; i < 60; i++)
		e2e_tell("raw", "{\"service\":\"heartbeat\",\"expect-answer\":false,"
					 "\"hex\":\"%064x\"}", 0);
	e2e_raw("heartbeat", rubbish, sizeof(rubbish), &answer);
	dropped = e2e_counter("heartbeat", "dropped") - dropped;
	lines = lines_logged() - lines;
	e2e_is_int(dropped, 61, "hostile: each of 61 malformed packets is counted");
	e2e_ok(lines < 30, "hostile: but few of them are logged");
	e2e_note("  %lld lines in the log", lines);
	e2e_ok(lines_logged() > 0,
	       "hostile: and some are");
}

static void run(void)
{
	size_t i;

	e2e_quiet();
	for (i = 0; i < N(services); i++) {
		e2e_ok(e2e_agree(services[i].name, HVIC_VERSION(3, 0), services[i].version),
		       "hostile: %s is ready", services[i].name);
		test_fields(&services[i]);
		test_harmless_fields(&services[i]);
		test_packet_lengths(&services[i]);
		test_body_lengths(&services[i]);
		e2e_ok(e2e_alive(services[i].name), "hostile: %s answers after all that",
		       services[i].name);
	}
	test_log_is_limited();
	e2e_is_str(e2e_complaints(), "",
		   "hostile: the kernel has no complaint");
}

const struct e2e_group e2e_hostile = { "hostile", run };
