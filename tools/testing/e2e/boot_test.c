// SPDX-License-Identifier: GPL-2.0-or-later
/* What is there when the guest has come up, before a test has touched it. */

#include <stdlib.h>
#include <string.h>

#include "e2e.h"

static void test_module(void)
{
	const char *loaded = e2e_guest("grep -c ^hv_utils /proc/modules");

	e2e_is_str(loaded, "1", "boot: the module is loaded as hv_utils");
	if (strcmp(loaded, "1"))
		e2e_abort("without the module nothing can be tested");
	e2e_is_str(e2e_guest("dmesg | grep -c 'Hypervisor detected: Microsoft Hyper-V'"), "1",
		   "boot: the guest finds itself on Hyper-V");
	e2e_is_str(e2e_complaints(), "",
		   "boot: the kernel has no complaint");
}

static void test_services(void)
{
	const char *service;
	size_t i;

	for (i = 0; (service = e2e_services[i].name); i++) {
		e2e_ok(e2e_wait_state(service, "ready", 10000),
		       "boot: the host has agreed on versions with %s", service);
		e2e_is_str(e2e_guest("basename $(readlink %s/driver)", e2e_device(service)),
			   "hv_utils", "boot: hv_utils is bound to %s", service);
		e2e_is_str(e2e_attribute(service, "state"), "ready",
			   "boot: sysfs shows %s as ready", service);
		e2e_is_str(e2e_attribute(service, "service"), service,
			   "boot: sysfs names %s", service);
	}
}

static void test_ptp(void)
{
	e2e_is_str(e2e_guest("cat /sys/class/ptp/*/clock_name"), "hyperv",
		   "boot: there is a PTP clock named hyperv");
}

static void test_tracepoints(void)
{
	e2e_is_str(e2e_guest("cd /sys/kernel/tracing/events/hv_ic && echo *"),
		   "enable filter hv_ic_drop hv_ic_forward hv_ic_freeze hv_ic_negotiate "
		   "hv_ic_psdirect hv_ic_reply hv_ic_request hv_ic_thaw hv_ic_timeout hv_ic_write",
		   "boot: the tracepoints hv_ic are there");
}

static void run(void)
{
	test_module();
	test_services();
	test_ptp();
	test_tracepoints();
}

const struct e2e_group e2e_boot = { "boot", run };
