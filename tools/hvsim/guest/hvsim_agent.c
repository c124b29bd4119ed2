// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs commands and writes files in a simulated machine's guest, for the host.
 *
 * Linked statically, since the guest is an initramfs with a busybox in it.  It
 * writes to the port in the order in which things happen and waits there for
 * the host to read; commands that run meanwhile wait in their pipes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_agent.h"
#include "hvsim_frame.h"

/**
 * struct job - a command that runs
 * @pid: its shell, and its process group; 0 for a free place
 * @output: pipe that it writes to; -1 when it has closed it
 * @id: as the host calls it
 * @deadline: when it is killed, in ms of the monotonic clock; 0 for never
 * @expired: that has happened
 */
struct job {
	pid_t pid;
	int output;
	uint16_t id;
	int64_t deadline;
	bool expired;
};

static struct job jobs[HVSIM_AGENT_JOBS];
static int port = -1;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "hvsim_agent: %s: %s\n", what, strerror(errno));
	/* init starts another one; not at once, or it would fill the log */
	sleep(1);
	exit(1);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void port_write(const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = write(port, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die("write to the host");
		at += n;
		len -= n;
	}
}

static void tell(uint16_t type, uint16_t id, const void *bytes, size_t len)
{
	uint8_t head[HVSIM_FRAME_HEAD_LEN];

	hvsim_frame_encode_head(head, type, id, len);
	port_write(head, sizeof(head));
	port_write(bytes, len);
}

static void tell_done(uint16_t id, int status, int error)
{
	struct hvsim_agent_done done = { .status = status, .error = error };

	tell(HVSIM_AGENT_DONE, id, &done, sizeof(done));
}

/* The port's number depends on what else is on the bus; its name does not. */
static bool port_is_agents(const char *name)
{
	char path[PATH_MAX], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, HVSIM_AGENT_PORT);
}

static void port_open(void)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		if (!port_is_agents(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		port = open(path, O_RDWR | O_CLOEXEC);
		if (port < 0)
			die(path);
		closedir(dir);
		return;
	}
	errno = ENODEV;
	die("no virtio port " HVSIM_AGENT_PORT);
}

static _Noreturn void child_exec(const char *command, int output)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(127);
	if (null > 2)
		close(null);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

static int job_start(struct job *job, const char *command)
{
	int pipe_fds[2];
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return errno;
	pid = fork();
	if (pid == 0)
		child_exec(command, pipe_fds[1]);
	close(pipe_fds[1]);
	if (pid < 0) {
		close(pipe_fds[0]);
		return errno;
	}
	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	job->pid = pid;
	job->output = pipe_fds[0];
	return 0;
}

static void handle_exec(const struct hvsim_frame *frame)
{
	struct hvsim_agent_exec exec;
	struct job *job = jobs;
	char *command;
	int error;

	if (frame->length < sizeof(exec)) {
		tell_done(frame->arg, 0, EBADMSG);
		return;
	}
	memcpy(&exec, frame->bytes, sizeof(exec));
	while (job < jobs + HVSIM_AGENT_JOBS && job->pid)
		job++;
	if (job == jobs + HVSIM_AGENT_JOBS) {
		tell_done(frame->arg, 0, EAGAIN);
		return;
	}
	command = strndup((const char *)frame->bytes + sizeof(exec), frame->length - sizeof(exec));
	error = command ? job_start(job, command) : ENOMEM;
	free(command);
	if (error) {
		tell_done(frame->arg, 0, error);
		return;
	}
	job->id = frame->arg;
	job->deadline = exec.timeout_ms ? now_ms() + exec.timeout_ms : 0;
	job->expired = false;
}

static void make_parents(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static int file_write(const char *path, const struct hvsim_agent_push *push,
		      const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (push->offset ? 0 : O_TRUNC), 0600);
	off_t at = push->offset;
	ssize_t n;
	int error = 0;

	if (fd < 0)
		return errno;
	while (len && !error) {
		n = pwrite(fd, bytes, len, at);
		if (n < 0) {
			error = errno;
			break;
		}
		bytes += n;
		len -= n;
		at += n;
	}
	if (!error && fchmod(fd, push->mode & 07777) < 0)
		error = errno;
	if (close(fd) < 0 && !error)
		error = errno;
	return error;
}

static void handle_push(const struct hvsim_frame *frame)
{
	struct hvsim_agent_push push;
	const uint8_t *text = frame->bytes + sizeof(push);
	const uint8_t *end = frame->bytes + frame->length;
	const uint8_t *nul;
	char path[PATH_MAX];

	nul = frame->length < sizeof(push) ? NULL : memchr(text, '\0', end - text);
	if (!nul || nul - text >= PATH_MAX) {
		tell_done(frame->arg, 0, EBADMSG);
		return;
	}
	memcpy(&push, frame->bytes, sizeof(push));
	memcpy(path, text, nul - text + 1);
	make_parents(path);
	tell_done(frame->arg, 0, file_write(path, &push, nul + 1, end - nul - 1));
}

static void handle_frame(const struct hvsim_frame *frame)
{
	if (frame->type == HVSIM_AGENT_EXEC)
		handle_exec(frame);
	else if (frame->type == HVSIM_AGENT_PUSH)
		handle_push(frame);
	else if (frame->type == HVSIM_AGENT_HAIL)
		port_write(HVSIM_AGENT_HELLO, HVSIM_AGENT_HELLO_LEN);
	else
		tell_done(frame->arg, 0, EBADMSG);
}

static void port_read(void)
{
	static uint8_t buffer[HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX];
	static size_t have;
	struct hvsim_frame frame;
	size_t done = 0, len;
	int complete;
	ssize_t n;

	n = read(port, buffer + have, sizeof(buffer) - have);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		die("read from the host");
	if (n > 0)
		have += n;
	for (;;) {
		complete = hvsim_frame_decode(&frame, buffer + done, have - done);
		if (complete <= 0)
			break;
		len = HVSIM_FRAME_HEAD_LEN + frame.length;
		handle_frame(&frame);
		done += len;
	}
	if (complete < 0) {
		errno = EBADMSG;
		die("read from the host");
	}
	memmove(buffer, buffer + done, have - done);
	have -= done;
}

/* Passes on what a command wrote; returns whether there may be more. */
static bool job_read(struct job *job)
{
	static uint8_t piece[HVSIM_AGENT_PIECE];
	ssize_t n = read(job->output, piece, sizeof(piece));

	if (n > 0) {
		tell(HVSIM_AGENT_OUTPUT, job->id, piece, n);
	} else if (n == 0) {
		close(job->output);
		job->output = -1;
	}
	return n > 0;
}

/*
 * A command is done when its shell is: what it left running in the background
 * may keep the pipe open for good.
 */
static void job_finish(struct job *job, int wait_status)
{
	int status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) :
						WEXITSTATUS(wait_status);

	while (job->output >= 0 && job_read(job))
		;
	if (job->output >= 0)
		close(job->output);
	tell_done(job->id, status, job->expired ? ETIME : 0);
	job->pid = 0;
}

static void children_reap(int signals)
{
	struct signalfd_siginfo ignored;
	struct job *job;
	int status;
	pid_t pid;

	while (read(signals, &ignored, sizeof(ignored)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (job = jobs; job < jobs + HVSIM_AGENT_JOBS; job++)
			if (job->pid == pid)
				job_finish(job, status);
}

/* Kills what has run too long; returns ms until that is to be looked at again. */
static int jobs_expire(void)
{
	int64_t now = now_ms(), next = -1;
	struct job *job;

	for (job = jobs; job < jobs + HVSIM_AGENT_JOBS; job++) {
		if (!job->pid || !job->deadline || job->expired)
			continue;
		if (job->deadline <= now) {
			job->expired = true;
			kill(-job->pid, SIGKILL);
		} else if (next < 0 || job->deadline - now < next) {
			next = job->deadline - now;
		}
	}
	return next > INT_MAX ? INT_MAX : next;
}

static void serve(int signals)
{
	struct pollfd polls[2 + HVSIM_AGENT_JOBS];
	int i;

	for (;;) {
		polls[0] = (struct pollfd){ .fd = port, .events = POLLIN };
		polls[1] = (struct pollfd){ .fd = signals, .events = POLLIN };
		for (i = 0; i < HVSIM_AGENT_JOBS; i++)
			polls[2 + i] = (struct pollfd){
				.fd = jobs[i].pid ? jobs[i].output : -1, .events = POLLIN
			};
		if (poll(polls, 2 + HVSIM_AGENT_JOBS, jobs_expire()) < 0 && errno != EINTR)
			die("poll");
		for (i = 0; i < HVSIM_AGENT_JOBS; i++)
			if (polls[2 + i].revents)
				job_read(&jobs[i]);
		if (polls[1].revents)
			children_reap(signals);
		if (polls[0].revents & POLLIN)
			port_read();
		else if (polls[0].revents & POLLHUP)
			usleep(100000);	/* the host is not there (yet) */
	}
}

int main(void)
{
	sigset_t child;
	int signals;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		die("signalfd");
	port_open();
	serve(signals);
}
