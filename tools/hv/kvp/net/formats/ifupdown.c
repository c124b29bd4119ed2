// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings as stanzas of interfaces(5).
 *
 * Only the stanzas of the link are rewritten, where they stand; options in them that the
 * setting has no say in stay, and so does all else of the file.
 */
#include <ctype.h>
#include <string.h>

#include "kvp/net/format.h"

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

/* The n-th word of a line, from 0; its length is 0 when there are fewer. */
static const char *line_word(const char *line, size_t len, unsigned int n, size_t *word_len)
{
	const char *end = line + len;

	for (;; n--) {
		while (line < end && (isspace((unsigned char)*line) || *line == '\\'))
			line++;
		for (*word_len = 0; line + *word_len < end &&
		     !isspace((unsigned char)line[*word_len]);)
			++*word_len;
		if (!n || !*word_len)
			return line;
		line += *word_len;
	}
}

static bool word_is(const char *line, size_t len, unsigned int n, const char *wanted)
{
	size_t word_len;
	const char *word = line_word(line, len, n, &word_len);

	return word_len == strlen(wanted) && !strncmp(word, wanted, word_len);
}

static bool word_is_any(const char *line, size_t len, unsigned int n, const char *const wanted[])
{
	for (; *wanted; wanted++)
		if (word_is(line, len, n, *wanted))
			return true;
	return false;
}

/* Whether a line ends the stanza before it. */
static bool line_is_stanza(const char *line, size_t len)
{
	static const char *const keywords[] = {
		"iface", "auto", "mapping", "source", "source-directory", "source-dir", "rename",
		"template", "no-auto-down", "no-scripts", NULL,
	};
	size_t word_len;
	const char *word = line_word(line, len, 0, &word_len);

	return word_is_any(line, len, 0, keywords) || (word_len > 6 && !strncmp(word, "allow-", 6));
}

static bool line_is_comment(const char *line, size_t len)
{
	size_t word_len;
	const char *word = line_word(line, len, 0, &word_len);

	return !word_len || *word == '#';
}

/* Which family a line begins a stanza of the interface for; 0 for neither. */
static int line_family(const char *line, size_t len, const char *interface)
{
	if (!word_is(line, len, 0, "iface") || !word_is(line, len, 1, interface))
		return 0;
	return word_is(line, len, 2, "inet") ? AF_INET :
	       word_is(line, len, 2, "inet6") ? AF_INET6 : 0;
}

/* Options that the setting has a say in. */
static bool option_is_replaced(const char *line, size_t len, int family)
{
	static const char *const replaced[] = {
		"address", "netmask", "broadcast", "gateway", "network", "pointopoint", "scope",
		"dns-nameservers", "dns-nameserver", NULL,
	};
	static const char *const automatic[] = {
		"accept_ra", "autoconf", "privext", "dhcp", "request_prefix", "ll-attempts", NULL,
	};

	return word_is_any(line, len, 0, replaced) ||
	       (family == AF_INET6 && word_is_any(line, len, 0, automatic));
}

/* The stanza at the front without its first line, and up to the next one. */
static size_t stanza_len(const char *text)
{
	size_t len = 0, line, comments = 0;

	for (; text[len]; len += line) {
		line = line_len(text + len);
		if (line_is_stanza(text + len, line))
			break;
		/* what stands above the next stanza is about that one, or about nothing here */
		comments = line_is_comment(text + len, line) ? comments + line : 0;
	}
	return len - comments;
}

static void options_copy(struct hvd_text *out, const char *text, size_t len, int family)
{
	const char *end = text + len;
	size_t line;

	for (; text < end; text += line) {
		line = line_len(text);
		if (!option_is_replaced(text, line, family))
			hvd_text_addf(out, "%.*s", (int)line, text);
	}
	kvp_format_end_line(out);
}

/* Servers stand with the first stanza that has any. */
static void first_options(struct hvd_text *out, const struct kvp_setting *setting, int family)
{
	const struct kvp_address *gateway = kvp_addresses_next(&setting->gateways, family, NULL);
	char text[KVP_ADDRESS_LEN];

	if (gateway)
		hvd_text_addf(out, "\tgateway %s\n", kvp_address_text(gateway, text));
	if (!kvp_addresses_count(&setting->dns, family))
		return;
	hvd_text_add(out, "\tdns-nameservers ");
	kvp_format_servers(out, &setting->dns, family, " ");
	hvd_text_add(out, "\n");
}

static void static_write(struct hvd_text *out, const char *interface,
			 const struct kvp_setting *setting, int family, const char *options,
			 size_t len)
{
	const char *inet = family == AF_INET ? "inet" : "inet6";
	const struct kvp_address *address;
	char text[KVP_ADDRESS_LEN];
	bool first = true;

	kvp_addresses_each(&setting->addresses, family, address) {
		hvd_text_addf(out, "iface %s %s static\n\taddress %s\n", interface, inet,
			      kvp_address_prefixed(address, text));
		if (first) {
			if (family == AF_INET6)
				hvd_text_add(out, "\taccept_ra 0\n\tautoconf 0\n");
			first_options(out, setting, family);
			options_copy(out, options, len, family);
		}
		first = false;
	}
}

/* The stanzas of a family, in the place of one whose options are @options. */
static void family_write(struct hvd_text *out, const char *interface,
			 const struct kvp_setting *setting, int family, const char *options,
			 size_t len)
{
	const char *method = family == AF_INET6 ? "inet6 auto" :
			     setting->v4 == KVP_METHOD_DHCP ? "inet dhcp" : "inet manual";

	if (kvp_addresses_count(&setting->addresses, family)) {
		static_write(out, interface, setting, family, options, len);
		return;
	}
	hvd_text_addf(out, "iface %s %s\n", interface, method);
	first_options(out, setting, family);
	options_copy(out, options, len, family);
}

/* Whether a stanza says already what an automatic link is to be, in whatever way. */
static bool stanza_stays(const char *line, size_t len, int family,
			 const struct kvp_setting *setting)
{
	return family == AF_INET6 && !kvp_setting_v6_is_static(setting) &&
	       !word_is(line, len, 3, "static");
}

/**
 * kvp_format_ifupdown_has() - Whether a file has stanzas of an interface.
 * @text: the file
 * @interface: the interface
 *
 * Return: whether it has any, of IPv4 or IPv6.
 */
bool kvp_format_ifupdown_has(const char *text, const char *interface)
{
	size_t len;

	for (; *text; text += len) {
		len = line_len(text);
		if (line_family(text, len, interface))
			return true;
	}
	return false;
}

static void missing_write(struct hvd_text *out, const char *interface,
			  const struct kvp_setting *setting, bool v4, bool v6)
{
	kvp_format_end_line(out);
	if (!v4 && !v6)
		hvd_text_addf(out, "auto %s\n", interface);
	if (!v4)
		family_write(out, interface, setting, AF_INET, "", 0);
	if (!v6 && kvp_setting_v6_is_static(setting))
		family_write(out, interface, setting, AF_INET6, "", 0);
}

/**
 * kvp_format_ifupdown() - Rewrite the stanzas of an interface.
 * @out: the new text of the file
 * @old: its text now; where it has no stanza of the interface, one is put to its end
 * @interface: the interface, whose name must be plain
 * @setting: what it is to be set to; of several gateways of a family only the first is, for
 *	there is no option for more
 */
void kvp_format_ifupdown(struct hvd_text *out, const char *old, const char *interface,
			 const struct kvp_setting *setting)
{
	bool v4 = false, v6 = false, *seen;
	size_t len, options;
	int family;

	for (; *old; old += len) {
		len = line_len(old);
		family = line_family(old, len, interface);
		if (!family) {
			hvd_text_addf(out, "%.*s", (int)len, old);
			continue;
		}
		options = stanza_len(old + len);
		seen = family == AF_INET ? &v4 : &v6;
		if (stanza_stays(old, len, family, setting))
			hvd_text_addf(out, "%.*s", (int)(len + options), old);
		else if (!*seen)
			family_write(out, interface, setting, family, old + len, options);
		*seen = true;
		len += options;
	}
	missing_write(out, interface, setting, v4, v6);
}
