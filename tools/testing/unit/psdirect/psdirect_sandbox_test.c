// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the process of a connection can do, and what ends it, tried by a process each.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "psdirect/role.h"
#include "tap.h"

/* not in the library that is built with a sanitizer */
#include "../../../hv/psdirect/sandbox.c"

static int pair[2];

static void do_traffic(void)
{
	char byte = 'x';
	struct pollfd at = { pair[1], POLLIN, 0 };
	struct timespec now;

	if (write(pair[0], &byte, 1) != 1 || poll(&at, 1, 1000) != 1 ||
	    recv(pair[1], &byte, 1, MSG_DONTWAIT) != 1 || send(pair[1], &byte, 1, 0) != 1 ||
	    read(pair[0], &byte, 1) != 1 || clock_gettime(CLOCK_MONOTONIC, &now) < 0 ||
	    fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0 || !(fcntl(pair[0], F_GETFL) & O_NONBLOCK))
		_exit(1);
}

static void do_clock(void)
{
	struct timespec now;

	/* where the library does not ask the kernel */
	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) < 0)
		_exit(1);
}

static void do_owner(void)
{
	fcntl(pair[0], F_SETOWN, getppid());
}

static void do_signal_number(void)
{
	fcntl(pair[0], F_SETSIG, SIGKILL);
}

static void do_copy(void)
{
	fcntl(pair[0], F_DUPFD, 3);
}

static void do_open(void)
{
	syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static void do_socket(void)
{
	syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static void do_kill(void)
{
	syscall(SYS_kill, 1, 0);
}

static void do_fork(void)
{
	syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static void do_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void do_trace(void)
{
	syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static void do_map(void)
{
	mmap(NULL, 4096, PROT_EXEC | PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_ioctl(void)
{
	syscall(SYS_ioctl, 0, 0x5412, "x");	/* TIOCSTI: a character typed at a terminal */
}

static const struct {
	const char *name;
	void (*what)(void);
	int ended_by;
} tries[] = {
	{ "speaking to the host", do_traffic, 0 },
	{ "asking the kernel for the time", do_clock, 0 },
	{ "owning a descriptor's signals", do_owner, SIGSYS },
	{ "choosing a descriptor's signal", do_signal_number, SIGSYS },
	{ "copying a descriptor", do_copy, SIGSYS },
	{ "opening a file", do_open, SIGSYS },
	{ "making a socket", do_socket, SIGSYS },
	{ "sending a signal", do_kill, SIGSYS },
	{ "starting a process", do_fork, SIGSYS },
	{ "running a program", do_exec, SIGSYS },
	{ "debugging", do_trace, SIGSYS },
	{ "mapping code", do_map, SIGSYS },
	{ "typing at a terminal", do_ioctl, SIGSYS },
};

/* As nobody where that can be, as in tests of the daemon without root. */
static int status_of(void (*what)(void))
{
	const struct psdirect_connection_setup setup = {
		.uid = geteuid() ? 0 : 65534, .gid = geteuid() ? 0 : 65534,
	};
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		if (psdirect_sandbox_enter(&setup) < 0)
			_exit(2);
		what();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

int main(void)
{
	size_t i;
	int status;

	tap_is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0, "a host");
	for (i = 0; i < NR(tries); i++) {
		status = status_of(tries[i].what);
		tap_is_int(WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status),
			   tries[i].ended_by, "%s: %s", tries[i].name,
			   tries[i].ended_by ? "ends it" : "it can");
	}
	return tap_done();
}
