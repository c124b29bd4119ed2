// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hibernation (S4): the guest writes its memory to a disk and goes off; switched
 * on, it reads it back and goes on, on a VMBus that knows nothing of it.
 */
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define BOOT_ID		"cat /proc/sys/kernel/random/boot_id"
#define SAVE_MS		60000
#define RESUME_MS	60000
#define OFF_SECONDS	3600	/* as the host sees it */

static void by_administrator(void)
{
	e2e_guest("echo disk >/sys/power/state");
}

/* As udev would: our program for each event. */
static void by_host(void)
{
	e2e_watch_uevents("sh -c 'env >/tmp/uevent.$SEQNUM'");
	e2e_watch_uevents("/usr/libexec/hyperv-ics/hv_power_event");
	e2e_tell("shutdown", "{\"action\":\"hibernate\"}");
}

/* Whoever has a device open sleeps with the machine. */
static void hold_open(void)
{
	const struct e2e_service *service;

	for (service = e2e_services; service->name; service++)
		if (service->handle)
			e2e_guest("set -- %s; sleep 1000 <$1 >/dev/null 2>&1 & "
				  "echo $! >>/tmp/holders", service->handle);
}

/* A processor that is to go first, if the machine has another and the bus lets them. */
static void move_channels(void)
{
	const struct e2e_service *service;

	for (service = e2e_services; service->name; service++)
		e2e_guest("echo 1 >$(echo %s/channels/*/cpu)", e2e_device(service->name));
}

/* Through the disk and back; whether the guest went at all. */
static bool hibernate(const char *who, void (*begin)(void))
{
	long long requests = e2e_counter("heartbeat", "requests");
	const char *boot_id = e2e_guest(BOOT_ID);

	e2e_traffic();
	e2e_tell("time-auto", "{\"enabled\":false}");
	e2e_mark_events();
	begin();
	if (!e2e_ok(e2e_wait_event("guest-hibernate", SAVE_MS) &&
		    e2e_wait_event("guest-poweroff", SAVE_MS),
		    "hibernate: %s: the guest saves its memory and goes off", who))
		return false;
	e2e_tell("machine-reset", "{}");
	if (!e2e_wait_event("guest-ready", RESUME_MS))
		e2e_abort("the guest did not come up again");
	e2e_is_str(e2e_guest(BOOT_ID), boot_id, "hibernate: %s: it comes up as it was", who);
	e2e_ok(e2e_wait_state("heartbeat", "ready", 10000) &&
	       e2e_counter("heartbeat", "requests") > requests,
	       "hibernate: %s: services count on from what they had", who);
	return true;
}

static void test_time(void)
{
	long long ahead;

	e2e_wait_state("timesync", "ready", 10000);
	e2e_is_str(e2e_guest("hvsim_ptp | sed -n s/^gettime.error=//p"), "ENODATA",
		   "hibernate: a time sample from before does not survive it");
	e2e_tell("time-set", "{\"offset-ms\":%d}", OFF_SECONDS * 1000);
	e2e_agree_all();
	e2e_tell("time-sync", "{}");
	ahead = strtoll(e2e_guest("date +%%s"), NULL, 10) - e2e_now_ns() / 1000000000;
	e2e_ok(llabs(ahead - OFF_SECONDS) <= 2, "hibernate: the host's next sync sets the clock");
	e2e_tell("time-set", "{\"offset-ms\":0}");
	e2e_tell("time-sync", "{}");
}

static void run(void)
{
	e2e_quiet();
	e2e_guest("mkswap /dev/vda && swapon /dev/vda");
	if (e2e_guest_status())
		e2e_abort("the guest cannot have swap");
	hold_open();
	move_channels();
	if (!hibernate("by the administrator", by_administrator))
		return;
	test_time();
	e2e_check_services("hibernate", "after it");
	if (!hibernate("by the host", by_host))
		return;
	e2e_check_services("hibernate", "after the host has ordered it");
	e2e_is_str(e2e_guest("grep -ls EVENT=hibernate /tmp/uevent.* | wc -l"), "1",
		   "hibernate: the order reaches user space as EVENT=hibernate");
	e2e_is_str(e2e_guest("grep -hs DRIVER= $(grep -ls EVENT=hibernate /tmp/uevent.*)"),
		   "DRIVER=hv_utils", "hibernate: of the driver hv_utils");
	e2e_guest("kill $(cat /tmp/holders)");
	e2e_is_int(e2e_guest_status(), 0, "hibernate: who holds a device open lives on");
}

const struct e2e_group e2e_hibernate = { "hibernate", run };
