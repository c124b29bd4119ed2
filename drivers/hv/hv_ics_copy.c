// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fast path of file copy: the daemon hands its open file over, and pieces are
 * written to it by a work of ours, so that no process need wake for each.
 *
 *   serve() -> pieces -> work: write -> answer
 *
 * A write may take as long as a file system likes. So it is done without a lock, on
 * bytes, a file and memory that outlive the channel, and nobody waits for it: who
 * takes the channel away only says so (hv_ics_copy_drop(), hv_ics_copy_destroy()).
 * While the file system is frozen, nothing is tried: that would block, and a backup
 * must neither wait for a copy nor the other way around for ever.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fsnotify.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include <hv/hvic_limits.h>

#include "hv_ics_copy.h"
#include "hv_ics_trace.h"

/* How often a frozen file system is looked at, and how long it may be frozen: a backup. */
#define FROZEN_POLL_MS		50
#define FROZEN_MAX_SECS		HVIC_LIMIT_VSS_FREEZE_SECS

/*
 * All copies' work: one that is under way when its device goes is waited for by
 * nobody but hv_ics_copy_exit(), and it keeps the module from being unloaded. Set
 * once, when the module is loaded.
 */
static struct workqueue_struct *hv_ics_copy_wq __ro_after_init;

static struct hv_ics_copy *copy_of(struct hv_ics_dev_ioctls *ioctls)
{
	return container_of(ioctls, struct hv_ics_copy, ioctls);
}

/* The work has a reference while it is queued or runs. */
static void work_queue(struct hv_ics_copy *copy, unsigned long delay)
{
	kref_get(&copy->ioctls.ref);
	if (!queue_delayed_work(hv_ics_copy_wq, &copy->work, delay))
		hv_ics_dev_ioctls_put(&copy->ioctls);	/* not the last: the caller has one */
}

/*
 * With the rights, limits and quota of who opened it: -EAGAIN while it is frozen.
 *
 * The file is written to directly: vfs_iter_write() would ask once more whether it is
 * frozen, and a freeze that begins in between waits for us while we wait for it.
 */
static int piece_write(struct file *file, const struct hvic_piece *piece)
{
	struct kvec vec = { .iov_base = (void *)piece->data, .iov_len = piece->size };
	const struct cred *ours;
	struct iov_iter iter;
	struct kiocb kiocb;
	ssize_t written = 0;

	if (!file_start_write_trylock(file))
		return -EAGAIN;
	ours = override_creds(file->f_cred);
	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = piece->offset;
	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, piece->size);
	while (iov_iter_count(&iter)) {
		written = file->f_op->write_iter(&kiocb, &iter);
		if (written <= 0)
			break;
		fsnotify_modify(file);
	}
	revert_creds(ours);
	file_end_write(file);
	if (written < 0)
		return written == -EAGAIN ? -EIO : written;
	return iov_iter_count(&iter) ? -ENOSPC : 0;
}

/* What is to be written next, and where to; %NULL if nothing is. */
static struct hv_ics_packet *piece_take(struct hv_ics_copy *copy, struct file **file)
{
	lockdep_assert_held(&copy->chan->lock);
	if (!copy->held) {
		copy->held = list_first_entry_or_null(&copy->pieces, struct hv_ics_packet, list);
		if (!copy->held)
			return NULL;
		list_del(&copy->held->list);
	}
	copy->writing = true;
	if (copy->file && copy->copy.state == HVIC_COPY_RUNNING &&
	    copy->held->serial == copy->copy.serial)
		*file = get_file(copy->file);
	return copy->held;
}

static void file_put(struct file *file)
{
	if (!file)
		return;
	fput(file);
	module_put(THIS_MODULE);
}

/* No more is written; the daemon shall know why, if it does not by itself. */
static struct file *file_take(struct hv_ics_copy *copy, int err)
{
	struct file *file = copy->file;

	lockdep_assert_held(&copy->chan->lock);
	copy->file = NULL;
	hvic_copy_fail(&copy->copy);
	if (file && err) {
		copy->state.error = err;
		WRITE_ONCE(copy->lost, true);
		wake_up_interruptible(&copy->ioctls.wait);
	}
	return file;
}

/* A piece that was refused has ended the copy where no lock of ours could be had. */
static struct file *file_of_failed(struct hv_ics_copy *copy)
{
	return copy->copy.state == HVIC_COPY_FAILED ? file_take(copy, -EPROTO) : NULL;
}

/* The next piece, with a reference to its file if it is still to be written. */
static struct hv_ics_packet *copy_next(struct hv_ics_copy *copy, struct file **file)
{
	struct hv_ics_packet *packet = NULL;
	struct file *failed = NULL;

	mutex_lock(&copy->lock);
	if (copy->chan) {
		spin_lock_bh(&copy->chan->lock);
		packet = piece_take(copy, file);
		if (!packet)
			failed = file_of_failed(copy);
		spin_unlock_bh(&copy->chan->lock);
	}
	mutex_unlock(&copy->lock);
	file_put(failed);
	return packet;
}

/* Whether to wait for a file system that is frozen any longer. */
static bool copy_waits(struct hv_ics_copy *copy)
{
	u64 now = get_jiffies_64();

	if (!copy->frozen)
		copy->frozen = now;
	return now - copy->frozen < FROZEN_MAX_SECS * HZ;
}

static void piece_answer(struct hv_ics_copy *copy, struct hv_ics_packet *packet, u32 size, int err)
{
	struct hv_ics_chan *chan = copy->chan;
	struct file *file = NULL;

	spin_lock_bh(&chan->lock);
	copy->writing = false;
	copy->held = NULL;
	if (err && packet->serial == copy->copy.serial)
		file = file_take(copy, err);
	if (!err) {
		copy->state.written += size;
		copy->state.chunks++;
	}
	spin_unlock_bh(&chan->lock);
	trace_hv_ic_write(packet->msg.hdr->transaction, size, err);
	if (err)
		hv_ics_chan_refuse(chan, packet, err);
	else
		hv_ics_chan_answer(chan, packet, HVIC_STATUS_OK);
	file_put(file);
}

/* A piece is written, or not: whether the work is to look for the next one. */
static bool copy_settle(struct hv_ics_copy *copy, struct hv_ics_packet *packet, u32 size, int err)
{
	bool wait = err == -EAGAIN && copy_waits(copy);

	if (!wait)
		copy->frozen = 0;
	mutex_lock(&copy->lock);
	if (!copy->chan) {
		kfree(packet);
		wait = true;
	} else if (wait) {
		spin_lock_bh(&copy->chan->lock);
		copy->writing = false;
		spin_unlock_bh(&copy->chan->lock);
		/* with the lock held: once the channel is gone, no timer may run */
		work_queue(copy, msecs_to_jiffies(FROZEN_POLL_MS));
	} else {
		piece_answer(copy, packet, size, err == -EAGAIN ? -ETIMEDOUT : err);
	}
	mutex_unlock(&copy->lock);
	return !wait;
}

static bool copy_step(struct hv_ics_copy *copy)
{
	struct hvic_piece piece = {};
	struct hv_ics_packet *packet;
	struct file *file = NULL;
	int err;

	packet = copy_next(copy, &file);
	if (!packet)
		return false;
	err = hvic_fcopy_piece(&packet->msg, &piece);
	if (!err)
		err = file ? piece_write(file, &piece) : -ECANCELED;
	if (file)
		fput(file);
	return copy_settle(copy, packet, piece.size, err);
}

/* Between locking the module and looking at the channel, the driver is there. */
static void copy_work(struct work_struct *work)
{
	struct hv_ics_copy *copy = container_of(to_delayed_work(work), struct hv_ics_copy, work);

	__module_get(THIS_MODULE);
	while (copy_step(copy))
		;
	hv_ics_dev_ioctls_put(&copy->ioctls);
	module_put(THIS_MODULE);
}

/**
 * hv_ics_copy_add() - Have a piece written, and answered.
 * @copy: the copy, which has a file
 * @packet: the write, admitted
 *
 * Context: softirq, with &hv_ics_chan.lock held.
 */
void hv_ics_copy_add(struct hv_ics_copy *copy, struct hv_ics_packet *packet)
{
	list_add_tail(&packet->list, &copy->pieces);
	hv_ics_copy_kick(copy);
}

/**
 * hv_ics_copy_kick() - Have the work look at the copy.
 * @copy: the copy
 *
 * Context: any, with a reference.
 */
void hv_ics_copy_kick(struct hv_ics_copy *copy)
{
	work_queue(copy, 0);
}

/**
 * hv_ics_copy_drop() - Write nothing more.
 * @copy: the copy
 * @err: why, for a daemon that does not know; 0 for one that does
 *
 * Pieces that are left are refused. What is being written is, some day.
 *
 * Context: may sleep; waits for nobody.
 */
void hv_ics_copy_drop(struct hv_ics_copy *copy, int err)
{
	struct file *file = NULL;

	mutex_lock(&copy->lock);
	if (copy->chan) {
		spin_lock_bh(&copy->chan->lock);
		file = file_take(copy, err);
		spin_unlock_bh(&copy->chan->lock);
	}
	mutex_unlock(&copy->lock);
	file_put(file);
	hv_ics_copy_kick(copy);
}

/* What pieces may be written to: nothing that has a place or a way of its own. */
static int file_check(struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode) || file->f_flags & (O_APPEND | O_DIRECT) ||
	    !file->f_op->write_iter)
		return -EINVAL;
	if (!(file->f_mode & FMODE_WRITE) || !(file->f_mode & FMODE_CAN_WRITE))
		return -EBADF;
	return 0;
}

/* While the host waits for an answer to its start, and for no other file than its. */
static int file_install(struct hv_ics_copy *copy, struct file **file, u64 size)
{
	struct hv_ics_chan *chan;
	int err = -EINVAL;

	mutex_lock(&copy->lock);
	chan = copy->chan;
	if (chan) {
		spin_lock_bh(&chan->lock);
		if (copy->copy.state == HVIC_COPY_STARTING && copy->copy.size == size) {
			swap(copy->file, *file);
			memset(&copy->state, 0, sizeof(copy->state));
			WRITE_ONCE(copy->lost, false);
			err = 0;
		}
		spin_unlock_bh(&chan->lock);
	}
	mutex_unlock(&copy->lock);
	return err;
}

static long ioctl_take(struct hv_ics_copy *copy, const void __user *arg)
{
	struct hvic_user_fcopy_take take;
	struct file *file;
	int err;

	if (copy_from_user(&take, arg, sizeof(take)))
		return -EFAULT;
	if (take.flags || take.fd < -1)
		return -EINVAL;
	if (take.fd == -1) {
		hv_ics_copy_drop(copy, -ECANCELED);
		return 0;
	}
	file = fget(take.fd);
	if (!file)
		return -EBADF;
	__module_get(THIS_MODULE);	/* the device is open, so it is here */
	err = file_check(file) ?: file_install(copy, &file, take.size);
	file_put(file);			/* that, or the one whose place it took */
	return err;
}

static void state_read(struct hv_ics_copy *copy, struct hvic_user_fcopy_state *state)
{
	*state = copy->state;
	state->idle_ms = min_t(u64, hv_ics_copy_now() - copy->copy.heard, U32_MAX);
	state->flags = copy->file ? HVIC_USER_FCOPY_HOLDS : 0;
	WRITE_ONCE(copy->lost, false);
}

static long ioctl_state(struct hv_ics_copy *copy, void __user *arg)
{
	struct hvic_user_fcopy_state state;

	mutex_lock(&copy->lock);
	if (copy->chan) {
		spin_lock_bh(&copy->chan->lock);
		state_read(copy, &state);
		spin_unlock_bh(&copy->chan->lock);
	} else {
		state_read(copy, &state);
	}
	mutex_unlock(&copy->lock);
	return copy_to_user(arg, &state, sizeof(state)) ? -EFAULT : 0;
}

static long copy_ioctl(struct hv_ics_dev_ioctls *ioctls, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case HVIC_USER_FCOPY_TAKE:
		return ioctl_take(copy_of(ioctls), arg);
	case HVIC_USER_FCOPY_STATE:
		return ioctl_state(copy_of(ioctls), arg);
	default:
		return -ENOTTY;
	}
}

static __poll_t copy_events(struct hv_ics_dev_ioctls *ioctls)
{
	return READ_ONCE(copy_of(ioctls)->lost) ? EPOLLPRI : 0;
}

static void copy_free(struct hv_ics_dev_ioctls *ioctls)
{
	struct hv_ics_copy *copy = copy_of(ioctls);

	mutex_destroy(&copy->lock);
	kfree(copy);
}

static const struct hv_ics_dev_ioctls_ops copy_ops = {
	.ioctl	= copy_ioctl,
	.events	= copy_events,
	.free	= copy_free,
};

/**
 * hv_ics_copy_now() - The time that copies are told.
 *
 * Return: ms since the machine was started.
 */
u64 hv_ics_copy_now(void)
{
	return jiffies64_to_msecs(get_jiffies_64());
}

/**
 * hv_ics_copy_create() - Be ready for a file.
 * @chan: the channel
 *
 * Context: may sleep.
 * Return: the copy, or %NULL when there is no memory.
 */
struct hv_ics_copy *hv_ics_copy_create(struct hv_ics_chan *chan)
{
	struct hv_ics_copy *copy = kzalloc(sizeof(*copy), GFP_KERNEL);

	if (!copy)
		return NULL;
	hv_ics_dev_ioctls_init(&copy->ioctls, &copy_ops);
	mutex_init(&copy->lock);
	copy->chan = chan;
	INIT_LIST_HEAD(&copy->pieces);
	INIT_DELAYED_WORK(&copy->work, copy_work);
	return copy;
}

/**
 * hv_ics_copy_destroy() - The channel goes.
 * @copy: the copy; lasts until nobody has it any more
 *
 * Context: may sleep; waits for nobody, not for a write either.
 */
void hv_ics_copy_destroy(struct hv_ics_copy *copy)
{
	struct hv_ics_packet *packet, *next;
	struct hv_ics_chan *chan;
	struct file *file;
	LIST_HEAD(pieces);

	mutex_lock(&copy->lock);
	chan = copy->chan;
	spin_lock_bh(&chan->lock);
	file = file_take(copy, -ENODEV);
	list_splice_init(&copy->pieces, &pieces);
	if (copy->held && !copy->writing)
		list_add(&copy->held->list, &pieces);
	spin_unlock_bh(&chan->lock);
	copy->chan = NULL;
	mutex_unlock(&copy->lock);

	/* of the work, that it waits; a timer would outlive the workqueue */
	if (cancel_delayed_work(&copy->work))
		hv_ics_dev_ioctls_put(&copy->ioctls);
	list_for_each_entry_safe(packet, next, &pieces, list)
		hv_ics_chan_answer(chan, packet, HVIC_STATUS_FAIL);
	file_put(file);
	hv_ics_dev_ioctls_put(&copy->ioctls);
}

/**
 * hv_ics_copy_init() - Once, before the first copy.
 *
 * Return: 0 or -ENOMEM.
 */
int __init hv_ics_copy_init(void)
{
	/* freezable: nothing may be written behind the image of a guest that hibernates */
	hv_ics_copy_wq = alloc_workqueue("hv_ics_copy", WQ_FREEZABLE | WQ_PERCPU, 0);
	return hv_ics_copy_wq ? 0 : -ENOMEM;
}

/**
 * hv_ics_copy_exit() - Undo that, after the last copy.
 *
 * Context: may sleep, until the last work has returned; none has a file, or the
 * module could not go.
 */
void hv_ics_copy_exit(void)
{
	destroy_workqueue(hv_ics_copy_wq);
}
