// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket of a machine that is nested.
 *
 * One port leads inside, for any number of clients: a request goes through it
 * with [CLIENT, ID] as its id, by which its answer is found to be whose.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hvsim_json.h"
#include "hvsim_line.h"
#include "hvsim_relay.h"
#include "hvsim_stream.h"

/* Answers can be longer than requests: thousands of events. */
#define ANSWER_MAX	(16u << 20)

/*
 * A nested machine can sleep on when its timer's interrupt is lost, and wakes up for any
 * other: so often it has one.
 */
#define WAKE_US		4000000ULL

/**
 * struct client - somebody who is connected here
 * @link: in the relay's list
 * @relay: where
 * @stream: to it
 * @number: no other ever has it
 */
struct client {
	LIST_ENTRY(client) link;
	struct hvsim_relay *relay;
	struct hvsim_stream *stream;
	int64_t number;
};

LIST_HEAD(client_list, client);

struct hvsim_relay {
	sd_event *event;
	sd_event_source *listener;
	sd_event_source *waker;
	char *path;
	int fd;
	struct hvsim_stream *port;	/* NULL when the machine inside has gone */
	struct client_list clients;
	int64_t last_number;
};

static void client_free(struct client *client)
{
	LIST_REMOVE(client, link);
	hvsim_stream_free(client->stream);
	free(client);
}

static void client_refuse(struct client *client)
{
	struct json_object *answer = json_object_new_object(), *error = json_object_new_object();

	hvsim_json_add_string(error, "class", "bad-request");
	hvsim_json_add_string(error, "desc", "a request is one JSON object a line");
	hvsim_json_add(answer, "error", error);
	hvsim_line_send(client->stream, answer);
	json_object_put(answer);
}

static int client_on_line(struct client *client, const char *line, size_t len)
{
	struct json_object *request, *id;
	int err;

	while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (!len)
		return 0;
	request = hvsim_line_parse(line, len);
	if (!request) {
		client_refuse(client);
		return 0;
	}
	id = json_object_new_array();
	json_object_array_add(id, json_object_new_int64(client->number));
	if (json_object_object_get_ex(request, "id", NULL))
		json_object_array_add(id, json_object_get(json_object_object_get(request, "id")));
	hvsim_json_add(request, "id", id);
	err = client->relay->port ? hvsim_line_send(client->relay->port, request) : -ENOTCONN;
	json_object_put(request);
	return err;
}

/* Hands on whole lines; returns the bytes that they had. */
static ptrdiff_t lines_take(const uint8_t *bytes, size_t len,
			    int (*take)(void *userdata, const char *line, size_t len),
			    void *userdata)
{
	const uint8_t *from = bytes, *end = bytes + len, *newline;
	int err;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		err = take(userdata, (const char *)from, (size_t)(newline - from));
		if (err < 0)
			return err;
		from = newline + 1;
	}
	return from - bytes;
}

static int client_take(void *userdata, const char *line, size_t len)
{
	return client_on_line(userdata, line, len);
}

static ptrdiff_t client_received(const uint8_t *bytes, size_t len, void *userdata)
{
	return lines_take(bytes, len, client_take, userdata);
}

static void client_closed(void *userdata)
{
	client_free(userdata);
}

static struct client *client_find(struct hvsim_relay *relay, int64_t number)
{
	struct client *client;

	LIST_FOREACH(client, &relay->clients, link)
		if (client->number == number)
			return client;
	return NULL;
}

/* An answer from inside: it goes to whose it is, if that is still there. */
static int port_take(void *userdata, const char *line, size_t len)
{
	struct json_object *answer = hvsim_line_parse(line, len), *id, *number;
	struct client *client;

	id = json_object_object_get(answer, "id");
	if (!json_object_is_type(id, json_type_array)) {
		json_object_put(answer);
		return 0;
	}
	number = json_object_array_get_idx(id, 0);
	client = client_find(userdata, json_object_get_int64(number));
	if (json_object_array_length(id) > 1)
		hvsim_json_add(answer, "id", json_object_get(json_object_array_get_idx(id, 1)));
	else
		json_object_object_del(answer, "id");
	if (client)
		hvsim_line_send(client->stream, answer);
	json_object_put(answer);
	return 0;
}

static ptrdiff_t port_received(const uint8_t *bytes, size_t len, void *userdata)
{
	return lines_take(bytes, len, port_take, userdata);
}

/* Without the machine there are no answers. */
static void port_closed(void *userdata)
{
	struct hvsim_relay *relay = userdata;

	hvsim_stream_free(relay->port);
	relay->port = NULL;
	while (!LIST_EMPTY(&relay->clients))
		client_free(LIST_FIRST(&relay->clients));
}

static int relay_on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	static const struct hvsim_stream_owner owner = {
		.received = client_received,
		.closed = client_closed,
		.most = HVSIM_LINE_MAX,
	};
	struct hvsim_relay *relay = userdata;
	struct client *client;

	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;	/* who knocked has gone */
	client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return 0;
	}
	client->relay = relay;
	client->number = ++relay->last_number;
	if (hvsim_stream_new(&client->stream, relay->event, fd, &owner, client) < 0)
		free(client);
	else
		LIST_INSERT_HEAD(&relay->clients, client, link);
	return 0;
}

/* By a line that has no request, so that nobody answers. */
static int relay_wake(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_relay *relay = userdata;
	int err;

	(void)usec;
	if (!relay->port)
		return 0;
	hvsim_stream_send(relay->port, "\n", 1);
	err = sd_event_source_set_time_relative(source, WAKE_US);
	return err < 0 ? err : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int relay_start(struct hvsim_relay *relay, const char *directory)
{
	int err;

	if (asprintf(&relay->path, "%s/control.sock", directory) < 0) {
		relay->path = NULL;
		return -ENOMEM;
	}
	relay->fd = hvsim_stream_listen(relay->path);
	if (relay->fd < 0)
		return relay->fd;
	err = sd_event_add_io(relay->event, &relay->listener, relay->fd, EPOLLIN,
			      relay_on_connect, relay);
	if (err < 0)
		return err;
	return sd_event_add_time_relative(relay->event, &relay->waker, CLOCK_MONOTONIC, WAKE_US, 0,
					  relay_wake, relay);
}

/**
 * hvsim_relay_new() - Have control.sock in a directory lead into a machine.
 * @ret: the relay
 * @event: the loop that it lives in
 * @directory: where
 * @fd: a socket that does not block, whose other end is the machine's port
 *	HVSIM_RELAY_PORT; owned from now on, also when this fails
 *
 * Who asks before the hvsim inside is there is answered when it is.
 *
 * Return: 0; -ENOMEM; as hvsim_stream_listen(); what the loop said.
 */
int hvsim_relay_new(struct hvsim_relay **ret, sd_event *event, const char *directory, int fd)
{
	static const struct hvsim_stream_owner owner = {
		.received = port_received,
		.closed = port_closed,
		.most = ANSWER_MAX,
	};
	struct hvsim_relay *relay = calloc(1, sizeof(*relay));
	int err;

	if (!relay) {
		close(fd);
		return -ENOMEM;
	}
	relay->event = sd_event_ref(event);
	relay->fd = -1;
	LIST_INIT(&relay->clients);
	err = hvsim_stream_new(&relay->port, event, fd, &owner, relay);
	if (err >= 0)
		err = relay_start(relay, directory);
	if (err < 0) {
		hvsim_relay_free(relay);
		return err;
	}
	*ret = relay;
	return 0;
}

/**
 * hvsim_relay_free() - Hang up on everybody.
 * @relay: may be NULL
 */
void hvsim_relay_free(struct hvsim_relay *relay)
{
	if (!relay)
		return;
	port_closed(relay);
	sd_event_source_disable_unref(relay->listener);
	sd_event_source_disable_unref(relay->waker);
	if (relay->fd >= 0)
		close(relay->fd);
	if (relay->path)
		unlink(relay->path);
	free(relay->path);
	sd_event_unref(relay->event);
	free(relay);
}

/* The device of a virtio port, by the directory that sysfs has for it. */
static int port_open_if(const char *sysfs)
{
	char line[64] = "", path[64];
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%.50s/name", sysfs);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	if (strcmp(line, HVSIM_RELAY_PORT))
		return -ENOENT;
	snprintf(path, sizeof(path), "/dev/%.50s", strrchr(sysfs, '/') + 1);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/**
 * hvsim_relay_port_open() - Find the other end, inside.
 *
 * Return: a descriptor that does not block; -ENOENT when there is no such port;
 * the errno of opening it.
 */
int hvsim_relay_port_open(void)
{
	int fd = -ENOENT;
	glob_t ports = { 0 };
	size_t i;

	glob("/sys/class/virtio-ports/*", 0, NULL, &ports);
	for (i = 0; i < ports.gl_pathc && fd < 0; i++)
		fd = port_open_if(ports.gl_pathv[i]);
	globfree(&ports);
	return fd;
}
