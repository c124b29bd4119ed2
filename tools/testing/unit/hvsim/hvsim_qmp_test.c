// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU's monitor: answers in their order, events between them, and a QEMU that hangs.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_qmp.h"

#define SILENCE_US	300000

static sd_event *event;
static struct hvsim_qmp *qmp;
static int qemu;
static char said[400];		/* what came back, in its order */

static void say(const char *who, const char *what)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%s%s: %s", len ? ", " : "", who, what);
}

static void on_event(const char *name, struct json_object *data, void *userdata)
{
	(void)data;
	(void)userdata;
	say("event", name);
}

static void on_reply(struct json_object *ret, const char *error, void *userdata)
{
	say(userdata, ret ? json_object_to_json_string_ext(ret, JSON_C_TO_STRING_PLAIN) : error);
}

/* As long as something happens. */
static void loop(uint64_t us)
{
	while (sd_event_run(event, us) > 0)
		;
}

static void tell(const char *line)
{
	if (send(qemu, line, strlen(line), MSG_NOSIGNAL) < 0)
		tap_diag("cannot send: %s", strerror(errno));
	loop(20000);
}

static void begin(void)
{
	int fds[2];

	said[0] = '\0';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0 ||
	    hvsim_qmp_new(&qmp, event, fds[0], on_event, NULL) < 0)
		return;
	qemu = fds[1];
	hvsim_qmp_patience(qmp, SILENCE_US);
	tell("{\"QMP\": {}}\r\n{\"return\": {}}\r\n");
}

static void end(void)
{
	hvsim_qmp_free(qmp);
	close(qemu);
}

static void test_order(void)
{
	char asked[200] = "";
	ssize_t len;

	begin();
	hvsim_qmp_call(qmp, "stop", on_reply, "first");
	hvsim_qmp_call(qmp, "cont", on_reply, "second");
	loop(20000);
	len = recv(qemu, asked, sizeof(asked) - 1, 0);
	tap_is_str(len > 0 ? asked : "", "{\"execute\": \"qmp_capabilities\"}\n"
		   "{\"execute\": \"stop\"}\n{\"execute\": \"cont\"}\n", "qmp: what QEMU is told");
	tell("{\"return\": {}}\n{\"event\": \"STOP\"}\n{\"error\": {\"desc\": \"no\"}}\n");
	tap_is_str(said, "first: {}, event: STOP, second: no", "qmp: what it says");
	loop(2 * SILENCE_US);
	tap_is_int(hvsim_qmp_call(qmp, "stop", NULL, NULL), 0,
		   "qmp: a QEMU that nobody asks anything may be silent");
	end();
}

static void test_silent(void)
{
	static const char hangs[] = "QEMU has not answered its monitor for too long: it hangs, and "
				    "takes no commands any more";
	char want[400];

	begin();
	hvsim_qmp_call(qmp, "stop", on_reply, "first");
	hvsim_qmp_call(qmp, "system_reset", on_reply, "second");
	loop(SILENCE_US / 2);
	tell("{\"return\": {}}\n");
	loop(SILENCE_US * 3 / 4);
	tap_is_str(said, "first: {}", "qmp: each command has its own time");
	loop(SILENCE_US);
	snprintf(want, sizeof(want), "first: {}, second: %s", hangs);
	tap_is_str(said, want, "qmp: a QEMU that hangs is not waited for");
	tap_is_int(hvsim_qmp_call(qmp, "quit", on_reply, "third"), -ENOTCONN,
		   "qmp: nor asked again");
	end();
}

static void test_gone(void)
{
	begin();
	hvsim_qmp_call(qmp, "quit", on_reply, "first");
	loop(20000);
	close(qemu);
	loop(20000);
	tap_is_str(said, "first: QEMU has gone", "qmp: a QEMU that goes");
	qemu = -1;
	end();
}

int main(void)
{
	if (sd_event_new(&event) < 0)
		return 1;
	test_order();
	test_silent();
	test_gone();
	sd_event_unref(event);
	return tap_done();
}
