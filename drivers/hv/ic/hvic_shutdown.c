// SPDX-License-Identifier: GPL-2.0-only
/* Shutdown: what the host's flags ask for, and whether that can be done. */

#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "hvic_shutdown.h"
#include "hvic_utf.h"

static const u32 messages[] = {
	HVIC_VERSION(3, 2), HVIC_VERSION(3, 1), HVIC_VERSION(3, 0), HVIC_VERSION(1, 0), 0
};

const struct hvic_versions hvic_shutdown_versions = { hvic_frameworks, messages };

/* One flag each, the version that brought it, and what it asks for. */
static int parse_flags(u32 flags, u32 version, bool can_hibernate,
		       enum hvic_shutdown_action *action)
{
	switch (flags & ~HVIC_SHUTDOWN_FORCE) {
	case 0:
		*action = HVIC_SHUTDOWN_ACTION_OFF;
		return 0;
	case HVIC_SHUTDOWN_RESTART:
		if (version < HVIC_VERSION(3, 1))
			return -EOPNOTSUPP;
		*action = HVIC_SHUTDOWN_ACTION_RESTART;
		return 0;
	case HVIC_SHUTDOWN_HIBERNATE:
		if (version < HVIC_VERSION(3, 2) || !can_hibernate)
			return -EOPNOTSUPP;
		*action = HVIC_SHUTDOWN_ACTION_HIBERNATE;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * hvic_shutdown_parse() - Read a shutdown request.
 * @msg: the request
 * @version: the negotiated message version
 * @can_hibernate: whether this guest could hibernate now
 * @order: what it asks for; untouched on failure
 *
 * The text may be shorter than the host's field, or absent. What the flags
 * mean: Documentation/shutdown.rst.
 *
 * Return: 0; -EMSGSIZE when reason, timeout or flags are missing; -EOPNOTSUPP
 * for flags that the version does not have, that contradict each other or
 * that nobody knows, and for hibernation where it cannot work.
 */
int hvic_shutdown_parse(const struct hvic_msg *msg, u32 version, bool can_hibernate,
			struct hvic_shutdown_order *order)
{
	const struct hvic_shutdown *body = hvic_msg_body(msg, offsetof(struct hvic_shutdown, text));
	enum hvic_shutdown_action action;
	size_t text_len;
	u32 flags;
	int err;

	if (!body)
		return -EMSGSIZE;

	flags = le32_to_cpu(body->flags);
	err = parse_flags(flags, version, can_hibernate, &action);
	if (err)
		return err;

	order->action = action;
	order->force = flags & HVIC_SHUTDOWN_FORCE;
	order->reason = le32_to_cpu(body->reason);
	order->delay = le32_to_cpu(body->timeout);

	text_len = msg->body_len - offsetof(struct hvic_shutdown, text);
	if (text_len > sizeof(body->text))
		text_len = sizeof(body->text);
	hvic_shutdown_text(order->text, sizeof(order->text), body->text, text_len);
	return 0;
}

/* The start of a character whose other bytes found no room in the host's field. */
static bool is_cut(const u8 *at, const u8 *end)
{
	if (*at < 0xc2 || end - at > 3)
		return false;
	while (++at < end && (*at & 0xc0) == 0x80)
		;
	return at == end;
}

/*
 * Besides being no UTF-8, most scripts' UTF-16 is full of control characters: the
 * upper halves of its units. Those that a text or a terminal knows prove nothing.
 */
static bool is_utf8(const u8 *at, const u8 *end)
{
	u32 character;

	while ((character = hvic_utf8_next(&at, end))) {
		if (character == HVIC_NO_CHARACTER)
			return is_cut(at - 1, end);
		if (character < 0x20 && !strchr("\t\n\r\x1b", character))
			return false;
	}
	return true;
}

/* UTF-16's Latin letters are half NULs; in UTF-8 nothing follows a NUL. */
static bool is_utf16(const u8 *at, const u8 *end)
{
	for (; end - at >= 4 && (at[0] || at[1]); at += 2)
		if (!at[0] || (!at[1] && (at[2] || at[3])))
			return true;
	return false;
}

/* Nothing that moves a cursor, ends a line or starts an escape sequence. */
static u32 printable(u32 character)
{
	if (character == HVIC_NO_CHARACTER)
		return HVIC_REPLACEMENT;
	if (character < 0x20 || (character >= 0x7f && character < 0xa0))
		return ' ';
	return character;
}

/**
 * hvic_shutdown_text() - Make the host's text fit for a terminal.
 * @dst: UTF-8, always ended by a NUL
 * @cap: bytes at @dst, at least 1
 * @src: the text as it came; ends at a NUL or at @len
 * @len: bytes at @src
 *
 * No source says how the text is encoded, so it is told from the bytes: it is
 * UTF-16LE if there are NULs in the midst of it, or if it is not UTF-8. (A few
 * Chinese characters alone, each of two bytes of ASCII, cannot be told.) What is
 * neither is replaced, control characters become spaces (the text reaches
 * terminals and udev's line-based files), and what does not fit is left out at
 * a character's end.
 *
 * Return: bytes in @dst without the NUL.
 */
size_t hvic_shutdown_text(char *dst, size_t cap, const u8 *src, size_t len)
{
	const u8 *at = src, *end = src + len;
	size_t used = 0, n;
	u32 character;
	bool wide;

	wide = is_utf16(src, end) || !is_utf8(src, end);
	while ((character = wide ? hvic_utf16_next(&at, end) : hvic_utf8_next(&at, end))) {
		n = hvic_utf8_put(dst + used, cap - 1 - used, printable(character));
		if (!n)
			break;
		used += n;
	}
	dst[used] = '\0';
	return used;
}

/**
 * hvic_shutdown_action_name() - Name an action for people and for udev rules.
 * @action: the action
 *
 * Return: one word.
 */
const char *hvic_shutdown_action_name(enum hvic_shutdown_action action)
{
	static const char *const names[HVIC_NR_SHUTDOWN_ACTIONS] = {
		[HVIC_SHUTDOWN_ACTION_OFF]		= "poweroff",
		[HVIC_SHUTDOWN_ACTION_RESTART]	= "restart",
		[HVIC_SHUTDOWN_ACTION_HIBERNATE]	= "hibernate",
	};

	return (unsigned int)action < HVIC_NR_SHUTDOWN_ACTIONS ? names[action] : "unknown";
}
