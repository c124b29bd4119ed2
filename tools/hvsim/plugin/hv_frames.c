// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A QEMU device's connection to the emulated host: frames over a chardev.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"

#include "hv_frames.h"

/* Bytes waiting for the host from which on the guest had better wait, too. */
#define TO_HOST_FULL	(256 * 1024)

/* Room for the largest frame, so that one that cannot be handled is seen whole. */
#define FROM_HOST_FULL	(HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX)

static gboolean frames_writable(void *unused, GIOCondition condition, void *opaque);

static void frames_flush(struct hv_frames *frames)
{
	while (frames->to_host->len) {
		int written = qemu_chr_fe_write(&frames->chr, frames->to_host->data,
						frames->to_host->len);

		if (written <= 0)
			break;
		g_byte_array_remove_range(frames->to_host, 0, written);
	}
	if (frames->to_host->len && !frames->watch)
		frames->watch = qemu_chr_fe_add_watch(&frames->chr, G_IO_OUT | G_IO_HUP,
						      frames_writable, frames);
}

static gboolean frames_writable(void *unused, GIOCondition condition, void *opaque)
{
	struct hv_frames *frames = opaque;

	frames->watch = 0;
	frames_flush(frames);
	if (frames->full && frames->to_host->len < TO_HOST_FULL) {
		frames->full = false;
		frames->owner->drained(frames->userdata);
	}
	return G_SOURCE_REMOVE;
}

/**
 * hv_frames_tell() - Send a frame to the host, when that takes it.
 * @frames: the connection
 * @type: of the frame, an enum hvsim_frame_type
 * @arg: of the frame
 * @head: what comes before @bytes
 * @head_len: bytes at @head
 * @bytes: the rest of the frame
 * @len: bytes at @bytes
 *
 * Without a host nothing is sent.
 */
void hv_frames_tell(struct hv_frames *frames, uint16_t type, uint16_t arg, const void *head,
		    size_t head_len, const void *bytes, size_t len)
{
	uint8_t frame_head[HVSIM_FRAME_HEAD_LEN];

	if (frames->is_lost)
		return;
	hvsim_frame_encode_head(frame_head, type, arg, head_len + len);
	g_byte_array_append(frames->to_host, frame_head, sizeof(frame_head));
	g_byte_array_append(frames->to_host, head, head_len);
	g_byte_array_append(frames->to_host, bytes, len);
	frames_flush(frames);
}

/**
 * hv_frames_are_full() - Whether the host has so much to read that guests should wait.
 * @frames: the connection
 *
 * Return: if so, the owner is told when it is over.
 */
bool hv_frames_are_full(struct hv_frames *frames)
{
	if (frames->to_host->len < TO_HOST_FULL)
		return false;
	frames->full = true;
	return true;
}

/**
 * hv_frames_pump() - Handle what has come from the host, as far as it can be.
 * @frames: the connection
 */
void hv_frames_pump(struct hv_frames *frames)
{
	struct hvsim_frame frame;
	size_t done = 0;
	int complete;

	for (;;) {
		complete = hvsim_frame_decode(&frame, frames->from_host->data + done,
					      frames->from_host->len - done);
		if (complete <= 0 || !frames->owner->frame(frames->userdata, &frame))
			break;
		done += HVSIM_FRAME_HEAD_LEN + frame.length;
	}
	g_byte_array_remove_range(frames->from_host, 0, done);
	if (complete < 0) {
		error_report("%s: what the host sent is no frame; not listening to it any more",
			     frames->name);
		qemu_chr_fe_disconnect(&frames->chr);
		return;
	}
	if (done)
		qemu_chr_fe_accept_input(&frames->chr);
}

/**
 * hv_frames_drop() - Drop what has come from the host and was not handled.
 * @frames: the connection
 */
void hv_frames_drop(struct hv_frames *frames)
{
	g_byte_array_set_size(frames->from_host, 0);
	qemu_chr_fe_accept_input(&frames->chr);
}

static int frames_can_read(void *opaque)
{
	struct hv_frames *frames = opaque;

	return frames->is_lost ? 0 : FROM_HOST_FULL - frames->from_host->len;
}

static void frames_read(void *opaque, const uint8_t *bytes, int len)
{
	struct hv_frames *frames = opaque;

	g_byte_array_append(frames->from_host, bytes, len);
	hv_frames_pump(frames);
}

static void frames_lose(void *opaque)
{
	struct hv_frames *frames = opaque;

	if (frames->watch)
		g_source_remove(frames->watch);
	frames->watch = 0;
	frames->full = false;
	g_byte_array_set_size(frames->to_host, 0);
	if (frames->owner->lost)
		frames->owner->lost(frames->userdata);
	frames->is_lost = false;
	hv_frames_drop(frames);
}

/* Any write may end here, so the owner is told later. */
static void frames_event(void *opaque, QEMUChrEvent event)
{
	struct hv_frames *frames = opaque;

	if (event != CHR_EVENT_CLOSED)
		return;
	frames->is_lost = true;
	qemu_bh_schedule(frames->lost);
}

/**
 * hv_frames_start() - Listen to the host.
 * @frames: whose @chr is connected to a chardev
 * @name: of the device, for messages; must stay
 * @owner: told of what happens
 * @userdata: for @owner
 */
void hv_frames_start(struct hv_frames *frames, const char *name,
		     const struct hv_frames_owner *owner, void *userdata)
{
	frames->name = name;
	frames->owner = owner;
	frames->userdata = userdata;
	frames->from_host = g_byte_array_new();
	frames->to_host = g_byte_array_new();
	frames->lost = qemu_bh_new(frames_lose, frames);
	qemu_chr_fe_set_handlers(&frames->chr, frames_can_read, frames_read, frames_event, NULL,
				 frames, NULL, true);
}
