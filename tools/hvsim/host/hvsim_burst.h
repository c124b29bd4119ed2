/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many good requests, several under way at a time.
 */
#ifndef HVSIM_BURST_H
#define HVSIM_BURST_H

#include "hvsim_service.h"

void hvsim_burst_command(struct hvsim_service *service, struct hvsim_request *request,
			 struct json_object *arguments);

#endif
