/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket of a machine that is nested: who connects to it here is
 * answered by the hvsim that runs inside.
 */
#ifndef HVSIM_RELAY_H
#define HVSIM_RELAY_H

#include <systemd/sd-event.h>

/* Name of the virtio port that leads inside. */
#define HVSIM_RELAY_PORT	"hvsim.control"

struct hvsim_relay;

int hvsim_relay_new(struct hvsim_relay **ret, sd_event *event, const char *directory, int fd);
void hvsim_relay_free(struct hvsim_relay *relay);
int hvsim_relay_port_open(void);

#endif
