// SPDX-License-Identifier: GPL-2.0-or-later
/* What a guest can send to the emulated host: the input is one packet, or frames. */

#include "fuzz.h"
#include "hvsim_frame.h"
#include "hvsim_hex.h"
#include "hvsim_kvp_address.h"
#include "hvsim_kvp_item.h"
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

/* An item that is sound is the one that a host would set, value and key. */
static void try_item(const struct hvsim_message *message, u8 operation)
{
	static const struct hvsim_versions versions = { HVIC_VERSION(3, 0), HVIC_VERSION(4, 0) };
	struct hvsim_kvp_request asked = { .operation = operation, .pool = 1, .index = 7 };
	u8 again[HVIC_HDR_LEN + HVIC_KVP_EXCHANGE_LEN];
	struct hvsim_kvp_item item;
	size_t at = operation == HVIC_KVP_GET ? 4 : 8;
	u32 faults = hvsim_kvp_item_read(message, &asked, &item);

	if (faults & HVSIM_FAULTS_FATAL)
		return;
	CHECK(strlen(item.key) < sizeof(item.key) && strlen(item.text) < sizeof(item.text));
	asked.operation = HVIC_KVP_SET;
	asked.item = item;
	CHECK(hvsim_kvp_item_build(again, sizeof(again), 1, &versions, &asked) == sizeof(again));
	/* what is behind a text's end is not sent again */
	if (!(faults & HVSIM_FAULT(TEXT_BEHIND)))
		CHECK(!memcmp(again + HVIC_HDR_LEN + 4, message->body + at, 12));
}

static bool lists_sound(const struct hvsim_kvp_adapter *adapter)
{
	size_t i;

	if (adapter->address_count > HVSIM_KVP_ADDRESSES ||
	    adapter->gateway_count > HVSIM_KVP_GATEWAYS || adapter->dns_count > HVSIM_KVP_ADDRESSES)
		return false;
	for (i = 0; i < adapter->address_count; i++)
		if (adapter->addresses[i].prefix > (adapter->addresses[i].v6 ? 128 : 32))
			return false;
	return true;
}

static void try_adapter(struct hvsim_message message, u32 version)
{
	static char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM];
	struct hvsim_kvp_adapter adapter;

	message.version = version;
	if (!(hvsim_kvp_adapter_read(&message, &adapter, texts) & HVSIM_FAULTS_FATAL))
		CHECK(lists_sound(&adapter));
}

static void try_kvp(const struct hvsim_message *message)
{
	try_item(message, HVIC_KVP_GET);
	try_item(message, HVIC_KVP_ENUMERATE);
	try_adapter(*message, HVIC_VERSION(4, 0));
	try_adapter(*message, HVIC_VERSION(5, 0));
}

/* As long as answers are, of which a short input is the beginning. */
static void try_kvp_whole(const struct hvsim_message *message)
{
	struct hvsim_message whole = *message;
	u8 *body = calloc(1, HVIC_KVP_IP_LEN);
	size_t len = message->body_len < HVIC_KVP_IP_LEN ? message->body_len : HVIC_KVP_IP_LEN;

	if (len)
		memcpy(body, message->body, len);
	whole.body = body;
	whole.body_len = HVIC_KVP_IP_LEN;
	try_kvp(&whole);
	free(body);
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
	try_kvp(message);
	try_kvp_whole(message);
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
	char *narrow = malloc(2 * len + 1);
	u8 *wide = malloc(2 * len), *decoded;
	size_t size;
	int got;

	got = hvsim_utf16_encode(wide, 2 * len, text);
	CHECK(got == -EILSEQ || (got >= 0 && got <= (int)(2 * strlen(text)) && !(got % 2)));
	got = hvsim_utf16_decode(narrow, 2 * len + 1, bytes, len);
	CHECK(got == -EILSEQ || (got >= 0 && (size_t)got <= len && !(got % 2)));
	if (got >= 0)
		CHECK(hvsim_utf16_encode(wide, 2 * len, narrow) == got &&
		      !memcmp(wide, bytes, (size_t)got));
	if (!hvsim_hex_decode(&decoded, &size, text)) {
		CHECK(2 * size <= strlen(text));
		free(decoded);
	}
	for (size = 0; size <= sizeof(words); size += 37)
		CHECK(!size || hvsim_message_describe(words, size, bytes, len) < size);
	free(narrow);
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
