// SPDX-License-Identifier: GPL-2.0-or-later
/* Time: the clock is set when it should be, and the PTP clock tells no lies. */

#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define NS		1000000000LL
#define DAY_NS		(86400 * NS)
#define PARAMETER	"/sys/module/hv_utils/parameters/timesync_implicit"

static bool agree(unsigned int major)
{
	return e2e_agree("timesync", HVIC_VERSION(3, 0), HVIC_VERSION(major, 0));
}

/* A fresh channel: nobody has told the guest a time. */
static void rebind(void)
{
	if (!e2e_rebind("timesync"))
		e2e_abort("timesync did not come back");
}

/* What the guest's clock shows minus what the host's does, in ns; and how sure. */
static long long guest_error(const char *command, long long *width)
{
	long long best = 0, before, after, shown;
	int i;

	*width = 1LL << 62;
	for (i = 0; i < 5; i++) {
		before = e2e_now_ns();
		shown = strtoll(e2e_guest("%s", command), NULL, 10);
		after = e2e_now_ns();
		if (!shown)
			return 1LL << 62;
		if (after - before < *width) {
			*width = after - before;
			best = shown - (before + after) / 2;
		}
	}
	return best;
}

/* Not by way of the PTP clock: reading that has an effect. */
static long long system_error(long long *width)
{
	return guest_error("adjtimex | awk '/tv_sec/ { s = $2 } "
			   "/tv_usec/ { printf \"%s%06d000\\n\", s, $2 }'", width);
}

static bool near(long long error, long long width)
{
	return llabs(error) <= width / 2 + NS / 1000;
}

static void set_guest_clock(long long seconds_ahead)
{
	e2e_guest("date -s @%lld", e2e_now_ns() / NS + seconds_ahead);
}

static void test_sync(unsigned int version)
{
	static const long long wrong[] = { -86400, 86400, -3 };
	long long error, width;
	size_t i;

	e2e_ok(agree(version), "time: version %u.0", version);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set_guest_clock(wrong[i]);
		e2e_tell("time-sync", "{}");
		e2e_sleep_ms(100);
		error = system_error(&width);
		/* up to 3.0 the host's time is as old as the message is late */
		e2e_ok(near(error, version < 4 ? width + 200 * NS / 1000 : width),
		       "time: a sync in version %u.0 mends a clock %lld s wrong", version,
		       wrong[i]);
		e2e_note("  the guest is %+.3f ms off, give or take %.3f ms", error / 1e6,
			 width / 2e6);
	}
}

static const char *ptp(const char *key)
{
	return e2e_guest("hvsim_ptp | sed -n 's/^%s=//p' | head -n 1", key);
}

/* Each call reads the clock anew; the differences stay. */
static long long ptp_difference(const char *device, const char *system)
{
	return strtoll(e2e_guest("hvsim_ptp | awk -F= '$1 == \"%s\" { d = $2 } "
				 "$1 == \"%s\" { s = $2 } END { printf \"%%d\\n\", d - s }'",
				 device, system), NULL, 10);
}

static void test_ptp_without_sample(void)
{
	rebind();
	e2e_is_str(ptp("gettime.error"), "ENODATA", "time: no sample yet is ENODATA");
	e2e_is_str(ptp("extended.error"), "ENODATA", "time: also for PTP_SYS_OFFSET_EXTENDED");
	e2e_is_str(e2e_attribute("timesync", "sample_age_ms"), "none",
		   "time: sysfs shows no sample");
}

static void test_ptp_accuracy(void)
{
	long long error, width;

	agree(4);
	e2e_tell("time-sample", "{}");
	e2e_sleep_ms(50);
	error = guest_error("hvsim_ptp | sed -n s/^gettime.device=//p", &width);
	e2e_ok(near(error, width), "time: the PTP clock shows the host's time");
	e2e_note("  the PTP clock is %+.3f ms off, give or take %.3f ms", error / 1e6, width / 2e6);

	set_guest_clock(-86400);
	error = guest_error("hvsim_ptp | sed -n s/^gettime.device=//p", &width);
	e2e_ok(near(error, width), "time: and does so whatever the guest's clock shows");
	e2e_is_str(ptp("extended.error"), "", "time: PTP_SYS_OFFSET_EXTENDED works");
}

/* Both ways must tell the same difference between the two clocks. */
static void test_ptp_cross_timestamp(void)
{
	const char *clocksource;
	long long read, precise;
	int i;

	clocksource = e2e_guest("cd /sys/devices/system/clocksource/clocksource0 && "
				"cat current_clocksource");
	e2e_note("  clocksource %s", clocksource);
	e2e_tell("time-sync", "{}");
	e2e_sleep_ms(100);
	e2e_is_str(ptp("precise.error"), "", "time: PTP_SYS_OFFSET_PRECISE works on %s",
		   clocksource);
	if (*ptp("precise.error"))
		return;
	/* the guest may lose its processor in the middle of a plain read */
	for (i = 0; i < 5; i++) {
		precise = ptp_difference("precise.device", "precise.realtime");
		read = ptp_difference("extended.0.device", "extended.0.before");
		if (llabs(precise - read) < NS / 1000)
			break;
	}
	e2e_note("  host minus guest: precise %+.1f us, read %+.1f us", precise / 1e3, read / 1e3);
	e2e_ok(llabs(precise - read) < NS / 1000, "time: and agrees with a plain read");
}

/* Nearly stale when it comes, stale soon after. */
static void test_ptp_stale(void)
{
	struct json_object *ret;

	agree(4);
	ret = e2e_call("time-sample", "{\"reference-error\":-5980000000}");
	e2e_is_int(e2e_number(ret, "status"), 0, "time: a sample 598 s old is taken");
	json_object_put(ret);
	e2e_is_str(ptp("gettime.error"), "", "time: and served");
	e2e_sleep_ms(2500);
	e2e_is_str(ptp("gettime.error"), "ESTALE", "time: but not when it is 600 s old");
	ret = e2e_call("time-sample", "{\"reference-error\":-6010000000}");
	e2e_ok(e2e_number(ret, "status") > 0, "time: a sample 601 s old is refused");
	json_object_put(ret);
	ret = e2e_call("time-sample", "{\"reference-error\":20000000}");
	e2e_ok(e2e_number(ret, "status") > 0, "time: a sample 2 s from the future is refused");
	json_object_put(ret);
	e2e_is_str(ptp("gettime.error"), "ESTALE", "time: and changes nothing");
}

static void test_implausible(void)
{
	static const struct {
		uint64_t parent;
		const char *what;
	} cases[] = {
		{ 0, "the year 1601" },
		{ HVSIM_EPOCH_1601 - 1, "just before 1970" },
		{ HVSIM_EPOCH_1601 + 92233720368547758ull, "the year 2262" },
		{ ~0ull, "the end of time" },
	};
	const struct hvsim_versions v3 = { HVIC_VERSION(3, 0), HVIC_VERSION(3, 0) };
	struct hvsim_message answer;
	uint8_t packet[128];
	long long width;
	size_t i;
	int len;

	agree(4);
	e2e_tell("time-sync", "{}");
	agree(3);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct hvsim_time time = {
			.parent = cases[i].parent,
			.flags = HVIC_TIMESYNC_SYNC,
		};

		len = hvsim_message_build_time(packet, sizeof(packet), 3, &v3, &time,
					       HVSIM_TIME_V3_LEN);
		len = e2e_raw("timesync", packet, (size_t)len, &answer);
		e2e_ok(len > 0 && answer.status == HVIC_STATUS_INVALID_ARG,
		       "time: %s is refused", cases[i].what);
	}
	e2e_ok(llabs(system_error(&width)) < DAY_NS / 24, "time: and the clock is left alone");
}

static void test_leap_and_stratum(void)
{
	agree(4);
	e2e_tell("time-sample", "{\"leap\":1,\"stratum\":4}");
	e2e_is_str(e2e_attribute("timesync", "leap"), "1", "time: the leap indicator is kept");
	e2e_is_str(e2e_attribute("timesync", "stratum"), "4", "time: the stratum is kept");
	e2e_tell("time-sample", "{\"leap\":0,\"stratum\":1}");
	e2e_is_str(e2e_attribute("timesync", "stratum"), "1", "time: and replaced");
}

/* Samples a second apart, so that the rate of the clock can be told. */
static void send_samples(int n)
{
	while (n--) {
		e2e_sleep_ms(1100);
		e2e_tell("time-sample", "{}");
	}
	e2e_sleep_ms(100);
}

static bool clock_is_right(void)
{
	long long width;

	return llabs(system_error(&width)) < NS;
}

static void test_implicit(void)
{
	rebind();		/* nobody has read the PTP clock of this one */
	agree(4);
	send_samples(1);
	set_guest_clock(-3600);
	send_samples(2);
	e2e_ok(!clock_is_right(), "time: two samples do not set a clock an hour behind");
	send_samples(2);
	e2e_ok(clock_is_right(), "time: more do");
	e2e_is_str(e2e_attribute("timesync", "implicit_syncs"), "1", "time: and it is counted");

	set_guest_clock(3600);
	send_samples(3);
	e2e_ok(!clock_is_right(), "time: a clock an hour ahead is not set back");

	set_guest_clock(-3);
	send_samples(3);
	e2e_ok(!clock_is_right(), "time: a clock 3 s behind is left alone");
}

static void test_implicit_held(void)
{
	rebind();
	agree(4);
	/* 20 ppm, as any clock daemon would set: in units of ppm/65536 */
	e2e_guest("adjtimex -q -f 1310720");
	e2e_ok(!e2e_guest_status(), "time: the rate of the guest's clock is adjusted");
	set_guest_clock(-3600);
	send_samples(5);
	e2e_ok(!clock_is_right(), "time: a clock that somebody steers is left alone");
	e2e_is_str(e2e_attribute("timesync", "clock_held"), "1",
		   "time: sysfs shows that it is held");
	e2e_guest("adjtimex -q -f 0");
	send_samples(5);
	e2e_ok(clock_is_right(), "time: and set when nobody does any more");

	e2e_guest("hvsim_ptp");
	set_guest_clock(-3600);
	send_samples(4);
	e2e_ok(!clock_is_right(), "time: a clock is left alone while somebody reads the PTP clock");
}

static void test_implicit_parameter(void)
{
	rebind();
	agree(4);
	e2e_guest("echo off >" PARAMETER);
	e2e_is_str(e2e_guest("cat " PARAMETER), "off", "time: timesync_implicit takes off");
	set_guest_clock(-3600);
	send_samples(5);
	e2e_ok(!clock_is_right(), "time: and off is off");
	e2e_guest("hvsim_ptp; echo always >" PARAMETER);
	send_samples(4);
	e2e_ok(clock_is_right(), "time: always is always");
	e2e_guest("echo maybe >" PARAMETER);
	e2e_ok(e2e_guest_status() != 0, "time: timesync_implicit refuses nonsense");
	e2e_guest("echo auto >" PARAMETER);
}

static void run(void)
{
	e2e_quiet();
	test_ptp_without_sample();
	test_sync(4);
	test_sync(3);
	test_sync(1);
	test_ptp_accuracy();
	test_ptp_cross_timestamp();
	test_ptp_stale();
	test_implausible();
	test_leap_and_stratum();
	if (e2e_in_tree())
		return;		/* its switch is another, and 6.1 has none */
	test_implicit();
	test_implicit_held();
	test_implicit_parameter();
}

const struct e2e_group e2e_time = { "time", run };
