/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls with which a KVM is used, for a test that has a KVM of its own (the
 * linker's --wrap).
 */
#ifndef KVM_CALLS_H
#define KVM_CALLS_H

#include <sys/types.h>

#include "ioctl_calls.h"

int __real_open(const char *path, int flags, ...);
void *__real_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);
int __real_close(int fd);

int __wrap_open(const char *path, int flags, ...);
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);
int __wrap_close(int fd);

#endif
