// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the process of a connection may do: read and write what it has open, and no more.
 * It is the one that parses what comes before any authentication.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "psdirect/role.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* Descriptors: 0 to 4, the login's, two of the session, and some that must be refused. */
#define FDS_MAX		16

static int limits_set(void)
{
	static const struct {
		__rlimit_resource_t which;
		rlim_t max;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_NPROC, 0 },
		{ RLIMIT_NOFILE, FDS_MAX },
		{ RLIMIT_DATA, 16 << 20 },
	};
	struct rlimit limit;
	size_t i;

	for (i = 0; i < NR(limits); i++) {
		limit = (struct rlimit){ limits[i].max, limits[i].max };
		if (setrlimit(limits[i].which, &limit) < 0)
			return -errno;
	}
	return 0;
}

static int user_become(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	/* what cannot be undone is what was wanted */
	return setresuid(0, 0, 0) < 0 ? 0 : -EPERM;
}

/* A call that an architecture does not have need not be allowed. */
static int call_allow(scmp_filter_ctx filter, int call, const struct scmp_arg_cmp *condition)
{
	int err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, condition ? 1 : 0,
					 condition);

	return err == -EDOM || err == -EINVAL ? 0 : err;
}

/*
 * To make a descriptor one that does not block; not F_SETOWN and F_SETSIG, by which it would
 * send signals to other processes of the same user, other connections' among them.
 */
static int fcntl_allow(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(fcntl), SCMP_SYS(fcntl64) };
	static const int commands[] = { F_GETFL, F_SETFL };
	size_t i, j;
	int err = 0;

	for (i = 0; i < NR(calls); i++)
		for (j = 0; j < NR(commands) && !err; j++) {
			const struct scmp_arg_cmp command = SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff,
								    (scmp_datum_t)commands[j]);

			err = call_allow(filter, calls[i], &command);
		}
	return err;
}

/*
 * Its stderr may be the journal's, where it could say what it likes in this daemon's name; so
 * the main process says for the log what there is to say.
 */
static int stdio_drop(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd;

	if (null < 0)
		return -errno;
	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fd != null && dup2(null, fd) < 0)
			return -errno;
	if (null > STDERR_FILENO)
		close(null);
	return 0;
}

static int filter_load(void)
{
	/* the last two are those of 32-bit machines, for times after 2038 */
	static const int calls[] = {
		SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
		SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(poll), SCMP_SYS(ppoll),
		SCMP_SYS(close), SCMP_SYS(shutdown), SCMP_SYS(clock_gettime),
		SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit),
		SCMP_SYS(exit_group), SCMP_SYS(ppoll_time64), SCMP_SYS(clock_gettime64),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = filter ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; i < NR(calls) && !err; i++)
		err = call_allow(filter, calls[i], NULL);
	err = err ?: fcntl_allow(filter);
	err = err ?: seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

/**
 * psdirect_sandbox_enter() - Give up what the process of a connection does not need.
 * @setup: whose it is to be
 *
 * From here on, memory must not be allocated, and nothing can be logged, not even an error
 * of this function.
 *
 * Return: 0; a negative errno, in which case it must not go on.
 */
int psdirect_sandbox_enter(const struct psdirect_connection_setup *setup)
{
	int err;

	if (chdir("/") < 0)
		return -errno;
	err = setup->uid ? user_become(setup->uid, setup->gid) : 0;
	/* the second time: another user's id has set it back */
	if (!err && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0))
		err = -errno;
	err = err ?: stdio_drop();
	err = err ?: limits_set();
	return err ?: filter_load();
}
