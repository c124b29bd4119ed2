// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's end of a Hyper-V socket, which it knows as AF_VSOCK.
 *
 * usage: hvsim_vsock echo PORT		says back what it hears, to any number
 *	  hvsim_vsock hangup PORT	hangs up on who connects
 *	  hvsim_vsock connect PORT	joins a listener on the host to its standard
 *					input and output
 *
 * The first two go to the background when they listen.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

static void fail(const char *what)
{
	fprintf(stderr, "hvsim_vsock: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int vsock_new(void)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("no AF_VSOCK; is the module hv_sock there");
	return fd;
}

static int port_listen(unsigned int port)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port,
	};
	int fd = vsock_new();

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 64) < 0)
		fail("cannot listen");
	return fd;
}

static int port_connect(unsigned int port)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = port,
	};
	int fd = vsock_new();

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail("cannot connect");
	return fd;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	ssize_t done;

	for (; len; bytes += done, len -= (size_t)done) {
		done = write(fd, bytes, len);
		if (done < 0)
			return -errno;
	}
	return 0;
}

/* Whether there will be more from there. */
static int pass_on(int from, int to)
{
	char bytes[16384];
	ssize_t got = read(from, bytes, sizeof(bytes));

	return got > 0 && !write_all(to, bytes, (size_t)got);
}

static void talk(int fd)
{
	struct pollfd both[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	while (poll(both, 2, -1) >= 0) {
		if (both[0].revents && !pass_on(STDIN_FILENO, fd)) {
			both[0].fd = -1;
			both[0].revents = 0;
			shutdown(fd, SHUT_WR);
		}
		if (both[1].revents && !pass_on(fd, STDOUT_FILENO))
			return;
	}
}

static void serve(int listener, int echo)
{
	int fd;

	/* children are nobody's business */
	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (echo && !fork()) {
			while (pass_on(fd, fd))
				;
			exit(0);
		}
		close(fd);
	}
	fail("cannot accept");
}

int main(int argc, char **argv)
{
	unsigned int port = argc == 3 ? (unsigned int)strtoul(argv[2], NULL, 10) : 0;
	int listener;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "connect")) {
		talk(port_connect(port));
		return 0;
	}
	if (argc != 3 || (strcmp(argv[1], "echo") && strcmp(argv[1], "hangup"))) {
		fprintf(stderr, "usage: hvsim_vsock echo|hangup|connect PORT\n");
		return 2;
	}
	listener = port_listen(port);
	if (daemon(0, 0) < 0)
		fail("cannot go to the background");
	serve(listener, !strcmp(argv[1], "echo"));
}
