// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File systems of a guest that tests of backup freeze: on disks of the host, on a loop
 * device in one of these, on device-mapper, and one that cannot be frozen.  One is
 * mounted twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"
#include "vss_mounts.h"

#define MOUNTS		"/mnt/ext4 /mnt/xfs /mnt/btrfs /mnt/loop /mnt/dm /mnt/vfat"
#define FEW		"/mnt/a /mnt/b"

static const char *mounts;
static int count;

/**
 * vss_mounts_count() - How many file systems there are.
 *
 * Return: what vss_mounts_written_soon() is when none of them is frozen.
 */
int vss_mounts_count(void)
{
	return count;
}

/**
 * vss_step() - Have the host take one step of a backup.
 * @operation: as "hvsim backup" calls it
 * @timeout_ms: how long the guest may take
 *
 * Return: the status that the guest answers; -1 when it does not.
 */
long long vss_step(const char *operation, int timeout_ms)
{
	struct json_object *ret = e2e_call("vss-step", "{\"operation\":\"%s\",\"timeout-ms\":%d}",
					   operation, timeout_ms);
	long long status = ret ? e2e_number(ret, "status") : -1;

	json_object_put(ret);
	return status;
}

/**
 * vss_mounts_take() - Take file systems that somebody else has mounted.
 * @points: where, with blanks between; is kept, not copied
 * @how_many: of them
 */
void vss_mounts_take(const char *points, int how_many)
{
	mounts = points;
	count = how_many;
}

static bool mounted(const char *said, const char *which, int how_many)
{
	vss_mounts_take(which, how_many);
	if (strstr(said, "mounted"))
		return true;
	e2e_note("  %s", said);
	return false;
}

/**
 * vss_mounts_make() - Mount them all.
 *
 * The host's first three disks have file systems already.
 *
 * Return: whether they are mounted; if not, the log says what failed.
 */
bool vss_mounts_make(void)
{
	/* in steps, since a guest within a guest is slow and a command has a minute */
	static const char *const steps[] = {
		"mkdir -p " MOUNTS " /run/img; mount -t tmpfs img /run/img; "
		"mount /dev/vda /mnt/ext4",
		"mount /dev/vdb /mnt/xfs; mkdir /mnt/again; mount --bind /mnt/xfs /mnt/again",
		"mount /dev/vdc /mnt/btrfs",
		"truncate -s 24M /mnt/ext4/loop.img; mkfs.ext4 -q /mnt/ext4/loop.img; "
		"mount -o loop /mnt/ext4/loop.img /mnt/loop",
		"truncate -s 24M /run/img/dm; mkfs.ext4 -q /run/img/dm; "
		"l=$(losetup -f --show /run/img/dm); "
		"dmsetup create linear --table \"0 $(blockdev --getsz $l) linear $l 0\" "
		">/dev/null; dmsetup mknodes; mount /dev/mapper/linear /mnt/dm",
		"truncate -s 24M /run/img/vfat; mkfs.vfat /run/img/vfat >/dev/null; "
		"mount -o loop /run/img/vfat /mnt/vfat",
	};
	const char *said = "";
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		said = e2e_guest("exec 2>&1; set -e; %s; echo mounted", steps[i]);
		if (!strstr(said, "mounted"))
			break;
	}
	return mounted(said, MOUNTS, 6);
}

/**
 * vss_mounts_make_few() - Mount two, in a guest that is all busybox.
 *
 * The host's first two disks have file systems already.
 *
 * Return: as vss_mounts_make().
 */
bool vss_mounts_make_few(void)
{
	return mounted(e2e_guest("exec 2>&1; set -e; mkdir -p " FEW " /run/img; "
				 "mount -t tmpfs img /run/img; mount -t ext4 /dev/vda /mnt/a; "
				 "mount -t ext4 /dev/vdb /mnt/b; echo mounted"), FEW, 2);
}

/* Into a file of its own each time: who came too late the last time may still come. */
static int written_within(int tenths)
{
	static unsigned int turn;

	turn++;
	/* who writes to what is frozen cannot be killed: it is not waited for */
	return atoi(e2e_guest("f=/run/img/wrote.%u; touch $f; ln -sf $f /run/img/wrote; "
			      "for m in %s; do (echo x >$m/proof && sync $m/proof && echo $m >>$f) "
			      ">/dev/null 2>&1 & done; "
			      "for i in $(seq %d); do [ $(wc -l <$f) = %d ] && break; "
			      "sleep 0.1; done; wc -l <$f", turn, mounts, tenths, count));
}

/**
 * vss_mounts_written_soon() - Write to each of them, while some are frozen.
 *
 * Return: how many took it within a second.
 */
int vss_mounts_written_soon(void)
{
	return written_within(10);
}

/**
 * vss_mounts_prove() - Test that each of them takes a write; nothing stays frozen.
 * @group: of tests
 * @when: for the test's name: "after ..."
 */
void vss_mounts_prove(const char *group, const char *when)
{
	/* it is to be on its disk within twenty seconds, and those are long in a nested guest */
	if (e2e_is_int(written_within(200), count, "%s: every file system takes a write %s",
		       group, when))
		return;
	e2e_note("  %s", e2e_guest("echo those that do: $(cat /run/img/wrote)"));
	e2e_guest("for m in %s; do fsfreeze -u $m; done 2>/dev/null", mounts);
}

/**
 * vss_writer_start() - Have somebody write to all disks, without end.
 *
 * Return: whether he does.
 */
bool vss_writer_start(void)
{
	e2e_guest("for m in /mnt/ext4 /mnt/xfs /mnt/btrfs; do "
		  "(n=0; while [ ! -e /run/img/stop ]; do n=$((n + 1)); mkdir -p $m/w; head -c $((n %% 9 * 3000)) /dev/zero | tr '\\0' w "
		  ">$m/w/$((n %% 37)); mv $m/w/$((n %% 37)) $m/w/m$((n %% 29)); "
		  "rm -f $m/w/m$((n %% 17)); done) >/dev/null 2>&1 & done");
	e2e_sleep_ms(1000);
	return !strcmp(e2e_guest("ls -d /mnt/ext4/w /mnt/xfs/w /mnt/btrfs/w | wc -l"), "3");
}

/**
 * vss_writer_stop() - Have him stop, and wait until he has.
 */
void vss_writer_stop(void)
{
	e2e_guest("touch /run/img/stop; sleep 2; rm /run/img/stop");
}

/**
 * struct check - how a snapshot is checked
 * @what: its file system
 * @command: the program, with $S for the snapshot and $L for what it says; its status
 *	is 0 for a snapshot that is clean
 */
struct check {
	const char *what;
	const char *command;
};

static const struct check checks[] = {
	{ "ext4", "e2fsck -fn $S >$L 2>&1" },
	/* a frozen XFS keeps a log to be replayed; without that, some counters are old */
	{ "XFS", "xfs_repair -n -f $S >$L 2>&1; "
		 "grep -q 'Phase 7' $L && ! grep -E 'would |bad ' $L" },
	{ "btrfs", "btrfs check $S >$L 2>&1" },
};

/**
 * vss_snapshots_check() - Test that the snapshots of the host's disks are clean.
 * @group: of tests
 *
 * They are $HVSIM_OUTPUT/snapshot.0 and so on, and are deleted unless they are not.
 */
void vss_snapshots_check(const char *group)
{
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		e2e_is_int(e2e_host("S=$HVSIM_OUTPUT/snapshot.%zu; "
				    "L=$HVSIM_OUTPUT/snapshot.%zu.log; { %s; } && rm -f $S", i, i,
				    checks[i].command),
			   0, "%s: the snapshot of %s is clean", group, checks[i].what);
}
