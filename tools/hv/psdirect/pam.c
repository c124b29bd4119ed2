// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A login by PAM.  Whatever is wrong, its modules check a password, as they would have if
 * nothing was: neither the answer nor its time says which accounts there are.
 */
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "hvd_text.h"
#include "psdirect/account.h"
#include "psdirect/pam.h"
#include "psdirect/text.h"

/* Cannot be typed, and is no hash's password. */
#define NO_PASSWORD	"\b\n\r\177INCORRECT"
/* The account that PAM is asked for in the place of a name that no account can have. */
#define NO_USER		"invalid user"
#define GROUPS_MAX	256

static void said_add(struct psdirect_login *login, const char *text)
{
	size_t len = strlen(login->said);

	snprintf(login->said + len, sizeof(login->said) - len, "%s%s", len ? " " : "", text);
}

/* The only question that is answered is the one for the password. */
static int answer_one(struct psdirect_login *login, const struct pam_message *question,
		      struct pam_response *answer)
{
	switch (question->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		if (!login->password)
			return PAM_CONV_ERR;
		answer->resp = strdup(login->password);
		return answer->resp ? PAM_SUCCESS : PAM_BUF_ERR;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		said_add(login, question->msg);
		return PAM_SUCCESS;
	default:
		return PAM_CONV_ERR;
	}
}

static int converse(int count, const struct pam_message **questions,
		    struct pam_response **answers, void *data)
{
	struct pam_response *all;
	int i, err = PAM_SUCCESS;

	if (count < 1 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	all = calloc((size_t)count, sizeof(*all));
	if (!all)
		return PAM_BUF_ERR;
	for (i = 0; i < count && err == PAM_SUCCESS; i++)
		err = answer_one(data, questions[i], &all[i]);
	if (err == PAM_SUCCESS) {
		*answers = all;
		return err;
	}
	for (i = 0; i < count; i++) {
		if (all[i].resp)
			explicit_bzero(all[i].resp, strlen(all[i].resp));
		free(all[i].resp);
	}
	free(all);
	return err;
}

/* PAM would sleep itself, a random time; the caller does for all failures alike. */
static void delay_note(int status, unsigned int delay_us, void *data)
{
	struct psdirect_login *login = data;

	(void)status;
	if (delay_us > login->delay_us)
		login->delay_us = delay_us;
}

/* The guest's name; with its domain, where the host used one that begins like it. */
static void host_name(char *to, size_t room, const char *domain)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_flags = AI_CANONNAME };
	struct addrinfo *found;
	size_t len;

	if (gethostname(to, room) < 0)
		to[0] = '\0';
	to[room - 1] = '\0';
	len = strlen(to);
	/* asking may take time, so it is done only where it can make a difference */
	if (!len || strchr(to, '.') || strncasecmp(domain, to, len) || domain[len] != '.' ||
	    getaddrinfo(to, NULL, &hints, &found))
		return;
	if (found->ai_canonname)
		snprintf(to, room, "%s", found->ai_canonname);
	freeaddrinfo(found);
}

static bool groups_allow(const struct psdirect_policy *policy, const struct passwd *user)
{
	const char *names[GROUPS_MAX + 1];
	gid_t ids[GROUPS_MAX];
	const struct group *group;
	int count = GROUPS_MAX, i, n = 0;
	bool allowed;

	if (getgrouplist(user->pw_name, user->pw_gid, ids, &count) < 0)
		count = GROUPS_MAX;
	for (i = 0; i < count; i++) {
		group = getgrgid(ids[i]);
		if (group)
			names[n] = strdup(group->gr_name);
		if (group && names[n])
			n++;
	}
	names[n] = NULL;
	allowed = psdirect_user_is_allowed(policy->allow_users, policy->allow_groups,
					   user->pw_name, names);
	while (n)
		free((char *)names[--n]);
	return allowed;
}

/* Why an account may not log in, whatever the password is; %NULL when it may. */
static const char *refusal(const struct psdirect_policy *policy,
			   const struct psdirect_credentials *credentials, const char *name)
{
	const struct passwd *user = name[0] ? getpwnam(name) : NULL;

	if (!user)
		return "there is no such user";
	if (!user->pw_uid && !policy->root)
		return "root may not log in ('root' in [psdirect])";
	if (credentials->empty_password && !policy->empty_passwords)
		return "empty passwords are not accepted ('empty_passwords' in [psdirect])";
	if (!groups_allow(policy, user))
		return "not in 'allow_users' or 'allow_groups' of [psdirect]";
	return NULL;
}

static int pam_begin(struct psdirect_login *login, const struct psdirect_policy *policy,
		     const char *name)
{
	const struct pam_conv conversation = { converse, login };
	int status = pam_start(policy->pam_service, name, &conversation, &login->pam);
	union {
		void (*function)(int status, unsigned int delay_us, void *data);
		const void *item;
	} delay = { .function = delay_note };

	if (status != PAM_SUCCESS)
		return status;
	status = pam_set_item(login->pam, PAM_TTY, "hvsock");
	if (status == PAM_SUCCESS)
		status = pam_set_item(login->pam, PAM_FAIL_DELAY, delay.item);
	return status;
}

static int pam_ask(struct psdirect_login *login, const struct psdirect_policy *policy,
		   const char *password)
{
	int flags = policy->empty_passwords ? 0 : PAM_DISALLOW_NULL_AUTHTOK;
	int status;

	login->password = password;
	status = pam_authenticate(login->pam, flags);
	login->password = NULL;
	return status;
}

/* PAM may have changed the name: what may not log in must not that way either. */
static const char *user_take(struct psdirect_login *login, const struct psdirect_policy *policy,
			     const struct psdirect_credentials *credentials)
{
	const void *name = NULL;

	if (pam_get_item(login->pam, PAM_USER, &name) != PAM_SUCCESS || !name ||
	    hvd_text_copy(login->user, sizeof(login->user), name) < 0)
		return "PAM has no name for the user";
	return refusal(policy, credentials, login->user);
}

/* The password is right; the account may not be, and then the person is told so. */
static enum psdirect_verdict account_check(struct psdirect_login *login,
					   const struct psdirect_policy *policy, char *why,
					   size_t room)
{
	int flags = policy->empty_passwords ? 0 : PAM_DISALLOW_NULL_AUTHTOK;
	int status = pam_acct_mgmt(login->pam, flags);

	switch (status) {
	case PAM_SUCCESS:
		return PSDIRECT_VERDICT_GOOD;
	case PAM_NEW_AUTHTOK_REQD:
		snprintf(why, room, "the password of %.64s has expired: change it on the guest's "
			 "console or over ssh, with passwd", login->user);
		return PSDIRECT_VERDICT_TEXT;
	case PAM_ACCT_EXPIRED:
		snprintf(why, room, "the account %.64s has expired: an administrator of the guest "
			 "can extend it, with chage -E", login->user);
		return PSDIRECT_VERDICT_TEXT;
	default:
		snprintf(why, room, "the guest does not let %.64s log in: %.200s%s%.400s",
			 login->user, pam_strerror(login->pam, status), login->said[0] ? ": " : "",
			 login->said);
		return PSDIRECT_VERDICT_TEXT;
	}
}

/* A malformed field is none that PAM could be given. */
static enum psdirect_verdict fault_tell(const struct psdirect_credentials *credentials, char *why,
					size_t room)
{
	if (credentials->fault == PSDIRECT_FAULT_LEGACY)
		snprintf(why, room, "a host of the old protocol: update its PowerShell, or set "
			 "'legacy' in [psdirect]");
	else
		snprintf(why, room, "the %s %s", psdirect_step_name(credentials->fault_step),
			 psdirect_text_why(credentials->fault_error));
	return PSDIRECT_VERDICT_BAD;
}

/**
 * psdirect_pam_check() - Check credentials.
 * @login: zeroes; for psdirect_pam_end(), whatever the verdict is
 * @policy: the settings
 * @credentials: what the host says
 * @why: for %PSDIRECT_VERDICT_BAD a reason for the log, for %PSDIRECT_VERDICT_TEXT a sentence
 *	for the person at the host
 * @room: bytes at @why
 *
 * Context: may block for as long as PAM's modules do.
 *
 * Return: the verdict.
 */
enum psdirect_verdict psdirect_pam_check(struct psdirect_login *login,
					 const struct psdirect_policy *policy,
					 const struct psdirect_credentials *credentials,
					 char *why, size_t room)
{
	const char *no, *password = credentials->password;
	char name[PSDIRECT_ACCOUNT_ROOM], host[256];
	int status, err;

	if (credentials->fault)
		return fault_tell(credentials, why, room);
	host_name(host, sizeof(host), psdirect_account_domain(credentials->domain,
							      credentials->user));
	err = psdirect_account_name(name, sizeof(name), credentials->domain, credentials->user,
				    host, policy->domains, policy->domain_user);
	no = err == -EPERM ? "the domain is not accepted ('domains' in [psdirect])" :
	     err ? "no account can be called that" : refusal(policy, credentials, name);
	/* not the user of another domain, whose failures would count for our own */
	snprintf(login->user, sizeof(login->user), "%s", err ? NO_USER : name);
	status = pam_begin(login, policy, login->user);
	if (status == PAM_SUCCESS)
		status = pam_ask(login, policy, no ? NO_PASSWORD : password);
	if (!no && status == PAM_SUCCESS)
		no = user_take(login, policy, credentials);
	if (!no && status == PAM_SUCCESS)
		return account_check(login, policy, why, room);
	snprintf(why, room, "%s", no ?: pam_strerror(login->pam, status));
	return PSDIRECT_VERDICT_BAD;
}

static int pam_failed(struct psdirect_login *login, const char *what, int status, char *why,
		      size_t room)
{
	snprintf(why, room, "the guest cannot begin a session of %.64s: %s: %.200s%s%.400s",
		 login->user, what, pam_strerror(login->pam, status), login->said[0] ? ": " : "",
		 login->said);
	return -EACCES;
}

/**
 * psdirect_pam_open() - Open the session of a login.
 * @login: with a good verdict
 * @why: what is wrong, a sentence for the person at the host
 * @room: bytes at @why
 *
 * The process is in the groups of the user afterwards, which modules may have added to.
 *
 * Return: 0; -EACCES.
 */
int psdirect_pam_open(struct psdirect_login *login, char *why, size_t room)
{
	const struct passwd *user = getpwnam(login->user);
	int status;

	login->said[0] = '\0';
	if (!user || (!geteuid() && initgroups(user->pw_name, user->pw_gid) < 0))
		return pam_failed(login, "its groups", PAM_USER_UNKNOWN, why, room);
	/* what logind is to make of it: no terminal, no display */
	pam_putenv(login->pam, "XDG_SESSION_TYPE=unspecified");
	pam_putenv(login->pam, "XDG_SESSION_CLASS=user");
	status = pam_setcred(login->pam, PAM_ESTABLISH_CRED);
	if (status != PAM_SUCCESS)
		return pam_failed(login, "credentials", status, why, room);
	status = pam_open_session(login->pam, 0);
	if (status != PAM_SUCCESS)
		return pam_failed(login, "session", status, why, room);
	login->opened = true;
	return 0;
}

/**
 * psdirect_pam_end() - End what there is of a login.
 * @login: the login
 */
void psdirect_pam_end(struct psdirect_login *login)
{
	int status = PAM_SUCCESS;

	if (!login->pam)
		return;
	if (login->opened) {
		status = pam_close_session(login->pam, 0);
		pam_setcred(login->pam, PAM_DELETE_CRED);
	}
	pam_end(login->pam, status);
	login->pam = NULL;
}
