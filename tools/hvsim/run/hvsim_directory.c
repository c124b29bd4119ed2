// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Directories of a run.
 */
#include <err.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hvsim_client.h"
#include "hvsim_directory.h"

/* Descriptors that the removal of a tree may hold. */
#define REMOVE_FDS	16

static int owned_by_us(const char *path)
{
	struct stat st;

	/* in /tmp, someone else may have made it first */
	return !lstat(path, &st) && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/**
 * hvsim_directory_make() - Make the directory in which commands find a machine.
 * @path: is set to it
 * @size: bytes at @path
 * @name: of the machine; NULL for none
 *
 * Return: 0; a negative errno after a line on standard error that says what is
 * wrong: -EBUSY when a machine runs there already.
 */
int hvsim_directory_make(char *path, size_t size, const char *name)
{
	struct hvsim_client *client;
	char control[108];	/* what a socket's address holds */
	int err, len;

	err = hvsim_client_directory(path, size, name);
	len = snprintf(control, sizeof(control), "%s/control.sock", path);
	if (err || (size_t)len >= sizeof(control)) {
		warnx("run: the path %s is too long for a socket; set XDG_RUNTIME_DIR", path);
		return -ENAMETOOLONG;
	}
	if (mkdir(path, 0700) < 0 && (errno != EEXIST || !owned_by_us(path))) {
		err = -errno;
		warn("run: cannot make %s", path);
		return err;
	}
	if (!hvsim_client_open(&client, control)) {
		hvsim_client_close(client);
		warnx("run: a machine runs in %s already; end it, or give this one a --name", path);
		return -EBUSY;
	}
	return 0;
}

/**
 * hvsim_directory_make_temporary() - Make a directory that nobody else has.
 * @path: is set to it
 * @size: bytes at @path
 *
 * Return: 0; a negative errno after a line on standard error.
 */
int hvsim_directory_make_temporary(char *path, size_t size)
{
	int err;

	snprintf(path, size, "/tmp/hvsim-XXXXXX");
	if (mkdtemp(path))
		return 0;
	err = -errno;
	warn("run: cannot make %s", path);
	return err;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

/**
 * hvsim_directory_remove() - Remove a directory and all that is in it.
 * @path: of it; what cannot be removed is left
 */
void hvsim_directory_remove(const char *path)
{
	nftw(path, remove_one, REMOVE_FDS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
