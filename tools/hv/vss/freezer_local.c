// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A process of ours holds what is frozen, where the module does not.
 *
 * There are two, so that one that does not come back from a call is in nobody's way:
 *
 *   the worker	freezes, and does nothing else: it may hang in FIFREEZE, in a state (D) in
 *		which no signal reaches it
 *   the holder	waits for the daemon, the worker and the clock, and thaws
 *
 * The holder thaws when it is told to, when the daemon is gone (its end of the socket
 * closes), and on the deadline.  The daemon thaws when the holder is gone, and when it is
 * a second behind the deadline; for a worker that hangs and has no holder any more it
 * leaves a third process behind (the nurse).  The worker thaws when it comes back too late.  All of
 * them thaw by the record that they share: whoever turns FROZEN to THAWING there does it.
 * And who is started after all of them were killed reads the record in /run.
 *
 * All memory is locked, each process has been made, and each descriptor is open before the
 * first call; from then on there is nothing but ioctl(), poll(), read() and write() of a
 * byte.
 */
#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "vss/freezer.h"
#include "vss/process.h"

/* How long the start of the processes may take, and an answer when one is due. */
#define START_MS	10000
#define THAW_MS		10000
#define GRACE_MS	1000

/* Bytes that the three say to each other. */
enum word {
	WORD_READY	= 'r',
	WORD_FREEZE	= 'f',
	WORD_DONE	= 'd',	/* all is frozen, or all is thawed */
	WORD_FAILED	= 'x',
	WORD_THAW	= 't',
};

struct local {
	struct vss_set *set;
	struct vss_record *record;
	int daemon;		/* the holder's end of what it has with the daemon */
	int worker;		/* and with the worker */
	int timer;
	bool worker_done;
};

/* ---- freezing and thawing ---- */

static void entry_thaw(struct vss_entry *entry, int fd)
{
	unsigned int frozen = VSS_STATE_FROZEN;

	if (!atomic_compare_exchange_strong(&entry->state, &frozen, VSS_STATE_THAWING))
		return;
	/* EINVAL: somebody else has thawed it meanwhile */
	entry->state = ioctl(fd, FITHAW, 0) < 0 ? VSS_STATE_LOST : VSS_STATE_THAWED;
}

/*
 * Who was killed in the middle of a call has left no word of how it ended.  A file system
 * that is not frozen refuses to be thawed, so it is tried.
 */
static void set_settle(struct vss_set *set)
{
	unsigned int freezing;
	uint32_t i;

	for (i = 0; i < set->record->count; i++) {
		freezing = VSS_STATE_FREEZING;
		atomic_compare_exchange_strong(&set->record->entries[i].state, &freezing,
					       VSS_STATE_FROZEN);
	}
}

/* In reverse; what another process of us is about to thaw is left to that. */
static void set_thaw(struct vss_set *set)
{
	struct vss_record *record = set->record;
	uint32_t i;

	for (i = record->count; i--;)
		entry_thaw(&record->entries[i], set->fds[i]);
	record->thawed_at = vss_record_now();
}

static void set_abort(struct vss_set *set, enum hvic_user_vss_end end)
{
	unsigned int held = HVIC_USER_VSS_HELD;

	/* the first reason is the reason */
	atomic_compare_exchange_strong(&set->record->end, &held, end);
	set->record->abort = true;
	set_thaw(set);
}

static int entry_freeze(struct vss_entry *entry, int fd)
{
	uint64_t from = vss_record_now();
	int err;

	entry->state = VSS_STATE_FREEZING;
	err = ioctl(fd, FIFREEZE, 0) < 0 ? -errno : 0;
	entry->state = err ? VSS_STATE_FAILED : VSS_STATE_FROZEN;
	entry->error = err;
	entry->took_us = (uint32_t)((vss_record_now() - from) / 1000);
	return err;
}

static int set_freeze(struct vss_set *set)
{
	struct vss_record *record = set->record;
	uint32_t i;
	int err = 0;

	record->froze_at = vss_record_now();
	for (i = 0; i < record->count && !err && !record->abort; i++)
		err = entry_freeze(&record->entries[i], set->fds[i]);
	record->frozen_at = vss_record_now();
	if (err)
		record->failed = i - 1;
	if (err || record->abort)
		set_thaw(set);
	return record->abort ? -ETIMEDOUT : err;
}

static unsigned int count_of(const struct vss_record *record, enum vss_state state)
{
	unsigned int count = 0;
	uint32_t i;

	for (i = 0; i < record->count; i++)
		count += record->entries[i].state == state;
	return count;
}

/* ---- words ---- */

static void word_say(int fd, enum word word)
{
	char byte = (char)word;

	/* who does not hear it any more is gone, which shows otherwise */
	if (send(fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

/* 0 for an end. */
static int word_hear(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1 ? byte : 0;
}

/* -ETIMEDOUT when there is none in time. */
static int word_wait(int fd, unsigned int ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t until = vss_record_now() + (uint64_t)ms * 1000000, now;
	int ready;

	do {
		now = vss_record_now();
		ready = poll(&poll_fd, 1, now < until ? (int)((until - now) / 1000000) + 1 : 0);
	} while (ready < 0 && errno == EINTR);
	return ready > 0 ? word_hear(fd) : -ETIMEDOUT;
}

/* ---- the processes ---- */

static void process_settle(const char *name)
{
	sigset_t all;

	/* who ends the daemon and its group does not end who thaws */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, name);
	/* without the right to it, or the room, there is still what has been touched */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		return;
}

__attribute__((noreturn)) static void worker_run(struct vss_set *set, int holder)
{
	process_settle("hv_vss_worker");
	word_say(holder, WORD_READY);
	/* the end of the holder before there is anything to do */
	if (word_hear(holder) == WORD_FREEZE) {
		set->record->error = set_freeze(set);
		word_say(holder, set->record->error ? WORD_FAILED : WORD_DONE);
	}
	_exit(0);
}

static int worker_start(struct local *local)
{
	int pair[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	child = fork();
	if (!child) {
		vss_process_trim(local->set->fds, local->record->count, pair[1]);
		worker_run(local->set, pair[1]);
	}
	close(pair[1]);
	local->worker = pair[0];
	local->record->worker = child;
	return child < 0 ? -errno : 0;
}

static void timer_set(int timer, unsigned int ms)
{
	const struct itimerspec when = {
		.it_value = { ms / 1000, (long)(ms % 1000) * 1000000 + 1 },
	};

	timerfd_settime(timer, 0, &when, NULL);
}

/* Thaws what there is, waits for a worker that may freeze one more, and is done. */
__attribute__((noreturn)) static void holder_end(struct local *local,
						 enum hvic_user_vss_end end)
{
	set_abort(local->set, end);
	if (!local->worker_done) {
		if (!word_hear(local->worker))
			set_settle(local->set);
		set_thaw(local->set);
	}
	word_say(local->daemon, WORD_DONE);
	_exit(0);
}

static void holder_worker(struct local *local)
{
	int word = word_hear(local->worker);

	local->worker_done = true;
	if (!word && !local->record->error)
		local->record->error = -EPIPE;
	if (!word) {
		set_settle(local->set);
		set_thaw(local->set);
	}
	word_say(local->daemon, word == WORD_DONE ? WORD_DONE : WORD_FAILED);
	if (word != WORD_DONE)
		_exit(0);
}

__attribute__((noreturn)) static void holder_run(struct local *local, unsigned int deadline_ms)
{
	enum { DAEMON, TIMER, WORKER };
	struct pollfd fds[] = {
		{ .fd = local->daemon, .events = POLLIN },
		{ .fd = local->timer, .events = POLLIN },
		{ .fd = local->worker, .events = POLLIN },
	};
	int word;

	for (;;) {
		if (poll(fds, local->worker_done ? 2 : 3, -1) < 0)
			continue;
		if (fds[TIMER].revents)
			holder_end(local, HVIC_USER_VSS_DEADLINE);
		if (fds[DAEMON].revents) {
			word = word_hear(local->daemon);
			if (word != WORD_FREEZE)
				holder_end(local, word == WORD_THAW ? HVIC_USER_VSS_THAWED :
					   HVIC_USER_VSS_GONE);
			timer_set(local->timer, deadline_ms);
			word_say(local->worker, WORD_FREEZE);
		} else if (!local->worker_done && fds[WORKER].revents) {
			holder_worker(local);
		}
	}
}

__attribute__((noreturn)) static void holder_start(struct vss_set *set, int daemon,
						   unsigned int deadline_ms)
{
	struct local local = { .set = set, .record = set->record, .daemon = daemon };

	set->record->pid = getpid();
	vss_process_trim(set->fds, set->record->count, daemon);
	local.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (local.timer < 0 || worker_start(&local))
		_exit(1);
	process_settle("hv_vss_holder");
	if (word_wait(local.worker, START_MS) != WORD_READY)
		_exit(1);
	word_say(daemon, WORD_READY);
	holder_run(&local, deadline_ms);
}

/* ---- the daemon's side ---- */

static void holder_leave(struct vss_freezer *freezer)
{
	/* one whose worker is stuck is left behind; it thaws and ends when that comes back */
	close(freezer->control);
	if (freezer->worker >= 0)
		close(freezer->worker);
	freezer->control = -1;
	freezer->worker = -1;
}

static int holder_make(struct vss_freezer *freezer, struct vss_set *set,
		       unsigned int deadline_ms)
{
	int pair[2], made;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	made = vss_process_fork();
	if (!made)
		holder_start(set, pair[1], deadline_ms);
	close(pair[1]);
	freezer->control = pair[0];
	if (made > 0 && word_wait(pair[0], START_MS) == WORD_READY) {
		freezer->worker = pidfd_open(set->record->worker, 0);
		if (freezer->worker >= 0)
			return 0;
	}
	holder_leave(freezer);
	return -EPIPE;
}

static bool worker_is_gone(const struct vss_freezer *freezer)
{
	struct pollfd worker = { .fd = freezer->worker, .events = POLLIN };

	return poll(&worker, 1, 0) > 0;
}

/*
 * A worker that hangs thaws what it hung in when it comes back, and its holder does if it
 * was killed meanwhile.  With that gone, too, somebody has to wait for it, and thawing
 * while it is at it would hang as well.
 */
static void worker_await(struct vss_freezer *freezer, struct vss_set *set)
{
	struct pollfd worker = { .fd = freezer->worker, .events = POLLIN };

	if (vss_process_fork())
		return;
	vss_process_trim(set->fds, set->record->count, freezer->worker);
	process_settle("hv_vss_nurse");
	while (poll(&worker, 1, -1) < 0)
		;
	set_settle(set);
	set_thaw(set);
	_exit(0);
}

/* Thaws as far as that is for this process to do. */
static void daemon_abort(struct vss_freezer *freezer, struct vss_set *set,
			 enum hvic_user_vss_end end, bool holder_gone)
{
	unsigned int i;

	set_abort(set, end);
	/* one that is not stuck tells how its call ended */
	for (i = 0; holder_gone && i < GRACE_MS && count_of(set->record, VSS_STATE_FREEZING) &&
	     !worker_is_gone(freezer); i++)
		usleep(1000);
	if (!holder_gone || !count_of(set->record, VSS_STATE_FREEZING))
		return;
	if (worker_is_gone(freezer)) {
		set_settle(set);
		set_thaw(set);
	} else {
		worker_await(freezer, set);
	}
}

/* Who hangs is told by the record: nothing more is frozen, and the rest is thawed by us. */
static int local_freeze(struct vss_freezer *freezer, struct vss_set *set,
			unsigned int deadline_ms)
{
	struct vss_record *record = set->record;
	int err = holder_make(freezer, set, deadline_ms), word;

	if (err)
		return err;
	record->holder = VSS_HOLDER_PROCESS;
	word_say(freezer->control, WORD_FREEZE);
	word = word_wait(freezer->control, deadline_ms + GRACE_MS);
	if (word == WORD_DONE && !record->abort)
		return 0;
	daemon_abort(freezer, set, HVIC_USER_VSS_DEADLINE, !word);
	err = word == -ETIMEDOUT || word == WORD_DONE ? -ETIMEDOUT :
	      word && record->error ? record->error : -EPIPE;
	holder_leave(freezer);
	return err;
}

/* What somebody else of us is about to thaw, for as long as that may take. */
static void thaws_wait(struct vss_record *record)
{
	unsigned int i;

	for (i = 0; i < THAW_MS && count_of(record, VSS_STATE_THAWING); i++)
		usleep(1000);
}

static int local_thaw(struct vss_freezer *freezer, struct vss_outcome *outcome)
{
	struct vss_record *record = freezer->set->record;
	int word;

	word_say(freezer->control, WORD_THAW);
	word = word_wait(freezer->control, GRACE_MS);
	/* nothing is left to do, unless the holder is gone, stopped or slow */
	daemon_abort(freezer, freezer->set, HVIC_USER_VSS_THAWED, !word);
	thaws_wait(record);
	holder_leave(freezer);
	outcome->end = (enum hvic_user_vss_end)record->end;
	outcome->thawed = outcome->end == HVIC_USER_VSS_THAWED ?
			  count_of(record, VSS_STATE_THAWED) : 0;
	outcome->lost = count_of(record, VSS_STATE_LOST);
	if (outcome->end == HVIC_USER_VSS_THAWED && outcome->lost)
		outcome->end = HVIC_USER_VSS_OTHERS;
	outcome->frozen_ms = (unsigned int)((record->thawed_at - record->froze_at) / 1000000);
	return count_of(record, VSS_STATE_FROZEN) + count_of(record, VSS_STATE_THAWING) +
	       count_of(record, VSS_STATE_FREEZING) ? -EUCLEAN : 0;
}

static int local_fd(const struct vss_freezer *freezer)
{
	return freezer->control;
}

/* By processes of our own. */
const struct vss_freezer_ops vss_freezer_local = {
	.name = "process",
	.freeze = local_freeze,
	.thaw = local_thaw,
	.fd = local_fd,
};
