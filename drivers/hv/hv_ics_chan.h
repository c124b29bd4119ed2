/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_CHAN_H
#define _HV_ICS_CHAN_H

#include <linux/device.h>
#include <linux/spinlock.h>

#include "ic/hvic_link.h"

struct hv_device;
struct hv_ics_chan;

/**
 * struct hv_ics_service - what sets one integration service apart
 * @name: one word, for people
 * @type: the enum hvic_type of its requests
 * @versions: what it speaks
 * @create: allocate &hv_ics_chan.service_data; the channel is not open yet
 * @destroy: free it; the channel is closed
 * @opening: the channel is about to open: forget what a host said before
 * @closed: the channel is closed: end all work. Called with user space frozen
 *	as well, when the guest hibernates, so it must not wait for a process
 * @serve: answer a request in place: 0, or a negative errno that becomes its
 *	status. Context: softirq, with &hv_ics_chan.lock held
 * @attributes: added to the service's directory in sysfs; may be %NULL
 *
 * A service is a constant; what changes is allocated with the device.
 */
struct hv_ics_service {
	const char *name;
	u16 type;
	const struct hvic_versions *versions;
	int (*create)(struct hv_ics_chan *chan);
	void (*destroy)(struct hv_ics_chan *chan);
	void (*opening)(struct hv_ics_chan *chan);
	void (*closed)(struct hv_ics_chan *chan);
	int (*serve)(struct hv_ics_chan *chan, struct hvic_msg *msg);
	const struct attribute_group *attributes;
};

/**
 * struct hv_ics_counters - what has come over a channel
 * @offers: version offers answered
 * @requests: requests handed to the service
 * @refused: packets answered with a refusal, by the service or before it
 * @dropped: packets that were no request and got no answer
 * @send_errors: answers that could not be sent
 */
struct hv_ics_counters {
	u64 offers;
	u64 requests;
	u64 refused;
	u64 dropped;
	u64 send_errors;
};

/**
 * struct hv_ics_chan - one service on one VMBus device
 * @service: which one
 * @device: the VMBus device
 * @lock: guards all below, and what is behind @service_data. Taken in softirq
 * @link: the conversation with the host
 * @counters: see there
 * @last_status: the HVIC_STATUS_* of the last answer
 * @service_data: the service's own
 * @buf: the packet that is being served, as long as the ring; the callback's
 *	alone, so that @lock need not be held to send it
 */
struct hv_ics_chan {
	const struct hv_ics_service *service;
	struct hv_device *device;

	spinlock_t lock;	/* see above */
	struct hvic_link link;
	struct hv_ics_counters counters;
	u32 last_status;
	void *service_data;

	u8 *buf;
};

extern const struct hv_ics_service hv_ics_heartbeat_service;
extern const struct hv_ics_service hv_ics_power_service;
extern const struct hv_ics_service hv_ics_clock_service;

struct hv_ics_chan *hv_ics_chan_create(struct hv_device *device,
				       const struct hv_ics_service *service);
void hv_ics_chan_destroy(struct hv_ics_chan *chan);
int hv_ics_chan_open(struct hv_ics_chan *chan);
void hv_ics_chan_close(struct hv_ics_chan *chan);
struct device *hv_ics_chan_dev(struct hv_ics_chan *chan);
struct hv_ics_chan *hv_ics_chan_of(struct device *dev);

#endif
