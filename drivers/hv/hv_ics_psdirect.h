/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_PSDIRECT_H
#define _HV_ICS_PSDIRECT_H

#include <linux/device.h>

extern const struct attribute_group *hv_ics_psdirect_groups[];

int hv_ics_psdirect_start(struct device_driver *driver);
void hv_ics_psdirect_stop(void);

#endif
