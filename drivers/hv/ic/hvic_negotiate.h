/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_NEGOTIATE_H
#define _HVIC_NEGOTIATE_H

#include "hvic_msg.h"

/**
 * struct hvic_versions - what a service speaks, best first
 * @framework: framework versions as HVIC_VERSION(), ended by 0
 * @message: message versions as HVIC_VERSION(), ended by 0
 */
struct hvic_versions {
	const u32 *framework;
	const u32 *message;
};

extern const u32 hvic_frameworks[];

int hvic_negotiate(struct hvic_msg *msg, const struct hvic_versions *ours,
		   u32 *framework, u32 *message);

#endif
