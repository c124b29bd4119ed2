/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_PSDIRECT_H
#define _HVIC_PSDIRECT_H

#include <linux/types.h>

/* Bytes of a GUID, and of what an offer has for the service's own use. */
#define HVIC_PSDIRECT_GUID_LEN	16
#define HVIC_PSDIRECT_USER_LEN	120

/**
 * struct hvic_psdirect_offer - what of an offer says whose it is
 * @flags: the offer's flags
 * @service: its class, as on VMBus; %HVIC_PSDIRECT_GUID_LEN bytes
 * @user: %HVIC_PSDIRECT_USER_LEN bytes for the service's own use
 *
 * Source: protocol.rst, "Offers of Hyper-V sockets".
 */
struct hvic_psdirect_offer {
	u16 flags;
	const u8 *service;
	const u8 *user;
};

enum hvic_psdirect_verdict {
	HVIC_PSDIRECT_OTHER,	 /* nothing of ours */
	HVIC_PSDIRECT_CONTAINER, /* one of the services, of a container in the guest */
	HVIC_PSDIRECT_BROKER,
	HVIC_PSDIRECT_SERVER,
	HVIC_NR_PSDIRECT_VERDICTS,
};

enum hvic_psdirect_verdict hvic_psdirect_judge(const struct hvic_psdirect_offer *offer);
u32 hvic_psdirect_port(enum hvic_psdirect_verdict verdict);
void hvic_psdirect_vsock(u8 service[HVIC_PSDIRECT_GUID_LEN], u32 port);

#endif
