/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main process: who is connected, who has logged in, and what belongs together.
 */
#ifndef PSDIRECT_SERVICE_H
#define PSDIRECT_SERVICE_H

#include <systemd/sd-event.h>

#include "psdirect/setting.h"

struct psdirect_service;

int psdirect_service_new(struct psdirect_service **service, sd_event *event,
			 const struct psdirect_setting *setting, const char *test_sockets);
void psdirect_service_free(struct psdirect_service *service);

#endif
