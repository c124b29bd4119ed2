// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arguments of a control command, described by a table and read into a struct.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hvsim_arguments.h"

static const struct {
	enum json_type type;
	const char *text;
} types[] = {
	[HVSIM_ARGUMENT_BOOL] = { json_type_boolean, "true or false" },
	[HVSIM_ARGUMENT_INTEGER] = { json_type_int, "a whole number" },
	[HVSIM_ARGUMENT_STRING] = { json_type_string, "a string" },
	[HVSIM_ARGUMENT_ARRAY] = { json_type_array, "an array" },
	[HVSIM_ARGUMENT_OBJECT] = { json_type_object, "an object" },
};

static void argument_store(const struct hvsim_argument *argument, struct json_object *value,
			   void *into)
{
	char *to = (char *)into + argument->offset;

	switch (argument->type) {
	case HVSIM_ARGUMENT_BOOL:
		*(bool *)to = json_object_get_boolean(value);
		break;
	case HVSIM_ARGUMENT_INTEGER:
		*(int64_t *)to = json_object_get_int64(value);
		break;
	case HVSIM_ARGUMENT_STRING:
		*(const char **)to = json_object_get_string(value);
		break;
	case HVSIM_ARGUMENT_ARRAY:
	case HVSIM_ARGUMENT_OBJECT:
		*(struct json_object **)to = value;
		break;
	}
}

static bool argument_in_range(const struct hvsim_argument *argument, struct json_object *value)
{
	int64_t number;

	if (argument->type != HVSIM_ARGUMENT_INTEGER)
		return true;
	number = json_object_get_int64(value);
	return number >= argument->min && number <= argument->max;
}

static const struct hvsim_argument *argument_find(const struct hvsim_argument *table,
						  const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

/* Fails the request, and so gives an error, when a member is not as described. */
static int argument_check(struct hvsim_request *request, const struct hvsim_argument *table,
			  const char *name, struct json_object *value)
{
	const struct hvsim_argument *argument = argument_find(table, name);

	if (!argument) {
		hvsim_request_fail(request, "bad-argument",
				   "this command has no argument \"%s\"", name);
		return -EINVAL;
	}
	if (!json_object_is_type(value, types[argument->type].type)) {
		hvsim_request_fail(request, "bad-argument", "argument \"%s\" must be %s", name,
				   types[argument->type].text);
		return -EINVAL;
	}
	if (!argument_in_range(argument, value)) {
		hvsim_request_fail(request, "bad-argument", "argument \"%s\" must be from %" PRId64
				   " to %" PRId64, name, argument->min, argument->max);
		return -ERANGE;
	}
	return 0;
}

/**
 * hvsim_arguments_read() - Read a command's arguments by a table.
 * @request: is failed with class "bad-argument" when they are not right
 * @arguments: as the command's handler got them
 * @table: what they must be
 * @into: the struct that @table speaks of, holding the defaults; may be NULL
 *	when @table is empty
 *
 * Return: 0; -EINVAL for an argument that is missing, unknown or of another
 * type, -ERANGE for a number out of range, and then @request is answered and
 * the caller has nothing left to do.
 */
int hvsim_arguments_read(struct hvsim_request *request, struct json_object *arguments,
			 const struct hvsim_argument *table, void *into)
{
	const struct hvsim_argument *argument;
	struct json_object *member;
	int err;

	json_object_object_foreach(arguments, name, value) {
		err = argument_check(request, table, name, value);
		if (err < 0)
			return err;
	}
	for (argument = table; argument->name; argument++) {
		if (json_object_object_get_ex(arguments, argument->name, &member)) {
			argument_store(argument, member, into);
		} else if (argument->required) {
			hvsim_request_fail(request, "bad-argument",
					   "argument \"%s\" is missing", argument->name);
			return -EINVAL;
		}
	}
	return 0;
}
