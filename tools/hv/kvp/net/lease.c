// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What DHCP clients leave behind on the disk.
 *
 * Most clients give addresses a lifetime, which the kernel tells.  These files are for a
 * lease without end.  A file may be older than what the link is set to now; so only a
 * lease of an address that the link has is one.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hvd_file.h"
#include "kvp/net/lease.h"

/* dhclient appends, and rewrites its file now and then; a longer one is not looked at. */
#define LEASES_MAX	65536

/* Words of dhclient.leases(5): strings, braces and semicolons stand alone. */
struct lexer {
	const char *at;
	char word[256];		/* cut short where it is longer: then it is nothing of ours */
};

static void lexer_put(struct lexer *lexer, size_t *used, char c)
{
	if (*used + 1 < sizeof(lexer->word))
		lexer->word[(*used)++] = c;
	lexer->word[*used] = '\0';
}

static void lexer_string(struct lexer *lexer)
{
	size_t used = 0;

	lexer->word[0] = '\0';
	for (lexer->at++; *lexer->at && *lexer->at != '"'; lexer->at++) {
		if (*lexer->at == '\\' && lexer->at[1])
			lexer->at++;
		lexer_put(lexer, &used, *lexer->at);
	}
	lexer->at += *lexer->at == '"';
}

static bool lexer_next(struct lexer *lexer)
{
	size_t used = 0;

	while (isspace((unsigned char)*lexer->at) || *lexer->at == '#')
		lexer->at += *lexer->at == '#' ? strcspn(lexer->at, "\n") : 1;
	if (!*lexer->at)
		return false;
	if (*lexer->at == '"') {
		lexer_string(lexer);
		return true;
	}
	lexer->word[0] = '\0';
	if (strchr("{};", *lexer->at)) {
		lexer_put(lexer, &used, *lexer->at++);
		return true;
	}
	while (*lexer->at && !isspace((unsigned char)*lexer->at) && !strchr("{};\"", *lexer->at))
		lexer_put(lexer, &used, *lexer->at++);
	return true;
}

/* struct lease - one of the file's */
struct lease {
	bool ours;		/* of the interface */
	bool has_address;
	struct kvp_address address;
	time_t expires;		/* 0 for never, and where the file does not say */
};

/* "expire 4 2026/11/26 10:00:00;" in UTC, "expire epoch 123;" or "expire never;". */
static time_t lease_time(struct lexer *lexer)
{
	struct tm tm = { 0 };
	char date[sizeof(lexer->word)];

	if (!lexer_next(lexer) || !strcmp(lexer->word, "never") || !strcmp(lexer->word, ";"))
		return 0;
	if (!strcmp(lexer->word, "epoch"))
		return lexer_next(lexer) ? (time_t)strtoll(lexer->word, NULL, 10) : 0;
	if (!lexer_next(lexer))
		return 0;
	memcpy(date, lexer->word, sizeof(date));
	if (!lexer_next(lexer) || !strptime(date, "%Y/%m/%d", &tm) ||
	    !strptime(lexer->word, "%H:%M:%S", &tm))
		return 0;
	return timegm(&tm);
}

static void lease_line(struct lease *lease, struct lexer *lexer, const char *interface)
{
	if (!strcmp(lexer->word, "interface") && lexer_next(lexer))
		lease->ours = !strcmp(lexer->word, interface);
	else if (!strcmp(lexer->word, "fixed-address") && lexer_next(lexer))
		lease->has_address = !kvp_address_parse(&lease->address, lexer->word);
	else if (!strcmp(lexer->word, "expire"))
		lease->expires = lease_time(lexer);
	/* to its end; a brace of a nested block is not expected, and ends it as well */
	while (strcmp(lexer->word, ";") && strcmp(lexer->word, "}"))
		if (!lexer_next(lexer))
			return;
}

static bool lease_read(struct lease *lease, struct lexer *lexer, const char *interface)
{
	*lease = (struct lease){ 0 };
	while (lexer_next(lexer) && strcmp(lexer->word, "}")) {
		lease_line(lease, lexer, interface);
		if (!strcmp(lexer->word, "}"))
			break;
	}
	return !strcmp(lexer->word, "}");
}

/**
 * kvp_lease_parse() - Find the lease of an interface in a file of dhclient's.
 * @text: dhclient.leases(5): the last lease is the one that counts
 * @interface: whose
 * @now: a lease that has run out by then is none
 * @address: the leased address; untouched where there is none
 *
 * Return: whether there is a lease.
 */
bool kvp_lease_parse(const char *text, const char *interface, time_t now,
		     struct kvp_address *address)
{
	struct lexer lexer = { .at = text };
	struct lease lease, last = { 0 };

	while (lexer_next(&lexer)) {
		if (strcmp(lexer.word, "lease") || !lexer_next(&lexer) || strcmp(lexer.word, "{"))
			continue;
		if (lease_read(&lease, &lexer, interface) && lease.ours && lease.has_address)
			last = lease;
	}
	if (!last.has_address || (last.expires && last.expires <= now))
		return false;
	*address = last.address;
	return true;
}

static bool leases_have(const char *path, const char *interface, const struct kvp_addresses *has)
{
	struct kvp_address address;
	char *text = malloc(LEASES_MAX);
	bool found;

	found = text && hvd_file_read(path, text, LEASES_MAX) >= 0 &&
		kvp_lease_parse(text, interface, time(NULL), &address) &&
		kvp_addresses_have(has, &address);
	free(text);
	return found;
}

/**
 * kvp_lease_exists() - Whether a DHCP client holds a lease for an interface.
 * @root: what stands before each path
 * @interface: its name
 * @index: its number
 * @has: the addresses it has
 *
 * Return: whether dhclient has a lease of one of @has, or systemd-networkd or dhcpcd, which
 * remove their file with the lease, any.
 */
bool kvp_lease_exists(const char *root, const char *interface, int index,
		      const struct kvp_addresses *has)
{
	static const struct { const char *before, *behind; } dhclient[] = {
		{ "/var/lib/dhcp/dhclient.", ".leases" },	/* Debian's ifupdown */
		{ "/var/lib/dhclient/dhclient-", ".leases" },
		{ "/var/lib/dhclient/dhclient--", ".lease" },	/* network-scripts */
	};
	char path[PATH_MAX];
	size_t i;

	snprintf(path, sizeof(path), "%s/run/systemd/netif/leases/%d", root, index);
	if (!access(path, F_OK))
		return true;
	snprintf(path, sizeof(path), "%s/run/dhcpcd/%s-4.pid", root, interface);
	if (!access(path, F_OK))
		return true;
	for (i = 0; i < sizeof(dhclient) / sizeof(dhclient[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s%s", root, dhclient[i].before, interface,
			 dhclient[i].behind);
		if (leases_have(path, interface, has))
			return true;
	}
	return false;
}
