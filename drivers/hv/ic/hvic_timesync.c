// SPDX-License-Identifier: GPL-2.0-only
/* Time: from the host's samples to a time, or to the reason why there is none. */

#include <asm/byteorder.h>
#include <linux/errno.h>

#include "hvic_timesync.h"

/* 1601-01-01 to 1970-01-01 in 100 ns. */
#define TICKS_TO_1970	116444736000000000ULL
/* From here on a clock cannot be set: 30 years before s64 ns end. */
#define TICKS_TO_END	((0x7fffffffffffffffULL / 1000000000 - 30ULL * 365 * 86400) * \
			 HVIC_TICKS_PER_SEC)
/* Counters read further apart than this say too little about the moment between. */
#define PLACE_WINDOW	(HVIC_TICKS_PER_SEC / 100)

static const u32 messages[] = {
	HVIC_VERSION(4, 0), HVIC_VERSION(3, 0), HVIC_VERSION(1, 0), 0
};

const struct hvic_versions hvic_timesync_versions = { hvic_frameworks, messages };

/* A sample's age in ticks; below 0 when it seems to come from the future. */
static int check_age(u64 reference, u64 now)
{
	s64 age = (s64)(now - reference);

	return age < -HVIC_TIMESYNC_AHEAD_TICKS || age > HVIC_TIMESYNC_STALE_TICKS ? -ESTALE : 0;
}

static int parse_v3(const struct hvic_msg *msg, u64 now, u64 *parent,
		    struct hvic_timesync_sample *sample)
{
	const struct hvic_timesync_v3 *body = hvic_msg_body(msg, HVIC_TIMESYNC_V3_LEN);

	if (!body)
		return -EMSGSIZE;
	*parent = le64_to_cpu(body->parent);
	sample->reference = now;
	sample->flags = body->flags;
	return 0;
}

static int parse_v4(const struct hvic_msg *msg, u64 *parent, struct hvic_timesync_sample *sample)
{
	const struct hvic_timesync_v4 *body =
		hvic_msg_body(msg, offsetof(struct hvic_timesync_v4, leap));

	if (!body)
		return -EMSGSIZE;
	*parent = le64_to_cpu(body->parent);
	sample->reference = le64_to_cpu(body->reference);
	sample->flags = body->flags;
	if (hvic_msg_body(msg, HVIC_TIMESYNC_V4_LEN)) {
		sample->leap = body->leap;
		sample->stratum = body->stratum;
	}
	return 0;
}

/**
 * hvic_timesync_parse() - Read a time message.
 * @msg: the message
 * @version: the negotiated message version
 * @reference_now: the reference counter when the message was received; before
 *	4.0 it is all that says when the host's time was taken
 * @sample: the host's time; untouched on failure
 *
 * Return: 0; -EMSGSIZE for a message cut short; -ERANGE for a time before 1970
 * or later than a clock can be set to; -ESTALE for a reference counter that is
 * not from here and now.
 */
int hvic_timesync_parse(const struct hvic_msg *msg, u32 version, u64 reference_now,
			struct hvic_timesync_sample *sample)
{
	struct hvic_timesync_sample got = { .valid = true };
	u64 parent;
	int err;

	err = version < HVIC_VERSION(4, 0) ? parse_v3(msg, reference_now, &parent, &got) :
					     parse_v4(msg, &parent, &got);
	if (err)
		return err;
	if (parent < TICKS_TO_1970 || parent - TICKS_TO_1970 >= TICKS_TO_END)
		return -ERANGE;
	err = check_age(got.reference, reference_now);
	if (err)
		return err;

	got.unix_ns = (s64)(parent - TICKS_TO_1970) * HVIC_TICK_NS;
	*sample = got;
	return 0;
}

/**
 * hvic_timesync_read() - Tell the host's time from its last sample.
 * @sample: the sample
 * @reference: the reference counter at the moment asked for
 * @unix_ns: the host's time at that moment, in ns since 1970; untouched on
 *	failure
 *
 * The counter of a sample may be a little ahead of the guest's own reading:
 * host and guest need not read it by the same way, and a migration may move it.
 *
 * Return: 0; -ENODATA without a sample; -ESTALE when the last one is too old.
 */
int hvic_timesync_read(const struct hvic_timesync_sample *sample, u64 reference, s64 *unix_ns)
{
	int err;

	if (!sample->valid)
		return -ENODATA;
	err = check_age(sample->reference, reference);
	if (err)
		return err;
	*unix_ns = sample->unix_ns + (s64)(reference - sample->reference) * HVIC_TICK_NS;
	return 0;
}

/**
 * hvic_timesync_watch() - Decide whether a sample should set the clock.
 * @watch: what the samples before found; updated
 * @behind_ns: by how much the guest's clock is behind the host's
 * @held: whether a clock daemon holds the guest's clock
 *
 * Some hosts forget to ask for a sync after they slept. A guest that is ahead
 * is never set back on a mere hint.
 *
 * Return: whether to set the clock now.
 */
bool hvic_timesync_watch(struct hvic_timesync_watch *watch, s64 behind_ns, bool held)
{
	if (held || behind_ns < HVIC_TIMESYNC_BEHIND_NS) {
		watch->behind = 0;
		return false;
	}
	if (++watch->behind < HVIC_TIMESYNC_BEHIND_SAMPLES)
		return false;
	watch->behind = 0;
	return true;
}

/**
 * hvic_timesync_steered() - Tell whether somebody adjusts the rate of the clock.
 * @real_ns: by how much the wall clock has advanced
 * @raw_ns: by how much the unadjusted clock has advanced meanwhile
 *
 * The kernel tells modules nothing about NTP. But who holds a clock adjusts its
 * rate, and without that the two advance alike to a few ns. A step of the
 * clock looks like steering once; the next sample clears it.
 *
 * Return: whether the rates differ by more than 0.1 ppm; %false for less than
 * a second, which says nothing.
 */
bool hvic_timesync_steered(s64 real_ns, s64 raw_ns)
{
	s64 difference = real_ns - raw_ns;

	if (raw_ns < 1000000000LL)
		return false;
	if (difference < 0)
		difference = -difference;
	return difference > raw_ns / (1000000000 / HVIC_TIMESYNC_STEERED_PPB);
}

/**
 * hvic_timesync_place() - Find the reference counter at a snapshot of the system's.
 * @snapshot: the clocksource's counter, read between @before and @after
 * @before: both counters just before
 * @after: both counters just after
 * @reference: the reference counter at the moment of @snapshot; untouched on
 *	failure
 *
 * The clocksource does not say what it counts. If its value lies between two
 * readings of the reference counter it is that counter; if it lies between two
 * of the processor's, it is that one, and the reference counter is found in
 * proportion. By chance neither can be.
 *
 * Return: 0; -EOPNOTSUPP when the clocksource counts something else; -EAGAIN
 * when the readings are more than 10 ms apart.
 */
int hvic_timesync_place(u64 snapshot, const struct hvic_timesync_reading *before,
			const struct hvic_timesync_reading *after, u64 *reference)
{
	u64 window = after->reference - before->reference;

	if (snapshot >= before->reference && snapshot <= after->reference) {
		*reference = snapshot;
		return 0;
	}
	if (snapshot < before->cycles || snapshot > after->cycles)
		return -EOPNOTSUPP;
	if (window > PLACE_WINDOW)
		return -EAGAIN;

	*reference = before->reference;
	if (after->cycles > before->cycles)
		*reference += (snapshot - before->cycles) * window /
			      (after->cycles - before->cycles);
	return 0;
}
