/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A login by PAM.
 */
#ifndef PSDIRECT_PAM_H
#define PSDIRECT_PAM_H

#include <security/pam_appl.h>

#include "psdirect/message.h"

/**
 * struct psdirect_login - a login
 * @pam: what PAM knows of it; %NULL before and after
 * @password: what its modules are told; %NULL except while they check it
 * @user: the account's name, as PAM has it in the end
 * @said: what modules had to say to the person
 * @delay_us: how long they want a failure to take
 * @opened: whether there is a session
 */
struct psdirect_login {
	pam_handle_t *pam;
	const char *password;
	char user[PSDIRECT_ACCOUNT_ROOM];
	char said[PSDIRECT_TEXT_ROOM];
	unsigned int delay_us;
	bool opened;
};

enum psdirect_verdict psdirect_pam_check(struct psdirect_login *login,
					 const struct psdirect_policy *policy,
					 const struct psdirect_credentials *credentials,
					 char *why, size_t room);
int psdirect_pam_open(struct psdirect_login *login, char *why, size_t room);
void psdirect_pam_end(struct psdirect_login *login);

#endif
