/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's other processes: the same program, started again, so that they have nothing
 * of each other in their memory.
 */
#ifndef PSDIRECT_ROLE_H
#define PSDIRECT_ROLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "psdirect/handshake.h"

/* The first argument of the program, which nobody gives it but itself. */
#define PSDIRECT_ROLE_ARGUMENT	"--psdirect-role"

/**
 * struct psdirect_connection_setup - what a connection process is told
 * @kind: which service
 * @legacy: what becomes of V1 clients
 * @step_seconds: that the host may take for an answer
 * @login_seconds: that the handshake may take
 * @uid: whose the process is to be; 0 to stay as it is, for tests
 * @gid: the same
 */
struct psdirect_connection_setup {
	enum psdirect_service_kind kind;
	enum psdirect_legacy legacy;
	unsigned int step_seconds;
	unsigned int login_seconds;
	uid_t uid;
	gid_t gid;
};

pid_t psdirect_role_connection(const struct psdirect_connection_setup *setup, int main_fd,
			       int host_fd);
pid_t psdirect_role_login(int main_fd, int connection_fd);
int psdirect_role_main(int argc, char **argv);

int psdirect_connection_main(const struct psdirect_connection_setup *setup);
int psdirect_login_main(void);
int psdirect_sandbox_enter(const struct psdirect_connection_setup *setup);

#endif
