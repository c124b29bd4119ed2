// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The main process, with connections and logins that are played: by ones that end in an
 * unusual order, and by ones that an attacker has taken over and that say what they must
 * not. Listeners are pipes; a byte in one is a connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "psdirect/listen.h"
#include "psdirect/message.h"
#include "psdirect/role.h"
#include "psdirect/service.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* The process's end of its socket to the main process, and a process to be watched. */
struct played {
	int fd;
	pid_t pid;
};

static struct played connection, login;
static int dial[PSDIRECT_KINDS] = { -1, -1 };
static int accept_error;
static int exit_status;		/* of a process that ends at once; 0 for one that stays */
static sd_event *event;
static struct psdirect_service *service;
static struct psdirect_setting setting;
static FILE *log_file;

static pid_t play(struct played *as, int main_fd)
{
	as->fd = fcntl(main_fd, F_DUPFD_CLOEXEC, 3);
	fcntl(as->fd, F_SETFL, O_NONBLOCK);
	as->pid = fork();
	if (!as->pid) {
		close_range(3, ~0U, 0);
		if (exit_status)
			_exit(exit_status);
		for (;;)
			pause();
	}
	return as->pid;
}

/* In the place of role.c, which would start the daemon again. */
pid_t psdirect_role_connection(const struct psdirect_connection_setup *setup, int main_fd,
			       int host_fd)
{
	(void)setup;
	(void)host_fd;
	return play(&connection, main_fd);
}

pid_t psdirect_role_login(int main_fd, int connection_fd)
{
	(void)connection_fd;
	return play(&login, main_fd);
}

/* In the place of listen.c. */
int psdirect_listen_open(int fds[PSDIRECT_KINDS], const char *test_sockets)
{
	int kind, ends[2];

	(void)test_sockets;
	for (kind = 0; kind < PSDIRECT_KINDS; kind++) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		fds[kind] = ends[0];
		dial[kind] = ends[1];
	}
	return 0;
}

int psdirect_listen_accept(int listener, bool is_test, unsigned int *peer)
{
	char byte;

	(void)is_test;
	if (accept_error && accept_error != -EPERM)
		return accept_error;
	if (read(listener, &byte, 1) != 1)
		return -EAGAIN;
	*peer = 1;
	return accept_error ?: open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* Until nothing more happens; how often something did. */
static int settle(void)
{
	int turns = 0;

	while (turns < 10000 && sd_event_run(event, 30000) > 0)
		turns++;
	return turns;
}

static void call(enum psdirect_service_kind kind)
{
	tap_is_int(write(dial[kind], "c", 1), 1, "a connection");
	settle();
}

static int say(const struct played *as, enum psdirect_word word, unsigned int number,
	       const char *text)
{
	return psdirect_message_say(as->fd, word, number, text);
}

/* The last of what the main process has said; 0 for nothing. */
static unsigned int hear(const struct played *as, char text[PSDIRECT_TEXT_ROOM],
			 unsigned int *number)
{
	struct psdirect_message message;
	unsigned int word = 0;
	int err;

	/* a struct psdirect_policy is no message */
	while (!(err = psdirect_message_receive(as->fd, &message, NULL)) || err == -EBADMSG) {
		if (err)
			continue;
		word = message.word;
		if (text)
			memcpy(text, message.text, sizeof(message.text));
		if (number)
			*number = message.number;
	}
	return word;
}

/* Whether the main process has killed it; it is seen to in any case. */
static bool killed(struct played *as)
{
	settle();
	if (kill(as->pid, 0) < 0)
		return true;
	return false;
}

static void leave(struct played *as)
{
	kill(as->pid, SIGKILL);
	settle();
	close(as->fd);
}

static void begin(enum psdirect_legacy legacy)
{
	psdirect_setting_start(&setting);
	setting.legacy = legacy;
	strcpy(setting.command, "/bin/true");
	sd_event_new(&event);
	tap_is_int(psdirect_service_new(&service, event, &setting, "test"), 0, "a service");
}

static void end(void)
{
	psdirect_service_free(service);
	close(dial[PSDIRECT_BROKER]);
	close(dial[PSDIRECT_SERVER]);
	sd_event_unref(event);
	psdirect_setting_end(&setting);
}

/* A V2 client's login, up to the token. */
static void token_get(char token[PSDIRECT_TEXT_ROOM])
{
	unsigned int verdict = PSDIRECT_VERDICT_BAD;

	call(PSDIRECT_BROKER);
	say(&connection, PSDIRECT_WORD_ASK_LOGIN, 0, "2");
	settle();
	tap_is_int(hear(&connection, NULL, NULL), PSDIRECT_WORD_LOGIN_AT, "a login");
	say(&login, PSDIRECT_WORD_VERDICT, PSDIRECT_VERDICT_GOOD, "alice");
	settle();
	tap_is_int(hear(&connection, NULL, &verdict), PSDIRECT_WORD_VERDICT, "its verdict");
	tap_is_int(verdict, PSDIRECT_VERDICT_GOOD, "is good");
	say(&connection, PSDIRECT_WORD_CONFIGURE, 0, "");
	settle();
	tap_is_int(hear(&connection, token, NULL), PSDIRECT_WORD_TOKEN, "a token");
	leave(&connection);
}

static void session_get(void)
{
	char token[PSDIRECT_TEXT_ROOM];

	token_get(token);
	call(PSDIRECT_SERVER);
	say(&connection, PSDIRECT_WORD_CHECK, 0, token);
	settle();
	tap_is_int(hear(&connection, NULL, NULL), PSDIRECT_WORD_GRANTED, "a session");
	tap_is_int(hear(&login, NULL, NULL), PSDIRECT_WORD_START, "which is to be started");
}

/* A host that does not read keeps its connection longer than the login lasts. */
static void test_login_ends_first(void)
{
	session_get();
	say(&login, PSDIRECT_WORD_ENDED, 0, "over");
	leave(&login);
	tap_is_int(hear(&connection, NULL, NULL), PSDIRECT_WORD_ENDED, "the connection is told");
	say(&connection, PSDIRECT_WORD_HOST_GONE, 0, NULL);
	tap_ok(!killed(&connection), "after its login has gone, the host may leave");
	leave(&connection);
}

static void test_connection_ends_first(void)
{
	session_get();
	leave(&connection);
	tap_is_int(hear(&login, NULL, NULL), PSDIRECT_WORD_STOP, "a login whose host left stops");
	leave(&login);
}

static void test_host_gone(void)
{
	session_get();
	say(&connection, PSDIRECT_WORD_HOST_GONE, 0, NULL);
	tap_ok(!killed(&connection), "a host that has gone is told once");
	say(&connection, PSDIRECT_WORD_HOST_GONE, 0, NULL);
	tap_ok(killed(&connection), "not twice: each time would give the session more time");
	leave(&connection);
	leave(&login);
}

static size_t log_lines(void)
{
	size_t lines = 0;
	int c;

	fflush(stderr);
	rewind(log_file);
	while ((c = fgetc(log_file)) != EOF)
		lines += c == '\n';
	/* what follows is written after it */
	fseek(log_file, 0, SEEK_END);
	return lines;
}

static void test_notes(void)
{
	size_t before = log_lines(), i;

	call(PSDIRECT_BROKER);
	for (i = 0; i < 100; i++) {
		say(&connection, PSDIRECT_WORD_NOTE, PSDIRECT_NOTE_CLOSED, NULL);
		settle();
	}
	tap_ok(log_lines() - before < 12, "a connection cannot fill the log: %zu lines",
	       log_lines() - before);
	tap_ok(killed(&connection), "and is killed for trying");
	leave(&connection);
}

/* What each kind of connection must not say at its beginning, or not twice. */
static void test_out_of_turn(void)
{
	static const struct {
		const char *name;
		enum psdirect_service_kind kind;
		enum psdirect_word word;
		int times;
	} bad[] = {
		{ "a second login", PSDIRECT_BROKER, PSDIRECT_WORD_ASK_LOGIN, 2 },
		{ "a session before a login", PSDIRECT_BROKER, PSDIRECT_WORD_CONFIGURE, 1 },
		{ "a token at the broker", PSDIRECT_BROKER, PSDIRECT_WORD_CHECK, 1 },
		{ "a V1 session at the broker", PSDIRECT_BROKER, PSDIRECT_WORD_ADOPT, 1 },
		{ "a host that has gone before it came", PSDIRECT_SERVER,
		  PSDIRECT_WORD_HOST_GONE, 1 },
		{ "a login at the server", PSDIRECT_SERVER, PSDIRECT_WORD_ASK_LOGIN, 1 },
		{ "a second token", PSDIRECT_SERVER, PSDIRECT_WORD_CHECK, 2 },
		{ "a V1 session where there are none", PSDIRECT_SERVER, PSDIRECT_WORD_ADOPT, 1 },
		{ "a verdict of its own", PSDIRECT_BROKER, PSDIRECT_WORD_VERDICT, 1 },
		{ "a session's start", PSDIRECT_BROKER, PSDIRECT_WORD_START, 1 },
	};
	size_t i;
	int n;

	for (i = 0; i < NR(bad); i++) {
		call(bad[i].kind);
		login.pid = -1;
		for (n = 1; n < bad[i].times; n++) {
			say(&connection, bad[i].word, 0, "x");
			tap_ok(!killed(&connection), "%s: the first is good", bad[i].name);
		}
		say(&connection, bad[i].word, 0, "x");
		tap_ok(killed(&connection), "%s is deadly", bad[i].name);
		leave(&connection);
		if (login.pid > 0)
			leave(&login);
	}
}

/* A connection that says it is of a V1 client, to get a login without a token. */
static void test_false_v1(void)
{
	unsigned int verdict = PSDIRECT_VERDICT_GOOD;

	call(PSDIRECT_BROKER);
	say(&connection, PSDIRECT_WORD_ASK_LOGIN, 0, "1");
	settle();
	hear(&connection, NULL, NULL);
	say(&login, PSDIRECT_WORD_VERDICT, PSDIRECT_VERDICT_GOOD, "alice");
	settle();
	tap_is_int(hear(&connection, NULL, &verdict), PSDIRECT_WORD_VERDICT, "V1: a verdict");
	tap_is_int(verdict, PSDIRECT_VERDICT_BAD, "V1: is bad where V1 is not served");
	leave(&connection);
	leave(&login);
}

static void test_refused(void)
{
	size_t before = log_lines(), i;

	accept_error = -EPERM;
	for (i = 0; i < 100; i++)
		tap_is_int(write(dial[i % 2], "c", 1), 1, "a program of the guest");
	settle();
	accept_error = 0;
	tap_is_int(log_lines() - before, 2, "programs of the guest cannot fill the log");
}

static void test_not_confined(void)
{
	char text[65536];
	size_t len;
	int i;

	exit_status = EPERM;
	call(PSDIRECT_BROKER);
	/* it may take its time to end */
	for (i = 0; i < 100 && !killed(&connection); i++)
		;
	exit_status = 0;
	close(connection.fd);
	rewind(log_file);
	len = fread(text, 1, sizeof(text) - 1, log_file);
	text[len] = '\0';
	fseek(log_file, 0, SEEK_END);
	tap_ok(strstr(text, "its process cannot be confined: Operation not permitted"),
	       "a connection that cannot be confined: the log has it");
}

static void test_no_descriptors(void)
{
	size_t before = log_lines();

	accept_error = -EMFILE;
	connection.pid = -1;
	tap_is_int(write(dial[PSDIRECT_BROKER], "c", 1), 1, "a connection");
	tap_ok(settle() < 10, "without descriptors it does not spin");
	tap_is_int(log_lines() - before, 1, "and says so once");
	accept_error = 0;
	usleep(1100000);
	settle();
	tap_ok(connection.pid > 0, "a second later it is taken");
	leave(&connection);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	log_file = tmpfile();
	dup2(fileno(log_file), 2);
	begin(PSDIRECT_LEGACY_NO);
	test_login_ends_first();
	test_connection_ends_first();
	test_host_gone();
	test_notes();
	test_out_of_turn();
	test_false_v1();
	test_refused();
	test_not_confined();
	test_no_descriptors();
	end();
	return tap_done();
}
