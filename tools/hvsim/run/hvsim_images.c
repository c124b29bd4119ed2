// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Has the project's scripts make ready what a machine is made of.  They say
 * themselves what is wrong, in one line, so that nothing is added here.
 */
#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvsim_images.h"

/*
 * The kernel of the machine that lends its KVM to the guest: what matters is
 * how fast it boots under emulation.
 */
#define NEST_SERIES	"6.1"

/* Runs scripts/NAME WORD... and takes the line it prints; ends with NULL. */
static int script_output(char **ret, const char *name, ...)
	__attribute__((sentinel));
static int script_output(char **ret, const char *name, ...)
{
	struct hvsim_argv argv = { 0 };
	const char *word;
	va_list words;
	int err;

	hvsim_argv_addf(&argv, "%s/scripts/%s", HVSIM_TOP, name);
	va_start(words, name);
	while ((word = va_arg(words, const char *)))
		hvsim_argv_add(&argv, word);
	va_end(words);
	err = hvsim_argv_output(&argv, ret);
	if (err < 0 && err != -ECHILD)
		warnx("run: %s/scripts/%s: %s", HVSIM_TOP, name, strerror(-err));
	hvsim_argv_free(&argv);
	return err;
}

/* The guest's programs are built beside this one. */
static int build_directory(char *path)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (len < 0)
		return -errno;
	path[len] = '\0';
	dirname(path);
	return 0;
}

static int kernel_find(struct hvsim_images *images, char **modules,
		       const struct hvsim_options *options)
{
	int err;

	if (!hvsim_options_kernel_is_path(options)) {
		err = script_output(&images->kernel, "kernel.sh", "image", options->kernel, NULL);
		if (!err)
			err = script_output(modules, "kernel.sh", "modules", options->kernel, NULL);
		return err;
	}
	if (access(options->kernel, R_OK) < 0) {
		err = -errno;
		warn("run: --kernel %s", options->kernel);
		return err;
	}
	images->kernel = realpath(options->kernel, NULL);
	if (!options->modules_dir)
		return images->kernel ? 0 : -ENOMEM;
	*modules = realpath(options->modules_dir, NULL);
	if (!*modules) {
		err = -errno;
		warn("run: --modules-dir %s", options->modules_dir);
		return err;
	}
	return images->kernel ? 0 : -ENOMEM;
}

/* Says which hv_utils.ko the guest is to have. */
static int module_add(struct hvsim_argv *argv, const struct hvsim_options *options)
{
	const char *module = options->module;
	char *built = NULL;
	int err;

	if (!strcmp(module, "none"))
		return 0;
	if (!strcmp(module, "in-tree")) {
		hvsim_argv_add(argv, "--load");
		hvsim_argv_add(argv, "hv_utils");
		return 0;
	}
	if (!strcmp(module, "ours")) {
		if (hvsim_options_kernel_is_path(options)) {
			warnx("run: build hv_utils.ko for %s and give it with --module FILE",
			      options->kernel);
			return -EINVAL;
		}
		err = script_output(&built, "build-module.sh", options->kernel, NULL);
		if (err < 0)
			return err;
		module = built;
	} else if (!strchr(module, '/')) {
		warnx("run: --module '%s' is none of ours, in-tree, none, ./FILE", module);
		return -EINVAL;
	}
	hvsim_argv_add(argv, "--update");
	hvsim_argv_add(argv, module);
	hvsim_argv_add(argv, "--load");
	hvsim_argv_add(argv, "hv_utils");
	free(built);
	return 0;
}

/* Each as "in the tree:in the guest", or of what was built. */
static void guest_files_add(struct hvsim_argv *argv, const char *build)
{
	static const char *const sources[] = {
		"inittab:/etc/inittab", "fstab:/etc/fstab", "rcS:/etc/rcS",
	};
	static const char *const programs[] = {
		"hvsim_agent:/sbin/hvsim_agent", "hvsim_ptp:/usr/bin/hvsim_ptp",
		"hvsim_kexec:/usr/bin/hvsim_kexec", "hvsim_vsock:/usr/bin/hvsim_vsock",
		"hvsim_fcopy:/usr/bin/hvsim_fcopy",
	};
	size_t i;

	hvsim_argv_add(argv, "--init");
	hvsim_argv_addf(argv, "%s/tools/hvsim/images/init", HVSIM_TOP);
	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		hvsim_argv_add(argv, "--add");
		hvsim_argv_addf(argv, "%s/tools/hvsim/images/%s", HVSIM_TOP, sources[i]);
	}
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		hvsim_argv_add(argv, "--add");
		hvsim_argv_addf(argv, "%s/guest/%s", build, programs[i]);
	}
}

static void words_add(struct hvsim_argv *argv, const char *option, const struct hvsim_argv *words)
{
	size_t i;

	for (i = 0; i < words->count; i++) {
		hvsim_argv_add(argv, option);
		hvsim_argv_add(argv, words->words[i]);
	}
}

/* With a system on a disk, where images/root puts them into that. */
static void adds_add(struct hvsim_argv *argv, const struct hvsim_options *options)
{
	const char *colon;
	size_t i;

	if (!options->root) {
		words_add(argv, "--add", &options->adds);
		return;
	}
	for (i = 0; i < options->adds.count; i++) {
		colon = strrchr(options->adds.words[i], ':');
		hvsim_argv_add(argv, "--add");
		/* what has no destination, the script complains of */
		hvsim_argv_addf(argv, "%.*s%s%s",
				colon ? (int)(colon - options->adds.words[i]) : INT_MAX,
				options->adds.words[i], colon ? ":/root.d" : "",
				colon ? colon + 1 : "");
	}
}

static int initrd_find(struct hvsim_images *images, const char *path)
{
	int err;

	/* the nested machine has this one's files at the same places */
	images->initrd = realpath(path, NULL);
	if (images->initrd && !access(images->initrd, R_OK))
		return 0;
	err = -errno;
	warn("run: --initrd %s", path);
	return err;
}

/* What it takes to lay memory over the guest's system, and to boot that. */
static void root_add(struct hvsim_argv *argv)
{
	hvsim_argv_add(argv, "--load");
	hvsim_argv_add(argv, "ext4");
	hvsim_argv_add(argv, "--load");
	hvsim_argv_add(argv, "overlay");
	hvsim_argv_add(argv, "--add");
	hvsim_argv_addf(argv, "%s/tools/hvsim/images/root:/etc/root", HVSIM_TOP);
}

static int initrd_make(struct hvsim_images *images, const char *modules,
		       const struct hvsim_options *options)
{
	static const char *const always[] = { "virtio_pci", "virtio_console", "hv_vmbus" };
	struct hvsim_argv argv = { 0 };
	char build[PATH_MAX];
	size_t i;
	int err;

	err = build_directory(build);
	if (err < 0)
		return err;
	hvsim_argv_addf(&argv, "%s/scripts/initramfs.sh", HVSIM_TOP);
	hvsim_argv_add(&argv, modules);
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		hvsim_argv_add(&argv, "--load");
		hvsim_argv_add(&argv, always[i]);
	}
	if (options->disks.count || options->root) {
		hvsim_argv_add(&argv, "--load");
		hvsim_argv_add(&argv, "virtio_blk");
	}
	if (options->root)
		root_add(&argv);
	guest_files_add(&argv, build);
	adds_add(&argv, options);
	err = module_add(&argv, options);
	words_add(&argv, "--load", &options->guest_modules);
	if (!err)
		err = hvsim_argv_output(&argv, &images->initrd);
	hvsim_argv_free(&argv);
	return err;
}

/* Has a kernel unpacked, which starts faster. */
static int kernel_unpack(struct hvsim_images *images)
{
	char *unpacked = NULL;
	int err = script_output(&unpacked, "vmlinux.sh", images->kernel, NULL);

	if (err < 0)
		return err;
	free(images->kernel);
	images->kernel = unpacked;
	return 0;
}

/* What an outer hvsim has prepared is taken as it is. */
static int images_given(struct hvsim_images *images, const struct hvsim_options *options)
{
	images->kernel = strdup(options->kernel);
	images->initrd = strdup(options->initrd);
	images->qemu = options->qemu ? strdup(options->qemu) : NULL;
	images->plugin = options->plugin ? strdup(options->plugin) : NULL;
	return images->kernel && images->initrd && images->qemu && images->plugin ? 0 : -ENOMEM;
}

/**
 * hvsim_images_guest() - Make ready what the guest is made of.
 * @images: what to fill in; to be freed also when this fails
 * @options: what was told
 *
 * Return: 0; a negative errno after a line on standard error that says what is
 * wrong (-ECHILD when a script said it).
 */
int hvsim_images_guest(struct hvsim_images *images, const struct hvsim_options *options)
{
	char *modules = NULL;
	int err;

	*images = (struct hvsim_images){ 0 };
	if (options->plugin)
		return images_given(images, options);
	err = kernel_find(images, &modules, options);
	if (!err)
		err = kernel_unpack(images);
	if (!err)
		err = script_output(&images->qemu, "qemu.sh", "path", NULL);
	if (!err)
		err = script_output(&images->plugin, "qemu.sh", "plugin", NULL);
	if (!err && options->initrd)
		err = initrd_find(images, options->initrd);
	else if (!err)
		err = initrd_make(images, modules, options);
	free(modules);
	return err;
}

/**
 * hvsim_images_nest() - Make ready what the machine around the guest is made of.
 * @images: what to fill in; to be freed also when this fails
 *
 * Return: as hvsim_images_guest().
 */
int hvsim_images_nest(struct hvsim_images *images)
{
	static const char *const load[] = {
		"virtio_pci", "virtio_console", "virtio_blk", "9p", "9pnet_virtio", "overlay",
		"kvm_amd",
	};
	struct hvsim_argv argv = { 0 };
	char *modules = NULL;
	size_t i;
	int err;

	*images = (struct hvsim_images){ 0 };
	err = script_output(&images->qemu, "qemu.sh", "path", NULL);
	if (!err)
		err = script_output(&images->kernel, "kernel.sh", "image", NEST_SERIES, NULL);
	if (!err)
		err = kernel_unpack(images);
	if (!err)
		err = script_output(&modules, "kernel.sh", "modules", NEST_SERIES, NULL);
	if (err)
		return err;
	hvsim_argv_addf(&argv, "%s/scripts/initramfs.sh", HVSIM_TOP);
	hvsim_argv_add(&argv, modules);
	for (i = 0; i < sizeof(load) / sizeof(load[0]); i++) {
		hvsim_argv_add(&argv, "--load");
		hvsim_argv_add(&argv, load[i]);
	}
	hvsim_argv_add(&argv, "--init");
	hvsim_argv_addf(&argv, "%s/tools/hvsim/images/nest-init", HVSIM_TOP);
	err = hvsim_argv_output(&argv, &images->initrd);
	hvsim_argv_free(&argv);
	free(modules);
	return err;
}

/**
 * hvsim_images_free() - Free the paths.
 * @images: whose
 */
void hvsim_images_free(struct hvsim_images *images)
{
	free(images->kernel);
	free(images->initrd);
	free(images->qemu);
	free(images->plugin);
	*images = (struct hvsim_images){ 0 };
}
