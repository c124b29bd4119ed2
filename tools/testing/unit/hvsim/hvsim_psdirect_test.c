// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The handshakes of PowerShell Direct, the host's side: what is sent for each way in which
 * a guest can answer, and how it ends. What is expected here is what PowerShell 7.6.9's own
 * client did with the same answers (tools/testing/powershell/handshake.ps1), but for the
 * error after a guest has closed the connection, where that client has no words, and for an
 * empty token, which that client takes, to fail with it at the session.
 */
#include <stdlib.h>

#include "tap.h"
#include "hvsim_psdirect.h"
#include "hvsim_utf16.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define ANSWERS_MAX	8

#define INVALID		"The credential is invalid."
#define NO_CREDENTIAL	\
	"Hyper-V Broker sent an invalid Credential response during the connection negotiation."
#define NO_TOKEN(text)	"Hyper-V Broker sent an invalid Token " text \
	" response during the connection negotiation."
#define NO_TRANSPORT	\
	"Hyper-V Server sent an invalid TransportVersion response during the connection negotiation."
#define CLOSED		"The guest has closed the connection."

/**
 * struct handshake_case - answers of a guest, and what comes of them
 * @name: what it is about
 * @answers: a word each; "-" is the end of the connection
 * @sent: a word each; UTF-16 is shown after "u:"
 * @next: how it ends
 * @error: when it has failed
 * @legacy: V1
 * @server: it is the second connection's
 * @configured: a configuration is asked for
 * @empty: the password is empty
 */
struct handshake_case {
	const char *name;
	const char *answers[ANSWERS_MAX];
	const char *sent;
	enum hvsim_psdirect_next next;
	const char *error;
	bool legacy;
	bool server;
	bool configured;
	bool empty;
};

#define V2	"VERSION|VERSION_2|u:d|u:u|NONEMPTYPW|u:p"
#define V1	"u:d|u:u|NONEMPTYPW|u:p"
#define PROBE	"VERSION|u:?<PSDirectVMLegacy>|EMPTYPW|FAIL"
#define DONE	HVSIM_PSDIRECT_DONE
#define OLD	HVSIM_PSDIRECT_OLD
#define FAILED	HVSIM_PSDIRECT_FAILED

static const struct handshake_case cases[] = {
	{ "V2, no configuration",
	  { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "CONF", "TOKEN abc" },
	  V2 "|EMPTYCF|PASS", DONE },
	{ "V2, a configuration",
	  { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "CONF", "PASS", "TOKEN abc" },
	  V2 "|NONEMPTYCF|u:cfg|PASS", DONE, .configured = true },
	{ "V2, an empty password", { "VERSION_2", "PASS", "PASS", "PASS", "CONF", "TOKEN abc" },
	  "VERSION|VERSION_2|u:d|u:u|EMPTYPW|EMPTYCF|PASS", DONE, .empty = true },
	{ "V2, a guest without configurations",
	  { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "PASS", "TOKEN abc" },
	  V2 "|PASS|PASS", DONE },
	{ "V2, what is said before the credential does not matter",
	  { "VERSION_9", "FAIL", "no", "x", "FAIL", "CONF", "TOKEN abc" },
	  V2 "|EMPTYCF|PASS", DONE },
	{ "V2, refused", { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "FAIL" },
	  V2 "|FAIL", FAILED, INVALID },
	{ "V2, nonsense for the credential",
	  { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "OTHER" },
	  V2, FAILED, NO_CREDENTIAL },
	{ "V2, closed at the credential", { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "-" },
	  V2, FAILED, NO_CREDENTIAL },
	{ "V2, text instead of a token",
	  { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "CONF", "no pwsh here" },
	  V2 "|EMPTYCF", FAILED, NO_TOKEN("no pwsh here") },
	{ "V2, closed at the token",
	  { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "CONF", "-" },
	  V2 "|EMPTYCF", FAILED, NO_TOKEN("") },
	{ "V2, an empty token",
	  { "VERSION_2", "PASS", "PASS", "PASS", "PASS", "CONF", "TOKEN " },
	  V2 "|EMPTYCF", FAILED, NO_TOKEN("TOKEN ") },
	{ "V2, closed at the version", { "-" }, "VERSION", FAILED, CLOSED },
	{ "V2, closed at the user", { "VERSION_2", "PASS", "-" }, "VERSION|VERSION_2|u:d",
	  FAILED, CLOSED },
	{ "the probe of an old guest", { "PASS", "PASS", "FAIL" }, PROBE, OLD },
	{ "the probe, whatever is answered", { "FAIL", "x", "CONF" }, PROBE, OLD },
	{ "the probe, closed", { "PASS", "-" }, "VERSION|u:?<PSDirectVMLegacy>", FAILED, CLOSED },
	{ "V1, no configuration", { "PASS", "PASS", "PASS", "CONF" }, V1 "|EMPTYCF", DONE,
	  .legacy = true },
	{ "V1, a configuration", { "PASS", "PASS", "PASS", "CONF", "PASS" },
	  V1 "|NONEMPTYCF|u:cfg", DONE, .legacy = true, .configured = true },
	{ "V1, a guest without configurations", { "PASS", "PASS", "PASS", "PASS" }, V1 "|PASS",
	  DONE, .legacy = true },
	{ "V1, refused", { "PASS", "PASS", "PASS", "FAIL" }, V1 "|FAIL", FAILED, INVALID,
	  .legacy = true },
	{ "V1, closed at the credential", { "PASS", "PASS", "PASS", "-" }, V1, FAILED,
	  NO_CREDENTIAL, .legacy = true },
	{ "the session", { "VERSION_2", "PASS", "PASS" }, "VERSION|VERSION_2|TOKEN tok", DONE,
	  .server = true },
	{ "the session, no version", { "XVERSION" }, "VERSION", FAILED, NO_TRANSPORT,
	  .server = true },
	{ "the session, no consent", { "VERSION_2", "FAIL" }, "VERSION|VERSION_2", FAILED,
	  NO_TRANSPORT, .server = true },
	{ "the session, closed at the version", { "-" }, "VERSION", FAILED, CLOSED,
	  .server = true },
	{ "the session, closed at the consent", { "VERSION_2", "-" }, "VERSION|VERSION_2", FAILED,
	  NO_TRANSPORT, .server = true },
	{ "the session, the token refused", { "VERSION_2", "PASS", "FAIL" },
	  "VERSION|VERSION_2|TOKEN tok", FAILED, INVALID, .server = true },
	{ "the session, closed at the token", { "VERSION_2", "PASS", "-" },
	  "VERSION|VERSION_2|TOKEN tok", FAILED, INVALID, .server = true },
};

static struct hvsim_psdirect handshake;
static char sent[4096];

/* Adds what is to be sent, as a word. */
static void sent_add(void)
{
	size_t used = strlen(sent);
	char text[1024];

	if (!handshake.out_len)
		return;
	if (handshake.out_len > 1 && !handshake.out[1]) {
		hvsim_utf16_decode(text, sizeof(text), handshake.out, handshake.out_len);
		snprintf(sent + used, sizeof(sent) - used, "%su:%s", used ? "|" : "", text);
	} else {
		snprintf(sent + used, sizeof(sent) - used, "%s%.*s", used ? "|" : "",
			 (int)handshake.out_len, (const char *)handshake.out);
	}
}

static enum hvsim_psdirect_next answers_give(enum hvsim_psdirect_next next,
					     const char *const *answers)
{
	size_t len;

	sent_add();
	while (next == HVSIM_PSDIRECT_ANSWER && *answers) {
		len = strcmp(*answers, "-") ? strlen(*answers) : 0;
		next = hvsim_psdirect_answer(&handshake, *answers++, len);
		sent_add();
	}
	return next;
}

static void test_case(const struct handshake_case *one)
{
	struct hvsim_psdirect_login login = {
		.domain = "d", .user = "u", .password = one->empty ? "" : "p",
		.configuration = one->configured ? "cfg" : NULL,
	};
	enum hvsim_psdirect_next next;

	memset(&handshake, 0, sizeof(handshake));
	sent[0] = '\0';
	if (one->server) {
		strcpy(handshake.token, "tok");
		next = hvsim_psdirect_server(&handshake);
	} else {
		next = hvsim_psdirect_broker(&handshake, &login, one->legacy);
	}
	next = answers_give(next, one->answers);
	tap_is_int(next, one->next, "%s: ends as it should", one->name);
	tap_is_str(sent, one->sent, "%s: what is sent", one->name);
	tap_is_str(handshake.error, one->error ?: "", "%s: the error", one->name);
	tap_ok(!one->error == !handshake.step, "%s: a step is named if one failed", one->name);
}

static void test_token(void)
{
	static const char *const answers[] = {
		"VERSION_2", "PASS", "PASS", "PASS", "PASS", "CONF", "TOKEN a+/= b", NULL
	};
	struct hvsim_psdirect_login login = { .user = "u", .password = "p" };

	memset(&handshake, 0, sizeof(handshake));
	sent[0] = '\0';
	answers_give(hvsim_psdirect_broker(&handshake, &login, false), answers);
	tap_is_str(handshake.token, "a+/= b", "the token is what comes after its prefix, as it is");
	tap_is_str(sent, "VERSION|VERSION_2|u:localhost|u:u|NONEMPTYPW|u:p|EMPTYCF|PASS",
		   "without a domain it is localhost");
	tap_is_int(hvsim_psdirect_server(&handshake), HVSIM_PSDIRECT_ANSWER,
		   "the session has a handshake, too");
	handshake.legacy = true;
	tap_is_int(hvsim_psdirect_server(&handshake), HVSIM_PSDIRECT_DONE, "not in V1");
	tap_is_int((int)handshake.out_len, 0, "where nothing is sent");
}

static void test_nuls(void)
{
	struct hvsim_psdirect_login login = { .user = "u", .password = "" };

	memset(&handshake, 0, sizeof(handshake));
	hvsim_psdirect_broker(&handshake, &login, false);
	hvsim_psdirect_answer(&handshake, "VERSION_2\0", 10);
	hvsim_psdirect_answer(&handshake, "PASS", 4);
	hvsim_psdirect_answer(&handshake, "PASS", 4);
	hvsim_psdirect_answer(&handshake, "PASS", 4);
	hvsim_psdirect_answer(&handshake, "CONF\0\0", 6);
	tap_is_int((int)handshake.out_len, 7, "NULs after an answer are not seen");
}

static void test_fields(void)
{
	struct hvsim_psdirect_login login = { .domain = "\xff", .user = "u", .password = "p" };
	char *longest = malloc(1026);
	int len;

	memset(&handshake, 0, sizeof(handshake));
	tap_is_int(hvsim_psdirect_broker(&handshake, &login, true), HVSIM_PSDIRECT_FAILED,
		   "what is not UTF-8 is not sent");
	memset(longest, 'x', 1025);
	longest[1025] = '\0';
	login.domain = longest;
	tap_is_int(hvsim_psdirect_broker(&handshake, &login, true), HVSIM_PSDIRECT_FAILED,
		   "nor is what is too long");
	longest[1024] = '\0';
	tap_is_int(hvsim_psdirect_broker(&handshake, &login, true), HVSIM_PSDIRECT_ANSWER,
		   "one character less is sent");
	login.domain = "\xc3\xa4\xf0\x9d\x84\x9e";
	hvsim_psdirect_broker(&handshake, &login, true);
	len = (int)handshake.out_len;
	tap_ok(len == 6 && !memcmp(handshake.out, "\xe4\x00\x34\xd8\x1e\xdd", 6),
	       "text is UTF-16LE, with pairs");
	free(longest);
}

static void test_longest_answer(void)
{
	struct hvsim_psdirect_login login = { .user = "u", .password = "" };
	char text[HVSIM_PSDIRECT_ANSWER_MAX];

	memset(&handshake, 0, sizeof(handshake));
	memset(text, 'x', sizeof(text));
	hvsim_psdirect_broker(&handshake, &login, false);
	hvsim_psdirect_answer(&handshake, "VERSION_2", 9);
	hvsim_psdirect_answer(&handshake, "PASS", 4);
	hvsim_psdirect_answer(&handshake, "PASS", 4);
	hvsim_psdirect_answer(&handshake, "PASS", 4);
	hvsim_psdirect_answer(&handshake, "CONF", 4);
	tap_is_int(hvsim_psdirect_answer(&handshake, text, sizeof(text)), HVSIM_PSDIRECT_FAILED,
		   "the longest text fails");
	tap_ok(strstr(handshake.error, "xxx response during"), "and all of it is in the error");
}

static const struct {
	const char *from;
	const char *to;
} rewrites[] = {
	{ "abc\n", "abc\n" },
	{ "__HyperVSocketError__:x\n", "__NamedPipeError__:x\n" },
	{ "a\n__HyperVSocketError__:x\n__HyperVSocketError__:y",
	  "a\n__NamedPipeError__:x\n__NamedPipeError__:y" },
	{ "a\r\n__hypervsocketerror__:x\r\n", "a\r\n__NamedPipeError__:x\r\n" },
	{ "a __HyperVSocketError__:x\n", "a __HyperVSocketError__:x\n" },
	{ "__HyperVSocketError__\n__HyperVSocketError__:",
	  "__HyperVSocketError__\n__NamedPipeError__:" },
	{ "__HyperVSocketError_", "__HyperVSocketError_" },
	{ "__\n__HyperVSocketError__:__HyperVSocketError__:\n",
	  "__\n__NamedPipeError__:__HyperVSocketError__:\n" },
	{ "___HyperVSocketError__:\n", "___HyperVSocketError__:\n" },
};

/* All of it, @step bytes at a time. */
static void test_rewrite(const char *from, const char *want, size_t step)
{
	struct hvsim_psdirect_prefix prefix = { 0 };
	char to[256];
	size_t len = strlen(from), at, part, used = 0;

	for (at = 0; at < len; at += part) {
		part = len - at < step ? len - at : step;
		used += hvsim_psdirect_rewrite(&prefix, to + used, from + at, part);
	}
	used += hvsim_psdirect_rewrite(&prefix, to + used, from, 0);
	to[used] = '\0';
	tap_is_str(to, want, "%zu bytes at a time, \"%s\" is rewritten", step, from);
}

int main(void)
{
	size_t i, step;

	for (i = 0; i < NR(cases); i++)
		test_case(&cases[i]);
	test_token();
	test_nuls();
	test_fields();
	test_longest_answer();
	for (i = 0; i < NR(rewrites); i++)
		for (step = 1; step <= 64; step = step * 2 + 1)
			test_rewrite(rewrites[i].from, rewrites[i].to, step);
	return tap_done();
}
