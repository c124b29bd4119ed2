/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_VSS_H
#define _HVIC_VSS_H

#include <hv/hvic_user.h>

#include "hvic_negotiate.h"

/* What hvic_vss_serve() returns for what only a daemon can do; no errno has this number. */
#define HVIC_VSS_FORWARD	1

extern const struct hvic_versions hvic_vss_versions;

bool hvic_vss_is_registration(const struct hvic_user_vss *written);
int hvic_vss_register(const struct hvic_user_vss *written, u32 *greeting);
int hvic_vss_serve(const struct hvic_msg *msg, u32 version);
int hvic_vss_forward(const struct hvic_msg *msg, struct hvic_user_vss *request);
unsigned int hvic_vss_timeout(const struct hvic_msg *msg);
u32 hvic_vss_answer(const struct hvic_msg *msg, const struct hvic_user_vss *reply, bool awake);

#endif
