// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim ps -- COMMAND: runs a script in a session, and shows what it says.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "hvsim_cmd.h"
#include "hvsim_ps.h"
#include "hvsim_psrp.h"

/**
 * struct talk - a session under way
 * @psrp: what it says
 * @fd: the connection
 * @len: bytes of a line, or of part of one
 * @bytes: those
 */
struct talk {
	struct hvsim_psrp *psrp;
	int fd;
	size_t len;
	char bytes[HVSIM_PSRP_LINE_MAX];
};

static void on_said(enum hvsim_psrp_kind kind, const char *text, void *userdata)
{
	bool ours = kind == HVSIM_PSRP_OUTPUT || kind == HVSIM_PSRP_INFORMATION;

	(void)userdata;
	/* in the order in which it came, also where both end in one file */
	fprintf(ours ? stdout : stderr, "%s\n", text);
	fflush(ours ? stdout : stderr);
}

static const struct hvsim_psrp_owner owner = { .said = on_said };

static int talk_send(struct talk *talk)
{
	size_t len;
	char *lines = hvsim_psrp_take(talk->psrp, &len);
	int err = lines ? hvsim_bridge_write(talk->fd, lines, len) : -ENOMEM;

	free(lines);
	return err;
}

/* Takes all lines that have come; returns as hvsim_psrp_line() does. */
static int lines_take(struct talk *talk)
{
	char *line = talk->bytes, *end;
	int ret = 0;

	while (!ret && (end = memchr(line, '\n', talk->len))) {
		*end = '\0';
		if (end > line && end[-1] == '\r')
			end[-1] = '\0';
		ret = hvsim_psrp_line(talk->psrp, line);
		talk->len -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(talk->bytes, line, talk->len);
	return ret;
}

static int talk_receive(struct talk *talk)
{
	ssize_t len;

	if (talk->len == sizeof(talk->bytes))
		return -EMSGSIZE;
	len = read(talk->fd, talk->bytes + talk->len, sizeof(talk->bytes) - talk->len);
	if (len < 0)
		return errno == EINTR ? 0 : -errno;
	if (!len)
		return -ECONNRESET;
	talk->len += (size_t)len;
	return lines_take(talk);
}

/*
 * The first interrupt has the guest stop the script; the next ends the program, should the
 * guest not stop. Returns -EINTR where there is no script yet.
 */
static int interrupt_take(struct talk *talk, struct pollfd *signals)
{
	sigset_t set;

	close(signals->fd);
	signals->fd = -1;
	/* the one that was seen is still there */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigwaitinfo(&set, NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return hvsim_psrp_stop(talk->psrp) == -EAGAIN ? -EINTR : 0;
}

/* Returns 0 after an orderly end, or a negative errno. */
static int talk_run(struct talk *talk)
{
	struct pollfd polls[2] = { { .fd = talk->fd, .events = POLLIN }, { .events = POLLIN } };
	sigset_t set;
	int ret = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	polls[1].fd = signalfd(-1, &set, SFD_CLOEXEC);
	while (!ret) {
		ret = talk_send(talk);
		if (ret < 0 || poll(polls, 2, -1) < 0)
			continue;
		if (polls[1].revents)
			ret = interrupt_take(talk, &polls[1]);
		if (polls[0].revents && !ret)
			ret = talk_receive(talk);
	}
	if (polls[1].fd >= 0)
		close(polls[1].fd);
	return ret < 0 ? ret : 0;
}

static const char *reason(const struct hvsim_psrp *psrp, int err)
{
	if (hvsim_psrp_error(psrp))
		return hvsim_psrp_error(psrp);
	/* the words of PowerShell's client */
	if (err == -ECONNRESET || err == -EPIPE)
		return "The Hyper-V socket target process has ended.";
	if (err == -EMSGSIZE)
		return "the guest sent a line of more than 64 KiB";
	return strerror(-err);
}

static int talk_new(struct talk *talk, const char *script)
{
	uint8_t guids[2][HVSIM_GUID_LEN];

	if (getrandom(guids, sizeof(guids), 0) != sizeof(guids))
		return -errno;
	return hvsim_psrp_new(&talk->psrp, guids[0], guids[1], script, &owner, NULL);
}

/**
 * hvsim_ps_command() - Run a script in a session.
 * @fd: the session's connection
 * @script: the script's text, UTF-8
 *
 * Output goes to standard output, errors and warnings to standard error.  An interrupt has
 * the guest stop the script.
 *
 * Return: HVSIM_EXIT_OK; HVSIM_EXIT_REFUSED when the script wrote an error, was stopped, or
 * the session broke.
 */
int hvsim_ps_command(int fd, const char *script)
{
	static struct talk talk;
	int err, status;

	signal(SIGPIPE, SIG_IGN);
	talk.fd = fd;
	err = talk_new(&talk, script);
	if (err < 0) {
		fprintf(stderr, "hvsim ps: %s\n", strerror(-err));
		return HVSIM_EXIT_REFUSED;
	}
	err = talk_run(&talk);
	if (err < 0)
		fprintf(stderr, "hvsim ps: %s\n", reason(talk.psrp, err));
	status = err < 0 || hvsim_psrp_failed(talk.psrp) ? HVSIM_EXIT_REFUSED : HVSIM_EXIT_OK;
	hvsim_psrp_free(talk.psrp);
	return status;
}
