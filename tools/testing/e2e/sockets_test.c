// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hyper-V sockets with the guest's own hv_sock: connections from either side, much
 * data, many connections, and every way in which one can end.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "e2e.h"

#define ECHO_PORT	5000
#define HANGUP_PORT	5001
#define NO_PORT		5002
#define HOST_PORT	6000
#define MUCH		2000000
#define PARALLEL	8
#define ROW		100
#define TIMEOUT_MS	60000

/* Connects to a port of the guest; -1 when it does not accept. */
static int guest_connect(unsigned int port)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", port);
	return e2e_socket_connect(name);
}

static uint8_t pattern(size_t at, unsigned int salt)
{
	return (uint8_t)((at ^ at >> 8 ^ at >> 16) * 31 + salt);
}

/**
 * struct talk - bytes on their way to the guest and back
 * @fd: the connection
 * @sent: so far
 * @heard: so far
 * @wrong: of those, not what was sent
 */
struct talk {
	int fd;
	size_t sent;
	size_t heard;
	size_t wrong;
};

static void talk_send(struct talk *talk, size_t total, unsigned int salt)
{
	uint8_t bytes[8192];
	size_t len = total - talk->sent < sizeof(bytes) ? total - talk->sent : sizeof(bytes), i;
	ssize_t done;

	for (i = 0; i < len; i++)
		bytes[i] = pattern(talk->sent + i, salt);
	done = send(talk->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	talk->sent += done > 0 ? (size_t)done : 0;
	if (talk->sent == total)
		shutdown(talk->fd, SHUT_WR);
}

/* Whether there will be more. */
static bool talk_hear(struct talk *talk, unsigned int salt)
{
	uint8_t bytes[8192];
	ssize_t got = recv(talk->fd, bytes, sizeof(bytes), MSG_DONTWAIT), i;

	for (i = 0; i < got; i++)
		talk->wrong += bytes[i] != pattern(talk->heard + (size_t)i, salt);
	talk->heard += got > 0 ? (size_t)got : 0;
	return got > 0 || (got < 0 && errno == EAGAIN);
}

/* Sends so many bytes on each and takes them back, all at a time; whether all is well. */
static bool echo_all(struct talk *talks, unsigned int count, size_t total)
{
	struct pollfd fds[PARALLEL];
	unsigned int i, open = count;
	bool good = true;

	for (i = 0; i < count; i++) {
		fds[i] = (struct pollfd){ .fd = talks[i].fd, .events = POLLIN | POLLOUT };
		open -= talks[i].fd < 0;
	}
	while (open && poll(fds, count, TIMEOUT_MS) > 0) {
		for (i = 0; i < count; i++) {
			if (fds[i].revents & POLLOUT && talks[i].sent < total)
				talk_send(&talks[i], total, i);
			if (talks[i].sent == total)
				fds[i].events = POLLIN;
			if (fds[i].revents & (POLLIN | POLLHUP) && !talk_hear(&talks[i], i)) {
				fds[i].fd = -1;
				open--;
			}
		}
	}
	for (i = 0; i < count; i++)
		good &= talks[i].heard == total && !talks[i].wrong;
	return good;
}

static void test_echo(void)
{
	struct talk talk = { .fd = guest_connect(ECHO_PORT) };
	int fd;

	e2e_ok(talk.fd >= 0, "sockets: a program in the guest accepts the host's connection");
	e2e_ok(write(talk.fd, "hello", 5) == 5 && !strcmp(e2e_socket_hear(talk.fd), "hello"),
	       "sockets: what it is told comes back");
	shutdown(talk.fd, SHUT_WR);
	e2e_is_str(e2e_socket_hear(talk.fd), "EOF",
		   "sockets: the end of one stream is the end of the other");
	close(talk.fd);

	talk.fd = guest_connect(ECHO_PORT);
	e2e_ok(echo_all(&talk, 1, MUCH), "sockets: %d bytes come back as they were sent", MUCH);
	e2e_note("  %zu sent, %zu back, %zu wrong", talk.sent, talk.heard, talk.wrong);
	close(talk.fd);

	fd = guest_connect(HANGUP_PORT);
	e2e_ok(fd >= 0 && !strcmp(e2e_socket_hear(fd), "EOF"), "sockets: the guest can hang up");
	close(fd);
	e2e_ok(guest_connect(NO_PORT) < 0,
	       "sockets: where nobody listens in the guest nobody answers");
}

static void test_many(void)
{
	struct talk talks[PARALLEL] = { 0 };
	unsigned int i, good = 0;
	int fd;

	for (i = 0; i < PARALLEL; i++)
		talks[i].fd = guest_connect(ECHO_PORT);
	e2e_ok(echo_all(talks, PARALLEL, MUCH / 20),
	       "sockets: %d connections at a time, %d bytes on each", PARALLEL, MUCH / 20);
	for (i = 0; i < PARALLEL; i++)
		close(talks[i].fd);
	for (i = 0; i < ROW; i++) {
		fd = guest_connect(ECHO_PORT);
		good += fd >= 0 && write(fd, "x", 1) == 1 && !strcmp(e2e_socket_hear(fd), "x");
		close(fd);
	}
	e2e_is_int(good, ROW, "sockets: %d connections, one after the other", ROW);
}

static void test_from_guest(void)
{
	static uint8_t bytes[MUCH];
	int listener = e2e_socket("_6000", true), fd;
	size_t len = 0;
	ssize_t got;

	e2e_guest("(echo hi there | hvsim_vsock connect %d >/tmp/heard 2>&1; echo $? >/tmp/status)"
		  " >/dev/null 2>&1 &", HOST_PORT);
	fd = e2e_socket_input(listener) ? accept(listener, NULL, NULL) : -1;
	e2e_ok(fd >= 0, "sockets: the guest connects to a program on the host");
	e2e_is_str(e2e_socket_hear(fd), "hi there\n", "sockets: which hears it");
	e2e_is_str(e2e_socket_hear(fd), "EOF", "sockets: and that it has said all it had to say");
	e2e_ok(write(fd, "well met", 8) == 8, "sockets: and can still answer");
	close(fd);
	e2e_is_str(e2e_guest("while [ ! -e /tmp/status ]; do sleep 0.1; done; "
			     "cat /tmp/heard /tmp/status"), "well met0",
		   "sockets: the guest hears that, and then the end");

	e2e_guest("rm /tmp/status; head -c %d /dev/urandom >/tmp/much; "
		  "(hvsim_vsock connect %d </tmp/much >/tmp/back; echo $? >/tmp/status) "
		  ">/dev/null 2>&1 &", MUCH, HOST_PORT);
	fd = e2e_socket_input(listener) ? accept(listener, NULL, NULL) : -1;
	while (fd >= 0 && len < MUCH && e2e_socket_input(fd) &&
	       (got = read(fd, bytes + len, MUCH - len)) > 0)
		len += (size_t)got;
	e2e_is_int((long long)len, MUCH, "sockets: the guest sends %d bytes", MUCH);
	while (len && (got = write(fd, bytes + MUCH - len, len)) > 0)
		len -= (size_t)got;
	close(fd);
	e2e_guest("while [ ! -e /tmp/status ]; do sleep 0.1; done; cmp /tmp/much /tmp/back");
	e2e_is_int(e2e_guest_status(), 0, "sockets: and gets back what it has sent");
	close(listener);
	e2e_guest("hvsim_vsock connect %d </dev/null", HOST_PORT);
	e2e_ok(e2e_guest_status() == 1, "sockets: where nobody listens on the host, it cannot");
}

static void test_closed_early(void)
{
	int fd = guest_connect(ECHO_PORT), i;

	/* with words of the guest unread, and more to come */
	for (i = 0; i < 100; i++)
		if (write(fd, "some words", 10) != 10)
			break;
	close(fd);
	fd = guest_connect(ECHO_PORT);
	e2e_ok(write(fd, "next", 4) == 4 && !strcmp(e2e_socket_hear(fd), "next"),
	       "sockets: one that is closed in the middle does not stop the next");
	e2e_guest("killall hvsim_vsock");
	e2e_is_str(e2e_socket_hear(fd), "EOF",
		   "sockets: when the guest's program dies the host hears it");
	close(fd);
}

/* Devices on the guest's bus; each connection is one. */
static long long devices(void)
{
	return strtoll(e2e_guest("ls /sys/bus/vmbus/devices | wc -l"), NULL, 10);
}

static void run(void)
{
	long long before, left;
	int i;

	before = devices();
	e2e_guest("hvsim_vsock echo %d && hvsim_vsock hangup %d", ECHO_PORT, HANGUP_PORT);
	e2e_is_int(e2e_guest_status(), 0, "sockets: programs in the guest listen");
	test_echo();
	test_many();
	test_from_guest();
	test_closed_early();
	for (i = 0; i < 150; i++) {
		left = devices();
		if (left == before)
			break;
		e2e_sleep_ms(100);
	}
	e2e_is_int(left, before, "sockets: no channel is left behind");
	e2e_ok(e2e_alive("heartbeat"), "sockets: the services go on");
	e2e_is_str(e2e_complaints(), "", "sockets: the kernel has no complaint");
}

const struct e2e_group e2e_sockets = { "sockets", run };
