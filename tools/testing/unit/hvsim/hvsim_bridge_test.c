// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim socket: what it takes for a port, and that neither way waits for the other.
 */
#include <signal.h>
#include <sys/wait.h>

#include "hvsim_bridge.c"
#include "tap.h"

/* More than all buffers between the two hold. */
#define MUCH	(8 << 20)

static char directory[32] = "/tmp/hvsim_bridge_test.XXXXXX";

/* Of the command's own; here there is no machine to be without. */
int hvsim_no_machine(const struct hvsim_setup *setup, int err)
{
	(void)setup;
	(void)err;
	return HVSIM_EXIT_NO_MACHINE;
}

static void test_names(void)
{
	static const struct {
		const char *text, *name;
	} names[] = {
		{ "0", "0" },
		{ "5000", "5000" },
		{ "4294967295", "4294967295" },
		{ "00001388-facb-11e6-bd58-64006a7986d3", "5000" },
		{ "FFFFFFFF-FACB-11E6-BD58-64006A7986D3", "4294967295" },
		{ "999E53D4-3D5C-4C3E-8779-BED06EC056E1",
		  "999e53d4-3d5c-4c3e-8779-bed06ec056e1" },
		{ "4294967296" }, { "99999999999999999999" }, { "-1" }, { "" }, { "22 " },
		{ "ssh" },
		{ "00001388-facb-11e6-bd58" },
	};
	char name[HVSIM_GUID_TEXT_LEN];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!names[i].name)
			tap_ok(!name_read(name, names[i].text), "'%s' is refused", names[i].text);
		else if (tap_ok(name_read(name, names[i].text), "'%s' is taken", names[i].text))
			tap_is_str(name, names[i].name, "as that");
	}
}

/* A machine whose guest hears much, says it back, and hears nothing meanwhile. */
static void echo(int listener)
{
	static const char ok[] = "OK 1\n";
	static char bytes[1 << 20];
	int fd = accept(listener, NULL, NULL);
	ssize_t got = 0;
	char c = 0;

	while (fd >= 0 && c != '\n')
		if (read(fd, &c, 1) != 1)
			_exit(1);
	if (write(fd, ok, sizeof(ok) - 1) < 0)
		_exit(1);
	while ((got = recv(fd, bytes, sizeof(bytes), MSG_WAITALL)) > 0)
		if (hvsim_bridge_write(fd, bytes, (size_t)got) < 0)
			_exit(1);
	_exit(0);
}

static void bridge(const char *socket_path, int input, int output)
{
	const struct hvsim_setup setup = { .control = socket_path };
	char connect[] = "connect", port[] = "5000", *argv[] = { connect, connect, port, NULL };

	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	/* much longer than it takes */
	alarm(20);
	_exit(hvsim_bridge_main(&setup, 3, argv));
}

static int machine(char *control, size_t size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(control, size, "%s/control.sock", directory);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/vsock.sock", directory);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listener, 1) < 0)
		return -1;
	return listener;
}

static void test_both_ways(void)
{
	char control[sizeof(directory) + 32], path[sizeof(directory) + 32];
	int listener = machine(control, sizeof(control)), input, output, status;
	pid_t guest, program;
	uint32_t word;
	off_t at;
	bool same = true;

	snprintf(path, sizeof(path), "%s/data", directory);
	input = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	snprintf(path, sizeof(path), "%s/back", directory);
	output = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	for (word = 0; word < MUCH / sizeof(word); word++)
		same &= write(input, &word, sizeof(word)) == sizeof(word);
	lseek(input, 0, SEEK_SET);

	guest = fork();
	if (!guest)
		echo(listener);
	program = fork();
	if (!program)
		bridge(control, input, output);
	waitpid(program, &status, 0);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status),
	       "it comes to its end with much both ways");
	if (WIFSIGNALED(status))
		kill(guest, SIGKILL);
	waitpid(guest, &status, 0);
	for (at = 0; at < MUCH; at += sizeof(word))
		same &= pread(output, &word, sizeof(word), at) == sizeof(word) &&
			word == at / sizeof(word);
	tap_ok(same, "and all of it is back");
	close(input);
	close(output);
	close(listener);
}

int main(void)
{
	size_t i;

	if (!mkdtemp(directory))
		return 1;
	signal(SIGPIPE, SIG_IGN);
	test_names();
	test_both_ways();
	for (i = 0; i < 3; i++) {
		static const char *const names[] = { "data", "back", "vsock.sock" };
		char path[sizeof(directory) + 16];

		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
	return tap_done();
}
