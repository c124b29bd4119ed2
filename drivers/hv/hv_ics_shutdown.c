// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shutdown: carries out what the host orders, after it has been answered.
 *
 * One order at a time:
 *
 *   IDLE ---order---> WAITING ---delay is over---> ACTING ---still up---> IDLE
 *                        \---cancel---> CANCELLING ---work is gone---> IDLE
 *
 * serve() turns IDLE into WAITING and queues the work; from then on the order
 * belongs to the work, until the state is IDLE again. Nobody else is let in
 * meanwhile: a second order is told that one is in progress.
 */
#include <linux/hyperv.h>
#include <linux/kmod.h>
#include <linux/reboot.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/umh.h>
#include <linux/workqueue.h>

#include <asm/mshyperv.h>

#include "hv_ics_sysfs.h"
#include "ic/hvic_shutdown.h"

/* A guest that is still up after this long takes another order. */
#define SHUTDOWN_ACTING_SECS	60
/* The longest delay that makes sense: beyond, the order is a mistake. */
#define SHUTDOWN_DELAY_MAX_SECS	86400
/* What a uevent can carry of the host's text besides its other fields. */
#define SHUTDOWN_UEVENT_TEXT	1024

enum shutdown_state { SHUTDOWN_IDLE, SHUTDOWN_WAITING, SHUTDOWN_ACTING, SHUTDOWN_CANCELLING };

/**
 * struct shutdown - a shutdown service
 * @chan: the channel; its lock guards @state, @accepted and @cancelled
 * @wq: ordered, so that the work never runs twice at a time
 * @work: announces the order, waits, carries it out, becomes idle
 * @state: see above
 * @announced: whether user space has been told; the work's alone
 * @order: what to do; the work's while not IDLE
 * @hibernation: whether the machine knows S4 and the kernel is not locked down
 * @accepted: orders taken
 * @cancelled: orders taken back
 */
struct shutdown {
	struct hv_ics_chan *chan;
	struct workqueue_struct *wq;
	struct delayed_work work;
	enum shutdown_state state;
	bool announced;
	struct hvic_shutdown_order order;
	bool hibernation;
	u64 accepted;
	u64 cancelled;
};

/* From one state to the next, if it is still the one; says whether it was. */
static bool shutdown_move(struct shutdown *shutdown, enum shutdown_state from,
			  enum shutdown_state to)
{
	bool moved;

	spin_lock_bh(&shutdown->chan->lock);
	moved = shutdown->state == from;
	if (moved)
		shutdown->state = to;
	spin_unlock_bh(&shutdown->chan->lock);
	return moved;
}

/* For udev rules and whoever listens: what will happen, when, and why. */
static void shutdown_announce(struct shutdown *shutdown)
{
	static const char event[] = "EVENT=shutdown";
	const struct hvic_shutdown_order *order = &shutdown->order;
	struct device *dev = hv_ics_chan_dev(shutdown->chan);
	size_t text_len = strlen(order->text);
	char action[32], force[32], delay[32], reason[32];
	char *env[] = { (char *)event, action, force, delay, reason, NULL, NULL };

	snprintf(action, sizeof(action), "SHUTDOWN_ACTION=%s",
		 hvic_shutdown_action_name(order->action));
	snprintf(force, sizeof(force), "SHUTDOWN_FORCE=%d", order->force);
	snprintf(delay, sizeof(delay), "SHUTDOWN_DELAY=%u", order->delay);
	snprintf(reason, sizeof(reason), "SHUTDOWN_REASON=0x%08x", order->reason);
	if (text_len > SHUTDOWN_UEVENT_TEXT)	/* cut before a character, not in one */
		for (text_len = SHUTDOWN_UEVENT_TEXT; (order->text[text_len] & 0xc0) == 0x80;)
			text_len--;
	env[5] = kasprintf(GFP_KERNEL, "SHUTDOWN_MESSAGE=%.*s", (int)text_len, order->text);

	dev_info(dev, "host orders %s%s in %u s, reason 0x%08x: %.*s\n",
		 order->force ? "forced " : "", hvic_shutdown_action_name(order->action),
		 order->delay, order->reason, (int)min_t(size_t, text_len, 200), order->text);
	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, env);
	kfree(env[5]);
}

/*
 * orderly_reboot() restarts the machine by itself when user space cannot be
 * asked; where that is not wanted, ask the same program and leave it at that.
 */
static void shutdown_ask_for_reboot(struct device *dev)
{
	static char *argv[] = { "/sbin/reboot", NULL };
	static char *envp[] = { "HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL };
	int err = call_usermodehelper(argv[0], argv, envp, UMH_WAIT_EXEC);

	if (err)
		dev_err(dev, "could not run %s (%d): the guest stays up, an order with force would restart it\n",
			argv[0], err);
}

static void shutdown_act(struct shutdown *shutdown)
{
	struct device *dev = hv_ics_chan_dev(shutdown->chan);
	/* as the in-tree driver says it: existing udev rules match this */
	char *hibernate[] = { "EVENT=hibernate", NULL };

	switch (shutdown->order.action) {
	case HVIC_SHUTDOWN_ACTION_OFF:
		orderly_poweroff(shutdown->order.force);
		break;
	case HVIC_SHUTDOWN_ACTION_RESTART:
		if (shutdown->order.force)
			orderly_reboot();
		else
			shutdown_ask_for_reboot(dev);
		break;
	case HVIC_SHUTDOWN_ACTION_HIBERNATE:
		kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, hibernate);
		break;
	default:
		break;
	}
}

static void shutdown_work(struct work_struct *work)
{
	struct shutdown *shutdown = container_of(to_delayed_work(work), struct shutdown, work);

	if (shutdown_move(shutdown, SHUTDOWN_ACTING, SHUTDOWN_IDLE))
		return;
	if (!shutdown_move(shutdown, SHUTDOWN_WAITING, SHUTDOWN_WAITING))
		return;			/* cancelled just now */

	if (!shutdown->announced) {
		shutdown->announced = true;
		shutdown_announce(shutdown);
		if (shutdown->order.delay) {
			queue_delayed_work(shutdown->wq, &shutdown->work,
					   shutdown->order.delay * HZ);
			return;
		}
	}
	if (!shutdown_move(shutdown, SHUTDOWN_WAITING, SHUTDOWN_ACTING))
		return;
	shutdown_act(shutdown);
	queue_delayed_work(shutdown->wq, &shutdown->work, SHUTDOWN_ACTING_SECS * HZ);
}

static bool shutdown_can_hibernate(const struct shutdown *shutdown)
{
	return shutdown->hibernation && get_nr_swap_pages() > 0;
}

static int shutdown_serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	struct shutdown *shutdown = chan->service_data;
	int err;

	if (shutdown->state != SHUTDOWN_IDLE)
		return -EINPROGRESS;
	err = hvic_shutdown_parse(msg, chan->link.message, shutdown_can_hibernate(shutdown),
				  &shutdown->order);
	if (err)
		return err;

	shutdown->order.delay = min_t(u32, shutdown->order.delay, SHUTDOWN_DELAY_MAX_SECS);
	shutdown->state = SHUTDOWN_WAITING;
	shutdown->announced = false;
	shutdown->accepted++;
	/* not in place: the answer must be on its way first, and this may sleep */
	queue_delayed_work(shutdown->wq, &shutdown->work, 0);
	return 0;
}

static int shutdown_create(struct hv_ics_chan *chan)
{
	struct shutdown *shutdown = kzalloc(sizeof(*shutdown), GFP_KERNEL);

	if (!shutdown)
		return -ENOMEM;
	shutdown->wq = alloc_ordered_workqueue("hv_ics_shutdown", 0);
	if (!shutdown->wq) {
		kfree(shutdown);
		return -ENOMEM;
	}
	shutdown->chan = chan;
	INIT_DELAYED_WORK(&shutdown->work, shutdown_work);
	/* both may sleep, so they are asked here and not for each request */
	shutdown->hibernation = IS_ENABLED(CONFIG_HIBERNATION) && hv_is_hibernation_supported() &&
				!security_locked_down(LOCKDOWN_HIBERNATION);
	chan->service_data = shutdown;
	return 0;
}

static void shutdown_destroy(struct hv_ics_chan *chan)
{
	struct shutdown *shutdown = chan->service_data;

	destroy_workqueue(shutdown->wq);
	kfree(shutdown);
}

/*
 * An order ends with its channel: it would otherwise outlive the service that
 * an administrator has disabled, or strike after hibernation.
 */
static void shutdown_closed(struct hv_ics_chan *chan)
{
	struct shutdown *shutdown = chan->service_data;

	cancel_delayed_work_sync(&shutdown->work);
	shutdown->state = SHUTDOWN_IDLE;	/* closed: nobody else looks */
}

/* What the host has ordered and the guest not yet done, in a word. */
static const char *shutdown_pending(const struct shutdown *shutdown)
{
	return shutdown->state == SHUTDOWN_IDLE ? "none" :
	       hvic_shutdown_action_name(shutdown->order.action);
}

static ssize_t cancel_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);
	struct shutdown *shutdown = chan->service_data;
	bool yes;
	int err;

	err = kstrtobool(buf, &yes);
	if (err || !yes)
		return -EINVAL;

	if (!shutdown_move(shutdown, SHUTDOWN_WAITING, SHUTDOWN_CANCELLING))
		return -ENODATA;
	cancel_delayed_work_sync(&shutdown->work);
	shutdown->cancelled++;		/* CANCELLING lets one in at a time */
	shutdown_move(shutdown, SHUTDOWN_CANCELLING, SHUTDOWN_IDLE);
	dev_info(dev, "the host's order to %s was cancelled\n",
		 hvic_shutdown_action_name(shutdown->order.action));
	return len;
}
static DEVICE_ATTR_WO(cancel);

HV_ICS_ATTR_RO(pending, struct shutdown, "%s", shutdown_pending(own));
HV_ICS_ATTR_RO(accepted, struct shutdown, "%llu", own->accepted);
HV_ICS_ATTR_RO(cancelled, struct shutdown, "%llu", own->cancelled);
HV_ICS_ATTR_RO(reason, struct shutdown, "0x%08x", own->order.reason);
HV_ICS_ATTR_RO(delay, struct shutdown, "%u", own->order.delay);
HV_ICS_ATTR_RO(force, struct shutdown, "%d", own->order.force);
HV_ICS_ATTR_RO(message, struct shutdown, "%s", own->order.text);

static struct attribute *shutdown_attributes[] = {
	&dev_attr_pending.attr,
	&dev_attr_cancel.attr,
	&dev_attr_accepted.attr,
	&dev_attr_cancelled.attr,
	&dev_attr_reason.attr,
	&dev_attr_delay.attr,
	&dev_attr_force.attr,
	&dev_attr_message.attr,
	NULL
};

static const struct attribute_group shutdown_group = {
	.name	= "ic",
	.attrs	= shutdown_attributes,
};

const struct hv_ics_service hv_ics_shutdown_service = {
	.name		= "shutdown",
	.type		= HVIC_TYPE_SHUTDOWN,
	.versions	= &hvic_shutdown_versions,
	.create		= shutdown_create,
	.destroy	= shutdown_destroy,
	.closed		= shutdown_closed,
	.serve		= shutdown_serve,
	.attributes	= &shutdown_group,
};
