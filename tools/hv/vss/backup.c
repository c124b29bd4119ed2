// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A backup as the guest sees it.
 *
 * Everything that may fail, wait, allocate, open or log comes before the freeze, or after
 * the thaw.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hv/hvic_limits.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "hvd_pool.h"
#include "vss/backup.h"
#include "vss/fanotify.h"
#include "vss/flush.h"
#include "vss/rcu.h"

/* What is frozen after the host has given up is frozen for nothing. */
#define HOST_MS		((HVIC_LIMIT_VSS_FREEZE_SECS - 60) * 1000)

#define FILES_NEEDED	4096	/* descriptors, where the system allows that many */

__attribute__((format(printf, 3, 4)))
static int fail(struct vss_backup *backup, int err, const char *format, ...)
{
	va_list args;

	backup->result.failed = true;
	va_start(args, format);
	vsnprintf(backup->result.why, sizeof(backup->result.why), format, args);
	va_end(args);
	return err;
}

static const char *point_of(const struct vss_backup *backup, size_t place)
{
	return backup->plan.items[backup->plan.order[place]].mount.point;
}

/**
 * vss_backup_choice() - Say what the settings choose.
 * @choice: points into them
 * @settings: the settings
 */
void vss_backup_choice(struct vss_choice *choice, const struct vss_settings *settings)
{
	*choice = (struct vss_choice){
		.include = *settings->include ? settings->include : NULL,
		.exclude = *settings->exclude ? settings->exclude : NULL,
		.remote = settings->remote_freezes,
	};
}

/**
 * vss_backup_start() - Begin a backup, of which nothing has been done yet.
 * @backup: the backup; to be freed
 * @settings: must stay
 * @type: "host" or "test"
 * @device: of the module; -1 for none
 */
void vss_backup_start(struct vss_backup *backup, const struct vss_settings *settings,
		      const char *type, int device)
{
	*backup = (struct vss_backup){
		.settings = settings,
		.result = { .started = time(NULL), .type = type, .holder = "" },
		.cancel = { .device = device, .signals = true },
		.begun_ms = vss_wait_now(),
		.lock = -1,
	};
	vss_freezer_start(&backup->freezer, device);
	if (hvd_file_read("/proc/sys/kernel/random/uuid", backup->result.id,
			  sizeof(backup->result.id)) < 0)
		snprintf(backup->result.id, sizeof(backup->result.id), "%lld",
			 (long long)backup->result.started);
	backup->result.id[strcspn(backup->result.id, "\n")] = '\0';
	snprintf(backup->record_path, sizeof(backup->record_path), "%.200s/vss-frozen",
		 settings->run_directory);
}

/* ---- one at a time ---- */

static int lock_take(struct vss_backup *backup)
{
	const char *directory = backup->settings->run_directory;
	char path[256];

	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return fail(backup, -errno, "cannot make %s: %s", directory, strerror(errno));
	snprintf(path, sizeof(path), "%.200s/vss.lock", directory);
	backup->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (backup->lock < 0)
		return fail(backup, -errno, "cannot open %s: %s", path, strerror(errno));
	if (flock(backup->lock, LOCK_EX | LOCK_NB) < 0)
		return fail(backup, -EBUSY, "another backup is under way, or hvic vss test");
	return 0;
}

/* ---- what hooks are told ---- */

__attribute__((format(printf, 2, 3)))
static void environment_add(struct vss_backup *backup, const char *format, ...)
{
	size_t room = sizeof(backup->environment) / sizeof(backup->environment[0]) - 1;
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if ((size_t)backup->nr_environment < room && vasprintf(&text, format, args) >= 0)
		backup->environment[backup->nr_environment++] = text;
	va_end(args);
}

/* What the host has told of itself, where it has. */
static void environment_add_host(struct vss_backup *backup, const char *name, const char *key)
{
	struct kvp_record record;
	struct kvp_pool *pool;

	if (kvp_pool_new(&pool, backup->settings->pools, HVIC_KVP_AUTO_EXTERNAL, false))
		return;
	if (!kvp_pool_get(pool, key, &record))
		environment_add(backup, "%s=%s", name, record.value);
	kvp_pool_free(pool);
}

static void environment_make(struct vss_backup *backup)
{
	environment_add(backup,
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	environment_add(backup, "HOME=/");
	environment_add(backup, "LANG=C");
	environment_add(backup, "HV_BACKUP_TYPE=%s", backup->result.type);
	environment_add(backup, "HV_BACKUP_ID=%s", backup->result.id);
	environment_add_host(backup, "HV_BACKUP_VM", "VirtualMachineName");
	environment_add_host(backup, "HV_BACKUP_VM_ID", "VirtualMachineId");
	environment_add_host(backup, "HV_BACKUP_HOST", "PhysicalHostName");
	backup->hooks.environment = backup->environment;
	backup->hooks.seconds = backup->settings->hook_seconds;
}

/* ---- what of ---- */

static int plan_make(struct vss_backup *backup)
{
	struct vss_choice choice;
	size_t i;
	int err;

	vss_backup_choice(&choice, backup->settings);
	vss_plan_free(&backup->plan);
	err = vss_plan_system(&backup->plan, &choice);
	if (err)
		return fail(backup, err, "cannot tell what is mounted: %s", strerror(-err));
	for (i = 0; i < backup->plan.nr_items && backup->settings->unsupported_fails; i++)
		if (backup->plan.items[i].verdict == VSS_UNSUPPORTED)
			return fail(backup, -EOPNOTSUPP,
				    "%s cannot be frozen (%s), and unsupported = fail",
				    backup->plan.items[i].mount.point, backup->plan.items[i].why);
	if (backup->plan.nr_order > HVIC_USER_VSS_FREEZE_MAX)
		return fail(backup, -E2BIG, "%zu file systems, and at most %d can be frozen at "
			    "once: exclude some",
			    backup->plan.nr_order, HVIC_USER_VSS_FREEZE_MAX);
	return 0;
}

/* Before anything is frozen: they may be why the system comes to a stand when it is. */
static int listeners_name(struct vss_backup *backup)
{
	char *names = backup->result.listeners;

	if (vss_fanotify_find("/proc", names, sizeof(backup->result.listeners)) <= 0)
		return 0;
	if (backup->settings->listeners_fail)
		return fail(backup, -EBUSY, "asked for permission when files are opened: %s, and "
			    "listeners = fail",
			    names);
	hvd_warning("asked for permission whenever a file is opened (fanotify): %s: if it writes "
		    "a file before it answers, the system stands still while frozen",
		    names);
	return 0;
}

/**
 * vss_backup_check() - See whether a backup could be made now.
 * @backup: the backup, just begun
 *
 * Return: 0; a negative errno, with the reason in its result.
 */
int vss_backup_check(struct vss_backup *backup)
{
	char why[VSS_WHY_LEN - 1] = "";
	int err = plan_make(backup);

	if (!err)
		err = vss_hooks_find(&backup->hooks, backup->settings->hooks,
				     backup->settings->qemu_hook, why, sizeof(why));
	return err && *why ? fail(backup, err, "%s", why) : err;
}

/* ---- before ---- */

static int hooks_freeze(struct vss_backup *backup)
{
	uint64_t from = vss_wait_now();
	char why[VSS_WHY_LEN - 1] = "";
	int err;

	environment_make(backup);
	err = vss_hooks_freeze(&backup->hooks, &backup->cancel, why, sizeof(why));
	backup->result.hooks_ms = (unsigned int)(vss_wait_now() - from);
	return err ? fail(backup, err, "hook %s", why) : 0;
}

static void fds_close(struct vss_backup *backup)
{
	while (backup->nr_fds)
		close(backup->set.fds[--backup->nr_fds]);
	free(backup->set.fds);
	backup->set.fds = NULL;
}

static void files_allow(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= FILES_NEEDED)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_NEEDED ? limit.rlim_max : FILES_NEEDED;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* One that is hidden cannot be frozen; one that cannot be opened is a reason to fail. */
static int fds_open(struct vss_backup *backup)
{
	struct vss_plan *plan = &backup->plan;
	int fd;

	files_allow();
	backup->set.fds = calloc(plan->nr_order + 1, sizeof(*backup->set.fds));
	if (!backup->set.fds)
		return fail(backup, -ENOMEM, "%s", strerror(ENOMEM));
	while (backup->nr_fds < plan->nr_order) {
		fd = vss_plan_open(plan, plan->order[backup->nr_fds]);
		if (fd == -EXDEV) {
			hvd_warning("%s is not frozen: another mount hides it",
				    point_of(backup, backup->nr_fds));
			vss_plan_drop(plan, backup->nr_fds, VSS_HIDDEN, "another mount is over it");
		} else if (fd < 0) {
			return fail(backup, fd, "cannot open %s: %s",
				    point_of(backup, backup->nr_fds), strerror(-fd));
		} else {
			backup->set.fds[backup->nr_fds++] = fd;
		}
	}
	return 0;
}

/* Those that have no freeze, too: that is all that can be done for them. */
static int all_flush(struct vss_backup *backup)
{
	const struct vss_plan *plan = &backup->plan;
	int *fds = calloc(plan->nr_items + 1, sizeof(*fds)), err;
	uint64_t from = vss_wait_now();
	unsigned int count = (unsigned int)backup->nr_fds;
	size_t i;

	if (!fds)
		return fail(backup, -ENOMEM, "%s", strerror(ENOMEM));
	memcpy(fds, backup->set.fds, count * sizeof(*fds));
	for (i = 0; i < plan->nr_items; i++)
		if (plan->items[i].verdict == VSS_UNSUPPORTED) {
			fds[count] = vss_plan_open(plan, i);
			count += fds[count] >= 0;
		}
	err = vss_flush(fds, count, backup->settings->flush_seconds * 1000, &backup->cancel);
	while (count > backup->nr_fds)
		close(fds[--count]);
	free(fds);
	backup->result.flush_ms = (unsigned int)(vss_wait_now() - from);
	if (err == -ETIMEDOUT)
		return fail(backup, err, "flushing took longer than %u s (flush_seconds)",
			    backup->settings->flush_seconds);
	return err ? fail(backup, err, "flushing failed: %s", strerror(-err)) : 0;
}

/* ---- the freeze ---- */

static int set_freeze(struct vss_backup *backup)
{
	int err;

	err = vss_record_new(&backup->record, backup->record_path, &backup->plan);
	if (err)
		return err;
	backup->set.record = backup->record;
	if (vss_wait_cancelled(&backup->cancel) || vss_wait_now() - backup->begun_ms > HOST_MS)
		return -ECANCELED;
	backup->record->hurried = vss_rcu_hurry();
	hvd_log_hold();
	/* without the right to, it goes as it does for any process */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		hvd_debug("cannot lock memory: %s", strerror(errno));
	return vss_freezer_freeze(&backup->freezer, &backup->set,
				  backup->settings->deadline_seconds * 1000);
}

/* Nothing is frozen any more. */
static void awake(struct vss_backup *backup)
{
	munlockall();
	if (backup->record && backup->record->hurried)
		vss_rcu_rest();
	hvd_log_release();
}

static void set_release(struct vss_backup *backup)
{
	awake(backup);
	vss_record_free(backup->record, backup->record_path);
	backup->record = NULL;
}

/* Whether it goes on without the one that could not be frozen. */
static bool failed_drop(struct vss_backup *backup, int err, size_t failed)
{
	const struct vss_settings *settings = backup->settings;
	enum vss_verdict verdict = err == -EBUSY ? VSS_BUSY : VSS_UNSUPPORTED;

	if (failed >= backup->plan.nr_order || (err != -EBUSY && err != -EOPNOTSUPP) ||
	    (err == -EBUSY && settings->busy_fails) ||
	    (err == -EOPNOTSUPP && settings->unsupported_fails))
		return false;
	hvd_warning("%s is not frozen: %s", point_of(backup, failed),
		    err == -EBUSY ? "somebody else has frozen it" : "it has no freeze");
	vss_plan_drop(&backup->plan, failed, verdict,
		      err == -EBUSY ? "somebody else has frozen it" : "it has no freeze");
	close(backup->set.fds[failed]);
	backup->nr_fds--;
	memmove(backup->set.fds + failed, backup->set.fds + failed + 1,
		(backup->nr_fds - failed) * sizeof(*backup->set.fds));
	return true;
}

static int freeze_fail(struct vss_backup *backup, int err, size_t failed)
{
	if (err == -ETIMEDOUT)
		return fail(backup, err, "freezing took longer than %u s (deadline): all is "
			    "thawed again",
			    backup->settings->deadline_seconds);
	if (err == -ECANCELED)
		return fail(backup, err, "the host or the system does not wait for it any more");
	if (err == -EPIPE)
		return fail(backup, err, "the process that freezes was killed: all is thawed "
			    "again");
	if (failed >= backup->plan.nr_order)
		return fail(backup, err, "cannot freeze: %s", strerror(-err));
	return fail(backup, err, "cannot freeze %s: %s", point_of(backup, failed),
		    err == -EBUSY ? "somebody else has frozen it (frozen_by_others = fail)" :
		    strerror(-err));
}

static int all_freeze(struct vss_backup *backup)
{
	size_t failed;
	int err = 0;

	while (backup->plan.nr_order) {
		err = set_freeze(backup);
		if (!err)
			break;
		failed = backup->record ? backup->record->failed : SIZE_MAX;
		set_release(backup);
		if (!failed_drop(backup, err, failed))
			return freeze_fail(backup, err, failed);
		err = 0;
	}
	backup->result.holder = backup->record ? backup->freezer.ops->name : "";
	if (backup->record)
		backup->result.freeze_ms = (unsigned int)((backup->record->frozen_at -
							   backup->record->froze_at) / 1000000);
	backup->frozen = true;
	return 0;
}

/**
 * vss_backup_freeze() - Make ready, and freeze.
 * @backup: the backup, just begun
 *
 * On success nothing may be allocated, opened or logged until vss_backup_thaw(): messages
 * are kept, and memory is locked.  It is thawed by itself after the deadline.  With
 * nothing to freeze it succeeds, too.
 *
 * Return: 0; a negative errno, with the reason in its result; then vss_backup_finish() is
 * due.
 */
int vss_backup_freeze(struct vss_backup *backup)
{
	int err = lock_take(backup) ?: vss_backup_check(backup) ?: listeners_name(backup) ?:
		  hooks_freeze(backup);

	/* a hook may have mounted something */
	if (!err)
		err = plan_make(backup) ?: fds_open(backup) ?: all_flush(backup) ?:
		      all_freeze(backup);
	return err;
}

/* ---- after ---- */

static void end_tell(struct vss_backup *backup, int err)
{
	static const char *const why[] = {
		[HVIC_USER_VSS_DEADLINE] = "the deadline had passed: it was thawed before the "
		"host was done",
		[HVIC_USER_VSS_GONE] = "the service was taken away while frozen: it was thawed",
		[HVIC_USER_VSS_OTHERS] = "somebody else has thawed a file system while it was "
		"frozen",
	};
	enum hvic_user_vss_end end = backup->result.end;

	backup->left = err;
	if (err)
		fail(backup, err, "something may be frozen still: %s", strerror(-err));
	else if (end < sizeof(why) / sizeof(why[0]) && why[end])
		fail(backup, -ETIMEDOUT, "%s", why[end]);
}

/**
 * vss_backup_thaw() - Thaw.
 * @backup: the backup, frozen
 *
 * After it messages are no longer kept.  vss_backup_finish() is due; the host need not
 * wait for that.
 *
 * Return: 0 when all was frozen until now; -ETIMEDOUT when it had been thawed before, in
 * which case what was copied is worth nothing; another negative errno when something may
 * be frozen still.  The reason is in the result.
 */
int vss_backup_thaw(struct vss_backup *backup)
{
	struct vss_outcome outcome = { .end = HVIC_USER_VSS_THAWED };
	int err = 0;

	backup->frozen = false;
	if (backup->record)
		err = vss_freezer_thaw(&backup->freezer, &outcome);
	awake(backup);
	backup->result.end = outcome.end;
	backup->result.frozen_ms = outcome.frozen_ms;
	backup->result.lost = outcome.lost;
	end_tell(backup, err);
	return err ? err : backup->result.failed ? -ETIMEDOUT : 0;
}

/**
 * vss_backup_finish() - Have the hooks go on, and let another backup begin.
 * @backup: the backup, thawed, or never frozen
 */
void vss_backup_finish(struct vss_backup *backup)
{
	char why[VSS_WHY_LEN - 16] = "";
	int err;

	environment_add(backup, "HV_BACKUP_RESULT=%s", backup->result.failed ? "failed" : "ok");
	err = vss_hooks_thaw(&backup->hooks, backup->result.holder[0] || !backup->result.failed,
			     why,
			     sizeof(why));
	/* what was copied is good all the same; but somebody has to know */
	if (err && !backup->result.failed)
		snprintf(backup->result.why, sizeof(backup->result.why), "hook %s", why);
	if (backup->lock >= 0)
		close(backup->lock);
	backup->lock = -1;
}

/**
 * vss_backup_free() - Free a backup that is finished.
 * @backup: the backup
 */
void vss_backup_free(struct vss_backup *backup)
{
	fds_close(backup);
	if (backup->record)
		vss_record_free(backup->record, backup->left ? NULL : backup->record_path);
	backup->record = NULL;
	vss_hooks_free(&backup->hooks);
	vss_plan_free(&backup->plan);
	while (backup->nr_environment)
		free(backup->environment[--backup->nr_environment]);
}

/**
 * vss_backup_recover() - Thaw what a backup left frozen that was killed.
 * @backup: stands for that one, with how it went; to be freed when this returns true
 * @settings: where its record would be
 *
 * Return: whether there was one; not while a backup is under way, which has the lock.
 */
bool vss_backup_recover(struct vss_backup *backup, const struct vss_settings *settings)
{
	bool crashed = false;
	int err;

	vss_backup_start(backup, settings, "host", -1);
	err = lock_take(backup);
	if (err && err != -EBUSY)
		hvd_warning("%s", backup->result.why);
	if (!err && !access(backup->record_path, F_OK)) {
		crashed = true;
		err = vss_record_recover(backup->record_path);
		fail(backup, -EPIPE, "the daemon was killed while something was frozen%s",
		     err < 0 ? "" : ": all is thawed again");
	}
	if (backup->lock >= 0)
		close(backup->lock);
	backup->lock = -1;
	if (!crashed)
		vss_backup_free(backup);
	return crashed;
}
