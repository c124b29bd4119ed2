/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A snapshot of the system's clocks and of the counter behind them: since 7.x
 * of a clock of choice, before of CLOCK_REALTIME, and under other names.
 */
#ifndef _COMPAT_LINUX_TIMEKEEPING_H
#define _COMPAT_LINUX_TIMEKEEPING_H

#include_next <linux/timekeeping.h>

/**
 * struct hv_ics_snapshot - the system's clocks at one moment
 * @cycles: the clocksource's counter, in its own unit
 * @system: the clock asked for
 * @raw: CLOCK_MONOTONIC_RAW
 * @set_seq: changes when somebody sets the wall clock
 */
struct hv_ics_snapshot {
	u64 cycles;
	ktime_t system;
	ktime_t raw;
	unsigned int set_seq;
};

#ifdef HAVE_KTIME_GET_SNAPSHOT_ID
static inline void hv_ics_snapshot_take(struct hv_ics_snapshot *snapshot, clockid_t id)
{
	struct system_time_snapshot kernel;

	ktime_get_snapshot_id(id, &kernel);
	snapshot->cycles = kernel.cycles;
	snapshot->system = kernel.systime;
	snapshot->raw = kernel.monoraw;
	snapshot->set_seq = kernel.clock_was_set_seq;
}

static inline clockid_t hv_ics_crosststamp_clock(const struct system_device_crosststamp *stamp)
{
	return stamp->clock_id;
}

static inline void hv_ics_crosststamp_fill(struct system_device_crosststamp *stamp,
					   const struct hv_ics_snapshot *snapshot, s64 device_ns)
{
	stamp->device = ns_to_ktime(device_ns);
	stamp->sys_counter.cycles = snapshot->cycles;
	stamp->sys_counter.cs_id = CSID_GENERIC;
	stamp->sys_counter.use_nsecs = false;
	stamp->sys_systime = snapshot->system;
	stamp->sys_monoraw = snapshot->raw;
}
#else
static inline void hv_ics_snapshot_take(struct hv_ics_snapshot *snapshot, clockid_t id)
{
	struct system_time_snapshot kernel;

	ktime_get_snapshot(&kernel);
	snapshot->cycles = kernel.cycles;
	snapshot->system = kernel.real;
	snapshot->raw = kernel.raw;
	snapshot->set_seq = kernel.clock_was_set_seq;
}

static inline clockid_t hv_ics_crosststamp_clock(const struct system_device_crosststamp *stamp)
{
	return CLOCK_REALTIME;
}

static inline void hv_ics_crosststamp_fill(struct system_device_crosststamp *stamp,
					   const struct hv_ics_snapshot *snapshot, s64 device_ns)
{
	stamp->device = ns_to_ktime(device_ns);
	stamp->sys_realtime = snapshot->system;
	stamp->sys_monoraw = snapshot->raw;
}
#endif

#endif
