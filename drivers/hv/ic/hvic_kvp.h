/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_KVP_H
#define _HVIC_KVP_H

#include <hv/hvic_user.h>

#include "hvic_negotiate.h"

extern const struct hvic_versions hvic_kvp_versions;

int hvic_kvp_register(const struct hvic_user_kvp *written, struct hvic_user_kvp *greeting);
int hvic_kvp_forward(const struct hvic_msg *msg, u32 version, struct hvic_user_kvp *request);
u32 hvic_kvp_answer(const struct hvic_msg *msg, u32 version, const struct hvic_user_kvp *reply);

#endif
