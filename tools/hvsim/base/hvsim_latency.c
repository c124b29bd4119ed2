// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Round trips, collected and summed up.
 */
#include <stdlib.h>

#include "hvsim_json.h"
#include "hvsim_latency.h"

/**
 * hvsim_latency_add() - Collect one; without memory it is left out.
 * @latency: the collection
 * @us: round trip, in us
 */
void hvsim_latency_add(struct hvsim_latency *latency, uint64_t us)
{
	size_t size = latency->size ? 2 * latency->size : 64;
	uint64_t *more;

	if (latency->count == latency->size) {
		more = reallocarray(latency->us, size, sizeof(*more));
		if (!more)
			return;
		latency->us = more;
		latency->size = size;
	}
	latency->us[latency->count++] = us;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/**
 * hvsim_latency_summary() - Sum a collection up; sorts it.
 * @latency: the collection
 *
 * Return: {"min-us":..,"median-us":..,"p99-us":..,"max-us":..}, the caller's;
 * empty when nothing was collected.
 */
struct json_object *hvsim_latency_summary(struct hvsim_latency *latency)
{
	struct json_object *result = json_object_new_object();
	size_t n = latency->count;

	if (!n)
		return result;
	qsort(latency->us, n, sizeof(*latency->us), compare);
	hvsim_json_add_uint(result, "min-us", latency->us[0]);
	hvsim_json_add_uint(result, "median-us", latency->us[n / 2]);
	hvsim_json_add_uint(result, "p99-us", latency->us[n * 99 / 100]);
	hvsim_json_add_uint(result, "max-us", latency->us[n - 1]);
	return result;
}

/**
 * hvsim_latency_clear() - Forget a collection.
 * @latency: the collection, which is empty then
 */
void hvsim_latency_clear(struct hvsim_latency *latency)
{
	free(latency->us);
	*latency = (struct hvsim_latency){ 0 };
}
