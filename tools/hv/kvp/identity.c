// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which virtual machine this is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hvd_file.h"
#include "hvd_text.h"
#include "kvp/identity.h"

/* The rest of a line that begins with @name and a blank; untouched if there is none. */
static void line_take(const char *text, const char *name, char *to)
{
	size_t len = strlen(name), rest;

	for (; *text; text += strcspn(text, "\n"), text += !!*text) {
		if (strncmp(text, name, len) || text[len] != ' ')
			continue;
		rest = strcspn(text + len + 1, "\n");
		if (rest < KVP_IDENTITY_LEN) {
			memcpy(to, text + len + 1, rest);
			to[rest] = '\0';
		}
	}
}

/**
 * kvp_identity_parse() - Read what kvp_identity_keep() has written.
 * @identity: which machine it was
 * @text: the file
 */
void kvp_identity_parse(struct kvp_identity *identity, const char *text)
{
	identity->firmware[0] = '\0';
	identity->host[0] = '\0';
	line_take(text, "firmware", identity->firmware);
	line_take(text, "host", identity->host);
}

/**
 * kvp_identity_read() - Read which machine the pools are of.
 * @identity: which it is; nothing is known when there is no file
 * @directory: where the pools are
 *
 * Return: 0; -ENAMETOOLONG; a negative errno of reading the file.
 */
int kvp_identity_read(struct kvp_identity *identity, const char *directory)
{
	char text[4 * KVP_IDENTITY_LEN];
	int len;

	memset(identity, 0, sizeof(*identity));
	len = snprintf(identity->path, sizeof(identity->path), "%s/.vm_id", directory);
	if (len < 0 || (size_t)len >= sizeof(identity->path))
		return -ENAMETOOLONG;
	len = hvd_file_read(identity->path, text, sizeof(text));
	if (len >= 0)
		kvp_identity_parse(identity, text);
	return len == -ENOENT || len >= 0 ? 0 : len;
}

/**
 * kvp_identity_differs() - Compare two names of a machine.
 * @known: as it was
 * @now: as it is
 *
 * Return: whether they are of two machines; not where one is unknown.
 */
bool kvp_identity_differs(const char *known, const char *now)
{
	return known[0] && now[0] && strcasecmp(known, now);
}

/**
 * kvp_identity_keep() - Write which machine the pools are of.
 * @identity: changed to what is written
 * @firmware: what the firmware calls it; empty or %NULL for no news
 * @host: what the host calls it; the same
 *
 * Return: 0, also when there is nothing new; -EINVAL for what cannot be a name; a
 * negative errno of writing the file.
 */
int kvp_identity_keep(struct kvp_identity *identity, const char *firmware, const char *host)
{
	struct kvp_identity now = *identity;
	char text[4 * KVP_IDENTITY_LEN];
	int err;

	if ((firmware && firmware[0] &&
	     hvd_text_copy(now.firmware, sizeof(now.firmware), firmware) < 0) ||
	    (host && host[0] && hvd_text_copy(now.host, sizeof(now.host), host) < 0) ||
	    strpbrk(now.firmware, "\n ") || strpbrk(now.host, "\n "))
		return -EINVAL;
	if (!strcmp(now.firmware, identity->firmware) && !strcmp(now.host, identity->host))
		return 0;
	snprintf(text, sizeof(text), "firmware %s\nhost %s\n", now.firmware, now.host);
	err = hvd_file_replace(identity->path, text, strlen(text), 0600);
	if (!err)
		*identity = now;
	return err;
}
