// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's end of a Hyper-V socket, which it knows as AF_VSOCK.
 *
 * usage: hvsim_vsock echo PORT		says back what it hears, to any number
 *	  hvsim_vsock hangup PORT	hangs up on who connects
 *	  hvsim_vsock fields PORT	says the CID of who connects, as "cid 2", and of each
 *					piece that it receives how long it is, a line each
 *	  hvsim_vsock connect PORT [CID] joins a listener on the host, or at another CID, to
 *					its standard input and output
 *
 * The first three go to the background when they listen.
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

static int port_connect(unsigned int port, unsigned int cid)
{
	struct sockaddr_vm address = {
		.svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port,
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

static void serve_hangup(int fd)
{
	(void)fd;
}

static void serve_echo(int fd)
{
	while (pass_on(fd, fd))
		;
}

static void serve_fields(int fd)
{
	struct sockaddr_vm peer = { 0 };
	socklen_t len = sizeof(peer);
	char bytes[16384], line[32];
	ssize_t got;

	if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0)
		return;
	snprintf(line, sizeof(line), "cid %u\n", peer.svm_cid);
	while (!write_all(fd, line, strlen(line)) && (got = read(fd, bytes, sizeof(bytes))) > 0)
		snprintf(line, sizeof(line), "%zd\n", got);
}

/**
 * struct server - what listens on a port
 * @name: for the command line
 * @serve: serves one connection, in a process of its own
 */
struct server {
	const char *name;
	void (*serve)(int fd);
};

static const struct server servers[] = {
	{ "echo", serve_echo },
	{ "hangup", serve_hangup },
	{ "fields", serve_fields },
};

static void serve(int listener, const struct server *server)
{
	int fd;

	/* children are nobody's business */
	signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (!fork()) {
			server->serve(fd);
			exit(0);
		}
		close(fd);
	}
	fail("cannot accept");
}

static int usage(void)
{
	fprintf(stderr, "usage: hvsim_vsock echo|hangup|fields PORT\n"
		"       hvsim_vsock connect PORT [CID]\n");
	return 2;
}

static const struct server *server_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		if (!strcmp(servers[i].name, name))
			return &servers[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct server *server;
	unsigned int port, cid;
	int listener;

	signal(SIGPIPE, SIG_IGN);
	if (argc < 3 || argc > 4)
		return usage();
	port = (unsigned int)strtoul(argv[2], NULL, 10);
	if (!strcmp(argv[1], "connect")) {
		cid = argc == 4 ? (unsigned int)strtoul(argv[3], NULL, 10) : VMADDR_CID_HOST;
		talk(port_connect(port, cid));
		return 0;
	}
	server = argc == 3 ? server_find(argv[1]) : NULL;
	if (!server)
		return usage();
	listener = port_listen(port);
	if (daemon(0, 0) < 0)
		fail("cannot go to the background");
	serve(listener, server);
}
