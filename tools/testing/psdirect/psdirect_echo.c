// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A session program for tests, in the place of "pwsh -sshs":
 *
 *	psdirect_echo			speaks its framing: acknowledges what pwsh would, and gives
 *					data back as it came
 *	psdirect_echo raw		gives back bytes
 *	psdirect_echo environment	tells what it was started with, a line each
 *	psdirect_echo exit STATUS	ends at once, with a line on stderr
 *	psdirect_echo chatter		fills stderr with lines and empty ones, then tells "done"
 *	psdirect_echo hang		tells its process and a 0, and does not end by itself
 *	psdirect_echo daemon		the same, with a child that has left its session, for the 0
 *
 * After its input has ended it writes an error line and exits with 160, as pwsh does.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX		"__NamedPipeError__:"
#define INPUT_ENDED	160

static void answer(const char *line, const char *element, const char *ack)
{
	const char *guid = strstr(line, "PSGuid='");

	if (!strncmp(line, element, strlen(element)) && guid)
		printf("<%s PSGuid='%.36s' />\n", ack, guid + 8);
}

/* What is no element of the framing ends the session, as with pwsh. */
static int frame(const char *line)
{
	if (strncmp(line, "<Data ", 6) && strncmp(line, "<Command ", 9) &&
	    strncmp(line, "<Signal ", 8) && strncmp(line, "<Close ", 7)) {
		printf(PREFIX "unknown element: %.40s", line);
		return 1;
	}
	answer(line, "<Data ", "DataAck");
	answer(line, "<Command ", "CommandAck");
	answer(line, "<Signal ", "SignalAck");
	answer(line, "<Close ", "CloseAck");
	if (!strncmp(line, "<Data ", 6))
		fputs(line, stdout);
	return 0;
}

static int frames(void)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0 && line[0] != '\n' && line[0] != '\r') {
		if (frame(line))
			return 1;
		fflush(stdout);
	}
	printf(PREFIX "the input has ended\n");
	return INPUT_ENDED;
}

static int raw(void)
{
	char bytes[65536];
	ssize_t len, put, n;

	while ((len = read(0, bytes, sizeof(bytes))) > 0)
		for (put = 0; put < len; put += n) {
			n = write(1, bytes + put, (size_t)(len - put));
			if (n < 0)
				return 1;
		}
	return INPUT_ENDED;
}

static void signals_show(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long long set;
	char line[256];

	printf("\n");
	/* two above 31 are the C library's, which posix_spawn() leaves ignored */
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "SigIgn: %llx", &set) == 1 ||
		    sscanf(line, "SigBlk: %llx", &set) == 1)
			printf("%.6s=%llx\n", line, set & 0x7fffffff);
	if (file)
		fclose(file);
}

static int environment(void)
{
	char directory[1024];
	gid_t groups[64];
	mode_t mask = umask(022);
	struct stat status;
	int count = getgroups(64, groups), fd, i;

	printf("uid=%u/%u gid=%u/%u\n", getuid(), geteuid(), getgid(), getegid());
	printf("groups=");
	for (i = 0; i < count; i++)
		printf("%s%u", i ? "," : "", groups[i]);
	printf("\nleader=%d\numask=%03o\ncwd=%s\n", getsid(0) == getpid() && getpgrp() == getpid(),
	       mask, getcwd(directory, sizeof(directory)));
	printf("fds=");
	for (fd = 0; fd < 1024; fd++)
		if (!fstat(fd, &status))
			printf("%d,", fd);
	signals_show();
	printf("tty=%d\n", isatty(0) || isatty(1) || isatty(2));
	for (i = 0; environ[i]; i++)
		printf("env %s\n", environ[i]);
	printf("end\n");
	fflush(stdout);
	return raw();
}

/* A process out of sight of its session, with nothing of it open. */
static pid_t escape(void)
{
	pid_t pid = 0;
	int told[2];

	if (pipe(told) < 0 || fork() > 0) {
		close(told[1]);
		return read(told[0], &pid, sizeof(pid)) == sizeof(pid) ? pid : 0;
	}
	setsid();
	if (fork())
		_exit(0);
	pid = getpid();
	if (write(told[1], &pid, sizeof(pid)) < 0)
		_exit(1);
	close(0);
	close(1);
	close(2);
	close(told[1]);
	for (;;)
		pause();
}

static int hang(int with_daemon)
{
	pid_t escaped;

	signal(SIGTERM, SIG_IGN);
	escaped = with_daemon ? escape() : 0;
	printf("process %d %d\n", getpid(), escaped);
	fflush(stdout);
	/* no signal that it has a handler for */
	return pause();
}

static int chatter(void)
{
	int i;

	for (i = 0; i < 20000; i++)
		fputs(i % 10 ? "\n" : "\033[2Jchatter\302\233\n", stderr);
	printf("done\n");
	fflush(stdout);
	return raw();
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "frames";

	if (!strcmp(mode, "frames"))
		return frames();
	if (!strcmp(mode, "raw"))
		return raw();
	if (!strcmp(mode, "environment"))
		return environment();
	if (!strcmp(mode, "chatter"))
		return chatter();
	if (!strcmp(mode, "hang") || !strcmp(mode, "daemon"))
		return hang(mode[0] == 'd');
	if (!strcmp(mode, "exit") && argc > 2) {
		fprintf(stderr, "it cannot go on\n");
		return atoi(argv[2]);
	}
	fprintf(stderr, "psdirect_echo: there is no '%s'\n", mode);
	return 2;
}
