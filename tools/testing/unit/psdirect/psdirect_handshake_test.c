// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The handshakes, by tables: what the host sends, what comes back, and what is to be done.
 *
 * A row of a script is a message; its answer is the next one's beginning.  What stands in
 * the host's mouth is UTF-16 where the protocol has it so: "u:" before a text.
 */
#include <stdlib.h>
#include <string.h>

#include "psdirect/handshake.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define TOKEN	"0123456789abcdef0123456789abcdef0123456789A="
#define ROWS	16

/* What is done in the place of the main process, between the host's messages. */
#define GOOD	"=good"
#define BAD	"=bad"
#define GIVE	"=token"
#define TELL	"=text"

struct row {
	const char *in;		/* the host's message, or one of those above */
	const char *out;	/* the answer */
	enum psdirect_do what;
};

static const struct script {
	const char *name;
	enum psdirect_service_kind kind;
	enum psdirect_legacy legacy;
	struct row rows[ROWS];
	const char *user;
	enum psdirect_fault fault;
	enum psdirect_step fault_step;
} scripts[] = {
	{ "V2", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "u:secret", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" },
		{ "EMPTYCF", "", PSDIRECT_DO_CONFIGURE }, { GIVE, "TOKEN " TOKEN },
		{ "PASS", "", PSDIRECT_DO_CLOSE } }, "alice" },
	{ "V2 where V1 is served, too", PSDIRECT_BROKER, PSDIRECT_LEGACY_YES, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "u:secret", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" } }, "alice" },
	{ "V2 of a later version", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_3", "PASS" }, { "u:localhost", "PASS" } } },
	{ "an empty password", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" } },
	  "alice" },
	{ "a configuration", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" },
		{ "NONEMPTYCF", "PASS" }, { "u:conf", "", PSDIRECT_DO_CONFIGURE },
		{ TELL, "no such thing", PSDIRECT_DO_CLOSE } } },
	{ "a wrong password", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "u:wrong", "", PSDIRECT_DO_LOGIN }, { BAD, "FAIL" },
		{ "FAIL", "", PSDIRECT_DO_CLOSE } } },
	{ "anything after FAIL", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { BAD, "FAIL" },
		{ "EMPTYCF", "", PSDIRECT_DO_CLOSE }, { "PASS", "", PSDIRECT_DO_CLOSE } } },
	{ "a malformed VERSION", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSIOM", "VERSION_2", PSDIRECT_DO_CLOSE }, { "x", "", PSDIRECT_DO_CLOSE } },
	  NULL, PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_FIRST },
	{ "a short VERSION", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSIO", "VERSION_2", PSDIRECT_DO_CLOSE } }, NULL, PSDIRECT_FAULT_MALFORMED,
	  PSDIRECT_STEP_FIRST },
	{ "a VERSION with a character more", PSDIRECT_BROKER, PSDIRECT_LEGACY_YES, {
		{ "VERSION\n", "VERSION_2", PSDIRECT_DO_CLOSE } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_FIRST },
	{ "a domain in Chinese, which is ASCII, too", PSDIRECT_BROKER, PSDIRECT_LEGACY_YES, {
		{ "-NeV", "PASS" }, { "u:alice", "PASS" },
		{ "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" } }, "alice" },
	{ "a long VERSION", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION_2", "VERSION_2", PSDIRECT_DO_CLOSE } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_FIRST },
	{ "a malformed second version", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION", "", PSDIRECT_DO_CLOSE } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_VERSION },
	{ "a malformed domain", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "odd", "PASS" },
		{ "u:alice", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "u:secret", "", PSDIRECT_DO_LOGIN }, { GOOD, "FAIL" } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_DOMAIN },
	{ "a malformed user", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "odd", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "u:secret", "", PSDIRECT_DO_LOGIN }, { GOOD, "FAIL" } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_USER },
	{ "a malformed kind of password", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "SOMEPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "FAIL" } },
	  NULL, PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_PASSWORD_KIND },
	{ "a malformed password", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "odd", "", PSDIRECT_DO_LOGIN }, { GOOD, "FAIL" } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_PASSWORD },
	{ "all malformed: the first is told", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "odd", "PASS" },
		{ "odd", "PASS" }, { "NONEMPTYPW", "PASS" }, { "odd", "", PSDIRECT_DO_LOGIN },
		{ GOOD, "FAIL" } }, NULL, PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_DOMAIN },
	{ "a malformed kind of configuration", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" },
		{ "SOMECF", "", PSDIRECT_DO_CONFIGURE }, { GIVE, "", PSDIRECT_DO_CLOSE } },
	  NULL, PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_CONFIGURATION_KIND },
	{ "a malformed configuration is told", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" },
		{ "NONEMPTYCF", "PASS" }, { "odd", "", PSDIRECT_DO_CONFIGURE },
		{ TELL, "no such thing", PSDIRECT_DO_CLOSE } },
	  NULL, PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_CONFIGURATION },
	{ "a message out of turn", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" }, { "u:localhost", "PASS" },
		{ "u:alice", "PASS" }, { "EMPTYPW", "", PSDIRECT_DO_LOGIN },
		{ "EMPTYCF", "", PSDIRECT_DO_CLOSE }, { GOOD, "", PSDIRECT_DO_CLOSE } } },
	{ "a token that nobody asked for", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { GIVE, "", PSDIRECT_DO_CLOSE } } },
	{ "a verdict that nobody asked for", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { GOOD, "", PSDIRECT_DO_CLOSE } } },
	{ "V1 where it is not served", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "u:localhost", "PASS" }, { "u:alice", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "u:secret", "", PSDIRECT_DO_LOGIN }, { GOOD, "FAIL" } }, NULL,
	  PSDIRECT_FAULT_LEGACY, PSDIRECT_STEP_FIRST },
	{ "V1", PSDIRECT_BROKER, PSDIRECT_LEGACY_YES, {
		{ "u:localhost", "PASS" }, { "u:alice", "PASS" }, { "NONEMPTYPW", "PASS" },
		{ "u:secret", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" },
		{ "EMPTYCF", "", PSDIRECT_DO_CONFIGURE }, { GIVE, "", PSDIRECT_DO_CLOSE } },
	  "alice" },
	{ "V1 with a configuration", PSDIRECT_BROKER, PSDIRECT_LEGACY_YES, {
		{ "u:localhost", "PASS" }, { "u:alice", "PASS" },
		{ "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "CONF" }, { "NONEMPTYCF", "PASS" },
		{ "u:conf", "", PSDIRECT_DO_CONFIGURE }, { TELL, "", PSDIRECT_DO_CLOSE } },
	  "alice" },
	{ "V1 with a malformed user", PSDIRECT_BROKER, PSDIRECT_LEGACY_YES, {
		{ "u:localhost", "PASS" }, { "odd", "PASS" },
		{ "EMPTYPW", "", PSDIRECT_DO_LOGIN }, { GOOD, "FAIL" } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_USER },
	{ "the probe of a V2 client, V1 only", PSDIRECT_BROKER, PSDIRECT_LEGACY_ONLY, {
		{ "VERSION", "PASS" }, { "u:?<PSDirectVMLegacy>", "PASS" },
		{ "EMPTYPW", "FAIL" }, { "FAIL", "", PSDIRECT_DO_CLOSE } }, NULL,
	  PSDIRECT_FAULT_PROBE, PSDIRECT_STEP_USER },
	{ "the probe where V1 is not served", PSDIRECT_BROKER, PSDIRECT_LEGACY_NO, {
		{ "u:VERSIONS", "PASS" }, { "u:?<PSDirectVMLegacy>", "PASS" },
		{ "EMPTYPW", "FAIL" }, { "FAIL", "", PSDIRECT_DO_CLOSE } }, NULL,
	  PSDIRECT_FAULT_PROBE, PSDIRECT_STEP_USER },
	{ "connection 2", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" },
		{ "TOKEN " TOKEN, "", PSDIRECT_DO_CHECK }, { GOOD, "PASS", PSDIRECT_DO_STREAM } } },
	{ "connection 2, a wrong token", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" },
		{ "TOKEN " TOKEN, "", PSDIRECT_DO_CHECK }, { BAD, "FAIL", PSDIRECT_DO_CLOSE } } },
	{ "connection 2, a short token", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" },
		{ "TOKEN 0123", "FAIL", PSDIRECT_DO_CLOSE } }, NULL, PSDIRECT_FAULT_MALFORMED,
	  PSDIRECT_STEP_TOKEN },
	{ "connection 2, a long token", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" },
		{ "TOKEN " TOKEN "A", "FAIL", PSDIRECT_DO_CLOSE } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_TOKEN },
	{ "connection 2, no token", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" },
		{ "tOKEN " TOKEN, "FAIL", PSDIRECT_DO_CLOSE } }, NULL, PSDIRECT_FAULT_MALFORMED,
	  PSDIRECT_STEP_TOKEN },
	{ "connection 2, a malformed VERSION", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "Data", "VERSION_2", PSDIRECT_DO_CLOSE } }, NULL, PSDIRECT_FAULT_MALFORMED,
	  PSDIRECT_STEP_FIRST },
	{ "connection 2 of V1 where it is not served", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "<Data", "VERSION_2", PSDIRECT_DO_CLOSE } }, NULL, PSDIRECT_FAULT_LEGACY,
	  PSDIRECT_STEP_FIRST },
	{ "connection 2, a malformed VERSION is no V1", PSDIRECT_SERVER, PSDIRECT_LEGACY_YES, {
		{ "VERSIO", "VERSION_2", PSDIRECT_DO_CLOSE } }, NULL, PSDIRECT_FAULT_MALFORMED,
	  PSDIRECT_STEP_FIRST },
	{ "connection 2, a malformed second version", PSDIRECT_SERVER, PSDIRECT_LEGACY_NO, {
		{ "VERSION", "VERSION_2" }, { "TOKEN " TOKEN, "", PSDIRECT_DO_CLOSE } }, NULL,
	  PSDIRECT_FAULT_MALFORMED, PSDIRECT_STEP_VERSION },
	{ "connection 2 of V1", PSDIRECT_SERVER, PSDIRECT_LEGACY_YES, {
		{ "<Data", "", PSDIRECT_DO_ADOPT }, { GOOD, "", PSDIRECT_DO_STREAM } } },
	{ "connection 2 of V1, nobody's", PSDIRECT_SERVER, PSDIRECT_LEGACY_YES, {
		{ "<Data", "", PSDIRECT_DO_ADOPT }, { BAD, "", PSDIRECT_DO_CLOSE } } },
	{ "connection 2 of V2 where V1 is served, too", PSDIRECT_SERVER, PSDIRECT_LEGACY_YES, {
		{ "VERSION", "VERSION_2" }, { "VERSION_2", "PASS" } } },
	{ "connection 2 of V2, V1 only", PSDIRECT_SERVER, PSDIRECT_LEGACY_ONLY, {
		{ "VERSION", "", PSDIRECT_DO_ADOPT } } },
};

/* A message on the heap, as long as it is. */
static enum psdirect_do message_give(struct psdirect_handshake *hs, const char *text)
{
	bool wide = !strncmp(text, "u:", 2);
	const char *from = wide ? text + 2 : text;
	size_t len = strlen(from) * (wide ? 2 : 1), i;
	char *copy = malloc(len);
	enum psdirect_do what;

	for (i = 0; i < len; i++)
		copy[i] = !wide ? from[i] : i % 2 ? '\0' : from[i / 2];
	what = psdirect_handshake_message(hs, copy, len);
	free(copy);
	return what;
}

static enum psdirect_do row_play(struct psdirect_handshake *hs, const char *in)
{
	bool good = !strcmp(in, GOOD);

	if (good || !strcmp(in, BAD))
		return hs->kind == PSDIRECT_SERVER ? psdirect_handshake_checked(hs, good) :
						     psdirect_handshake_verdict(hs, good);
	if (!strcmp(in, GIVE))
		return psdirect_handshake_token(hs, TOKEN);
	if (!strcmp(in, TELL))
		return psdirect_handshake_text(hs, "no such thing");
	return message_give(hs, in);
}

static void script_play(const struct script *script)
{
	struct psdirect_handshake hs;
	char out[PSDIRECT_TEXT_ROOM + 1];
	enum psdirect_do what;
	size_t i;

	psdirect_handshake_start(&hs, script->kind, script->legacy);
	for (i = 0; i < ROWS && script->rows[i].in; i++) {
		what = row_play(&hs, script->rows[i].in);
		snprintf(out, sizeof(out), "%.*s", (int)hs.out_len, hs.out);
		tap_is_str(out, script->rows[i].out, "%s: %s is answered", script->name,
			   script->rows[i].in);
		tap_is_int(what, script->rows[i].what, "%s: what is done then", script->name);
		if (what == PSDIRECT_DO_CLOSE)
			tap_is_int(hs.step, PSDIRECT_STEP_END, "%s: it is over", script->name);
	}
	tap_is_int(hs.fault, script->fault, "%s: the fault", script->name);
	if (script->fault)
		tap_is_int(hs.fault_step, script->fault_step, "%s: where", script->name);
	if (script->user)
		tap_is_str(hs.user, script->user, "%s: the user", script->name);
}

/* Each field at its limit and above, in the middle of what is good. */
static void test_sizes(void)
{
	static const struct {
		enum psdirect_step step;
		size_t max;
	} fields[] = {
		{ PSDIRECT_STEP_DOMAIN, PSDIRECT_NAME_BYTES },
		{ PSDIRECT_STEP_USER, PSDIRECT_NAME_BYTES },
		{ PSDIRECT_STEP_PASSWORD, PSDIRECT_PASSWORD_BYTES },
		{ PSDIRECT_STEP_CONFIGURATION, PSDIRECT_NAME_BYTES },
	};
	struct psdirect_handshake hs;
	char *bytes;
	size_t i, over;

	for (i = 0; i < NR(fields); i++)
		for (over = 0; over <= 2; over += 2) {
			bytes = malloc(fields[i].max + over);
			/* U+2020, three bytes of UTF-8 each */
			memset(bytes, 0x20, fields[i].max + over);
			psdirect_handshake_start(&hs, PSDIRECT_BROKER, PSDIRECT_LEGACY_NO);
			hs.step = fields[i].step;
			psdirect_handshake_message(&hs, bytes, fields[i].max + over);
			tap_is_int(hs.fault, over ? PSDIRECT_FAULT_MALFORMED : PSDIRECT_FAULT_NONE,
				   "%s of %zu bytes", psdirect_step_name(fields[i].step),
				   fields[i].max + over);
			free(bytes);
		}
}

static void test_secrets(void)
{
	static const char zeroes[PSDIRECT_PASSWORD_ROOM];
	struct psdirect_handshake hs;

	psdirect_handshake_start(&hs, PSDIRECT_BROKER, PSDIRECT_LEGACY_NO);
	hs.step = PSDIRECT_STEP_PASSWORD;
	message_give(&hs, "u:secret");
	tap_is_str(hs.password, "secret", "the password is there to be checked");
	psdirect_handshake_verdict(&hs, true);
	tap_ok(!memcmp(hs.password, zeroes, sizeof(zeroes)), "and wiped with the verdict");
	psdirect_handshake_start(&hs, PSDIRECT_SERVER, PSDIRECT_LEGACY_NO);
	hs.step = PSDIRECT_STEP_TOKEN;
	message_give(&hs, "TOKEN " TOKEN);
	tap_is_str(hs.token, TOKEN, "the token is there to be checked");
	psdirect_handshake_checked(&hs, false);
	tap_is_str(hs.token, "", "and wiped with the verdict");
}

static void test_text(void)
{
	struct psdirect_handshake hs;
	char text[2 * PSDIRECT_TEXT_ROOM];

	psdirect_handshake_start(&hs, PSDIRECT_BROKER, PSDIRECT_LEGACY_NO);
	hs.step = PSDIRECT_STEP_TOKEN;
	psdirect_handshake_text(&hs, "TOKEN of thanks");
	tap_ok(strncmp(hs.out, "TOKEN ", 6), "a sentence is not taken for a token");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	hs.step = PSDIRECT_STEP_TOKEN;
	psdirect_handshake_text(&hs, text);
	tap_is_int(hs.out_len, PSDIRECT_TEXT_ROOM - 1, "a long one is cut to the client's buffer");
}

int main(void)
{
	size_t i;

	for (i = 0; i < NR(scripts); i++)
		script_play(&scripts[i]);
	test_sizes();
	test_secrets();
	test_text();
	return tap_done();
}
