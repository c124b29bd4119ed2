/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments of a control command, described by a table and read into a struct.
 */
#ifndef HVSIM_ARGUMENTS_H
#define HVSIM_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvsim_request.h"

/**
 * enum hvsim_argument_type - what an argument is, and what it is read into
 * @HVSIM_ARGUMENT_BOOL: bool
 * @HVSIM_ARGUMENT_INTEGER: int64_t, from @min to @max
 * @HVSIM_ARGUMENT_STRING: const char *, borrowed from the arguments
 * @HVSIM_ARGUMENT_ARRAY: struct json_object *, borrowed
 * @HVSIM_ARGUMENT_OBJECT: struct json_object *, borrowed
 */
enum hvsim_argument_type {
	HVSIM_ARGUMENT_BOOL,
	HVSIM_ARGUMENT_INTEGER,
	HVSIM_ARGUMENT_STRING,
	HVSIM_ARGUMENT_ARRAY,
	HVSIM_ARGUMENT_OBJECT,
};

/**
 * struct hvsim_argument - one argument of a command
 * @name: its key
 * @type: what it must be
 * @required: whether the command can do without it
 * @offset: where in the caller's struct it goes; that keeps its value, which
 *	so is the default, when the argument is not given
 * @min: of an integer, the least allowed
 * @max: of an integer, the most allowed
 *
 * A table of these ends with a @name of NULL.
 */
struct hvsim_argument {
	const char *name;
	enum hvsim_argument_type type;
	bool required;
	size_t offset;
	int64_t min;
	int64_t max;
};

int hvsim_arguments_read(struct hvsim_request *request, struct json_object *arguments,
			 const struct hvsim_argument *table, void *into);

#endif
