// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The processes of a session.
 *
 * All that a session starts ends with it: the process of the login adopts what its parents
 * left (PR_SET_CHILD_SUBREAPER), so that none gets away by being a daemon.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hvd_log.h"
#include "psdirect/session.h"
#include "psdirect/setting.h"

#define VARIABLES_MAX	128
#define USER_PATH	"/usr/local/bin:/usr/bin:/bin"
#define ROOT_PATH	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *variable_find(char *const variables[], const char *name)
{
	size_t len = strlen(name);

	for (; variables && *variables; variables++)
		if (!strncmp(*variables, name, len) && (*variables)[len] == '=')
			return *variables + len + 1;
	return NULL;
}

static bool is_utf8(const char *locale)
{
	const char *set = locale ? strchr(locale, '.') : NULL;

	return set && (!strncasecmp(set, ".utf-8", 6) || !strncasecmp(set, ".utf8", 5));
}

static void variable_add(char **to, size_t *count, const char *name, const char *value)
{
	if (*count < VARIABLES_MAX && asprintf(&to[*count], "%s=%s", name, value) >= 0)
		(*count)++;
}

/* What is the account's to say, and what a locale of another character set would break. */
static bool variable_is_ours(const char *variable, bool drop_locale)
{
	static const char *const ours[] = { "HOME=", "USER=", "LOGNAME=", "SHELL=" };
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!strncmp(variable, ours[i], strlen(ours[i])))
			return true;
	return drop_locale && (!strncmp(variable, "LANG=", 5) || !strncmp(variable, "LC_", 3));
}

/**
 * psdirect_session_environment() - Make the environment of a session.
 * @user: whose
 * @from_pam: what PAM's modules want, %NULL at the end; may be %NULL
 *
 * PowerShell's stream is UTF-8, and so must the locale be.
 *
 * Return: variables on the heap, %NULL at the end; %NULL for no memory.
 */
char **psdirect_session_environment(const struct passwd *user, char *const from_pam[])
{
	char **to = calloc(VARIABLES_MAX + 1, sizeof(*to));
	const char *locale = variable_find(from_pam, "LC_ALL") ?: variable_find(from_pam, "LANG");
	size_t count = 0;
	bool drop = !is_utf8(locale);

	if (!to)
		return NULL;
	variable_add(to, &count, "HOME", user->pw_dir);
	variable_add(to, &count, "USER", user->pw_name);
	variable_add(to, &count, "LOGNAME", user->pw_name);
	variable_add(to, &count, "SHELL", user->pw_shell[0] ? user->pw_shell : "/bin/sh");
	if (drop)
		variable_add(to, &count, "LANG", "C.UTF-8");
	if (!variable_find(from_pam, "PATH"))
		variable_add(to, &count, "PATH", user->pw_uid ? USER_PATH : ROOT_PATH);
	for (; from_pam && *from_pam && count < VARIABLES_MAX; from_pam++)
		if (!variable_is_ours(*from_pam, drop) && strchr(*from_pam, '='))
			to[count++] = strdup(*from_pam);
	to[count] = NULL;
	return to;
}

static int user_become(const struct passwd *user)
{
	if (geteuid() == user->pw_uid && geteuid())
		return 0;
	if (setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
		return -errno;
	return user->pw_uid && !setresuid(0, 0, 0) ? -EPERM : 0;
}

/* In the child: never returns. */
static void program_exec(const struct passwd *user, char *const environment[],
			 char *const argv[], const int stdio[3], int told)
{
	int err, fd, number;

	setsid();
	for (fd = 0; fd < 3; fd++)
		if (dup2(stdio[fd], fd) < 0)
			_exit(127);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	prctl(PR_SET_DUMPABLE, 1);
	err = user_become(user);
	if (!err && chdir(user->pw_dir) < 0) {
		fprintf(stderr, "cannot go to %s: %s\n", user->pw_dir, strerror(errno));
		err = chdir("/") < 0 ? -errno : 0;
	}
	if (!err) {
		execve(argv[0], argv, environment);
		err = -errno;
	}
	if (write(told, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* The child says why it could not become the program, or nothing. */
static int exec_wait(int told)
{
	int err = 0;
	ssize_t len;

	do {
		len = read(told, &err, sizeof(err));
	} while (len < 0 && errno == EINTR);
	close(told);
	return len == sizeof(err) ? err : 0;
}

static int pipes_make(int messages[2], int told[2])
{
	if (pipe2(messages, O_CLOEXEC) < 0)
		return -errno;
	if (!pipe2(told, O_CLOEXEC))
		return 0;
	close(messages[0]);
	close(messages[1]);
	return -errno;
}

/**
 * psdirect_session_start() - Start the program of a session.
 * @session: its first process
 * @user: whose; this process is in the user's groups already
 * @environment: see psdirect_session_environment()
 * @command: the program and its arguments, which is cut up
 * @stdio: its stdin and stdout; stay open here
 *
 * Return: 0; the errno of execve(), or another.
 */
int psdirect_session_start(struct psdirect_session *session, const struct passwd *user,
			   char *const environment[], char *command, const int stdio[2])
{
	char *argv[PSDIRECT_ARGUMENTS_MAX + 1];
	int messages[2], told[2], err;

	if (psdirect_command_split(command, argv) < 1)
		return -EINVAL;
	err = pipes_make(messages, told);
	if (err)
		return err;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	session->pid = fork();
	if (!session->pid) {
		const int three[3] = { stdio[0], stdio[1], messages[1] };

		program_exec(user, environment, argv, three, told[1]);
	}
	err = session->pid < 0 ? -errno : 0;
	close(messages[1]);
	close(told[1]);
	session->messages = messages[0];
	fcntl(session->messages, F_SETFL, O_NONBLOCK);
	err = exec_wait(told[0]) ?: err;
	session->watch = session->pid > 0 ? pidfd_open(session->pid, 0) : -1;
	/* its end would not be seen */
	if (!err && session->watch < 0) {
		err = -errno;
		kill(session->pid, SIGKILL);
	}
	return err;
}

/**
 * psdirect_session_signal() - Send a signal to the session's first group of processes.
 * @session: the session
 * @number: the signal
 */
void psdirect_session_signal(const struct psdirect_session *session, int number)
{
	if (session->pid > 1)
		kill(-session->pid, number);
}

/* The parent of a process, by the fourth field of its stat; 0 if it has gone. */
static pid_t parent_find(const char *process)
{
	char path[64], line[512], *end;
	FILE *file;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", process);
	file = fopen(path, "re");
	if (!file)
		return 0;
	end = fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
	if (!end || sscanf(end, ") %*c %d", &parent) != 1)
		parent = 0;
	fclose(file);
	return parent;
}

static void children_kill(void)
{
	DIR *all = opendir("/proc");
	const struct dirent *entry;

	while (all && (entry = readdir(all)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    parent_find(entry->d_name) == getpid())
			kill(atoi(entry->d_name), SIGKILL);
	if (all)
		closedir(all);
}

/**
 * psdirect_session_clear() - Kill all that is left of a session.
 * @patience_ms: how long it is tried
 *
 * Of a process that is killed the children become this process's, until there are none.
 *
 * Return: whether nothing is left.
 */
bool psdirect_session_clear(int patience_ms)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000 * 1000 };
	pid_t pid;

	for (; patience_ms > 0; patience_ms -= 10) {
		children_kill();
		do {
			pid = waitpid(-1, NULL, WNOHANG);
		} while (pid > 0);
		if (pid < 0 && errno == ECHILD)
			return true;
		nanosleep(&tick, NULL);
	}
	return false;
}
