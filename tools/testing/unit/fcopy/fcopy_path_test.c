// SPDX-License-Identifier: GPL-2.0-or-later
/* Where hosts want files to be, by tables: what it means, and what is refused. */
#include <errno.h>
#include <string.h>

#include "tap.h"
#include "fcopy/path.h"
#include "fcopy/setting.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *destination, *name;
	int err;
	const char *text;	/* or a part of why */
	bool is_directory;
} paths[] = {
	{ "/tmp/", "a", 0, "/tmp", true },
	{ "/tmp", "a", 0, "/tmp", false },
	{ "\\tmp\\", "a", 0, "/tmp", true },
	{ "\\tmp\\sub/b.txt", "a", 0, "/tmp/sub/b.txt", false },
	{ "/tmp//sub///x", "a", 0, "/tmp/sub/x", false },
	{ "//tmp/x", "a", 0, "/tmp/x", false },
	{ "/tmp\\/x\\", "a", 0, "/tmp/x", true },
	{ "/./tmp/./x/.", "a", 0, "/tmp/x", true },
	{ "/tmp/.x", "a", 0, "/tmp/.x", false },
	{ "/tmp/x.", "a", 0, "/tmp/x.", false },
	{ "/tmp/...", "a", 0, "/tmp/...", false },
	{ "/", "a", 0, "", true },
	{ "/.", "a", 0, "", true },
	{ "/tmp/ with blanks ", " b ", 0, "/tmp/ with blanks ", false },
	{ "/tmp/\xc3\xbc", "\xe6\x96\x87\xe4\xbb\xb6", 0, "/tmp/\xc3\xbc", false },
	{ "/tmp/\xf0\x9f\x98\x80/", "\xf0\x9f\x98\x80", 0, "/tmp/\xf0\x9f\x98\x80", true },
	{ "/tmp/a:b", "c:d", 0, "/tmp/a:b", false },
	{ "", "a", -EINVAL, "the destination is empty" },
	{ "tmp", "a", -EINVAL, "the destination does not begin with a slash" },
	{ "./tmp", "a", -EINVAL, "does not begin with a slash" },
	{ "..", "a", -EINVAL, "does not begin with a slash" },
	{ "/..", "a", -EINVAL, "has '..' in it" },
	{ "/tmp/../etc", "a", -EINVAL, "has '..' in it" },
	{ "/tmp\\..\\etc", "a", -EINVAL, "has '..' in it" },
	{ "/tmp/..", "a", -EINVAL, "has '..' in it" },
	{ "/tmp/..\\", "a", -EINVAL, "has '..' in it" },
	{ "C:\\Temp\\a", "a", -EINVAL, "begins with a drive" },
	{ "c:/tmp", "a", -EINVAL, "begins with a drive" },
	{ "z:", "a", -EINVAL, "begins with a drive" },
	{ "\\\\server\\share\\a", "a", -EINVAL, "is a share" },
	{ "\\\\?\\C:\\a", "a", -EINVAL, "is a share" },
	{ "\\\\.\\pipe\\a", "a", -EINVAL, "is a share" },
	{ "%TEMP%\\a", "a", -EINVAL, "begins with a variable" },
	{ "$HOME/a", "a", -EINVAL, "begins with a variable" },
	{ "~/a", "a", -EINVAL, "begins with a variable" },
	{ "/tmp/a\nb", "a", -EINVAL, "has a control character" },
	{ "/tmp/a\x1b[2J", "a", -EINVAL, "has a control character" },
	{ "/tmp/a\x7f", "a", -EINVAL, "has a control character" },
	{ "/tmp/a\xc2\x9b", "a", -EINVAL, "has a control character" },
	{ "/tmp/\xc2\xa0", "a", 0, "/tmp/\xc2\xa0", false },
	{ "/tmp/\xff", "a", -EILSEQ, "the destination is no UTF-8" },
	{ "/tmp/\xed\xa0\x80", "a", -EILSEQ, "is no UTF-8" },
	{ "/tmp/\xc0\xaf..", "a", -EILSEQ, "is no UTF-8" },
	{ "/tmp/", "", -EINVAL, "the name is not the name of a file" },
	{ "/tmp/", ".", -EINVAL, "the name is not the name of a file" },
	{ "/tmp/", "..", -EINVAL, "the name is not the name of a file" },
	{ "/tmp/", "a/b", -EINVAL, "the name is not the name of a file" },
	{ "/tmp/", "..\\b", -EINVAL, "the name is not the name of a file" },
	{ "/tmp/", "/etc/passwd", -EINVAL, "the name is not the name of a file" },
	{ "/tmp/", "a\tb", -EINVAL, "the name has a control character" },
	{ "/tmp/", "\xe6\x96", -EILSEQ, "the name is no UTF-8" },
};

static void test_paths(void)
{
	struct fcopy_path path;
	size_t i;

	for (i = 0; i < NR(paths); i++) {
		tap_is_int(fcopy_path_parse(&path, paths[i].destination, paths[i].name),
			   paths[i].err, "'%s' and '%s'", paths[i].destination, paths[i].name);
		if (paths[i].err) {
			tap_ok(strstr(path.why, paths[i].text), "says why: %s", path.why);
			continue;
		}
		tap_is_str(path.text, paths[i].text, "what is meant");
		tap_is_int(path.is_directory, paths[i].is_directory, "whether a directory is");
		tap_is_str(path.name, paths[i].name, "the name is as it was");
		tap_is_str(path.why, "", "nothing is wrong");
	}
}

static void test_lengths(void)
{
	char text[FCOPY_PATH_LEN + 16], name[FCOPY_NAME_LEN + 2];
	struct fcopy_path path;
	size_t i;

	memset(name, 'n', sizeof(name));
	name[FCOPY_NAME_LEN - 1] = '\0';
	text[0] = '/';
	memcpy(text + 1, name, FCOPY_NAME_LEN);
	tap_is_int(fcopy_path_parse(&path, text, name), 0, "names of 255 bytes");
	tap_is_str(path.name, name, "are taken as they are");
	text[FCOPY_NAME_LEN] = 'n';
	text[FCOPY_NAME_LEN + 1] = '\0';
	tap_is_int(fcopy_path_parse(&path, text, "a"), -ENAMETOOLONG, "256 in the destination");
	name[FCOPY_NAME_LEN - 1] = 'n';
	name[FCOPY_NAME_LEN] = '\0';
	tap_is_int(fcopy_path_parse(&path, "/tmp/", name), -ENAMETOOLONG, "256 as the name");
	tap_is_str(path.why, "the name is too long", "which is said");
	for (i = 0; i + 1 < sizeof(text); i++)
		text[i] = i % 2 ? 'a' : '/';
	text[sizeof(text) - 1] = '\0';
	tap_is_int(fcopy_path_parse(&path, text, "a"), -ENAMETOOLONG, "a path that is too long");
	text[FCOPY_PATH_LEN - 2] = '\0';
	tap_is_int(fcopy_path_parse(&path, text, "a"), 0, "and one that is not");
}

static const struct {
	const char *tree, *text, *below;
} belows[] = {
	{ "/tmp", "/tmp", "" },
	{ "/tmp", "/tmp/a", "a" },
	{ "/tmp", "/tmp/a/b", "a/b" },
	{ "/tmp", "/tmpfile", NULL },
	{ "/tmp", "/tm", NULL },
	{ "/tmp", "", NULL },
	{ "/tmp/a", "/tmp", NULL },
	{ "", "", "" },
	{ "", "/etc", "etc" },
};

static void test_below(void)
{
	size_t i;

	for (i = 0; i < NR(belows); i++)
		tap_is_str(fcopy_path_below(belows[i].tree, belows[i].text), belows[i].below,
			   "'%s' below '%s'", belows[i].text, belows[i].tree);
	tap_is_str(fcopy_path_last("/a/b"), "b", "the last name of a path");
	tap_is_str(fcopy_path_last("b"), "b", "of a name");
	tap_is_str(fcopy_path_last(""), "", "of none");
}

static void test_trees(void)
{
	static const struct fcopy_trees trees = { 3, { "/home", "/home/a/in", "/tmp" } };
	static const struct fcopy_trees none = { 0 }, all = { 1, { "" } };
	const char *below = NULL;

	tap_is_str(fcopy_trees_find(&trees, "/home/b/x", &below), "/home", "an allowed directory");
	tap_is_str(below, "b/x", "and what is below it");
	tap_is_str(fcopy_trees_find(&trees, "/home/a/in/x", &below), "/home/a/in", "the innermost");
	tap_is_str(below, "x", "and what is below that");
	tap_is_str(fcopy_trees_find(&trees, "/etc/x", &below), NULL, "elsewhere is not allowed");
	tap_is_str(fcopy_trees_find(&trees, "", &below), NULL, "nor is the root");
	tap_is_str(fcopy_trees_find(&none, "/tmp/x", &below), NULL, "without any, nothing is");
	tap_is_str(fcopy_trees_find(&all, "/etc/x", &below), "", "with /, everything is");
	tap_is_str(below, "etc/x", "below that");
}

int main(void)
{
	test_paths();
	test_lengths();
	test_below();
	test_trees();
	return tap_done();
}
