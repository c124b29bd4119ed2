/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disks of a machine: those that the guest was given, and the one that its
 * system is on.
 */
#ifndef HVSIM_DISK_H
#define HVSIM_DISK_H

#include <stdbool.h>

struct hvsim_argv;
struct hvsim_options;

void hvsim_disk_add(struct hvsim_argv *argv, const struct hvsim_options *options);
bool hvsim_disk_exist(const struct hvsim_options *options);

#endif
