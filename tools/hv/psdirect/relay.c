// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stream of a session.  Each way has one buffer, which is read into when it is empty:
 * what one end does not take, the other is not asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hvd_time.h"
#include "psdirect/message.h"
#include "psdirect/relay.h"
#include "psdirect/rewrite.h"
#include "psdirect/text.h"

/* After the program's output has ended, the reason is waited for; and the other way. */
#define LAST_WORDS_MS	15000
#define LEFTOVER_MS	1000

struct buffer {
	size_t at;
	size_t len;
	char bytes[PSDIRECT_REWRITE_ROOM(PSDIRECT_STREAM_BYTES)];
};

struct relay {
	struct psdirect_relay_setup to;	/* -1 for what is closed */
	struct buffer up;		/* from the host */
	struct buffer down;		/* to the host */
	struct psdirect_rewrite rewrite;
	uint64_t bytes[2];
	bool host_silent;		/* it has closed its end, or is gone */
	bool host_deaf;			/* it is gone */
	bool told;			/* the main process knows */
	bool ended;			/* the main process says so */
	char text[PSDIRECT_TEXT_ROOM];	/* and why */
	int64_t deadline_ms;		/* 0 for none */
	char raw[PSDIRECT_STREAM_BYTES];
};

/* Large, and a process has one stream only. */
static struct relay relay;

static bool would_block(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void deadline_set(int64_t ms)
{
	int64_t until = hvd_time_ms() + ms;

	if (!relay.deadline_ms || until < relay.deadline_ms)
		relay.deadline_ms = until;
}

/* The program is to end: it finds its input closed; the main process sees to the rest. */
static void host_gone(bool deaf)
{
	relay.host_silent = true;
	relay.host_deaf = relay.host_deaf || deaf;
	relay.rewrite.closed = true;
	if (deaf)
		relay.down.len = 0;
	if (relay.told)
		return;
	relay.told = true;
	psdirect_message_say(relay.to.main, PSDIRECT_WORD_HOST_GONE, 0, NULL);
}

/*
 * The client reads the answer to its token with one recv(), compares it as a whole, and then
 * speaks first.  What is sent before it has spoken could come with that answer, which would
 * then be taken for a refusal.
 */
static bool host_listens(void)
{
	return relay.bytes[0] || relay.host_silent;
}

static void up_read(void)
{
	ssize_t len = recv(relay.to.host, relay.up.bytes, PSDIRECT_STREAM_BYTES, MSG_DONTWAIT);

	if (len < 0 && would_block(errno))
		return;
	/* Hyper-V sockets say ENOMEM or EIO when the host has taken the channel back */
	if (len <= 0) {
		host_gone(len < 0);
		return;
	}
	relay.up.at = 0;
	relay.up.len = (size_t)len;
	relay.bytes[0] += (uint64_t)len;
}

static void up_write(void)
{
	ssize_t len;

	if (relay.to.input < 0) {
		relay.up.len = 0;
		return;
	}
	len = write(relay.to.input, relay.up.bytes + relay.up.at, relay.up.len);
	if (len < 0 && would_block(errno))
		return;
	if (len < 0) {
		/* the program does not read any more; what it has to say still counts */
		fd_close(&relay.to.input);
		relay.up.len = 0;
		return;
	}
	relay.up.at += (size_t)len;
	relay.up.len -= (size_t)len;
}

static void down_read(void)
{
	ssize_t len = read(relay.to.output, relay.raw, sizeof(relay.raw));

	if (len < 0 && would_block(errno))
		return;
	relay.down.at = 0;
	if (len <= 0) {
		fd_close(&relay.to.output);
		relay.down.len = psdirect_rewrite_end(&relay.rewrite, relay.down.bytes);
		deadline_set(LAST_WORDS_MS);
	} else {
		relay.down.len = psdirect_rewrite(&relay.rewrite, relay.down.bytes, relay.raw,
						  (size_t)len);
	}
	if (relay.host_deaf)
		relay.down.len = 0;
}

static void down_write(void)
{
	ssize_t len = send(relay.to.host, relay.down.bytes + relay.down.at, relay.down.len,
			   MSG_DONTWAIT | MSG_NOSIGNAL);

	if (len < 0 && would_block(errno))
		return;
	if (len < 0) {
		host_gone(true);
		return;
	}
	relay.down.at += (size_t)len;
	relay.down.len -= (size_t)len;
	relay.bytes[1] += (uint64_t)len;
}

/* false when the main process has gone, or says what it cannot. */
static bool main_read(void)
{
	struct psdirect_message message;

	if (psdirect_message_receive(relay.to.main, &message, NULL) < 0 ||
	    message.word != PSDIRECT_WORD_ENDED)
		return false;
	psdirect_text_ascii(relay.text, sizeof(relay.text), message.text);
	relay.ended = true;
	deadline_set(host_listens() ? LEFTOVER_MS : LAST_WORDS_MS);
	return true;
}

/* A session that said nothing: the host shows its person what stands after the prefix. */
static void text_put(void)
{
	if (relay.bytes[1] || !relay.text[0] || relay.host_deaf)
		return;
	relay.down.at = 0;
	relay.down.len = (size_t)snprintf(relay.down.bytes, sizeof(relay.down.bytes), "%s%s\n",
					  PSDIRECT_HOST_PREFIX, relay.text);
	relay.text[0] = '\0';
}

static bool is_done(void)
{
	if (relay.deadline_ms && hvd_time_ms() >= relay.deadline_ms)
		return true;
	if (relay.to.output >= 0 || relay.down.len)
		return false;
	if (relay.ended)
		text_put();
	return relay.ended && !relay.down.len;
}

static int wait_ms(void)
{
	int64_t left = relay.deadline_ms - hvd_time_ms();

	return !relay.deadline_ms ? -1 : left < 0 ? 0 : (int)left;
}

static bool turn(void)
{
	bool may_send = relay.down.len && host_listens();
	struct pollfd at[4] = {
		{ relay.to.main, POLLIN, 0 },
		{ relay.to.host, (short)((relay.host_silent || relay.up.len ? 0 : POLLIN) |
					 (may_send ? POLLOUT : 0)), 0 },
		{ relay.up.len ? relay.to.input : -1, POLLOUT, 0 },
		{ relay.down.len ? -1 : relay.to.output, POLLIN, 0 },
	};

	/* a socket that has hung up would wake without end */
	if (!at[1].events)
		at[1].fd = -1;
	if (poll(at, 4, wait_ms()) < 0 && errno != EINTR)
		return false;
	if (at[0].revents && !main_read())
		return false;
	if (at[3].revents)
		down_read();
	if (relay.down.len && host_listens() && (at[1].revents & ~POLLIN || at[3].revents))
		down_write();
	if (at[1].revents & ~POLLOUT && !relay.up.len && !relay.host_silent)
		up_read();
	if (relay.up.len)
		up_write();
	if (relay.host_silent && !relay.up.len)
		fd_close(&relay.to.input);
	return true;
}

static void traffic_tell(void)
{
	struct psdirect_message message = {
		.word = PSDIRECT_WORD_NOTE, .number = PSDIRECT_NOTE_TRAFFIC,
		.bytes = { relay.bytes[0], relay.bytes[1] },
	};

	psdirect_message_send(relay.to.main, &message, NULL);
}

/**
 * psdirect_relay_run() - Carry a session's stream, until it has ended.
 * @setup: the ends; all but that to the main process are closed
 *
 * What ends it is the program's end, or the host's: then the program's input is closed, and
 * what it still says is sent as long as the host takes it.
 */
void psdirect_relay_run(const struct psdirect_relay_setup *setup)
{
	relay.to = *setup;
	fcntl(setup->input, F_SETFL, O_NONBLOCK);
	fcntl(setup->output, F_SETFL, O_NONBLOCK);
	relay.up.len = setup->first_len;
	relay.bytes[0] = setup->first_len;
	memcpy(relay.up.bytes, setup->first, setup->first_len);
	while (!is_done())
		if (!turn())
			break;
	traffic_tell();
	fd_close(&relay.to.input);
	fd_close(&relay.to.output);
	fd_close(&relay.to.host);
}
