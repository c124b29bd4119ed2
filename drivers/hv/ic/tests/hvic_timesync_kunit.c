// SPDX-License-Identifier: GPL-2.0-only
/* Time: what a message says, what is made of it, and when it is no longer true. */

#include "../hvic_timesync.h"
#include "hvic_offer.h"

#define SECOND		1000000000LL		/* in ns */
#define TICKS		10000000ULL		/* a second in 100 ns */
#define EPOCH		116444736000000000ULL	/* 1970 in 100 ns since 1601 */
#define END		82772920360000000ULL	/* no clock can be set to this, in 100 ns */
#define LAST_NS		8277292035999999900LL	/* a tick before END, in ns since 1970 */
#define NOW		(5000 * TICKS)
#define TOP		0xffffffffffffffffULL

#define V3_LEN		28
#define V4_LEN		24

static struct hvic_packet time_v3_new(struct kunit *test, size_t len, u64 parent)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_TIMESYNC, len);
	struct hvic_timesync_v3 body = {
		.parent = cpu_to_le64(parent),
		.child = cpu_to_le64(PACKET_UNTOUCHED),
		.round_trip = cpu_to_le64(PACKET_UNTOUCHED),
		.flags = HVIC_TIMESYNC_SYNC,
		.pad = { 0xee, 0xee, 0xee },
	};

	memcpy(packet.body, &body, len < sizeof(body) ? len : sizeof(body));
	return packet;
}

static struct hvic_packet time_v4_new(struct kunit *test, size_t len, u64 parent, u64 reference)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_TIMESYNC, len);
	struct hvic_timesync_v4 body = {
		.parent = cpu_to_le64(parent),
		.reference = cpu_to_le64(reference),
		.flags = HVIC_TIMESYNC_SAMPLE,
		.leap = 3,
		.stratum = 15,
		.reserved = { 0xee, 0xee, 0xee, 0xee, 0xee },
	};

	memcpy(packet.body, &body, len < sizeof(body) ? len : sizeof(body));
	return packet;
}

static void time_known_bytes_v3(struct kunit *test)
{
	static const u8 body[] = {
		0x00, 0x80, 0xa6, 0x21, 0xc9, 0x89, 0xd6, 0x01,	/* parent: 2020-09-13 12:26:40 */
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,	/* child */
		0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22,	/* round trip */
		0x03,						/* SYNC, SAMPLE */
	};
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_TIMESYNC, sizeof(body));
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_timesync_sample sample;

	memcpy(packet.body, body, sizeof(body));
	KUNIT_ASSERT_EQ(test, hvic_timesync_parse(&msg, V(3, 0), NOW, &sample), 0);
	KUNIT_EXPECT_TRUE(test, sample.valid);
	KUNIT_EXPECT_EQ(test, sample.unix_ns, 1600000000 * SECOND);
	KUNIT_EXPECT_EQ(test, sample.reference, NOW);
	KUNIT_EXPECT_EQ(test, sample.flags, 3);
	KUNIT_EXPECT_EQ(test, sample.leap, 0);
	KUNIT_EXPECT_EQ(test, sample.stratum, 0);
}

static void time_known_bytes_v4(struct kunit *test)
{
	static const u8 body[] = {
		0x01, 0x80, 0xa6, 0x21, 0xc9, 0x89, 0xd6, 0x01,	/* parent: 100 ns later */
		0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,	/* reference */
		0x02,						/* SAMPLE */
		0x01,						/* leap */
		0x05,						/* stratum */
	};
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_TIMESYNC, sizeof(body));
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_timesync_sample sample;

	memcpy(packet.body, body, sizeof(body));
	KUNIT_ASSERT_EQ(test, hvic_timesync_parse(&msg, V(4, 0), 0x0102030405060708, &sample), 0);
	KUNIT_EXPECT_TRUE(test, sample.valid);
	KUNIT_EXPECT_EQ(test, sample.unix_ns, 1600000000 * SECOND + 100);
	KUNIT_EXPECT_EQ(test, sample.reference, 0x0102030405060708);
	KUNIT_EXPECT_EQ(test, sample.flags, 2);
	KUNIT_EXPECT_EQ(test, sample.leap, 1);
	KUNIT_EXPECT_EQ(test, sample.stratum, 5);
}

/* The padding is a host's affair, and so is how much of it there is. */
static void time_each_length_v3(struct kunit *test)
{
	struct hvic_timesync_sample sample;
	size_t len;

	for (len = 0; len <= 40; len++) {
		struct hvic_packet packet = time_v3_new(test, len, EPOCH + 7);
		struct hvic_msg msg = packet_open(test, &packet);
		int err;

		err = hvic_timesync_parse(&msg, len & 1 ? V(1, 0) : V(3, 0), NOW, &sample);
		KUNIT_ASSERT_EQ_MSG(test, err, len < 25 ? -EMSGSIZE : 0, "%zu bytes", len);
		if (err)
			continue;
		KUNIT_ASSERT_EQ_MSG(test, sample.unix_ns, 700, "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, sample.flags, HVIC_TIMESYNC_SYNC, "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, sample.leap | sample.stratum, 0, "%zu bytes", len);
	}
}

static void time_each_length_v4(struct kunit *test)
{
	struct hvic_timesync_sample sample;
	size_t len;

	for (len = 0; len <= 40; len++) {
		struct hvic_packet packet = time_v4_new(test, len, EPOCH + 7, NOW - 1);
		struct hvic_msg msg = packet_open(test, &packet);
		int err;

		err = hvic_timesync_parse(&msg, V(4, 0), NOW, &sample);
		KUNIT_ASSERT_EQ_MSG(test, err, len < 17 ? -EMSGSIZE : 0, "%zu bytes", len);
		if (err)
			continue;
		KUNIT_ASSERT_EQ_MSG(test, sample.unix_ns, 700, "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, sample.reference, NOW - 1, "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, sample.flags, HVIC_TIMESYNC_SAMPLE, "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, sample.leap, len < 19 ? 0 : 3, "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, sample.stratum, len < 19 ? 0 : 15, "%zu bytes", len);
	}
}

/**
 * struct moment - a time of the host's and when it was taken
 * @name: the test's
 * @parent: the host's time, in 100 ns
 * @reference: the reference counter then
 * @now: the reference counter when it is received
 * @want: what is returned
 * @unix_ns: the host's time in ns since 1970
 */
struct moment {
	const char *name;
	u64 parent;
	u64 reference;
	u64 now;
	int want;
	s64 unix_ns;
};

static const struct moment moments[] = {
	{ "1601",				0, NOW, NOW, -ERANGE },
	{ "before 1970",			EPOCH - 1, NOW, NOW, -ERANGE },
	{ "1970",				EPOCH, NOW, NOW, 0, 0 },
	{ "behind 1970",			EPOCH + 1, NOW, NOW, 0, 100 },
	{ "last that can be set",		EPOCH + END - 1, NOW, NOW, 0, LAST_NS },
	{ "first that cannot be set",		EPOCH + END, NOW, NOW, -ERANGE },
	{ "beyond ns in 64 bits",		EPOCH + 92233720368547759ULL, NOW, NOW, -ERANGE },
	{ "with the sign bit",			EPOCH | 1ULL << 63, NOW, NOW, -ERANGE },
	{ "the end of all time",		TOP, NOW, NOW, -ERANGE },
	{ "a tick old",				EPOCH, NOW - 1, NOW, 0, 0 },
	{ "nearly stale",			EPOCH, NOW - 600 * TICKS + 1, NOW, 0, 0 },
	{ "as old as may be",			EPOCH, NOW - 600 * TICKS, NOW, 0, 0 },
	{ "stale",				EPOCH, NOW - 600 * TICKS - 1, NOW, -ESTALE },
	{ "of the boot",			EPOCH, 0, NOW, -ESTALE },
	{ "a tick ahead",			EPOCH, NOW + 1, NOW, 0, 0 },
	{ "as far ahead as may be",		EPOCH, NOW + TICKS, NOW, 0, 0 },
	{ "too far ahead",			EPOCH, NOW + TICKS + 1, NOW, -ESTALE },
	{ "far ahead",				EPOCH, TOP, NOW, -ESTALE },
	{ "the other half of the counter",	EPOCH, NOW + (1ULL << 63), NOW, -ESTALE },
	{ "just before the other half",		EPOCH, NOW + (1ULL << 63) + 1, NOW, -ESTALE },
	{ "the counter wraps, old",		EPOCH, TOP - 4, 5, 0, 0 },
	{ "the counter wraps, ahead",		EPOCH, 5, TOP - 4, 0, 0 },
	{ "the counter wraps, stale",		EPOCH, TOP - 600 * TICKS, 0, -ESTALE },
	{ "unsettable and stale",		0, 0, NOW, -ERANGE },
};

static void moment_desc(const struct moment *moment, char *desc)
{
	strscpy(desc, moment->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(moment, moments, moment_desc);

static void time_moment(struct kunit *test)
{
	const struct moment *moment = test->param_value;
	struct hvic_packet packet = time_v4_new(test, V4_LEN, moment->parent, moment->reference);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_timesync_sample sample, before;

	memset(&sample, 1, sizeof(sample));
	memcpy(&before, &sample, sizeof(before));
	KUNIT_EXPECT_EQ(test, hvic_timesync_parse(&msg, V(4, 0), moment->now, &sample),
			moment->want);
	if (moment->want) {
		KUNIT_EXPECT_EQ(test, memcmp(&sample, &before, sizeof(sample)), 0);
		return;
	}
	KUNIT_EXPECT_TRUE(test, sample.valid);
	KUNIT_EXPECT_EQ(test, sample.unix_ns, moment->unix_ns);
	KUNIT_EXPECT_EQ(test, sample.reference, moment->reference);
}

/* Before 4.0 a host's time is of the moment of its arrival. */
static void time_v3_is_of_now(struct kunit *test)
{
	static const u64 nows[] = { 0, 1, NOW, 1ULL << 63, TOP };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nows); i++) {
		struct hvic_packet packet = time_v3_new(test, V3_LEN, EPOCH + 7);
		struct hvic_msg msg = packet_open(test, &packet);
		struct hvic_timesync_sample sample;

		KUNIT_EXPECT_EQ(test, hvic_timesync_parse(&msg, V(3, 0), nows[i], &sample), 0);
		KUNIT_EXPECT_EQ(test, sample.reference, nows[i]);
	}
}

static void time_v3_out_of_range(struct kunit *test)
{
	struct hvic_packet packet = time_v3_new(test, V3_LEN, EPOCH - 1);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_timesync_sample sample = { .reference = PACKET_UNTOUCHED };

	KUNIT_EXPECT_EQ(test, hvic_timesync_parse(&msg, V(1, 0), NOW, &sample), -ERANGE);
	KUNIT_EXPECT_EQ(test, sample.reference, PACKET_UNTOUCHED);
}

static void time_each_flag(struct kunit *test)
{
	unsigned int flags;

	for (flags = 0; flags < 256; flags++) {
		struct hvic_packet v3 = time_v3_new(test, V3_LEN, EPOCH);
		struct hvic_packet v4 = time_v4_new(test, V4_LEN, EPOCH, NOW);
		struct hvic_msg msg3 = packet_open(test, &v3), msg4 = packet_open(test, &v4);
		struct hvic_timesync_sample sample;

		((u8 *)v3.body)[24] = flags;
		((u8 *)v4.body)[16] = flags;
		KUNIT_ASSERT_EQ(test, hvic_timesync_parse(&msg3, V(3, 0), NOW, &sample), 0);
		KUNIT_ASSERT_EQ(test, sample.flags, flags);
		KUNIT_ASSERT_EQ(test, hvic_timesync_parse(&msg4, V(4, 0), NOW, &sample), 0);
		KUNIT_ASSERT_EQ(test, sample.flags, flags);
	}
}

/**
 * struct glance - the counter when the time is asked for
 * @name: the test's
 * @sampled: the counter when the sample was taken
 * @reference: the counter now
 * @want: what is returned
 * @since_ns: by how much the host's time has advanced
 */
struct glance {
	const char *name;
	u64 sampled;
	u64 reference;
	int want;
	s64 since_ns;
};

static const struct glance glances[] = {
	{ "at once",			NOW, NOW, 0, 0 },
	{ "a tick later",		NOW, NOW + 1, 0, 100 },
	{ "a second later",		NOW, NOW + TICKS, 0, SECOND },
	{ "five seconds and a bit later", NOW, NOW + 51234567, 0, 5123456700 },
	{ "as late as may be",		NOW, NOW + 600 * TICKS, 0, 600 * SECOND },
	{ "too late",			NOW, NOW + 600 * TICKS + 1, -ESTALE },
	{ "much too late",		NOW, NOW + (1ULL << 63) - 1, -ESTALE },
	{ "before",			NOW, NOW - 1, 0, -100 },
	{ "as long before as may be",	NOW, NOW - TICKS, 0, -SECOND },
	{ "too long before",		NOW, NOW - TICKS - 1, -ESTALE },
	{ "much too long before",	NOW, NOW + (1ULL << 63), -ESTALE },
	{ "the counter began anew",	NOW, 0, -ESTALE },
	{ "the counter wrapped",	TOP, 9, 0, 1000 },
	{ "the counter wrapped back",	9, TOP, 0, -1000 },
};

static void glance_desc(const struct glance *glance, char *desc)
{
	strscpy(desc, glance->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(glance, glances, glance_desc);

static void time_read(struct kunit *test)
{
	const struct glance *glance = test->param_value;
	struct hvic_timesync_sample sample = {
		.valid = true, .unix_ns = 1600000000 * SECOND, .reference = glance->sampled,
	};
	s64 got = PACKET_UNTOUCHED;

	KUNIT_EXPECT_EQ(test, hvic_timesync_read(&sample, glance->reference, &got), glance->want);
	KUNIT_EXPECT_EQ(test, got, glance->want ? (s64)PACKET_UNTOUCHED :
						  1600000000 * SECOND + glance->since_ns);
}

/* No sample is an error however good the numbers look that are none. */
static void time_read_without_a_sample(struct kunit *test)
{
	struct hvic_timesync_sample never = {}, gone = { .unix_ns = 1600000000 * SECOND,
						     .reference = NOW };
	s64 got = PACKET_UNTOUCHED;

	KUNIT_EXPECT_EQ(test, hvic_timesync_read(&never, 0, &got), -ENODATA);
	KUNIT_EXPECT_EQ(test, hvic_timesync_read(&never, NOW, &got), -ENODATA);
	KUNIT_EXPECT_EQ(test, hvic_timesync_read(&gone, NOW, &got), -ENODATA);
	KUNIT_EXPECT_EQ(test, got, (s64)PACKET_UNTOUCHED);
}

/* Samples at both ends of what is taken, read at both ends of what is served. */
static void time_read_at_the_ends_of_time(struct kunit *test)
{
	struct hvic_timesync_sample first = { .valid = true, .unix_ns = 0, .reference = NOW };
	struct hvic_timesync_sample last = { .valid = true, .unix_ns = LAST_NS,
					 .reference = NOW };
	s64 got;

	KUNIT_EXPECT_EQ(test, hvic_timesync_read(&first, NOW - TICKS, &got), 0);
	KUNIT_EXPECT_EQ(test, got, -SECOND);
	KUNIT_EXPECT_EQ(test, hvic_timesync_read(&last, NOW + 600 * TICKS, &got), 0);
	KUNIT_EXPECT_EQ(test, got, LAST_NS + 600 * SECOND);
}

/**
 * struct watching - samples running, and which of them sets the clock
 * @name: the test's
 * @behind_ns: by how much the guest is behind at each
 * @held: which of them find the clock held, a bit each, the first the lowest
 * @want: which of them set the clock, a bit each
 */
struct watching {
	const char *name;
	s64 behind_ns[7];
	unsigned int held;
	unsigned int want;
};

#define FAR	(5 * SECOND)
#define NEAR	(5 * SECOND - 1)
#define MOST	0x7fffffffffffffffLL

static const struct watching watchings[] = {
	{ "in step",
	  { 0, 0, 0, 0, 0, 0, 0 }, 0, 0 },
	{ "nearly far behind",
	  { NEAR, NEAR, NEAR, NEAR, NEAR, NEAR, NEAR }, 0, 0 },
	{ "just far behind",
	  { FAR, FAR, FAR, 0, 0, 0, 0 }, 0, 0x04 },
	{ "as far behind as can be",
	  { MOST, MOST, MOST, 0, 0, 0, 0 }, 0, 0x04 },
	{ "far behind all the time",
	  { FAR, FAR, FAR, FAR, FAR, FAR, FAR }, 0, 0x24 },
	{ "twice is not enough",
	  { FAR, FAR, 0, FAR, FAR, 0, FAR }, 0, 0 },
	{ "in step in between",
	  { FAR, FAR, NEAR, FAR, FAR, FAR, 0 }, 0, 0x20 },
	{ "ahead in between",
	  { FAR, FAR, -FAR, FAR, FAR, FAR, 0 }, 0, 0x20 },
	{ "ahead",
	  { -FAR, -FAR, -FAR, -FAR, -FAR, -FAR, -FAR }, 0, 0 },
	{ "as far ahead as can be",
	  { -MOST, -MOST, -MOST - 1, -MOST, -MOST, 0, 0 }, 0, 0 },
	{ "held",
	  { FAR, FAR, FAR, FAR, FAR, FAR, FAR }, 0x7f, 0 },
	{ "held at the last moment",
	  { FAR, FAR, FAR, FAR, FAR, FAR, FAR }, 0x04, 0x20 },
	{ "held in between",
	  { FAR, FAR, FAR, FAR, FAR, FAR, FAR }, 0x02, 0x10 },
	{ "held until just now",
	  { FAR, FAR, FAR, FAR, FAR, FAR, FAR }, 0x0f, 0x40 },
};

static void watching_desc(const struct watching *watching, char *desc)
{
	strscpy(desc, watching->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(watching, watchings, watching_desc);

static void time_watch(struct kunit *test)
{
	const struct watching *watching = test->param_value;
	struct hvic_timesync_watch watch = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(watching->behind_ns); i++)
		KUNIT_EXPECT_EQ_MSG(test, hvic_timesync_watch(&watch, watching->behind_ns[i],
							      watching->held >> i & 1),
				    watching->want >> i & 1, "sample %u", i);
}

/**
 * struct advance - how far two clocks have come
 * @name: the test's
 * @real_ns: the one that may be adjusted
 * @raw_ns: the other one
 * @want: whether it is
 */
struct advance {
	const char *name;
	s64 real_ns;
	s64 raw_ns;
	bool want;
};

static const struct advance advances[] = {
	{ "alike",			5 * SECOND, 5 * SECOND, false },
	{ "as fast as may be",		SECOND + 100, SECOND, false },
	{ "too fast",			SECOND + 101, SECOND, true },
	{ "as slow as may be",		SECOND - 100, SECOND, false },
	{ "too slow",			SECOND - 101, SECOND, true },
	{ "as fast as may be, for longer", 5 * SECOND + 500, 5 * SECOND, false },
	{ "too fast, for longer",	5 * SECOND + 501, 5 * SECOND, true },
	{ "too slow, for longer",	5 * SECOND - 501, 5 * SECOND, true },
	{ "for a day",			86400 * SECOND + 8640000, 86400 * SECOND, false },
	{ "too fast for a day",		86400 * SECOND + 8640001, 86400 * SECOND, true },
	{ "stepped forth",		86400 * SECOND, 5 * SECOND, true },
	{ "stepped back",		-86400 * SECOND, 5 * SECOND, true },
	{ "stopped",			0, SECOND, true },
	{ "stepped over all time",	8277292035 * SECOND, SECOND, true },
	{ "stepped back over all time",	-8277292035 * SECOND, SECOND, true },
	{ "too short to tell",		SECOND + 1000000, SECOND - 1, false },
	{ "stepped, too short to tell",	86400 * SECOND, SECOND - 1, false },
	{ "no time at all",		1, 0, false },
	{ "backwards",			5 * SECOND, -5 * SECOND, false },
};

static void advance_desc(const struct advance *advance, char *desc)
{
	strscpy(desc, advance->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(advance, advances, advance_desc);

static void time_steered(struct kunit *test)
{
	const struct advance *advance = test->param_value;

	KUNIT_EXPECT_EQ(test, hvic_timesync_steered(advance->real_ns, advance->raw_ns),
			advance->want);
}

/**
 * struct place - a snapshot, and the counters around it
 * @name: the test's
 * @snapshot: the counter that is to be placed
 * @before: both counters before
 * @after: both counters after
 * @want: what is returned
 * @reference: where it is
 */
struct place {
	const char *name;
	u64 snapshot;
	struct hvic_timesync_reading before;
	struct hvic_timesync_reading after;
	int want;
	u64 reference;
};

static const struct place places[] = {
	{ "the reference counter",
	  1005, { 1000, 70000 }, { 1010, 79000 }, 0, 1005 },
	{ "the reference counter, not advanced",
	  1000, { 1000, 70000 }, { 1000, 79000 }, 0, 1000 },
	{ "the reference counter, at the first reading",
	  1000, { 1000, 70000 }, { 1010, 79000 }, 0, 1000 },
	{ "the reference counter, at the last reading",
	  1010, { 1000, 70000 }, { 1010, 79000 }, 0, 1010 },
	{ "the reference counter, read far apart",
	  500000, { 1000, 7000000 }, { 900000, 7900000 }, 0, 500000 },
	{ "the reference counter, large",
	  TOP - 5, { TOP - 10, 70000 }, { TOP, 79000 }, 0, TOP - 5 },
	{ "the processor's, at the first reading",
	  70000, { 1000, 70000 }, { 1010, 79000 }, 0, 1000 },
	{ "the processor's, at the last reading",
	  79000, { 1000, 70000 }, { 1010, 79000 }, 0, 1010 },
	{ "the processor's, in the middle",
	  74500, { 1000, 70000 }, { 1010, 79000 }, 0, 1005 },
	{ "the processor's, at a third",
	  73000, { 1000, 70000 }, { 1090, 79000 }, 0, 1030 },
	{ "the processor's, rounded down",
	  79000 - 1, { 1000, 70000 }, { 1010, 79000 }, 0, 1009 },
	{ "the processor's, the reference counter not advanced",
	  74500, { 1000, 70000 }, { 1000, 79000 }, 0, 1000 },
	{ "the processor's, not advanced",
	  70000, { 1000, 70000 }, { 1010, 70000 }, 0, 1000 },
	{ "the processor's, large, at 5 GHz for 10 ms",
	  TOP - 25000000, { 1000, TOP - 50000000 }, { 101000, TOP }, 0, 51000 },
	{ "the processor's, read as far apart as may be",
	  4500, { 10000, 0 }, { 110000, 9000 }, 0, 60000 },
	{ "the processor's, read too far apart",
	  4500, { 10000, 0 }, { 110001, 9000 }, -EAGAIN },
	{ "the processor's, the reference counter running backwards",
	  74500, { 1010, 70000 }, { 1000, 79000 }, -EAGAIN },
	{ "neither, below both",
	  999, { 1000, 70000 }, { 1010, 79000 }, -EOPNOTSUPP },
	{ "neither, in between",
	  1011, { 1000, 70000 }, { 1010, 79000 }, -EOPNOTSUPP },
	{ "neither, just below the processor's",
	  69999, { 1000, 70000 }, { 1010, 79000 }, -EOPNOTSUPP },
	{ "neither, just above the processor's",
	  79001, { 1000, 70000 }, { 1010, 79000 }, -EOPNOTSUPP },
	{ "neither, read far apart",
	  999, { 1000, 700000 }, { 201000, 790000 }, -EOPNOTSUPP },
	{ "neither, both running backwards",
	  74500, { 1010, 79000 }, { 1000, 70000 }, -EOPNOTSUPP },
};

static void place_desc(const struct place *place, char *desc)
{
	strscpy(desc, place->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(place, places, place_desc);

static void time_place(struct kunit *test)
{
	const struct place *place = test->param_value;
	u64 got = PACKET_UNTOUCHED;

	KUNIT_EXPECT_EQ(test,
			hvic_timesync_place(place->snapshot, &place->before, &place->after, &got),
			place->want);
	KUNIT_EXPECT_EQ(test, got, place->want ? PACKET_UNTOUCHED : place->reference);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(time_known_bytes_v3),
	KUNIT_CASE(time_known_bytes_v4),
	KUNIT_CASE(time_each_length_v3),
	KUNIT_CASE(time_each_length_v4),
	KUNIT_CASE_PARAM(time_moment, moment_gen_params),
	KUNIT_CASE(time_v3_is_of_now),
	KUNIT_CASE(time_v3_out_of_range),
	KUNIT_CASE(time_each_flag),
	KUNIT_CASE_PARAM(time_read, glance_gen_params),
	KUNIT_CASE(time_read_without_a_sample),
	KUNIT_CASE(time_read_at_the_ends_of_time),
	KUNIT_CASE_PARAM(time_watch, watching_gen_params),
	KUNIT_CASE_PARAM(time_steered, advance_gen_params),
	KUNIT_CASE_PARAM(time_place, place_gen_params),
	{}
};

static struct kunit_suite suite = { .name = "hvic_timesync", .test_cases = cases };

kunit_test_suite(suite);
