// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions: what they are started with, what goes through them, and that nothing is left of
 * them, whichever side ends them.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "psdirect_machine.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define ZERO		"00000000-0000-0000-0000-000000000000"
#define COMMON								\
	"fail_seconds = 0\npam_service = psd-plain\ncommand = " PSDIRECT_ECHO "\n"	\
	"[psdirect raw]\ncommand = " PSDIRECT_ECHO " raw\n"		\
	"[psdirect environment]\ncommand = " PSDIRECT_ECHO " environment\n"	\
	"[psdirect exit]\ncommand = " PSDIRECT_ECHO " exit 7\n"		\
	"[psdirect chatter]\ncommand = " PSDIRECT_ECHO " chatter\n"	\
	"[psdirect hang]\ncommand = " PSDIRECT_ECHO " hang\n"		\
	"[psdirect daemon]\ncommand = " PSDIRECT_ECHO " daemon\n"	\
	"[psdirect directory]\ncommand = /etc\n"

/* All that comes until @end is in it, or nothing more does. */
static const char *hear_until(int fd, const char *end)
{
	static char all[65536];
	const char *heard;

	all[0] = '\0';
	while (!strstr(all, end)) {
		heard = client_hear(fd);
		if (!strcmp(heard, "(end)") || !strcmp(heard, "(nothing)"))
			break;
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s", heard);
	}
	return all;
}

static void test_frames(void)
{
	static const char data[] = "<Data Stream='Default' PSGuid='" ZERO "'>QQ==</Data>\n";
	int fd = client_open("psd-alice", "secret", NULL);

	client_text(fd, data);
	tap_ok(strstr(hear_until(fd, "QQ==</Data>\n"), "<DataAck PSGuid='" ZERO "' />\n"),
	       "data is acknowledged, and comes back");
	client_text(fd, "<Close PSGuid='" ZERO "' />\n");
	tap_is_str(hear_until(fd, "/>\n"), "<CloseAck PSGuid='" ZERO "' />\n", "so is the end");
	/* what pwsh says when its input ends is none of the host's business */
	shutdown(fd, SHUT_WR);
	tap_is_str(client_hear(fd), "(end)", "after which nothing comes");
	close(fd);
	fd = client_open("psd-alice", "secret", NULL);
	client_text(fd, data);
	hear_until(fd, "QQ==</Data>\n");
	shutdown(fd, SHUT_WR);
	tap_is_str(client_hear(fd), "(end)", "nor if the host goes without a word");
	close(fd);
	fd = client_open("psd-alice", "secret", NULL);
	client_text(fd, "what?\n");
	tap_is_str(hear_until(fd, "\n"), "__HyperVSocketError__:unknown element: what?\n",
		   "an error has the prefix that the host knows");
	close(fd);
}

static void test_environment(void)
{
	static const char *const lines[] = {
		"uid=61001/61001 gid=61000/61000\n", "groups=61000,61009\n", "leader=1\n",
		"umask=022\n", "fds=0,1,2,\n", "tty=0\n", "SigIgn=0\n",
		"SigBlk=0\n", "/61001\n", "env USER=psd-alice\n",
		"env LOGNAME=psd-alice\n", "env SHELL=/bin/sh\n", "env LANG=C.UTF-8\n",
		"env PATH=/usr/local/bin:/usr/bin:/bin\n", "env PSD_FROM_PAM=yes\n",
		"env HOME=/tmp/psdirect-",
	};
	int fd = client_open("psd-alice", "secret", "environment");
	struct pollfd early = { .fd = fd, .events = POLLIN };
	const char *heard;
	size_t i;

	tap_is_int(poll(&early, 1, 500), 0, "a client hears nothing before it has spoken");
	client_text(fd, "\n");
	heard = hear_until(fd, "end\n");

	for (i = 0; i < NR(lines); i++)
		tap_ok(strstr(heard, lines[i]), "a session has %s", lines[i]);
	tap_ok(!strstr(heard, "env LANG=C\n") && !strstr(heard, "/nowhere"),
	       "but not what would break it, of what PAM says");
	tap_ok(!strstr(heard, "JOURNAL_STREAM") && !strstr(heard, "PSDIRECT"),
	       "and nothing of the daemon's");
	if (tap_failed)
		tap_diag("%s", heard);
	close(fd);
}

static void test_troubles(void)
{
	const char *heard;
	int fd = client_open("psd-alice", "secret", "exit");

	client_text(fd, "\n");
	heard = hear_until(fd, "\n");
	tap_ok(strstr(heard, "__HyperVSocketError__:the session's program ended with status 7"),
	       "a program that ends at once is told: %s", heard);
	tap_is_str(client_hear(fd), "(end)", "then it is over");
	tap_ok(machine_log_has("psd-alice: it cannot go on"), "its stderr is in the log");
	close(fd);
	fd = client_open("psd-alice", "secret", "directory");
	client_text(fd, "\n");
	heard = hear_until(fd, "\n");
	tap_ok(strstr(heard, "__HyperVSocketError__:/etc cannot be started as psd-alice: Perm"),
	       "a program that cannot be started is told: %s", heard);
	close(fd);
}

/* A user cannot fill the log, or speak to the terminal of one who reads it. */
static void test_chatter(void)
{
	int fd = client_open("psd-alice", "secret", "chatter");
	long begun = machine_now_ms(), seconds;
	unsigned int lines, left_out;

	client_text(fd, "x");
	tap_is_str(hear_until(fd, "\nx"), "done\nx", "a program that has much to say");
	shutdown(fd, SHUT_WR);
	tap_is_str(client_hear(fd), "(end)", "and ends");
	close(fd);
	tap_ok(machine_log_has("psd-alice: \\x1b[2Jchatter\\u009b"), "what it says is shown");
	lines = machine_log_count("chatter");
	left_out = machine_log_count("are left out");
	/* of the clock, in which it may begin and end in the middle of one */
	seconds = (machine_now_ms() - begun) / 1000 + 2;
	tap_ok(lines <= 50 * seconds && left_out <= seconds,
	       "not all of it is in the log: %u lines, and %u that some are left out", lines,
	       left_out);
}

/* Bytes that are no lines, and have all there are: by their place. */
static void pattern(unsigned char *bytes, uint64_t at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++, at++)
		bytes[i] = (unsigned char)((at * 2654435761u) >> 13 ^ at >> 9);
}

static void pattern_send(int fd, uint64_t total)
{
	static unsigned char bytes[65536];
	uint64_t at = 0;
	size_t len;
	ssize_t put;

	while (at < total) {
		len = total - at < sizeof(bytes) ? (size_t)(total - at) : sizeof(bytes);
		pattern(bytes, at, len);
		put = send(fd, bytes, len, MSG_NOSIGNAL);
		if (put <= 0)
			_exit(1);
		at += (uint64_t)put;
	}
	_exit(0);
}

/* How much came as it was sent. */
static uint64_t pattern_receive(int fd, uint64_t total)
{
	static unsigned char bytes[65536], want[65536];
	uint64_t at = 0;
	ssize_t len;

	while (at < total) {
		len = recv(fd, bytes, sizeof(bytes), 0);
		if (len <= 0)
			break;
		pattern(want, at, (size_t)len);
		if (memcmp(bytes, want, (size_t)len))
			break;
		at += (uint64_t)len;
	}
	return at;
}

static void test_bulk(uint64_t total)
{
	int fd = client_open("psd-alice", "secret", "raw"), status = -1;
	long begun = machine_now_ms(), ms;
	uint64_t came;
	pid_t sender = fork();

	if (!sender)
		pattern_send(fd, total);
	came = pattern_receive(fd, total);
	ms = machine_now_ms() - begun;
	waitpid(sender, &status, 0);
	tap_is_int((long long)came, (long long)total, "%llu bytes go through both ways intact",
		   (unsigned long long)total);
	tap_is_int(status, 0, "and all could be sent");
	tap_diag("%llu MB/s each way", (unsigned long long)total / 1000 /
		 (unsigned long long)(ms ?: 1));
	close(fd);
}

/* A host that does not read holds up nobody else. */
static void test_backpressure(void)
{
	int slow = client_open("psd-alice", "secret", "raw"), other;
	static char bytes[65536];
	ssize_t put, total = 0;

	fcntl(slow, F_SETFL, O_NONBLOCK);
	while ((put = send(slow, bytes, sizeof(bytes), MSG_NOSIGNAL)) > 0 ||
	       poll(&(struct pollfd){ slow, POLLOUT, 0 }, 1, 300) == 1)
		total += put > 0 ? put : 0;
	tap_ok(total < 8 << 20, "what a host does not read back is not taken without end: "
	       "%zd bytes", total);
	other = client_open("psd-alice", "secret", "raw");
	client_text(other, "hello\n");
	tap_is_str(hear_until(other, "\n"), "hello\n", "and others are served");
	close(other);
	close(slow);
}

static void test_sixteen(void)
{
	int fds[16];
	char line[32];
	size_t i, good = 0;

	for (i = 0; i < NR(fds); i++)
		fds[i] = client_open("psd-alice", "secret", "raw");
	for (i = 0; i < NR(fds); i++) {
		snprintf(line, sizeof(line), "session %zu\n", i);
		client_text(fds[i], line);
	}
	for (i = 0; i < NR(fds); i++) {
		snprintf(line, sizeof(line), "session %zu\n", i);
		good += !strcmp(hear_until(fds[i], "\n"), line);
	}
	tap_is_int(good, NR(fds), "16 sessions at once, each with its own stream");
	for (i = 0; i < NR(fds); i++)
		close(fds[i]);
}

/* What a program says that does not end: its process, and the one that it left. */
static pid_t process_of(int fd, pid_t *escaped)
{
	const char *heard;
	int pid = -1, other = -1;

	client_text(fd, "\n");
	heard = hear_until(fd, "\n");
	if (sscanf(heard, "process %d %d", &pid, &other) != 2)
		return -1;
	*escaped = other;
	return pid;
}

/* Neither end of input nor SIGTERM ends it; its daemon has left its session. */
static void test_stubborn(pid_t daemon)
{
	int fd = client_open("psd-alice", "secret", "daemon"), other;
	pid_t escaped = -1, none = -1, process = process_of(fd, &escaped);
	pid_t second, pids[8];

	tap_ok(process > 0 && escaped > 0, "a program that does not end, and what it left");
	other = client_open("psd-alice", "secret", "hang");
	second = process_of(other, &none);
	close(fd);
	machine_kill(second, SIGKILL);
	tap_ok(!strstr(hear_until(other, "(never)"), "__HyperVSocket"),
	       "a program that was killed after it said something: the stream ends");
	close(other);
	tap_ok(machine_gone(process, 20000), "when the host leaves, the program is killed");
	tap_ok(machine_gone(escaped, 10000), "and so is what had left its session");
	tap_ok(machine_gone(second, 1000), "the other is gone, too");
	usleep(300000);
	tap_is_int(machine_children(daemon, pids, 8), 0, "no process is left");
}

static void test_daemon_ends(int number, const char *name)
{
	pid_t daemon = machine_daemon(COMMON), process, escaped = -1;
	int fd = client_open("psd-alice", "secret", "daemon");

	process = process_of(fd, &escaped);
	tap_ok(daemon > 0 && process > 0 && escaped > 0, "%s: a session", name);
	machine_daemon_end(daemon, number);
	tap_is_str(client_hear(fd), "(end)", "%s: the host is told", name);
	tap_ok(machine_gone(process, 15000) && machine_gone(escaped, 5000),
	       "%s: no session outlives the daemon", name);
	close(fd);
	daemon = machine_daemon(COMMON);
	fd = client_open("psd-alice", "secret", "raw");
	tap_ok(fd >= 0, "%s: the next daemon serves", name);
	close(fd);
	machine_daemon_end(daemon, SIGTERM);
}

static void test_limit(void)
{
	pid_t daemon = machine_daemon("max_sessions = 1\n" COMMON);
	int fd = client_open("psd-alice", "secret", "raw"), other = client_dial(BROKER);
	const char *heard;

	tap_is_str(client_login(other, "localhost", "psd-alice", "secret"), "CONF",
		   "a second login");
	heard = client_configure(other, NULL);
	tap_ok(strstr(heard, "there are 1 sessions in the guest already"), "is told: %s", heard);
	close(other);
	close(fd);
	machine_daemon_end(daemon, SIGTERM);
}

/* kB of its own in the memory of a process. */
static long memory_of(pid_t pid)
{
	char path[64], line[256];
	long pss = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file) && pss < 0)
		sscanf(line, "Pss: %ld", &pss);
	if (file)
		fclose(file);
	return pss;
}

static void test_sessions(void)
{
	pid_t daemon = machine_daemon(COMMON), pids[8];
	long pss = memory_of(daemon);
	int i;

	tap_ok(daemon > 0, "the daemon listens");
	tap_ok(pss > 0 && pss < 3000, "an idle daemon has less than 3 MB of its own: %ld kB", pss);
	test_frames();
	test_environment();
	test_troubles();
	test_chatter();
	test_bulk(100000000);
	test_backpressure();
	test_sixteen();
	test_stubborn(daemon);
	for (i = 0; i < 200 && machine_children(daemon, pids, 8); i++)
		usleep(50000);
	pss = memory_of(daemon);
	tap_ok(pss > 0 && pss < 3000, "and so after all that: %ld kB", pss);
	tap_is_int(machine_daemon_end(daemon, SIGTERM), 0, "the daemon ends");
	tap_ok(!machine_log_shows("ended by signal") && !machine_log_shows("cannot be killed"),
	       "and nothing has crashed");
}

int main(void)
{
	const char *why = machine_begin();

	if (why) {
		tap_skip("sessions", "%s", why);
		return tap_done();
	}
	test_sessions();
	test_limit();
	test_daemon_ends(SIGTERM, "SIGTERM");
	test_daemon_ends(SIGKILL, "SIGKILL");
	return tap_done();
}
