// SPDX-License-Identifier: GPL-2.0-or-later
/* Heartbeats: the input is a state and then the body. */

#include "fuzz.h"
#include "hvic_heartbeat.h"

/**
 * LLVMFuzzerTestOneInput() - Answer a heartbeat.
 * @data: the application state, then the body
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	u8 state = fuzz_number(&input, 1) % 4;
	struct hvic_msg msg;
	u8 *bytes = fuzz_request(&input, HVIC_TYPE_HEARTBEAT, &msg);
	u64 sequence = 0, was = 0;
	int err;

	if (msg.body_len >= sizeof(was))
		memcpy(&was, msg.body, sizeof(was));
	err = hvic_heartbeat(&msg, state, &sequence);

	CHECK(err == (msg.body_len < 8 ? -EMSGSIZE : 0));
	CHECK(err || sequence == le64_to_cpu(was) + 1);
	CHECK(err || !memcmp(msg.body, &(__le64){ cpu_to_le64(sequence) }, 8));
	CHECK(msg.body_len < 12 || !memcmp(msg.body + 8, (u8[]){ state, 0, 0, 0 }, 4));
	CHECK(msg.body_len <= 12 || !memcmp(msg.body + 12, input.at + 12, msg.body_len - 12));
	CHECK(hvic_application_state_parse(hvic_application_state_name(state)) == state);
	free(bytes);
	return 0;
}
