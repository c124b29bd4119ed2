/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of a guest's network adapter as they cross VMBus: as text up to
 * version 4.0 of data exchange, as numbers from 5.0.  Nothing here does input, output
 * or allocation.
 */
#ifndef HVSIM_KVP_ADDRESS_H
#define HVSIM_KVP_ADDRESS_H

#include "hvsim_message.h"

/* Most of each kind that a message has room for: of both families together. */
#define HVSIM_KVP_ADDRESSES	(2 * HVIC_KVP_IP_ADDRESSES)
#define HVSIM_KVP_GATEWAYS	(2 * HVIC_KVP_IP_GATEWAYS)
/* Room for the longest text of a body in UTF-8, terminator included. */
#define HVSIM_KVP_LIST_ROOM	(1024 * 3 + 1)

/**
 * enum hvsim_kvp_list - the lists of a network adapter
 * @HVSIM_KVP_LIST_ADDRESSES: its addresses
 * @HVSIM_KVP_LIST_SUBNETS: a mask or the length of a prefix for each
 * @HVSIM_KVP_LIST_GATEWAYS: its gateways
 * @HVSIM_KVP_LIST_DNS: its name servers
 * @HVSIM_KVP_NR_LISTS: their number
 */
enum hvsim_kvp_list {
	HVSIM_KVP_LIST_ADDRESSES,
	HVSIM_KVP_LIST_SUBNETS,
	HVSIM_KVP_LIST_GATEWAYS,
	HVSIM_KVP_LIST_DNS,
	HVSIM_KVP_NR_LISTS,
};

/**
 * struct hvsim_kvp_address - an address
 * @v6: of IPv6; else of IPv4
 * @bytes: in network order; of IPv4 the first four
 * @prefix: bits of its prefix; 0 where there is none
 * @origin: an enum hvic_kvp_origin
 */
struct hvsim_kvp_address {
	bool v6;
	uint8_t bytes[16];
	uint8_t prefix;
	uint16_t origin;
};

/**
 * struct hvsim_kvp_adapter - a network adapter
 * @id: of a get its MAC address, of a set the instance of its device, in braces
 * @family: an enum hvic_kvp_family
 * @dhcp: whether IPv4 addresses come by DHCP
 * @addresses: those of IPv4 first where they come from a guest
 * @address_count: of @addresses
 * @gateways: likewise
 * @gateway_count: of @gateways
 * @dns: likewise
 * @dns_count: of @dns
 * @texts: of a request as text: sent as they are instead of the above; of an answer
 *	as text: what came; NULL where there is none
 */
struct hvsim_kvp_adapter {
	char id[HVIC_KVP_ADAPTER_LEN / 2 * 3 + 1];
	uint8_t family;
	uint8_t dhcp;
	struct hvsim_kvp_address addresses[HVSIM_KVP_ADDRESSES];
	size_t address_count;
	struct hvsim_kvp_address gateways[HVSIM_KVP_GATEWAYS];
	size_t gateway_count;
	struct hvsim_kvp_address dns[HVSIM_KVP_ADDRESSES];
	size_t dns_count;
	const char *texts[HVSIM_KVP_NR_LISTS];
};

int hvsim_kvp_address_parse(struct hvsim_kvp_address *address, const char *text);
void hvsim_kvp_address_format(char *text, size_t size, const struct hvsim_kvp_address *address);
int hvsim_kvp_adapter_build(void *buf, size_t size, uint8_t transaction,
			    const struct hvsim_versions *versions, uint8_t operation,
			    const struct hvsim_kvp_adapter *adapter);
uint32_t hvsim_kvp_adapter_read(const struct hvsim_message *answer,
				struct hvsim_kvp_adapter *adapter,
				char texts[HVSIM_KVP_NR_LISTS][HVSIM_KVP_LIST_ROOM]);

#endif
