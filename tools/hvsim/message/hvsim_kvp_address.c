// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The addresses of a guest's network adapter: requests as a host sends them, and a
 * host's judgement of the answers.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_kvp_address.h"
#include "hvsim_utf16.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static size_t address_len(const struct hvsim_kvp_address *address)
{
	return address->v6 ? 16 : 4;
}

static uint8_t prefix_most(const struct hvsim_kvp_address *address)
{
	return address->v6 ? 128 : 32;
}

/* An address alone, of either family. */
static int plain_parse(struct hvsim_kvp_address *address, const char *text)
{
	*address = (struct hvsim_kvp_address){ .v6 = strchr(text, ':') };
	return inet_pton(address->v6 ? AF_INET6 : AF_INET, text, address->bytes) == 1 ? 0 :
	       -EINVAL;
}

static int prefix_parse(struct hvsim_kvp_address *address, const char *text)
{
	unsigned long bits;
	char *end;

	bits = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || bits > prefix_most(address))
		return -EINVAL;
	address->prefix = (uint8_t)bits;
	return 0;
}

/**
 * hvsim_kvp_address_parse() - Read an address that a person wrote.
 * @address: what it is
 * @text: 10.0.0.5, 10.0.0.5/24, fd00::5/64 and so on
 *
 * Return: 0; -EINVAL when @text is no address.
 */
int hvsim_kvp_address_parse(struct hvsim_kvp_address *address, const char *text)
{
	const char *slash = strchr(text, '/');
	char plain[INET6_ADDRSTRLEN];
	size_t len = slash ? (size_t)(slash - text) : strlen(text);

	if (len >= sizeof(plain))
		return -EINVAL;
	memcpy(plain, text, len);
	plain[len] = '\0';
	if (plain_parse(address, plain) < 0)
		return -EINVAL;
	return slash ? prefix_parse(address, slash + 1) : 0;
}

/**
 * hvsim_kvp_address_format() - Write an address for people, without its prefix.
 * @text: where to write
 * @size: bytes at @text; INET6_ADDRSTRLEN always do
 * @address: which
 */
void hvsim_kvp_address_format(char *text, size_t size, const struct hvsim_kvp_address *address)
{
	if (!inet_ntop(address->v6 ? AF_INET6 : AF_INET, address->bytes, text, (socklen_t)size))
		snprintf(text, size, "-");
}

/* ---- masks ---- */

static void mask_write(uint8_t mask[4], uint8_t prefix)
{
	uint32_t bits = prefix ? UINT32_MAX << (32 - prefix) : 0;

	bits = htobe32(bits);
	memcpy(mask, &bits, sizeof(bits));
}

/* The prefix that a mask means; -EINVAL when its ones are not all in front. */
static int mask_read(uint8_t *prefix, const uint8_t mask[4])
{
	uint32_t bits;

	memcpy(&bits, mask, sizeof(bits));
	bits = be32toh(bits);
	if (~bits & (~bits + 1))
		return -EINVAL;
	*prefix = (uint8_t)__builtin_popcount(bits);
	return 0;
}

/* Of IPv4 a mask; of IPv6 the length of a prefix, before which some write a slash. */
static int subnet_parse(struct hvsim_kvp_address *address, const char *text)
{
	uint8_t mask[4];

	if (address->v6)
		return prefix_parse(address, text + (*text == '/'));
	if (inet_pton(AF_INET, text, mask) != 1)
		return -EINVAL;
	return mask_read(&address->prefix, mask);
}

static void subnet_format(char *text, size_t size, const struct hvsim_kvp_address *address)
{
	uint8_t mask[4];

	if (address->v6) {
		snprintf(text, size, "%u", address->prefix);
	} else {
		mask_write(mask, address->prefix);
		inet_ntop(AF_INET, mask, text, (socklen_t)size);
	}
}

/* ---- as text ---- */

/* Where the lists are in a body of version 4.0. */
static const struct {
	size_t at;
	size_t size;
} places[HVSIM_KVP_NR_LISTS] = {
	[HVSIM_KVP_LIST_ADDRESSES] = { offsetof(struct hvic_kvp_ip_text, addresses), 2048 },
	[HVSIM_KVP_LIST_SUBNETS] = { offsetof(struct hvic_kvp_ip_text, subnets), 2048 },
	[HVSIM_KVP_LIST_GATEWAYS] = { offsetof(struct hvic_kvp_ip_text, gateways), 1024 },
	[HVSIM_KVP_LIST_DNS] = { offsetof(struct hvic_kvp_ip_text, dns), 2048 },
};

static void list_join(char *text, size_t size, const struct hvsim_kvp_address *list, size_t count,
		      bool subnets)
{
	char one[INET6_ADDRSTRLEN];
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < count && used < size; i++) {
		if (subnets)
			subnet_format(one, sizeof(one), &list[i]);
		else
			hvsim_kvp_address_format(one, sizeof(one), &list[i]);
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ";" : "", one);
	}
}

/* The text of a list: the one given, or of the addresses. */
static const char *list_text(char *room, size_t size, const struct hvsim_kvp_adapter *adapter,
			     enum hvsim_kvp_list list)
{
	if (adapter->texts[list])
		return adapter->texts[list];
	if (list == HVSIM_KVP_LIST_GATEWAYS)
		list_join(room, size, adapter->gateways, adapter->gateway_count, false);
	else if (list == HVSIM_KVP_LIST_DNS)
		list_join(room, size, adapter->dns, adapter->dns_count, false);
	else
		list_join(room, size, adapter->addresses, adapter->address_count,
			  list == HVSIM_KVP_LIST_SUBNETS);
	return room;
}

static int text_build(struct hvic_kvp_ip_text *body, const struct hvsim_kvp_adapter *adapter)
{
	char room[HVSIM_KVP_ADDRESSES * INET6_ADDRSTRLEN];
	int i, err;

	err = hvsim_utf16_encode(body->adapter, sizeof(body->adapter) - 2, adapter->id);
	body->family = adapter->family;
	body->dhcp = adapter->dhcp;
	for (i = 0; i < HVSIM_KVP_NR_LISTS && err >= 0; i++)
		err = hvsim_utf16_encode((uint8_t *)body + places[i].at, places[i].size - 2,
					 list_text(room, sizeof(room), adapter, i));
	return err;
}

/* Adds the addresses of a text; between two of them is a semicolon. */
static uint32_t list_split(struct hvsim_kvp_address *list, size_t *count, size_t most, char *text)
{
	char *rest = text, *word;

	while ((word = strsep(&rest, ";"))) {
		if (!*word)
			continue;
		if (*count == most)
			return HVSIM_FAULT(KVP_COUNTS);
		if (plain_parse(&list[*count], word) < 0)
			return HVSIM_FAULT(KVP_ADDRESS);
		++*count;
	}
	return 0;
}

/* Gives each address its prefix, in their order. */
static uint32_t subnets_split(struct hvsim_kvp_adapter *adapter, char *text)
{
	char *rest = text, *word;
	size_t i = 0;

	while ((word = strsep(&rest, ";"))) {
		if (!*word)
			continue;
		if (i == adapter->address_count || subnet_parse(&adapter->addresses[i++], word) < 0)
			return HVSIM_FAULT(KVP_ADDRESS);
	}
	return i == adapter->address_count ? 0 : HVSIM_FAULT(KVP_ADDRESS);
}

static uint32_t field_read(char *text, size_t size, const uint8_t *field, size_t field_size)
{
	int len = hvsim_utf16_decode(text, size, field, field_size);

	if (len < 0) {
		*text = '\0';
		return HVSIM_FAULT(TEXT_UTF16);
	}
	return (size_t)len == field_size ? HVSIM_FAULT(TEXT_END) : 0;
}

static uint32_t text_read(const struct hvic_kvp_ip_text *body, struct hvsim_kvp_adapter *adapter,
			  char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM])
{
	char words[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM];
	uint32_t faults;
	int i;

	adapter->family = body->family;
	adapter->dhcp = body->dhcp;
	faults = field_read(adapter->id, sizeof(adapter->id), body->adapter,
			    sizeof(body->adapter));
	for (i = 0; i < HVSIM_KVP_NR_LISTS; i++) {
		faults |= field_read(texts[i], HVSIM_KVP_LIST_ROOM,
				     (const uint8_t *)body + places[i].at, places[i].size);
		adapter->texts[i] = texts[i];
		strcpy(words[i], texts[i]);
	}
	faults |= list_split(adapter->addresses, &adapter->address_count, HVSIM_KVP_ADDRESSES,
			     words[HVSIM_KVP_LIST_ADDRESSES]);
	faults |= subnets_split(adapter, words[HVSIM_KVP_LIST_SUBNETS]);
	faults |= list_split(adapter->gateways, &adapter->gateway_count, HVSIM_KVP_GATEWAYS,
			     words[HVSIM_KVP_LIST_GATEWAYS]);
	return faults | list_split(adapter->dns, &adapter->dns_count, HVSIM_KVP_ADDRESSES,
				   words[HVSIM_KVP_LIST_DNS]);
}

/* ---- as numbers ---- */

/**
 * struct table - addresses of one family and purpose in a body of version 5.0
 * @bytes: of the first
 * @most: how many there is room for
 * @v6: of IPv6
 */
struct table {
	uint8_t *bytes;
	size_t most;
	bool v6;
};

/* Writes those of its family into a table, and their number. */
static int table_write(const struct table *table, __le32 *count,
		       const struct hvsim_kvp_address *list, size_t list_count)
{
	size_t i, used = 0, len = table->v6 ? 16 : 4;

	for (i = 0; i < list_count; i++) {
		if (list[i].v6 != table->v6)
			continue;
		if (used == table->most)
			return -EMSGSIZE;
		memcpy(table->bytes + used++ * len, list[i].bytes, len);
	}
	*count = htole32((uint32_t)used);
	return 0;
}

/* The masks and prefixes, beside the addresses that have got their places. */
static void subnets_write(struct hvic_kvp_ip_binary *body,
			  const struct hvsim_kvp_adapter *adapter)
{
	const struct hvsim_kvp_address *address = adapter->addresses;
	size_t i, v4 = 0, v6 = 0, behind = le32toh(body->v4_count);

	for (i = 0; i < adapter->address_count; i++, address++)
		if (address->v6) {
			body->v6_prefixes[v6] = htole32(address->prefix);
			body->origins[behind + v6++] = htole16(address->origin);
		} else {
			mask_write(body->v4_masks[v4], address->prefix);
			body->origins[v4++] = htole16(address->origin);
		}
}

#define TABLE(field, of_v6)	{ (field)[0], N(field), of_v6 }

static int binary_build(struct hvic_kvp_ip_binary *body, const struct hvsim_kvp_adapter *adapter)
{
	const struct {
		struct table table;
		__le32 *count;
		const struct hvsim_kvp_address *list;
		size_t list_count;
	} all[] = {
		{ TABLE(body->v4, false), &body->v4_count, adapter->addresses,
		  adapter->address_count },
		{ TABLE(body->v6, true), &body->v6_count, adapter->addresses,
		  adapter->address_count },
		{ TABLE(body->v4_gateways, false), &body->v4_gateway_count, adapter->gateways,
		  adapter->gateway_count },
		{ TABLE(body->v6_gateways, true), &body->v6_gateway_count, adapter->gateways,
		  adapter->gateway_count },
		{ TABLE(body->v4_dns, false), &body->v4_dns_count, adapter->dns,
		  adapter->dns_count },
		{ TABLE(body->v6_dns, true), &body->v6_dns_count, adapter->dns,
		  adapter->dns_count },
	};
	size_t i;
	int err;

	err = hvsim_utf16_encode(body->adapter, sizeof(body->adapter) - 2, adapter->id);
	body->family = adapter->family;
	body->dhcp = adapter->dhcp;
	for (i = 0; i < N(all) && err >= 0; i++)
		err = table_write(&all[i].table, all[i].count, all[i].list, all[i].list_count);
	if (err >= 0)
		subnets_write(body, adapter);
	return err;
}

/* Adds the addresses of a table to a list. */
static uint32_t table_read(struct hvsim_kvp_address *list, size_t *count,
			   const struct table *table, __le32 claimed)
{
	size_t i, found = le32toh(claimed);

	if (found > table->most)
		return HVSIM_FAULT(KVP_COUNTS);
	for (i = 0; i < found; i++, ++*count) {
		list[*count] = (struct hvsim_kvp_address){ .v6 = table->v6 };
		memcpy(list[*count].bytes, table->bytes + i * address_len(&list[*count]),
		       address_len(&list[*count]));
	}
	return 0;
}

/* Gives each address its prefix and origin; all of IPv4 come first. */
static uint32_t subnets_read(struct hvsim_kvp_adapter *adapter,
			     const struct hvic_kvp_ip_binary *body)
{
	size_t i, v4 = le32toh(body->v4_count);
	uint32_t faults = 0, prefix;

	for (i = 0; i < adapter->address_count; i++) {
		struct hvsim_kvp_address *address = &adapter->addresses[i];

		address->origin = le16toh(body->origins[i]);
		if (address->origin > HVIC_KVP_ORIGIN_STATIC)
			faults = HVSIM_FAULT(KVP_ADDRESS);
		if (!address->v6 && mask_read(&address->prefix, body->v4_masks[i]) < 0)
			faults = HVSIM_FAULT(KVP_ADDRESS);
		if (!address->v6)
			continue;
		prefix = le32toh(body->v6_prefixes[i - v4]);
		if (prefix > 128)
			faults = HVSIM_FAULT(KVP_ADDRESS);
		else
			address->prefix = (uint8_t)prefix;
	}
	return faults;
}

static uint32_t binary_read(struct hvic_kvp_ip_binary *body, struct hvsim_kvp_adapter *adapter)
{
	const struct {
		struct table table;
		__le32 claimed;
		struct hvsim_kvp_address *list;
		size_t *count;
	} all[] = {
		{ TABLE(body->v4, false), body->v4_count, adapter->addresses,
		  &adapter->address_count },
		{ TABLE(body->v6, true), body->v6_count, adapter->addresses,
		  &adapter->address_count },
		{ TABLE(body->v4_gateways, false), body->v4_gateway_count, adapter->gateways,
		  &adapter->gateway_count },
		{ TABLE(body->v6_gateways, true), body->v6_gateway_count, adapter->gateways,
		  &adapter->gateway_count },
		{ TABLE(body->v4_dns, false), body->v4_dns_count, adapter->dns,
		  &adapter->dns_count },
		{ TABLE(body->v6_dns, true), body->v6_dns_count, adapter->dns,
		  &adapter->dns_count },
	};
	uint32_t faults;
	size_t i;

	adapter->family = body->family;
	adapter->dhcp = body->dhcp;
	faults = field_read(adapter->id, sizeof(adapter->id), body->adapter,
			    sizeof(body->adapter));
	for (i = 0; i < N(all); i++)
		faults |= table_read(all[i].list, all[i].count, &all[i].table, all[i].claimed);
	return faults & HVSIM_FAULT(KVP_COUNTS) ? faults : faults | subnets_read(adapter, body);
}

/* ---- either ---- */

/* As large as hosts send it, whatever is in it. */
union body {
	struct hvic_kvp_hdr hdr;
	struct hvic_kvp_ip_text text;
	struct hvic_kvp_ip_binary binary;
};

/**
 * hvsim_kvp_adapter_build() - Write a request about a network adapter.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @versions: what was negotiated; from 5.0 the body is another one
 * @operation: HVIC_KVP_GET_IP or HVIC_KVP_SET_IP
 * @adapter: which, and what to say of it
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small, or there is no room in the
 * body for all of it; -EILSEQ when a text is not UTF-8.
 */
int hvsim_kvp_adapter_build(void *buf, size_t size, uint8_t transaction,
			    const struct hvsim_versions *versions, uint8_t operation,
			    const struct hvsim_kvp_adapter *adapter)
{
	union body body;
	int err;

	memset(&body, 0, sizeof(body));
	/* the pool that openvmm asks with; Windows' is not known */
	body.hdr = (struct hvic_kvp_hdr){ operation, HVIC_KVP_GUEST };
	if (versions->message < HVIC_VERSION(5, 0))
		err = text_build(&body.text, adapter);
	else
		err = binary_build(&body.binary, adapter);
	if (err < 0)
		return err;
	return hvsim_message_build_request(buf, size, transaction, HVIC_TYPE_KVP, versions, &body,
					   sizeof(body));
}

/**
 * hvsim_kvp_adapter_read() - Read what a guest says of a network adapter.
 * @answer: its answer, with status 0, to HVIC_KVP_GET_IP
 * @adapter: written as far as there is something
 * @texts: room for the texts that @adapter points to afterwards
 *
 * Return: set of faults; with a fatal one @adapter is of no use.
 */
uint32_t hvsim_kvp_adapter_read(const struct hvsim_message *answer,
				struct hvsim_kvp_adapter *adapter,
				char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM])
{
	bool text = answer->version < HVIC_VERSION(5, 0);
	size_t len = text ? sizeof(struct hvic_kvp_ip_text) : sizeof(struct hvic_kvp_ip_binary);
	uint32_t faults;
	union body body;

	memset(adapter, 0, sizeof(*adapter));
	if (answer->body_len < len)
		return HVSIM_FAULT(BODY_SHORT);
	memcpy(&body, answer->body, len);
	faults = text ? text_read(&body.text, adapter, texts) : binary_read(&body.binary, adapter);
	if (body.hdr.operation != HVIC_KVP_GET_IP)
		faults |= HVSIM_FAULT(KVP_OPERATION);
	if (adapter->family > HVIC_KVP_FAMILY_BOTH || adapter->dhcp > 1)
		faults |= HVSIM_FAULT(KVP_ADDRESS);
	return faults;
}
