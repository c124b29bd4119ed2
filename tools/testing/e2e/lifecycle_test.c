// SPDX-License-Identifier: GPL-2.0-or-later
/* Services that come and go: by sysfs, by rmmod, in the middle of traffic. */

#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define ROUNDS	20

static const char *const services[] = { "heartbeat", "shutdown", "timesync" };

static void test_unbind_bind(void)
{
	size_t i;
	int n, up;

	for (i = 0; i < 3; i++) {
		for (n = up = 0; n < 5; n++)
			up += e2e_rebind(services[i]);
		e2e_ok(up == 5, "lifecycle: %s is ready after five rounds of unbind and bind",
		       services[i]);
		e2e_ok(e2e_alive(services[i]), "lifecycle: and answers: %s", services[i]);
	}
	e2e_is_str(e2e_attribute("heartbeat", "dropped"), "0",
		   "lifecycle: a device that is bound anew counts from 0");
	e2e_is_str(e2e_guest("ls -d /sys/class/ptp/ptp* | wc -l"), "1",
		   "lifecycle: no PTP clock is left behind");
}

static void test_unbind_while_open(void)
{
	e2e_guest("sleep 3 </dev/ptp0 >/dev/null 2>&1 & sleep 0.2; "
		  "cd /sys/bus/vmbus/drivers/hv_utils && echo $(basename %s) >unbind",
		  e2e_device("timesync"));
	e2e_is_int(e2e_guest_status(), 0,
		   "lifecycle: unbind does not wait for who has the PTP clock open");
	e2e_guest("cd /sys/bus/vmbus/drivers/hv_utils && echo $(basename %s) >bind; wait",
		  e2e_device("timesync"));
	e2e_ok(e2e_wait_state("timesync", "ready", 5000), "lifecycle: and it can be bound again");
}

/*
 * The way of hibernation through the drivers, without the image: the kernel
 * freezes everything, waits a second, and comes back.
 */
static void test_suspend_resume(void)
{
	size_t i;

	e2e_tell("time-sync", "{}");
	e2e_guest("echo 1 >/sys/module/suspend/parameters/pm_test_delay; "
		  "echo platform >/sys/power/pm_test && echo disk >/sys/power/state");
	e2e_is_int(e2e_guest_status(), 0, "lifecycle: the guest suspends and resumes");
	e2e_guest("echo none >/sys/power/pm_test");
	for (i = 0; i < 3; i++) {
		e2e_ok(e2e_wait_state(services[i], "ready", 10000),
		       "lifecycle: %s agrees on versions anew after resume", services[i]);
		e2e_ok(e2e_alive(services[i]), "lifecycle: %s answers after resume", services[i]);
	}
	e2e_is_str(e2e_guest("hvsim_ptp | sed -n s/^gettime.error=//p"), "ENODATA",
		   "lifecycle: a time sample from before does not survive it");
}

/* The host goes on sending while the module goes away and comes back. */
static void test_reload_during_traffic(void)
{
	int i, up = 0;

	e2e_tell("heartbeat-auto", "{\"enabled\":true,\"interval-ms\":20}");
	e2e_tell("time-auto", "{\"enabled\":true,\"interval-ms\":20}");
	for (i = 0; i < ROUNDS; i++) {
		e2e_guest("rmmod hv_utils && modprobe hv_utils");
		up += !e2e_guest_status() && e2e_wait_state("heartbeat", "ready", 5000) &&
		      e2e_wait_state("shutdown", "ready", 5000) &&
		      e2e_wait_state("timesync", "ready", 5000);
		e2e_sleep_ms(30);
	}
	e2e_is_int(up, ROUNDS, "lifecycle: %d rounds of unload and load during traffic", ROUNDS);
	e2e_quiet();
	for (i = 0; i < 3; i++)
		e2e_ok(e2e_alive(services[i]), "lifecycle: %s answers afterwards", services[i]);
	e2e_is_str(e2e_complaints(), "", "lifecycle: the kernel has no complaint");
}

static void test_trace(void)
{
	e2e_guest("cd /sys/kernel/tracing && echo >trace && echo 1 >events/hv_ic/enable");
	e2e_alive("heartbeat");
	e2e_guest("echo 0 >/sys/kernel/tracing/events/hv_ic/enable");
	e2e_is_str(e2e_guest("grep -o 'hv_ic_[a-z]*: service=heartbeat' "
			     "/sys/kernel/tracing/trace | cut -d: -f1 | tr '\\n' ' '"),
		   "hv_ic_negotiate hv_ic_reply hv_ic_request hv_ic_reply ",
		   "lifecycle: the tracepoints tell of an offer, a request and the answers");
}

static void run(void)
{
	e2e_quiet();
	test_unbind_bind();
	test_unbind_while_open();
	test_trace();
	test_suspend_resume();
	test_reload_during_traffic();
}

const struct e2e_group e2e_lifecycle = { "lifecycle", run };
