/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a machine is made of: kernel, initramfs, QEMU and its plugin.
 */
#ifndef HVSIM_IMAGES_H
#define HVSIM_IMAGES_H

#include "hvsim_options.h"

/**
 * struct hvsim_images - paths of what a machine is made of
 * @kernel: bzImage
 * @initrd: initramfs
 * @qemu: QEMU
 * @plugin: what to load into it; NULL when it is to boot no Hyper-V guest
 */
struct hvsim_images {
	char *kernel;
	char *initrd;
	char *qemu;
	char *plugin;
};

int hvsim_images_guest(struct hvsim_images *images, const struct hvsim_options *options);
int hvsim_images_nest(struct hvsim_images *images);
void hvsim_images_free(struct hvsim_images *images);

#endif
