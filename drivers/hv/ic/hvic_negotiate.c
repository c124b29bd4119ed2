// SPDX-License-Identifier: GPL-2.0-only
/* Version negotiation: the first exchange of every integration component. */

#include <asm/byteorder.h>
#include <linux/errno.h>

#include "hvic_negotiate.h"

/* The framework versions there are; every service speaks both. */
const u32 hvic_frameworks[] = { HVIC_VERSION(3, 0), HVIC_VERSION(1, 0), 0 };

static bool offers(const struct hvic_version *list, unsigned int n, u32 version)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (HVIC_VERSION(le16_to_cpu(list[i].major),
				 le16_to_cpu(list[i].minor)) == version)
			return true;
	return false;
}

/* Our best that the host offers too, whatever the order of its list; or 0. */
static u32 choose(const struct hvic_version *list, unsigned int n, const u32 *ours)
{
	for (; *ours; ours++)
		if (offers(list, n, *ours))
			return *ours;
	return 0;
}

static struct hvic_version to_wire(u32 version)
{
	return (struct hvic_version){
		.major = cpu_to_le16(HVIC_VERSION_MAJOR(version)),
		.minor = cpu_to_le16(HVIC_VERSION_MINOR(version)),
	};
}

/* "Nothing in common": the host then reports the service as not recoverable. */
static void refuse(struct hvic_msg *msg, struct hvic_negotiate *offer)
{
	offer->framework_count = 0;
	offer->message_count = 0;
	msg->hdr->size = cpu_to_le16(sizeof(*offer));
}

/**
 * hvic_negotiate() - Answer a version offer in place.
 * @msg: the offer; becomes the answer, but for its status and flags
 * @ours: what this service speaks
 * @framework: the chosen framework version; untouched on failure
 * @message: the chosen message version; untouched on failure
 *
 * Only what was offered is ever answered: a host that reads another version
 * starts over, for ever. When there is nothing to choose, or the lists do not
 * fit into the message, the answer offers zero versions of each, so that it
 * cannot be read as a choice. Source: protocol.rst, "Version negotiation".
 *
 * Return: 0; -EMSGSIZE for an offer cut short; -EPROTONOSUPPORT when nothing
 * matches or a list is empty.
 */
int hvic_negotiate(struct hvic_msg *msg, const struct hvic_versions *ours,
		   u32 *framework, u32 *message)
{
	struct hvic_negotiate *offer = hvic_msg_body(msg, sizeof(*offer));
	unsigned int frameworks, messages;
	u32 fw, mv;

	if (!offer)
		return -EMSGSIZE;

	/* two 16-bit counts: their sum cannot overflow */
	frameworks = le16_to_cpu(offer->framework_count);
	messages = le16_to_cpu(offer->message_count);
	if (frameworks + messages > (msg->body_len - sizeof(*offer)) / sizeof(offer->version[0])) {
		refuse(msg, offer);
		return -EMSGSIZE;
	}

	fw = choose(offer->version, frameworks, ours->framework);
	mv = choose(offer->version + frameworks, messages, ours->message);
	if (!fw || !mv) {
		refuse(msg, offer);
		return -EPROTONOSUPPORT;
	}

	/* a choice of both means that two entries came, so there is room for two */
	offer->framework_count = cpu_to_le16(1);
	offer->message_count = cpu_to_le16(1);
	offer->version[0] = to_wire(fw);
	offer->version[1] = to_wire(mv);
	msg->hdr->size = cpu_to_le16(sizeof(*offer) + 2 * sizeof(offer->version[0]));

	*framework = fw;
	*message = mv;
	return 0;
}
