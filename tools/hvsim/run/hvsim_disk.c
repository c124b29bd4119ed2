// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The disks of a machine.
 */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "hvsim_disk.h"
#include "hvsim_options.h"

/* What the guest knows the disk by that its system is on; see images/root. */
#define ROOT_SERIAL	"hvsim-root"

static void one_add(struct hvsim_argv *argv, const char *path, const char *id, const char *more,
		    const char *device)
{
	hvsim_argv_add(argv, "-drive");
	hvsim_argv_addf(argv, "if=none,id=%s,format=raw,cache=unsafe%s,file=%s", id, more, path);
	hvsim_argv_add(argv, "-device");
	hvsim_argv_addf(argv, "virtio-blk-pci,drive=%s%s", id, device);
}

/**
 * hvsim_disk_add() - Give QEMU the disks of a machine.
 * @argv: QEMU's command line, to which to add
 * @options: which disks; the system's comes last
 *
 * Of the system's, nothing is written: any number of machines can have the same.
 */
void hvsim_disk_add(struct hvsim_argv *argv, const struct hvsim_options *options)
{
	char id[32];
	size_t i;

	for (i = 0; i < options->disks.count; i++) {
		snprintf(id, sizeof(id), "disk%zu", i);
		one_add(argv, options->disks.words[i], id, "", "");
	}
	if (options->root)
		one_add(argv, options->root, "root", ",readonly=on", ",serial=" ROOT_SERIAL);
}

static bool one_exists(const char *option, const char *path, int mode)
{
	if (hvsim_argv_has_comma(option, path))
		return false;
	if (access(path, mode) < 0) {
		warn("run: %s %s", option, path);
		return false;
	}
	return true;
}

/**
 * hvsim_disk_exist() - See whether the disks of a machine are there.
 * @options: which disks
 *
 * Return: whether; if not, a line on standard error says which is wrong, and why.
 */
bool hvsim_disk_exist(const struct hvsim_options *options)
{
	size_t i;

	for (i = 0; i < options->disks.count; i++)
		if (!one_exists("--disk", options->disks.words[i], R_OK | W_OK))
			return false;
	return !options->root || one_exists("--root", options->root, R_OK);
}
