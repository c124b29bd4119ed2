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
#include <time.h>

#include "hvsim_qmp.h"
#include "hvsim_stream.h"

/* QEMU's longest answer to what is asked here is a fraction of this. */
#define LINE_MAX_BYTES	(1u << 20)
/* What is asked here is done at once, though in a nested machine at its pace. */
#define SILENCE_US	60000000u

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
	uint64_t silence_us;
	sd_event_source *silence;	/* goes off when the first has no answer for that long */
};

/* The first of those that wait has its time from now on. */
static void silence_set(struct hvsim_qmp *qmp)
{
	bool waits = qmp->stream && !STAILQ_EMPTY(&qmp->calls);

	sd_event_source_set_time_relative(qmp->silence, qmp->silence_us);
	sd_event_source_set_enabled(qmp->silence, waits ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static void call_end(struct hvsim_qmp *qmp, struct json_object *ret, const char *error)
{
	struct call *call = STAILQ_FIRST(&qmp->calls);

	if (!call)
		return;
	STAILQ_REMOVE_HEAD(&qmp->calls, link);
	silence_set(qmp);
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

static void qmp_end(struct hvsim_qmp *qmp, const char *why)
{
	hvsim_stream_free(qmp->stream);
	qmp->stream = NULL;
	while (!STAILQ_EMPTY(&qmp->calls))
		call_end(qmp, NULL, why);
}

static void qmp_closed(void *userdata)
{
	qmp_end(userdata, "QEMU has gone");
}

/* Which answer belongs to which command would not be known any more. */
static int qmp_silent(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	qmp_end(userdata, "QEMU has not answered its monitor for too long: it hangs, and takes no "
		"commands any more");
	return 0;
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
	qmp->silence_us = SILENCE_US;
	STAILQ_INIT(&qmp->calls);
	err = hvsim_stream_new(&qmp->stream, event, fd, &owner, qmp);
	if (!err)
		err = sd_event_add_time_relative(event, &qmp->silence, CLOCK_MONOTONIC, 0, 0,
						 qmp_silent, qmp);
	/* QEMU takes no other command before this one */
	if (err >= 0)
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
	sd_event_source_disable_unref(qmp->silence);
	hvsim_stream_free(qmp->stream);
	free(qmp);
}

/**
 * hvsim_qmp_patience() - How long QEMU may take for one command.
 * @qmp: the monitor
 * @us: in us; a minute unless told otherwise
 *
 * A QEMU that takes longer hangs: what waits for it fails, and so does all later.
 */
void hvsim_qmp_patience(struct hvsim_qmp *qmp, uint64_t us)
{
	qmp->silence_us = us;
	silence_set(qmp);
}

/**
 * hvsim_qmp_call() - Give QEMU a command.
 * @qmp: the monitor
 * @name: of a command without arguments
 * @reply: told how it ended; may be NULL
 * @userdata: for @reply
 *
 * Return: 0; -ENOTCONN when QEMU has gone, or hangs; -ENOMEM; and then @reply is not
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
	if (STAILQ_FIRST(&qmp->calls) == call)
		silence_set(qmp);
	return 0;
}
