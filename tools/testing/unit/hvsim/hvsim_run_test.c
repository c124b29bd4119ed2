// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `hvsim run` is made of, without a machine: its command line, base64, the
 * end of a log, children, the way to the agent in the guest, which is played
 * here, well and badly, and the way to the control socket of a nested machine.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_agent.h"
#include "hvsim_argv.h"
#include "hvsim_base64.h"
#include "hvsim_child.h"
#include "hvsim_frame.h"
#include "hvsim_guest.h"
#include "hvsim_log.h"
#include "hvsim_options.h"
#include "hvsim_relay.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* ---- base64 ---- */

static void test_base64(void)
{
	static const struct {
		const char *bytes;
		const char *text;
	} good[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "\xff\xfe\xfd", "//79" },
	};
	static const char *const bad[] = {
		"Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zm 9", "Zg==Zg==", "Zm9\n", "=Zg=",
	};
	uint8_t *bytes;
	size_t i, len;
	char *text;
	int err;

	for (i = 0; i < NR(good); i++) {
		text = hvsim_base64_encode(good[i].bytes, strlen(good[i].bytes));
		tap_is_str(text, good[i].text, "%zu bytes are written as text", i);
		free(text);
		err = hvsim_base64_decode(good[i].text, &bytes, &len);
		tap_ok(!err && len == strlen(good[i].bytes) && !memcmp(bytes, good[i].bytes, len),
		       "'%s' is read", good[i].text);
		if (!err)
			free(bytes);
	}
	for (i = 0; i < NR(bad); i++)
		tap_is_int(hvsim_base64_decode(bad[i], &bytes, &len), -EINVAL,
			   "'%s' is no base64", bad[i]);
}

/* ---- the end of a log ---- */

static void test_log(void)
{
	static const struct {
		const char *text;
		unsigned int lines;
		const char *want;
	} cases[] = {
		{ "", 3, "" },
		{ "one\n", 3, "one\n" },
		{ "one\ntwo\nthree\n", 2, "two\nthree\n" },
		{ "one\ntwo\nthree", 2, "two\nthree" },
		{ "one\ntwo\n", 2, "one\ntwo\n" },
		{ "\n\n\n", 1, "\n" },
	};
	char directory[] = "/tmp/hvsim_run_test.XXXXXX", path[64], *tail;
	FILE *file;
	size_t i;

	if (!mkdtemp(directory))
		return;
	snprintf(path, sizeof(path), "%s/log", directory);
	for (i = 0; i < NR(cases); i++) {
		file = fopen(path, "w");
		if (!file)
			return;
		fputs(cases[i].text, file);
		fclose(file);
		tail = hvsim_log_tail(directory, "log", cases[i].lines);
		tap_is_str(tail, cases[i].want, "the end of log %zu", i);
		free(tail);
	}
	unlink(path);
	tap_ok(!hvsim_log_tail(directory, "log", 1), "there is no end of a log that is not there");
	rmdir(directory);
}

/* ---- the command line ---- */

/* Words separated by blanks, as `hvsim run` would get them. */
static int parse(struct hvsim_options *options, const char *line)
{
	static char text[256];
	char *argv[32], *rest = text;
	int argc = 0;

	snprintf(text, sizeof(text), "run %s", line);
	while (rest && argc < 31)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	return hvsim_options_parse(options, argc, argv);
}

static void test_options(void)
{
	static const char *const bad[] = {
		"--bogus", "--kernel", "--smp 0", "--smp 65", "--smp 2x", "--smp -1", "--memory 64",
		"--timeout 0", "script", "--name a/b", "--name .", "--kernel /boot/vmlinuz",
		"--modules-dir /lib/modules/x", "--kernel 6.1 script -- more", "--bus pci",
		"--bus qemu --vmbus-version 4.0", "--bus hvsim --vmbus-version 6.1",
		"--bus hvsim --vmbus-version 2.3", "--bus hvsim --vmbus-version 4",
		"--bus hvsim --vmbus-version 4.0x",
	};
	struct hvsim_options options;
	size_t i;

	tap_is_int(parse(&options, "--kernel 6.1 --disk a --disk b --guest-modules x,,y --smp 2 "
			 "-- sh -c --smp"), 0, "a long command line is understood");
	tap_is_str(options.kernel, "6.1", "the kernel");
	tap_is_int(options.bus, HVSIM_BUS_HVSIM, "hvsim's bus, unless told otherwise");
	tap_is_int(options.smp, 2, "the number of processors, not the script's argument");
	tap_is_int(options.disks.count, 2, "an option given twice");
	tap_is_int(options.guest_modules.count, 2, "a list with a hole");
	tap_is_int(options.script.count, 3, "the script and its arguments");
	tap_is_str(options.script.words[2], "--smp", "an argument that looks like an option");
	hvsim_options_free(&options);
	tap_is_int(parse(&options, "--kernel ./x --modules-dir y"), 0, "a kernel of one's own");
	hvsim_options_free(&options);
	tap_is_int(parse(&options, "--vmbus-version 4.1"), 0, "an older bus");
	tap_is_int(options.vmbus_version, 0x40001, "of that version");
	hvsim_options_free(&options);
	for (i = 0; i < NR(bad); i++) {
		tap_is_int(parse(&options, bad[i]), -EINVAL, "refused: %s", bad[i]);
		hvsim_options_free(&options);
	}
}

/* ---- programs ---- */

static void test_output(void)
{
	static const struct {
		const char *script;
		int err;
		const char *line;
	} cases[] = {
		{ "echo one; echo two", 0, "two" },
		{ "printf 'no newline'", 0, "no newline" },
		{ "echo said; exit 3", -ECHILD, NULL },
		{ "kill -9 $$", -ECHILD, NULL },
		{ "echo; cat", 0, "" },
		{ "cat", -ENODATA, NULL },
	};
	struct hvsim_argv argv;
	char *line;
	size_t i;

	for (i = 0; i < NR(cases); i++) {
		argv = (struct hvsim_argv){ 0 };
		line = NULL;
		hvsim_argv_add(&argv, "/bin/sh");
		hvsim_argv_add(&argv, "-c");
		hvsim_argv_addf(&argv, "%s", cases[i].script);
		tap_is_int(hvsim_argv_output(&argv, &line), cases[i].err, "run: %s",
			   cases[i].script);
		if (!cases[i].err)
			tap_is_str(line ?: "", cases[i].line, "output of: %s", cases[i].script);
		free(line);
		hvsim_argv_free(&argv);
	}
	hvsim_argv_add(&argv, "/nonexistent/program");
	tap_is_int(hvsim_argv_output(&argv, NULL), -ENOENT, "a program that is not there");
	hvsim_argv_free(&argv);
}

static int child_status = -1;

static void child_ended(int status, void *userdata)
{
	child_status = status;
	sd_event_exit(userdata, 0);
}

static void test_child(const char *script, bool wait, int want)
{
	struct hvsim_argv argv = { 0 }, environment = { 0 };
	struct hvsim_child_options options = {
		.argv = &argv, .environment = &environment, .standard = { -1, -1, -1 },
		.own_group = true,
	};
	struct hvsim_child *child;
	sd_event *event;

	hvsim_argv_add(&argv, "sh");
	hvsim_argv_add(&argv, "-c");
	hvsim_argv_add(&argv, script);
	hvsim_argv_add(&environment, "ADDED=a b");
	if (sd_event_new(&event) < 0)
		return;
	if (tap_is_int(hvsim_child_new(&child, event, &options, child_ended, event), 0,
		       "run beside the loop: %s", script)) {
		if (wait) {
			sd_event_loop(event);
			tap_is_int(hvsim_child_exit_status(child_status), want, "exit status %d",
				   want);
			tap_is_int(hvsim_child_pid(child), 0, "it has no process any more");
		}
		hvsim_child_free(child);
		tap_ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "it is no more");
	}
	sd_event_unref(event);
	hvsim_argv_free(&argv);
	hvsim_argv_free(&environment);
}

/* ---- the agent ---- */

static sd_event *loop;
static int agent_fd;
static unsigned int times_ready;
static unsigned int results;
static struct hvsim_guest_result last;
static char last_output[64];

static void on_ready(void *userdata)
{
	(void)userdata;
	times_ready++;
}

static void on_done(const struct hvsim_guest_result *result, void *userdata)
{
	(void)userdata;
	results++;
	last = *result;
	snprintf(last_output, sizeof(last_output), "%.*s", (int)result->len, result->output);
}

/* Lets all that has come in be handled. */
static void run_loop(void)
{
	while (sd_event_run(loop, 10000) > 0)
		;
}

static void agent_says(const void *bytes, size_t len)
{
	if (write(agent_fd, bytes, len) != (ssize_t)len)
		tap_ok(false, "the agent can write");
	run_loop();
}

static void agent_sends(uint16_t type, uint16_t id, const void *bytes, uint32_t len)
{
	uint8_t frame[256];

	hvsim_frame_encode_head(frame, type, id, len);
	memcpy(frame + HVSIM_FRAME_HEAD_LEN, bytes, len);
	agent_says(frame, HVSIM_FRAME_HEAD_LEN + len);
}

static void agent_done(uint16_t id, int32_t status, int32_t error)
{
	struct hvsim_agent_done done = { status, error };

	agent_sends(HVSIM_AGENT_DONE, id, &done, sizeof(done));
}

/* What the host has sent: one frame; -1 when there is none. */
static int agent_receives(struct hvsim_frame *frame)
{
	static uint8_t bytes[2 * HVSIM_AGENT_PIECE];
	ssize_t n;

	run_loop();
	n = recv(agent_fd, bytes, HVSIM_FRAME_HEAD_LEN, MSG_DONTWAIT);
	if (n != HVSIM_FRAME_HEAD_LEN)
		return -1;
	n = recv(agent_fd, bytes + n, hvsim_frame_get(bytes, 4), MSG_WAITALL);
	return hvsim_frame_decode(frame, bytes, HVSIM_FRAME_HEAD_LEN + (size_t)n) == 1 ? 0 : -1;
}

static void test_guest_exec(struct hvsim_guest *guest)
{
	struct hvsim_frame frame;

	tap_is_int(hvsim_guest_exec(guest, "first", 0, on_done, NULL), 0, "a job before the agent");
	hvsim_guest_exec(guest, "second", 0, on_done, NULL);
	tap_is_int(agent_receives(&frame), -1, "nothing is sent before the agent is there");
	agent_says("left over \xff\xff", 12);
	tap_ok(!hvsim_guest_is_ready(guest), "rubbish is no hello");
	agent_says(HVSIM_AGENT_HELLO, 7);
	agent_says(HVSIM_AGENT_HELLO + 7, HVSIM_AGENT_HELLO_LEN - 7);
	tap_ok(hvsim_guest_is_ready(guest) && times_ready == 1, "a hello in two pieces");

	tap_ok(!agent_receives(&frame) && frame.type == HVSIM_AGENT_EXEC && frame.length == 9 &&
	       !memcmp(frame.bytes + 4, "first", 5), "jobs are sent, the first first");
	agent_sends(HVSIM_AGENT_OUTPUT, frame.arg, "out", 3);
	agent_sends(HVSIM_AGENT_OUTPUT, frame.arg, "put", 3);
	tap_is_int(results, 0, "output does not end a job");
	agent_done(frame.arg, 7, 0);
	tap_is_int(results, 1, "the agent ends it");
	tap_is_int(last.status, 7, "with a status");
	tap_is_str(last_output, "output", "and all output");
	agent_done(frame.arg, 8, 0);
	tap_is_int(results, 1, "ended twice, it has ended once");
	agent_receives(&frame);
	agent_done(frame.arg, 137, ETIME);
	tap_is_int(last.error, -ETIME, "an error of the agent's");
}

static void test_guest_push(struct hvsim_guest *guest)
{
	uint8_t *bytes = calloc(1, HVSIM_AGENT_PIECE + 1);
	struct hvsim_agent_push push;
	struct hvsim_frame frame;

	hvsim_guest_push(guest, "/p", 0600, bytes, HVSIM_AGENT_PIECE + 1, on_done, NULL);
	free(bytes);
	tap_ok(!agent_receives(&frame) &&
	       frame.length == sizeof(push) + sizeof("/p") + HVSIM_AGENT_PIECE,
	       "a large file's start");
	agent_done(frame.arg, 0, 0);
	tap_ok(!agent_receives(&frame) && frame.length == sizeof(push) + sizeof("/p") + 1,
	       "and its rest, once the start is written");
	memcpy(&push, frame.bytes, sizeof(push));
	tap_is_int((long long)push.offset, HVSIM_AGENT_PIECE, "which goes behind it");
	results = 0;
	agent_done(frame.arg, 0, 0);
	tap_ok(results == 1 && !last.error, "the file is written");
	hvsim_guest_push(guest, "/p", 0600, "", 0, on_done, NULL);
	tap_ok(!agent_receives(&frame) && frame.length == sizeof(push) + sizeof("/p"),
	       "an empty file");
	agent_done(frame.arg, 0, EROFS);
	tap_is_int(last.error, -EROFS, "a file that cannot be written");
}

static void test_guest_reset(struct hvsim_guest *guest)
{
	struct hvsim_frame frame;

	results = 0;
	hvsim_guest_exec(guest, "lost", 0, on_done, NULL);
	agent_receives(&frame);
	agent_says("\x10\0\0\0\3", 5);		/* the start of a frame */
	hvsim_guest_reset(guest);
	tap_ok(results == 1 && last.error == -ESTALE, "a reset ends what runs");
	agent_says(HVSIM_AGENT_HELLO, HVSIM_AGENT_HELLO_LEN);
	tap_ok(hvsim_guest_is_ready(guest), "a hello behind half a frame is heard");

	hvsim_guest_exec(guest, "lost, too", 0, on_done, NULL);
	agent_receives(&frame);
	agent_says(HVSIM_AGENT_HELLO, HVSIM_AGENT_HELLO_LEN);
	tap_ok(results == 2 && last.error == -ESTALE && times_ready == 3,
	       "so does an agent that starts anew");
	hvsim_guest_exec(guest, "slow", 1, on_done, NULL);
	agent_receives(&frame);
	tap_is_int(results, 2, "a command has time beyond its own for the agent to answer");
	shutdown(agent_fd, SHUT_RDWR);
	run_loop();
	tap_ok(results == 3 && last.error == -ESTALE, "a guest that has gone ends what runs");
	tap_is_int(hvsim_guest_exec(guest, "x", 0, on_done, NULL), -ESTALE, "and takes no more");
}

static void test_guest(void)
{
	struct hvsim_guest *guest;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
		return;
	agent_fd = pair[1];
	if (!tap_is_int(hvsim_guest_new(&guest, loop, pair[0], on_ready, NULL), 0, "a guest"))
		return;
	test_guest_exec(guest);
	test_guest_push(guest);
	test_guest_reset(guest);
	hvsim_guest_free(guest);
	close(agent_fd);
}

/* ---- the way inside ---- */

static int client_connect(const char *directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control.sock", directory);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s: %s", address.sun_path, strerror(errno));
	run_loop();
	return fd;
}

static void say(int fd, const char *line)
{
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line))
		tap_diag("cannot say %s", line);
	run_loop();
}

/* All that has come, with '|' for the ends of lines; "gone" when nobody is there. */
static const char *hear(int fd)
{
	static char text[1024];
	ssize_t len;
	char *at;

	run_loop();
	len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (!len)
		return "gone";
	text[len < 0 ? 0 : len] = '\0';
	for (at = text; *at; at++)
		if (*at == '\n')
			*at = '|';
	return text;
}

static void test_relay_talk(const char *directory, int port)
{
	int one = client_connect(directory), two = client_connect(directory);

	say(one, "{\"execute\":\"a\",\"id\":\"x\"}\r\n\n{\"execute\":");
	say(two, "{\"execute\":\"b\"}\n");
	say(one, "\"c\",\"id\":[1]}\n");
	tap_is_str(hear(port), "{\"execute\":\"a\",\"id\":[1,\"x\"]}|"
		   "{\"execute\":\"b\",\"id\":[2]}|{\"execute\":\"c\",\"id\":[1,[1]]}|",
		   "requests go inside, and say whose they are");
	say(port, "{\"return\":{},\"id\":[2]}\n{\"return\":{},\"id\":[1,[1]]}\n{\"return\"");
	tap_is_str(hear(two), "{\"return\":{}}|", "an answer comes back to who asked");
	tap_is_str(hear(one), "{\"return\":{},\"id\":[1]}|", "with the id that it had");
	say(port, ":{},\"id\":[1,\"x\"]}\n");
	tap_is_str(hear(one), "{\"return\":{},\"id\":\"x\"}|", "in whatever order");
	say(port, "rubbish\n{}\n{\"id\":7}\n{\"id\":[]}\n{\"id\":[9]}\n{\"id\":[\"x\"]}\n");
	tap_is_str(hear(one), "", "what is no answer is nobody's");
	say(one, "rubbish\n");
	tap_is_str(hear(one), "{\"error\":{\"class\":\"bad-request\",\"desc\":"
		   "\"a request is one JSON object a line\"}}|", "nor is what is no request");
	say(one, "{\"execute\":\"d\"}\n");
	close(one);
	run_loop();
	say(port, "{\"return\":{},\"id\":[1]}\n");
	one = client_connect(directory);
	tap_is_str(hear(one), "", "who comes later does not get another's answer");
	hear(port);
	shutdown(port, SHUT_RDWR);
	tap_is_str(hear(two), "gone", "when the machine has gone, all are cut off");
	close(one);
	one = client_connect(directory);
	say(one, "{}\n");
	tap_is_str(hear(one), "gone", "and who comes then, too");
	close(one);
	close(two);
}

static void test_relay(void)
{
	char directory[] = "/tmp/hvsim_run_test.XXXXXX";
	struct hvsim_relay *relay;
	int pair[2];

	if (!mkdtemp(directory) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
		return;
	if (!tap_is_int(hvsim_relay_new(&relay, loop, directory, pair[0]), 0, "a way inside"))
		return;
	test_relay_talk(directory, pair[1]);
	hvsim_relay_free(relay);
	close(pair[1]);
	tap_ok(!rmdir(directory), "it leaves no socket");
}

int main(void)
{
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	test_base64();
	test_log();
	test_options();
	test_output();
	sigprocmask(SIG_BLOCK, &child, NULL);
	if (sd_event_new(&loop) < 0)
		return 1;
	test_child("test \"$ADDED\" = 'a b' && exit 5", true, 5);
	test_child("kill -9 $$", true, 128 + SIGKILL);
	test_child("sleep 60 & wait", false, 0);
	test_guest();
	test_relay();
	sd_event_unref(loop);
	return tap_done();
}
