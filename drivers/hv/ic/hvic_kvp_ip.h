/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_KVP_IP_H
#define _HVIC_KVP_IP_H

#include <hv/hvic_user.h>

#include "hvic_msg.h"

int hvic_kvp_ip_forward(const struct hvic_msg *msg, u32 version, struct hvic_user_kvp_ip *ip);
int hvic_kvp_ip_answer(const struct hvic_msg *msg, u32 version, const struct hvic_user_kvp_ip *ip);

#endif
