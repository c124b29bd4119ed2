// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host that misbehaves, in each way that hvsim knows, towards each service: the
 * guest stands it, answers good requests right afterwards, and has no complaint.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hv/hvic_psdirect.h>

#include "e2e.h"

#define PARAMETER	"/sys/module/hv_utils/parameters/psdirect"

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

/* Those of Hyper-V sockets are of no service; a group of its own has them. */
static bool is_about_sockets(struct json_object *behaviour)
{
	return !strncmp(e2e_string(behaviour, "name"), "socket-", strlen("socket-"));
}

static void test_behaviour(const char *group, struct json_object *behaviour)
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
		if (is_about_sockets(behaviour) ? !strcmp(service, "heartbeat") :
		    !*only || !strcmp(only, service))
			e2e_ok(misbehave(name, service, needs),
			       "%s: %s: %s stands it, and answers", group, name, service);
	complaints = e2e_complaints();
	e2e_is_str(complaints, "", "%s: %s: the kernel has no complaint", group, name);
	if (*complaints)
		e2e_guest("dmesg -c >/dev/null");
}

static void test_behaviours(const char *group, bool sockets)
{
	struct json_object *result = e2e_call("misbehave-list", "{}"), *behaviour;
	struct json_object *list = e2e_get(result, "behaviours");
	size_t i, count = list ? json_object_array_length(list) : 0;

	e2e_quiet();
	for (i = 0; i < count; i++) {
		behaviour = json_object_array_get_idx(list, i);
		if (is_about_sockets(behaviour) == sockets)
			test_behaviour(group, behaviour);
	}
	json_object_put(result);
}

static void run(void)
{
	const char *service;
	size_t i;

	test_behaviours("misbehave", false);
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

/* Offers that are odd in anything, beside packets, while it is switched on and off. */
static void test_fuzz(void)
{
	struct json_object *result = e2e_call("fuzz", "{\"count\":2000,\"seed\":1,"
					      "\"kinds\":[\"good\"],\"sockets\":1000,"
					      "\"services\":[\"heartbeat\"],"
					      "\"timeout-ms\":%d}", e2e_patient_ms(60000));

	e2e_is_int(e2e_number(result, "sockets"), 1000, "psdirect-hostile: 1000 odd offers");
	e2e_ok(result && !json_object_get_boolean(e2e_get(result, "failed")),
	       "psdirect-hostile: the guest lets go of each, and its heartbeat answers");
	if (result)
		e2e_note("  %s", e2e_string(result, "sockets-failure"));
	json_object_put(result);
}

/* With programs that accept what is taken for PowerShell Direct, before and after. */
static void run_sockets(void)
{
	const char *before;
	int i, fd;

	e2e_guest("killall hvsim_vsock; hvsim_vsock echo 997 && hvsim_vsock echo 998");
	e2e_is_int(e2e_guest_status(), 0, "psdirect-hostile: programs in the guest listen");
	before = strdup(e2e_guest("ls /sys/bus/vmbus/devices"));
	test_behaviours("psdirect-hostile", true);
	/* what comes while it is off is taken when it is on: another way to each step */
	e2e_guest("(while [ ! -e /tmp/enough ]; do echo off >" PARAMETER "; sleep 0.2; "
		  "echo on >" PARAMETER "; sleep 0.2; done) >/dev/null 2>&1 &");
	test_behaviours("psdirect-hostile: off and on", true);
	test_fuzz();
	e2e_guest("touch /tmp/enough; sleep 1; echo auto >" PARAMETER);
	for (i = 0; i < 150 && strcmp(e2e_guest("ls /sys/bus/vmbus/devices"), before); i++)
		e2e_sleep_ms(e2e_patient_ms(100));
	e2e_is_str(e2e_guest("ls /sys/bus/vmbus/devices"), before,
		   "psdirect-hostile: no channel is left behind");
	free((char *)before);
	fd = e2e_socket_connect(HVIC_PSDIRECT_BROKER_GUID_TEXT);
	e2e_ok(fd >= 0 && write(fd, "x", 1) == 1 && !strcmp(e2e_socket_hear(fd), "x"),
	       "psdirect-hostile: a connection that is none of these is accepted");
	close(fd);
	e2e_is_str(e2e_complaints(), "",
		   "psdirect-hostile: the kernel has no complaint at the end");
}

const struct e2e_group e2e_misbehave = { "misbehave", run };
const struct e2e_group e2e_psdirect_hostile = { "psdirect-hostile", run_sockets };
