// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sockets that a host comes in by: from systemd, or the daemon's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include <systemd/sd-daemon.h>

#include "hv/hvic_psdirect.h"
#include "hvd_file.h"
#include "hvd_log.h"
#include "psdirect/listen.h"

#define NS_MODE	"/proc/sys/net/vsock/ns_mode"

/* An accept queue that is full drops a host without a word. */
#define BACKLOG	64

static const struct {
	const char *name;
	unsigned int port;
} services[PSDIRECT_KINDS] = {
	[PSDIRECT_BROKER] = { "broker", HVIC_PSDIRECT_BROKER_PORT },
	[PSDIRECT_SERVER] = { "server", HVIC_PSDIRECT_SERVER_PORT },
};

/* In a namespace of its own, a socket listens and is never found by the host. */
static void namespace_look(void)
{
	char mode[32];

	if (hvd_file_read(NS_MODE, mode, sizeof(mode)) > 0 && strncmp(mode, "global", 6))
		hvd_warning("this network namespace has Hyper-V sockets of its own (%s is not "
			    "'global'): the host cannot come in", NS_MODE);
}

static int vsock_listen(unsigned int port)
{
	const struct sockaddr_vm address = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0) {
		err = -errno;
		hvd_error("there are no Hyper-V sockets: %s: is the module hv_sock loaded?",
			  strerror(errno));
		return err;
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		err = -errno;
		hvd_error("cannot listen on port %u of Hyper-V sockets: %s", port, strerror(errno));
		close(fd);
		return err;
	}
	return fd;
}

static int unix_listen(const char *directory, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err = 0;
	mode_t mask;

	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s.sock", directory, name) >=
	    (int)sizeof(address.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(address.sun_path);
	mask = umask(0177);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		err = -errno;
	umask(mask);
	if (!err)
		return fd;
	hvd_error("cannot listen on %s: %s", address.sun_path, strerror(-err));
	close(fd);
	return err;
}

/*
 * By its port: both sockets of one unit have the same FileDescriptorName=, and a name can
 * be given to the wrong one.
 */
static int given_kind(int fd)
{
	struct sockaddr_vm address = { 0 };
	socklen_t len = sizeof(address);
	int kind;

	if (sd_is_socket(fd, AF_VSOCK, SOCK_STREAM, 1) <= 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -EINVAL;
	for (kind = 0; kind < PSDIRECT_KINDS; kind++)
		if (address.svm_port == services[kind].port)
			return kind;
	return -EINVAL;
}

/* How many came from systemd; a negative errno. */
static int given_take(int fds[PSDIRECT_KINDS])
{
	int count = sd_listen_fds(1), fd, kind;

	for (fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
		kind = given_kind(fd);
		if (kind < 0 || fds[kind] >= 0) {
			hvd_error("the unit's socket %d is wrong: it must have "
				  "ListenStream=vsock::%d and ListenStream=vsock::%d, each once, and "
				  "no other", fd - SD_LISTEN_FDS_START + 1,
				  HVIC_PSDIRECT_BROKER_PORT, HVIC_PSDIRECT_SERVER_PORT);
			return -EINVAL;
		}
		if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
			return -errno;
		fds[kind] = fd;
	}
	return count;
}

static int own_open(int fds[PSDIRECT_KINDS], const char *test_sockets)
{
	int kind;

	for (kind = 0; kind < PSDIRECT_KINDS; kind++) {
		fds[kind] = test_sockets ? unix_listen(test_sockets, services[kind].name) :
					   vsock_listen(services[kind].port);
		if (fds[kind] < 0)
			return fds[kind];
	}
	return 0;
}

/**
 * psdirect_listen_open() - Have the two sockets.
 * @fds: the sockets; those that there are, are the caller's to close in any case
 * @test_sockets: for tests, the directory for two Unix sockets; %NULL for Hyper-V's
 *
 * Return: 0; a negative errno, which has been told.
 */
int psdirect_listen_open(int fds[PSDIRECT_KINDS], const char *test_sockets)
{
	int taken;

	fds[PSDIRECT_BROKER] = -1;
	fds[PSDIRECT_SERVER] = -1;
	if (test_sockets) {
		hvd_warning("for tests: it listens on Unix sockets in %s, and takes every "
			    "program that connects for the host", test_sockets);
		return own_open(fds, test_sockets);
	}
	namespace_look();
	taken = given_take(fds);
	if (taken == PSDIRECT_KINDS)
		return 0;
	if (taken > 0)
		hvd_error("the unit has one socket: ports %d and %d are both needed",
			  HVIC_PSDIRECT_BROKER_PORT, HVIC_PSDIRECT_SERVER_PORT);
	if (taken)
		return taken < 0 ? taken : -EINVAL;
	return own_open(fds, NULL);
}

/**
 * psdirect_listen_accept() - Take the next connection.
 * @listener: one of the sockets
 * @is_test: whether it is a Unix socket for tests, where there is no host to be told apart
 * @peer: the CID of what was refused
 *
 * Local programs reach the ports, too, and so do guests of this guest; only the host has
 * the CID 2.
 *
 * Return: the socket; -EPERM for what is not the host; the errno of accept().
 */
int psdirect_listen_accept(int listener, bool is_test, unsigned int *peer)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	struct sockaddr_vm address = { 0 };
	socklen_t len = sizeof(address);

	if (fd < 0)
		return -errno;
	if (is_test)
		return fd;
	if (!getpeername(fd, (struct sockaddr *)&address, &len) &&
	    address.svm_family == AF_VSOCK && address.svm_cid == VMADDR_CID_HOST)
		return fd;
	*peer = address.svm_cid;
	close(fd);
	return -EPERM;
}
