// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PowerShell Direct: how fast a session's stream is, beside a program in the guest that gives
 * back what it hears on a Hyper-V socket.  Both come through the same program here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define USER	"bench"
#define WORD	"bench-Wort"
#define PORT	"5000"
#define BYTES	8000000
/* Of each, one after the other; the medians are compared. */
#define ROUNDS	3
#define HEAR_MS	120000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static void guest_prepare(void)
{
	free(bench_guest("useradd -m " USER " && echo " USER ":" WORD " | chpasswd && "
			 "mkdir -p /etc/hyperv-ics.conf.d && "
			 "printf '[psdirect raw]\\ncommand = /usr/bin/psdirect_echo raw\\n' "
			 ">/etc/hyperv-ics.conf.d/bench.conf && "
			 "systemctl start hv-psdirect-daemon.socket && "
			 "hvsim_vsock echo " PORT));
	setenv("HVSIM_PS_PASSWORD", WORD, 1);
}

/* Starts a program whose standard input and output are the socket that is returned. */
static int talker_start(char *const argv[], pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		bench_die("socketpair: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pair[1], 0);
	posix_spawn_file_actions_adddup2(&actions, pair[1], 1);
	err = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		bench_die("cannot start %s: %s", argv[0], strerror(err));
	close(pair[1]);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	return pair[0];
}

/* Sends so much, and takes so much back. */
static void bytes_talk(int fd, size_t total)
{
	static char bytes[65536];
	size_t sent = 0, came = 0, left;
	struct pollfd at = { .fd = fd };
	ssize_t len;

	while (came < total) {
		at.events = (short)(POLLIN | (sent < total ? POLLOUT : 0));
		if (poll(&at, 1, HEAR_MS) != 1)
			bench_die("a stream stands still after %zu of %zu bytes", came, total);
		left = total - sent < sizeof(bytes) ? total - sent : sizeof(bytes);
		len = at.revents & POLLOUT ? send(fd, bytes, left, MSG_NOSIGNAL) : 0;
		sent += len > 0 ? (size_t)len : 0;
		len = at.revents & POLLIN ? recv(fd, bytes, sizeof(bytes), 0) : -1;
		came += len > 0 ? (size_t)len : 0;
		if (!len || at.revents & POLLERR)
			bench_die("a stream ended after %zu of %zu bytes", came, total);
	}
}

/* In kB/s, each way. */
static double stream_measure(char *const argv[])
{
	double ms;
	pid_t pid;
	int fd = talker_start(argv, &pid);

	/* until then, it may still be logging in */
	bytes_talk(fd, 1);
	ms = now_ms();
	bytes_talk(fd, BYTES);
	ms = now_ms() - ms;
	close(fd);
	waitpid(pid, NULL, 0);
	return BYTES / ms;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/**
 * bench_psdirect_measure() - Measure the stream of a session.
 * @run: what is measured
 */
void bench_psdirect_measure(const struct bench_run *run)
{
	char *const bare[] = { "hvsim", "socket", "connect", PORT, NULL };
	char *const session[] = { "hvsim", "ps", "--user", USER, "--configuration", "raw",
				  "--stdio", NULL };
	double theirs[ROUNDS], ours[ROUNDS];
	int i;

	guest_prepare();
	for (i = 0; i < ROUNDS; i++) {
		theirs[i] = stream_measure(bare);
		ours[i] = stream_measure(session);
	}
	qsort(theirs, ROUNDS, sizeof(theirs[0]), compare);
	qsort(ours, ROUNDS, sizeof(ours[0]), compare);
	printf("%s\t%s\tstream\tpsdirect\t0\t%.0f\t%.0f\t%d\n", run->kernel, run->module,
	       ours[ROUNDS / 2], theirs[ROUNDS / 2], ROUNDS);
	fflush(stdout);
}
