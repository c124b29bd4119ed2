/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CLIXML, in which PowerShell sends objects, as far as showing them needs it.
 */
#ifndef HVSIM_CLIXML_H
#define HVSIM_CLIXML_H

#include <stddef.h>
#include <stdio.h>

/**
 * struct hvsim_clixml - an element, with all in it
 * @type: its name: Obj, S, I32 ...
 * @name: the property that it is, its attribute N; NULL for none
 * @text: characters directly in it, UTF-8, as they were sent
 * @text_len: bytes at @text
 * @child: the first element in it
 * @last: the last one
 * @next: the one after it in its parent
 * @parent: the element around it
 */
struct hvsim_clixml {
	char *type;
	char *name;
	char *text;
	size_t text_len;
	struct hvsim_clixml *child;
	struct hvsim_clixml *last;
	struct hvsim_clixml *next;
	struct hvsim_clixml *parent;
};

int hvsim_clixml_parse(struct hvsim_clixml **ret, const char *bytes, size_t len);
void hvsim_clixml_free(struct hvsim_clixml *element);

const struct hvsim_clixml *hvsim_clixml_property(const struct hvsim_clixml *object,
						 const char *name);
char *hvsim_clixml_show(const struct hvsim_clixml *element);
void hvsim_clixml_escape(FILE *to, const char *text);

#endif
