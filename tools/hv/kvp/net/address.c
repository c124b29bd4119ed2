// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IP addresses with their prefix lengths, and lists of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kvp/net/address.h"

static unsigned int address_bits(const struct kvp_address *address)
{
	return address->family == AF_INET ? 32 : 128;
}

/**
 * kvp_address_parse() - Read an address as inet_pton() does.
 * @address: the address, its prefix that of a host; untouched on failure
 * @text: of either family, with nothing around it
 *
 * Return: 0; -EINVAL.
 */
int kvp_address_parse(struct kvp_address *address, const char *text)
{
	struct kvp_address parsed = { 0 };

	if (inet_pton(AF_INET, text, &parsed.v4) == 1)
		parsed.family = AF_INET;
	else if (inet_pton(AF_INET6, text, &parsed.v6) == 1)
		parsed.family = AF_INET6;
	else
		return -EINVAL;
	parsed.prefix = (uint8_t)address_bits(&parsed);
	*address = parsed;
	return 0;
}

/* A mask is a prefix when no bit is set behind one that is not. */
static int mask_prefix(uint32_t mask)
{
	int bits = 0;

	for (; mask & 0x80000000u; mask <<= 1)
		bits++;
	return mask ? -EINVAL : bits;
}

/* One to three digits and nothing else, so that no sign or blank slips through. */
static int prefix_number(const char *text)
{
	int number = 0, digits = 0;

	for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
		number = number * 10 + (*text - '0');
	return *text || !digits ? -EINVAL : number;
}

/**
 * kvp_address_parse_prefix() - Read what hosts call the subnet of an address.
 * @address: of which family, and where the prefix goes; untouched on failure
 * @text: "24", "/24" or, of IPv4, "255.255.255.0"
 *
 * Return: 0; -EINVAL, also for a mask with holes.
 */
int kvp_address_parse_prefix(struct kvp_address *address, const char *text)
{
	struct in_addr mask;
	int prefix;

	if (address->family == AF_INET && inet_pton(AF_INET, text, &mask) == 1)
		prefix = mask_prefix(ntohl(mask.s_addr));
	else
		prefix = prefix_number(*text == '/' ? text + 1 : text);
	if (prefix < 0 || (unsigned int)prefix > address_bits(address))
		return -EINVAL;
	address->prefix = (uint8_t)prefix;
	return 0;
}

/**
 * kvp_address_text() - Write an address.
 * @address: the address
 * @text: KVP_ADDRESS_LEN bytes for it
 *
 * Return: @text.
 */
const char *kvp_address_text(const struct kvp_address *address, char *text)
{
	return inet_ntop(address->family, &address->v4, text, KVP_ADDRESS_LEN);
}

/**
 * kvp_address_prefixed() - Write an address with the length of its prefix.
 * @address: the address
 * @text: KVP_ADDRESS_LEN bytes for it
 *
 * Return: @text.
 */
const char *kvp_address_prefixed(const struct kvp_address *address, char *text)
{
	size_t len;

	kvp_address_text(address, text);
	len = strlen(text);
	snprintf(text + len, KVP_ADDRESS_LEN - len, "/%u", address->prefix);
	return text;
}

/**
 * kvp_address_mask() - Write the subnet of an address as hosts want it.
 * @address: the address
 * @text: KVP_ADDRESS_LEN bytes for it: "255.255.255.0", or "/64" of IPv6
 *
 * Return: @text.
 */
const char *kvp_address_mask(const struct kvp_address *address, char *text)
{
	struct in_addr mask;

	if (address->family == AF_INET) {
		mask.s_addr = htonl(address->prefix ? ~0u << (32 - address->prefix) : 0);
		return inet_ntop(AF_INET, &mask, text, KVP_ADDRESS_LEN);
	}
	snprintf(text, KVP_ADDRESS_LEN, "/%u", address->prefix);
	return text;
}

/**
 * kvp_address_same() - Whether two are the same address.
 * @a: one
 * @b: the other; prefixes may differ
 *
 * Return: whether they are.
 */
bool kvp_address_same(const struct kvp_address *a, const struct kvp_address *b)
{
	return a->family == b->family && !memcmp(&a->v4, &b->v4, address_bits(a) / 8);
}

/**
 * kvp_address_is_unspecified() - Whether an address stands for none.
 * @address: which
 *
 * Return: whether it is 0.0.0.0 or ::.
 */
bool kvp_address_is_unspecified(const struct kvp_address *address)
{
	if (address->family == AF_INET)
		return !address->v4.s_addr;
	return IN6_IS_ADDR_UNSPECIFIED(&address->v6);
}

/**
 * kvp_address_is_multicast() - Whether an address is that of a group, or of all.
 * @address: which
 *
 * Return: whether it is multicast, reserved or broadcast.
 */
bool kvp_address_is_multicast(const struct kvp_address *address)
{
	if (address->family == AF_INET)
		return ntohl(address->v4.s_addr) >= 0xe0000000u;
	return IN6_IS_ADDR_MULTICAST(&address->v6);
}

/**
 * kvp_address_is_loopback() - Whether an address is this machine's own.
 * @address: which
 *
 * Return: whether it is of 127.0.0.0/8 or ::1.
 */
bool kvp_address_is_loopback(const struct kvp_address *address)
{
	if (address->family == AF_INET)
		return ntohl(address->v4.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&address->v6);
}

/**
 * kvp_address_is_link_local() - Whether an address is one that a link gives itself.
 * @address: which
 *
 * Return: whether it is of 169.254.0.0/16 or fe80::/10.
 */
bool kvp_address_is_link_local(const struct kvp_address *address)
{
	if (address->family == AF_INET)
		return ntohl(address->v4.s_addr) >> 16 == 0xa9fe;
	return IN6_IS_ADDR_LINKLOCAL(&address->v6);
}

/**
 * kvp_addresses_have() - Whether an address is in a list.
 * @list: the list
 * @address: the address, whatever its prefix
 *
 * Return: whether it is.
 */
bool kvp_addresses_have(const struct kvp_addresses *list, const struct kvp_address *address)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (kvp_address_same(&list->at[i], address))
			return true;
	return false;
}

/**
 * kvp_addresses_add() - Put an address behind the others, unless it is there.
 * @list: the list
 * @address: the address
 *
 * Return: 0; -ENOSPC when the list is full.
 */
int kvp_addresses_add(struct kvp_addresses *list, const struct kvp_address *address)
{
	if (kvp_addresses_have(list, address))
		return 0;
	if (list->count == KVP_ADDRESSES_MAX)
		return -ENOSPC;
	list->at[list->count++] = *address;
	return 0;
}

/**
 * kvp_addresses_next() - The next address of a family.
 * @list: the list
 * @family: which; AF_UNSPEC for any
 * @before: the one before; NULL for the first
 *
 * Return: the address; NULL when there are no more.
 */
const struct kvp_address *kvp_addresses_next(const struct kvp_addresses *list, int family,
					     const struct kvp_address *before)
{
	const struct kvp_address *at = before ? before + 1 : list->at;

	for (; at < list->at + list->count; at++)
		if (family == AF_UNSPEC || at->family == family)
			return at;
	return NULL;
}

/**
 * kvp_addresses_count() - How many addresses of a family there are.
 * @list: the list
 * @family: which; AF_UNSPEC for any
 *
 * Return: how many.
 */
size_t kvp_addresses_count(const struct kvp_addresses *list, int family)
{
	const struct kvp_address *address;
	size_t count = 0;

	kvp_addresses_each(list, family, address)
		count++;
	return count;
}
