/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories of a run.
 */
#ifndef HVSIM_DIRECTORY_H
#define HVSIM_DIRECTORY_H

#include <stddef.h>

int hvsim_directory_make(char *path, size_t size, const char *name);
int hvsim_directory_make_temporary(char *path, size_t size);
void hvsim_directory_remove(const char *path);

#endif
