// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a misbehaving host did, and what it can do, as people like to read it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hvsim_cmd.h"

static const char *text(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key)) ?: "";
}

static uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(json_object_object_get(object, key));
}

/**
 * hvsim_print_misbehaved() - Show how the guest stood a misbehaving host.
 * @result: of the command "misbehave"
 */
void hvsim_print_misbehaved(struct json_object *result)
{
	const char *failure = json_object_get_string(json_object_object_get(result, "failure"));

	printf("%s, %s: %s\n", text(result, "behaviour"), text(result, "service"),
	       failure ?: "the guest stands it");
	if (number(result, "sent"))
		printf("Packets:            %" PRIu64 " sent, %" PRIu64 " answered\n",
		       number(result, "sent"), number(result, "answered"));
	printf("Good requests:      %" PRIu64 " answered\n", number(result, "proofs"));
	printf("Time:               %.1f s\n", (double)number(result, "elapsed-us") / 1e6);
}

/**
 * hvsim_print_behaviours() - Show what a misbehaving host can do.
 * @result: of the command "misbehave-list"
 */
void hvsim_print_behaviours(struct json_object *result)
{
	struct json_object *list = json_object_object_get(result, "behaviours"), *one;
	size_t i;

	printf("%-26s %-13s %s\n", "NAME", "NEEDS", "WHAT IS DONE");
	for (i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		printf("%-26s %-13s %s%s%s%s\n", text(one, "name"), text(one, "needs"),
		       text(one, "text"), *text(one, "service") ? " (" : "",
		       text(one, "service"), *text(one, "service") ? ")" : "");
	}
}
