// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon before it knows a host: what is malformed, slow, late, used twice or gone; and
 * clients of the first generation.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "psdirect/limits.h"
#include "psdirect_machine.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define COMMON		"fail_seconds = 0\npam_service = psd-plain\ncommand = " PSDIRECT_ECHO "\n"
#define SHORT		COMMON "step_seconds = 1\nlogin_seconds = 3\ntoken_seconds = 1\n"

/* The rows of a login up to each of the host's messages. */
static const char *const rows[] = {
	"VERSION", "VERSION_2", "u:localhost", "u:psd-alice", "NONEMPTYPW", "u:secret",
	"NONEMPTYCF", "u:other",
};

static const char *const steps[] = {
	"first message", "version", "domain", "user name", "password's kind", "password",
	"configuration's kind", "configuration",
};

static void row_say(int fd, const char *text)
{
	if (!strncmp(text, "u:", 2))
		client_wide(fd, text + 2);
	else
		client_text(fd, text);
}

/* A connection that has come to row @count, where the daemon waits for the host. */
static int dial_to(size_t count)
{
	int fd = client_dial(BROKER);
	size_t i;

	for (i = 0; i < count; i++) {
		row_say(fd, rows[i]);
		client_hear(fd);
	}
	return fd;
}

/* What is in row @row is @bytes; the others are good.  The last answer is given. */
static const char *login_with(size_t row, const void *bytes, size_t len)
{
	int fd = client_dial(BROKER);
	const char *heard = "";
	static char all[256];
	size_t i;

	all[0] = '\0';
	for (i = 0; i < 6; i++) {
		if (i == row)
			client_say(fd, bytes, len);
		else
			row_say(fd, rows[i]);
		heard = client_hear(fd);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? " " : "", heard);
		if (!strcmp(heard, "(end)"))
			break;
	}
	close(fd);
	return all;
}

static void test_malformed(void)
{
	static const char *const as_good = "VERSION_2 PASS PASS PASS PASS FAIL";
	static const struct {
		const char *name;
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "odd", "a\0b", 3 }, { "half a pair", "\x00\xd8", 2 }, { "a NUL", "a\0\0\0", 4 },
		{ "a control character", "\r\0", 2 },
		{ "oversize", NULL, PSDIRECT_PASSWORD_BYTES + 2 },
		{ "a packet", NULL, PSDIRECT_MESSAGE_BYTES },
	};
	static const size_t fields[] = { 2, 3, 5 };
	static char large[PSDIRECT_MESSAGE_BYTES];
	size_t i, field;

	memset(large, 'a', sizeof(large));
	for (field = 0; field < NR(fields); field++)
		for (i = 0; i < NR(bad); i++)
			tap_is_str(login_with(fields[field], bad[i].bytes ?: large, bad[i].len),
				   as_good, "%s, %s: as a good one would be, until row 12",
				   steps[fields[field]], bad[i].name);
	tap_ok(machine_log_has("the domain has half a surrogate pair"), "the log names the step");
	tap_ok(machine_log_has("the password is too long"), "and the other");
	tap_is_str(login_with(0, "V\0E\0", 4), "PASS PASS FAIL (end)",
		   "what may be a V1 client is served as one, and fails");
	tap_is_str(login_with(0, "VERSIO", 6), "VERSION_2 (end)", "a short VERSION");
	tap_ok(machine_log_has("(broker): the first message is malformed"), "the log has it");
	tap_is_str(login_with(0, "VERSIOM", 7), "VERSION_2 (end)", "a malformed VERSION");
	tap_is_str(login_with(1, "VERSION", 7), "VERSION_2 (end)", "a malformed VERSION_2");
	tap_ok(machine_log_has("(broker): the version is malformed"), "the log has it, too");
	tap_is_int(machine_log_count("the domain has half a surrogate pair"), 2,
		   "and each once for the connection and once for the login");
	tap_is_str(login_with(4, "MAYBEPW", 7), "VERSION_2 PASS PASS PASS FAIL (end)",
		   "a malformed kind of password");
	tap_is_str(login_with(9, NULL, 0), "VERSION_2 PASS PASS PASS PASS CONF",
		   "nothing else is disturbed");
}

static void test_malformed_configuration(void)
{
	const char *heard;
	int fd = dial_to(6);

	client_text(fd, "MAYBECF");
	heard = client_hear(fd);
	tap_ok(strstr(heard, "is malformed") && strncmp(heard, "TOKEN", 5), "after CONF, text: %s",
	       heard);
	close(fd);
	fd = dial_to(7);
	client_say(fd, "odd", 3);
	tap_ok(strstr(client_hear(fd), "is malformed"), "of a configuration's name, too");
	close(fd);
}

static bool is_closed(int fd, int ms)
{
	struct pollfd at = { fd, POLLIN, 0 };
	char byte;

	return poll(&at, 1, ms) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

/* All at a time: each waits for its own second. */
static void test_slow(void)
{
	int fds[NR(rows)], server = client_dial(SERVER), second = client_dial(SERVER);
	char words[128];
	size_t i;

	for (i = 0; i < NR(rows); i++)
		fds[i] = dial_to(i);
	client_text(second, "VERSION");
	client_hear(second);
	for (i = 0; i < NR(rows); i++) {
		tap_ok(is_closed(fds[i], 20000), "a host that says nothing: %s", steps[i]);
		snprintf(words, sizeof(words), "the host said nothing for 1 s: %s", steps[i]);
		tap_ok(machine_log_has(words), "and the log says where");
		close(fds[i]);
	}
	tap_ok(is_closed(server, 20000) && is_closed(second, 20000), "the same on connection 2");
	tap_ok(machine_log_has("(server): the host said nothing for 1 s: version"),
	       "and in the log");
	close(server);
	close(second);
}

/* Each step in time, but not all of them. */
static void test_dawdling(void)
{
	int fd = client_dial(BROKER);
	size_t i;

	for (i = 0; i < NR(rows) && !is_closed(fd, 700); i++) {
		row_say(fd, rows[i]);
		client_hear(fd);
	}
	tap_ok(i > 2 && i < NR(rows), "a host that dawdles is cut off at row %zu", i);
	tap_ok(machine_log_has("not done in 3 s"), "and the log says so");
	close(fd);
}

static void test_times(void)
{
	test_slow();
	test_dawdling();
}

static void test_token(void)
{
	char token[256], wrong[256];
	int fd = dial_to(6), session;

	snprintf(token, sizeof(token), "%s", client_configure(fd, NULL));
	tap_is_int(strlen(token), 6 + PSDIRECT_TOKEN_LEN, "a token of 44 characters");
	close(fd);
	memcpy(wrong, token, sizeof(wrong));
	wrong[20] ^= 1;
	tap_is_int(client_session(wrong), -1, "a wrong one is refused");
	tap_is_int(client_session("TOKEN x"), -1, "so is a short one");
	session = client_session(token);
	tap_ok(session >= 0, "the right one is taken, though the host left before row 15");
	tap_is_int(client_session(token), -1, "and not a second time");
	tap_ok(machine_log_has("its token is unknown, used, or too old"), "the log says so");
	tap_ok(!machine_log_shows(token + 6), "the token is not in the log");
	close(session);
}

static void test_late_token(void)
{
	char token[256];
	int fd = dial_to(6);

	snprintf(token, sizeof(token), "%s", client_configure(fd, NULL));
	close(fd);
	tap_ok(machine_log_has("the second connection did not come in time"), "a token expires");
	tap_is_int(client_session(token), -1, "and is refused then");
}

/* How many processes the daemon has, once it has had time to end some. */
static int children_left(pid_t daemon, int want)
{
	pid_t pids[64];
	int i, count = -1;

	for (i = 0; i < 200 && count != want; i++) {
		count = machine_children(daemon, pids, NR(pids));
		usleep(50000);
	}
	return count;
}

static void test_host_leaves(pid_t daemon)
{
	size_t i;

	for (i = 0; i < NR(rows); i++)
		close(dial_to(i));
	for (i = 0; i < NR(rows); i++) {
		int fd = dial_to(i);

		/* in the middle of our turn */
		row_say(fd, rows[i]);
		close(fd);
	}
	close(client_dial(SERVER));
	tap_is_int(children_left(daemon, 0), 0, "a host that leaves at each step leaves nothing");
	tap_is_str(login_with(9, NULL, 0), "VERSION_2 PASS PASS PASS PASS CONF",
		   "and others can log in");
}

static bool status_has(pid_t pid, const char *line)
{
	char path[64], text[8192] = "";
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	text[len] = '\0';
	if (file)
		fclose(file);
	return strstr(text, line);
}

static bool is_null(pid_t pid, int fd)
{
	char path[64], target[64];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	return !strcmp(target, "/dev/null");
}

static void test_confined(pid_t daemon)
{
	pid_t pids[4];
	int fd = dial_to(1), count = machine_children(daemon, pids, 4);

	tap_is_int(count, 1, "a connection has a process");
	if (count == 1) {
		tap_ok(status_has(pids[0], "Uid:\t65534\t65534\t65534\t65534"), "it is nobody's");
		tap_ok(status_has(pids[0], "Gid:\t65534\t65534\t65534\t65534"), "of no group");
		tap_ok(status_has(pids[0], "Groups:\t \x0a"), "or any other");
		tap_ok(status_has(pids[0], "CapPrm:\t0000000000000000"), "without capabilities");
		tap_ok(status_has(pids[0], "NoNewPrivs:\t1"), "and gets none");
		tap_ok(is_null(pids[0], 0) && is_null(pids[0], 1) && is_null(pids[0], 2),
		       "it cannot write to the log");
		tap_ok(status_has(pids[0], "Seccomp:\t2"), "with a filter for system calls");
	}
	close(fd);
}

/* More than there is room for are not refused, but wait. */
static void test_many(void)
{
	int fds[24];
	size_t i;

	for (i = 0; i < NR(fds); i++) {
		fds[i] = client_dial(BROKER);
		client_text(fds[i], "VERSION");
	}
	for (i = 0; i < 16; i++)
		if (strcmp(client_hear(fds[i]), "VERSION_2"))
			break;
	tap_is_int(i, 16, "16 are served at a time");
	tap_ok(poll(&(struct pollfd){ fds[20], POLLIN, 0 }, 1, 300) == 0, "the others wait");
	for (i = 0; i < 16; i++)
		close(fds[i]);
	for (i = 16; i < NR(fds); i++)
		if (strcmp(client_hear(fds[i]), "VERSION_2"))
			break;
	tap_is_int(i, NR(fds), "until there is room");
	for (i = 16; i < NR(fds); i++)
		close(fds[i]);
}

/* A V1 client: rows 5 to 13, and then a stream on another connection. */
static const char *legacy_login(int fd, const char *user, const char *password)
{
	client_wide(fd, "localhost");
	client_hear(fd);
	client_wide(fd, user);
	client_hear(fd);
	client_text(fd, "NONEMPTYPW");
	client_hear(fd);
	client_wide(fd, password);
	return client_hear(fd);
}

#define DATA "<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>QQ==</Data>\n"
#define ACKED "<DataAck PSGuid='00000000-0000-0000-0000-000000000000' />\n" DATA

static void lines_hear(int fd, char *to, size_t room, size_t want)
{
	const char *heard = "";

	to[0] = '\0';
	while (strlen(to) < want && strcmp(heard, "(end)") && strcmp(heard, "(nothing)")) {
		heard = client_hear(fd);
		snprintf(to + strlen(to), room - strlen(to), "%s", heard);
	}
}

static void test_legacy(void)
{
	int fd = client_dial(BROKER), other = client_dial(BROKER), session = client_dial(SERVER);
	char heard[1024];

	client_text(session, DATA);
	tap_ok(strstr(client_hear(session), "__HyperVSocketError__:nobody has logged in"),
	       "V1: a stream without a login is told");
	close(session);
	tap_is_str(legacy_login(fd, "psd-alice", "wrong"), "FAIL", "V1: a wrong password");
	close(fd);
	fd = client_dial(BROKER);
	tap_is_str(legacy_login(fd, "psd-alice", "secret"), "CONF", "V1: the right one");
	client_text(fd, "EMPTYCF");
	tap_is_str(client_hear(fd), "(end)", "V1: nothing is said after row 13");
	close(fd);
	tap_is_str(legacy_login(other, "psd-alice", "secret"), "FAIL", "V1: one login at a time");
	close(other);
	session = client_dial(SERVER);
	client_text(session, DATA);
	lines_hear(session, heard, sizeof(heard), strlen(ACKED));
	tap_is_str(heard, ACKED, "V1: the next connection is the session");
	close(session);
	session = client_dial(SERVER);
	client_text(session, DATA);
	tap_ok(strstr(client_hear(session), "nobody has logged in"), "V1: and only the next");
	close(session);
	tap_ok(machine_log_has("the next connection will be taken for it"), "V1: the log warns");
}

static void test_legacy_text(void)
{
	int fd = client_dial(BROKER), session;
	const char *heard;

	legacy_login(fd, "psd-ended", "secret");
	client_text(fd, "EMPTYCF");
	client_hear(fd);
	close(fd);
	session = client_dial(SERVER);
	client_text(session, DATA);
	heard = client_hear(session);
	tap_ok(strstr(heard, "__HyperVSocketError__:the account psd-ended has expired"),
	       "V1: why there is no session is told in the stream: %s", heard);
	close(session);
	fd = client_open("psd-alice", "secret", NULL);
	tap_ok(fd >= 0, "V2 clients are served, too");
	close(fd);
}

static void test_probe(void)
{
	int fd = client_dial(BROKER);

	client_text(fd, "VERSION");
	tap_is_str(client_hear(fd), "PASS", "V1 only: VERSION is taken for a domain");
	client_wide(fd, "?<PSDirectVMLegacy>");
	tap_is_str(client_hear(fd), "PASS", "V1 only: the user that cannot be");
	client_text(fd, "EMPTYPW");
	tap_is_str(client_hear(fd), "FAIL", "V1 only: fails");
	client_text(fd, "FAIL");
	tap_is_str(client_hear(fd), "(end)", "V1 only: and that is the answer");
	tap_ok(machine_log_has("asks whether V1 is all there is"), "V1 only: the log has it");
	close(fd);
}

/* And the daemon itself, at each step of a host. */
static void test_daemon_leaves(void)
{
	pid_t daemon = machine_daemon(COMMON);
	int fds[NR(rows)], server = client_dial(SERVER);
	size_t i, ended = 0;

	for (i = 0; i < NR(rows); i++)
		fds[i] = dial_to(i);
	machine_daemon_end(daemon, SIGKILL);
	for (i = 0; i < NR(rows); i++) {
		ended += is_closed(fds[i], 10000);
		close(fds[i]);
	}
	tap_is_int(ended, NR(rows), "a daemon that is killed leaves no host at any step");
	tap_ok(is_closed(server, 10000), "and none on connection 2");
	close(server);
}

static void daemon_end(pid_t daemon, const char *name)
{
	tap_is_int(machine_daemon_end(daemon, SIGTERM), 0, "%s: the daemon ends", name);
	tap_ok(!machine_log_shows("ended by signal"), "%s: and nothing has crashed", name);
}

static void all_with(const char *settings, const char *name, void (*one)(void), void (*two)(void))
{
	pid_t daemon = machine_daemon(settings);

	if (!tap_ok(daemon > 0, "%s: the daemon listens", name))
		return;
	one();
	if (two)
		two();
	daemon_end(daemon, name);
}

static void test_usual(void)
{
	pid_t daemon = machine_daemon(COMMON);

	tap_ok(daemon > 0, "the daemon listens");
	test_malformed();
	test_malformed_configuration();
	test_token();
	tap_is_int(children_left(daemon, 0), 0, "no process is left");
	test_confined(daemon);
	test_host_leaves(daemon);
	test_many();
	daemon_end(daemon, "as it is");
}

int main(void)
{
	const char *why = machine_begin();

	if (why) {
		tap_skip("handshakes with the daemon", "%s", why);
		return tap_done();
	}
	test_usual();
	test_daemon_leaves();
	all_with(SHORT, "short times", test_times, test_late_token);
	all_with(COMMON "legacy = yes\n", "V1 allowed", test_legacy, test_legacy_text);
	all_with(COMMON "legacy = only\n", "V1 only", test_probe, NULL);
	return tap_done();
}
