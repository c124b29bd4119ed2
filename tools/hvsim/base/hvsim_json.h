/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short ways to fill a JSON object.  Without memory a member is left out: an
 * answer that lacks a member beats a host that is gone.
 */
#ifndef HVSIM_JSON_H
#define HVSIM_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "hv/hvic_wire.h"
#include "hvsim_hex.h"

static inline void hvsim_json_add(struct json_object *object, const char *key,
				  struct json_object *value)
{
	if (json_object_object_add(object, key, value) < 0)
		json_object_put(value);
}

static inline void hvsim_json_add_int(struct json_object *object, const char *key, int64_t value)
{
	hvsim_json_add(object, key, json_object_new_int64(value));
}

static inline void hvsim_json_add_uint(struct json_object *object, const char *key, uint64_t value)
{
	hvsim_json_add(object, key, json_object_new_uint64(value));
}

static inline void hvsim_json_add_bool(struct json_object *object, const char *key, bool value)
{
	hvsim_json_add(object, key, json_object_new_boolean(value));
}

static inline void hvsim_json_add_string(struct json_object *object, const char *key,
					 const char *value)
{
	hvsim_json_add(object, key, value ? json_object_new_string(value) : NULL);
}

static inline void hvsim_json_add_hex(struct json_object *object, const char *key,
				      const void *bytes, size_t len)
{
	char *text = hvsim_hex_encode(bytes, len);

	hvsim_json_add_string(object, key, text);
	free(text);
}

/**
 * hvsim_version_json() - A version as clients see it.
 * @version: an HVIC_VERSION()
 *
 * Return: a string such as "3.2"; NULL without memory.
 */
static inline struct json_object *hvsim_version_json(uint32_t version)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u", HVIC_VERSION_MAJOR(version),
		 HVIC_VERSION_MINOR(version));
	return json_object_new_string(text);
}

#endif
