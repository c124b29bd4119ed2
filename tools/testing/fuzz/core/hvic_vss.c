// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup: the input is a version, what the daemon replies, whether the guest is awake,
 * what a daemon registers with, and the body, of which zeros may be missing.
 */
#include "fuzz.h"
#include "hvic_vss.h"

static const u32 versions[] = { HVIC_VERSION(4, 0), HVIC_VERSION(5, 0), HVIC_VERSION(7, 0) };

static void check_registration(u32 first)
{
	struct hvic_user_vss written = { .error = first };
	u32 greeting = 0;
	int err = hvic_vss_register(&written, &greeting);

	CHECK(!err == (greeting == HVIC_USER_VSS_REGISTER1));
	CHECK(err || written.operation == HVIC_USER_VSS_REGISTER1);
	CHECK(!hvic_vss_is_registration(&written) || first < 256);
}

/* What the host reads: its own bytes, but for the flags of a check that went well. */
static void check_body(const u8 *body, const u8 *before, size_t len, bool flags)
{
	size_t i;

	for (i = 0; i < len; i++)
		CHECK(body[i] == before[i] || (flags && i >= 8 && i < 12));
}

static void check_forwarded(struct hvic_msg *msg, struct fuzz_input *input)
{
	struct hvic_user_vss request, reply = {};
	bool awake;
	u32 status;
	u8 *before = malloc(msg->body_len), op = *(u8 *)msg->body;

	CHECK(before);
	memcpy(before, msg->body, msg->body_len);
	memset(&request, 0xee, sizeof(request));
	CHECK(!hvic_vss_forward(msg, &request));
	CHECK(request.error == op && !request.flags);
	CHECK(op == HVIC_VSS_CHECK_HOT_BACKUP || op == HVIC_VSS_FREEZE || op == HVIC_VSS_THAW);
	CHECK(hvic_vss_timeout(msg) == (op == HVIC_VSS_FREEZE ? 900 : 30));

	reply.error = fuzz_number(input, 4);
	reply.flags = fuzz_number(input, 4);
	awake = fuzz_number(input, 1) & 1;
	status = hvic_vss_answer(msg, &reply, awake);
	CHECK(!reply.error || status == (u32)reply.error);
	CHECK(status || !awake || op == HVIC_VSS_CHECK_HOT_BACKUP);
	check_body(msg->body, before, msg->body_len,
		   !status && op == HVIC_VSS_CHECK_HOT_BACKUP);
	if (!status && op == HVIC_VSS_CHECK_HOT_BACKUP)
		CHECK(((struct hvic_vss_flags *)msg->body)->flags);
	free(before);
}

/**
 * LLVMFuzzerTestOneInput() - Have the host ask, and the daemon reply.
 * @data: see above
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len }, reply;
	u32 version = versions[fuzz_number(&input, 1) % 3];
	struct hvic_msg msg;
	u8 *bytes, *body;
	size_t used;

	body = fuzz_take(&input, 13, &used);
	reply = (struct fuzz_input){ body, used };
	check_registration(fuzz_number(&reply, 4));
	bytes = fuzz_request(&input, HVIC_TYPE_VSS, &msg);
	switch (hvic_vss_serve(&msg, version)) {
	case HVIC_VSS_FORWARD:
		CHECK(version >= HVIC_VERSION(5, 0));
		check_forwarded(&msg, &reply);
		break;
	case -EMSGSIZE:
		CHECK(msg.body_len < HVIC_VSS_MIN_LEN);
		break;
	default:
		CHECK(msg.body_len >= HVIC_VSS_MIN_LEN);
	}
	free(bytes);
	free(body);
	return 0;
}
