/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_SHUTDOWN_H
#define _HVIC_SHUTDOWN_H

#include "hvic_negotiate.h"

enum hvic_shutdown_action {
	HVIC_SHUTDOWN_ACTION_OFF,
	HVIC_SHUTDOWN_ACTION_RESTART,
	HVIC_SHUTDOWN_ACTION_HIBERNATE,
	HVIC_NR_SHUTDOWN_ACTIONS
};

/* Room for the host's text as UTF-8: three bytes a unit at most, and a NUL. */
#define HVIC_SHUTDOWN_TEXT_CAP	(HVIC_SHUTDOWN_TEXT_LEN / 2 * 3 + 1)

/**
 * struct hvic_shutdown_order - what the host wants done
 * @action: what to do
 * @force: also when user space cannot be asked
 * @reason: Windows' SHTDN_REASON_*
 * @delay: seconds until it is to be done
 * @text: for whoever is logged in: UTF-8 without control characters
 */
struct hvic_shutdown_order {
	enum hvic_shutdown_action action;
	bool force;
	u32 reason;
	u32 delay;
	char text[HVIC_SHUTDOWN_TEXT_CAP];
};

extern const struct hvic_versions hvic_shutdown_versions;

int hvic_shutdown_parse(const struct hvic_msg *msg, u32 version, bool can_hibernate,
			struct hvic_shutdown_order *order);
size_t hvic_shutdown_text(char *dst, size_t cap, const u8 *src, size_t len);
const char *hvic_shutdown_action_name(enum hvic_shutdown_action action);

#endif
