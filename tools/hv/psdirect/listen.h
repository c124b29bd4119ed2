/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets that a host comes in by.
 */
#ifndef PSDIRECT_LISTEN_H
#define PSDIRECT_LISTEN_H

#include "psdirect/handshake.h"

int psdirect_listen_open(int fds[PSDIRECT_KINDS], const char *test_sockets);
int psdirect_listen_accept(int listener, bool is_test, unsigned int *peer);

#endif
