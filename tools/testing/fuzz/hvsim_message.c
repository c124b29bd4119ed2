// SPDX-License-Identifier: GPL-2.0-or-later
/* What a guest can send to the emulated host: the input is one packet, or frames. */

#include "fuzz.h"
#include "hvsim_frame.h"
#include "hvsim_hex.h"
#include "hvsim_message.h"
#include "hvsim_utf16.h"

#define VERSIONS_MAX	64

static void try_frames(const u8 *bytes, size_t len)
{
	uint64_t reference, realtime;
	struct hvsim_frame frame;
	size_t used = 0;

	while (hvsim_frame_decode(&frame, bytes + used, len - used) > 0) {
		CHECK(frame.bytes == bytes + used + HVSIM_FRAME_HEAD_LEN);
		CHECK(frame.length <= len - used - HVSIM_FRAME_HEAD_LEN);
		CHECK(!hvsim_frame_decode_clock(&frame, &reference, &realtime) ==
		      (frame.length == HVSIM_FRAME_CLOCK_LEN));
		used += HVSIM_FRAME_HEAD_LEN + frame.length;
	}
}

/* An offer that can be read is the one that would be built of it. */
static void try_offer(const struct hvsim_message *message)
{
	u32 versions[VERSIONS_MAX];
	struct hvsim_offer offer;
	u8 again[HVIC_HDR_LEN + 8 + 4 * VERSIONS_MAX];
	int len;

	if (hvsim_message_read_offer(message, versions, VERSIONS_MAX, &offer))
		return;
	CHECK(offer.framework_count + offer.message_count <= VERSIONS_MAX);
	len = hvsim_message_build_offer(again, sizeof(again), message->transaction, &offer);
	CHECK(len > 0 && (size_t)len - HVIC_HDR_LEN <= message->body_len);
	CHECK(!memcmp(again + HVIC_HDR_LEN, message->body, 4));
	CHECK(!memcmp(again + HVIC_HDR_LEN + 8, message->body + 8,
		      (size_t)len - HVIC_HDR_LEN - 8));
}

static void try_answers(const struct hvsim_message *message)
{
	static const u32 offered[] = { HVIC_VERSION(1, 0), HVIC_VERSION(3, 0) };
	const struct hvsim_offer offer = { offered, 2, offered, 2 };
	struct hvsim_versions choice = { 0 };
	uint64_t sequence;
	u32 faults, state;

	faults = hvsim_message_read_choice(message, &offer, &choice);
	CHECK(faults || (choice.framework && choice.message));
	faults = hvsim_message_read_heartbeat(message, 7, &sequence, &state);
	CHECK(faults || (sequence == 8 && state <= HVIC_APPLICATION_STOPPED));
	CHECK(!(hvsim_message_answers(message, message) &
		(HVSIM_FAULT(TRANSACTION_ID) | HVSIM_FAULT(MESSAGE_TYPE) | HVSIM_FAULT(VERSION))));
	try_offer(message);
}

/* What was read without a fault is what would be built of it. */
static void try_message(const u8 *bytes, size_t len)
{
	struct hvsim_message message;
	u32 faults = hvsim_message_open(&message, bytes, len);
	u8 *again = malloc(len);

	CHECK(message.has_header || (!message.body && !message.body_len && !message.flags));
	CHECK(!message.body || (message.body >= bytes + HVIC_HDR_LEN &&
				message.body_len <= (size_t)(bytes + len - message.body)));
	CHECK(message.body_len <= message.body_size);
	if (!faults) {
		CHECK(hvsim_message_build(again, len, &message) ==
		      (int)(HVIC_HDR_LEN + message.body_len));
		CHECK(!memcmp(again, bytes, HVIC_HDR_LEN + message.body_len));
	}
	try_answers(&message);
	free(again);
}

static void try_texts(const u8 *bytes, size_t len)
{
	char *text = strndup((const char *)bytes, len), words[256];
	u8 *wide = malloc(2 * len), *decoded;
	size_t size;
	int got;

	got = hvsim_utf16_encode(wide, 2 * len, text);
	CHECK(got == -EILSEQ || (got >= 0 && got <= (int)(2 * strlen(text)) && !(got % 2)));
	if (!hvsim_hex_decode(&decoded, &size, text)) {
		CHECK(2 * size <= strlen(text));
		free(decoded);
	}
	for (size = 0; size <= sizeof(words); size += 37)
		CHECK(!size || hvsim_message_describe(words, size, bytes, len) < size);
	free(wide);
	free(text);
}

/**
 * LLVMFuzzerTestOneInput() - Be sent something.
 * @data: taken for frames, for a packet and for text
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	u8 *bytes = fuzz_take(&input, len, &len);

	try_frames(bytes, len);
	try_message(bytes, len);
	try_texts(bytes, len);
	free(bytes);
	return 0;
}
