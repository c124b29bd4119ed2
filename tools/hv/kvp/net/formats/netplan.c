// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings as netplan is told them, and what has to be known of what it has.
 *
 * Netplan adds lists of several files up, so that a file of ours alone could not take
 * anything away.  It is netplan itself that merges and splits its files; what is read here
 * is its own account of them, which is always laid out in the same way: two blanks a level,
 * one key a line, items of lists as far to the left as their list.
 */
#include <ctype.h>
#include <string.h>

#include "kvp/net/format.h"

/* A line: how far it is to the right, and what is on it. */
struct line {
	size_t indent;
	bool item;	/* begins with a dash, which counts for two of the indent */
	const char *key;
	size_t key_len;
	const char *value;
	size_t value_len;
};

static bool is_quoted(const char *text, size_t len)
{
	return len >= 2 && *text == '"' && text[len - 1] == '"';
}

/* Takes a line off the front, and returns what follows; NULL behind the last. */
static const char *line_next(struct line *line, const char *text)
{
	size_t len = strcspn(text, "\n"), colon;

	if (!*text)
		return NULL;
	*line = (struct line){ .indent = strspn(text, " ") };
	line->key = text + line->indent;
	if (!strncmp(line->key, "- ", 2)) {
		line->item = true;
		line->key += 2;
		line->indent += 2;
	}
	text += len;
	/* a colon in quotes, or within an address, is none of ours */
	for (colon = 0; line->key + colon < text; colon++)
		if (line->key[colon] == ':' &&
		    (line->key + colon + 1 == text || line->key[colon + 1] == ' '))
			break;
	line->key_len = colon;
	line->value = line->key + colon + (line->key + colon < text);
	while (line->value < text && *line->value == ' ')
		line->value++;
	line->value_len = (size_t)(text - line->value);
	if (is_quoted(line->key, line->key_len)) {
		line->key++;
		line->key_len -= 2;
	}
	return text + (*text == '\n');
}

static bool text_is(const char *text, size_t len, const char *wanted)
{
	if (is_quoted(text, len)) {
		text++;
		len -= 2;
	}
	return len == strlen(wanted) && !strncmp(text, wanted, len);
}

static bool key_is(const struct line *line, size_t indent, const char *wanted)
{
	return line->indent == indent && !line->item &&
	       text_is(line->key, line->key_len, wanted);
}

/**
 * kvp_format_netplan_kind() - Find which kind of device netplan has a definition of.
 * @yaml: netplan's account of all
 * @id: of the definition
 * @kind: "ethernets", "bridges" and so on
 * @room: bytes at @kind
 *
 * Return: 0; -1 when there is no such definition.
 */
int kvp_format_netplan_kind(const char *yaml, const char *id, char *kind, size_t room)
{
	struct line line, section = { .key_len = 0 };

	while ((yaml = line_next(&line, yaml))) {
		if (line.indent == 2)
			section = line;
		if (!key_is(&line, 4, id) || !section.key_len || section.key_len >= room)
			continue;
		memcpy(kind, section.key, section.key_len);
		kind[section.key_len] = '\0';
		return 0;
	}
	return -1;
}

/* Whether a value can stand in a list of another form as it is. */
static bool value_is_plain(const char *value, size_t len)
{
	size_t i;

	if (is_quoted(value, len)) {
		value++;
		len -= 2;
	}
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)value[i]) && !strchr("./:_-", value[i]))
			return false;
	return len;
}

/* A route, as it is found out line by line. */
struct route {
	char at[512];
	struct hvd_text text;
	bool is_default;
	bool keep;		/* of a table of its own, or one that is not understood */
};

static void route_start(struct route *route)
{
	hvd_text_start(&route->text, route->at, sizeof(route->at));
	route->is_default = false;
	route->keep = false;
}

static void route_add(struct route *route, const struct line *line)
{
	if (text_is(line->key, line->key_len, "to"))
		route->is_default = text_is(line->value, line->value_len, "default") ||
				    text_is(line->value, line->value_len, "0.0.0.0/0") ||
				    text_is(line->value, line->value_len, "::/0");
	if (text_is(line->key, line->key_len, "table"))
		route->keep = true;
	if (!value_is_plain(line->value, line->value_len) ||
	    !value_is_plain(line->key, line->key_len))
		route->text.overflow = true;
	hvd_text_addf(&route->text, "%s%.*s: %.*s", route->text.len ? ", " : "",
		      (int)line->key_len, line->key, (int)line->value_len, line->value);
}

static void route_end(struct route *route, struct hvd_text *out)
{
	if (route->text.len && !route->text.overflow && (!route->is_default || route->keep))
		hvd_text_addf(out, "%s{%s}", out->len ? ", " : "", route->at);
	route_start(route);
}

/**
 * kvp_format_netplan_routes() - Find the routes that a setting has no say in.
 * @out: the routes, in braces and with commas between
 * @yaml: netplan's account of all
 * @id: of the definition whose routes
 */
void kvp_format_netplan_routes(struct hvd_text *out, const char *yaml, const char *id)
{
	bool ours = false, routes = false;
	struct route route;
	struct line line;

	route_start(&route);
	while ((yaml = line_next(&line, yaml))) {
		if (line.indent <= 4)
			ours = key_is(&line, 4, id);
		if (line.indent <= 6 && !line.item) {
			route_end(&route, out);
			routes = ours && key_is(&line, 6, "routes");
			continue;
		}
		if (!routes || line.indent != 8)
			continue;
		if (line.item)
			route_end(&route, out);
		route_add(&route, &line);
	}
	route_end(&route, out);
}

static void routes_write(struct hvd_text *out, const struct kvp_setting *setting, int family,
			 bool *any)
{
	const struct kvp_address *gateway;
	char text[KVP_ADDRESS_LEN];
	unsigned int number = 0;

	kvp_addresses_each(&setting->gateways, family, gateway) {
		hvd_text_addf(out, "%s{to: \"%s\", via: \"%s\"", *any ? ", " : "",
			      family == AF_INET ? "0.0.0.0/0" : "::/0",
			      kvp_address_text(gateway, text));
		if (!kvp_format_gateway_is_on_link(setting, gateway))
			hvd_text_add(out, ", on-link: true");
		if (number++)
			hvd_text_addf(out, ", metric: %u", 1024 + number);
		hvd_text_add(out, "}");
		*any = true;
	}
}

/**
 * kvp_format_netplan() - Write what a definition is to say.
 * @out: a mapping, on one line
 * @setting: what the link is to be set to
 * @routes: others that it is to keep, as kvp_format_netplan_routes() writes them
 */
void kvp_format_netplan(struct hvd_text *out, const struct kvp_setting *setting,
			const char *routes)
{
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	bool any = *routes;

	hvd_text_addf(out, "{dhcp4: %s", setting->v4 == KVP_METHOD_DHCP ? "true" : "false");
	if (kvp_setting_v6_is_static(setting))
		hvd_text_add(out, ", dhcp6: false, accept-ra: false");
	if (setting->addresses.count) {
		hvd_text_add(out, ", addresses: [");
		kvp_addresses_each(&setting->addresses, AF_UNSPEC, address)
			hvd_text_addf(out, "%s\"%s\"", address == setting->addresses.at ? "" : ", ",
				      kvp_address_prefixed(address, text));
		hvd_text_add(out, "]");
	}
	if (setting->gateways.count || any) {
		hvd_text_addf(out, ", routes: [%s", routes);
		routes_write(out, setting, AF_INET, &any);
		routes_write(out, setting, AF_INET6, &any);
		hvd_text_add(out, "]");
	}
	if (setting->dns.count) {
		hvd_text_add(out, ", nameservers: {addresses: [\"");
		kvp_format_servers(out, &setting->dns, AF_UNSPEC, "\", \"");
		hvd_text_add(out, "\"]}");
	}
	hvd_text_add(out, "}");
}
