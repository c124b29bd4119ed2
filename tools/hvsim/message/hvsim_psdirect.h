/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PowerShell Direct, the host's side of the two handshakes, as PowerShell 7.6's client
 * does them: bytes in, bytes out, no input or output of its own.
 *
 * The first connection, to the broker, takes a user's name and password, and gives a
 * token; the second, to the server, takes the token, and is the session after that. The
 * older generation, V1, has no versions and no token: its second connection is the
 * session at once.
 */
#ifndef HVSIM_PSDIRECT_H
#define HVSIM_PSDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest answer that the client reads, which is one with a token, and longest field. */
#define HVSIM_PSDIRECT_ANSWER_MAX	1024
#define HVSIM_PSDIRECT_FIELD_MAX	2048

/* Begins a line of error in a session: from a guest of Hyper-V, and from an ssh server. */
#define HVSIM_PSDIRECT_PREFIX		"__HyperVSocketError__:"
#define HVSIM_PSDIRECT_SSH_PREFIX	"__NamedPipeError__:"

/**
 * struct hvsim_psdirect_login - what a person gives to log in, as UTF-8
 * @domain: NULL or empty for the guest itself
 * @user: not empty
 * @password: may be empty
 * @configuration: name of a session configuration; NULL or empty for none
 */
struct hvsim_psdirect_login {
	const char *domain;
	const char *user;
	const char *password;
	const char *configuration;
};

/**
 * enum hvsim_psdirect_next - what a handshake needs after a step
 * @HVSIM_PSDIRECT_ANSWER: the guest's answer
 * @HVSIM_PSDIRECT_DONE: nothing: it is over, and went well
 * @HVSIM_PSDIRECT_OLD: the guest knows V1 only: begin again with that
 * @HVSIM_PSDIRECT_FAILED: nothing: it is over; the handshake has the error
 *
 * What there is to send is sent before, in each case.
 */
enum hvsim_psdirect_next {
	HVSIM_PSDIRECT_ANSWER,
	HVSIM_PSDIRECT_DONE,
	HVSIM_PSDIRECT_OLD,
	HVSIM_PSDIRECT_FAILED,
};

/**
 * struct hvsim_psdirect - a handshake under way; zeroed before its first
 * @login: what it sends; the caller's
 * @state: private
 * @legacy: it is V1's
 * @out: bytes to send now
 * @out_len: how many; 0 for none
 * @token: what the broker gave, of any characters but NUL; the server gets it
 * @error: in the words of PowerShell's client
 * @step: the step that failed, for people
 */
struct hvsim_psdirect {
	const struct hvsim_psdirect_login *login;
	int state;
	bool legacy;
	uint8_t out[HVSIM_PSDIRECT_FIELD_MAX];
	size_t out_len;
	char token[HVSIM_PSDIRECT_ANSWER_MAX + 1];
	char error[HVSIM_PSDIRECT_ANSWER_MAX + 128];
	const char *step;
};

enum hvsim_psdirect_next
hvsim_psdirect_broker(struct hvsim_psdirect *handshake, const struct hvsim_psdirect_login *login,
		      bool legacy);
enum hvsim_psdirect_next hvsim_psdirect_server(struct hvsim_psdirect *handshake);
enum hvsim_psdirect_next hvsim_psdirect_answer(struct hvsim_psdirect *handshake,
					       const void *bytes, size_t len);

/**
 * struct hvsim_psdirect_prefix - rewrites the prefix of errors in a stream; zeroed at first
 * @matched: bytes of the prefix that were held back
 * @held: those, as they came
 * @inside: not at the beginning of a line
 */
struct hvsim_psdirect_prefix {
	size_t matched;
	char held[sizeof(HVSIM_PSDIRECT_PREFIX)];
	bool inside;
};

size_t hvsim_psdirect_rewrite(struct hvsim_psdirect_prefix *prefix, char *to, const char *from,
			      size_t len);

#endif
