// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clock that limits are measured by, which nobody sets.
 */
#include <time.h>

#include "hvd_time.h"

/**
 * hvd_time_ms() - Read the clock that limits are measured by.
 *
 * Return: milliseconds of CLOCK_MONOTONIC.
 */
int64_t hvd_time_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
