// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A class that is offered twice, which no good host does: one of the two is
 * bound, the other refused, and nothing breaks.  Which one comes first is not
 * said, since devices are probed side by side.
 */
#include <string.h>

#include <hv/hvic_service.h>

#include "e2e.h"

#define AGAIN	"fd149e91-82e0-4a7d-afa6-2a4166cbd7c1"
#define DRIVER	"/sys/bus/vmbus/drivers/hv_utils"

static const char *bound(void)
{
	return e2e_guest("cd " DRIVER " && echo fd149e91*");
}

static void run(void)
{
	const char *first, *other;

	e2e_is_str(e2e_guest("ls /sys/bus/vmbus/devices | grep -c ^fd149e91"), "2",
		   "offers: the host offers heartbeat twice");
	first = bound();
	e2e_ok(strlen(first) == strlen(AGAIN), "offers: one of the two is bound");
	e2e_is_str(e2e_guest("dmesg | grep -c 'refused a second offer'"), "1",
		   "offers: the other is refused, and the log says so");

	other = strcmp(first, AGAIN) ? AGAIN : HVIC_INSTANCE_HEARTBEAT(HVIC_GUID_TEXT);
	e2e_guest("cd " DRIVER " && echo %s >bind", other);
	e2e_ok(e2e_guest_status() != 0, "offers: it cannot be bound by hand either");
	e2e_guest("cd " DRIVER " && echo %s >unbind && echo %s >bind", first, other);
	e2e_is_str(bound(), other, "offers: when the first is gone, the other can be bound");
	e2e_guest("cd " DRIVER " && echo %s >unbind && echo %s >bind", other, first);
	e2e_is_str(bound(), first, "offers: and back again");
	e2e_guest("rmmod hv_utils && modprobe hv_utils");
	e2e_ok(!e2e_guest_status() && strlen(bound()) == strlen(AGAIN),
	       "offers: after unload and load one is bound");
	e2e_is_str(e2e_complaints(), "", "offers: the kernel has no complaint");
}

const struct e2e_group e2e_offers = { "offers", run };
