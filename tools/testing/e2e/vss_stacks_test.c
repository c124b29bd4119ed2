// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup, with our daemon, where file systems lie on what lies on something else, or are
 * none of those that can be frozen: each is in the plan as what it is, in an order that
 * works, and takes a write afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "vss_mounts.h"

#define UNIT		"hv-vss-daemon"
#define SCRIPT		"/usr/libexec/stacks.sh"
#define DROP_IN		"/etc/hyperv-ics.conf.d/e2e.conf"
#define STEP_MS		60000
#define BEGIN_MS	120000
/* The host's, of the first logical volume of its disk, which is in one piece. */
#define SNAPSHOT	"\"$HVSIM_OUTPUT/snapshot?offset=1048576\""

#define is_ok(pass, text, ...)		e2e_ok(pass, "vss-stacks: " text, ##__VA_ARGS__)
#define is_int(got, want, text, ...)	e2e_is_int(got, want, "vss-stacks: " text, ##__VA_ARGS__)
#define is_str(got, want, text, ...)	e2e_is_str(got, want, "vss-stacks: " text, ##__VA_ARGS__)

/**
 * struct stack - something that is mounted at /mnt/NAME
 * @name: as stacks.sh calls it
 * @what: for the tests' names
 * @verdict: what the plan says of it, if anything
 */
struct stack {
	const char *name;
	const char *what;
	const char *verdict;
};

/* In the order of making. */
static const struct stack stacks[] = {
	{ "lvm", "ext4 on LVM", "freeze" },
	{ "crypt", "ext4 on dm-crypt on LVM", "freeze" },
	{ "md", "ext4 on a RAID of loop devices, one of them on LVM", "freeze" },
	{ "multi", "btrfs on two loop devices", "freeze" },
	{ "bind", "a bind mount, which is nothing of its own", "" },
	{ "overlay", "an overlay", "overlay" },
	{ "squashfs", "squashfs on a loop device", "read-only" },
	{ "readonly", "ext4 mounted read-only", "read-only" },
	{ "fuse", "FUSE", "fuse" },
	{ "nfs", "NFS from the guest itself", "network" },
	{ "nbd", "ext4 on nbd", "remote" },
	{ "iscsi", "ext4 on iSCSI", "remote" },
};

#define NR_STACKS (sizeof(stacks) / sizeof(stacks[0]))

/* The place of a mount in a list of the plan, or -1; and what the plan says of it. */
static int find(struct json_object *list, const char *name, const char **verdict)
{
	int n = list ? (int)json_object_array_length(list) : 0, i;
	struct json_object *item;
	char point[64];

	snprintf(point, sizeof(point), "/mnt/%s", name);
	for (i = 0; i < n; i++) {
		item = json_object_array_get_idx(list, (size_t)i);
		if (strcmp(e2e_string(item, "mount"), point))
			continue;
		*verdict = e2e_string(item, "verdict");
		return i;
	}
	return -1;
}

static long long level_of(struct json_object *list, const char *name)
{
	const char *unused;
	int at = find(list, name, &unused);

	return at < 0 ? -1 : e2e_number(json_object_array_get_idx(list, (size_t)at), "level");
}

static struct json_object *plan_get(void)
{
	return json_tokener_parse(e2e_guest("hvic --json vss plan"));
}

static void verdict_test(struct json_object *plan, const struct stack *stack)
{
	const char *verdict = "";

	if (find(e2e_get(plan, "freeze"), stack->name, &verdict) < 0)
		find(e2e_get(plan, "skip"), stack->name, &verdict);
	is_str(verdict, stack->verdict, "the plan says of %s: %s", stack->what,
	       *stack->verdict ? stack->verdict : "nothing");
}

static void test_plan(void)
{
	struct json_object *plan = plan_get(), *freeze = e2e_get(plan, "freeze");
	size_t i;

	for (i = 0; i < NR_STACKS; i++)
		verdict_test(plan, &stacks[i]);
	is_int(level_of(freeze, "md"), 1, "the RAID is of the first level");
	is_int(level_of(freeze, "crypt"), 1, "as is what does not need it");
	is_int(level_of(freeze, "lvm"), 2, "what one half of it lies in is of the next");
	json_object_put(plan);
}

static bool making(const struct stack *stack)
{
	const char *said = e2e_guest("timeout 55 sh " SCRIPT " %s", stack->name);

	if (is_ok(strstr(said, "made"), "there is %s", stack->what))
		return true;
	e2e_note("  %s", said);
	return false;
}

/* Those that can be written to, whatever the plan says of them. */
static void written_list(void)
{
	static char points[512];
	int count = 0;
	size_t i, len = 0;

	for (i = 0; i < NR_STACKS; i++) {
		if (!strcmp(stacks[i].verdict, "read-only"))
			continue;
		len += (size_t)snprintf(points + len, sizeof(points) - len, "/mnt/%s ",
					stacks[i].name);
		count++;
	}
	vss_mounts_take(points, count);
}

static void proof(const char *when)
{
	vss_mounts_prove("vss-stacks", when);
}

static void test_backup(void)
{
	struct json_object *ret;

	e2e_guest("echo before >/mnt/lvm/before");
	ret = e2e_call("vss-backup", "{\"hold-ms\":500,\"keep\":\"%s/snapshot\"}",
		       getenv("HVSIM_OUTPUT"));
	is_str(e2e_string(ret, "status-name"), "ok", "a backup goes well");
	json_object_put(ret);
	proof("after a backup");
	is_int(e2e_host("e2fsck -fn " SNAPSHOT " >$HVSIM_OUTPUT/snapshot.log 2>&1"), 0,
	       "the snapshot of what is on LVM is clean");
	is_int(e2e_host("debugfs -R 'cat before' " SNAPSHOT " 2>/dev/null | grep -q before"), 0,
	       "and has what was written before");
}

static void test_death(void)
{
	is_int(vss_step("freeze", STEP_MS), 0, "all is frozen");
	is_ok(vss_mounts_written_soon() < vss_mounts_count(), "and does not take a write");
	e2e_guest("kill -9 $(pidof hv_vss_daemon)");
	e2e_sleep_ms(3000);
	proof("after its daemon was killed");
	is_ok(e2e_unit_start(UNIT, "vss", BEGIN_MS), "another daemon takes its place");
}

static void test_remote(void)
{
	static const struct stack remote[] = {
		{ "nbd", "nbd, if it is to be", "freeze" },
		{ "iscsi", "iSCSI, if it is to be", "freeze" },
	};
	struct json_object *plan;

	e2e_guest("mkdir -p /etc/hyperv-ics.conf.d; printf '[vss]\\nremote = freeze\\n' >" DROP_IN
		  "; systemctl restart " UNIT "; sleep 2");
	plan = plan_get();
	verdict_test(plan, &remote[0]);
	verdict_test(plan, &remote[1]);
	json_object_put(plan);
	is_int(vss_step("freeze", STEP_MS) | vss_step("thaw", STEP_MS), 0,
	       "and a backup goes well then, too");
	e2e_sleep_ms(1000);
	proof("after that");
}

static void run(void)
{
	bool made = true;
	size_t i;

	e2e_quiet();
	e2e_tell("negotiate", "{\"service\":\"vss\"}");
	for (i = 0; i < NR_STACKS; i++)
		made &= making(&stacks[i]);
	written_list();
	if (!made || !is_ok(e2e_unit_start(UNIT, "vss", BEGIN_MS), "the daemon begins"))
		return;
	proof("before any backup");
	test_plan();
	test_backup();
	test_death();
	test_remote();
	is_str(e2e_complaints(), "", "the kernel has no complaint");
}

const struct e2e_group e2e_vss_stacks = { "vss-stacks", run };
