// SPDX-License-Identifier: GPL-2.0-or-later
/* Services that come and go: by sysfs, by rmmod, in the middle of traffic. */

#include <fnmatch.h>

#include "e2e.h"

/* What the in-tree module can stand is not the question here. */
#define ROUNDS		100
#define ROUNDS_IN_TREE	10
/* Of unload and load, that many do not wait for the services to be ready. */
#define IN_A_ROW	10

#define DRIVER	"/sys/bus/vmbus/drivers/hv_utils"

/* Each time while the host offers versions, or has just begun to send. */
static void test_rebind(const struct e2e_service *service)
{
	long long before = e2e_host_counter(service->name, "opened");
	int rounds = e2e_in_tree() ? ROUNDS_IN_TREE : ROUNDS;

	e2e_guest("cd " DRIVER " && for i in $(seq %d); do "
		  "echo %s >unbind && echo %s >bind || exit 1; done",
		  rounds, service->device, service->device);
	e2e_is_int(e2e_guest_status(), 0, "lifecycle: %s: %d rounds of unbind and bind",
		   service->name, rounds);
	/* who binds does not wait for the channel: the last one may still be opening */
	e2e_wait_state(service->name, "ready", 5000);
	e2e_is_int(e2e_host_counter(service->name, "opened") - before, rounds,
		   "lifecycle: %s: and it opens its channel in each", service->name);
}

static void test_rebind_all(void)
{
	const struct e2e_service *service;

	e2e_traffic();
	for (service = e2e_services; service->name; service++)
		test_rebind(service);
	e2e_check_services("lifecycle", "after unbind and bind");
	e2e_rebind("heartbeat");
	e2e_is_str(e2e_attribute("heartbeat", "dropped"), "0",
		   "lifecycle: a device that is bound anew counts from 0");
}

/*
 * A program that has the device open, a daemon or one that reads a clock, is
 * waited for by nobody; what it holds is good for nothing any more.
 */
static void test_held_open(const struct e2e_service *service)
{
	/* busybox' timeout stays for a while, and must not hold it open */
	e2e_is_str(e2e_guest("use() { timeout 5 dd bs=1 count=1 <&3 3<&- >/dev/null 2>&1; "
			     "echo $?; }; "
			     "set -- %s; exec 3<$1; cd " DRIVER "; "
			     "echo %s >unbind && echo unbound; use; "
			     "echo %s >bind && echo bound; use",
			     service->handle, service->device, service->device),
		   "unbound\n1\nbound\n1",
		   "lifecycle: %s: unbind waits for nobody who holds it open", service->name);
	/* whether a module that is in use can be removed is another question */
	e2e_ok(!fnmatch("*then 0", e2e_guest("set -- %s; exec 3<$1; rmmod hv_utils; "
					     "modprobe hv_utils; echo then $?",
					     service->handle), 0),
	       "lifecycle: %s: nor does unload", service->name);
}

static void test_held_open_all(void)
{
	const struct e2e_service *service;

	for (service = e2e_services; service->name; service++)
		if (service->handle)
			test_held_open(service);
	e2e_is_str(e2e_guest("ls -d /sys/class/ptp/ptp* | wc -l"), "1",
		   "lifecycle: no PTP clock is left behind");
	e2e_check_services("lifecycle", "after having been held open");
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

/* Before that, a daemon that finds the device may not open it on every kernel. */
static void test_open_told(void)
{
	e2e_guest("rm -f /tmp/open; printf '#!/bin/sh\n[ \"$EVENT\" != open ] || "
		  "cat /sys$DEVPATH/state >>/tmp/open\n' >/tmp/tell; chmod +x /tmp/tell");
	e2e_watch_uevents("/tmp/tell");
	e2e_rebind("heartbeat");
	e2e_is_str(e2e_guest("for i in $(seq 50); do [ ! -s /tmp/open ] || break; sleep 0.1; done; "
			     "killall uevent; cat /tmp/open"), "3",
		   "lifecycle: user space is told that the channel is open, when it is");
}

/* How often the services have opened their channels, all together. */
static long long opened(void)
{
	const struct e2e_service *service;
	long long n = 0;

	for (service = e2e_services; service->name; service++)
		n += e2e_host_counter(service->name, "opened");
	return n;
}

static bool all_ready(void)
{
	const struct e2e_service *service;
	bool ready = true;

	for (service = e2e_services; service->name; service++)
		ready &= e2e_wait_state(service->name, "ready", 5000);
	return ready;
}

/* Most of the time at once, and now and then when all of them are at work. */
static void test_reload(void)
{
	const struct e2e_service *service;
	long long before = opened();
	int rounds = e2e_in_tree() ? ROUNDS_IN_TREE : ROUNDS, n, up = 0, services = 0;

	e2e_traffic();
	for (n = 0; n < rounds; n += IN_A_ROW) {
		e2e_guest("for i in $(seq %d); do rmmod hv_utils && modprobe hv_utils || exit 1; "
			  "done", IN_A_ROW);
		if (!e2e_guest_status() && all_ready())
			up += IN_A_ROW;
	}
	e2e_is_int(up, rounds, "lifecycle: %d rounds of unload and load during traffic", rounds);
	for (service = e2e_services; service->name; service++)
		services++;
	e2e_is_int(opened() - before, rounds * services,
		   "lifecycle: and each service opens its channel in each");
	e2e_check_services("lifecycle", "after unload and load");
}

static void run(void)
{
	e2e_quiet();
	test_rebind_all();
	test_held_open_all();
	test_trace();
	test_open_told();
	test_reload();
}

const struct e2e_group e2e_lifecycle = { "lifecycle", run };
