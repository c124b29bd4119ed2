/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Round trips, collected and summed up.
 */
#ifndef HVSIM_LATENCY_H
#define HVSIM_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

/**
 * struct hvsim_latency - a collection; starts as all zero
 * @us: each round trip, in us
 * @count: their number
 * @size: how many there is room for
 */
struct hvsim_latency {
	uint64_t *us;
	size_t count;
	size_t size;
};

void hvsim_latency_add(struct hvsim_latency *latency, uint64_t us);
struct json_object *hvsim_latency_summary(struct hvsim_latency *latency);
void hvsim_latency_clear(struct hvsim_latency *latency);

#endif
