// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim ps: the two connections of PowerShell Direct.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <hv/hvic_psdirect.h>

#include "hvsim_cmd.h"
#include "hvsim_ps.h"

/**
 * struct endpoint - one of the two services
 * @guid: its name on VMBus
 * @file: its name among a daemon's test sockets
 */
struct endpoint {
	const char *guid;
	const char *file;
};

static const struct endpoint broker = { HVIC_PSDIRECT_BROKER_GUID_TEXT, "broker.sock" };
static const struct endpoint server = { HVIC_PSDIRECT_SERVER_GUID_TEXT, "server.sock" };

static int test_socket_dial(const char *directory, const char *file, int *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = -1, len;

	len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, file);
	errno = ENAMETOOLONG;
	if (len >= 0 && (size_t)len < sizeof(address.sun_path))
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		*ret = fd;
		return HVSIM_EXIT_OK;
	}
	fprintf(stderr, "hvsim ps: cannot connect to %s/%s: %s; is it the directory of "
		"hv_psdirect_daemon --test-sockets?\n", directory, file, strerror(errno));
	if (fd >= 0)
		close(fd);
	return HVSIM_EXIT_NO_MACHINE;
}

static int dial(const struct hvsim_ps *ps, const struct endpoint *endpoint, int *ret)
{
	if (ps->sockets)
		return test_socket_dial(ps->sockets, endpoint->file, ret);
	return hvsim_bridge_dial(ps->setup, endpoint->guid, false, ret);
}

/*
 * Carries out a handshake that has begun. One send is one field, and one receive is one
 * answer: nothing else in the protocol says where they end. There is no timeout, as
 * PowerShell's client has none.
 */
static enum hvsim_psdirect_next shake_hands(struct hvsim_psdirect *handshake,
					    enum hvsim_psdirect_next next, int fd)
{
	char answer[HVSIM_PSDIRECT_ANSWER_MAX];
	ssize_t len;

	for (;;) {
		/* a guest that has closed has said so in the answer that is read next */
		if (handshake->out_len)
			send(fd, handshake->out, handshake->out_len, MSG_NOSIGNAL);
		if (next != HVSIM_PSDIRECT_ANSWER)
			return next;
		do {
			len = recv(fd, answer, sizeof(answer), 0);
		} while (len < 0 && errno == EINTR);
		next = hvsim_psdirect_answer(handshake, answer, len > 0 ? (size_t)len : 0);
	}
}

static int refused(const struct hvsim_psdirect *handshake)
{
	fprintf(stderr, "hvsim ps: %s (The step: %s.)\n", handshake->error, handshake->step);
	return HVSIM_EXIT_REFUSED;
}

/* Returns an exit status; HVSIM_EXIT_OK also when the guest is an old one. */
static int broker_ask(const struct hvsim_ps *ps, struct hvsim_psdirect *handshake, bool legacy,
		      enum hvsim_psdirect_next *next)
{
	int fd, status;

	status = dial(ps, &broker, &fd);
	if (status)
		return status;
	*next = hvsim_psdirect_broker(handshake, &ps->login, legacy);
	*next = shake_hands(handshake, *next, fd);
	close(fd);
	return *next == HVSIM_PSDIRECT_FAILED ? refused(handshake) : HVSIM_EXIT_OK;
}

/**
 * hvsim_ps_login() - Log in to the guest.
 * @ps: where, and who
 * @ret: the session's connection, to be closed; written only on success
 *
 * A guest that knows V1 only is spoken to as that, after a warning.
 *
 * Return: HVSIM_EXIT_OK; another exit status after a line on standard error.
 */
int hvsim_ps_login(const struct hvsim_ps *ps, int *ret)
{
	struct hvsim_psdirect handshake = { 0 };
	enum hvsim_psdirect_next next;
	int fd, status;

	status = broker_ask(ps, &handshake, ps->legacy, &next);
	if (!status && next == HVSIM_PSDIRECT_OLD) {
		fputs("hvsim ps: the guest has the old protocol only, in which nothing ties the "
		      "session to the login\n", stderr);
		status = broker_ask(ps, &handshake, true, &next);
	}
	if (!status)
		status = dial(ps, &server, &fd);
	if (status)
		goto out;
	next = hvsim_psdirect_server(&handshake);
	next = shake_hands(&handshake, next, fd);
	if (next == HVSIM_PSDIRECT_FAILED) {
		status = refused(&handshake);
		close(fd);
	} else {
		*ret = fd;
	}
out:
	explicit_bzero(&handshake, sizeof(handshake));
	return status;
}
