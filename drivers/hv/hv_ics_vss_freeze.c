// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds file systems frozen for a daemon, and thaws them when it does not.
 *
 * A daemon hands over descriptors and a time by an ioctl. Threads freeze, side by side
 * what does not need each other, while the process that asked for it waits; no lock is
 * held meanwhile: that can take as long as a disk does. It is over when the daemon says
 * so by another ioctl, when the time is up, when hv_ics_vss_freeze_end() was called, when
 * one cannot be frozen or the process is killed: whatever is frozen then is thawed by a
 * work of its own, so that a disk that hangs holds up no other. What somebody is still
 * freezing at that moment he thaws himself.
 *
 *   seat:  OPEN --thread--> FREEZING --> FROZEN --whoever thaws--> THAWING --> OPEN
 *
 * From the first freeze to the last thaw nothing is allocated: whatever waits for
 * memory could wait for a write to what is frozen.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include <hv/hvic_limits.h>

#include "hv_ics_threads.h"
#include "hv_ics_vss_freeze.h"
#include "hv_ics_trace.h"

/* What could not be thawed is tried again after this; nothing else would ever thaw it. */
#define FREEZE_RETRY_MS		1000

/* How many are frozen, or thawed, side by side: more have disks wait for each other. */
#define FREEZE_WIDTH		16

enum seat_state { SEAT_OPEN, SEAT_FREEZING, SEAT_FROZEN, SEAT_THAWING };

/**
 * struct seat - a file system in a freeze
 * @file: keeps it mounted
 * @sb: the file system
 * @state: see above
 * @work: thaws it
 * @hold: what it is of
 */
struct seat {
	struct hold *hold;
	struct work_struct work;
	struct file *file;
	struct super_block *sb;
	enum seat_state state;
};

/**
 * struct hold - what one ioctl froze, or is freezing
 * @freeze: what it is of
 * @freezing: the process is not done; only it frees the rest, then
 * @error: 0, or the negative errno of the first that could not be frozen
 * @failed: which that was; @count for none
 * @end: an enum hvic_user_vss_end: HELD until somebody has it thawed
 * @deadline: when that is done by the work
 * @since: when the first was frozen
 * @until: when the last was thawed
 * @frozen: seats that are FROZEN or THAWING
 * @thawed: how many were thawed
 * @lost: how many somebody else had thawed
 * @mounts: of each seat, for the daemon; of who freezes that one, and the process
 * @count: of @seats
 * @seats: in the order of freezing
 */
struct hold {
	struct hv_ics_vss_freeze *freeze;
	bool freezing;
	int error;
	u32 failed;
	u32 end;
	ktime_t deadline;
	ktime_t since;
	ktime_t until;
	unsigned int frozen;
	unsigned int thawed;
	unsigned int lost;
	struct hvic_user_vss_mount *mounts;
	unsigned int count;
	struct seat seats[];
};

/**
 * struct hv_ics_vss_freeze - what a device's daemon has frozen
 * @ioctls: of the device; its reference is the memory's
 * @wq: of @work and of seats' works, begun in the order of thawing; with a rescuer, since
 *	there may be no memory for a new worker
 * @work: at the deadline, and for what could not be thawed
 * @suspends: told before user space is frozen, while disks still work
 * @lock: guards all below
 * @hold: what is frozen; %NULL when nothing is
 * @stopped: nothing is frozen any more, ever, and no work is queued
 * @suspended: nothing is frozen until the guest is awake again
 * @awake: it was thawed before the daemon had it thawed, since hv_ics_vss_freeze_begin()
 * @unreported: likewise, and the daemon does not know
 * @last: how the last hold ended, for the daemon
 * @count: for people
 */
struct hv_ics_vss_freeze {
	struct hv_ics_dev_ioctls ioctls;
	struct workqueue_struct *wq;
	struct delayed_work work;
	struct notifier_block suspends;

	spinlock_t lock;	/* see above */
	struct hold *hold;
	bool stopped;
	bool suspended;
	bool awake;
	bool unreported;
	struct hvic_user_vss_thaw last;
	struct hv_ics_vss_freeze_count count;
};

static struct hv_ics_vss_freeze *freeze_of(struct hv_ics_dev_ioctls *ioctls)
{
	return container_of(ioctls, struct hv_ics_vss_freeze, ioctls);
}

static void hold_free(struct hold *hold)
{
	unsigned int i;

	if (!hold)
		return;
	for (i = 0; i < hold->count; i++)
		if (hold->seats[i].file)
			fput(hold->seats[i].file);
	kvfree(hold->mounts);
	kvfree(hold);
}

/* What the daemon is told of a hold that is over, and people. */
static void hold_report(struct hv_ics_vss_freeze *freeze, const struct hold *hold)
{
	bool ours = hold->end == HVIC_USER_VSS_THAWED;

	lockdep_assert_held(&freeze->lock);
	freeze->last = (struct hvic_user_vss_thaw){
		.thawed = ours ? hold->thawed : 0,
		.lost = hold->lost,
		.end = ours && hold->lost ? HVIC_USER_VSS_OTHERS : hold->end,
		.frozen_ms = hold->thawed + hold->lost ?
			     ktime_ms_delta(hold->until, hold->since) : 0,
	};
	if (hold->lost)
		freeze->awake = true;
}

/* Returns the hold when nobody has anything to do with it any more, to be freed. */
static struct hold *hold_retire(struct hv_ics_vss_freeze *freeze)
{
	struct hold *hold = freeze->hold;

	lockdep_assert_held(&freeze->lock);
	if (!hold || hold->freezing || hold->frozen || hold->end == HVIC_USER_VSS_HELD)
		return NULL;
	hold_report(freeze, hold);
	freeze->hold = NULL;
	return hold;
}

static bool seat_claim(struct seat *seat)
{
	bool frozen = seat->state == SEAT_FROZEN;

	lockdep_assert_held(&seat->hold->freeze->lock);
	if (frozen)
		seat->state = SEAT_THAWING;
	return frozen;
}

/* Thaws one that has been claimed; its hold may be gone then. */
static void seat_thaw_claimed(struct seat *seat)
{
	struct hold *hold = seat->hold, *done;
	struct hv_ics_vss_freeze *freeze = hold->freeze;
	int err = compat_sb_thaw(seat->sb);

	trace_hv_ic_thaw(seat->sb->s_id, err, hold->end);
	/* somebody else has thawed it */
	if (err && err != -EINVAL)
		pr_err_ratelimited("hv_utils: could not thaw %s (%d)\n", seat->sb->s_id, err);
	spin_lock(&freeze->lock);
	if (err && err != -EINVAL) {
		seat->state = SEAT_FROZEN;
		if (!freeze->stopped)
			mod_delayed_work(freeze->wq, &freeze->work,
					 msecs_to_jiffies(FREEZE_RETRY_MS));
	} else {
		seat->state = SEAT_OPEN;
		hold->frozen--;
		hold->thawed += !err;
		hold->lost += !!err;
		hold->until = ktime_get();
	}
	done = hold_retire(freeze);
	spin_unlock(&freeze->lock);
	hold_free(done);
	wake_up_all(&freeze->ioctls.wait);
}

static void seat_work(struct work_struct *work)
{
	seat_thaw_claimed(container_of(work, struct seat, work));
}

static void seat_thaw(struct seat *seat)
{
	struct hv_ics_vss_freeze *freeze = seat->hold->freeze;
	bool claimed;

	spin_lock(&freeze->lock);
	claimed = seat_claim(seat);
	spin_unlock(&freeze->lock);
	if (claimed)
		seat_thaw_claimed(seat);
}

/* In reverse, as far as nobody has to wait for another. */
static void seats_queue(struct hv_ics_vss_freeze *freeze, struct hold *hold)
{
	unsigned int i;

	lockdep_assert_held(&freeze->lock);
	for (i = hold->count; i-- && !freeze->stopped;)
		if (seat_claim(&hold->seats[i]))
			queue_work(freeze->wq, &hold->seats[i].work);
}

/* Has all be thawed. The first reason stays. */
static void hold_end(struct hv_ics_vss_freeze *freeze, u32 end)
{
	struct hold *hold = freeze->hold;

	lockdep_assert_held(&freeze->lock);
	if (!hold)
		return;
	if (hold->end == HVIC_USER_VSS_HELD) {
		hold->end = end;
		if (end != HVIC_USER_VSS_THAWED) {
			freeze->awake = true;
			freeze->count.self_thaws++;
			/* who is still freezing gets an errno */
			freeze->unreported = !hold->freezing;
		}
	}
	seats_queue(freeze, hold);
}

static bool freeze_is_settled(struct hv_ics_vss_freeze *freeze)
{
	bool settled;

	spin_lock(&freeze->lock);
	settled = !freeze->hold || freeze->hold->end == HVIC_USER_VSS_HELD ||
		  !freeze->hold->frozen;
	spin_unlock(&freeze->lock);
	return settled;
}

/**
 * hv_ics_vss_freeze_wait() - Wait until what is over is thawed.
 * @freeze: the freezes
 *
 * Context: may sleep, for five seconds at most: a disk that hangs longer is not waited
 * for; nor is a process that is still freezing.
 */
void hv_ics_vss_freeze_wait(struct hv_ics_vss_freeze *freeze)
{
	wait_event_timeout(freeze->ioctls.wait, freeze_is_settled(freeze),
			   msecs_to_jiffies(HVIC_LIMIT_VSS_THAW_MS));
}

static void freeze_work(struct work_struct *work)
{
	struct hv_ics_vss_freeze *freeze =
		container_of(to_delayed_work(work), struct hv_ics_vss_freeze, work);
	struct hold *hold;
	s64 left = 0;

	spin_lock(&freeze->lock);
	hold = freeze->hold;
	/* it may have been queued for the one before */
	if (hold && hold->end == HVIC_USER_VSS_HELD)
		left = ktime_ms_delta(hold->deadline, ktime_get());
	if (left <= 0)
		hold_end(freeze, HVIC_USER_VSS_DEADLINE);
	else if (!freeze->stopped)
		mod_delayed_work(freeze->wq, &freeze->work, msecs_to_jiffies(left));
	spin_unlock(&freeze->lock);
}

/**
 * hv_ics_vss_freeze_end() - Have what is frozen thawed, if anything is.
 * @freeze: the freezes
 *
 * Context: any but interrupts.
 */
void hv_ics_vss_freeze_end(struct hv_ics_vss_freeze *freeze)
{
	spin_lock(&freeze->lock);
	hold_end(freeze, HVIC_USER_VSS_GONE);
	spin_unlock(&freeze->lock);
}

/**
 * hv_ics_vss_freeze_begin() - The host wants the guest frozen.
 * @freeze: the freezes
 *
 * What was thawed before does not count any more.
 */
void hv_ics_vss_freeze_begin(struct hv_ics_vss_freeze *freeze)
{
	spin_lock(&freeze->lock);
	freeze->awake = false;
	spin_unlock(&freeze->lock);
}

/**
 * hv_ics_vss_freeze_is_awake() - Whether something was thawed that should not have been.
 * @freeze: the freezes
 *
 * Return: whether it was, by the module itself or by somebody else, since the host
 * wanted the guest frozen.
 */
bool hv_ics_vss_freeze_is_awake(struct hv_ics_vss_freeze *freeze)
{
	bool awake;

	spin_lock(&freeze->lock);
	awake = freeze->awake;
	spin_unlock(&freeze->lock);
	return awake;
}

/**
 * hv_ics_vss_freeze_count() - What there is to say, for people.
 * @freeze: the freezes
 *
 * Return: see struct hv_ics_vss_freeze_count.
 */
struct hv_ics_vss_freeze_count hv_ics_vss_freeze_count(struct hv_ics_vss_freeze *freeze)
{
	struct hv_ics_vss_freeze_count count;

	spin_lock(&freeze->lock);
	count = freeze->count;
	if (freeze->hold && freeze->hold->frozen) {
		count.frozen = freeze->hold->frozen;
		count.frozen_ms = ktime_ms_delta(ktime_get(), freeze->hold->since);
	}
	spin_unlock(&freeze->lock);
	return count;
}

/* Each super block once, each of a kind that a mount could be named by. */
static int seat_take(struct hold *hold, unsigned int at)
{
	const struct hvic_user_vss_mount *mount = &hold->mounts[at];
	struct seat *seat = &hold->seats[at];
	umode_t mode;
	unsigned int i;

	seat->hold = hold;
	INIT_WORK(&seat->work, seat_work);
	seat->file = fget(mount->fd);
	if (!seat->file)
		return -EBADF;
	seat->sb = file_inode(seat->file)->i_sb;
	mode = file_inode(seat->file)->i_mode;
	/* of our own device, a reference would outlive the daemon */
	if (!S_ISDIR(mode) && !S_ISREG(mode))
		return -EINVAL;
	if (at && mount->level < mount[-1].level)
		return -EINVAL;
	for (i = 0; i < at; i++)
		if (hold->seats[i].sb == seat->sb)
			return -EINVAL;
	return 0;
}

static int hold_take(struct hold *hold)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < hold->count; i++) {
		hold->mounts[i].error = -ECANCELED;
		hold->mounts[i].took_us = 0;
	}
	for (i = 0; i < hold->count && !err; i++) {
		err = seat_take(hold, i);
		if (err) {
			hold->mounts[i].error = err;
			hold->failed = i;
		}
	}
	return err;
}

static struct hold *hold_new(struct hv_ics_vss_freeze *freeze,
			     const struct hvic_user_vss_freeze *asked)
{
	struct hold *hold = kvzalloc(struct_size(hold, seats, asked->count), GFP_KERNEL);
	struct hvic_user_vss_mount *mounts;

	if (!hold)
		return ERR_PTR(-ENOMEM);
	mounts = vmemdup_user(u64_to_user_ptr(asked->mounts),
			      array_size(asked->count, sizeof(*mounts)));
	if (IS_ERR(mounts)) {
		hold_free(hold);
		return ERR_CAST(mounts);
	}
	hold->mounts = mounts;
	hold->freeze = freeze;
	hold->count = asked->count;
	hold->failed = asked->count;
	return hold;
}

/* The first that is frozen only when all before it are. */
static unsigned int level_end(const struct hold *hold, unsigned int from)
{
	unsigned int to = from;

	while (to < hold->count && hold->mounts[to].level == hold->mounts[from].level)
		to++;
	return to;
}

/* As many as the largest level has work for. */
static struct hv_ics_threads *threads_new(const struct hold *hold)
{
	unsigned int from, to, most = 0;

	for (from = 0; from < hold->count; from = to) {
		to = level_end(hold, from);
		most = max(most, to - from);
	}
	return hv_ics_threads_create(min(most, FREEZE_WIDTH));
}

/* From here on, it is thawed whatever happens. */
static int hold_begin(struct hv_ics_vss_freeze *freeze, struct hold *hold, u32 timeout_ms)
{
	int err = 0;

	spin_lock(&freeze->lock);
	if (freeze->stopped || freeze->suspended) {
		err = -ECANCELED;
	} else if (freeze->hold) {
		err = -EBUSY;
	} else {
		hold->freezing = true;
		hold->end = HVIC_USER_VSS_HELD;
		hold->deadline = ktime_add_ms(ktime_get(), timeout_ms);
		freeze->hold = hold;
		freeze->unreported = false;
		mod_delayed_work(freeze->wq, &freeze->work, msecs_to_jiffies(timeout_ms));
	}
	spin_unlock(&freeze->lock);
	return err;
}

/* Why no more is to be frozen: 0, or a negative errno. */
static int hold_err(const struct hold *hold)
{
	if (hold->error)
		return hold->error;
	switch (hold->end) {
	case HVIC_USER_VSS_HELD:
		return 0;
	case HVIC_USER_VSS_DEADLINE:
		return -ETIMEDOUT;
	default:
		return -ECANCELED;
	}
}

static bool seat_begin(struct hold *hold, struct seat *seat)
{
	bool begun;

	spin_lock(&hold->freeze->lock);
	begun = !hold_err(hold);
	if (begun)
		seat->state = SEAT_FREEZING;
	spin_unlock(&hold->freeze->lock);
	return begun;
}

/* One that fails has the others thawed, also while somebody is stuck in another one. */
static void seat_fail(struct hold *hold, unsigned int at, int err)
{
	struct hv_ics_vss_freeze *freeze = hold->freeze;

	lockdep_assert_held(&freeze->lock);
	if (hold_err(hold))
		return;
	hold->error = err;
	hold->failed = at;
	hold_end(freeze, HVIC_USER_VSS_THAWED);
}

/* Returns whether it is over: the others have been seen to already. */
static bool seat_end(struct hold *hold, unsigned int at, int err)
{
	struct seat *seat = &hold->seats[at];
	bool over;

	spin_lock(&hold->freeze->lock);
	seat->state = err ? SEAT_OPEN : SEAT_FROZEN;
	if (!err && !hold->frozen++ && !hold->since)
		hold->since = ktime_get();
	if (err)
		seat_fail(hold, at, err);
	over = hold->end != HVIC_USER_VSS_HELD;
	spin_unlock(&hold->freeze->lock);
	return over;
}

static void seat_freeze(void *data, unsigned int at)
{
	struct hold *hold = data;
	struct hvic_user_vss_mount *mount = &hold->mounts[at];
	struct seat *seat = &hold->seats[at];
	ktime_t start;

	if (!seat_begin(hold, seat))
		return;
	start = ktime_get();
	mount->error = compat_sb_freeze(seat->sb);
	mount->took_us = min_t(s64, ktime_us_delta(ktime_get(), start), U32_MAX);
	trace_hv_ic_freeze(seat->sb->s_id, mount->error, mount->took_us);
	if (seat_end(hold, at, mount->error))
		seat_thaw(seat);
}

/* Freezes all of them, or as far as it goes; when nobody needs it any more, all is over. */
static void hold_freeze(struct hold *hold, struct hv_ics_threads *threads)
{
	unsigned int from, to;

	for (from = 0; from < hold->count; from = to) {
		to = level_end(hold, from);
		hv_ics_threads_begin(threads, from, to, seat_freeze, hold);
		if (hv_ics_threads_wait_killable(threads))
			hv_ics_vss_freeze_end(hold->freeze);
		hv_ics_threads_wait(threads);
	}
}

/* Leaves the hold to who thaws it, now or later. */
static int hold_settle(struct hv_ics_vss_freeze *freeze, struct hold *hold, int err)
{
	struct hold *done;
	unsigned int i;

	spin_lock(&freeze->lock);
	err = hold_err(hold) ?: err;
	if (err) {
		hold_end(freeze, HVIC_USER_VSS_THAWED);
		freeze->count.failures++;
	} else {
		freeze->count.freezes++;
	}
	if (freeze->stopped) {
		spin_unlock(&freeze->lock);
		for (i = hold->count; i--;)
			seat_thaw(&hold->seats[i]);
		spin_lock(&freeze->lock);
	}
	hold->freezing = false;
	done = hold_retire(freeze);
	spin_unlock(&freeze->lock);
	hold_free(done);
	if (err)
		hv_ics_vss_freeze_wait(freeze);
	return err;
}

static int mounts_copy(const struct hold *hold, const struct hvic_user_vss_freeze *asked)
{
	if (copy_to_user(u64_to_user_ptr(asked->mounts), hold->mounts,
			 hold->count * sizeof(*hold->mounts)))
		return -EFAULT;
	return 0;
}

static int freeze_check(const struct hvic_user_vss_freeze *asked)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!asked->count || asked->count > HVIC_USER_VSS_FREEZE_MAX || asked->flags ||
	    asked->reserved || !asked->timeout_ms ||
	    asked->timeout_ms > HVIC_USER_VSS_TIMEOUT_MAX)
		return -EINVAL;
	return 0;
}

/*
 * What became of them is written once before anything is frozen, so that its memory is
 * there. Should it not be there any more, all is thawed, since nobody would.
 */
static int hold_run(struct hv_ics_vss_freeze *freeze, struct hold *hold,
		    struct hv_ics_threads *threads, struct hvic_user_vss_freeze *asked)
{
	int err = hold_take(hold);

	err = mounts_copy(hold, asked) ?: err;
	asked->failed = hold->failed;
	err = err ?: hold_begin(freeze, hold, asked->timeout_ms);
	if (err) {
		hold_free(hold);
		return err;
	}
	hold_freeze(hold, threads);
	/* before anybody else can free it */
	err = mounts_copy(hold, asked);
	asked->failed = hold->failed;
	return hold_settle(freeze, hold, err);
}

static int freeze_all(struct hv_ics_vss_freeze *freeze, struct hvic_user_vss_freeze *asked)
{
	struct hold *hold = hold_new(freeze, asked);
	struct hv_ics_threads *threads;
	int err;

	asked->failed = asked->count;
	if (IS_ERR(hold))
		return PTR_ERR(hold);
	threads = threads_new(hold);
	if (!threads) {
		hold_free(hold);
		return -ENOMEM;
	}
	err = hold_run(freeze, hold, threads, asked);
	asked->frozen = err ? 0 : asked->count;
	hv_ics_threads_destroy(threads);
	return err;
}

static long freeze_ioctl(struct hv_ics_vss_freeze *freeze, void __user *arg)
{
	struct hvic_user_vss_freeze asked;
	int err;

	if (copy_from_user(&asked, arg, sizeof(asked)))
		return -EFAULT;
	asked.frozen = 0;
	err = freeze_check(&asked) ?: freeze_all(freeze, &asked);
	if (copy_to_user(arg, &asked, sizeof(asked)) && !err) {
		hv_ics_vss_freeze_end(freeze);
		err = -EFAULT;
	}
	return err;
}

static long thaw_ioctl(struct hv_ics_vss_freeze *freeze, void __user *arg)
{
	struct hvic_user_vss_thaw told;
	bool left;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	spin_lock(&freeze->lock);
	hold_end(freeze, HVIC_USER_VSS_THAWED);
	spin_unlock(&freeze->lock);
	hv_ics_vss_freeze_wait(freeze);

	spin_lock(&freeze->lock);
	left = freeze->hold;
	told = freeze->last;
	if (!left) {
		freeze->unreported = false;
		freeze->last = (struct hvic_user_vss_thaw){ .end = HVIC_USER_VSS_THAWED };
	}
	spin_unlock(&freeze->lock);
	/* somebody is still freezing, or a disk hangs: works go on */
	if (left)
		return -EBUSY;
	return copy_to_user(arg, &told, sizeof(told)) ? -EFAULT : 0;
}

static long ioctls_serve(struct hv_ics_dev_ioctls *ioctls, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case HVIC_USER_VSS_FREEZE:
		return freeze_ioctl(freeze_of(ioctls), arg);
	case HVIC_USER_VSS_THAW:
		return thaw_ioctl(freeze_of(ioctls), arg);
	default:
		return -ENOTTY;
	}
}

static __poll_t ioctls_events(struct hv_ics_dev_ioctls *ioctls)
{
	struct hv_ics_vss_freeze *freeze = freeze_of(ioctls);
	__poll_t events;

	spin_lock(&freeze->lock);
	events = freeze->unreported ? EPOLLPRI : 0;
	spin_unlock(&freeze->lock);
	return events;
}

static void ioctls_free(struct hv_ics_dev_ioctls *ioctls)
{
	struct hv_ics_vss_freeze *freeze = freeze_of(ioctls);

	hold_free(freeze->hold);
	kfree(freeze);
}

static const struct hv_ics_dev_ioctls_ops freeze_ioctls_ops = {
	.ioctl	= ioctls_serve,
	.events	= ioctls_events,
	.free	= ioctls_free,
};

/* When the channel is told to suspend, no disk works any more. */
static int freeze_suspends(struct notifier_block *block, unsigned long event, void *unused)
{
	struct hv_ics_vss_freeze *freeze = container_of(block, struct hv_ics_vss_freeze, suspends);
	bool suspended = event == PM_HIBERNATION_PREPARE || event == PM_SUSPEND_PREPARE ||
			 event == PM_RESTORE_PREPARE;

	spin_lock(&freeze->lock);
	freeze->suspended = suspended;
	if (suspended)
		hold_end(freeze, HVIC_USER_VSS_GONE);
	spin_unlock(&freeze->lock);
	if (suspended)
		hv_ics_vss_freeze_wait(freeze);
	return NOTIFY_DONE;
}

/**
 * hv_ics_vss_freeze_create() - Set up freezes; nothing is frozen.
 *
 * Context: may sleep.
 * Return: the freezes, or %NULL when there is no memory.
 */
struct hv_ics_vss_freeze *hv_ics_vss_freeze_create(void)
{
	struct hv_ics_vss_freeze *freeze = kzalloc(sizeof(*freeze), GFP_KERNEL);

	if (!freeze)
		return NULL;
	freeze->wq = alloc_workqueue("hv_ics_freeze", WQ_MEM_RECLAIM | WQ_HIGHPRI | WQ_UNBOUND,
				     FREEZE_WIDTH);
	if (!freeze->wq) {
		kfree(freeze);
		return NULL;
	}
	hv_ics_dev_ioctls_init(&freeze->ioctls, &freeze_ioctls_ops);
	spin_lock_init(&freeze->lock);
	INIT_DELAYED_WORK(&freeze->work, freeze_work);
	freeze->last.end = HVIC_USER_VSS_THAWED;
	freeze->suspends.notifier_call = freeze_suspends;
	register_pm_notifier(&freeze->suspends);
	return freeze;
}

/**
 * hv_ics_vss_freeze_destroy() - Thaw what is frozen, and freeze no more.
 * @freeze: is freed when no file of its device is open any more
 *
 * Context: may sleep, for as long as disks take; never waits for a process that does
 * not thaw itself.
 */
void hv_ics_vss_freeze_destroy(struct hv_ics_vss_freeze *freeze)
{
	unregister_pm_notifier(&freeze->suspends);
	spin_lock(&freeze->lock);
	hold_end(freeze, HVIC_USER_VSS_GONE);
	freeze->stopped = true;
	spin_unlock(&freeze->lock);
	cancel_delayed_work_sync(&freeze->work);
	destroy_workqueue(freeze->wq);
	hv_ics_dev_ioctls_put(&freeze->ioctls);
}

/**
 * hv_ics_vss_freeze_ioctls() - What ioctls of the device are about.
 * @freeze: the freezes
 *
 * Return: for hv_ics_dev_create().
 */
struct hv_ics_dev_ioctls *hv_ics_vss_freeze_ioctls(struct hv_ics_vss_freeze *freeze)
{
	return &freeze->ioctls;
}
