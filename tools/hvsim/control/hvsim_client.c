// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Talks to the control socket of a running simulated machine.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvsim_client.h"
#include "hvsim_hex.h"
#include "hvsim_json.h"

struct hvsim_client {
	int fd;
	FILE *in;		/* reads from fd, and owns it */
	char *line;
	size_t line_size;
	char error_class[32];	/* of the last call; empty when it succeeded */
};

/**
 * hvsim_client_directory() - Where a machine runs unless told otherwise.
 * @path: where to write
 * @size: bytes at @path
 * @name: of the machine; NULL for the one that has none
 *
 * `hvsim run` makes that directory, for this user alone, and the commands look
 * for control.sock in it.
 *
 * Return: 0; -ENAMETOOLONG when @path is too small.
 */
int hvsim_client_directory(char *path, size_t size, const char *name)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *dash = name ? "-" : "";
	int len;

	if (runtime && *runtime)
		len = snprintf(path, size, "%s/hvsim%s%s", runtime, dash, name ?: "");
	else
		len = snprintf(path, size, "/tmp/hvsim-%u%s%s", (unsigned int)getuid(), dash,
			       name ?: "");
	return len >= 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
}

static int client_address(struct sockaddr_un *address, const char *path)
{
	size_t size = sizeof(address->sun_path);
	char directory[sizeof(address->sun_path)];
	int err, len;

	address->sun_family = AF_UNIX;
	if (!path)
		path = getenv("HVSIM_CONTROL");
	if (path && *path) {
		len = snprintf(address->sun_path, size, "%s", path);
		return len >= 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
	}
	err = hvsim_client_directory(directory, sizeof(directory), NULL);
	if (err < 0)
		return err;
	len = snprintf(address->sun_path, size, "%s/control.sock", directory);
	return len >= 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
}

/**
 * hvsim_client_open() - Connect to a running machine.
 * @ret: the client
 * @path: its control socket; NULL for $HVSIM_CONTROL or, without that, the
 *	one in hvsim_client_directory()
 *
 * Return: 0; -ENOENT or -ECONNREFUSED when no machine runs there;
 * -ENAMETOOLONG, -ENOMEM or another errno of connect().
 */
int hvsim_client_open(struct hvsim_client **ret, const char *path)
{
	struct sockaddr_un address = { 0 };
	struct hvsim_client *client;
	int err;

	err = client_address(&address, path);
	if (err < 0)
		return err;
	client = calloc(1, sizeof(*client));
	if (!client)
		return -ENOMEM;
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd >= 0 && !connect(client->fd, (struct sockaddr *)&address, sizeof(address)))
		client->in = fdopen(client->fd, "r");
	if (!client->in) {
		err = -errno;
		hvsim_client_close(client);
		return err;
	}
	*ret = client;
	return 0;
}

/**
 * hvsim_client_close() - Disconnect.
 * @client: may be NULL
 */
void hvsim_client_close(struct hvsim_client *client)
{
	if (!client)
		return;
	if (client->in)
		fclose(client->in);
	else if (client->fd >= 0)
		close(client->fd);
	free(client->line);
	free(client);
}

/**
 * hvsim_client_limit() - Wait for answers no longer than this.
 * @client: which; without this it waits for ever
 * @timeout_ms: how long, in ms; who got no answer in that time is of no use any more
 *
 * Return: 0; the errno of setsockopt().
 */
int hvsim_client_limit(struct hvsim_client *client, int timeout_ms)
{
	const struct timeval time = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000,
	};

	if (setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)) < 0)
		return -errno;
	return 0;
}

static int client_send(struct hvsim_client *client, struct json_object *request)
{
	char *line, *from;
	const char *text;
	ssize_t sent;
	int len, err = 0;

	text = json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN);
	len = asprintf(&line, "%s\n", text);
	if (len < 0)
		return -ENOMEM;
	for (from = line; len && !err; len -= (int)sent, from += sent) {
		sent = send(client->fd, from, (size_t)len, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			err = -errno;
		if (sent < 0)
			sent = 0;
	}
	free(line);
	return err;
}

/* Reads one answer: what it returns, or the error that it is. */
static int client_receive(struct hvsim_client *client, struct json_object **ret, char **error)
{
	struct json_object *answer, *member;
	const char *text;
	int err = -EPROTO;

	if (getline(&client->line, &client->line_size, client->in) < 0)
		return -ECONNRESET;
	answer = json_tokener_parse(client->line);
	if (json_object_object_get_ex(answer, "return", &member)) {
		if (ret)
			*ret = json_object_get(member);
		err = 0;
	} else if (json_object_object_get_ex(answer, "error", &member)) {
		snprintf(client->error_class, sizeof(client->error_class), "%s",
			 json_object_get_string(json_object_object_get(member, "class")) ?: "");
		text = json_object_get_string(json_object_object_get(member, "desc"));
		if (error)
			*error = strdup(text ?: "");
		err = -EREMOTEIO;
	}
	json_object_put(answer);
	return err;
}

/**
 * hvsim_client_call() - Have a command carried out.
 * @client: by whom
 * @name: the command
 * @arguments: an object, taken over; NULL for none
 * @ret: what it returned, to be put; may be NULL; written only on success
 * @error: why it failed, in one sentence, to be freed; may be NULL; written
 *	only with -EREMOTEIO
 *
 * Return: 0; -EREMOTEIO when the machine said no, see also
 * hvsim_client_error_class(); -ECONNRESET or -EPIPE when it is gone; -EPROTO
 * when its answer made no sense; -ENOMEM.
 */
int hvsim_client_call(struct hvsim_client *client, const char *name,
		      struct json_object *arguments, struct json_object **ret, char **error)
{
	struct json_object *request = json_object_new_object();
	int err;

	client->error_class[0] = '\0';
	hvsim_json_add_string(request, "execute", name);
	if (arguments)
		hvsim_json_add(request, "arguments", arguments);
	err = client_send(client, request);
	json_object_put(request);
	if (err < 0)
		return err;
	return client_receive(client, ret, error);
}

/**
 * hvsim_client_error_class() - What kind of error the last call ended with.
 * @client: of that call
 *
 * Return: a word of the control protocol; empty when it succeeded.
 */
const char *hvsim_client_error_class(const struct hvsim_client *client)
{
	return client->error_class;
}

/**
 * hvsim_client_guest() - Run a shell command in the guest.
 * @client: of the machine, which must have the command "guest-exec":
 *	{"command":"..."} is answered by {"output":"...","status":N}
 * @command: for the guest's shell
 * @output: what it wrote to stdout and stderr, to be freed; may be NULL
 * @status: its exit status, 128 + n when signal n ended it; may be NULL
 *
 * Return: 0 when it ran, whatever its status; else as hvsim_client_call().
 */
int hvsim_client_guest(struct hvsim_client *client, const char *command, char **output,
		       int *status)
{
	struct json_object *arguments = json_object_new_object();
	struct json_object *result;
	const char *text;
	int err;

	hvsim_json_add_string(arguments, "command", command);
	err = hvsim_client_call(client, "guest-exec", arguments, &result, NULL);
	if (err < 0)
		return err;
	if (status)
		*status = json_object_get_int(json_object_object_get(result, "status"));
	if (output) {
		text = json_object_get_string(json_object_object_get(result, "output"));
		*output = strdup(text ?: "");
		err = *output ? 0 : -ENOMEM;
	}
	json_object_put(result);
	return err;
}

/**
 * hvsim_client_wait_event() - Wait until something happens, or has happened.
 * @client: of the machine where it is to happen
 * @event: what
 * @match: members that the event's data must have, taken over; NULL for any
 * @after: number of the event behind which to look, set to that of the one
 *	found; NULL to look from the beginning
 * @timeout_ms: how long to wait, in ms
 * @ret: the event, to be put; may be NULL
 *
 * Return: 0; -ETIMEDOUT; else as hvsim_client_call().
 */
int hvsim_client_wait_event(struct hvsim_client *client, const char *event,
			    struct json_object *match, uint64_t *after, int timeout_ms,
			    struct json_object **ret)
{
	struct json_object *arguments = json_object_new_object();
	struct json_object *found;
	int err;

	hvsim_json_add_string(arguments, "event", event);
	hvsim_json_add_int(arguments, "timeout-ms", timeout_ms);
	if (match)
		hvsim_json_add(arguments, "match", match);
	if (after)
		hvsim_json_add_uint(arguments, "after", *after);
	err = hvsim_client_call(client, "wait", arguments, &found, NULL);
	if (err == -EREMOTEIO && !strcmp(client->error_class, "timeout"))
		return -ETIMEDOUT;
	if (err < 0)
		return err;
	if (after)
		*after = json_object_get_uint64(json_object_object_get(found, "number"));
	if (ret)
		*ret = found;
	else
		json_object_put(found);
	return 0;
}

/* Takes the bytes of a raw command's answer, if there are any. */
static int raw_reply(struct json_object *result, void *reply, size_t *reply_len)
{
	struct json_object *answer = json_object_object_get(result, "answer");
	const char *hex = json_object_get_string(json_object_object_get(answer, "hex"));
	uint8_t *bytes;
	size_t len;
	int err;

	if (!answer)
		return -ETIMEDOUT;
	if (!hex)
		return -EPROTO;
	err = hvsim_hex_decode(&bytes, &len, hex);
	if (err < 0)
		return err == -EINVAL ? -EPROTO : err;
	if (len <= *reply_len) {
		memcpy(reply, bytes, len);
		*reply_len = len;
	} else {
		err = -EMSGSIZE;
	}
	free(bytes);
	return err;
}

/**
 * hvsim_client_raw() - Send a packet as it is and take the guest's answer.
 * @client: of the machine
 * @service: on whose channel
 * @bytes: payload of the packet, from the pipe header on; anything at all
 * @len: bytes at @bytes
 * @reply: where to write the payload of the next packet that comes
 * @reply_len: bytes at @reply, set to what came
 * @timeout_ms: how long to wait, in ms
 *
 * Return: 0; -ETIMEDOUT when nothing came; -EMSGSIZE when @reply is too small;
 * else as hvsim_client_call().
 */
int hvsim_client_raw(struct hvsim_client *client, const char *service, const void *bytes,
		     size_t len, void *reply, size_t *reply_len, int timeout_ms)
{
	struct json_object *arguments = json_object_new_object();
	struct json_object *result;
	int err;

	hvsim_json_add_string(arguments, "service", service);
	hvsim_json_add_hex(arguments, "hex", bytes, len);
	hvsim_json_add_int(arguments, "timeout-ms", timeout_ms);
	err = hvsim_client_call(client, "raw", arguments, &result, NULL);
	if (err < 0)
		return err;
	err = raw_reply(result, reply, reply_len);
	json_object_put(result);
	return err;
}
