/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated host: plays Hyper-V's side of the integration services.
 */
#ifndef HVSIM_HOST_H
#define HVSIM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "hvsim_setting.h"

struct hvsim_host;

int hvsim_host_new(struct hvsim_host **ret, sd_event *event,
		   const struct hvsim_host_options *options);
void hvsim_host_free(struct hvsim_host *host);
struct hvsim_control *hvsim_host_control(struct hvsim_host *host);
bool hvsim_host_can_rescind(const struct hvsim_host *host);
void hvsim_host_pause(struct hvsim_host *host);
void hvsim_host_save(struct hvsim_host *host);
void hvsim_host_resume(struct hvsim_host *host, int64_t gap_ms);
void hvsim_host_restore(struct hvsim_host *host, int64_t gap_ms, bool reoffer);

#endif
