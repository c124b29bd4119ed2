/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that tests of file copy have in their own hands: the linker puts __wrap_X() in the
 * place of X(), which is __real_X() then.
 */
#ifndef FCOPY_CALLS_H
#define FCOPY_CALLS_H

#include <sys/types.h>

long __real_syscall(long number, ...);
long __wrap_syscall(long number, int tree, const char *below, void *how, size_t size);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned int how);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned int how);
int __real_fallocate(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t len);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
ssize_t __real_pwrite(int fd, const void *from, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t offset);
int __real_sync_file_range(int fd, off_t offset, off_t len, unsigned int flags);
int __wrap_sync_file_range(int fd, off_t offset, off_t len, unsigned int flags);

#endif
