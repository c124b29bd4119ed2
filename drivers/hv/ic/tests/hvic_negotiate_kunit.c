// SPDX-License-Identifier: GPL-2.0-only
/* Version negotiation: what is chosen of what is offered, and never anything else. */

#include "../hvic_heartbeat.h"
#include "../hvic_shutdown.h"
#include "../hvic_timesync.h"
#include "hvic_offer.h"

static const u32 ours_message[] = { V(3, 2), V(3, 1), V(3, 0), V(1, 0), 0 };
static const u32 nothing[] = { 0 };
static const struct hvic_versions ours = { hvic_frameworks, ours_message };

/* The answer is in place: compare it as a host does, byte by byte. */
static void expect_answer(struct kunit *test, const struct hvic_packet *packet,
			  const u8 *before, int err, u32 framework, u32 message)
{
	u8 *want = packet_copy(test, before, packet->len);

	if (err) {
		memset(want + 28, 0, 4);
		want[18] = 8;
		want[19] = 0;
	} else {
		u8 chosen[] = {
			framework >> 16, framework >> 24, framework, framework >> 8,
			message >> 16, message >> 24, message, message >> 8,
		};

		want[28] = 1;
		want[29] = 0;
		want[30] = 1;
		want[31] = 0;
		memcpy(want + 36, chosen, sizeof(chosen));
		want[18] = 16;
		want[19] = 0;
	}
	KUNIT_EXPECT_EQ(test, memcmp(packet->bytes, want, packet->len), 0);
}

static void expect_choice(struct kunit *test, const struct hvic_packet *packet,
			  const struct hvic_versions *versions, int err, u32 framework,
			  u32 message)
{
	u8 *before = packet_copy(test, packet->bytes, packet->len);
	struct hvic_msg msg = packet_open(test, packet);
	u32 got_framework = NONE, got_message = NONE;

	KUNIT_EXPECT_EQ(test, hvic_negotiate(&msg, versions, &got_framework, &got_message), err);
	KUNIT_EXPECT_EQ(test, got_framework, framework);
	KUNIT_EXPECT_EQ(test, got_message, message);
	expect_answer(test, packet, before, err, framework, message);
}

/**
 * struct offer - an offer and what comes of it
 * @name: the test's
 * @framework: framework versions that the host offers
 * @message: message versions that the host offers
 * @err: what is returned
 * @want_framework: the framework version chosen
 * @want_message: the message version chosen
 */
struct offer {
	const char *name;
	u32 framework[8];
	u32 message[10];
	int err;
	u32 want_framework;
	u32 want_message;
};

static const struct offer offers[] = {
	{ "one of each",
	  { V(3, 0) }, { V(3, 2) }, 0, V(3, 0), V(3, 2) },
	{ "best common, ascending",
	  { V(1, 0), V(3, 0) }, { V(1, 0), V(3, 0), V(3, 1), V(3, 2) }, 0, V(3, 0), V(3, 2) },
	{ "best common, descending",
	  { V(3, 0), V(1, 0) }, { V(3, 2), V(3, 1), V(3, 0), V(1, 0) }, 0, V(3, 0), V(3, 2) },
	{ "best common, unsorted",
	  { V(2, 0), V(3, 0), V(1, 0) }, { V(3, 1), V(1, 0), V(3, 2), V(3, 0) },
	  0, V(3, 0), V(3, 2) },
	{ "best common in the middle",
	  { V(3, 0) }, { V(1, 0), V(3, 1), V(1, 0) }, 0, V(3, 0), V(3, 1) },
	{ "duplicates",
	  { V(1, 0), V(1, 0), V(3, 0), V(3, 0) }, { V(3, 0), V(1, 0), V(3, 0), V(1, 0) },
	  0, V(3, 0), V(3, 0) },
	{ "only old",
	  { V(1, 0) }, { V(1, 0) }, 0, V(1, 0), V(1, 0) },
	{ "old framework, new message",
	  { V(1, 0) }, { V(3, 2) }, 0, V(1, 0), V(3, 2) },
	{ "new framework, old message",
	  { V(3, 0) }, { V(1, 0) }, 0, V(3, 0), V(1, 0) },
	{ "newer beside ours",
	  { V(3, 0), V(4, 0), V(9, 9) }, { V(3, 1), V(3, 3), V(4, 0), V(0xffff, 0xffff) },
	  0, V(3, 0), V(3, 1) },
	{ "older beside ours",
	  { V(0, 1), V(1, 0) }, { V(0, 1), V(0, 9), V(1, 0) }, 0, V(1, 0), V(1, 0) },
	{ "between ours",
	  { V(1, 1), V(2, 0), V(1, 0) }, { V(1, 1), V(2, 0), V(2, 9), V(1, 0) },
	  0, V(1, 0), V(1, 0) },
	{ "our message version offered as framework only",
	  { V(3, 0), V(3, 2) }, { V(9, 0) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "our framework offered as message version only",
	  { V(9, 0) }, { V(3, 0), V(1, 0) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "major and minor swapped",
	  { V(0, 3), V(0, 1) }, { V(2, 3), V(1, 3), V(0, 3), V(0, 1) },
	  -EPROTONOSUPPORT, NONE, NONE },
	{ "version of the other byte order",
	  { V(0x300, 0), V(0x100, 0) }, { V(0x300, 0x200), V(0x100, 0) },
	  -EPROTONOSUPPORT, NONE, NONE },
	{ "nothing in common",
	  { V(2, 0), V(4, 0) }, { V(2, 0), V(4, 0) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "no framework in common",
	  { V(2, 0), V(4, 0) }, { V(3, 2) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "no message version in common",
	  { V(3, 0) }, { V(3, 3), V(4, 0) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "only newer",
	  { V(3, 1) }, { V(3, 3) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "only older",
	  { V(0, 9) }, { V(0, 9) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "no framework offered",
	  { 0 }, { V(3, 2), V(3, 0) }, -EPROTONOSUPPORT, NONE, NONE },
	{ "no message version offered",
	  { V(3, 0), V(1, 0) }, { 0 }, -EPROTONOSUPPORT, NONE, NONE },
	{ "nothing offered",
	  { 0 }, { 0 }, -EPROTONOSUPPORT, NONE, NONE },
	{ "one framework, nothing else: no room for an answer",
	  { V(3, 0) }, { 0 }, -EPROTONOSUPPORT, NONE, NONE },
};

static void offer_desc(const struct offer *offer, char *desc)
{
	strscpy(desc, offer->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(offer, offers, offer_desc);

static void negotiate_offer(struct kunit *test)
{
	const struct offer *offer = test->param_value;
	struct hvic_packet packet = offer_new(test, offer->framework, offer->message);

	expect_choice(test, &packet, &ours, offer->err, offer->want_framework,
		      offer->want_message);
}

/**
 * struct host - what a host offers to a service; see protocol.rst
 * @name: the host, and the service
 * @service: what the service speaks
 * @framework: framework versions that the host offers
 * @message: message versions that the host offers
 * @err: what is returned
 * @want: the message version chosen; the framework is the host's best
 */
struct host {
	const char *name;
	const struct hvic_versions *service;
	const u32 *framework;
	u32 message[5];
	int err;
	u32 want;
};

static const u32 old_frameworks[] = { V(1, 0), 0 }, new_frameworks[] = { V(1, 0), V(3, 0), 0 };

#define OLD	old_frameworks
#define NEW	new_frameworks
#define BEAT	(&hvic_heartbeat_versions)
#define POWER	(&hvic_shutdown_versions)
#define TIME	(&hvic_timesync_versions)

static const struct host hosts[] = {
	{ "2008, heartbeat",	BEAT,	OLD, { V(1, 0) }, 0, V(1, 0) },
	{ "2008, shutdown",	POWER,	OLD, { V(1, 0) }, 0, V(1, 0) },
	{ "2008, time",		TIME,	OLD, { V(1, 0) }, 0, V(1, 0) },
	{ "2008 R2, heartbeat",	BEAT,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "2008 R2, shutdown",	POWER,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "2008 R2, time",	TIME,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "2012, heartbeat",	BEAT,	NEW, { V(3, 0) }, 0, V(3, 0) },
	{ "2012, shutdown",	POWER,	NEW, { V(3, 0) }, 0, V(3, 0) },
	{ "2012, time",		TIME,	NEW, { V(3, 0) }, 0, V(3, 0) },
	{ "2012 R2, heartbeat",	BEAT,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "2012 R2, shutdown",	POWER,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "2012 R2, time",	TIME,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "10 build 10586, heartbeat", BEAT,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "10 build 10586, shutdown", POWER,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "10 build 10586, time", TIME,	NEW, { V(1, 0), V(3, 0) }, 0, V(3, 0) },
	{ "2016 preview 5, heartbeat with 3.1, which is not known", BEAT, NEW,
	  { V(1, 0), V(3, 0), V(3, 1) }, 0, V(3, 0) },
	{ "2016 preview 5, shutdown", POWER,	NEW, { V(1, 0), V(3, 0), V(3, 1) }, 0, V(3, 1) },
	{ "2016 preview 5, time", TIME,	NEW, { V(1, 0), V(3, 0), V(4, 0) }, 0, V(4, 0) },
	{ "2016, heartbeat",	BEAT,	NEW, { V(1, 0), V(3, 0), V(3, 1) }, 0, V(3, 0) },
	{ "2016, shutdown",	POWER,	NEW, { V(1, 0), V(3, 0), V(3, 1) }, 0, V(3, 1) },
	{ "2016, time",		TIME,	NEW, { V(1, 0), V(3, 0), V(4, 0) }, 0, V(4, 0) },
	{ "2019 to 2025, heartbeat", BEAT,	NEW, { V(3, 0) }, 0, V(3, 0) },
	{ "2019 to 2025, shutdown", POWER,	NEW, { V(1, 0), V(3, 0), V(3, 1), V(3, 2) },
	  0, V(3, 2) },
	{ "2019 to 2025, time",	TIME,	NEW, { V(1, 0), V(3, 0), V(4, 0) }, 0, V(4, 0) },
	{ "OpenVMM, shutdown",	POWER,	NEW, { V(1, 0), V(3, 0), V(3, 1), V(3, 2) }, 0, V(3, 2) },
	{ "OpenVMM, time",	TIME,	NEW, { V(4, 0) }, 0, V(4, 0) },
	{ "of the future, heartbeat 3.1 alone", BEAT, NEW, { V(3, 1) }, -EPROTONOSUPPORT, NONE },
	{ "of the future, time 5.0 alone", TIME, NEW, { V(5, 0) }, -EPROTONOSUPPORT, NONE },
};

static void host_desc(const struct host *host, char *desc)
{
	strscpy(desc, host->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(host, hosts, host_desc);

static void negotiate_host(struct kunit *test)
{
	const struct host *host = test->param_value;
	struct hvic_packet packet = offer_new(test, host->framework, host->message);
	u32 framework = host->framework[1] ? host->framework[1] : host->framework[0];

	expect_choice(test, &packet, host->service, host->err, host->err ? NONE : framework,
		      host->want);
}

static void negotiate_ours_empty(struct kunit *test)
{
	static const struct hvic_versions services[] = {
		{ nothing, ours_message }, { hvic_frameworks, nothing }, { nothing, nothing },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(services); i++) {
		struct hvic_packet packet = offer_new(test, hvic_frameworks, ours_message);

		expect_choice(test, &packet, &services[i], -EPROTONOSUPPORT, NONE, NONE);
	}
}

/* A list of ours ends with 0, which a host may well offer: it is no match. */
static void negotiate_version_zero(struct kunit *test)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_NEGOTIATE, 16);
	struct hvic_negotiate *offer = packet.body;

	offer->framework_count = cpu_to_le16(1);
	offer->message_count = cpu_to_le16(1);
	expect_choice(test, &packet, &ours, -EPROTONOSUPPORT, NONE, NONE);
}

static void negotiate_reserved_in_use(struct kunit *test)
{
	struct hvic_packet packet = offer_new(test, hvic_frameworks, ours_message);
	struct hvic_negotiate *offer = packet.body;

	offer->reserved = cpu_to_le32(0x12345678);
	expect_choice(test, &packet, &ours, 0, V(3, 0), V(3, 2));
}

/* What is cut off a good offer at each byte is missed, however it is cut off. */
static void negotiate_each_length_cut(struct kunit *test)
{
	struct hvic_packet full = offer_new(test, hvic_frameworks, ours_message);
	size_t body_len = full.len - HVIC_HDR_LEN, cut;

	for (cut = 0; cut < body_len; cut++) {
		u32 framework = NONE, message = NONE;
		struct hvic_packet packet = packet_new(test, HVIC_TYPE_NEGOTIATE, cut);
		struct hvic_negotiate *offer = packet.body;
		struct hvic_msg msg;

		memcpy(packet.body, full.body, cut);
		msg = packet_open(test, &packet);
		KUNIT_ASSERT_EQ_MSG(test, hvic_negotiate(&msg, &ours, &framework, &message),
				    -EMSGSIZE, "%zu bytes", cut);
		KUNIT_ASSERT_EQ_MSG(test, framework, NONE, "%zu bytes", cut);
		KUNIT_ASSERT_EQ_MSG(test, message, NONE, "%zu bytes", cut);
		if (cut < sizeof(*offer)) {
			KUNIT_ASSERT_EQ_MSG(test, memcmp(packet.body, full.body, cut), 0,
					    "%zu bytes", cut);
			continue;
		}
		KUNIT_ASSERT_EQ_MSG(test, offer->framework_count, 0, "%zu bytes", cut);
		KUNIT_ASSERT_EQ_MSG(test, offer->message_count, 0, "%zu bytes", cut);
		KUNIT_ASSERT_EQ_MSG(test, le16_to_cpu(packet.hdr->size), 8, "%zu bytes", cut);
	}
}

static void negotiate_size_field_cut(struct kunit *test)
{
	struct hvic_packet full = offer_new(test, hvic_frameworks, ours_message);
	size_t body_len = full.len - HVIC_HDR_LEN, cut;

	for (cut = 0; cut < body_len; cut++) {
		u32 framework = NONE, message = NONE;
		struct hvic_packet packet = offer_new(test, hvic_frameworks, ours_message);
		struct hvic_msg msg;

		packet.hdr->size = cpu_to_le16(cut);
		msg = packet_open(test, &packet);
		KUNIT_ASSERT_EQ_MSG(test, hvic_negotiate(&msg, &ours, &framework, &message),
				    -EMSGSIZE, "%zu bytes", cut);
		KUNIT_ASSERT_EQ_MSG(test, framework, NONE, "%zu bytes", cut);
	}
}

static void negotiate_counts_beyond_the_offer(struct kunit *test)
{
	static const u16 counts[] = { 0, 1, 2, 3, 4, 5, 6, 7, 255, 256, 0x3fff, 0x4000, 0x7fff,
				      0x8000, 0xfffa, 0xfffe, 0xffff };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (j = 0; j < ARRAY_SIZE(counts); j++) {
			struct hvic_packet packet = offer_new(test, hvic_frameworks, ours_message);
			struct hvic_negotiate *offer = packet.body;
			struct hvic_msg msg = packet_open(test, &packet);
			u32 framework = NONE, message = NONE;
			int err;

			offer->framework_count = cpu_to_le16(counts[i]);
			offer->message_count = cpu_to_le16(counts[j]);
			err = hvic_negotiate(&msg, &ours, &framework, &message);
			KUNIT_ASSERT_EQ_MSG(test, err == -EMSGSIZE, counts[i] + counts[j] > 6,
					    "counts %u and %u", counts[i], counts[j]);
			KUNIT_ASSERT_EQ_MSG(test, framework == NONE, err != 0,
					    "counts %u and %u", counts[i], counts[j]);
		}
	}
}

/* Frameworks, then message versions, of which only the last one each is ours. */
static struct hvic_packet offer_long(struct kunit *test, unsigned int frameworks,
				     unsigned int messages, bool match)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_NEGOTIATE,
					       8 + 4 * (frameworks + messages));
	struct hvic_negotiate *offer = packet.body;
	unsigned int i;

	offer->framework_count = cpu_to_le16(frameworks);
	offer->message_count = cpu_to_le16(messages);
	for (i = 0; i < frameworks + messages; i++)
		offer_write(offer, i, V(100 + i, i));
	if (match) {
		offer_write(offer, frameworks - 1, V(1, 0));
		offer_write(offer, frameworks + messages - 1, V(3, 1));
	}
	return packet;
}

static void negotiate_long_lists(struct kunit *test)
{
	/* as many as fit into the largest message */
	const unsigned int most = (HVIC_MESSAGE_MAX - sizeof(struct hvic_hdr) - 8) / 4;
	static const unsigned int lengths[] = { 99, 100, 101, 102, 255, 256, 257, 1000 };
	struct hvic_packet packet;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		packet = offer_long(test, lengths[i], lengths[i] + 1, true);
		expect_choice(test, &packet, &ours, 0, V(1, 0), V(3, 1));
		packet = offer_long(test, lengths[i], lengths[i] + 1, false);
		expect_choice(test, &packet, &ours, -EPROTONOSUPPORT, NONE, NONE);
	}
	packet = offer_long(test, 1, most - 1, true);
	expect_choice(test, &packet, &ours, 0, V(1, 0), V(3, 1));
	packet = offer_long(test, most - 1, 1, true);
	expect_choice(test, &packet, &ours, 0, V(1, 0), V(3, 1));
}

/* The n-th order of four versions, by picking one after the other. */
static void nth_order(unsigned int n, const u32 *versions, u32 *order)
{
	bool picked[4] = {};
	unsigned int left, nth, i;

	for (left = 4; left; left--, n /= left + 1) {
		nth = n % left;
		for (i = 0; picked[i] || nth; i++)
			nth -= !picked[i];
		picked[i] = true;
		*order++ = versions[i];
	}
	*order = 0;
}

static void negotiate_any_order(struct kunit *test)
{
	u32 order[5];
	unsigned int n;

	for (n = 0; n < 24; n++) {
		struct hvic_packet packet;

		nth_order(n, ours_message, order);
		packet = offer_new(test, hvic_frameworks, order);
		expect_choice(test, &packet, &ours, 0, V(3, 0), V(3, 2));
	}
}

/* The members of @all that @bits picks, and the best of them that is one of @known. */
static u32 pick(const u32 *all, unsigned int bits, const u32 *known, u32 *picked)
{
	unsigned int i, j;
	u32 best = 0;

	for (i = 0; all[i]; i++) {
		if (!(bits & 1 << i))
			continue;
		*picked++ = all[i];
		for (j = 0; known[j]; j++)
			if (known[j] == all[i] && all[i] > best)
				best = all[i];
	}
	*picked = 0;
	return best;
}

/* Whatever is offered, the choice is the highest that both have; else there is none. */
static void negotiate_every_subset(struct kunit *test)
{
	static const u32 frameworks[] = { V(1, 0), V(3, 0), V(2, 0), 0 };
	static const u32 messages[] = { V(3, 1), V(4, 0), V(1, 0), V(3, 3), V(3, 2), V(3, 0), 0 };
	u32 framework[4], message[7];
	unsigned int i, j;

	for (i = 0; i < 8; i++) {
		for (j = 0; j < 64; j++) {
			u32 best_framework = pick(frameworks, i, hvic_frameworks, framework);
			u32 best_message = pick(messages, j, ours_message, message);
			struct hvic_packet packet = offer_new(test, framework, message);

			if (best_framework && best_message)
				expect_choice(test, &packet, &ours, 0, best_framework,
					      best_message);
			else
				expect_choice(test, &packet, &ours, -EPROTONOSUPPORT, NONE, NONE);
		}
	}
}

/* Best first, and none twice: what the choice rests on. */
static void negotiate_our_lists_descend(struct kunit *test)
{
	const u32 *const lists[] = {
		hvic_frameworks, hvic_heartbeat_versions.framework,
		hvic_heartbeat_versions.message, hvic_shutdown_versions.framework,
		hvic_shutdown_versions.message, hvic_timesync_versions.framework,
		hvic_timesync_versions.message,
	};
	unsigned int i;
	const u32 *at;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		KUNIT_ASSERT_TRUE_MSG(test, lists[i][0] != 0, "list %u", i);
		for (at = lists[i]; at[1]; at++)
			KUNIT_ASSERT_TRUE_MSG(test, at[0] > at[1], "list %u", i);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(negotiate_offer, offer_gen_params),
	KUNIT_CASE_PARAM(negotiate_host, host_gen_params),
	KUNIT_CASE(negotiate_ours_empty),
	KUNIT_CASE(negotiate_version_zero),
	KUNIT_CASE(negotiate_reserved_in_use),
	KUNIT_CASE(negotiate_each_length_cut),
	KUNIT_CASE(negotiate_size_field_cut),
	KUNIT_CASE(negotiate_counts_beyond_the_offer),
	KUNIT_CASE(negotiate_long_lists),
	KUNIT_CASE(negotiate_any_order),
	KUNIT_CASE(negotiate_every_subset),
	KUNIT_CASE(negotiate_our_lists_descend),
	{}
};

static struct kunit_suite suite = { .name = "hvic_negotiate", .test_cases = cases };

kunit_test_suite(suite);
