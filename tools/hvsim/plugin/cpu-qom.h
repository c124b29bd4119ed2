/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of QEMU's header of this name, which is about one processor's model:
 * hw/hyperv/hyperv.h includes it, and needs CPUState of it.
 */
#include "hw/core/cpu.h"
