/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which account a login is for, and whether it may log in: rules on names only.
 */
#ifndef PSDIRECT_ACCOUNT_H
#define PSDIRECT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

/* Names that PAM is given may have a domain before or after them. */
#define PSDIRECT_ACCOUNT_ROOM	1600

bool psdirect_domain_is_local(const char *domain, const char *host);
bool psdirect_words_match(const char *patterns, const char *name, bool fold);
bool psdirect_domain_user_is_valid(const char *format);
const char *psdirect_account_domain(const char *domain, const char *user);
int psdirect_account_name(char *to, size_t room, const char *domain, const char *user,
			  const char *host, const char *domains, const char *format);
bool psdirect_user_is_allowed(const char *users, const char *groups, const char *name,
			      const char *const member_of[]);

#endif
