// SPDX-License-Identifier: GPL-2.0-only
/* Backup: each operation, version and length, and what the host is told. */

#include "../hvic_vss.h"
#include "hvic_offer.h"

/* A number that a guest would not make up. */
#define HOSTS_FLAGS	0x5a5a5a5au

/* A request whose body is what the host left in its memory, but for the operation. */
static struct hvic_packet vss_new(struct kunit *test, u8 operation, size_t len)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_VSS, len);
	u8 *body = packet.body;

	memset(body, 0x5a, len);
	if (len)
		body[0] = operation;
	return packet;
}

/* What each operation is answered, from 5.0 and before. */
static int served(u8 operation, u32 version)
{
	if (version < V(5, 0))
		return operation == 4 ? 0 : -EOPNOTSUPP;
	switch (operation) {
	case 2:
	case 5:
	case 6:
		return HVIC_VSS_FORWARD;
	case 0:
	case 1:
	case 3:
	case 4:
	case 7:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static void vss_each_operation_and_version(struct kunit *test)
{
	static const u32 versions[] = { V(4, 0), V(5, 0), V(6, 0), V(7, 0) };
	unsigned int v, op, i;

	for (v = 0; v < ARRAY_SIZE(versions); v++) {
		for (op = 0; op < 256; op++) {
			struct hvic_packet packet = vss_new(test, op, 32);
			struct hvic_msg msg = packet_open(test, &packet);
			bool writes = op == 3 && versions[v] >= V(5, 0);
			const u8 *body = packet.body;

			KUNIT_ASSERT_EQ_MSG(test, hvic_vss_serve(&msg, versions[v]),
					    served(op, versions[v]), "operation %u", op);
			KUNIT_ASSERT_EQ(test, body[0], op);
			for (i = 1; i < 32; i++)
				KUNIT_ASSERT_EQ_MSG(test, body[i],
						    writes && i >= 8 && i < 12 ? 0 : 0x5a,
						    "operation %u, byte %u", op, i);
		}
	}
}

static void vss_each_length(struct kunit *test)
{
	static const size_t lengths[] = { 0, 1, 7, 8, 11, 12, 32, 6260, 7312, 7320, 12500 };
	struct hvic_user_vss user;
	unsigned int i, op;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (op = 0; op < HVIC_NR_VSS_OPERATIONS; op++) {
			struct hvic_packet packet = vss_new(test, op, lengths[i]);
			struct hvic_msg msg = packet_open(test, &packet);
			bool fits = lengths[i] >= 12;

			memset(&user, 0xee, sizeof(user));
			KUNIT_ASSERT_EQ_MSG(test, hvic_vss_serve(&msg, V(5, 0)),
					    fits ? served(op, V(5, 0)) : -EMSGSIZE,
					    "operation %u of %zu bytes", op, lengths[i]);
			KUNIT_ASSERT_EQ(test, hvic_vss_forward(&msg, &user), fits ? 0 : -EMSGSIZE);
			KUNIT_ASSERT_EQ(test, user.operation, fits ? op : 0xee);
			KUNIT_ASSERT_EQ(test, user.flags, fits ? 0 : 0xeeeeeeeeu);
			user.error = 0;
			KUNIT_ASSERT_EQ(test, hvic_vss_answer(&msg, &user, false),
					fits ? HVIC_STATUS_OK : HVIC_STATUS_FAIL);
		}
	}
}

static void vss_request_shows_no_memory(struct kunit *test)
{
	struct hvic_packet packet = vss_new(test, HVIC_VSS_FREEZE, 6260);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_user_vss user;
	unsigned int i;

	memset(&user, 0xee, sizeof(user));
	KUNIT_ASSERT_EQ(test, hvic_vss_forward(&msg, &user), 0);
	KUNIT_EXPECT_EQ(test, user.operation, 5);
	for (i = 1; i < sizeof(user); i++)
		KUNIT_EXPECT_EQ_MSG(test, ((u8 *)&user)[i], 0, "byte %u", i);
}

static void vss_timeouts(struct kunit *test)
{
	unsigned int op;

	for (op = 0; op < 256; op++) {
		struct hvic_packet packet = vss_new(test, op, 12);
		struct hvic_msg msg = packet_open(test, &packet);

		KUNIT_EXPECT_EQ(test, hvic_vss_timeout(&msg), op == 5 ? 900 : 30);
	}
}

static void vss_timeout_of_nothing(struct kunit *test)
{
	struct hvic_packet packet = vss_new(test, 0, 0);
	struct hvic_msg msg = packet_open(test, &packet);

	KUNIT_EXPECT_EQ(test, hvic_vss_timeout(&msg), 30);
}

/**
 * struct answer - what a host gets
 * @operation: what it asked
 * @error: the daemon's
 * @flags: the daemon's
 * @awake: whether the guest has thawed by itself
 * @status: of the answer
 * @flags_told: in its body
 */
struct answer {
	u8 operation;
	u32 error;
	u32 flags;
	bool awake;
	u32 status;
	u32 flags_told;
};

static const struct answer answers[] = {
	/* a check: 5, unless the daemon has other flags; nothing when it does not agree */
	{ 2, 0, 0, false, 0, 5 },
	{ 2, 0, 0, true, 0, 5 },
	{ 2, 0, 1, false, 0, 1 },
	{ 2, 0, 0x80000001, false, 0, 0x80000001 },
	{ 2, 0x80004005, 0, false, 0x80004005, HOSTS_FLAGS },
	/* the in-tree module takes this error for an operation */
	{ 2, 2, 1, false, 2, HOSTS_FLAGS },
	/* a freeze and a thaw */
	{ 5, 0, 0, false, 0, HOSTS_FLAGS },
	{ 5, 0, 7, false, 0, HOSTS_FLAGS },
	{ 5, 0, 0, true, 0x80004005, HOSTS_FLAGS },
	{ 5, 0x80070032, 0, false, 0x80070032, HOSTS_FLAGS },
	{ 5, 0x80070032, 0, true, 0x80070032, HOSTS_FLAGS },
	{ 6, 0, 0, false, 0, HOSTS_FLAGS },
	{ 6, 0, 0, true, 0x80004005, HOSTS_FLAGS },
	{ 6, 1, 0, true, 1, HOSTS_FLAGS },
	/* nothing else is forwarded, but if it were */
	{ 3, 0, 7, true, 0, HOSTS_FLAGS },
};

static void vss_each_answer(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct answer *answer = &answers[i];
		struct hvic_packet packet = vss_new(test, answer->operation, 32);
		struct hvic_vss_flags *body = packet.body;
		struct hvic_msg msg = packet_open(test, &packet);
		struct hvic_user_vss reply = { .flags = answer->flags };

		reply.error = answer->error;
		KUNIT_EXPECT_EQ_MSG(test, hvic_vss_answer(&msg, &reply, answer->awake),
				    answer->status, "answer %u", i);
		KUNIT_EXPECT_EQ_MSG(test, le32_to_cpu(body->flags), answer->flags_told,
				    "answer %u", i);
		KUNIT_EXPECT_EQ(test, body->hdr.operation, answer->operation);
	}
}

static void vss_registration(struct kunit *test)
{
	unsigned int op;

	for (op = 0; op < 256; op++) {
		struct hvic_user_vss written = { .operation = op };
		u32 greeting = PACKET_UNTOUCHED;

		KUNIT_EXPECT_EQ(test, hvic_vss_is_registration(&written), op == 128 || op == 129);
		KUNIT_EXPECT_EQ(test, hvic_vss_register(&written, &greeting),
				op == 129 ? 0 : -EINVAL);
		KUNIT_EXPECT_EQ(test, greeting, op == 129 ? 129 : PACKET_UNTOUCHED);
	}
}

/* A status of the same last byte is a reply. */
static void vss_status_is_no_registration(struct kunit *test)
{
	static const u32 statuses[] = { 0x80000081, 0x80070080, 0x00000181, 0 };
	struct hvic_user_vss written = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		written.error = statuses[i];
		KUNIT_EXPECT_FALSE(test, hvic_vss_is_registration(&written));
	}
}

/* What a host offers, and which of it is agreed on: 6.0 and 7.0 promise too much. */
static void vss_versions(struct kunit *test)
{
	static const u32 framework[] = { V(1, 0), V(3, 0), 0 };
	static const struct {
		u32 offered[5];
		u32 agreed;
	} offers[] = {
		{ { V(4, 0), V(5, 0), V(6, 0), V(7, 0), 0 }, V(5, 0) },
		{ { V(7, 0), V(5, 0), V(4, 0), 0 }, V(5, 0) },
		{ { V(4, 0), 0 }, V(4, 0) },
		{ { V(6, 0), V(7, 0), 0 }, 0 },
		{ { V(3, 0), 0 }, 0 },
	};
	u32 chosen, message;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offers); i++) {
		struct hvic_packet packet = offer_new(test, framework, offers[i].offered);
		struct hvic_msg msg = packet_open(test, &packet);

		message = 0;
		KUNIT_EXPECT_EQ(test, !hvic_negotiate(&msg, &hvic_vss_versions, &chosen, &message),
				!!offers[i].agreed);
		KUNIT_EXPECT_EQ(test, message, offers[i].agreed);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(vss_each_operation_and_version),
	KUNIT_CASE(vss_each_length),
	KUNIT_CASE(vss_request_shows_no_memory),
	KUNIT_CASE(vss_timeouts),
	KUNIT_CASE(vss_timeout_of_nothing),
	KUNIT_CASE(vss_each_answer),
	KUNIT_CASE(vss_registration),
	KUNIT_CASE(vss_status_is_no_registration),
	KUNIT_CASE(vss_versions),
	{}
};

static struct kunit_suite suite = { .name = "hvic_vss", .test_cases = cases };

kunit_test_suite(suite);
