// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest shutdown: power off, restart, hibernate.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_json.h"
#include "hvsim_service.h"
#include "hvsim_utf16.h"

/* SHTDN_REASON_FLAG_PLANNED, which openvmm sends. */
#define REASON_PLANNED	0x80000000u

static const struct {
	const char *name;
	uint32_t flag;
	uint32_t since;		/* message version from which a host may ask for it */
} actions[] = {
	{ "poweroff", 0, HVIC_VERSION(1, 0) },
	{ "restart", HVIC_SHUTDOWN_RESTART, HVIC_VERSION(3, 1) },
	{ "hibernate", HVIC_SHUTDOWN_HIBERNATE, HVIC_VERSION(3, 2) },
};

/**
 * struct demand - one request to the guest
 * @exchange: it
 * @service: whose
 * @request: to answer
 * @power: what the guest is told
 * @text: its text
 */
struct demand {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	struct hvsim_power power;
	uint8_t text[HVIC_SHUTDOWN_TEXT_LEN];
};

static int demand_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
			  size_t size)
{
	struct demand *demand = exchange->userdata;
	struct hvsim_service *service = demand->service;

	if (service->state != HVSIM_READY)
		return -ECANCELED;
	return hvsim_message_build_shutdown(bytes, size, transaction, &service->versions,
					    &demand->power);
}

static void demand_done(struct hvsim_exchange *exchange, int result,
			const struct hvsim_answer *answer)
{
	struct demand *demand = exchange->userdata;
	struct json_object *data;

	if (result < 0) {
		hvsim_service_fail(demand->service, demand->request, result, answer);
	} else {
		data = json_object_new_object();
		hvsim_json_add_uint(data, "flags", demand->power.flags);
		hvsim_json_add_bool(data, "accepted", answer->message.status == HVIC_STATUS_OK);
		hvsim_status_add(data, answer);
		hvsim_request_return(demand->request, json_object_get(data));
		hvsim_service_emit(demand->service, "shutdown-answered", data);
	}
	free(demand);
}

struct shutdown_arguments {
	const char *action;
	bool force;
	int64_t delay;
	int64_t reason;
	const char *message;
	const char *encoding;
	int64_t flags;
	int64_t timeout_ms;
};

static const struct hvsim_argument table[] = {
	{ "action", HVSIM_ARGUMENT_STRING, false, offsetof(struct shutdown_arguments, action) },
	{ "force", HVSIM_ARGUMENT_BOOL, false, offsetof(struct shutdown_arguments, force) },
	{ "delay", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct shutdown_arguments, delay), 0, UINT32_MAX },
	{ "reason", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct shutdown_arguments, reason), 0, UINT32_MAX },
	{ "message", HVSIM_ARGUMENT_STRING, false, offsetof(struct shutdown_arguments, message) },
	{ "encoding", HVSIM_ARGUMENT_STRING, false,
	  offsetof(struct shutdown_arguments, encoding) },
	{ "flags", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct shutdown_arguments, flags), 0, UINT32_MAX },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct shutdown_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* The flags that an action means; raw flags are taken as they are. */
static int flags_find(struct hvsim_service *service, struct hvsim_request *request,
		      const struct shutdown_arguments *arguments, uint32_t *flags)
{
	size_t i;

	if (arguments->flags >= 0) {
		*flags = (uint32_t)arguments->flags;
		return 0;
	}
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(actions[i].name, arguments->action))
			break;
	if (i == sizeof(actions) / sizeof(actions[0])) {
		hvsim_request_fail(request, "bad-argument",
				   "argument \"action\" must be poweroff, restart or hibernate");
		return -EINVAL;
	}
	if (service->versions.message < actions[i].since) {
		hvsim_request_fail(request, "version",
				   "shutdown: %s needs version %u.%u, the guest speaks %u.%u",
				   actions[i].name, HVIC_VERSION_MAJOR(actions[i].since),
				   HVIC_VERSION_MINOR(actions[i].since),
				   HVIC_VERSION_MAJOR(service->versions.message),
				   HVIC_VERSION_MINOR(service->versions.message));
		return -EPROTONOSUPPORT;
	}
	*flags = actions[i].flag | (arguments->force ? HVIC_SHUTDOWN_FORCE : 0);
	return 0;
}

/* The message in the encoding wanted; nobody knows which one Windows uses. */
static int text_encode(struct demand *demand, struct hvsim_request *request,
		       const struct shutdown_arguments *arguments)
{
	size_t most = sizeof(demand->text) - 2;		/* a terminator, as wide as can be */
	int len;

	if (!strcmp(arguments->encoding, "utf-8")) {
		len = strlen(arguments->message) > most ? -EMSGSIZE :
		      (int)strlen(arguments->message);
		if (len >= 0)
			memcpy(demand->text, arguments->message, (size_t)len);
	} else if (!strcmp(arguments->encoding, "utf-16le")) {
		len = hvsim_utf16_encode(demand->text, most, arguments->message);
	} else {
		hvsim_request_fail(request, "bad-argument",
				   "argument \"encoding\" must be utf-8 or utf-16le");
		return -EINVAL;
	}
	if (len < 0) {
		hvsim_request_fail(request, "bad-argument", len == -EMSGSIZE ?
				   "argument \"message\" is too long for the text field" :
				   "argument \"message\" is not UTF-8");
		return len;
	}
	demand->power.text = demand->text;
	demand->power.text_len = (size_t)len;
	return 0;
}

static void command_shutdown(struct hvsim_request *request, struct json_object *arguments,
			     void *userdata)
{
	struct shutdown_arguments given = {
		.action = "poweroff",
		.reason = REASON_PLANNED,
		.message = "",
		.encoding = "utf-8",
		.flags = -1,
		.timeout_ms = HVSIM_ANSWER_MS,
	};
	struct hvsim_service *service = userdata;
	struct demand *demand;
	int err;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    hvsim_service_require_ready(service, request) < 0)
		return;
	demand = calloc(1, sizeof(*demand));
	if (!demand) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return;
	}
	if (flags_find(service, request, &given, &demand->power.flags) < 0 ||
	    text_encode(demand, request, &given) < 0) {
		free(demand);
		return;
	}
	demand->power.reason = (uint32_t)given.reason;
	demand->power.timeout = (uint32_t)given.delay;
	demand->service = service;
	demand->request = request;
	demand->exchange = (struct hvsim_exchange){
		.prepare = demand_prepare,
		.done = demand_done,
		.userdata = demand,
		.timeout_us = (uint64_t)given.timeout_ms * 1000,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	err = hvsim_channel_submit(service->channel, &demand->exchange);
	if (err < 0) {
		hvsim_service_fail(service, request, err, NULL);
		free(demand);
	}
}

static const struct hvsim_command commands[] = {
	{ "shutdown", command_shutdown },
	{ NULL, NULL },
};

const struct hvsim_service_kind hvsim_shutdown_kind = {
	.id = HVSIM_SHUTDOWN,
	.name = "shutdown",
	.title = "Shutdown",
	.commands = commands,
};
