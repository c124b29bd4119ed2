// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Directories that a host may copy to, opened so that nothing in them leads out.
 *
 * Users have directories of their own in these, and may put a link where the host's people
 * expect a directory, and another thing in its place while we look.  So the kernel walks,
 * with openat2(), or we do, a name at a time; names are never "..".  What is open stays
 * what it was, whatever becomes of its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fcopy/path.h"
#include "fcopy/tree.h"
#include "hvd_text.h"

#define LINKS_MAX	8	/* more are no way to a directory but a mistake */
#define TRIES		16	/* at a path that is being changed */
#define DIRECTORY	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* A directory in one that is open: -ELOOP for a link, wherever to. */
static int step_open(int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;
	struct stat status;

	if (err == -ENOTDIR && !fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) &&
	    S_ISLNK(status.st_mode))
		return -ELOOP;
	return err ? err : fd;
}

/* Takes the first name off a path, into @name; false when there is none. */
static bool name_take(const char **path, char name[FCOPY_NAME_LEN])
{
	size_t len;

	*path += strspn(*path, "/");
	len = strcspn(*path, "/");
	if (!len || len >= FCOPY_NAME_LEN)
		return false;
	memcpy(name, *path, len);
	name[len] = '\0';
	*path += len;
	return true;
}

/* The way that root's link leads: what it says, and what is left behind it. */
static int link_follow(int dir, const char *name, const char **left, char text[FCOPY_PATH_LEN])
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char way[FCOPY_PATH_LEN];
	struct stat status;
	ssize_t len = -1;
	struct hvd_text to;

	if (fd < 0)
		return -errno;
	/* one that somebody else has made leads where somebody else wants */
	if (!fstat(fd, &status) && S_ISLNK(status.st_mode) && !status.st_uid)
		len = readlinkat(fd, "", way, sizeof(way) - 1);
	close(fd);
	if (len < 0)
		return -ELOOP;
	way[len] = '\0';
	hvd_text_start(&to, way + len, sizeof(way) - (size_t)len);
	hvd_text_add(&to, "/");
	hvd_text_add(&to, *left);
	if (to.overflow)
		return -ENAMETOOLONG;
	memcpy(text, way, sizeof(way));
	*left = text;
	return 0;
}

/* Goes on at a directory in the place of the one that it is in. */
static int step_to(int *dir, int next)
{
	if (next < 0)
		return next;
	close(*dir);
	*dir = next;
	return 0;
}

/**
 * fcopy_tree_open() - Open a directory that an administrator has named.
 * @path: absolute
 *
 * Links on the way to it are followed when they are root's: some systems have /home as one.
 *
 * Return: a descriptor that is good as the start of paths; -ELOOP for a link that is
 * another's, or too many; -ENOENT; -ENOTDIR; a negative errno of open().
 */
int fcopy_tree_open(const char *path)
{
	int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), err = dir < 0 ? -errno : 0;
	char text[FCOPY_PATH_LEN], name[FCOPY_NAME_LEN];
	const char *left = path;
	unsigned int links = 0;

	while (!err && name_take(&left, name)) {
		int next = step_open(dir, name);

		if (next != -ELOOP) {
			err = step_to(&dir, next);
			continue;
		}
		err = ++links > LINKS_MAX ? -ELOOP : link_follow(dir, name, &left, text);
		if (!err && left[0] == '/')
			err = step_to(&dir, openat(dir, "/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	}
	if (!err && *left)
		err = -ENAMETOOLONG;
	if (err && dir >= 0)
		close(dir);
	return err ? err : dir;
}

/* The kernel's walk; -ENOSYS from one that has none, or where it is not permitted. */
static int below_resolve(int tree, const char *below)
{
	struct open_how how = {
		.flags = DIRECTORY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int tries, fd = -1;

	for (tries = 0; tries < TRIES; tries++) {
		fd = (int)syscall(SYS_openat2, tree, below, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd >= 0)
		return fd;
	return errno == EPERM ? -ENOSYS : -errno;
}

/* A walk of ours, which makes what is missing when @owner says whose it is to be. */
static int below_walk(int tree, const char *below, const struct fcopy_owner *owner)
{
	char name[FCOPY_NAME_LEN];
	int dir = openat(tree, ".", O_PATH | O_DIRECTORY | O_CLOEXEC), fd, err = 0;

	if (dir < 0)
		return -errno;
	while (!err && name_take(&below, name)) {
		int made = -1, next = step_open(dir, name);

		if (next == -ENOENT && owner) {
			made = mkdirat(dir, name, 0700);
			/* somebody else may have been quicker, which is as good */
			next = made < 0 && errno != EEXIST ? -errno : step_open(dir, name);
		}
		err = step_to(&dir, next);
		if (err || made < 0)
			continue;
		fd = openat(dir, ".", DIRECTORY);
		/* some file systems have no owners and no modes */
		if (fd < 0 || (fchown(fd, owner->user, owner->group) < 0 && errno != EPERM) ||
		    (fchmod(fd, owner->mode) < 0 && errno != EPERM))
			err = -errno;
		if (fd >= 0)
			close(fd);
	}
	if (!err && *below)
		err = -ENAMETOOLONG;
	if (!err) {
		fd = openat(dir, ".", DIRECTORY);
		err = fd < 0 ? -errno : fd;
	}
	close(dir);
	return err;
}

/**
 * fcopy_tree_open_below() - Open a directory below one that is allowed.
 * @tree: the one that is allowed
 * @below: a tidy path, without a slash before it; "" for @tree
 *
 * Return: a descriptor, open for reading; -ELOOP when a name on the way is a link; -ENOENT;
 * -ENOTDIR; a negative errno of open().
 */
int fcopy_tree_open_below(int tree, const char *below)
{
	int fd = below_resolve(tree, below[0] ? below : ".");

	return fd == -ENOSYS ? below_walk(tree, below, NULL) : fd;
}

/**
 * fcopy_tree_make_below() - Open a directory below one that is allowed, made if need be.
 * @tree: the one that is allowed
 * @below: see fcopy_tree_open_below()
 * @owner: whose those are to be that are made; they stay, whatever becomes of the copy
 *
 * Return: see fcopy_tree_open_below(); a negative errno of mkdir().
 */
int fcopy_tree_make_below(int tree, const char *below, const struct fcopy_owner *owner)
{
	int fd = fcopy_tree_open_below(tree, below);

	return fd == -ENOENT ? below_walk(tree, below, owner) : fd;
}
