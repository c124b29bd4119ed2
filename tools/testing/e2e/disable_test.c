// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Services that the host disables and enables, as its administrator does: the
 * channel is taken back whatever the guest is doing, and offered again.
 */
#include <string.h>

#include "e2e.h"

/* What the in-tree module can stand is not the question here. */
#define ROUNDS		1000
#define ROUNDS_IN_TREE	100
/* For a service to come back; some hundred times what it takes. */
#define ENABLE_MS	10000

/* Returns when the guest has let go of the channel. */
static bool disable(const char *service)
{
	struct json_object *ret = e2e_call("service-disable", "{\"service\":\"%s\"}", service);

	json_object_put(ret);
	return ret;
}

/* Returns when the guest has opened the channel, and versions are agreed on. */
static bool enable(const char *service, int timeout_ms)
{
	struct json_object *ret = e2e_call("service-enable",
					   "{\"service\":\"%s\",\"timeout-ms\":%d}", service,
					   timeout_ms);

	json_object_put(ret);
	return ret;
}

static void test_rounds(void)
{
	int rounds = e2e_in_tree() ? ROUNDS_IN_TREE : ROUNDS, n;
	const struct e2e_service *service = e2e_services;
	const char *devices = e2e_guest("ls /sys/bus/vmbus/devices");

	e2e_traffic();
	for (n = 0; n < rounds; n++) {
		if (!disable(service->name) || !enable(service->name, ENABLE_MS))
			break;
		if (!(++service)->name)
			service = e2e_services;
	}
	if (!e2e_is_int(n, rounds, "disable: %d rounds during traffic, a service after the other",
			rounds))
		e2e_note("  %s: %s", service->name, e2e_error());
	e2e_check_services("disable", "afterwards");
	e2e_is_str(e2e_guest("ls /sys/bus/vmbus/devices"), devices,
		   "disable: the devices are those from before");
	e2e_is_str(e2e_guest("ls -d /sys/class/ptp/ptp* | wc -l"), "1",
		   "disable: no PTP clock is left behind");
}

/* Neither the guest nor the host waits for the program to let go. */
static void test_held_open(const struct e2e_service *service)
{
	/* opened before the program starts, not some time after */
	const char *holder = e2e_guest("set -- %s; exec 3<$1; sleep 1000 >/dev/null 2>&1 & echo $!",
				       service->handle);

	e2e_is_int(e2e_guest_status(), 0, "disable: %s: a program opens it", service->name);
	e2e_ok(disable(service->name), "disable: %s: though a program holds it open",
	       service->name);
	e2e_ok(enable(service->name, ENABLE_MS), "disable: %s: and enabled again", service->name);
	e2e_guest("kill %s", holder);
	e2e_is_int(e2e_guest_status(), 0, "disable: %s: the program lives on", service->name);
}

static void test_without_module(void)
{
	const struct e2e_service *service;

	e2e_guest("rmmod hv_utils");
	for (service = e2e_services; service->name; service++)
		e2e_ok(disable(service->name), "disable: %s: without a driver", service->name);
	e2e_guest("modprobe hv_utils");
	for (service = e2e_services; service->name; service++) {
		e2e_guest("[ ! -e /sys/bus/vmbus/drivers/hv_utils/%s ]", service->device);
		e2e_is_int(e2e_guest_status(), 0,
			   "disable: %s: a module that is loaded then finds no device",
			   service->name);
	}
	e2e_guest("rmmod hv_utils");
	for (service = e2e_services; service->name; service++)
		e2e_ok(!enable(service->name, 1), "disable: %s: enabled, it waits for its driver",
		       service->name);
	e2e_guest("modprobe hv_utils");
}

static void run(void)
{
	const struct e2e_service *service;

	e2e_quiet();
	for (service = e2e_services; service->name; service++)
		if (service->handle)
			test_held_open(service);
	e2e_check_services("disable", "after having been held open");
	test_without_module();
	e2e_check_services("disable", "after having been away");
	test_rounds();
}

const struct e2e_group e2e_disable = { "disable", run };
