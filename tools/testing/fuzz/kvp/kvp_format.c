// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A setting as a host sends it, into files that somebody else wrote: the input is the
 * host's words, and behind a byte of 0 the file as it was.  What is written is read back
 * by code of the target's own, and must be the setting; written once more it must not change.
 */

#include <ctype.h>

#include "fuzz.h"
#include "kvp/net/format.h"

#define ROOM	65536

/* The host's lists are lines of the input. */
static bool take_setting(struct kvp_setting *setting, const char *text)
{
	struct hvic_user_kvp_ip ip = { .dhcp = *text == '1' };
	struct {
		void *field;
		size_t room;
	} fields[] = {
		{ ip.adapter, sizeof(ip.adapter) }, { ip.addresses, sizeof(ip.addresses) },
		{ ip.subnets, sizeof(ip.subnets) }, { ip.gateways, sizeof(ip.gateways) },
		{ ip.dns, sizeof(ip.dns) },
	};
	char why[256] = "";
	size_t i, len;
	int err;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		len = strcspn(text, "\n");
		memcpy(fields[i].field, text, len < fields[i].room ? len : fields[i].room);
		text += len + (text[len] == '\n');
	}
	err = kvp_setting_parse(setting, &ip, why, sizeof(why));
	CHECK(!err || err == -EINVAL);
	CHECK(!err == !*why);
	for (i = 0; why[i]; i++)
		CHECK(why[i] >= ' ' && why[i] < 0x7f);
	return !err;
}

static void check_setting(const struct kvp_setting *setting)
{
	const struct kvp_address *address;

	CHECK(setting->v4 != KVP_METHOD_NONE || setting->addresses.count);
	CHECK((setting->v4 == KVP_METHOD_STATIC) ==
	      !!kvp_addresses_count(&setting->addresses, AF_INET));
	kvp_addresses_each(&setting->addresses, AF_UNSPEC, address)
		CHECK(address->prefix &&
		      address->prefix <= (address->family == AF_INET ? 32 : 128));
	kvp_addresses_each(&setting->gateways, AF_UNSPEC, address)
		CHECK(kvp_addresses_count(&setting->addresses, address->family));
}

/* An address, with its prefix behind a slash, at the end of a line. */
static void read_address(struct kvp_addresses *list, const char *at, size_t len)
{
	char text[KVP_ADDRESS_LEN], *slash;
	struct kvp_address address;

	CHECK(len < sizeof(text));
	memcpy(text, at, len);
	text[len] = '\0';
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	CHECK(!kvp_address_parse(&address, text));
	CHECK(!slash || !kvp_address_parse_prefix(&address, slash + 1));
	CHECK(!kvp_addresses_add(list, &address));
}

/* All that stands behind @key at the beginning of a line. */
static void read_lines(struct kvp_addresses *list, const char *text, const char *key)
{
	size_t len;

	list->count = 0;
	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (!strncmp(text, key, strlen(key)))
			read_address(list, text + strlen(key), len - strlen(key));
	}
}

static void check_same(const struct kvp_addresses *got, const struct kvp_addresses *want)
{
	const struct kvp_address *address;

	CHECK(got->count == want->count);
	kvp_addresses_each(want, AF_UNSPEC, address)
		CHECK(kvp_addresses_have(got, address));
}

static void check_networkd(const char *text, const struct kvp_setting *setting)
{
	const char *ours = strstr(text, "# From here on: as the host set it\n"), *next;
	struct kvp_addresses list;

	CHECK(ours);
	while ((next = strstr(ours + 1, "# From here on: as the host set it\n")))
		ours = next;
	read_lines(&list, ours, "Address=");
	check_same(&list, &setting->addresses);
	read_lines(&list, ours, "DNS=");
	check_same(&list, &setting->dns);
	read_lines(&list, ours, "Gateway=");
	check_same(&list, &setting->gateways);
}

typedef void (*format_t)(struct hvd_text *out, const char *old, const char *interface,
			 const struct kvp_setting *setting);

static char *format_text(format_t format, const char *old, const struct kvp_setting *setting)
{
	char *new = malloc(ROOM);
	struct hvd_text out;

	hvd_text_start(&out, new, ROOM);
	format(&out, old, "eth0", setting);
	CHECK(!out.overflow && strlen(new) == out.len);
	return new;
}

/*
 * The new text.  Set again and again it settles: at most a comment moves, once, when the
 * option that stood behind it has gone.
 */
static char *try_format(format_t format, const char *old, const struct kvp_setting *setting)
{
	char *new = format_text(format, old, setting);
	char *twice = format_text(format, new, setting);
	char *thrice = format_text(format, twice, setting);

	if (strcmp(twice, thrice))
		fprintf(stderr, "twice:\n%s\nthrice:\n%s\n", twice, thrice);
	CHECK(!strcmp(twice, thrice));
	free(twice);
	free(thrice);
	return new;
}

static void try_files(const char *old, const struct kvp_setting *setting)
{
	struct kvp_addresses list;
	char *new;

	new = try_format(kvp_format_networkd, old, setting);
	check_networkd(new, setting);
	free(new);
	new = try_format(kvp_format_ifupdown, old, setting);
	CHECK(kvp_format_ifupdown_has(new, "eth0"));
	free(new);
	free(try_format(kvp_format_ifcfg, old, setting));

	/* of files that are new, all is ours to read */
	new = try_format(kvp_format_ifupdown, "", setting);
	read_lines(&list, new, "\taddress ");
	check_same(&list, &setting->addresses);
	free(new);
}

static void try_netplan(const char *yaml, const struct kvp_setting *setting)
{
	char routes[4096], kind[16], *new = malloc(ROOM);
	struct hvd_text out;
	size_t i, depth = 0;

	CHECK(kvp_format_netplan_kind(yaml, "id0", kind, sizeof(kind)) || *kind);
	hvd_text_start(&out, routes, sizeof(routes));
	kvp_format_netplan_routes(&out, yaml, "id0");
	hvd_text_start(&out, new, ROOM);
	kvp_format_netplan(&out, setting, routes);
	CHECK(!out.overflow);
	/* whatever was read, it is one mapping on one line */
	for (i = 0; new[i]; i++) {
		CHECK(new[i] >= ' ' && new[i] < 0x7f);
		depth += new[i] == '{' || new[i] == '[';
		depth -= new[i] == '}' || new[i] == ']';
		CHECK(depth || !new[i + 1]);
	}
	CHECK(!depth);
	free(new);
}

/**
 * LLVMFuzzerTestOneInput() - Set an adapter.
 * @data: the host's words, and a file
 * @len: bytes of them
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *words = strndup((const char *)data, len);
	size_t used = strlen(words) + 1;
	char *old = strndup((const char *)data + (used < len ? used : len),
			    used < len ? len - used : 0);
	struct kvp_setting setting;

	if (take_setting(&setting, words)) {
		check_setting(&setting);
		try_files(old, &setting);
		try_netplan(old, &setting);
	}
	free(words);
	free(old);
	return 0;
}
