// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time synchronisation: the host's time as a PTP clock, and the system clock
 * set when the host asks for it, or when it forgot to.
 */
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>
#include <linux/workqueue.h>

#include <asm/mshyperv.h>

#include "hv_ics_sysfs.h"
#include "ic/hvic_timesync.h"

/* A clock daemon that uses our PTP clock reads it far more often than this. */
#define TIMESYNC_READER_SECS	120

/* Setting the clock takes some microseconds; after a millisecond it is not right. */
#define TIMESYNC_SET_TICKS	(HVIC_TICKS_PER_SEC / 1000)
#define TIMESYNC_SET_TRIES	3

enum timesync_implicit { IMPLICIT_OFF, IMPLICIT_AUTO, IMPLICIT_ALWAYS };

static enum timesync_implicit timesync_implicit = IMPLICIT_AUTO;

static int implicit_set(const char *value, const struct kernel_param *param)
{
	enum timesync_implicit *implicit = param->arg;
	bool always;
	int err;

	if (sysfs_streq(value, "auto")) {
		*implicit = IMPLICIT_AUTO;
		return 0;
	}
	/* Y and N mean what they mean to the in-tree module */
	err = kstrtobool(sysfs_streq(value, "always") ? "y" : value, &always);
	if (!err)
		*implicit = always ? IMPLICIT_ALWAYS : IMPLICIT_OFF;
	return err;
}

static int implicit_get(char *buf, const struct kernel_param *param)
{
	static const char *const names[] = {
		[IMPLICIT_OFF]		= "off",
		[IMPLICIT_AUTO]		= "auto",
		[IMPLICIT_ALWAYS]	= "always",
	};

	return sysfs_emit(buf, "%s\n", names[*(enum timesync_implicit *)param->arg]);
}

static const struct kernel_param_ops implicit_ops = {
	.set	= implicit_set,
	.get	= implicit_get,
};
module_param_cb(timesync_implicit, &implicit_ops, &timesync_implicit, 0644);
MODULE_PARM_DESC(timesync_implicit,
		 "Set a clock that stays 5 s or more behind the host's: off, always, or auto: unless a clock daemon holds it (default auto)");

/**
 * struct timesync - a time synchronisation service
 * @chan: the channel; its lock guards all from @sample on
 * @info: what the PTP clock can do
 * @ptp: the PTP clock, or %NULL in a kernel without any
 * @wq: ordered; runs @set
 * @set: sets the system clock to @sample
 * @sample: the host's last word
 * @watch: how long the guest has been far behind
 * @last: the system's clocks at the last sample
 * @steered: whether somebody adjusted the rate of the clock since then
 * @offset_ns: by how much the guest was behind the host at the last sample
 * @read_at: when the PTP clock was last read, in jiffies; 0 for never
 * @samples: samples taken
 * @syncs: times that the clock was set because the host asked
 * @implicit_syncs: times that it was set because the host forgot to
 */
struct timesync {
	struct hv_ics_chan *chan;
	struct ptp_clock_info info;
	struct ptp_clock *ptp;
	struct workqueue_struct *wq;
	struct work_struct set;

	struct hvic_timesync_sample sample;
	struct hvic_timesync_watch watch;
	struct hv_ics_snapshot last;
	bool steered;
	s64 offset_ns;
	unsigned long read_at;
	u64 samples;
	u64 syncs;
	u64 implicit_syncs;
};

static struct hvic_timesync_sample timesync_sample(struct timesync *timesync)
{
	struct hvic_timesync_sample sample;

	spin_lock_bh(&timesync->chan->lock);
	sample = timesync->sample;
	spin_unlock_bh(&timesync->chan->lock);
	return sample;
}

/* May be late: the time is computed for the moment it is set, not for the message. */
static int timesync_set_once(const struct hvic_timesync_sample *sample, u64 reference)
{
	struct timespec64 ts;
	s64 now;
	int err;

	err = hvic_timesync_read(sample, reference, &now);
	if (err)
		return err;
	ts = ns_to_timespec64(now);
	return do_settimeofday64(&ts);
}

static void timesync_set(struct work_struct *work)
{
	struct timesync *timesync = container_of(work, struct timesync, set);
	struct hvic_timesync_sample sample = timesync_sample(timesync);
	struct device *dev = hv_ics_chan_dev(timesync->chan);
	unsigned int tries = TIMESYNC_SET_TRIES;
	u64 before;
	int err;

	/* a host may take the processor away just before the clock is set */
	do {
		before = hv_read_reference_counter();
		err = timesync_set_once(&sample, before);
	} while (!err && --tries && hv_read_reference_counter() - before > TIMESYNC_SET_TICKS);
	if (err)
		dev_warn_ratelimited(dev, "could not set the clock (%d)\n", err);
}

/* Whether a clock daemon is at work, by its use of our clock or of the kernel's. */
static bool timesync_is_held(const struct timesync *timesync)
{
	bool read = timesync->read_at &&
		    time_before(jiffies, timesync->read_at + TIMESYNC_READER_SECS * HZ);

	return read || timesync->steered;
}

/* Compares the guest's clock to a fresh sample; says whether to set it unasked. */
static bool timesync_compare(struct timesync *timesync, s64 host_ns)
{
	struct hv_ics_snapshot now;
	s64 real, raw;
	bool held;

	hv_ics_snapshot_take(&now, CLOCK_REALTIME);
	timesync->offset_ns = host_ns - ktime_to_ns(now.system);
	real = ktime_to_ns(ktime_sub(now.system, timesync->last.system));
	raw = ktime_to_ns(ktime_sub(now.raw, timesync->last.raw));
	if (now.set_seq == timesync->last.set_seq)
		timesync->steered = hvic_timesync_steered(real, raw);
	timesync->last = now;

	held = timesync_implicit == IMPLICIT_AUTO && timesync_is_held(timesync);
	return timesync_implicit != IMPLICIT_OFF &&
	       hvic_timesync_watch(&timesync->watch, timesync->offset_ns, held);
}

static int timesync_serve(struct hv_ics_chan *chan, struct hvic_msg *msg)
{
	struct timesync *timesync = chan->service_data;
	u64 reference = hv_read_reference_counter();
	struct hvic_timesync_sample sample;
	bool implicit;
	s64 host_ns;
	int err;

	err = hvic_timesync_parse(msg, chan->link.message, reference, &sample);
	if (err)
		return err;
	if (!(sample.flags & (HVIC_TIMESYNC_SYNC | HVIC_TIMESYNC_SAMPLE)))
		return 0;	/* a probe: the host measures the way, no more */

	timesync->sample = sample;
	timesync->samples++;
	err = hvic_timesync_read(&sample, reference, &host_ns);
	if (err)
		return err;
	implicit = timesync_compare(timesync, host_ns);
	if (sample.flags & HVIC_TIMESYNC_SYNC)
		timesync->syncs++;
	else if (implicit)
		timesync->implicit_syncs++;
	else
		return 0;
	queue_work(timesync->wq, &timesync->set);
	return 0;
}

static struct timesync *timesync_of(struct ptp_clock_info *info)
{
	return container_of(info, struct timesync, info);
}

static void timesync_note_reader(struct timesync *timesync)
{
	spin_lock_bh(&timesync->chan->lock);
	timesync->read_at = jiffies ?: 1;
	spin_unlock_bh(&timesync->chan->lock);
}

static int timesync_gettimex64(struct ptp_clock_info *info, struct timespec64 *ts,
			       struct ptp_system_timestamp *sts)
{
	struct timesync *timesync = timesync_of(info);
	struct hvic_timesync_sample sample = timesync_sample(timesync);
	u64 reference;
	s64 now;
	int err;

	timesync_note_reader(timesync);
	ptp_read_system_prets(sts);
	reference = hv_read_reference_counter();
	ptp_read_system_postts(sts);

	err = hvic_timesync_read(&sample, reference, &now);
	if (!err)
		*ts = ns_to_timespec64(now);
	return err;
}

static struct hvic_timesync_reading timesync_reading(void)
{
	struct hvic_timesync_reading reading;

	reading.reference = hv_read_reference_counter();
	reading.cycles = get_cycles();
	return reading;
}

static int timesync_getcrosststamp(struct ptp_clock_info *info,
				   struct system_device_crosststamp *stamp)
{
	struct timesync *timesync = timesync_of(info);
	struct hvic_timesync_sample sample = timesync_sample(timesync);
	struct hvic_timesync_reading before, after;
	struct hv_ics_snapshot snapshot;
	u64 reference;
	s64 now;
	int err;

	timesync_note_reader(timesync);
	before = timesync_reading();
	hv_ics_snapshot_take(&snapshot, hv_ics_crosststamp_clock(stamp));
	after = timesync_reading();

	err = hvic_timesync_place(snapshot.cycles, &before, &after, &reference);
	if (!err)
		err = hvic_timesync_read(&sample, reference, &now);
	if (!err)
		hv_ics_crosststamp_fill(stamp, &snapshot, now);
	return err;
}

/* The host's clock is the host's: it can be read, and nothing else. */
static int timesync_settime64(struct ptp_clock_info *info, const struct timespec64 *ts)
{
	return -EOPNOTSUPP;
}

static int timesync_adjtime(struct ptp_clock_info *info, s64 delta)
{
	return -EOPNOTSUPP;
}

static int timesync_adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	return -EOPNOTSUPP;
}

static int timesync_enable(struct ptp_clock_info *info, struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

static const struct ptp_clock_info timesync_info = {
	.owner		= THIS_MODULE,
	.name		= "hyperv",	/* systemd's rules make /dev/ptp_hyperv of it */
	.gettimex64	= timesync_gettimex64,
	.getcrosststamp	= timesync_getcrosststamp,
	.settime64	= timesync_settime64,
	.adjtime	= timesync_adjtime,
	.adjfine	= timesync_adjfine,
	.enable		= timesync_enable,
};

static int timesync_create(struct hv_ics_chan *chan)
{
	struct timesync *timesync;
	int err = -ENOMEM;

	if (!hv_read_reference_counter)
		return -ENODEV;
	timesync = kzalloc(sizeof(*timesync), GFP_KERNEL);
	if (!timesync)
		return -ENOMEM;
	timesync->chan = chan;
	timesync->info = timesync_info;
	INIT_WORK(&timesync->set, timesync_set);
	timesync->wq = alloc_ordered_workqueue("hv_ics_timesync", 0);
	if (!timesync->wq)
		goto free;
	timesync->ptp = ptp_clock_register(&timesync->info, hv_ics_chan_dev(chan));
	if (IS_ERR(timesync->ptp)) {
		err = PTR_ERR(timesync->ptp);
		goto destroy_wq;
	}
	chan->service_data = timesync;
	return 0;

destroy_wq:
	destroy_workqueue(timesync->wq);
free:
	kfree(timesync);
	return err;
}

static void timesync_destroy(struct hv_ics_chan *chan)
{
	struct timesync *timesync = chan->service_data;

	if (timesync->ptp)
		ptp_clock_unregister(timesync->ptp);
	destroy_workqueue(timesync->wq);
	kfree(timesync);
}

/* The reference counter may start over, so an old sample means nothing. */
static void timesync_opening(struct hv_ics_chan *chan)
{
	struct timesync *timesync = chan->service_data;

	spin_lock_bh(&chan->lock);
	timesync->sample.valid = false;
	timesync->watch.behind = 0;
	timesync->steered = false;
	hv_ics_snapshot_take(&timesync->last, CLOCK_REALTIME);
	spin_unlock_bh(&chan->lock);
}

static void timesync_closed(struct hv_ics_chan *chan)
{
	struct timesync *timesync = chan->service_data;

	cancel_work_sync(&timesync->set);
}

static ssize_t sample_age_ms_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct hv_ics_chan *chan = hv_ics_chan_of(dev);
	struct hvic_timesync_sample sample = timesync_sample(chan->service_data);
	s64 ticks = hv_read_reference_counter() - sample.reference;

	if (!sample.valid)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "%lld\n", div_s64(ticks, HVIC_TICKS_PER_SEC / 1000));
}
static DEVICE_ATTR_RO(sample_age_ms);

HV_ICS_ATTR_RO(samples, struct timesync, "%llu", own->samples);
HV_ICS_ATTR_RO(syncs, struct timesync, "%llu", own->syncs);
HV_ICS_ATTR_RO(implicit_syncs, struct timesync, "%llu", own->implicit_syncs);
HV_ICS_ATTR_RO(offset_ns, struct timesync, "%lld", own->offset_ns);
HV_ICS_ATTR_RO(leap, struct timesync, "%u", own->sample.leap);
HV_ICS_ATTR_RO(stratum, struct timesync, "%u", own->sample.stratum);
HV_ICS_ATTR_RO(clock_held, struct timesync, "%d", timesync_is_held(own));

static struct attribute *timesync_attributes[] = {
	&dev_attr_samples.attr,
	&dev_attr_syncs.attr,
	&dev_attr_implicit_syncs.attr,
	&dev_attr_sample_age_ms.attr,
	&dev_attr_offset_ns.attr,
	&dev_attr_leap.attr,
	&dev_attr_stratum.attr,
	&dev_attr_clock_held.attr,
	NULL
};

static const struct attribute_group timesync_group = {
	.name	= "ic",
	.attrs	= timesync_attributes,
};

const struct hv_ics_service hv_ics_timesync_service = {
	.name		= "timesync",
	.type		= HVIC_TYPE_TIMESYNC,
	.versions	= &hvic_timesync_versions,
	.create		= timesync_create,
	.destroy	= timesync_destroy,
	.opening	= timesync_opening,
	.closed		= timesync_closed,
	.serve		= timesync_serve,
	.attributes	= &timesync_group,
};
