// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a login by PowerShell Direct takes on this machine, on Unix sockets, and what of that
 * is PAM's; and what an idle daemon has in memory.
 *
 * usage: bench_login
 *
 * Prints lines as the program bench does:
 *
 *	KERNEL ours login psdirect 0 MEDIAN-MS PAM-MEDIAN-MS ROUNDS
 *	KERNEL ours pss psdirect 0 KIB
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_appl.h>

#include "psdirect_machine.h"

/* The first of them have to read libraries from the disk. */
#define WARM_UP		3
#define ROUNDS		31

#define SERVICE		"psd-plain"
#define USER		"psd-alice"
#define WORD		"secret"
#define SETTINGS							\
	"fail_seconds = 0\npam_service = " SERVICE "\n"			\
	"[psdirect raw]\ncommand = " PSDIRECT_ECHO " raw\n"

static void die(const char *why)
{
	fprintf(stderr, "bench: logins by PowerShell Direct: %s\n", why);
	exit(1);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(double (*once)(void))
{
	double ms[ROUNDS];
	int i;

	for (i = 0; i < WARM_UP; i++)
		once();
	for (i = 0; i < ROUNDS; i++)
		ms[i] = once();
	qsort(ms, ROUNDS, sizeof(ms[0]), compare);
	return ms[ROUNDS / 2];
}

static int converse(int count, const struct pam_message **questions,
		    struct pam_response **answers, void *data)
{
	int i;

	(void)data;
	*answers = calloc((size_t)count, sizeof(**answers));
	for (i = 0; *answers && i < count; i++)
		if (questions[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			(*answers)[i].resp = strdup(WORD);
	return *answers ? PAM_SUCCESS : PAM_BUF_ERR;
}

/* What the daemon asks PAM for a login and its session. */
static int pam_do(void)
{
	const struct pam_conv conversation = { converse, NULL };
	pam_handle_t *pam = NULL;
	int status = pam_start(SERVICE, USER, &conversation, &pam);

	if (status == PAM_SUCCESS)
		status = pam_authenticate(pam, PAM_DISALLOW_NULL_AUTHTOK);
	if (status == PAM_SUCCESS)
		status = pam_acct_mgmt(pam, PAM_DISALLOW_NULL_AUTHTOK);
	if (status == PAM_SUCCESS)
		status = pam_setcred(pam, PAM_ESTABLISH_CRED);
	return status == PAM_SUCCESS ? pam_open_session(pam, 0) : status;
}

/* In a process of its own, as in the daemon, so that its modules are loaded each time. */
static double pam_once(void)
{
	double ms = 0;
	int told[2];
	pid_t pid;

	if (pipe(told) < 0)
		die("no pipe");
	pid = fork();
	if (!pid) {
		double start = now_ms();

		if (pam_do() == PAM_SUCCESS)
			ms = now_ms() - start;
		_exit(write(told[1], &ms, sizeof(ms)) != sizeof(ms));
	}
	close(told[1]);
	if (read(told[0], &ms, sizeof(ms)) != sizeof(ms) || ms <= 0)
		die("PAM does not let " USER " log in");
	close(told[0]);
	waitpid(pid, NULL, 0);
	return ms;
}

/* From the first connection to the first byte that the session's program has sent back. */
static double login_once(void)
{
	double start = now_ms(), ms;
	int fd = client_open(USER, WORD, "raw");

	if (fd < 0 || !client_text(fd, "x") || strcmp(client_hear(fd), "x"))
		die("the daemon gives no session");
	ms = now_ms() - start;
	close(fd);
	return ms;
}

/* KiB of its own in the memory of a process, with its share of what others have, too. */
static long pss_of(pid_t pid)
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
	if (pss < 0)
		die("the daemon's memory cannot be read");
	return pss;
}

int main(void)
{
	const char *why = machine_begin();
	double login, pam;
	struct utsname name;
	pid_t daemon, pids[8];
	int i;

	if (why)
		die(why);
	daemon = machine_daemon(SETTINGS);
	if (daemon < 0)
		die("the daemon does not start");
	pam = median_of(pam_once);
	login = median_of(login_once);
	for (i = 0; i < 200 && machine_children(daemon, pids, 8); i++)
		usleep(50000);
	uname(&name);
	printf("%s\tours\tlogin\tpsdirect\t0\t%.1f\t%.1f\t%d\n", name.release, login, pam, ROUNDS);
	printf("%s\tours\tpss\tpsdirect\t0\t%ld\n", name.release, pss_of(daemon));
	machine_daemon_end(daemon, SIGTERM);
	return 0;
}
