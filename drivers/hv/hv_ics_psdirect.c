// SPDX-License-Identifier: GPL-2.0-only
/*
 * PowerShell Direct: gives the host's offers of its two services to the stock hv_sock, as
 * ports of AF_VSOCK.
 *
 * hv_sock accepts classes of its own template alone.  So the class of an offer is written
 * over, before hv_sock reads it: by a notifier of the bus, which is called after a device
 * is there and before a driver is asked; or, for devices that were there first, by a work,
 * which takes them off hv_sock, that has not accepted them, and gives them back.
 *
 * Owns no device and no connection: what was accepted does not know of this module.
 *
 * Locks: the device's own guards the class.  The notifier may only try it, since a driver
 * that is bound calls the same chain of notifiers with that lock held.
 */
#include <linux/delay.h>
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sysfs.h>
#include <linux/workqueue.h>
#include <asm/mshyperv.h>

#include "hv_ics_psdirect.h"
#include "hv_ics_trace.h"
#include "ic/hvic_psdirect.h"

enum psdirect_mode { PSDIRECT_OFF, PSDIRECT_AUTO, PSDIRECT_ON };

static void psdirect_rescan(struct work_struct *work);

/**
 * struct psdirect - what this is and has done
 * @driver: a driver of the bus, which is how the bus is found
 * @mode: what the parameter says
 * @lock: guards @running
 * @running: whether @rescan may be queued by the parameter
 * @rescan: looks for offers that were there first
 * @judged: offers by verdict; of the services, those that were given to hv_sock
 * @pending: of these, those that @rescan found
 * @ignored: offers of the services that came while this was off
 */
struct psdirect {
	struct device_driver *driver;
	enum psdirect_mode mode;
	struct mutex lock;	/* of @running */
	bool running;
	struct work_struct rescan;
	atomic64_t judged[HVIC_NR_PSDIRECT_VERDICTS];
	atomic64_t pending;
	atomic64_t ignored;
};

static struct psdirect psdirect = {
	.mode	= PSDIRECT_AUTO,
	.lock	= __MUTEX_INITIALIZER(psdirect.lock),
	.rescan	= __WORK_INITIALIZER(psdirect.rescan, psdirect_rescan),
};

/* In a confidential guest the host is not to be given passwords unless somebody wants it. */
static bool psdirect_is_on(void)
{
	enum psdirect_mode mode = READ_ONCE(psdirect.mode);

	return mode == PSDIRECT_ON || (mode == PSDIRECT_AUTO && !hv_is_isolation_supported());
}

/* ---- the parameter ---- */

static int psdirect_set(const char *value, const struct kernel_param *param)
{
	enum psdirect_mode mode = PSDIRECT_AUTO;
	bool on;
	int err;

	if (!sysfs_streq(value, "auto")) {
		err = kstrtobool(value, &on);
		if (err)
			return err;
		mode = on ? PSDIRECT_ON : PSDIRECT_OFF;
	}
	WRITE_ONCE(psdirect.mode, mode);
	mutex_lock(&psdirect.lock);
	if (psdirect.running && psdirect_is_on())
		queue_work(system_long_wq, &psdirect.rescan);
	mutex_unlock(&psdirect.lock);
	return 0;
}

static int psdirect_get(char *buf, const struct kernel_param *param)
{
	static const char *const names[] = {
		[PSDIRECT_OFF]	= "off",
		[PSDIRECT_AUTO]	= "auto",
		[PSDIRECT_ON]	= "on",
	};

	return sysfs_emit(buf, "%s\n", names[READ_ONCE(psdirect.mode)]);
}

static const struct kernel_param_ops psdirect_ops = {
	.set	= psdirect_set,
	.get	= psdirect_get,
};
module_param_cb(psdirect, &psdirect_ops, NULL, 0644);
MODULE_PARM_DESC(psdirect,
		 "PowerShell Direct for AF_VSOCK: on, off, or auto: unless the guest is confidential (default auto)");

/* ---- offers ---- */

static enum hvic_psdirect_verdict offer_judge(const struct vmbus_channel *channel)
{
	const struct vmbus_channel_offer *offer = &channel->offermsg.offer;
	struct hvic_psdirect_offer plain = {
		.flags = offer->chn_flags,
		.service = offer->if_type.b,
		.user = offer->u.std.user_def,
	};

	BUILD_BUG_ON(sizeof(offer->u.std.user_def) != HVIC_PSDIRECT_USER_LEN);
	return hvic_psdirect_judge(&plain);
}

static void offer_trace(const struct vmbus_channel *channel, enum hvic_psdirect_verdict verdict,
			bool pending)
{
	trace_hv_ic_psdirect(verdict, hvic_psdirect_port(verdict),
			     channel->offermsg.child_relid, pending);
}

/* With the device's lock held, and no driver bound. */
static void offer_rewrite(struct vmbus_channel *channel, bool pending)
{
	enum hvic_psdirect_verdict verdict = offer_judge(channel);
	u32 port = hvic_psdirect_port(verdict);

	if (!port)
		return;
	hvic_psdirect_vsock(channel->offermsg.offer.if_type.b, port);
	atomic64_inc(&psdirect.judged[verdict]);
	if (pending)
		atomic64_inc(&psdirect.pending);
	offer_trace(channel, verdict, pending);
}

/*
 * A driver that is loaded just now can have been faster on kernels that let it: then the
 * offer is the work's.
 */
static void offer_accept(struct device *device, struct vmbus_channel *channel)
{
	bool done = false;

	if (device_trylock(device)) {
		done = !device->driver;
		if (done)
			offer_rewrite(channel, false);
		device_unlock(device);
	}
	if (!done)
		queue_work(system_long_wq, &psdirect.rescan);
}

static int psdirect_notify(struct notifier_block *notifier, unsigned long event, void *data)
{
	struct device *device = data;
	struct vmbus_channel *channel;
	enum hvic_psdirect_verdict verdict;

	if (event != BUS_NOTIFY_ADD_DEVICE)
		return NOTIFY_DONE;
	channel = device_to_hv_device(device)->channel;
	verdict = offer_judge(channel);
	if (verdict == HVIC_PSDIRECT_CONTAINER) {
		atomic64_inc(&psdirect.judged[verdict]);
		offer_trace(channel, verdict, false);
	} else if (verdict != HVIC_PSDIRECT_OTHER) {
		if (psdirect_is_on())
			offer_accept(device, channel);
		else
			atomic64_inc(&psdirect.ignored);
	}
	return NOTIFY_DONE;
}

static struct notifier_block psdirect_notifier = {
	.notifier_call = psdirect_notify,
};

/* ---- offers that were there first ---- */

/*
 * Holds a rescind up, as the bus does while it probes a new device: hv_sock registers only
 * after its channel is open what is to be called when that is rescinded, and does not stand
 * to lose the device before.  A device that the bus is still probing is waited for, since
 * that ends by letting rescinds go on.
 *
 * The bus first says that the channel is rescinded, and then looks whether somebody probes.
 * We do it the other way around, with a memory barrier on every processor between the two,
 * so that at least one of us sees the other.
 *
 * Returns false when the channel is being rescinded: nothing is held up.
 */
static bool rescind_hold(struct vmbus_channel *channel)
{
	while (!READ_ONCE(channel->probe_done))
		fsleep(1000);
	WRITE_ONCE(channel->probe_done, false);
	synchronize_rcu();
	if (!READ_ONCE(channel->rescind))
		return true;
	WRITE_ONCE(channel->probe_done, true);
	return false;
}

static void rescind_release(struct vmbus_channel *channel)
{
	/* what probing did is seen by who is let go on */
	smp_store_release(&channel->probe_done, true);
}

/*
 * Takes the device off its driver, which has not accepted it, rewrites its class, and has
 * drivers asked again.  Its driver may come back before the class is rewritten, when it is
 * loaded at that time; that is found out with the device's lock held, and done once more.
 */
static void offer_retry(struct device *device, struct vmbus_channel *channel)
{
	bool bound;
	int err;

	do {
		device_release_driver(device);
		device_lock(device);
		bound = device->driver;
		if (!bound)
			offer_rewrite(channel, true);
		device_unlock(device);
	} while (bound);
	/* without a driver it stays as it is, until one is loaded */
	err = device_attach(device);
	if (err < 0)
		dev_warn_ratelimited(device, "could not be given to hv_sock again (%d)\n", err);
}

/* The caller, an iterator, holds a reference to the device, and the device has its channel. */
static int psdirect_rescan_device(struct device *device, void *unused)
{
	struct vmbus_channel *channel = device_to_hv_device(device)->channel;
	bool bound;

	if (!psdirect_is_on() || !hvic_psdirect_port(offer_judge(channel)))
		return 0;
	device_lock(device);
	bound = device->driver;
	if (!bound)
		offer_rewrite(channel, true);
	device_unlock(device);
	if (bound && rescind_hold(channel)) {
		offer_retry(device, channel);
		rescind_release(channel);
	}
	return 0;
}

static void psdirect_rescan(struct work_struct *work)
{
	bus_for_each_dev(psdirect.driver->bus, NULL, NULL, psdirect_rescan_device);
}

/* ---- what is shown ---- */

static ssize_t count_show(char *buf, atomic64_t *count)
{
	return sysfs_emit(buf, "%lld\n", (long long)atomic64_read(count));
}

static ssize_t state_show(struct device_driver *driver, char *buf)
{
	return sysfs_emit(buf, "%s\n", psdirect_is_on() ? "on" : "off");
}
static DRIVER_ATTR_RO(state);

#define PSDIRECT_COUNT_ATTR(name, count)					\
static ssize_t name##_show(struct device_driver *driver, char *buf)		\
{										\
	return count_show(buf, &psdirect.count);				\
}										\
static DRIVER_ATTR_RO(name)

PSDIRECT_COUNT_ATTR(broker, judged[HVIC_PSDIRECT_BROKER]);
PSDIRECT_COUNT_ATTR(server, judged[HVIC_PSDIRECT_SERVER]);
PSDIRECT_COUNT_ATTR(containers, judged[HVIC_PSDIRECT_CONTAINER]);
PSDIRECT_COUNT_ATTR(pending, pending);
PSDIRECT_COUNT_ATTR(ignored, ignored);

static struct attribute *attributes[] = {
	&driver_attr_state.attr,
	&driver_attr_broker.attr,
	&driver_attr_server.attr,
	&driver_attr_containers.attr,
	&driver_attr_pending.attr,
	&driver_attr_ignored.attr,
	NULL
};

static const struct attribute_group group = {
	.name	= "psdirect",
	.attrs	= attributes,
};

/* Of the driver, as there is no device: /sys/bus/vmbus/drivers/hv_utils/psdirect/. */
const struct attribute_group *hv_ics_psdirect_groups[] = { &group, NULL };

/**
 * hv_ics_psdirect_start() - Take offers from now on, and those that are there.
 * @driver: a driver that is registered on the VMBus bus, until hv_ics_psdirect_stop()
 *
 * Waits for no host: offers that are there are accepted by a work.
 *
 * Context: may sleep.
 * Return: 0, or the errno of bus_register_notifier().
 */
int hv_ics_psdirect_start(struct device_driver *driver)
{
	int err;

	psdirect.driver = driver;
	err = bus_register_notifier(driver->bus, &psdirect_notifier);
	if (err)
		return err;
	mutex_lock(&psdirect.lock);
	psdirect.running = true;
	mutex_unlock(&psdirect.lock);
	queue_work(system_long_wq, &psdirect.rescan);
	return 0;
}

/**
 * hv_ics_psdirect_stop() - Take no more offers.
 *
 * What was accepted goes on.  An offer that is being accepted is waited for, that is, for
 * the host's answer to its opening, which a rescind ends.
 *
 * Context: may sleep.
 */
void hv_ics_psdirect_stop(void)
{
	mutex_lock(&psdirect.lock);
	psdirect.running = false;
	mutex_unlock(&psdirect.lock);
	bus_unregister_notifier(psdirect.driver->bus, &psdirect_notifier);
	cancel_work_sync(&psdirect.rescan);
}
