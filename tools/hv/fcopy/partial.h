/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are not finished, remembered so that a daemon that died leaves none.
 */
#ifndef FCOPY_PARTIAL_H
#define FCOPY_PARTIAL_H

#include <stdint.h>

#define FCOPY_PARTIAL_PREFIX	".hv-fcopy-"
#define FCOPY_PARTIAL_LEN	40	/* of a file's name, and of a record's */

uint32_t fcopy_partial_run(void);
void fcopy_partial_name(char name[FCOPY_PARTIAL_LEN], uint32_t run);
int fcopy_partial_record(const char *state, const char *name, const char *path);
void fcopy_partial_forget(const char *state, const char *name);
int fcopy_partial_sweep(const char *state, uint32_t run, int *lock);

#endif
