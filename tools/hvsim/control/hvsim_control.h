/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket of a running simulated machine: JSON, one object a line.
 * Whoever builds the machine registers commands here; see the section "Control
 * protocol" of Documentation/hvsim.rst for what crosses the socket.
 */
#ifndef HVSIM_CONTROL_H
#define HVSIM_CONTROL_H

#include <stdint.h>

#include <json-c/json.h>
#include <systemd/sd-event.h>

#include "hvsim_request.h"

struct hvsim_control;

/**
 * typedef hvsim_control_handler - carries out one command
 * @request: answer it exactly once, now or later, with hvsim_request_return()
 *	or hvsim_request_fail(); the handler owns it until then
 * @arguments: an object, never NULL; valid until the request is answered
 * @userdata: as given when the command was registered
 */
typedef void (*hvsim_control_handler)(struct hvsim_request *request,
				      struct json_object *arguments, void *userdata);

int hvsim_control_new(struct hvsim_control **ret, sd_event *event, const char *path);
void hvsim_control_free(struct hvsim_control *control);
int hvsim_control_attach(struct hvsim_control *control, int fd);

int hvsim_control_register(struct hvsim_control *control, const char *name,
			   hvsim_control_handler handler, void *userdata);
int hvsim_control_emit(struct hvsim_control *control, const char *event,
		       struct json_object *data);

#endif
