// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host that misbehaves, in each way that hvsim knows, towards each service: the
 * guest stands it, answers good requests right afterwards, and has no complaint.
 */
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

/* What the guest does meanwhile, so that it closes the channel by itself. */
static void guest_rebind(const char *service)
{
	e2e_guest("rm -f /tmp/rebound; (cd /sys/bus/vmbus/drivers/hv_utils; d=$(basename %s); "
		  "for i in 1 2 3 4; do sleep 0.5; echo $d >unbind; echo $d >bind; done; "
		  "touch /tmp/rebound) >/dev/null 2>&1 &", e2e_device(service));
}

static bool misbehave(const char *name, const char *service, const char *needs)
{
	bool rebinds = !strcmp(needs, "guest closes");
	struct json_object *result;
	bool stands;

	if (rebinds)
		guest_rebind(service);
	result = e2e_call("misbehave", "{\"name\":\"%s\",\"service\":\"%s\"}", name, service);
	stands = result && e2e_number(result, "proofs") > 0 && !e2e_get(result, "failure");
	if (!stands)
		e2e_note("  %s", result ? e2e_string(result, "failure") : e2e_error());
	json_object_put(result);
	if (rebinds)
		e2e_guest("while [ ! -e /tmp/rebound ]; do sleep 0.1; done");
	if (!stands)
		return false;
	if (!e2e_wait_state(service, "ready", 20000)) {
		e2e_note("  it is not ready afterwards");
		return false;
	}
	if (!e2e_alive(service)) {
		e2e_note("  it does not answer afterwards: %s", e2e_error());
		return false;
	}
	return true;
}

static void test_behaviour(struct json_object *behaviour)
{
	const char *name = e2e_string(behaviour, "name"), *complaints;
	const char *only = e2e_string(behaviour, "service");
	const char *needs = e2e_string(behaviour, "needs");
	const char *service;
	size_t i;

	/* faults of hv_vmbus itself: see hv_vmbus-reports.rst */
	if (!strcmp(needs, "known fault"))
		return;
	for (i = 0; (service = e2e_services[i].name); i++)
		if (!*only || !strcmp(only, service))
			e2e_ok(misbehave(name, service, needs),
			       "misbehave: %s: %s stands it, and answers", name, service);
	complaints = e2e_complaints();
	e2e_is_str(complaints, "", "misbehave: %s: the kernel has no complaint", name);
	if (*complaints)
		e2e_guest("dmesg -c >/dev/null");
}

static void run(void)
{
	struct json_object *result = e2e_call("misbehave-list", "{}");
	struct json_object *list = e2e_get(result, "behaviours");
	const char *service;
	size_t i, count = list ? json_object_array_length(list) : 0;

	e2e_quiet();
	for (i = 0; i < count; i++)
		test_behaviour(json_object_array_get_idx(list, i));
	json_object_put(result);
	/* a host that does not mean ill finds the guest as it was */
	for (i = 0; (service = e2e_services[i].name); i++)
		e2e_ok(e2e_rebind(service), "misbehave: %s can still be unbound and bound",
		       service);
	e2e_guest("rmmod hv_utils && modprobe hv_utils");
	e2e_is_int(e2e_guest_status(), 0, "misbehave: the module can still be unloaded and loaded");
	for (i = 0; (service = e2e_services[i].name); i++)
		e2e_ok(e2e_wait_state(service, "ready", 20000), "misbehave: and %s is ready",
		       service);
	e2e_is_str(e2e_complaints(), "", "misbehave: the kernel has no complaint at the end");
}

const struct e2e_group e2e_misbehave = { "misbehave", run };
