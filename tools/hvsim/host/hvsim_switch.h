/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services that are disabled and enabled while the machine runs.
 */
#ifndef HVSIM_SWITCH_H
#define HVSIM_SWITCH_H

#include <json-c/json.h>

struct hvsim_request;
struct hvsim_service;

void hvsim_switch_command_enable(struct hvsim_service *service, struct hvsim_request *request,
				 struct json_object *arguments);
void hvsim_switch_command_disable(struct hvsim_service *service, struct hvsim_request *request,
				  struct json_object *arguments);

#endif
