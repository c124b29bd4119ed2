/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command "fuzz": hostile packets to many services at a time, and hostile
 * messages of the bus between them.
 */
#ifndef HVSIM_FUZZ_H
#define HVSIM_FUZZ_H

#include "hvsim_service.h"

struct hvsim_fuzz;

int hvsim_fuzz_new(struct hvsim_fuzz **ret, const struct hvsim_setting *setting,
		   struct hvsim_service *const *services, size_t count);
void hvsim_fuzz_free(struct hvsim_fuzz *fuzz);

#endif
