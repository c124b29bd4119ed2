// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time messages, and what is reckoned from them: the input is a version, two
 * moments of the reference counter and then the body.
 */
#include "fuzz.h"
#include "hvic_timesync.h"

#define EPOCH	116444736000000000ULL

static const u32 versions[] = { HVIC_VERSION(1, 0), HVIC_VERSION(3, 0), HVIC_VERSION(4, 0) };

static void check_sample(const struct hvic_timesync_sample *sample, const u8 *body, u64 now,
			 u64 later)
{
	s64 age = (s64)(later - sample->reference), read_ns = 1;
	bool stale = age > HVIC_TIMESYNC_STALE_TICKS || age < -HVIC_TIMESYNC_AHEAD_TICKS;
	__le64 parent;
	int err;

	memcpy(&parent, body, sizeof(parent));
	CHECK(sample->valid && sample->unix_ns >= 0);
	CHECK(le64_to_cpu(parent) - EPOCH == (u64)sample->unix_ns / 100);
	CHECK((s64)(now - sample->reference) <= HVIC_TIMESYNC_STALE_TICKS);
	CHECK((s64)(now - sample->reference) >= -HVIC_TIMESYNC_AHEAD_TICKS);

	err = hvic_timesync_read(sample, later, &read_ns);
	CHECK(err == (stale ? -ESTALE : 0));
	CHECK(err ? read_ns == 1 : read_ns - sample->unix_ns == age * 100);
}

static void place(struct fuzz_input input)
{
	struct hvic_timesync_reading before = {}, after = {};
	u64 snapshot, at = 0;
	int err;

	before.reference = fuzz_number(&input, 8);
	before.cycles = fuzz_number(&input, 8);
	after.reference = before.reference + fuzz_number(&input, 3);
	after.cycles = before.cycles + fuzz_number(&input, 5);
	snapshot = fuzz_number(&input, 1) & 1 ? before.cycles + fuzz_number(&input, 5) :
						fuzz_number(&input, 8);

	err = hvic_timesync_place(snapshot, &before, &after, &at);
	CHECK(!err || err == -EOPNOTSUPP || err == -EAGAIN);
	CHECK(err ? !at : at - before.reference <= after.reference - before.reference);
}

/**
 * LLVMFuzzerTestOneInput() - Read a time message.
 * @data: see above
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	struct hvic_timesync_sample sample = {};
	struct hvic_timesync_watch watch = {
		.behind = fuzz_number(&input, 1) % HVIC_TIMESYNC_BEHIND_SAMPLES,
	};
	u32 version = versions[fuzz_number(&input, 1) % 3];
	u64 now = fuzz_number(&input, 8), later = now + fuzz_number(&input, 5);
	struct hvic_msg msg;
	u8 *bytes;
	int err;

	place(input);
	bytes = fuzz_request(&input, HVIC_TYPE_TIMESYNC, &msg);
	err = hvic_timesync_parse(&msg, version, now, &sample);
	CHECK(!err || err == -EMSGSIZE || err == -ERANGE || err == -ESTALE);
	CHECK((err == -EMSGSIZE) == (msg.body_len < (version < HVIC_VERSION(4, 0) ? 25 : 17)));
	CHECK(sample.valid == !err);
	if (!err)
		check_sample(&sample, msg.body, now, later);
	CHECK(!hvic_timesync_watch(&watch, (s64)now, later & 1) ||
	      ((s64)now >= HVIC_TIMESYNC_BEHIND_NS && !(later & 1)));
	CHECK(watch.behind < HVIC_TIMESYNC_BEHIND_SAMPLES);
	free(bytes);
	return 0;
}
