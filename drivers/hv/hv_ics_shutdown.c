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
#define POWER_ACTING_SECS	60
/* The longest delay that makes sense: beyond, the order is a mistake. */
#define POWER_DELAY_MAX_SECS	86400
/* What a uevent can carry of the host's text besides its other fields. */
#define POWER_UEVENT_TEXT	1024

enum power_state { POWER_IDLE, POWER_WAITING, POWER_ACTING, POWER_CANCELLING };

/**
 * struct power - a shutdown service
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
struct power {
	struct hv_ics_chan *chan;
	struct workqueue_struct *wq;
	struct delayed_work work;
	enum power_state state;
	bool announced;
	struct hvic_shutdown_order order;
	bool hibernation;
	u64 accepted;
	u64 cancelled;
};

/* From one state to the next, if it is still the one; says whether it was. */
static bool power_move(struct power *power, enum power_state from, enum power_state to)
{
	bool moved;

	spin_lock_bh(&power->chan->lock);
	moved = power->state == from;
	if (moved)
		power->state = to;
	spin_unlock_bh(&power->chan->lock);
	return moved;
}

/* For udev rules and whoever listens: what will happen, when, and why. */
static void power_announce(struct power *power)
{
	static const char event[] = "EVENT=shutdown";
	const struct hvic_shutdown_order *order = &power->order;
	struct device *dev = hv_ics_chan_dev(power->chan);
	size_t text_len = strlen(order->text);
	char action[32], force[32], delay[32], reason[32];
	char *env[] = { (char *)event, action, force, delay, reason, NULL, NULL };

	snprintf(action, sizeof(action), "SHUTDOWN_ACTION=%s",
		 hvic_power_action_name(order->action));
	snprintf(force, sizeof(force), "SHUTDOWN_FORCE=%d", order->force);
	snprintf(delay, sizeof(delay), "SHUTDOWN_DELAY=%u", order->delay);
	snprintf(reason, sizeof(reason), "SHUTDOWN_REASON=0x%08x", order->reason);
	if (text_len > POWER_UEVENT_TEXT)	/* cut before a character, not in one */
		for (text_len = POWER_UEVENT_TEXT; (order->text[text_len] & 0xc0) == 0x80;)
			text_len--;
	env[5] = kasprintf(GFP_KERNEL, "SHUTDOWN_MESSAGE=%.*s", (int)text_len, order->text);

	dev_info(dev, "host orders %s%s in %u s, reason 0x%08x: %.*s\n",
		 order->force ? "forced " : "", hvic_power_action_name(order->action),
		 order->delay, order->reason, (int)min_t(size_t, text_len, 200), order->text);
	kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, env);
	kfree(env[5]);
}

/*
 * orderly_reboot() restarts the machine by itself when user space cannot be
 * asked; where that is not wanted, ask the same program and leave it at that.
 */
static void power_ask_for_reboot(struct device *dev)
{
	static char *argv[] = { "/sbin/reboot", NULL };
	static char *envp[] = { "HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin", NULL };
	int err = call_usermodehelper(argv[0], argv, envp, UMH_WAIT_EXEC);

	if (err)
		dev_err(dev, "could not run %s (%d): the guest stays up, an order with force would restart it\n",
			argv[0], err);
}

static void power_act(struct power *power)
{
	struct device *dev = hv_ics_chan_dev(power->chan);
	/* as the in-tree driver says it: existing udev rules match this */
	char *hibernate[] = { "EVENT=hibernate", NULL };

	switch (power->order.action) {
	case HVIC_POWER_OFF:
		orderly_poweroff(power->order.force);
		break;
	case HVIC_POWER_RESTART:
		if (power->order.force)
			orderly_reboot();
		else
			power_ask_for_reboot(dev);
		break;
	case HVIC_POWER_HIBERNATE:
		kobject_uevent_env(&dev->kobj, KOBJ_CHANGE, hibernate);
		break;
	default:
		break;
	}
}

static void power_work(struct work_struct *work)
{
	struct power *power = container_of(to_delayed_work(work), struct power, work);

	if (power_move(power, POWER_ACTING, POWER_IDLE))
		return;
	if (!power_move(power, POWER_WAITING, POWER_WAITING))
		return;			/* cancelled just now */

	if (!power->announced) {
		power->announced = true;
		power_announce(power);
		if (power->order.delay) {
			queue_delayed_work(power->wq, &power->work, power->order.delay * HZ);
			return;
		}
	}
	if (!power_move(power, POWER_WAITING, POWER_ACTING))
		return;
	power_act(power);
	queue_delayed_work(power->wq, &power->work, POWER_ACTING_SECS * HZ);
}

static bool power_can_hibernate(const struct power *power)
{
	return power->hibernation && get_nr_swap_pages() > 0;
}

static int power_serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	struct power *power = chan->service_data;
	int err;

	if (power->state != POWER_IDLE)
		return -EINPROGRESS;
	err = hvic_shutdown_parse(msg, chan->link.message, power_can_hibernate(power),
				  &power->order);
	if (err)
		return err;

	power->order.delay = min_t(u32, power->order.delay, POWER_DELAY_MAX_SECS);
	power->state = POWER_WAITING;
	power->announced = false;
	power->accepted++;
	/* not in place: the answer must be on its way first, and this may sleep */
	queue_delayed_work(power->wq, &power->work, 0);
	return 0;
}

static int power_create(struct hv_ics_chan *chan)
{
	struct power *power = kzalloc(sizeof(*power), GFP_KERNEL);

	if (!power)
		return -ENOMEM;
	power->wq = alloc_ordered_workqueue("hv_ics_shutdown", 0);
	if (!power->wq) {
		kfree(power);
		return -ENOMEM;
	}
	power->chan = chan;
	INIT_DELAYED_WORK(&power->work, power_work);
	/* both may sleep, so they are asked here and not for each request */
	power->hibernation = IS_ENABLED(CONFIG_HIBERNATION) && hv_is_hibernation_supported() &&
			     !security_locked_down(LOCKDOWN_HIBERNATION);
	chan->service_data = power;
	return 0;
}

static void power_destroy(struct hv_ics_chan *chan)
{
	struct power *power = chan->service_data;

	destroy_workqueue(power->wq);
	kfree(power);
}

/*
 * An order ends with its channel: it would otherwise outlive the service that
 * an administrator has disabled, or strike after hibernation.
 */
static void power_closed(struct hv_ics_chan *chan)
{
	struct power *power = chan->service_data;

	cancel_delayed_work_sync(&power->work);
	power->state = POWER_IDLE;	/* closed: nobody else looks */
}

/* What the host has ordered and the guest not yet done, in a word. */
static const char *power_pending(const struct power *power)
{
	return power->state == POWER_IDLE ? "none" : hvic_power_action_name(power->order.action);
}

static ssize_t cancel_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);
	struct power *power = chan->service_data;
	bool yes;
	int err;

	err = kstrtobool(buf, &yes);
	if (err || !yes)
		return -EINVAL;

	if (!power_move(power, POWER_WAITING, POWER_CANCELLING))
		return -ENODATA;
	cancel_delayed_work_sync(&power->work);
	power->cancelled++;		/* CANCELLING lets one in at a time */
	power_move(power, POWER_CANCELLING, POWER_IDLE);
	dev_info(dev, "the host's order to %s was cancelled\n",
		 hvic_power_action_name(power->order.action));
	return len;
}
static DEVICE_ATTR_WO(cancel);

HV_ICS_ATTR_RO(pending, struct power, "%s", power_pending(own));
HV_ICS_ATTR_RO(accepted, struct power, "%llu", own->accepted);
HV_ICS_ATTR_RO(cancelled, struct power, "%llu", own->cancelled);
HV_ICS_ATTR_RO(reason, struct power, "0x%08x", own->order.reason);
HV_ICS_ATTR_RO(delay, struct power, "%u", own->order.delay);
HV_ICS_ATTR_RO(force, struct power, "%d", own->order.force);
HV_ICS_ATTR_RO(message, struct power, "%s", own->order.text);

static struct attribute *power_attributes[] = {
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

static const struct attribute_group power_group = {
	.name	= "ic",
	.attrs	= power_attributes,
};

const struct hv_ics_service hv_ics_power_service = {
	.name		= "shutdown",
	.type		= HVIC_TYPE_SHUTDOWN,
	.versions	= &hvic_shutdown_versions,
	.create		= power_create,
	.destroy	= power_destroy,
	.closed		= power_closed,
	.serve		= power_serve,
	.attributes	= &power_group,
};
