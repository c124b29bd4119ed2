// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The handshakes.  Rows are those of the table in Documentation/psdirect.rst, whose source is
 * PowerShell's RemoteSessionHyperVSocket.cs.
 */
#include <errno.h>
#include <string.h>

#include "psdirect/handshake.h"
#include "psdirect/text.h"

/*
 * The user name of a V2 client that has met a V1 server and asks whether that really is
 * one.  No user can be called so.
 */
#define PROBE_USER	"?<PSDirectVMLegacy>"

/* All that there is to say is shorter than what is for the person at the host. */
static void out_set(struct psdirect_handshake *hs, const char *text)
{
	size_t len = strlen(text);

	hs->out_len = len < sizeof(hs->out) ? len : sizeof(hs->out);
	memcpy(hs->out, text, hs->out_len);
}

static enum psdirect_do read_next(struct psdirect_handshake *hs, enum psdirect_step step,
				  const char *answer)
{
	hs->step = step;
	out_set(hs, answer);
	return PSDIRECT_DO_READ;
}

static enum psdirect_do close_now(struct psdirect_handshake *hs, const char *answer)
{
	hs->step = PSDIRECT_STEP_END;
	out_set(hs, answer);
	return PSDIRECT_DO_CLOSE;
}

static void fault_set(struct psdirect_handshake *hs, enum psdirect_fault fault, int error)
{
	if (hs->fault)
		return;
	hs->fault = fault;
	hs->fault_step = hs->step;
	hs->fault_error = error;
}

static bool is_word(const void *bytes, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(bytes, word, len);
}

static bool begins(const void *bytes, size_t len, const char *word)
{
	return len >= strlen(word) && !memcmp(bytes, word, strlen(word));
}

/*
 * A field that is malformed is answered as a good one would be, so that a host that tries
 * what there is learns nothing; the login fails where a wrong password does.
 */
static void field_take(struct psdirect_handshake *hs, char *to, size_t room, const void *bytes,
		       size_t len, size_t max)
{
	int err = psdirect_text_take(to, room, bytes, len, max);

	if (err < 0)
		fault_set(hs, PSDIRECT_FAULT_MALFORMED, err);
}

static enum psdirect_do login_ask(struct psdirect_handshake *hs)
{
	hs->step = PSDIRECT_STEP_LOGIN;
	hs->out_len = 0;
	/* not an attempt of anybody: the answer is known, and no reason to wait */
	if (hs->fault == PSDIRECT_FAULT_PROBE)
		return psdirect_handshake_verdict(hs, false);
	return PSDIRECT_DO_LOGIN;
}

static enum psdirect_do on_domain(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	hs->step = PSDIRECT_STEP_DOMAIN;
	field_take(hs, hs->domain, sizeof(hs->domain), bytes, len, PSDIRECT_NAME_BYTES);
	return read_next(hs, PSDIRECT_STEP_USER, "PASS");
}

/*
 * Whether a first message is VERSION with something wrong, and not what a V1 client begins
 * with: it is a part of the word, or has more after it. Read as UTF-16, "VE" is U+4556, a
 * rare character of no known name, so that no domain is lost by this; all that is ASCII
 * cannot be the rule, since names in Chinese may look so.
 */
static bool is_bad_version(const void *bytes, size_t len)
{
	static const char word[] = "VERSION";

	return !memcmp(bytes, word, len < sizeof(word) - 1 ? len : sizeof(word) - 1);
}

/* Closing without an answer would be a null reference on the host. */
static enum psdirect_do version_refuse(struct psdirect_handshake *hs, enum psdirect_fault fault,
				       const char *answer)
{
	fault_set(hs, fault, -EPROTO);
	return close_now(hs, answer);
}

/* An even number of bytes can be a V1 client's domain; "VERSION" has seven. */
static enum psdirect_do on_first(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	if (hs->legacy != PSDIRECT_LEGACY_ONLY) {
		if (is_word(bytes, len, "VERSION"))
			return read_next(hs, PSDIRECT_STEP_VERSION, "VERSION_2");
		if (len % 2 || is_bad_version(bytes, len))
			return version_refuse(hs, PSDIRECT_FAULT_MALFORMED, "VERSION_2");
	}
	hs->is_v1 = true;
	if (hs->legacy == PSDIRECT_LEGACY_NO)
		fault_set(hs, PSDIRECT_FAULT_LEGACY, 0);
	return on_domain(hs, bytes, len);
}

static enum psdirect_do on_version(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	if (!begins(bytes, len, "VERSION_"))
		return version_refuse(hs, PSDIRECT_FAULT_MALFORMED, "");
	return read_next(hs, hs->kind == PSDIRECT_BROKER ? PSDIRECT_STEP_DOMAIN :
			     PSDIRECT_STEP_TOKEN, "PASS");
}

static enum psdirect_do on_user(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	field_take(hs, hs->user, sizeof(hs->user), bytes, len, PSDIRECT_NAME_BYTES);
	if (!strcmp(hs->user, PROBE_USER)) {
		hs->fault = PSDIRECT_FAULT_PROBE;
		hs->fault_step = PSDIRECT_STEP_USER;
	}
	return read_next(hs, PSDIRECT_STEP_PASSWORD_KIND, "PASS");
}

static enum psdirect_do on_password_kind(struct psdirect_handshake *hs, const void *bytes,
					 size_t len)
{
	if (is_word(bytes, len, "NONEMPTYPW"))
		return read_next(hs, PSDIRECT_STEP_PASSWORD, "PASS");
	if (is_word(bytes, len, "EMPTYPW"))
		hs->empty_password = true;
	else
		fault_set(hs, PSDIRECT_FAULT_MALFORMED, -EPROTO);
	return login_ask(hs);
}

static enum psdirect_do on_password(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	field_take(hs, hs->password, sizeof(hs->password), bytes, len, PSDIRECT_PASSWORD_BYTES);
	return login_ask(hs);
}

/* What the host says after FAIL does not matter: it ends here. */
static enum psdirect_do on_refused(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	return close_now(hs, "");
}

static enum psdirect_do configure(struct psdirect_handshake *hs)
{
	hs->step = PSDIRECT_STEP_TOKEN;
	hs->out_len = 0;
	return PSDIRECT_DO_CONFIGURE;
}

static enum psdirect_do on_configuration_kind(struct psdirect_handshake *hs, const void *bytes,
					      size_t len)
{
	if (is_word(bytes, len, "EMPTYCF"))
		return configure(hs);
	if (is_word(bytes, len, "NONEMPTYCF"))
		return read_next(hs, PSDIRECT_STEP_CONFIGURATION, "PASS");
	fault_set(hs, PSDIRECT_FAULT_MALFORMED, -EPROTO);
	return configure(hs);
}

static enum psdirect_do on_configuration(struct psdirect_handshake *hs, const void *bytes,
					 size_t len)
{
	field_take(hs, hs->configuration, sizeof(hs->configuration), bytes, len,
		   PSDIRECT_NAME_BYTES);
	return configure(hs);
}

static enum psdirect_do on_last(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	return close_now(hs, "");
}

/* Connection 2: a V1 client begins with the session's stream, which is the caller's then. */
static enum psdirect_do on_server_first(struct psdirect_handshake *hs, const void *bytes,
					size_t len)
{
	bool is_stream = begins(bytes, len, "<");

	if (hs->legacy != PSDIRECT_LEGACY_ONLY) {
		if (is_word(bytes, len, "VERSION"))
			return read_next(hs, PSDIRECT_STEP_VERSION, "VERSION_2");
		/* it must not use up the login of a V1 client */
		if (is_bad_version(bytes, len))
			return version_refuse(hs, PSDIRECT_FAULT_MALFORMED, "VERSION_2");
	}
	if (hs->legacy == PSDIRECT_LEGACY_NO)
		return version_refuse(hs, is_stream ? PSDIRECT_FAULT_LEGACY :
				      PSDIRECT_FAULT_MALFORMED, "VERSION_2");
	hs->is_v1 = true;
	hs->step = PSDIRECT_STEP_CHECK;
	hs->out_len = 0;
	return PSDIRECT_DO_ADOPT;
}

static enum psdirect_do on_token(struct psdirect_handshake *hs, const void *bytes, size_t len)
{
	static const char word[] = "TOKEN ";

	if (!begins(bytes, len, word) || len != sizeof(word) - 1 + PSDIRECT_TOKEN_LEN) {
		fault_set(hs, PSDIRECT_FAULT_MALFORMED, -EPROTO);
		return close_now(hs, "FAIL");
	}
	memcpy(hs->token, (const char *)bytes + sizeof(word) - 1, PSDIRECT_TOKEN_LEN);
	hs->token[PSDIRECT_TOKEN_LEN] = '\0';
	hs->step = PSDIRECT_STEP_CHECK;
	hs->out_len = 0;
	return PSDIRECT_DO_CHECK;
}

/**
 * psdirect_handshake_start() - Begin a handshake.
 * @hs: the handshake
 * @kind: of which service
 * @legacy: what becomes of V1 clients
 */
void psdirect_handshake_start(struct psdirect_handshake *hs, enum psdirect_service_kind kind,
			      enum psdirect_legacy legacy)
{
	memset(hs, 0, sizeof(*hs));
	hs->kind = kind;
	hs->legacy = legacy;
}

/**
 * psdirect_handshake_message() - Take a message of the host.
 * @hs: the handshake
 * @bytes: the message; may hold a password, which is the caller's to wipe
 * @len: bytes of it, at least 1
 *
 * Return: what to do, with @out_len bytes at @out to be sent first; %PSDIRECT_DO_CLOSE when
 * it is not the host's turn.
 */
enum psdirect_do psdirect_handshake_message(struct psdirect_handshake *hs, const void *bytes,
					    size_t len)
{
	typedef enum psdirect_do (*on_row)(struct psdirect_handshake *hs, const void *bytes,
					   size_t len);
	static const on_row rows[PSDIRECT_STEPS] = {
		[PSDIRECT_STEP_FIRST]		= on_first,
		[PSDIRECT_STEP_VERSION]		= on_version,
		[PSDIRECT_STEP_DOMAIN]		= on_domain,
		[PSDIRECT_STEP_USER]		= on_user,
		[PSDIRECT_STEP_PASSWORD_KIND]	= on_password_kind,
		[PSDIRECT_STEP_PASSWORD]	= on_password,
		[PSDIRECT_STEP_REFUSED]		= on_refused,
		[PSDIRECT_STEP_CONFIGURATION_KIND] = on_configuration_kind,
		[PSDIRECT_STEP_CONFIGURATION]	= on_configuration,
		[PSDIRECT_STEP_LAST]		= on_last,
	};
	static const on_row server_rows[PSDIRECT_STEPS] = {
		[PSDIRECT_STEP_FIRST]		= on_server_first,
		[PSDIRECT_STEP_VERSION]		= on_version,
		[PSDIRECT_STEP_TOKEN]		= on_token,
	};
	on_row row = hs->kind == PSDIRECT_BROKER ? rows[hs->step] : server_rows[hs->step];

	return row ? row(hs, bytes, len) : close_now(hs, "");
}

/**
 * psdirect_handshake_verdict() - Say what became of the login: row 12.
 * @hs: the handshake, after %PSDIRECT_DO_LOGIN
 * @good: whether password and user are right
 *
 * A login with a fault fails whatever @good is.  The password is wiped.
 *
 * Return: what to do.
 */
enum psdirect_do psdirect_handshake_verdict(struct psdirect_handshake *hs, bool good)
{
	explicit_bzero(hs->password, sizeof(hs->password));
	if (hs->step != PSDIRECT_STEP_LOGIN)
		return close_now(hs, "");
	if (!good || hs->fault)
		return read_next(hs, PSDIRECT_STEP_REFUSED, "FAIL");
	return read_next(hs, PSDIRECT_STEP_CONFIGURATION_KIND, "CONF");
}

/**
 * psdirect_handshake_token() - Give the host its token: row 14.
 * @hs: the handshake, after %PSDIRECT_DO_CONFIGURE
 * @token: %PSDIRECT_TOKEN_LEN characters; ignored for a V1 client, who gets none
 *
 * Return: what to do.
 */
enum psdirect_do psdirect_handshake_token(struct psdirect_handshake *hs, const char *token)
{
	if (hs->step != PSDIRECT_STEP_TOKEN || hs->kind != PSDIRECT_BROKER || hs->fault)
		return close_now(hs, "");
	if (hs->is_v1)
		return close_now(hs, "");
	hs->step = PSDIRECT_STEP_LAST;
	memcpy(hs->out, "TOKEN ", 6);
	memcpy(hs->out + 6, token, PSDIRECT_TOKEN_LEN);
	hs->out_len = 6 + PSDIRECT_TOKEN_LEN;
	return PSDIRECT_DO_READ;
}

/**
 * psdirect_handshake_text() - Say in row 14 why there is no session.
 * @hs: the handshake, after %PSDIRECT_DO_CONFIGURE
 * @text: a sentence for the person at the host, which the client shows as part of its
 *	error.  A V1 client cannot be told here
 *
 * Return: what to do.
 */
enum psdirect_do psdirect_handshake_text(struct psdirect_handshake *hs, const char *text)
{
	char ascii[PSDIRECT_TEXT_ROOM];

	if (hs->step != PSDIRECT_STEP_TOKEN || hs->kind != PSDIRECT_BROKER || hs->is_v1)
		return close_now(hs, "");
	psdirect_text_ascii(ascii, sizeof(ascii), text);
	/* it would be taken for a token */
	if (!strncmp(ascii, "TOKEN ", 6))
		ascii[0] = 't';
	return close_now(hs, ascii);
}

/**
 * psdirect_handshake_checked() - Say whether there is a session for a token.
 * @hs: the handshake, after %PSDIRECT_DO_CHECK or %PSDIRECT_DO_ADOPT
 * @good: whether there is
 *
 * Return: what to do.
 */
enum psdirect_do psdirect_handshake_checked(struct psdirect_handshake *hs, bool good)
{
	explicit_bzero(hs->token, sizeof(hs->token));
	if (hs->step != PSDIRECT_STEP_CHECK)
		return close_now(hs, "");
	if (!good)
		return close_now(hs, hs->is_v1 ? "" : "FAIL");
	hs->step = PSDIRECT_STEP_STREAM;
	out_set(hs, hs->is_v1 ? "" : "PASS");
	return PSDIRECT_DO_STREAM;
}

/**
 * psdirect_step_name() - Name a step for a log line.
 * @step: which
 *
 * Return: its name.
 */
const char *psdirect_step_name(enum psdirect_step step)
{
	static const char *const names[PSDIRECT_STEPS] = {
		"first message", "version", "domain", "user name", "password's kind",
		"password", "login", "refusal", "configuration's kind", "configuration",
		"token", "token's check", "last message", "session", "end",
	};

	return (unsigned int)step < PSDIRECT_STEPS ? names[step] : "unknown step";
}
