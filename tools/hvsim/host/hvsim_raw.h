/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that are sent as they are, and answers that are told as they came.
 */
#ifndef HVSIM_RAW_H
#define HVSIM_RAW_H

#include "hvsim_service.h"

void hvsim_raw_command(struct hvsim_service *service, struct hvsim_request *request,
		       struct json_object *arguments);
void hvsim_raw_command_expect_none(struct hvsim_service *service, struct hvsim_request *request,
				   struct json_object *arguments);

#endif
