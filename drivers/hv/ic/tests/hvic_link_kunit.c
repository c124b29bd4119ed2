// SPDX-License-Identifier: GPL-2.0-only
/* A channel's conversation: each kind of packet in each state, and every path. */

#include "../hvic_link.h"
#include "hvic_offer.h"

static const u32 ours_framework[] = { V(3, 0), V(1, 0), 0 };
static const u32 ours_message[] = { V(3, 2), V(3, 0), V(1, 0), 0 };
static const struct hvic_versions ours = { ours_framework, ours_message };

static const u32 old[] = { V(1, 0), 0 };
static const u32 unknown[] = { V(9, 0), 0 };

static struct hvic_packet offer_good(struct kunit *test)
{
	return offer_new(test, ours_framework, ours_message);
}

static struct hvic_packet offer_old(struct kunit *test)
{
	return offer_new(test, old, old);
}

static struct hvic_packet offer_unknown(struct kunit *test)
{
	return offer_new(test, ours_framework, unknown);
}

static struct hvic_packet offer_cut_in_the_list(struct kunit *test)
{
	struct hvic_packet packet = offer_good(test);

	packet.hdr->size = cpu_to_le16(8 + 4);
	return packet;
}

static struct hvic_packet offer_cut_in_the_head(struct kunit *test)
{
	struct hvic_packet packet = offer_good(test);

	packet.hdr->size = cpu_to_le16(7);
	return packet;
}

static struct hvic_packet request(struct kunit *test)
{
	return packet_new(test, HVIC_TYPE_SHUTDOWN, 12);
}

static struct hvic_packet request_of_another_type(struct kunit *test)
{
	return packet_new(test, HVIC_TYPE_KVP, 12);
}

static struct hvic_packet answer(struct kunit *test)
{
	struct hvic_packet packet = request(test);

	packet.hdr->flags = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	return packet;
}

static struct hvic_packet answer_to_an_offer(struct kunit *test)
{
	struct hvic_packet packet = offer_good(test);

	packet.hdr->flags = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	return packet;
}

static struct hvic_packet too_short(struct kunit *test)
{
	struct hvic_packet packet = request(test);

	packet.len = HVIC_HDR_LEN - 1;
	return packet;
}

static struct hvic_packet empty(struct kunit *test)
{
	struct hvic_packet packet = request(test);

	packet.len = 0;
	return packet;
}

static struct hvic_packet not_data(struct kunit *test)
{
	struct hvic_packet packet = request(test);

	packet.pipe->type = cpu_to_le32(2);
	return packet;
}

/* STAYS: in the state it came from. */
#define STAYS	HVIC_NR_LINK_STATES

/**
 * struct event - a packet, and what it does unless the link is ready
 * @name: what it is
 * @make: makes it
 * @verdict: what is to be done with it
 * @err: why
 * @status: what the host is told, unless it is told nothing
 * @next: the state that follows
 * @message: the message version that is agreed then
 */
struct event {
	const char *name;
	struct hvic_packet (*make)(struct kunit *test);
	enum hvic_verdict verdict;
	int err;
	u32 status;
	enum hvic_link_state next;
	u32 message;
};

static const struct event events[] = {
	{ "offer", offer_good,
	  HVIC_NEGOTIATED, 0, HVIC_STATUS_OK, HVIC_LINK_READY, V(3, 2) },
	{ "old offer", offer_old,
	  HVIC_NEGOTIATED, 0, HVIC_STATUS_OK, HVIC_LINK_READY, V(1, 0) },
	{ "offer without a match", offer_unknown,
	  HVIC_REFUSED, -EPROTONOSUPPORT, HVIC_STATUS_OK, HVIC_LINK_FAILED, 0 },
	{ "offer cut in its list", offer_cut_in_the_list,
	  HVIC_REFUSED, -EMSGSIZE, HVIC_STATUS_FAIL, HVIC_LINK_FAILED, 0 },
	{ "offer cut in its head", offer_cut_in_the_head,
	  HVIC_REFUSED, -EMSGSIZE, HVIC_STATUS_FAIL, HVIC_LINK_FAILED, 0 },
	{ "request", request,
	  HVIC_REFUSED, -ENOTCONN, HVIC_STATUS_FAIL, STAYS, 0 },
	{ "request of another type", request_of_another_type,
	  HVIC_REFUSED, -EOPNOTSUPP, HVIC_STATUS_NOT_SUPPORTED, STAYS, 0 },
	{ "answer", answer,
	  HVIC_DROP, -EPROTO, 0, STAYS, 0 },
	{ "answer to an offer", answer_to_an_offer,
	  HVIC_DROP, -EPROTO, 0, STAYS, 0 },
	{ "packet that is too short", too_short,
	  HVIC_DROP, -EMSGSIZE, 0, STAYS, 0 },
	{ "empty packet", empty,
	  HVIC_DROP, -EMSGSIZE, 0, STAYS, 0 },
	{ "packet that is no data", not_data,
	  HVIC_DROP, -EPROTO, 0, STAYS, 0 },
};

static void event_desc(const struct event *event, char *desc)
{
	strscpy(desc, event->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(event, events, event_desc);

static enum hvic_verdict receive(struct hvic_link *link, const struct hvic_packet *packet,
				 int *err)
{
	struct hvic_msg msg;

	return hvic_link_receive(link, HVIC_TYPE_SHUTDOWN, &ours, &msg, packet->bytes,
				 packet->len, err);
}

static struct hvic_link link_in(struct kunit *test, enum hvic_link_state state)
{
	struct hvic_packet packet;
	struct hvic_link link;
	int err;

	hvic_link_open(&link);
	switch (state) {
	case HVIC_LINK_CLOSED:
		hvic_link_close(&link);
		break;
	case HVIC_LINK_READY:
		packet = offer_good(test);
		receive(&link, &packet, &err);
		break;
	case HVIC_LINK_FAILED:
		packet = offer_unknown(test);
		receive(&link, &packet, &err);
		break;
	default:
		break;
	}
	KUNIT_ASSERT_EQ(test, link.state, state);
	return link;
}

static void expect_event(struct kunit *test, const struct event *event,
			 enum hvic_link_state state)
{
	struct hvic_link before = link_in(test, state), link = before;
	struct hvic_packet packet = event->make(test);
	u8 *bytes = packet_copy(test, packet.bytes, packet.len);
	bool serve = event->make == request && state == HVIC_LINK_READY;
	enum hvic_verdict verdict = serve ? HVIC_SERVE : event->verdict;
	int err = 1;

	KUNIT_EXPECT_EQ_MSG(test, receive(&link, &packet, &err), verdict, "when %s",
			    hvic_link_state_name(state));
	KUNIT_EXPECT_EQ_MSG(test, err, serve ? 0 : event->err, "when %s",
			    hvic_link_state_name(state));
	if (event->next == STAYS) {
		KUNIT_EXPECT_EQ(test, memcmp(&link, &before, sizeof(link)), 0);
	} else {
		KUNIT_EXPECT_EQ(test, link.state, event->next);
		KUNIT_EXPECT_EQ(test, link.message, event->message);
		KUNIT_EXPECT_EQ(test, !link.framework, !link.message);
	}
	if (verdict == HVIC_DROP || verdict == HVIC_SERVE) {
		KUNIT_EXPECT_EQ(test, memcmp(packet.bytes, bytes, packet.len), 0);
	} else {
		KUNIT_EXPECT_EQ(test, le32_to_cpu(packet.hdr->status), event->status);
		KUNIT_EXPECT_EQ(test, packet.hdr->flags, 5);
		KUNIT_EXPECT_EQ(test, packet.hdr->transaction, PACKET_TRANSACTION);
		/* what a host wrote and an answer does not change */
		KUNIT_EXPECT_EQ(test, memcmp(packet.bytes, bytes, 18), 0);
	}
}

static void link_event_in_each_state(struct kunit *test)
{
	unsigned int state;

	for (state = 0; state < HVIC_NR_LINK_STATES; state++)
		expect_event(test, test->param_value, state);
}

static void link_serve_gives_the_request(struct kunit *test)
{
	struct hvic_link link = link_in(test, HVIC_LINK_READY);
	struct hvic_packet packet = request(test);
	struct hvic_msg msg;
	int err;

	KUNIT_EXPECT_EQ(test, hvic_link_receive(&link, HVIC_TYPE_SHUTDOWN, &ours, &msg,
						packet.bytes, packet.len, &err), HVIC_SERVE);
	KUNIT_EXPECT_TRUE(test, msg.hdr == packet.hdr);
	KUNIT_EXPECT_TRUE(test, msg.body == packet.body);
	KUNIT_EXPECT_EQ(test, msg.body_len, 12);
}

/* Each service answers its own type and no other, however many there will be. */
static void link_type_of_each_service(struct kunit *test)
{
	unsigned int service, asked;

	for (service = 1; service < 16; service++) {
		for (asked = 1; asked <= 0xffff; asked += asked < 16 ? 1 : 0xff) {
			struct hvic_link link = link_in(test, HVIC_LINK_READY);
			struct hvic_packet packet = packet_new(test, asked, 0);
			enum hvic_verdict verdict;
			struct hvic_msg msg;
			int err;

			verdict = hvic_link_receive(&link, service, &ours, &msg, packet.bytes,
						    packet.len, &err);
			KUNIT_ASSERT_EQ_MSG(test, verdict,
					    asked == service ? HVIC_SERVE : HVIC_REFUSED,
					    "service %u asked %u", service, asked);
		}
	}
}

static void expect_agreed(struct kunit *test, const struct hvic_link *link,
			  enum hvic_link_state state, u32 framework, u32 message)
{
	KUNIT_EXPECT_EQ(test, link->state, state);
	KUNIT_EXPECT_EQ(test, link->framework, framework);
	KUNIT_EXPECT_EQ(test, link->message, message);
}

/* After a restore or a migration a host offers anew, in the middle of work. */
static void link_offered_again(struct kunit *test)
{
	struct hvic_link link = link_in(test, HVIC_LINK_READY);
	struct hvic_packet packet;
	int err;

	expect_agreed(test, &link, HVIC_LINK_READY, V(3, 0), V(3, 2));

	packet = offer_old(test);
	KUNIT_EXPECT_EQ(test, receive(&link, &packet, &err), HVIC_NEGOTIATED);
	expect_agreed(test, &link, HVIC_LINK_READY, V(1, 0), V(1, 0));
	packet = request(test);
	KUNIT_EXPECT_EQ(test, receive(&link, &packet, &err), HVIC_SERVE);

	packet = offer_unknown(test);
	KUNIT_EXPECT_EQ(test, receive(&link, &packet, &err), HVIC_REFUSED);
	expect_agreed(test, &link, HVIC_LINK_FAILED, 0, 0);
	packet = request(test);
	KUNIT_EXPECT_EQ(test, receive(&link, &packet, &err), HVIC_REFUSED);
	KUNIT_EXPECT_EQ(test, err, -ENOTCONN);

	packet = offer_good(test);
	KUNIT_EXPECT_EQ(test, receive(&link, &packet, &err), HVIC_NEGOTIATED);
	expect_agreed(test, &link, HVIC_LINK_READY, V(3, 0), V(3, 2));
}

static void link_open_and_close_forget(struct kunit *test)
{
	struct hvic_link link = link_in(test, HVIC_LINK_READY);

	hvic_link_close(&link);
	expect_agreed(test, &link, HVIC_LINK_CLOSED, 0, 0);

	link = link_in(test, HVIC_LINK_READY);
	hvic_link_open(&link);
	expect_agreed(test, &link, HVIC_LINK_NEGOTIATING, 0, 0);
}

/* Versions are agreed when ready and at no other time; only then is served. */
static void link_every_path(struct kunit *test)
{
	struct hvic_packet packets[ARRAY_SIZE(events)];
	u8 *fresh[ARRAY_SIZE(events)];
	unsigned int path, n, i, e;

	for (e = 0; e < ARRAY_SIZE(events); e++) {
		packets[e] = events[e].make(test);
		fresh[e] = packet_copy(test, packets[e].bytes, packets[e].len);
	}
	for (path = 0; path < 12 * 12 * 12 * 12; path++) {
		struct hvic_link link;

		hvic_link_open(&link);
		for (i = 0, n = path; i < 4; i++, n /= 12) {
			bool was_ready = link.state == HVIC_LINK_READY;
			enum hvic_verdict verdict;
			int err;

			e = n % 12;
			memcpy(packets[e].bytes, fresh[e], packets[e].len);
			verdict = receive(&link, &packets[e], &err);
			KUNIT_ASSERT_EQ_MSG(test, verdict == HVIC_SERVE,
					    was_ready && events[e].make == request,
					    "path %u, step %u", path, i);
			KUNIT_ASSERT_EQ_MSG(test, err != 0,
					    verdict == HVIC_DROP || verdict == HVIC_REFUSED,
					    "path %u, step %u", path, i);
			KUNIT_ASSERT_EQ_MSG(test, link.state == HVIC_LINK_READY,
					    link.framework && link.message,
					    "path %u, step %u", path, i);
		}
	}
}

static void link_state_names(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, hvic_link_state_name(HVIC_LINK_CLOSED), "closed");
	KUNIT_EXPECT_STREQ(test, hvic_link_state_name(HVIC_LINK_NEGOTIATING), "negotiating");
	KUNIT_EXPECT_STREQ(test, hvic_link_state_name(HVIC_LINK_READY), "ready");
	KUNIT_EXPECT_STREQ(test, hvic_link_state_name(HVIC_LINK_FAILED), "failed");
	KUNIT_EXPECT_STREQ(test, hvic_link_state_name(HVIC_NR_LINK_STATES), "unknown");
	KUNIT_EXPECT_STREQ(test, hvic_link_state_name(-1), "unknown");
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(link_event_in_each_state, event_gen_params),
	KUNIT_CASE(link_serve_gives_the_request),
	KUNIT_CASE(link_type_of_each_service),
	KUNIT_CASE(link_offered_again),
	KUNIT_CASE(link_open_and_close_forget),
	KUNIT_CASE(link_every_path),
	KUNIT_CASE(link_state_names),
	{}
};

static struct kunit_suite suite = { .name = "hvic_link", .test_cases = cases };

kunit_test_suite(suite);
