// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host and administrator at the same time: what the channels' callbacks write
 * is read by others meanwhile.  For kernels that look for races and locks.
 */
#include "e2e.h"

#define REQUESTS	300
#define ORDERS		20

#define READ_ALL	"cat /sys/bus/vmbus/devices/*/ic/*; hvsim_ptp"

/* Starts a shell loop in the guest, which goes on until loop_stop(). */
static void loop_start(const char *name, const char *command)
{
	e2e_guest("setsid sh -c 'while :; do %s; done' </dev/null >/dev/null 2>&1 & "
		  "echo $! >/tmp/%s", command, name);
}

static void loop_stop(const char *name)
{
	e2e_guest("kill -- -$(cat /tmp/%s)", name);
	e2e_is_int(e2e_guest_status(), 0, "concurrency: the %s was there all the time", name);
}

static void test_burst(const char *service, const char *kind)
{
	struct json_object *ret;

	ret = e2e_call("burst", "{\"service\":\"%s\",\"count\":%d,\"kind\":\"%s\"}", service,
		       REQUESTS, kind);
	e2e_is_int(e2e_number(ret, "answered"), REQUESTS,
		   "concurrency: %s answers each %s while all attributes are read", service, kind);
	json_object_put(ret);
}

static void test_readers(void)
{
	e2e_agree_all();
	loop_start("reader", READ_ALL);
	test_burst("heartbeat", "request");
	test_burst("timesync", "request");
	test_burst("heartbeat", "negotiate");
	test_burst("timesync", "negotiate");
	test_burst("shutdown", "negotiate");
	loop_stop("reader");
}

/* Each order is for much later: either it is taken back, or it waits. */
static void test_cancel(void)
{
	struct json_object *ret;
	int i, answered = 0;

	loop_start("reader", READ_ALL);
	loop_start("canceller", "echo 1 >/sys/bus/vmbus/drivers/hv_utils/*/ic/cancel");
	for (i = 0; i < ORDERS; i++) {
		ret = e2e_call("shutdown", "{\"action\":\"poweroff\",\"delay\":3600}");
		answered += !!ret;
		json_object_put(ret);
	}
	loop_stop("canceller");
	loop_stop("reader");
	e2e_is_int(answered, ORDERS, "concurrency: %d orders are answered while they are cancelled",
		   ORDERS);
	e2e_guest("echo 1 >%s/ic/cancel", e2e_device("shutdown"));
	e2e_is_str(e2e_attribute("shutdown", "pending"), "none",
		   "concurrency: none is left when the last was cancelled");
}

static void run(void)
{
	e2e_quiet();
	test_readers();
	test_cancel();
	e2e_is_str(e2e_complaints(), "", "concurrency: the kernel has no complaint");
}

const struct e2e_group e2e_concurrency = { "concurrency", run };
