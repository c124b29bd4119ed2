// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that are sent as they are, and answers that are told as they came.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_json.h"
#include "hvsim_raw.h"

/**
 * struct raw - a packet, or silence, and what came after it
 * @exchange: it
 * @service: whose
 * @request: to answer
 * @bytes: what to send; NULL to send nothing
 * @len: bytes at @bytes
 */
struct raw {
	struct hvsim_exchange exchange;
	struct hvsim_service *service;
	struct hvsim_request *request;
	uint8_t *bytes;
	size_t len;
};

struct raw_arguments {
	const char *service;
	const char *hex;
	bool expect_answer;
	int64_t timeout_ms;
	int64_t vmbus_type;
};

static int raw_prepare(struct hvsim_exchange *exchange, uint8_t transaction, uint8_t *bytes,
		       size_t size)
{
	struct raw *raw = exchange->userdata;

	(void)transaction;
	if (raw->len > size)
		return -EMSGSIZE;
	memcpy(bytes, raw->bytes, raw->len);
	return (int)raw->len;
}

static struct json_object *answer_json(const struct hvsim_answer *answer)
{
	const struct hvsim_message *message = &answer->message;
	struct json_object *result = json_object_new_object();
	struct json_object *names = json_object_new_array();
	int i;

	hvsim_json_add_hex(result, "hex", answer->bytes, answer->len);
	hvsim_json_add_uint(result, "length", answer->len);
	hvsim_json_add_int(result, "vmbus-type", answer->vmbus_type);
	for (i = 0; i < HVSIM_NR_FAULTS; i++)
		if (answer->faults & 1u << i)
			json_object_array_add(names, json_object_new_string(hvsim_fault_name(i)));
	hvsim_json_add(result, "faults", names);
	hvsim_json_add_uint(result, "pipe-type", message->pipe_type);
	hvsim_json_add_uint(result, "pipe-size", message->pipe_size);
	if (message->has_header) {
		hvsim_json_add_string(result, "type", hvsim_type_name(message->type));
		hvsim_json_add(result, "framework", hvsim_version_json(message->framework));
		hvsim_json_add(result, "message", hvsim_version_json(message->version));
		hvsim_json_add_uint(result, "body-size", message->body_size);
		hvsim_json_add_hex(result, "body", message->body, message->body_len);
		hvsim_json_add_int(result, "transaction", message->transaction);
		hvsim_json_add_int(result, "flags", message->flags);
		hvsim_status_add(result, answer);
	}
	return result;
}

static void raw_free(struct raw *raw)
{
	free(raw->bytes);
	free(raw);
}

/* Versions that a message of any size can offer. */
#define OFFER_MAX	(UINT16_MAX / sizeof(struct hvic_version))

/* When the bytes were an offer, the guest has changed its versions. */
static void raw_adopt(struct raw *raw, const struct hvsim_answer *answer)
{
	static uint32_t versions[OFFER_MAX];
	struct hvsim_message request;
	struct hvsim_offer offer;

	if (hvsim_message_open(&request, raw->bytes, raw->len) ||
	    request.type != HVIC_TYPE_NEGOTIATE ||
	    hvsim_message_read_offer(&request, versions, OFFER_MAX, &offer))
		return;
	hvsim_service_adopt(raw->service, &offer, answer);
}

/* Silence is an answer too: the client is to judge. */
static void raw_done(struct hvsim_exchange *exchange, int result,
		     const struct hvsim_answer *answer)
{
	struct raw *raw = exchange->userdata;
	struct json_object *data;

	if (result && result != -ETIMEDOUT) {
		hvsim_service_fail(raw->service, raw->request, result, NULL);
	} else {
		if (answer)
			raw_adopt(raw, answer);
		data = json_object_new_object();
		hvsim_json_add_uint(data, "sent", raw->len);
		hvsim_json_add(data, "answer", answer ? answer_json(answer) : NULL);
		hvsim_request_return(raw->request, data);
	}
	raw_free(raw);
}

static void expect_none_done(struct hvsim_exchange *exchange, int result,
			     const struct hvsim_answer *answer)
{
	struct raw *raw = exchange->userdata;
	const char *name = raw->service->kind->name;

	if (answer)
		hvsim_request_fail(raw->request, "unexpected-packet",
				   "%s: the guest sent a packet of %zu bytes, type %s, status %s",
				   name, answer->len, answer->message.has_header ?
				   hvsim_type_name(answer->message.type) : "none",
				   hvsim_status_name(answer->message.status));
	else if (result == -ETIMEDOUT)
		hvsim_request_return(raw->request, NULL);
	else
		hvsim_service_fail(raw->service, raw->request, result, NULL);
	raw_free(raw);
}

/* Takes @raw over, also when it fails. */
static void raw_submit(struct raw *raw)
{
	int err;

	raw->exchange.userdata = raw;
	raw->exchange.raw = true;
	err = hvsim_channel_submit(raw->service->channel, &raw->exchange);
	if (err < 0) {
		hvsim_request_fail(raw->request, "not-open",
				   "%s: the guest has no driver on the channel",
				   raw->service->kind->name);
		raw_free(raw);
	}
}

static struct raw *raw_new(struct hvsim_service *service, struct hvsim_request *request,
			   const struct raw_arguments *arguments)
{
	struct raw *raw = calloc(1, sizeof(*raw));

	if (!raw) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return NULL;
	}
	raw->service = service;
	raw->request = request;
	raw->exchange.timeout_us = (uint64_t)arguments->timeout_ms * 1000;
	raw->exchange.vmbus_type = (uint16_t)arguments->vmbus_type;
	return raw;
}

/**
 * hvsim_raw_command() - Carry out the command "raw".
 * @service: on whose channel
 * @request: gone afterwards, or later
 * @arguments: of the command
 */
void hvsim_raw_command(struct hvsim_service *service, struct hvsim_request *request,
		       struct json_object *arguments)
{
	static const struct hvsim_argument table[] = {
		{ "service", HVSIM_ARGUMENT_STRING, true,
		  offsetof(struct raw_arguments, service) },
		{ "hex", HVSIM_ARGUMENT_STRING, true, offsetof(struct raw_arguments, hex) },
		{ "expect-answer", HVSIM_ARGUMENT_BOOL, false,
		  offsetof(struct raw_arguments, expect_answer) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct raw_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ "vmbus-type", HVSIM_ARGUMENT_INTEGER, false,
		  offsetof(struct raw_arguments, vmbus_type), 0, UINT16_MAX },
		{ .name = NULL },
	};
	struct raw_arguments given = {
		.expect_answer = true,
		.timeout_ms = HVSIM_ANSWER_MS,
		.vmbus_type = HVSIM_VMBUS_INBAND,
	};
	struct raw *raw;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0)
		return;
	raw = raw_new(service, request, &given);
	if (!raw)
		return;
	if (hvsim_hex_decode(&raw->bytes, &raw->len, given.hex) < 0) {
		hvsim_request_fail(request, "bad-argument",
				   "argument \"hex\" must be two hexadecimal digits a byte");
		free(raw);
		return;
	}
	raw->exchange.prepare = raw_prepare;
	raw->exchange.done = raw_done;
	raw->exchange.unanswered = !given.expect_answer;
	raw_submit(raw);
}

/**
 * hvsim_raw_command_expect_none() - Carry out the command "expect-none".
 * @service: on whose channel
 * @request: gone afterwards, or later
 * @arguments: of the command
 */
void hvsim_raw_command_expect_none(struct hvsim_service *service, struct hvsim_request *request,
				   struct json_object *arguments)
{
	static const struct hvsim_argument table[] = {
		{ "service", HVSIM_ARGUMENT_STRING, true,
		  offsetof(struct raw_arguments, service) },
		{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, true,
		  offsetof(struct raw_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
		{ .name = NULL },
	};
	struct raw_arguments given = { 0 };
	struct raw *raw;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0)
		return;
	raw = raw_new(service, request, &given);
	if (!raw)
		return;
	raw->exchange.done = expect_none_done;
	raw_submit(raw);
}
