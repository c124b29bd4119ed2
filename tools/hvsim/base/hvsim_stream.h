/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream socket in an event loop: never blocks, buffers both ways.
 */
#ifndef HVSIM_STREAM_H
#define HVSIM_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct hvsim_stream;

/**
 * struct hvsim_stream_owner - who uses a stream
 * @received: called with all bytes that have come in and were not used yet;
 *	returns how many it used, or a negative errno to have the stream closed
 * @closed: the stream is of no use any more; the owner calls
 *	hvsim_stream_free() here or later
 * @most: bytes that may wait to become something @received can use; a peer
 *	that sends more than that without making sense is cut off
 *
 * Neither may free the stream within @received.
 */
struct hvsim_stream_owner {
	ptrdiff_t (*received)(const uint8_t *bytes, size_t len, void *userdata);
	void (*closed)(void *userdata);
	size_t most;
};

int hvsim_stream_listen(const char *path);
int hvsim_stream_new(struct hvsim_stream **ret, sd_event *event, int fd,
		     const struct hvsim_stream_owner *owner, void *userdata);
void hvsim_stream_free(struct hvsim_stream *stream);
int hvsim_stream_send(struct hvsim_stream *stream, const void *bytes, size_t len);

#endif
