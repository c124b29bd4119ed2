// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket of a running simulated machine.
 *
 * A connection lives until it is closed and its last request is answered; a
 * request whose connection is closed is answered into the void.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_arguments.h"
#include "hvsim_control.h"
#include "hvsim_events.h"
#include "hvsim_json.h"
#include "hvsim_line.h"
#include "hvsim_stream.h"

/* What clients can rely on; counted up when an answer loses a meaning it had. */
#define CONTROL_PROTOCOL	1
/* How late such a wait may end; left to itself the loop takes 250 ms. */
#define CONTROL_ACCURACY_US	1000
/* Longest that a client may wait for an event: a day. */
#define CONTROL_WAIT_MAX_MS	86400000

struct command {
	LIST_ENTRY(command) link;
	char *name;
	hvsim_control_handler handler;
	void *userdata;
};

struct connection {
	LIST_ENTRY(connection) link;
	struct hvsim_control *control;
	struct hvsim_stream *stream;	/* NULL once closed */
	unsigned int requests;		/* not answered yet */
};

/* A client that waits for an event. */
struct waiter {
	LIST_ENTRY(waiter) link;
	struct hvsim_request *request;
	const char *event;		/* borrowed from the request, as is match */
	struct json_object *match;
	uint64_t after;
	sd_event_source *timer;
};

struct hvsim_control {
	sd_event *event;
	sd_event_source *listener;
	char *path;
	int fd;
	struct hvsim_events *events;
	LIST_HEAD(, connection) connections;
	LIST_HEAD(, command) commands;
	LIST_HEAD(, waiter) waiters;
};

static void connection_free_if_done(struct connection *connection)
{
	if (connection->stream || connection->requests)
		return;
	if (connection->control)
		LIST_REMOVE(connection, link);
	free(connection);
}

static void connection_answer(struct json_object *answer, void *userdata)
{
	struct connection *connection = userdata;

	if (connection->stream)
		hvsim_line_send(connection->stream, answer);
	connection->requests--;
	connection_free_if_done(connection);
}

static struct command *command_find(struct hvsim_control *control, const char *name)
{
	struct command *command;

	LIST_FOREACH(command, &control->commands, link)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

static void request_run(struct hvsim_control *control, struct hvsim_request *request)
{
	struct json_object *arguments = json_object_object_get(request->root, "arguments");
	struct json_object *name = json_object_object_get(request->root, "execute");
	struct command *command;

	if (!json_object_is_type(name, json_type_string)) {
		hvsim_request_fail(request, "bad-request",
				   "a request needs the name of a command as \"execute\"");
		return;
	}
	if (!arguments) {
		arguments = json_object_new_object();
		hvsim_json_add(request->root, "arguments", arguments);
	}
	if (!json_object_is_type(arguments, json_type_object)) {
		hvsim_request_fail(request, "bad-request", "\"arguments\" must be an object");
		return;
	}
	command = command_find(control, json_object_get_string(name));
	if (!command) {
		hvsim_request_fail(request, "unknown-command",
				   "there is no command \"%s\"; \"commands\" lists those there are",
				   json_object_get_string(name));
		return;
	}
	command->handler(request, arguments, command->userdata);
}

static int connection_on_line(struct connection *connection, const char *line, size_t len)
{
	struct hvsim_request *request;

	while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (!len)
		return 0;
	request = calloc(1, sizeof(*request));
	if (!request)
		return -ENOMEM;
	request->send = connection_answer;
	request->connection = connection;
	connection->requests++;
	request->root = hvsim_line_parse(line, len);
	if (!request->root) {
		hvsim_request_fail(request, "bad-request", "a request is one JSON object a line");
		return 0;
	}
	request->id = json_object_object_get(request->root, "id");
	request_run(connection->control, request);
	return 0;
}

static ptrdiff_t connection_received(const uint8_t *bytes, size_t len, void *userdata)
{
	const uint8_t *from = bytes, *end = bytes + len, *newline;
	int err;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		err = connection_on_line(userdata, (const char *)from, (size_t)(newline - from));
		if (err < 0)
			return err;
		from = newline + 1;
	}
	return from - bytes;
}

static void waiter_free(struct waiter *waiter)
{
	LIST_REMOVE(waiter, link);
	sd_event_source_disable_unref(waiter->timer);
	free(waiter);
}

static void connection_closed(void *userdata)
{
	struct connection *connection = userdata;
	struct waiter *waiter, *next;

	hvsim_stream_free(connection->stream);
	connection->stream = NULL;
	connection->requests++;		/* so that it outlives its waiters */
	for (waiter = LIST_FIRST(&connection->control->waiters); waiter; waiter = next) {
		next = LIST_NEXT(waiter, link);
		if (waiter->request->connection != connection)
			continue;
		hvsim_request_fail(waiter->request, "closed", "nobody waits any more");
		waiter_free(waiter);
	}
	connection->requests--;
	connection_free_if_done(connection);
}

static const struct hvsim_stream_owner connection_owner = {
	.received = connection_received,
	.closed = connection_closed,
	.most = HVSIM_LINE_MAX,
};

/**
 * hvsim_control_attach() - Take requests over a connection that there is already.
 * @control: who answers them
 * @fd: of a socket, or of a device such as a virtio port, that does not block;
 *	owned from now on, also when this fails
 *
 * Return: 0; -ENOMEM or what the loop said.
 */
int hvsim_control_attach(struct hvsim_control *control, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	int err;

	if (!connection) {
		close(fd);
		return -ENOMEM;
	}
	connection->control = control;
	err = hvsim_stream_new(&connection->stream, control->event, fd, &connection_owner,
			       connection);
	if (err < 0) {
		free(connection);
		return err;
	}
	LIST_INSERT_HEAD(&control->connections, connection, link);
	return 0;
}

static int control_on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	/* who knocked may have gone */
	if (fd >= 0)
		hvsim_control_attach(userdata, fd);
	return 0;
}

static void command_commands(struct hvsim_request *request, struct json_object *arguments,
			     void *userdata)
{
	static const struct hvsim_argument none[] = { { .name = NULL } };
	struct hvsim_control *control = userdata;
	struct json_object *result, *names;
	struct command *command;

	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	result = json_object_new_object();
	names = json_object_new_array();
	LIST_FOREACH(command, &control->commands, link)
		json_object_array_add(names, json_object_new_string(command->name));
	hvsim_json_add(result, "commands", names);
	hvsim_request_return(request, result);
}

static void command_version(struct hvsim_request *request, struct json_object *arguments,
			    void *userdata)
{
	static const struct hvsim_argument none[] = { { .name = NULL } };
	struct json_object *result;

	(void)userdata;
	if (hvsim_arguments_read(request, arguments, none, NULL) < 0)
		return;
	result = json_object_new_object();
	hvsim_json_add_string(result, "program", "hvsim");
	hvsim_json_add_int(result, "protocol", CONTROL_PROTOCOL);
	hvsim_request_return(request, result);
}

struct event_query {
	const char *event;
	int64_t after;
	int64_t timeout_ms;
	struct json_object *match;
};

static void command_events(struct hvsim_request *request, struct json_object *arguments,
			   void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "event", HVSIM_ARGUMENT_STRING, false, offsetof(struct event_query, event) },
		{ "after", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct event_query, after),
		  0, INT64_MAX },
		{ .name = NULL },
	};
	struct hvsim_control *control = userdata;
	struct event_query query = { 0 };
	struct json_object *result;

	if (hvsim_arguments_read(request, arguments, table, &query) < 0)
		return;
	result = json_object_new_object();
	hvsim_json_add(result, "events", hvsim_events_list(control->events, (uint64_t)query.after,
							   query.event));
	hvsim_json_add_uint(result, "last", hvsim_events_last(control->events));
	hvsim_request_return(request, result);
}

static int waiter_on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct waiter *waiter = userdata;

	(void)source;
	(void)usec;
	hvsim_request_fail(waiter->request, "timeout", "no event \"%s\" came in time",
			   waiter->event ?: "*");
	waiter_free(waiter);
	return 0;
}

static void command_wait(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	static const struct hvsim_argument table[] = {
		{ "event", HVSIM_ARGUMENT_STRING, false, offsetof(struct event_query, event) },
		{ "after", HVSIM_ARGUMENT_INTEGER, false, offsetof(struct event_query, after),
		  0, INT64_MAX },
		{ "match", HVSIM_ARGUMENT_OBJECT, false, offsetof(struct event_query, match) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct event_query, timeout_ms), 0, CONTROL_WAIT_MAX_MS },
		{ .name = NULL },
	};
	struct hvsim_control *control = userdata;
	struct event_query query = { .timeout_ms = 60000 };
	struct json_object *event;
	struct waiter *waiter;

	if (hvsim_arguments_read(request, arguments, table, &query) < 0)
		return;
	event = hvsim_events_find(control->events, (uint64_t)query.after, query.event, query.match);
	if (event) {
		hvsim_request_return(request, json_object_get(event));
		return;
	}
	waiter = calloc(1, sizeof(*waiter));
	if (!waiter || sd_event_add_time_relative(control->event, &waiter->timer, CLOCK_MONOTONIC,
						  (uint64_t)query.timeout_ms * 1000,
						  CONTROL_ACCURACY_US, waiter_on_timeout,
						  waiter) < 0) {
		free(waiter);
		hvsim_request_fail(request, "failed", "out of memory");
		return;
	}
	waiter->request = request;
	waiter->event = query.event;
	waiter->match = query.match;
	waiter->after = (uint64_t)query.after;
	LIST_INSERT_HEAD(&control->waiters, waiter, link);
}

/**
 * hvsim_control_emit() - Tell that something happened.
 * @control: of the machine on which it did
 * @event: its name
 * @data: the particulars, an object, taken over; NULL for none
 *
 * Who waits for it is answered before this returns.
 *
 * Return: 0; -ENOMEM, and then nobody will hear of it.
 */
int hvsim_control_emit(struct hvsim_control *control, const char *event,
		       struct json_object *data)
{
	struct waiter *waiter, *next;
	struct json_object *found;
	int err;

	err = hvsim_events_add(control->events, event, data);
	if (err < 0)
		return err;
	for (waiter = LIST_FIRST(&control->waiters); waiter; waiter = next) {
		next = LIST_NEXT(waiter, link);
		found = hvsim_events_find(control->events, waiter->after, waiter->event,
					  waiter->match);
		if (!found)
			continue;
		hvsim_request_return(waiter->request, json_object_get(found));
		waiter_free(waiter);
	}
	return 0;
}

/**
 * hvsim_control_register() - Add a command.
 * @control: where
 * @name: what clients call it
 * @handler: carries it out
 * @userdata: for @handler
 *
 * Return: 0; -EEXIST when there is one of that name; -ENOMEM.
 */
int hvsim_control_register(struct hvsim_control *control, const char *name,
			   hvsim_control_handler handler, void *userdata)
{
	struct command *command;

	if (command_find(control, name))
		return -EEXIST;
	command = calloc(1, sizeof(*command));
	if (!command)
		return -ENOMEM;
	command->name = strdup(name);
	if (!command->name) {
		free(command);
		return -ENOMEM;
	}
	command->handler = handler;
	command->userdata = userdata;
	LIST_INSERT_HEAD(&control->commands, command, link);
	return 0;
}

static int control_start(struct hvsim_control *control, const char *path)
{
	static const struct {
		const char *name;
		hvsim_control_handler handler;
	} own[] = {
		{ "commands", command_commands },
		{ "events", command_events },
		{ "version", command_version },
		{ "wait", command_wait },
	};
	size_t i;
	int err;

	control->events = hvsim_events_new();
	if (!control->events)
		return -ENOMEM;
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		err = hvsim_control_register(control, own[i].name, own[i].handler, control);
		if (err < 0)
			return err;
	}
	control->fd = hvsim_stream_listen(path);
	if (control->fd < 0)
		return control->fd;
	control->path = strdup(path);
	if (!control->path)
		return -ENOMEM;
	return sd_event_add_io(control->event, &control->listener, control->fd, EPOLLIN,
			       control_on_connect, control);
}

/**
 * hvsim_control_new() - Open a control socket.
 * @ret: the control
 * @event: the loop that it lives in
 * @path: where it listens; a socket that is there already is replaced
 *
 * Return: 0; -ENOMEM, what hvsim_stream_listen() or the loop said.
 */
int hvsim_control_new(struct hvsim_control **ret, sd_event *event, const char *path)
{
	struct hvsim_control *control = calloc(1, sizeof(*control));
	int err;

	if (!control)
		return -ENOMEM;
	control->event = sd_event_ref(event);
	control->fd = -1;
	err = control_start(control, path);
	if (err < 0) {
		hvsim_control_free(control);
		return err;
	}
	*ret = control;
	return 0;
}

/**
 * hvsim_control_free() - Close a control socket and all its connections.
 * @control: may be NULL
 *
 * Requests that are not answered yet may be answered later all the same.
 */
void hvsim_control_free(struct hvsim_control *control)
{
	struct connection *connection;
	struct command *command;

	if (!control)
		return;
	while ((connection = LIST_FIRST(&control->connections))) {
		connection->requests++;		/* so that it is still there below */
		connection_closed(connection);
		LIST_REMOVE(connection, link);
		connection->control = NULL;
		connection->requests--;
		connection_free_if_done(connection);
	}
	while ((command = LIST_FIRST(&control->commands))) {
		LIST_REMOVE(command, link);
		free(command->name);
		free(command);
	}
	sd_event_source_disable_unref(control->listener);
	if (control->fd >= 0)
		close(control->fd);
	if (control->path)
		unlink(control->path);
	free(control->path);
	hvsim_events_free(control->events);
	sd_event_unref(control->event);
	free(control);
}
