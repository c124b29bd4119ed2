// SPDX-License-Identifier: GPL-2.0-only
/* A daemon and the requests for it: each request is answered exactly once. */

#include <linux/errno.h>

#include "hvic_session.h"

/**
 * struct step - what an event does in a state
 * @next: the state that follows
 * @fits: whether the event is possible; otherwise nothing changes
 * @ends: whether the first request is over
 */
struct step {
	enum hvic_session_state next;
	bool fits;
	bool ends;
};

#define GO(next)	{ HVIC_SESSION_##next, true, false }
#define END(next)	{ HVIC_SESSION_##next, true, true }

/* What is not listed does not fit. */
static const struct step steps[HVIC_NR_SESSION_STATES][HVIC_NR_SESSION_EVENTS] = {
	[HVIC_SESSION_AWAY] = {
		[HVIC_ON_OPEN]		= GO(OPEN),
		[HVIC_ON_END]		= END(AWAY),
	},
	[HVIC_SESSION_OPEN] = {
		[HVIC_ON_REGISTER]	= GO(GREETED),
		[HVIC_ON_CLOSE]		= GO(AWAY),
		[HVIC_ON_END]		= END(OPEN),
	},
	[HVIC_SESSION_GREETED] = {
		[HVIC_ON_REGISTER]	= GO(GREETED),
		[HVIC_ON_READ]		= GO(READY),
		[HVIC_ON_CLOSE]		= GO(AWAY),
		[HVIC_ON_END]		= END(GREETED),
	},
	[HVIC_SESSION_READY] = {
		[HVIC_ON_REGISTER]	= GO(GREETED),
		[HVIC_ON_CLOSE]		= GO(AWAY),
		[HVIC_ON_OFFER]		= GO(OFFERED),
		[HVIC_ON_END]		= END(READY),
	},
	[HVIC_SESSION_OFFERED] = {
		[HVIC_ON_READ]		= GO(BUSY),
		[HVIC_ON_CLOSE]		= GO(AWAY),
		[HVIC_ON_END]		= END(READY),
	},
	[HVIC_SESSION_BUSY] = {
		[HVIC_ON_REPLY]		= END(READY),
		[HVIC_ON_CLOSE]		= END(AWAY),
		[HVIC_ON_END]		= END(READY),
	},
};

/**
 * hvic_session_step() - Something happens to the daemon or to its request.
 * @session: the session
 * @event: what happens
 * @ended: the request that is over, to be answered; %NULL if none is
 *
 * The end of the first request, and its offer, fit only if there is one.
 *
 * Return: 0; -EBUSY for a second open; -EINVAL for what does not fit, such as a
 * reply that nobody waits for (any more). Nothing changes then.
 */
int hvic_session_step(struct hvic_session *session, enum hvic_session_event event,
		      struct hvic_request **ended)
{
	const struct step *step = &steps[session->state][event];

	*ended = NULL;
	if (!step->fits)
		return event == HVIC_ON_OPEN ? -EBUSY : -EINVAL;
	if (!session->first && (step->ends || event == HVIC_ON_OFFER))
		return -EINVAL;

	session->state = step->next;
	if (step->ends) {
		*ended = session->first;
		session->first = (*ended)->next;
	}
	return 0;
}

/**
 * hvic_session_add() - A request comes.
 * @session: the session
 * @request: the request; stays the caller's, but belongs to the session until
 *	one of these functions hands it back
 * @expires: when its time is up, as hvic_session_expire() counts it
 */
void hvic_session_add(struct hvic_session *session, struct hvic_request *request, u64 expires)
{
	struct hvic_request **at = &session->first;

	while (*at)
		at = &(*at)->next;
	request->next = NULL;
	request->expires = expires;
	*at = request;
}

/**
 * hvic_session_offer() - Have the daemon read the next request, if it can.
 * @session: the session
 *
 * Return: the request that is to be read; %NULL if nothing new is. It stays in
 * the session.
 */
struct hvic_request *hvic_session_offer(struct hvic_session *session)
{
	struct hvic_request *ended;

	return hvic_session_step(session, HVIC_ON_OFFER, &ended) ? NULL : session->first;
}

/**
 * hvic_session_drop() - Take a request out, as the host has forgotten it.
 * @session: the session
 *
 * Return: the request, or %NULL when there are no more.
 */
struct hvic_request *hvic_session_drop(struct hvic_session *session)
{
	struct hvic_request *ended;

	hvic_session_step(session, HVIC_ON_END, &ended);
	return ended;
}

/**
 * hvic_session_expire() - Take a request out whose time is up.
 * @session: the session
 * @now: the time, in the unit of hvic_session_add()
 *
 * Return: the request, to be failed; %NULL when there is none, or no more.
 */
struct hvic_request *hvic_session_expire(struct hvic_session *session, u64 now)
{
	struct hvic_request **at = &session->first, *found;

	while (*at && (*at)->expires > now)
		at = &(*at)->next;
	found = *at;
	if (!found || at == &session->first)
		return found ? hvic_session_drop(session) : NULL;
	*at = found->next;
	return found;
}

/**
 * hvic_session_due() - The request whose time is up next.
 * @session: the session
 *
 * Return: the request, which stays in the session; %NULL if there is none.
 */
const struct hvic_request *hvic_session_due(const struct hvic_session *session)
{
	const struct hvic_request *due = session->first, *request;

	for (request = due; request; request = request->next)
		if (request->expires < due->expires)
			due = request;
	return due;
}

/**
 * hvic_session_has_mail() - Whether something waits for the daemon to read it.
 * @session: the session
 *
 * Return: true for our greeting, and for the first request.
 */
bool hvic_session_has_mail(const struct hvic_session *session)
{
	return session->state == HVIC_SESSION_GREETED || session->state == HVIC_SESSION_OFFERED;
}

/**
 * hvic_session_count() - How many requests wait for an answer.
 * @session: the session
 *
 * Return: the number, with that of a BUSY daemon.
 */
unsigned int hvic_session_count(const struct hvic_session *session)
{
	const struct hvic_request *request;
	unsigned int count = 0;

	for (request = session->first; request; request = request->next)
		count++;
	return count;
}

/**
 * hvic_session_daemon() - Say for people how the daemon is.
 * @session: the session
 *
 * Return: one word.
 */
const char *hvic_session_daemon(const struct hvic_session *session)
{
	static const char *const words[HVIC_NR_SESSION_STATES] = {
		[HVIC_SESSION_AWAY]	= "none",
		[HVIC_SESSION_OPEN]	= "registering",
		[HVIC_SESSION_GREETED]	= "registering",
		[HVIC_SESSION_READY]	= "ready",
		[HVIC_SESSION_OFFERED]	= "busy",
		[HVIC_SESSION_BUSY]	= "busy",
	};

	return words[session->state];
}
