// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happened on a machine, numbered from 1 and kept for who comes later.
 *
 * An event is kept as the JSON object that the control protocol sends:
 * {"number":7,"time-ms":1234,"event":"negotiated","data":{...}}
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvsim_events.h"
#include "hvsim_json.h"

struct hvsim_events {
	struct json_object *kept[HVSIM_EVENTS_KEPT];	/* event n is at n % KEPT */
	uint64_t last;
	int64_t start_ms;
};

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/**
 * hvsim_events_new() - Begin to keep events; their time counts from here.
 *
 * Return: none yet; NULL without memory.
 */
struct hvsim_events *hvsim_events_new(void)
{
	struct hvsim_events *events = calloc(1, sizeof(*events));

	if (events)
		events->start_ms = monotonic_ms();
	return events;
}

/**
 * hvsim_events_free() - Forget all events.
 * @events: may be NULL
 */
void hvsim_events_free(struct hvsim_events *events)
{
	size_t i;

	if (!events)
		return;
	for (i = 0; i < HVSIM_EVENTS_KEPT; i++)
		json_object_put(events->kept[i]);
	free(events);
}

/**
 * hvsim_events_add() - Keep an event.
 * @events: where
 * @name: what happened
 * @data: the particulars, an object; taken over; NULL for none
 *
 * Return: 0; -ENOMEM, and then it is not kept and has no number.
 */
int hvsim_events_add(struct hvsim_events *events, const char *name, struct json_object *data)
{
	struct json_object *event = json_object_new_object();
	struct json_object **slot;

	if (!data)
		data = json_object_new_object();
	if (!event || !data) {
		json_object_put(event);
		json_object_put(data);
		return -ENOMEM;
	}
	hvsim_json_add_uint(event, "number", ++events->last);
	hvsim_json_add_int(event, "time-ms", monotonic_ms() - events->start_ms);
	hvsim_json_add_string(event, "event", name);
	hvsim_json_add(event, "data", data);

	slot = &events->kept[events->last % HVSIM_EVENTS_KEPT];
	json_object_put(*slot);
	*slot = event;
	return 0;
}

/* Whether an event has this name, if any, and these members among its data. */
static bool event_matches(struct json_object *event, const char *name, struct json_object *match)
{
	struct json_object *data = json_object_object_get(event, "data");

	if (name && strcmp(name, json_object_get_string(json_object_object_get(event, "event"))))
		return false;
	if (!match)
		return true;
	json_object_object_foreach(match, key, wanted) {
		struct json_object *value = json_object_object_get(data, key);

		if (!json_object_equal(value, wanted))
			return false;
	}
	return true;
}

/* Number of the first event behind @after that is still kept. */
static uint64_t events_first(struct hvsim_events *events, uint64_t after)
{
	uint64_t oldest = events->last < HVSIM_EVENTS_KEPT ? 1 :
			  events->last - HVSIM_EVENTS_KEPT + 1;

	return after < oldest ? oldest : after + 1;
}

/**
 * hvsim_events_find() - Find the first event that is looked for.
 * @events: where
 * @after: number behind which to look
 * @name: its name; NULL for any
 * @match: members that its data must have; NULL for any
 *
 * Return: the event, borrowed; NULL when there is none yet.
 */
struct json_object *hvsim_events_find(struct hvsim_events *events, uint64_t after,
				      const char *name, struct json_object *match)
{
	uint64_t number;

	if (after >= events->last)
		return NULL;
	for (number = events_first(events, after); number <= events->last; number++) {
		struct json_object *event = events->kept[number % HVSIM_EVENTS_KEPT];

		if (event_matches(event, name, match))
			return event;
	}
	return NULL;
}

/**
 * hvsim_events_list() - List events in the order they happened.
 * @events: where
 * @after: number behind which to begin
 * @name: only those of this name; NULL for all
 *
 * Return: an array, the caller's; NULL without memory.
 */
struct json_object *hvsim_events_list(struct hvsim_events *events, uint64_t after,
				      const char *name)
{
	struct json_object *list = json_object_new_array();
	struct json_object *event;

	while (list && (event = hvsim_events_find(events, after, name, NULL))) {
		after = json_object_get_uint64(json_object_object_get(event, "number"));
		json_object_array_add(list, json_object_get(event));
	}
	return list;
}

/**
 * hvsim_events_last() - How many events there have been.
 * @events: where
 *
 * Return: number of the last; 0 when there was none.
 */
uint64_t hvsim_events_last(struct hvsim_events *events)
{
	return events->last;
}
