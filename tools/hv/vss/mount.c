// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is mounted where.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "vss/mount.h"

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Blanks, newlines, backslashes and '#' are octal there. */
static void escapes_undo(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && is_octal(text[2]) &&
		    is_octal(text[3]) && strncmp(text, "\\000", 4)) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* The next field; there may be empty ones, such as a source.  NULL behind the last. */
static char *field_next(char **at)
{
	char *field = *at, *end;

	if (!field)
		return NULL;
	end = strchr(field, ' ');
	if (end)
		*end++ = '\0';
	*at = end;
	return field;
}

static bool options_have(const char *options, const char *wanted)
{
	size_t len = strlen(wanted);

	for (; options; options = strchr(options, ',')) {
		options += *options == ',';
		if (!strncmp(options, wanted, len) && (!options[len] || options[len] == ','))
			return true;
	}
	return false;
}

/* "ID PARENT MAJOR:MINOR" */
static int numbers_parse(struct vss_mount *mount, char **at)
{
	const char *id = field_next(at), *parent = field_next(at), *device = field_next(at);
	char more;

	if (!id || !parent || !device || sscanf(id, "%9u%c", &mount->id, &more) != 1 ||
	    sscanf(device, "%9u:%9u%c", &mount->major, &mount->minor, &more) != 2)
		return -EBADMSG;
	return 0;
}

/**
 * vss_mount_parse() - Read a line of /proc/PID/mountinfo (proc(5)).
 * @mount: what it says; its texts are in @line
 * @line: without its newline; is changed
 *
 * Return: 0; -EBADMSG when it is no such line.
 */
int vss_mount_parse(struct vss_mount *mount, char *line)
{
	const char *options, *word;

	*mount = (struct vss_mount){ 0 };
	if (numbers_parse(mount, &line))
		return -EBADMSG;
	mount->root = field_next(&line);
	mount->point = field_next(&line);
	options = field_next(&line);
	/* there are any number of words on how mounts propagate, up to a dash */
	do
		word = field_next(&line);
	while (word && strcmp(word, "-"));
	mount->type = field_next(&line);
	mount->source = field_next(&line);
	/* of the file system itself: a mount may be read-only though that is not */
	options = options ? field_next(&line) : NULL;
	if (!options || mount->point[0] != '/' || !mount->type[0])
		return -EBADMSG;
	escapes_undo(mount->root);
	escapes_undo(mount->point);
	escapes_undo(mount->type);
	escapes_undo(mount->source);
	mount->read_only = options_have(options, "ro");
	return 0;
}

/* Kernels before 5.8 do not tell which mount it is; a device is the next best thing. */
static bool mount_is(int fd, const struct vss_mount *mount)
{
	struct statx status;

	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_MNT_ID, &status) < 0)
		return false;
	if (status.stx_mask & STATX_MNT_ID)
		return status.stx_mnt_id == mount->id;
	return !mount->major || (status.stx_dev_major == mount->major &&
				 status.stx_dev_minor == mount->minor);
}

/**
 * vss_mount_open() - Open what a mount is of.
 * @mount: the mount
 *
 * Return: a descriptor of its top; -EXDEV when another mount is over it; a negative
 * errno of open().
 */
int vss_mount_open(const struct vss_mount *mount)
{
	/* a file may be mounted over a file, and a pipe must not be waited for */
	int fd = open(mount->point, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (mount_is(fd, mount))
		return fd;
	close(fd);
	return -EXDEV;
}
