// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds file systems frozen for a daemon, and thaws them when it does not.
 *
 * A daemon hands over descriptors and a time by an ioctl. The process that calls it
 * freezes, one file system after the other, and no lock is held meanwhile: that can
 * take as long as a disk does. Who thaws is whoever comes first: the daemon by another
 * ioctl, or a work of ours when the time is up or hv_ics_freeze_end() was called. What
 * was frozen until then is thawed at once, also when the process is still stuck in the
 * next one, which it then thaws itself.
 *
 *   seat:  OPEN --process--> FREEZING --> FROZEN --whoever thaws--> THAWING --> OPEN
 *
 * From the first freeze to the last thaw nothing is allocated: whatever waits for
 * memory could wait for a write to what is frozen.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "hv_ics_freeze.h"
#include "hv_ics_trace.h"

/* What could not be thawed is tried again after this; nothing else would ever thaw it. */
#define FREEZE_RETRY_MS		1000

enum seat_state { SEAT_OPEN, SEAT_FREEZING, SEAT_FROZEN, SEAT_THAWING };

/**
 * struct seat - a file system in a freeze
 * @file: keeps it mounted
 * @sb: the file system
 * @state: see above
 */
struct seat {
	struct file *file;
	struct super_block *sb;
	enum seat_state state;
};

/**
 * struct hold - what one ioctl froze, or is freezing
 * @freezing: the process is not done; only it frees the rest, then
 * @end: an enum hvic_user_vss_end: HELD until somebody has it thawed
 * @deadline: when that is done by the work
 * @since: when the first was frozen
 * @until: when the last was thawed
 * @frozen: seats that are FROZEN or THAWING
 * @thawed: how many were thawed
 * @lost: how many somebody else had thawed
 * @results: of each seat, for the daemon; the process' alone
 * @count: of @seats
 * @seats: in the order of freezing
 */
struct hold {
	bool freezing;
	u32 end;
	ktime_t deadline;
	ktime_t since;
	ktime_t until;
	unsigned int frozen;
	unsigned int thawed;
	unsigned int lost;
	struct hvic_user_vss_result *results;
	unsigned int count;
	struct seat seats[];
};

/**
 * struct hv_ics_freeze - what a device's daemon has frozen
 * @side: of the device; its reference is the memory's
 * @thawing: held by who thaws. Nothing is frozen with it held, so that it is waited for
 *	no longer than a thaw takes
 * @wq: with a rescuer, since there may be no memory for a new worker
 * @work: at the deadline, or at once
 * @suspends: told before user space is frozen, while disks still work
 * @lock: guards all below; taken inside @thawing
 * @hold: what is frozen; %NULL when nothing is. Freed with @thawing held
 * @stopped: nothing is frozen any more, ever
 * @suspended: nothing is frozen until the guest is awake again
 * @awake: it was thawed before the daemon had it thawed, since hv_ics_freeze_begin()
 * @unreported: likewise, and the daemon does not know
 * @last: how the last hold ended, for the daemon
 * @count: for people
 */
struct hv_ics_freeze {
	struct hv_ics_dev_side side;
	struct mutex thawing;	/* see above */
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
	struct hv_ics_freeze_count count;
};

static struct hv_ics_freeze *freeze_of(struct hv_ics_dev_side *side)
{
	return container_of(side, struct hv_ics_freeze, side);
}

static void hold_free(struct hold *hold)
{
	unsigned int i;

	if (!hold)
		return;
	for (i = 0; i < hold->count; i++)
		if (hold->seats[i].file)
			fput(hold->seats[i].file);
	kvfree(hold->results);
	kvfree(hold);
}

/* Has all be thawed, by whoever can. The first reason stays. */
static void hold_end(struct hv_ics_freeze *freeze, u32 end)
{
	struct hold *hold = freeze->hold;

	lockdep_assert_held(&freeze->lock);
	if (!hold || hold->end != HVIC_USER_VSS_HELD)
		return;
	hold->end = end;
	if (end == HVIC_USER_VSS_THAWED)
		return;
	freeze->awake = true;
	freeze->count.self_thaws++;
	/* who is still freezing gets an errno */
	freeze->unreported = !hold->freezing;
}

/* Returns whether it is thawed, by us or by somebody else. */
static bool seat_thaw(struct hv_ics_freeze *freeze, struct hold *hold, struct seat *seat)
{
	bool frozen;
	int err;

	lockdep_assert_held(&freeze->thawing);
	spin_lock(&freeze->lock);
	frozen = seat->state == SEAT_FROZEN;
	if (frozen)
		seat->state = SEAT_THAWING;
	spin_unlock(&freeze->lock);
	if (!frozen)
		return true;

	err = compat_sb_thaw(seat->sb);
	trace_hv_ic_thaw(seat->sb->s_id, err, hold->end);
	spin_lock(&freeze->lock);
	if (err && err != -EINVAL) {
		seat->state = SEAT_FROZEN;
	} else {
		seat->state = SEAT_OPEN;
		hold->frozen--;
		hold->thawed += !err;
		hold->lost += !!err;
		hold->until = ktime_get();
	}
	spin_unlock(&freeze->lock);
	if (err && err != -EINVAL)
		pr_err_ratelimited("hv_utils: could not thaw %s (%d)\n", seat->sb->s_id, err);
	return !err || err == -EINVAL;
}

/* What the daemon is told of a hold that is over, and people. */
static void hold_report(struct hv_ics_freeze *freeze, const struct hold *hold)
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

/**
 * hv_ics_freeze_thaw() - Thaw what has been ended, now.
 * @freeze: the freezes
 *
 * A file system that somebody is freezing at this moment is thawed by him when he is
 * done.
 *
 * Context: may sleep, for as long as disks take; never waits for a process that does
 * not thaw itself.
 */
void hv_ics_freeze_thaw(struct hv_ics_freeze *freeze)
{
	struct hold *hold, *done = NULL;
	bool thawed = true;
	unsigned int i;

	mutex_lock(&freeze->thawing);
	spin_lock(&freeze->lock);
	hold = freeze->hold && freeze->hold->end != HVIC_USER_VSS_HELD ? freeze->hold : NULL;
	spin_unlock(&freeze->lock);
	if (hold)
		for (i = hold->count; i--;)
			thawed &= seat_thaw(freeze, hold, &hold->seats[i]);

	spin_lock(&freeze->lock);
	if (hold && !hold->freezing && !hold->frozen) {
		hold_report(freeze, hold);
		freeze->hold = NULL;
		done = hold;
	}
	if (!thawed && !freeze->stopped)
		mod_delayed_work(freeze->wq, &freeze->work, msecs_to_jiffies(FREEZE_RETRY_MS));
	spin_unlock(&freeze->lock);
	hold_free(done);
	mutex_unlock(&freeze->thawing);
	wake_up_all(&freeze->side.wait);
}

static void freeze_work(struct work_struct *work)
{
	struct hv_ics_freeze *freeze = container_of(to_delayed_work(work), struct hv_ics_freeze,
						    work);
	struct hold *hold;
	s64 left;

	spin_lock(&freeze->lock);
	hold = freeze->hold;
	if (hold && hold->end == HVIC_USER_VSS_HELD) {
		/* it may have been queued for the one before */
		left = ktime_ms_delta(hold->deadline, ktime_get());
		if (left > 0 && !freeze->stopped)
			mod_delayed_work(freeze->wq, &freeze->work, msecs_to_jiffies(left));
		else
			hold_end(freeze, HVIC_USER_VSS_DEADLINE);
	}
	spin_unlock(&freeze->lock);
	hv_ics_freeze_thaw(freeze);
}

/**
 * hv_ics_freeze_end() - Have the work thaw what is frozen, if anything is.
 * @freeze: the freezes
 *
 * Context: any but interrupts.
 */
void hv_ics_freeze_end(struct hv_ics_freeze *freeze)
{
	spin_lock(&freeze->lock);
	if (freeze->hold) {
		hold_end(freeze, HVIC_USER_VSS_GONE);
		if (!freeze->stopped)
			mod_delayed_work(freeze->wq, &freeze->work, 0);
	}
	spin_unlock(&freeze->lock);
}

/**
 * hv_ics_freeze_begin() - The host wants the guest frozen.
 * @freeze: the freezes
 *
 * What was thawed before does not count any more.
 */
void hv_ics_freeze_begin(struct hv_ics_freeze *freeze)
{
	spin_lock(&freeze->lock);
	freeze->awake = false;
	spin_unlock(&freeze->lock);
}

/**
 * hv_ics_freeze_is_awake() - Whether something was thawed that should not have been.
 * @freeze: the freezes
 *
 * Return: whether it was, by the module itself or by somebody else, since the host
 * wanted the guest frozen.
 */
bool hv_ics_freeze_is_awake(struct hv_ics_freeze *freeze)
{
	bool awake;

	spin_lock(&freeze->lock);
	awake = freeze->awake;
	spin_unlock(&freeze->lock);
	return awake;
}

/**
 * hv_ics_freeze_count() - What there is to say, for people.
 * @freeze: the freezes
 *
 * Return: see struct hv_ics_freeze_count.
 */
struct hv_ics_freeze_count hv_ics_freeze_count(struct hv_ics_freeze *freeze)
{
	struct hv_ics_freeze_count count;

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
static int seat_take(struct hold *hold, unsigned int at, s32 fd)
{
	struct seat *seat = &hold->seats[at];
	umode_t mode;
	unsigned int i;

	seat->file = fget(fd);
	if (!seat->file)
		return -EBADF;
	seat->sb = file_inode(seat->file)->i_sb;
	mode = file_inode(seat->file)->i_mode;
	/* of our own device, a reference would outlive the daemon */
	if (!S_ISDIR(mode) && !S_ISREG(mode))
		return -EINVAL;
	for (i = 0; i < at; i++)
		if (hold->seats[i].sb == seat->sb)
			return -EINVAL;
	return 0;
}

static int hold_take(struct hold *hold, struct hvic_user_vss_freeze *asked)
{
	s32 *fds = memdup_user(u64_to_user_ptr(asked->fds), array_size(asked->count, sizeof(*fds)));
	unsigned int i;
	int err = 0;

	if (IS_ERR(fds))
		return PTR_ERR(fds);
	for (i = 0; i < asked->count && !err; i++) {
		err = seat_take(hold, i, fds[i]);
		hold->results[i].error = err ?: -ECANCELED;
		if (err)
			asked->failed = i;
	}
	for (; i < asked->count; i++)
		hold->results[i].error = -ECANCELED;
	kfree(fds);
	return err;
}

static struct hold *hold_new(u32 count)
{
	struct hold *hold = kvzalloc(struct_size(hold, seats, count), GFP_KERNEL);

	if (!hold)
		return NULL;
	hold->count = count;
	hold->results = kvcalloc(count, sizeof(*hold->results), GFP_KERNEL);
	if (!hold->results) {
		hold_free(hold);
		return NULL;
	}
	return hold;
}

/* From here on, it is thawed whatever happens. */
static int hold_begin(struct hv_ics_freeze *freeze, struct hold *hold, u32 timeout_ms)
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
	switch (hold->end) {
	case HVIC_USER_VSS_HELD:
		return fatal_signal_pending(current) ? -EINTR : 0;
	case HVIC_USER_VSS_DEADLINE:
		return -ETIMEDOUT;
	default:
		return -ECANCELED;
	}
}

static int seat_freeze(struct hv_ics_freeze *freeze, struct hold *hold, unsigned int at,
		       u32 *failed)
{
	struct hvic_user_vss_result *result = &hold->results[at];
	struct seat *seat = &hold->seats[at];
	ktime_t start;
	int err;

	spin_lock(&freeze->lock);
	err = hold_err(hold);
	if (!err)
		seat->state = SEAT_FREEZING;
	spin_unlock(&freeze->lock);
	if (err)
		return err;

	start = ktime_get();
	err = compat_sb_freeze(seat->sb);
	result->took_us = min_t(s64, ktime_us_delta(ktime_get(), start), U32_MAX);
	result->error = err;
	trace_hv_ic_freeze(seat->sb->s_id, err, result->took_us);
	spin_lock(&freeze->lock);
	seat->state = err ? SEAT_OPEN : SEAT_FROZEN;
	if (!err && !hold->frozen++ && !hold->since)
		hold->since = ktime_get();
	spin_unlock(&freeze->lock);
	if (err)
		*failed = at;
	return err;
}

/* Freezes all of them, or as far as it goes. */
static int hold_freeze(struct hv_ics_freeze *freeze, struct hold *hold,
		       struct hvic_user_vss_freeze *asked)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < hold->count && !err; i++)
		err = seat_freeze(freeze, hold, i, &asked->failed);
	return err;
}

/* Leaves the hold to who thaws, for it is frozen, or thaws itself what is of it. */
static int hold_settle(struct hv_ics_freeze *freeze, struct hold *hold, int err)
{
	spin_lock(&freeze->lock);
	err = err ?: hold_err(hold);
	if (err) {
		hold_end(freeze, HVIC_USER_VSS_THAWED);
		freeze->count.failures++;
	} else {
		freeze->count.freezes++;
	}
	hold->freezing = false;
	spin_unlock(&freeze->lock);
	if (err)
		hv_ics_freeze_thaw(freeze);
	return err;
}

static int results_copy(const struct hold *hold, const struct hvic_user_vss_freeze *asked)
{
	void __user *to = u64_to_user_ptr(asked->results);

	if (to && copy_to_user(to, hold->results, hold->count * sizeof(*hold->results)))
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
 * The results are written once before anything is frozen, so that their memory is
 * there. Should it not be there any more, all is thawed, since nobody would.
 */
static int freeze_all(struct hv_ics_freeze *freeze, struct hvic_user_vss_freeze *asked)
{
	struct hold *hold = hold_new(asked->count);
	int err, told;

	if (!hold)
		return -ENOMEM;
	asked->failed = asked->count;
	err = hold_take(hold, asked);
	err = results_copy(hold, asked) ?: err;
	err = err ?: hold_begin(freeze, hold, asked->timeout_ms);
	if (err) {
		hold_free(hold);
		return err;
	}
	err = hold_freeze(freeze, hold, asked);
	told = results_copy(hold, asked);	/* before anybody else can free it */
	err = hold_settle(freeze, hold, err ?: told);
	asked->frozen = err ? 0 : asked->count;
	return err;
}

static long freeze_ioctl(struct hv_ics_freeze *freeze, void __user *arg)
{
	struct hvic_user_vss_freeze asked;
	int err;

	if (copy_from_user(&asked, arg, sizeof(asked)))
		return -EFAULT;
	asked.frozen = 0;
	err = freeze_check(&asked) ?: freeze_all(freeze, &asked);
	if (copy_to_user(arg, &asked, sizeof(asked)) && !err) {
		hv_ics_freeze_end(freeze);
		err = -EFAULT;
	}
	return err;
}

static long thaw_ioctl(struct hv_ics_freeze *freeze, void __user *arg)
{
	struct hvic_user_vss_thaw told;
	bool left;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	spin_lock(&freeze->lock);
	hold_end(freeze, HVIC_USER_VSS_THAWED);
	spin_unlock(&freeze->lock);
	hv_ics_freeze_thaw(freeze);

	spin_lock(&freeze->lock);
	left = freeze->hold;
	told = freeze->last;
	if (!left) {
		freeze->unreported = false;
		freeze->last = (struct hvic_user_vss_thaw){ .end = HVIC_USER_VSS_THAWED };
	}
	spin_unlock(&freeze->lock);
	/* somebody is still freezing, or a file system cannot be thawed: the work goes on */
	if (left)
		return -EBUSY;
	return copy_to_user(arg, &told, sizeof(told)) ? -EFAULT : 0;
}

static long side_ioctl(struct hv_ics_dev_side *side, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case HVIC_USER_VSS_FREEZE:
		return freeze_ioctl(freeze_of(side), arg);
	case HVIC_USER_VSS_THAW:
		return thaw_ioctl(freeze_of(side), arg);
	default:
		return -ENOTTY;
	}
}

static __poll_t side_events(struct hv_ics_dev_side *side)
{
	struct hv_ics_freeze *freeze = freeze_of(side);
	__poll_t events;

	spin_lock(&freeze->lock);
	events = freeze->unreported ? EPOLLPRI : 0;
	spin_unlock(&freeze->lock);
	return events;
}

static void side_free(struct hv_ics_dev_side *side)
{
	struct hv_ics_freeze *freeze = freeze_of(side);

	hold_free(freeze->hold);
	mutex_destroy(&freeze->thawing);
	kfree(freeze);
}

static const struct hv_ics_dev_side_ops freeze_side_ops = {
	.ioctl	= side_ioctl,
	.events	= side_events,
	.free	= side_free,
};

/* When the channel is told to suspend, no disk works any more. */
static int freeze_suspends(struct notifier_block *block, unsigned long event, void *unused)
{
	struct hv_ics_freeze *freeze = container_of(block, struct hv_ics_freeze, suspends);
	bool suspended = event == PM_HIBERNATION_PREPARE || event == PM_SUSPEND_PREPARE ||
			 event == PM_RESTORE_PREPARE;

	spin_lock(&freeze->lock);
	freeze->suspended = suspended;
	if (suspended)
		hold_end(freeze, HVIC_USER_VSS_GONE);
	spin_unlock(&freeze->lock);
	if (suspended)
		hv_ics_freeze_thaw(freeze);
	return NOTIFY_DONE;
}

/**
 * hv_ics_freeze_create() - Set up freezes; nothing is frozen.
 *
 * Context: may sleep.
 * Return: the freezes, or %NULL when there is no memory.
 */
struct hv_ics_freeze *hv_ics_freeze_create(void)
{
	struct hv_ics_freeze *freeze = kzalloc(sizeof(*freeze), GFP_KERNEL);

	if (!freeze)
		return NULL;
	freeze->wq = alloc_ordered_workqueue("hv_ics_freeze", WQ_MEM_RECLAIM | WQ_HIGHPRI);
	if (!freeze->wq) {
		kfree(freeze);
		return NULL;
	}
	hv_ics_dev_side_init(&freeze->side, &freeze_side_ops);
	mutex_init(&freeze->thawing);
	spin_lock_init(&freeze->lock);
	INIT_DELAYED_WORK(&freeze->work, freeze_work);
	freeze->last.end = HVIC_USER_VSS_THAWED;
	freeze->suspends.notifier_call = freeze_suspends;
	register_pm_notifier(&freeze->suspends);
	return freeze;
}

/**
 * hv_ics_freeze_destroy() - Thaw what is frozen, and freeze no more.
 * @freeze: is freed when no file of its device is open any more
 *
 * Context: may sleep, for as long as disks take; never waits for a process that does
 * not thaw itself.
 */
void hv_ics_freeze_destroy(struct hv_ics_freeze *freeze)
{
	unregister_pm_notifier(&freeze->suspends);
	spin_lock(&freeze->lock);
	freeze->stopped = true;
	hold_end(freeze, HVIC_USER_VSS_GONE);
	spin_unlock(&freeze->lock);
	hv_ics_freeze_thaw(freeze);
	cancel_delayed_work_sync(&freeze->work);
	destroy_workqueue(freeze->wq);
	hv_ics_dev_side_put(&freeze->side);
}

/**
 * hv_ics_freeze_side() - What ioctls of the device are about.
 * @freeze: the freezes
 *
 * Return: for hv_ics_dev_create().
 */
struct hv_ics_dev_side *hv_ics_freeze_side(struct hv_ics_freeze *freeze)
{
	return &freeze->side;
}
