/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host that means ill may say on VMBus itself, out of the blue: messages
 * made from a seed.  Nothing here does input, output or allocation.
 */
#ifndef HVSIM_HOSTILE_BUS_H
#define HVSIM_HOSTILE_BUS_H

#include <stddef.h>
#include <stdint.h>

#include "hvsim_vmbus.h"

size_t hvsim_hostile_message(uint8_t bytes[HVSIM_VMBUS_MESSAGE_MAX], uint64_t seed,
			     uint64_t number);

#endif
