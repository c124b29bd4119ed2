// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim run: boot a guest on the emulated host, and run a script beside it.
 */
#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hvsim_cmd.h"
#include "hvsim_directory.h"
#include "hvsim_disk.h"
#include "hvsim_kvm.h"
#include "hvsim_profile.h"
#include "hvsim_run.h"

/* Unless told otherwise: longer than any sane script needs. */
#define TIMEOUT_DEFAULT_S	600

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* Whether a shell would find it; better to know before a machine is made. */
static bool script_exists(const char *name)
{
	const char *at = getenv("PATH") ?: "/usr/bin:/bin";
	char path[PATH_MAX];
	size_t len;

	if (strchr(name, '/'))
		return is_program(name);
	for (;; at += len + 1) {
		len = strcspn(at, ":");
		snprintf(path, sizeof(path), "%.*s/%s", (int)len, at, name);
		if (is_program(path))
			return true;
		if (!at[len])
			return false;
	}
}

static bool profile_exists(const char *name)
{
	const struct hvsim_profile *profile;
	size_t i;

	if (hvsim_profile_find(name))
		return true;
	fprintf(stderr, "hvsim: run: no host is called '%s'; there are", name);
	for (i = 0; (profile = hvsim_profile_at(i)); i++)
		fprintf(stderr, " %s", profile->name);
	fputc('\n', stderr);
	return false;
}

/* Scripts, and who names one, find hvsim's commands without knowing where it is. */
static void path_extend(void)
{
	char program[PATH_MAX], *path;
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len < 0)
		return;
	program[len] = '\0';
	if (asprintf(&path, "%s:%s", dirname(program), getenv("PATH") ?: "/usr/bin:/bin") < 0)
		return;
	setenv("PATH", path, 1);
	free(path);
}

/* Mistakes that would come to light only after some seconds. */
static bool options_are_sound(const struct hvsim_options *options)
{
	const char *script = options->script.count ? options->script.words[0] : NULL;

	if (script && !script_exists(script)) {
		warnx("run: '%s' is no program; is it there, and executable?", script);
		return false;
	}
	return profile_exists(options->profile) && hvsim_disk_exist(options);
}

static int output_make(char *path, size_t size, const struct hvsim_options *options)
{
	char *real;

	if (!options->output)
		return hvsim_directory_make_temporary(path, size);
	if (mkdir(options->output, 0777) < 0 && errno != EEXIST) {
		warn("run: --output %s", options->output);
		return -errno;
	}
	real = realpath(options->output, NULL);
	if (!real || access(real, W_OK | X_OK) < 0) {
		warn("run: --output %s", options->output);
		free(real);
		return -EACCES;
	}
	snprintf(path, size, "%s", real);
	free(real);
	return hvsim_argv_has_comma("--output", path) ? -EINVAL : 0;
}

static int images_run(const struct hvsim_options *options, const struct hvsim_images *images)
{
	char output[PATH_MAX];
	const char *why_not;
	int status;

	if (output_make(output, sizeof(output), options) < 0)
		return HVSIM_RUN_UNFIT;
	if (hvsim_kvm_usable(&why_not)) {
		status = hvsim_direct_run(options, images, output);
	} else if (getenv(HVSIM_NESTED_VARIABLE)) {
		warnx("run: the emulated processor lends no KVM: %s", why_not);
		status = HVSIM_RUN_FAILED;
	} else {
		if (!options->script.count)
			fprintf(stderr, "hvsim: %s, so the guest is nested in an emulated machine; "
				"some 12 s to boot\n", why_not);
		status = hvsim_nest_run(options, images, output);
	}
	if (!options->output)
		hvsim_directory_remove(output);
	else if (status == HVSIM_RUN_FAILED && !getenv(HVSIM_NESTED_VARIABLE))
		warnx("run: the logs are in %s", output);
	return status;
}

/**
 * hvsim_run_main() - The command `hvsim run`.
 * @argc: from "run" on
 * @argv: likewise
 *
 * Return: exit status of the program.
 */
int hvsim_run_main(int argc, char **argv)
{
	struct hvsim_options options;
	struct hvsim_images images = { 0 };
	int status = HVSIM_RUN_UNFIT, err;

	path_extend();
	err = hvsim_options_parse(&options, argc, argv);
	if (err > 0)
		status = 0;
	if (!err && options.script.count && !options.timeout_s)
		options.timeout_s = TIMEOUT_DEFAULT_S;
	if (!err && options_are_sound(&options) && !hvsim_images_guest(&images, &options))
		status = images_run(&options, &images);
	hvsim_images_free(&images);
	hvsim_options_free(&options);
	return status;
}
