// SPDX-License-Identifier: GPL-2.0-only
/* Framing: what is let in, what is kept out, and what an answer looks like. */

#include "hvic_packet.h"

#define BODY_LEN	16

/* A heartbeat byte by byte, so that nothing here rests on our own structures. */
static const u8 heartbeat[] = {
	0x01, 0x00, 0x00, 0x00,				/* pipe: data */
	0x24, 0x00, 0x00, 0x00,				/* 36 bytes follow */
	0x03, 0x00, 0x00, 0x00,				/* framework 3.0 */
	0x01, 0x00,					/* heartbeat */
	0x03, 0x00, 0x01, 0x00,				/* message 3.1 */
	0x10, 0x00,					/* 16 bytes of body */
	0x00, 0x00, 0x00, 0x00,				/* status */
	0x5a,						/* transaction */
	0x03,						/* transaction, request */
	0x00, 0x00,
	0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,	/* sequence */
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static void msg_open_known_bytes(struct kunit *test)
{
	u8 *bytes = packet_copy(test, heartbeat, sizeof(heartbeat));
	struct hvic_msg msg;

	KUNIT_ASSERT_EQ(test, hvic_msg_open(&msg, bytes, sizeof(heartbeat)), 0);
	KUNIT_EXPECT_TRUE(test, msg.hdr == (void *)(bytes + 8));
	KUNIT_EXPECT_TRUE(test, msg.body == bytes + 28);
	KUNIT_EXPECT_EQ(test, msg.body_len, 16);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(msg.hdr->framework.major), 3);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(msg.hdr->type), HVIC_TYPE_HEARTBEAT);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(msg.hdr->message.minor), 1);
	KUNIT_EXPECT_EQ(test, msg.hdr->transaction, 0x5a);
	KUNIT_EXPECT_EQ(test, msg.hdr->flags, HVIC_FLAG_TRANSACTION | HVIC_FLAG_REQUEST);
	KUNIT_EXPECT_EQ(test, memcmp(bytes, heartbeat, sizeof(heartbeat)), 0);
}

static void msg_open_each_length_cut(struct kunit *test)
{
	size_t len;

	for (len = 0; len < sizeof(heartbeat); len++) {
		u8 *bytes = packet_copy(test, heartbeat, len);
		struct hvic_msg msg = { .body_len = PACKET_UNTOUCHED };

		KUNIT_ASSERT_EQ_MSG(test, hvic_msg_open(&msg, bytes, len), -EMSGSIZE,
				    "%zu bytes", len);
		KUNIT_ASSERT_EQ_MSG(test, msg.body_len, PACKET_UNTOUCHED, "%zu bytes", len);
	}
}

/* VMBus rounds a packet up to 8 bytes, and a host may send more than it says. */
static void msg_open_each_length_padded(struct kunit *test)
{
	size_t pad;

	for (pad = 1; pad < 4096; pad += pad < 16 ? 1 : 511) {
		u8 *bytes = packet_alloc(test, sizeof(heartbeat) + pad);
		struct hvic_msg msg;

		memset(bytes, 0xff, sizeof(heartbeat) + pad);
		memcpy(bytes, heartbeat, sizeof(heartbeat));
		KUNIT_ASSERT_EQ_MSG(test, hvic_msg_open(&msg, bytes, sizeof(heartbeat) + pad), 0,
				    "%zu bytes of padding", pad);
		KUNIT_ASSERT_EQ_MSG(test, msg.body_len, 16, "%zu bytes of padding", pad);
	}
}

/* Both headers name a length; the body is what both of them and the packet have. */
static void msg_open_each_size(struct kunit *test)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_HEARTBEAT, BODY_LEN);
	size_t sent, body;

	for (sent = 0; sent <= sizeof(*packet.hdr) + BODY_LEN + 2; sent++) {
		for (body = 0; body <= BODY_LEN + 2; body++) {
			bool fits = sent >= sizeof(*packet.hdr) + body &&
				    sent <= sizeof(*packet.hdr) + BODY_LEN;
			struct hvic_msg msg = {};

			packet.pipe->size = cpu_to_le32(sent);
			packet.hdr->size = cpu_to_le16(body);
			KUNIT_ASSERT_EQ_MSG(test, hvic_msg_open(&msg, packet.bytes, packet.len),
					    fits ? 0 : -EMSGSIZE, "%zu sent, %zu of body", sent,
					    body);
			KUNIT_ASSERT_EQ_MSG(test, msg.body_len, fits ? body : 0,
					    "%zu sent, %zu of body", sent, body);
		}
	}
}

/**
 * struct fault - a field with another value than a host's
 * @name: the test's
 * @at: where it is in the packet
 * @len: bytes of it
 * @value: what it holds
 * @want: what comes of it
 */
struct fault {
	const char *name;
	size_t at;
	size_t len;
	u32 value;
	int want;
};

static const struct fault faults[] = {
	{ "pipe type 0",			0, 4, 0,		-EPROTO },
	{ "pipe type 2, partial",		0, 4, 2,		-EPROTO },
	{ "pipe type 3, set-up",		0, 4, 3,		-EPROTO },
	{ "pipe type 4, tear-down",		0, 4, 4,		-EPROTO },
	{ "pipe type in its second byte",	0, 4, 0x00000100,	-EPROTO },
	{ "pipe type of the other byte order",	0, 4, 0x01000000,	-EPROTO },
	{ "pipe type with a high bit",		0, 4, 0x80000001,	-EPROTO },
	{ "pipe size 0",			4, 4, 0,		-EMSGSIZE },
	{ "pipe size a byte short of a header",	4, 4, 19,		-EMSGSIZE },
	{ "pipe size of a header alone",	4, 4, 20,		-EMSGSIZE },
	{ "pipe size a byte short",		4, 4, 35,		-EMSGSIZE },
	{ "pipe size exact",			4, 4, 36,		0 },
	{ "pipe size a byte long",		4, 4, 37,		-EMSGSIZE },
	{ "pipe size counting its own header",	4, 4, 44,		-EMSGSIZE },
	{ "pipe size of the other byte order",	4, 4, 0x24000000,	-EMSGSIZE },
	{ "pipe size with the sign bit",	4, 4, 0x80000024,	-EMSGSIZE },
	{ "pipe size wrapping to 0 with its header", 4, 4, 0xfffffff8,	-EMSGSIZE },
	{ "pipe size at its largest",		4, 4, 0xffffffff,	-EMSGSIZE },
	{ "framework version 0.0",		8, 4, 0,		0 },
	{ "framework version 65535.65535",	8, 4, 0xffffffff,	0 },
	{ "unknown type",			12, 2, 0xffff,		0 },
	{ "message version 0.0",		14, 4, 0,		0 },
	{ "message version 65535.65535",	14, 4, 0xffffffff,	0 },
	{ "body size 0",			18, 2, 0,		0 },
	{ "body size a byte short",		18, 2, 15,		0 },
	{ "body size a byte long",		18, 2, 17,		-EMSGSIZE },
	{ "body size counting its header",	18, 2, 36,		-EMSGSIZE },
	{ "body size of the other byte order",	18, 2, 0x1000,		-EMSGSIZE },
	{ "body size with the sign bit",	18, 2, 0x8010,		-EMSGSIZE },
	{ "body size wrapping to 0 with its header", 18, 2, 0xffec,	-EMSGSIZE },
	{ "body size at its largest",		18, 2, 0xffff,		-EMSGSIZE },
	{ "status in a request",		20, 4, 0x80004005,	0 },
	{ "transaction 0",			24, 1, 0,		0 },
	{ "transaction 255",			24, 1, 0xff,		0 },
	{ "answer instead of a request",	25, 1, 0x05,		-EPROTO },
	{ "answer and request at once",		25, 1, 0x07,		-EPROTO },
	{ "neither answer nor request",		25, 1, 0x01,		-EPROTO },
	{ "request outside of a transaction",	25, 1, 0x02,		0 },
	{ "reserved bytes in use",		26, 2, 0xffff,		0 },
};

static void fault_desc(const struct fault *fault, char *desc)
{
	strscpy(desc, fault->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(fault, faults, fault_desc);

static void msg_open_fault(struct kunit *test)
{
	const struct fault *fault = test->param_value;
	u8 *bytes = packet_copy(test, heartbeat, sizeof(heartbeat));
	struct hvic_msg msg = { .body_len = PACKET_UNTOUCHED };
	size_t i;

	for (i = 0; i < fault->len; i++)
		bytes[fault->at + i] = fault->value >> (8 * i);
	KUNIT_EXPECT_EQ(test, hvic_msg_open(&msg, bytes, sizeof(heartbeat)), fault->want);
	if (fault->want)
		KUNIT_EXPECT_EQ(test, msg.body_len, PACKET_UNTOUCHED);
}

static void msg_open_all_flags(struct kunit *test)
{
	unsigned int flags;

	for (flags = 0; flags < 256; flags++) {
		u8 *bytes = packet_copy(test, heartbeat, sizeof(heartbeat));
		bool request = flags & 0x02, answer = flags & 0x04;
		struct hvic_msg msg;

		bytes[25] = flags;
		KUNIT_ASSERT_EQ_MSG(test, hvic_msg_open(&msg, bytes, sizeof(heartbeat)),
				    request && !answer ? 0 : -EPROTO, "flags %#x", flags);
	}
}

static void msg_open_largest(struct kunit *test)
{
	size_t body = HVIC_MESSAGE_MAX - sizeof(struct hvic_hdr);
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_VSS, body);
	struct hvic_msg msg = packet_open(test, &packet);

	KUNIT_EXPECT_EQ(test, msg.body_len, body);
}

static void msg_body_never_longer_than_sent(struct kunit *test)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_HEARTBEAT, BODY_LEN);
	struct hvic_msg msg = packet_open(test, &packet);

	KUNIT_EXPECT_TRUE(test, hvic_msg_body(&msg, 0) == packet.body);
	KUNIT_EXPECT_TRUE(test, hvic_msg_body(&msg, BODY_LEN - 1) == packet.body);
	KUNIT_EXPECT_TRUE(test, hvic_msg_body(&msg, BODY_LEN) == packet.body);
	KUNIT_EXPECT_TRUE(test, !hvic_msg_body(&msg, BODY_LEN + 1));
	KUNIT_EXPECT_TRUE(test, !hvic_msg_body(&msg, (size_t)-1));
}

/* Hosts match an answer by its transaction and refuse one without both flags. */
static void msg_answer_each_transaction(struct kunit *test)
{
	unsigned int transaction;

	for (transaction = 0; transaction < 256; transaction++) {
		u8 *bytes = packet_copy(test, heartbeat, sizeof(heartbeat));
		u8 *want = packet_copy(test, heartbeat, sizeof(heartbeat));
		struct hvic_msg msg;

		bytes[24] = transaction;
		bytes[25] = 0xfb;
		KUNIT_ASSERT_EQ(test, hvic_msg_open(&msg, bytes, sizeof(heartbeat)), 0);
		hvic_msg_answer(&msg, 0x80070032);

		want[20] = 0x32;
		want[21] = 0x00;
		want[22] = 0x07;
		want[23] = 0x80;
		want[24] = transaction;
		want[25] = 0x05;
		KUNIT_ASSERT_EQ_MSG(test, memcmp(bytes, want, sizeof(heartbeat)), 0,
				    "transaction %u", transaction);
	}
}

/**
 * struct outcome - an errno and what a host is told of it
 * @name: the test's
 * @err: the errno
 * @status: what the host is told
 */
struct outcome {
	const char *name;
	int err;
	u32 status;
};

static const struct outcome outcomes[] = {
	{ "success",			0,			0x00000000 },
	{ "not supported",		-EOPNOTSUPP,		0x80070032 },
	{ "invalid",			-EINVAL,		0x80070057 },
	{ "out of range",		-ERANGE,		0x80070057 },
	{ "no data",			-ENODATA,		0x80070103 },
	{ "in progress",		-EINPROGRESS,		0x8007045b },
	{ "exists",			-EEXIST,		0x80070050 },
	{ "no space",			-ENOSPC,		0x80070070 },
	{ "over quota",			-EDQUOT,		0x80070070 },
	{ "beyond what a file may be",	-EFBIG,			0x80070070 },
	{ "no access",			-EACCES,		0x80070005 },
	{ "not permitted",		-EPERM,			0x80070005 },
	{ "read-only file system",	-EROFS,			0x80070005 },
	{ "no such file",		-ENOENT,		0x80070003 },
	{ "not a directory",		-ENOTDIR,		0x80070003 },
	{ "too short",			-EMSGSIZE,		0x80004005 },
	{ "no common version",		-EPROTONOSUPPORT,	0x80004005 },
	{ "not connected",		-ENOTCONN,		0x80004005 },
	{ "stale",			-ESTALE,		0x80004005 },
	{ "no memory",			-ENOMEM,		0x80004005 },
	{ "an errno that is none",	-12345,			0x80004005 },
	{ "an errno without its sign",	EOPNOTSUPP,		0x80004005 },
};

static void outcome_desc(const struct outcome *outcome, char *desc)
{
	strscpy(desc, outcome->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(outcome, outcomes, outcome_desc);

static void msg_status(struct kunit *test)
{
	const struct outcome *outcome = test->param_value;

	KUNIT_EXPECT_EQ(test, hvic_status(outcome->err), outcome->status);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(msg_open_known_bytes),
	KUNIT_CASE(msg_open_each_length_cut),
	KUNIT_CASE(msg_open_each_length_padded),
	KUNIT_CASE(msg_open_each_size),
	KUNIT_CASE_PARAM(msg_open_fault, fault_gen_params),
	KUNIT_CASE(msg_open_all_flags),
	KUNIT_CASE(msg_open_largest),
	KUNIT_CASE(msg_body_never_longer_than_sent),
	KUNIT_CASE(msg_answer_each_transaction),
	KUNIT_CASE_PARAM(msg_status, outcome_gen_params),
	{}
};

static struct kunit_suite suite = { .name = "hvic_msg", .test_cases = cases };

kunit_test_suite(suite);
