// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of accounts.
 */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "hvd_text.h"
#include "psdirect/account.h"

#define BLANKS	" \t"

/**
 * psdirect_domain_is_local() - Whether a domain means this guest.
 * @domain: of the credential; "localhost" is what the client sends for none
 * @host: the guest's name, with its domain or without
 *
 * Return: whether it does: "", ".", "localhost" or the guest's name, long or short.
 */
bool psdirect_domain_is_local(const char *domain, const char *host)
{
	size_t label = strcspn(host, ".");

	if (!domain[0] || !strcmp(domain, ".") || !strcasecmp(domain, "localhost"))
		return true;
	if (!host[0])
		return false;
	return !strcasecmp(domain, host) ||
	       (label && strlen(domain) == label && !strncasecmp(domain, host, label));
}

/**
 * psdirect_words_match() - Look for a name in a list of patterns.
 * @patterns: as a shell's, with blanks between
 * @name: the name
 * @fold: whether capitals and small letters are the same
 *
 * Return: whether one of them matches.
 */
bool psdirect_words_match(const char *patterns, const char *name, bool fold)
{
	char word[256];
	size_t len;

	for (patterns += strspn(patterns, BLANKS); *patterns;
	     patterns += strspn(patterns, BLANKS)) {
		len = strcspn(patterns, BLANKS);
		if (len < sizeof(word)) {
			memcpy(word, patterns, len);
			word[len] = '\0';
			if (!fnmatch(word, name, fold ? FNM_CASEFOLD : 0))
				return true;
		}
		patterns += len;
	}
	return false;
}

/**
 * psdirect_domain_user_is_valid() - Whether a setting says what name PAM is given.
 * @format: %u is the user, %d the domain, %% a percent sign
 *
 * Return: whether there is a %u and nothing unknown.
 */
bool psdirect_domain_user_is_valid(const char *format)
{
	bool has_user = false;

	for (; *format; format++) {
		if (*format != '%')
			continue;
		format++;
		if (*format != 'u' && *format != 'd' && *format != '%')
			return false;
		has_user = has_user || *format == 'u';
	}
	return has_user;
}

static int name_format(char *to, size_t room, const char *format, const char *domain,
		       const char *user)
{
	char one[2] = "";
	struct hvd_text text;

	hvd_text_start(&text, to, room);
	for (; *format; format++) {
		if (*format == '%' && format[1]) {
			format++;
			hvd_text_add(&text, *format == 'u' ? user : *format == 'd' ? domain : "%");
			continue;
		}
		one[0] = *format;
		hvd_text_add(&text, one);
	}
	return text.overflow ? -ENAMETOOLONG : 0;
}

/*
 * Not what would mean something else to a tool, a file of accounts, a module of PAM that has
 * a file for each user, or to what takes a name with a domain apart.
 */
static bool part_is_sane(const char *part)
{
	return part[0] && part[0] != '-' && part[0] != '+' && !strpbrk(part, ":/\\@");
}

static int domain_name(char *to, size_t room, const char *domain, const char *user,
		       const char *domains, const char *format)
{
	int err;

	if (!part_is_sane(domain))
		return -EINVAL;
	if (!psdirect_words_match(domains, domain, true))
		return -EPERM;
	err = name_format(to, room, format, domain, user);
	if (err)
		to[0] = '\0';
	return err;
}

/**
 * psdirect_account_domain() - Find the domain that a credential means.
 * @domain: of the credential
 * @user: of the credential
 *
 * The client leaves "user@corp.example" whole, with "localhost" for its domain; so a user
 * of that form is one of the domain after the @.
 *
 * Return: the domain, in @domain or in @user.
 */
const char *psdirect_account_domain(const char *domain, const char *user)
{
	const char *at = strrchr(user, '@');

	return at && psdirect_domain_is_local(domain, "") ? at + 1 : domain;
}

/**
 * psdirect_account_name() - Find the name that PAM is to be given.
 * @to: the name; empty when there is none
 * @room: bytes at @to; %PSDIRECT_ACCOUNT_ROOM is enough for what a host can send
 * @domain: of the credential
 * @user: of the credential
 * @host: the guest's name
 * @domains: patterns of domains that are accepted besides the guest's own names
 * @format: see psdirect_domain_user_is_valid(), for one of those
 *
 * Return: 0; -EPERM for a domain that is not accepted; -EINVAL for what no account can be
 * called; -ENAMETOOLONG.
 */
int psdirect_account_name(char *to, size_t room, const char *domain, const char *user,
			  const char *host, const char *domains, const char *format)
{
	const char *meant = psdirect_account_domain(domain, user);
	size_t len = meant == domain ? strlen(user) : (size_t)(meant - user) - 1;
	char account[PSDIRECT_ACCOUNT_ROOM];

	to[0] = '\0';
	if (len >= sizeof(account))
		return -ENAMETOOLONG;
	memcpy(account, user, len);
	account[len] = '\0';
	if (!part_is_sane(account) || (meant != domain && !meant[0]))
		return -EINVAL;
	if (psdirect_domain_is_local(meant, host))
		return hvd_text_copy(to, room, account) < 0 ? -ENAMETOOLONG : 0;
	return domain_name(to, room, meant, account, domains, format);
}

/**
 * psdirect_user_is_allowed() - Whether the lists of the administrator let a user in.
 * @users: patterns of users; empty for all
 * @groups: patterns of groups; empty for all
 * @name: the user
 * @member_of: names of the groups that the user is in, %NULL at the end
 *
 * Return: whether both lists do.
 */
bool psdirect_user_is_allowed(const char *users, const char *groups, const char *name,
			      const char *const member_of[])
{
	if (users[strspn(users, BLANKS)] && !psdirect_words_match(users, name, false))
		return false;
	if (!groups[strspn(groups, BLANKS)])
		return true;
	for (; *member_of; member_of++)
		if (psdirect_words_match(groups, *member_of, false))
			return true;
	return false;
}
