// SPDX-License-Identifier: GPL-2.0-only
/* Heartbeat: one further, and the state of the applications where there is room. */

#include "../hvic_heartbeat.h"
#include "hvic_packet.h"

#define SEQUENCE	0x0807060504030201ULL

/* Hosts send 16 bytes, 8 or 40; every length in between is as good. */
static void heartbeat_each_length(struct kunit *test)
{
	static const u8 sequence[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	static const u8 next[] = { 2, 2, 3, 4, 5, 6, 7, 8 };
	size_t len, n;

	for (len = 0; len <= 40; len++) {
		struct hvic_packet packet = packet_new(test, HVIC_TYPE_HEARTBEAT, len);
		struct hvic_msg msg = packet_open(test, &packet);
		u64 got = PACKET_UNTOUCHED;
		u8 *want;
		int err;

		memset(packet.body, 0xee, len);
		n = len < sizeof(sequence) ? len : sizeof(sequence);
		memcpy(packet.body, sequence, n);
		want = packet_copy(test, packet.bytes, packet.len);

		err = hvic_heartbeat(&msg, HVIC_APPLICATION_CRITICAL, &got);
		KUNIT_ASSERT_EQ_MSG(test, err, len < 8 ? -EMSGSIZE : 0, "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, got, err ? PACKET_UNTOUCHED : SEQUENCE + 1,
				    "%zu bytes", len);
		if (len >= 8)
			memcpy(want + HVIC_HDR_LEN, next, sizeof(next));
		if (len >= 12)
			memcpy(want + HVIC_HDR_LEN + 8, "\2\0\0", 4);
		KUNIT_ASSERT_EQ_MSG(test, memcmp(packet.bytes, want, packet.len), 0,
				    "%zu bytes", len);
	}
}

/**
 * struct beat - a sequence number and the next one
 * @sequence: the host's
 * @next: the guest's
 */
struct beat {
	u64 sequence;
	u64 next;
};

static const struct beat beats[] = {
	{ 0, 1 },
	{ 1, 2 },
	{ 0xff, 0x100 },
	{ 0xffffffff, 0x100000000 },
	{ 0x7fffffffffffffff, 0x8000000000000000 },
	{ 0xfffffffffffffffe, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0 },
};

static void heartbeat_sequence(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(beats); i++) {
		struct hvic_packet packet = packet_new(test, HVIC_TYPE_HEARTBEAT, 16);
		struct hvic_heartbeat *beat = packet.body;
		struct hvic_msg msg = packet_open(test, &packet);
		u64 got;

		beat->sequence = cpu_to_le64(beats[i].sequence);
		KUNIT_EXPECT_EQ(test, hvic_heartbeat(&msg, HVIC_APPLICATION_HEALTHY, &got), 0);
		KUNIT_EXPECT_EQ(test, got, beats[i].next);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(beat->sequence), beats[i].next);
	}
}

static void heartbeat_each_state(struct kunit *test)
{
	unsigned int state;

	for (state = HVIC_APPLICATION_UNKNOWN; state <= HVIC_APPLICATION_STOPPED; state++) {
		struct hvic_packet packet = packet_new(test, HVIC_TYPE_HEARTBEAT, 16);
		struct hvic_heartbeat *beat = packet.body;
		struct hvic_msg msg = packet_open(test, &packet);
		u64 sequence;

		/* what a host left there is no state of ours */
		beat->application_state = cpu_to_le32(PACKET_UNTOUCHED);
		KUNIT_EXPECT_EQ(test, hvic_heartbeat(&msg, state, &sequence), 0);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(beat->application_state), state);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(beat->reserved), 0);
	}
}

static void heartbeat_state_names(struct kunit *test)
{
	static const char *const names[] = { "unknown", "healthy", "critical", "stopped" };
	static const char *const others[] = { "", "Healthy", "health", "healthy ", " healthy",
					      "invalid", "0", "healthy\n" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		KUNIT_EXPECT_STREQ(test, hvic_application_state_name(i), names[i]);
		KUNIT_EXPECT_EQ(test, hvic_application_state_parse(names[i]), i);
	}
	KUNIT_EXPECT_STREQ(test, hvic_application_state_name(ARRAY_SIZE(names)), "invalid");
	KUNIT_EXPECT_STREQ(test, hvic_application_state_name(-1), "invalid");
	for (i = 0; i < ARRAY_SIZE(others); i++)
		KUNIT_EXPECT_EQ(test, hvic_application_state_parse(others[i]), -EINVAL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(heartbeat_each_length),
	KUNIT_CASE(heartbeat_sequence),
	KUNIT_CASE(heartbeat_each_state),
	KUNIT_CASE(heartbeat_state_names),
	{}
};

static struct kunit_suite suite = { .name = "hvic_heartbeat", .test_cases = cases };

kunit_test_suite(suite);
