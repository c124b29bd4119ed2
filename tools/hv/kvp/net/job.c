// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A setting that is being carried out.
 *
 *	applying --> verifying --> ended	(applying begins when a manager is there)
 *	    |            |
 *	    +--> restoring --> ended, with an error
 *
 * A manager that says it has done what it was told need not have: only the link shows.
 * The host hears of the outcome when there is one, or of the failure when restoring takes
 * longer than it waits, some 30 seconds; until then it sends nothing else.  All phases have
 * an end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hv/hvic_limits.h>

#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/net/backend.h"
#include "kvp/net/job.h"
#include "kvp/net/lease.h"

/* How long a manager is waited for that has the link: a part of the whole, in steps. */
#define PATIENCE_PART	3
#define PATIENCE_USEC	250000

/* How long a link has to be what it is to be. */
#define QUIET_USEC	500000

_Static_assert(KVP_NET_VERIFY_MOST + KVP_JOB_RESTORE_SECONDS < HVIC_LIMIT_KVP_SECS,
	       "a setting is undone before the module gives up");

static void job_restore(struct kvp_job *job, int err);

static time_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void job_free(struct kvp_job *job)
{
	kvp_command_free(job->command);
	sd_bus_slot_unref(job->slot);
	kvp_link_watch_free(job->watch);
	sd_event_source_disable_unref(job->timer);
	sd_event_source_disable_unref(job->quiet);
	sd_event_source_disable_unref(job->deferred);
	kvp_undo_forget(&job->undo);
	free(job);
}

/* What the phase that ends was waiting for; not the command, which may be calling. */
static void job_quiet(struct kvp_job *job)
{
	kvp_link_watch_free(job->watch);
	job->watch = NULL;
	job->timer = sd_event_source_disable_unref(job->timer);
	job->quiet = sd_event_source_disable_unref(job->quiet);
}

static int job_on_end(sd_event_source *source, void *userdata)
{
	struct kvp_job *job = userdata;
	kvp_nic_done_t done = job->done;
	void *data = job->data;
	int err = job->err;

	(void)source;
	job->net->job = NULL;
	job_free(job);
	if (done)
		done(err, data);
	return 0;
}

static void job_end(struct kvp_job *job)
{
	job_quiet(job);
	/* a back-end that could not even begin has not put them back */
	if (job->err)
		kvp_undo_restore(&job->undo);
	job->phase = KVP_JOB_ENDED;
	sd_event_source_set_enabled(job->deferred, SD_EVENT_ONESHOT);
}

static void job_succeed(struct kvp_job *job)
{
	hvd_info("%s: set by %s as the host wants it", job->nic.name, job->backend->name);
	if (job->backend->settle)
		job->backend->settle(job);
	kvp_undo_forget(&job->undo);
	job_end(job);
}

/* Whether the link is what it is to be, as far as can be told. */
static int job_verify(struct kvp_job *job, bool *carrier)
{
	struct kvp_link *link = malloc(sizeof(*link));
	bool leased;
	int err;

	if (!link)
		return -ENOMEM;
	/* some managers take a link down, or away, before it comes back */
	err = kvp_link_read(link, job->nic.index);
	if (err == -ENODEV)
		snprintf(job->why, sizeof(job->why), "the link has gone");
	leased = !err && kvp_lease_exists(job->net->root, job->nic.name, job->nic.index,
					  &link->addresses);
	*carrier = err || link->carrier;
	if (!err)
		err = kvp_link_verify(link, &job->setting, leased, job->why, sizeof(job->why));
	free(link);
	return err;
}

static int job_on_quiet(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct kvp_job *job = userdata;
	bool carrier;

	(void)source;
	(void)usec;
	if (!job_verify(job, &carrier))
		job_succeed(job);
	return 0;
}

/*
 * On its way to what it is to be, a link may look like it for a moment: when the old
 * addresses are gone by half, or before anything has happened.  So it has to stay like
 * that, with nothing changing, for a while.
 */
static void job_on_change(void *userdata)
{
	struct kvp_job *job = userdata;
	bool carrier;
	int err;

	job->quiet = sd_event_source_disable_unref(job->quiet);
	err = job_verify(job, &carrier);
	if (!err)
		err = sd_event_add_time_relative(job->net->event, &job->quiet, CLOCK_MONOTONIC,
						 QUIET_USEC, 0, job_on_quiet, job);
	if (err < 0 && err != -EAGAIN && err != -ENODEV)
		job_restore(job, err);
}

/* Of a link without a cable nothing can be seen, but the setting is there for when it has one. */
static int job_on_verify_end(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct kvp_job *job = userdata;
	bool carrier;
	int err;

	(void)source;
	(void)usec;
	err = job_verify(job, &carrier);
	if (err && !carrier)
		hvd_warning("%s: not connected, so that %s; set nevertheless", job->nic.name,
			    job->why);
	if (!err || !carrier)
		job_succeed(job);
	else
		job_restore(job, -ETIMEDOUT);
	return 0;
}

static void job_verify_start(struct kvp_job *job)
{
	int err;

	job->phase = KVP_JOB_VERIFYING;
	err = kvp_link_watch_new(&job->watch, job->net->event, job_on_change, job);
	if (err >= 0)
		err = sd_event_add_time_relative(job->net->event, &job->timer, CLOCK_MONOTONIC,
						 kvp_job_seconds(job) * 1000000ULL, 0,
						 job_on_verify_end, job);
	if (err < 0)
		job_restore(job, err);
	else
		job_on_change(job);	/* it may be all there by now */
}

/*
 * Half the way back is no place to stop: a slow manager goes on when the host, which waits
 * no longer, has been told.
 */
static int job_on_restore_end(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct kvp_job *job = userdata;
	kvp_nic_done_t done = job->done;

	(void)usec;
	if (!done ||
	    sd_event_source_set_time_relative(source, KVP_JOB_LATE_SECONDS * 1000000ULL) < 0 ||
	    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0) {
		kvp_job_applied(job, -ETIMEDOUT);
		return 0;
	}
	hvd_warning("%s: %s still puts the old setting back", job->nic.name, job->backend->name);
	job->done = NULL;
	done(job->err, job->data);
	return 0;
}

static void job_restore(struct kvp_job *job, int err)
{
	hvd_error("%s: not set, and put back: %s", job->nic.name,
		  job->why[0] ? job->why : strerror(-err));
	job_quiet(job);
	job->phase = KVP_JOB_RESTORING;
	job->err = err;
	job->step = 0;
	if (!job->backend->restore) {
		kvp_undo_restore(&job->undo);
		job_end(job);
		return;
	}
	err = sd_event_add_time_relative(job->net->event, &job->timer, CLOCK_MONOTONIC,
					 KVP_JOB_RESTORE_SECONDS * 1000000ULL, 0,
					 job_on_restore_end, job);
	if (err >= 0)
		err = job->backend->restore(job);
	if (err < 0)
		kvp_job_applied(job, err);
}

/**
 * kvp_job_applied() - Say that a back-end has done what it was told.
 * @job: the job, which may be ended by that
 * @err: 0, or why it has not
 */
void kvp_job_applied(struct kvp_job *job, int err)
{
	switch (job->phase) {
	case KVP_JOB_APPLYING:
		if (err)
			job_restore(job, err);
		else
			job_verify_start(job);
		break;
	case KVP_JOB_RESTORING:
		if (err)
			hvd_error("%s: %s did not take the old setting: %s", job->nic.name,
				  job->backend->name, strerror(-err));
		job_end(job);
		break;
	default:
		break;	/* too late: the phase was ended by its time */
	}
}

/**
 * kvp_job_seconds() - How long what is left of a phase may take.
 * @job: the job
 *
 * Return: seconds.
 */
unsigned int kvp_job_seconds(const struct kvp_job *job)
{
	time_t left = job->deadline - seconds_now();

	if (job->phase == KVP_JOB_RESTORING)
		return KVP_JOB_RESTORE_SECONDS + KVP_JOB_LATE_SECONDS;
	return left < 1 ? 1 : (unsigned int)left;
}

/**
 * kvp_job_run() - Run a program as a part of a job.
 * @job: the job
 * @argv: see kvp_command_run()
 * @done: what comes then
 *
 * Return: see kvp_command_run().
 */
int kvp_job_run(struct kvp_job *job, const char *const argv[], void (*done)(int err, void *job))
{
	kvp_command_free(job->command);
	job->command = NULL;
	return kvp_command_run(&job->command, job->net, argv, kvp_job_seconds(job), done, job);
}

/**
 * kvp_job_abandon() - Leave a job where it is, but for the files.
 * @job: may be NULL; nobody is told
 */
void kvp_job_abandon(struct kvp_job *job)
{
	if (!job)
		return;
	kvp_undo_restore(&job->undo);
	job->net->job = NULL;
	job_free(job);
}

static void job_choose(struct kvp_job *job);

static int job_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct kvp_job *job = userdata;

	(void)source;
	(void)usec;
	job->timer = sd_event_source_disable_unref(job->timer);
	job_choose(job);
	return 0;
}

/*
 * Hosts set adapters as soon as there is a daemon, which is before most managers run; and
 * there is no event that all of them have in common.
 */
static bool job_has_patience(struct kvp_job *job)
{
	time_t gone = seconds_now() - (job->deadline - job->net->verify_seconds);

	return gone * PATIENCE_PART < job->net->verify_seconds &&
	       sd_event_add_time_relative(job->net->event, &job->timer, CLOCK_MONOTONIC,
					  PATIENCE_USEC, 0, job_on_patience, job) >= 0;
}

static void job_choose(struct kvp_job *job)
{
	enum kvp_claim claim;
	int err;

	job->backend = kvp_backend_choose(job->net, &job->nic, &claim);
	if (claim != KVP_CLAIM_HAS && job_has_patience(job))
		return;
	if (!job->backend) {
		hvd_error("%s: not set: no network manager has it; name one by backend=",
			  job->nic.name);
		job->err = -EOPNOTSUPP;
		job_end(job);
		return;
	}
	err = job->backend->apply(job);
	if (err < 0)
		job_restore(job, err);
}

static int job_start(struct kvp_job *job)
{
	int err;

	err = sd_event_add_defer(job->net->event, &job->deferred, job_on_end, job);
	if (err >= 0)
		err = sd_event_source_set_enabled(job->deferred, SD_EVENT_OFF);
	if (err < 0)
		return err;
	job_choose(job);
	return 0;
}

/**
 * kvp_nic_set() - Set an adapter as a host wants it.
 * @net: the network
 * @ip: what the host sent; nothing of it is taken on trust
 * @done: told from the loop how it ended: 0 when the link has what it was to have, or a
 *	negative errno, with all as it was before: -EOPNOTSUPP when no manager is found,
 *	-ETIMEDOUT when the link did not become what it was to be, -EADDRINUSE when it could
 *	not, or what a manager said
 * @data: for @done
 *
 * Return: 0 when @done will be told; -EBUSY while another is under way, or put back;
 * -EINVAL when the message makes no sense, which is logged; -ENODEV when there is no such
 * adapter; -ENOMEM.
 */
int kvp_nic_set(struct kvp_net *net, const struct hvic_user_kvp_ip *ip, kvp_nic_done_t done,
		void *data)
{
	struct kvp_job *job;
	int err;

	if (net->job)
		return -EBUSY;
	if (hvd_text_len(ip->adapter, sizeof(ip->adapter)) < 0)
		return -EINVAL;
	job = calloc(1, sizeof(*job));
	if (!job)
		return -ENOMEM;
	job->net = net;
	job->undo.journal = net->journal;
	job->deadline = seconds_now() + net->verify_seconds;
	job->done = done;
	job->data = data;
	err = kvp_setting_parse(&job->setting, ip, job->why, sizeof(job->why));
	if (err)
		hvd_error("the host's setting of an adapter makes no sense: %s", job->why);
	else
		err = kvp_nic_find_guid(net, &job->nic, (const char *)ip->adapter);
	job->why[0] = '\0';
	net->job = job;
	if (!err)
		err = job_start(job);
	if (err < 0) {
		net->job = NULL;
		job_free(job);
	}
	return err;
}
