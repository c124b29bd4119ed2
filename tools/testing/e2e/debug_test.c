// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a debug kernel tells only when it is asked: whether memory was lost, and
 * whether it has been looking all the time.  Runs last, when all has happened.
 */
#include "e2e.h"

#define LEAKS	"/sys/kernel/debug/kmemleak"

/*
 * The first scan notes what it cannot find, the second reports what it still
 * cannot; neither minds what is less than 5 s old, and that is how long there
 * is to wait.
 */
static void test_leaks(const char *when)
{
	e2e_guest("sleep 5; echo scan >" LEAKS " && echo scan >" LEAKS);
	if (!e2e_is_int(e2e_guest_status(), 0, "debug: memory can be searched %s", when))
		return;
	e2e_is_str(e2e_guest("head -n 20 " LEAKS), "", "debug: no memory is lost %s", when);
}

static void run(void)
{
	e2e_quiet();
	e2e_guest("mount -t debugfs none /sys/kernel/debug");
	e2e_is_str(e2e_guest("sed -n 's/ *debug_locks: *//p' /proc/lockdep_stats"), "1",
		   "debug: locks are still watched");
	test_leaks("while the module is loaded");
	e2e_guest("rmmod hv_utils");
	e2e_is_int(e2e_guest_status(), 0, "debug: the module can be unloaded");
	test_leaks("when it is gone");
	e2e_guest("modprobe hv_utils");
	e2e_ok(e2e_wait_state("heartbeat", "ready", 10000) && e2e_alive("heartbeat"),
	       "debug: the module can be loaded again, and answers");
}

const struct e2e_group e2e_debug = { "debug", run };
