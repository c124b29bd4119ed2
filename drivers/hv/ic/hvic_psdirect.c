// SPDX-License-Identifier: GPL-2.0-only
/*
 * PowerShell Direct: which offers of Hyper-V sockets are its, and as which port of
 * AF_VSOCK they are known in the guest.
 */

#include <linux/string.h>

#include <hv/hvic_psdirect.h>

#include "hvic_psdirect.h"

/* The flag of an offer that makes it a Hyper-V socket. */
#define FLAG_SOCKET	0x2000
/* Bytes of the offer for the service's own use, after the mode of the pipe. */
#define USER_FROM_HOST	4
#define USER_CONTAINER	5

static const struct {
	u8 service[HVIC_PSDIRECT_GUID_LEN];
	u32 port;
} services[HVIC_NR_PSDIRECT_VERDICTS] = {
	[HVIC_PSDIRECT_BROKER]	= { HVIC_PSDIRECT_BROKER_GUID, HVIC_PSDIRECT_BROKER_PORT },
	[HVIC_PSDIRECT_SERVER]	= { HVIC_PSDIRECT_SERVER_GUID, HVIC_PSDIRECT_SERVER_PORT },
};

/* 00000000-facb-11e6-bd58-64006a7986d3, of which the first number is a port. */
static const u8 vsock_template[HVIC_PSDIRECT_GUID_LEN] = {
	0, 0, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3,
};

/**
 * hvic_psdirect_judge() - Find out what an offer is.
 * @offer: the offer
 *
 * Only what the host begins is a session: the class of an answer to a guest's own
 * connection is one that the guest has chosen.  Of the bytes for the service's own use
 * no more is read than hv_sock reads, and the flag for containers.
 *
 * Return: the verdict.
 */
enum hvic_psdirect_verdict hvic_psdirect_judge(const struct hvic_psdirect_offer *offer)
{
	enum hvic_psdirect_verdict verdict;

	if (!(offer->flags & FLAG_SOCKET) || !offer->user[USER_FROM_HOST])
		return HVIC_PSDIRECT_OTHER;
	for (verdict = HVIC_PSDIRECT_BROKER; verdict < HVIC_NR_PSDIRECT_VERDICTS; verdict++) {
		if (memcmp(offer->service, services[verdict].service, HVIC_PSDIRECT_GUID_LEN))
			continue;
		return offer->user[USER_CONTAINER] ? HVIC_PSDIRECT_CONTAINER : verdict;
	}
	return HVIC_PSDIRECT_OTHER;
}

/**
 * hvic_psdirect_port() - Find the port of a service.
 * @verdict: what an offer is
 *
 * Return: the port of AF_VSOCK; 0 for what is not accepted.
 */
u32 hvic_psdirect_port(enum hvic_psdirect_verdict verdict)
{
	return (unsigned int)verdict < HVIC_NR_PSDIRECT_VERDICTS ? services[verdict].port : 0;
}

/**
 * hvic_psdirect_vsock() - Write the class by which hv_sock knows a port.
 * @service: the class as on VMBus, overwritten
 * @port: the port
 *
 * Source: protocol.rst, "Offers of Hyper-V sockets".
 */
void hvic_psdirect_vsock(u8 service[HVIC_PSDIRECT_GUID_LEN], u32 port)
{
	unsigned int i;

	memcpy(service, vsock_template, HVIC_PSDIRECT_GUID_LEN);
	for (i = 0; i < sizeof(port); i++)
		service[i] = port >> 8 * i;
}
