/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls of a pool, which its tests count, and make fail: the linker has
 * __wrap_NAME() called in the place of NAME(), which is __real_NAME() then.
 */
#ifndef POOL_CALLS_H
#define POOL_CALLS_H

#include <sys/types.h>

int __real_open(const char *name, int flags, ...);
ssize_t __real_pread(int fd, void *to, size_t len, off_t offset);
ssize_t __real_pwrite(int fd, const void *from, size_t len, off_t offset);
int __real_fdatasync(int fd);
int __real_ftruncate(int fd, off_t len);

int __wrap_open(const char *name, int flags, ...);
ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t offset);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t len);

#endif
