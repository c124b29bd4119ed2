/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_HEARTBEAT_H
#define _HVIC_HEARTBEAT_H

#include "hvic_negotiate.h"

extern const struct hvic_versions hvic_heartbeat_versions;

int hvic_heartbeat(struct hvic_msg *msg, enum hvic_application_state state, u64 *sequence);
const char *hvic_application_state_name(enum hvic_application_state state);
int hvic_application_state_parse(const char *name);

#endif
