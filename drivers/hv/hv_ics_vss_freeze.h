/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_VSS_FREEZE_H
#define _HV_ICS_VSS_FREEZE_H

#include <hv/hvic_user.h>

#include "hv_ics_dev.h"

struct hv_ics_vss_freeze;

/**
 * struct hv_ics_vss_freeze_count - what there is to say of freezes
 * @frozen: file systems that are held now
 * @frozen_ms: milliseconds since the first of them was frozen; 0 when none is
 * @freezes: how often all that was asked for was frozen
 * @failures: how often it was not
 * @self_thaws: how often the module thawed by itself
 */
struct hv_ics_vss_freeze_count {
	unsigned int frozen;
	unsigned int frozen_ms;
	u64 freezes;
	u64 failures;
	u64 self_thaws;
};

struct hv_ics_vss_freeze *hv_ics_vss_freeze_create(void);
void hv_ics_vss_freeze_destroy(struct hv_ics_vss_freeze *freeze);
struct hv_ics_dev_ioctls *hv_ics_vss_freeze_ioctls(struct hv_ics_vss_freeze *freeze);
void hv_ics_vss_freeze_end(struct hv_ics_vss_freeze *freeze);
void hv_ics_vss_freeze_wait(struct hv_ics_vss_freeze *freeze);
void hv_ics_vss_freeze_begin(struct hv_ics_vss_freeze *freeze);
bool hv_ics_vss_freeze_is_awake(struct hv_ics_vss_freeze *freeze);
struct hv_ics_vss_freeze_count hv_ics_vss_freeze_count(struct hv_ics_vss_freeze *freeze);

#endif
