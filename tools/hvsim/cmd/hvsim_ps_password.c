// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim ps: the password, from a file, the environment or a person.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "hvsim_cmd.h"
#include "hvsim_ps.h"

#define VARIABLE	"HVSIM_PS_PASSWORD"

/* A line, without its end. An empty file is an empty password. */
static char *line_read(FILE *from)
{
	char *line = NULL;
	size_t size = 0;

	errno = 0;
	if (getline(&line, &size, from) < 0) {
		free(line);
		return errno || ferror(from) ? NULL : strdup("");
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static int file_read(char **ret, const char *path)
{
	FILE *from = fopen(path, "re");

	*ret = from ? line_read(from) : NULL;
	if (from)
		fclose(from);
	if (*ret)
		return HVSIM_EXIT_OK;
	fprintf(stderr, "hvsim ps: cannot read the password in %s: %s\n", path, strerror(errno));
	return HVSIM_EXIT_USAGE;
}

/* At the terminal, which standard input need not be. */
static int prompt(char **ret, const char *user)
{
	FILE *terminal = fopen("/dev/tty", "r+e");
	struct termios before, silent;

	if (!terminal || tcgetattr(fileno(terminal), &before) < 0) {
		fputs("hvsim ps: there is no terminal to ask for the password at; give "
		      "--password-file FILE, or set $" VARIABLE "\n", stderr);
		if (terminal)
			fclose(terminal);
		return HVSIM_EXIT_USAGE;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fileno(terminal), TCSAFLUSH, &silent);
	fprintf(terminal, "Password of %s: ", user);
	fflush(terminal);
	*ret = line_read(terminal);
	tcsetattr(fileno(terminal), TCSAFLUSH, &before);
	fputc('\n', terminal);
	fclose(terminal);
	return *ret ? HVSIM_EXIT_OK : HVSIM_EXIT_REFUSED;
}

/**
 * hvsim_ps_password() - Get the password.
 * @ret: it, UTF-8, to be wiped and freed; written only on success
 * @path: a file with it in the first line; NULL for none
 * @user: whose it is, for the prompt
 *
 * Return: HVSIM_EXIT_OK; another exit status after a line on standard error.
 */
int hvsim_ps_password(char **ret, const char *path, const char *user)
{
	const char *given = getenv(VARIABLE);

	if (path)
		return file_read(ret, path);
	if (!given)
		return prompt(ret, user);
	*ret = strdup(given);
	/* what is run from here has no need of it */
	unsetenv(VARIABLE);
	return *ret ? HVSIM_EXIT_OK : HVSIM_EXIT_REFUSED;
}
