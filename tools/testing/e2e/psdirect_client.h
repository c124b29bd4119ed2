/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of PowerShell Direct, for tests in a guest: whole logins by `hvsim ps`, and
 * single steps of one.
 */
#ifndef PSDIRECT_CLIENT_H
#define PSDIRECT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "hvsim_psdirect.h"

/* What the host says on connection 1 up to its last question, one after the other. */
#define PSDIRECT_ROWS	8

void psdirect_ps_begin(unsigned int number, const char *user, const char *password,
		       const char *options, const char *input);
int psdirect_ps_end(unsigned int number);
const char *psdirect_ps_said(unsigned int number, const char *where);
int psdirect_ps(const char *user, const char *password, const char *options, const char *input);

int psdirect_dial_to(const char *user, const char *password, unsigned int row);
const char *psdirect_token(const char *user, const char *password, const char *configuration);
int psdirect_session(const char *token);
int psdirect_open(const char *user, const char *password, const char *configuration);
bool psdirect_echoes(int fd, const char *line);

#endif
