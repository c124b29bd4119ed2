/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon's end of a character device in /dev/vmbus, on an sd-event loop.
 *
 * The device comes and goes with the host's offer.  Where it is not there it is
 * waited for, by inotify and the kernel's events, so that no clock wakes us up.
 */
#ifndef HVD_DEV_H
#define HVD_DEV_H

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct hvd_dev;

/**
 * struct hvd_dev_setup - what a device is to its daemon
 * @path: the device; for tests also a Unix socket that keeps messages apart
 * @class_id: of the service on VMBus, in braces; the device is not opened before its
 *	channel is, since kernels are in use that crash of it; %NULL for none
 * @sysfs: where VMBus's devices are; %NULL for the usual place
 * @registration: what is written first
 * @registration_len: bytes of that
 * @message_max: bytes of the largest message
 * @reply_ms: how long the module waits for a reply, and a little less
 * @on_message: called with each message, the answer to the registration among them; an
 *	errno that it returns ends the loop with it
 * @on_urgent: called when the device has something out of the way (EPOLLPRI); %NULL for
 *	what has not
 * @on_gone: called before a device that was open is closed because it has gone; may be %NULL
 * @data: passed to those
 */
struct hvd_dev_setup {
	const char *path;
	const char *class_id;
	const char *sysfs;
	const void *registration;
	size_t registration_len;
	size_t message_max;
	unsigned int reply_ms;
	int (*on_message)(void *data, const void *message, size_t len, uint64_t serial);
	void (*on_urgent)(void *data);
	void (*on_gone)(void *data);
	void *data;
};

int hvd_dev_new(struct hvd_dev **ret, sd_event *event, const struct hvd_dev_setup *setup);
void hvd_dev_free(struct hvd_dev *dev);
int hvd_dev_fd(const struct hvd_dev *dev);
void hvd_dev_patience(struct hvd_dev *dev, unsigned int reply_ms);
int hvd_dev_reply(struct hvd_dev *dev, uint64_t serial, const void *reply, size_t len);

#endif
