/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_RELAY_H
#define _HV_ICS_RELAY_H

#include "hv_ics_chan.h"

/**
 * struct hv_ics_relay_service - what sets a service with a daemon apart
 * @device: path of its device below /dev
 * @request_len: bytes of the longest message that the daemon reads
 * @reply_len: bytes that a message of the daemon has at least
 * @timeout_secs: what a request may take, from when it comes
 * @greet: take the daemon's first message and write what it is to read: its
 *	bytes, or a negative errno for the daemon
 * @forward: make a request into a message for the daemon: its bytes, or a
 *	negative errno that refuses it
 * @answer: make the daemon's reply into the body of the answer: an HVIC_STATUS_*
 *
 * Context of all: process, with the lock of the device held.
 */
struct hv_ics_relay_service {
	const char *device;
	size_t request_len;
	size_t reply_len;
	unsigned int timeout_secs;
	int (*greet)(const void *written, void *greeting);
	int (*forward)(const struct hvic_msg *msg, u32 version, void *request);
	u32 (*answer)(const struct hvic_msg *msg, u32 version, const void *reply);
};

extern const struct attribute_group hv_ics_relay_group;

int hv_ics_relay_create(struct hv_ics_chan *chan, const struct hv_ics_relay_service *service);
void hv_ics_relay_destroy(struct hv_ics_chan *chan);
void hv_ics_relay_opened(struct hv_ics_chan *chan);
void hv_ics_relay_restarted(struct hv_ics_chan *chan);
void hv_ics_relay_closed(struct hv_ics_chan *chan);
int hv_ics_relay_serve(struct hv_ics_chan *chan, struct hvic_msg *msg);

#endif
