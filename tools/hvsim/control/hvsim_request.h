/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request of a client of the control socket, and its answer.
 */
#ifndef HVSIM_REQUEST_H
#define HVSIM_REQUEST_H

#include <json-c/json.h>

/**
 * struct hvsim_request - a request that is to be answered
 * @root: all of it, as it came; NULL when it could not be parsed
 * @id: to be sent back, borrowed from @root; may be NULL
 * @send: called exactly once, with the answer, borrowed; must not free the request
 * @connection: where the request came from, for @send
 */
struct hvsim_request {
	struct json_object *root;
	struct json_object *id;
	void (*send)(struct json_object *answer, void *connection);
	void *connection;
};

void hvsim_request_return(struct hvsim_request *request, struct json_object *result);
void hvsim_request_fail(struct hvsim_request *request, const char *error_class,
			const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
