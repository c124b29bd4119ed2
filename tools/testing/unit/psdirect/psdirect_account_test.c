// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of accounts, by tables. */
#include <errno.h>
#include <string.h>

#include "psdirect/account.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *domain, *user, *host, *domains, *format, *name;
	int error;
} names[] = {
	{ "", "bob", "guest", "", "%d\\%u", "bob" },
	{ ".", "bob", "guest", "", "%d\\%u", "bob" },
	{ "localhost", "bob", "guest", "", "%d\\%u", "bob" },
	{ "LOCALHOST", "bob", "guest", "", "%d\\%u", "bob" },
	{ "guest", "bob", "guest", "", "%d\\%u", "bob" },
	{ "GUEST", "bob", "guest.corp.example", "", "%d\\%u", "bob" },
	{ "guest.Corp.example", "bob", "guest.corp.example", "", "%d\\%u", "bob" },
	{ "gues", "bob", "guest.corp.example", "", "%d\\%u", "", -EPERM },
	{ "guest.corp", "bob", "guest.corp.example", "", "%d\\%u", "", -EPERM },
	{ "guest.corp.example", "bob", "guest", "", "%d\\%u", "", -EPERM },
	{ "guest1", "bob", "guest", "", "%d\\%u", "", -EPERM },
	{ "CORP", "bob", "guest", "", "%d\\%u", "", -EPERM },
	{ "CORP", "bob", "", "", "%d\\%u", "", -EPERM },
	{ "CORP", "bob", "guest", "other corp", "%d\\%u", "CORP\\bob" },
	{ "CORP", "bob", "guest", "co*", "%u@%d", "bob@CORP" },
	{ "CORP", "bob", "guest", "corp", "100%%%u", "100%bob" },
	{ "CORP", "bob", "guest", "corporation", "%u", "", -EPERM },
	/* the client leaves these whole */
	{ "localhost", "u@corp.example", "guest", "", "%u", "", -EPERM },
	{ "localhost", "u@corp.example", "guest", "corp.example", "%d\\%u", "corp.example\\u" },
	{ "localhost", "u@corp.example", "guest", "corp.example", "%u@%d", "u@corp.example" },
	{ "", "u@guest.corp.example", "guest.corp.example", "", "%u", "u" },
	{ "localhost", "u@guest", "guest", "", "%u", "u" },
	{ "localhost", "u@", "guest", "*", "%u", "", -EINVAL },
	{ "localhost", "@corp", "guest", "*", "%u", "", -EINVAL },
	{ "localhost", "a@b@corp", "guest", "*", "%u", "", -EINVAL },
	/* another domain in the place of the one that is accepted */
	{ "localhost", "OTHER\\u", "guest", "", "%u", "", -EINVAL },
	{ "CORP", "OTHER\\u", "guest", "corp", "%u@%d", "", -EINVAL },
	{ "CORP", "u@other", "guest", "corp", "%d\\%u", "", -EINVAL },
	{ "CORP\\OTHER", "u", "guest", "*", "%d\\%u", "", -EINVAL },
	{ "../CORP", "u", "guest", "*", "%d\\%u", "", -EINVAL },
	{ "-CORP", "u", "guest", "*", "%d\\%u", "", -EINVAL },
	{ "localhost", "J\xc3\xbcrgen", "guest", "", "%u", "J\xc3\xbcrgen" },
	{ "localhost", "", "guest", "", "%u", "", -EINVAL },
	{ "localhost", "-bob", "guest", "", "%u", "", -EINVAL },
	{ "localhost", "+bob", "guest", "", "%u", "", -EINVAL },
	{ "localhost", "bob:x", "guest", "", "%u", "", -EINVAL },
	{ "localhost", "../bob", "guest", "", "%u", "", -EINVAL },
};

static const struct {
	const char *users, *groups, *name;
	const char *member_of[3];
	bool allowed;
} lists[] = {
	{ "", "", "bob", { "users" }, true },
	{ " \t", " ", "bob", { NULL }, true },
	{ "bob", "", "bob", { NULL }, true },
	{ "alice bob", "", "bob", { NULL }, true },
	{ "alice", "", "bob", { NULL }, false },
	{ "bo", "", "bob", { NULL }, false },
	{ "bobby", "", "bob", { NULL }, false },
	{ "Bob", "", "bob", { NULL }, false },
	{ "b*", "", "bob", { NULL }, true },
	{ "[a-c]ob", "", "bob", { NULL }, true },
	{ "", "wheel", "bob", { "users", "wheel" }, true },
	{ "", "wheel", "bob", { "users" }, false },
	{ "", "wheel", "bob", { NULL }, false },
	{ "bob", "wheel", "bob", { "users" }, false },
	{ "alice", "users", "bob", { "users" }, false },
	{ "bob", "users", "bob", { "users" }, true },
};

static const struct {
	const char *format;
	bool is_valid;
} formats[] = {
	{ "%u", true }, { "%d\\%u", true }, { "%u@%d", true }, { "%%%u", true },
	{ "", false }, { "%d", false }, { "%%u", false }, { "%s%u", false }, { "%u%", false },
};

int main(void)
{
	char name[PSDIRECT_ACCOUNT_ROOM];
	size_t i;

	for (i = 0; i < NR(names); i++) {
		tap_is_int(psdirect_account_name(name, sizeof(name), names[i].domain, names[i].user,
						 names[i].host, names[i].domains, names[i].format),
			   names[i].error, "'%s' of '%s' on '%s': whether it is one",
			   names[i].user, names[i].domain, names[i].host);
		tap_is_str(name, names[i].name, "and which");
	}
	tap_is_int(psdirect_account_name(name, 4, "", "bobby", "guest", "", "%u"), -ENAMETOOLONG,
		   "no room for a local name");
	tap_is_int(psdirect_account_name(name, 4, "c", "bob", "guest", "c", "%d%u"), -ENAMETOOLONG,
		   "no room for one of a domain");
	tap_is_str(name, "", "and then there is none");
	for (i = 0; i < NR(lists); i++)
		tap_is_int(psdirect_user_is_allowed(lists[i].users, lists[i].groups, lists[i].name,
						    lists[i].member_of), lists[i].allowed,
			   "users '%s', groups '%s': %s", lists[i].users, lists[i].groups,
			   lists[i].name);
	for (i = 0; i < NR(formats); i++)
		tap_is_int(psdirect_domain_user_is_valid(formats[i].format), formats[i].is_valid,
			   "domain_user '%s'", formats[i].format);
	return tap_done();
}
