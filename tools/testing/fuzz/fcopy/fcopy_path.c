// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where hosts want files to be: the input is a name and, behind a NUL, a destination.  What
 * comes of it has names only, and the same comes of it again.
 */
#include "fcopy/path.h"
#include "fcopy/setting.h"
#include "fuzz.h"

/* Slashes, and names between that lead nowhere else. */
static void text_check(const char *text)
{
	const char *at = text, *end;

	CHECK(strlen(text) < FCOPY_PATH_LEN);
	for (; *at; at = end) {
		CHECK(*at == '/');
		end = at + 1 + strcspn(at + 1, "/");
		CHECK(end > at + 1);
		CHECK(end - at - 1 < FCOPY_NAME_LEN);
		CHECK(!(end - at == 2 && at[1] == '.'));
		CHECK(!(end - at == 3 && at[1] == '.' && at[2] == '.'));
	}
	CHECK(!strchr(text, '\\'));
	for (at = text; *at; at++)
		CHECK((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void trees_check(const char *text)
{
	static const struct fcopy_trees trees = { 4, { "/a", "/a/b", "/a.", "/tmp" } };
	const char *below = NULL, *tree = fcopy_trees_find(&trees, text, &below);

	if (!tree)
		return;
	CHECK(!strncmp(text, tree, strlen(tree)));
	CHECK(below >= text + strlen(tree) && below[0] != '/');
	CHECK(below == text + strlen(tree) || below[-1] == '/');
}

/**
 * LLVMFuzzerTestOneInput() - Take a name and a destination.
 * @data: both
 * @len: bytes of them
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 2), *destination;
	struct fcopy_path path, again;
	const char *why;
	int err;

	CHECK(text);
	memset(text, 0, len + 2);
	if (len)
		memcpy(text, data, len);
	destination = text + strlen(text) + 1;
	/* exactly as long as it is, for the sanitizer */
	destination = strdup(strlen(text) < len ? destination : "/tmp/x");
	CHECK(destination);
	err = fcopy_path_parse(&path, destination, text);
	CHECK(err <= 0);
	CHECK(!err == !path.why[0]);
	if (!err) {
		text_check(path.text);
		trees_check(path.text);
		CHECK(path.name[0] && !strpbrk(path.name, "/\\"));
		CHECK(!fcopy_path_tidy(again.text, sizeof(again.text),
				       path.text[0] ? path.text : "/", &why));
		CHECK(!strcmp(path.text, again.text));
	}
	free(destination);
	free(text);
	return 0;
}
