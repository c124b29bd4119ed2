/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `hvsim run` was told.
 */
#ifndef HVSIM_OPTIONS_H
#define HVSIM_OPTIONS_H

#include <stdbool.h>

#include "hvsim_argv.h"
#include "hvsim_host.h"

/**
 * struct hvsim_options - what `hvsim run` was told
 * @kernel: a series of scripts/kernel.sh, or the path of an image
 * @modules_dir: .../lib/modules/RELEASE of an image given by path
 * @module: "ours", "in-tree", "none", or the path of an hv_utils.ko; NULL with an
 *	initramfs of the caller's
 * @smp: the guest's CPUs
 * @memory_mb: the guest's memory, in MiB
 * @profile: which Hyper-V to play; NULL for the default
 * @bus: whose VMBus the machine has
 * @vmbus_version: see struct hvsim_host_options
 * @name: of the machine; NULL for none
 * @append: more for the guest's kernel command line; NULL for none
 * @timeout_s: seconds after which the run is ended; 0 for never
 * @output: directory for what the script leaves; NULL for a temporary one
 * @disks: raw images, or devices, that the guest gets as virtio disks
 * @root: raw image of a file system with the guest's system; NULL for hvsim's own,
 *	which is all in the initramfs
 * @adds: FILE:DEST, files to be had in the guest
 * @guest_modules: modules to load in the guest, besides those always loaded
 * @qemu_args: more for QEMU's command line
 * @script: what to run, and its arguments; empty for an interactive shell
 * @trace: write down what crosses VMBus
 * @no_wait: start the script before the guest is up
 * @no_negotiate: see struct hvsim_host_options
 * @no_heartbeat: see there
 * @no_time: see there
 * @no_kvp: see there
 * @initrd: the guest's initramfs; NULL to have one made
 * @plugin: path of the QEMU plugin; given by an outer hvsim, which then has
 *	prepared kernel, initramfs and QEMU as well; else NULL
 * @qemu: path of QEMU; likewise
 */
struct hvsim_options {
	const char *kernel;
	const char *modules_dir;
	const char *module;
	unsigned int smp;
	unsigned int memory_mb;
	const char *profile;
	enum hvsim_bus_kind bus;
	uint32_t vmbus_version;
	const char *name;
	char *append;
	unsigned int timeout_s;
	const char *output;
	struct hvsim_argv disks;
	const char *root;
	struct hvsim_argv adds;
	struct hvsim_argv guest_modules;
	struct hvsim_argv qemu_args;
	struct hvsim_argv script;
	bool trace;
	bool no_wait;
	bool no_negotiate;
	bool no_heartbeat;
	bool no_time;
	bool no_kvp;
	const char *initrd;
	const char *plugin;
	const char *qemu;
};

int hvsim_options_parse(struct hvsim_options *options, int argc, char **argv);
void hvsim_options_free(struct hvsim_options *options);
bool hvsim_options_kernel_is_path(const struct hvsim_options *options);

#endif
