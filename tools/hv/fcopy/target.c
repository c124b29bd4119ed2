// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file that a copy makes.
 *
 * All that is here may wait for a disk, or for a file system that is frozen: it is for a
 * thread that nobody waits for.  Such a thread may also come too late; @is_given_up says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "fcopy/target.h"
#include "fcopy/tree.h"
#include "hvd_file.h"
#include "hvd_log.h"
#include "hvd_text.h"

#define TRIES	8			/* at a name that is free */
#define SLICE	(32ULL << 20)		/* is on a disk before one looks at the clock again */

static bool is_given_up(const struct fcopy_target *target)
{
	return __atomic_load_n(&target->is_given_up, __ATOMIC_ACQUIRE);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Says what is wrong, in words. */
__attribute__((format(printf, 3, 4)))
static int wrong(struct fcopy_target *target, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(target->why, sizeof(target->why), format, args);
	va_end(args);
	return err;
}

/**
 * fcopy_target_start() - Begin with no file.
 * @target: the target
 * @setting: must stay
 * @run: see fcopy_partial_run()
 */
void fcopy_target_start(struct fcopy_target *target, const struct fcopy_setting *setting,
			uint32_t run)
{
	*target = (struct fcopy_target) { .setting = setting, .run = run, .dir = -1, .fd = -1 };
}

/* ---- where it goes ---- */

/* The path of the file, and its name, once it is known which directory it is in. */
static void name_it(struct fcopy_target *target, const char *directory, const char *name)
{
	snprintf(target->path, sizeof(target->path), "%s/%s", directory, name);
	snprintf(target->name, sizeof(target->name), "%s", name);
}

/* The destination is the directory. */
static int directory_enter(struct fcopy_target *target, const struct fcopy_path *path, int tree,
			   const char *below, bool make)
{
	const struct fcopy_setting *setting = target->setting;
	const struct fcopy_owner owner = {
		setting->owner, setting->group, setting->directory_mode
	};
	int dir = make ? fcopy_tree_make_below(tree, below, &owner) :
			 fcopy_tree_open_below(tree, below);

	if (dir < 0)
		return dir;
	target->dir = dir;
	name_it(target, path->text, path->name);
	return 0;
}

/* The destination is the file, and the directory is the one above it. */
static int parent_enter(struct fcopy_target *target, const struct fcopy_path *path, int tree,
			const char *below, bool make)
{
	struct fcopy_path parent = *path;
	char rest[FCOPY_PATH_LEN];
	const char *last = fcopy_path_last(path->text);

	snprintf(parent.name, sizeof(parent.name), "%s", last);
	parent.text[last - path->text - 1] = '\0';
	snprintf(rest, sizeof(rest), "%.*s", (int)(fcopy_path_last(below) - below), below);
	return directory_enter(target, &parent, tree, rest, make);
}

/*
 * What there is decides, and else what the host wrote.  As for Windows' own guests, what is
 * not there and has no slash at its end is a file.
 */
static int place_enter(struct fcopy_target *target, const struct fcopy_path *path, int tree,
		       const char *below, bool make)
{
	int err = directory_enter(target, path, tree, below, make && path->is_directory);
	bool missing = err == -ENOENT && below[0] && !path->is_directory;

	if (missing && target->setting->missing_is_directory)
		return directory_enter(target, path, tree, below, make);
	if (missing || (err == -ENOTDIR && below[0] && !path->is_directory))
		return parent_enter(target, path, tree, below, make);
	return err;
}

static int place_find(struct fcopy_target *target, const struct fcopy_path *path, bool make)
{
	const char *below, *allowed;
	int tree, err;

	snprintf(target->path, sizeof(target->path), "%s", path->text[0] ? path->text : "/");
	allowed = fcopy_trees_find(&target->setting->trees, path->text, &below);
	if (!allowed)
		return wrong(target, -EACCES, "it is below no directory of 'allow' in "
			     "hyperv-ics.conf");
	tree = fcopy_tree_open(allowed);
	if (tree < 0)
		return wrong(target, tree, "%.80s, which is allowed, cannot be opened: %s", allowed,
			     fcopy_message_reason(tree));
	err = place_enter(target, path, tree, below, make);
	close(tree);
	return err;
}

/* ---- what is there, and what has room ---- */

/* Whether it may be put there; @old is what is in its place, if its mode is not 0. */
static int place_check(struct fcopy_target *target, struct stat *old)
{
	if (fstatat(target->dir, target->name, old, AT_SYMLINK_NOFOLLOW) < 0) {
		old->st_mode = 0;
		return errno == ENOENT ? 0 : -errno;
	}
	/* there is something, and nothing but a file is written over, even when told to */
	if (S_ISDIR(old->st_mode))
		return -EISDIR;
	if (S_ISLNK(old->st_mode) && target->overwrite)
		return -ELOOP;
	if (!target->overwrite)
		return -EEXIST;
	return S_ISREG(old->st_mode) ? 0 : wrong(target, -EACCES, "what is there is no file");
}

/* What root alone may use is not for hosts, and where nothing is told there is room. */
static int room_check(struct fcopy_target *target)
{
	const struct fcopy_setting *setting = target->setting;
	struct statvfs room;
	uint64_t free_bytes;

	if (setting->max_size && target->size > setting->max_size)
		return wrong(target, -EFBIG, "larger than max_size in hyperv-ics.conf");
	if (target->size > INT64_MAX)
		return -EFBIG;
	if (fstatvfs(target->dir, &room) < 0 || !room.f_blocks)
		return 0;
	free_bytes = (uint64_t)room.f_bavail * room.f_frsize;
	if (free_bytes < target->size || free_bytes - target->size < setting->keep_free)
		return wrong(target, -ENOSPC, "the disk has room for %llu MB%s",
			     (unsigned long long)(free_bytes >> 20),
			     setting->keep_free ? ", some of which keep_free wants" : "");
	return 0;
}

/* ---- the file ---- */

/* The directory's path; its record is no reason to fail, but to tell. */
static void record(struct fcopy_target *target)
{
	char directory[sizeof(target->path)];
	int err;

	snprintf(directory, sizeof(directory), "%.*s",
		 (int)(fcopy_path_last(target->path) - target->path - 1), target->path);
	err = fcopy_partial_record(target->setting->state, target->partial, directory);
	if (err)
		hvd_warning("cannot write to %s: %s: should the daemon die now, %s/%s stays",
			    target->setting->state, strerror(-err), directory, target->partial);
}

static int file_make(struct fcopy_target *target)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		fcopy_partial_name(target->partial, target->run);
		record(target);
		target->fd = openat(target->dir, target->partial,
				    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (target->fd >= 0)
			return 0;
		if (errno != EEXIST)
			break;
		fcopy_partial_forget(target->setting->state, target->partial);
	}
	tries = -errno;
	fcopy_partial_forget(target->setting->state, target->partial);
	target->partial[0] = '\0';
	return tries;
}

/* The size of the file stays what has come, so that the end shows whether all has. */
static int file_reserve(struct fcopy_target *target)
{
	if (!target->size)
		return 0;
	while (fallocate(target->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)target->size) < 0) {
		if (errno == EOPNOTSUPP || errno == ENOSYS)
			return 0;
		if (errno != EINTR || is_given_up(target))
			return -errno;
	}
	return 0;
}

/**
 * fcopy_target_open() - Make the file, under a name that nobody looks for.
 * @target: one that fcopy_target_start() has begun
 * @start: what the host says of it
 *
 * Context: may wait for the file system.
 * Return: 0, and the directory and the file are open; else nothing is there, and
 * @target's path and why say more: -EINVAL, -EILSEQ or -ENAMETOOLONG for names that make no
 * sense; -EACCES when the destination is not allowed; -ELOOP when a link is in the way;
 * -ENOENT or -ENOTDIR when a directory is missing; -EEXIST; -EISDIR; -ENOSPC; -EFBIG; a
 * negative errno of the calls that make it.
 */
int fcopy_target_open(struct fcopy_target *target, const struct fcopy_message *start)
{
	struct fcopy_path path;
	struct stat old;
	int err;

	snprintf(target->path, sizeof(target->path), "%s", start->path);
	target->size = start->size;
	target->overwrite = start->flags & HVIC_FCOPY_OVER_WRITE;
	err = fcopy_path_parse(&path, start->path, start->name);
	if (err)
		return wrong(target, err, "%s", path.why);
	err = place_find(target, &path, start->flags & HVIC_FCOPY_CREATE_PATH);
	if (!err)
		err = place_check(target, &old);
	if (!err)
		err = room_check(target);
	if (!err)
		err = file_make(target);
	if (!err)
		err = file_reserve(target);
	if (err)
		fcopy_target_remove(target);
	return err;
}

/**
 * fcopy_target_write() - Write a piece.
 * @target: the target
 * @data: the piece
 * @len: bytes of it
 * @offset: where it goes: behind the one before
 *
 * Context: may wait for the file system.
 * Return: 0; -EINVAL when it goes elsewhere, or is more than was announced; a negative
 * errno of pwrite().
 */
int fcopy_target_write(struct fcopy_target *target, const void *data, size_t len,
		       uint64_t offset)
{
	int err;

	if (offset != target->written)
		return wrong(target, -EINVAL, "a piece is out of order");
	if (len > target->size - target->written)
		return wrong(target, -EINVAL, "the host sends more than it announced");
	err = hvd_file_pwrite(target->fd, data, len, (off_t)offset);
	if (!err)
		target->written += len;
	return err;
}

/**
 * fcopy_target_flush() - Have the disk begin with what is written.
 * @target: the target
 * @from: bytes of the file that it has begun with before
 * @to: bytes of the file that are written
 *
 * So that not all is left for the end, which the host waits for.
 *
 * Context: may wait for the file system.
 */
void fcopy_target_flush(struct fcopy_target *target, uint64_t from, uint64_t to)
{
	sync_file_range(target->fd, (off_t)from, (off_t)(to - from), SYNC_FILE_RANGE_WRITE);
}

/* ---- the end ---- */

/* A file that is replaced keeps its owner and mode, but not where others could have made it. */
static void owner_choose(const struct fcopy_target *target, const struct stat *old,
			 struct fcopy_owner *owner)
{
	const struct fcopy_setting *setting = target->setting;
	struct stat dir;

	*owner = (struct fcopy_owner) { setting->owner, setting->group, setting->mode };
	if (!old->st_mode || fstat(target->dir, &dir) < 0 || (dir.st_mode & 0002))
		return;
	*owner = (struct fcopy_owner) { old->st_uid, old->st_gid, old->st_mode & 0777 };
}

/* Before the mode, which is for that owner. Some file systems have neither. */
static int owner_set(const struct fcopy_target *target, const struct fcopy_owner *owner)
{
	if (fchown(target->fd, owner->user, owner->group) < 0 && errno != EPERM)
		return -errno;
	return fchmod(target->fd, owner->mode) < 0 && errno != EPERM ? -errno : 0;
}

/*
 * To the disk, but not for longer than the host waits: a disk may be slower than the host
 * by any factor, and memory large.
 */
static int file_sync(struct fcopy_target *target, unsigned int ms)
{
	const unsigned int how = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				 SYNC_FILE_RANGE_WAIT_AFTER;
	uint64_t end = now_ms() + ms, at;

	for (at = 0; at < target->size; at += SLICE) {
		if (is_given_up(target))
			return -ECANCELED;
		if (now_ms() >= end)
			return 0;
		/* what it cannot do, fsync() does */
		sync_file_range(target->fd, (off_t)at, SLICE, how);
	}
	if (fsync(target->fd) < 0)
		return -errno;
	target->is_synced = true;
	return 0;
}

/* Whether the name that we gave is still our file's: where others may write, who knows. */
static int partial_check(const struct fcopy_target *target, const struct stat *file)
{
	struct stat named;

	if (fstatat(target->dir, target->partial, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
	    named.st_dev != file->st_dev || named.st_ino != file->st_ino)
		return -ESTALE;
	return 0;
}

/* A name for it, unless something has that name. */
static int name_give(const struct fcopy_target *target)
{
	int dir = target->dir;

	if (!renameat2(dir, target->partial, dir, target->name, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* the file system does not know how: as long ago */
	if (linkat(dir, target->partial, dir, target->name, 0) < 0)
		return -errno;
	return unlinkat(dir, target->partial, 0) < 0 ? -errno : 0;
}

static int name_take_over(struct fcopy_target *target)
{
	struct stat old;
	int err = place_check(target, &old);

	if (err)
		return err;
	return renameat(target->dir, target->partial, target->dir, target->name) < 0 ? -errno : 0;
}

/* The thread was held up, and the host has been told that there is no file. */
static int name_take_back(struct fcopy_target *target)
{
	if (target->overwrite) {
		hvd_warning("%s: in its place after all, though the host has been told that it "
			    "failed", target->path);
		return 0;
	}
	unlinkat(target->dir, target->name, 0);
	return -ECANCELED;
}

static int file_name(struct fcopy_target *target)
{
	int err = target->overwrite ? name_take_over(target) : name_give(target);

	if (err)
		return err;
	fcopy_partial_forget(target->setting->state, target->partial);
	target->partial[0] = '\0';
	if (fsync(target->dir) < 0 && errno != EINVAL)
		target->is_synced = false;
	return is_given_up(target) ? name_take_back(target) : 0;
}

/**
 * fcopy_target_finish() - Put the file in its place.
 * @target: the target
 * @ms: how long the disk may take, milliseconds; what is not on it then, is given its name
 *	all the same, and @target's is_synced says so
 *
 * Context: may wait for the file system.
 * Return: 0; -EPROTO when not all of it has come; -ECANCELED when it is given up;
 * -ESTALE when somebody has put something else in the file's place; -EEXIST, -EISDIR,
 * -ELOOP and -EACCES, see fcopy_target_open(); a negative errno of the calls that do it.
 */
int fcopy_target_finish(struct fcopy_target *target, unsigned int ms)
{
	struct fcopy_owner owner;
	struct stat file, old;
	int err;

	if (fstat(target->fd, &file) < 0)
		return -errno;
	if ((uint64_t)file.st_size != target->size)
		return wrong(target, -EPROTO, "%llu bytes of %llu have come",
			     (unsigned long long)file.st_size, (unsigned long long)target->size);
	err = place_check(target, &old);
	if (!err) {
		owner_choose(target, &old, &owner);
		err = owner_set(target, &owner);
	}
	if (!err)
		err = file_sync(target, ms);
	if (!err)
		err = is_given_up(target) ? -ECANCELED : partial_check(target, &file);
	return err ? err : file_name(target);
}

static void target_close(struct fcopy_target *target)
{
	if (target->fd >= 0)
		close(target->fd);
	if (target->dir >= 0)
		close(target->dir);
	target->fd = -1;
	target->dir = -1;
}

/**
 * fcopy_target_settle() - Let go of a file that is in its place.
 * @target: one that fcopy_target_finish() has finished
 *
 * Context: waits for the disk, where that has not been done.
 */
void fcopy_target_settle(struct fcopy_target *target)
{
	if (target->fd >= 0 && !target->is_synced &&
	    (fsync(target->fd) < 0 || fsync(target->dir) < 0))
		hvd_error("%s: not on the disk, though the host has been told so: %s", target->path,
			  strerror(errno));
	target_close(target);
}

/**
 * fcopy_target_remove() - Remove what there is of it.
 * @target: the target; may have no file
 *
 * Context: may wait for the file system.
 */
void fcopy_target_remove(struct fcopy_target *target)
{
	if (target->partial[0]) {
		struct stat file;

		/* what others have put there is theirs */
		if (!fstat(target->fd, &file) && !partial_check(target, &file) &&
		    unlinkat(target->dir, target->partial, 0) < 0)
			hvd_warning("cannot remove %s in the directory of %s: %s", target->partial,
				    target->path, strerror(errno));
		fcopy_partial_forget(target->setting->state, target->partial);
		target->partial[0] = '\0';
	}
	target_close(target);
}
