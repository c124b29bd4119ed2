// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An emulated host without an emulated machine.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvsim_control.h"
#include "sim_host.h"

/* Bytes that a guest reads at a time, and room for the longest frame besides. */
#define READ_LEN	65536
#define FRAMES_LEN	(1 << 20)

char sim_directory[64];		/* of the host's sockets */
struct hvsim_client *sim_client;

static pthread_t host_thread, guest_thread;
static struct hvsim_host *host;
static sd_event *loop;
static int guest_fd;
static char *call_error;
static uint64_t seen;	/* number of the last event that was waited for */

/* The tests are counted where they are, by tap.h, which only one source may have. */
static __attribute__((format(printf, 1, 2))) void diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

/**
 * sim_directory_make() - Make the directory that the host is to use.
 * @test: name of the test
 *
 * Return: whether it is there.
 */
bool sim_directory_make(const char *test)
{
	snprintf(sim_directory, sizeof(sim_directory), "/tmp/%s.XXXXXX", test);
	return mkdtemp(sim_directory);
}

/**
 * sim_directory_remove() - Remove it, and what the last call left.
 *
 * Return: whether it was empty.
 */
bool sim_directory_remove(void)
{
	free(call_error);
	call_error = NULL;
	return !rmdir(sim_directory);
}

/* ---- the guest ---- */

static void *guest_run(void *argument)
{
	uint8_t *buffer = malloc(FRAMES_LEN);
	sim_guest guest = *(sim_guest *)argument;
	struct hvsim_frame frame;
	size_t len = 0, used;
	ssize_t got;

	while ((got = recv(guest_fd, buffer + len, READ_LEN, 0)) > 0) {
		len += (size_t)got;
		while (hvsim_frame_decode(&frame, buffer, len) > 0) {
			if (frame.type == HVSIM_FRAME_PACKET)
				guest(&frame);
			used = HVSIM_FRAME_HEAD_LEN + frame.length;
			len -= used;
			memmove(buffer, buffer + used, len);
		}
	}
	free(buffer);
	return NULL;
}

/**
 * sim_guest_connect() - Be the plugin of a service, and the guest behind it.
 * @service: its name
 * @guest: what the guest does
 */
void sim_guest_connect(const char *service, sim_guest guest)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static sim_guest running;

	running = guest;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s.sock", sim_directory,
		 service);
	guest_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(guest_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		diag("cannot connect to %s", address.sun_path);
	pthread_create(&guest_thread, NULL, guest_run, &running);
}

/**
 * sim_guest_disconnect() - End the guest.
 */
void sim_guest_disconnect(void)
{
	shutdown(guest_fd, SHUT_RDWR);
	pthread_join(guest_thread, NULL);
	close(guest_fd);
}

/**
 * sim_guest_send() - Send a frame to the host.
 * @type: an enum hvsim_frame_type
 * @arg: what it means depends on @type
 * @bytes: the payload
 * @len: bytes there, at most 16384
 */
void sim_guest_send(uint16_t type, uint16_t arg, const void *bytes, size_t len)
{
	uint8_t frame[HVSIM_FRAME_HEAD_LEN + 16384];

	hvsim_frame_encode_head(frame, type, arg, (uint32_t)len);
	if (len)
		memcpy(frame + HVSIM_FRAME_HEAD_LEN, bytes, len);
	if (send(guest_fd, frame, HVSIM_FRAME_HEAD_LEN + len, MSG_NOSIGNAL) < 0)
		diag("the host is gone");
}

/* ---- the host ---- */

static void command_quit(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	(void)arguments;
	(void)userdata;
	hvsim_request_return(request, NULL);
	sd_event_exit(loop, 0);
}

static void command_save(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	(void)arguments;
	(void)userdata;
	hvsim_host_save(host);
	hvsim_request_return(request, NULL);
}

static void command_restore(struct hvsim_request *request, struct json_object *arguments,
			    void *userdata)
{
	(void)arguments;
	(void)userdata;
	hvsim_host_restore(host, 0, false);
	hvsim_request_return(request, NULL);
}

static void *host_run(void *argument)
{
	(void)argument;
	sd_event_loop(loop);
	/* here, since that is the thread it has lived in */
	hvsim_host_free(host);
	loop = sd_event_unref(loop);
	return NULL;
}

/**
 * sim_host_start() - Start a host, and be its client.
 * @options: which; its directory is sim_directory, and its bus QEMU's
 *
 * It has the commands "quit", "save" and "restore", as a machine would give it.
 *
 * Return: whether it runs.
 */
bool sim_host_start(const struct hvsim_host_options *options)
{
	struct hvsim_host_options all = *options;
	struct hvsim_control *control;
	char path[100];

	all.directory = sim_directory;
	all.bus = HVSIM_BUS_QEMU;
	seen = 0;
	sd_event_new(&loop);
	if (hvsim_host_new(&host, loop, &all) < 0)
		return false;
	control = hvsim_host_control(host);
	hvsim_control_register(control, "quit", command_quit, NULL);
	hvsim_control_register(control, "save", command_save, NULL);
	hvsim_control_register(control, "restore", command_restore, NULL);
	pthread_create(&host_thread, NULL, host_run, NULL);
	snprintf(path, sizeof(path), "%s/control.sock", sim_directory);
	return !hvsim_client_open(&sim_client, path);
}

/**
 * sim_host_stop() - End the host.
 */
void sim_host_stop(void)
{
	json_object_put(sim_call("quit", "{}"));
	pthread_join(host_thread, NULL);
	hvsim_client_close(sim_client);
}

/* ---- the client ---- */

static struct json_object *call(const char *command, const char *arguments)
{
	struct json_object *result = NULL;

	free(call_error);
	call_error = NULL;
	hvsim_client_call(sim_client, command, json_tokener_parse(arguments), &result,
			  &call_error);
	return result;
}

/**
 * sim_call() - Have the host do something.
 * @command: of its control socket
 * @arguments: of it, as JSON
 *
 * Return: what it returned, to be put; NULL when it failed, which is told.
 */
struct json_object *sim_call(const char *command, const char *arguments)
{
	struct json_object *result = call(command, arguments);

	if (!result)
		diag("%s: %s: %s", command, hvsim_client_error_class(sim_client),
		     call_error ?: "the host is gone");
	return result;
}

/**
 * sim_error_is() - Whether a command fails as it should; else says how it does.
 * @command: of the control socket
 * @arguments: of it, as JSON
 * @error_class: how
 * @text: part of the sentence that says why
 *
 * Return: whether it does.
 */
bool sim_error_is(const char *command, const char *arguments, const char *error_class,
		  const char *text)
{
	struct json_object *result = call(command, arguments);
	const char *class = hvsim_client_error_class(sim_client);
	bool is = !result && call_error && !strcmp(class, error_class) &&
		  strstr(call_error, text);

	if (!is)
		diag("it says \"%s\": %s", class, call_error ?: "no error");
	json_object_put(result);
	return is;
}

/**
 * sim_wait_event() - Wait for something to happen, five seconds at most.
 * @event: what
 *
 * Return: whether it has, since the last one that was waited for.
 */
bool sim_wait_event(const char *event)
{
	return !hvsim_client_wait_event(sim_client, event, NULL, &seen, 5000, NULL);
}

/**
 * sim_events_skip() - Have sim_wait_event() look for what happens from now on.
 */
void sim_events_skip(void)
{
	struct json_object *result = sim_call("events", "{\"event\":\"none\"}");

	seen = json_object_get_uint64(sim_member(result, "last"));
	json_object_put(result);
}

/**
 * sim_member() - A member of what a command returned.
 * @object: may be NULL
 * @key: its name
 *
 * Return: the member, borrowed, or NULL.
 */
struct json_object *sim_member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

/**
 * sim_text() - A member that is a text.
 * @object: may be NULL
 * @key: its name
 *
 * Return: the text, borrowed; "" when there is none.
 */
const char *sim_text(struct json_object *object, const char *key)
{
	return json_object_get_string(sim_member(object, key)) ?: "";
}
