// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results of data exchange, as people like to read them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hvsim_cmd.h"

static struct json_object *member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

static const char *text(struct json_object *object, const char *key)
{
	return json_object_get_string(member(object, key)) ?: "";
}

static uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(member(object, key));
}

/* Says how a guest refused something; returns whether it did. */
static bool refusal_print(struct json_object *result)
{
	const char *about = *text(result, "key") ? text(result, "key") :
			    *text(result, "adapter") ? text(result, "adapter") :
			    text(result, "pool");

	if (!number(result, "status"))
		return false;
	fflush(stdout);
	fprintf(stderr, "hvsim: kvp: the guest says of '%s': %s (%s, 0x%08" PRIx64 ")\n", about,
		text(result, "status-text"), text(result, "status-name"),
		number(result, "status"));
	return true;
}

/**
 * hvsim_print_kvp() - Show what the host wants the guest to know.
 * @result: of the command "kvp-items"
 */
void hvsim_print_kvp(struct json_object *result)
{
	struct json_object *items = member(result, "items"), *one;
	size_t i;

	if (!json_object_get_boolean(member(result, "automatic")))
		printf("The host tells the guest nothing by itself.\n");
	printf("%-14s %-9s %-44s %s\n", "POOL", "STATE", "KEY", "VALUE");
	for (i = 0; i < json_object_array_length(items); i++) {
		one = json_object_array_get_idx(items, i);
		printf("%-14s %-9s %-44s %s", text(one, "pool"), text(one, "state"),
		       text(one, "key"), text(one, "value"));
		if (number(one, "status"))
			printf(" (%s)", text(one, "status-name"));
		putchar('\n');
	}
}

/**
 * hvsim_print_kvp_list() - Show items of the guest.
 * @result: of the command "kvp-list"
 */
void hvsim_print_kvp_list(struct json_object *result)
{
	struct json_object *items = member(result, "items"), *one;
	size_t i;

	printf("%-14s %-44s %s\n", "POOL", "KEY", "VALUE");
	for (i = 0; i < json_object_array_length(items); i++) {
		one = json_object_array_get_idx(items, i);
		printf("%-14s %-44s %s\n", text(one, "pool"), text(one, "key"),
		       text(one, "value"));
	}
	refusal_print(result);
}

/**
 * hvsim_print_kvp_change() - Show what came of a change.
 * @result: of the command "kvp-set" or "kvp-delete"
 */
void hvsim_print_kvp_change(struct json_object *result)
{
	if (refusal_print(result))
		return;
	if (json_object_get_boolean(member(result, "delivered")))
		printf("Done, after %" PRIu64 " us.\n", number(result, "round-trip-us"));
	else
		printf("The guest is away; it is told when it is there.\n");
}

/**
 * hvsim_print_kvp_get() - Show the value of an item.
 * @result: of the command "kvp-get"
 */
void hvsim_print_kvp_get(struct json_object *result)
{
	if (!refusal_print(result))
		puts(text(result, "value"));
}

static void list_print(const char *label, struct json_object *list)
{
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		printf("%-19s %s\n", label,
		       json_object_get_string(json_object_array_get_idx(list, i)));
}

/**
 * hvsim_print_kvp_adapter() - Show a network adapter, or that it was set.
 * @result: of the command "kvp-get-ip" or "kvp-set-ip"
 */
void hvsim_print_kvp_adapter(struct json_object *result)
{
	struct json_object *addresses = member(result, "addresses"), *one;
	size_t i;

	if (refusal_print(result))
		return;
	if (!addresses) {
		printf("Done, after %" PRIu64 " us.\n", number(result, "round-trip-us"));
		return;
	}
	printf("%-19s %s\n", "Adapter:", text(result, "adapter"));
	printf("%-19s %s\n", "Family:", text(result, "family"));
	printf("%-19s %s\n", "DHCP:",
	       json_object_get_boolean(member(result, "dhcp")) ? "on" : "off");
	for (i = 0; i < json_object_array_length(addresses); i++) {
		one = json_object_array_get_idx(addresses, i);
		printf("%-19s %s/%s%s%s\n", "Address:", text(one, "address"), text(one, "prefix"),
		       *text(one, "origin") ? " " : "", text(one, "origin"));
	}
	list_print("Gateway:", member(result, "gateways"));
	list_print("DNS:", member(result, "dns"));
}
