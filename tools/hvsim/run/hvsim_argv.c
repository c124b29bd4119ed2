// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A command line that grows word by word, and programs run with one.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hvsim_argv.h"

/* Takes over @word, which may be NULL when there was no memory for it. */
static void argv_take(struct hvsim_argv *argv, char *word)
{
	char **words = NULL;

	if (word)
		words = reallocarray(argv->words, argv->count + 2, sizeof(*words));
	if (!words) {
		argv->failed = true;
		free(word);
		return;
	}
	words[argv->count++] = word;
	words[argv->count] = NULL;
	argv->words = words;
}

/**
 * hvsim_argv_add() - Append a word.
 * @argv: to what
 * @word: copied
 */
void hvsim_argv_add(struct hvsim_argv *argv, const char *word)
{
	argv_take(argv, strdup(word));
}

/**
 * hvsim_argv_addf() - Append a word made by a format.
 * @argv: to what
 * @format: as for printf()
 */
void hvsim_argv_addf(struct hvsim_argv *argv, const char *format, ...)
{
	char *word;
	va_list args;

	va_start(args, format);
	if (vasprintf(&word, format, args) < 0)
		word = NULL;
	va_end(args);
	argv_take(argv, word);
}

/**
 * hvsim_argv_free() - Free all words; @argv is empty afterwards.
 * @argv: what to empty
 */
void hvsim_argv_free(struct hvsim_argv *argv)
{
	size_t i;

	for (i = 0; i < argv->count; i++)
		free(argv->words[i]);
	free(argv->words);
	*argv = (struct hvsim_argv){ 0 };
}

static int child_start(const struct hvsim_argv *argv, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int err;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	err = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (!err)
		err = posix_spawnp(pid, argv->words[0], &actions, NULL, argv->words, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int output_read(int fd, char **ret)
{
	char *line = NULL, *last = NULL;
	size_t size = 0;
	FILE *file;

	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		free(last);
		last = line;
		line = NULL;
		size = 0;
	}
	free(line);
	fclose(file);
	*ret = last;
	return last ? 0 : -ENODATA;
}

/**
 * hvsim_argv_output() - Run a program and take the last line of its output.
 * @argv: program, sought in $PATH, and its arguments
 * @ret: the line, for the caller to free; may be NULL when it is of no interest
 *
 * The program's standard error is that of the caller: it says itself what is
 * wrong.
 *
 * Return: 0; -ECHILD when the program failed; -ENODATA when it printed nothing;
 * -ENOMEM; what posix_spawn() said.
 */
int hvsim_argv_output(const struct hvsim_argv *argv, char **ret)
{
	int fds[2], status, err;
	char *line = NULL;
	pid_t pid;

	if (argv->failed)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	err = child_start(argv, fds[1], &pid);
	close(fds[1]);
	if (err < 0) {
		close(fds[0]);
		return err;
	}
	err = output_read(fds[0], &line);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			status = -1;
			break;
		}
	if (status)
		err = -ECHILD;
	if (!err && ret)
		*ret = line;
	else
		free(line);
	return err;
}

/**
 * hvsim_argv_has_comma() - Tell whether a path would end too early.
 * @option: whose it is, for the error
 * @path: a path that is to stand among QEMU's options, which commas separate
 *
 * Return: whether; then a line on standard error has said so.
 */
bool hvsim_argv_has_comma(const char *option, const char *path)
{
	if (!strchr(path, ','))
		return false;
	warnx("run: %s %s: there must be no comma in the path", option, path);
	return true;
}
