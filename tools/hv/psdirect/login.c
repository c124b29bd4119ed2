// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The process of a login: as root, with one login and nothing else.  PAM's modules may
 * block or crash; then it is this process that does.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hvd_log.h"
#include "hvd_time.h"
#include "psdirect/pam.h"
#include "psdirect/role.h"
#include "psdirect/session.h"

/*
 * What a session program is given: to find that its input has ended, then to obey SIGTERM.
 * pwsh takes a second or two for the first on a machine that is busy.
 */
#define INPUT_MS	5000
#define TERM_MS		3000
#define CLEAR_MS	5000
/* Lines of a session's stderr in the log, at most, in a second. */
#define LINES_MAX	50
/* What may be left in the pipe of its stderr, in pieces that are read: more than all of it. */
#define PIECES_MAX	32

static struct {
	struct psdirect_policy policy;
	struct psdirect_credentials credentials;
	struct psdirect_message message;
	struct psdirect_login login;
	struct psdirect_session session;
	int64_t end_ms;			/* when the next signal is due; 0 for none */
	int next_signal;
	time_t line_second;
	unsigned int line_count;
	size_t line_len;
	char line[512];
} state;

/* A failure takes as long as is set, and as modules ask for, whatever it took to find it. */
static void failure_wait(int64_t since_ms)
{
	int64_t least = state.policy.fail_seconds * 1000LL, left;
	struct timespec pause;

	if (state.login.delay_us / 1000 > least)
		least = state.login.delay_us / 1000;
	left = since_ms + least - hvd_time_ms();
	if (left <= 0)
		return;
	pause = (struct timespec){ left / 1000, left % 1000 * 1000000 };
	nanosleep(&pause, NULL);
}

static bool is_text(const char *field, size_t room)
{
	const char *end = memchr(field, '\0', room);

	for (; end && field < end; field++)
		if ((unsigned char)*field < ' ' || *field == 0x7f)
			return false;
	return end;
}

/* The process of a connection has checked it, but may be in the hands of an attacker. */
static bool credentials_are_text(const struct psdirect_credentials *credentials)
{
	return is_text(credentials->domain, sizeof(credentials->domain)) &&
	       is_text(credentials->user, sizeof(credentials->user)) &&
	       is_text(credentials->password, sizeof(credentials->password));
}

static int credentials_receive(void)
{
	int err = psdirect_struct_receive(PSDIRECT_FD_MAIN, &state.policy, sizeof(state.policy));

	err = err ?: psdirect_struct_receive(PSDIRECT_FD_PEER, &state.credentials,
					     sizeof(state.credentials));
	if (!err && !credentials_are_text(&state.credentials))
		err = -EBADMSG;
	close(PSDIRECT_FD_PEER);
	return err;
}

static enum psdirect_verdict check(void)
{
	int64_t since = hvd_time_ms();
	char why[PSDIRECT_TEXT_ROOM] = "";
	enum psdirect_verdict verdict = psdirect_pam_check(&state.login, &state.policy,
							   &state.credentials, why, sizeof(why));

	if (verdict == PSDIRECT_VERDICT_GOOD)
		hvd_info("login %llu: %s is logged in", (unsigned long long)state.policy.login,
			 state.login.user);
	else
		hvd_warning("login %llu: refused for '%s', domain '%s': %s",
			    (unsigned long long)state.policy.login, state.credentials.user,
			    state.credentials.domain, why);
	explicit_bzero(&state.credentials, sizeof(state.credentials));
	if (verdict == PSDIRECT_VERDICT_BAD)
		failure_wait(since);
	psdirect_message_say(PSDIRECT_FD_MAIN, PSDIRECT_WORD_VERDICT, verdict,
			     verdict == PSDIRECT_VERDICT_GOOD ? state.login.user : why);
	return verdict;
}

static void ended_tell(const char *text)
{
	if (text[0])
		hvd_warning("login %llu: %s", (unsigned long long)state.policy.login, text);
	psdirect_message_say(PSDIRECT_FD_MAIN, PSDIRECT_WORD_ENDED, 0, text);
}

/* A line of the program's stderr: it may be what explains why there is no session. */
static void line_log(void)
{
	time_t second = time(NULL);

	if (second != state.line_second) {
		state.line_second = second;
		state.line_count = 0;
	}
	if (!state.line_len)
		return;
	state.line[state.line_len] = '\0';
	if (state.line_count < LINES_MAX)
		hvd_info("login %llu: %s: %s", (unsigned long long)state.policy.login,
			 state.login.user, state.line);
	else if (state.line_count == LINES_MAX)
		hvd_warning("login %llu: more of its messages in this second are left out",
			    (unsigned long long)state.policy.login);
	state.line_count++;
	state.line_len = 0;
}

static void messages_read(void)
{
	char bytes[4096];
	ssize_t len, i;

	len = read(state.session.messages, bytes, sizeof(bytes));
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {
		line_log();
		close(state.session.messages);
		state.session.messages = -1;
		return;
	}
	for (i = 0; i < len; i++) {
		if (bytes[i] != '\n')
			state.line[state.line_len++] = bytes[i];
		if (bytes[i] == '\n' || state.line_len == sizeof(state.line) - 1)
			line_log();
	}
}

/* The host has gone, or this daemon: in steps, from the soft one to the hard one. */
static void stop_begin(int ms)
{
	if (state.next_signal)
		return;
	state.next_signal = SIGTERM;
	state.end_ms = hvd_time_ms() + ms;
}

static void stop_step(void)
{
	if (!state.next_signal || hvd_time_ms() < state.end_ms)
		return;
	hvd_debug("login %llu: signal %d for the session", (unsigned long long)state.policy.login,
		  state.next_signal);
	psdirect_session_signal(&state.session, state.next_signal);
	state.next_signal = SIGKILL;
	state.end_ms = hvd_time_ms() + TERM_MS;
}

static void watch(void)
{
	struct pollfd at[3] = {
		{ state.session.watch, POLLIN, 0 }, { state.session.messages, POLLIN, 0 },
		{ PSDIRECT_FD_MAIN, state.next_signal ? 0 : POLLIN, 0 },
	};
	int64_t left = state.end_ms - hvd_time_ms();

	if (state.next_signal)
		at[2].fd = -1;
	while (poll(at, 3, !state.next_signal ? -1 : left > 0 ? (int)left : 0) < 0 &&
	       errno == EINTR)
		;
	if (at[1].revents)
		messages_read();
	if (at[2].revents) {
		/* without its main process there is nobody who would end the session */
		if (psdirect_message_receive(PSDIRECT_FD_MAIN, &state.message, NULL) < 0)
			stop_begin(0);
		else if (state.message.word == PSDIRECT_WORD_STOP)
			stop_begin(INPUT_MS);
	}
	stop_step();
}

/*
 * Whether the first process has ended, and how. It is not waited for, so that its number,
 * which is that of its group, is not given to another process yet.
 */
static bool session_has_ended(siginfo_t *how)
{
	how->si_pid = 0;
	return waitid(P_PID, (id_t)state.session.pid, how, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       how->si_pid;
}

static void status_tell(const siginfo_t *how)
{
	char text[PSDIRECT_TEXT_ROOM];
	int i;

	/* a process of the user's outside the session may have the pipe, and write on */
	for (i = 0; i < PIECES_MAX && state.session.messages >= 0 &&
	     poll(&(struct pollfd){ state.session.messages, POLLIN, 0 }, 1, 0) > 0; i++)
		messages_read();
	if (how->si_code != CLD_EXITED)
		snprintf(text, sizeof(text), "the session's program was ended by signal %d; its "
			 "messages are in the guest's log", how->si_status);
	else
		snprintf(text, sizeof(text), "the session's program ended with status %d before it "
			 "said anything; its messages are in the guest's log", how->si_status);
	psdirect_message_say(PSDIRECT_FD_MAIN, PSDIRECT_WORD_ENDED, 0, text);
}

static void session_run(void)
{
	siginfo_t how = { 0 };

	psdirect_message_say(PSDIRECT_FD_MAIN, PSDIRECT_WORD_STARTED, (uint32_t)state.session.pid,
			     NULL);
	while (!session_has_ended(&how))
		watch();
	/* by its group, as that is how they know each other; then whatever is left */
	psdirect_session_signal(&state.session, SIGTERM);
	if (!psdirect_session_clear(CLEAR_MS))
		hvd_warning("login %llu: a process of the session cannot be killed",
			    (unsigned long long)state.policy.login);
	status_tell(&how);
}

static void session_begin(const int stdio[2])
{
	struct passwd *user = getpwnam(state.login.user);
	char why[PSDIRECT_TEXT_ROOM] = "", program[256];
	char **environment;
	int err;

	snprintf(program, sizeof(program), "%.*s", (int)strcspn(state.message.text, " \t"),
		 state.message.text);
	if (!user || psdirect_pam_open(&state.login, why, sizeof(why)) < 0) {
		ended_tell(why[0] ? why : "the account is gone");
		return;
	}
	/* modules may have asked for another user meanwhile */
	user = getpwnam(state.login.user);
	environment = user ? psdirect_session_environment(user, pam_getenvlist(state.login.pam)) :
		      NULL;
	err = !environment ? -ENOMEM :
	      psdirect_session_start(&state.session, user, environment, state.message.text, stdio);
	close(stdio[0]);
	close(stdio[1]);
	if (!err) {
		session_run();
		return;
	}
	snprintf(why, sizeof(why), "%s cannot be started as %.64s: %s", program, state.login.user,
		 strerror(-err));
	ended_tell(why);
	psdirect_session_clear(CLEAR_MS);
}

/**
 * psdirect_login_main() - Be the process of a login.
 *
 * Return: the exit status.
 */
int psdirect_login_main(void)
{
	enum psdirect_verdict verdict;
	int stdio[2], err;

	/* it ends when the main process does, and with it the session, by the rules */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (mlock(&state, sizeof(state)) < 0)
		hvd_debug("cannot lock memory: %s", strerror(errno));
	err = credentials_receive();
	/* the connection has gone before it said anything */
	if (err)
		return err != -EPIPE;
	/* also with a text for the host the main process has to say when it is over */
	verdict = check();
	if (verdict != PSDIRECT_VERDICT_BAD &&
	    !psdirect_message_receive(PSDIRECT_FD_MAIN, &state.message, stdio) &&
	    verdict == PSDIRECT_VERDICT_GOOD && state.message.word == PSDIRECT_WORD_START &&
	    stdio[1] >= 0)
		session_begin(stdio);
	psdirect_pam_end(&state.login);
	return 0;
}
