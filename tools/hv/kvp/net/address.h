/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP addresses with their prefix lengths, and lists of them.
 */
#ifndef KVP_ADDRESS_H
#define KVP_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a message of either form can hold of one kind: 64 of each family. */
#define KVP_ADDRESSES_MAX	128

/* A text with prefix: "ffff:...:255.255.255.255/128" and the NUL. */
#define KVP_ADDRESS_LEN		(INET6_ADDRSTRLEN + 4)

/**
 * struct kvp_address - an address
 * @family: AF_INET or AF_INET6
 * @prefix: length of the prefix, 0 to 32 or 128
 * @v4: of AF_INET, in network order
 * @v6: of AF_INET6
 */
struct kvp_address {
	uint8_t family;
	uint8_t prefix;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

/**
 * struct kvp_addresses - a list of addresses, of both families
 * @at: the addresses, in the order in which they came
 * @count: how many there are
 */
struct kvp_addresses {
	struct kvp_address at[KVP_ADDRESSES_MAX];
	size_t count;
};

int kvp_address_parse(struct kvp_address *address, const char *text);
int kvp_address_parse_prefix(struct kvp_address *address, const char *text);
const char *kvp_address_text(const struct kvp_address *address, char *text);
const char *kvp_address_prefixed(const struct kvp_address *address, char *text);
const char *kvp_address_mask(const struct kvp_address *address, char *text);
bool kvp_address_same(const struct kvp_address *a, const struct kvp_address *b);
bool kvp_address_is_unspecified(const struct kvp_address *address);
bool kvp_address_is_multicast(const struct kvp_address *address);
bool kvp_address_is_loopback(const struct kvp_address *address);
bool kvp_address_is_link_local(const struct kvp_address *address);

int kvp_addresses_add(struct kvp_addresses *list, const struct kvp_address *address);
bool kvp_addresses_have(const struct kvp_addresses *list, const struct kvp_address *address);
size_t kvp_addresses_count(const struct kvp_addresses *list, int family);
const struct kvp_address *kvp_addresses_next(const struct kvp_addresses *list, int family,
					     const struct kvp_address *before);

/* Each address of a family, or with AF_UNSPEC of both. */
#define kvp_addresses_each(list, family, address)				\
	for ((address) = kvp_addresses_next(list, family, NULL); (address);	\
	     (address) = kvp_addresses_next(list, family, address))

#endif
