/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ioctl(), for a test that has one of its own in its place (the linker's --wrap).
 */
#ifndef IOCTL_CALLS_H
#define IOCTL_CALLS_H

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

#endif
