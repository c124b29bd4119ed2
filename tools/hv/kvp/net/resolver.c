// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The name servers of a machine, from resolv.conf(5).
 *
 * A server at a loopback address is a program that asks others, which are what a host
 * wants to hear of.  systemd-resolved writes those down in a file of the same format.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "hvd_file.h"
#include "kvp/net/resolver.h"

/* More than any sane file has; of a longer one nothing is known. */
#define RESOLV_CONF_MAX	16384

/* The word behind "nameserver", without what an address may have behind it; or nothing. */
static void line_server(const char *line, size_t len, char *word, size_t room)
{
	static const char key[] = "nameserver";
	const char *at = line, *end = line + len;
	size_t used = 0;

	*word = '\0';
	while (at < end && isblank((unsigned char)*at))
		at++;
	if ((size_t)(end - at) < sizeof(key) || strncmp(at, key, sizeof(key) - 1))
		return;
	at += sizeof(key) - 1;
	if (!isblank((unsigned char)*at))
		return;
	while (at < end && isblank((unsigned char)*at))
		at++;
	/* behind a % is the link by which the server is reached */
	while (at < end && !isspace((unsigned char)*at) && *at != '%' && used + 1 < room)
		word[used++] = *at++;
	word[used] = '\0';
}

/**
 * kvp_resolver_parse() - Read the name servers of a resolv.conf.
 * @servers: to which they are added, as far as there is room; loopback ones are not
 * @text: the file
 */
void kvp_resolver_parse(struct kvp_addresses *servers, const char *text)
{
	struct kvp_address address;
	char word[KVP_ADDRESS_LEN];
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		line_server(text, len, word, sizeof(word));
		if (!kvp_address_parse(&address, word) && !kvp_address_is_loopback(&address) &&
		    kvp_addresses_add(servers, &address))
			return;
	}
}

/**
 * kvp_resolver_read() - Find the name servers of the machine.
 * @servers: to which they are added
 * @root: what stands before each path
 *
 * Return: 0; a negative errno when neither of the files can be read.
 */
int kvp_resolver_read(struct kvp_addresses *servers, const char *root)
{
	static const char *const files[] = {
		"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf",
	};
	char text[RESOLV_CONF_MAX], path[PATH_MAX];
	size_t before = servers->count, i;
	int len = 0, err = -1;

	for (i = 0; i < sizeof(files) / sizeof(files[0]) && servers->count == before; i++) {
		snprintf(path, sizeof(path), "%s%s", root, files[i]);
		len = hvd_file_read(path, text, sizeof(text));
		if (len < 0) {
			err = err == -1 ? len : err;
			continue;
		}
		err = 0;
		kvp_resolver_parse(servers, text);
	}
	return err;
}
