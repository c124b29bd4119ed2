// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is frozen, or is about to be.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "hvd_log.h"
#include "vss/process.h"
#include "vss/rcu.h"
#include "vss/record.h"

static size_t record_size(size_t count)
{
	return sizeof(struct vss_record) + count * sizeof(struct vss_entry);
}

/**
 * vss_record_now() - Read the clock of a record.
 *
 * Return: nanoseconds of CLOCK_MONOTONIC.
 */
uint64_t vss_record_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A file whose pages need no disk; -EMEDIUMTYPE where it would. */
static int file_make(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644), err = 0;
	struct statfs status;

	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &status) < 0)
		err = -errno;
	else if (status.f_type != TMPFS_MAGIC && status.f_type != RAMFS_MAGIC)
		err = -EMEDIUMTYPE;
	/* its pages as well, so that a store cannot fail */
	else
		err = -posix_fallocate(fd, 0, (off_t)size);
	if (!err)
		return fd;
	close(fd);
	unlink(path);
	return err;
}

/**
 * vss_record_new() - Record what is about to be frozen.
 * @ret: the record; processes that are forked share it
 * @path: its file, which is best on a tmpfs; %NULL for none
 * @plan: what is to be frozen
 *
 * Where there can be no file there is none, which is logged: then nothing is known after
 * a crash.
 *
 * Return: 0; -ENOMEM.
 */
int vss_record_new(struct vss_record **ret, const char *path, const struct vss_plan *plan)
{
	size_t size = record_size(plan->nr_order), i;
	int fd = path ? file_make(path, size) : -1;
	struct vss_record *record;

	if (path && fd < 0)
		hvd_warning("cannot record in %s what is frozen: %s: it would not be known after "
			    "a crash",
			    path, fd == -EMEDIUMTYPE ? "it is no tmpfs" : strerror(-fd));
	record = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd < 0 ? -1 : fd,
		      0);
	if (fd >= 0)
		close(fd);
	if (record == MAP_FAILED)
		return -ENOMEM;
	record->count = (uint32_t)plan->nr_order;
	record->failed = record->count;
	for (i = 0; i < plan->nr_order; i++) {
		const struct vss_item *item = &plan->items[plan->order[i]];

		record->entries[i].major = item->mount.major;
		record->entries[i].minor = item->mount.minor;
		record->entries[i].level = item->level;
	}
	record->magic = VSS_RECORD_MAGIC;
	*ret = record;
	return 0;
}

/**
 * vss_record_free() - Forget it: nothing of it is frozen any more.
 * @record: the record; may be %NULL
 * @path: its file; %NULL for none
 */
void vss_record_free(struct vss_record *record, const char *path)
{
	if (!record)
		return;
	if (path)
		unlink(path);
	munmap(record, record_size(record->count));
}

/* What a crash has left; NULL when there is nothing, or nothing that can be used. */
static struct vss_record *record_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct vss_record *record = MAP_FAILED;
	struct stat status;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &status) && (size_t)status.st_size >= record_size(0))
		record = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (record == MAP_FAILED)
		return NULL;
	if (record->magic == VSS_RECORD_MAGIC &&
	    record_size(record->count) == (size_t)status.st_size)
		return record;
	munmap(record, (size_t)status.st_size);
	return NULL;
}

static bool state_is_frozen(uint32_t state)
{
	return state == VSS_STATE_FREEZING || state == VSS_STATE_FROZEN ||
	       state == VSS_STATE_THAWING;
}

/**
 * vss_record_frozen() - Count what is frozen now.
 * @path: the record's file
 *
 * Return: how many file systems are, as far as that is known: none when there is no record.
 */
int vss_record_frozen(const char *path)
{
	struct vss_record *record = record_open(path);
	uint32_t i;
	int count = 0;

	if (!record)
		return 0;
	for (i = 0; i < record->count; i++)
		count += record->holder == VSS_HOLDER_MODULE ||
			 state_is_frozen(record->entries[i].state);
	munmap(record, record_size(record->count));
	return count;
}

/* By a process that nobody waits for; so nobody knows whether it was frozen. */
static int thaw_apart(int fd)
{
	if (!vss_process_fork()) {
		vss_process_trim(&fd, 1, fd);
		ioctl(fd, FITHAW, 0);
		_exit(0);
	}
	return -ENODATA;
}

/* By whatever mount it has now. */
static int entry_thaw(const struct vss_entry *entry, const struct vss_plan *plan)
{
	size_t i;
	int fd, err;

	for (i = 0; i < plan->nr_items; i++)
		if (plan->items[i].mount.major == entry->major &&
		    plan->items[i].mount.minor == entry->minor)
			break;
	if (i == plan->nr_items)
		return -ENODEV;
	i = plan->items[i].first;
	fd = vss_plan_open(plan, i);
	if (fd < 0)
		return fd;
	/* a call may be under way still, and this would wait for it */
	if (entry->state == VSS_STATE_FREEZING)
		err = thaw_apart(fd);
	else
		err = ioctl(fd, FITHAW, 0) < 0 ? -errno : 0;
	close(fd);
	if (!err)
		hvd_warning("thawed %s, which was left frozen", plan->items[i].mount.point);
	/* it was thawed before, as it should be */
	return err == -EINVAL ? -ENODATA : err;
}

/**
 * vss_record_recover() - Thaw what was frozen when a daemon was killed.
 * @path: the record's file, which goes
 *
 * In reverse order, and only what the record says that we froze.
 *
 * Return: how many it thawed; a negative errno when some could not be.
 */
int vss_record_recover(const char *path)
{
	struct vss_record *record = record_open(path);
	const struct vss_choice all = { .remote = true };
	struct vss_plan plan;
	int count = 0, err, one;
	uint32_t i;

	if (!record)
		return 0;
	if (record->holder == VSS_HOLDER_MODULE)
		hvd_warning("a daemon was killed while the module held %u file systems: the "
			    "module thaws them",
			    record->count);
	if (record->hurried)
		vss_rcu_rest();
	err = vss_plan_system(&plan, &all);
	for (i = record->count; i-- && !err;) {
		if (!state_is_frozen(record->entries[i].state))
			continue;
		one = entry_thaw(&record->entries[i], &plan);
		count += !one;
		if (one && one != -ENODATA && one != -ENODEV)
			hvd_error("cannot thaw device %u:%u, which was left frozen: %s",
				  record->entries[i].major, record->entries[i].minor,
				  strerror(-one));
	}
	vss_plan_free(&plan);
	vss_record_free(record, path);
	return err ? err : count;
}
