// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup with our daemon: what Debian's has not. Part of the group "vss".
 */
#include <string.h>

#include "e2e.h"
#include "vss_mounts.h"

#define UNIT		"hv-vss-daemon"
#define DROP_IN		"/etc/hyperv-ics.conf.d/e2e.conf"
#define HOOKS		"/etc/hyperv-ics/freeze.d"
#define STEP_MS		60000
#define BEGIN_MS	30000

#define is_ok(pass, text, ...)		e2e_ok(pass, "vss: " text, ##__VA_ARGS__)
#define is_int(got, want, text, ...)	e2e_is_int(got, want, "vss: " text, ##__VA_ARGS__)
#define is_str(got, want, text, ...)	e2e_is_str(got, want, "vss: " text, ##__VA_ARGS__)

/* A word of what "hvic --json vss status" says, soon: hooks run when the host has its answer. */
static const char *status_wait(const char *key, const char *want)
{
	const char *got = "";
	int waited;

	for (waited = 0; waited < BEGIN_MS; waited += 500) {
		/* the first of that name: file systems have some, too, and come behind */
		got = e2e_guest("hvic --json vss status | grep -o '\"%s\":\"[^\"]*' | "
				"head -n 1 | cut -d'\"' -f4", key);
		if (strstr(got, want))
			break;
		e2e_sleep_ms(500);
	}
	return got;
}

static void proof(const char *when)
{
	vss_mounts_prove("vss", when);
}

static bool daemon_restart(const char *setting)
{
	int waited;

	e2e_guest("mkdir -p /etc/hyperv-ics.conf.d; printf '[vss]\\n%s\\n' >" DROP_IN
		  "; systemctl restart " UNIT, setting);
	for (waited = 0; waited < BEGIN_MS; waited += 500) {
		if (!vss_step("check", STEP_MS))
			return true;
		e2e_sleep_ms(500);
	}
	return false;
}

/* What the hook was told, soon: until a word comes, which is the last. */
static const char *hook_wait(const char *last)
{
	return e2e_guest("for i in $(seq 100); do "
			 "! grep -q %s /run/hook || break; sleep 0.2; done; "
			 "tr '\\n' ' ' </run/hook", last);
}

static void hook_write(const char *what)
{
	e2e_guest("mkdir -p " HOOKS "; printf '#!/bin/sh\\necho $1 >>/run/hook\\n%s\\n' >" HOOKS
		  "/50-e2e; chmod 755 " HOOKS "/50-e2e; rm -f /run/hook", what);
}

static void test_status(void)
{
	hook_write("");
	is_int(vss_step("freeze", STEP_MS) | vss_step("thaw", STEP_MS), 0, "a backup with a hook");
	is_str(hook_wait("thaw"), "freeze thaw ", "the hook ran");
	e2e_sleep_ms(2000);
	is_str(status_wait("result", "ok"), "ok", "its status says that it went well");
	is_str(status_wait("holder", ""), e2e_in_tree() ? "process" : "module",
	       "and who held what was frozen");
	is_ok(strstr(e2e_guest("hvic kvp get HvIc-LastBackup"), " ok: "), "the host can read it");
	proof("after a hook");
}

static void test_hook_fails(void)
{
	hook_write("[ $1 != freeze ] || { echo no room; exit 1; }");
	is_ok(vss_step("freeze", STEP_MS) != 0, "a backup whose hook fails does, too");
	is_str(status_wait("why", "50-e2e"), "hook 50-e2e freeze failed with status 1: no room",
	       "which is told");
	is_ok(strstr(e2e_guest("hvic kvp get HvIc-LastBackupError"), "no room"),
	      "to the host as well");
	is_str(hook_wait("freezefail"), "freeze freezefail ", "the hook ran");
	proof("after a hook that failed");
	e2e_guest("chmod 777 " HOOKS "/50-e2e");
	is_ok(vss_step("check", STEP_MS) != 0,
	      "a hook that others can write to: there can be no backup");
	e2e_guest("rm -f " HOOKS "/50-e2e");
}

static void test_deadline(void)
{
	is_ok(daemon_restart("deadline = 3"), "a deadline of 3 s");
	is_int(vss_step("freeze", STEP_MS), 0, "the guest is frozen");
	is_ok(strstr(status_wait("end", "deadline"), "deadline"),
	      "the daemon learns that the deadline has passed");
	proof("after the deadline");
	is_ok(vss_step("thaw", STEP_MS) != 0, "the host is told that its thaw came too late");
	e2e_guest("rm -f " DROP_IN);
	is_ok(daemon_restart(""), "the usual one again");
}

static void test_trial(void)
{
	is_str(e2e_guest("hvic --json vss test --hold 1 | grep -o '\"result\":\"[a-z]*\"'"),
	       "\"result\":\"ok\"", "a trial without a host");
	proof("after a trial");
}

/**
 * vss_ours_run() - Test what only our daemon has.
 *
 * File systems must have been made, and the daemon serve.
 */
void vss_ours_run(void)
{
	test_status();
	test_hook_fails();
	test_deadline();
	test_trial();
}
