/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VMBus root: the host's end of the bus, for any virtual machine monitor.
 *
 * What a monitor has to bring is struct hvsim_bus_platform; what the emulated
 * host says and hears crosses as the frames of hvsim_frame.h.  The bus holds all
 * state between the two, and knows nothing of either.  One thread at a time.
 */
#ifndef HVSIM_BUS_H
#define HVSIM_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvsim_bus_platform.h"
#include "hvsim_frame.h"
#include "hvsim_vmbus.h"

struct hvsim_bus;

struct hvsim_bus *hvsim_bus_new(const struct hvsim_bus_platform *platform, void *userdata);
void hvsim_bus_free(struct hvsim_bus *bus);
void hvsim_bus_reset(struct hvsim_bus *bus);
int hvsim_bus_receive(struct hvsim_bus *bus, uint32_t connection, uint32_t type,
		      const void *bytes, size_t len);
void hvsim_bus_posted(struct hvsim_bus *bus);
void hvsim_bus_signalled(struct hvsim_bus *bus, uint32_t connection);
void hvsim_bus_resume(struct hvsim_bus *bus);
int hvsim_bus_command(struct hvsim_bus *bus, const struct hvsim_frame *frame);
void hvsim_bus_forget(struct hvsim_bus *bus);

#endif
