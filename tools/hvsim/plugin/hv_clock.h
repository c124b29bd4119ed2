/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's clock as its hypervisor has it, for QEMU devices.
 */
#ifndef HV_CLOCK_H
#define HV_CLOCK_H

#include <stdint.h>

int hv_clock_read(uint64_t *reference, uint64_t *realtime);

#endif
