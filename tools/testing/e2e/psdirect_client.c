// SPDX-License-Identifier: GPL-2.0-or-later
/* The host's side of PowerShell Direct: `hvsim ps`, and the steps one by one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hv/hvic_psdirect.h>

#include "e2e.h"
#include "hvsim_utf16.h"
#include "psdirect_client.h"

#define WORK	"$HVSIM_OUTPUT/psdirect"
/* A nested guest takes some seconds for a login, and many of them at a time for all. */
#define PS_SECONDS	180

/**
 * psdirect_ps_begin() - Start `hvsim ps --stdio`, and do not wait for it.
 * @number: for psdirect_ps_end(); each may be used again after that
 * @user: who logs in, without quotes
 * @password: the password, the same
 * @options: more of the command line
 * @input: what the session is sent, in the way that printf(1) has it
 */
void psdirect_ps_begin(unsigned int number, const char *user, const char *password,
		       const char *options, const char *input)
{
	/* in V1 it is sent before the guest has begun the session; its end would be the host's */
	unsigned int hold = strstr(options, "--legacy") ? 15 : 0;

	e2e_host("mkdir -p " WORK " && cd " WORK " && rm -f %u.*; "
		 "((printf '%s'; sleep %u) | HVSIM_PS_PASSWORD='%s' timeout %d hvsim ps --user '%s' "
		 "%s --stdio >%u.out 2>%u.err; echo $? >%u.new; mv %u.new %u.status) &",
		 number, input, hold, password, PS_SECONDS, user, options, number, number, number,
		 number, number);
}

/**
 * psdirect_ps_said() - What came out of it.
 * @number: of psdirect_ps_begin()
 * @where: "out" or "err"; "status" for its exit status
 *
 * Return: the text without the last newline, valid until the fourth call from here.
 */
const char *psdirect_ps_said(unsigned int number, const char *where)
{
	static char texts[4][4096];
	static unsigned int turn;
	char *text = texts[turn++ % 4], path[512];
	FILE *file;
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/psdirect/%u.%s", getenv("HVSIM_OUTPUT"), number, where);
	file = fopen(path, "re");
	if (file) {
		len = fread(text, 1, sizeof(texts[0]) - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

/**
 * psdirect_ps_end() - Wait until one has ended.
 * @number: of psdirect_ps_begin()
 *
 * Return: its exit status; -1 when there is none.
 */
int psdirect_ps_end(unsigned int number)
{
	const char *status = "";
	int i;

	for (i = 0; i < (PS_SECONDS + 10) * 20 && !*status; i++) {
		e2e_sleep_ms(50);
		status = psdirect_ps_said(number, "status");
	}
	return *status ? atoi(status) : -1;
}

/**
 * psdirect_ps() - Run `hvsim ps --stdio` to its end, as number 0.
 * @user: see psdirect_ps_begin()
 * @password: see psdirect_ps_begin()
 * @options: see psdirect_ps_begin()
 * @input: see psdirect_ps_begin()
 *
 * Return: its exit status; -1 when there is none.
 */
int psdirect_ps(const char *user, const char *password, const char *options, const char *input)
{
	psdirect_ps_begin(0, user, password, options, input);
	return psdirect_ps_end(0);
}

static enum hvsim_psdirect_next shake_hands(struct hvsim_psdirect *handshake,
					    enum hvsim_psdirect_next next, int fd)
{
	char answer[HVSIM_PSDIRECT_ANSWER_MAX];
	ssize_t len;

	for (;;) {
		if (handshake->out_len)
			send(fd, handshake->out, handshake->out_len, MSG_NOSIGNAL);
		if (next != HVSIM_PSDIRECT_ANSWER)
			return next;
		len = e2e_socket_input(fd) ? recv(fd, answer, sizeof(answer), 0) : 0;
		next = hvsim_psdirect_answer(handshake, answer, len > 0 ? (size_t)len : 0);
	}
}

/* A field that is text, or a word of the protocol. */
static void field_send(int fd, const char *text, bool is_wide)
{
	uint8_t bytes[HVSIM_PSDIRECT_FIELD_MAX];
	int len = is_wide ? hvsim_utf16_encode(bytes, sizeof(bytes), text) : (int)strlen(text);

	/* a guest that has gone is found when its answer is read */
	send(fd, is_wide ? (const void *)bytes : text, (size_t)len, MSG_NOSIGNAL);
}

/**
 * psdirect_dial_to() - Log in as far as to one step, where the guest waits for the host.
 * @user: who
 * @password: the right one
 * @row: how many of the host's %PSDIRECT_ROWS messages have been answered
 *
 * Return: the connection; -1 when the guest does not accept it.
 */
int psdirect_dial_to(const char *user, const char *password, unsigned int row)
{
	const struct {
		const char *text;
		bool is_wide;
	} rows[PSDIRECT_ROWS] = {
		{ "VERSION" }, { "VERSION_2" }, { "localhost", true }, { user, true },
		{ "NONEMPTYPW" }, { password, true }, { "NONEMPTYCF" }, { "raw", true },
	};
	int fd = e2e_socket_connect(HVIC_PSDIRECT_BROKER_GUID_TEXT);
	unsigned int i;

	for (i = 0; fd >= 0 && i < row; i++) {
		field_send(fd, rows[i].text, rows[i].is_wide);
		e2e_socket_hear(fd);
	}
	return fd;
}

/**
 * psdirect_token() - Log in, and do not use the token.
 * @user: who
 * @password: the password
 * @configuration: of the session; %NULL for none
 *
 * Return: the token, until the next call; "" when the guest refuses.
 */
const char *psdirect_token(const char *user, const char *password, const char *configuration)
{
	const struct hvsim_psdirect_login login = {
		.user = user, .password = password, .configuration = configuration,
	};
	static struct hvsim_psdirect handshake;
	int fd = e2e_socket_connect(HVIC_PSDIRECT_BROKER_GUID_TEXT);

	memset(&handshake, 0, sizeof(handshake));
	if (fd < 0)
		return "";
	if (shake_hands(&handshake, hvsim_psdirect_broker(&handshake, &login, false), fd) !=
	    HVSIM_PSDIRECT_DONE)
		handshake.token[0] = '\0';
	close(fd);
	return handshake.token;
}

/**
 * psdirect_session() - Begin the session of a login.
 * @token: of psdirect_token(), or another
 *
 * Return: its stream; -1 when the guest refuses.
 */
int psdirect_session(const char *token)
{
	struct hvsim_psdirect handshake = { 0 };
	int fd = e2e_socket_connect(HVIC_PSDIRECT_SERVER_GUID_TEXT);

	if (fd < 0)
		return -1;
	snprintf(handshake.token, sizeof(handshake.token), "%s", token);
	if (shake_hands(&handshake, hvsim_psdirect_server(&handshake), fd) == HVSIM_PSDIRECT_DONE)
		return fd;
	close(fd);
	return -1;
}

/**
 * psdirect_open() - Log in, and begin the session.
 * @user: who
 * @password: the password
 * @configuration: of the session; %NULL for none
 *
 * Return: its stream; -1 when the guest refuses.
 */
int psdirect_open(const char *user, const char *password, const char *configuration)
{
	const char *token = psdirect_token(user, password, configuration);

	return *token ? psdirect_session(token) : -1;
}

/**
 * psdirect_echoes() - Whether a session with the configuration "raw" gives a line back.
 * @fd: its stream; -1 for none
 * @line: the line
 *
 * Return: whether it does.
 */
bool psdirect_echoes(int fd, const char *line)
{
	char back[256];
	size_t len = 0, want = strlen(line);
	ssize_t got;

	if (fd < 0 || send(fd, line, want, MSG_NOSIGNAL) != (ssize_t)want)
		return false;
	while (len < want && e2e_socket_input(fd)) {
		got = recv(fd, back + len, sizeof(back) - len, 0);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	return len == want && !memcmp(back, line, want);
}
