// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that are read whole and replaced whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hvd_file.h"

/**
 * hvd_file_pread() - Read bytes, as many as there are.
 * @fd: open for reading
 * @to: where to
 * @len: bytes at @to
 * @offset: from where in the file
 *
 * Return: bytes that were read, fewer than @len only at the end of the file; a negative
 * errno of pread().
 */
int hvd_file_pread(int fd, void *to, size_t len, off_t offset)
{
	size_t done = 0;
	ssize_t got;

	while (done < len) {
		got = pread(fd, (char *)to + done, len - done, offset + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (int)done;
}

/**
 * hvd_file_pwrite() - Write all bytes.
 * @fd: open for writing
 * @from: what
 * @len: bytes at @from
 * @offset: to where in the file
 *
 * Return: 0; a negative errno of pwrite(), after which a part may have been written.
 */
int hvd_file_pwrite(int fd, const void *from, size_t len, off_t offset)
{
	size_t done = 0;
	ssize_t put;

	while (done < len) {
		put = pwrite(fd, (const char *)from + done, len - done, offset + (off_t)done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		done += (size_t)put;
	}
	return 0;
}

/* To its end, by read(): files of /proc and /sys have no size, some no offset. */
static int text_read(int fd, char *text, size_t room)
{
	size_t done = 0;
	ssize_t got;

	for (;;) {
		got = read(fd, text + done, room - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
		if (done == room)
			return -EFBIG;
	}
	text[done] = '\0';
	return (int)done;
}

/**
 * hvd_file_read_at() - Read a small file as text.
 * @dir: what @path is relative to; AT_FDCWD for the working directory
 * @path: the file
 * @text: its contents, with a NUL behind; a NUL within is no error
 * @room: bytes at @text, one more than the file may have
 *
 * Return: bytes before the last NUL; -EFBIG when the file is longer; a negative errno of
 * open() and read().
 */
int hvd_file_read_at(int dir, const char *path, char *text, size_t room)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	int len;

	if (fd < 0)
		return -errno;
	len = text_read(fd, text, room);
	close(fd);
	return len;
}

/**
 * hvd_file_read() - Read a small file as text.
 * @path: the file
 * @text: see hvd_file_read_at()
 * @room: see there
 *
 * Return: see there.
 */
int hvd_file_read(const char *path, char *text, size_t room)
{
	return hvd_file_read_at(AT_FDCWD, path, text, room);
}

/* A new file takes the mode and the owner of the one that it is to replace. */
static int owner_keep(int fd, int dir, const char *name, mode_t mode)
{
	struct stat old;

	if (fstatat(dir, name, &old, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT && !fchmod(fd, mode) ? 0 : -errno;
	if (!S_ISREG(old.st_mode))
		return -EEXIST;
	/* as somebody else than root it stays ours, which is no reason not to write */
	if (fchown(fd, old.st_uid, old.st_gid) < 0 && errno != EPERM)
		return -errno;
	return fchmod(fd, old.st_mode & 07777) < 0 ? -errno : 0;
}

/* The name is durable only when the directory is. */
static int rename_durably(int dir, const char *from, const char *to)
{
	int fd, err;

	if (renameat(dir, from, dir, to) < 0)
		return -errno;
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/**
 * hvd_file_replace_at() - Write a file so that there is the old one or the new one.
 * @dir: the directory; AT_FDCWD is the working directory
 * @name: the file in it; a symbolic link is refused
 * @bytes: what it is to hold
 * @len: bytes at @bytes
 * @mode: of a file that was not there; else mode and owner are kept
 *
 * On the disk when this returns, also through a loss of power.
 *
 * Return: 0; -ENAMETOOLONG; -EEXIST when @name is no regular file; a negative errno of
 * the calls that write, in which case the old file is untouched.
 */
int hvd_file_replace_at(int dir, const char *name, const void *bytes, size_t len, mode_t mode)
{
	char temporary[256];
	int fd, err;

	err = snprintf(temporary, sizeof(temporary), ".%s.new", name);
	if (err < 0 || (size_t)err >= sizeof(temporary))
		return -ENAMETOOLONG;
	if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = hvd_file_pwrite(fd, bytes, len, 0);
	if (!err)
		err = owner_keep(fd, dir, name, mode);
	if (!err && fsync(fd) < 0)
		err = -errno;
	close(fd);
	if (!err)
		err = rename_durably(dir, temporary, name);
	if (err)
		unlinkat(dir, temporary, 0);
	return err;
}

/**
 * hvd_file_replace() - Write a file so that there is the old one or the new one.
 * @path: the file
 * @bytes: see hvd_file_replace_at()
 * @len: see there
 * @mode: see there
 *
 * Return: see there; the errno of opening the directory.
 */
int hvd_file_replace(const char *path, const void *bytes, size_t len, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	char *directory;
	int dir, err;

	if (!slash)
		return hvd_file_replace_at(AT_FDCWD, path, bytes, len, mode);
	directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!directory)
		return -ENOMEM;
	dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(directory);
	if (dir < 0)
		return -errno;
	err = hvd_file_replace_at(dir, slash + 1, bytes, len, mode);
	close(dir);
	return err;
}
