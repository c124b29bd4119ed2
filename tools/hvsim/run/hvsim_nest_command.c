// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the machine around the guest is told to run: `hvsim run` again, with the
 * same environment and in the same directory.  It is left as a shell script in
 * a directory that nest-init sees.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hvsim_nest_command.h"
#include "hvsim_run.h"

static void quote(FILE *file, const char *text)
{
	fputc('\'', file);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", file);
		else
			fputc(*text, file);
	fputc('\'', file);
}

static void word(FILE *file, const char *text)
{
	fputc(' ', file);
	quote(file, text);
}

static void option(FILE *file, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(file, " %s", name);
	word(file, value);
}

/* A shell has names that are none of its own, such as exported functions. */
static bool is_name(const char *text, size_t len)
{
	size_t i;

	if (!len || isdigit((unsigned char)text[0]))
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	return true;
}

static void environment(FILE *file)
{
	char **variable;
	size_t len;

	for (variable = environ; *variable; variable++) {
		len = strcspn(*variable, "=");
		if (!is_name(*variable, len) || !(*variable)[len])
			continue;
		fprintf(file, "export %.*s=", (int)len, *variable);
		quote(file, *variable + len + 1);
		fputc('\n', file);
	}
	/* that directory is not in the nested machine */
	fprintf(file, "unset XDG_RUNTIME_DIR\nexport %s=1\n", HVSIM_NESTED_VARIABLE);
}

static void terminal(FILE *file)
{
	struct winsize size;

	if (!ioctl(STDIN_FILENO, TIOCGWINSZ, &size) && size.ws_row)
		fprintf(file, "stty rows %u cols %u\n", size.ws_row, size.ws_col);
}

static void options_write(FILE *file, const struct hvsim_options *options,
			  const struct hvsim_images *images, const char *output)
{
	size_t i;

	option(file, "--kernel", images->kernel);
	option(file, "--initrd", images->initrd);
	option(file, "--plugin", images->plugin);
	option(file, "--qemu", images->qemu);
	option(file, "--output", output);
	option(file, "--bus", options->bus == HVSIM_BUS_HVSIM ? "hvsim" : "qemu");
	if (options->vmbus_version)
		fprintf(file, " --vmbus-version %u.%u", options->vmbus_version >> 16,
			options->vmbus_version & 0xffff);
	option(file, "--host", options->profile);
	option(file, "--name", options->name);
	option(file, "--append", options->append);
	fprintf(file, " --smp %u --memory %u", options->smp, options->memory_mb);
	if (options->timeout_s)
		fprintf(file, " --timeout %u", options->timeout_s);
	fprintf(file, "%s%s%s%s%s%s", options->trace ? " --trace" : "",
		options->no_wait ? " --no-wait" : "",
		options->no_negotiate ? " --no-negotiate" : "",
		options->no_heartbeat ? " --no-heartbeat" : "",
		options->no_time ? " --no-time" : "",
		options->no_kvp ? " --no-kvp" : "");
	/* the nested machine has them as its own disks, in the same order */
	for (i = 0; i < options->disks.count; i++)
		fprintf(file, " --disk /dev/vd%c", (int)('a' + i));
	if (options->root)
		fprintf(file, " --root /dev/vd%c", (int)('a' + i));
	for (i = 0; i < options->qemu_args.count; i++)
		option(file, "--qemu-arg", options->qemu_args.words[i]);
	fputs(" --", file);
	for (i = 0; i < options->script.count; i++)
		word(file, options->script.words[i]);
	fputc('\n', file);
}

static FILE *file_open(const char *directory, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return fopen(path, "we");
}

static int file_close(FILE *file)
{
	int err = ferror(file) ? -EIO : 0;

	if (fclose(file) && !err)
		err = -errno;
	return err;
}

static int line_write(const char *directory, const char *name, const char *line)
{
	FILE *file = file_open(directory, name);

	if (!file)
		return -errno;
	fprintf(file, "%s\n", line);
	return file_close(file);
}

/**
 * hvsim_nest_command_write() - Leave what nest-init is to run.
 * @directory: where
 * @options: what was told
 * @images: what the guest is made of
 * @output: directory for what the script leaves
 *
 * Return: 0; the errno of what failed.
 */
int hvsim_nest_command_write(const char *directory, const struct hvsim_options *options,
			     const struct hvsim_images *images, const char *output)
{
	char here[PATH_MAX], program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	FILE *file;
	int err;

	if (len < 0 || !getcwd(here, sizeof(here)))
		return -errno;
	program[len] = '\0';
	err = line_write(directory, "output", output);
	if (!err && !options->script.count)
		err = line_write(directory, "interactive", "");
	file = err ? NULL : file_open(directory, "command");
	if (!file)
		return err ?: -errno;
	environment(file);
	if (!options->script.count)
		terminal(file);
	fputs("cd ", file);
	quote(file, here);
	fputs(" || exit\nexec ", file);
	quote(file, program);
	fputs(" run", file);
	options_write(file, options, images, output);
	return file_close(file);
}
