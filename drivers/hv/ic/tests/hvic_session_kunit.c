// SPDX-License-Identifier: GPL-2.0-only
/* A daemon and its requests: each event in each state, and every path. */

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "../hvic_session.h"

#define AWAY		HVIC_SESSION_AWAY
#define OPEN		HVIC_SESSION_OPEN
#define GREETED		HVIC_SESSION_GREETED
#define READY		HVIC_SESSION_READY
#define OFFERED		HVIC_SESSION_OFFERED
#define BUSY		HVIC_SESSION_BUSY

/**
 * struct want - what becomes of a state, with one request there
 * @next: the state that follows
 * @err: what the event gets
 * @ends: whether the request is over
 */
struct want {
	enum hvic_session_state next;
	int err;
	bool ends;
};

/* The drawing of hvic_session.h in the order of its events. */
static const struct want wants[HVIC_NR_SESSION_STATES][HVIC_NR_SESSION_EVENTS] = {
	/*  open          register      read          reply         close      offer      end */
	{ { OPEN },       { AWAY, -EINVAL }, { AWAY, -EINVAL }, { AWAY, -EINVAL },
	  { AWAY, -EINVAL }, { AWAY, -EINVAL }, { AWAY, 0, true } },
	{ { OPEN, -EBUSY }, { GREETED }, { OPEN, -EINVAL }, { OPEN, -EINVAL },
	  { AWAY }, { OPEN, -EINVAL }, { OPEN, 0, true } },
	{ { GREETED, -EBUSY }, { GREETED }, { READY }, { GREETED, -EINVAL },
	  { AWAY }, { GREETED, -EINVAL }, { GREETED, 0, true } },
	{ { READY, -EBUSY }, { GREETED }, { READY, -EINVAL }, { READY, -EINVAL },
	  { AWAY }, { OFFERED }, { READY, 0, true } },
	{ { OFFERED, -EBUSY }, { OFFERED, -EINVAL }, { BUSY }, { OFFERED, -EINVAL },
	  { AWAY }, { OFFERED, -EINVAL }, { READY, 0, true } },
	{ { BUSY, -EBUSY }, { BUSY, -EINVAL }, { BUSY, -EINVAL }, { READY, 0, true },
	  { AWAY, 0, true }, { BUSY, -EINVAL }, { READY, 0, true } },
};

static void session_each_event_in_each_state(struct kunit *test)
{
	unsigned int state, event;

	for (state = 0; state < HVIC_NR_SESSION_STATES; state++) {
		for (event = 0; event < HVIC_NR_SESSION_EVENTS; event++) {
			const struct want *want = &wants[state][event];
			struct hvic_session session = { .state = state };
			struct hvic_request request, second, *ended = &second;

			hvic_session_add(&session, &request, 1);
			hvic_session_add(&session, &second, 1);
			KUNIT_ASSERT_EQ_MSG(test, hvic_session_step(&session, event, &ended),
					    want->err, "state %u, event %u", state, event);
			KUNIT_ASSERT_EQ_MSG(test, session.state, want->next,
					    "state %u, event %u", state, event);
			KUNIT_ASSERT_TRUE_MSG(test, ended == (want->ends ? &request : NULL),
					      "state %u, event %u", state, event);
			KUNIT_ASSERT_TRUE_MSG(test, session.first ==
					      (want->ends ? &second : &request),
					      "state %u, event %u", state, event);
		}
	}
}

/* Without a request, nothing can be offered, nor end. */
static void session_without_a_request(struct kunit *test)
{
	static const enum hvic_session_state states[] = { AWAY, OPEN, GREETED, READY };
	struct hvic_request *ended;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct hvic_session session = { .state = states[i] };

		KUNIT_EXPECT_EQ(test, hvic_session_step(&session, HVIC_ON_END, &ended), -EINVAL);
		KUNIT_EXPECT_EQ(test, hvic_session_step(&session, HVIC_ON_OFFER, &ended), -EINVAL);
		KUNIT_EXPECT_TRUE(test, !hvic_session_offer(&session));
		KUNIT_EXPECT_TRUE(test, !hvic_session_drop(&session));
		KUNIT_EXPECT_TRUE(test, !hvic_session_expire(&session, ~0ull));
		KUNIT_EXPECT_TRUE(test, !hvic_session_due(&session));
		KUNIT_EXPECT_EQ(test, hvic_session_count(&session), 0);
		KUNIT_EXPECT_EQ(test, session.state, states[i]);
	}
}

/* What the paths are made of: all that happens to a session, as the relay does it. */
enum move {
	MOVE_OPEN, MOVE_REGISTER, MOVE_READ, MOVE_REPLY, MOVE_CLOSE,
	MOVE_REQUEST, MOVE_TIME, MOVE_RESTART,
	NR_MOVES
};

#define DEPTH	6
#define LIFE	2	/* times that a request sees pass before its own is up */

/**
 * struct path - a session and what has become of the requests in it
 * @test: the test
 * @session: the session
 * @requests: the requests that have come
 * @answers: how often each of them was handed back
 * @read: whether the daemon has read it
 * @count: of @requests
 * @now: the time
 */
struct path {
	struct kunit *test;
	struct hvic_session session;
	struct hvic_request requests[DEPTH];
	unsigned int answers[DEPTH];
	bool read[DEPTH];
	unsigned int count;
	u64 now;
};

static void path_answer(struct path *path, struct hvic_request *ended)
{
	if (ended)
		path->answers[ended - path->requests]++;
}

static void path_step(struct path *path, enum hvic_session_event event)
{
	struct hvic_request *first = path->session.first, *ended;
	bool fits = !hvic_session_step(&path->session, event, &ended);

	path_answer(path, ended);
	if (fits && event == HVIC_ON_READ && path->session.state == BUSY)
		path->read[first - path->requests] = true;
	/* a reply can only be to what has been read, and only read requests are cut off */
	if (ended)
		KUNIT_ASSERT_TRUE_MSG(path->test, path->read[ended - path->requests],
				      "event %u", event);
}

static void path_move(struct path *path, enum move move)
{
	static const enum hvic_session_event events[] = {
		HVIC_ON_OPEN, HVIC_ON_REGISTER, HVIC_ON_READ, HVIC_ON_REPLY, HVIC_ON_CLOSE,
	};
	struct hvic_request *ended;

	switch (move) {
	case MOVE_REQUEST:
		hvic_session_add(&path->session, &path->requests[path->count++], path->now + LIFE);
		break;
	case MOVE_TIME:
		path->now++;
		while ((ended = hvic_session_expire(&path->session, path->now)))
			path_answer(path, ended);
		break;
	case MOVE_RESTART:
		while ((ended = hvic_session_drop(&path->session)))
			path_answer(path, ended);
		break;
	default:
		path_step(path, events[move]);
	}
	hvic_session_offer(&path->session);
}

/* What holds after each move, on every path. */
static void path_check(struct path *path, unsigned int number)
{
	const struct hvic_session *session = &path->session;
	unsigned int waiting = hvic_session_count(session), i;
	const struct hvic_request *request;

	for (i = 0; i < path->count; i++) {
		for (request = session->first; request && request != &path->requests[i];)
			request = request->next;
		KUNIT_ASSERT_EQ_MSG(path->test, path->answers[i] + !!request, 1,
				    "request %u of path %#o", i, number);
		waiting -= !!request;
	}
	KUNIT_ASSERT_EQ_MSG(path->test, waiting, 0, "path %#o", number);
	/* who can be busy is, and who is has something to do */
	KUNIT_ASSERT_TRUE_MSG(path->test, session->state != READY || !session->first,
			      "path %#o", number);
	KUNIT_ASSERT_TRUE_MSG(path->test, (session->state != OFFERED && session->state != BUSY) ||
			      session->first, "path %#o", number);
	KUNIT_ASSERT_TRUE_MSG(path->test, !session->first || session->first->expires > path->now,
			      "path %#o", number);
	/* only the first can have been read, and only by who is busy with it */
	if (session->first)
		KUNIT_ASSERT_EQ_MSG(path->test, path->read[session->first - path->requests],
				    session->state == BUSY, "path %#o", number);
}

static void paths_from(struct kunit *test, enum hvic_session_state state)
{
	unsigned int number, rest, i;

	for (number = 0; number < 1u << 3 * DEPTH; number++) {
		struct path path = { .test = test, .session.state = state };

		for (i = 0, rest = number; i < DEPTH; i++, rest /= NR_MOVES) {
			path_move(&path, rest % NR_MOVES);
			path_check(&path, number);
		}
		path_move(&path, MOVE_RESTART);
		for (i = 0; i < path.count; i++)
			KUNIT_ASSERT_EQ_MSG(test, path.answers[i], 1, "path %#o", number);
	}
}

static void session_every_path_answers_each_request_once(struct kunit *test)
{
	paths_from(test, AWAY);
}

/* As far again behind a daemon that is there. */
static void session_every_path_of_a_daemon_answers_each_request_once(struct kunit *test)
{
	paths_from(test, READY);
}

static void session_order_is_kept(struct kunit *test)
{
	struct hvic_session session = {};
	struct hvic_request requests[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		hvic_session_add(&session, &requests[i], 9);
	KUNIT_EXPECT_EQ(test, hvic_session_count(&session), 3);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, hvic_session_drop(&session) == &requests[i]);
}

/* Times need not be up in the order in which requests came. */
static void session_expires_from_the_middle(struct kunit *test)
{
	struct hvic_session session = { .state = READY };
	struct hvic_request late, soon, next;

	hvic_session_add(&session, &late, 30);
	hvic_session_add(&session, &soon, 10);
	hvic_session_add(&session, &next, 20);
	KUNIT_EXPECT_TRUE(test, hvic_session_offer(&session) == &late);
	KUNIT_EXPECT_TRUE(test, hvic_session_due(&session) == &soon);
	KUNIT_EXPECT_TRUE(test, !hvic_session_expire(&session, 9));
	KUNIT_EXPECT_TRUE(test, hvic_session_expire(&session, 10) == &soon);
	KUNIT_EXPECT_TRUE(test, !hvic_session_expire(&session, 10));
	KUNIT_EXPECT_EQ(test, session.state, OFFERED);
	KUNIT_EXPECT_TRUE(test, hvic_session_due(&session) == &next);
	KUNIT_EXPECT_TRUE(test, hvic_session_expire(&session, 30) == &late);
	KUNIT_EXPECT_EQ(test, session.state, READY);
	KUNIT_EXPECT_TRUE(test, hvic_session_expire(&session, 30) == &next);
	KUNIT_EXPECT_TRUE(test, !session.first);
}

/* What has not been read goes to the next daemon; what has been does not. */
static void session_dead_daemon(struct kunit *test)
{
	struct hvic_session session = { .state = READY };
	struct hvic_request first, second, *ended;

	hvic_session_add(&session, &first, 9);
	hvic_session_add(&session, &second, 9);
	hvic_session_offer(&session);
	hvic_session_step(&session, HVIC_ON_CLOSE, &ended);
	KUNIT_EXPECT_TRUE(test, !ended && session.first == &first);
	session.state = READY;
	KUNIT_EXPECT_TRUE(test, hvic_session_offer(&session) == &first);
	hvic_session_step(&session, HVIC_ON_READ, &ended);
	hvic_session_step(&session, HVIC_ON_CLOSE, &ended);
	KUNIT_EXPECT_TRUE(test, ended == &first && session.first == &second);
}

static void session_words(struct kunit *test)
{
	static const char *const words[] = {
		"none", "registering", "registering", "ready", "busy", "busy",
	};
	unsigned int state;

	for (state = 0; state < HVIC_NR_SESSION_STATES; state++) {
		struct hvic_session session = { .state = state };

		KUNIT_EXPECT_STREQ(test, hvic_session_daemon(&session), words[state]);
		KUNIT_EXPECT_EQ(test, hvic_session_has_mail(&session),
				state == GREETED || state == OFFERED);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(session_each_event_in_each_state),
	KUNIT_CASE(session_without_a_request),
	KUNIT_CASE(session_every_path_answers_each_request_once),
	KUNIT_CASE(session_every_path_of_a_daemon_answers_each_request_once),
	KUNIT_CASE(session_order_is_kept),
	KUNIT_CASE(session_expires_from_the_middle),
	KUNIT_CASE(session_dead_daemon),
	KUNIT_CASE(session_words),
	{}
};

static struct kunit_suite suite = { .name = "hvic_session", .test_cases = cases };

kunit_test_suite(suite);
