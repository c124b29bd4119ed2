/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_OFFER_H
#define _HVIC_OFFER_H

#include "../hvic_negotiate.h"
#include "hvic_packet.h"

/* Short for the tables of the tests. */
#define V(major, minor)		HVIC_VERSION(major, minor)

/* No version: what a test expects where there is nothing to choose. */
#define NONE			PACKET_UNTOUCHED

/* How many versions a list has that ends with 0. */
static inline unsigned int offer_count(const u32 *versions)
{
	unsigned int n = 0;

	while (versions[n])
		n++;
	return n;
}

static inline void offer_write(struct hvic_negotiate *offer, unsigned int at, u32 version)
{
	offer->version[at].major = cpu_to_le16(HVIC_VERSION_MAJOR(version));
	offer->version[at].minor = cpu_to_le16(HVIC_VERSION_MINOR(version));
}

/* An offer of two lists that end with 0, as a host makes it. */
static inline struct hvic_packet offer_new(struct kunit *test, const u32 *framework,
					   const u32 *message)
{
	unsigned int frameworks = offer_count(framework), messages = offer_count(message), i;
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_NEGOTIATE,
					       8 + 4 * (frameworks + messages));
	struct hvic_negotiate *offer = packet.body;

	offer->framework_count = cpu_to_le16(frameworks);
	offer->message_count = cpu_to_le16(messages);
	for (i = 0; i < frameworks; i++)
		offer_write(offer, i, framework[i]);
	for (i = 0; i < messages; i++)
		offer_write(offer, frameworks + i, message[i]);
	return packet;
}

#endif
