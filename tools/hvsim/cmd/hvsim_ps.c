// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim ps: the host's side of PowerShell Direct.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvsim_cmd.h"
#include "hvsim_ps.h"
#include "hvsim_utf16.h"

static const char help[] =
"usage: hvsim ps [OPTION]... -- COMMAND...\n"
"       hvsim ps [OPTION]... --stdio\n"
"\n"
"Logs in to the guest as Enter-PSSession -VMName does, without a network, and runs\n"
"COMMAND in PowerShell there, its words joined by blanks. Shows what it outputs, and\n"
"its errors on standard error. Text and numbers are shown as they are; of other objects\n"
"their name: pipe them to Out-String for more.\n"
"\n"
"  --user U            who logs in; default root\n"
"  --domain D          in which domain; default localhost, which is the guest itself\n"
"  --password-file F   the password is the first line of F; default is\n"
"                      $HVSIM_PS_PASSWORD, and without that to ask for it\n"
"  --configuration N   start the program that the guest has under this name\n"
"  --legacy            speak the protocol of hosts before September 2025 (V1)\n"
"  --stdio             join the session to standard input and output: with a script\n"
"                      named ssh that runs this, New-PSSession -HostName takes it\n"
"  --sockets DIR       connect to hv_psdirect_daemon --test-sockets DIR, not to a guest\n"
"  --name NAME, --control SOCKET  which machine; see hvsim --help\n"
"\n"
"A guest that knows V1 only is spoken to in V1, with a warning. The guest may take its\n"
"time: an interrupt ends the wait, and stops COMMAND.\n"
"\n"
"Exit status: 0; 1 when the guest refused, or COMMAND had an error; 2 for a mistake on\n"
"the command line; 3 when no machine runs.\n"
"\n"
"Example: hvsim ps --user admin -- uname -a\n";

enum {
	OPTION_USER = 256,
	OPTION_DOMAIN,
	OPTION_PASSWORD_FILE,
	OPTION_CONFIGURATION,
	OPTION_LEGACY,
	OPTION_STDIO,
	OPTION_SOCKETS,
	OPTION_NAME,
	OPTION_CONTROL,
};

static const struct option options[] = {
	{ "user", required_argument, NULL, OPTION_USER },
	{ "domain", required_argument, NULL, OPTION_DOMAIN },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	{ "configuration", required_argument, NULL, OPTION_CONFIGURATION },
	{ "legacy", no_argument, NULL, OPTION_LEGACY },
	{ "stdio", no_argument, NULL, OPTION_STDIO },
	{ "sockets", required_argument, NULL, OPTION_SOCKETS },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "control", required_argument, NULL, OPTION_CONTROL },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/**
 * struct request - the command line
 * @setup: which machine
 * @ps: where to log in, and who
 * @password_file: NULL for none
 * @stdio: join the session to standard input and output
 * @script: what to run, to be freed; NULL with @stdio
 */
struct request {
	struct hvsim_setup setup;
	struct hvsim_ps ps;
	const char *password_file;
	bool stdio;
	char *script;
};

/* Returns -1 to go on, or an exit status. */
static int option_take(struct request *request, int option)
{
	switch (option) {
	case OPTION_USER:
		request->ps.login.user = optarg;
		return -1;
	case OPTION_DOMAIN:
		request->ps.login.domain = optarg;
		return -1;
	case OPTION_PASSWORD_FILE:
		request->password_file = optarg;
		return -1;
	case OPTION_CONFIGURATION:
		request->ps.login.configuration = optarg;
		return -1;
	case OPTION_LEGACY:
		request->ps.legacy = true;
		return -1;
	case OPTION_STDIO:
		request->stdio = true;
		return -1;
	case OPTION_SOCKETS:
		request->ps.sockets = optarg;
		return -1;
	case OPTION_NAME:
		return hvsim_setup_name(&request->setup, optarg) < 0 ? HVSIM_EXIT_USAGE : -1;
	case OPTION_CONTROL:
		request->setup.control = optarg;
		return -1;
	case 'h':
		fputs(help, stdout);
		return HVSIM_EXIT_OK;
	default:
		fprintf(stderr, "see hvsim ps --help\n");
		return HVSIM_EXIT_USAGE;
	}
}

static char *words_join(char **words)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	char **word;

	if (!to)
		return NULL;
	for (word = words; *word; word++)
		fprintf(to, "%s%s", word == words ? "" : " ", *word);
	fclose(to);
	return text;
}

/* Whether a field can be sent; else says what is wrong with it. */
static bool field_is_good(const char *what, const char *text)
{
	uint8_t bytes[HVSIM_PSDIRECT_FIELD_MAX];
	int len = text ? hvsim_utf16_encode(bytes, sizeof(bytes), text) : 0;

	explicit_bzero(bytes, sizeof(bytes));
	if (len >= 0)
		return true;
	fprintf(stderr, "hvsim ps: the %s is not UTF-8, or longer than %zu bytes of UTF-16\n", what,
		sizeof(bytes));
	return false;
}

static int request_check(const struct request *request)
{
	const struct hvsim_psdirect_login *login = &request->ps.login;

	if (!*login->user) {
		fputs("hvsim ps: --user is empty; PowerShell's client always sends a name\n",
		      stderr);
		return HVSIM_EXIT_USAGE;
	}
	if (request->stdio == !!request->script) {
		fputs("hvsim ps: give either --stdio, or -- and a command; see hvsim ps --help\n",
		      stderr);
		return HVSIM_EXIT_USAGE;
	}
	return field_is_good("user", login->user) && field_is_good("domain", login->domain) &&
	       field_is_good("configuration", login->configuration) ? -1 : HVSIM_EXIT_USAGE;
}

static int request_read(struct request *request, int argc, char **argv)
{
	int option, status = -1;

	/* 0, not 1: main() has read words before */
	optind = 0;
	while (status < 0 && (option = getopt_long(argc, argv, "+h", options, NULL)) != -1)
		status = option_take(request, option);
	if (status < 0 && optind < argc)
		request->script = words_join(argv + optind);
	return status < 0 ? request_check(request) : status;
}

static size_t prefix_change(void *userdata, char *to, const char *from, size_t len)
{
	return hvsim_psdirect_rewrite(userdata, to, from, len);
}

_Static_assert(sizeof(HVSIM_PSDIRECT_PREFIX) <= HVSIM_BRIDGE_MORE, "what was held back fits");

static int session_run(const struct request *request)
{
	struct hvsim_psdirect_prefix prefix = { 0 };
	int fd, status;

	status = hvsim_ps_login(&request->ps, &fd);
	if (status)
		return status;
	if (request->stdio)
		hvsim_bridge_talk(fd, prefix_change, &prefix);
	else
		status = hvsim_ps_command(fd, request->script);
	close(fd);
	return status;
}

/**
 * hvsim_ps_main() - The command `hvsim ps`.
 * @setup: which machine
 * @argc: from "ps" on
 * @argv: the words
 *
 * Return: exit status of the program.
 */
int hvsim_ps_main(const struct hvsim_setup *setup, int argc, char **argv)
{
	struct request request = { .setup = *setup, .ps.login.user = "root" };
	char *password = NULL;
	int status;

	request.ps.setup = &request.setup;
	/* a name given before the verb is in the setup itself */
	if (setup->control == setup->named)
		request.setup.control = request.setup.named;
	status = request_read(&request, argc, argv);
	if (status < 0)
		status = hvsim_ps_password(&password, request.password_file,
					   request.ps.login.user);
	if (!status && password) {
		request.ps.login.password = password;
		status = field_is_good("password", password) ? session_run(&request) :
			 HVSIM_EXIT_USAGE;
		explicit_bzero(password, strlen(password));
	}
	free(password);
	free(request.script);
	return status;
}
