/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that are too long for one key: KEY0, KEY1 and so on have a part each.
 *
 * As libhvee (Podman) and Ignition have it, of both sides.
 */
#ifndef HVIC_PART_H
#define HVIC_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "hvd_pool.h"

/* What crosses every module to every host: the in-tree one drops the last unit. */
#define HVIC_PART_UNITS		1022
#define HVIC_PART_BYTES		2047

/* What crosses where the module is ours. */
#define HVIC_VALUE_UNITS	1023
#define HVIC_KEY_UNITS		255

size_t hvic_part_len(const char *value);
bool hvic_part_wanted(const char *value);
int hvic_part_key(char *key, size_t room, const char *of, unsigned int number);
int hvic_part_join(struct kvp_pool *pool, const char *key, char **value, unsigned int *parts);
int hvic_part_set(struct kvp_pool *pool, const char *key, const char *value,
		  unsigned int *parts);
int hvic_part_delete(struct kvp_pool *pool, const char *key, unsigned int from);

#endif
