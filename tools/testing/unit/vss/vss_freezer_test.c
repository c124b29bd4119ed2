// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Real file systems, on loop devices in a mount namespace of this test's, are frozen by
 * processes of ours, and whoever has a part in it is killed, stopped, or hangs.
 *
 * Nothing stays frozen: each test ends by having every mount take a write.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_file.h"
#include "hvd_log.h"
#include "hvd_pool.h"
#include "vss/backup.h"
#include "vss/flush.h"
#include "vss/status.h"

#define DEADLINE_MS	60000
#define FREE_MS		10000	/* a write that takes longer is held up */

static char top[64], record_path[96];
static const struct vss_cancel never = { .device = -1 };

/* Mounts, in the order in which they are made; "inner" lies in a file in "ext4". */
static const struct { const char *name, *type, *megabytes, *holder; } kinds[] = {
	{ "ext4", "ext4", "160M", "" },
	{ "xfs", "xfs", "320M", "" },
	{ "btrfs", "btrfs", "128M", "" },
	{ "inner", "ext4", "16M", "ext4/" },
};

static bool mounted[4];

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* ---- the world ---- */

static bool run(const char *const argv[])
{
	pid_t child = fork();
	int status = -1, null;

	if (!child) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

static const char *path_of(const char *name, const char *file)
{
	static char path[4][160];
	static unsigned int next;
	char *to = path[next++ % 4];

	snprintf(to, sizeof(path[0]), "%s/%s%s%s", top, name, *file ? "/" : "", file);
	return to;
}

static bool fs_mount(size_t i)
{
	char image[160], mkfs[32];
	const char *point = path_of(kinds[i].name, "");

	snprintf(image, sizeof(image), "%s/%s%s.img", top, kinds[i].holder, kinds[i].name);
	snprintf(mkfs, sizeof(mkfs), "mkfs.%s", kinds[i].type);
	mkdir(point, 0755);
	return run((const char *const[]){ "truncate", "-s", kinds[i].megabytes, image, NULL }) &&
	       run((const char *const[]){ mkfs, "-q", image, NULL }) &&
	       run((const char *const[]){ "mount", "-o", "loop", image, point, NULL });
}

static bool world_make(void)
{
	size_t i;

	strcpy(top, "/run/vss_freezer.XXXXXX");
	if (geteuid() || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE,
						       NULL) ||
	    !mkdtemp(top) || mount("tmpfs", top, "tmpfs", 0, NULL))
		return false;
	snprintf(record_path, sizeof(record_path), "%s/record", top);
	for (i = 0; i < KINDS; i++) {
		mounted[i] = fs_mount(i);
		if (mounted[i])
			tap_ok(true, "%s is mounted", kinds[i].name);
		else
			tap_skip(kinds[i].name, "no mkfs, loop device, or driver in the kernel");
	}
	return mounted[0] && mounted[3];
}

/* Above all no loop device is left behind. */
static void world_end(void)
{
	size_t i;

	for (i = KINDS; i--;)
		if (mounted[i])
			umount2(path_of(kinds[i].name, ""), 0);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

/* ---- writing ---- */

static pid_t write_start(const char *name)
{
	pid_t child = fork();
	int fd;

	if (child)
		return child;
	fd = open(path_of(name, "written"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	_exit(fd < 0 || write(fd, "x", 1) != 1 || fsync(fd));
}

/* Whether it is done; one that is not goes on. */
static bool write_wait(pid_t child, unsigned int ms)
{
	int status;

	for (; ms; ms--, usleep(1000))
		if (waitpid(child, &status, WNOHANG) == child)
			return !status;
	return false;
}

static bool all_write(void)
{
	bool all = true;
	pid_t child;
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (!mounted[i])
			continue;
		child = write_start(kinds[i].name);
		if (write_wait(child, FREE_MS))
			continue;
		tap_diag("%s does not take a write", kinds[i].name);
		all = false;
	}
	return all;
}

static void prove(void)
{
	tap_ok(all_write(), "every mount takes a write");
	tap_is_int(vss_record_frozen(record_path), 0, "and no record says otherwise");
}

static int thaw_one(const char *name)
{
	int fd = open(path_of(name, ""), O_RDONLY), err;

	err = ioctl(fd, FITHAW, 0) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int freeze_one(const char *name)
{
	int fd = open(path_of(name, ""), O_RDONLY), err;

	err = ioctl(fd, FIFREEZE, 0) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/* ---- a freeze ---- */

struct frozen {
	struct vss_plan plan;
	struct vss_set set;
	struct vss_freezer freezer;
	unsigned int count;
};

static void frozen_plan(struct frozen *frozen, const char *exclude)
{
	char include[96];
	const struct vss_choice choice = { .include = include, .exclude = exclude, .remote = true };

	snprintf(include, sizeof(include), "%s/*", top);
	memset(frozen, 0, sizeof(*frozen));
	if (vss_plan_system(&frozen->plan, &choice))
		abort();
}

static void frozen_begin(struct frozen *frozen)
{
	size_t i;

	if (vss_record_new(&frozen->set.record, record_path, &frozen->plan))
		abort();
	frozen->count = (unsigned int)frozen->plan.nr_order;
	frozen->set.fds = calloc(frozen->count + 1, sizeof(int));
	for (i = 0; i < frozen->count; i++)
		frozen->set.fds[i] = vss_plan_open(&frozen->plan, frozen->plan.order[i]);
	vss_freezer_start(&frozen->freezer, -1);
}

static void frozen_open(struct frozen *frozen, const char *exclude)
{
	frozen_plan(frozen, exclude);
	frozen_begin(frozen);
}

static int frozen_make(struct frozen *frozen, const char *exclude, unsigned int deadline_ms)
{
	frozen_open(frozen, exclude);
	return vss_freezer_freeze(&frozen->freezer, &frozen->set, deadline_ms);
}

static void frozen_free(struct frozen *frozen)
{
	unsigned int i;

	for (i = 0; i < frozen->count; i++)
		close(frozen->set.fds[i]);
	free(frozen->set.fds);
	vss_record_free(frozen->set.record, record_path);
	vss_plan_free(&frozen->plan);
}

static bool news_wait(const struct frozen *frozen, int ms)
{
	struct pollfd fd = { .fd = vss_freezer_fd(&frozen->freezer), .events = POLLIN };

	return poll(&fd, 1, ms) > 0;
}

static size_t place_of(const struct frozen *frozen, const char *name)
{
	size_t i;

	for (i = 0; i < frozen->plan.nr_order; i++)
		if (!strcmp(frozen->plan.items[frozen->plan.order[i]].mount.point,
			    path_of(name, "")))
			break;
	return i;
}

/* ---- tests ---- */

static void test_freeze(void)
{
	struct vss_outcome outcome;
	struct frozen frozen;
	pid_t writers[KINDS];
	bool held = true, through = true;
	size_t i;

	tap_is_int(frozen_make(&frozen, NULL, DEADLINE_MS), 0, "all are frozen");
	tap_ok(place_of(&frozen, "inner") < place_of(&frozen, "ext4"),
	       "what lies in a file before what holds it");
	tap_is_int(vss_record_frozen(record_path), frozen.count, "the record says so");
	for (i = 0; i < KINDS; i++)
		writers[i] = mounted[i] ? write_start(kinds[i].name) : 0;
	for (i = 0; i < KINDS; i++)
		held &= !mounted[i] || !write_wait(writers[i], 100);
	tap_ok(held, "who writes to one waits");
	tap_is_int(vss_freezer_thaw(&frozen.freezer, &outcome), 0, "all are thawed");
	for (i = 0; i < KINDS; i++)
		through &= !mounted[i] || write_wait(writers[i], FREE_MS);
	tap_ok(through, "who waited goes on");
	tap_is_int(outcome.thawed, frozen.count, "as many as were frozen");
	tap_is_int(outcome.end, HVIC_USER_VSS_THAWED, "by us");
	tap_is_int(outcome.lost, 0, "none was lost");
	tap_ok(outcome.frozen_ms >= 100 && outcome.frozen_ms < 20000, "it is told for how long");
	tap_is_int(vss_freezer_thaw(&frozen.freezer, &outcome), -ENODATA, "and only once");
	frozen_free(&frozen);
	prove();
}

static void test_busy(void)
{
	struct frozen frozen;

	tap_is_int(freeze_one("ext4"), 0, "somebody else freezes one");
	tap_is_int(frozen_make(&frozen, path_of("inner", ""), DEADLINE_MS), -EBUSY,
		   "that one cannot be frozen");
	tap_is_int(frozen.set.record->failed, (long long)place_of(&frozen, "ext4"),
		   "it is told which");
	tap_is_int(freeze_one("ext4"), -EBUSY, "it is still his");
	frozen_free(&frozen);
	tap_is_int(thaw_one("ext4"), 0, "he thaws it");
	prove();
}

static void test_others(void)
{
	struct vss_outcome outcome;
	struct frozen frozen;

	frozen_make(&frozen, NULL, DEADLINE_MS);
	tap_is_int(thaw_one("ext4"), 0, "somebody else thaws one of ours");
	tap_is_int(vss_freezer_thaw(&frozen.freezer, &outcome), 0, "the rest is thawed");
	tap_is_int(outcome.end, HVIC_USER_VSS_OTHERS, "and it is told");
	tap_is_int(outcome.lost, 1, "of how many");
	frozen_free(&frozen);
	prove();
}

static void test_deadline(void)
{
	struct vss_outcome outcome;
	struct frozen frozen;

	tap_is_int(frozen_make(&frozen, NULL, 2000), 0, "frozen for 2 s at most");
	tap_ok(!news_wait(&frozen, 200), "it is");
	tap_ok(news_wait(&frozen, 5000), "then there is news");
	tap_ok(all_write(), "it is thawed");
	tap_is_int(vss_freezer_thaw(&frozen.freezer, &outcome), 0, "which can be asked for");
	tap_is_int(outcome.end, HVIC_USER_VSS_DEADLINE, "it was the deadline");
	tap_is_int(outcome.thawed, 0, "and not us");
	frozen_free(&frozen);
	prove();
}

/* A daemon of its own, which has frozen everything when this returns. */
static pid_t daemon_start(unsigned int deadline_ms, pid_t *holder)
{
	struct frozen frozen;
	int ready[2];
	pid_t child;

	if (pipe(ready))
		return -1;
	child = fork();
	if (!child) {
		if (frozen_make(&frozen, NULL, deadline_ms))
			_exit(1);
		*holder = frozen.set.record->pid;
		if (write(ready[1], holder, sizeof(*holder)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], holder, sizeof(*holder)) != sizeof(*holder))
		tap_diag("the daemon could not freeze");
	close(ready[0]);
	return child;
}

static void test_killed(void)
{
	pid_t holder, daemon = daemon_start(DEADLINE_MS, &holder), writer = write_start("ext4");
	uint64_t from;

	tap_ok(!write_wait(writer, 100), "a daemon has frozen all");
	from = vss_wait_now();
	kill(daemon, SIGKILL);
	tap_ok(write_wait(writer, FREE_MS), "it is killed, and who waited goes on");
	tap_diag("%llu ms after the kill", (unsigned long long)(vss_wait_now() - from));
	tap_ok(vss_wait_now() - from < 2000, "soon");
	waitpid(daemon, NULL, 0);
	tap_ok(all_write(), "every mount takes a write");
	tap_is_int(vss_record_recover(record_path), 0, "at the next start there is nothing to "
		   "thaw");
	prove();
}

static void test_stopped(void)
{
	pid_t holder, daemon = daemon_start(2000, &holder), writer = write_start("ext4");

	kill(daemon, SIGSTOP);
	tap_ok(!write_wait(writer, 200), "a daemon is stopped while all is frozen");
	tap_ok(write_wait(writer, 5000), "the deadline comes all the same");
	tap_ok(all_write(), "every mount takes a write");
	kill(daemon, SIGKILL);
	kill(daemon, SIGCONT);
	waitpid(daemon, NULL, 0);
	vss_record_recover(record_path);
	prove();
}

static void test_holder(int with, const char *name)
{
	struct vss_outcome outcome;
	struct frozen frozen;

	frozen_make(&frozen, NULL, DEADLINE_MS);
	kill(frozen.set.record->pid, with);
	if (with == SIGKILL)
		tap_ok(news_wait(&frozen, 2000), "the holder is %s, which is news", name);
	tap_is_int(vss_freezer_thaw(&frozen.freezer, &outcome), 0,
		   "the daemon thaws when the holder is %s", name);
	tap_is_int(outcome.thawed, frozen.count, "all of it");
	kill(frozen.set.record->pid, SIGCONT);
	frozen_free(&frozen);
	prove();
}

static void test_all_killed(void)
{
	pid_t holder, daemon = daemon_start(DEADLINE_MS, &holder), writer = write_start("ext4");
	int count = 0;
	size_t i;

	for (i = 0; i < KINDS; i++)
		count += mounted[i];
	kill(holder, SIGSTOP);
	kill(daemon, SIGKILL);
	kill(holder, SIGKILL);
	waitpid(daemon, NULL, 0);
	tap_ok(!write_wait(writer, 200), "all who could thaw are killed");
	tap_is_int(vss_record_frozen(record_path), count, "the record is left");
	tap_is_int(vss_record_recover(record_path), count, "the next start thaws all");
	tap_ok(write_wait(writer, FREE_MS), "who waited goes on");
	tap_ok(access(record_path, F_OK), "the record is gone");
	prove();
}

/* A record of nonsense is not taken for one. */
static void test_no_record(void)
{
	static const char *const texts[] = { "", "x",
	"1ssv\377\377\377\177aaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	size_t i;

	tap_is_int(vss_record_recover("/nonexistent/x"), 0, "no record, nothing to do");
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		hvd_file_replace(record_path, texts[i], strlen(texts[i]), 0600);
		tap_is_int(vss_record_recover(record_path), 0, "nonsense is no record");
	}
	unlink(record_path);
}

/* ---- one that hangs: what "inner" lies in is frozen by somebody else ---- */

static void dirty(const char *name)
{
	static char bytes[1 << 20];
	int fd = open(path_of(name, "dirty"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	memset(bytes, 'd', sizeof(bytes));
	if (write(fd, bytes, sizeof(bytes)) < 0)
		tap_diag("cannot write: %s", strerror(errno));
	close(fd);
}

enum victim { VICTIM_NONE, VICTIM_HOLDER, VICTIM_WORKER, VICTIM_BOTH };

static pid_t killer_start(const struct vss_record *record, enum victim victim)
{
	pid_t killer = fork();

	if (killer)
		return killer;
	while (!record->pid || !record->worker)
		usleep(1000);
	usleep(500000);
	if (victim & VICTIM_WORKER)
		kill(record->worker, SIGKILL);
	if (victim & VICTIM_HOLDER)
		kill(record->pid, SIGKILL);
	_exit(0);
}

static void test_stuck(enum victim victim, const char *name)
{
	struct frozen frozen;
	pid_t killer = 0;
	int err;

	dirty("inner");
	freeze_one("ext4");
	frozen_open(&frozen, path_of("ext4", ""));
	if (victim)
		killer = killer_start(frozen.set.record, victim);
	err = vss_freezer_freeze(&frozen.freezer, &frozen.set, 2000);
	tap_is_int(err, victim & VICTIM_HOLDER ? -EPIPE : -ETIMEDOUT, "a freeze that hangs%s ends",
		   name);
	if (mounted[1])
		tap_ok(write_wait(write_start("xfs"), FREE_MS), "the others are not frozen");
	frozen_free(&frozen);
	tap_is_int(thaw_one("ext4"), 0, "what it hung in is thawed");
	if (killer)
		waitpid(killer, NULL, 0);
	/* it comes back now, freezes, and has to be thawed by whoever is left */
	usleep(500000);
	prove();
}

/* The last to be frozen is the first to be thawed, and cannot be. */
static void test_hung_thaw(void)
{
	struct vss_outcome outcome;
	struct frozen frozen;
	size_t *order, last;

	frozen_plan(&frozen, path_of("ext4", ""));
	order = frozen.plan.order;
	last = frozen.plan.nr_order - 1;
	tap_is_int((long long)place_of(&frozen, "inner"), 0, "one is frozen first");
	order[last + 1] = order[0];
	memmove(order, order + 1, (last + 1) * sizeof(*order));
	frozen_begin(&frozen);
	tap_is_int(vss_freezer_freeze(&frozen.freezer, &frozen.set, DEADLINE_MS), 0,
		   "and here last");
	freeze_one("ext4");
	tap_is_int(vss_freezer_thaw(&frozen.freezer, &outcome), -EUCLEAN,
		   "that its thaw hangs is told");
	if (mounted[1])
		tap_ok(write_wait(write_start("xfs"), FREE_MS), "the others are thawed");
	tap_is_int(vss_record_frozen(record_path), 1, "the record has what is frozen still");
	tap_is_int(thaw_one("ext4"), 0, "what it hung in is thawed");
	frozen_free(&frozen);
	prove();
}

static void test_flush(void)
{
	int fd = open(path_of("inner", ""), O_RDONLY), fds[2] = { fd, -1 };

	dirty("inner");
	tap_is_int(vss_flush(fds, 1, 10000, &never), 0, "a file system is flushed");
	tap_is_int(vss_flush(fds, 0, 10000, &never), 0, "none is, too");
	tap_is_int(vss_flush(fds, 2, 10000, &never), -EBADF, "what is not open cannot be");
	dirty("inner");
	freeze_one("ext4");
	tap_is_int(vss_flush(fds, 1, 1000, &never), -ETIMEDOUT, "one that hangs is not waited for");
	thaw_one("ext4");
	close(fd);
	prove();
}

/* ---- all of it ---- */

static void hook_write(const char *directory)
{
	char path[160], text[300];

	mkdir(directory, 0755);
	snprintf(path, sizeof(path), "%s/50-hook", directory);
	snprintf(text, sizeof(text), "#!/bin/sh\necho \"$1 $HV_BACKUP_TYPE $HV_BACKUP_RESULT\" "
		 ">>%s/log\n",
		 top);
	hvd_file_replace(path, text, strlen(text), 0755);
}

static void settings_make(struct vss_settings *settings, const char *more)
{
	char text[600];

	snprintf(text, sizeof(text), "[vss]\ninclude = %s/*\nhooks = %s/freeze.d\nfsfreeze_hook =\n"
		 "run_directory = %s/run\n%s\n[kvp]\ndirectory = %s/pools\n", top, top, top,
		 more, top);
	vss_settings_start(settings);
	if (vss_settings_parse(settings, "test", text))
		abort();
	hook_write(path_of("freeze.d", ""));
	mkdir(path_of("pools", ""), 0755);
	unlink(path_of("log", ""));
}

static const char *hooks_said(void)
{
	static char text[200];
	char *at;

	if (hvd_file_read(path_of("log", ""), text, sizeof(text)) < 0)
		text[0] = '\0';
	for (at = text; (at = strchr(at, '\n')); at++)
		*at = at[1] ? ',' : '\0';
	return text;
}

static const char *host_told(const char *key)
{
	static struct kvp_record record;
	struct kvp_pool *pool;
	int err;

	if (kvp_pool_new(&pool, path_of("pools", ""), HVIC_KVP_GUEST, false))
		abort();
	err = kvp_pool_get(pool, key, &record);
	kvp_pool_free(pool);
	/* behind the time */
	return err ? "" : strchr(record.value, ' ') + 1;
}

static void backup_end(struct vss_backup *backup, struct vss_settings *settings)
{
	vss_backup_finish(backup);
	tap_is_int(vss_status_write(backup), 0, "how it went is kept");
	tap_is_int(vss_status_tell_host(backup), 0, "and the host told");
	vss_backup_free(backup);
	vss_settings_free(settings);
	prove();
}

static void test_backup(void)
{
	struct vss_backup backup, other;
	struct vss_settings settings;
	char text[16384];

	settings_make(&settings, "");
	vss_backup_start(&backup, &settings, "host", -1);
	tap_is_int(vss_backup_freeze(&backup), 0, "a backup freezes: %s", backup.result.why);
	vss_backup_start(&other, &settings, "test", -1);
	tap_is_int(vss_backup_freeze(&other), -EBUSY, "there is one at a time");
	vss_backup_finish(&other);
	vss_backup_free(&other);
	tap_ok(!vss_backup_recover(&other, &settings), "and nobody thaws it as if it had crashed");
	usleep(100000);
	tap_is_int(vss_backup_thaw(&backup), 0, "it thaws");
	tap_ok(backup.result.frozen_ms >= 100, "after a while");
	backup_end(&backup, &settings);
	tap_is_str(hooks_said(), "freeze host ,thaw host ok", "the hook was told");
	tap_ok(!strncmp(host_told(VSS_STATUS_KEY), "ok: ", 4), "the host was told: %s",
	       host_told(VSS_STATUS_KEY));
	tap_is_str(host_told(VSS_STATUS_KEY_ERROR), "", "of no error");
	hvd_file_read(path_of("pools", VSS_STATUS_FILE), text, sizeof(text));
	tap_ok(strstr(text, "\"result\": \"ok\"") && strstr(text, "\"freeze_us\""), "there is a "
	       "status");
}

static void test_backup_busy(const char *policy, bool succeeds)
{
	struct vss_backup backup;
	struct vss_settings settings;
	char more[200];

	snprintf(more, sizeof(more), "exclude = %s/inner\nfrozen_by_others = %s", top, policy);
	settings_make(&settings, more);
	freeze_one("ext4");
	vss_backup_start(&backup, &settings, "host", -1);
	tap_is_int(vss_backup_freeze(&backup), succeeds ? 0 : -EBUSY, "frozen_by_others = %s: %s",
		   policy, backup.result.why);
	if (succeeds)
		tap_is_int(vss_backup_thaw(&backup), 0, "the rest is thawed");
	tap_is_int(freeze_one("ext4"), -EBUSY, "what somebody else has frozen still is");
	thaw_one("ext4");
	backup_end(&backup, &settings);
	tap_is_str(hooks_said(), succeeds ? "freeze host ,thaw host ok" :
		   "freeze host ,freezefail host failed", "the hook was told");
	tap_ok(succeeds || strstr(host_told(VSS_STATUS_KEY_ERROR), "somebody else has frozen it"),
	       "the host is told why: %s", host_told(VSS_STATUS_KEY_ERROR));
}

static void test_backup_deadline(void)
{
	struct vss_backup backup;
	struct vss_settings settings;

	settings_make(&settings, "deadline = 1");
	vss_backup_start(&backup, &settings, "host", -1);
	tap_is_int(vss_backup_freeze(&backup), 0, "a backup with a deadline of 1 s: %s",
		   backup.result.why);
	sleep(2);
	tap_is_int(vss_backup_thaw(&backup), -ETIMEDOUT, "is spoiled when the host is late");
	backup_end(&backup, &settings);
	tap_is_str(hooks_said(), "freeze host ,thaw host failed", "the hook was told");
	tap_ok(strstr(host_told(VSS_STATUS_KEY_ERROR), "deadline"), "and the host");
}

static void tests_run(void)
{
	test_freeze();
	test_busy();
	test_others();
	test_deadline();
	test_killed();
	test_stopped();
	test_holder(SIGKILL, "killed");
	test_holder(SIGSTOP, "stopped");
	test_all_killed();
	test_no_record();
	test_stuck(VICTIM_NONE, "");
	test_stuck(VICTIM_HOLDER, " and whose holder is killed");
	test_stuck(VICTIM_WORKER, " and whose worker is killed");
	test_stuck(VICTIM_BOTH, " and whose holder and worker are killed");
	test_hung_thaw();
	test_flush();
	test_backup();
	test_backup_busy("fail", false);
	test_backup_busy("skip", true);
	test_backup_deadline();
}

int main(void)
{
	hvd_log_open("vss_freezer_test", true, false);
	if (world_make())
		tests_run();
	else
		tap_skip("freezing", "needs root, loop devices and ext4");
	world_end();
	return tap_done();
}
