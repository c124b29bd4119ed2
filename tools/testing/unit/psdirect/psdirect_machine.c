// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine of its own: a mount namespace where /etc is a copy with more accounts in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "psdirect_machine.h"

#define HEAR_MS	60000

char machine_directory[64];

/* crypt(5) of "secret", and of a word with characters of two, three and four bytes */
#define SECRET								\
	"$6$rounds=1000$salt$HNxBeBnDfSfUrTj6KiLnmd7tGCvHEmcExh8kl/S0cZ5WrCciNZgfhbpkeFQ4Jfk"	\
	"HX.8vPq45lY0iINnCx1Lkm."
#define PASSWORT							\
	"$6$rounds=1000$salt$uH9KzkbPok3Hu6/u0FtbQsYp3SMAlYSS8MnIvRpgVLHkBxTR7E1CtfJdodFEKJo"	\
	"TURL6WQGa5v3frwzxSZv9y0"

/* Days since 1970 of what has expired and of what has not. */
static const struct {
	const char *name, *hash, *last_change, *max_days, *expires;
	unsigned int id;
} accounts[] = {
	{ "psd-alice", SECRET, "19000", "99999", "", 61001 },
	{ "psd-j\xc3\xbcrgen", PASSWORT, "19000", "99999", "", 61002 },
	{ "psd-empty", "", "19000", "99999", "", 61003 },
	{ "psd-locked", "!", "19000", "99999", "", 61004 },
	{ "psd-ended", SECRET, "19000", "99999", "1", 61005 },
	{ "psd-old", SECRET, "0", "99999", "", 61006 },
	{ "psd-fails", SECRET, "19000", "99999", "", 61007 },
};

static int run(const char *const argv[])
{
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, NULL) ||
	    waitpid(pid, &status, 0) < 0)
		return -1;
	return status;
}

static void accounts_add(void)
{
	FILE *passwd = fopen("/etc/passwd", "ae"), *shadow = fopen("/etc/shadow", "ae");
	FILE *group = fopen("/etc/group", "ae");
	char home[96];
	size_t i;

	for (i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++) {
		snprintf(home, sizeof(home), "%s/%u", machine_directory, accounts[i].id);
		mkdir(home, 0700);
		chown(home, accounts[i].id, 61000);
		fprintf(passwd, "%s:x:%u:61000::%s:/bin/sh\n", accounts[i].name, accounts[i].id,
			home);
		fprintf(shadow, "%s:%s:%s:0:%s:7::%s:\n", accounts[i].name, accounts[i].hash,
			accounts[i].last_change, accounts[i].max_days, accounts[i].expires);
	}
	fprintf(group, "psd-users:x:61000:\npsd-extra:x:61009:psd-alice\n");
	fclose(passwd);
	fclose(shadow);
	fclose(group);
}

static void services_add(void)
{
	char text[1024];

	machine_write("/etc/pam.d/psd-plain",
		      "auth required pam_unix.so nodelay nullok\n"
		      "account requisite pam_nologin.so file=/etc/psd-nologin\n"
		      "account required pam_unix.so\n"
		      "session required pam_env.so envfile=/etc/psd-environment readenv=1\n"
		      "session required pam_unix.so\n");
	machine_write("/etc/psd-environment", "PSD_FROM_PAM=yes\nHOME=/nowhere\nLANG=C\n");
	snprintf(text, sizeof(text),
		 "auth required pam_faillock.so preauth deny=3 dir=%s/faillock\n"
		 "auth [success=1 default=ignore] pam_unix.so nodelay\n"
		 "auth [default=die] pam_faillock.so authfail deny=3 dir=%s/faillock\n"
		 "auth required pam_permit.so\n"
		 "account required pam_faillock.so dir=%s/faillock\n"
		 "account required pam_unix.so\nsession required pam_permit.so\n",
		 machine_directory, machine_directory, machine_directory);
	machine_write("/etc/pam.d/psd-lock", text);
	machine_write("/etc/pam.d/psd-noentry",
		      "auth required pam_unix.so nodelay\naccount required pam_unix.so\n"
		      "session required pam_deny.so\n");
}

/**
 * machine_begin() - Be on a machine of its own.
 *
 * Return: why not; %NULL when it is.
 */
const char *machine_begin(void)
{
	char etc[80], from[] = "/etc/.";

	if (geteuid())
		return "accounts of its own need root";
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "a mount namespace cannot be had";
	strcpy(machine_directory, "/tmp/psdirect-XXXXXX");
	if (!mkdtemp(machine_directory) || chmod(machine_directory, 0755) < 0 ||
	    mount("tmpfs", machine_directory, "tmpfs", 0, "mode=0755") < 0)
		return "a directory cannot be made";
	snprintf(etc, sizeof(etc), "%s/etc", machine_directory);
	if (run((const char *const[]){ "cp", "-a", from, etc, NULL }) ||
	    mount(etc, "/etc", NULL, MS_BIND, NULL) < 0)
		return "/etc cannot be copied";
	accounts_add();
	services_add();
	signal(SIGPIPE, SIG_IGN);
	return NULL;
}

/**
 * machine_write() - Write a file.
 * @name: its path; one without a slash is in the machine's directory
 * @text: what is in it
 */
void machine_write(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : machine_directory,
		 name[0] == '/' ? "" : "/", name);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file))
		exit(99);
}

/**
 * machine_now_ms() - Tell the time.
 *
 * Return: milliseconds since some time.
 */
long machine_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static void nap(void)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000 * 1000 };

	nanosleep(&tick, NULL);
}

/* Its stderr is the log. */
static pid_t daemon_spawn(void)
{
	char config[96], log[96];
	const char *const argv[] = {
		PSDIRECT_DAEMON, "-n", "-d", "-c", config, "--test-sockets", machine_directory,
		NULL,
	};
	posix_spawn_file_actions_t actions;
	pid_t pid;

	snprintf(config, sizeof(config), "%s/config", machine_directory);
	snprintf(log, sizeof(log), "%s/log", machine_directory);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, log,
					 O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, NULL))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/**
 * machine_daemon() - Start the daemon, and wait until it listens.
 * @settings: what is below [psdirect]
 *
 * Return: its process; -1 when it does not.
 */
pid_t machine_daemon(const char *settings)
{
	char text[4096], path[96];
	pid_t pid;
	int i, fd;

	snprintf(text, sizeof(text), "[psdirect]\n%s", settings);
	machine_write("config", text);
	snprintf(path, sizeof(path), "%s/server.sock", machine_directory);
	unlink(path);
	pid = daemon_spawn();
	for (i = 0; i < 3000 && pid > 0; i++) {
		fd = client_dial(SERVER);
		if (fd >= 0) {
			close(fd);
			return pid;
		}
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return -1;
		nap();
	}
	return -1;
}

/**
 * machine_kill() - Send a signal to one process.
 * @process: the process; nothing is done for what is none
 * @number: the signal
 *
 * A test that did not get its process has -1 for it, which to kill() is every process that
 * there is.
 */
void machine_kill(pid_t process, int number)
{
	if (process > 1)
		kill(process, number);
}

/**
 * machine_daemon_end() - End the daemon.
 * @daemon: its process
 * @number: by which signal
 *
 * Return: its status, as waitpid() has it.
 */
int machine_daemon_end(pid_t daemon, int number)
{
	int status = -1;

	machine_kill(daemon, number);
	if (daemon > 0)
		waitpid(daemon, &status, 0);
	return status;
}

static const char *log_text(void)
{
	static char text[1 << 20];
	char path[96];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/log", machine_directory);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	close(fd);
	return text;
}

/**
 * machine_log_shows() - Look for words in the daemon's log as it is now.
 * @words: the words
 *
 * Return: whether they are there.
 */
bool machine_log_shows(const char *words)
{
	return strstr(log_text(), words);
}

/**
 * machine_log_count() - Count words in the daemon's log as it is now.
 * @words: the words
 *
 * Return: how often they are there.
 */
unsigned int machine_log_count(const char *words)
{
	const char *at = log_text();
	unsigned int count = 0;

	while ((at = strstr(at, words))) {
		at += strlen(words);
		count++;
	}
	return count;
}

/**
 * machine_log_has() - Wait for words in the daemon's log.
 * @words: the words
 *
 * Return: whether they came.
 */
bool machine_log_has(const char *words)
{
	int i;

	for (i = 0; i < 500 && !machine_log_shows(words); i++)
		nap();
	return i < 500;
}

/**
 * machine_children() - Find the processes that another has started.
 * @parent: the other
 * @pids: them
 * @room: how many fit
 *
 * Return: how many there are.
 */
int machine_children(pid_t parent, pid_t *pids, int room)
{
	char path[64];
	int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	file = fopen(path, "re");
	while (file && count < room && fscanf(file, "%d", &pids[count]) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}

/**
 * machine_gone() - Wait for a process to be gone, or to be dead at least.
 * @process: the process
 * @patience_ms: how long
 *
 * Return: whether it is.
 */
bool machine_gone(pid_t process, int patience_ms)
{
	long until = machine_now_ms() + patience_ms;

	do {
		if (kill(process, 0) < 0 && errno == ESRCH)
			return true;
		nap();
	} while (machine_now_ms() < until);
	return false;
}

/**
 * client_dial() - Connect to a service.
 * @service: %BROKER or %SERVER
 *
 * Return: the socket, or -1.
 */
int client_dial(const char *service)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s.sock", machine_directory,
		 service);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

/**
 * client_say() - Send a message.
 * @fd: where
 * @bytes: the message
 * @len: bytes of it
 *
 * Return: whether it could be sent.
 */
bool client_say(int fd, const void *bytes, size_t len)
{
	return send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/**
 * client_text() - Send a message of ASCII.
 * @fd: where
 * @text: the message
 *
 * Return: see client_say().
 */
bool client_text(int fd, const char *text)
{
	return client_say(fd, text, strlen(text));
}

/**
 * client_wide() - Send a message of UTF-16LE.
 * @fd: where
 * @text: the message, as UTF-8
 *
 * Return: see client_say().
 */
bool client_wide(int fd, const char *text)
{
	iconv_t convert = iconv_open("UTF-16LE", "UTF-8");
	char wide[8192], *to = wide, *from = (char *)text;
	size_t room = sizeof(wide), len = strlen(text);

	iconv(convert, &from, &len, &to, &room);
	iconv_close(convert);
	return client_say(fd, wide, sizeof(wide) - room);
}

/**
 * client_hear() - Receive what there is.
 * @fd: where
 *
 * Return: it, as a string; "(end)" when it is closed, "(nothing)" when nothing comes.
 */
const char *client_hear(int fd)
{
	static char text[65536];
	struct pollfd at = { fd, POLLIN, 0 };
	ssize_t len;

	if (poll(&at, 1, HEAR_MS) != 1)
		return "(nothing)";
	len = recv(fd, text, sizeof(text) - 1, 0);
	if (len <= 0)
		return "(end)";
	text[len] = '\0';
	return text;
}

/**
 * client_login() - Log in, as a V2 client does: rows 1 to 12.
 * @fd: the broker
 * @domain: UTF-8, as all
 * @user: the user
 * @password: the password; %NULL for none
 *
 * Return: the answer to the password, or what came in the place of another.
 */
const char *client_login(int fd, const char *domain, const char *user, const char *password)
{
	const char *heard;

	client_text(fd, "VERSION");
	heard = client_hear(fd);
	if (strcmp(heard, "VERSION_2"))
		return heard;
	client_text(fd, "VERSION_2");
	heard = client_hear(fd);
	if (!strcmp(heard, "PASS") && client_wide(fd, domain))
		heard = client_hear(fd);
	if (!strcmp(heard, "PASS") && client_wide(fd, user))
		heard = client_hear(fd);
	if (strcmp(heard, "PASS"))
		return heard;
	client_text(fd, password ? "NONEMPTYPW" : "EMPTYPW");
	heard = client_hear(fd);
	if (!password || strcmp(heard, "PASS"))
		return heard;
	client_wide(fd, password);
	return client_hear(fd);
}

/**
 * client_configure() - Ask for a session: rows 13 and 14.
 * @fd: the broker
 * @name: of a configuration; %NULL for none
 *
 * Return: the answer.
 */
const char *client_configure(int fd, const char *name)
{
	const char *heard;

	client_text(fd, name ? "NONEMPTYCF" : "EMPTYCF");
	heard = client_hear(fd);
	if (!name || strcmp(heard, "PASS"))
		return heard;
	client_wide(fd, name);
	return client_hear(fd);
}

/**
 * client_session() - Show a token: the second connection.
 * @token: "TOKEN " and the token
 *
 * Return: the socket; -1 when it is not taken.
 */
int client_session(const char *token)
{
	int fd = client_dial(SERVER);
	char copy[256];

	snprintf(copy, sizeof(copy), "%s", token);
	client_text(fd, "VERSION");
	if (!strcmp(client_hear(fd), "VERSION_2")) {
		client_text(fd, "VERSION_2");
		if (!strcmp(client_hear(fd), "PASS")) {
			client_text(fd, copy);
			if (!strcmp(client_hear(fd), "PASS"))
				return fd;
		}
	}
	close(fd);
	return -1;
}

/**
 * client_open() - Have a session, all of it.
 * @user: of this machine
 * @password: its password
 * @configuration: see client_configure()
 *
 * Return: see client_session().
 */
int client_open(const char *user, const char *password, const char *configuration)
{
	int fd = client_dial(BROKER), session = -1;
	char token[256] = "";

	if (!strcmp(client_login(fd, "localhost", user, password), "CONF"))
		snprintf(token, sizeof(token), "%s", client_configure(fd, configuration));
	if (!strncmp(token, "TOKEN ", 6)) {
		client_text(fd, "PASS");
		session = client_session(token);
	}
	close(fd);
	return session;
}
