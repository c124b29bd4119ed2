// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole backup, as a host makes it: is it possible, which disks are the guest's own,
 * freeze, snapshot, thaw, done.
 *
 * In which order Windows asks all that was not observed; that a host whose freeze had no
 * answer has the guest thawed all the same is a guess.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hvsim_copy.h"
#include "hvsim_json.h"
#include "hvsim_vss.h"

#define USEC_PER_MS	1000ull

static const uint8_t order[] = {
	HVIC_VSS_CHECK_HOT_BACKUP, HVIC_VSS_GET_DM_INFO, HVIC_VSS_FREEZE, HVIC_VSS_THAW,
	HVIC_VSS_BACKUP_COMPLETE,
};

/**
 * struct hvsim_vss_backup - a backup under way
 * @service: whose
 * @request: to answer
 * @steps: what was asked and answered
 * @snapshots: of which disks
 * @keep: where snapshots go; NULL for none
 * @hold_us: for how long the guest is to be frozen beyond them
 * @freeze_us: time for the answer to a freeze
 * @asked: what the guest is asked; place in @order
 * @disk: of which disk a snapshot is made
 * @path: where that goes
 * @copy: of it; NULL when none is made
 * @timer: of @hold_us; NULL when it does not run
 * @frozen_us: when the guest was frozen; 0 when it is not
 * @was_frozen_us: for how long it was
 * @failed: what went wrong first; NULL when nothing did
 * @failure: status of that
 */
struct hvsim_vss_backup {
	struct hvsim_service *service;
	struct hvsim_request *request;
	struct json_object *steps;
	struct json_object *snapshots;
	char *keep;
	uint64_t hold_us;
	uint64_t freeze_us;
	size_t asked;
	size_t disk;
	char *path;
	struct hvsim_copy *copy;
	sd_event_source *timer;
	uint64_t frozen_us;
	uint64_t was_frozen_us;
	const char *failed;
	uint32_t failure;
};

static void backup_ask(struct hvsim_vss_backup *backup);

static uint64_t now_us(struct hvsim_vss_backup *backup)
{
	uint64_t now = 0;

	sd_event_now(backup->service->setting->event, CLOCK_MONOTONIC, &now);
	return now;
}

static void backup_free(struct hvsim_vss_backup *backup)
{
	struct hvsim_vss *vss = backup->service->own;

	vss->backup = NULL;
	hvsim_copy_free(backup->copy);
	sd_event_source_disable_unref(backup->timer);
	json_object_put(backup->steps);
	json_object_put(backup->snapshots);
	free(backup->keep);
	free(backup->path);
	free(backup);
}

/**
 * hvsim_vss_backup_free() - Give a backup up, that waits for nothing of the guest.
 * @backup: may be NULL; its request fails
 */
void hvsim_vss_backup_free(struct hvsim_vss_backup *backup)
{
	if (!backup)
		return;
	hvsim_request_fail(backup->request, "closed", "vss: the channel was closed in the middle "
			   "of a backup");
	backup_free(backup);
}

static void failure_note(struct hvsim_vss_backup *backup, const char *failed, uint32_t status)
{
	if (backup->failed)
		return;
	backup->failed = failed;
	backup->failure = status;
}

static void backup_finish(struct hvsim_vss_backup *backup)
{
	struct json_object *data = json_object_new_object();
	struct hvsim_vss *vss = backup->service->own;

	if (backup->failed)
		vss->failures++;
	else
		vss->backups++;
	hvsim_json_add(data, "steps", json_object_get(backup->steps));
	hvsim_json_add(data, "snapshots", json_object_get(backup->snapshots));
	hvsim_json_add_uint(data, "frozen-ms", backup->was_frozen_us / USEC_PER_MS);
	hvsim_json_add_uint(data, "status", backup->failure);
	hvsim_json_add_string(data, "status-name", hvsim_status_name(backup->failure));
	hvsim_json_add_string(data, "status-text", hvsim_status_text(backup->failure));
	if (backup->failed)
		hvsim_json_add_string(data, "failed", backup->failed);
	hvsim_request_return(backup->request, json_object_get(data));
	hvsim_service_emit(backup->service, "backup", data);
	backup_free(backup);
}

static void backup_next(struct hvsim_vss_backup *backup)
{
	backup->asked++;
	if (backup->asked < sizeof(order))
		backup_ask(backup);
	else
		backup_finish(backup);
}

static int hold_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hvsim_vss_backup *backup = userdata;

	(void)source;
	(void)usec;
	backup->timer = sd_event_source_disable_unref(backup->timer);
	backup_next(backup);
	return 0;
}

static void hold(struct hvsim_vss_backup *backup)
{
	if (!backup->hold_us ||
	    sd_event_add_time_relative(backup->service->setting->event, &backup->timer,
				       CLOCK_MONOTONIC, backup->hold_us, HVSIM_TIMER_ACCURACY_US,
				       hold_over, backup) < 0)
		backup_next(backup);
}

static void snapshot_next(struct hvsim_vss_backup *backup);

static void snapshot_done(int result, uint64_t bytes, void *userdata)
{
	struct hvsim_vss_backup *backup = userdata;
	struct json_object *one = json_object_new_object();

	hvsim_json_add_string(one, "disk",
			      backup->service->setting->options.disks[backup->disk]);
	hvsim_json_add_string(one, "file", backup->path);
	hvsim_json_add_uint(one, "bytes", bytes);
	if (result < 0) {
		hvsim_json_add_string(one, "error", strerror(-result));
		failure_note(backup, "snapshot", HVIC_STATUS_FAIL);
	}
	json_object_array_add(backup->snapshots, one);
	hvsim_copy_free(backup->copy);
	backup->copy = NULL;
	backup->disk++;
	snapshot_next(backup);
}

/* One disk after the other: FILE, or FILE.0, FILE.1, ... */
static void snapshot_next(struct hvsim_vss_backup *backup)
{
	const struct hvsim_setting *setting = backup->service->setting;
	size_t count = setting->options.disk_count;
	int err;

	free(backup->path);
	backup->path = NULL;
	if (!backup->keep || backup->failed || backup->disk == count) {
		hold(backup);
		return;
	}
	err = count == 1 ? asprintf(&backup->path, "%s", backup->keep) :
			   asprintf(&backup->path, "%s.%zu", backup->keep, backup->disk);
	if (err < 0)
		backup->path = NULL;
	err = err < 0 ? -ENOMEM : hvsim_copy_new(&backup->copy, setting->event,
						 setting->options.disks[backup->disk],
						 backup->path, snapshot_done, backup);
	if (err < 0)
		snapshot_done(err, 0, backup);
}

static void step_add(struct hvsim_vss_backup *backup, const struct hvsim_answer *answer,
		     const struct hvsim_vss_answer *found)
{
	struct json_object *one = json_object_new_object();
	uint8_t operation = order[backup->asked];

	hvsim_json_add_string(one, "operation", hvsim_vss_operation_name(operation));
	hvsim_status_add(one, answer);
	if (operation == HVIC_VSS_CHECK_HOT_BACKUP || operation == HVIC_VSS_GET_DM_INFO)
		hvsim_json_add_uint(one, "flags", found->flags);
	json_object_array_add(backup->steps, one);
	if (answer->message.status)
		failure_note(backup, hvsim_vss_operation_name(operation),
			     answer->message.status);
}

/* The guest does not say whether it is frozen: it may be. */
static void unanswered_freeze(struct hvsim_vss_backup *backup)
{
	failure_note(backup, "freeze", HVIC_STATUS_FAIL);
	backup_next(backup);
}

static void backup_asked(int result, const struct hvsim_answer *answer,
			 const struct hvsim_vss_answer *found, void *userdata)
{
	struct hvsim_vss_backup *backup = userdata;
	uint8_t operation = order[backup->asked];

	if (result == -ETIMEDOUT && operation == HVIC_VSS_FREEZE) {
		unanswered_freeze(backup);
		return;
	}
	if (result < 0) {
		hvsim_service_fail(backup->service, backup->request, result, answer);
		backup_free(backup);
		return;
	}
	step_add(backup, answer, found);
	if (operation == HVIC_VSS_THAW && backup->frozen_us)
		backup->was_frozen_us = now_us(backup) - backup->frozen_us;
	if (backup->failed) {
		backup_finish(backup);
	} else if (operation == HVIC_VSS_FREEZE) {
		backup->frozen_us = now_us(backup);
		snapshot_next(backup);
	} else {
		backup_next(backup);
	}
}

static void backup_ask(struct hvsim_vss_backup *backup)
{
	const struct hvsim_vss_request request = {
		.operation = order[backup->asked],
		.backup = HVSIM_VSS_BACKUP_COPY,
		.disks = (uint32_t)backup->service->setting->options.disk_count,
	};
	uint64_t timeout_us = request.operation == HVIC_VSS_FREEZE ? backup->freeze_us :
			      HVSIM_VSS_ANSWER_MS * USEC_PER_MS;
	int err = hvsim_vss_ask(backup->service, &request, timeout_us, backup_asked, backup);

	if (err < 0) {
		hvsim_service_fail(backup->service, backup->request, err, NULL);
		backup_free(backup);
	}
}

struct backup_arguments {
	const char *keep;
	int64_t hold_ms;
	int64_t timeout_ms;
};

static const struct hvsim_argument table[] = {
	{ "keep", HVSIM_ARGUMENT_STRING, false, offsetof(struct backup_arguments, keep) },
	{ "hold-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct backup_arguments, hold_ms), 0, HVSIM_TIMEOUT_MAX_MS },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct backup_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* Whether it can begin; else the request has failed. */
static bool backup_can(struct hvsim_service *service, struct hvsim_request *request,
		       const struct backup_arguments *given)
{
	struct hvsim_vss *vss = service->own;

	if (given->keep && !service->setting->options.disk_count) {
		hvsim_request_fail(request, "bad-argument", "vss: the machine has no disk to keep "
				   "a snapshot of; run it with --disk FILE");
		return false;
	}
	if (hvsim_service_require_ready(service, request) < 0)
		return false;
	if (vss->backup) {
		hvsim_request_fail(request, "busy", "vss: a backup is under way");
		return false;
	}
	return true;
}

/**
 * hvsim_vss_command_backup() - Carry out the command "vss-backup".
 * @request: gone afterwards, or later
 * @arguments: of the command
 * @userdata: the service
 */
void hvsim_vss_command_backup(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata)
{
	struct backup_arguments given = { .timeout_ms = HVSIM_VSS_FREEZE_MS };
	struct hvsim_service *service = userdata;
	struct hvsim_vss *vss = service->own;
	struct hvsim_vss_backup *backup;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    !backup_can(service, request, &given))
		return;
	backup = calloc(1, sizeof(*backup));
	if (!backup) {
		hvsim_service_fail(service, request, -ENOMEM, NULL);
		return;
	}
	backup->service = service;
	backup->request = request;
	backup->steps = json_object_new_array();
	backup->snapshots = json_object_new_array();
	backup->keep = given.keep ? strdup(given.keep) : NULL;
	backup->hold_us = (uint64_t)given.hold_ms * USEC_PER_MS;
	backup->freeze_us = (uint64_t)given.timeout_ms * USEC_PER_MS;
	vss->backup = backup;
	backup_ask(backup);
}
