// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim socket: standard input and output on one end, a program in the guest on
 * the other end of a Hyper-V socket.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvsim_client.h"
#include "hvsim_cmd.h"
#include "hvsim_guid.h"

/* Longest answer to a request: OK, and a number. */
#define ANSWER_MAX	32

static const char help[] =
"usage: hvsim socket connect [--container] PORT|GUID [--control SOCKET]\n"
"       hvsim socket listen PORT|GUID [--control SOCKET]\n"
"\n"
"Connects to a program in the guest that listens on an AF_VSOCK port, or waits\n"
"until one connects, and joins it to standard input and output.  Ends when both\n"
"have ended.  A GUID other than a port's is no more than an offer: stock Linux\n"
"guests take none.  Those of PowerShell Direct are taken by a guest with our module.\n"
"\n"
"  --container   the connection is one to a container in the guest, which Linux\n"
"                guests leave alone\n"
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

/**
 * hvsim_bridge_write() - Write all of it.
 * @fd: where; blocks
 * @bytes: what
 * @len: bytes at @bytes
 *
 * Return: 0 or a negative errno.
 */
int hvsim_bridge_write(int fd, const void *bytes, size_t len)
{
	const char *from = bytes;
	ssize_t done;

	for (; len; from += done, len -= (size_t)done) {
		done = write(fd, from, len);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done < 0)
			done = 0;
	}
	return 0;
}

/**
 * struct flow - what goes one way
 * @from: read from there; -1 when there will be no more
 * @to: write it there
 * @len: bytes that were read
 * @done: bytes of them that were written
 * @change: changes what was read, or NULL
 * @userdata: for @change
 * @bytes: those
 */
struct flow {
	int from;
	int to;
	size_t len;
	size_t done;
	hvsim_bridge_change change;
	void *userdata;
	char bytes[65536 + HVSIM_BRIDGE_MORE];
};

/* Only what can be done at once: the other way must not wait for this one. */
static short flow_wants(const struct flow *flow)
{
	return flow->done < flow->len ? POLLOUT : POLLIN;
}

/* A pipe that can be written to takes that much at once, and may block for more. */
static size_t flow_due(const struct flow *flow)
{
	size_t due = flow->len - flow->done;

	return flow->to == STDOUT_FILENO && due > PIPE_BUF ? PIPE_BUF : due;
}

/* Reads, and changes what was read; at the end there may be bytes that were held back. */
static ssize_t flow_read(struct flow *flow)
{
	static char bytes[sizeof(flow->bytes) - HVSIM_BRIDGE_MORE];
	ssize_t len;

	if (!flow->change)
		return read(flow->from, flow->bytes, sizeof(flow->bytes));
	do {
		len = read(flow->from, bytes, sizeof(bytes));
		if (len < 0)
			return len;
		flow->len = flow->change(flow->userdata, flow->bytes, bytes, (size_t)len);
	} while (len && !flow->len);
	return (ssize_t)flow->len;
}

/* Returns whether there may be more. */
static bool flow_go_on(struct flow *flow, bool reads)
{
	ssize_t done;

	if (reads)
		done = flow_read(flow);
	else
		done = write(flow->to, flow->bytes + flow->done, flow_due(flow));
	if (done < 0)
		return errno == EINTR || errno == EAGAIN;
	if (reads) {
		flow->len = (size_t)done;
		flow->done = 0;
		return done > 0;
	}
	flow->done += (size_t)done;
	return true;
}

/**
 * hvsim_bridge_talk() - Join a socket to standard input and output.
 * @fd: the socket; does not block any more afterwards
 * @change: changes what comes from the guest; NULL to have it as it is
 * @userdata: for @change
 *
 * Until the guest has ended; what standard input has to say may end before.
 */
void hvsim_bridge_talk(int fd, hvsim_bridge_change change, void *userdata)
{
	static struct flow flows[2];
	struct pollfd polls[2];
	bool reads;
	int i;

	flows[0] = (struct flow){ .from = STDIN_FILENO, .to = fd };
	flows[1] = (struct flow){
		.from = fd, .to = STDOUT_FILENO, .change = change, .userdata = userdata,
	};
	/* not standard output, which may be somebody else's, too */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		for (i = 0; i < 2; i++) {
			polls[i].events = flow_wants(&flows[i]);
			polls[i].fd = polls[i].events == POLLIN ? flows[i].from : flows[i].to;
			polls[i].revents = 0;
		}
		if (poll(polls, 2, -1) < 0 && errno != EINTR)
			return;
		for (i = 0; i < 2; i++) {
			reads = polls[i].events == POLLIN;
			if (!polls[i].revents || flow_go_on(&flows[i], reads))
				continue;
			if (i)
				return;
			flows[0].from = -1;
			flows[0].len = 0;
			shutdown(fd, SHUT_WR);
		}
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

/**
 * hvsim_bridge_dial() - Connect to a program in the guest.
 * @setup: which machine
 * @name: a port, or the GUID of a service
 * @container: whether it is meant for a container of the guest's
 * @ret: the connection, to be closed; written only on success
 *
 * Return: HVSIM_EXIT_OK; another exit status after a line on standard error.
 */
int hvsim_bridge_dial(const struct hvsim_setup *setup, const char *name,
		      bool container, int *ret)
{
	struct sockaddr_un address = { 0 };
	char request[64];
	int fd, err;

	err = bridge_address(&address, setup, "");
	if (err < 0)
		return hvsim_no_machine(setup, err);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return hvsim_no_machine(setup, err);
	}
	snprintf(request, sizeof(request), "CONNECT %s%s\n", name,
		 container ? " container" : "");
	if (hvsim_bridge_write(fd, request, strlen(request)) < 0 || !answer_is_ok(fd)) {
		fprintf(stderr, "hvsim: nobody in the guest listens on %s, or the machine has "
			"no hvsim bus (--bus hvsim)\n", name);
		close(fd);
		return HVSIM_EXIT_REFUSED;
	}
	*ret = fd;
	return HVSIM_EXIT_OK;
}

static int bridge_connect(const struct hvsim_setup *setup, const char *name, bool container)
{
	int fd, status;

	status = hvsim_bridge_dial(setup, name, container, &fd);
	if (status)
		return status;
	hvsim_bridge_talk(fd, NULL, NULL);
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
	hvsim_bridge_talk(client, NULL, NULL);
	close(client);
	return HVSIM_EXIT_OK;
}

/*
 * A port by its number, which is what the machine has sockets for, also where it was
 * given as a GUID; any other GUID as it is. Returns whether it is either.
 */
static bool name_read(char name[HVSIM_GUID_TEXT_LEN], const char *text)
{
	static const char rest[] = "-facb-11e6-bd58-64006a7986d3";
	uint8_t guid[HVSIM_GUID_LEN];
	unsigned long long port;
	char *end;

	errno = 0;
	port = strtoull(text, &end, 10);
	if (isdigit((unsigned char)*text) && !*end && !errno && port <= UINT32_MAX) {
		snprintf(name, HVSIM_GUID_TEXT_LEN, "%llu", port);
		return true;
	}
	if (hvsim_guid_parse(guid, text) < 0)
		return false;
	hvsim_guid_format(name, guid);
	if (!strcmp(name + 8, rest))
		snprintf(name, HVSIM_GUID_TEXT_LEN, "%lu", strtoul(text, NULL, 16));
	return true;
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
	char name[HVSIM_GUID_TEXT_LEN];
	bool container = false;

	if (argc >= 2 && (!strcmp(argv[argc - 1], "--help") || !strcmp(argv[argc - 1], "-h"))) {
		fputs(help, stdout);
		return HVSIM_EXIT_OK;
	}
	if (argc > 3 && !strcmp(argv[1], "connect") && !strcmp(argv[2], "--container")) {
		container = true;
		argv[2] = argv[1];
		argc--;
		argv++;
	}
	if (argc == 5 && !strcmp(argv[3], "--control")) {
		mine.control = argv[4];
		argc = 3;
	}
	if (argc == 3 && !name_read(name, argv[2])) {
		fprintf(stderr, "hvsim socket: '%s' is no port, a number up to 4294967295, and no "
			"GUID\n", argv[2]);
		return HVSIM_EXIT_USAGE;
	}
	if (argc == 3 && !strcmp(argv[1], "connect"))
		return bridge_connect(&mine, name, container);
	if (argc == 3 && !strcmp(argv[1], "listen"))
		return bridge_listen(&mine, name);
	fprintf(stderr, "hvsim socket: it is connect or listen, and a port or a GUID; see "
		"hvsim socket --help\n");
	return HVSIM_EXIT_USAGE;
}
