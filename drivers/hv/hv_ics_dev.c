// SPDX-License-Identifier: GPL-2.0-only
/*
 * A character device on which one daemon reads and writes whole messages. It
 * knows nothing of VMBus.
 *
 * An open file outlives the device: then it is told so, and its last reference
 * frees the memory. Nothing is ever copied from or to a process with the lock
 * held, for a process can make that take as long as it likes.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "hv_ics_dev.h"

/**
 * struct hv_ics_dev - a device, or what open files have of one that is gone
 * @misc: its name and number
 * @kind: see there; a constant
 * @ioctls: what ioctls are about; %NULL without any
 * @ref: the owner's, and one each open file's
 * @wait: those who wait for a message, or for the end
 * @lock: guards all below, and all that the owner keeps for the daemon
 * @ops: the owner's
 * @owner: handed to @ops; %NULL when the device is gone
 * @message: what waits to be read; the owner's memory
 * @len: bytes of it
 * @posted: counts messages, so that one that has been copied can be told from
 *	another that took its place meanwhile
 */
struct hv_ics_dev {
	struct miscdevice misc;
	const struct hv_ics_dev_kind *kind;
	struct hv_ics_dev_ioctls *ioctls;
	struct kref ref;
	wait_queue_head_t wait;

	struct mutex lock;	/* see above */
	const struct hv_ics_dev_ops *ops;
	void *owner;
	const void *message;
	size_t len;
	u64 posted;
};

/**
 * hv_ics_dev_ioctls_init() - Set up what ioctls are about.
 * @ioctls: is its creator's, until it is put
 * @ops: what they do
 */
void hv_ics_dev_ioctls_init(struct hv_ics_dev_ioctls *ioctls,
			    const struct hv_ics_dev_ioctls_ops *ops)
{
	ioctls->ops = ops;
	kref_init(&ioctls->ref);
	init_waitqueue_head(&ioctls->wait);
}

static void ioctls_free(struct kref *ref)
{
	struct hv_ics_dev_ioctls *ioctls = container_of(ref, struct hv_ics_dev_ioctls, ref);

	ioctls->ops->free(ioctls);
}

/**
 * hv_ics_dev_ioctls_put() - Have no more to do with it.
 * @ioctls: may be freed
 *
 * Context: may sleep.
 */
void hv_ics_dev_ioctls_put(struct hv_ics_dev_ioctls *ioctls)
{
	kref_put(&ioctls->ref, ioctls_free);
}

static void hv_ics_dev_free(struct kref *ref)
{
	struct hv_ics_dev *dev = container_of(ref, struct hv_ics_dev, ref);

	if (dev->ioctls)
		hv_ics_dev_ioctls_put(dev->ioctls);
	mutex_destroy(&dev->lock);
	kfree(dev);
}

/* The device cannot go meanwhile: misc_deregister() waits for who is in here. */
static int hv_ics_dev_open(struct inode *inode, struct file *file)
{
	struct hv_ics_dev *dev = container_of(file->private_data, struct hv_ics_dev, misc);
	int err;

	mutex_lock(&dev->lock);
	err = dev->owner ? dev->ops->open(dev->owner) : -EBADF;
	if (!err)
		kref_get(&dev->ref);
	mutex_unlock(&dev->lock);
	file->private_data = dev;
	return err;
}

static int hv_ics_dev_release(struct inode *inode, struct file *file)
{
	struct hv_ics_dev *dev = file->private_data;

	mutex_lock(&dev->lock);
	if (dev->owner)
		dev->ops->close(dev->owner);
	mutex_unlock(&dev->lock);
	kref_put(&dev->ref, hv_ics_dev_free);
	return 0;
}

/* Asked by who is about to sleep, and so cannot wait for the lock. */
static bool is_readable(const struct hv_ics_dev *dev)
{
	return READ_ONCE(dev->message) || !READ_ONCE(dev->owner);
}

/* A copy of the message that waits, and which one it is; or an errno. */
static void *message_copy(struct hv_ics_dev *dev, size_t room, size_t *len, u64 *which)
{
	void *copy = ERR_PTR(-EAGAIN);

	mutex_lock(&dev->lock);
	if (!dev->owner) {
		copy = ERR_PTR(-EBADF);
	} else if (dev->message && room < dev->len) {
		copy = ERR_PTR(-EINVAL);
	} else if (dev->message) {
		*len = dev->len;
		*which = dev->posted;
		copy = kmemdup(dev->message, dev->len, GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
	}
	mutex_unlock(&dev->lock);
	return copy;
}

/* It has been read, unless it was withdrawn while it was. */
static bool message_taken(struct hv_ics_dev *dev, u64 which)
{
	bool taken;

	mutex_lock(&dev->lock);
	taken = dev->owner && dev->message && dev->posted == which;
	if (taken) {
		WRITE_ONCE(dev->message, NULL);
		dev->ops->read(dev->owner);
	}
	mutex_unlock(&dev->lock);
	return taken;
}

static ssize_t hv_ics_dev_read(struct file *file, char __user *to, size_t room, loff_t *pos)
{
	struct hv_ics_dev *dev = file->private_data;
	unsigned long left;
	void *copy;
	size_t len;
	u64 which;

	do {
		while ((copy = message_copy(dev, room, &len, &which)) == ERR_PTR(-EAGAIN)) {
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			if (wait_event_interruptible(dev->wait, is_readable(dev)))
				return -EINTR;
		}
		if (IS_ERR(copy))
			return PTR_ERR(copy);
		left = copy_to_user(to, copy, len);
		kfree(copy);
		if (left)
			return -EFAULT;
	} while (!message_taken(dev, which));
	return len;
}

/* What is behind a message is ignored where it always was. */
static ssize_t hv_ics_dev_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	struct hv_ics_dev *dev = file->private_data;
	void *message;
	int err;

	if (len < dev->kind->write_len || (dev->kind->exact && len > dev->kind->write_len))
		return -EINVAL;
	message = memdup_user(from, dev->kind->write_len);
	if (IS_ERR(message))
		return PTR_ERR(message);
	mutex_lock(&dev->lock);
	err = dev->owner ? dev->ops->write(dev->owner, message) : -EBADF;
	mutex_unlock(&dev->lock);
	kfree(message);
	return err ?: len;
}

static __poll_t hv_ics_dev_poll(struct file *file, poll_table *table)
{
	struct hv_ics_dev *dev = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &dev->wait, table);
	mutex_lock(&dev->lock);
	if (!dev->owner)
		events = EPOLLERR | EPOLLHUP;
	else if (dev->message)
		events = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&dev->lock);
	if (!dev->ioctls)
		return events;
	poll_wait(file, &dev->ioctls->wait, table);
	return events | dev->ioctls->ops->events(dev->ioctls);
}

static long hv_ics_dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct hv_ics_dev *dev = file->private_data;

	if (!dev->ioctls)
		return -ENOTTY;
	return dev->ioctls->ops->ioctl(dev->ioctls, cmd, (void __user *)arg);
}

static const struct file_operations hv_ics_dev_fops = {
	.owner		= THIS_MODULE,
	.open		= hv_ics_dev_open,
	.release	= hv_ics_dev_release,
	.read		= hv_ics_dev_read,
	.write		= hv_ics_dev_write,
	.poll		= hv_ics_dev_poll,
	.unlocked_ioctl	= hv_ics_dev_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

/**
 * hv_ics_dev_create() - Make a device, for hv_ics_dev_register() to show.
 * @kind: its name, and what is written to it; a constant
 * @ops: what the owner wants to know
 * @owner: handed to @ops
 * @ioctls: what ioctls are about; %NULL for ENOTTY
 *
 * Context: may sleep.
 * Return: the device, or %NULL when there is no memory.
 */
struct hv_ics_dev *hv_ics_dev_create(const struct hv_ics_dev_kind *kind,
				     const struct hv_ics_dev_ops *ops, void *owner,
				     struct hv_ics_dev_ioctls *ioctls)
{
	struct hv_ics_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = kind->name;
	dev->misc.fops = &hv_ics_dev_fops;
	dev->kind = kind;
	if (ioctls)
		kref_get(&ioctls->ref);
	dev->ioctls = ioctls;
	dev->ops = ops;
	dev->owner = owner;
	kref_init(&dev->ref);
	init_waitqueue_head(&dev->wait);
	mutex_init(&dev->lock);
	return dev;
}

/**
 * hv_ics_dev_register() - Show a device.
 * @dev: the device; is freed on failure
 *
 * The daemon may be there before this returns.
 *
 * Context: may sleep.
 * Return: 0, or the errno of misc_register().
 */
int hv_ics_dev_register(struct hv_ics_dev *dev)
{
	int err = misc_register(&dev->misc);

	if (err)
		kref_put(&dev->ref, hv_ics_dev_free);
	return err;
}

/**
 * hv_ics_dev_destroy() - Take a device away.
 * @dev: the device, which the owner must not use any more
 *
 * A file that is still open gets -EBADF, and EPOLLHUP. The owner is not called
 * any more when this returns.
 *
 * Context: may sleep; never waits for a process.
 */
void hv_ics_dev_destroy(struct hv_ics_dev *dev)
{
	mutex_lock(&dev->lock);
	WRITE_ONCE(dev->owner, NULL);
	WRITE_ONCE(dev->message, NULL);
	mutex_unlock(&dev->lock);
	wake_up_all(&dev->wait);
	misc_deregister(&dev->misc);
	kref_put(&dev->ref, hv_ics_dev_free);
}

/**
 * hv_ics_dev_lock() - Keep the daemon out.
 * @dev: the device
 *
 * Context: may sleep.
 */
void hv_ics_dev_lock(struct hv_ics_dev *dev)
{
	mutex_lock(&dev->lock);
}

/**
 * hv_ics_dev_unlock() - Let the daemon in again.
 * @dev: the device
 */
void hv_ics_dev_unlock(struct hv_ics_dev *dev)
{
	mutex_unlock(&dev->lock);
}

/**
 * hv_ics_dev_post() - Have a message read, in the place of what waited before.
 * @dev: the device
 * @message: the message; stays the owner's, until it is withdrawn or read
 * @len: bytes of it
 *
 * Context: process, with the device's lock held.
 */
void hv_ics_dev_post(struct hv_ics_dev *dev, const void *message, size_t len)
{
	lockdep_assert_held(&dev->lock);
	dev->len = len;
	dev->posted++;
	WRITE_ONCE(dev->message, message);
	wake_up_interruptible(&dev->wait);
}

/**
 * hv_ics_dev_withdraw() - Have nothing read any more.
 * @dev: the device
 *
 * Context: process, with the device's lock held.
 */
void hv_ics_dev_withdraw(struct hv_ics_dev *dev)
{
	lockdep_assert_held(&dev->lock);
	WRITE_ONCE(dev->message, NULL);
}
