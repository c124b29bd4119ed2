// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Items of data exchange: requests as a host sends them, and a host's judgement of
 * the answers, which is openvmm's: what that takes for an error of the channel is a
 * fatal fault here.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_kvp_item.h"
#include "hvsim_utf16.h"

static const struct {
	uint32_t type;
	const char *name;
} types[] = {
	{ HVIC_KVP_SZ, "string" },
	{ HVIC_KVP_EXPAND_SZ, "expand" },
	{ HVIC_KVP_DWORD, "dword" },
	{ HVIC_KVP_QWORD, "qword" },
};

static const char *const pools[HVIC_NR_KVP_POOLS] = {
	[HVIC_KVP_EXTERNAL] = "external",
	[HVIC_KVP_GUEST] = "guest",
	[HVIC_KVP_AUTO] = "auto",
	[HVIC_KVP_AUTO_EXTERNAL] = "auto-external",
};

/**
 * hvsim_kvp_is_number() - Whether the values of a type are numbers.
 * @type: an enum hvic_kvp_type
 *
 * Return: whether; else they are texts.
 */
bool hvsim_kvp_is_number(uint32_t type)
{
	return type == HVIC_KVP_DWORD || type == HVIC_KVP_QWORD;
}

/**
 * hvsim_kvp_type_name() - Name of a type.
 * @type: from an answer
 *
 * Return: a word; "unknown" for one that a host does not know.
 */
const char *hvsim_kvp_type_name(uint32_t type)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return types[i].name;
	return "unknown";
}

/**
 * hvsim_kvp_type_find() - Get a type by its name.
 * @type: written when there is one
 * @name: of the type
 *
 * Return: 0; -ENOENT.
 */
int hvsim_kvp_type_find(uint32_t *type, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i].name, name)) {
			*type = types[i].type;
			return 0;
		}
	return -ENOENT;
}

/**
 * hvsim_kvp_pool_name() - Name of a pool.
 * @pool: its number
 *
 * Return: a word; "unknown" for a number that is none.
 */
const char *hvsim_kvp_pool_name(uint8_t pool)
{
	return pool < HVIC_NR_KVP_POOLS ? pools[pool] : "unknown";
}

/**
 * hvsim_kvp_pool_find() - Get a pool by its name or number.
 * @pool: written when there is one
 * @name: a name, or a number from 0 to 255, to ask for what there is not, too
 *
 * Return: 0; -ENOENT.
 */
int hvsim_kvp_pool_find(uint8_t *pool, const char *name)
{
	unsigned long number;
	uint8_t i;
	char *end;

	for (i = 0; i < HVIC_NR_KVP_POOLS; i++)
		if (!strcmp(pools[i], name)) {
			*pool = i;
			return 0;
		}
	number = strtoul(name, &end, 10);
	if (end == name || *end || name[0] == '-' || number > UINT8_MAX)
		return -ENOENT;
	*pool = (uint8_t)number;
	return 0;
}

/* Writes a text with its terminator; returns its bytes with that, or a negative errno. */
static int text_write(uint8_t *to, size_t size, const char *text)
{
	/* all of a field is zero before */
	int len = hvsim_utf16_encode(to, size - 2, text);

	return len < 0 ? len : len + 2;
}

static int key_write(__le32 *key_size, uint8_t key[HVIC_KVP_KEY_LEN], const char *text)
{
	int len = text_write(key, HVIC_KVP_KEY_LEN, text);

	if (len < 0)
		return len;
	*key_size = htole32((uint32_t)len);
	return 0;
}

static int value_write(struct hvic_kvp_value *value, const struct hvsim_kvp_item *item)
{
	uint64_t number = htole64(item->number);
	int len;

	value->type = htole32(item->type);
	if (hvsim_kvp_is_number(item->type)) {
		len = item->type == HVIC_KVP_DWORD ? 4 : 8;
		memcpy(value->value, &number, (size_t)len);
	} else {
		len = text_write(value->value, sizeof(value->value), item->text);
		if (len < 0)
			return len;
	}
	value->value_size = htole32((uint32_t)len);
	return key_write(&value->key_size, value->key, item->key);
}

/* As large as hosts send it, whatever is in it. */
union body {
	struct hvic_kvp_hdr hdr;
	struct hvic_kvp_exchange exchange;
	struct hvic_kvp_delete delete;
	struct hvic_kvp_enumerate enumerate;
};

/**
 * hvsim_kvp_item_build() - Write a request about items.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @versions: what was negotiated
 * @request: what to ask
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small, or key or value too long;
 * -EILSEQ when they are not UTF-8; -EINVAL when @request has another operation.
 */
int hvsim_kvp_item_build(void *buf, size_t size, uint8_t transaction,
			 const struct hvsim_versions *versions,
			 const struct hvsim_kvp_request *request)
{
	union body body;
	int err = 0;

	memset(&body, 0, sizeof(body));
	body.hdr = (struct hvic_kvp_hdr){ request->operation, request->pool };
	switch (request->operation) {
	case HVIC_KVP_GET:
		err = key_write(&body.exchange.item.key_size, body.exchange.item.key,
				request->item.key);
		break;
	case HVIC_KVP_SET:
		err = value_write(&body.exchange.item, &request->item);
		break;
	case HVIC_KVP_DELETE:
		err = key_write(&body.delete.key_size, body.delete.key, request->item.key);
		break;
	case HVIC_KVP_ENUMERATE:
		body.enumerate.index = htole32(request->index);
		break;
	default:
		return -EINVAL;
	}
	if (err < 0)
		return err;
	return hvsim_message_build_request(buf, size, transaction, HVIC_TYPE_KVP, versions, &body,
					   HVIC_KVP_EXCHANGE_LEN);
}

/* Reads a text of @len bytes, terminator included, out of a field that has @most. */
static uint32_t text_read(char *text, size_t size, const uint8_t *bytes, size_t len, size_t most)
{
	int found;

	if (!len || len % 2 || len > most)
		return HVSIM_FAULT(TEXT_SIZE);
	if (bytes[len - 1] || bytes[len - 2])
		return HVSIM_FAULT(TEXT_END);
	found = hvsim_utf16_decode(text, size, bytes, len);
	if (found < 0)
		return HVSIM_FAULT(TEXT_UTF16);
	return (size_t)found != len - 2 ? HVSIM_FAULT(TEXT_BEHIND) : 0;
}

static uint32_t value_read(struct hvsim_kvp_item *item, const struct hvic_kvp_value *value)
{
	uint32_t len = le32toh(value->value_size);
	uint64_t number = 0;

	item->type = le32toh(value->type);
	item->number = 0;
	item->text[0] = '\0';
	switch (item->type) {
	case HVIC_KVP_SZ:
	case HVIC_KVP_EXPAND_SZ:
		return text_read(item->text, sizeof(item->text), value->value, len,
				 sizeof(value->value));
	case HVIC_KVP_DWORD:
	case HVIC_KVP_QWORD:
		if (len != (item->type == HVIC_KVP_DWORD ? 4 : 8))
			return HVSIM_FAULT(TEXT_SIZE);
		memcpy(&number, value->value, len);
		item->number = le64toh(number);
		return 0;
	default:
		return HVSIM_FAULT(KVP_TYPE);
	}
}

/**
 * hvsim_kvp_item_read() - Read the item that a guest answers with.
 * @answer: its answer, with status 0, to a get or an enumeration
 * @request: what was asked
 * @item: the item; written as far as there is one
 *
 * Return: set of faults; with a fatal one @item is of no use.
 */
uint32_t hvsim_kvp_item_read(const struct hvsim_message *answer,
			     const struct hvsim_kvp_request *request,
			     struct hvsim_kvp_item *item)
{
	bool get = request->operation == HVIC_KVP_GET;
	struct hvic_kvp_value value;
	size_t at = get ? offsetof(struct hvic_kvp_exchange, item) :
			  offsetof(struct hvic_kvp_enumerate, item);
	__le32 index;
	uint32_t faults = 0;

	memset(item, 0, sizeof(*item));
	if (answer->body_len < at + sizeof(value))
		return HVSIM_FAULT(BODY_SHORT);
	memcpy(&value, answer->body + at, sizeof(value));
	memcpy(&index, answer->body + offsetof(struct hvic_kvp_enumerate, index), sizeof(index));
	if (answer->body[0] != request->operation || answer->body[1] != request->pool ||
	    (!get && le32toh(index) != request->index))
		faults |= HVSIM_FAULT(KVP_OPERATION);
	faults |= text_read(item->key, sizeof(item->key), value.key, le32toh(value.key_size),
			    sizeof(value.key));
	return faults | value_read(item, &value);
}
