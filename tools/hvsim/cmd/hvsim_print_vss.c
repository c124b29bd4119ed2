// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results of backups, as people like to read them.
 */
#include <inttypes.h>
#include <stdio.h>

#include "hvsim_cmd.h"

static const char *text(struct json_object *object, const char *key)
{
	return json_object_get_string(json_object_object_get(object, key)) ?: "";
}

static uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(json_object_object_get(object, key));
}

static void step_print(struct json_object *step)
{
	printf("%-10s %-18s %8.1f ms", text(step, "operation"), text(step, "status-name"),
	       (double)number(step, "round-trip-us") / 1000);
	if (number(step, "flags"))
		printf("  flags %" PRIu64, number(step, "flags"));
	putchar('\n');
}

static void snapshot_print(struct json_object *snapshot)
{
	printf("%-10s %-18s %8.1f MB  %s -> %s\n", "snapshot",
	       *text(snapshot, "error") ? text(snapshot, "error") : "ok",
	       (double)number(snapshot, "bytes") / 1e6, text(snapshot, "disk"),
	       text(snapshot, "file"));
}

/**
 * hvsim_print_backup() - Show how a backup went.
 * @result: of the command "vss-backup"
 */
void hvsim_print_backup(struct json_object *result)
{
	struct json_object *steps = json_object_object_get(result, "steps");
	struct json_object *snapshots = json_object_object_get(result, "snapshots");
	size_t i;

	for (i = 0; i < json_object_array_length(steps); i++)
		step_print(json_object_array_get_idx(steps, i));
	for (i = 0; i < json_object_array_length(snapshots); i++)
		snapshot_print(json_object_array_get_idx(snapshots, i));
	if (number(result, "frozen-ms"))
		printf("The guest was frozen for %" PRIu64 " ms.\n", number(result, "frozen-ms"));
	if (!*text(result, "failed"))
		return;
	fflush(stdout);
	fprintf(stderr, "hvsim: backup: %s failed: %s (%s, 0x%08" PRIx64 ")\n",
		text(result, "failed"), text(result, "status-text"), text(result, "status-name"),
		number(result, "status"));
}

/**
 * hvsim_print_vss() - Show what the guest said to one step.
 * @result: of the command "vss-step"
 */
void hvsim_print_vss(struct json_object *result)
{
	step_print(result);
	if (!number(result, "status"))
		return;
	fflush(stdout);
	fprintf(stderr, "hvsim: backup: the guest says: %s (0x%08" PRIx64 ")\n",
		text(result, "status-text"), number(result, "status"));
}
