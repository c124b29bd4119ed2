// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data exchange: what the host asks, in the daemon's words, and back.
 *
 * The host's messages are checked before the daemon sees them, since that of a
 * distribution believes them. What the daemon says is made into something that
 * every host takes: openvmm's gives the service up over a text without a NUL.
 */
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "hvic_address.h"
#include "hvic_kvp.h"
#include "hvic_kvp_ip.h"
#include "hvic_utf.h"

static const u32 messages[] = {
	HVIC_VERSION(5, 0), HVIC_VERSION(4, 0), HVIC_VERSION(3, 0), HVIC_VERSION(1, 0), 0
};

const struct hvic_versions hvic_kvp_versions = { hvic_frameworks, messages };

/* What Linux' own module calls itself; the host shows it. */
#define KVP_SERVICES_VERSION	"3.1"
/* QWORD in the words of Linux, FreeBSD and OpenBSD; no host was seen to say it. */
#define KVP_QWORD_MISNAMED	8
/* What is beyond is negative to some daemons, which then look in front of their items. */
#define KVP_INDEX_MAX		0x7fffffffu

/**
 * hvic_kvp_register() - A daemon says what it is.
 * @written: its first message
 * @greeting: what it is to read; untouched on failure
 *
 * Operation 4 registered daemons that spoke netlink, and is refused: a daemon of
 * the device that begins with it is not one.
 *
 * Return: 0; -EINVAL for anything but a registration.
 */
int hvic_kvp_register(const struct hvic_user_kvp *written, struct hvic_user_kvp *greeting)
{
	if (written->operation != HVIC_USER_KVP_REGISTER1)
		return -EINVAL;
	memset(greeting, 0, sizeof(*greeting));
	greeting->operation = HVIC_USER_KVP_REGISTER1;
	memcpy(greeting->version, KVP_SERVICES_VERSION, sizeof(KVP_SERVICES_VERSION));
	return 0;
}

/* A text of @size bytes in a field of @room; returns bytes with the NUL. */
static int text_forward(u8 *dst, size_t cap, const u8 *src, u32 size, size_t room)
{
	int len;

	if (size > room || size % 2)
		return -EINVAL;
	len = hvic_utf16_to_utf8((char *)dst, cap, src, size / 2);
	return len < 0 ? len : len + 1;
}

static int key_forward(u8 *dst, u32 *dst_size, const u8 *src, __le32 size)
{
	int len = text_forward(dst, HVIC_KVP_KEY_LEN, src, le32_to_cpu(size), HVIC_KVP_KEY_LEN);

	if (len < 0)
		return len;
	if (len == 1)	/* only the NUL */
		return -EINVAL;
	*dst_size = len;
	return 0;
}

static u64 little_endian(const u8 *bytes, size_t n)
{
	u64 number = 0;

	while (n--)
		number = number << 8 | bytes[n];
	return number;
}

/* Daemons keep text only: a number becomes its decimal digits. */
static int value_forward(struct hvic_user_kvp_value *to, const struct hvic_kvp_value *from)
{
	u32 size = le32_to_cpu(from->value_size);
	int len;

	switch (le32_to_cpu(from->type)) {
	case HVIC_KVP_SZ:
	case HVIC_KVP_EXPAND_SZ:
		len = text_forward(to->value, sizeof(to->value), from->value, size,
				   sizeof(from->value));
		break;
	case HVIC_KVP_DWORD:
		if (size != 4)
			return -EINVAL;
		len = hvic_number_print((char *)to->value, little_endian(from->value, 4)) + 1;
		break;
	case HVIC_KVP_QWORD:
	case KVP_QWORD_MISNAMED:
		if (size != 8)
			return -EINVAL;
		len = hvic_number_print((char *)to->value, little_endian(from->value, 8)) + 1;
		break;
	default:
		return -EINVAL;
	}
	if (len < 0)
		return len;
	to->value_size = len;
	return 0;
}

static int exchange_forward(const struct hvic_msg *msg, struct hvic_user_kvp *to)
{
	const struct hvic_kvp_exchange *from = hvic_msg_body(msg, sizeof(*from));
	int err;

	if (!from)
		return -EMSGSIZE;
	err = key_forward(to->exchange.key, &to->exchange.key_size, from->item.key,
			  from->item.key_size);
	if (err)
		return err;
	if (from->hdr.operation == HVIC_KVP_SET)
		return value_forward(&to->exchange, &from->item);
	/* of a get, what there is room for: the daemon copies as much */
	to->exchange.value_size = sizeof(to->exchange.value);
	return 0;
}

static int delete_forward(const struct hvic_msg *msg, struct hvic_user_kvp *to)
{
	const struct hvic_kvp_delete *from = hvic_msg_body(msg, sizeof(*from));

	if (!from)
		return -EMSGSIZE;
	return key_forward(to->delete.key, &to->delete.key_size, from->key, from->key_size);
}

static int enumerate_forward(const struct hvic_msg *msg, struct hvic_user_kvp *to)
{
	const struct hvic_kvp_enumerate *from = hvic_msg_body(msg, sizeof(*from));

	if (!from)
		return -EMSGSIZE;
	to->enumerate.index = le32_to_cpu(from->index);
	return to->enumerate.index > KVP_INDEX_MAX ? -ENODATA : 0;
}

/**
 * hvic_kvp_forward() - Make a request of the host into one for the daemon.
 * @msg: the request
 * @version: the negotiated message version
 * @request: for the daemon; to be thrown away on failure
 *
 * Return: 0; -EMSGSIZE when the body is too short; -EOPNOTSUPP for an unknown
 * operation, and for addresses before 4.0; -EINVAL for a wrong pool, size, type,
 * count or prefix, and for an empty key; -EILSEQ for what is no UTF-16;
 * -ENAMETOOLONG for a text that does not fit as UTF-8; -ENODATA for an index
 * that no pool can have.
 */
int hvic_kvp_forward(const struct hvic_msg *msg, u32 version, struct hvic_user_kvp *request)
{
	const struct hvic_kvp_hdr *hdr = hvic_msg_body(msg, sizeof(*hdr));

	if (!hdr)
		return -EMSGSIZE;
	memset(request, 0, sizeof(*request));
	request->operation = hdr->operation;
	request->pool = hdr->pool;
	/* of addresses it means nothing, and what a host puts there is not known */
	if (hdr->pool >= HVIC_NR_KVP_POOLS) {
		if (hdr->operation < HVIC_KVP_GET_IP)
			return -EINVAL;
		request->pool = 0;
	}

	switch (hdr->operation) {
	case HVIC_KVP_GET:
	case HVIC_KVP_SET:
		return exchange_forward(msg, request);
	case HVIC_KVP_DELETE:
		return delete_forward(msg, request);
	case HVIC_KVP_ENUMERATE:
		return enumerate_forward(msg, request);
	case HVIC_KVP_GET_IP:
	case HVIC_KVP_SET_IP:
		return hvic_kvp_ip_forward(msg, version, &request->ip);
	default:
		return -EOPNOTSUPP;
	}
}

/*
 * A text of the daemon in a field of the host's, cut where it is too long, since
 * an item that cannot be had would hide all that come after it.
 */
static u32 text_answer(u8 *dst, size_t room, const u8 *src, size_t cap)
{
	u32 len = hvic_utf8_to_utf16_lossy(dst, room / 2, (const char *)src, cap);

	memset(dst + 2 * (len + 1), 0, room - 2 * (len + 1));
	return 2 * (len + 1);
}

/* What the daemon says is a number, but is none, goes as the text that it is. */
static bool number_answer(struct hvic_kvp_value *to, const struct hvic_user_kvp_value *from)
{
	size_t size = from->type == HVIC_KVP_DWORD ? 4 : 8, i;
	const char *text = (const char *)from->value;
	u64 number;

	if (from->type != HVIC_KVP_DWORD && from->type != HVIC_KVP_QWORD)
		return false;
	if (!hvic_number_parse(text, strnlen(text, sizeof(from->value)),
			       ~0ull >> (64 - 8 * size), &number))
		return false;
	memset(to->value, 0, sizeof(to->value));
	for (i = 0; i < size; i++)
		to->value[i] = number >> 8 * i & 0xff;
	to->type = cpu_to_le32(from->type);
	to->value_size = cpu_to_le32(size);
	return true;
}

static void value_answer(struct hvic_kvp_value *to, const struct hvic_user_kvp_value *from)
{
	if (number_answer(to, from))
		return;
	to->type = cpu_to_le32(from->type == HVIC_KVP_EXPAND_SZ ? HVIC_KVP_EXPAND_SZ : HVIC_KVP_SZ);
	to->value_size = cpu_to_le32(text_answer(to->value, sizeof(to->value), from->value,
						 sizeof(from->value)));
}

static int get_answer(const struct hvic_msg *msg, const struct hvic_user_kvp *reply)
{
	struct hvic_kvp_exchange *to = hvic_msg_body(msg, sizeof(*to));

	if (!to)
		return -EMSGSIZE;
	value_answer(&to->item, &reply->exchange);
	return 0;
}

static int enumerate_answer(const struct hvic_msg *msg, const struct hvic_user_kvp *reply)
{
	struct hvic_kvp_enumerate *to = hvic_msg_body(msg, sizeof(*to));
	const struct hvic_user_kvp_value *item = &reply->enumerate.item;

	if (!to)
		return -EMSGSIZE;
	to->item.key_size = cpu_to_le32(text_answer(to->item.key, sizeof(to->item.key), item->key,
						    sizeof(item->key)));
	value_answer(&to->item, item);
	return 0;
}

/**
 * hvic_kvp_answer() - Make the daemon's reply into the body of the answer.
 * @msg: the request that hvic_kvp_forward() took, whose body is written
 * @version: the negotiated message version
 * @reply: the daemon's; which operation it is for is read from @msg, as the
 *	daemon's error lies over it
 *
 * Return: the status of the answer: the daemon's, which is the host's already.
 */
u32 hvic_kvp_answer(const struct hvic_msg *msg, u32 version, const struct hvic_user_kvp *reply)
{
	const struct hvic_kvp_hdr *hdr = hvic_msg_body(msg, sizeof(*hdr));

	if (reply->error)
		return reply->error;
	if (!hdr)
		return hvic_status(-EMSGSIZE);
	switch (hdr->operation) {
	case HVIC_KVP_GET:
		return hvic_status(get_answer(msg, reply));
	case HVIC_KVP_ENUMERATE:
		return hvic_status(enumerate_answer(msg, reply));
	case HVIC_KVP_GET_IP:
		return hvic_status(hvic_kvp_ip_answer(msg, version, &reply->ip));
	default:
		return HVIC_STATUS_OK;
	}
}
