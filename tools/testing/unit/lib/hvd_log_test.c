// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text of others in a log: it is seen, and not obeyed; and where messages go.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hvd_log.h"
#include "hvd_text.h"
#include "log_calls.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static bool has_journal;
static int syslog_priority;
static char sent[4096];		/* to syslog, or to the journal, a line for each field */

int __wrap_access(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return has_journal ? 0 : -1;
}

void __wrap_syslog(int priority, const char *format, ...)
{
	va_list args;

	syslog_priority = priority;
	va_start(args, format);
	vsnprintf(sent, sizeof(sent), format, args);
	va_end(args);
}

int __wrap_sd_journal_sendv(const struct iovec *parts, int count)
{
	size_t len = 0;
	int i;

	for (i = 0; i < count; i++)
		len += (size_t)snprintf(sent + len, sizeof(sent) - len, "%.*s\n",
					(int)parts[i].iov_len, (const char *)parts[i].iov_base);
	return 0;
}

static const struct {
	const char *name, *text, *shown;
} texts[] = {
	{ "plain text", "CORP\\alice 100%", "CORP\\alice 100%" },
	{ "characters of two to four bytes", "J\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80",
	  "J\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "ends of lines", "a\nb\r\tc", "a\\nb\\r\\tc" },
	{ "a terminal's sequence", "\x1b[2J\x07", "\\x1b[2J\\x07" },
	{ "DEL", "\x7f", "\\x7f" },
	{ "the same sequence in C1", "\xc2\x9b" "2J", "\\u009b2J" },
	{ "a byte of Latin-1", "J\xfcrgen", "J\\xfcrgen" },
	{ "a character that is cut", "a\xe2\x82", "a\\xe2\\x82" },
	{ "a long form", "\xc0\xaf", "\\xc0\\xaf" },
	{ "half a surrogate pair", "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "text that is turned", "a\xe2\x80\xae" "b", "a\\u202eb" },
	{ "a line's end of Unicode", "a\xe2\x80\xa8" "b", "a\\u2028b" },
	{ "no width", "a\xe2\x80\x8b\xef\xbb\xbf" "b", "a\\u200b\\ufeffb" },
	{ "a tag", "\xf3\xa0\x80\xa1", "\\ue0021" },
	{ "a text that has been here", "a\\x1b\\u202e", "a\\x1b\\u202e" },
	{ "nothing", "", "" },
};

static void test_printable(void)
{
	char shown[64];
	size_t i, room;

	for (i = 0; i < NR(texts); i++) {
		hvd_text_printable(shown, sizeof(shown), texts[i].text);
		tap_is_str(shown, texts[i].shown, "%s", texts[i].name);
	}
	for (room = 1; room <= 4; room++) {
		memset(shown, 'x', sizeof(shown));
		hvd_text_printable(shown, room, "\x1b" "a");
		tap_is_str(shown, "", "no part of what does not fit into %zu bytes", room);
	}
	hvd_text_printable(shown, 5, "\x1b" "a");
	tap_is_str(shown, "\\x1b", "and all that does");
}

static void test_syslog(void)
{
	hvd_log_open("test", false, false);
	hvd_warning("%s", "a\x1b" "b");
	tap_is_str(sent, "a\\x1b" "b", "syslog gets what can be shown");
	tap_is_int(syslog_priority, LOG_DAEMON | LOG_WARNING, "as a daemon's message");
	hvd_log_facility(LOG_AUTHPRIV);
	hvd_info("c");
	tap_is_int(syslog_priority, LOG_AUTHPRIV | LOG_INFO, "or one of logins");
	hvd_log_hold();
	hvd_error("%s", "\n");
	tap_is_str(sent, "c", "what is held comes later");
	hvd_log_release();
	tap_is_str(sent, "\\n", "and is the same");
}

static void test_journal(void)
{
	static const char *const fields[] = { "HV_LOGIN=7", NULL };

	has_journal = true;
	hvd_log_open("test", false, false);
	hvd_log_fields(LOG_INFO, fields, "%s", "a\nPRIORITY=0");
	tap_is_str(sent, "MESSAGE=a\\nPRIORITY=0\nPRIORITY=6\nSYSLOG_IDENTIFIER=test\n"
		   "SYSLOG_FACILITY=10\nHV_LOGIN=7\n", "the journal gets all of it");
	hvd_debug("not wanted");
	tap_ok(!strstr(sent, "not wanted"), "and nothing that is not wanted");
}

int main(void)
{
	unsetenv("JOURNAL_STREAM");
	test_printable();
	test_syslog();
	test_journal();
	return tap_done();
}
