// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that are not finished.
 *
 * A record is a symbolic link that leads nowhere: its name is the file's, and it says in
 * which directory that is.  It is made by one call, so that it is there as a whole or not
 * at all, and before the file is; it goes after the file has gone, or has its own name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fcopy/partial.h"
#include "fcopy/path.h"
#include "fcopy/tree.h"
#include "hvd_log.h"
#include "hvd_text.h"

#define DIRECTORY	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* A name is the prefix, whose daemon's it is, and a number that nobody can guess. */
static bool is_partial(const char *name, uint32_t *run)
{
	int len = 0;

	return sscanf(name, FCOPY_PARTIAL_PREFIX "%8x%*16[0-9a-f]%n", run, &len) == 1 && len &&
	       !name[len];
}

static uint64_t random_number(void)
{
	uint64_t number;

	/* where the kernel has none yet, O_EXCL has the last word */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		number = (uint64_t)getpid();
	return number;
}

/**
 * fcopy_partial_run() - Make up a number for this daemon.
 *
 * Return: it, by which it knows its own files from those of a daemon before.
 */
uint32_t fcopy_partial_run(void)
{
	return (uint32_t)random_number();
}

/**
 * fcopy_partial_name() - Make up a name for a file that is not finished.
 * @name: it
 * @run: of fcopy_partial_run()
 */
void fcopy_partial_name(char name[FCOPY_PARTIAL_LEN], uint32_t run)
{
	snprintf(name, FCOPY_PARTIAL_LEN, FCOPY_PARTIAL_PREFIX "%08x%016llx", run,
		 (unsigned long long)random_number());
}

/* The directory, made if need be with the one above it. */
static int state_open(const char *state)
{
	char above[FCOPY_PATH_LEN], *slash;
	int fd = open(state, DIRECTORY | O_NOFOLLOW);

	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	if (hvd_text_copy(above, sizeof(above), state) < 0)
		return -ENAMETOOLONG;
	slash = strrchr(above, '/');
	if (slash && slash != above) {
		*slash = '\0';
		mkdir(above, 0755);
	}
	if (mkdir(state, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = open(state, DIRECTORY | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

/**
 * fcopy_partial_record() - Remember a file that is about to be made.
 * @state: the directory of such records
 * @name: the file's
 * @path: its directory's
 *
 * On the disk when this returns.
 *
 * Context: may wait for the disk.
 * Return: 0; a negative errno of the calls that write.
 */
int fcopy_partial_record(const char *state, const char *name, const char *path)
{
	int dir = state_open(state), err;

	if (dir < 0)
		return dir;
	err = symlinkat(path[0] ? path : "/", dir, name) < 0 || fsync(dir) < 0 ? -errno : 0;
	close(dir);
	return err;
}

/**
 * fcopy_partial_forget() - Forget a file.
 * @state: see fcopy_partial_record()
 * @name: the file's, which is no more
 *
 * Context: may wait for the disk.
 */
void fcopy_partial_forget(const char *state, const char *name)
{
	char path[FCOPY_PATH_LEN + FCOPY_PARTIAL_LEN];

	snprintf(path, sizeof(path), "%s/%s", state, name);
	if (unlink(path) < 0 && errno != ENOENT)
		hvd_warning("cannot remove %s: %s", path, strerror(errno));
}

/* Removes a file, unless what has its name is no file, or a link's, of ours. */
static int file_remove(const char *directory, const char *name)
{
	int dir = fcopy_tree_open(directory), err = dir < 0 ? dir : 0;
	struct stat status;

	if (!err && fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		err = -errno;
	if (!err && !S_ISREG(status.st_mode))
		err = -ENOENT;
	if (!err && unlinkat(dir, name, 0) < 0)
		err = -errno;
	if (dir >= 0)
		close(dir);
	return err;
}

/* 1 for a file that was there. */
static int record_sweep(int state, const char *name)
{
	char directory[FCOPY_PATH_LEN];
	ssize_t len = readlinkat(state, name, directory, sizeof(directory) - 1);
	int err;

	if (len < 0)
		return -errno;
	directory[len] = '\0';
	err = file_remove(directory, name);
	/* what cannot be reached now may be at the next start */
	if (err && err != -ENOENT && err != -ENOTDIR) {
		hvd_warning("cannot remove %s/%s, which was left unfinished: %s", directory, name,
			    strerror(-err));
		return err;
	}
	if (!err)
		hvd_info("removed %s/%s, which was left unfinished", directory, name);
	if (unlinkat(state, name, 0) < 0)
		return -errno;
	return !err;
}

/**
 * fcopy_partial_sweep() - Remove what daemons before this one have left unfinished.
 * @state: see fcopy_partial_record()
 * @run: of this daemon, whose files stay
 * @lock: a descriptor to be kept open while this daemon lives: what it makes is not for
 *	another to remove; untouched where the return is negative
 *
 * Context: waits for the disk.
 * Return: how many there were; -EWOULDBLOCK when another daemon lives; a negative errno of
 * reading the directory.
 */
int fcopy_partial_sweep(const char *state, uint32_t run, int *lock)
{
	struct dirent *entry;
	uint32_t whose;
	int fd = state_open(state), swept = 0;
	DIR *records;

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	records = fdopendir(openat(fd, ".", DIRECTORY));
	while (records && (entry = readdir(records)))
		if (is_partial(entry->d_name, &whose) && whose != run)
			swept += record_sweep(fd, entry->d_name) > 0;
	if (records)
		closedir(records);
	*lock = fd;
	return swept;
}
