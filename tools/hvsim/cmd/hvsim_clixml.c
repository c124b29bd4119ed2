// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CLIXML ([MS-PSRP] 2.2.5), read with expat.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "hvsim_clixml.h"

/* Elements in one another; PowerShell's serializer stops far earlier. */
#define DEPTH_MAX	200

/**
 * struct reader - a text that is being read
 * @expat: reads it
 * @root: its outermost element, or NULL yet
 * @at: the element that is open
 * @depth: how many are
 * @err: 0 or a negative errno
 */
struct reader {
	XML_Parser expat;
	struct hvsim_clixml *root;
	struct hvsim_clixml *at;
	unsigned int depth;
	int err;
};

static void reader_fail(struct reader *reader, int err)
{
	reader->err = err;
	XML_StopParser(reader->expat, XML_FALSE);
}

/* Puts an element at the end of those of the open one. */
static void element_append(struct reader *reader, struct hvsim_clixml *element)
{
	struct hvsim_clixml *parent = reader->at;

	if (!parent)
		reader->root = element;
	else if (!parent->child)
		parent->child = element;
	else
		parent->last->next = element;
	if (parent)
		parent->last = element;
	element->parent = parent;
	reader->at = element;
}

static void XMLCALL element_begin(void *userdata, const XML_Char *type, const XML_Char **attributes)
{
	struct hvsim_clixml *element = calloc(1, sizeof(*element));
	struct reader *reader = userdata;
	size_t i;

	if (!element) {
		reader_fail(reader, -ENOMEM);
		return;
	}
	element_append(reader, element);
	element->type = strdup(type);
	element->text = strdup("");
	for (i = 0; attributes[i]; i += 2)
		if (!strcmp(attributes[i], "N") && !element->name)
			element->name = strdup(attributes[i + 1]);
	if (!element->type || !element->text)
		reader_fail(reader, -ENOMEM);
	else if (++reader->depth > DEPTH_MAX)
		reader_fail(reader, -EPROTO);
}

static void XMLCALL element_end(void *userdata, const XML_Char *type)
{
	struct reader *reader = userdata;

	(void)type;
	reader->at = reader->at->parent;
	reader->depth--;
}

static void XMLCALL element_text(void *userdata, const XML_Char *text, int len)
{
	struct reader *reader = userdata;
	struct hvsim_clixml *element = reader->at;
	char *longer = realloc(element->text, element->text_len + (size_t)len + 1);

	if (!longer) {
		reader_fail(reader, -ENOMEM);
		return;
	}
	memcpy(longer + element->text_len, text, (size_t)len);
	element->text_len += (size_t)len;
	longer[element->text_len] = '\0';
	element->text = longer;
}

/* CLIXML has no document type; what has one is up to no good. */
static void XMLCALL doctype_begin(void *userdata, const XML_Char *name, const XML_Char *system,
				  const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	reader_fail(userdata, -EPROTO);
}

/**
 * hvsim_clixml_parse() - Read an object.
 * @ret: it, for hvsim_clixml_free(); written only on success
 * @bytes: UTF-8, with a byte order mark or without
 * @len: bytes at @bytes
 *
 * Return: 0; -EPROTO when @bytes is not one XML element, is nested more than 200 deep or
 * has a document type; -EMSGSIZE when it is longer than INT_MAX; -ENOMEM.
 */
int hvsim_clixml_parse(struct hvsim_clixml **ret, const char *bytes, size_t len)
{
	struct reader reader = { .expat = XML_ParserCreate("UTF-8") };

	if (!reader.expat)
		return -ENOMEM;
	if (len > INT32_MAX)
		reader.err = -EMSGSIZE;
	XML_SetUserData(reader.expat, &reader);
	XML_SetElementHandler(reader.expat, element_begin, element_end);
	XML_SetCharacterDataHandler(reader.expat, element_text);
	XML_SetStartDoctypeDeclHandler(reader.expat, doctype_begin);
	if (!reader.err && !XML_Parse(reader.expat, bytes, (int)len, 1) && !reader.err)
		reader.err = -EPROTO;
	XML_ParserFree(reader.expat);
	if (reader.err < 0)
		hvsim_clixml_free(reader.root);
	else
		*ret = reader.root;
	return reader.err;
}

/**
 * hvsim_clixml_free() - Forget an element, with all in it and after it.
 * @element: may be NULL
 *
 * Recurses as deep as elements are nested, which hvsim_clixml_parse() bounds.
 */
void hvsim_clixml_free(struct hvsim_clixml *element)
{
	struct hvsim_clixml *next;

	for (; element; element = next) {
		next = element->next;
		hvsim_clixml_free(element->child);
		free(element->type);
		free(element->name);
		free(element->text);
		free(element);
	}
}

/**
 * hvsim_clixml_property() - Look for a property of an object.
 * @object: the object; NULL has none
 * @name: as its attribute N has it
 *
 * Return: the property, directly in @object or in its MS or Props; NULL for none.
 */
const struct hvsim_clixml *hvsim_clixml_property(const struct hvsim_clixml *object,
						 const char *name)
{
	const struct hvsim_clixml *at, *in;

	for (at = object ? object->child : NULL; at; at = at->next) {
		if (at->name && !strcmp(at->name, name))
			return at;
		if (strcmp(at->type, "MS") && strcmp(at->type, "Props"))
			continue;
		for (in = at->child; in; in = in->next)
			if (in->name && !strcmp(in->name, name))
				return in;
	}
	return NULL;
}

static const struct hvsim_clixml *child_find(const struct hvsim_clixml *object, const char *type)
{
	const struct hvsim_clixml *at;

	for (at = object->child; at && strcmp(at->type, type); at = at->next)
		;
	return at;
}

/* The number in "_x000A_", or -1 when there is none. */
static long unit_read(const char *text)
{
	char digits[5] = "";

	if (strncmp(text, "_x", 2) || strspn(text + 2, "0123456789abcdefABCDEF") < 4 ||
	    text[6] != '_')
		return -1;
	memcpy(digits, text + 2, 4);
	return strtol(digits, NULL, 16);
}

static bool is_high(long unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(long unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

static size_t character_write(char *to, long character)
{
	static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	size_t i;

	for (i = len; i-- > 1; character >>= 6)
		to[i] = (char)(0x80 | (character & 0x3f));
	to[0] = (char)(first[len] | character);
	return len;
}

/* Text with its _xHHHH_ resolved; half a character becomes U+FFFD. */
static char *text_decode(const char *text)
{
	char *ret = malloc(strlen(text) + 1), *to = ret;
	long unit, low;

	if (!ret)
		return NULL;
	while (*text) {
		unit = unit_read(text);
		if (unit < 0) {
			*to++ = *text++;
			continue;
		}
		text += 7;
		low = is_high(unit) ? unit_read(text) : -1;
		if (is_low(low)) {
			unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
			text += 7;
		} else if (is_high(unit) || is_low(unit)) {
			unit = 0xfffd;
		}
		to += character_write(to, unit);
	}
	*to = '\0';
	return ret;
}

static bool is_object(const struct hvsim_clixml *element)
{
	return !strcmp(element->type, "Obj");
}

/**
 * hvsim_clixml_show() - Put an object into words.
 * @element: the object, or one of its properties; NULL shows as ""
 *
 * Of what is one value, text or a number, that value; of other objects what their
 * ToString() gave, where it was sent, else the name of their type.
 *
 * Return: UTF-8, to be freed; NULL without memory.
 */
char *hvsim_clixml_show(const struct hvsim_clixml *element)
{
	const struct hvsim_clixml *in;

	if (!element || !strcmp(element->type, "Nil"))
		return strdup("");
	if (!is_object(element))
		return text_decode(element->text);
	in = child_find(element, "ToString");
	if (in)
		return text_decode(in->text);
	for (in = element->child; in; in = in->next)
		if (!in->child && !in->name && strcmp(in->type, "TNRef"))
			return text_decode(in->text);
	in = child_find(element, "TN");
	in = in ? child_find(in, "T") : NULL;
	return in ? text_decode(in->text) : strdup("");
}

/**
 * hvsim_clixml_escape() - Write text as the content of an element.
 * @to: where
 * @text: UTF-8
 */
void hvsim_clixml_escape(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", to);
		else if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '>')
			fputs("&gt;", to);
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			fprintf(to, "_x%04X_", (unsigned char)*text);
		else if (unit_read(text) >= 0)
			fputs("_x005F_", to);
		else
			fputc(*text, to);
	}
}
