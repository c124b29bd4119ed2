// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A request of a client of the control socket, and its answer.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "hvsim_json.h"
#include "hvsim_request.h"

/* Sends @member, takes it over, and frees the request. */
static void request_answer(struct hvsim_request *request, const char *key,
			   struct json_object *member)
{
	struct json_object *answer = json_object_new_object();

	hvsim_json_add(answer, key, member);
	if (request->id)
		hvsim_json_add(answer, "id", json_object_get(request->id));
	request->send(answer, request->connection);
	json_object_put(answer);
	json_object_put(request->root);
	free(request);
}

/**
 * hvsim_request_return() - Answer a request that succeeded.
 * @request: gone afterwards
 * @result: an object, taken over; NULL for an empty one
 */
void hvsim_request_return(struct hvsim_request *request, struct json_object *result)
{
	request_answer(request, "return", result ?: json_object_new_object());
}

/**
 * hvsim_request_fail() - Answer a request that failed.
 * @request: gone afterwards
 * @error_class: the kind of failure in a word, for programs
 * @format: one sentence for people, without a full stop; then its arguments
 */
void hvsim_request_fail(struct hvsim_request *request, const char *error_class,
			const char *format, ...)
{
	struct json_object *error = json_object_new_object();
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	hvsim_json_add_string(error, "class", error_class);
	hvsim_json_add_string(error, "desc", text);
	free(text);
	request_answer(request, "error", error);
}
