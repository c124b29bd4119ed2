/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON objects, one a line, as they cross a control socket.
 */
#ifndef HVSIM_LINE_H
#define HVSIM_LINE_H

#include <stddef.h>

#include <json-c/json.h>

struct hvsim_stream;

/* Longest line: a raw packet of the largest size, in hexadecimal, and more. */
#define HVSIM_LINE_MAX	(2u << 20)

struct json_object *hvsim_line_parse(const char *line, size_t len);
int hvsim_line_send(struct hvsim_stream *stream, struct json_object *object);

#endif
