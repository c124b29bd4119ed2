/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ways to run a machine: on this machine's KVM, or on that of a machine
 * that is emulated for the purpose.
 */
#ifndef HVSIM_RUN_H
#define HVSIM_RUN_H

#include "hvsim_images.h"
#include "hvsim_options.h"

/* Exit statuses of `hvsim run`, besides those of the script. */
#define HVSIM_RUN_UNFIT		2	/* the machine could not be made */
#define HVSIM_RUN_TIMEOUT	124	/* the time was up */
#define HVSIM_RUN_FAILED	125	/* guest, QEMU or the machine around it failed */

/* In the environment of an hvsim that an outer one runs nested. */
#define HVSIM_NESTED_VARIABLE	"HVSIM_NESTED"

int hvsim_run_main(int argc, char **argv);
int hvsim_direct_run(const struct hvsim_options *options, const struct hvsim_images *images,
		     const char *output);
int hvsim_nest_run(const struct hvsim_options *options, const struct hvsim_images *images,
		   const char *output);

#endif
