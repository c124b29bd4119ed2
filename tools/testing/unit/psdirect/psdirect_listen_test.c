// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sockets of the systemd unit, as systemd gives them: which is which, and what is said
 * of a unit that somebody has changed. The addresses are made up: no Hyper-V socket is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include <systemd/sd-daemon.h>

#include "listen_calls.h"
#include "psdirect/listen.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define FIRST		SD_LISTEN_FDS_START
#define NO_VSOCK	0

/* Ports of the sockets from the first on; NO_VSOCK for one of another family. */
static const unsigned int *ports;
static int count;

int __wrap_sd_listen_fds(int unset)
{
	(void)unset;
	return count;
}

int __wrap_sd_is_socket(int fd, int family, int type, int listening)
{
	return fd >= FIRST && fd < FIRST + count && ports[fd - FIRST] != NO_VSOCK &&
	       family == AF_VSOCK && type == SOCK_STREAM && listening == 1;
}

int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *len)
{
	const struct sockaddr_vm vsock = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY,
		.svm_port = ports[fd - FIRST],
	};

	memcpy(address, &vsock, sizeof(vsock));
	*len = sizeof(vsock);
	return 0;
}

static const struct {
	const char *name;
	int count;
	unsigned int ports[3];
	int broker, server, error;
} units[] = {
	{ "as it is shipped", 2, { 997, 998 }, FIRST, FIRST + 1, 0 },
	{ "in the other order", 2, { 998, 997 }, FIRST + 1, FIRST, 0 },
	{ "one only", 1, { 997 }, .error = -EINVAL },
	{ "one twice", 2, { 997, 997 }, .error = -EINVAL },
	{ "one more", 3, { 997, 998, 22 }, .error = -EINVAL },
	{ "another port", 2, { 997, 999 }, .error = -EINVAL },
	{ "a socket of another family", 2, { 997, NO_VSOCK }, .error = -EINVAL },
	{ "systemd fails", -EBADF, { 0 }, .error = -EBADF },
};

int main(void)
{
	int fds[PSDIRECT_KINDS], fd, error;
	size_t i;

	for (i = 0; i < NR(units); i++) {
		ports = units[i].ports;
		count = units[i].count;
		/* what the flags are set of */
		for (fd = FIRST; fd < FIRST + 3; fd++)
			dup2(0, fd);
		error = psdirect_listen_open(fds, NULL);
		tap_is_int(error, units[i].error, "a unit with its sockets %s", units[i].name);
		if (error)
			continue;
		tap_is_int(fds[PSDIRECT_BROKER], units[i].broker, "%s: the broker's",
			   units[i].name);
		tap_is_int(fds[PSDIRECT_SERVER], units[i].server, "%s: the server's",
			   units[i].name);
		tap_ok(fcntl(units[i].broker, F_GETFL) & O_NONBLOCK, "%s: it does not block",
		       units[i].name);
	}
	return tap_done();
}
