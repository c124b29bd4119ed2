/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshakes of PowerShell Direct, from the server's side: a state machine without
 * sockets, clocks or memory of its own.
 */
#ifndef PSDIRECT_HANDSHAKE_H
#define PSDIRECT_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "psdirect/limits.h"

/* Which of the two services a connection is of. */
enum psdirect_service_kind {
	PSDIRECT_BROKER,
	PSDIRECT_SERVER,
	PSDIRECT_KINDS,
};

/* What becomes of clients of the first generation. */
enum psdirect_legacy {
	PSDIRECT_LEGACY_NO,	/* their login always fails */
	PSDIRECT_LEGACY_YES,	/* they are served, and so are newer ones */
	PSDIRECT_LEGACY_ONLY,	/* there are no newer ones: for hosts that fall back */
	PSDIRECT_LEGACIES,
};

/* What is to be done after each call. */
enum psdirect_do {
	PSDIRECT_DO_READ,	/* send what there is to send, then wait for the host */
	PSDIRECT_DO_LOGIN,	/* check the credentials, then psdirect_handshake_verdict() */
	PSDIRECT_DO_CONFIGURE,	/* make a token, then psdirect_handshake_token() or _text() */
	PSDIRECT_DO_CHECK,	/* check the token, then psdirect_handshake_checked() */
	PSDIRECT_DO_ADOPT,	/* find the login of a V1 client, then the same */
	PSDIRECT_DO_STREAM,	/* send, then the same bytes are the session's stream */
	PSDIRECT_DO_CLOSE,	/* send, then close */
	PSDIRECT_DOS,
};

/* Where a handshake is: rows of the protocol's table. */
enum psdirect_step {
	PSDIRECT_STEP_FIRST,		/* row 1 */
	PSDIRECT_STEP_VERSION,		/* row 3 */
	PSDIRECT_STEP_DOMAIN,		/* row 5 */
	PSDIRECT_STEP_USER,		/* row 7 */
	PSDIRECT_STEP_PASSWORD_KIND,	/* row 9 */
	PSDIRECT_STEP_PASSWORD,		/* row 11 */
	PSDIRECT_STEP_LOGIN,		/* row 12: it is our turn */
	PSDIRECT_STEP_REFUSED,		/* row 12f */
	PSDIRECT_STEP_CONFIGURATION_KIND,	/* row 13a */
	PSDIRECT_STEP_CONFIGURATION,	/* row 13b */
	PSDIRECT_STEP_TOKEN,		/* row 14: it is our turn; connection 2: the host's */
	PSDIRECT_STEP_CHECK,		/* connection 2: it is our turn */
	PSDIRECT_STEP_LAST,		/* row 15 */
	PSDIRECT_STEP_STREAM,
	PSDIRECT_STEP_END,
	PSDIRECT_STEPS,
};

/* Why a login is to fail whatever the password is. */
enum psdirect_fault {
	PSDIRECT_FAULT_NONE,
	PSDIRECT_FAULT_MALFORMED,	/* @fault_step and @fault_error say what */
	PSDIRECT_FAULT_LEGACY,		/* a V1 client, and those are not served */
	PSDIRECT_FAULT_PROBE,		/* a V2 client that asks whether this is V1 */
	PSDIRECT_FAULTS,
};

/**
 * struct psdirect_handshake - a handshake
 * @kind: of which service
 * @legacy: what becomes of V1 clients
 * @step: where it is
 * @is_v1: whether the client is one
 * @fault: why the login is to fail; the first reason
 * @fault_step: which field is malformed
 * @fault_error: how; see psdirect_text_why()
 * @empty_password: whether there is no password
 * @out: what is to be sent; ASCII without a NUL
 * @out_len: bytes of it
 * @domain: of the login, UTF-8
 * @user: of the login, UTF-8
 * @password: of the login, UTF-8; wiped by psdirect_handshake_verdict()
 * @configuration: that the host wants, UTF-8; empty for none
 * @token: that the host showed, on connection 2
 */
struct psdirect_handshake {
	enum psdirect_service_kind kind;
	enum psdirect_legacy legacy;
	enum psdirect_step step;
	bool is_v1;
	enum psdirect_fault fault;
	enum psdirect_step fault_step;
	int fault_error;
	bool empty_password;
	char out[PSDIRECT_TEXT_ROOM];
	size_t out_len;
	char domain[PSDIRECT_NAME_ROOM];
	char user[PSDIRECT_NAME_ROOM];
	char password[PSDIRECT_PASSWORD_ROOM];
	char configuration[PSDIRECT_NAME_ROOM];
	char token[PSDIRECT_TOKEN_LEN + 1];
};

void psdirect_handshake_start(struct psdirect_handshake *hs, enum psdirect_service_kind kind,
			      enum psdirect_legacy legacy);
enum psdirect_do psdirect_handshake_message(struct psdirect_handshake *hs, const void *bytes,
					    size_t len);
enum psdirect_do psdirect_handshake_verdict(struct psdirect_handshake *hs, bool good);
enum psdirect_do psdirect_handshake_token(struct psdirect_handshake *hs, const char *token);
enum psdirect_do psdirect_handshake_text(struct psdirect_handshake *hs, const char *text);
enum psdirect_do psdirect_handshake_checked(struct psdirect_handshake *hs, bool good);
const char *psdirect_step_name(enum psdirect_step step);

#endif
