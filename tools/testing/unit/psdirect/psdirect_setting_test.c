// SPDX-License-Identifier: GPL-2.0-or-later
/* What an administrator sets, by a table: what is taken, and what is said of the rest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "psdirect/setting.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define IN	"[psdirect]\n"

static char said[8192];		/* on stderr */

static int parse(struct psdirect_setting *setting, const char *text)
{
	FILE *capture = tmpfile();
	int saved = dup(2), err;
	size_t len;

	fflush(stderr);
	dup2(fileno(capture), 2);
	err = psdirect_setting_parse(setting, "test", text);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(capture);
	len = fread(said, 1, sizeof(said) - 1, capture);
	said[len] = '\0';
	fclose(capture);
	return err;
}

/* The settings as one line, to be compared. */
static const char *shown(const struct psdirect_setting *s)
{
	static char line[8192];
	unsigned int i;
	int len = snprintf(line, sizeof(line), "%u%u%u '%s' '%s' '%s' '%s' '%s' %s %s %u %u %u %u "
			   "%u %u", s->legacy, s->root, s->empty_passwords, s->allow_users,
			   s->allow_groups, s->domains, s->domain_user, s->command, s->pam_service,
			   s->user, s->step_seconds, s->login_seconds, s->token_seconds,
			   s->fail_seconds, s->max_logins, s->max_sessions);

	for (i = 0; i < s->configuration_count; i++)
		len += snprintf(line + len, sizeof(line) - (size_t)len, " %s:'%s'",
				s->configurations[i].name, s->configurations[i].command);
	return line;
}

#define NOTHING	"000 '' '' '' '%d\\%u' '' hv-psdirect nobody 30 120 60 2 16 64"

static const struct {
	const char *text;
	const char *shown;	/* or what is said */
	int error;
} settings[] = {
	{ "", NOTHING },
	{ "[vss]\nexclude = /mnt\n", NOTHING },
	{ IN "legacy = yes\n", "100 '' '' '' '%d\\%u' '' hv-psdirect nobody 30 120 60 2 16 64" },
	{ IN "legacy = only\n", "200 '' '' '' '%d\\%u' '' hv-psdirect nobody 30 120 60 2 16 64" },
	{ IN "legacy = maybe\n", "test:2: legacy is 'maybe', but must be no, yes or only",
	  -EINVAL },
	{ IN "root = yes\nempty_passwords = yes\n",
	  "011 '' '' '' '%d\\%u' '' hv-psdirect nobody 30 120 60 2 16 64" },
	{ IN "root = 2\n", "test:2: root is '2', but must be yes or no", -EINVAL },
	{ IN "allow_users = a b*\nallow_groups = wheel\ndomains = CORP\n",
	  "000 'a b*' 'wheel' 'CORP' '%d\\%u' '' hv-psdirect nobody 30 120 60 2 16 64" },
	{ IN "domain_user = %u@%d\n",
	  "000 '' '' '' '%u@%d' '' hv-psdirect nobody 30 120 60 2 16 64" },
	{ IN "domain_user = %d\n", "test:2: domain_user is '%d', but must be a name with %u",
	  -EINVAL },
	{ IN "command = /bin/a -b c\n",
	  "000 '' '' '' '%d\\%u' '/bin/a -b c' hv-psdirect nobody 30 120 60 2 16 64" },
	{ IN "command = pwsh\n", "test:2: command is 'pwsh', but must be an absolute path",
	  -EINVAL },
	{ IN "pam_service = login\nuser = daemon\n",
	  "000 '' '' '' '%d\\%u' '' login daemon 30 120 60 2 16 64" },
	{ IN "pam_service = ../login\n", "test:2: pam_service is", -EINVAL },
	{ IN "pam_service =\n", "test:2: pam_service is", -EINVAL },
	{ IN "user = root\n", "test:2: user is 'root', but must be a user of this system, and not",
	  -EINVAL },
	{ IN "user = nobody-at-all\n", "test:2: user is", -EINVAL },
	{ IN "step_seconds = 1\nlogin_seconds = 600\ntoken_seconds = 5\nfail_seconds = 0\n"
	  "max_logins = 1\nmax_sessions = 1024\n",
	  "000 '' '' '' '%d\\%u' '' hv-psdirect nobody 1 600 5 0 1 1024" },
	{ IN "step_seconds = 0\n", "test:2: step_seconds is '0', but must be a number of seconds",
	  -EINVAL },
	{ IN "login_seconds = 601\n", "test:2: login_seconds is", -EINVAL },
	{ IN "token_seconds = 5s\n", "test:2: token_seconds is", -EINVAL },
	{ IN "fail_seconds = 61\n", "test:2: fail_seconds is", -EINVAL },
	{ IN "fail_seconds = -1\n", "test:2: fail_seconds is", -EINVAL },
	{ IN "max_logins = 0\n", "test:2: max_logins is", -EINVAL },
	{ IN "max_sessions = 1025\n", "test:2: max_sessions is", -EINVAL },
	{ IN "max_sessions = 99999999999999999999\n", "test:2: max_sessions is", -EINVAL },
	{ IN "permit_root = yes\n",
	  "test:2: there is no setting 'permit_root' in section [psdirect]",
	  -ENOKEY },
	{ "[psdirekt]\nroot = no\n", "test:2: there is no section [psdirekt]", -ENOKEY },
	{ "[psdirect admin]\ncommand = /bin/x y\n", NOTHING " admin:'/bin/x y'" },
	{ "[psdirect a]\ncommand = /bin/x\n[psdirect b]\ncommand = /bin/y\n[psdirect A]\n"
	  "command = /bin/z\n", NOTHING " a:'/bin/z' b:'/bin/y'" },
	{ "[psdirect admin]\nroot = yes\n",
	  "test:2: there is no setting 'root' in section [psdirect admin]", -ENOKEY },
	{ "[psdirect admin]\ncommand =\n", "test:2: command is '', but must be an absolute",
	  -EINVAL },
	{ "[psdirect admin]\ncommand = sh\n", "test:2: command is 'sh', but must be", -EINVAL },
	{ "[psdirect ]\ncommand = /bin/x\n", "test:2: there cannot be a section [psdirect ]",
	  -ENOTUNIQ },
	{ "[psdirect 123456789012345678901234567890123]\ncommand = /bin/x\n",
	  "test:2: there cannot be a section [psdirect 123456789012345678901234567890123]",
	  -ENOTUNIQ },
	{ "[psdirect 12345678901234567890123456789012]\ncommand = /bin/x\n",
	  NOTHING " 12345678901234567890123456789012:'/bin/x'" },
};

static void test_table(void)
{
	struct psdirect_setting setting;
	size_t i;

	for (i = 0; i < NR(settings); i++) {
		psdirect_setting_start(&setting);
		tap_is_int(parse(&setting, settings[i].text), settings[i].error, "'%s'",
			   settings[i].text);
		if (settings[i].error)
			tap_ok(strstr(said, settings[i].shown), "what is said: %s", said);
		else
			tap_is_str(shown(&setting), settings[i].shown, "what is set");
		if (!settings[i].error)
			tap_is_str(said, "", "nothing is said");
		psdirect_setting_end(&setting);
	}
}

static void test_many(void)
{
	char text[4096] = "";
	struct psdirect_setting setting;
	int i, len = 0;

	for (i = 0; i <= PSDIRECT_CONFIGURATIONS_MAX; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len,
				"[psdirect c%d]\ncommand = /bin/x\n", i);
	psdirect_setting_start(&setting);
	tap_is_int(parse(&setting, text), -ENOTUNIQ, "one configuration too many");
	psdirect_setting_end(&setting);
	memset(text, 0, sizeof(text));
	len = snprintf(text, sizeof(text), IN "allow_users = ");
	memset(text + len, 'a', 256);
	text[len + 256] = '\n';
	psdirect_setting_start(&setting);
	tap_is_int(parse(&setting, text), -EINVAL, "a pattern that is too long to be compared");
	memset(text + len, 'a', 128);
	for (i = 0; i < 4; i++)
		memcpy(text + len + 128 * i, text + len, 127), text[len + 128 * i + 127] = ' ';
	memcpy(text + len + 512, "b\n", 3);
	tap_is_int(parse(&setting, text), -EINVAL, "a list that is too long");
	psdirect_setting_end(&setting);
}

static void test_commands(void)
{
	char command[PSDIRECT_COMMAND_ROOM], why[PSDIRECT_TEXT_ROOM] = "";
	char *argv[PSDIRECT_ARGUMENTS_MAX + 1], many[256] = "/bin/x";
	struct psdirect_setting setting;
	int i;

	psdirect_setting_start(&setting);
	parse(&setting, IN "command = /bin/sh -x\n[psdirect Admin]\ncommand = /bin/cat\n"
	      "[psdirect gone]\ncommand = /nonexistent/x\n");
	tap_is_int(psdirect_setting_command(&setting, "", command, why, sizeof(why)), 0, "none");
	tap_is_str(command, "/bin/sh -x", "is the one that is set");
	tap_is_int(psdirect_setting_command(&setting, "aDMIN", command, why, sizeof(why)), 0,
		   "by name");
	tap_is_str(command, "/bin/cat", "is its");
	tap_is_int(psdirect_setting_command(&setting, "other", command, why, sizeof(why)), -ENOENT,
		   "an unknown one");
	tap_ok(strstr(why, "there is no configuration 'other'") && strstr(why, "[psdirect other]"),
	       "is told what to do: %s", why);
	tap_is_int(psdirect_setting_command(&setting, "gone", command, why, sizeof(why)), -ENOENT,
		   "a program that is not there");
	tap_ok(strstr(why, "/nonexistent/x cannot be started: No such file"), "is told: %s", why);
	psdirect_setting_end(&setting);
	for (i = 0; i < PSDIRECT_ARGUMENTS_MAX; i++)
		strcat(many, " a");
	tap_is_int(psdirect_command_split(many, argv), -E2BIG, "too many arguments");
	strcpy(many, " /bin/x\t-a  b ");
	tap_is_int(psdirect_command_split(many, argv), 3, "blanks and tabs");
	tap_is_str(argv[2], "b", "are between arguments");
	tap_ok(!argv[3], "and there is an end");
}

int main(void)
{
	test_table();
	test_many();
	test_commands();
	return tap_done();
}
