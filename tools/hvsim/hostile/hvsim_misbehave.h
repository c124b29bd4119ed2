/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host that misbehaves on command: "misbehave" and "misbehave-list".
 */
#ifndef HVSIM_MISBEHAVE_H
#define HVSIM_MISBEHAVE_H

#include "hvsim_service.h"

struct hvsim_misbehave;

int hvsim_misbehave_new(struct hvsim_misbehave **ret, const struct hvsim_setting *setting,
			struct hvsim_service *const *services, size_t count);
void hvsim_misbehave_free(struct hvsim_misbehave *misbehave);

#endif
