// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon as a process: what is here plays the in-tree module, by a Unix socket that
 * keeps messages apart.  It is killed at each message, and started again.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define main daemon_main
#include "fcopy/main.c"
#undef main

#include "tap.h"
#include "fcopy/partial.h"
#include "fcopy/status.h"
#include "hvd_file.h"

static char top[64];
static int listener = -1, module = -1;
static pid_t child = -1;

static const char *below(const char *path)
{
	static char whole[4][256];
	static unsigned int which;
	char *to = whole[which++ % 4];

	snprintf(to, sizeof(whole[0]), "%s%s", top, path);
	return to;
}

static void config_put(const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "[fcopy]\nallow = %s/in\ndevice = %s/node\nstate = %s/lib/state\n"
		 "status = %s/run/copies\n%s\n", top, top, top, top, more);
	hvd_file_replace(below("/conf"), text, strlen(text), 0644);
}

static void module_load(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/node", top);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listener, 4) < 0)
		abort();
}

static bool wait_input(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, 10000) == 1;
}

/* The 4 bytes that a daemon writes; -1 when it does not. */
static int64_t module_hear(void)
{
	uint32_t number;

	if (!wait_input(module) || recv(module, &number, sizeof(number), 0) != sizeof(number))
		return -1;
	return number;
}

/* In a child, as its main() would. */
static void daemon_exec(void)
{
	char name[] = "hv_fcopy_daemon", no_daemon[] = "-n", config[] = "-c", path[256];
	char *argv[5] = { name, no_daemon, config, path, NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(listener);
	snprintf(path, sizeof(path), "%s", below("/conf"));
	exit(daemon_main(4, argv));
}

static void daemon_start(void)
{
	static const uint32_t version = HVIC_USER_FCOPY_REGISTER1;

	child = fork();
	if (!child)
		daemon_exec();
	if (!wait_input(listener))
		return;
	module = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	tap_is_int(module_hear(), HVIC_USER_FCOPY_REGISTER1, "a daemon registers");
	send(module, &version, sizeof(version), MSG_NOSIGNAL);
}

/* What it exits with, or the signal's number negative. */
static int daemon_end(int signal_number)
{
	int status;

	kill(child, signal_number);
	waitpid(child, &status, 0);
	child = -1;
	close(module);
	module = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int unfinished(const char *path)
{
	char command[160], text[32];
	FILE *pipe;
	int found = -1;

	snprintf(command, sizeof(command), "find %s -name '%s*' | wc -l", below(path),
		 FCOPY_PARTIAL_PREFIX);
	pipe = popen(command, "r");
	if (pipe && fgets(text, sizeof(text), pipe))
		found = atoi(text);
	if (pipe)
		pclose(pipe);
	return found;
}

static int settle(void)
{
	int i;

	for (i = 0; i < 200 && unfinished(""); i++)
		usleep(20000);
	return unfinished("");
}

static const char *file_text(const char *path)
{
	static char text[64];

	return hvd_file_read(below(path), text, sizeof(text)) < 0 ? NULL : text;
}

/* ---- messages, as the in-tree module has them ---- */

static void ask(const void *bytes, size_t len)
{
	if (send(module, bytes, len, MSG_NOSIGNAL) < 0)
		tap_diag("cannot ask: %s", strerror(errno));
}

static void ask_number(unsigned int number)
{
	struct hvic_user_fcopy_start start = {
		.hdr.operation = HVIC_FCOPY_START, .size = 8, .flags = HVIC_FCOPY_OVER_WRITE,
	};
	struct hvic_user_fcopy_write piece = { .hdr.operation = HVIC_FCOPY_WRITE, .size = 4 };
	char complete[6228] = { HVIC_FCOPY_COMPLETE };

	snprintf((char *)start.path, sizeof(start.path), "%s", below("/in/"));
	strcpy((char *)start.name, "file");
	memcpy(piece.data, "half", 4);
	piece.offset = number == 2 ? 4 : 0;
	if (number == 0)
		ask(&start, sizeof(start));
	else if (number < 3)
		ask(&piece, sizeof(piece));
	else
		ask(complete, sizeof(complete));
}

#define MESSAGES	4

static void test_copy(void)
{
	unsigned int i;

	daemon_start();
	for (i = 0; i < MESSAGES; i++) {
		ask_number(i);
		tap_is_int(module_hear(), 0, "message %u of a copy", i);
	}
	tap_is_str(file_text("/in/file"), "halfhalf", "makes a file");
	ask_number(1);
	tap_is_int(module_hear(), HVIC_STATUS_INVALID_ARG, "what follows is refused");
	tap_is_int(daemon_end(SIGTERM), 0, "it ends when it is told to");
}

static void test_term(void)
{
	daemon_start();
	ask_number(0);
	module_hear();
	ask_number(1);
	module_hear();
	tap_is_int(unfinished("/in"), 1, "a copy goes on");
	tap_is_int(daemon_end(SIGTERM), 0, "while the daemon is told to end");
	tap_is_int(unfinished(""), 0, "which leaves nothing");
}

/* Killed before each message is answered, and after. */
static void test_kill(void)
{
	static struct fcopy_status status;
	unsigned int at, i;
	bool after;

	for (at = 0; at < 2 * MESSAGES; at++) {
		after = at % 2;
		unlink(below("/in/file"));
		daemon_start();
		for (i = 0; i < at / 2; i++) {
			ask_number(i);
			module_hear();
		}
		ask_number(i);
		if (after)
			tap_is_int(module_hear(), 0, "message %u is answered", i);
		tap_is_int(daemon_end(SIGKILL), -SIGKILL, "killed %s the answer to message %u",
			   after ? "behind" : "before", i);
		if (!after || i < MESSAGES - 1)
			tap_ok(!file_text("/in/file") || i == MESSAGES - 1, "there is no file");
		else
			tap_is_str(file_text("/in/file"), "halfhalf", "the file stays");
		daemon_start();
		tap_is_int(settle(), 0, "the next daemon removes what was left");
		if (file_text("/in/file"))
			tap_is_str(file_text("/in/file"), "halfhalf", "what has a name is whole");
		tap_is_int(fcopy_status_read(&status, below("/run/copies")), 0, "the list is read");
		tap_ok(!status.count || fcopy_status_last(&status)->state >= FCOPY_DONE,
		       "and has none that goes on");
		ask_number(2);
		tap_is_int(module_hear(), HVIC_STATUS_INVALID_ARG,
			   "nothing of the old copy goes on");
		daemon_end(SIGTERM);
	}
}

/* The host takes the service back in the middle, and offers it again. */
static void test_gone(void)
{
	unsigned int i;

	daemon_start();
	ask_number(0);
	module_hear();
	close(module);
	tap_is_int(settle(), 0, "a device that goes leaves nothing");
	module = wait_input(listener) ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	tap_is_int(module_hear(), HVIC_USER_FCOPY_REGISTER1, "the daemon opens it again");
	for (i = 0; i < MESSAGES; i++) {
		ask_number(i);
		tap_is_int(module_hear(), 0, "message %u", i);
	}
	tap_is_str(file_text("/in/file"), "halfhalf", "makes a file");
	daemon_end(SIGTERM);
}

static void test_config(void)
{
	int status;

	config_put("mode = 9");
	child = fork();
	if (!child)
		daemon_exec();
	waitpid(child, &status, 0);
	tap_is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 1, "a wrong setting is an end");
	config_put("silence_seconds = 5");
	daemon_start();
	ask_number(0);
	module_hear();
	tap_is_int(unfinished("/in"), 1, "a host that falls silent");
	sleep(7);
	tap_is_int(unfinished(""), 0, "is not waited for longer than is set");
	daemon_end(SIGTERM);
}

int main(void)
{
	char command[96];

	signal(SIGPIPE, SIG_IGN);
	strcpy(top, "/dev/shm/fcopy_daemon_test.XXXXXX");
	if (!mkdtemp(top))
		return 1;
	mkdir(below("/in"), 0755);
	config_put("");
	module_load();
	test_copy();
	test_term();
	test_kill();
	test_gone();
	test_config();
	snprintf(command, sizeof(command), "rm -r %s", top);
	return system(command) ? 1 : tap_done();
}
