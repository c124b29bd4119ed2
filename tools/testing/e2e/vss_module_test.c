// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module that holds file systems frozen, with a small program in the place of the
 * daemon: what it freezes, what it refuses, and that it thaws whatever becomes of that
 * program, of the host, and of the channel.  Each test ends with a write to every file
 * system.  The group "vss-hold" is the part that needs no Debian, for debug kernels.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "vss_mounts.h"

#define PROBE	"/usr/bin/vss_probe"
/*
 * For the module to thaw by itself. It takes a few, and a shell that looks for it in a
 * nested guest takes hundreds: how long it is in truth, the bench measures.
 */
#define SOON_MS	2000

/* Which runs, what it freezes, how many these are, and one of them. */
static const char *group, *all, *one;
static int count;

/* Tests, under the name of the group that runs. */
#define is_ok(pass, text, ...)		e2e_ok(pass, "%s: " text, group, ##__VA_ARGS__)
#define is_int(got, want, text, ...)	e2e_is_int(got, want, "%s: " text, group, ##__VA_ARGS__)
#define is_str(got, want, text, ...)	e2e_is_str(got, want, "%s: " text, group, ##__VA_ARGS__)

/* ---- the program in the guest ---- */

/* Runs it to its end; returns what it said, a line each with blanks between. */
static const char *probe(const char *steps)
{
	return e2e_guest(PROBE " %s 2>&1 | tr '\\n' ';'", steps);
}

/* Runs it beside us; what it says is in a file. In the steps, @ is all file systems. */
static void probe_start(const char *text)
{
	const char *at = strchr(text, '@');
	char steps[512];

	snprintf(steps, sizeof(steps), "%.*s%s%s", at ? (int)(at - text) : (int)strlen(text), text,
		 at ? all : "", at ? at + 1 : "");
	e2e_guest("rm -f /run/img/said; setsid " PROBE " %s >/run/img/said 2>&1 </dev/null & "
		  "echo $! >/run/img/pid", steps);
}

static bool probe_says(const char *text)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (strstr(e2e_guest("cat /run/img/said"), text))
			return true;
		e2e_sleep_ms(100);
	}
	e2e_note("  it says %s", e2e_guest("cat /run/img/said"));
	return false;
}

/* Whether all that there is has been frozen. */
static bool probe_froze(void)
{
	char text[64];

	snprintf(text, sizeof(text), "freeze 0 frozen %d", count);
	return probe_says(text);
}

static bool probe_thawed(void)
{
	char text[64];

	snprintf(text, sizeof(text), "thaw 0 thawed %d lost 0 end thawed", count);
	return probe_says(text);
}

static void probe_kill(void)
{
	e2e_guest("p=$(cat /run/img/pid); kill -9 $p 2>/dev/null; "
		  "while [ -e /proc/$p ]; do sleep 0.05; done");
}

static int frozen(void)
{
	return atoi(e2e_attribute("vss", "frozen"));
}

static bool wait_frozen(int want, int ms)
{
	for (ms = e2e_patient_ms(ms); ms > 0 && frozen() != want; ms -= 50)
		e2e_sleep_ms(50);
	return frozen() == want;
}

/*
 * Milliseconds from a command until nothing is frozen, by one clock in the guest; what
 * starting the programs takes is in it.
 */
static int thawed_after(const char *command)
{
	return 10 * atoi(e2e_guest("now() { read up idle </proc/uptime; "
				   "echo ${up%%%%.*}${up#*.}; }; from=$(now); %s; while [ $(cat %s/ic/frozen) != 0 ] && "
				   "[ $(($(now) - from)) -lt 500 ]; do :; done; "
				   "echo $(($(now) - from))", command, e2e_device("vss")));
}

static void proof(const char *when)
{
	vss_mounts_prove(group, when);
}

/* ---- what the host does ---- */

/* ---- the tests ---- */

static void test_hold(void)
{
	probe_start("register freeze 60000 @ sleep 8000 thaw sleep 500");
	is_ok(probe_froze(), "file systems are frozen");
	is_int(frozen(), count, "sysfs says so");
	is_ok(e2e_counter("vss", "frozen_ms") > 0, "and for how long");
	is_int(vss_mounts_written_soon(), vss_mounts_count() - count,
	       "no write reaches them, but what cannot be frozen");
	is_ok(probe_thawed(), "all are thawed again");
	is_int(frozen(), 0, "sysfs says that, too");
	is_int(e2e_counter("vss", "freezes"), 1, "it is counted");
	is_int(e2e_counter("vss", "self_thaws"), 0, "as nobody else's doing");
	e2e_sleep_ms(1000);
	proof("after a freeze");
}

static void test_order(void)
{
	e2e_guest("cd /sys/kernel/tracing && echo >trace && "
		  "echo 1 >events/hv_ic/hv_ic_freeze/enable && echo 1 >events/hv_ic/hv_ic_thaw/enable");
	probe("register freeze 60000 /mnt/dm,/mnt/xfs,/mnt/btrfs thaw");
	is_str(e2e_guest("grep -oE 'hv_ic_freeze: fs=[^ ]* err=[0-9]*' /sys/kernel/tracing/trace | "
			 "sed 's/.*fs=//; s/dm-0/dm/' | tr '\\n' ';'"),
	       "dm err=0;vdb err=0;vdc err=0;", "they are frozen in the order given");
	/* side by side, so that the first to begin need not be the first that is done */
	is_str(e2e_guest("grep -oE 'hv_ic_thaw: fs=[^ ]* err=[0-9]*' /sys/kernel/tracing/trace | "
			 "sed 's/.*fs=//; s/dm-0/dm/' | sort | tr '\\n' ';'"),
	       "dm err=0;vdb err=0;vdc err=0;", "and thawed, each once");
	e2e_guest("echo 0 >/sys/kernel/tracing/events/hv_ic/enable");
	proof("afterwards");
}

static void test_refusals(void)
{
	static const struct {
		const char *steps;
		const char *said;
		const char *what;
	} cases[] = {
		{ "freeze 9999 /mnt/xfs,/mnt/vfat,/mnt/dm",
		  "freeze EOPNOTSUPP frozen 0 failed 1 0 EOPNOTSUPP ECANCELED;",
		  "one that cannot be frozen has all thawed" },
		{ "falling /mnt/xfs,/mnt/dm",
		  "freeze EINVAL frozen 0 failed 1 ECANCELED EINVAL;", "levels that fall" },
		{ "twice /mnt/xfs", "freeze EINVAL frozen 0 failed 1 ECANCELED EINVAL;",
		  "a file system twice" },
		{ "freeze 9999 /dev/null", "freeze EINVAL frozen 0 failed 0 EINVAL;",
		  "what is neither directory nor file" },
		{ "freeze 9999 /proc", "freeze EOPNOTSUPP frozen 0 failed 0 EOPNOTSUPP;",
		  "a file system of no disk" },
		{ "raw 0 1000 0 0", "freeze EINVAL frozen 0 failed 0;", "nothing" },
		{ "raw 1 0 0 0", "freeze EINVAL frozen 0 failed 0 0;", "no time" },
		{ "raw 1 3600001 0 0", "freeze EINVAL frozen 0 failed 0 0;", "too long a time" },
		{ "raw 1 1000 1 0", "freeze EINVAL frozen 0 failed 0 0;", "flags" },
		{ "raw 1 1000 0 -1", "freeze EBADF frozen 0 failed 0 EBADF;", "no descriptor" },
		{ "raw 1 1000 0 3", "freeze EINVAL frozen 0 failed 0 EINVAL;",
		  "the device itself" },
		{ "null", "freeze EFAULT frozen 0 failed 1;", "an address that is none" },
		{ "thaw", "thaw 0 thawed 0 lost 0 end thawed after 0 ms;",
		  "a thaw of nothing does nothing" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(probe(cases[i].steps), cases[i].said, "%s", cases[i].what);
	is_ok(strstr(probe("raw 1025 1000 0 0"), "freeze EINVAL frozen 0 failed 0"),
	      "more than there can be");
	is_str(e2e_guest("setpriv --bounding-set -sys_admin " PROBE " freeze 1000 /mnt/xfs thaw | "
			 "grep -o '^[a-z]* [A-Z]*' | tr '\\n' ';'"), "freeze EPERM;thaw EPERM;",
	       "neither is allowed without CAP_SYS_ADMIN");
	is_str(e2e_guest(PROBE " freeze 60000 /mnt/xfs freeze 60000 /mnt/dm thaw "
			 "freeze 60000 /mnt/dm thaw | sed 's/ after .*//' | tr '\\n' ';'"),
	       "freeze 0 frozen 1 failed 1 0;freeze EBUSY frozen 0 failed 1 ECANCELED;"
	       "thaw 0 thawed 1 lost 0 end thawed;freeze 0 frozen 1 failed 1 0;"
	       "thaw 0 thawed 1 lost 0 end thawed;",
	       "a second freeze is refused while there is one");
	proof("after all that");
}

static void test_others(void)
{
	e2e_guest("fsfreeze -f /mnt/btrfs");
	is_str(probe("freeze 60000 /mnt/dm,/mnt/btrfs,/mnt/xfs"),
	       "freeze EBUSY frozen 0 failed 1 0 EBUSY ECANCELED;",
	       "somebody else's freeze is an error");
	is_str(e2e_guest("fsfreeze -u /mnt/btrfs && echo thawed"), "thawed", "and stays frozen");
	probe_start("freeze 60000 /mnt/dm,/mnt/xfs sleep 2500 thaw");
	probe_says("freeze 0 frozen 2");
	e2e_guest("fsfreeze -u /mnt/dm");
	is_ok(probe_says("thaw 0 thawed 1 lost 1 end others"),
	      "what somebody else has thawed is told");
	e2e_sleep_ms(200);
	proof("after others have had their hands in it");
}

static void test_deadline(void)
{
	probe_start("freeze 700 @ pri 5000 thaw pri 0");
	is_ok(probe_says("pri pri\nthaw 0 thawed 0 lost 0 end deadline") &&
	      probe_says("pri nothing"),
	      "at the deadline all are thawed, and the daemon is told until it has asked");
	proof("after the deadline");
	probe_start("freeze 2000 @ stop");
	probe_froze();
	is_ok(wait_frozen(0, 8000), "also when the daemon is stopped");
	is_str(e2e_guest("sed -n 's/^State:.\\(.\\).*/\\1/p' /proc/$(cat /run/img/pid)/status"),
	       "T", "which it still is");
	proof("while the daemon is stopped");
	probe_kill();
}

static void test_death(void)
{
	int ms;

	probe_start("freeze 60000 @ sleep 60000");
	probe_froze();
	ms = thawed_after("kill -9 $(cat /run/img/pid)");
	e2e_note("thawed %d ms after kill -9, the time of a shell included", ms);
	is_ok(ms < e2e_patient_ms(SOON_MS), "the daemon's death thaws at once");
	proof("after the daemon's death");
	probe_start("freeze 60000 @ stop");
	probe_froze();
	ms = thawed_after("kill -9 $(cat /run/img/pid)");
	is_ok(ms < e2e_patient_ms(SOON_MS), "also of one that is stopped");
	proof("after that");
}

/* The file system that a loop device is in must be frozen last: here it is not. */
static void test_stuck(void)
{
	int ms;

	e2e_guest("dd if=/dev/zero of=/mnt/loop/dirty bs=64k count=40 2>/dev/null");
	is_str(probe("freeze 2000 /mnt/xfs,/mnt/ext4,/mnt/loop"),
	       "freeze ETIMEDOUT frozen 0 failed 3 0 0 0;",
	       "a freeze that cannot end in time is undone, and then ends");
	proof("after a freeze in the wrong order");
	e2e_guest("dd if=/dev/zero of=/mnt/loop/dirty bs=64k count=40 2>/dev/null");
	probe_start("freeze 20000 /mnt/xfs,/mnt/ext4,/mnt/loop");
	if (!wait_frozen(2, 5000))
		e2e_note("  %d are frozen", frozen());
	e2e_tell("service-disable", "{\"service\":\"vss\"}");
	is_ok(probe_says("freeze ECANCELED frozen 0"),
	      "so is one that is under way when the host takes the service back");
	proof("after that");
	e2e_tell("service-enable", "{\"service\":\"vss\"}");
	e2e_guest("dd if=/dev/zero of=/mnt/loop/dirty bs=64k count=40 2>/dev/null");
	probe_start("freeze 20000 /mnt/xfs,/mnt/ext4,/mnt/loop sleep 1000");
	wait_frozen(2, 5000);
	ms = thawed_after("kill -9 $(cat /run/img/pid)");
	is_ok(ms < e2e_patient_ms(SOON_MS), "and the death of a daemon in the middle of one");
	proof("after the death of one that was freezing");
}

/*
 * What a loop device's file lies in is being frozen when the time is up, which cannot end
 * before its disk goes on, nor can the thaw of what is on the loop device.
 */
static void test_stuck_below(void)
{
	is_str(e2e_guest("exec 2>&1; set -e; mkdir -p /mnt/inner; "
			 "truncate -s 8M /mnt/dm/inner.img; mkfs.ext4 -q /mnt/dm/inner.img; "
			 "mount -o loop /mnt/dm/inner.img /mnt/inner; "
			 "sync; fsfreeze -f /mnt/ext4; echo made"), "made",
	       "a file system lies in one on device-mapper");
	/* somebody's freeze holds up the second, until the third's disk is stopped */
	e2e_guest("dd if=/dev/zero of=/mnt/loop/dirty bs=64k count=40 2>/dev/null");
	probe_start("freeze 10000 /mnt/inner,/mnt/loop,/mnt/dm");
	is_ok(wait_frozen(1, 5000), "the first is frozen, and the second waits");
	e2e_guest("echo x >/mnt/dm/dirty; dmsetup suspend --nolockfs linear; "
		  "fsfreeze -u /mnt/ext4");
	is_ok(wait_frozen(2, 5000), "the third is being frozen, and waits for its disk");
	is_ok(wait_frozen(1, 20000), "at the deadline the second is thawed");
	e2e_guest("dmsetup resume linear");
	is_ok(probe_says("freeze ETIMEDOUT frozen 0 failed 3 0 0 0"),
	      "when the disk goes on all are");
	is_int(frozen(), 0, "nothing is frozen");
	proof("after a freeze of what is below");
	is_str(e2e_guest("exec 2>&1; echo x >/mnt/inner/proof && sync && umount /mnt/inner && "
			 "rm /mnt/dm/inner.img && echo done"), "done", "and so does the innermost");
}

/* A loop device whose file is frozen holds up those of other levels only. */
static void test_side_by_side(void)
{
	is_ok(strstr(probe("freeze 60000 /mnt/dm+/mnt/xfs+/mnt/btrfs+/mnt/loop,/mnt/ext4 thaw"),
		     "freeze 0 frozen 5 failed 5 0 0 0 0 0;thaw 0 thawed 5 lost 0 end thawed"),
	      "those of one level are frozen, and thawed");
	proof("after a freeze side by side");
	e2e_guest("dd if=/dev/zero of=/mnt/loop/dirty bs=64k count=40 2>/dev/null");
	probe_start("freeze 8000 /mnt/ext4,/mnt/loop+/mnt/xfs+/mnt/btrfs,/mnt/dm");
	is_ok(wait_frozen(3, 10000), "one that is stuck does not hold up those of its level");
	e2e_sleep_ms(500);
	is_int(frozen(), 3, "but those of the next");
	is_ok(probe_says("freeze ETIMEDOUT frozen 0 failed 5 0 0 0 0 ECANCELED"),
	      "at the deadline all are thawed");
	proof("after one was stuck");
	e2e_guest("fsfreeze -f /mnt/ext4; "
		  "dd if=/dev/zero of=/mnt/loop/dirty bs=64k count=40 2>/dev/null");
	probe_start("freeze 30000 /mnt/dm,/mnt/loop+/mnt/vfat+/mnt/xfs");
	e2e_sleep_ms(2000);
	is_int(frozen(), 0, "one that fails has those thawed that are frozen");
	is_str(e2e_guest("cat /run/img/said"), "", "while somebody is stuck");
	e2e_guest("fsfreeze -u /mnt/ext4");
	is_ok(probe_says("freeze EOPNOTSUPP frozen 0 failed 2"),
	      "and when the last is done, says so");
	proof("after one that failed");
}

/* Two are stuck when the time is up; who gets free thaws his own, whatever the other does. */
static void test_stuck_twice(void)
{
	e2e_guest("fsfreeze -f /mnt/ext4; "
		  "dd if=/dev/zero of=/mnt/loop/dirty bs=64k count=40 2>/dev/null; "
		  "echo x >/mnt/dm/dirty; dmsetup suspend --nolockfs linear");
	probe_start("freeze 2000 /mnt/loop+/mnt/dm+/mnt/xfs");
	is_ok(wait_frozen(1, 5000), "two of three are stuck");
	is_ok(wait_frozen(0, 20000), "at the deadline the third is thawed");
	e2e_guest("fsfreeze -u /mnt/ext4");
	is_str(e2e_guest("timeout 20 sh -c 'echo x >/mnt/loop/proof && sync /mnt/loop/proof' && "
			 "echo written"), "written", "one that gets free then is thawed");
	is_str(e2e_guest("cat /run/img/said"), "", "while the other is still stuck");
	e2e_guest("dmsetup resume linear");
	is_ok(probe_says("freeze ETIMEDOUT frozen 0 failed 3 0 0 0"), "and the other likewise");
	proof("after two were stuck");
}

/* The thaw of one has to write to its disk, which hangs. */
static void test_hung_disk(void)
{
	probe_start("freeze 60000 @ sleep 2500 thaw sleep 2000 thaw");
	probe_froze();
	e2e_guest("dmsetup suspend --nolockfs linear");
	is_ok(wait_frozen(1, 10000), "a disk that hangs keeps no other file system frozen");
	is_ok(probe_says("thaw EBUSY"), "and the daemon hears that something is frozen still");
	e2e_guest("dmsetup resume linear");
	is_ok(probe_says("\nthaw 0 thawed 5 lost 0 end thawed"), "until the disk goes on");
	proof("after a disk had hung");
	probe_start("freeze 60000 @ sleep 60000");
	probe_froze();
	e2e_guest("dmsetup suspend --nolockfs linear; kill -9 $(cat /run/img/pid)");
	is_ok(wait_frozen(1, 10000), "the same when the daemon is killed");
	e2e_guest("dmsetup resume linear");
	is_ok(wait_frozen(0, 10000), "and all is thawed then");
	proof("after that");
}

static void test_dead_disk(void)
{
	probe_start("freeze 60000 @ sleep 4000 thaw");
	probe_froze();
	e2e_guest("dmsetup table linear >/run/img/table; "
		  "echo \"0 $(blockdev --getsz /dev/mapper/linear) error\" | dmsetup load linear; "
		  "dmsetup suspend --nolockfs linear; dmsetup resume linear");
	is_ok(probe_says("\nthaw 0 "), "one of the disks dies, and all are thawed");
	e2e_note("  %s", e2e_guest("tail -n 1 /run/img/said"));
	is_int(frozen(), 0, "nothing is frozen");
	is_str(e2e_guest("exec 2>&1; set -e; umount /mnt/dm; dmsetup load linear </run/img/table; "
			 "dmsetup suspend linear; dmsetup resume linear; "
			 "mount /dev/mapper/linear /mnt/dm; echo mounted"), "mounted",
	       "with a disk in its place it can be mounted again");
	proof("after a disk had died");
}

static void test_gone(void)
{
	probe_start("freeze 60000 @ hup 20000");
	probe_froze();
	e2e_tell("service-disable", "{\"service\":\"vss\"}");
	is_ok(probe_says("hup  hup"), "the host takes the service back: the daemon is told");
	proof("after the service was taken back");
	e2e_tell("service-enable", "{\"service\":\"vss\"}");

	probe_start("freeze 60000 @ sleep 1000 thaw");
	probe_froze();
	is_ok(e2e_rebind("vss"), "the device is unbound and bound");
	is_int(frozen(), 0, "nothing is frozen then");
	proof("after the driver was unbound");
	probe_says("thaw");

	probe_start("freeze 60000 @ sleep 60000");
	probe_froze();
	e2e_guest("rmmod hv_utils 2>/dev/null");
	is_str(e2e_guest("grep -c ^hv_utils /proc/modules"), "1",
	       "while the device is open the module stays");
	e2e_guest("kill -9 $(cat /run/img/pid); "
		  "while ! rmmod hv_utils 2>/dev/null; do sleep 0.1; done");
	proof("after the module was unloaded");
	e2e_guest("modprobe hv_utils");
	is_ok(e2e_wait_state("vss", "ready", 20000), "and it can be loaded again");
}

static void test_suspend(void)
{
	probe_start("register freeze 60000 @ sleep 1500 thaw");
	probe_froze();
	/* processes are frozen and thawed, and nothing more */
	is_str(e2e_guest("cd /sys/power && echo freezer >pm_test && echo mem >state && echo woke; "
			 "echo none >pm_test"), "woke", "the guest suspends, nearly");
	is_ok(probe_says("thaw 0 thawed 0 lost 0 end gone"), "what was frozen is thawed before");
	proof("after that");
	probe_start("register freeze 60000 @ thaw");
	is_ok(probe_thawed(), "and can be frozen again");
	proof("afterwards, too");
}

static void test_device(void)
{
	is_str(probe("register register"), "register 4 bytes 129;register 4 bytes 129;",
	       "a daemon that has nothing to do can register again");
	is_str(probe("write 8100000000000000000000"), "write EINVAL;", "a message is not shorter");
	is_str(probe("write 81000000000000000000000000"), "write EINVAL;", "and not longer");
	is_str(probe("write 800000000000000000000000"), "write EINVAL;",
	       "daemons of old are refused");
	is_str(probe("register write 000000000000000000000000"),
	       "register 4 bytes 129;write EINVAL;", "nobody waits for a reply");
}

/* ---- with a host that wants a backup ---- */

static void test_nobody(void)
{
	long long before = e2e_now_ns();

	is_ok(vss_step("check", 20000) > 0 && vss_step("freeze", 20000) > 0 &&
	      vss_step("thaw", 20000) > 0,
	      "without a daemon all fails");
	is_ok(e2e_now_ns() - before < 15000000000LL, "at once");
	is_int(vss_step("dm-info", 20000), 0, "of disks of its own the guest needs no daemon");
	is_int(vss_step("complete", 20000), 0, "nor for the end of a backup");
	is_int(vss_step("create", 20000), 0, "nor for what means nothing to it");
	is_int(vss_step("recover", 20000), 0, "not even when it is as long as can be");
	is_int(vss_step("9", 20000), HVIC_STATUS_NOT_SUPPORTED, "what is unknown is not done");
	is_int(vss_step("200", 20000), HVIC_STATUS_NOT_SUPPORTED, "whatever it is");
}

static void test_backup(void)
{
	struct json_object *ret;

	probe_start("register serve 60000 @");
	probe_says("register 4 bytes 129");
	ret = e2e_call("vss-backup", "{\"hold-ms\":500}");
	is_str(e2e_string(ret, "status-name"), "ok", "a backup goes well");
	is_ok(ret && e2e_number(ret, "frozen-ms") >= 500,
	      "the guest is frozen as long as it takes");
	json_object_put(ret);
	is_ok(probe_thawed(), "and thawed by its daemon");
	proof("after a backup");
	ret = e2e_call("vss-step", "{\"operation\":\"check\"}");
	is_int(e2e_number(ret, "flags"), 5, "the guest says that it needs no auto recovery");
	json_object_put(ret);
	probe_kill();
}

/* The host's thaw fails whenever the guest was awake before it. */
static void test_late_thaw(void)
{
	probe_start("register serve 1500 @");
	probe_says("register 4 bytes 129");
	is_int(vss_step("freeze", 20000), 0, "the guest is frozen");
	is_ok(wait_frozen(0, 10000), "a host that never thaws does not keep it so");
	proof("without the host's thaw");
	is_int(vss_step("thaw", 20000), HVIC_STATUS_FAIL,
	       "its thaw comes too late, and is told so");
	is_int(vss_step("freeze", 20000), 0, "the next freeze");
	is_int(vss_step("thaw", 20000), 0, "and its thaw are good again");
	proof("after the next");

	vss_step("freeze", 20000);
	e2e_guest("fsfreeze --unfreeze %s", one);
	is_int(vss_step("thaw", 20000), HVIC_STATUS_FAIL,
	       "one file system that somebody has thawed spoils it");
	proof("after that");
	vss_step("freeze", 20000);
	e2e_tell("negotiate", "{\"service\":\"vss\",\"abrupt\":true}");
	is_ok(wait_frozen(0, 1000), "a host that begins anew has the guest thawed");
	is_int(vss_step("thaw", 20000), HVIC_STATUS_FAIL, "and hears so, should it ask");
	proof("after the host began anew");
	vss_step("freeze", 20000);
	probe_kill();
	is_int(vss_step("thaw", 20000), HVIC_STATUS_FAIL, "a thaw without its daemon fails");
	proof("although the guest is thawed");
}

static void test_bad_daemon(void)
{
	probe_start("register agree 1 freeze 60000 @ agree 1 sleep 1000 thaw");
	probe_says("register 4");
	is_int(vss_step("freeze", 20000), 0,
	       "a daemon that says that it froze, and freezes later");
	probe_froze();
	is_int(vss_step("thaw", 20000), 0, "and says that it thawed");
	is_ok(wait_frozen(0, 2000), "is made to have done so");
	proof("after a daemon that forgot");
	probe_says("thaw");

	probe_start("register late 2000 register late 0 sleep 100");
	probe_says("register 4");
	is_int(vss_step("check", 500), -1, "a host that does not wait for a reply");
	is_int(vss_step("check", 20000), 0, "gets the next all the same");
	probe_kill();
	is_ok(strstr(e2e_anomaly(), "late-answer"), "and the late one, which it knows as such");
	probe_start("register sleep 2000 write 810000000000000000000000 sleep 3000");
	probe_says("register 4");
	is_int(vss_step("check", 1000), -1, "a daemon that registers instead of replying");
	is_ok(probe_says("write EINVAL"), "is refused");
	probe_kill();
	is_ok(vss_step("check", 20000) > 0, "and its request ends with it");
	e2e_anomaly();	/* late as well, for a host that did not wait */
}

static void test_snapshot(void)
{
	struct json_object *ret;

	if (!is_ok(vss_writer_start(), "somebody writes to all disks"))
		return;
	probe_start("register serve 120000 " VSS_DISKS);
	probe_says("register");
	ret = e2e_call("vss-backup", "{\"keep\":\"%s/snapshot\"}", getenv("HVSIM_OUTPUT"));
	is_str(e2e_string(ret, "status-name"), "ok", "meanwhile the host makes a backup");
	e2e_note("frozen for %lld ms", e2e_number(ret, "frozen-ms"));
	json_object_put(ret);
	vss_writer_stop();
	proof("when both are done");
	probe_kill();
	vss_snapshots_check("vss-module");
}

/* What needs no more than two file systems and a shell. */
static void test_all(void)
{
	test_hold();
	test_deadline();
	test_death();
	test_gone();
	test_suspend();
	test_device();
	test_nobody();
	test_backup();
	test_late_thaw();
	test_bad_daemon();
}

static void complaints(void)
{
	is_str(e2e_anomaly(), "", "the host has seen nothing odd");
	is_str(e2e_complaints(), "", "the kernel has no complaint");
}

static void run(void)
{
	group = "vss-module";
	all = VSS_ALL;
	one = "/mnt/xfs";
	count = 5;
	e2e_quiet();
	e2e_guest("systemctl stop hv-vss-daemon 2>/dev/null; systemctl mask hv-vss-daemon "
		  "--runtime 2>/dev/null; killall hv_vss_daemon 2>/dev/null");
	e2e_tell("negotiate", "{\"service\":\"vss\"}");
	if (!is_ok(vss_mounts_make(), "there are file systems to be frozen"))
		return;
	test_all();
	test_order();
	test_refusals();
	test_others();
	test_stuck();
	test_stuck_below();
	test_side_by_side();
	test_stuck_twice();
	test_hung_disk();
	test_dead_disk();
	test_snapshot();
	complaints();
}

static void run_hold(void)
{
	group = "vss-hold";
	all = VSS_FEW;
	one = "/mnt/a";
	count = 2;
	e2e_quiet();
	e2e_tell("negotiate", "{\"service\":\"vss\"}");
	if (!is_ok(vss_mounts_make_few(), "there are file systems to be frozen"))
		return;
	test_all();
	complaints();
}

const struct e2e_group e2e_vss_hold = { "vss-hold", run_hold };
const struct e2e_group e2e_vss_module = { "vss-module", run };
