// SPDX-License-Identifier: GPL-2.0-only
/*
 * The addresses of an adapter, in both forms that hosts have: texts before
 * version 5.0, which are the daemon's but for their encoding, and numbers.
 */
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "hvic_address.h"
#include "hvic_kvp_ip.h"
#include "hvic_utf.h"

/* Each family has its place in the numbers, under the same names. */
#define V4	{ HVIC_IPV4_LEN, hvic_ipv4_print, hvic_ipv4_parse }
#define V6	{ HVIC_IPV6_LEN, hvic_ipv6_print, hvic_ipv6_parse }

static const struct family {
	size_t len;
	size_t (*print)(char *dst, const u8 *address);
	bool (*parse)(const char *src, size_t len, u8 *address);
} v4 = V4, v6 = V6;

/**
 * struct list - a text of items with semicolons between
 * @text: where it is; zero to begin with
 * @room: bytes there
 * @len: bytes used
 * @overflow: whether something has not fitted; nothing is added then
 */
struct list {
	char *text;
	size_t room;
	size_t len;
	bool overflow;
};

#define LIST(field)	{ (char *)(field), sizeof(field), 0, false }

static void list_add(struct list *list, const char *item, size_t len)
{
	if (list->overflow || len + 1 >= list->room - list->len) {
		list->overflow = true;
		return;
	}
	if (list->len)
		list->text[list->len++] = ';';
	memcpy(list->text + list->len, item, len);
	list->len += len;
}

/* Some of the addresses that the host has put into one of its arrays. */
static int list_add_addresses(struct list *list, const struct family *family, const u8 *addresses,
			      __le32 count, u32 max)
{
	u32 n = le32_to_cpu(count), i;
	char text[HVIC_IPV6_TEXT_CAP];

	if (n > max)
		return -EINVAL;
	for (i = 0; i < n; i++)
		list_add(list, text, family->print(text, addresses + i * family->len));
	return list->overflow ? -ENAMETOOLONG : 0;
}

static int list_add_prefixes(struct list *list, const __le32 *prefixes, u32 count)
{
	char text[21];
	u32 i;

	for (i = 0; i < count; i++) {
		if (le32_to_cpu(prefixes[i]) > 128)
			return -EINVAL;
		list_add(list, text, hvic_number_print(text, le32_to_cpu(prefixes[i])));
	}
	return list->overflow ? -ENAMETOOLONG : 0;
}

static int binary_lists(const struct hvic_kvp_ip_binary *from, struct hvic_user_kvp_ip *to)
{
	struct list addresses = LIST(to->addresses), subnets = LIST(to->subnets);
	struct list gateways = LIST(to->gateways), dns = LIST(to->dns);
	int err;

	err = list_add_addresses(&addresses, &v4, from->v4[0], from->v4_count,
				 HVIC_KVP_IP_ADDRESSES);
	err = err ?: list_add_addresses(&addresses, &v6, from->v6[0], from->v6_count,
					HVIC_KVP_IP_ADDRESSES);
	err = err ?: list_add_addresses(&subnets, &v4, from->v4_masks[0], from->v4_count,
					HVIC_KVP_IP_ADDRESSES);
	err = err ?: list_add_prefixes(&subnets, from->v6_prefixes, le32_to_cpu(from->v6_count));
	err = err ?: list_add_addresses(&gateways, &v4, from->v4_gateways[0],
					from->v4_gateway_count, HVIC_KVP_IP_GATEWAYS);
	err = err ?: list_add_addresses(&gateways, &v6, from->v6_gateways[0],
					from->v6_gateway_count, HVIC_KVP_IP_GATEWAYS);
	err = err ?: list_add_addresses(&dns, &v4, from->v4_dns[0], from->v4_dns_count,
					HVIC_KVP_IP_ADDRESSES);
	return err ?: list_add_addresses(&dns, &v6, from->v6_dns[0], from->v6_dns_count,
					 HVIC_KVP_IP_ADDRESSES);
}

static int text_forward(u8 *dst, size_t cap, const u8 *src, size_t room)
{
	int len = hvic_utf16_to_utf8((char *)dst, cap, src, room / 2);

	return len < 0 ? len : 0;
}

#define TEXT_FORWARD(to, from)	text_forward(to, sizeof(to), from, sizeof(from))

static int text_lists(const struct hvic_kvp_ip_text *from, struct hvic_user_kvp_ip *to)
{
	int err;

	err = TEXT_FORWARD(to->addresses, from->addresses);
	err = err ?: TEXT_FORWARD(to->subnets, from->subnets);
	err = err ?: TEXT_FORWARD(to->gateways, from->gateways);
	return err ?: TEXT_FORWARD(to->dns, from->dns);
}

/* Of a get only the adapter and the family mean something. */
static int head_forward(struct hvic_user_kvp_ip *to, const u8 *adapter, u8 family)
{
	int err = text_forward(to->adapter, sizeof(to->adapter), adapter, HVIC_KVP_ADAPTER_LEN);

	if (err)
		return err;
	if (family > HVIC_KVP_FAMILY_BOTH || !to->adapter[0])
		return -EINVAL;
	to->family = family;
	return 0;
}

/**
 * hvic_kvp_ip_forward() - Make a get or a set of addresses into the daemon's.
 * @msg: the request
 * @version: the negotiated message version
 * @ip: for the daemon, all zero; to be thrown away on failure
 *
 * Return: 0; -EOPNOTSUPP before 4.0; -EMSGSIZE when the body is too short;
 * -EINVAL for a wrong family, count or prefix, or no adapter; -EILSEQ for what is
 * no UTF-16; -ENAMETOOLONG for more than the daemon's fields can hold.
 */
int hvic_kvp_ip_forward(const struct hvic_msg *msg, u32 version, struct hvic_user_kvp_ip *ip)
{
	const struct hvic_kvp_ip_binary *binary = hvic_msg_body(msg, sizeof(*binary));
	const struct hvic_kvp_ip_text *text = hvic_msg_body(msg, sizeof(*text));
	bool numbers = version >= HVIC_VERSION(5, 0);
	const struct hvic_kvp_hdr *hdr = msg->body;
	int err;

	if (version < HVIC_VERSION(4, 0))
		return -EOPNOTSUPP;
	if (numbers ? !binary : !text)
		return -EMSGSIZE;

	err = numbers ? head_forward(ip, binary->adapter, binary->family) :
			head_forward(ip, text->adapter, text->family);
	if (err || hdr->operation == HVIC_KVP_GET_IP)
		return err;
	ip->dhcp = numbers ? !!binary->dhcp : !!text->dhcp;
	return numbers ? binary_lists(binary, ip) : text_lists(text, ip);
}

/**
 * struct items - what is left of a text of items with semicolons between
 * @at: the next item
 * @end: the end of the text
 */
struct items {
	const char *at;
	const char *end;
};

#define ITEMS(field)	items_of((const char *)(field), sizeof(field))

static struct items items_of(const char *text, size_t cap)
{
	return (struct items){ text, text + strnlen(text, cap) };
}

/* The next item, perhaps an empty one; false at the end. */
static bool item_next(struct items *items, struct items *item)
{
	if (items->at >= items->end)
		return false;
	item->at = items->at;
	while (items->at < items->end && *items->at != ';')
		items->at++;
	item->end = items->at;
	if (items->at < items->end)
		items->at++;
	return true;
}

/*
 * The addresses of one family among the items, as many as the host has room for;
 * what is no address is left out.
 */
static __le32 addresses_answer(const struct family *family, u8 *to, u32 max, struct items items)
{
	struct items item;
	u32 n = 0;

	while (n < max && item_next(&items, &item))
		if (family->parse(item.at, item.end - item.at, to + n * family->len))
			n++;
	return cpu_to_le32(n);
}

/* An address without a mask, or with a wrong one, is alone in its net. */
static void mask_answer(u8 *to, const struct items *mask)
{
	if (!hvic_ipv4_parse(mask->at, mask->end - mask->at, to))
		memset(to, 0xff, HVIC_IPV4_LEN);
}

/* Daemons write "/64" as well as "64". */
static __le32 prefix_answer(const struct items *prefix)
{
	const char *at = prefix->at;
	u64 number;

	if (at < prefix->end && *at == '/')
		at++;
	if (!hvic_number_parse(at, prefix->end - at, 128, &number))
		number = 128;
	return cpu_to_le32(number);
}

/* The addresses of both families, each with the subnet of the same place. */
static void interfaces_answer(struct hvic_kvp_ip_binary *to, const struct hvic_user_kvp_ip *from)
{
	struct items addresses = ITEMS(from->addresses), subnets = ITEMS(from->subnets);
	struct items address, subnet;
	u32 v4_count = 0, v6_count = 0, i;

	while (item_next(&addresses, &address)) {
		size_t len = address.end - address.at;

		if (!item_next(&subnets, &subnet))
			subnet = (struct items){ subnets.end, subnets.end };
		if (v4_count < HVIC_KVP_IP_ADDRESSES &&
		    hvic_ipv4_parse(address.at, len, to->v4[v4_count]))
			mask_answer(to->v4_masks[v4_count++], &subnet);
		else if (v6_count < HVIC_KVP_IP_ADDRESSES &&
			 hvic_ipv6_parse(address.at, len, to->v6[v6_count]))
			to->v6_prefixes[v6_count++] = prefix_answer(&subnet);
	}
	to->v4_count = cpu_to_le32(v4_count);
	to->v6_count = cpu_to_le32(v6_count);
	/* where those of IPv6 come from the daemon does not say */
	for (i = 0; i < v4_count; i++)
		to->origins[i] = cpu_to_le16(from->dhcp ? HVIC_KVP_ORIGIN_OTHER :
							  HVIC_KVP_ORIGIN_STATIC);
}

static void binary_answer(struct hvic_kvp_ip_binary *to, const struct hvic_user_kvp_ip *from)
{
	struct items gateways = ITEMS(from->gateways), dns = ITEMS(from->dns);
	u8 adapter[HVIC_KVP_ADAPTER_LEN];
	struct hvic_kvp_hdr hdr = to->hdr;

	memcpy(adapter, to->adapter, sizeof(adapter));
	memset(to, 0, sizeof(*to));
	to->hdr = hdr;
	memcpy(to->adapter, adapter, sizeof(adapter));
	to->family = from->family & HVIC_KVP_FAMILY_BOTH;
	to->dhcp = !!from->dhcp;
	interfaces_answer(to, from);
	to->v4_gateway_count = addresses_answer(&v4, to->v4_gateways[0], HVIC_KVP_IP_GATEWAYS,
						gateways);
	to->v6_gateway_count = addresses_answer(&v6, to->v6_gateways[0], HVIC_KVP_IP_GATEWAYS,
						gateways);
	to->v4_dns_count = addresses_answer(&v4, to->v4_dns[0], HVIC_KVP_IP_ADDRESSES, dns);
	to->v6_dns_count = addresses_answer(&v6, to->v6_dns[0], HVIC_KVP_IP_ADDRESSES, dns);
}

static void field_answer(u8 *dst, size_t room, const u8 *src, size_t cap)
{
	memset(dst, 0, room);
	hvic_utf8_to_utf16_lossy(dst, room / 2, (const char *)src, cap);
}

#define FIELD_ANSWER(to, from)	field_answer(to, sizeof(to), from, sizeof(from))

static void text_answer(struct hvic_kvp_ip_text *to, const struct hvic_user_kvp_ip *from)
{
	to->family = from->family & HVIC_KVP_FAMILY_BOTH;
	to->dhcp = !!from->dhcp;
	FIELD_ANSWER(to->addresses, from->addresses);
	FIELD_ANSWER(to->subnets, from->subnets);
	FIELD_ANSWER(to->gateways, from->gateways);
	FIELD_ANSWER(to->dns, from->dns);
}

/**
 * hvic_kvp_ip_answer() - Make the daemon's addresses into the body of the answer.
 * @msg: the request that hvic_kvp_ip_forward() took; its adapter stays
 * @version: the negotiated message version
 * @ip: the daemon's
 *
 * Return: 0; -EMSGSIZE when the body is too short.
 */
int hvic_kvp_ip_answer(const struct hvic_msg *msg, u32 version, const struct hvic_user_kvp_ip *ip)
{
	struct hvic_kvp_ip_binary *binary = hvic_msg_body(msg, sizeof(*binary));
	struct hvic_kvp_ip_text *text = hvic_msg_body(msg, sizeof(*text));

	if (version >= HVIC_VERSION(5, 0)) {
		if (!binary)
			return -EMSGSIZE;
		binary_answer(binary, ip);
		return 0;
	}
	if (!text)
		return -EMSGSIZE;
	text_answer(text, ip);
	return 0;
}
