// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long a backup holds up who writes, on eight disks of the guest (labels b0 to b7);
 * and of ours alone, how freezing grows with the number of file systems, and how soon all
 * is thawed when the daemon is killed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define DISKS		8
#define DIRTY_MIB	64
#define ROUNDS		3
#define SMALL_MIB	4

/* What it was frozen with is on the disk at the latest then, and so is all else. */
#define DIRTY_KEEP	"sysctl -q vm.dirty_background_ratio=90 vm.dirty_ratio=95 " \
			"vm.dirty_expire_centisecs=60000 vm.dirty_writeback_centisecs=60000"

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static void figures_print(const struct bench_run *run, const char *metric, const char *name,
			  unsigned int records, double figures[], size_t count)
{
	qsort(figures, count, sizeof(*figures), compare);
	printf("%s\t%s\t%s\t%s\t%u\t%.1f\t%.1f\t%.1f\n", run->kernel, run->module, metric, name,
	       records, figures[count / 2], figures[0], figures[count - 1]);
	fflush(stdout);
}

static void backup_ask(void)
{
	struct json_object *ret = bench_call("vss-backup", "{}");

	if (json_object_get_int64(json_object_object_get(ret, "status")))
		bench_die("the guest's backup fails: %s", json_object_to_json_string(ret));
	json_object_put(ret);
}

/* All disks have so much to be written, and somebody who writes to each. */
static double blocked_measure(void)
{
	free(bench_guest("sync; rm -f /run/stop /run/gap.*; for i in 0 1 2 3 4 5 6 7; do "
			 "dd if=/dev/zero of=/m/$i/dirty bs=1M count=%d conv=notrunc 2>/dev/null; "
			 "done", DIRTY_MIB));
	free(bench_guest("for i in 0 1 2 3 4 5 6 7; do setsid bench_writer gap /m/$i/written "
			 "/run/stop >/run/gap.$i </dev/null & done; sleep 2"));
	backup_ask();
	/* none that has not told is taken for one that was not held up */
	return bench_number("sleep 1; touch /run/stop; n=0; "
			    "while [ $(cat /run/gap.* | wc -l) -lt 8 ]; do "
			    "n=$((n + 1)); [ $n -lt 300 ] || exit 1; sleep 0.1; done; "
			    "sort -n /run/gap.* | tail -n 1");
}

static void writers_measure(const struct bench_run *run)
{
	double figures[ROUNDS];
	size_t i;

	free(bench_guest(DIRTY_KEEP "; for i in 0 1 2 3 4 5 6 7; do mkdir -p /m/$i; "
			 "mount -L b$i /m/$i || exit 1; "
			 "dd if=/dev/zero of=/m/$i/dirty bs=1M count=%d 2>/dev/null; done; sync",
			 DIRTY_MIB));
	for (i = 0; i < ROUNDS; i++)
		figures[i] = blocked_measure();
	figures_print(run, "blocked", "writer blocked, ms", DISKS, figures, ROUNDS);
}

/* From the kill to a write that is done, by one clock in the guest. */
static double thaw_measure(void)
{
	struct json_object *ret = bench_call("vss-step", "{\"operation\":\"freeze\"}");
	double number;

	if (json_object_get_int64(json_object_object_get(ret, "status")))
		bench_die("the guest does not freeze: %s", json_object_to_json_string(ret));
	json_object_put(ret);
	number = bench_number("bench_writer kill $(pidof hv_vss_daemon) /m/0/written");
	free(bench_guest("systemctl reset-failed hv-vss-daemon; systemctl start hv-vss-daemon; "
			 "sleep 5"));
	return number;
}

static void kill_measure(const struct bench_run *run)
{
	double figures[ROUNDS];
	size_t i;

	for (i = 0; i < ROUNDS; i++)
		figures[i] = thaw_measure();
	figures_print(run, "kill", "kill -9 to thaw, ms", DISKS, figures, ROUNDS);
}

static void growth_measure(const struct bench_run *run)
{
	static const unsigned int counts[] = { 25, 50, 100 };
	unsigned int mounted = 0;
	double figures[ROUNDS];
	size_t i, round;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		free(bench_guest("mkdir -p /run/small; for i in $(seq %u %u); do "
				 "truncate -s %dM /run/small/$i.img; mke2fs -q -t ext4 "
				 "/run/small/$i.img; "
				 "mkdir /run/small/$i; mount -o loop /run/small/$i.img "
				 "/run/small/$i || "
				 "exit 1; done", mounted + 1, counts[i], SMALL_MIB));
		mounted = counts[i];
		for (round = 0; round < ROUNDS; round++) {
			backup_ask();
			figures[round] = bench_number("sleep 1; hvic --json vss status | "
						      "sed "
						      "'s/.*\"freeze_ms\":\\([0-9]*\\).*/\\1/'");
		}
		figures_print(run, "freeze", "freezing, ms", mounted, figures, ROUNDS);
	}
	free(bench_guest("for i in $(seq %u); do umount /run/small/$i; done; rm -rf /run/small",
			 mounted));
}

/**
 * bench_vss_measure() - Measure backups, and print figures.
 * @run: of what
 */
void bench_vss_measure(const struct bench_run *run)
{
	free(bench_guest("systemctl start hv-vss-daemon"));
	writers_measure(run);
	if (strcmp(run->module, "in-tree")) {
		kill_measure(run);
		growth_measure(run);
	}
	free(bench_guest("umount /m/*"));
}
