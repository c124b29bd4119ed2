/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_CHAN_H
#define _HV_ICS_CHAN_H

#include <linux/device.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "ic/hvic_link.h"

struct hv_device;
struct hv_ics_chan;

/* What serve() returns when the answer comes later; no errno has this number. */
#define HV_ICS_LATER		1
/* Requests of a channel whose answer may be outstanding. */
#define HV_ICS_DEFERRED_MAX	8

/**
 * struct hv_ics_packet - a request whose answer comes later
 * @list: for who keeps it
 * @msg: a view of @bytes
 * @version: the message version that was agreed on when it came
 * @epoch: &hv_ics_chan.epoch, then
 * @serial: &hv_ics_chan.serial, then
 * @id: the transaction of VMBus
 * @len: bytes in @bytes
 * @bytes: the packet
 */
struct hv_ics_packet {
	struct list_head list;
	struct hvic_msg msg;
	u32 version;
	u64 epoch;
	u32 serial;
	u64 id;
	u32 len;
	u8 bytes[] __aligned(8);
};

/**
 * struct hv_ics_service - what sets one integration service apart
 * @name: one word, for people
 * @type: the enum hvic_type of its requests
 * @versions: what it speaks
 * @create: allocate &hv_ics_chan.service_data; the channel is not open yet
 * @destroy: free it; the channel is closed
 * @opening: the channel is about to open: forget what a host said before
 * @opened: it is open, and hv_ics_chan_answer() answers. Context: may sleep
 * @restarted: the host offers its versions anew, and has forgotten what it had
 *	asked before. Context: softirq, with &hv_ics_chan.lock held
 * @closed: the channel is closed: end all work. Called with user space frozen
 *	as well, when the guest hibernates, so it must not wait for a process
 * @serve: answer a request in place: 0, or a negative errno that becomes its
 *	status; or %HV_ICS_LATER, after hv_ics_chan_defer(). Context: softirq,
 *	with &hv_ics_chan.lock held
 * @answered: a deferred request has its answer, or is forgotten; may be %NULL.
 *	Context: any, with &hv_ics_chan.lock held
 * @attributes: added to the service's directory in sysfs; may be %NULL
 * @more_attributes: likewise
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
	void (*opened)(struct hv_ics_chan *chan);
	void (*restarted)(struct hv_ics_chan *chan);
	void (*closed)(struct hv_ics_chan *chan);
	int (*serve)(struct hv_ics_chan *chan, struct hvic_msg *msg);
	void (*answered)(struct hv_ics_chan *chan, const struct hv_ics_packet *packet);
	const struct attribute_group *attributes;
	const struct attribute_group *more_attributes;
};

/**
 * struct hv_ics_counters - what has come over a channel
 * @offers: version offers answered
 * @requests: requests handed to the service
 * @refused: packets answered with a refusal, by the service or before it
 * @dropped: packets that were no request and got no answer
 * @send_errors: answers that could not be sent
 * @forgotten: requests that the host had forgotten, or could not be told of any
 *	more, when their answer was there
 */
struct hv_ics_counters {
	u64 offers;
	u64 requests;
	u64 refused;
	u64 dropped;
	u64 send_errors;
	u64 forgotten;
};

/**
 * struct hv_ics_chan - one service on one VMBus device
 * @service: which one
 * @device: the VMBus device
 * @opening: opens the channel, see hv_ics_chan_open_later()
 * @lock: guards all below, and what is behind @service_data. Taken in softirq
 * @link: the conversation with the host
 * @counters: see there
 * @last_status: the HVIC_STATUS_* of the last answer
 * @open: whether an answer can be sent from outside of the callback
 * @epoch: counts how often the host has begun anew, and forgotten its requests
 * @serial: what the service tells its requests apart by, where it does
 * @deferred: requests whose answer comes later
 * @unsent: those of them that have an answer, for which there was no room
 * @service_data: the service's own
 * @buf: the packet that is being served, as long as the ring; the callback's
 *	alone, as are those below, so that @lock need not be held to send it
 * @len: bytes of it
 * @id: its transaction of VMBus
 * @held: it is an answer that has not been sent
 */
struct hv_ics_chan {
	const struct hv_ics_service *service;
	struct hv_device *device;
	struct work_struct opening;

	spinlock_t lock;	/* see above */
	struct hvic_link link;
	struct hv_ics_counters counters;
	u32 last_status;
	bool open;
	u64 epoch;
	u32 serial;
	unsigned int deferred;
	struct list_head unsent;
	void *service_data;

	u8 *buf;
	u32 len;
	u64 id;
	bool held;
};

extern const struct hv_ics_service hv_ics_heartbeat_service;
extern const struct hv_ics_service hv_ics_shutdown_service;
extern const struct hv_ics_service hv_ics_timesync_service;
extern const struct hv_ics_service hv_ics_kvp_service;
extern const struct hv_ics_service hv_ics_vss_service;
extern const struct hv_ics_service hv_ics_fcopy_service;

struct hv_ics_chan *hv_ics_chan_create(struct hv_device *device,
				       const struct hv_ics_service *service);
void hv_ics_chan_destroy(struct hv_ics_chan *chan);
int hv_ics_chan_open(struct hv_ics_chan *chan);
void hv_ics_chan_open_later(struct hv_ics_chan *chan);
void hv_ics_chan_close(struct hv_ics_chan *chan);
struct hv_ics_packet *hv_ics_chan_defer(struct hv_ics_chan *chan);
void hv_ics_chan_answer(struct hv_ics_chan *chan, struct hv_ics_packet *packet, u32 status);
void hv_ics_chan_refuse(struct hv_ics_chan *chan, struct hv_ics_packet *packet, int err);
struct device *hv_ics_chan_dev(struct hv_ics_chan *chan);
struct hv_ics_chan *hv_ics_chan_of(struct device *dev);

#endif
