// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings as a systemd.network(5) file.
 *
 * The file that applied to the link may apply to others, too.  So it is copied, for this
 * link alone, without what the setting replaces: addresses, default routes and name
 * servers.  A file of ours is copied likewise when it is set once more; what it has from
 * us stands behind a line that says so.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kvp/net/format.h"

#define MARK	"# From here on: as the host set it"

/* Up to its newline, and over those that a backslash continues. */
static size_t line_len(const char *text)
{
	size_t len = 0;

	for (;;) {
		len += strcspn(text + len, "\n");
		if (!text[len])
			return len;
		len++;
		if (len < 2 || text[len - 2] != '\\')
			return len;
	}
}

static bool is_key(const char *line, size_t len, const char *key)
{
	size_t size = strlen(key);

	while (len && isspace((unsigned char)*line))
		line++, len--;
	if (len <= size || strncmp(line, key, size))
		return false;
	for (line += size, len -= size; len && isblank((unsigned char)*line);)
		line++, len--;
	return len && *line == '=';
}

static bool is_any_key(const char *line, size_t len, const char *const keys[])
{
	for (; *keys; keys++)
		if (is_key(line, len, *keys))
			return true;
	return false;
}

/* A value, without blanks around it. */
static bool value_is(const char *line, size_t len, const char *value)
{
	const char *at = memchr(line, '=', len), *end = line + len;

	if (!at)
		return false;
	for (at++; at < end && isspace((unsigned char)*at);)
		at++;
	while (end > at && isspace((unsigned char)end[-1]))
		end--;
	return (size_t)(end - at) == strlen(value) && !strncmp(at, value, strlen(value));
}

/* A part of the file: from the line with its name up to the next such. */
struct section {
	const char *name;
	size_t name_len;
	const char *body;
	size_t len;
};

/* Comments and blanks before the first section are a section without a name. */
static const char *section_next(struct section *section, const char *text)
{
	size_t len = 0;

	section->name = NULL;
	section->name_len = 0;
	if (*text == '[') {
		section->name = text + 1;
		section->name_len = strcspn(text + 1, "]\n");
		text += line_len(text);
	}
	section->body = text;
	while (text[len] && text[len] != '[' && strncmp(text + len, MARK, sizeof(MARK) - 1))
		len += line_len(text + len);
	section->len = len;
	return text + len;
}

static bool section_is(const struct section *section, const char *name)
{
	return section->name && section->name_len == strlen(name) &&
	       !strncmp(section->name, name, section->name_len);
}

static bool section_is_default_route(const struct section *section)
{
	const char *line = section->body, *end = line + section->len;
	bool gateway = false;
	size_t len;

	for (; line < end; line += len) {
		len = line_len(line);
		gateway |= is_key(line, len, "Gateway");
		/* of another table it is not the one that a host means */
		if (is_key(line, len, "Table"))
			return false;
		if (is_key(line, len, "Destination") && !value_is(line, len, "") &&
		    !value_is(line, len, "0.0.0.0/0") && !value_is(line, len, "::/0"))
			return false;
	}
	return gateway;
}

static void section_copy(struct hvd_text *out, const struct section *section, bool v6_static)
{
	static const char *const replaced[] = { "DHCP", "Address", "Gateway", "DNS", NULL };
	const char *line = section->body, *end = line + section->len;
	bool network = section_is(section, "Network");
	size_t len;

	if (section->name)
		hvd_text_addf(out, "[%.*s]\n", (int)section->name_len, section->name);
	for (; line < end; line += len) {
		len = line_len(line);
		if (network && (is_any_key(line, len, replaced) ||
				(v6_static && is_key(line, len, "IPv6AcceptRA"))))
			continue;
		hvd_text_addf(out, "%.*s", (int)len, line);
	}
	kvp_format_end_line(out);
}

static void old_copy(struct hvd_text *out, const char *old, bool v6_static)
{
	struct section section;

	while (*old && strncmp(old, MARK, sizeof(MARK) - 1)) {
		old = section_next(&section, old);
		if (section_is(&section, "Match") || section_is(&section, "Address") ||
		    (section_is(&section, "Route") && section_is_default_route(&section)))
			continue;
		section_copy(out, &section, v6_static);
	}
}

/* Comments at the top stay there: within [Match] they would go with it the next time. */
static const char *head_copy(struct hvd_text *out, const char *old)
{
	struct section section;

	if (!*old || *old == '[' || !strncmp(old, MARK, sizeof(MARK) - 1))
		return old;
	old = section_next(&section, old);
	section_copy(out, &section, false);
	return old;
}

static void gateways_write(struct hvd_text *out, const struct kvp_setting *setting, int family)
{
	const struct kvp_address *gateway;
	char text[KVP_ADDRESS_LEN];
	unsigned int number = 0;

	kvp_addresses_each(&setting->gateways, family, gateway) {
		hvd_text_addf(out, "\n[Route]\nGateway=%s\n", kvp_address_text(gateway, text));
		if (!kvp_format_gateway_is_on_link(setting, gateway))
			hvd_text_add(out, "GatewayOnLink=yes\n");
		/* behind the first, and behind what the manager itself gives that */
		if (number++)
			hvd_text_addf(out, "Metric=%u\n", 1024 + number);
	}
}

/**
 * kvp_format_networkd() - Write a .network file for one link.
 * @out: the file
 * @old: the file that applied until now, with its drop-ins behind it; empty for none
 * @interface: the link, whose name must be plain
 * @setting: what it is to be set to
 */
void kvp_format_networkd(struct hvd_text *out, const char *old, const char *interface,
			 const struct kvp_setting *setting)
{
	bool v6_static = kvp_setting_v6_is_static(setting);
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];

	old = head_copy(out, old);
	hvd_text_addf(out, "[Match]\nName=%s\n\n", interface);
	old_copy(out, old, v6_static);
	hvd_text_addf(out, MARK "\n[Network]\nDHCP=%s\n",
		      setting->v4 == KVP_METHOD_DHCP ? "ipv4" : "no");
	if (v6_static)
		hvd_text_add(out, "IPv6AcceptRA=no\n");
	kvp_addresses_each(&setting->addresses, AF_UNSPEC, address)
		hvd_text_addf(out, "Address=%s\n", kvp_address_prefixed(address, text));
	kvp_addresses_each(&setting->dns, AF_UNSPEC, address)
		hvd_text_addf(out, "DNS=%s\n", kvp_address_text(address, text));
	gateways_write(out, setting, AF_INET);
	gateways_write(out, setting, AF_INET6);
}
