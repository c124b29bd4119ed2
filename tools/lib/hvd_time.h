/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock that limits are measured by, which nobody sets.
 */
#ifndef HVD_TIME_H
#define HVD_TIME_H

#include <stdint.h>

int64_t hvd_time_ms(void);

#endif
