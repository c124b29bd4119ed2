/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_SESSION_H
#define _HVIC_SESSION_H

#include <linux/types.h>

/*
 * A service whose requests are served by a process: what the daemon may do when,
 * and which request it is about.
 *
 *   AWAY --open--> OPEN --register--> GREETED --read--> READY
 *                                                       |  ^
 *                                       a request waits |  | reply, or its end
 *                                                       v  |
 *                                    BUSY <--read-- OFFERED
 *
 * Who has nothing to do may register again, where the service has a message for it.
 * A request ends without the daemon when its time is up or the host has forgotten
 * it; OFFERED and BUSY then become READY.  Closing leads to AWAY from everywhere,
 * and ends the request of a BUSY daemon: half of it may have been done, and it
 * must not be done twice.  What has not been read stays for the next daemon.
 */
enum hvic_session_state {
	HVIC_SESSION_AWAY,	/* no daemon has the device open */
	HVIC_SESSION_OPEN,	/* one has, and has not registered */
	HVIC_SESSION_GREETED,	/* it has, and our greeting waits to be read */
	HVIC_SESSION_READY,	/* it has read that, and has nothing to do */
	HVIC_SESSION_OFFERED,	/* the first request waits to be read */
	HVIC_SESSION_BUSY,	/* it has been read: a reply is owed */
	HVIC_NR_SESSION_STATES
};

enum hvic_session_event {
	HVIC_ON_OPEN,		/* a process opens the device */
	HVIC_ON_REGISTER,	/* it says what it is */
	HVIC_ON_READ,		/* it has read what waited for it */
	HVIC_ON_REPLY,		/* it replies */
	HVIC_ON_CLOSE,		/* it closes the device, or dies */
	HVIC_ON_OFFER,		/* the first request could be read */
	HVIC_ON_END,		/* the first request ends without the daemon */
	HVIC_NR_SESSION_EVENTS
};

/**
 * struct hvic_request - a request of the host that is not answered yet
 * @next: the one that came after it
 * @expires: when its time is up
 */
struct hvic_request {
	struct hvic_request *next;
	u64 expires;
};

/**
 * struct hvic_session - a daemon and the requests for it; all zero to begin with
 * @state: where the daemon is
 * @first: the request that it is about, or will be; %NULL if there is none
 */
struct hvic_session {
	enum hvic_session_state state;
	struct hvic_request *first;
};

int hvic_session_step(struct hvic_session *session, enum hvic_session_event event,
		      struct hvic_request **ended);
void hvic_session_add(struct hvic_session *session, struct hvic_request *request, u64 expires);
struct hvic_request *hvic_session_offer(struct hvic_session *session);
struct hvic_request *hvic_session_drop(struct hvic_session *session);
struct hvic_request *hvic_session_expire(struct hvic_session *session, u64 now);
const struct hvic_request *hvic_session_due(const struct hvic_session *session);
bool hvic_session_has_mail(const struct hvic_session *session);
unsigned int hvic_session_count(const struct hvic_session *session);
const char *hvic_session_daemon(const struct hvic_session *session);

#endif
