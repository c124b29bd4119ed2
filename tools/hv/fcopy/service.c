// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies of a host, one at a time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fcopy/job.h"
#include "hvd_log.h"
#include "hvd_text.h"

/* ---- what was left unfinished ---- */

static int work_sweep(void *data)
{
	struct fcopy_service *service = data;

	return fcopy_partial_sweep(service->setup.setting->state, service->run, &service->lock);
}

static void on_swept(int result, void *data)
{
	struct fcopy_service *service = data;

	if (result == -EWOULDBLOCK)
		hvd_warning("another daemon has %s: what it leaves unfinished stays",
			    service->setup.setting->state);
	else if (result < 0)
		hvd_warning("cannot look into %s for what was left unfinished: %s",
			    service->setup.setting->state, strerror(-result));
	fcopy_worker_leave(service->sweeper, NULL);
	service->sweeper = NULL;
}

/* ---- what is told ---- */

static void status_write(struct fcopy_service *service)
{
	int err = fcopy_status_write(&service->status);

	if (err)
		hvd_debug("cannot write %s: %s", service->status.path, strerror(-err));
}

static void status_begin(struct fcopy_service *service, const struct fcopy_message *start)
{
	struct fcopy_entry *entry = fcopy_status_add(&service->status);

	entry->state = FCOPY_COPYING;
	entry->began = (int64_t)time(NULL);
	entry->size = start->size;
	snprintf(entry->path, sizeof(entry->path), "%s", start->path);
	status_write(service);
}

/* In the journal: a copy can be found by each of these. */
static void entry_log(const struct fcopy_entry *entry, const struct fcopy_job *job)
{
	char path[sizeof(entry->path) + 16], name[HVIC_FCOPY_NAME_LEN + 16], size[40], bytes[40];
	char rate[40], status[40], state[40];
	const char *const fields[] = { path, name, size, bytes, rate, status, state, NULL };
	int level = entry->state == FCOPY_FAILED ? LOG_WARNING : LOG_INFO;
	unsigned long long per_second = fcopy_entry_rate(entry);

	snprintf(path, sizeof(path), "HV_FCOPY_PATH=%s", entry->path);
	snprintf(name, sizeof(name), "HV_FCOPY_NAME=%s", job->message.name);
	snprintf(size, sizeof(size), "HV_FCOPY_SIZE=%llu", (unsigned long long)entry->size);
	snprintf(bytes, sizeof(bytes), "HV_FCOPY_BYTES=%llu", (unsigned long long)entry->bytes);
	snprintf(rate, sizeof(rate), "HV_FCOPY_RATE=%llu", per_second);
	snprintf(status, sizeof(status), "HV_FCOPY_STATUS=0x%08x", entry->status);
	snprintf(state, sizeof(state), "HV_FCOPY_RESULT=%s", fcopy_state_name(entry->state));
	if (entry->state == FCOPY_DONE)
		hvd_log_fields(level, fields, "%s: %llu bytes in %llu.%03llu s, %llu.%llu MB/s%s",
			       entry->path, (unsigned long long)entry->bytes,
			       (unsigned long long)entry->ms / 1000,
			       (unsigned long long)entry->ms % 1000, per_second / 1000000,
			       per_second / 100000 % 10,
			       job->target.is_synced ? "" : "; not yet on the disk");
	else
		hvd_log_fields(level, fields, "%s: not copied, after %llu bytes of %llu: %s",
			       entry->path, (unsigned long long)entry->bytes,
			       (unsigned long long)entry->size, entry->why);
}

/**
 * fcopy_service_ended() - Tell what has become of a copy.
 * @service: the service
 * @job: the copy
 * @err: 0, or why there is no file
 */
void fcopy_service_ended(struct fcopy_service *service, const struct fcopy_job *job, int err)
{
	struct fcopy_entry *entry = fcopy_status_last(&service->status);
	struct timespec now;
	/* while the thread is at it, only it knows what it has found */
	bool known = !job->step;

	clock_gettime(CLOCK_MONOTONIC, &now);
	entry->ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 - job->began;
	entry->state = !err ? FCOPY_DONE : err == -ECANCELED ? FCOPY_CANCELLED : FCOPY_FAILED;
	entry->status = fcopy_message_status(err);
	entry->bytes = job->bytes;
	if (known && job->target.path[0])
		hvd_text_copy(entry->path, sizeof(entry->path), job->target.path);
	if (err)
		snprintf(entry->why, sizeof(entry->why), "%s", known && job->target.why[0] ?
			 job->target.why : fcopy_message_reason(err));
	entry_log(entry, job);
	status_write(service);
}

/**
 * fcopy_service_reply() - Answer a message.
 * @service: the service, whose job may be gone when this returns
 * @serial: of the message
 * @operation: of it
 * @err: 0, or why not
 */
void fcopy_service_reply(struct fcopy_service *service, uint64_t serial, uint32_t operation,
			 int err)
{
	uint32_t status = fcopy_message_status(err);

	hvd_debug("%s: 0x%08x, %s", fcopy_message_name(operation), status,
		  fcopy_message_reason(err));
	err = service->setup.reply(service->setup.data, serial, status);
	if (err < 0)
		sd_event_exit(service->setup.event, err);
}

/* ---- messages ---- */

/* What does not fit, with an errno that the host is told as "invalid", or as "failed". */
static int message_refuse(struct fcopy_service *service, const struct fcopy_message *message)
{
	bool second = message->operation == HVIC_FCOPY_START;

	hvd_warning("refused: a %s %s", fcopy_message_name(message->operation),
		    second ? "while another copy goes on" :
		    service->job ? "before the answer to the last message" :
		    "without a copy that it belongs to");
	return second ? -EBUSY : -EINVAL;
}

static int copy_begin(struct fcopy_service *service, const struct fcopy_message *start,
		      uint64_t serial)
{
	int err;

	status_begin(service, start);
	err = fcopy_job_begin(service, start, serial);
	if (!err)
		return 0;
	fcopy_status_last(&service->status)->state = FCOPY_FAILED;
	hvd_error("%s: not begun: %s", start->path, err == -EBUSY ?
		  "file systems hold up too many copies before it" : strerror(-err));
	status_write(service);
	return err;
}

/**
 * fcopy_service_message() - Take a message of the module.
 * @service: the service
 * @bytes: the message
 * @len: bytes of it
 * @serial: of it
 *
 * It is answered now or later, once.
 */
void fcopy_service_message(struct fcopy_service *service, const void *bytes, size_t len,
			   uint64_t serial)
{
	struct fcopy_message message;
	enum fcopy_action action;
	int err = fcopy_message_parse(&message, bytes, len);

	if (err) {
		hvd_warning("a %s of %zu bytes: %s", fcopy_message_name(message.operation), len,
			    fcopy_message_reason(err));
		fcopy_service_reply(service, serial, message.operation, err);
		return;
	}
	/* our module knows when the host has given the one before up, and does not ask then */
	if (service->is_ours && message.operation == HVIC_FCOPY_START &&
	    fcopy_job_stage(service->job) == FCOPY_OPEN)
		fcopy_job_end(service->job, -ECANCELED);
	action = fcopy_message_action(&message, fcopy_job_stage(service->job));
	switch (action) {
	case FCOPY_BEGIN:
		err = copy_begin(service, &message, serial);
		break;
	case FCOPY_WRITE:
	case FCOPY_FINISH:
	case FCOPY_ABANDON:
		fcopy_job_do(service->job, action, &message, serial);
		return;
	case FCOPY_REFUSE:
		err = message_refuse(service, &message);
		break;
	case FCOPY_ACCEPT:
		break;
	}
	if (err || action == FCOPY_ACCEPT)
		fcopy_service_reply(service, serial, message.operation, err);
}

/**
 * fcopy_service_module() - Say which module there is.
 * @service: the service
 * @is_ours: whether it is ours, which passes on only what is in order
 * @step_ms: see struct fcopy_service_setup; from the next message on
 */
void fcopy_service_module(struct fcopy_service *service, bool is_ours, unsigned int step_ms)
{
	service->is_ours = is_ours;
	service->setup.step_ms = step_ms;
}

/**
 * fcopy_service_urgent() - Hear that the module has something to say.
 * @service: the service
 */
void fcopy_service_urgent(struct fcopy_service *service)
{
	struct hvic_user_fcopy_state state;

	if (service->job)
		fcopy_job_look(service->job);
	else
		service->setup.state(service->setup.data, &state);
}

/**
 * fcopy_service_lost() - Hear that the device has gone.
 * @service: the service; may be %NULL
 */
void fcopy_service_lost(struct fcopy_service *service)
{
	if (service && service->job)
		fcopy_job_end(service->job, -ENODEV);
}

/**
 * fcopy_service_new() - Begin, with what a daemon before has left.
 * @ret: the service
 * @setup: what it works with; is copied
 *
 * Return: 0; -ENOMEM; a negative errno of making what it needs.
 */
int fcopy_service_new(struct fcopy_service **ret, const struct fcopy_service_setup *setup)
{
	struct fcopy_service *service = calloc(1, sizeof(*service));
	int err;

	if (!service)
		return -ENOMEM;
	service->setup = *setup;
	service->run = fcopy_partial_run();
	service->lock = -1;
	fcopy_status_start(&service->status, setup->setting->status);
	status_write(service);
	err = fcopy_worker_new(&service->sweeper, setup->workers, setup->event, on_swept, service);
	if (err) {
		fcopy_status_end(&service->status);
		free(service);
		return err;
	}
	fcopy_worker_run(service->sweeper, work_sweep);
	*ret = service;
	return 0;
}

/**
 * fcopy_service_free() - End, and remove what is not finished.
 * @service: not to be used any more; may be %NULL
 * @ms: how long file systems may take for that, milliseconds
 *
 * Return: 0; -ETIMEDOUT when something is left for the next start: then threads refer to
 * the setting, which must stay until the process ends.
 */
int fcopy_service_free(struct fcopy_service *service, unsigned int ms)
{
	int err;

	if (!service)
		return 0;
	if (service->job)
		fcopy_job_end(service->job, -ESHUTDOWN);
	if (service->sweeper)
		fcopy_worker_leave(service->sweeper, NULL);
	err = fcopy_workers_wait(service->setup.workers, ms);
	if (err)
		return err;
	if (service->lock >= 0)
		close(service->lock);
	fcopy_status_end(&service->status);
	free(service);
	return 0;
}
