/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talks to the control socket of a running simulated machine, one request at
 * a time, and waits for the answer: for commands and for tests.
 */
#ifndef HVSIM_CLIENT_H
#define HVSIM_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

struct hvsim_client;

int hvsim_client_directory(char *path, size_t size, const char *name);
int hvsim_client_open(struct hvsim_client **ret, const char *path);
void hvsim_client_close(struct hvsim_client *client);
int hvsim_client_limit(struct hvsim_client *client, int timeout_ms);

int hvsim_client_call(struct hvsim_client *client, const char *name,
		      struct json_object *arguments, struct json_object **ret, char **error);
const char *hvsim_client_error_class(const struct hvsim_client *client);

int hvsim_client_guest(struct hvsim_client *client, const char *command, char **output,
		       int *status);
int hvsim_client_wait_event(struct hvsim_client *client, const char *event,
			    struct json_object *match, uint64_t *after, int timeout_ms,
			    struct json_object **ret);
int hvsim_client_raw(struct hvsim_client *client, const char *service, const void *bytes,
		     size_t len, void *reply, size_t *reply_len, int timeout_ms);

#endif
