/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an administrator has set about PowerShell Direct: [psdirect] and [psdirect NAME] of
 * hyperv-ics.conf(5).
 */
#ifndef PSDIRECT_SETTING_H
#define PSDIRECT_SETTING_H

#include <stdbool.h>
#include <sys/types.h>

#include "hvd_config.h"
#include "psdirect/handshake.h"

#define PSDIRECT_CONFIGURATIONS_MAX	32
#define PSDIRECT_CONFIGURATION_ROOM	33	/* what inih keeps of a section's name */
#define PSDIRECT_LIST_ROOM		512
#define PSDIRECT_COMMAND_ROOM		1024
#define PSDIRECT_ARGUMENTS_MAX		32

/**
 * struct psdirect_configuration - a program that the host can ask for by name
 * @name: the name; capitals and small letters are the same
 * @command: an absolute path and arguments, with blanks between
 */
struct psdirect_configuration {
	char name[PSDIRECT_CONFIGURATION_ROOM];
	char command[PSDIRECT_COMMAND_ROOM];
};

/**
 * struct psdirect_setting - what an administrator has set
 * @legacy: what becomes of V1 clients
 * @root: whether user 0 may log in
 * @empty_passwords: whether an account without a password may
 * @allow_users: patterns; empty for all
 * @allow_groups: patterns; empty for all
 * @domains: patterns of domains that are accepted besides the guest's names
 * @domain_user: the name of an account in one of those, see psdirect_account_name()
 * @command: the program of a host that asks for none; empty for the first pwsh there is
 * @pam_service: the service's name for PAM
 * @user: whose the process is that speaks to the host
 * @step_seconds: that the host may take for an answer
 * @login_seconds: that a handshake may take
 * @token_seconds: that a token is good for
 * @fail_seconds: that a login that fails takes at least
 * @max_logins: connections before authentication, on each service
 * @max_sessions: logins that wait for a session, or have one
 * @configurations: by name
 * @configuration_count: how many
 */
struct psdirect_setting {
	enum psdirect_legacy legacy;
	bool root;
	bool empty_passwords;
	char allow_users[PSDIRECT_LIST_ROOM];
	char allow_groups[PSDIRECT_LIST_ROOM];
	char domains[PSDIRECT_LIST_ROOM];
	char domain_user[64];
	char command[PSDIRECT_COMMAND_ROOM];
	char pam_service[64];
	char user[64];
	unsigned int step_seconds;
	unsigned int login_seconds;
	unsigned int token_seconds;
	unsigned int fail_seconds;
	unsigned int max_logins;
	unsigned int max_sessions;
	struct psdirect_configuration *configurations;
	unsigned int configuration_count;
};

void psdirect_setting_start(struct psdirect_setting *setting);
int psdirect_setting_read(struct psdirect_setting *setting, const char *config, bool needed);
int psdirect_setting_parse(struct psdirect_setting *setting, const char *name, const char *text);
void psdirect_setting_end(struct psdirect_setting *setting);

int psdirect_setting_command(const struct psdirect_setting *setting, const char *configuration,
			     char *command, char *why, size_t room);
int psdirect_command_split(char *command, char *argv[PSDIRECT_ARGUMENTS_MAX + 1]);

#endif
