/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A setting that is being carried out: applied, seen to be there, else undone.
 */
#ifndef KVP_JOB_H
#define KVP_JOB_H

#include "kvp/net/command.h"
#include "kvp/net/link.h"
#include "kvp/net/net.h"
#include "kvp/net/setting.h"
#include "kvp/net/undo.h"

/* How long a host waits for a setting to be undone, and how long that may go on then. */
#define KVP_JOB_RESTORE_SECONDS	7
#define KVP_JOB_LATE_SECONDS	60

struct kvp_backend;

enum kvp_job_phase {
	KVP_JOB_APPLYING,
	KVP_JOB_VERIFYING,
	KVP_JOB_RESTORING,
	KVP_JOB_ENDED,
};

/**
 * struct kvp_job - a setting that is being carried out
 * @net: the network
 * @nic: the link
 * @setting: what it is to be set to
 * @backend: who does it
 * @phase: how far it is
 * @deadline: by when the link is to be set, in seconds of CLOCK_MONOTONIC
 * @undo: files as they were
 * @command: a program of the back-end's that runs; NULL for none
 * @slot: a call of the back-end's that is under way; NULL for none
 * @state: what the back-end has to remember
 * @step: likewise
 * @watch: tells of changes while verifying
 * @timer: ends a phase
 * @quiet: ends verifying when nothing has changed for a while
 * @deferred: ends the job from the loop, never from within a caller
 * @err: why it failed; 0 as long as it did not
 * @why: the same in words
 * @done: who is told; NULL once that is so
 * @data: for @done
 */
struct kvp_job {
	struct kvp_net *net;
	struct kvp_nic nic;
	struct kvp_setting setting;
	const struct kvp_backend *backend;
	enum kvp_job_phase phase;
	time_t deadline;
	struct kvp_undo undo;
	struct kvp_command *command;
	sd_bus_slot *slot;
	char state[256];
	unsigned int step;
	struct kvp_link_watch *watch;
	sd_event_source *timer;
	sd_event_source *quiet;
	sd_event_source *deferred;
	int err;
	char why[256];
	kvp_nic_done_t done;
	void *data;
};

void kvp_job_applied(struct kvp_job *job, int err);
int kvp_job_run(struct kvp_job *job, const char *const argv[],
		void (*done)(int err, void *job));
unsigned int kvp_job_seconds(const struct kvp_job *job);
void kvp_job_abandon(struct kvp_job *job);

#endif
