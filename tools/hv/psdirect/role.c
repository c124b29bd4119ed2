// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starting the daemon's other processes, and being one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "hvd_log.h"
#include "psdirect/message.h"
#include "psdirect/role.h"

#define PROGRAM	"hv_psdirect_daemon"

/* Whether messages go to stderr: in the background that is /dev/null. */
static bool stderr_is_read(void)
{
	struct stat status;

	return !fstat(STDERR_FILENO, &status) &&
	       !(S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3));
}

/* Nothing of the environment but what the log needs: modules of PAM look into theirs. */
static void environment_make(const char *environment[4], char *stream, size_t room)
{
	const char *journal = getenv("JOURNAL_STREAM");
	size_t at = 0;

	environment[at++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	environment[at++] = "LANG=C.UTF-8";
	if (journal && snprintf(stream, room, "JOURNAL_STREAM=%s", journal) < (int)room)
		environment[at++] = stream;
	environment[at] = NULL;
}

/*
 * The copies have other numbers than those that they are put to: dup2() of a descriptor to
 * itself would leave it closed at exec.
 */
static int actions_make(posix_spawn_file_actions_t *actions, int main_fd, int peer_fd)
{
	int err = posix_spawn_file_actions_init(actions);

	if (err)
		return err;
	err = posix_spawn_file_actions_adddup2(actions, main_fd, 100);
	err = err ?: posix_spawn_file_actions_adddup2(actions, peer_fd, PSDIRECT_FD_PEER);
	err = err ?: posix_spawn_file_actions_adddup2(actions, 100, PSDIRECT_FD_MAIN);
	err = err ?: posix_spawn_file_actions_addclosefrom_np(actions, PSDIRECT_FD_PEER + 1);
	return err;
}

static int attributes_make(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int err = posix_spawnattr_init(attributes);

	if (err)
		return err;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return 0;
}

/* The process; a negative errno. */
static pid_t role_spawn(const char *const argv[], int main_fd, int peer_fd)
{
	posix_spawn_file_actions_t actions;
	const char *environment[4];
	posix_spawnattr_t attributes;
	char stream[128];
	pid_t pid = -1;
	int err;

	environment_make(environment, stream, sizeof(stream));
	err = actions_make(&actions, main_fd, peer_fd);
	if (err)
		return -err;
	err = attributes_make(&attributes);
	if (!err) {
		err = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes,
				  (char *const *)argv, (char *const *)environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return err ? -err : pid;
}

/**
 * psdirect_role_connection() - Start the process of a connection.
 * @setup: what it is told
 * @main_fd: its socket to this process; stays open here, as @host_fd does
 * @host_fd: its socket to the host
 *
 * Return: the process; a negative errno.
 */
pid_t psdirect_role_connection(const struct psdirect_connection_setup *setup, int main_fd,
			       int host_fd)
{
	char numbers[6][16];
	const char *const argv[] = {
		PROGRAM, PSDIRECT_ROLE_ARGUMENT, "connection", stderr_is_read() ? "stderr" : "log",
		hvd_log_wanted(LOG_DEBUG) ? "debug" : "info",
		numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], NULL,
	};

	snprintf(numbers[0], sizeof(numbers[0]), "%u", setup->kind);
	snprintf(numbers[1], sizeof(numbers[1]), "%u", setup->legacy);
	snprintf(numbers[2], sizeof(numbers[2]), "%u", setup->step_seconds);
	snprintf(numbers[3], sizeof(numbers[3]), "%u", setup->login_seconds);
	snprintf(numbers[4], sizeof(numbers[4]), "%u", setup->uid);
	snprintf(numbers[5], sizeof(numbers[5]), "%u", setup->gid);
	return role_spawn(argv, main_fd, host_fd);
}

/**
 * psdirect_role_login() - Start the process of a login.
 * @main_fd: its socket to this process; stays open here, as @connection_fd does
 * @connection_fd: its socket to the process of a connection
 *
 * Return: the process; a negative errno.
 */
pid_t psdirect_role_login(int main_fd, int connection_fd)
{
	const char *const argv[] = {
		PROGRAM, PSDIRECT_ROLE_ARGUMENT, "login", stderr_is_read() ? "stderr" : "log",
		hvd_log_wanted(LOG_DEBUG) ? "debug" : "info", NULL,
	};

	return role_spawn(argv, main_fd, connection_fd);
}

static int connection_main(char **argv)
{
	const struct psdirect_connection_setup setup = {
		.kind = (enum psdirect_service_kind)atoi(argv[0]),
		.legacy = (enum psdirect_legacy)atoi(argv[1]),
		.step_seconds = (unsigned int)atoi(argv[2]),
		.login_seconds = (unsigned int)atoi(argv[3]),
		.uid = (uid_t)strtoul(argv[4], NULL, 10),
		.gid = (gid_t)strtoul(argv[5], NULL, 10),
	};

	return psdirect_connection_main(&setup);
}

/**
 * psdirect_role_main() - Be one of the other processes.
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * Return: the exit status; -1 when the arguments are not for one of them.
 */
int psdirect_role_main(int argc, char **argv)
{
	if (argc < 5 || strcmp(argv[1], PSDIRECT_ROLE_ARGUMENT))
		return -1;
	fcntl(PSDIRECT_FD_MAIN, F_SETFD, FD_CLOEXEC);
	fcntl(PSDIRECT_FD_PEER, F_SETFD, FD_CLOEXEC);
	/* a core or a debugger would show a password */
	prctl(PR_SET_DUMPABLE, 0);
	hvd_log_open(PROGRAM, !strcmp(argv[3], "stderr"), !strcmp(argv[4], "debug"));
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(argv[2], "connection") && argc == 11)
		return connection_main(argv + 5);
	if (!strcmp(argv[2], "login") && argc == 5)
		return psdirect_login_main();
	return EXIT_FAILURE;
}
