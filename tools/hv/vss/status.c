// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the last backup went.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hvd_file.h"
#include "hvd_pool.h"
#include "hvd_text.h"
#include "vss/status.h"

/* A value that the host reads has at most this many bytes. */
#define VALUE_LEN	1023

static void text_add(struct json_object *object, const char *key, const char *text)
{
	/* names of mounts may be anything */
	if (hvd_text_units(text) < 0)
		text = "(not UTF-8)";
	json_object_object_add(object, key, json_object_new_string(text));
}

static void number_add(struct json_object *object, const char *key, long long number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

/**
 * vss_status_end() - Name why something was thawed.
 * @end: why
 *
 * Return: a word.
 */
const char *vss_status_end(enum hvic_user_vss_end end)
{
	static const char *const words[] = {
		[HVIC_USER_VSS_HELD] = "not thawed",
		[HVIC_USER_VSS_THAWED] = "thawed",
		[HVIC_USER_VSS_DEADLINE] = "deadline",
		[HVIC_USER_VSS_GONE] = "gone",
		[HVIC_USER_VSS_OTHERS] = "others",
	};

	return end < sizeof(words) / sizeof(words[0]) ? words[end] : "?";
}

static struct json_object *item_json(const struct vss_item *item)
{
	struct json_object *object = json_object_new_object();

	text_add(object, "mount", item->mount.point);
	text_add(object, "type", item->mount.type);
	text_add(object, "device", item->mount.source);
	text_add(object, "verdict", vss_plan_verdict(item->verdict));
	if (item->why[0])
		text_add(object, "why", item->why);
	return object;
}

/* Of one that was frozen, how long that took. */
static struct json_object *frozen_json(const struct vss_plan *plan,
				       const struct vss_record *record)
{
	struct json_object *list = json_object_new_array(), *object;
	size_t i;

	for (i = 0; i < plan->nr_order; i++) {
		object = item_json(&plan->items[plan->order[i]]);
		/* people count from one */
		number_add(object, "level", plan->items[plan->order[i]].level + 1);
		if (record && i < record->count) {
			number_add(object, "freeze_us", record->entries[i].took_us);
			if (record->entries[i].error)
				text_add(object, "error", strerror(-record->entries[i].error));
		}
		json_object_array_add(list, object);
	}
	return list;
}

/* What an administrator might miss; not what no disk has. */
static struct json_object *left_json(const struct vss_plan *plan)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < plan->nr_items; i++)
		if (plan->items[i].verdict != VSS_FREEZE && plan->items[i].verdict != VSS_SAME &&
		    plan->items[i].verdict != VSS_VIRTUAL)
			json_object_array_add(list, item_json(&plan->items[i]));
	return list;
}

/**
 * vss_status_plan_json() - Put a plan into JSON.
 * @plan: the plan
 *
 * Return: an object with lists "freeze", in order, and "skip"; the caller's to put.
 */
struct json_object *vss_status_plan_json(const struct vss_plan *plan)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "freeze", frozen_json(plan, NULL));
	json_object_object_add(object, "skip", left_json(plan));
	return object;
}

/**
 * vss_status_json() - Put how a backup went into JSON.
 * @backup: the backup, finished, or nearly so
 *
 * Return: an object; the caller's to put.
 */
struct json_object *vss_status_json(const struct vss_backup *backup)
{
	const struct vss_result *result = &backup->result;
	struct json_object *object = json_object_new_object();
	struct tm tm;
	char when[40];

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&result->started, &tm));
	text_add(object, "started", when);
	text_add(object, "id", result->id);
	text_add(object, "type", result->type);
	text_add(object, "result", result->failed ? "failed" : "ok");
	text_add(object, "why", result->why);
	text_add(object, "holder", result->holder);
	text_add(object, "end", vss_status_end(result->end));
	text_add(object, "listeners", result->listeners);
	number_add(object, "hooks", (long long)backup->hooks.count);
	number_add(object, "hooks_ms", result->hooks_ms);
	number_add(object, "flush_ms", result->flush_ms);
	number_add(object, "freeze_ms", result->freeze_ms);
	number_add(object, "frozen_ms", result->frozen_ms);
	json_object_object_add(object, "file_systems", frozen_json(&backup->plan, backup->record));
	json_object_object_add(object, "skipped", left_json(&backup->plan));
	return object;
}

/**
 * vss_status_line() - Say in one line how a backup went.
 * @backup: the backup
 * @line: the line
 * @room: bytes at @line
 */
void vss_status_line(const struct vss_backup *backup, char *line, size_t room)
{
	const struct vss_result *result = &backup->result;

	if (result->failed)
		snprintf(line, room, "failed: %s", result->why);
	else
		snprintf(line, room, "ok: %zu file systems frozen for %u ms%s%s",
			 backup->plan.nr_order, result->frozen_ms, result->why[0] ? "; " : "",
			 result->why);
}

/**
 * vss_status_write() - Keep how a backup went, for hvic vss status.
 * @backup: the backup, thawed
 *
 * Return: 0; -ENOMEM; a negative errno of writing.
 */
int vss_status_write(const struct vss_backup *backup)
{
	struct json_object *object = vss_status_json(backup);
	const char *directory = backup->settings->pools, *text;
	char path[300];
	int err;

	/* where systemd has not made it: StateDirectory= */
	mkdir(directory, 0755);
	snprintf(path, sizeof(path), "%.250s/" VSS_STATUS_FILE, directory);
	text = json_object_to_json_string_ext(object,
					      JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	err = text ? hvd_file_replace(path, text, strlen(text), 0644) : -ENOMEM;
	json_object_put(object);
	return err;
}

/**
 * vss_status_tell_host() - Put how a backup went where the host can read it.
 * @backup: the backup, thawed
 *
 * Two keys of pool 1 (GuestExchangeItems): VSS_STATUS_KEY always, VSS_STATUS_KEY_ERROR
 * only while the last one has failed.
 *
 * Return: 0; a negative errno of kvp_pool_set() and kvp_pool_delete().
 */
int vss_status_tell_host(const struct vss_backup *backup)
{
	char line[VALUE_LEN - 32], value[VALUE_LEN], when[32];
	struct kvp_pool *pool;
	struct tm tm;
	int err = kvp_pool_new(&pool, backup->settings->pools, HVIC_KVP_GUEST, true);

	if (err)
		return err;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&backup->result.started, &tm));
	vss_status_line(backup, line, sizeof(line));
	snprintf(value, sizeof(value), "%s %s", when, line);
	if (hvd_text_units(value) < 0)
		snprintf(value, sizeof(value), "%s %s", when,
			 backup->result.failed ? "failed" : "ok");
	err = kvp_pool_set(pool, VSS_STATUS_KEY, value);
	if (!err && backup->result.failed)
		err = kvp_pool_set(pool, VSS_STATUS_KEY_ERROR, value);
	else if (!err)
		err = kvp_pool_delete(pool, VSS_STATUS_KEY_ERROR);
	kvp_pool_free(pool);
	return err == -ENODATA ? 0 : err;
}
