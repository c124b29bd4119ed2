// SPDX-License-Identifier: GPL-2.0-or-later
/* Heartbeat: the count, the application state, and how much a host sends. */

#include <endian.h>
#include <string.h>

#include "e2e.h"

static const struct hvsim_versions v3 = { HVIC_VERSION(3, 0), HVIC_VERSION(3, 0) };

/* The status of the answer, or -1 without one. */
static long long beat(uint64_t sequence, size_t body_len, uint64_t *answered, uint32_t *state)
{
	struct hvsim_message answer;
	uint8_t packet[128];
	uint64_t number;
	int len;

	len = hvsim_message_build_heartbeat(packet, sizeof(packet), 9, &v3, sequence, body_len);
	if (e2e_raw("heartbeat", packet, (size_t)len, &answer) <= 0)
		return -1;
	if (answer.status || answer.body_len < 8)
		return answer.status;
	memcpy(&number, answer.body, 8);
	*answered = le64toh(number);
	*state = ~0u;
	if (answer.body_len >= 12) {
		memcpy(state, answer.body + 8, 4);
		*state = le32toh(*state);
	}
	return 0;
}

static void test_sequence(void)
{
	static const uint64_t sent[] = { 0, 1, 41, 0xffffffff, 0x7fffffffffffffff, ~0ull };
	uint64_t got = 0;
	uint32_t state;
	size_t i;

	for (i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		if (beat(sent[i], 16, &got, &state))
			got = 0xdead;
		e2e_ok(got == sent[i] + 1, "heartbeat: %llx is answered with one more",
		       (unsigned long long)sent[i]);
	}
}

static void test_body_lengths(void)
{
	unsigned int len, right = 0;
	uint64_t got;
	uint32_t state;

	for (len = 8; len <= 40; len++)
		right += !beat(7, len, &got, &state) && got == 8;
	e2e_is_int(right, 33, "heartbeat: is answered whatever the host sends behind the count");
	e2e_is_int(beat(7, 7, &got, &state), HVIC_STATUS_FAIL,
		   "heartbeat: without a whole count is refused");
}

static void test_states(void)
{
	static const char *const names[] = { "unknown", "healthy", "critical", "stopped" };
	uint64_t got;
	uint32_t state;
	size_t i;

	beat(1, 16, &got, &state);
	e2e_is_int(state, HVIC_APPLICATION_HEALTHY, "heartbeat: healthy unless told otherwise");
	for (i = 0; i < 4; i++) {
		e2e_guest("echo %s >%s/ic/application_state", names[i], e2e_device("heartbeat"));
		beat(1, 16, &got, &state);
		e2e_is_int(state, (long long)i, "heartbeat: the host is told %s", names[i]);
		beat(2, 16, &got, &state);
		e2e_is_int(state, (long long)i, "heartbeat: and again at the next beat: %s",
			   names[i]);
		e2e_is_str(e2e_attribute("heartbeat", "application_state"), names[i],
			   "heartbeat: sysfs shows %s", names[i]);
	}
	e2e_guest("echo nonsense >%s/ic/application_state", e2e_device("heartbeat"));
	e2e_ok(e2e_guest_status() != 0, "heartbeat: a state that nobody knows is refused");
	e2e_is_str(e2e_attribute("heartbeat", "application_state"), "stopped",
		   "heartbeat: and changes nothing");
	e2e_guest("echo auto >%s/ic/application_state", e2e_device("heartbeat"));
	e2e_is_str(e2e_attribute("heartbeat", "application_state"), "healthy",
		   "heartbeat: auto is healthy in a guest that is up");
}

static void test_counters(void)
{
	long long before = e2e_counter("heartbeat", "requests");
	uint64_t got;
	uint32_t state;
	int i;

	for (i = 0; i < 10; i++)
		beat(1000 + (uint64_t)i, 16, &got, &state);
	e2e_is_int(e2e_counter("heartbeat", "requests") - before, 10,
		   "heartbeat: sysfs counts the requests");
	e2e_is_int(e2e_counter("heartbeat", "sequence"), 1010,
		   "heartbeat: sysfs shows the last count");
}

static void test_burst(void)
{
	struct json_object *ret = e2e_call("burst",
					   "{\"service\":\"heartbeat\",\"count\":500,"
					   "\"window\":128}");

	e2e_is_int(e2e_number(ret, "answered"), 500, "heartbeat: 500 at once are all answered");
	json_object_put(ret);
}

static void run(void)
{
	e2e_quiet();
	e2e_ok(e2e_agree("heartbeat", v3.framework, v3.message), "heartbeat: version 3.0");
	test_sequence();
	test_body_lengths();
	test_states();
	test_counters();
	test_burst();
}

const struct e2e_group e2e_heartbeat = { "heartbeat", run };
