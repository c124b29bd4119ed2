// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim socket: standard input and output on one end, a program in the guest on
 * the other end of a Hyper-V socket.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvsim_client.h"
#include "hvsim_cmd.h"

/* Longest answer to a request: OK, and a number. */
#define ANSWER_MAX	32

static const char help[] =
"usage: hvsim socket connect PORT|GUID [--control SOCKET]\n"
"       hvsim socket listen PORT|GUID [--control SOCKET]\n"
"\n"
"Connects to a program in the guest that listens on an AF_VSOCK port, or waits\n"
"until one connects, and joins it to standard input and output.  Ends when both\n"
"have ended.  A GUID other than a port's is no more than an offer: stock Linux\n"
"guests take none.\n"
"\n"
"Example: echo hello | hvsim socket connect 5000\n";

/* The machine's vsock.sock, with something behind it. */
static int bridge_address(struct sockaddr_un *address, const struct hvsim_setup *setup,
			  const char *suffix)
{
	const char *control = setup->control ?: getenv("HVSIM_CONTROL");
	char usual[sizeof(address->sun_path)];
	const char *slash;
	int len;

	address->sun_family = AF_UNIX;
	if (!control || !*control) {
		if (hvsim_client_directory(usual, sizeof(usual), NULL) < 0)
			return -ENAMETOOLONG;
		len = snprintf(address->sun_path, sizeof(address->sun_path), "%s/vsock.sock%s",
			       usual, suffix);
	} else {
		slash = strrchr(control, '/');
		len = snprintf(address->sun_path, sizeof(address->sun_path), "%.*svsock.sock%s",
			       slash ? (int)(slash + 1 - control) : 0, control, suffix);
	}
	return len >= 0 && (size_t)len < sizeof(address->sun_path) ? 0 : -ENAMETOOLONG;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	ssize_t done;

	for (; len; bytes += done, len -= (size_t)done) {
		done = write(fd, bytes, len);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done < 0)
			done = 0;
	}
	return 0;
}

/* Whether there will be more from there. */
static bool pass_on(int from, int to)
{
	char bytes[16384];
	ssize_t got = read(from, bytes, sizeof(bytes));

	if (got < 0 && errno == EINTR)
		return true;
	return got > 0 && !write_all(to, bytes, (size_t)got);
}

/* Until the guest has ended; what standard input has to say may end before. */
static void bridge_talk(int fd)
{
	struct pollfd both[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	while (poll(both, 2, -1) >= 0 || errno == EINTR) {
		if (both[0].revents && !pass_on(STDIN_FILENO, fd)) {
			both[0].fd = -1;
			both[0].revents = 0;
			shutdown(fd, SHUT_WR);
		}
		if (both[1].revents && !pass_on(fd, STDOUT_FILENO))
			return;
	}
}

/* The machine says OK when the guest has accepted; else it hangs up. */
static bool answer_is_ok(int fd)
{
	char answer[ANSWER_MAX];
	size_t len = 0;

	/* byte by byte: what is behind it is the guest's */
	while (len < sizeof(answer) && read(fd, &answer[len], 1) == 1)
		if (answer[len++] == '\n')
			return !strncmp(answer, "OK ", 3);
	return false;
}

static int bridge_connect(const struct hvsim_setup *setup, const char *name)
{
	struct sockaddr_un address = { 0 };
	char request[64];
	int fd, err;

	err = bridge_address(&address, setup, "");
	if (err < 0)
		return hvsim_no_machine(setup, err);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return hvsim_no_machine(setup, -errno);
	snprintf(request, sizeof(request), "CONNECT %s\n", name);
	if (write_all(fd, request, strlen(request)) < 0 || !answer_is_ok(fd)) {
		fprintf(stderr, "hvsim: nobody in the guest listens on %s, or the machine has "
			"no hvsim bus (--bus hvsim)\n", name);
		close(fd);
		return HVSIM_EXIT_REFUSED;
	}
	bridge_talk(fd);
	close(fd);
	return HVSIM_EXIT_OK;
}

static int bridge_listen(const struct hvsim_setup *setup, const char *name)
{
	struct sockaddr_un address = { 0 };
	char suffix[64];
	int fd, client, err;

	snprintf(suffix, sizeof(suffix), "_%s", name);
	err = bridge_address(&address, setup, suffix);
	if (err < 0)
		return hvsim_no_machine(setup, err);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 1) < 0) {
		fprintf(stderr, "hvsim: cannot listen at %s: %s\n", address.sun_path,
			strerror(errno));
		return errno == ENOENT ? HVSIM_EXIT_NO_MACHINE : HVSIM_EXIT_REFUSED;
	}
	client = accept(fd, NULL, NULL);
	unlink(address.sun_path);
	close(fd);
	if (client < 0)
		return HVSIM_EXIT_REFUSED;
	bridge_talk(client);
	close(client);
	return HVSIM_EXIT_OK;
}

/**
 * hvsim_bridge_main() - The command `hvsim socket`.
 * @setup: which machine
 * @argc: from "socket" on
 * @argv: likewise
 *
 * Return: exit status of the program.
 */
int hvsim_bridge_main(const struct hvsim_setup *setup, int argc, char **argv)
{
	struct hvsim_setup mine = *setup;

	if (argc >= 2 && (!strcmp(argv[argc - 1], "--help") || !strcmp(argv[argc - 1], "-h"))) {
		fputs(help, stdout);
		return HVSIM_EXIT_OK;
	}
	if (argc == 5 && !strcmp(argv[3], "--control")) {
		mine.control = argv[4];
		argc = 3;
	}
	if (argc == 3 && !strcmp(argv[1], "connect"))
		return bridge_connect(&mine, argv[2]);
	if (argc == 3 && !strcmp(argv[1], "listen"))
		return bridge_listen(&mine, argv[2]);
	fprintf(stderr, "hvsim socket: it is connect or listen, and a port or a GUID; see "
		"hvsim socket --help\n");
	return HVSIM_EXIT_USAGE;
}
