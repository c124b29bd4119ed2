// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the emulated host says and how it judges answers, by tables: bytes are
 * spelled out here, so that the builder and the parser cannot agree on a
 * mistake.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_frame.h"
#include "hvsim_hex.h"
#include "hvsim_message.h"
#include "hvsim_profile.h"
#include "hvsim_utf16.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define V(major, minor)	HVIC_VERSION(major, minor)

static const struct hvsim_versions v3 = { V(3, 0), V(3, 0) };
static const struct hvsim_versions v4 = { V(3, 0), V(4, 0) };

static bool bytes_are(const void *bytes, int len, const char *hex)
{
	char *text = len < 0 ? NULL : hvsim_hex_encode(bytes, (size_t)len);
	char *packed = malloc(strlen(hex) + 1), *to = packed;
	bool same;

	for (; *hex; hex++)
		if (*hex != ' ')
			*to++ = *hex;
	*to = '\0';
	same = text && !strcmp(text, packed);
	if (!same)
		printf("# got  %s\n# want %s\n", text ?: "nothing", packed);
	free(packed);
	free(text);
	return same;
}

static void test_requests(void)
{
	static const uint32_t framework[] = { V(1, 0), V(3, 0) }, message[] = { V(3, 2) };
	const struct hvsim_offer offer = { framework, 2, message, 1 };
	const struct hvsim_time time = {
		.parent = 0x0123456789abcdef, .reference = 0x1122334455667788,
		.flags = HVIC_TIMESYNC_SYNC, .leap = 3, .stratum = 2,
	};
	uint8_t buf[256];

	tap_ok(bytes_are(buf, hvsim_message_build_offer(buf, sizeof(buf), 7, &offer),
			 "01000000 28000000 0000 0000 0000 0000 0000 1400 00000000 07 03 0000"
			 "0200 0100 00000000 0100 0000 0300 0000 0300 0200"), "offer");
	tap_ok(bytes_are(buf, hvsim_message_build_heartbeat(buf, sizeof(buf), 1, &v3, 0x1234, 16),
			 "01000000 24000000 0300 0000 0100 0300 0000 1000 00000000 01 03 0000"
			 "3412000000000000 00000000 00000000"), "heartbeat of 16 bytes");
	tap_ok(bytes_are(buf, hvsim_message_build_heartbeat(buf, sizeof(buf), 1, &v3, 5, 8),
			 "01000000 1c000000 0300 0000 0100 0300 0000 0800 00000000 01 03 0000"
			 "0500000000000000"), "heartbeat of the sequence alone");
	tap_ok(bytes_are(buf, hvsim_message_build_time(buf, sizeof(buf), 2, &v3, &time, 0),
			 "01000000 30000000 0300 0000 0400 0300 0000 1c00 00000000 02 03 0000"
			 "efcdab8967452301 0000000000000000 0000000000000000 01 000000"),
	       "time 3.0");
	tap_ok(bytes_are(buf, hvsim_message_build_time(buf, sizeof(buf), 2, &v4, &time, 0),
			 "01000000 2c000000 0300 0000 0400 0400 0000 1800 00000000 02 03 0000"
			 "efcdab8967452301 8877665544332211 01 03 02 0000000000"), "time 4.0");
	tap_ok(bytes_are(buf, hvsim_message_build_time(buf, sizeof(buf), 2, &v4, &time, 19),
			 "01000000 27000000 0300 0000 0400 0400 0000 1300 00000000 02 03 0000"
			 "efcdab8967452301 8877665544332211 01 03 02"), "time 4.0 without padding");
	tap_ok(hvsim_message_build_time(buf, 28 + 23, 2, &v4, &time, 0) == -EMSGSIZE,
	       "time that does not fit is refused");
	tap_ok(hvsim_message_build_heartbeat(buf, sizeof(buf), 2, &v3, 0, 65) == -EMSGSIZE,
	       "a body that is too large is refused");
}

static void test_shutdown(void)
{
	const struct hvsim_power power = {
		.reason = 0x80000000u, .timeout = 30, .flags = 3, .text = "bye", .text_len = 3,
	};
	struct hvsim_power long_winded = power;
	uint8_t buf[4096];
	int len;

	memset(buf, 0xaa, sizeof(buf));
	len = hvsim_message_build_shutdown(buf, sizeof(buf), 9, &v3, &power);
	tap_ok(len == 28 + 2060, "shutdown has 2060 bytes of body");
	tap_ok(bytes_are(buf, 48,
			 "01000000 20080000 0300 0000 0300 0300 0000 0c08 00000000 09 03 0000"
			 "00000080 1e000000 03000000 62796500 00000000"), "shutdown");
	tap_ok(!buf[len - 1] && buf[len] == 0xaa, "the text is padded with zeros, not beyond");
	long_winded.text_len = HVIC_SHUTDOWN_TEXT_LEN + 1;
	tap_ok(hvsim_message_build_shutdown(buf, sizeof(buf), 9, &v3, &long_winded) == -EMSGSIZE,
	       "a text that is too long is refused");
}

static void test_offer_limits(void)
{
	static uint32_t many[5000];
	struct hvsim_offer offer = { many, 2000, many, 2000 };
	static uint8_t buf[HVIC_PIPE_MAX + 100];
	int len;

	len = hvsim_message_build_offer(buf, sizeof(buf), 1, &offer);
	tap_ok(len == 28 + 8 + 4 * 4000, "an offer of 4000 versions");
	offer.message_count = 3000;
	tap_ok(hvsim_message_build_offer(buf, sizeof(buf), 1, &offer) == -EMSGSIZE,
	       "an offer larger than any message is refused");
	offer = (struct hvsim_offer){ 0 };
	len = hvsim_message_build_offer(buf, sizeof(buf), 1, &offer);
	tap_ok(len == 36, "an offer of nothing");
	tap_ok(hvsim_message_build_offer(buf, 35, 1, &offer) == -EMSGSIZE,
	       "an offer that does not fit is refused");
}

/*
 * A good answer to a heartbeat of transaction 5, and what changes in it: one
 * byte, or its length.
 */
static const uint8_t good[] = {
	1, 0, 0, 0, 36, 0, 0, 0,
	3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0, 0, 0, 5, 5, 0, 0,
	8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
};

static const struct {
	const char *name;
	int at;			/* which byte; -1 for none */
	uint8_t value;
	size_t len;		/* 0 for all */
	uint32_t faults;
} answers[] = {
	{ "good", -1, 0, 0, 0 },
	{ "empty", -1, 0, SIZE_MAX, HVSIM_FAULT(PIPE_HEADER) },
	{ "cut in the pipe header", -1, 0, 7, HVSIM_FAULT(PIPE_HEADER) },
	{ "nothing behind the pipe header", -1, 0, 8,
	  HVSIM_FAULT(PIPE_SIZE) | HVSIM_FAULT(HEADER) },
	{ "cut in the header", -1, 0, 27, HVSIM_FAULT(PIPE_SIZE) | HVSIM_FAULT(HEADER) },
	{ "cut before the body", -1, 0, 28, HVSIM_FAULT(PIPE_SIZE) | HVSIM_FAULT(BODY_SIZE) },
	{ "cut in the body", -1, 0, 43, HVSIM_FAULT(PIPE_SIZE) | HVSIM_FAULT(BODY_SIZE) },
	{ "pipe type 0", 0, 0, 0, HVSIM_FAULT(PIPE_TYPE) },
	{ "pipe type 2", 0, 2, 0, HVSIM_FAULT(PIPE_TYPE) },
	{ "pipe size one too many", 4, 37, 0, HVSIM_FAULT(PIPE_SIZE) },
	{ "pipe size huge", 7, 0xff, 0, HVSIM_FAULT(PIPE_SIZE) },
	{ "pipe size one too few", 4, 35, 0, HVSIM_FAULT(BODY_SIZE) },
	{ "pipe size below the header", 4, 19, 0, HVSIM_FAULT(HEADER) },
	{ "pipe size 0", 4, 0, 0, HVSIM_FAULT(HEADER) },
	{ "framework major", 8, 1, 0, HVSIM_FAULT(VERSION) },
	{ "framework minor", 10, 1, 0, HVSIM_FAULT(VERSION) },
	{ "type", 12, 3, 0, HVSIM_FAULT(MESSAGE_TYPE) },
	{ "message major", 14, 4, 0, HVSIM_FAULT(VERSION) },
	{ "message minor", 16, 1, 0, HVSIM_FAULT(VERSION) },
	{ "body size one too many", 18, 17, 0, HVSIM_FAULT(BODY_SIZE) },
	{ "body size huge", 19, 0xff, 0, HVSIM_FAULT(BODY_SIZE) },
	{ "body size less than came", 18, 8, 0, 0 },
	{ "status", 23, 0x80, 0, 0 },
	{ "transaction id", 24, 6, 0, HVSIM_FAULT(TRANSACTION_ID) },
	{ "no flags", 25, 0, 0, HVSIM_FAULT(TRANSACTION_FLAG) | HVSIM_FAULT(RESPONSE_FLAG) },
	{ "no transaction flag", 25, 4, 0, HVSIM_FAULT(TRANSACTION_FLAG) },
	{ "no response flag", 25, 1, 0, HVSIM_FAULT(RESPONSE_FLAG) },
	{ "the request's flags", 25, 3, 0, HVSIM_FAULT(RESPONSE_FLAG) | HVSIM_FAULT(OTHER_FLAGS) },
	{ "all flags", 25, 7, 0, HVSIM_FAULT(OTHER_FLAGS) },
	{ "an unknown flag", 25, 0x85, 0, HVSIM_FAULT(OTHER_FLAGS) },
	{ "reserved", 26, 1, 0, 0 },
};

static uint32_t judge(const uint8_t *bytes, size_t len)
{
	struct hvsim_message request, answer;
	uint8_t buf[64];
	uint32_t faults;
	int built = hvsim_message_build_heartbeat(buf, sizeof(buf), 5, &v3, 7, 16);

	hvsim_message_open(&request, buf, (size_t)built);
	faults = hvsim_message_open(&answer, bytes, len);
	return faults | hvsim_message_answers(&answer, &request);
}

static void test_answers(void)
{
	size_t i;

	for (i = 0; i < NR(answers); i++) {
		size_t len = answers[i].len == SIZE_MAX ? 0 : answers[i].len ?: sizeof(good);
		/* of the exact size, so that the sanitizer sees one byte too far */
		uint8_t *bytes = malloc(len ?: 1);
		struct hvsim_message message;
		uint32_t faults;

		memcpy(bytes, good, len);
		if (answers[i].at >= 0)
			bytes[answers[i].at] = answers[i].value;
		faults = judge(bytes, len);
		tap_ok(faults == answers[i].faults, "answer: %s (faults 0x%x, wanted 0x%x)",
		       answers[i].name, faults, answers[i].faults);
		hvsim_message_open(&message, bytes, len);
		tap_ok(!message.body_len || message.body + message.body_len <= bytes + len,
		       "answer: %s: its body is within", answers[i].name);
		free(bytes);
	}
}

static void test_padding(void)
{
	static uint8_t bytes[HVIC_PIPE_MAX + 8];
	struct hvsim_message message;

	memcpy(bytes, good, sizeof(good));
	tap_ok(!judge(bytes, sizeof(good) + 7), "the ring's padding is not part of the message");
	hvsim_message_open(&message, bytes, sizeof(good) + 7);
	tap_ok(message.body_len == 16, "nor of the body");
	tap_ok(judge(bytes, HVIC_PIPE_MAX + 1) == HVSIM_FAULT(TOO_LONG),
	       "a packet larger than any message");
}

/* Answers to an offer of 1.0 and 3.0, each as framework and as message. */
static const struct {
	const char *name;
	uint16_t counts[2];
	uint16_t choice[4];
	size_t body_len;
	uint32_t faults;
	uint32_t framework, message;
} choices[] = {
	{ "good", { 1, 1 }, { 3, 0, 1, 0 }, 16, 0, V(3, 0), V(1, 0) },
	{ "more than needed", { 1, 1 }, { 3, 0, 3, 0 }, 24, 0, V(3, 0), V(3, 0) },
	{ "nothing in common", { 0, 0 }, { 0 }, 16, HVSIM_FAULT(NO_CHOICE), 0, 0 },
	{ "nothing in common, and short", { 0, 0 }, { 0 }, 8, HVSIM_FAULT(NO_CHOICE), 0, 0 },
	{ "no framework", { 0, 1 }, { 3, 0 }, 16, HVSIM_FAULT(COUNTS), 0, 0 },
	{ "no message", { 1, 0 }, { 3, 0 }, 16, HVSIM_FAULT(COUNTS), 0, 0 },
	{ "two messages", { 1, 2 }, { 3, 0, 3, 0 }, 24, HVSIM_FAULT(COUNTS), 0, 0 },
	{ "count 257, not 1", { 257, 1 }, { 3, 0, 3, 0 }, 16, HVSIM_FAULT(COUNTS), 0, 0 },
	{ "cut in the counts", { 1, 1 }, { 3, 0, 3, 0 }, 7, HVSIM_FAULT(BODY_SHORT), 0, 0 },
	{ "cut in the choice", { 1, 1 }, { 3, 0, 3, 0 }, 15, HVSIM_FAULT(BODY_SHORT), 0, 0 },
	{ "framework not offered", { 1, 1 }, { 2, 0, 3, 0 }, 16,
	  HVSIM_FAULT(FRAMEWORK_NOT_OFFERED), V(2, 0), V(3, 0) },
	{ "message not offered", { 1, 1 }, { 3, 0, 3, 2 }, 16,
	  HVSIM_FAULT(MESSAGE_NOT_OFFERED), V(3, 0), V(3, 2) },
	{ "neither offered", { 1, 1 }, { 0, 3, 0, 3 }, 16,
	  HVSIM_FAULT(FRAMEWORK_NOT_OFFERED) | HVSIM_FAULT(MESSAGE_NOT_OFFERED), V(0, 3), V(0, 3) },
};

static void test_choices(void)
{
	static const uint32_t offered[] = { V(1, 0), V(3, 0) };
	const struct hvsim_offer offer = { offered, 2, offered, 2 };
	size_t i, j;

	for (i = 0; i < NR(choices); i++) {
		uint8_t *body = calloc(1, choices[i].body_len), full[24] = { 0 };
		struct hvsim_message answer = { .body = body, .body_len = choices[i].body_len };
		struct hvsim_versions choice = { 0 };
		uint32_t faults;

		for (j = 0; j < 2; j++)
			hvsim_frame_put(full + 2 * j, choices[i].counts[j], 2);
		for (j = 0; j < 4; j++)
			hvsim_frame_put(full + 8 + 2 * j, choices[i].choice[j], 2);
		memcpy(body, full, choices[i].body_len);
		faults = hvsim_message_read_choice(&answer, &offer, &choice);
		tap_ok(faults == choices[i].faults && choice.framework == choices[i].framework &&
		       choice.message == choices[i].message, "choice: %s (faults 0x%x)",
		       choices[i].name, faults);
		free(body);
	}
}

static const struct {
	const char *name;
	uint64_t sequence;
	uint32_t state;
	size_t body_len;
	uint32_t faults;
	uint32_t state_read;
} beats[] = {
	{ "healthy", 8, 1, 16, 0, 1 },
	{ "stopped", 8, 3, 16, 0, 3 },
	{ "no room for the state", 8, 1, 8, 0, 0 },
	{ "half a state", 8, 1, 11, 0, 0 },
	{ "a state without what is behind it", 8, 2, 12, 0, 2 },
	{ "not counted", 7, 0, 16, HVSIM_FAULT(SEQUENCE), 0 },
	{ "counted twice", 9, 0, 16, HVSIM_FAULT(SEQUENCE), 0 },
	{ "state 4", 8, 4, 16, HVSIM_FAULT(APPLICATION_STATE), 4 },
	{ "cut in the sequence", 8, 1, 7, HVSIM_FAULT(BODY_SHORT), 99 },
};

static void test_beats(void)
{
	size_t i;

	for (i = 0; i < NR(beats); i++) {
		uint8_t *body = malloc(beats[i].body_len), full[16] = { 0 };
		struct hvsim_message answer = { .body = body, .body_len = beats[i].body_len };
		uint64_t sequence = 99;
		uint32_t state = 99, faults;

		hvsim_frame_put(full, beats[i].sequence, 8);
		hvsim_frame_put(full + 8, beats[i].state, 4);
		memcpy(body, full, beats[i].body_len);
		faults = hvsim_message_read_heartbeat(&answer, 7, &sequence, &state);
		tap_ok(faults == beats[i].faults && state == beats[i].state_read,
		       "heartbeat: %s", beats[i].name);
		free(body);
	}
}

static void test_words(void)
{
	char text[200];
	size_t i, used;

	hvsim_message_describe(text, sizeof(text), good, sizeof(good));
	tap_ok(!strcmp(text, "heartbeat response 3.0/3.0 id 5 status 0x0 body 16: sequence 8, "
		       "application state 1"), "a packet in words: %s", text);
	for (i = 0; i <= sizeof(text); i++) {
		char *exact = malloc(i ?: 1);

		used = hvsim_message_describe(exact, i, good, sizeof(good));
		if (i && (used >= i || strlen(exact) != used))
			break;
		free(exact);
	}
	tap_ok(i == sizeof(text) + 1, "a packet in words, into any size");
	for (i = 0; i < HVSIM_NR_FAULTS; i++)
		if (!hvsim_fault_name(i) || !hvsim_fault_text(i))
			break;
	tap_ok(i == HVSIM_NR_FAULTS, "every fault has a name and a text");
	tap_ok(!strcmp(hvsim_status_name(HVIC_STATUS_FAIL), "fail") &&
	       !strcmp(hvsim_status_name(1), "unknown"), "statuses have names");
	tap_ok(!strcmp(hvsim_type_name(HVIC_TYPE_VMSESSION), "vmsession") &&
	       !strcmp(hvsim_type_name(9), "unknown"), "types have names");
}

static void test_profiles(void)
{
	const struct hvsim_profile *profile;
	size_t i, j, k;
	bool sorted = true;

	for (i = 0; (profile = hvsim_profile_at(i)); i++) {
		tap_ok(hvsim_profile_find(profile->name) == profile, "profile %s", profile->name);
		for (j = 0; j < HVSIM_NR_SERVICES; j++)
			for (k = 1; k < profile->offers[j].message_count; k++)
				sorted &= profile->offers[j].message[k - 1] <
					  profile->offers[j].message[k];
	}
	tap_ok(i == 10, "ten profiles");
	tap_ok(sorted, "versions are offered in ascending order");
	tap_ok(hvsim_profile_find(NULL) == hvsim_profile_find("ws2022"), "the default is ws2022");
	tap_ok(!hvsim_profile_find("ws95"), "an unknown profile is none");
	profile = hvsim_profile_find("openvmm");
	tap_ok(!profile->offers[HVSIM_HEARTBEAT].message_count &&
	       profile->offers[HVSIM_TIMESYNC].message_count == 1 &&
	       profile->offers[HVSIM_TIMESYNC].message[0] == V(4, 0),
	       "openvmm has no heartbeat and time 4.0 only");
	profile = hvsim_profile_find("win10-1511");
	tap_ok(profile->offers[HVSIM_TIMESYNC].message[1] == V(3, 0),
	       "Windows 10 1511 has no time 4.0");
}

static const struct {
	const char *name;
	const char *text;
	size_t size;
	int len;
	const char *hex;
} texts[] = {
	{ "empty", "", 4, 0, "" },
	{ "ASCII", "Az", 4, 4, "41007a00" },
	{ "two bytes", "\xc3\xbc", 4, 2, "fc00" },
	{ "three bytes", "\xe2\x82\xac", 4, 2, "ac20" },
	{ "a pair", "\xf0\x9f\x98\x80", 4, 4, "3dd800de" },
	{ "a pair that does not fit", "\xf0\x9f\x98\x80", 3, -EMSGSIZE, NULL },
	{ "one that does not fit", "abc", 5, -EMSGSIZE, NULL },
	{ "a continuation alone", "\x80", 4, -EILSEQ, NULL },
	{ "cut", "\xe2\x82", 4, -EILSEQ, NULL },
	{ "too long for what it is", "\xc0\x80", 4, -EILSEQ, NULL },
	{ "likewise, three bytes", "\xe0\x80\x80", 4, -EILSEQ, NULL },
	{ "half a pair", "\xed\xa0\x80", 4, -EILSEQ, NULL },
	{ "beyond Unicode", "\xf4\x90\x80\x80", 4, -EILSEQ, NULL },
	{ "no such byte", "\xff", 4, -EILSEQ, NULL },
};

static void test_texts(void)
{
	size_t i;

	for (i = 0; i < NR(texts); i++) {
		uint8_t *bytes = malloc(texts[i].size);
		int len = hvsim_utf16_encode(bytes, texts[i].size, texts[i].text);

		tap_ok(len == texts[i].len && (len < 0 || bytes_are(bytes, len, texts[i].hex)),
		       "UTF-16: %s", texts[i].name);
		free(bytes);
	}
}

static void test_hex(void)
{
	static const char *const bad[] = { "0", "0g", "g0", "1 2", "12 3", "-1" };
	uint8_t *bytes;
	size_t len, i;

	tap_ok(!hvsim_hex_decode(&bytes, &len, " 01 aBff\n") && len == 3 &&
	       bytes_are(bytes, 3, "01abff"), "hexadecimal there and back");
	free(bytes);
	tap_ok(!hvsim_hex_decode(&bytes, &len, "") && !len, "no bytes at all");
	free(bytes);
	for (i = 0; i < NR(bad); i++)
		tap_ok(hvsim_hex_decode(&bytes, &len, bad[i]) == -EINVAL,
		       "not hexadecimal: %s", bad[i]);
}

static void test_frames(void)
{
	uint8_t head[HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_CLOCK_LEN];
	uint64_t reference, realtime;
	struct hvsim_frame frame;
	size_t i;

	hvsim_frame_encode_head(head, HVSIM_FRAME_CLOCK, 0x1234, HVSIM_FRAME_CLOCK_LEN);
	hvsim_frame_encode_clock(head + HVSIM_FRAME_HEAD_LEN, 0x1122334455667788, 42);
	tap_ok(bytes_are(head, 16, "10000000 0400 3412 8877665544332211"), "a frame's bytes");
	for (i = 0; i < sizeof(head); i++)
		if (hvsim_frame_decode(&frame, head, i))
			break;
	tap_ok(i == sizeof(head), "a frame cut short at each byte is not there yet");
	tap_ok(hvsim_frame_decode(&frame, head, sizeof(head)) == 1 &&
	       frame.type == HVSIM_FRAME_CLOCK && frame.arg == 0x1234 &&
	       frame.length == HVSIM_FRAME_CLOCK_LEN, "then it is");
	tap_ok(!hvsim_frame_decode_clock(&frame, &reference, &realtime) &&
	       reference == 0x1122334455667788 && realtime == 42, "a clock there and back");
	frame.length--;
	tap_ok(hvsim_frame_decode_clock(&frame, &reference, &realtime) == -1, "a short clock");
	hvsim_frame_encode_head(head, HVSIM_FRAME_PACKET, 6, HVSIM_FRAME_MAX);
	tap_ok(!hvsim_frame_decode(&frame, head, 8), "the largest frame");
	hvsim_frame_encode_head(head, HVSIM_FRAME_PACKET, 6, HVSIM_FRAME_MAX + 1);
	tap_ok(hvsim_frame_decode(&frame, head, 8) == -1, "a larger one is nonsense");
}

int main(void)
{
	test_requests();
	test_shutdown();
	test_offer_limits();
	test_answers();
	test_padding();
	test_choices();
	test_beats();
	test_words();
	test_profiles();
	test_texts();
	test_hex();
	test_frames();
	return tap_done();
}
