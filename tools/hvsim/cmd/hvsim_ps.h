/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of `hvsim ps`.
 */
#ifndef HVSIM_PS_H
#define HVSIM_PS_H

#include <stdbool.h>

#include "hvsim_psdirect.h"

struct hvsim_setup;

/**
 * struct hvsim_ps - what was asked for on the command line
 * @setup: which machine; of no use with @sockets
 * @sockets: directory of a daemon's test sockets; NULL to reach a machine's guest
 * @login: who logs in
 * @legacy: speak V1 from the beginning
 */
struct hvsim_ps {
	const struct hvsim_setup *setup;
	const char *sockets;
	struct hvsim_psdirect_login login;
	bool legacy;
};

int hvsim_ps_login(const struct hvsim_ps *ps, int *ret);
int hvsim_ps_password(char **ret, const char *path, const char *user);
int hvsim_ps_command(int fd, const char *script);

#endif
