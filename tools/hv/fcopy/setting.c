// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an administrator has set about copies.
 */
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <hv/hvic_limits.h>
#include <hv/hvic_service.h>

#include "fcopy/setting.h"
#include "hvd_text.h"

/*
 * Where people, and not packages, put files.  Nothing below is run, loaded or obeyed by the
 * system just because it is there; but for that, a mistake on the host costs a guest more
 * than a file.  See fcopy.rst.
 */
#define TREES	"/home /media /mnt /opt /root /srv /tmp /var/tmp"

static int trees_take(const char *value, void *to)
{
	struct fcopy_trees *trees = to, taken = { 0 };
	char word[256];
	const char *why;
	size_t len;

	for (value += strspn(value, " \t"); *value; value += strspn(value, " \t")) {
		len = strcspn(value, " \t");
		if (len >= sizeof(word) || taken.count == FCOPY_TREES_MAX)
			return -EINVAL;
		memcpy(word, value, len);
		word[len] = '\0';
		/* what is one and the same on Windows is none here: this is no host */
		if (strchr(word, '\\') ||
		    fcopy_path_tidy(taken.at[taken.count], sizeof(taken.at[0]), word, &why) < 0)
			return -EINVAL;
		taken.count++;
		value += len;
	}
	*trees = taken;
	return 0;
}

/* A number of at most @max; -EINVAL for anything else. */
static int number_take(const char *value, int base, unsigned long long max,
		       unsigned long long *number, char **end)
{
	if (!isdigit((unsigned char)value[0]))
		return -EINVAL;
	errno = 0;
	*number = strtoull(value, end, base);
	return errno || *number > max ? -EINVAL : 0;
}

static int id_take(const char *value, uint32_t *to)
{
	unsigned long long id;
	char *end;

	/* the last means "as it is" to chown() */
	if (number_take(value, 10, UINT32_MAX - 1, &id, &end) < 0 || *end)
		return -EINVAL;
	*to = (uint32_t)id;
	return 0;
}

static int owner_take(const char *value, void *to)
{
	const struct passwd *user;
	uint32_t id;

	if (!id_take(value, &id)) {
		*(uid_t *)to = id;
		return 0;
	}
	user = getpwnam(value);
	if (!user)
		return -EINVAL;
	*(uid_t *)to = user->pw_uid;
	return 0;
}

static int group_take(const char *value, void *to)
{
	const struct group *group;
	uint32_t id;

	if (!id_take(value, &id)) {
		*(gid_t *)to = id;
		return 0;
	}
	group = getgrnam(value);
	if (!group)
		return -EINVAL;
	*(gid_t *)to = group->gr_gid;
	return 0;
}

/* No set-user-id and the like: who sends a file is not to say who runs it. */
static int mode_take(const char *value, void *to)
{
	unsigned long long mode;
	char *end;

	if (number_take(value, 8, 0777, &mode, &end) < 0 || *end)
		return -EINVAL;
	*(mode_t *)to = (mode_t)mode;
	return 0;
}

static int seconds_take(const char *value, void *to)
{
	unsigned long long seconds;
	char *end;

	if (number_take(value, 10, 86400, &seconds, &end) < 0 || *end || seconds < 5)
		return -EINVAL;
	*(unsigned int *)to = (unsigned int)seconds;
	return 0;
}

static int size_take(const char *value, void *to)
{
	static const char units[] = "KMGT";
	unsigned long long size;
	unsigned int shift = 0;
	const char *unit;
	char *end;

	if (number_take(value, 10, INT64_MAX, &size, &end) < 0)
		return -EINVAL;
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return -EINVAL;
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (size > (unsigned long long)INT64_MAX >> shift)
		return -EINVAL;
	*(uint64_t *)to = size << shift;
	return 0;
}

static int missing_take(const char *value, void *to)
{
	if (strcmp(value, "file") && strcmp(value, "directory"))
		return -EINVAL;
	*(bool *)to = value[0] == 'd';
	return 0;
}

#define SETTINGS	13

static void table_make(struct hvd_setting *table, struct fcopy_setting *setting)
{
	const struct hvd_setting settings[SETTINGS] = {
		{ "fcopy", "allow", trees_take, &setting->trees,
		  "absolute paths without '..' and '\\', at most 32, with blanks between" },
		{ "fcopy", "owner", owner_take, &setting->owner, "a user of this system" },
		{ "fcopy", "group", group_take, &setting->group, "a group of this system" },
		{ "fcopy", "mode", mode_take, &setting->mode, "an octal number up to 0777" },
		{ "fcopy", "directory_mode", mode_take, &setting->directory_mode,
		  "an octal number up to 0777" },
		{ "fcopy", "silence_seconds", seconds_take, &setting->silence,
		  "a number from 5 to 86400" },
		{ "fcopy", "max_size", size_take, &setting->max_size,
		  "a number of bytes, or one with K, M, G or T behind it" },
		{ "fcopy", "keep_free", size_take, &setting->keep_free,
		  "a number of bytes, or one with K, M, G or T behind it" },
		{ "fcopy", "missing", missing_take, &setting->missing_is_directory,
		  "file or directory" },
		{ "fcopy", "device", hvd_config_take_path, &setting->device, "an absolute path" },
		{ "fcopy", "state", hvd_config_take_path, &setting->state, "an absolute path" },
		{ "fcopy", "status", hvd_config_take_path, &setting->status, "an absolute path" },
	};

	memcpy(table, settings, sizeof(settings));
}

/**
 * fcopy_setting_start() - What it is when nothing is set.
 * @setting: that; for fcopy_setting_end(), also when the return is not 0
 *
 * Return: 0; -ENOMEM.
 */
int fcopy_setting_start(struct fcopy_setting *setting)
{
	*setting = (struct fcopy_setting) {
		.mode = 0644,
		.directory_mode = 0755,
		.silence = HVIC_LIMIT_FCOPY_SILENCE_SECS,
	};
	if (trees_take(TREES, &setting->trees) < 0 ||
	    hvd_config_take_text("/dev/" HVIC_DEVICE_FCOPY, &setting->device) < 0 ||
	    hvd_config_take_text("/var/lib/hyperv/fcopy", &setting->state) < 0 ||
	    hvd_config_take_text(FCOPY_STATUS_PATH, &setting->status) < 0)
		return -ENOMEM;
	return 0;
}

/**
 * fcopy_setting_read() - Take what the files say.
 * @setting: is changed where they say something
 * @config: see hvd_config_read()
 * @needed: see there
 *
 * Return: see there.
 */
int fcopy_setting_read(struct fcopy_setting *setting, const char *config, bool needed)
{
	struct hvd_setting table[SETTINGS];

	table_make(table, setting);
	return hvd_config_read(config, needed, table);
}

/**
 * fcopy_setting_parse() - Take what a text says.
 * @setting: see fcopy_setting_read()
 * @name: see hvd_config_parse()
 * @text: see there
 *
 * Return: see there.
 */
int fcopy_setting_parse(struct fcopy_setting *setting, const char *name, const char *text)
{
	struct hvd_setting table[SETTINGS];

	table_make(table, setting);
	return hvd_config_parse(name, text, table);
}

/**
 * fcopy_setting_end() - Free what it refers to.
 * @setting: not to be used any more
 */
void fcopy_setting_end(struct fcopy_setting *setting)
{
	free(setting->device);
	free(setting->state);
	free(setting->status);
}

/**
 * fcopy_trees_find() - Find the directory that allows a path.
 * @trees: where a host may copy to
 * @text: a tidy path
 * @below: what of @text is below that directory; "" for itself
 *
 * Return: the innermost that allows it; %NULL for none.
 */
const char *fcopy_trees_find(const struct fcopy_trees *trees, const char *text,
			     const char **below)
{
	const char *found = NULL, *rest;
	unsigned int i;

	for (i = 0; i < trees->count; i++) {
		rest = fcopy_path_below(trees->at[i], text);
		if (!rest || (found && strlen(trees->at[i]) < strlen(found)))
			continue;
		found = trees->at[i];
		*below = rest;
	}
	return found;
}
