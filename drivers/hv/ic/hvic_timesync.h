/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_TIMESYNC_H
#define _HVIC_TIMESYNC_H

#include "hvic_negotiate.h"

/* The reference counter and the host's time both count 100 ns. */
#define HVIC_TICK_NS		100
#define HVIC_TICKS_PER_SEC	10000000LL

/* A sample older than this is not served any more. */
#define HVIC_TIMESYNC_STALE_TICKS	(600 * HVIC_TICKS_PER_SEC)
/* A sample may seem to come from the future by as much: see hvic_timesync_read(). */
#define HVIC_TIMESYNC_AHEAD_TICKS	(1 * HVIC_TICKS_PER_SEC)

/* How far behind, and for how many samples running, before the guest steps. */
#define HVIC_TIMESYNC_BEHIND_NS	(5 * 1000000000LL)
#define HVIC_TIMESYNC_BEHIND_SAMPLES 3

/* A clock that runs faster or slower than this is being steered: 0.1 ppm. */
#define HVIC_TIMESYNC_STEERED_PPB	100

/**
 * struct hvic_timesync_sample - the host's time at one moment
 * @valid: whether there is one
 * @unix_ns: the host's time in ns since 1970-01-01 UTC
 * @reference: the reference counter at that moment, in 100 ns
 * @flags: HVIC_TIMESYNC_*
 * @leap: NTP leap indicator; 0 where the host does not say
 * @stratum: NTP stratum; 0 where the host does not say
 */
struct hvic_timesync_sample {
	bool valid;
	s64 unix_ns;
	u64 reference;
	u8 flags;
	u8 leap;
	u8 stratum;
};

/**
 * struct hvic_timesync_watch - how long the guest has been far behind
 * @behind: samples running that found it so
 */
struct hvic_timesync_watch {
	unsigned int behind;
};

/**
 * struct hvic_timesync_reading - two counters, read one right behind the other
 * @reference: the reference counter, in 100 ns
 * @cycles: the processor's counter, in its own unit
 */
struct hvic_timesync_reading {
	u64 reference;
	u64 cycles;
};

extern const struct hvic_versions hvic_timesync_versions;

int hvic_timesync_parse(const struct hvic_msg *msg, u32 version, u64 reference_now,
			struct hvic_timesync_sample *sample);
int hvic_timesync_read(const struct hvic_timesync_sample *sample, u64 reference, s64 *unix_ns);
bool hvic_timesync_watch(struct hvic_timesync_watch *watch, s64 behind_ns, bool held);
bool hvic_timesync_steered(s64 real_ns, s64 raw_ns);
int hvic_timesync_place(u64 snapshot, const struct hvic_timesync_reading *before,
			const struct hvic_timesync_reading *after, u64 *reference);

#endif
