// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket of a nested machine: whose answer is whose, what is no request, and
 * that a machine inside which sleeps is woken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_relay.h"

/* A little more than the time between two wake-ups. */
#define WAKE_US		6000000

static sd_event *event;
static struct hvsim_relay *relay;
static int machine;		/* the end of the port that is inside */
static char directory[32];

/* As long as something happens. */
static void loop(void)
{
	while (sd_event_run(event, 20000) > 0)
		;
}

static void tell(int fd, const char *line)
{
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		tap_diag("cannot send: %s", strerror(errno));
	loop();
}

/* What has come, valid until the next call; "closed" where nothing will any more. */
static const char *heard(int fd)
{
	static char text[1000];
	ssize_t len = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (!len)
		return "closed";
	text[len > 0 ? len : 0] = '\0';
	return text;
}

static int client_new(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control.sock", directory);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect: %s", strerror(errno));
	loop();
	return fd;
}

static bool begin(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
		return false;
	machine = fds[1];
	return !hvsim_relay_new(&relay, event, directory, fds[0]);
}

static void end(void)
{
	hvsim_relay_free(relay);
	close(machine);
}

static void test_answers(void)
{
	int first, second;

	if (!tap_ok(begin(), "relay: it listens"))
		return;
	first = client_new();
	second = client_new();
	tell(first, "{\"execute\":\"status\",\"id\":7}\r\n");
	tap_is_str(heard(machine), "{\"execute\":\"status\",\"id\":[1,7]}\n",
		   "relay: a request goes inside with who asked");
	tell(second, "{\"execute\":\"stop\"}\n");
	tap_is_str(heard(machine), "{\"execute\":\"stop\",\"id\":[2]}\n",
		   "relay: so does one without an id");
	tell(machine, "{\"return\":{},\"id\":[2]}\n{\"return\":1,\"id\":[1,7]}\n");
	tap_is_str(heard(first), "{\"return\":1,\"id\":7}\n", "relay: each gets its own answer");
	tap_is_str(heard(second), "{\"return\":{}}\n", "relay: as it would without a relay");
	tell(machine, "{\"return\":1,\"id\":[9,7]}\n{\"event\":\"x\"}\nnonsense\n");
	tap_is_str(heard(first), "", "relay: an answer that is nobody's goes nowhere");
	close(second);
	loop();
	tell(machine, "{\"return\":{},\"id\":[2]}\n");
	tap_is_str(heard(first), "", "relay: nor does that of somebody who has gone");
	close(first);
	end();
}

static void test_nonsense(void)
{
	int client;

	begin();
	client = client_new();
	tell(client, "\r\n\n");
	tap_is_str(heard(machine), "", "relay: an empty line is no request");
	tell(client, "status\n");
	tap_ok(strstr(heard(client), "bad-request"), "relay: nonsense is refused");
	tap_is_str(heard(machine), "", "relay: and goes no further");
	tell(client, "{\"execute\":\"status\"}\n");
	tap_is_str(heard(machine), "{\"execute\":\"status\",\"id\":[1]}\n",
		   "relay: the next request does");
	close(client);
	end();
}

static void test_wakes(void)
{
	begin();
	sd_event_run(event, WAKE_US);
	loop();
	tap_is_str(heard(machine), "\n", "relay: a machine that nobody asks anything is woken");
	sd_event_run(event, WAKE_US);
	loop();
	tap_is_str(heard(machine), "\n", "relay: again and again");
	end();
}

static void test_gone(void)
{
	int client;

	begin();
	client = client_new();
	shutdown(machine, SHUT_RDWR);
	loop();
	tap_is_str(heard(client), "closed", "relay: without the machine nobody is kept waiting");
	close(client);
	sd_event_run(event, WAKE_US);
	loop();
	end();
}

int main(void)
{
	/* not where hvsim list would find it, and ask */
	strcpy(directory, "/tmp/relay-XXXXXX");
	if (sd_event_new(&event) < 0 || !mkdtemp(directory))
		return 1;
	test_answers();
	test_nonsense();
	test_wakes();
	test_gone();
	sd_event_unref(event);
	rmdir(directory);
	return tap_done();
}
