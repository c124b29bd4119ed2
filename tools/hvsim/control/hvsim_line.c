// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON objects, one a line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "hvsim_line.h"
#include "hvsim_stream.h"

/* No request of ours is deeper than this; a parser must stop somewhere. */
#define DEPTH_MAX	16

/**
 * hvsim_line_parse() - Read the one object that a line holds.
 * @line: without its end
 * @len: bytes at @line, at most HVSIM_LINE_MAX
 *
 * Return: the object, the caller's; NULL when the line holds anything else.
 */
struct json_object *hvsim_line_parse(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *root;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	root = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(tokener) != len ||
	    !json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		root = NULL;
	}
	json_tokener_free(tokener);
	return root;
}

/**
 * hvsim_line_send() - Send an object as a line.
 * @stream: to whom
 * @object: stays the caller's
 *
 * Return: 0; -ENOMEM; as hvsim_stream_send().
 */
int hvsim_line_send(struct hvsim_stream *stream, struct json_object *object)
{
	const char *text;
	char *line;
	int len, err;

	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	len = asprintf(&line, "%s\n", text);
	if (len < 0)
		return -ENOMEM;
	err = hvsim_stream_send(stream, line, (size_t)len);
	free(line);
	return err;
}
