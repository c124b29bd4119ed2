// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The process of a connection: it speaks to the host, and is trusted with nothing but that
 * and the password on its way to the process of the login.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hvd_log.h"
#include "hvd_time.h"
#include "psdirect/message.h"
#include "psdirect/relay.h"
#include "psdirect/role.h"
#include "psdirect/text.h"

static struct {
	struct psdirect_connection_setup setup;
	struct psdirect_handshake hs;
	struct psdirect_credentials credentials;
	struct psdirect_message message;
	char bytes[PSDIRECT_MESSAGE_BYTES];
	size_t len;
	bool fault_told;
	int session[2];			/* stdin and stdout of the session */
	int64_t until_ms;		/* when the handshake must be done */
} connection;

static void note(enum psdirect_note number, enum psdirect_step step, int error)
{
	struct psdirect_message message = {
		.word = PSDIRECT_WORD_NOTE, .number = number, .step = step, .error = error,
	};

	psdirect_message_send(PSDIRECT_FD_MAIN, &message, NULL);
}

/* Wait for one of two descriptors: 0 or 1 for which; -ETIMEDOUT; -EPIPE for no main process. */
static int either_wait(short host_events, int64_t until_ms)
{
	struct pollfd at[2] = {
		{ PSDIRECT_FD_MAIN, POLLIN, 0 }, { PSDIRECT_FD_PEER, host_events, 0 },
	};
	int64_t left;
	int n;

	do {
		left = until_ms - hvd_time_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		n = poll(at, 2, (int)left);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (!n)
		return -ETIMEDOUT;
	if (at[0].revents)
		return 0;
	return 1;
}

/* Send what the handshake has to say: a few bytes, for which there is always room. */
static int host_send(void)
{
	size_t len = connection.hs.out_len;
	ssize_t sent;

	connection.hs.out_len = 0;
	if (!len)
		return 0;
	sent = send(PSDIRECT_FD_PEER, connection.hs.out, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	explicit_bzero(connection.hs.out, sizeof(connection.hs.out));
	return sent == (ssize_t)len ? 0 : -EPIPE;
}

/* The next message of the host; a negative errno when there is none, which is told. */
static int host_receive(void)
{
	enum psdirect_step step = connection.hs.step;
	int64_t step_until = hvd_time_ms() + connection.setup.step_seconds * 1000LL;
	bool is_last = connection.until_ms < step_until;
	int ready = either_wait(POLLIN, is_last ? connection.until_ms : step_until);
	ssize_t len;

	if (ready == -ETIMEDOUT)
		note(is_last ? PSDIRECT_NOTE_TOO_SLOW : PSDIRECT_NOTE_TIMEOUT, step, 0);
	if (ready != 1)
		return ready < 0 ? ready : -EPIPE;
	len = recv(PSDIRECT_FD_PEER, connection.bytes, sizeof(connection.bytes), MSG_DONTWAIT);
	if (len <= 0) {
		/* after the last answer that is as it should be */
		if (step != PSDIRECT_STEP_REFUSED && step != PSDIRECT_STEP_LAST)
			note(PSDIRECT_NOTE_CLOSED, step, len < 0 ? -errno : 0);
		return -EPIPE;
	}
	connection.len = (size_t)len;
	return 0;
}

/* The answer of the main process, with up to two descriptors; the host must stay. */
static int main_receive(int fds[2])
{
	int ready = either_wait(POLLRDHUP, connection.until_ms);

	if (ready == 1)
		note(PSDIRECT_NOTE_CLOSED, connection.hs.step, 0);
	if (ready == -ETIMEDOUT)
		note(PSDIRECT_NOTE_TOO_SLOW, connection.hs.step, 0);
	if (ready)
		return ready < 0 ? ready : -EPIPE;
	return psdirect_message_receive(PSDIRECT_FD_MAIN, &connection.message, fds);
}

static int main_ask(enum psdirect_word word, const char *text, int fds[2])
{
	int err = psdirect_message_say(PSDIRECT_FD_MAIN, word, 0, text);

	return err ?: main_receive(fds);
}

static void fault_tell(void)
{
	const struct psdirect_handshake *hs = &connection.hs;

	if (!hs->fault || connection.fault_told)
		return;
	connection.fault_told = true;
	if (hs->fault == PSDIRECT_FAULT_MALFORMED)
		note(PSDIRECT_NOTE_MALFORMED, hs->fault_step, hs->fault_error);
	else if (hs->fault == PSDIRECT_FAULT_LEGACY)
		note(PSDIRECT_NOTE_LEGACY, hs->fault_step, 0);
	else
		note(PSDIRECT_NOTE_PROBE, hs->fault_step, 0);
}

/* The password goes to the process of the login and nowhere else. */
static int credentials_send(int fd)
{
	struct psdirect_handshake *hs = &connection.hs;
	struct psdirect_credentials *to = &connection.credentials;
	int err;

	to->fault = hs->fault;
	to->fault_step = hs->fault_step;
	to->fault_error = hs->fault_error;
	to->empty_password = hs->empty_password;
	memcpy(to->domain, hs->domain, sizeof(to->domain));
	memcpy(to->user, hs->user, sizeof(to->user));
	memcpy(to->password, hs->password, sizeof(to->password));
	explicit_bzero(hs->password, sizeof(hs->password));
	err = psdirect_struct_send(fd, to, sizeof(*to));
	explicit_bzero(to, sizeof(*to));
	close(fd);
	return err;
}

static int login_do(enum psdirect_do *next)
{
	int fds[2], err;

	explicit_bzero(connection.bytes, sizeof(connection.bytes));
	fault_tell();
	err = main_ask(PSDIRECT_WORD_ASK_LOGIN, connection.hs.is_v1 ? "1" : "2", fds);
	if (!err && (connection.message.word != PSDIRECT_WORD_LOGIN_AT || fds[0] < 0))
		err = -EPIPE;
	err = err ?: credentials_send(fds[0]);
	err = err ?: main_receive(NULL);
	if (!err && connection.message.word != PSDIRECT_WORD_VERDICT)
		err = -EPIPE;
	if (!err)
		*next = psdirect_handshake_verdict(&connection.hs, connection.message.number !=
						   PSDIRECT_VERDICT_BAD);
	return err;
}

static int configure_do(enum psdirect_do *next)
{
	struct psdirect_message *message = &connection.message;
	int err;

	if (connection.hs.fault) {
		fault_tell();
		*next = psdirect_handshake_text(&connection.hs, "the configuration's name is "
						"malformed: give -ConfigurationName another");
		return 0;
	}
	err = main_ask(PSDIRECT_WORD_CONFIGURE, connection.hs.configuration, NULL);
	if (err)
		return err;
	*next = message->word == PSDIRECT_WORD_TOKEN ?
		psdirect_handshake_token(&connection.hs, message->text) :
		psdirect_handshake_text(&connection.hs, message->text);
	explicit_bzero(message, sizeof(*message));
	return 0;
}

/* A V1 client is not asked for a token, and can be told only in its stream. */
static void legacy_tell(const char *text)
{
	char line[PSDIRECT_TEXT_ROOM + 64], ascii[PSDIRECT_TEXT_ROOM];
	int len;

	psdirect_text_ascii(ascii, sizeof(ascii), text);
	len = snprintf(line, sizeof(line), "%s%s\n", PSDIRECT_HOST_PREFIX, ascii);
	send(PSDIRECT_FD_PEER, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int check_do(enum psdirect_word word, enum psdirect_do *next)
{
	int err = main_ask(word, connection.hs.token, connection.session);
	bool granted;

	if (err)
		return err;
	granted = connection.message.word == PSDIRECT_WORD_GRANTED && connection.session[1] >= 0;
	if (!granted && word == PSDIRECT_WORD_ADOPT)
		legacy_tell(connection.message.text[0] ? connection.message.text :
			    "nobody has logged in: connect again");
	*next = psdirect_handshake_checked(&connection.hs, granted);
	if (word == PSDIRECT_WORD_CHECK)
		connection.len = 0;
	return 0;
}

static int stream_do(void)
{
	const struct psdirect_relay_setup relay = {
		.host = PSDIRECT_FD_PEER, .main = PSDIRECT_FD_MAIN,
		.input = connection.session[0], .output = connection.session[1],
		.first = connection.bytes, .first_len = connection.len,
	};

	psdirect_relay_run(&relay);
	return -EPIPE;
}

static int step_do(enum psdirect_do *next)
{
	int err;

	switch (*next) {
	case PSDIRECT_DO_LOGIN:
		return login_do(next);
	case PSDIRECT_DO_CONFIGURE:
		return configure_do(next);
	case PSDIRECT_DO_CHECK:
		return check_do(PSDIRECT_WORD_CHECK, next);
	case PSDIRECT_DO_ADOPT:
		return check_do(PSDIRECT_WORD_ADOPT, next);
	case PSDIRECT_DO_READ:
		err = host_receive();
		if (!err)
			*next = psdirect_handshake_message(&connection.hs, connection.bytes,
							   connection.len);
		return err;
	case PSDIRECT_DO_STREAM:
		return stream_do();
	default:
		/* what has been sent can be read after the end */
		fault_tell();
		return -EPIPE;
	}
}

/**
 * psdirect_connection_main() - Be the process of a connection.
 * @setup: which
 *
 * Return: the exit status: the errno of psdirect_sandbox_enter(), which is the main process's
 * to log.
 */
int psdirect_connection_main(const struct psdirect_connection_setup *setup)
{
	enum psdirect_do next = PSDIRECT_DO_READ;
	int err;

	connection.setup = *setup;
	connection.until_ms = hvd_time_ms() + setup->login_seconds * 1000LL;
	/* a password must not be written to a swap device */
	if (mlock(&connection, sizeof(connection)) < 0)
		hvd_debug("cannot lock memory: %s", strerror(errno));
	err = psdirect_sandbox_enter(setup);
	if (err)
		return -err;
	psdirect_handshake_start(&connection.hs, setup->kind, setup->legacy);
	do {
		err = host_send();
		if (!err)
			err = step_do(&next);
	} while (!err);
	explicit_bzero(&connection, sizeof(connection));
	_exit(0);
}
