// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup, in a Debian with systemd: with our daemon (the group "vss"), and with the one
 * that Debian ships (the group "stock-vss").  Each test ends with a write to every file
 * system.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "vss_mounts.h"

#define UNIT		"hv-vss-daemon"
#define BEGIN_MS	120000
/* The three on disks of the host. */
#define ON_DISKS	"grep -cE '/mnt/(ext4|xfs|btrfs)$' /run/img/wrote"

static const char *group;

/* Tests, under the name of the group that runs. */
#define is_ok(pass, text, ...)		e2e_ok(pass, "%s: " text, group, ##__VA_ARGS__)
#define is_int(got, want, text, ...)	e2e_is_int(got, want, "%s: " text, group, ##__VA_ARGS__)
#define is_str(got, want, text, ...)	e2e_is_str(got, want, "%s: " text, group, ##__VA_ARGS__)

/* The daemon is there as soon as the guest can be backed up. */
static bool daemon_begin(void)
{
	int waited;

	if (!e2e_unit_start(UNIT, "vss", BEGIN_MS))
		return false;
	for (waited = 0; waited < BEGIN_MS; waited += 500) {
		if (!vss_step("check", 10000))
			return true;
		e2e_sleep_ms(500);
	}
	return false;
}

static void proof(const char *when)
{
	vss_mounts_prove(group, when);
}

static void test_backup(void)
{
	struct json_object *ret;

	ret = e2e_call("vss-step", "{\"operation\":\"check\"}");
	is_int(e2e_number(ret, "flags"), 5, "the guest says that it needs no auto recovery");
	json_object_put(ret);
	ret = e2e_call("vss-backup", "{\"hold-ms\":500}");
	is_str(e2e_string(ret, "status-name"), "ok", "a backup goes well");
	is_ok(ret && e2e_number(ret, "frozen-ms") >= 500,
	      "the guest is frozen as long as it takes");
	json_object_put(ret);
	proof("after a backup");
	is_int(vss_step("freeze", 60000), 0, "it is frozen");
	vss_mounts_written_soon();
	is_str(e2e_guest(ON_DISKS), "0", "no write reaches its disks");
	is_int(vss_step("thaw", 60000), 0, "it is thawed");
	e2e_sleep_ms(1000);
	proof("after a freeze");
	vss_step("thaw", 60000);
	proof("after a thaw without a freeze");
	vss_step("freeze", 60000);
	vss_step("freeze", 60000);
	vss_step("thaw", 60000);
	e2e_sleep_ms(1000);
	proof("after two freezes");
}

static void test_snapshot(void)
{
	struct json_object *ret;

	if (!is_ok(vss_writer_start(),
		   "somebody writes to all disks (VSS-BACKUPRESTORE-DISKSTRESS)"))
		return;
	e2e_guest("echo before >/mnt/ext4/before");
	ret = e2e_call("vss-backup", "{\"keep\":\"%s/snapshot\"}", getenv("HVSIM_OUTPUT"));
	e2e_guest("echo after >/mnt/ext4/after");
	is_str(e2e_string(ret, "status-name"), "ok", "meanwhile the host makes a backup");
	e2e_note("frozen for %lld ms", e2e_number(ret, "frozen-ms"));
	json_object_put(ret);
	vss_writer_stop();
	proof("when both are done");
	is_int(e2e_host("debugfs -R 'cat before' $HVSIM_OUTPUT/snapshot.0 2>/dev/null | "
			"grep -q before"), 0,
	       "the snapshot has what was written before (PRODUCTION-CHECKPOINT)");
	is_ok(e2e_host("debugfs -R 'cat after' $HVSIM_OUTPUT/snapshot.0 2>/dev/null | "
		       "grep -q after"),
	      "and not what was written after it (PRODUCTION-CHECKPOINT)");
	vss_snapshots_check(group);
}

static void test_death(void)
{
	is_int(vss_step("freeze", 60000), 0, "a guest is frozen");
	e2e_guest("kill -9 $(pidof hv_vss_daemon)");
	e2e_sleep_ms(3000);
	proof("after its daemon was killed");
	is_ok(vss_step("thaw", 60000), "the host is told that its thaw came too late");
	is_ok(daemon_begin(), "another daemon takes its place");
	is_int(vss_step("freeze", 60000) | vss_step("thaw", 60000), 0, "and serves");
	proof("afterwards");
}

static void test_stopped(void)
{
	e2e_guest("kill -STOP $(pidof hv_vss_daemon)");
	is_int(vss_step("freeze", 2000), -1, "a daemon that is stopped does not answer");
	e2e_guest("(sleep 2; kill -CONT $(pidof hv_vss_daemon)) >/dev/null 2>&1 &");
	vss_step("thaw", 60000);
	e2e_sleep_ms(1000);
	proof("when it goes on");
	is_ok(daemon_begin(), "the daemon is there afterwards");
}

static void test_rescind(void)
{
	is_int(vss_step("freeze", 60000), 0, "a guest is frozen again");
	e2e_tell("service-disable", "{\"service\":\"vss\"}");
	e2e_sleep_ms(2000);
	proof("after the host took the service back");
	e2e_tell("service-enable", "{\"service\":\"vss\",\"timeout-ms\":20000}");
	is_ok(daemon_begin(), "the daemon is there when the service is");
	is_int(vss_step("freeze", 60000) | vss_step("thaw", 60000), 0, "and serves again");
	e2e_sleep_ms(1000);
	proof("after that");
}

static void run_as(const char *name)
{
	group = name;
	e2e_quiet();
	e2e_tell("negotiate", "{\"service\":\"vss\"}");
	if (!is_ok(vss_mounts_make(), "there are file systems to be frozen"))
		return;
	if (!is_ok(daemon_begin(), "the daemon begins, and can freeze")) {
		e2e_note("%s", e2e_guest("systemctl status " UNIT " | head -20"));
		return;
	}
	test_backup();
	test_snapshot();
	test_rescind();
	test_stopped();
	test_death();
	if (!strcmp(name, "vss"))
		vss_ours_run();
	is_str(e2e_complaints(), "", "the kernel has no complaint");
}

static void run(void)
{
	run_as("vss");
}

static void run_stock(void)
{
	run_as("stock-vss");
}

const struct e2e_group e2e_vss = { "vss", run };
const struct e2e_group e2e_stock_vss = { "stock-vss", run_stock };
