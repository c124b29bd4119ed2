// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a daemon has to say.
 *
 * The state is the process's, as stderr is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "hvd_log.h"
#include "hvd_text.h"

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"
#define LINE_MAX_LEN	1024
#define FIELDS_MAX	16	/* ours among them */
#define HELD_LEN	16384

static struct {
	const char *name;
	bool to_stderr;
	bool to_journal;
	int level;
	int facility;
	bool held;
	size_t held_len;
	unsigned int held_lost;
	char held_lines[HELD_LEN];	/* a byte of the level and a line with its NUL, each */
} state = {
	.name = "hyperv-ics", .to_stderr = true, .level = LOG_INFO, .facility = LOG_DAEMON,
};

/* Whether stderr is the journal's own pipe: then fields can go there, too. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &status) && status.st_dev == device &&
	       status.st_ino == inode;
}

/**
 * hvd_log_facility() - Say what kind of messages they are; until then LOG_DAEMON.
 * @facility: of syslog(); not seen where messages go to stderr
 */
void hvd_log_facility(int facility)
{
	state.facility = facility;
}

/**
 * hvd_log_open() - Say where messages go; until then it is stderr.
 * @name: what they are from; must stay
 * @to_stderr: there, and nowhere else, unless that is the journal
 * @debug: whether those of LOG_DEBUG are wanted
 */
void hvd_log_open(const char *name, bool to_stderr, bool debug)
{
	state.name = name;
	state.to_journal = stderr_is_journal() ||
			   (!to_stderr && !access(JOURNAL_SOCKET, W_OK));
	state.to_stderr = to_stderr && !state.to_journal;
	state.level = debug ? LOG_DEBUG : LOG_INFO;
	if (!state.to_stderr && !state.to_journal)
		openlog(name, LOG_PID, state.facility);
}

/**
 * hvd_log_wanted() - Whether messages of a level are wanted.
 * @level: of syslog()
 *
 * Return: whether they are.
 */
bool hvd_log_wanted(int level)
{
	return level <= state.level;
}

/* One send: the journal keeps fields together that come together. */
static void journal_send(int level, const char *const fields[], const char *line)
{
	char message[LINE_MAX_LEN + 16], priority[16], facility[32], identifier[64];
	struct iovec parts[FIELDS_MAX];
	int count = 4, i;

	snprintf(message, sizeof(message), "MESSAGE=%s", line);
	snprintf(priority, sizeof(priority), "PRIORITY=%d", level);
	snprintf(facility, sizeof(facility), "SYSLOG_FACILITY=%d", LOG_FAC(state.facility));
	snprintf(identifier, sizeof(identifier), "SYSLOG_IDENTIFIER=%s", state.name);
	parts[0] = (struct iovec){ message, strlen(message) };
	parts[1] = (struct iovec){ priority, strlen(priority) };
	parts[2] = (struct iovec){ identifier, strlen(identifier) };
	parts[3] = (struct iovec){ facility, strlen(facility) };
	for (i = 0; fields && fields[i] && count < FIELDS_MAX; i++, count++)
		parts[count] = (struct iovec){ (char *)fields[i], strlen(fields[i]) };
	sd_journal_sendv(parts, count);
}

/* The fields are not kept: there is no room to be had for them. */
static void line_keep(int level, const char *line)
{
	size_t len = strlen(line) + 1;

	if (HELD_LEN - state.held_len < len + 1) {
		state.held_lost++;
		return;
	}
	state.held_lines[state.held_len] = (char)level;
	memcpy(state.held_lines + state.held_len + 1, line, len);
	state.held_len += len + 1;
}

static void line_write(int level, const char *const fields[], const char *format, va_list args)
{
	char raw[LINE_MAX_LEN], line[LINE_MAX_LEN];

	vsnprintf(raw, sizeof(raw), format, args);
	/* names and values of others must not begin lines, or speak to a terminal */
	hvd_text_printable(line, sizeof(line), raw);
	if (state.held)
		line_keep(level, line);
	else if (state.to_journal)
		journal_send(level, fields, line);
	else if (state.to_stderr)
		fprintf(stderr, "%s: %s\n", state.name, line);
	else
		syslog(state.facility | level, "%s", line);
}

/**
 * hvd_log_hold() - Keep what is said in memory for now.
 *
 * Until hvd_log_release(), nothing is allocated, written or sent to anybody: who would
 * take it may be waiting for a frozen disk.
 */
void hvd_log_hold(void)
{
	state.held = true;
}

/**
 * hvd_log_release() - Say what was kept, and go on as usual.
 */
void hvd_log_release(void)
{
	size_t at, len = state.held_len;

	if (!state.held)
		return;
	state.held = false;
	state.held_len = 0;
	for (at = 0; at < len; at += strlen(state.held_lines + at) + 1)
		hvd_log(state.held_lines[at], "%s", state.held_lines + at + 1);
	if (state.held_lost)
		hvd_warning("%u more messages did not fit", state.held_lost);
	state.held_lost = 0;
}

/**
 * hvd_log() - Say something.
 * @level: of syslog()
 * @format: of printf(); one line, without the newline
 */
void hvd_log(int level, const char *format, ...)
{
	va_list args;

	if (!hvd_log_wanted(level))
		return;
	va_start(args, format);
	line_write(level, NULL, format, args);
	va_end(args);
}

/**
 * hvd_log_fields() - Say something, with what a journal can be searched for.
 * @level: of syslog()
 * @fields: "NAME=value" each, names as the journal wants them, %NULL at the end; others
 *	than the journal do not get them
 * @format: see hvd_log()
 */
void hvd_log_fields(int level, const char *const fields[], const char *format, ...)
{
	va_list args;

	if (!hvd_log_wanted(level))
		return;
	va_start(args, format);
	line_write(level, fields, format, args);
	va_end(args);
}
