/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls about a unit's sockets that a test answers itself: the linker has __wrap_NAME()
 * called in the place of NAME().
 */
#ifndef LISTEN_CALLS_H
#define LISTEN_CALLS_H

#include <sys/socket.h>

int __wrap_sd_listen_fds(int unset);
int __wrap_sd_is_socket(int fd, int family, int type, int listening);
int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *len);

#endif
