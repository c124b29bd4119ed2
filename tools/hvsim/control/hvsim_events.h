/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened on a machine, numbered from 1 and kept for who comes later.
 */
#ifndef HVSIM_EVENTS_H
#define HVSIM_EVENTS_H

#include <stdint.h>

#include <json-c/json.h>

/* Events that are kept; older ones are forgotten. */
#define HVSIM_EVENTS_KEPT	4096

struct hvsim_events;

struct hvsim_events *hvsim_events_new(void);
void hvsim_events_free(struct hvsim_events *events);
int hvsim_events_add(struct hvsim_events *events, const char *name, struct json_object *data);
struct json_object *hvsim_events_find(struct hvsim_events *events, uint64_t after,
				      const char *name, struct json_object *match);
struct json_object *hvsim_events_list(struct hvsim_events *events, uint64_t after,
				      const char *name);
uint64_t hvsim_events_last(struct hvsim_events *events);

#endif
