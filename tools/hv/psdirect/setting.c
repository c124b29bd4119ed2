// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings.  They say who gets in, so nothing is passed over: what is not understood stops
 * the daemon.
 */
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "hvd_text.h"
#include "psdirect/account.h"
#include "psdirect/setting.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define PSDIRECT	"psdirect"

static int legacy_take(const char *value, void *to)
{
	static const char *const words[PSDIRECT_LEGACIES] = { "no", "yes", "only" };
	unsigned int i;

	for (i = 0; i < PSDIRECT_LEGACIES; i++)
		if (!strcasecmp(value, words[i])) {
			*(enum psdirect_legacy *)to = i;
			return 0;
		}
	return -EINVAL;
}

/* Each word must fit what compares them, or it would match nothing. */
static int list_take(const char *value, void *to)
{
	const char *at = value;
	size_t len;

	for (at += strspn(at, " \t"); *at; at += strspn(at, " \t")) {
		len = strcspn(at, " \t");
		if (len >= 256)
			return -EINVAL;
		at += len;
	}
	return hvd_text_copy(to, PSDIRECT_LIST_ROOM, value) < 0 ? -EINVAL : 0;
}

static int domain_user_take(const char *value, void *to)
{
	if (!psdirect_domain_user_is_valid(value))
		return -EINVAL;
	return hvd_text_copy(to, sizeof(((struct psdirect_setting *)0)->domain_user), value) < 0 ?
	       -EINVAL : 0;
}

static int command_take(const char *value, void *to)
{
	char copy[PSDIRECT_COMMAND_ROOM], *argv[PSDIRECT_ARGUMENTS_MAX + 1];

	if (hvd_text_copy(copy, sizeof(copy), value) < 0)
		return -EINVAL;
	if (value[0] && (value[0] != '/' || psdirect_command_split(copy, argv) < 1))
		return -EINVAL;
	strcpy(to, value);
	return 0;
}

/* A file's name in pam.d: no path. */
static int service_take(const char *value, void *to)
{
	size_t i;

	for (i = 0; value[i]; i++)
		if (!isalnum((unsigned char)value[i]) && !strchr("-_.", value[i]))
			return -EINVAL;
	if (!i || value[0] == '.')
		return -EINVAL;
	return hvd_text_copy(to, sizeof(((struct psdirect_setting *)0)->pam_service), value) < 0 ?
	       -EINVAL : 0;
}

/* Root would be no separation. */
static int user_take(const char *value, void *to)
{
	const struct passwd *user = getpwnam(value);

	if (!user || !user->pw_uid || !user->pw_gid)
		return -EINVAL;
	return hvd_text_copy(to, sizeof(((struct psdirect_setting *)0)->user), value) < 0 ?
	       -EINVAL : 0;
}

static int number_take(const char *value, unsigned int *to, unsigned int min, unsigned int max)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)value[0]))
		return -EINVAL;
	errno = 0;
	number = strtoul(value, &end, 10);
	if (errno || *end || number < min || number > max)
		return -EINVAL;
	*to = (unsigned int)number;
	return 0;
}

static int seconds_take(const char *value, void *to)
{
	return number_take(value, to, 1, 600);
}

static int delay_take(const char *value, void *to)
{
	return number_take(value, to, 0, 60);
}

static int logins_take(const char *value, void *to)
{
	return number_take(value, to, 1, 256);
}

static int sessions_take(const char *value, void *to)
{
	return number_take(value, to, 1, 1024);
}

static struct psdirect_configuration *configuration_find(const struct psdirect_setting *setting,
							 const char *name)
{
	unsigned int i;

	for (i = 0; i < setting->configuration_count; i++)
		if (!strcasecmp(setting->configurations[i].name, name))
			return &setting->configurations[i];
	return NULL;
}

static struct psdirect_configuration *configuration_add(struct psdirect_setting *setting,
							const char *name)
{
	struct psdirect_configuration *all;

	if (setting->configuration_count == PSDIRECT_CONFIGURATIONS_MAX)
		return NULL;
	all = reallocarray(setting->configurations, setting->configuration_count + 1, sizeof(*all));
	if (!all)
		return NULL;
	setting->configurations = all;
	all += setting->configuration_count++;
	all->command[0] = '\0';
	strcpy(all->name, name);
	return all;
}

/* [psdirect NAME]: only "command", which must say what is started. */
static int other_take(const char *section, const char *key, const char *value, void *to)
{
	struct psdirect_configuration *found;
	const char *name = section + sizeof(PSDIRECT) - 1;

	if (!*name || strcmp(key, "command"))
		return -ENOKEY;
	name += strspn(name, " \t");
	if (!*name || strlen(name) >= PSDIRECT_CONFIGURATION_ROOM)
		return -ENOTUNIQ;
	if (!value[0])
		return -EINVAL;
	found = configuration_find(to, name) ?: configuration_add(to, name);
	return found ? command_take(value, found->command) : -ENOTUNIQ;
}

#define SETTINGS	18
#define PATTERNS	"patterns with blanks between, at most 511 bytes"
#define SECONDS		"a number of seconds from 1 to 600"
#define COMMAND		"an absolute path and at most 31 arguments, with blanks between"

static void table_make(struct hvd_setting *table, struct psdirect_setting *to)
{
	const struct hvd_setting settings[SETTINGS] = {
		{ PSDIRECT, "legacy", legacy_take, &to->legacy, "no, yes or only" },
		{ PSDIRECT, "root", hvd_config_take_bool, &to->root, "yes or no" },
		{ PSDIRECT, "empty_passwords", hvd_config_take_bool, &to->empty_passwords,
		  "yes or no" },
		{ PSDIRECT, "allow_users", list_take, to->allow_users, PATTERNS },
		{ PSDIRECT, "allow_groups", list_take, to->allow_groups, PATTERNS },
		{ PSDIRECT, "domains", list_take, to->domains, PATTERNS },
		{ PSDIRECT, "domain_user", domain_user_take, to->domain_user,
		  "a name with %u for the user and %d for the domain in it" },
		{ PSDIRECT, "command", command_take, to->command, COMMAND },
		{ PSDIRECT, "pam_service", service_take, to->pam_service,
		  "the name of a file in pam.d" },
		{ PSDIRECT, "user", user_take, to->user, "a user of this system, and not root" },
		{ PSDIRECT, "step_seconds", seconds_take, &to->step_seconds, SECONDS },
		{ PSDIRECT, "login_seconds", seconds_take, &to->login_seconds, SECONDS },
		{ PSDIRECT, "token_seconds", seconds_take, &to->token_seconds, SECONDS },
		{ PSDIRECT, "fail_seconds", delay_take, &to->fail_seconds,
		  "a number of seconds from 0 to 60" },
		{ PSDIRECT, "max_logins", logins_take, &to->max_logins, "a number from 1 to 256" },
		{ PSDIRECT, "max_sessions", sessions_take, &to->max_sessions,
		  "a number from 1 to 1024" },
		{ .section = PSDIRECT, .take_other = other_take, .to = to, .allowed = COMMAND },
	};

	memcpy(table, settings, sizeof(settings));
}

/**
 * psdirect_setting_start() - What it is when nothing is set.
 * @setting: that; for psdirect_setting_end()
 */
void psdirect_setting_start(struct psdirect_setting *setting)
{
	*setting = (struct psdirect_setting){
		.domain_user = "%d\\%u",
		.pam_service = "hv-psdirect",
		.user = "nobody",
		.step_seconds = 30,
		.login_seconds = 120,
		.token_seconds = 60,
		.fail_seconds = 2,
		.max_logins = 16,
		.max_sessions = 64,
	};
}

/**
 * psdirect_setting_read() - Take what the files say.
 * @setting: is changed where they say something
 * @config: see hvd_config_read()
 * @needed: see hvd_config_read()
 *
 * Return: see hvd_config_read(); -ENOKEY for a setting that there is not.
 */
int psdirect_setting_read(struct psdirect_setting *setting, const char *config, bool needed)
{
	struct hvd_setting table[SETTINGS];

	table_make(table, setting);
	return hvd_config_read(config, needed, table);
}

/**
 * psdirect_setting_parse() - Take what a text says.
 * @setting: see psdirect_setting_read()
 * @name: see hvd_config_parse()
 * @text: see hvd_config_parse()
 *
 * Return: see psdirect_setting_read().
 */
int psdirect_setting_parse(struct psdirect_setting *setting, const char *name, const char *text)
{
	struct hvd_setting table[SETTINGS];

	table_make(table, setting);
	return hvd_config_parse(name, text, table);
}

/**
 * psdirect_setting_end() - Free what it refers to.
 * @setting: not to be used any more
 */
void psdirect_setting_end(struct psdirect_setting *setting)
{
	free(setting->configurations);
	setting->configurations = NULL;
	setting->configuration_count = 0;
}

/* Where packages and people put pwsh. */
static int pwsh_find(char *command, char *why, size_t room)
{
	static const char *const paths[] = {
		"/usr/bin/pwsh", "/usr/local/bin/pwsh", "/opt/microsoft/powershell/7/pwsh",
		"/snap/bin/pwsh",
	};
	size_t i;

	for (i = 0; i < NR(paths); i++)
		if (!access(paths[i], X_OK)) {
			snprintf(command, PSDIRECT_COMMAND_ROOM, "%s -NoLogo -NoProfile -sshs",
				 paths[i]);
			return 0;
		}
	snprintf(why, room, "there is no PowerShell in this guest: install the package powershell, "
		 "or set 'command' in section [psdirect] of " HVD_CONFIG_PATH " in the guest");
	return -ENOENT;
}

static int program_check(const char *command, char *why, size_t room)
{
	char program[PSDIRECT_COMMAND_ROOM];

	snprintf(program, sizeof(program), "%.*s", (int)strcspn(command, " \t"), command);
	if (!access(program, X_OK))
		return 0;
	snprintf(why, room, "%s cannot be started: %s; see 'command' in " HVD_CONFIG_PATH
		 " in the guest", program, strerror(errno));
	return -ENOENT;
}

/**
 * psdirect_setting_command() - Find the program of a session.
 * @setting: the settings
 * @configuration: what the host asks for by name; empty for nothing
 * @command: the program and its arguments, %PSDIRECT_COMMAND_ROOM bytes
 * @why: when there is none, a sentence for the person at the host
 * @room: bytes at @why
 *
 * Return: 0; -ENOENT.
 */
int psdirect_setting_command(const struct psdirect_setting *setting, const char *configuration,
			     char *command, char *why, size_t room)
{
	const struct psdirect_configuration *found;
	const char *wanted = setting->command;

	if (configuration[0]) {
		found = configuration_find(setting, configuration);
		if (!found) {
			snprintf(why, room, "there is no configuration '%.64s' in this guest: "
				 "leave -ConfigurationName out, or add a section [psdirect %.64s] with a "
				 "'command' to " HVD_CONFIG_PATH " in the guest", configuration,
				 configuration);
			return -ENOENT;
		}
		wanted = found->command;
	}
	if (!wanted[0])
		return pwsh_find(command, why, room);
	strcpy(command, wanted);
	return program_check(command, why, room);
}

/**
 * psdirect_command_split() - Make arguments of a command.
 * @command: a program and arguments with blanks between; is cut up.  There are no quotes
 * @argv: the arguments, %NULL at the end
 *
 * Return: how many there are; -E2BIG for more than %PSDIRECT_ARGUMENTS_MAX.
 */
int psdirect_command_split(char *command, char *argv[PSDIRECT_ARGUMENTS_MAX + 1])
{
	int count = 0;
	char *word, *rest;

	for (word = strtok_r(command, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest)) {
		if (count == PSDIRECT_ARGUMENTS_MAX)
			return -E2BIG;
		argv[count++] = word;
	}
	argv[count] = NULL;
	return count;
}
