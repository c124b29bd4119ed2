// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QEMU's monitor protocol: events, and commands one after the other.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "hvsim_qmp.h"
#include "hvsim_stream.h"

/* QEMU's longest answer to what is asked here is a fraction of this. */
#define LINE_MAX_BYTES	(1u << 20)

struct call {
	STAILQ_ENTRY(call) link;
	hvsim_qmp_reply reply;
	void *userdata;
};

struct hvsim_qmp {
	struct hvsim_stream *stream;
	hvsim_qmp_event on_event;
	void *userdata;

	/* in the order in which QEMU answers them */
	STAILQ_HEAD(, call) calls;
};

static void call_end(struct hvsim_qmp *qmp, struct json_object *ret, const char *error)
{
	struct call *call = STAILQ_FIRST(&qmp->calls);

	if (!call)
		return;
	STAILQ_REMOVE_HEAD(&qmp->calls, link);
	if (call->reply)
		call->reply(ret, error, call->userdata);
	free(call);
}

static void message_handle(struct hvsim_qmp *qmp, struct json_object *message)
{
	struct json_object *value, *text = NULL, *data = NULL;

	if (json_object_object_get_ex(message, "event", &value)) {
		json_object_object_get_ex(message, "data", &data);
		qmp->on_event(json_object_get_string(value), data, qmp->userdata);
	} else if (json_object_object_get_ex(message, "return", &value)) {
		call_end(qmp, value, NULL);
	} else if (json_object_object_get_ex(message, "error", &value)) {
		json_object_object_get_ex(value, "desc", &text);
		call_end(qmp, NULL, text ? json_object_get_string(text) : "QEMU refused");
	}
	/* what is left is the greeting */
}

static ptrdiff_t qmp_received(const uint8_t *bytes, size_t len, void *userdata)
{
	const uint8_t *at = bytes, *end;
	struct json_tokener *tokener;
	struct json_object *message;

	while ((end = memchr(at, '\n', len - (size_t)(at - bytes)))) {
		tokener = json_tokener_new();
		if (!tokener)
			return -ENOMEM;
		message = json_tokener_parse_ex(tokener, (const char *)at, (int)(end - at));
		json_tokener_free(tokener);
		if (message)
			message_handle(userdata, message);
		json_object_put(message);
		at = end + 1;
	}
	return at - bytes;
}

static void qmp_closed(void *userdata)
{
	struct hvsim_qmp *qmp = userdata;

	hvsim_stream_free(qmp->stream);
	qmp->stream = NULL;
	while (!STAILQ_EMPTY(&qmp->calls))
		call_end(qmp, NULL, "QEMU has gone");
}

/**
 * hvsim_qmp_new() - Speak to a QEMU.
 * @ret: the monitor
 * @event: the loop
 * @fd: a socket that does not block, connected to QEMU's monitor; owned from
 *	now on, also when this fails
 * @on_event: what to tell of events
 * @userdata: for @on_event
 *
 * Return: 0; -ENOMEM or what the loop said.
 */
int hvsim_qmp_new(struct hvsim_qmp **ret, sd_event *event, int fd, hvsim_qmp_event on_event,
		  void *userdata)
{
	static const struct hvsim_stream_owner owner = {
		.received = qmp_received,
		.closed = qmp_closed,
		.most = LINE_MAX_BYTES,
	};
	struct hvsim_qmp *qmp = calloc(1, sizeof(*qmp));
	int err;

	if (!qmp)
		return -ENOMEM;
	qmp->on_event = on_event;
	qmp->userdata = userdata;
	STAILQ_INIT(&qmp->calls);
	err = hvsim_stream_new(&qmp->stream, event, fd, &owner, qmp);
	/* QEMU takes no other command before this one */
	if (!err)
		err = hvsim_qmp_call(qmp, "qmp_capabilities", NULL, NULL);
	if (err < 0) {
		hvsim_qmp_free(qmp);
		return err;
	}
	*ret = qmp;
	return 0;
}

/**
 * hvsim_qmp_free() - Hang up; commands under way are not answered any more.
 * @qmp: may be NULL
 */
void hvsim_qmp_free(struct hvsim_qmp *qmp)
{
	struct call *call;

	if (!qmp)
		return;
	while ((call = STAILQ_FIRST(&qmp->calls))) {
		STAILQ_REMOVE_HEAD(&qmp->calls, link);
		free(call);
	}
	hvsim_stream_free(qmp->stream);
	free(qmp);
}

/**
 * hvsim_qmp_call() - Give QEMU a command.
 * @qmp: the monitor
 * @name: of a command without arguments
 * @reply: told how it ended; may be NULL
 * @userdata: for @reply
 *
 * Return: 0; -ENOTCONN when QEMU has gone; -ENOMEM; and then @reply is not
 * called.
 */
int hvsim_qmp_call(struct hvsim_qmp *qmp, const char *name, hvsim_qmp_reply reply,
		   void *userdata)
{
	struct call *call;
	char line[128];
	int err, len;

	if (!qmp->stream)
		return -ENOTCONN;
	call = calloc(1, sizeof(*call));
	if (!call)
		return -ENOMEM;
	call->reply = reply;
	call->userdata = userdata;
	len = snprintf(line, sizeof(line), "{\"execute\": \"%s\"}\n", name);
	err = hvsim_stream_send(qmp->stream, line, (size_t)len);
	if (err < 0) {
		free(call);
		return err;
	}
	STAILQ_INSERT_TAIL(&qmp->calls, call, link);
	return 0;
}
