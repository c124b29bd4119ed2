// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A stream socket in an event loop: never blocks, buffers both ways.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvsim_stream.h"

/* Bytes that may wait for a peer that does not read; no sane one lags so far. */
#define STREAM_UNSENT_MAX	(32u << 20)
/* Bytes to take from the socket at a time. */
#define STREAM_CHUNK		65536u

/**
 * struct buffer - bytes in a queue
 * @bytes: what is allocated
 * @size: bytes at @bytes
 * @len: bytes in use, from the start
 */
struct buffer {
	uint8_t *bytes;
	size_t size;
	size_t len;
};

struct hvsim_stream {
	int fd;
	bool is_socket;
	sd_event_source *source;
	const struct hvsim_stream_owner *owner;
	void *userdata;
	struct buffer in;
	struct buffer out;
};

/* Makes room for @more bytes behind those in use. */
static int buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t size = buffer->size ?: 4096;
	uint8_t *bytes;

	while (size - buffer->len < more)
		size *= 2;
	if (size == buffer->size)
		return 0;
	bytes = realloc(buffer->bytes, size);
	if (!bytes)
		return -ENOMEM;
	buffer->bytes = bytes;
	buffer->size = size;
	return 0;
}

static void buffer_drop(struct buffer *buffer, size_t len)
{
	buffer->len -= len;
	memmove(buffer->bytes, buffer->bytes + len, buffer->len);
}

/**
 * hvsim_stream_listen() - Open a listening UNIX socket, only for this user.
 * @path: where; a socket that is there already is replaced
 *
 * Return: its descriptor; -ENAMETOOLONG when @path does not fit a socket
 * address; the errno of what failed.
 */
int hvsim_stream_listen(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	/* the mode that the socket's file is to have; bind() takes it from here */
	if (fchmod(fd, 0600) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* A virtio port is no socket, but otherwise as good. */
static ssize_t stream_read(struct hvsim_stream *stream, void *bytes, size_t size)
{
	return stream->is_socket ? recv(stream->fd, bytes, size, 0) :
	       read(stream->fd, bytes, size);
}

static ssize_t stream_write(struct hvsim_stream *stream, const void *bytes, size_t len)
{
	return stream->is_socket ? send(stream->fd, bytes, len, MSG_NOSIGNAL) :
	       write(stream->fd, bytes, len);
}

static int stream_receive(struct hvsim_stream *stream)
{
	ptrdiff_t used;
	ssize_t got;
	int err;

	err = buffer_reserve(&stream->in, STREAM_CHUNK);
	if (err < 0)
		return err;
	got = stream_read(stream, stream->in.bytes + stream->in.len, STREAM_CHUNK);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!got)
		return -ECONNRESET;
	stream->in.len += (size_t)got;

	used = stream->owner->received(stream->in.bytes, stream->in.len, stream->userdata);
	if (used < 0)
		return (int)used;
	buffer_drop(&stream->in, (size_t)used);
	return stream->in.len > stream->owner->most ? -EMSGSIZE : 0;
}

/* Sends what the socket takes at once, and watches for room for the rest. */
static int stream_flush(struct hvsim_stream *stream)
{
	size_t done = 0;
	ssize_t sent;

	while (done < stream->out.len) {
		sent = stream_write(stream, stream->out.bytes + done, stream->out.len - done);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0)
			return -errno;
		done += (size_t)sent;
	}
	if (done)
		buffer_drop(&stream->out, done);
	return sd_event_source_set_io_events(stream->source,
					     stream->out.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int stream_on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hvsim_stream *stream = userdata;
	int err = 0;

	(void)source;
	(void)fd;
	if (revents & EPOLLOUT)
		err = stream_flush(stream);
	/* a peer that went away may have left bytes: they come before the end */
	if (err >= 0 && revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
		err = stream_receive(stream);
	if (err < 0) {
		sd_event_source_set_enabled(stream->source, SD_EVENT_OFF);
		stream->owner->closed(stream->userdata);
	}
	return 0;
}

/**
 * hvsim_stream_new() - Attach a connected socket, or its like, to an event loop.
 * @ret: the stream
 * @event: the loop
 * @fd: the socket, which does not block; the stream owns it from now on, also
 *	when this fails
 * @owner: what to do with what comes in
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM or what the loop said.
 */
int hvsim_stream_new(struct hvsim_stream **ret, sd_event *event, int fd,
		     const struct hvsim_stream_owner *owner, void *userdata)
{
	struct hvsim_stream *stream = calloc(1, sizeof(*stream));
	struct stat st;
	int err;

	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	stream->fd = fd;
	stream->is_socket = !fstat(fd, &st) && S_ISSOCK(st.st_mode);
	stream->owner = owner;
	stream->userdata = userdata;
	err = sd_event_add_io(event, &stream->source, fd, EPOLLIN, stream_on_io, stream);
	if (err < 0) {
		hvsim_stream_free(stream);
		return err;
	}
	*ret = stream;
	return 0;
}

/**
 * hvsim_stream_free() - Close a stream; its owner hears nothing of it.
 * @stream: may be NULL
 */
void hvsim_stream_free(struct hvsim_stream *stream)
{
	if (!stream)
		return;
	sd_event_source_disable_unref(stream->source);
	close(stream->fd);
	free(stream->in.bytes);
	free(stream->out.bytes);
	free(stream);
}

/**
 * hvsim_stream_send() - Send bytes, now or when there is room.
 * @stream: to whom
 * @bytes: what
 * @len: bytes at @bytes
 *
 * All or none of the bytes are taken.  A stream that breaks is reported through
 * its owner's closed(), not here.
 *
 * Return: 0; -ENOBUFS when the peer has not read for too long; -ENOMEM.
 */
int hvsim_stream_send(struct hvsim_stream *stream, const void *bytes, size_t len)
{
	int err;

	if (len > STREAM_UNSENT_MAX || stream->out.len > STREAM_UNSENT_MAX - len)
		return -ENOBUFS;
	err = buffer_reserve(&stream->out, len);
	if (err < 0)
		return err;
	memcpy(stream->out.bytes + stream->out.len, bytes, len);
	stream->out.len += len;
	if (stream_flush(stream) < 0) {
		/* the loop will see the hang-up; the bytes have nowhere to go */
		stream->out.len = 0;
		sd_event_source_set_io_events(stream->source, EPOLLIN);
	}
	return 0;
}
