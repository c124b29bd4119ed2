// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim console: a terminal on the guest's shell, which a running machine has
 * on the socket shell.sock beside its control socket.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "hvsim_client.h"
#include "hvsim_cmd.h"

/* Ctrl-], as telnet has it: nothing else is likely to need it. */
#define LEAVE_KEY	0x1d

/* How long a shell that is fed from a file may think before it answers, in ms. */
#define SILENCE_MS	1000

static const char help[] =
"usage: hvsim console [--name NAME] [--control SOCKET]\n"
"\n"
"Gives you a shell in the guest of a running machine.  Ctrl-] leaves it, and\n"
"leaves what runs in it running.\n"
"\n"
"Example: hvsim console\n";

static int shell_address(struct sockaddr_un *address, const char *control)
{
	size_t size = sizeof(address->sun_path);
	char usual[sizeof(address->sun_path)];
	const char *slash;
	int len;

	if (!control)
		control = getenv("HVSIM_CONTROL");
	address->sun_family = AF_UNIX;
	if (control && *control) {
		slash = strrchr(control, '/');
		len = snprintf(address->sun_path, size, "%.*sshell.sock",
			       slash ? (int)(slash + 1 - control) : 0, control);
	} else {
		if (hvsim_client_directory(usual, sizeof(usual), NULL) < 0)
			return -ENAMETOOLONG;
		len = snprintf(address->sun_path, size, "%s/shell.sock", usual);
	}
	return len >= 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
}

static int shell_connect(const char *control)
{
	struct sockaddr_un address = { 0 };
	int fd, err;

	err = shell_address(&address, control);
	if (err < 0)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* Writes all of it; what does not block today may tomorrow. */
static int write_all(int fd, const char *bytes, size_t len)
{
	ssize_t done;

	for (; len; bytes += done, len -= (size_t)done) {
		done = write(fd, bytes, len);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done < 0)
			done = 0;
	}
	return 0;
}

enum passed {
	PASSED,
	PASSED_END,	/* there will be no more */
	PASSED_LEAVE,	/* the user wants no more */
};

static enum passed pass_on(int from, int to, bool from_user)
{
	char bytes[4096], *leave;
	ssize_t got = read(from, bytes, sizeof(bytes));

	if (got <= 0)
		return PASSED_END;
	leave = from_user ? memchr(bytes, LEAVE_KEY, (size_t)got) : NULL;
	if (leave)
		got = leave - bytes;
	if (write_all(to, bytes, (size_t)got) < 0)
		return PASSED_END;
	return leave ? PASSED_LEAVE : PASSED;
}

static void shell_talk(int fd)
{
	struct pollfd both[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	enum passed passed;
	int ready;

	/* the guest's shell waits for somebody to say something */
	write_all(fd, "\n", 1);
	for (;;) {
		/* with nobody left to type, silence is the end */
		ready = poll(both, 2, both[0].fd < 0 ? SILENCE_MS : -1);
		if (!ready || (ready < 0 && errno != EINTR))
			return;
		if (ready < 0)
			continue;
		if (both[1].revents && pass_on(fd, STDOUT_FILENO, false) != PASSED)
			return;
		if (!both[0].revents)
			continue;
		passed = pass_on(STDIN_FILENO, fd, true);
		if (passed == PASSED_LEAVE)
			return;
		if (passed == PASSED_END)
			both[0].fd = -1;
	}
}

/**
 * hvsim_console_main() - The command `hvsim console`.
 * @setup: which machine
 * @argc: from "console" on
 * @argv: likewise
 *
 * Return: exit status of the program.
 */
int hvsim_console_main(const struct hvsim_setup *setup, int argc, char **argv)
{
	struct hvsim_setup chosen = { .control = setup->control };
	struct termios before, raw;
	bool terminal;
	int fd;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		fputs(help, stdout);
		return HVSIM_EXIT_OK;
	}
	if (argc == 3 && !strcmp(argv[1], "--control")) {
		chosen.control = argv[2];
	} else if (argc == 3 && !strcmp(argv[1], "--name")) {
		if (hvsim_setup_name(&chosen, argv[2]) < 0)
			return HVSIM_EXIT_USAGE;
	} else if (argc != 1) {
		fprintf(stderr, "hvsim console: no such option; see hvsim console --help\n");
		return HVSIM_EXIT_USAGE;
	}
	fd = shell_connect(chosen.control);
	if (fd < 0)
		return hvsim_no_machine(&chosen, fd);
	terminal = !tcgetattr(STDIN_FILENO, &before);
	if (terminal) {
		fprintf(stderr, "Ctrl-] leaves.\n");
		raw = before;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	shell_talk(fd);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
		fputs("\r\n", stderr);
	}
	close(fd);
	return HVSIM_EXIT_OK;
}
