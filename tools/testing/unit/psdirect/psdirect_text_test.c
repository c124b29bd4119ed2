// SPDX-License-Identifier: GPL-2.0-or-later
/* Text of the host, by a table: what is a text, and why the rest is none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "psdirect/text.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	const char *text;	/* or NULL */
	int error;
} fields[] = {
	{ "a name", "b\0o\0b\0", 6, "bob" },
	{ "one letter", "b\0", 2, "b" },
	{ "two bytes a character", "\xfc\0", 2, "\xc3\xbc" },
	{ "three bytes a character", "\xac\x20", 2, "\xe2\x82\xac" },
	{ "the last below the surrogates", "\xff\xd7", 2, "\xed\x9f\xbf" },
	{ "the first above them", "\x00\xe0", 2, "\xee\x80\x80" },
	{ "the last of the plane", "\xff\xff", 2, "\xef\xbf\xbf" },
	{ "a pair", "\x3d\xd8\x00\xde", 4, "\xf0\x9f\x98\x80" },
	{ "the first pair", "\x00\xd8\x00\xdc", 4, "\xf0\x90\x80\x80" },
	{ "the last pair", "\xff\xdb\xff\xdf", 4, "\xf4\x8f\xbf\xbf" },
	{ "a blank", " \0", 2, " " },
	{ "the first after C1", "\xa0\0", 2, "\xc2\xa0" },
	{ "the longest", "a\0a\0a\0a\0", 8, "aaaa" },
	{ "nothing", "", 0, NULL, -ENODATA },
	{ "too long", "a\0a\0a\0a\0a\0", 10, NULL, -EMSGSIZE },
	{ "too long and odd", "a\0a\0a\0a\0a\0", 9, NULL, -EMSGSIZE },
	{ "odd", "a\0b", 3, NULL, -EINVAL },
	{ "one byte", "a", 1, NULL, -EINVAL },
	{ "a high half at the end", "a\0\x00\xd8", 4, NULL, -EILSEQ },
	{ "a high half before a letter", "\x00\xd8" "a\0", 4, NULL, -EILSEQ },
	{ "a high half before a high half", "\x00\xd8\x00\xd8", 4, NULL, -EILSEQ },
	{ "a low half", "\x00\xdc", 2, NULL, -EILSEQ },
	{ "a low half before a high one", "\x00\xdc\x00\xd8", 4, NULL, -EILSEQ },
	{ "a NUL", "\0\0", 2, NULL, -EBADMSG },
	{ "a NUL at the end", "a\0\0\0", 4, NULL, -EBADMSG },
	{ "a line feed", "a\0\n\0", 4, NULL, -EBADMSG },
	{ "a tab", "\t\0", 2, NULL, -EBADMSG },
	{ "the last of C0", "\x1f\0", 2, NULL, -EBADMSG },
	{ "DEL", "\x7f\0", 2, NULL, -EBADMSG },
	{ "the first of C1", "\x80\0", 2, NULL, -EBADMSG },
	{ "the last of C1", "\x9f\0", 2, NULL, -EBADMSG },
};

static void test_fields(void)
{
	char text[13];
	size_t i;
	void *copy;
	int len;

	for (i = 0; i < NR(fields); i++) {
		copy = malloc(fields[i].len ?: 1);
		memcpy(copy, fields[i].bytes, fields[i].len);
		memset(text, 'x', sizeof(text));
		len = psdirect_text_take(text, sizeof(text), copy, fields[i].len, 8);
		tap_is_int(len, fields[i].text ? (int)strlen(fields[i].text) : fields[i].error,
			   "%s: what is returned", fields[i].name);
		tap_is_str(text, fields[i].text ?: "", "%s: the text", fields[i].name);
		free(copy);
	}
	for (i = 0; i < NR(fields); i++)
		if (fields[i].error && fields[i].error != -EPROTO)
			tap_ok(strcmp(psdirect_text_why(fields[i].error), "is malformed"),
			       "%s: %s", fields[i].name, psdirect_text_why(fields[i].error));
}

static void test_room(void)
{
	char text[4] = "xxx";

	tap_is_int(psdirect_text_take(text, 3, "\xac\x20", 2, 8), -ENOSPC, "no room for the NUL");
	tap_is_str(text, "", "nothing is there then");
	tap_is_int(psdirect_text_take(text, 4, "\xac\x20", 2, 8), 3, "room for all");
}

static void test_ascii(void)
{
	char text[8];

	psdirect_text_ascii(text, sizeof(text), "a\xc3\xbc\xf0\x9f\x98\x80 b\n");
	tap_is_str(text, "a?? b?", "what is not ASCII is a mark, one a character");
	psdirect_text_ascii(text, sizeof(text), "0123456789");
	tap_is_str(text, "0123456", "what does not fit is cut");
	psdirect_text_ascii(text, 1, "0");
	tap_is_str(text, "", "room for the NUL only");
}

int main(void)
{
	test_fields();
	test_room();
	test_ascii();
	return tap_done();
}
