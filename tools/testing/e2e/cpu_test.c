// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The processor that a channel is on goes offline, in a machine with two.
 *
 * The kernel leaves the channels of these services on the first processor, which
 * never goes.  From VMBus 4.1 on a channel can be moved by writing to its file in
 * sysfs.
 */
#include <string.h>

#include "e2e.h"

#define CPU1	"/sys/devices/system/cpu/cpu1/online"

/* Whether all channels are on it now. */
static bool channels_move(int cpu)
{
	const struct e2e_service *service;
	bool moved = true;

	for (service = e2e_services; service->name; service++) {
		e2e_guest("echo %d >$(echo %s/channels/*/cpu)", cpu, e2e_device(service->name));
		moved &= !e2e_guest_status();
	}
	return moved;
}

static bool channels_are_on_first(void)
{
	const struct e2e_service *service;
	bool first = true;

	for (service = e2e_services; service->name; service++)
		first &= !strcmp(e2e_guest("cat %s/channels/*/cpu", e2e_device(service->name)),
				 "0");
	return first;
}

/*
 * What becomes of channels whose processor is to go: older kernels refuse that,
 * newer ones move the channels.
 */
static void test_with_channels(void)
{
	bool offline;

	e2e_check_services("cpu", "on the second processor");
	e2e_traffic();
	e2e_guest("echo 0 >" CPU1);
	offline = !strcmp(e2e_guest("cat " CPU1), "0");
	e2e_note("  the kernel %s", offline ? "moves them" : "refuses");
	e2e_ok(!offline || channels_are_on_first(), "cpu: no channel is left on one that is gone");
	e2e_check_services("cpu", "when their processor should go");
	e2e_guest("echo 1 >" CPU1);
	e2e_ok(channels_move(0), "cpu: channels can be moved back");
}

static void test_without_channels(void)
{
	e2e_traffic();
	e2e_guest("echo 0 >" CPU1);
	e2e_is_str(e2e_guest("cat /sys/devices/system/cpu/online"), "0",
		   "cpu: a processor without channels can be taken offline");
	e2e_check_services("cpu", "with a processor offline");
	e2e_traffic();
	e2e_guest("rmmod hv_utils && modprobe hv_utils");
	e2e_check_services("cpu", "when loaded with a processor offline");
	e2e_traffic();
	e2e_guest("echo 1 >" CPU1);
	e2e_is_str(e2e_guest("cat /sys/devices/system/cpu/online"), "0-1",
		   "cpu: and online again");
	e2e_check_services("cpu", "with all processors again");
}

static void run(void)
{
	e2e_quiet();
	e2e_is_str(e2e_guest("cat /sys/devices/system/cpu/online"), "0-1",
		   "cpu: the guest has two processors");
	if (e2e_ok(channels_move(1), "cpu: the channels can be moved to the second"))
		test_with_channels();
	test_without_channels();
}

const struct e2e_group e2e_cpu = { "cpu", run };
