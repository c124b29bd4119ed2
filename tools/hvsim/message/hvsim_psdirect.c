// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PowerShell Direct, the host's side of the two handshakes.
 *
 * What is sent at each step, what is looked at in an answer, and the words of the errors
 * are those of PowerShell 7.6's own client, whose code tools/testing/powershell/ runs
 * against the guest's daemon and against canned answers.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hvsim_psdirect.h"
#include "hvsim_utf16.h"

/* The domain of a credential that has none. */
#define DOMAIN_NONE	"localhost"
/* A user that cannot be: how a V2 client ends its attempt with a V1 guest. */
#define USER_PROBE	"?<PSDirectVMLegacy>"
#define TOKEN_PREFIX	"TOKEN "

static const char credential_invalid[] = "The credential is invalid.";

/* Which answer is waited for. */
enum state {
	VERSION,
	VERSION_AGREED,
	PROBE_USER,
	PROBE_PASSWORD,
	DOMAIN,
	USER,
	PASSWORD_KIND,
	CREDENTIAL,
	CONFIGURATION_KIND,
	TOKEN,
	SERVER_VERSION,
	SERVER_VERSION_AGREED,
	SERVER_TOKEN,
};

static const char *const step_names[] = {
	[VERSION] = "the broker's version",
	[VERSION_AGREED] = "the broker's consent to VERSION_2",
	[PROBE_USER] = "the old broker's consent to the domain",
	[PROBE_PASSWORD] = "the old broker's consent to the user",
	[DOMAIN] = "the broker's consent to the domain",
	[USER] = "the broker's consent to the user",
	[PASSWORD_KIND] = "the broker's readiness for the password",
	[CREDENTIAL] = "the broker's answer to the credential",
	[CONFIGURATION_KIND] = "the broker's readiness for the configuration",
	[TOKEN] = "the broker's token",
	[SERVER_VERSION] = "the session's version",
	[SERVER_VERSION_AGREED] = "the session's consent to VERSION_2",
	[SERVER_TOKEN] = "the session's answer to the token",
};

static bool is_empty(const char *text)
{
	return !text || !*text;
}

static enum hvsim_psdirect_next fail(struct hvsim_psdirect *handshake, const char *error)
{
	snprintf(handshake->error, sizeof(handshake->error), "%s", error);
	handshake->step = step_names[handshake->state];
	return HVSIM_PSDIRECT_FAILED;
}

/* @what: which answer, "Broker" or "Server" before it. */
static enum hvsim_psdirect_next fail_response(struct hvsim_psdirect *handshake, const char *peer,
					      const char *what)
{
	char error[sizeof(handshake->error)];

	snprintf(error, sizeof(error), "Hyper-V %s sent an invalid %s response during the "
		 "connection negotiation.", peer, what);
	return fail(handshake, error);
}

static void say(struct hvsim_psdirect *handshake, const char *keyword)
{
	handshake->out_len = strlen(keyword);
	memcpy(handshake->out, keyword, handshake->out_len);
}

static enum hvsim_psdirect_next send_keyword(struct hvsim_psdirect *handshake, const char *keyword,
					     enum state state)
{
	say(handshake, keyword);
	handshake->state = state;
	return HVSIM_PSDIRECT_ANSWER;
}

static enum hvsim_psdirect_next send_text(struct hvsim_psdirect *handshake, const char *text,
					  enum state state)
{
	int len = hvsim_utf16_encode(handshake->out, sizeof(handshake->out), text);

	handshake->state = state;
	if (len < 0)
		return fail(handshake, len == -EILSEQ ? "a field is not UTF-8" :
			    "a field is longer than 2048 bytes of UTF-16");
	handshake->out_len = (size_t)len;
	return HVSIM_PSDIRECT_ANSWER;
}

static enum hvsim_psdirect_next send_domain(struct hvsim_psdirect *handshake)
{
	const char *domain = handshake->login->domain;

	return send_text(handshake, is_empty(domain) ? DOMAIN_NONE : domain, DOMAIN);
}

/* Where V1 ends, V2 has its token to come. */
static enum hvsim_psdirect_next accepted(struct hvsim_psdirect *handshake)
{
	handshake->state = TOKEN;
	return handshake->legacy ? HVSIM_PSDIRECT_DONE : HVSIM_PSDIRECT_ANSWER;
}

static enum hvsim_psdirect_next credential_judge(struct hvsim_psdirect *handshake,
						 const char *answer)
{
	if (!strcmp(answer, "FAIL")) {
		say(handshake, "FAIL");
		return fail(handshake, credential_invalid);
	}
	if (!strcmp(answer, "PASS")) {
		say(handshake, "PASS");
		return accepted(handshake);
	}
	if (strcmp(answer, "CONF"))
		return fail_response(handshake, "Broker", "Credential");
	if (!is_empty(handshake->login->configuration))
		return send_keyword(handshake, "NONEMPTYCF", CONFIGURATION_KIND);
	say(handshake, "EMPTYCF");
	return accepted(handshake);
}

static enum hvsim_psdirect_next configuration_send(struct hvsim_psdirect *handshake)
{
	enum hvsim_psdirect_next next;

	next = send_text(handshake, handshake->login->configuration, TOKEN);
	return next == HVSIM_PSDIRECT_FAILED ? next : accepted(handshake);
}

static enum hvsim_psdirect_next token_take(struct hvsim_psdirect *handshake, const char *answer)
{
	size_t prefix = strlen(TOKEN_PREFIX);
	char what[HVSIM_PSDIRECT_ANSWER_MAX + 8];

	if (strncmp(answer, TOKEN_PREFIX, prefix) || !answer[prefix]) {
		snprintf(what, sizeof(what), "Token %s", answer);
		return fail_response(handshake, "Broker", what);
	}
	memcpy(handshake->token, answer + prefix, strlen(answer + prefix) + 1);
	say(handshake, "PASS");
	return HVSIM_PSDIRECT_DONE;
}

static enum hvsim_psdirect_next token_send(struct hvsim_psdirect *handshake)
{
	handshake->out_len = (size_t)snprintf((char *)handshake->out, sizeof(handshake->out),
					      TOKEN_PREFIX "%s", handshake->token);
	handshake->state = SERVER_TOKEN;
	return HVSIM_PSDIRECT_ANSWER;
}

static enum hvsim_psdirect_next broker_step(struct hvsim_psdirect *handshake, const char *answer)
{
	const struct hvsim_psdirect_login *login = handshake->login;

	switch (handshake->state) {
	case VERSION:
		if (!strncmp(answer, "VERSION_", 8))
			return send_keyword(handshake, "VERSION_2", VERSION_AGREED);
		return send_text(handshake, USER_PROBE, PROBE_USER);
	case PROBE_USER:
		return send_keyword(handshake, "EMPTYPW", PROBE_PASSWORD);
	case PROBE_PASSWORD:
		say(handshake, "FAIL");
		return HVSIM_PSDIRECT_OLD;
	case VERSION_AGREED:
		return send_domain(handshake);
	case DOMAIN:
		return send_text(handshake, login->user, USER);
	case USER:
		if (is_empty(login->password))
			return send_keyword(handshake, "EMPTYPW", CREDENTIAL);
		return send_keyword(handshake, "NONEMPTYPW", PASSWORD_KIND);
	case PASSWORD_KIND:
		return send_text(handshake, login->password, CREDENTIAL);
	case CREDENTIAL:
		return credential_judge(handshake, answer);
	case CONFIGURATION_KIND:
		return configuration_send(handshake);
	default:
		return token_take(handshake, answer);
	}
}

static enum hvsim_psdirect_next server_step(struct hvsim_psdirect *handshake, const char *answer)
{
	if (handshake->state == SERVER_VERSION && !strncmp(answer, "VERSION_", 8))
		return send_keyword(handshake, "VERSION_2", SERVER_VERSION_AGREED);
	if (handshake->state == SERVER_VERSION_AGREED && !strcmp(answer, "PASS"))
		return token_send(handshake);
	if (handshake->state != SERVER_TOKEN)
		return fail_response(handshake, "Server", "TransportVersion");
	return strcmp(answer, "PASS") ? fail(handshake, credential_invalid) : HVSIM_PSDIRECT_DONE;
}

/* What the client's text reader has of an answer: without the NULs that some guests send. */
static void answer_read(char *text, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len && i < HVSIM_PSDIRECT_ANSWER_MAX; i++)
		if (bytes[i])
			*text++ = (char)bytes[i];
	*text = '\0';
}

/**
 * hvsim_psdirect_broker() - Begin the handshake of the first connection.
 * @handshake: zeroed, or one that said HVSIM_PSDIRECT_OLD
 * @login: what to send; must stay until this handshake is over
 * @legacy: as a V1 client does
 *
 * Return: HVSIM_PSDIRECT_ANSWER with the first bytes to send; HVSIM_PSDIRECT_FAILED.
 */
enum hvsim_psdirect_next
hvsim_psdirect_broker(struct hvsim_psdirect *handshake, const struct hvsim_psdirect_login *login,
		      bool legacy)
{
	handshake->login = login;
	handshake->legacy = legacy;
	return legacy ? send_domain(handshake) : send_keyword(handshake, "VERSION", VERSION);
}

/**
 * hvsim_psdirect_server() - Begin the handshake of the second connection.
 * @handshake: that of the first, which is over and went well
 *
 * Return: HVSIM_PSDIRECT_ANSWER with the first bytes to send; of V1 HVSIM_PSDIRECT_DONE,
 * for the session begins at once.
 */
enum hvsim_psdirect_next hvsim_psdirect_server(struct hvsim_psdirect *handshake)
{
	handshake->out_len = 0;
	if (handshake->legacy)
		return HVSIM_PSDIRECT_DONE;
	return send_keyword(handshake, "VERSION", SERVER_VERSION);
}

/**
 * hvsim_psdirect_answer() - Take the guest's answer, and go on.
 * @handshake: one that said HVSIM_PSDIRECT_ANSWER
 * @bytes: what one recv() gave
 * @len: how many; 0 when the guest has closed the connection
 *
 * Return: what comes next.  A guest that closes instead of naming its version makes
 * PowerShell's client fail with a NullReferenceException; here that has words.
 */
enum hvsim_psdirect_next hvsim_psdirect_answer(struct hvsim_psdirect *handshake,
					       const void *bytes, size_t len)
{
	char answer[HVSIM_PSDIRECT_ANSWER_MAX + 1];

	handshake->out_len = 0;
	answer_read(answer, bytes, len);
	if (!len && handshake->state != CREDENTIAL && handshake->state != TOKEN &&
	    handshake->state != SERVER_VERSION_AGREED && handshake->state != SERVER_TOKEN)
		return fail(handshake, "The guest has closed the connection.");
	return handshake->state >= SERVER_VERSION ? server_step(handshake, answer) :
	       broker_step(handshake, answer);
}

/**
 * hvsim_psdirect_rewrite() - Give errors in a session the prefix that an ssh client knows.
 * @prefix: where the stream stands
 * @to: where to write; @len bytes and as many as the prefix has, see below
 * @from: the next bytes of the stream; may be NULL at its end
 * @len: how many; 0 at its end
 *
 * At the beginnings of lines HVSIM_PSDIRECT_PREFIX, in small letters or capitals, becomes
 * HVSIM_PSDIRECT_SSH_PREFIX; all other bytes are passed on as they are.  What may be such
 * a prefix is held back until that is known, or the stream ends: @to has room for @len
 * and sizeof(HVSIM_PSDIRECT_PREFIX) bytes.
 *
 * Return: bytes written.
 */
size_t hvsim_psdirect_rewrite(struct hvsim_psdirect_prefix *prefix, char *to, const char *from,
			      size_t len)
{
	static const char known[] = HVSIM_PSDIRECT_PREFIX, wanted[] = HVSIM_PSDIRECT_SSH_PREFIX;
	char *at = to;

	if (!len) {
		memcpy(to, prefix->held, prefix->matched);
		at += prefix->matched;
		prefix->matched = 0;
	}
	for (; len; len--, from++) {
		if (!prefix->inside && !strncasecmp(from, &known[prefix->matched], 1)) {
			prefix->held[prefix->matched++] = *from;
			if (known[prefix->matched])
				continue;
			memcpy(at, wanted, sizeof(wanted) - 1);
			at += sizeof(wanted) - 1;
			prefix->matched = 0;
			prefix->inside = true;
			continue;
		}
		memcpy(at, prefix->held, prefix->matched);
		at += prefix->matched;
		prefix->matched = 0;
		prefix->inside = *from != '\n' && *from != '\r';
		*at++ = *from;
	}
	return (size_t)(at - to);
}
