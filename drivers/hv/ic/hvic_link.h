/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_LINK_H
#define _HVIC_LINK_H

#include "hvic_negotiate.h"

/*
 * One channel's conversation with the host.
 *
 *   CLOSED ---open---> NEGOTIATING ---offer, match------> READY
 *                                  \--offer, no match---> FAILED
 *
 * An offer may come again in any state but CLOSED, and has the same outcome;
 * closing leads to CLOSED from everywhere.
 */
enum hvic_link_state {
	HVIC_LINK_CLOSED,	/* the channel is not open */
	HVIC_LINK_NEGOTIATING,	/* no versions yet */
	HVIC_LINK_READY,	/* requests are served */
	HVIC_LINK_FAILED,	/* the host offered nothing that we speak */
	HVIC_NR_LINK_STATES
};

/**
 * struct hvic_link - what has been agreed on a channel
 * @state: where the conversation is
 * @framework: negotiated framework version; 0 unless READY
 * @message: negotiated message version; 0 unless READY
 */
struct hvic_link {
	enum hvic_link_state state;
	u32 framework;
	u32 message;
};

/* What to do with a packet. */
enum hvic_verdict {
	HVIC_DROP,		/* send nothing: it is not a request */
	HVIC_NEGOTIATED,	/* send it: it has become the answer to an offer */
	HVIC_REFUSED,		/* send it: it has become a refusal */
	HVIC_SERVE,		/* it is a request for the service */
};

void hvic_link_open(struct hvic_link *link);
void hvic_link_close(struct hvic_link *link);
enum hvic_verdict hvic_link_receive(struct hvic_link *link, u16 type,
				    const struct hvic_versions *versions,
				    struct hvic_msg *msg, void *buf, size_t len, int *err);
const char *hvic_link_state_name(enum hvic_link_state state);

#endif
