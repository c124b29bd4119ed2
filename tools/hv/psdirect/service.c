// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The main process.  It reads no byte of the host's, and no password: it knows which
 * process speaks to the host on which connection, and which has the login.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hvd_log.h"
#include "psdirect/listen.h"
#include "psdirect/peer.h"
#include "psdirect/role.h"
#include "psdirect/service.h"
#include "psdirect/text.h"
#include "psdirect/token.h"

/* A process that does not keep its own time is killed a little later. */
#define GRACE_SECONDS	10
/* A session is given this long to end, all steps of it, and PAM to close it. */
#define END_SECONDS	60
#define SHUTDOWN_MS	12000
/* More than a connection has to say for the log; one that says more is not ours any more. */
#define NOTES_MAX	8
/* Refusals of programs of the guest are told this seldom: such a program never tires. */
#define REFUSED_US	(10 * 1000000ULL)
/* After an error of accept(), as the connection that caused it is still there. */
#define PAUSE_US	1000000ULL

enum login_state {
	LOGIN_CHECKING,		/* PAM has the password */
	LOGIN_CHECKED,		/* it is right; the host says what it wants */
	LOGIN_WAITING,		/* for the second connection */
	LOGIN_SESSION,
	LOGIN_ENDING,
};

struct connection;

struct login {
	struct psdirect_peer peer;	/* first: the same address */
	struct login *next;
	struct psdirect_service *service;
	uint64_t id;
	enum login_state state;
	struct connection *broker;
	struct connection *server;
	bool is_v1;
	bool has_trouble;
	char trouble[PSDIRECT_TEXT_ROOM];	/* why there is no session, though a login */
	char command[PSDIRECT_COMMAND_ROOM];
};

struct connection {
	struct psdirect_peer peer;	/* first: the same address */
	struct connection *next;
	struct psdirect_service *service;
	uint64_t id;
	enum psdirect_service_kind kind;
	struct login *login;
	bool asked;			/* one login each */
	bool checked;			/* one token each */
	bool granted;
	bool host_gone;
	unsigned int notes;
};

struct psdirect_service {
	const struct psdirect_setting *setting;
	sd_event *event;
	bool is_test;
	int listeners[PSDIRECT_KINDS];
	struct sd_event_source *listening[PSDIRECT_KINDS];
	struct connection *connections;
	struct login *logins;
	struct sd_event_source *pause;
	bool paused;
	uint64_t refused_until[PSDIRECT_KINDS];	/* when the next one is told */
	unsigned int refused[PSDIRECT_KINDS];	/* that were not told */
	struct psdirect_tokens tokens;
	uint64_t last_id;
	uid_t uid;
	gid_t gid;
};

static const char *const kind_names[PSDIRECT_KINDS] = { "broker", "server" };

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static unsigned int unauthenticated(const struct psdirect_service *service,
				    enum psdirect_service_kind kind)
{
	const struct connection *connection;
	const struct login *login;
	unsigned int count = 0;

	for (connection = service->connections; connection; connection = connection->next)
		if (connection->kind == kind && !connection->granted)
			count++;
	/* a host that does not wait for its answer gets no more tries than one that does */
	for (login = service->logins; login; login = login->next)
		if (kind == PSDIRECT_BROKER && login->state == LOGIN_CHECKING && !login->broker)
			count++;
	return count;
}

/* What is too much waits in the queue of the socket: nobody is refused for it. */
static void listeners_set(struct psdirect_service *service)
{
	bool room;
	int kind;

	for (kind = 0; kind < PSDIRECT_KINDS; kind++) {
		room = !service->paused &&
		       unauthenticated(service, kind) < service->setting->max_logins;
		if (service->listening[kind])
			sd_event_source_set_enabled(service->listening[kind], room ? SD_EVENT_ON :
						    SD_EVENT_OFF);
	}
}

static unsigned int sessions_count(const struct psdirect_service *service)
{
	const struct login *login;
	unsigned int count = 0;

	for (login = service->logins; login; login = login->next)
		count += login->state >= LOGIN_WAITING;
	return count;
}

static struct login *login_find(const struct psdirect_service *service, uint64_t id)
{
	struct login *login;

	for (login = service->logins; login; login = login->next)
		if (login->id == id)
			break;
	return login;
}

/* There is one login of a V1 client at a time that waits: nothing else says whose it is. */
static struct login *legacy_find(const struct psdirect_service *service)
{
	struct login *login;

	for (login = service->logins; login; login = login->next)
		if (login->is_v1 &&
		    (login->state == LOGIN_CHECKED || login->state == LOGIN_WAITING))
			break;
	return login;
}

static void login_free(struct login *login)
{
	struct login **at = &login->service->logins;

	while (*at != login)
		at = &(*at)->next;
	*at = login->next;
	psdirect_peer_end(&login->peer);
	free(login);
}

static void connection_free(struct connection *connection)
{
	struct connection **at = &connection->service->connections;

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	psdirect_peer_end(&connection->peer);
	free(connection);
}

/* The process ends by itself, once it finds its socket closed. */
static void login_drop(struct login *login)
{
	psdirect_token_forget(&login->service->tokens, login->id);
	login->state = LOGIN_ENDING;
	psdirect_peer_close(&login->peer);
	psdirect_peer_time(&login->peer, END_SECONDS);
}

static void login_stop(struct login *login)
{
	if (psdirect_message_say(login->peer.fd, PSDIRECT_WORD_STOP, 0, NULL) < 0)
		psdirect_peer_close(&login->peer);
	psdirect_peer_time(&login->peer, END_SECONDS);
}

/* ------------------------------------------------------- messages of a login's process */

static bool login_verdict(struct login *login, const struct psdirect_message *message)
{
	enum psdirect_verdict verdict = message->number;
	struct connection *broker = login->broker;
	struct login *other = login->is_v1 ? legacy_find(login->service) : NULL;

	if (login->state != LOGIN_CHECKING)
		return false;
	/* the process of the connection refuses these itself, but is not to be relied on */
	if (login->is_v1 && !login->service->setting->legacy)
		verdict = PSDIRECT_VERDICT_BAD;
	if (other && verdict != PSDIRECT_VERDICT_BAD) {
		hvd_warning("login %llu: refused: login %llu of another V1 client has not been "
			    "used yet", (unsigned long long)login->id,
			    (unsigned long long)other->id);
		verdict = PSDIRECT_VERDICT_BAD;
	}
	login->state = verdict == PSDIRECT_VERDICT_BAD ? LOGIN_ENDING : LOGIN_CHECKED;
	login->has_trouble = verdict == PSDIRECT_VERDICT_TEXT;
	if (login->has_trouble)
		memcpy(login->trouble, message->text, sizeof(login->trouble));
	psdirect_peer_time(&login->peer, login->service->setting->login_seconds + GRACE_SECONDS);
	if (broker && psdirect_message_say(broker->peer.fd, PSDIRECT_WORD_VERDICT, verdict,
					   NULL) < 0)
		psdirect_peer_kill(&broker->peer);
	/* the process waits for a session that there will never be */
	if (verdict == PSDIRECT_VERDICT_BAD || !broker)
		login_drop(login);
	listeners_set(login->service);
	return true;
}

/* Neither refers to the other afterwards: the login may be gone before the connection. */
static void server_end(struct login *login, const char *text)
{
	struct connection *server = login->server;

	if (!server)
		return;
	login->server = NULL;
	server->login = NULL;
	if (psdirect_message_say(server->peer.fd, PSDIRECT_WORD_ENDED, 0, text) < 0)
		psdirect_peer_kill(&server->peer);
}

static bool login_on_message(struct psdirect_peer *peer, const struct psdirect_message *message)
{
	struct login *login = (struct login *)peer;

	switch (message->word) {
	case PSDIRECT_WORD_VERDICT:
		return login_verdict(login, message);
	case PSDIRECT_WORD_STARTED:
		hvd_info("login %llu: session begins: process %u", (unsigned long long)login->id,
			 message->number);
		return true;
	case PSDIRECT_WORD_ENDED:
		login->state = LOGIN_ENDING;
		psdirect_peer_time(&login->peer, END_SECONDS);
		server_end(login, message->text);
		return true;
	default:
		return false;
	}
}

static void login_on_time(struct psdirect_peer *peer)
{
	struct login *login = (struct login *)peer;

	if (login->state == LOGIN_CHECKED || login->state == LOGIN_WAITING) {
		hvd_info("login %llu: the second connection did not come in time",
			 (unsigned long long)login->id);
		login_drop(login);
		return;
	}
	hvd_warning("login %llu: its process does not end: killed", (unsigned long long)login->id);
	psdirect_peer_kill(peer);
}

static void login_on_end(struct psdirect_peer *peer, int status)
{
	struct login *login = (struct login *)peer;
	struct psdirect_service *service = login->service;

	if (status < 0)
		hvd_error("login %llu: its process was ended by signal %d",
			  (unsigned long long)login->id, -status);
	else
		hvd_debug("login %llu: over", (unsigned long long)login->id);
	psdirect_token_forget(&service->tokens, login->id);
	server_end(login, "the guest's login process has ended; its log says why");
	if (login->broker) {
		login->broker->login = NULL;
		if (login->state == LOGIN_CHECKING)
			psdirect_message_say(login->broker->peer.fd, PSDIRECT_WORD_VERDICT,
					     PSDIRECT_VERDICT_BAD, NULL);
	}
	login_free(login);
	listeners_set(service);
}

static const struct psdirect_peer_calls login_calls = {
	.on_message = login_on_message,
	.on_time = login_on_time,
	.on_end = login_on_end,
};

static int policy_send(const struct login *login)
{
	const struct psdirect_setting *setting = login->service->setting;
	struct psdirect_policy policy = {
		.login = login->id,
		.root = setting->root,
		.empty_passwords = setting->empty_passwords,
		.fail_seconds = setting->fail_seconds,
	};

	memcpy(policy.allow_users, setting->allow_users, sizeof(policy.allow_users));
	memcpy(policy.allow_groups, setting->allow_groups, sizeof(policy.allow_groups));
	memcpy(policy.domains, setting->domains, sizeof(policy.domains));
	memcpy(policy.domain_user, setting->domain_user, sizeof(policy.domain_user));
	memcpy(policy.pam_service, setting->pam_service, sizeof(policy.pam_service));
	return psdirect_struct_send(login->peer.fd, &policy, sizeof(policy));
}

/* Start the process of a login; @fd is its socket to the connection, which stays open. */
static struct login *login_new(struct psdirect_service *service, int fd)
{
	struct login *login = calloc(1, sizeof(*login));
	int pair[2], err;
	pid_t pid;

	if (!login || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(login);
		return NULL;
	}
	login->service = service;
	login->id = ++service->last_id;
	pid = psdirect_role_login(pair[1], fd);
	close(pair[1]);
	if (pid < 0) {
		hvd_error("cannot start the process of a login: %s", strerror(-pid));
		close(pair[0]);
		free(login);
		return NULL;
	}
	login->next = service->logins;
	service->logins = login;
	err = psdirect_peer_watch(&login->peer, service->event, pid, pair[0], &login_calls);
	err = err ?: policy_send(login);
	if (err) {
		hvd_error("cannot watch the process of a login: %s", strerror(-err));
		login->state = LOGIN_ENDING;
		psdirect_peer_kill(&login->peer);
		return NULL;
	}
	psdirect_peer_time(&login->peer, service->setting->login_seconds + GRACE_SECONDS);
	return login;
}

/* -------------------------------------------------- messages of a connection's process */

static bool connection_ask_login(struct connection *connection,
				 const struct psdirect_message *message)
{
	const struct psdirect_message answer = { .word = PSDIRECT_WORD_LOGIN_AT };
	int pair[2], fds[2], err;

	if (connection->kind != PSDIRECT_BROKER || connection->asked)
		return false;
	connection->asked = true;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return false;
	connection->login = login_new(connection->service, pair[0]);
	close(pair[0]);
	if (connection->login) {
		connection->login->broker = connection;
		connection->login->is_v1 = message->text[0] == '1';
		hvd_debug("connection %llu: its login is %llu", (unsigned long long)connection->id,
			  (unsigned long long)connection->login->id);
	}
	fds[0] = pair[1];
	fds[1] = -1;
	err = connection->login ? psdirect_message_send(connection->peer.fd, &answer, fds) :
				  -ENOMEM;
	close(pair[1]);
	return !err;
}

/* Why there will be no session; false when there can be one. */
static bool trouble_find(struct login *login, const char *configuration)
{
	const struct psdirect_setting *setting = login->service->setting;

	if (login->has_trouble)
		return true;
	if (sessions_count(login->service) >= setting->max_sessions) {
		snprintf(login->trouble, sizeof(login->trouble), "there are %u sessions in the "
			 "guest already: end one, or raise 'max_sessions' in [psdirect] of "
			 HVD_CONFIG_PATH, setting->max_sessions);
		login->has_trouble = true;
	} else if (psdirect_setting_command(setting, configuration, login->command, login->trouble,
					    sizeof(login->trouble)) < 0) {
		login->has_trouble = true;
	}
	if (login->has_trouble)
		hvd_warning("login %llu: no session: %s", (unsigned long long)login->id,
			    login->trouble);
	return login->has_trouble;
}

/* A V1 client gets no token: it is the next one to connect that is taken for it. */
static int legacy_wait(struct login *login)
{
	hvd_warning("login %llu: of a V1 client: the next connection will be taken for it, "
		    "whichever program of the host makes it ('legacy' in [psdirect])",
		    (unsigned long long)login->id);
	return psdirect_message_say(login->broker->peer.fd, PSDIRECT_WORD_TOKEN, 0, NULL);
}

static int token_give(struct login *login)
{
	const struct psdirect_service *service = login->service;
	char token[PSDIRECT_TOKEN_LEN + 1];
	uint64_t until = now_us() + service->setting->token_seconds * 1000000ULL;
	int err = psdirect_token_make(&login->service->tokens, token, login->id, until);

	if (err)
		return psdirect_message_say(login->broker->peer.fd, PSDIRECT_WORD_TEXT, 0,
					    "too many logins wait for their session: try again in "
					    "a minute");
	err = psdirect_message_say(login->broker->peer.fd, PSDIRECT_WORD_TOKEN, 0, token);
	explicit_bzero(token, sizeof(token));
	return err;
}

static bool connection_configure(struct connection *connection,
				 const struct psdirect_message *message)
{
	struct login *login = connection->login;
	bool trouble;
	int err;

	if (!login || login->state != LOGIN_CHECKED)
		return false;
	trouble = trouble_find(login, message->text);
	login->state = LOGIN_WAITING;
	psdirect_peer_time(&login->peer, connection->service->setting->token_seconds);
	if (login->is_v1) {
		err = legacy_wait(login);
	} else if (trouble) {
		err = psdirect_message_say(connection->peer.fd, PSDIRECT_WORD_TEXT, 0,
					   login->trouble);
		login_drop(login);
	} else {
		err = token_give(login);
	}
	return !err;
}

static int pipes_make(int input[2], int output[2])
{
	if (pipe2(input, O_CLOEXEC) < 0)
		return -errno;
	if (!pipe2(output, O_CLOEXEC))
		return 0;
	close(input[0]);
	close(input[1]);
	return -errno;
}

/* Let the process of the login start the program, and that of the connection speak to it. */
static int session_start(struct connection *connection, struct login *login)
{
	struct psdirect_message message = { .word = PSDIRECT_WORD_START };
	int input[2], output[2], err = pipes_make(input, output);
	int for_login[2], for_connection[2];

	if (err)
		return err;
	for_login[0] = input[0];
	for_login[1] = output[1];
	for_connection[0] = input[1];
	for_connection[1] = output[0];
	snprintf(message.text, sizeof(message.text), "%s", login->command);
	err = psdirect_message_send(login->peer.fd, &message, for_login);
	if (!err) {
		message = (struct psdirect_message){ .word = PSDIRECT_WORD_GRANTED };
		err = psdirect_message_send(connection->peer.fd, &message, for_connection);
	}
	close(input[0]);
	close(input[1]);
	close(output[0]);
	close(output[1]);
	return err;
}

static bool connection_deny(struct connection *connection, const char *text)
{
	return !psdirect_message_say(connection->peer.fd, PSDIRECT_WORD_DENIED, 0, text);
}

static bool connection_grant(struct connection *connection, struct login *login)
{
	struct psdirect_service *service = connection->service;

	if (login->has_trouble) {
		connection_deny(connection, login->trouble);
		login_drop(login);
		return true;
	}
	if (session_start(connection, login) < 0) {
		login_drop(login);
		return false;
	}
	login->state = LOGIN_SESSION;
	login->server = connection;
	connection->login = login;
	connection->granted = true;
	psdirect_peer_time(&login->peer, 0);
	psdirect_peer_time(&connection->peer, 0);
	hvd_debug("connection %llu: the session of login %llu", (unsigned long long)connection->id,
		  (unsigned long long)login->id);
	listeners_set(service);
	return true;
}

static bool connection_check(struct connection *connection, const struct psdirect_message *message)
{
	struct psdirect_service *service = connection->service;
	bool adopt = message->word == PSDIRECT_WORD_ADOPT;
	struct login *login;
	uint64_t id = 0;

	if (connection->kind != PSDIRECT_SERVER || connection->checked ||
	    (adopt && !service->setting->legacy))
		return false;
	connection->checked = true;
	if (!adopt && strlen(message->text) == PSDIRECT_TOKEN_LEN)
		id = psdirect_token_use(&service->tokens, message->text, now_us());
	login = adopt ? legacy_find(service) : id ? login_find(service, id) : NULL;
	if (login && login->state == LOGIN_WAITING)
		return connection_grant(connection, login);
	hvd_warning("connection %llu: refused: %s", (unsigned long long)connection->id,
		    adopt ? "a V1 client, for which nobody has logged in" :
			    "its token is unknown, used, or too old");
	return connection_deny(connection, NULL);
}

static bool connection_host_gone(struct connection *connection)
{
	if (!connection->granted || connection->host_gone)
		return false;
	connection->host_gone = true;
	if (connection->login && connection->login->server == connection)
		login_stop(connection->login);
	return true;
}

static bool note_log(const struct connection *connection, const struct psdirect_message *message)
{
	const char *step = psdirect_step_name(message->step), *kind = kind_names[connection->kind];
	unsigned long long id = connection->id;

	switch (message->number) {
	case PSDIRECT_NOTE_TIMEOUT:
		hvd_warning("connection %llu (%s): the host said nothing for %u s: %s", id, kind,
			    connection->service->setting->step_seconds, step);
		break;
	case PSDIRECT_NOTE_TOO_SLOW:
		hvd_warning("connection %llu (%s): not done in %u s: %s", id, kind,
			    connection->service->setting->login_seconds, step);
		break;
	case PSDIRECT_NOTE_CLOSED:
		hvd_info("connection %llu (%s): closed by the host: %s", id, kind, step);
		break;
	case PSDIRECT_NOTE_MALFORMED:
		hvd_warning("connection %llu (%s): the %s %s", id, kind, step,
			    psdirect_text_why(message->error));
		break;
	case PSDIRECT_NOTE_LEGACY:
		hvd_warning("connection %llu (%s): a V1 client: update the host's PowerShell, or "
			    "set 'legacy' in [psdirect]", id, kind);
		break;
	case PSDIRECT_NOTE_PROBE:
		hvd_info("connection %llu (%s): a newer client asks whether V1 is all there is",
			 id, kind);
		break;
	case PSDIRECT_NOTE_TRAFFIC:
		hvd_info("connection %llu (%s): over: %llu bytes from the host, %llu to it", id,
			 kind, (unsigned long long)message->bytes[0],
			 (unsigned long long)message->bytes[1]);
		break;
	default:
		return false;
	}
	return true;
}

static bool connection_on_message(struct psdirect_peer *peer,
				  const struct psdirect_message *message)
{
	struct connection *connection = (struct connection *)peer;

	switch (message->word) {
	case PSDIRECT_WORD_ASK_LOGIN:
		return connection_ask_login(connection, message);
	case PSDIRECT_WORD_CONFIGURE:
		return connection_configure(connection, message);
	case PSDIRECT_WORD_CHECK:
	case PSDIRECT_WORD_ADOPT:
		return connection_check(connection, message);
	case PSDIRECT_WORD_HOST_GONE:
		return connection_host_gone(connection);
	case PSDIRECT_WORD_NOTE:
		return connection->notes++ < NOTES_MAX && note_log(connection, message);
	default:
		return false;
	}
}

static void connection_on_time(struct psdirect_peer *peer)
{
	hvd_warning("connection %llu: its process does not end: killed",
		    (unsigned long long)((struct connection *)peer)->id);
	psdirect_peer_kill(peer);
}

/* The login outlives its connection only while it waits for the second one. */
static void broker_leave(struct login *login)
{
	login->broker = NULL;
	if (login->state == LOGIN_CHECKED)
		login_drop(login);
}

static void connection_on_end(struct psdirect_peer *peer, int status)
{
	struct connection *connection = (struct connection *)peer;
	struct psdirect_service *service = connection->service;
	struct login *login = connection->login;

	if (status < 0)
		hvd_error("connection %llu: its process was ended by signal %d",
			  (unsigned long long)connection->id, -status);
	else if (status)
		hvd_error("connection %llu: its process cannot be confined: %s",
			  (unsigned long long)connection->id, strerror(status));
	else
		hvd_debug("connection %llu: over", (unsigned long long)connection->id);
	if (login && login->broker == connection)
		broker_leave(login);
	for (login = service->logins; login; login = login->next)
		if (login->server == connection) {
			login->server = NULL;
			login_stop(login);
		}
	connection_free(connection);
	listeners_set(service);
}

static const struct psdirect_peer_calls connection_calls = {
	.on_message = connection_on_message,
	.on_time = connection_on_time,
	.on_end = connection_on_end,
};

static pid_t connection_spawn(const struct psdirect_service *service,
			      enum psdirect_service_kind kind, int main_fd, int host_fd)
{
	const struct psdirect_connection_setup setup = {
		.kind = kind,
		.legacy = service->setting->legacy,
		.step_seconds = service->setting->step_seconds,
		.login_seconds = service->setting->login_seconds,
		.uid = service->uid,
		.gid = service->gid,
	};

	return psdirect_role_connection(&setup, main_fd, host_fd);
}

static int connection_new(struct psdirect_service *service, enum psdirect_service_kind kind,
			  int host_fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	int pair[2], err;
	pid_t pid;

	if (!connection || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(connection);
		return -ENOMEM;
	}
	connection->service = service;
	connection->kind = kind;
	connection->id = ++service->last_id;
	pid = connection_spawn(service, kind, pair[1], host_fd);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		free(connection);
		return pid;
	}
	connection->next = service->connections;
	service->connections = connection;
	hvd_debug("connection %llu (%s): begins", (unsigned long long)connection->id,
		  kind_names[kind]);
	err = psdirect_peer_watch(&connection->peer, service->event, pid, pair[0],
				  &connection_calls);
	if (err)
		psdirect_peer_kill(&connection->peer);
	else
		psdirect_peer_time(&connection->peer, service->setting->login_seconds +
				   GRACE_SECONDS);
	return err;
}

static int on_pause(sd_event_source *source, uint64_t usec, void *data)
{
	struct psdirect_service *service = data;

	(void)source;
	(void)usec;
	service->paused = false;
	listeners_set(service);
	return 0;
}

/* What could not be taken stays in the queue, and would wake without end. */
static void accept_fail(struct psdirect_service *service, int error)
{
	hvd_error("cannot take a connection: %s", strerror(-error));
	service->paused = sd_event_source_set_time_relative(service->pause, PAUSE_US) >= 0 &&
			  sd_event_source_set_enabled(service->pause, SD_EVENT_ONESHOT) >= 0;
	listeners_set(service);
}

/* Any program of the guest can have this said, and must not fill the log with it. */
static void refused_tell(struct psdirect_service *service, enum psdirect_service_kind kind,
			 unsigned int peer)
{
	uint64_t now = now_us();

	if (now < service->refused_until[kind]) {
		service->refused[kind]++;
		return;
	}
	hvd_warning("refused a connection to the %s from CID %u: it is not the host (%u more since "
		    "the last such message)", kind_names[kind], peer, service->refused[kind]);
	service->refused_until[kind] = now + REFUSED_US;
	service->refused[kind] = 0;
}

static int on_connect(sd_event_source *source, int listener, uint32_t events, void *data)
{
	struct psdirect_service *service = data;
	enum psdirect_service_kind kind = source == service->listening[PSDIRECT_SERVER] ?
					  PSDIRECT_SERVER : PSDIRECT_BROKER;
	unsigned int peer = 0;
	int fd = psdirect_listen_accept(listener, service->is_test, &peer), err;

	(void)events;
	if (fd == -EPERM) {
		refused_tell(service, kind, peer);
		return 0;
	}
	if (fd < 0) {
		if (fd != -EAGAIN && fd != -ECONNABORTED && fd != -EINTR)
			accept_fail(service, fd);
		return 0;
	}
	err = connection_new(service, kind, fd);
	close(fd);
	if (err < 0)
		hvd_error("cannot serve a connection: %s", strerror(-err));
	listeners_set(service);
	return 0;
}

/* Some descriptors each; no more than that, as sessions inherit the limit. */
static void descriptors_allow(const struct psdirect_setting *setting)
{
	rlim_t need = 64 + 8 * (setting->max_sessions + setting->max_logins);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* In tests without root, a process cannot become another user's. */
static int user_find(struct psdirect_service *service)
{
	const struct passwd *user;

	if (geteuid() && service->is_test) {
		hvd_warning("not root: connections are served as the same user, who alone can log "
			    "in");
		return 0;
	}
	user = getpwnam(service->setting->user);
	if (!user || !user->pw_uid || !user->pw_gid) {
		hvd_error("there is no user '%s', or it is root", service->setting->user);
		return -EINVAL;
	}
	service->uid = user->pw_uid;
	service->gid = user->pw_gid;
	return 0;
}

static int service_start(struct psdirect_service *service, const char *test_sockets)
{
	sigset_t child;
	int kind, err = user_find(service);

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	descriptors_allow(service->setting);
	err = err ?: psdirect_listen_open(service->listeners, test_sockets);
	if (!err)
		err = sd_event_add_time(service->event, &service->pause, CLOCK_MONOTONIC,
					UINT64_MAX, 0, on_pause, service);
	err = err < 0 ? err : 0;
	for (kind = 0; kind < PSDIRECT_KINDS && !err; kind++) {
		err = sd_event_add_io(service->event, &service->listening[kind],
				      service->listeners[kind], EPOLLIN, on_connect, service);
		err = err < 0 ? err : 0;
	}
	if (!err && service->setting->legacy)
		hvd_warning("V1 clients are served ('legacy' in [psdirect]): nothing ties their "
			    "login to their session");
	return err;
}

/**
 * psdirect_service_new() - Begin to serve.
 * @service: the service; for psdirect_service_free(), also after an error
 * @event: the loop
 * @setting: must stay
 * @test_sockets: see psdirect_listen_open()
 *
 * Return: 0; a negative errno, which has been told.
 */
int psdirect_service_new(struct psdirect_service **service, sd_event *event,
			 const struct psdirect_setting *setting, const char *test_sockets)
{
	struct psdirect_service *new = calloc(1, sizeof(*new));

	*service = new;
	if (!new)
		return -ENOMEM;
	new->setting = setting;
	new->event = event;
	new->is_test = test_sockets;
	new->listeners[PSDIRECT_BROKER] = -1;
	new->listeners[PSDIRECT_SERVER] = -1;
	return service_start(new, test_sockets);
}

static void peers_free(struct psdirect_service *service)
{
	while (service->connections)
		connection_free(service->connections);
	while (service->logins)
		login_free(service->logins);
}

/**
 * psdirect_service_free() - Serve no more.
 * @service: the service; may be %NULL
 *
 * Sessions end with the daemon: their processes find their sockets closed.  They are waited
 * for, so that no session is left when the daemon is started again.
 */
void psdirect_service_free(struct psdirect_service *service)
{
	const struct timespec tick = { .tv_nsec = 20 * 1000 * 1000 };
	int kind, waited_ms;

	if (!service)
		return;
	for (kind = 0; kind < PSDIRECT_KINDS; kind++) {
		sd_event_source_disable_unref(service->listening[kind]);
		if (service->listeners[kind] >= 0)
			close(service->listeners[kind]);
	}
	sd_event_source_disable_unref(service->pause);
	peers_free(service);
	for (waited_ms = 0; waited_ms < SHUTDOWN_MS && waitpid(-1, NULL, WNOHANG) >= 0;
	     waited_ms += 20)
		nanosleep(&tick, NULL);
	explicit_bzero(service, sizeof(*service));
	free(service);
}
