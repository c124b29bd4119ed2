/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_RELAY_H
#define _HV_ICS_RELAY_H

#include "hv_ics_chan.h"
#include "hv_ics_dev.h"

/**
 * struct hv_ics_relay_service - what sets a service with a daemon apart
 * @device: its device, and the daemon's messages
 * @request_len: bytes of the longest message that the daemon reads
 * @impatient: a request is refused when no daemon is there, or when it goes, instead
 *	of waiting for the next
 * @timeout: what a request may take, from when it comes; seconds
 * @registers: whether a message of a daemon that is ready registers it again; %NULL
 *	if none does
 * @greet: take the daemon's first message and write what it is to read: its
 *	bytes, 0 when it reads none, or a negative errno for the daemon
 * @forward: make a request into a message for the daemon: its bytes, or a
 *	negative errno that refuses it
 * @answer: make the daemon's reply into the body of the answer: an HVIC_STATUS_*
 * @lost: what the daemon was doing is void: it is gone, its time was up, or the host
 *	has forgotten what it asked; may be %NULL
 *
 * Context of all: process, with the lock of the device held. @own is what
 * hv_ics_relay_create() was given.
 */
struct hv_ics_relay_service {
	struct hv_ics_dev_kind device;
	size_t request_len;
	bool impatient;
	unsigned int (*timeout)(const struct hvic_msg *msg);
	bool (*registers)(const void *written);
	int (*greet)(const void *written, void *greeting);
	int (*forward)(void *own, const struct hvic_msg *msg, u32 version, void *request);
	u32 (*answer)(void *own, const struct hvic_msg *msg, u32 version, const void *reply);
	void (*lost)(void *own);
};

extern const struct attribute_group hv_ics_relay_group;

int hv_ics_relay_create(struct hv_ics_chan *chan, const struct hv_ics_relay_service *service,
			void *own, struct hv_ics_dev_ioctls *ioctls);
void *hv_ics_relay_own(struct hv_ics_chan *chan);
void hv_ics_relay_destroy(struct hv_ics_chan *chan);
void hv_ics_relay_opened(struct hv_ics_chan *chan);
void hv_ics_relay_restarted(struct hv_ics_chan *chan);
void hv_ics_relay_closed(struct hv_ics_chan *chan);
int hv_ics_relay_serve(struct hv_ics_chan *chan, struct hvic_msg *msg);

#endif
