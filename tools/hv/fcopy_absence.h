/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why there is no device, and what to do about it.
 */
#ifndef FCOPY_ABSENCE_H
#define FCOPY_ABSENCE_H

#include <stddef.h>

#define FCOPY_CLASS	"{34d14be3-dee4-41c8-9ae7-6b174977c192}"
#define FCOPY_SYSFS	"/sys/bus/vmbus/devices"

int fcopy_absence_tell(const char *sysfs, char *text, size_t room);

#endif
