// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a host wants a file to be.
 *
 * Windows' people write both slashes, and on Windows neither can be in a name.  What else
 * can only be a mistake here (a drive, a share, an environment variable) is refused rather
 * than guessed at.  Whether something is there, and what, is not for this file to know.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fcopy/path.h"
#include "hvd_text.h"

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

/*
 * Control characters: Windows has none in a name, and a terminal that shows one does what
 * it says.  Of UTF-8, the ones from U+0080 to U+009F as well.
 */
static bool has_control(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	for (; *at; at++)
		if (*at < ' ' || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0))
			return true;
	return false;
}

/* What both texts must be, before one looks what they say. */
static int text_check(const char *text, const char **why)
{
	if (hvd_text_units(text) < 0) {
		*why = "is no UTF-8";
		return -EILSEQ;
	}
	if (has_control(text)) {
		*why = "has a control character in it";
		return -EINVAL;
	}
	return 0;
}

/* What is no path of this system, whatever else it is. */
static int beginning_check(const char *text, const char **why)
{
	if (!text[0])
		*why = "is empty";
	else if (text[0] == '\\' && text[1] == '\\')
		*why = "is a share or a device of Windows";
	else if (text[1] == ':' && ((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z'))
		*why = "begins with a drive, of which Linux has none";
	else if (text[0] == '%' || text[0] == '$' || text[0] == '~')
		*why = "begins with a variable or ~, which are not known here";
	else if (!is_slash(text[0]))
		*why = "does not begin with a slash";
	else
		return 0;
	return -EINVAL;
}

/* Puts a name behind what is there. */
static int name_append(char *to, size_t room, const char *name, size_t len, const char **why)
{
	size_t used = strlen(to);

	if (len == 2 && !memcmp(name, "..", 2)) {
		*why = "has '..' in it";
		return -EINVAL;
	}
	if (len >= FCOPY_NAME_LEN || used + 1 + len >= room) {
		*why = "is too long";
		return -ENAMETOOLONG;
	}
	to[used] = '/';
	memcpy(to + used + 1, name, len);
	to[used + 1 + len] = '\0';
	return 0;
}

/**
 * fcopy_path_tidy() - Make a path one that has nothing but names in it.
 * @to: see struct fcopy_path, @text
 * @room: bytes at @to
 * @from: an absolute path of Unix, or of Windows without a drive
 * @why: what is wrong with it, in words; set where the return is not 0
 *
 * Return: 0; -EILSEQ for what is no UTF-8; -EINVAL for what is no absolute path, or has
 * ".." or control characters in it; -ENAMETOOLONG.
 */
int fcopy_path_tidy(char *to, size_t room, const char *from, const char **why)
{
	const char *end;
	size_t len;
	int err;

	err = text_check(from, why);
	if (!err)
		err = beginning_check(from, why);
	for (to[0] = '\0'; !err && *from; from = end) {
		for (end = from; *end && !is_slash(*end);)
			end++;
		len = (size_t)(end - from);
		if (len && (len != 1 || from[0] != '.'))
			err = name_append(to, room, from, len, why);
		end += *end != '\0';
	}
	return err;
}

/* Whether it ends as a directory does: with a slash, or a point behind one. */
static bool ends_as_directory(const char *text)
{
	size_t len = strlen(text);

	return is_slash(text[len - 1]) ||
	       (len > 1 && text[len - 1] == '.' && is_slash(text[len - 2]));
}

static int name_take(struct fcopy_path *path, const char *name, const char **why)
{
	int err = text_check(name, why);

	if (err)
		return err;
	*why = "is not the name of a file";
	if (!name[0] || !strcmp(name, ".") || !strcmp(name, "..") || strpbrk(name, "/\\"))
		return -EINVAL;
	*why = "is too long";
	return hvd_text_copy(path->name, sizeof(path->name), name) < 0 ? -ENAMETOOLONG : 0;
}

/**
 * fcopy_path_parse() - Take what a host says of a copy.
 * @path: what it means; of no use where the return is not 0
 * @destination: the host's word for where to: a directory, or what the file is to be called
 * @name: of the file on the host
 *
 * Return: 0; see fcopy_path_tidy(); -EINVAL for a name with a slash in it, or none.  Then
 * @path's why says it in words.
 */
int fcopy_path_parse(struct fcopy_path *path, const char *destination, const char *name)
{
	const char *subject = "name", *why = "";
	int err;

	path->why[0] = '\0';
	err = name_take(path, name, &why);
	if (!err) {
		subject = "destination";
		err = fcopy_path_tidy(path->text, sizeof(path->text), destination, &why);
	}
	if (!err)
		path->is_directory = ends_as_directory(destination) || !path->text[0];
	else
		snprintf(path->why, sizeof(path->why), "the %s %s", subject, why);
	return err;
}

/**
 * fcopy_path_below() - Whether a path is in a tree.
 * @tree: a tidy path, see fcopy_path_tidy()
 * @text: the same
 *
 * Return: what of @text is below @tree, without a slash before it, "" for the tree itself;
 * %NULL when it is elsewhere.
 */
const char *fcopy_path_below(const char *tree, const char *text)
{
	size_t len = strlen(tree);

	if (strncmp(text, tree, len) || (text[len] && text[len] != '/'))
		return NULL;
	return text + len + (text[len] == '/');
}

/**
 * fcopy_path_last() - The last name of a path.
 * @text: a tidy path, or a part of one
 *
 * Return: where that name begins.
 */
const char *fcopy_path_last(const char *text)
{
	const char *slash = strrchr(text, '/');

	return slash ? slash + 1 : text;
}
