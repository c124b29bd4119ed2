/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy that goes on.  For service.c only.
 */
#ifndef FCOPY_JOB_H
#define FCOPY_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "fcopy/service.h"
#include "fcopy/status.h"
#include "fcopy/target.h"
#include "fcopy/worker.h"

/**
 * struct fcopy_service - copies of a host
 * @setup: what it works with
 * @run: see fcopy_partial_run()
 * @is_ours: whether the module is, which has looked at the order of messages
 * @sweeper: removes what was left unfinished, and then holds @lock; NULL for none
 * @lock: of fcopy_partial_sweep(); -1 for none
 * @status: the last copies
 * @job: the one that goes on; NULL for none
 */
struct fcopy_service {
	struct fcopy_service_setup setup;
	uint32_t run;
	bool is_ours;
	struct fcopy_worker *sweeper;
	int lock;
	struct fcopy_status status;
	struct fcopy_job *job;
};

struct fcopy_step;

/**
 * struct fcopy_job - a copy that goes on
 * @service: the service
 * @worker: does what may wait for the file system
 * @target: the file; the worker's while it works
 * @step: what the worker does; NULL for nothing
 * @next: what it does then; NULL for nothing
 * @serial: of the message that waits for an answer; 0 for none
 * @message: what that says; its data is in @data
 * @data: a piece of the file
 * @sync_ms: how long the disk may take at the end
 * @timer: ends what takes longer than the host waits
 * @tick: looks after it
 * @began: when, milliseconds of CLOCK_MONOTONIC
 * @heard: when the host was last heard of
 * @asked: when @step was begun
 * @bytes: have come
 * @flushed: of those, the disk has begun with
 * @flush: from where to where the thread has it begin; the worker's while it works
 * @is_taken: whether the module has the file
 */
struct fcopy_job {
	struct fcopy_service *service;
	struct fcopy_worker *worker;
	struct fcopy_target target;
	const struct fcopy_step *step;
	const struct fcopy_step *next;
	uint64_t serial;
	struct fcopy_message message;
	char data[HVIC_FCOPY_DATA_LEN];
	unsigned int sync_ms;
	sd_event_source *timer;
	sd_event_source *tick;
	uint64_t began;
	uint64_t heard;
	uint64_t asked;
	uint64_t bytes;
	uint64_t flushed;
	uint64_t flush[2];
	bool is_taken;
};

int fcopy_job_begin(struct fcopy_service *service, const struct fcopy_message *start,
		    uint64_t serial);
enum fcopy_stage fcopy_job_stage(const struct fcopy_job *job);
void fcopy_job_do(struct fcopy_job *job, enum fcopy_action action,
		  const struct fcopy_message *message, uint64_t serial);
void fcopy_job_look(struct fcopy_job *job);
void fcopy_job_end(struct fcopy_job *job, int err);

void fcopy_service_reply(struct fcopy_service *service, uint64_t serial, uint32_t operation,
			 int err);
void fcopy_service_ended(struct fcopy_service *service, const struct fcopy_job *job, int err);

#endif
