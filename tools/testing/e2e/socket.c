// SPDX-License-Identifier: GPL-2.0-or-later
/* The host's end of Hyper-V sockets, for the tests that speak with programs in the guest. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "e2e.h"

#define TIMEOUT_MS	60000

/**
 * e2e_socket() - Have a UNIX socket beside the control socket, where hvsim has its own.
 * @suffix: "" for that of hvsim; "_PORT" for that of a listener
 * @listening: whether to listen there, not to connect
 *
 * Stops the test when that cannot be.
 *
 * Return: the descriptor.
 */
int e2e_socket(const char *suffix, bool listening)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *control = getenv("HVSIM_CONTROL");
	const char *slash = control ? strrchr(control, '/') : NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!slash)
		e2e_abort("sockets: $HVSIM_CONTROL names no machine");
	snprintf(address.sun_path, sizeof(address.sun_path), "%.*s/vsock.sock%s",
		 (int)(slash - control), control, suffix);
	if (listening ?
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0 :
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		e2e_abort("sockets: %s: %s", address.sun_path, strerror(errno));
	return fd;
}

/**
 * e2e_socket_input() - Wait until there is something to be read, or the end.
 * @fd: the socket
 *
 * Return: whether there is, within a minute.
 */
bool e2e_socket_input(int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	return poll(&input, 1, TIMEOUT_MS) == 1;
}

/**
 * e2e_socket_dial() - Ask for a connection to the guest, and do not wait for it.
 * @name: what "CONNECT" takes: a port or a GUID, and " container" after it
 *
 * Return: the descriptor, for e2e_socket_accepted().
 */
int e2e_socket_dial(const char *name)
{
	int fd = e2e_socket("", false);
	char request[80];

	snprintf(request, sizeof(request), "CONNECT %s\n", name);
	if (write(fd, request, strlen(request)) < 0)
		e2e_note("cannot ask for a connection: %s", strerror(errno));
	return fd;
}

/**
 * e2e_socket_accepted() - Wait for what becomes of a connection.
 * @fd: of e2e_socket_dial(); closed when the guest does not accept
 *
 * Return: @fd, which then is the stream; -1 when the guest does not accept.
 */
int e2e_socket_accepted(int fd)
{
	char answer[32];
	size_t len = 0;

	while (len < sizeof(answer) - 1 && e2e_socket_input(fd) && read(fd, &answer[len], 1) == 1)
		if (answer[len++] == '\n')
			break;
	answer[len] = '\0';
	if (!strncmp(answer, "OK ", 3))
		return fd;
	close(fd);
	return -1;
}

/**
 * e2e_socket_connect() - Connect to a program in the guest.
 * @name: as of e2e_socket_dial()
 *
 * Return: the stream; -1 when the guest does not accept.
 */
int e2e_socket_connect(const char *name)
{
	return e2e_socket_accepted(e2e_socket_dial(name));
}

/**
 * e2e_socket_hear() - Read what comes next.
 * @fd: the stream
 *
 * Return: it, until the next call; "EOF" for the end, "nothing" when nothing comes.
 */
const char *e2e_socket_hear(int fd)
{
	static char text[256];
	ssize_t got;

	if (!e2e_socket_input(fd))
		return "nothing";
	got = read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	return got ? text : "EOF";
}
