// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a host wants an adapter to be set to.
 *
 * Every word from the host goes through inet_pton() here, and only what came of that
 * goes on: no back-end ever sees a text of the host's.
 *
 * Hosts send back what they were told before with one thing changed, so that some of it
 * is not meant: link-local addresses, which a link gives itself, the routers it finds, and
 * with DHCP the old IPv4 addresses and gateways.  The family is what there is in the lists:
 * a message for IPv6 alone has DHCP set, which means IPv4.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hvd_text.h"
#include "kvp/net/setting.h"

/* A field of the message, word by word. */
struct words {
	const char *name;	/* of one word, for people */
	const char *at;		/* what is left */
	const char *end;
	unsigned int number;	/* of the word, from 1 */
	char word[KVP_ADDRESS_LEN];
	char *why;
	size_t room;
};

static int words_start(struct words *words, const char *name, const void *field, size_t size)
{
	int len = hvd_text_len(field, size);

	words->name = name;
	words->at = field;
	words->end = words->at + (len < 0 ? 0 : len);
	words->number = 0;
	if (len < 0)
		snprintf(words->why, words->room, "the %s list has no end", name);
	return len < 0 ? -EINVAL : 0;
}

/* The host's bytes may be anything, and a log is read by people. */
static int words_complain(struct words *words, const char *what)
{
	char *at;

	snprintf(words->why, words->room, "%s %u, '%s', %s", words->name, words->number,
		 words->word, what);
	for (at = words->why; *at; at++)
		if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f)
			*at = '?';
	return -EINVAL;
}

/* The next word, without blanks around it; 1, 0 when there are no more, or -EINVAL. */
static int words_next(struct words *words)
{
	const char *from, *to, *stop;
	size_t len;

	for (; words->at < words->end; words->at = stop + 1) {
		stop = memchr(words->at, ';', (size_t)(words->end - words->at)) ?: words->end;
		for (from = words->at; from < stop && *from == ' ';)
			from++;
		for (to = stop; to > from && to[-1] == ' ';)
			to--;
		if (from == to)
			continue;
		len = (size_t)(to - from);
		words->at = stop + (stop < words->end);
		words->number++;
		snprintf(words->word, sizeof(words->word), "%.*s", (int)len, from);
		return len < sizeof(words->word) ? 1 : words_complain(words, "is too long");
	}
	return 0;
}

/* An address that a machine can have, or be reached at. */
static int words_address(struct words *words, struct kvp_address *address)
{
	if (kvp_address_parse(address, words->word))
		return words_complain(words, "is neither an IPv4 nor an IPv6 address");
	if (kvp_address_is_unspecified(address) || kvp_address_is_multicast(address))
		return words_complain(words, "is not the address of one machine");
	return 0;
}

static int words_add(struct words *words, struct kvp_addresses *list,
		     const struct kvp_address *address)
{
	return kvp_addresses_add(list, address) ? words_complain(words, "is one too many") : 0;
}

/* Each address has its subnet at the same place in the other list. */
static int addresses_parse(struct kvp_setting *setting, struct words *words, struct words *subnets)
{
	struct kvp_address address;
	int more, err;

	while ((more = words_next(words)) > 0) {
		err = words_address(words, &address);
		if (!err && kvp_address_is_loopback(&address))
			err = words_complain(words, "is the machine's own");
		if (err)
			return err;
		more = words_next(subnets);
		if (!more)
			return words_complain(words, "has no subnet");
		if (more > 0 && (kvp_address_parse_prefix(&address, subnets->word) ||
				 !address.prefix))
			more = words_complain(subnets, "is no mask and no prefix length");
		if (more < 0)
			return more;
		if (kvp_address_is_link_local(&address) && address.family == AF_INET6)
			continue;
		if (setting->v4 == KVP_METHOD_DHCP && address.family == AF_INET)
			continue;
		err = words_add(words, &setting->addresses, &address);
		if (err)
			return err;
	}
	return more;
}

/* Whether a gateway is one that the link has found, or will find, by itself. */
static bool gateway_is_found(const struct kvp_setting *setting, const struct kvp_address *gateway)
{
	if (gateway->family == AF_INET)
		return setting->v4 == KVP_METHOD_DHCP;
	return kvp_address_is_link_local(gateway) && !kvp_setting_v6_is_static(setting);
}

static int servers_parse(struct kvp_setting *setting, struct kvp_addresses *list,
			 struct words *words)
{
	struct kvp_address address;
	int more, err;

	while ((more = words_next(words)) > 0) {
		err = words_address(words, &address);
		if (!err && !(list == &setting->gateways && gateway_is_found(setting, &address)))
			err = words_add(words, list, &address);
		if (err)
			return err;
	}
	return more;
}

static int setting_parse(struct kvp_setting *setting, const struct hvic_user_kvp_ip *ip,
			 struct words *words)
{
	struct words subnets = { .why = words->why, .room = words->room };
	int err;

	err = words_start(words, "address", ip->addresses, sizeof(ip->addresses)) ?:
	      words_start(&subnets, "subnet", ip->subnets, sizeof(ip->subnets)) ?:
	      addresses_parse(setting, words, &subnets);
	if (err)
		return err;
	err = words_start(words, "gateway", ip->gateways, sizeof(ip->gateways)) ?:
	      servers_parse(setting, &setting->gateways, words);
	if (err)
		return err;
	return words_start(words, "DNS server", ip->dns, sizeof(ip->dns)) ?:
	       servers_parse(setting, &setting->dns, words);
}

/* A gateway that no address can reach is a mistake to be told, not to be tried. */
static int gateways_check(const struct kvp_setting *setting, char *why, size_t room)
{
	const struct kvp_address *gateway;
	char text[KVP_ADDRESS_LEN];

	kvp_addresses_each(&setting->gateways, AF_UNSPEC, gateway) {
		if (kvp_addresses_count(&setting->addresses, gateway->family))
			continue;
		snprintf(why, room, "gateway %s is of a family without an address",
			 kvp_address_text(gateway, text));
		return -EINVAL;
	}
	return 0;
}

/**
 * kvp_setting_parse() - Read what a host sent.
 * @setting: what it wants; to be used only on success
 * @ip: of a set of addresses; nothing of it is taken on trust
 * @why: on failure, one line without a newline on what is wrong: which word of which list
 * @room: bytes at @why
 *
 * Return: 0; -EINVAL.
 */
int kvp_setting_parse(struct kvp_setting *setting, const struct hvic_user_kvp_ip *ip,
		      char *why, size_t room)
{
	struct words words = { .why = why, .room = room };
	int err;

	*setting = (struct kvp_setting){ .v4 = ip->dhcp ? KVP_METHOD_DHCP : KVP_METHOD_NONE };
	err = setting_parse(setting, ip, &words) ?: gateways_check(setting, why, room);
	if (err)
		return err;
	if (kvp_addresses_count(&setting->addresses, AF_INET))
		setting->v4 = KVP_METHOD_STATIC;
	if (setting->v4 == KVP_METHOD_NONE && !setting->addresses.count) {
		snprintf(why, room, "there is neither an address nor DHCP");
		return -EINVAL;
	}
	return 0;
}
