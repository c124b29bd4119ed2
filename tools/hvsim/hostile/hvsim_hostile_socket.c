// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offers of Hyper-V sockets as a host that means ill may make them.
 *
 * Most look like connections of PowerShell Direct, so that a guest that takes those has to
 * look at the rest.  Each has an instance of its own: two with the same are a known fault of
 * Linux (see Documentation/hv_vmbus-reports.rst), and done by name.
 */
#include <string.h>

#include <hv/hvic_psdirect.h>

#include "hvsim_dice.h"
#include "hvsim_frame.h"
#include "hvsim_hostile_socket.h"

/* Bytes for the service's own use: who connects, to what, and how the rest is to be read. */
#define USER_FROM_HOST	4
#define USER_CONTAINER	5
#define USER_VERSION	6
#define USER_SILO	10
#define USER_END	26
/*
 * Rings, and other memory, that are to be encrypted.  A guest that has none such refuses the
 * offer, and never lets go of a channel that it has not taken; of some such offers Linux 7.2
 * makes a fault (see Documentation/hv_vmbus-reports.rst).
 */
#define FLAG_RINGS	0x0002
#define FLAG_MEMORY	0x0004

static const uint8_t classes[][16] = {
	HVIC_PSDIRECT_BROKER_GUID,
	HVIC_PSDIRECT_SERVER_GUID,
	/* as ports of AF_VSOCK: 997, and none */
	{ 0xe5, 0x03, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0, 0x6a, 0x79, 0x86, 0xd3 },
	{ 0, 0, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0, 0x6a, 0x79, 0x86, 0xd3 },
};

#define NR_CLASSES	(sizeof(classes) / sizeof(classes[0]))
/* Those that are PowerShell Direct's. */
#define NR_SERVICES	2

static void roll_bytes(struct hvsim_dice *dice, uint8_t *bytes, size_t len)
{
	while (len--)
		*bytes++ = (uint8_t)hvsim_dice_roll(dice);
}

static void class_odd(struct hvsim_dice *dice, uint8_t *class_id)
{
	uint64_t which = hvsim_dice_below(dice, NR_CLASSES + 1);

	if (which < NR_CLASSES)
		memcpy(class_id, classes[which], sizeof(classes[which]));
	else
		class_id[hvsim_dice_below(dice, 16)] ^= 1u << hvsim_dice_below(dice, 8);
}

static void offer_spoil(struct hvsim_dice *dice, struct hvsim_vmbus_offer *offer,
			enum hvsim_hostile_socket odd)
{
	switch (odd) {
	case HVSIM_SOCKET_FLAGS:
		offer->flags = (uint16_t)(hvsim_dice_roll(dice) & ~(FLAG_RINGS | FLAG_MEMORY));
		offer->flags |= HVSIM_OFFER_SOCKET;
		offer->mmio_mib = (uint16_t)hvsim_dice_odd(dice, 2, 0);
		break;
	case HVSIM_SOCKET_CONTAINER:
		offer->user[USER_CONTAINER] = (uint8_t)(1 + hvsim_dice_below(dice, 255));
		roll_bytes(dice, offer->user + USER_SILO, USER_END - USER_SILO);
		break;
	case HVSIM_SOCKET_VERSION:
		hvsim_frame_put(offer->user + USER_VERSION, hvsim_dice_odd(dice, 4, 1), 4);
		roll_bytes(dice, offer->user + USER_SILO, sizeof(offer->user) - USER_SILO);
		break;
	case HVSIM_SOCKET_USER:
		roll_bytes(dice, offer->user, sizeof(offer->user));
		break;
	case HVSIM_SOCKET_ENCRYPTED:
		offer->flags |= FLAG_MEMORY;
		break;
	default:
		break;
	}
}

/**
 * hvsim_hostile_socket() - Make the offer of a socket.
 * @offer: written
 * @odd: what is odd about it
 * @seed: of all offers
 * @number: of this one, from 0
 *
 * The same seed and number make the same offer; no two numbers make the same instance.
 */
void hvsim_hostile_socket(struct hvsim_vmbus_offer *offer, enum hvsim_hostile_socket odd,
			  uint64_t seed, uint64_t number)
{
	struct hvsim_dice dice = { hvsim_dice_mix(hvsim_dice_mix(seed ^ odd) + number) };
	enum hvsim_hostile_socket each;

	memset(offer, 0, sizeof(*offer));
	memcpy(offer->class_id, classes[hvsim_dice_below(&dice, NR_SERVICES)],
	       sizeof(offer->class_id));
	roll_bytes(&dice, offer->instance_id, sizeof(offer->instance_id));
	hvsim_frame_put(offer->instance_id, number, 4);
	offer->flags = HVSIM_OFFER_ENUMERATE | HVSIM_OFFER_PIPE | HVSIM_OFFER_SOCKET;
	offer->user[USER_FROM_HOST] = 1;
	if (odd != HVSIM_SOCKET_ANY) {
		offer_spoil(&dice, offer, odd);
		return;
	}
	if (!hvsim_dice_below(&dice, 2))
		class_odd(&dice, offer->class_id);
	for (each = HVSIM_SOCKET_FLAGS; each < HVSIM_SOCKET_ANY; each++)
		if (!hvsim_dice_below(&dice, 4))
			offer_spoil(&dice, offer, each);
}
