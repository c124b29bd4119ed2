// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of the module: the input is one, as it came.  What it says is within it, fits its
 * operation, and means one thing in each stage of a copy.
 */
#include "fcopy/message.h"
#include "fuzz.h"

/**
 * LLVMFuzzerTestOneInput() - Look a message through.
 * @data: the message
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	struct fcopy_message message;
	unsigned int stage;
	size_t size;
	u8 *copy;
	u8 *bytes = fuzz_take(&input, len, &size);
	int err = fcopy_message_parse(&message, bytes, size);

	CHECK(err == 0 || err == -EBADMSG || err == -EOPNOTSUPP);
	CHECK(fcopy_message_status(err) || !err);
	CHECK(fcopy_message_name(message.operation)[0]);
	if (!err) {
		CHECK(message.operation < HVIC_NR_FCOPY_OPERATIONS);
		CHECK(memchr(message.name, 0, sizeof(message.name)));
		CHECK(memchr(message.path, 0, sizeof(message.path)));
		CHECK(message.len <= HVIC_FCOPY_DATA_LEN);
		/* each byte is there: the sanitizer looks */
		copy = malloc(message.len + 1);
		CHECK(copy);
		if (message.len)
			memcpy(copy, message.data, message.len);
		free(copy);
		for (stage = 0; stage < FCOPY_NR_STAGES; stage++)
			CHECK(fcopy_message_action(&message, stage) <= FCOPY_ACCEPT);
		CHECK(fcopy_message_action(&message, FCOPY_IDLE) != FCOPY_WRITE);
		CHECK(fcopy_message_action(&message, FCOPY_OPEN) != FCOPY_BEGIN);
	}
	free(bytes);
	return 0;
}
