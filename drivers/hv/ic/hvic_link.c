// SPDX-License-Identifier: GPL-2.0-only
/* One channel's conversation: what may come when, and what becomes of it. */

#include <asm/byteorder.h>
#include <linux/errno.h>

#include "hvic_link.h"

static void enter(struct hvic_link *link, enum hvic_link_state state)
{
	link->state = state;
	link->framework = 0;
	link->message = 0;
}

/**
 * hvic_link_open() - Begin a conversation: the channel is about to open.
 * @link: the conversation
 */
void hvic_link_open(struct hvic_link *link)
{
	enter(link, HVIC_LINK_NEGOTIATING);
}

/**
 * hvic_link_close() - End a conversation: the channel is closed.
 * @link: the conversation
 */
void hvic_link_close(struct hvic_link *link)
{
	enter(link, HVIC_LINK_CLOSED);
}

static int negotiate(struct hvic_link *link, const struct hvic_versions *versions,
		     struct hvic_msg *msg)
{
	u32 framework, message;
	int err;

	/* whatever was agreed before is void from here on, match or not */
	enter(link, HVIC_LINK_FAILED);
	err = hvic_negotiate(msg, versions, &framework, &message);
	if (err)
		return err;

	link->state = HVIC_LINK_READY;
	link->framework = framework;
	link->message = message;
	return 0;
}

/**
 * hvic_link_receive() - Take a packet off the channel.
 * @link: the conversation
 * @type: the enum hvic_type that this channel's service serves
 * @versions: what the service speaks
 * @msg: a view of the packet, valid unless it is dropped
 * @buf: the packet, aligned for a u64; changed into the answer unless it is to
 *	be dropped or served
 * @len: bytes in @buf
 * @err: why it was dropped or refused: -EMSGSIZE, -EPROTO (framing),
 *	-EPROTONOSUPPORT (no common version), -EOPNOTSUPP (not this service's
 *	type), -ENOTCONN (a request before an offer); else 0
 *
 * An offer may come at any time, for instance after the host restored or
 * migrated the machine; it starts the conversation over.
 *
 * An offer without a match is answered with status 0 and no versions, which is
 * how hosts are told so; see protocol.rst, "Version negotiation".
 *
 * Return: what to do with the packet.
 */
enum hvic_verdict hvic_link_receive(struct hvic_link *link, u16 type,
				    const struct hvic_versions *versions,
				    struct hvic_msg *msg, void *buf, size_t len, int *err)
{
	u16 asked;

	*err = hvic_msg_open(msg, buf, len);
	if (*err)
		return HVIC_DROP;

	asked = le16_to_cpu(msg->hdr->type);
	if (asked == HVIC_TYPE_NEGOTIATE) {
		*err = negotiate(link, versions, msg);
		hvic_msg_answer(msg, *err == -EMSGSIZE ? HVIC_STATUS_FAIL : HVIC_STATUS_OK);
		return *err ? HVIC_REFUSED : HVIC_NEGOTIATED;
	}

	if (asked != type)
		*err = -EOPNOTSUPP;
	else if (link->state != HVIC_LINK_READY)
		*err = -ENOTCONN;
	if (*err) {
		hvic_msg_answer(msg, hvic_status(*err));
		return HVIC_REFUSED;
	}
	return HVIC_SERVE;
}

/**
 * hvic_link_state_name() - Name a state for people.
 * @state: the state
 *
 * Return: one word.
 */
const char *hvic_link_state_name(enum hvic_link_state state)
{
	static const char *const names[HVIC_NR_LINK_STATES] = {
		[HVIC_LINK_CLOSED]	= "closed",
		[HVIC_LINK_NEGOTIATING]	= "negotiating",
		[HVIC_LINK_READY]	= "ready",
		[HVIC_LINK_FAILED]	= "failed",
	};

	return (unsigned int)state < HVIC_NR_LINK_STATES ? names[state] : "unknown";
}
