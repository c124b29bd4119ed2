// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings of backups.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hv/hvic_service.h>

#include "hvd_config.h"
#include "hvd_pool.h"
#include "vss/hook.h"
#include "vss/record.h"
#include "vss/settings.h"

#define DEVICE	"/dev/" HVIC_DEVICE_VSS

static int seconds_take(const char *value, unsigned int most, void *to)
{
	char *end;
	unsigned long seconds = strtoul(value, &end, 10);

	/* a sign is taken by strtoul() */
	if (value[0] < '0' || value[0] > '9' || *end || seconds < 1 || seconds > most)
		return -EINVAL;
	*(unsigned int *)to = (unsigned int)seconds;
	return 0;
}

/* The host waits for 15 minutes; less than that is left for all that comes before. */
static int deadline_take(const char *value, void *to)
{
	return seconds_take(value, 600, to);
}

static int wait_take(const char *value, void *to)
{
	return seconds_take(value, 600, to);
}

static int word_take(const char *value, const char *no, const char *yes, void *to)
{
	if (strcmp(value, no) && strcmp(value, yes))
		return -EINVAL;
	*(bool *)to = !strcmp(value, yes);
	return 0;
}

static int remote_take(const char *value, void *to)
{
	return word_take(value, "skip", "freeze", to);
}

static int skip_take(const char *value, void *to)
{
	return word_take(value, "skip", "fail", to);
}

static int listeners_take(const char *value, void *to)
{
	return word_take(value, "warn", "fail", to);
}

static int path_or_none_take(const char *value, void *to)
{
	return *value ? hvd_config_take_path(value, to) : hvd_config_take_text(value, to);
}

/* Each word an absolute path. */
static int paths_take(const char *value, void *to)
{
	const char *at;

	for (at = value + strspn(value, " \t"); *at; at += strspn(at, " \t")) {
		if (*at != '/')
			return -EINVAL;
		at += strcspn(at, " \t");
	}
	return hvd_config_take_text(value, to);
}

#define TABLE_LEN	17

static void table_make(struct vss_settings *settings, struct hvd_setting table[])
{
	const struct hvd_setting all[] = {
		{ "vss", "device", hvd_config_take_path, &settings->device, "an absolute path" },
		{ "vss", "include", hvd_config_take_text, &settings->include, "text" },
		{ "vss", "exclude", hvd_config_take_text, &settings->exclude, "text" },
		{ "vss", "remote", remote_take, &settings->remote_freezes, "skip or freeze" },
		{ "vss", "unsupported", skip_take, &settings->unsupported_fails, "skip or fail" },
		{ "vss", "frozen_by_others", skip_take, &settings->busy_fails, "skip or fail" },
		{ "vss", "listeners", listeners_take, &settings->listeners_fail, "warn or fail" },
		{ "vss", "hooks", paths_take, &settings->hooks,
		  "absolute paths with blanks between, or nothing" },
		{ "vss", "fsfreeze_hook", path_or_none_take, &settings->qemu_hook,
		  "an absolute path, or nothing" },
		{ "vss", "hook_seconds", wait_take, &settings->hook_seconds,
		  "a number from 1 to 600" },
		{ "vss", "flush_seconds", wait_take, &settings->flush_seconds,
		  "a number from 1 to 600" },
		{ "vss", "deadline", deadline_take, &settings->deadline_seconds,
		  "a number from 1 to 600" },
		{ "vss", "run_directory", hvd_config_take_path, &settings->run_directory,
		  "an absolute path" },
		{ "kvp", "directory", hvd_config_take_path, &settings->pools, "an absolute path" },
		{ "kvp", "device" },
		{ "kvp", "clear_on_clone" },
		{ 0 }
	};

	_Static_assert(sizeof(all) / sizeof(all[0]) == TABLE_LEN, "callers have room for it");
	memcpy(table, all, sizeof(all));
}

/**
 * vss_settings_start() - Begin with the usual settings.
 * @settings: to be freed also on failure
 *
 * Return: 0; -ENOMEM.
 */
int vss_settings_start(struct vss_settings *settings)
{
	*settings = (struct vss_settings){
		.busy_fails = true,
		.hook_seconds = 60,
		.flush_seconds = 120,
		.deadline_seconds = 60,
	};
	return hvd_config_take_text(DEVICE, &settings->device) ?:
	       hvd_config_take_text("", &settings->include) ?:
	       hvd_config_take_text("", &settings->exclude) ?:
	       hvd_config_take_text(VSS_HOOK_DIRECTORY, &settings->hooks) ?:
	       hvd_config_take_text(VSS_HOOK_QEMU, &settings->qemu_hook) ?:
	       hvd_config_take_text(VSS_RUN_DIRECTORY, &settings->run_directory) ?:
	       hvd_config_take_text(KVP_POOL_DIRECTORY, &settings->pools);
}

/**
 * vss_settings_parse() - Take settings from a text.
 * @settings: the settings, begun
 * @name: see hvd_config_parse()
 * @text: see there
 *
 * Return: see there.
 */
int vss_settings_parse(struct vss_settings *settings, const char *name, const char *text)
{
	struct hvd_setting table[TABLE_LEN];

	table_make(settings, table);
	return hvd_config_parse(name, text, table);
}

/**
 * vss_settings_read() - Take settings from a file and its directory.
 * @settings: the settings, begun
 * @path: see hvd_config_read()
 * @needed: see there
 *
 * Return: see there.
 */
int vss_settings_read(struct vss_settings *settings, const char *path, bool needed)
{
	struct hvd_setting table[TABLE_LEN];

	table_make(settings, table);
	return hvd_config_read(path, needed, table);
}

/**
 * vss_settings_free() - Free settings.
 * @settings: the settings
 */
void vss_settings_free(struct vss_settings *settings)
{
	free(settings->device);
	free(settings->include);
	free(settings->exclude);
	free(settings->hooks);
	free(settings->qemu_hook);
	free(settings->run_directory);
	free(settings->pools);
	*settings = (struct vss_settings){ 0 };
}
