// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the system says it is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "kvp/osrelease.h"

#define FILE_MAX_LEN	8192

static const struct {
	const char *name;
	size_t at;	/* in struct kvp_osrelease; all are as long */
} fields[] = {
	{ "NAME", offsetof(struct kvp_osrelease, name) },
	{ "VERSION_ID", offsetof(struct kvp_osrelease, version_id) },
	{ "PRETTY_NAME", offsetof(struct kvp_osrelease, pretty_name) },
};

#define FIELD_LEN	sizeof(((struct kvp_osrelease *)0)->name)

/*
 * A value as a shell would take it, without its expansions: whole or in parts in
 * quotes, with backslashes.  Not if it is too long, not UTF-8, or a quote is open.
 */
static bool value_take(char *to, const char *at, const char *end)
{
	char value[FIELD_LEN], quote = '\0';
	size_t len = 0;

	for (; at < end; at++) {
		bool escaped = *at == '\\' && quote != '\'' && at + 1 < end;

		if (!quote && (*at == ' ' || *at == '\t' || *at == '\r'))
			break;
		if (!escaped && (*at == quote || (!quote && (*at == '"' || *at == '\'')))) {
			quote = quote ? '\0' : *at;
			continue;
		}
		/* between double quotes a backslash is one unless it must not be */
		if (escaped && (!quote || strchr("\"\\$`", at[1])))
			at++;
		if (len == sizeof(value) - 1)
			return false;
		value[len++] = *at;
	}
	value[len] = '\0';
	if (quote || hvd_text_units(value) < 0)
		return false;
	memcpy(to, value, len + 1);
	return true;
}

static void line_take(struct kvp_osrelease *os, const char *at, const char *end)
{
	size_t i, len;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		len = strlen(fields[i].name);
		if ((size_t)(end - at) > len && at[len] == '=' && !strncmp(at, fields[i].name, len))
			value_take((char *)os + fields[i].at, at + len + 1, end);
	}
}

/**
 * kvp_osrelease_parse() - Read a text that is in the format of os-release(5).
 * @os: what it says; of what is there twice the last
 * @text: the text; what cannot be read in it is skipped
 */
void kvp_osrelease_parse(struct kvp_osrelease *os, const char *text)
{
	const char *end;

	memset(os, 0, sizeof(*os));
	for (; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		line_take(os, text, end);
	}
}

/* Systems older than os-release(5) have their name in a line of a file. */
static void name_read(struct kvp_osrelease *os)
{
	static const char *const paths[] = { "/etc/redhat-release", "/etc/SuSE-release" };
	char text[FILE_MAX_LEN];
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]) && !os->name[0]; i++) {
		if (hvd_file_read(paths[i], text, sizeof(text)) < 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		if (hvd_text_units(text) >= 0)
			hvd_text_copy(os->name, sizeof(os->name), text);
	}
}

/**
 * kvp_osrelease_read() - Read what this system says.
 * @os: what it says
 */
void kvp_osrelease_read(struct kvp_osrelease *os)
{
	char text[FILE_MAX_LEN] = "";

	if (hvd_file_read("/etc/os-release", text, sizeof(text)) < 0 &&
	    hvd_file_read("/usr/lib/os-release", text, sizeof(text)) < 0)
		text[0] = '\0';
	kvp_osrelease_parse(os, text);
	if (!os->name[0])
		name_read(os);
}
