/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are read whole and replaced whole.
 */
#ifndef HVD_FILE_H
#define HVD_FILE_H

#include <stddef.h>
#include <sys/types.h>

int hvd_file_read(const char *path, char *text, size_t room);
int hvd_file_read_at(int dir, const char *path, char *text, size_t room);
int hvd_file_pread(int fd, void *to, size_t len, off_t offset);
int hvd_file_pwrite(int fd, const void *from, size_t len, off_t offset);
int hvd_file_replace(const char *path, const void *bytes, size_t len, mode_t mode);
int hvd_file_replace_at(int dir, const char *name, const void *bytes, size_t len, mode_t mode);

#endif
