// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command "fuzz".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <time.h>

#include "hvsim_barrage.h"
#include "hvsim_fuzz.h"
#include "hvsim_fuzz_socket.h"
#include "hvsim_hostile_bus.h"
#include "hvsim_json.h"

#define CHECK_EVERY	10000
/* Between two messages of the bus, in us: a guest takes each in a worker of its own. */
#define MESSAGE_US	5000

/**
 * struct session - one command under way
 * @link: in @fuzz
 * @fuzz: whose
 * @request: to answer
 * @plan: what each service gets
 * @barrages: by the index of the service; NULL for one that is left alone
 * @left: how many are not done, the messages of the bus counted as one, and the sockets
 * @start_us: when it began
 * @timer: of the next message
 * @messages: how many there are to be
 * @posted: of those
 * @nr_sockets: how many sockets are to be offered
 * @sockets: what offers them; NULL for none
 */
struct session {
	LIST_ENTRY(session) link;
	struct hvsim_fuzz *fuzz;
	struct hvsim_request *request;
	struct hvsim_barrage_plan plan;
	struct hvsim_barrage *barrages[HVSIM_NR_SERVICES];
	size_t left;
	uint64_t start_us;
	sd_event_source *timer;
	uint64_t messages;
	uint64_t posted;
	uint64_t nr_sockets;
	struct hvsim_fuzz_sockets *sockets;
};

struct hvsim_fuzz {
	const struct hvsim_setting *setting;
	struct hvsim_service *const *services;
	size_t count;
	LIST_HEAD(, session) sessions;
};

static uint64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void session_free(struct session *session)
{
	size_t i;

	for (i = 0; i < session->fuzz->count; i++)
		hvsim_barrage_free(session->barrages[i]);
	hvsim_fuzz_sockets_free(session->sockets);
	sd_event_source_disable_unref(session->timer);
	LIST_REMOVE(session, link);
	free(session);
}

static void session_answer(struct session *session)
{
	uint64_t elapsed = monotonic_us() - session->start_us, packets = 0;
	struct json_object *services = json_object_new_object();
	struct json_object *result = json_object_new_object();
	struct hvsim_fuzz *fuzz = session->fuzz;
	const char *sockets_failure = hvsim_fuzz_sockets_failure(session->sockets);
	bool failed = sockets_failure;
	size_t i;

	for (i = 0; i < fuzz->count; i++) {
		const struct hvsim_barrage_result *one;

		if (!session->barrages[i])
			continue;
		one = hvsim_barrage_result(session->barrages[i]);
		packets += one->sent;
		failed = failed || one->failure;
		hvsim_json_add(services, fuzz->services[i]->kind->name, hvsim_barrage_json(one));
	}
	hvsim_json_add_uint(result, "seed", session->plan.seed);
	hvsim_json_add_uint(result, "first", session->plan.first);
	hvsim_json_add_uint(result, "count", session->plan.count);
	hvsim_json_add(result, "services", services);
	hvsim_json_add_uint(result, "bus-messages", session->posted);
	hvsim_json_add_uint(result, "sockets", hvsim_fuzz_sockets_offered(session->sockets));
	if (sockets_failure)
		hvsim_json_add_string(result, "sockets-failure", sockets_failure);
	hvsim_json_add_uint(result, "elapsed-us", elapsed);
	hvsim_json_add_uint(result, "packets-per-second",
			    elapsed ? packets * 1000000 / elapsed : 0);
	hvsim_json_add_bool(result, "failed", failed);
	hvsim_request_return(session->request, result);
}

/* One of the services, or the bus, has had all of it, or all sockets are gone. */
static void session_on_done(void *userdata)
{
	struct session *session = userdata;

	if (--session->left)
		return;
	session_answer(session);
	session_free(session);
}

static int session_on_message(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct session *session = userdata;
	struct hvsim_link *link = hvsim_root_link(session->fuzz->setting->root);
	uint8_t bytes[HVSIM_VMBUS_MESSAGE_MAX];
	size_t len;

	(void)usec;
	if (session->posted == session->messages) {
		session_on_done(session);
		return 0;
	}
	len = hvsim_hostile_message(bytes, session->plan.seed,
				    session->plan.first + session->posted);
	/* without a guest there is nobody to annoy */
	hvsim_link_send(link, HVSIM_FRAME_MESSAGE, 0, bytes, len);
	session->posted++;
	sd_event_source_set_time_relative(source, MESSAGE_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int session_start_messages(struct session *session)
{
	if (!session->messages)
		return 0;
	session->left++;
	return sd_event_add_time_relative(session->fuzz->setting->event, &session->timer,
					  CLOCK_MONOTONIC, 0, HVSIM_TIMER_ACCURACY_US,
					  session_on_message, session);
}

static int session_start_sockets(struct session *session)
{
	const struct hvsim_fuzz_sockets_plan plan = {
		.seed = session->plan.seed,
		.first = session->plan.first,
		.count = session->nr_sockets,
		.timeout_us = session->plan.timeout_us,
	};

	if (!plan.count)
		return 0;
	session->left++;
	return hvsim_fuzz_sockets_new(&session->sockets, session->fuzz->setting, &plan,
				      session_on_done, session);
}

struct fuzz_arguments {
	struct json_object *services;
	struct json_object *kinds;
	int64_t count;
	int64_t seed;
	int64_t first;
	int64_t check_every;
	int64_t rate;
	int64_t most;
	int64_t bus_messages;
	int64_t sockets;
	int64_t timeout_ms;
};

static const struct hvsim_argument table[] = {
	{ "services", HVSIM_ARGUMENT_ARRAY, false, offsetof(struct fuzz_arguments, services) },
	{ "kinds", HVSIM_ARGUMENT_ARRAY, false, offsetof(struct fuzz_arguments, kinds) },
	{ "count", HVSIM_ARGUMENT_INTEGER, true, offsetof(struct fuzz_arguments, count),
	  1, 1000000000000 },
	{ "seed", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct fuzz_arguments, seed),
	  0, INT64_MAX },
	{ "first", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct fuzz_arguments, first),
	  0, 1000000000000 },
	{ "check-every", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct fuzz_arguments, check_every), 1, 1000000000 },
	{ "rate", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct fuzz_arguments, rate),
	  0, 10000000 },
	{ "most", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct fuzz_arguments, most),
	  64, HVSIM_HOSTILE_MOST },
	{ "bus-messages", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct fuzz_arguments, bus_messages), 0, 1000000000 },
	{ "sockets", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct fuzz_arguments, sockets),
	  0, 1000000000 },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct fuzz_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* The set of kinds that the client names; 0, and the request has failed, if there is none. */
static uint32_t kinds_read(struct hvsim_fuzz *fuzz, struct hvsim_request *request,
			   struct json_object *names)
{
	uint32_t possible = fuzz->setting->root ? HVSIM_HOSTILE_OUR_BUS | HVSIM_HOSTILE_BREAKING :
			    HVSIM_HOSTILE_ANY_BUS;
	uint32_t kinds = 0;
	const char *name;
	size_t i;
	int kind;

	if (!names)
		return possible;
	for (i = 0; i < json_object_array_length(names); i++) {
		name = json_object_get_string(json_object_array_get_idx(names, i)) ?: "";
		for (kind = 0; kind < HVSIM_NR_HOSTILE; kind++)
			if (!strcmp(hvsim_hostile_name(kind), name))
				break;
		if (kind == HVSIM_NR_HOSTILE || !(possible & 1u << kind)) {
			hvsim_request_fail(request, "bad-argument", "fuzz: there is no kind \"%s\" "
					   "of packets%s", name, kind == HVSIM_NR_HOSTILE ? "" :
					   " on QEMU's bus; run the machine with --bus hvsim");
			return 0;
		}
		kinds |= 1u << kind;
	}
	if (!kinds)
		hvsim_request_fail(request, "bad-argument", "fuzz: no kind of packets is named");
	return kinds;
}

/* Whether the client means this service: if it names none, each that the guest has open. */
static bool is_wanted(struct json_object *names, struct hvsim_service *service)
{
	size_t i;

	if (!names)
		return service->state == HVSIM_READY && hvsim_hostile_knows(service->kind->id);
	for (i = 0; i < json_object_array_length(names); i++)
		if (!strcmp(service->kind->name,
			    json_object_get_string(json_object_array_get_idx(names, i)) ?: ""))
			return true;
	return false;
}

/* Starts what the client wants; 0, or a negative errno when the request has failed. */
static int session_start(struct session *session, struct json_object *names)
{
	struct hvsim_fuzz *fuzz = session->fuzz;
	struct hvsim_request *request = session->request;
	size_t i;
	int err;

	for (i = 0; i < fuzz->count; i++) {
		struct hvsim_service *service = fuzz->services[i];

		if (!is_wanted(names, service))
			continue;
		if (hvsim_service_require_ready(service, request) < 0)
			return -ENOTCONN;
		err = hvsim_barrage_new(&session->barrages[i], service, &session->plan,
					session_on_done, session);
		if (err == -EBUSY)
			hvsim_request_fail(request, "failed", "%s: something else is sent there "
					   "already", service->kind->name);
		else if (err < 0)
			hvsim_service_fail(service, request, err, NULL);
		if (err < 0)
			return err;
		session->left++;
	}
	if (!session->left || (names && session->left != json_object_array_length(names))) {
		hvsim_request_fail(request, "bad-argument", "fuzz: %s", names ?
				   "argument \"services\" must name services, each once" :
				   "no service is ready");
		return -EINVAL;
	}
	err = session_start_messages(session);
	if (err >= 0)
		err = session_start_sockets(session);
	if (err < 0)
		hvsim_request_fail(request, "failed", "fuzz: %s", strerror(-err));
	return err;
}

static struct session *session_new(struct hvsim_fuzz *fuzz, struct hvsim_request *request,
				   const struct fuzz_arguments *given, uint32_t kinds)
{
	struct session *session = calloc(1, sizeof(*session));
	uint32_t drawn = 1;	/* short enough to be typed again */

	if (!session) {
		hvsim_request_fail(request, "failed", "fuzz: %s", strerror(ENOMEM));
		return NULL;
	}
	if (given->seed < 0 && getrandom(&drawn, sizeof(drawn), 0) < 0)
		drawn = (uint32_t)monotonic_us();
	session->fuzz = fuzz;
	session->request = request;
	session->messages = (uint64_t)given->bus_messages;
	session->nr_sockets = (uint64_t)given->sockets;
	session->start_us = monotonic_us();
	session->plan = (struct hvsim_barrage_plan){
		.kinds = kinds,
		.seed = given->seed < 0 ? drawn : (uint64_t)given->seed,
		.first = (uint64_t)given->first,
		.count = (uint64_t)given->count,
		.check_every = (uint64_t)given->check_every,
		.rate = (uint64_t)given->rate,
		.most = (size_t)given->most,
		.timeout_us = (uint64_t)given->timeout_ms * 1000,
	};
	LIST_INSERT_HEAD(&fuzz->sessions, session, link);
	return session;
}

static void command_fuzz(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	struct fuzz_arguments given = {
		.seed = -1,
		.check_every = CHECK_EVERY,
		.most = HVSIM_HOSTILE_MOST,
		.timeout_ms = HVSIM_ANSWER_MS,
	};
	struct hvsim_fuzz *fuzz = userdata;
	struct session *session;
	uint32_t kinds;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0)
		return;
	kinds = kinds_read(fuzz, request, given.kinds);
	if (!kinds)
		return;
	if ((given.bus_messages || given.sockets) && !fuzz->setting->root) {
		hvsim_request_fail(request, "not-supported", "fuzz: QEMU's bus sends no messages "
				   "that are not its own, and has no sockets; run the machine with --bus hvsim");
		return;
	}
	session = session_new(fuzz, request, &given, kinds);
	if (session && session_start(session, given.services) < 0)
		session_free(session);
}

/**
 * hvsim_fuzz_new() - Have the command "fuzz".
 * @ret: what carries it out
 * @setting: what it lives in
 * @services: on which it works
 * @count: how many services there are, HVSIM_NR_SERVICES at most
 *
 * All must outlive it.
 *
 * Return: 0; -ENOMEM; as hvsim_control_register().
 */
int hvsim_fuzz_new(struct hvsim_fuzz **ret, const struct hvsim_setting *setting,
		   struct hvsim_service *const *services, size_t count)
{
	struct hvsim_fuzz *fuzz = calloc(1, sizeof(*fuzz));
	int err;

	if (!fuzz)
		return -ENOMEM;
	fuzz->setting = setting;
	fuzz->services = services;
	fuzz->count = count;
	LIST_INIT(&fuzz->sessions);
	err = hvsim_control_register(setting->control, "fuzz", command_fuzz, fuzz);
	if (err < 0) {
		free(fuzz);
		return err;
	}
	*ret = fuzz;
	return 0;
}

/**
 * hvsim_fuzz_free() - Stop all of it; who waits for it is told.
 * @fuzz: may be NULL
 */
void hvsim_fuzz_free(struct hvsim_fuzz *fuzz)
{
	struct session *session;

	if (!fuzz)
		return;
	while ((session = LIST_FIRST(&fuzz->sessions))) {
		hvsim_request_fail(session->request, "closed", "fuzz: the host stops");
		session_free(session);
	}
	free(fuzz);
}
