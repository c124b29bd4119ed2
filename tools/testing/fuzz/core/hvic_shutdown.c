// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shutdown requests: the input is a version, whether hibernation works, the room
 * for a text, and then the body.
 */
#include "fuzz.h"
#include "hvic_shutdown.h"

static const u32 versions[] = {
	HVIC_VERSION(1, 0), HVIC_VERSION(3, 0), HVIC_VERSION(3, 1), HVIC_VERSION(3, 2),
};

static void check_text(const char *text, size_t len, size_t cap)
{
	size_t at, n;

	CHECK(len < cap && strnlen(text, cap) == len);
	for (at = 0; at < len; at += n) {
		const u8 *byte = (const u8 *)text + at;

		n = fuzz_utf8_len(byte);
		CHECK(n && n <= len - at);
		CHECK(byte[0] >= 0x20 && byte[0] != 0x7f);
		CHECK(byte[0] != 0xc2 || byte[1] >= 0xa0);
	}
}

static void check_order(const struct hvic_shutdown_order *order, u32 version, bool can_hibernate,
			const u8 *body)
{
	static const enum hvic_shutdown_action actions[] = {
		[0] = HVIC_SHUTDOWN_ACTION_OFF,
		[2] = HVIC_SHUTDOWN_ACTION_RESTART,
		[4] = HVIC_SHUTDOWN_ACTION_HIBERNATE,
	};
	u8 flags = body[8];

	CHECK(flags <= 5 && !body[9] && !body[10] && !body[11]);
	CHECK(order->action == actions[flags & ~1] && order->force == (flags & 1));
	CHECK(order->action != HVIC_SHUTDOWN_ACTION_RESTART || version >= HVIC_VERSION(3, 1));
	CHECK(order->action != HVIC_SHUTDOWN_ACTION_HIBERNATE ||
	      (version >= HVIC_VERSION(3, 2) && can_hibernate));
	check_text(order->text, strlen(order->text), sizeof(order->text));
}

static void text_alone(const struct hvic_msg *msg, size_t cap)
{
	char *dst = malloc(cap);

	CHECK(dst);
	memset(dst, 'x', cap);
	check_text(dst, hvic_shutdown_text(dst, cap, msg->body, msg->body_len), cap);
	free(dst);
}

/**
 * LLVMFuzzerTestOneInput() - Read a shutdown request, and its body as a text.
 * @data: see above
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct hvic_shutdown_order order;
	struct fuzz_input input = { data, len };
	u32 version = versions[fuzz_number(&input, 1) % 4];
	bool can_hibernate = fuzz_number(&input, 1) & 1;
	size_t cap = fuzz_number(&input, 1) + 1;
	struct hvic_msg msg;
	u8 *bytes = fuzz_request(&input, HVIC_TYPE_SHUTDOWN, &msg);
	int err;

	memset(&order, 0xee, sizeof(order));
	err = hvic_shutdown_parse(&msg, version, can_hibernate, &order);
	CHECK(!err || err == -EMSGSIZE || err == -EOPNOTSUPP);
	CHECK((err == -EMSGSIZE) == (msg.body_len < 12));
	if (!err)
		check_order(&order, version, can_hibernate, msg.body);
	else
		CHECK((u8)order.text[0] == 0xee);
	text_alone(&msg, cap);
	free(bytes);
	return 0;
}
