/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the machine around the guest is told to run.
 */
#ifndef HVSIM_NEST_COMMAND_H
#define HVSIM_NEST_COMMAND_H

#include "hvsim_images.h"
#include "hvsim_options.h"

int hvsim_nest_command_write(const char *directory, const struct hvsim_options *options,
			     const struct hvsim_images *images, const char *output);

#endif
