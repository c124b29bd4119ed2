/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of a session.
 */
#ifndef PSDIRECT_SESSION_H
#define PSDIRECT_SESSION_H

#include <pwd.h>
#include <stdbool.h>
#include <sys/types.h>

#include "hvd_text.h"

/**
 * struct psdirect_session - a session's first process, and what it left
 * @pid: the process, which leads a session and a group of its own
 * @watch: a descriptor that is readable once it has ended
 * @messages: its stderr
 */
struct psdirect_session {
	pid_t pid;
	int watch;
	int messages;
};

int psdirect_session_start(struct psdirect_session *session, const struct passwd *user,
			   char *const environment[], char *command, const int stdio[2]);
char **psdirect_session_environment(const struct passwd *user, char *const from_pam[]);
void psdirect_session_signal(const struct psdirect_session *session, int number);
bool psdirect_session_clear(int patience_ms);

#endif
