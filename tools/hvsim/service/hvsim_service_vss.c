// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup: what a host asks of a guest whose disks it is about to copy, one step at a
 * time; a whole backup is in hvsim_vss_backup.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "hvsim_json.h"
#include "hvsim_vss.h"

/**
 * struct step - a step that a client has the host make
 * @service: whose
 * @request: to answer
 * @operation: which
 */
struct step {
	struct hvsim_service *service;
	struct hvsim_request *request;
	uint8_t operation;
};

static void step_asked(int result, const struct hvsim_answer *answer,
		       const struct hvsim_vss_answer *found, void *userdata)
{
	struct step *step = userdata;
	struct json_object *data;

	if (result < 0) {
		hvsim_service_fail(step->service, step->request, result, answer);
		free(step);
		return;
	}
	data = json_object_new_object();
	hvsim_json_add_string(data, "operation", hvsim_vss_operation_name(step->operation));
	hvsim_json_add_uint(data, "number", step->operation);
	hvsim_json_add_uint(data, "flags", found->flags);
	hvsim_status_add(data, answer);
	hvsim_request_return(step->request, json_object_get(data));
	hvsim_service_emit(step->service, "vss-answered", data);
	free(step);
}

struct step_arguments {
	const char *operation;
	int64_t backup;
	int64_t flags;
	int64_t disks;
	int64_t timeout_ms;
};

static const struct hvsim_argument table[] = {
	{ "operation", HVSIM_ARGUMENT_STRING, true,
	  offsetof(struct step_arguments, operation) },
	{ "backup", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct step_arguments, backup), 0, UINT32_MAX },
	{ "flags", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct step_arguments, flags), 0, UINT32_MAX },
	{ "disks", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct step_arguments, disks), 0, HVIC_VSS_LUNS },
	{ "timeout-ms", HVSIM_ARGUMENT_INTEGER, false,
	  offsetof(struct step_arguments, timeout_ms), 1, HVSIM_TIMEOUT_MAX_MS },
	{ .name = NULL },
};

/* What is asked, if a host with these versions can; else the request has failed. */
static int step_read(struct hvsim_service *service, struct hvsim_request *request,
		     const struct step_arguments *given, struct hvsim_vss_request *asked)
{
	uint32_t since;

	if (hvsim_vss_operation_find(&asked->operation, given->operation) < 0) {
		hvsim_request_fail(request, "bad-argument", "argument \"operation\" must be "
				   "create, delete, check, dm-info, complete, freeze, thaw, "
				   "recover, cluster, or a number from 0 to 255");
		return -EINVAL;
	}
	since = hvsim_vss_operation_since(asked->operation);
	if (service->versions.message < since) {
		hvsim_request_fail(request, "version", "vss: %s needs version %u.%u, the guest "
				   "speaks %u.%u", given->operation, HVIC_VERSION_MAJOR(since),
				   HVIC_VERSION_MINOR(since),
				   HVIC_VERSION_MAJOR(service->versions.message),
				   HVIC_VERSION_MINOR(service->versions.message));
		return -EPROTONOSUPPORT;
	}
	asked->backup = (uint32_t)given->backup;
	asked->flags = (uint32_t)given->flags;
	asked->disks = (uint32_t)given->disks;
	return 0;
}

static void command_step(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	struct step_arguments given = { .backup = HVSIM_VSS_BACKUP_COPY, .timeout_ms = -1 };
	struct hvsim_service *service = userdata;
	struct hvsim_vss_request asked;
	struct step *step;
	int err;

	if (hvsim_arguments_read(request, arguments, table, &given) < 0 ||
	    hvsim_service_require_ready(service, request) < 0 ||
	    step_read(service, request, &given, &asked) < 0)
		return;
	if (given.timeout_ms < 0)
		given.timeout_ms = asked.operation == HVIC_VSS_FREEZE ? HVSIM_VSS_FREEZE_MS :
				   HVSIM_VSS_ANSWER_MS;
	step = calloc(1, sizeof(*step));
	err = -ENOMEM;
	if (step) {
		*step = (struct step){ service, request, asked.operation };
		err = hvsim_vss_ask(service, &asked, (uint64_t)given.timeout_ms * 1000,
				    step_asked, step);
	}
	if (err < 0) {
		hvsim_service_fail(service, request, err, NULL);
		free(step);
	}
}

static void vss_unready(struct hvsim_service *service)
{
	struct hvsim_vss *vss = service->own;

	hvsim_vss_backup_free(vss->backup);
	vss->frozen = false;
}

static void vss_stop(struct hvsim_service *service)
{
	struct hvsim_vss *vss = service->own;

	hvsim_vss_backup_free(vss->backup);
}

static void vss_report(struct hvsim_service *service, struct json_object *status)
{
	struct hvsim_vss *vss = service->own;

	hvsim_json_add_bool(status, "frozen", vss->frozen);
	hvsim_json_add_bool(status, "backup-under-way", vss->backup);
	hvsim_json_add_uint(status, "backups", vss->backups);
	hvsim_json_add_uint(status, "failures", vss->failures);
}

/* To ask for disks of the guest's own changes nothing in it, and needs no daemon. */
static int vss_burst(struct hvsim_service *service, uint8_t transaction, uint8_t *bytes,
		     size_t size)
{
	const struct hvsim_vss_request request = { .operation = HVIC_VSS_GET_DM_INFO };

	return hvsim_vss_message_build(bytes, size, transaction, &service->versions, &request);
}

static const struct hvsim_command commands[] = {
	{ "vss-backup", hvsim_vss_command_backup },
	{ "vss-step", command_step },
	{ NULL, NULL },
};

const struct hvsim_service_kind hvsim_vss_kind = {
	.id = HVSIM_VSS,
	.name = "vss",
	.title = "VSS",
	.size = sizeof(struct hvsim_vss),
	.stop = vss_stop,
	.unready = vss_unready,
	.report = vss_report,
	.burst = vss_burst,
	.commands = commands,
};
