// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A copy that goes on.
 *
 * What the host asks is a step, which a thread does and which is answered when it is done,
 * or when the host waits no longer: then the copy has failed, and the thread removes what
 * there is of it whenever the file system lets it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fcopy/job.h"
#include "hvd_log.h"
#include "hvd_text.h"

#define WAITING_MS	2000		/* is told from then on */
#define FLUSH_BYTES	(32ULL << 20)

/**
 * struct fcopy_step - what a thread does for a copy
 * @work: it
 * @done: what comes of it; the job may be gone then
 */
struct fcopy_step {
	int (*work)(void *data);
	void (*done)(struct fcopy_job *job, int result);
};

static const struct fcopy_step step_open, step_write, step_finish, step_remove, step_flush;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- on the thread ---- */

static int work_open(void *data)
{
	struct fcopy_job *job = data;

	return fcopy_target_open(&job->target, &job->message);
}

static int work_write(void *data)
{
	struct fcopy_job *job = data;
	const struct fcopy_message *message = &job->message;
	int err = fcopy_target_write(&job->target, job->data, message->len, message->offset);

	if (err)
		fcopy_target_remove(&job->target);
	return err;
}

static int work_finish(void *data)
{
	struct fcopy_job *job = data;
	int err = fcopy_target_finish(&job->target, job->sync_ms);

	if (err)
		fcopy_target_remove(&job->target);
	return err;
}

static int work_remove(void *data)
{
	struct fcopy_job *job = data;

	fcopy_target_remove(&job->target);
	return 0;
}

static int work_flush(void *data)
{
	struct fcopy_job *job = data;

	fcopy_target_flush(&job->target, job->flush[0], job->flush[1]);
	return 0;
}

static void last_remove(void *data)
{
	struct fcopy_job *job = data;

	fcopy_target_remove(&job->target);
	free(job);
}

static void last_settle(void *data)
{
	struct fcopy_job *job = data;

	fcopy_target_settle(&job->target);
	free(job);
}

/* ---- on the loop ---- */

/* The module lets go of the file with the answer to a message; here there is none. */
static void file_take_back(struct fcopy_job *job)
{
	const struct fcopy_service_setup *setup = &job->service->setup;

	if (job->is_taken)
		setup->take(setup->data, -1, 0);
}

/* How far the module is, where it has the file; whether it tells. */
static bool state_ask(struct fcopy_job *job, struct hvic_user_fcopy_state *state)
{
	const struct fcopy_service_setup *setup = &job->service->setup;

	if (!job->is_taken || setup->state(setup->data, state) < 0)
		return false;
	if (state->written <= job->target.size)
		job->bytes = state->written;
	return true;
}

/**
 * fcopy_job_end() - End a copy, whatever it is at.
 * @job: the copy, which is no more then
 * @err: 0, or why there is to be no file
 */
void fcopy_job_end(struct fcopy_job *job, int err)
{
	struct fcopy_service *service = job->service;
	struct hvic_user_fcopy_state state;

	if (err)
		state_ask(job, &state);
	sd_event_source_disable_unref(job->timer);
	sd_event_source_disable_unref(job->tick);
	__atomic_store_n(&job->target.is_given_up, err != 0, __ATOMIC_RELEASE);
	fcopy_service_ended(service, job, err);
	service->job = NULL;
	fcopy_worker_leave(job->worker, err ? last_remove : last_settle);
}

/* The answer comes last: with it, the device may go, and the job with that. */
static void job_answer(struct fcopy_job *job, int err)
{
	struct fcopy_service *service = job->service;
	uint64_t serial = job->serial;
	uint32_t operation = job->message.operation;

	job->serial = 0;
	job->heard = now_ms();
	sd_event_source_set_enabled(job->timer, SD_EVENT_OFF);
	if (err)
		fcopy_job_end(job, err);
	fcopy_service_reply(service, serial, operation, err);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source;
	(void)usec;
	job_answer(data, -ETIMEDOUT);
	return 0;
}

static void step_begin(struct fcopy_job *job, const struct fcopy_step *step)
{
	/* the thread is at what nobody waits for */
	if (job->step) {
		job->next = step;
		return;
	}
	job->step = step;
	job->asked = now_ms();
	fcopy_worker_run(job->worker, step->work);
}

static void on_step_done(int result, void *data)
{
	struct fcopy_job *job = data;
	const struct fcopy_step *step = job->step;

	job->step = NULL;
	if (job->next) {
		step_begin(job, job->next);
		job->next = NULL;
	}
	step->done(job, result);
}

static void open_done(struct fcopy_job *job, int result)
{
	const struct fcopy_service_setup *setup = &job->service->setup;
	struct fcopy_entry *entry = fcopy_status_last(&job->service->status);
	int err;

	if (!result) {
		hvd_text_copy(entry->path, sizeof(entry->path), job->target.path);
		fcopy_status_write(&job->service->status);
		err = setup->take(setup->data, job->target.fd, job->target.size);
		job->is_taken = !err;
		if (err && err != -ENOTTY)
			hvd_warning("the module does not take the file: %s; it goes on without",
				    strerror(-err));
	}
	job_answer(job, result);
}

static void write_done(struct fcopy_job *job, int result)
{
	if (!result)
		job->bytes += job->message.len;
	job_answer(job, result);
}

static void finish_done(struct fcopy_job *job, int result)
{
	struct fcopy_service *service = job->service;
	uint64_t serial = job->serial;

	if (result) {
		job_answer(job, result);
		return;
	}
	job->bytes = job->target.size;
	fcopy_job_end(job, 0);
	fcopy_service_reply(service, serial, HVIC_FCOPY_COMPLETE, 0);
}

static void remove_done(struct fcopy_job *job, int result)
{
	struct fcopy_service *service = job->service;
	uint64_t serial = job->serial;

	(void)result;
	fcopy_job_end(job, -ECANCELED);
	fcopy_service_reply(service, serial, HVIC_FCOPY_CANCEL, 0);
}

static void flush_done(struct fcopy_job *job, int result)
{
	(void)job;
	(void)result;
}

static const struct fcopy_step step_open = { work_open, open_done };
static const struct fcopy_step step_write = { work_write, write_done };
static const struct fcopy_step step_finish = { work_finish, finish_done };
static const struct fcopy_step step_remove = { work_remove, remove_done };
static const struct fcopy_step step_flush = { work_flush, flush_done };

/* A step that the host waits for. */
static void job_step(struct fcopy_job *job, const struct fcopy_step *step, uint64_t serial)
{
	job->serial = serial;
	job->heard = now_ms();
	sd_event_source_set_time_relative(job->timer, job->service->setup.step_ms * 1000ULL);
	sd_event_source_set_enabled(job->timer, SD_EVENT_ONESHOT);
	step_begin(job, step);
}

/**
 * fcopy_job_stage() - How far a copy is.
 * @job: the copy; NULL for none
 *
 * Return: that, as messages see it.
 */
enum fcopy_stage fcopy_job_stage(const struct fcopy_job *job)
{
	return !job ? FCOPY_IDLE : job->serial ? FCOPY_BUSY : FCOPY_OPEN;
}

/**
 * fcopy_job_do() - Do what a message says, but for the first.
 * @job: the copy
 * @action: FCOPY_WRITE, FCOPY_FINISH or FCOPY_ABANDON
 * @message: the message
 * @serial: of it
 */
void fcopy_job_do(struct fcopy_job *job, enum fcopy_action action,
		  const struct fcopy_message *message, uint64_t serial)
{
	struct fcopy_service *service = job->service;

	/* the thread has not come back from what was asked before, and may not for long */
	if (job->serial) {
		fcopy_job_end(job, -ECANCELED);
		fcopy_service_reply(service, serial, message->operation, 0);
		return;
	}
	job->message = *message;
	if (action == FCOPY_WRITE && message->len)
		memcpy(job->data, message->data, message->len);
	/* half of it: names and owners may take their time, too */
	job->sync_ms = service->setup.step_ms / 2;
	job_step(job, action == FCOPY_WRITE ? &step_write :
		 action == FCOPY_FINISH ? &step_finish : &step_remove, serial);
}

/* What the module says of a file that it has; an errno ends the copy. */
static int module_look(struct fcopy_job *job)
{
	struct hvic_user_fcopy_state state = { 0 };

	if (!state_ask(job, &state))
		return 0;
	job->heard = now_ms() - state.idle_ms;
	if (state.error)
		return state.error < 0 ? state.error : -EIO;
	return job->serial || (state.flags & HVIC_USER_FCOPY_HOLDS) ? 0 : -ENODEV;
}

/**
 * fcopy_job_look() - Look after a copy.
 * @job: the copy; may end by that
 */
void fcopy_job_look(struct fcopy_job *job)
{
	struct fcopy_entry *entry = fcopy_status_last(&job->service->status);
	uint64_t silence = job->service->setup.setting->silence * 1000ULL;
	int err = module_look(job);

	if (!err && !job->serial && now_ms() - job->heard >= silence)
		err = -ETIME;
	if (err == -ETIME)
		file_take_back(job);
	if (err) {
		fcopy_job_end(job, err);
		return;
	}
	entry->state = job->serial && now_ms() - job->asked >= WAITING_MS ? FCOPY_WAITING :
									    FCOPY_COPYING;
	entry->bytes = job->bytes;
	entry->ms = now_ms() - job->began;
	fcopy_status_write(&job->service->status);
	if (!job->step && job->bytes - job->flushed >= FLUSH_BYTES) {
		job->flush[0] = job->flushed;
		job->flush[1] = job->bytes;
		job->flushed = job->bytes;
		step_begin(job, &step_flush);
	}
}

static int on_tick(sd_event_source *source, uint64_t usec, void *data)
{
	struct fcopy_job *job = data;

	(void)usec;
	sd_event_source_set_time_relative(source, job->service->setup.tick_ms * 1000ULL);
	fcopy_job_look(job);
	return 0;
}

static int timers_add(struct fcopy_job *job)
{
	sd_event *event = job->service->setup.event;
	int err;

	err = sd_event_add_time_relative(event, &job->timer, CLOCK_MONOTONIC, 0, 0, on_timeout,
					 job);
	if (err >= 0)
		err = sd_event_source_set_enabled(job->timer, SD_EVENT_OFF);
	if (err >= 0)
		err = sd_event_add_time_relative(event, &job->tick, CLOCK_MONOTONIC,
						 job->service->setup.tick_ms * 1000ULL, 0, on_tick,
						 job);
	if (err >= 0)
		err = sd_event_source_set_enabled(job->tick, SD_EVENT_ON);
	return err < 0 ? err : 0;
}

/**
 * fcopy_job_begin() - Begin a copy.
 * @service: the service, which has none
 * @start: what the host says of it
 * @serial: of that message, which is answered
 *
 * Return: 0; else the message is yet to be answered: -EBUSY when file systems hold up too
 * many before it; -ENOMEM; a negative errno of making what it needs.
 */
int fcopy_job_begin(struct fcopy_service *service, const struct fcopy_message *start,
		    uint64_t serial)
{
	struct fcopy_job *job = calloc(1, sizeof(*job));
	int err;

	if (!job)
		return -ENOMEM;
	job->service = service;
	job->message = *start;
	job->began = now_ms();
	fcopy_target_start(&job->target, service->setup.setting, service->run);
	err = timers_add(job);
	if (!err)
		err = fcopy_worker_new(&job->worker, service->setup.workers,
				       service->setup.event, on_step_done, job);
	if (err) {
		sd_event_source_disable_unref(job->timer);
		sd_event_source_disable_unref(job->tick);
		free(job);
		return err;
	}
	service->job = job;
	job_step(job, &step_open, serial);
	return 0;
}
