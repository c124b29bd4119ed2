// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data exchange: the input is a version, the length of the body, the body, and what
 * the daemon replies. What is longer than the input ends in zeros, as hosts fill up.
 */
#include "fuzz.h"
#include "hvic_kvp.h"
#include "hvic_kvp_ip.h"

static const u32 versions[] = {
	HVIC_VERSION(1, 0), HVIC_VERSION(3, 0), HVIC_VERSION(4, 0), HVIC_VERSION(5, 0),
};

static const u16 lengths[] = { 2580, 7428, 2576, 520, 3716, 7427, 3715, 519 };

static void check_string(const u8 *text, size_t cap, size_t size)
{
	size_t len = strnlen((const char *)text, cap), at, n;

	CHECK(len < cap && (!size || size == len + 1));
	for (at = 0; at < len; at += n) {
		n = fuzz_utf8_len(text + at);
		CHECK(n && n <= len - at);
	}
}

/* What every daemon relies on. */
static void check_request(const struct hvic_user_kvp *user, u32 version)
{
	CHECK(user->pool < HVIC_NR_KVP_POOLS && !user->pad);
	switch (user->operation) {
	case HVIC_KVP_GET:
	case HVIC_KVP_SET:
		check_string(user->exchange.value, 2048, user->operation == HVIC_KVP_SET ?
			     user->exchange.value_size : 0);
		CHECK(user->exchange.value_size);
		check_string(user->exchange.key, 512, user->exchange.key_size);
		CHECK(user->exchange.key_size > 1);
		break;
	case HVIC_KVP_DELETE:
		check_string(user->delete.key, 512, user->delete.key_size);
		CHECK(user->delete.key_size > 1);
		break;
	case HVIC_KVP_ENUMERATE:
		CHECK((__s32)user->enumerate.index >= 0);
		break;
	default:
		CHECK(user->operation <= HVIC_KVP_SET_IP && version >= HVIC_VERSION(4, 0));
		check_string(user->ip.adapter, 256, 0);
		check_string(user->ip.addresses, 2048, 0);
		check_string(user->ip.subnets, 2048, 0);
		check_string(user->ip.gateways, 1024, 0);
		check_string(user->ip.dns, 2048, 0);
		CHECK(user->ip.adapter[0] && user->ip.family <= 3 && user->ip.dhcp <= 1);
	}
}

/* Whether a host takes it: its own rules, as openvmm has them. */
static void check_text(const u8 *text, size_t cap, u32 size)
{
	u32 at, unit, next;

	CHECK(size >= 2 && size <= cap && !(size & 1));
	CHECK(!text[size - 2] && !text[size - 1]);
	for (at = 0; at < size; at += 2) {
		unit = text[at] | text[at + 1] << 8;
		next = at + 2 < size ? text[at + 2] | text[at + 3] << 8 : 0;
		CHECK((unit & 0xfc00) != 0xdc00);
		if ((unit & 0xfc00) == 0xd800) {
			CHECK((next & 0xfc00) == 0xdc00);
			at += 2;
		}
	}
}

static void check_value(const struct hvic_kvp_value *item)
{
	u32 size = le32_to_cpu(item->value_size);

	switch (le32_to_cpu(item->type)) {
	case HVIC_KVP_DWORD:
		CHECK(size == 4);
		break;
	case HVIC_KVP_QWORD:
		CHECK(size == 8);
		break;
	default:
		CHECK(le32_to_cpu(item->type) == 1 || le32_to_cpu(item->type) == 2);
		check_text(item->value, sizeof(item->value), size);
	}
}

static void check_binary(const struct hvic_kvp_ip_binary *body)
{
	u32 v4 = le32_to_cpu(body->v4_count), v6 = le32_to_cpu(body->v6_count), i;

	CHECK(v4 <= 64 && v6 <= 64 && body->family <= 3 && body->dhcp <= 1);
	CHECK(le32_to_cpu(body->v4_gateway_count) <= 5);
	CHECK(le32_to_cpu(body->v6_gateway_count) <= 5);
	CHECK(le32_to_cpu(body->v4_dns_count) <= 64 && le32_to_cpu(body->v6_dns_count) <= 64);
	for (i = 0; i < v6; i++)
		CHECK(le32_to_cpu(body->v6_prefixes[i]) <= 128);
}

static void check_answer(const struct hvic_msg *msg, u32 version)
{
	const struct hvic_kvp_enumerate *enumerate = msg->body;
	const struct hvic_kvp_exchange *exchange = msg->body;
	const struct hvic_kvp_ip_text *text = msg->body;

	switch (enumerate->hdr.operation) {
	case HVIC_KVP_GET:
		check_value(&exchange->item);
		break;
	case HVIC_KVP_ENUMERATE:
		check_value(&enumerate->item);
		check_text(enumerate->item.key, 512, le32_to_cpu(enumerate->item.key_size));
		break;
	case HVIC_KVP_GET_IP:
		if (version >= HVIC_VERSION(5, 0)) {
			check_binary(msg->body);
			break;
		}
		check_text(text->addresses, 2048, 2048);
		check_text(text->subnets, 2048, 2048);
		check_text(text->gateways, 1024, 1024);
		check_text(text->dns, 2048, 2048);
	}
}

/* What the host put around the answer is as it was. */
static void check_frame(const u8 *bytes, const u8 *before, size_t len)
{
	CHECK(!memcmp(bytes, before, HVIC_HDR_LEN));
	CHECK(!memcmp(bytes + HVIC_HDR_LEN, before + HVIC_HDR_LEN, len < 2 ? len : 2));
}

/* A field of the daemon's reply: the input again and again, so that it can be full. */
static void reply_fill(struct hvic_user_kvp *reply, struct fuzz_input *input)
{
	size_t start = fuzz_number(input, 2) % sizeof(*reply), i;
	bool again = fuzz_number(input, 1) & 1;

	memset(reply, 0, sizeof(*reply));
	for (i = start; i < sizeof(*reply) && input->len; i++) {
		if (!again && i - start >= input->len)
			break;
		((u8 *)reply)[i] = input->at[(i - start) % input->len];
	}
	if (start)
		reply->error = 0;
}

/**
 * LLVMFuzzerTestOneInput() - Have the host ask, and the daemon reply.
 * @data: see above
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static u8 body[7428];
	struct fuzz_input input = { data, len }, host;
	u32 version = versions[fuzz_number(&input, 1) % 4], status;
	size_t body_len = lengths[fuzz_number(&input, 1) % 8], used;
	struct hvic_user_kvp *user = malloc(sizeof(*user)), *reply = malloc(sizeof(*reply));
	size_t given = fuzz_number(&input, 2);
	struct hvic_msg msg;
	u8 *bytes, *before, *taken;

	CHECK(user && reply);
	taken = fuzz_take(&input, given < body_len ? given : body_len, &used);
	memset(body, 0, sizeof(body));
	if (used)
		memcpy(body, taken, used);
	free(taken);
	host = (struct fuzz_input){ body, body_len };
	bytes = fuzz_request(&host, HVIC_TYPE_KVP, &msg);
	before = malloc(HVIC_HDR_LEN + body_len);
	CHECK(before);
	memcpy(before, bytes, HVIC_HDR_LEN + body_len);

	if (!hvic_kvp_forward(&msg, version, user)) {
		check_request(user, version);
		CHECK(!memcmp(bytes, before, HVIC_HDR_LEN + body_len));
		reply_fill(reply, &input);
		status = hvic_kvp_answer(&msg, version, reply);
		CHECK(status == (u32)reply->error);
		check_frame(bytes, before, body_len);
		if (!status)
			check_answer(&msg, version);
	}
	free(before);
	free(bytes);
	free(reply);
	free(user);
	return 0;
}
