// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the agent in the guest does for its host: commands and files.
 *
 * A job that is given before the agent is there waits for it.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "hvsim_agent.h"
#include "hvsim_frame.h"
#include "hvsim_guest.h"
#include "hvsim_stream.h"

/* Beyond a command's own time: for a guest to boot, and for one to answer. */
#define BOOT_MS		60000u
#define ANSWER_MS	10000u

/* Most that a command may write; it is all kept until the command ends. */
#define OUTPUT_MAX	(64u << 20)

/**
 * struct job - something the agent is to do
 * @link: among those of its guest
 * @guest: whose job it is
 * @id: its number, in frames
 * @sent: the agent has it
 * @type: HVSIM_AGENT_EXEC or HVSIM_AGENT_PUSH
 * @text: the command, or the file's path
 * @timeout_ms: of a command, or 0
 * @mode: of a file
 * @bytes: of a file
 * @len: bytes at @bytes
 * @offset: how many of them are sent
 * @output: what came of a command
 * @output_len: bytes at @output
 * @timer: for a guest that does not answer; NULL for none
 * @done: told of the end
 * @userdata: for @done
 */
struct job {
	LIST_ENTRY(job) link;
	struct hvsim_guest *guest;
	uint16_t id;
	bool sent;
	uint16_t type;
	char *text;
	uint32_t timeout_ms;
	uint32_t mode;
	uint8_t *bytes;
	size_t len;
	size_t offset;
	char *output;
	size_t output_len;
	sd_event_source *timer;
	hvsim_guest_done done;
	void *userdata;
};

struct hvsim_guest {
	sd_event *event;
	struct hvsim_stream *stream;
	void (*ready)(void *userdata);
	void *userdata;
	bool is_ready;			/* else all is skipped up to the agent's hello */
	uint16_t next_id;
	LIST_HEAD(, job) jobs;
};

static void job_free(struct job *job)
{
	LIST_REMOVE(job, link);
	sd_event_source_disable_unref(job->timer);
	free(job->text);
	free(job->bytes);
	free(job->output);
	free(job);
}

static void job_end(struct job *job, int error, int status)
{
	struct hvsim_guest_result result = {
		.error = error,
		.status = status,
		.output = job->output ?: "",
		.len = job->output_len,
	};

	job->done(&result, job->userdata);
	job_free(job);
}

static int job_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	job_end(userdata, -ETIMEDOUT, 0);
	return 0;
}

/* Sends one frame made of two pieces. */
static int guest_send(struct hvsim_guest *guest, const struct job *job, const void *first,
		      size_t first_len, const void *second, size_t second_len)
{
	uint8_t *frame = malloc(HVSIM_FRAME_HEAD_LEN + first_len + second_len);
	int err;

	if (!frame)
		return -ENOMEM;
	hvsim_frame_encode_head(frame, job->type, job->id, (uint32_t)(first_len + second_len));
	memcpy(frame + HVSIM_FRAME_HEAD_LEN, first, first_len);
	if (second_len)
		memcpy(frame + HVSIM_FRAME_HEAD_LEN + first_len, second, second_len);
	err = guest->stream ? hvsim_stream_send(guest->stream, frame,
				HVSIM_FRAME_HEAD_LEN + first_len + second_len) : -ESTALE;
	free(frame);
	return err;
}

static int piece_send(struct job *job)
{
	size_t len = job->len - job->offset, path_len = strlen(job->text) + 1;
	struct hvsim_agent_push push = { .mode = job->mode, .offset = job->offset };
	uint8_t *start;
	int err;

	if (len > HVSIM_AGENT_PIECE)
		len = HVSIM_AGENT_PIECE;
	start = malloc(sizeof(push) + path_len);
	if (!start)
		return -ENOMEM;
	memcpy(start, &push, sizeof(push));
	memcpy(start + sizeof(push), job->text, path_len);
	err = guest_send(job->guest, job, start, sizeof(push) + path_len,
			 job->bytes + job->offset, len);
	free(start);
	job->offset += len;
	return err;
}

static void job_send(struct job *job)
{
	struct hvsim_agent_exec exec = { .timeout_ms = job->timeout_ms };
	int err;

	job->sent = true;
	if (job->type == HVSIM_AGENT_EXEC)
		err = guest_send(job->guest, job, &exec, sizeof(exec), job->text,
				 strlen(job->text));
	else
		err = piece_send(job);
	if (err < 0)
		job_end(job, err, 0);
}

static struct job *job_find(struct hvsim_guest *guest, uint16_t id)
{
	struct job *job;

	LIST_FOREACH(job, &guest->jobs, link)
		if (job->id == id)
			return job;
	return NULL;
}

static void output_handle(struct job *job, const struct hvsim_frame *frame)
{
	char *output;

	if (frame->length > OUTPUT_MAX - job->output_len) {
		job_end(job, -EFBIG, 0);
		return;
	}
	output = realloc(job->output, job->output_len + frame->length);
	if (!output) {
		job_end(job, -ENOMEM, 0);
		return;
	}
	memcpy(output + job->output_len, frame->bytes, frame->length);
	job->output = output;
	job->output_len += frame->length;
}

static void done_handle(struct job *job, const struct hvsim_frame *frame)
{
	struct hvsim_agent_done done;

	if (frame->length != sizeof(done)) {
		job_end(job, -EBADMSG, 0);
		return;
	}
	memcpy(&done, frame->bytes, sizeof(done));
	if (!done.error && job->type == HVSIM_AGENT_PUSH && job->offset < job->len) {
		job_send(job);
		return;
	}
	job_end(job, -done.error, done.status);
}

static void frame_handle(struct hvsim_guest *guest, const struct hvsim_frame *frame)
{
	struct job *job = job_find(guest, frame->arg);

	/* what still comes of a job that was given up is of no interest */
	if (!job || !job->sent)
		return;
	if (frame->type == HVSIM_AGENT_OUTPUT)
		output_handle(job, frame);
	else if (frame->type == HVSIM_AGENT_DONE)
		done_handle(job, frame);
}

/* Sends what waited, in the order in which it was given. */
static void waiting_send(struct hvsim_guest *guest)
{
	struct job *job, *oldest;

	do {
		oldest = NULL;
		LIST_FOREACH(job, &guest->jobs, link)
			if (!job->sent)
				oldest = job;	/* new ones go to the head */
		if (oldest)
			job_send(oldest);
	} while (oldest);
}

/* Returns how many bytes are used: up to the agent's hello, or nearly all. */
static size_t hello_find(struct hvsim_guest *guest, const uint8_t *bytes, size_t len)
{
	const uint8_t *hello = memmem(bytes, len, HVSIM_AGENT_HELLO, HVSIM_AGENT_HELLO_LEN);

	if (!hello)
		return len < HVSIM_AGENT_HELLO_LEN ? 0 : len - (HVSIM_AGENT_HELLO_LEN - 1);
	guest->is_ready = true;
	guest->ready(guest->userdata);
	waiting_send(guest);
	return (size_t)(hello - bytes) + HVSIM_AGENT_HELLO_LEN;
}

static ptrdiff_t guest_received(const uint8_t *bytes, size_t len, void *userdata)
{
	struct hvsim_guest *guest = userdata;
	struct hvsim_frame frame;
	size_t used = 0;
	int complete;

	for (;;) {
		if (!guest->is_ready)
			used += hello_find(guest, bytes + used, len - used);
		if (!guest->is_ready)
			return (ptrdiff_t)used;
		complete = hvsim_frame_decode(&frame, bytes + used, len - used);
		if (!complete)
			return (ptrdiff_t)used;
		if (complete < 0) {
			/* no frame: an agent that was restarted says hello */
			hvsim_guest_reset(guest);
			continue;
		}
		frame_handle(guest, &frame);
		used += HVSIM_FRAME_HEAD_LEN + frame.length;
	}
}

static void guest_closed(void *userdata)
{
	struct hvsim_guest *guest = userdata;

	hvsim_stream_free(guest->stream);
	guest->stream = NULL;
	guest->is_ready = false;
	while (!LIST_EMPTY(&guest->jobs))
		job_end(LIST_FIRST(&guest->jobs), -ESTALE, 0);
}

/**
 * hvsim_guest_new() - Speak to the agent in a guest.
 * @ret: the guest
 * @event: the loop
 * @fd: a socket that does not block, connected to the agent's virtio port;
 *	owned from now on, also when this fails
 * @ready: called each time that an agent has started
 * @userdata: for @ready
 *
 * Return: 0; -ENOMEM or what the loop said.
 */
int hvsim_guest_new(struct hvsim_guest **ret, sd_event *event, int fd,
		    void (*ready)(void *userdata), void *userdata)
{
	static const struct hvsim_stream_owner owner = {
		.received = guest_received,
		.closed = guest_closed,
		.most = HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_MAX,
	};
	struct hvsim_guest *guest = calloc(1, sizeof(*guest));
	int err;

	if (!guest)
		return -ENOMEM;
	guest->event = event;
	guest->ready = ready;
	guest->userdata = userdata;
	LIST_INIT(&guest->jobs);
	err = hvsim_stream_new(&guest->stream, event, fd, &owner, guest);
	if (err < 0) {
		free(guest);
		return err;
	}
	*ret = guest;
	return 0;
}

/**
 * hvsim_guest_free() - Hang up; jobs under way end with -ESTALE.
 * @guest: may be NULL
 */
void hvsim_guest_free(struct hvsim_guest *guest)
{
	if (!guest)
		return;
	if (guest->stream)
		guest_closed(guest);
	free(guest);
}

/**
 * hvsim_guest_is_ready() - Tell whether the agent has started.
 * @guest: of which
 *
 * Return: whether it has.
 */
bool hvsim_guest_is_ready(const struct hvsim_guest *guest)
{
	return guest->is_ready;
}

/**
 * hvsim_guest_reset() - The guest was reset, or is off: its agent is no more.
 * @guest: of which
 *
 * Jobs under way end with -ESTALE; those that wait for an agent wait on.
 */
void hvsim_guest_reset(struct hvsim_guest *guest)
{
	struct job *job, *sent;

	guest->is_ready = false;
	do {
		sent = NULL;
		LIST_FOREACH(job, &guest->jobs, link)
			if (job->sent)
				sent = job;
		if (sent)
			job_end(sent, -ESTALE, 0);
	} while (sent);
}

/**
 * hvsim_guest_hail() - The guest has opened the agent's port: ask who it is.
 * @guest: of which
 *
 * An agent answers with its hello, and is ready then.
 *
 * Return: 0; -ESTALE when the guest is no more; -ENOMEM.
 */
int hvsim_guest_hail(struct hvsim_guest *guest)
{
	uint8_t frame[HVSIM_FRAME_HEAD_LEN];

	hvsim_frame_encode_head(frame, HVSIM_AGENT_HAIL, 0, 0);
	return guest->stream ? hvsim_stream_send(guest->stream, frame, sizeof(frame)) : -ESTALE;
}

static int job_start_timer(struct job *job)
{
	uint64_t ms;

	if (job->type == HVSIM_AGENT_EXEC && !job->timeout_ms)
		return 0;
	ms = (uint64_t)job->timeout_ms + (job->guest->is_ready ? ANSWER_MS : BOOT_MS);
	return sd_event_add_time_relative(job->guest->event, &job->timer, CLOCK_MONOTONIC,
					  ms * 1000, 0, job_on_timer, job);
}

static struct job *job_new(struct hvsim_guest *guest, uint16_t type, const char *text,
			   hvsim_guest_done done, void *userdata)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->guest = guest;
	job->type = type;
	job->done = done;
	job->userdata = userdata;
	while (job_find(guest, guest->next_id))
		guest->next_id++;
	job->id = guest->next_id++;
	LIST_INSERT_HEAD(&guest->jobs, job, link);
	job->text = strdup(text);
	if (!job->text) {
		job_free(job);
		return NULL;
	}
	return job;
}

static int job_begin(struct job *job)
{
	int err = job->guest->stream ? job_start_timer(job) : -ESTALE;

	if (err < 0) {
		job_free(job);
		return err;
	}
	if (job->guest->is_ready)
		job_send(job);
	return 0;
}

/**
 * hvsim_guest_exec() - Run a command in the guest.
 * @guest: where
 * @command: for the guest's /bin/sh -c
 * @timeout_ms: after which it is killed; 0 for never
 * @done: told how it ended, now or later
 * @userdata: for @done
 *
 * Return: 0; -ESTALE when the guest is no more; -E2BIG when the command, or the
 * path, is too long; -ENOMEM; and then @done is not called.
 */
int hvsim_guest_exec(struct hvsim_guest *guest, const char *command, uint32_t timeout_ms,
		     hvsim_guest_done done, void *userdata)
{
	struct job *job;

	if (strlen(command) > HVSIM_FRAME_MAX - sizeof(struct hvsim_agent_exec))
		return -E2BIG;
	job = job_new(guest, HVSIM_AGENT_EXEC, command, done, userdata);
	if (!job)
		return -ENOMEM;
	job->timeout_ms = timeout_ms;
	return job_begin(job);
}

/**
 * hvsim_guest_push() - Write a file in the guest; directories are made.
 * @guest: where
 * @path: of the file, in the guest
 * @mode: of the file
 * @bytes: what it is to hold, copied
 * @len: bytes at @bytes
 * @done: told how it ended, now or later
 * @userdata: for @done
 *
 * Return: as hvsim_guest_exec().
 */
int hvsim_guest_push(struct hvsim_guest *guest, const char *path, uint32_t mode,
		     const void *bytes, size_t len, hvsim_guest_done done, void *userdata)
{
	struct job *job;

	if (strlen(path) >= PATH_MAX)
		return -E2BIG;
	job = job_new(guest, HVSIM_AGENT_PUSH, path, done, userdata);
	if (!job)
		return -ENOMEM;
	job->mode = mode;
	job->len = len;
	job->bytes = malloc(len ?: 1);
	if (!job->bytes) {
		job_free(job);
		return -ENOMEM;
	}
	memcpy(job->bytes, bytes, len);
	return job_begin(job);
}
