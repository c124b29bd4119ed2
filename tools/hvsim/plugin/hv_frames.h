/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QEMU device's connection to the emulated host: frames over a chardev.
 */
#ifndef HV_FRAMES_H
#define HV_FRAMES_H

#include "chardev/char-fe.h"

#include "hv_qemu.h"
#include "hvsim_frame.h"

/**
 * struct hv_frames_owner - who has a connection
 * @frame: handle a frame of the host; false when that cannot be done yet, and
 *	then it and what follows waits for hv_frames_pump()
 * @drained: hv_frames_are_full() no more
 * @lost: the host is gone, and so is what waited; may be NULL
 *
 * All are called from QEMU's main loop, under its big lock.
 */
struct hv_frames_owner {
	bool (*frame)(void *userdata, const struct hvsim_frame *frame);
	void (*drained)(void *userdata);
	void (*lost)(void *userdata);
};

/**
 * struct hv_frames - a connection
 * @chr: the way to the emulated host, a property of the device
 * @name: of the device, for messages
 * @owner: told of what happens
 * @userdata: for @owner
 * @from_host: frames that the owner could not handle yet
 * @to_host: frames that the host has not taken yet
 * @watch: event source that waits for the host to take more; 0 for none
 * @full: the owner was told that the connection is
 * @is_lost: the host is gone, and the owner has not been told yet
 * @lost: tells the owner, who may be in the middle of something
 */
struct hv_frames {
	CharBackend chr;
	const char *name;
	const struct hv_frames_owner *owner;
	void *userdata;
	GByteArray *from_host;
	GByteArray *to_host;
	guint watch;
	bool full;
	bool is_lost;
	QEMUBH *lost;
};

void hv_frames_start(struct hv_frames *frames, const char *name,
		     const struct hv_frames_owner *owner, void *userdata);
void hv_frames_tell(struct hv_frames *frames, uint16_t type, uint16_t arg, const void *head,
		    size_t head_len, const void *bytes, size_t len);
bool hv_frames_are_full(struct hv_frames *frames);
void hv_frames_pump(struct hv_frames *frames);
void hv_frames_drop(struct hv_frames *frames);

#endif
