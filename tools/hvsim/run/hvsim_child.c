// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs that run beside an event loop, and must not outlive it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_child.h"

/* For a program to end by itself after SIGTERM. */
#define GRACE_MS	2000

struct hvsim_child {
	pid_t pid;			/* 0 once it has ended */
	bool own_group;
	sd_event_source *source;
	void (*ended)(int status, void *userdata);
	void *userdata;
};

static _Noreturn void child_exec(const struct hvsim_child_options *options, pid_t parent)
{
	sigset_t none;
	unsigned int i;

	/* also when the parent is killed, and cannot end its children any more */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	if (options->own_group)
		setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	for (i = 0; i < 3; i++)
		if (options->standard[i] >= 0)
			dup2(options->standard[i], (int)i);
	for (i = 0; i < options->nr_fds; i++)
		fcntl(options->fds[i], F_SETFD, 0);
	for (i = 0; options->environment && i < options->environment->count; i++)
		putenv(options->environment->words[i]);
	execvp(options->argv->words[0], options->argv->words);
	fprintf(stderr, "hvsim: %s: %s\n", options->argv->words[0], strerror(errno));
	_exit(127);
}

static int child_on_end(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct hvsim_child *child = userdata;

	(void)source;
	child->pid = 0;
	/* as waitpid() has it, which siginfo_t does not */
	child->ended(info->si_code == CLD_EXITED ? info->si_status << 8 : info->si_status,
		     child->userdata);
	return 0;
}

/**
 * hvsim_child_new() - Run a program.
 * @ret: the program
 * @event: the loop; SIGCHLD must be blocked
 * @options: how
 * @ended: told that it has ended, by itself or not; @status as of waitpid()
 * @userdata: for @ended
 *
 * The child is killed when the caller dies.
 *
 * Return: 0; -ENOMEM or another errno of fork(); what the loop said.
 */
int hvsim_child_new(struct hvsim_child **ret, sd_event *event,
		    const struct hvsim_child_options *options,
		    void (*ended)(int status, void *userdata), void *userdata)
{
	struct hvsim_child *child;
	pid_t parent = getpid();
	int err;

	if (options->argv->failed || (options->environment && options->environment->failed))
		return -ENOMEM;
	child = calloc(1, sizeof(*child));
	if (!child)
		return -ENOMEM;
	child->own_group = options->own_group;
	child->ended = ended;
	child->userdata = userdata;
	child->pid = fork();
	if (child->pid == 0)
		child_exec(options, parent);
	if (child->pid < 0) {
		err = -errno;
		free(child);
		return err;
	}
	if (options->own_group)
		setpgid(child->pid, child->pid);
	err = sd_event_add_child(event, &child->source, child->pid, WEXITED, child_on_end, child);
	if (err < 0) {
		hvsim_child_free(child);
		return err;
	}
	*ret = child;
	return 0;
}

/**
 * hvsim_child_signal() - Send a signal to a program, if it still runs.
 * @child: the program; may be NULL
 * @number: of the signal
 *
 * A program with a group of its own gets it together with its children.
 */
void hvsim_child_signal(struct hvsim_child *child, int number)
{
	if (child && child->pid > 0)
		kill(child->own_group ? -child->pid : child->pid, number);
}

static void child_wait(struct hvsim_child *child)
{
	static const struct timespec tick = { .tv_nsec = 10 * 1000 * 1000 };
	int i;

	for (i = 0; i < GRACE_MS / 10; i++) {
		if (waitpid(child->pid, NULL, WNOHANG) != 0)
			return;
		nanosleep(&tick, NULL);
	}
	hvsim_child_signal(child, SIGKILL);
	waitpid(child->pid, NULL, 0);
}

/**
 * hvsim_child_free() - End a program if it still runs, and wait for that.
 * @child: the program; may be NULL
 *
 * It is asked first, and killed when it does not end within two seconds.  Its
 * end is not told.
 */
void hvsim_child_free(struct hvsim_child *child)
{
	if (!child)
		return;
	sd_event_source_disable_unref(child->source);
	if (child->pid > 0) {
		hvsim_child_signal(child, SIGTERM);
		child_wait(child);
	}
	free(child);
}

/**
 * hvsim_child_pid() - Tell a program's process.
 * @child: the program
 *
 * Return: its id; 0 when it has ended.
 */
pid_t hvsim_child_pid(const struct hvsim_child *child)
{
	return child->pid;
}

/**
 * hvsim_child_socket() - Make a socket between a program to be and the caller.
 * @options: of the program: is given one end
 * @ours: the other end, which does not block
 *
 * The caller closes all of @options->fds once the program runs.
 *
 * Return: number of the program's end; -ENOSPC when it has too many; an errno
 * of socketpair().
 */
int hvsim_child_socket(struct hvsim_child_options *options, int *ours)
{
	int pair[2];

	if (options->nr_fds == HVSIM_CHILD_FDS)
		return -ENOSPC;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*ours = pair[0];
	options->fds[options->nr_fds++] = pair[1];
	return pair[1];
}

/**
 * hvsim_child_exit_status() - A program's end, as a shell has it.
 * @status: as of waitpid()
 *
 * Return: its exit code, or 128 + the signal that ended it.
 */
int hvsim_child_exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
