/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of a host, one at a time: what comes of messages, and what comes without.
 */
#ifndef FCOPY_SERVICE_H
#define FCOPY_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "fcopy/message.h"
#include "fcopy/setting.h"
#include "fcopy/worker.h"

struct fcopy_service;

/**
 * struct fcopy_service_setup - what a service works with
 * @event: the loop
 * @setting: what an administrator has set
 * @workers: its threads; some may outlive it
 * @reply: answers the message that has @serial with an HVIC_STATUS_*; 0, or an errno that
 *	is to end the loop
 * @take: has the module write to a file, of which @size bytes are announced; @fd -1 takes
 *	it back; -ENOTTY from a module that does not know how
 * @state: asks the module how far it is
 * @step_ms: how long the module waits for an answer, milliseconds, and less
 * @tick_ms: how often it is looked after copies, milliseconds
 * @data: passed to these
 */
struct fcopy_service_setup {
	sd_event *event;
	const struct fcopy_setting *setting;
	struct fcopy_workers *workers;
	int (*reply)(void *data, uint64_t serial, uint32_t status);
	int (*take)(void *data, int fd, uint64_t size);
	int (*state)(void *data, struct hvic_user_fcopy_state *state);
	unsigned int step_ms;
	unsigned int tick_ms;
	void *data;
};

int fcopy_service_new(struct fcopy_service **ret, const struct fcopy_service_setup *setup);
int fcopy_service_free(struct fcopy_service *service, unsigned int ms);
void fcopy_service_message(struct fcopy_service *service, const void *bytes, size_t len,
			   uint64_t serial);
void fcopy_service_module(struct fcopy_service *service, bool is_ours, unsigned int step_ms);
void fcopy_service_urgent(struct fcopy_service *service);
void fcopy_service_lost(struct fcopy_service *service);

#endif
