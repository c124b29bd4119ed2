// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shutdown: each flag, and whether the guest really goes down, comes up again
 * or stays.  In the guest /sbin/poweroff and /sbin/reboot are busybox's, by
 * way of its init; for a guest that cannot be asked they are taken away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define GOING_DOWN_MS	30000
#define STAYING_MS	3000
#define BOOT_MS		60000

/* The status of the answer, or -1 without one. */
static long long order(uint32_t version, uint32_t flags, uint32_t delay, const char *text)
{
	const struct hvsim_versions versions = { HVIC_VERSION(3, 0), version };
	const struct hvsim_power power = {
		.reason = 0x80040001, .timeout = delay, .flags = flags,
		.text = text, .text_len = strlen(text),
	};
	struct hvsim_message answer;
	uint8_t packet[4096];
	int len;

	if (!e2e_agree("shutdown", HVIC_VERSION(3, 0), version))
		return -2;
	len = hvsim_message_build_shutdown(packet, sizeof(packet), 11, &versions, &power);
	e2e_mark_events();
	len = e2e_raw("shutdown", packet, (size_t)len, &answer);
	return len > 0 ? (long long)answer.status : -1;
}

static bool boot(void)
{
	bool up = e2e_restart() && e2e_wait_state("shutdown", "ready", 10000);

	if (!up)
		e2e_abort("the guest did not come up");
	e2e_quiet();
	return up;
}

static void test_refused(void)
{
	static const struct {
		uint32_t version, flags;
		const char *what;
	} cases[] = {
		{ HVIC_VERSION(3, 2), 6, "restart and hibernate at once" },
		{ HVIC_VERSION(3, 2), 7, "both, forced" },
		{ HVIC_VERSION(3, 2), 8, "a flag that nobody knows" },
		{ HVIC_VERSION(3, 2), 0x80000000, "the highest flag" },
		{ HVIC_VERSION(3, 2), 4, "hibernate without swap" },
		{ HVIC_VERSION(3, 2), 5, "hibernate without swap, forced" },
		{ HVIC_VERSION(3, 0), 2, "restart in version 3.0" },
		{ HVIC_VERSION(3, 1), 4, "hibernate in version 3.1" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		e2e_is_int(order(cases[i].version, cases[i].flags, 0, ""),
			   HVIC_STATUS_NOT_SUPPORTED, "shutdown: %s is not supported",
			   cases[i].what);
	e2e_ok(!e2e_wait_event("guest-poweroff", STAYING_MS),
	       "shutdown: the guest stays up after all these");
	e2e_is_str(e2e_attribute("shutdown", "pending"), "none", "shutdown: nothing is pending");
}

/* Leaves behind what udev would see. */
static void watch_uevents(void)
{
	e2e_guest("rm -f /tmp/uevent.*");
	e2e_watch_uevents("sh -c 'env >/tmp/uevent.$SEQNUM'");
}

/* As udev would: our program for each event, which tells the users by wall. */
static void run_event_program(void)
{
	e2e_guest("rm -f /tmp/wall; printf '#!/bin/sh\ncat >>/tmp/wall\n' >/usr/bin/wall; "
		  "chmod +x /usr/bin/wall");
	e2e_watch_uevents("/usr/libexec/hyperv-ics/hv_power_event");
}

static const char *uevent(const char *key)
{
	return e2e_guest("grep -hs '^%s=' /tmp/uevent.* | head -n 1 | cut -d= -f2-", key);
}

static void test_delay(void)
{
	watch_uevents();
	run_event_program();
	e2e_is_int(order(HVIC_VERSION(3, 2), 0, 60, "back at\nnoon"), 0,
		   "shutdown: an order with a delay of 60 s is taken");
	e2e_sleep_ms(500);
	e2e_is_str(uevent("EVENT"), "shutdown", "shutdown: it is announced at once");
	e2e_is_str(uevent("SHUTDOWN_ACTION"), "poweroff", "shutdown: the uevent has the action");
	e2e_is_str(uevent("SHUTDOWN_DELAY"), "60", "shutdown: the uevent has the delay");
	e2e_is_str(uevent("SHUTDOWN_FORCE"), "0", "shutdown: the uevent has the force");
	e2e_is_str(uevent("SHUTDOWN_REASON"), "0x80040001", "shutdown: the uevent has the reason");
	e2e_is_str(uevent("SHUTDOWN_MESSAGE"), "back at noon",
		   "shutdown: the uevent has the message, without its line break");
	e2e_is_str(e2e_guest("cat /tmp/wall"),
		   "The Hyper-V host orders this machine to poweroff in 60 seconds "
		   "(reason 0x80040001).\nback at noon",
		   "shutdown: hv_power_event tells who is logged in");
	e2e_guest("killall uevent");
	e2e_is_str(e2e_attribute("shutdown", "pending"), "poweroff",
		   "shutdown: sysfs shows it pending");
	e2e_is_str(e2e_attribute("shutdown", "message"), "back at noon",
		   "shutdown: sysfs shows the message");
	e2e_is_int(order(HVIC_VERSION(3, 2), 2, 0, ""), HVIC_STATUS_IN_PROGRESS,
		   "shutdown: a second order meanwhile is told of the first");
	e2e_ok(!e2e_wait_event("guest-reset", STAYING_MS), "shutdown: and not carried out");

	e2e_guest("echo 1 >%s/ic/cancel", e2e_device("shutdown"));
	e2e_is_int(e2e_guest_status(), 0, "shutdown: an order that waits can be cancelled");
	e2e_is_str(e2e_attribute("shutdown", "pending"), "none", "shutdown: and is gone");
	e2e_guest("echo 1 >%s/ic/cancel", e2e_device("shutdown"));
	e2e_ok(e2e_guest_status() != 0, "shutdown: there is nothing to cancel then");

	/* unbound when its time comes, so that nothing can have taken its place */
	order(HVIC_VERSION(3, 2), 0, 1, "");
	e2e_guest("cd /sys/bus/vmbus/drivers/hv_utils && d=$(basename %s) && echo $d >unbind && "
		  "sleep 2 && echo $d >bind", e2e_device("shutdown"));
	e2e_ok(!e2e_guest_status() && !e2e_wait_event("guest-poweroff", STAYING_MS),
	       "shutdown: an order that waits does not survive its service");
	e2e_is_str(e2e_complaints(), "", "shutdown: and leaves nothing behind");
	e2e_wait_state("shutdown", "ready", 5000);
}

static void test_delay_honoured(void)
{
	long long start = e2e_now_ns(), took;
	bool down;

	/* far more than a guest takes that does not wait */
	e2e_is_int(order(HVIC_VERSION(3, 2), 0, 12, ""), 0, "shutdown: a delay of 12 s");
	down = e2e_wait_event("guest-poweroff", GOING_DOWN_MS);
	took = (e2e_now_ns() - start) / 1000000;
	e2e_ok(down && took >= 11900, "shutdown: the guest goes down after it, not before");
	e2e_note("  after %lld ms", took);
}

static const struct {
	uint32_t flags;
	const char *what;
	const char *event;	/* or NULL: the guest stays up */
	const char *prepare;
} cases[] = {
	{ 0, "power off", "guest-poweroff", NULL },
	{ 1, "forced power off", "guest-poweroff", NULL },
	{ 2, "restart", "guest-reset", NULL },
	{ 3, "forced restart", "guest-reset", NULL },
	{ 0, "power off where user space cannot be asked", NULL, "rm /sbin/poweroff" },
	{ 1, "forced power off where user space cannot be asked", "guest-poweroff",
	  "rm /sbin/poweroff" },
	{ 2, "restart where user space cannot be asked", NULL, "rm /sbin/reboot" },
	{ 3, "forced restart where user space cannot be asked", "guest-reset", "rm /sbin/reboot" },
};

/* Whether the guest is neither off nor starting over, some seconds later. */
static bool guest_stays(void)
{
	return !e2e_wait_event("guest-poweroff", STAYING_MS) && !e2e_wait_event("guest-reset", 1);
}

/* Whether the guest does as it should; @fresh when it has just come up. */
static void check_flags(size_t i, bool *fresh)
{
	char boot_id[64];

	snprintf(boot_id, sizeof(boot_id), "%s", e2e_guest("cat /proc/sys/kernel/random/boot_id"));
	if (cases[i].prepare)
		e2e_guest("%s", cases[i].prepare);
	e2e_is_int(order(HVIC_VERSION(3, 2), cases[i].flags, 0, "bye"), 0,
		   "shutdown: %s is answered first", cases[i].what);
	if (!cases[i].event) {
		*fresh = false;		/* it lacks a program now */
		e2e_ok(guest_stays(), "shutdown: %s: the guest stays up", cases[i].what);
		return;
	}
	e2e_ok(e2e_wait_event(cases[i].event, GOING_DOWN_MS), "shutdown: %s: the guest goes down",
	       cases[i].what);
	*fresh = !strcmp(cases[i].event, "guest-reset");
	if (!*fresh)
		return;
	if (!e2e_wait_event("guest-ready", BOOT_MS))
		e2e_abort("the guest did not come up again");
	e2e_ok(strcmp(e2e_guest("cat /proc/sys/kernel/random/boot_id"), boot_id),
	       "shutdown: %s: and up again", cases[i].what);
	e2e_quiet();
}

static void test_flags(void)
{
	bool fresh = false;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!fresh)
			boot();
		check_flags(i, &fresh);
	}
}

static void run(void)
{
	e2e_quiet();
	if (!e2e_in_tree()) {
		/* the in-tree module would go down in the first minute of it */
		test_refused();
		test_delay();
	}
	test_delay_honoured();
	test_flags();
}

const struct e2e_group e2e_shutdown = { "shutdown", run };
