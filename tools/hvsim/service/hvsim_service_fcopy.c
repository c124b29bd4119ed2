// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File copy: the guest is sent a file of the machine that hvsim runs on, piece by
 * piece, each when the one before it is answered, as hosts do.
 *
 * What Windows sends when a piece is refused is not known; here nothing more is, so
 * that the guest has to notice by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_fcopy_message.h"
#include "hvsim_json.h"
#include "hvsim_service.h"

/* Time for an answer: longer than a guest gives its daemon. */
#define ANSWER_MS	180000
/* Copies that are over and still told of. */
#define OVER_MAX	16

enum ending {
	RUNNING, COMPLETED, CANCELLED, ABANDONED, REFUSED, FAILED,
};

static const char *const endings[] = {
	[RUNNING] = "running",
	[COMPLETED] = "completed",
	[CANCELLED] = "cancelled",
	[ABANDONED] = "abandoned",
	[REFUSED] = "refused",
	[FAILED] = "failed",
};

/* What a client gives; texts are borrowed until the copy has its own. */
struct copy_arguments {
	const char *file;
	const char *path;
	const char *name;
	bool force;
	bool create_path;
	bool background;
	int64_t flags;
	int64_t size;
	int64_t piece;
	int64_t cancel_at;
	int64_t stop_at;
	int64_t timeout_ms;
};

/**
 * struct copy - the copy of a file
 * @link: in the list of all
 * @exchange: what it asks at the moment
 * @service: of which
 * @request: to answer when it is over; NULL when nobody waits
 * @number: of it, from 1
 * @given: what was asked for; its texts are not used
 * @file: descriptor; -1 when it is over
 * @path: where to
 * @name: of the file
 * @asked: what is under way
 * @data: of the piece that is
 * @size: bytes announced
 * @sent: bytes that the guest has taken
 * @began_us: when, on the monotonic clock
 * @took_us: how long it took
 * @ending: how it is
 * @cancel: somebody wants it cancelled
 * @status: the last answer's
 * @err: why it failed, a negative errno
 */
struct copy {
	TAILQ_ENTRY(copy) link;
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	uint64_t number;
	struct copy_arguments given;
	int file;
	char *path;
	char *name;
	struct hvsim_fcopy_request asked;
	uint8_t data[HVIC_FCOPY_DATA_LEN];
	uint64_t size;
	uint64_t sent;
	uint64_t began_us;
	uint64_t took_us;
	enum ending ending;
	bool cancel;
	uint32_t status;
	int err;
};

TAILQ_HEAD(copies, copy);

/**
 * struct fcopy - state of the service
 * @copies: those under way, and the last that are over; oldest first
 * @count: how many are over
 * @number: of the last
 * @served: the guest's last answer was another than that it failed
 */
struct fcopy {
	struct copies copies;
	unsigned int count;
	uint64_t number;
	bool served;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void copy_free(struct copy *copy)
{
	struct fcopy *fcopy = copy->service->own;

	TAILQ_REMOVE(&fcopy->copies, copy, link);
	if (copy->file >= 0)
		close(copy->file);
	free(copy->path);
	free(copy->name);
	free(copy);
}

static struct json_object *copy_json(const struct copy *copy)
{
	uint64_t took = copy->ending == RUNNING ? now_us() - copy->began_us : copy->took_us;
	struct json_object *result = json_object_new_object();

	hvsim_json_add_uint(result, "number", copy->number);
	hvsim_json_add_string(result, "name", copy->name);
	hvsim_json_add_string(result, "path", copy->path);
	hvsim_json_add_uint(result, "size", copy->size);
	hvsim_json_add_uint(result, "sent", copy->sent);
	hvsim_json_add_uint(result, "took-us", took);
	hvsim_json_add_uint(result, "bytes-a-second", took ? copy->sent * 1000000 / took : 0);
	hvsim_json_add_string(result, "ended", endings[copy->ending]);
	hvsim_json_add_string(result, "operation",
			      hvsim_fcopy_operation_name(copy->asked.operation));
	hvsim_json_add_uint(result, "status", copy->status);
	hvsim_json_add_string(result, "status-name", hvsim_status_name(copy->status));
	hvsim_json_add_string(result, "status-text", hvsim_status_text(copy->status));
	if (copy->ending == REFUSED)
		hvsim_json_add_string(result, "error", hvsim_fcopy_error(copy->status));
	return result;
}

/* It stays in the list, to be told of, until others have taken its place. */
static void copy_end(struct copy *copy, enum ending ending, int err,
		     const struct hvsim_answer *answer)
{
	struct hvsim_service *service = copy->service;
	struct hvsim_request *request = copy->request;
	struct fcopy *fcopy = service->own;
	struct copy *first;

	copy->ending = ending;
	copy->err = err;
	copy->took_us = now_us() - copy->began_us;
	copy->request = NULL;
	close(copy->file);
	copy->file = -1;
	hvsim_service_emit(service, "copy-ended", copy_json(copy));
	if (request && err < 0)
		hvsim_service_fail(service, request, err, answer);
	else if (request)
		hvsim_request_return(request, copy_json(copy));
	if (++fcopy->count <= OVER_MAX)
		return;
	TAILQ_FOREACH(first, &fcopy->copies, link)
		if (first->ending != RUNNING)
			break;
	fcopy->count--;
	copy_free(first);
}

/* Fills @asked for the next request; a negative errno when the file cannot be read. */
static int copy_next(struct copy *copy)
{
	const struct copy_arguments *given = &copy->given;
	uint64_t left = copy->size - copy->sent;
	struct hvsim_fcopy_request *asked = &copy->asked;
	ssize_t got;

	if (copy->cancel || (given->cancel_at >= 0 && copy->sent >= (uint64_t)given->cancel_at)) {
		asked->operation = HVIC_FCOPY_CANCEL;
		return 0;
	}
	asked->operation = left ? HVIC_FCOPY_WRITE : HVIC_FCOPY_COMPLETE;
	asked->offset = copy->sent;
	asked->len = left < (uint64_t)given->piece ? left : (uint64_t)given->piece;
	asked->data = copy->data;
	got = pread(copy->file, copy->data, asked->len, (off_t)copy->sent);
	if (got < 0)
		return -errno;
	/* one that has become shorter, or was announced longer, ends with zeros */
	memset(copy->data + got, 0, asked->len - (size_t)got);
	return 0;
}

static int copy_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			size_t size)
{
	struct copy *copy = exchange->userdata;

	if (copy->service->state != HVSIM_READY)
		return -ECANCELED;
	return hvsim_fcopy_build(bytes, size, transaction, &copy->service->versions, &copy->asked);
}

static int copy_submit(struct copy *copy);

/* What follows an answer that was good. */
static void copy_go_on(struct copy *copy)
{
	int64_t stop_at = copy->given.stop_at;
	int err;

	switch (copy->asked.operation) {
	case HVIC_FCOPY_COMPLETE:
		copy_end(copy, COMPLETED, 0, NULL);
		return;
	case HVIC_FCOPY_CANCEL:
		copy_end(copy, CANCELLED, 0, NULL);
		return;
	case HVIC_FCOPY_WRITE:
		copy->sent += copy->asked.len;
		break;
	default:
		break;
	}
	if (stop_at >= 0 && copy->sent >= (uint64_t)stop_at) {
		copy_end(copy, ABANDONED, 0, NULL);
		return;
	}
	err = copy_next(copy) ?: copy_submit(copy);
	if (err < 0)
		copy_end(copy, FAILED, err, NULL);
}

static void copy_done(struct hvsim_exchange *exchange, int result,
		      const struct hvsim_answer *answer)
{
	struct copy *copy = exchange->userdata;
	struct fcopy *fcopy = copy->service->own;

	if (result < 0) {
		fcopy->served &= result != -ETIMEDOUT;
		copy_end(copy, FAILED, result, answer);
		return;
	}
	copy->status = answer->message.status;
	fcopy->served = copy->status != HVIC_STATUS_FAIL;
	if (copy->status != HVIC_STATUS_OK)
		copy_end(copy, REFUSED, 0, answer);
	else
		copy_go_on(copy);
}

static int copy_submit(struct copy *copy)
{
	copy->exchange = (struct hvsim_exchange){
		.prepare = copy_prepare,
		.done = copy_done,
		.userdata = copy,
		.timeout_us = (uint64_t)copy->given.timeout_ms * 1000,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	return hvsim_channel_submit(copy->service->channel, &copy->exchange);
}

/* Only a file whose length is known beforehand can be announced. */
static int file_open(struct copy *copy, const char *path)
{
	struct stat st;

	copy->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (copy->file < 0 || fstat(copy->file, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	copy->size = copy->given.size < 0 ? (uint64_t)st.st_size : (uint64_t)copy->given.size;
	return 0;
}

static struct copy *copy_new(struct hvsim_service *service, const struct copy_arguments *given)
{
	const char *slash = strrchr(given->file, '/');
	struct copy *copy = calloc(1, sizeof(*copy));
	struct fcopy *fcopy = service->own;

	if (!copy)
		return NULL;
	copy->service = service;
	copy->given = *given;
	copy->file = -1;
	copy->number = ++fcopy->number;
	copy->began_us = now_us();
	copy->path = strdup(given->path);
	copy->name = strdup(given->name ?: slash ? slash + 1 : given->file);
	TAILQ_INSERT_TAIL(&fcopy->copies, copy, link);
	return copy;
}

static void copy_start(struct copy *copy)
{
	const struct copy_arguments *given = &copy->given;
	uint32_t flags = (given->force ? HVIC_FCOPY_OVER_WRITE : 0) |
			 (given->create_path ? HVIC_FCOPY_CREATE_PATH : 0);
	int err;

	copy->asked = (struct hvsim_fcopy_request){
		.operation = HVIC_FCOPY_START,
		.session = copy->number,
		.name = copy->name,
		.path = copy->path,
		.flags = given->flags < 0 ? flags : (uint32_t)given->flags,
		.size = copy->size,
	};
	err = copy_submit(copy);
	if (err < 0) {
		copy_end(copy, FAILED, err, NULL);
	} else if (given->background) {
		hvsim_request_return(copy->request, copy_json(copy));
		copy->request = NULL;
	}
}

static void command_copy(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument table[] = {
#define AT(member) offsetof(struct copy_arguments, member)
		{ "file", HVSIM_ARGUMENT_STRING, true, AT(file) },
		{ "path", HVSIM_ARGUMENT_STRING, true, AT(path) },
		{ "name", HVSIM_ARGUMENT_STRING, false, AT(name) },
		{ "force", HVSIM_ARGUMENT_BOOL, false, AT(force) },
		{ "create-path", HVSIM_ARGUMENT_BOOL, false, AT(create_path) },
		{ "background", HVSIM_ARGUMENT_BOOL, false, AT(background) },
		{ "flags", HVSIM_ARGUMENT_INTEGER, false, AT(flags), 0, UINT32_MAX },
		{ "size", HVSIM_ARGUMENT_INTEGER, false, AT(size), 0, INT64_MAX },
		{ "piece", HVSIM_ARGUMENT_INTEGER, false, AT(piece), 1, HVIC_FCOPY_DATA_LEN },
		{ "cancel-at", HVSIM_ARGUMENT_INTEGER, false, AT(cancel_at), 0, INT64_MAX },
		{ "stop-at", HVSIM_ARGUMENT_INTEGER, false, AT(stop_at), 0, INT64_MAX },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false, AT(timeout_ms), 1,
		  HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
#undef AT
	};
	struct copy_arguments given = {
		.flags = -1, .size = -1, .piece = HVIC_FCOPY_DATA_LEN,
		.cancel_at = -1, .stop_at = -1, .timeout_ms = ANSWER_MS,
	};
	struct hvsim_service *service = userdata;
	struct copy *copy;
	int err;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    hvsim_service_require_ready(service, request) < 0)
		return;
	copy = copy_new(service, &given);
	if (!copy) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return;
	}
	err = file_open(copy, given.file);
	if (err < 0) {
		hvsim_request_fail(request, "bad-argument", "fcopy: %s: %s", given.file,
				   err == -EINVAL ? "not a regular file" : strerror(-err));
		copy_free(copy);
		return;
	}
	copy->request = request;
	copy_start(copy);
}

static struct copy *copy_find(struct hvsim_service *service, int64_t number)
{
	struct fcopy *fcopy = service->own;
	struct copy *copy;

	TAILQ_FOREACH(copy, &fcopy->copies, link)
		if (copy->number == (uint64_t)number)
			return copy;
	return NULL;
}

/* The copy that a request names; NULL when it is answered, and gone. */
static struct copy *copy_argument(struct hvsim_service *service, struct hvsim_request *request,
				  struct json_object *arguments)
{
	static const struct hvsim_argument table[] = {
		{ "number", HVSIM_ARGUMENT_INTEGER, true, 0, 1, INT64_MAX },
		{ .name = NULL },
	};
	struct copy *copy;
	int64_t number;

	if (hvsim_arguments_read(request, arguments, table, &number) < 0)
		return NULL;
	copy = copy_find(service, number);
	if (!copy)
		hvsim_request_fail(request, "not-found", "fcopy: there is no copy %lld",
				   (long long)number);
	return copy;
}

static void command_status(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	struct copy *copy = copy_argument(userdata, request, arguments);

	if (!copy)
		return;
	/* that of a copy in the background has nobody else to tell */
	if (copy->ending == FAILED)
		hvsim_service_fail(userdata, request, copy->err, NULL);
	else
		hvsim_request_return(request, copy_json(copy));
}

static void command_cancel(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	struct copy *copy = copy_argument(userdata, request, arguments);

	if (!copy)
		return;
	copy->cancel = true;
	hvsim_request_return(request, copy_json(copy));
}

static void command_list(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument none[] = { { .name = NULL } };
	struct hvsim_service *service = userdata;
	struct fcopy *fcopy = service->own;
	struct json_object *result, *list;
	struct copy *copy;

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	result = json_object_new_object();
	list = json_object_new_array();
	TAILQ_FOREACH(copy, &fcopy->copies, link)
		json_object_array_add(list, copy_json(copy));
	hvsim_json_add(result, "copies", list);
	hvsim_request_return(request, result);
}

static int fcopy_start(struct hvsim_service *service)
{
	struct fcopy *fcopy = service->own;

	TAILQ_INIT(&fcopy->copies);
	return 0;
}

static void fcopy_stop(struct hvsim_service *service)
{
	struct fcopy *fcopy = service->own;

	/* a start that failed early has no list */
	while (fcopy->copies.tqh_last && !TAILQ_EMPTY(&fcopy->copies))
		copy_free(TAILQ_FIRST(&fcopy->copies));
}

static void fcopy_unready(struct hvsim_service *service)
{
	struct fcopy *fcopy = service->own;

	fcopy->served = false;
}

static void fcopy_report(struct hvsim_service *service, struct json_object *status)
{
	struct fcopy *fcopy = service->own;
	uint64_t running = 0, over = 0;
	struct copy *copy;

	TAILQ_FOREACH(copy, &fcopy->copies, link) {
		running += copy->ending == RUNNING;
		over += copy->ending != RUNNING;
	}
	hvsim_json_add_uint(status, "copies-running", running);
	hvsim_json_add_uint(status, "copies-over", over);
}

/* A cancel of nothing is refused, and changes nothing. */
static int fcopy_burst(struct hvsim_service *service, uint8_t transaction, uint8_t *bytes,
		       size_t size)
{
	const struct hvsim_fcopy_request request = { .operation = HVIC_FCOPY_CANCEL };

	return hvsim_fcopy_build(bytes, size, transaction, &service->versions, &request);
}

static bool fcopy_served(struct hvsim_service *service)
{
	struct fcopy *fcopy = service->own;

	return fcopy->served;
}

static const struct hvsim_command commands[] = {
	{ "copy", command_copy },
	{ "copy-cancel", command_cancel },
	{ "copy-list", command_list },
	{ "copy-status", command_status },
	{ NULL, NULL },
};

const struct hvsim_service_kind hvsim_fcopy_kind = {
	.id = HVSIM_FCOPY,
	.name = "fcopy",
	.title = "Guest Service Interface",
	.size = sizeof(struct fcopy),
	.start = fcopy_start,
	.stop = fcopy_stop,
	.unready = fcopy_unready,
	.report = fcopy_report,
	.burst = fcopy_burst,
	.served = fcopy_served,
	.commands = commands,
};
