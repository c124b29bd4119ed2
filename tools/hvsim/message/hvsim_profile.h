/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each Hyper-V offers to a guest.
 */
#ifndef HVSIM_PROFILE_H
#define HVSIM_PROFILE_H

#include "hvsim_ic.h"
#include "hvsim_message.h"

#define HVSIM_PROFILE_DEFAULT	"ws2022"

/**
 * struct hvsim_profile - one Hyper-V
 * @name: for commands
 * @title: for people
 * @offers: by enum hvsim_service_id; a service without message versions is
 *	one that this Hyper-V does not have
 * @system: version of the Windows that it is part of, which it tells its guests by
 *	data exchange, an HVIC_VERSION(); 0 for one that tells them nothing by itself
 * @addresses_since: message version of data exchange from which it asks guests for
 *	their addresses and sets them; 0 for 4.0, the first that has that
 */
struct hvsim_profile {
	const char *name;
	const char *title;
	struct hvsim_offer offers[HVSIM_NR_SERVICES];
	uint32_t system;
	uint32_t addresses_since;
};

const struct hvsim_profile *hvsim_profile_find(const char *name);
const struct hvsim_profile *hvsim_profile_at(size_t index);

#endif
