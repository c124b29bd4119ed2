/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why there is no device, and what to do about it.
 */
#ifndef FCOPY_ABSENCE_H
#define FCOPY_ABSENCE_H

#include <stddef.h>

#include <hv/hvic_service.h>

#define FCOPY_CLASS	HVIC_CLASS_FCOPY(HVIC_GUID_BRACED)
#define FCOPY_SYSFS	"/sys/bus/vmbus/devices"

int fcopy_absence_tell(const char *sysfs, char *text, size_t room);

#endif
