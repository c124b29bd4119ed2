/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each Hyper-V offers to a guest.
 */
#ifndef HVSIM_PROFILE_H
#define HVSIM_PROFILE_H

#include "hvsim_message.h"

/**
 * enum hvsim_service_id - the integration services
 * @HVSIM_HEARTBEAT: heartbeat
 * @HVSIM_SHUTDOWN: guest shutdown
 * @HVSIM_TIMESYNC: time synchronisation
 * @HVSIM_KVP: data exchange
 * @HVSIM_VSS: backup
 * @HVSIM_FCOPY: guest service interface
 * @HVSIM_NR_SERVICES: their number
 */
enum hvsim_service_id {
	HVSIM_HEARTBEAT,
	HVSIM_SHUTDOWN,
	HVSIM_TIMESYNC,
	HVSIM_KVP,
	HVSIM_VSS,
	HVSIM_FCOPY,
	HVSIM_NR_SERVICES,
};

#define HVSIM_PROFILE_DEFAULT	"ws2022"

/**
 * struct hvsim_profile - one Hyper-V
 * @name: for commands
 * @title: for people
 * @offers: by enum hvsim_service_id; a service without message versions is
 *	one that this Hyper-V does not have
 */
struct hvsim_profile {
	const char *name;
	const char *title;
	struct hvsim_offer offers[HVSIM_NR_SERVICES];
};

const struct hvsim_profile *hvsim_profile_find(const char *name);
const struct hvsim_profile *hvsim_profile_at(size_t index);

#endif
