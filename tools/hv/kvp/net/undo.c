// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that are replaced, and can be put back as they were.
 *
 * A journal has them before they are replaced: a file for each, numbered, whose first line
 * is "MODE PATH", and "- PATH" of what was not there.  It is there only while a setting is
 * carried out; who finds one at the start finds the work of one who was killed.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "kvp/net/undo.h"

static bool undo_has(const struct kvp_undo *undo, const char *path)
{
	size_t i;

	for (i = 0; i < undo->count; i++)
		if (!strcmp(undo->at[i].path, path))
			return true;
	return false;
}

static int journal_path(char *path, const char *journal, size_t number)
{
	return snprintf(path, PATH_MAX, "%s/%zu", journal, number) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* What cannot be written down is still kept in memory, so that most ends are good ones. */
static void journal_write(const struct kvp_undo *undo, size_t number)
{
	const struct kvp_undo_file *file = &undo->at[number];
	char path[PATH_MAX], *record = NULL;
	int len, err = 0;

	if (!undo->journal)
		return;
	if (mkdir(undo->journal, 0700) < 0 && errno != EEXIST)
		err = -errno;
	if (file->text)
		len = asprintf(&record, "%o %s\n%s", file->mode, file->path, file->text);
	else
		len = asprintf(&record, "- %s\n", file->path);
	err = err ?: len < 0 ? -ENOMEM : journal_path(path, undo->journal, number);
	if (!err)
		err = hvd_file_replace(path, record, (size_t)len, 0600);
	if (err)
		hvd_warning("cannot write to %s: %s: a daemon that is killed now leaves things half done",
			    undo->journal, strerror(-err));
	if (len >= 0)
		free(record);
}

static void journal_remove(const char *journal, size_t count)
{
	char path[PATH_MAX];

	while (count--)
		if (!journal_path(path, journal, count))
			unlink(path);
	rmdir(journal);
}

/**
 * kvp_undo_keep() - Keep a file as it is, for somebody else is going to change it.
 * @undo: with what else is kept
 * @path: the file; it may not be there
 *
 * Return: 0; -ENOSPC when there are too many; -ENOMEM; -EFBIG when it is too long; a
 * negative errno of reading it.
 */
int kvp_undo_keep(struct kvp_undo *undo, const char *path)
{
	struct kvp_undo_file *file = &undo->at[undo->count];
	struct stat now;
	char *text;
	int len;

	if (undo_has(undo, path))
		return 0;
	if (undo->count == KVP_UNDO_MAX)
		return -ENOSPC;
	text = malloc(KVP_FILE_MAX);
	if (!text)
		return -ENOMEM;
	len = hvd_file_read(path, text, KVP_FILE_MAX);
	if (len < 0 && len != -ENOENT) {
		free(text);
		return len;
	}
	file->mode = !stat(path, &now) ? now.st_mode & 07777 : 0644;
	file->path = strdup(path);
	file->text = len < 0 ? NULL : realloc(text, (size_t)len + 1) ?: text;
	file->len = len < 0 ? 0 : (size_t)len;
	if (len < 0)
		free(text);
	if (!file->path) {
		free(file->text);
		return -ENOMEM;
	}
	undo->count++;
	journal_write(undo, undo->count - 1);
	return 0;
}

/* A directory that is not there is made, for those of drop-ins often are not. */
static int directory_make(const char *path)
{
	char directory[PATH_MAX], *slash;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return 0;
	*slash = '\0';
	return mkdir(directory, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/**
 * kvp_undo_replace() - Replace a file, at once and for good, and keep what it was.
 * @undo: with what else is kept
 * @path: the file; a symbolic link is followed
 * @text: what it is to hold
 * @mode: of a file that was not there
 *
 * Return: 0; as kvp_undo_keep(); a negative errno of writing, with the file untouched.
 */
int kvp_undo_replace(struct kvp_undo *undo, const char *path, const char *text, mode_t mode)
{
	char target[PATH_MAX];
	int err;

	if (!realpath(path, target))
		snprintf(target, sizeof(target), "%s", path);
	err = kvp_undo_keep(undo, target) ?: directory_make(target);
	if (!err)
		err = hvd_file_replace(target, text, strlen(text), mode);
	if (err)
		hvd_error("cannot write %s: %s", target, strerror(-err));
	return err;
}

static int file_restore(const struct kvp_undo_file *file)
{
	int err = 0;

	if (file->text)
		err = hvd_file_replace(file->path, file->text, file->len, file->mode);
	else if (unlink(file->path) < 0 && errno != ENOENT)
		err = -errno;
	if (err)
		hvd_error("cannot put %s back: %s", file->path, strerror(-err));
	return err;
}

/**
 * kvp_undo_restore() - Put all files back, the last one first, and forget them.
 * @undo: what was kept
 *
 * Return: 0; the negative errno of the last one that could not be put back.
 */
int kvp_undo_restore(struct kvp_undo *undo)
{
	int err = 0;
	size_t i;

	for (i = undo->count; i--;)
		err = file_restore(&undo->at[i]) ?: err;
	kvp_undo_forget(undo);
	return err;
}

/**
 * kvp_undo_forget() - Leave all files as they are now.
 * @undo: what was kept
 */
void kvp_undo_forget(struct kvp_undo *undo)
{
	if (undo->journal && undo->count)
		journal_remove(undo->journal, undo->count);
	while (undo->count) {
		undo->count--;
		free(undo->at[undo->count].path);
		free(undo->at[undo->count].text);
	}
}

/* Takes a record apart, in place. */
static int record_parse(struct kvp_undo_file *file, char *record, size_t len)
{
	char *path = strchr(record, ' '), *end = strchr(record, '\n');
	bool missing = *record == '-';

	if (!path || !end || end <= path + 1 || path[1] != '/')
		return -EBADMSG;
	*end = '\0';
	file->path = path + 1;
	file->mode = (mode_t)strtoul(record, NULL, 8) & 07777;
	file->text = missing ? NULL : end + 1;
	file->len = missing ? 0 : len - (size_t)(end + 1 - record);
	return 0;
}

static int record_recover(const char *journal, size_t number, char *record, size_t room)
{
	struct kvp_undo_file file;
	char path[PATH_MAX];
	int len;

	len = journal_path(path, journal, number) ?: hvd_file_read(path, record, room);
	if (len < 0)
		return len;
	if (record_parse(&file, record, (size_t)len)) {
		hvd_error("%s is not understood and left out", path);
		return -EBADMSG;
	}
	hvd_warning("%s is put back: the host's setting of an adapter was cut short", file.path);
	return file_restore(&file);
}

/**
 * kvp_undo_recover() - Put back what a daemon that was killed had replaced.
 * @journal: its journal, which is removed; it need not be there
 *
 * Network managers hear of it when they set up the link the next time.
 *
 * Return: how many files were put back; -ENOMEM.
 */
int kvp_undo_recover(const char *journal)
{
	const size_t room = KVP_FILE_MAX + PATH_MAX + 16;
	char *record = malloc(room);
	int recovered = 0;
	size_t i;

	if (!record)
		return -ENOMEM;
	for (i = KVP_UNDO_MAX; i--;)
		recovered += !record_recover(journal, i, record, room);
	journal_remove(journal, KVP_UNDO_MAX);
	free(record);
	return recovered;
}
