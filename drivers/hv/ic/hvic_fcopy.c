// SPDX-License-Identifier: GPL-2.0-only
/*
 * File copy: what the host asks, in the daemon's words, and when it may ask it.
 *
 * Distributions' daemons write what they are told to whatever file they had last. So
 * order and sizes are decided here, before anybody is asked to write.
 */
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "hvic_fcopy.h"
#include "hvic_utf.h"

static const u32 messages[] = { HVIC_VERSION(1, 1), HVIC_VERSION(1, 0), 0 };

const struct hvic_versions hvic_fcopy_versions = { hvic_frameworks, messages };

/* What is in front of the bytes of a write. */
#define PIECE_HEAD	offsetof(struct hvic_fcopy_write, data)
/* The longest file that a file system may have. */
#define FILE_MAX	0x7fffffffffffffffull

/**
 * hvic_fcopy_register() - A daemon says what it is.
 * @written: its first message
 * @greeting: what it is to read
 *
 * Return: bytes of @greeting, which are none for old daemons; -EINVAL for anything
 * but a registration.
 */
int hvic_fcopy_register(const __u32 *written, __u32 *greeting)
{
	switch (*written) {
	case HVIC_USER_FCOPY_REGISTER:
		return 0;
	case HVIC_USER_FCOPY_REGISTER1:
		*greeting = HVIC_USER_FCOPY_REGISTER1;
		return sizeof(*greeting);
	default:
		return -EINVAL;
	}
}

/**
 * hvic_fcopy_operation() - What a request asks.
 * @msg: the request
 *
 * Return: an enum hvic_fcopy_operation; -EMSGSIZE when the body is too short to say;
 * -EOPNOTSUPP for an unknown one.
 */
int hvic_fcopy_operation(const struct hvic_msg *msg)
{
	const struct hvic_fcopy_hdr *hdr = hvic_msg_body(msg, sizeof(*hdr));
	u32 operation;

	if (!hdr)
		return -EMSGSIZE;
	operation = le32_to_cpu(hdr->operation);
	return operation < HVIC_NR_FCOPY_OPERATIONS ? (int)operation : -EOPNOTSUPP;
}

/**
 * hvic_fcopy_piece() - The piece that a write brings.
 * @msg: the write
 * @piece: what is in it; untouched on failure
 *
 * Hosts send all 6144 bytes of the last piece, too; one that sends what counts, and
 * no more, is understood.
 *
 * Return: 0; -EMSGSIZE when the body is too short for what it says it brings;
 * -EINVAL when that is more than a write may bring.
 */
int hvic_fcopy_piece(const struct hvic_msg *msg, struct hvic_piece *piece)
{
	const struct hvic_fcopy_write *body = hvic_msg_body(msg, PIECE_HEAD);
	u32 size;

	if (!body)
		return -EMSGSIZE;
	size = le32_to_cpu(body->size);
	if (size > sizeof(body->data))
		return -EINVAL;
	if (!hvic_msg_body(msg, PIECE_HEAD + size))
		return -EMSGSIZE;
	piece->offset = le64_to_cpu(body->offset);
	piece->size = size;
	piece->data = body->data;
	return 0;
}

static void hdr_forward(struct hvic_user_fcopy_hdr *to, const struct hvic_fcopy_hdr *from)
{
	to->operation = le32_to_cpu(from->operation);
	memcpy(to->service, from->service, sizeof(to->service));
	memcpy(to->session, from->session, sizeof(to->session));
}

/* What is no name, or none that a daemon has room for, is the host's mistake. */
static int text_forward(u8 *dst, const u8 *src)
{
	int len = hvic_utf16_to_utf8((char *)dst, HVIC_FCOPY_NAME_LEN, src,
				     HVIC_FCOPY_NAME_LEN / 2);

	return len > 0 ? 0 : -EINVAL;
}

static int start_forward(const struct hvic_msg *msg, struct hvic_user_fcopy_start *to)
{
	const struct hvic_fcopy_start *from = hvic_msg_body(msg, sizeof(*from));
	int err;

	if (!from)
		return -EMSGSIZE;
	memset(to, 0, sizeof(*to));
	hdr_forward(&to->hdr, &from->hdr);
	err = text_forward(to->name, from->name) ?: text_forward(to->path, from->path);
	if (err)
		return err;
	to->flags = le32_to_cpu(from->flags);
	to->size = le64_to_cpu(from->size);
	return sizeof(*to);
}

static int write_forward(const struct hvic_msg *msg, struct hvic_user_fcopy_write *to)
{
	struct hvic_piece piece;
	int err = hvic_fcopy_piece(msg, &piece);

	if (err)
		return err;
	memset(to, 0, sizeof(*to));
	hdr_forward(&to->hdr, msg->body);
	to->offset = piece.offset;
	to->size = piece.size;
	memcpy(to->data, piece.data, piece.size);
	return sizeof(*to);
}

/**
 * hvic_fcopy_forward() - Make a request of the host into one for the daemon.
 * @msg: the request
 * @request: for the daemon, with room for a struct hvic_user_fcopy_write; to be
 *	thrown away on failure
 *
 * Return: bytes of @request; -EMSGSIZE when the body is too short; -EOPNOTSUPP for an
 * unknown operation; -EINVAL for a name or path that is empty, no UTF-16 or too long
 * as UTF-8, and for a piece that is too long.
 */
int hvic_fcopy_forward(const struct hvic_msg *msg, void *request)
{
	int operation = hvic_fcopy_operation(msg);

	switch (operation) {
	case HVIC_FCOPY_START:
		return start_forward(msg, request);
	case HVIC_FCOPY_WRITE:
		return write_forward(msg, request);
	case HVIC_FCOPY_COMPLETE:
	case HVIC_FCOPY_CANCEL:
		hdr_forward(request, msg->body);
		return sizeof(struct hvic_user_fcopy_hdr);
	default:
		return operation;
	}
}

/* Whether a copy is under way that the host may yet go on with. */
static bool is_going_on(const struct hvic_copy *copy, u64 now_ms)
{
	switch (copy->state) {
	case HVIC_COPY_NONE:
		return false;
	case HVIC_COPY_FAILED:
		return copy->writes;
	case HVIC_COPY_RUNNING:
		return copy->writes || now_ms - copy->heard < HVIC_COPY_SILENCE_MS;
	default:
		return true;
	}
}

static int admit_start(struct hvic_copy *copy, const struct hvic_msg *msg, u64 now_ms)
{
	const struct hvic_fcopy_start *start = hvic_msg_body(msg, sizeof(*start));
	u64 size;

	if (!start)
		return -EMSGSIZE;
	size = le64_to_cpu(start->size);
	if (size > FILE_MAX)
		return -EINVAL;
	if (is_going_on(copy, now_ms))
		return -EBUSY;
	hvic_copy_forget(copy);
	copy->state = HVIC_COPY_STARTING;
	copy->size = size;
	return 0;
}

/* One piece that is refused, and the file would have a hole: so no more are taken. */
static int admit_write(struct hvic_copy *copy, const struct hvic_msg *msg)
{
	struct hvic_piece piece;
	int err;

	if (copy->state != HVIC_COPY_RUNNING)
		return -EPROTO;
	err = hvic_fcopy_piece(msg, &piece);
	if (!err && (piece.offset > copy->size || piece.size > copy->size - piece.offset))
		err = -EINVAL;
	if (err)
		copy->state = HVIC_COPY_FAILED;
	else
		copy->writes++;
	return err;
}

/* A file that is shorter than announced is not the one that was to be copied. */
static int admit_complete(struct hvic_copy *copy)
{
	if (copy->state != HVIC_COPY_RUNNING)
		return -EPROTO;
	if (copy->writes)
		return -EBUSY;
	copy->state = copy->reached == copy->size ? HVIC_COPY_ENDING : HVIC_COPY_FAILED;
	return copy->state == HVIC_COPY_ENDING ? 0 : -EIO;
}

static int admit_cancel(struct hvic_copy *copy)
{
	if (copy->state == HVIC_COPY_NONE || copy->state == HVIC_COPY_ENDING)
		return -EPROTO;
	copy->state = HVIC_COPY_ENDING;
	return 0;
}

/**
 * hvic_copy_admit() - The host asks something: may it, now?
 * @copy: the copy
 * @msg: the request
 * @now_ms: the time, in ms
 *
 * What is admitted is owed a hvic_copy_settle(). The host sends a request when it has
 * got the answer to the one before: it may send more pieces than that, but must wait
 * before it completes.
 *
 * Return: 0; -EMSGSIZE and -EOPNOTSUPP as of hvic_fcopy_operation(); -EINVAL for a
 * size that no file has, and for a piece that is too long or beyond the size; -EBUSY
 * for a start while another copy goes on, and for a complete that is too early;
 * -EPROTO for what does not fit at all, such as a write before a start; -EIO for a
 * complete of which the end is missing.
 */
int hvic_copy_admit(struct hvic_copy *copy, const struct hvic_msg *msg, u64 now_ms)
{
	int operation = hvic_fcopy_operation(msg), err;

	switch (operation) {
	case HVIC_FCOPY_START:
		err = admit_start(copy, msg, now_ms);
		break;
	case HVIC_FCOPY_WRITE:
		err = admit_write(copy, msg);
		break;
	case HVIC_FCOPY_COMPLETE:
		err = admit_complete(copy);
		break;
	case HVIC_FCOPY_CANCEL:
		err = admit_cancel(copy);
		break;
	default:
		return operation;
	}
	if (!err)
		copy->heard = now_ms;
	return err;
}

static void settle_write(struct hvic_copy *copy, const struct hvic_msg *msg, u32 status)
{
	struct hvic_piece piece;

	copy->writes--;
	if (status != HVIC_STATUS_OK || hvic_fcopy_piece(msg, &piece))
		hvic_copy_fail(copy);
	else if (piece.offset + piece.size > copy->reached)
		copy->reached = piece.offset + piece.size;
}

/**
 * hvic_copy_settle() - A request is answered, or forgotten.
 * @copy: the copy
 * @serial: &hvic_copy.serial when the request was admitted; of another copy's nothing
 *	is taken
 * @msg: the request
 * @status: the answer
 */
void hvic_copy_settle(struct hvic_copy *copy, u32 serial, const struct hvic_msg *msg, u32 status)
{
	if (serial != copy->serial)
		return;
	switch (hvic_fcopy_operation(msg)) {
	case HVIC_FCOPY_START:
		if (copy->state != HVIC_COPY_STARTING)
			break;		/* it is being cancelled */
		if (status == HVIC_STATUS_OK)
			copy->state = HVIC_COPY_RUNNING;
		else
			hvic_copy_forget(copy);
		break;
	case HVIC_FCOPY_WRITE:
		settle_write(copy, msg, status);
		break;
	default:
		hvic_copy_forget(copy);
		break;
	}
}

/**
 * hvic_copy_fail() - Take no more pieces.
 * @copy: the copy; stays as it is if none is running
 */
void hvic_copy_fail(struct hvic_copy *copy)
{
	if (copy->state == HVIC_COPY_RUNNING)
		copy->state = HVIC_COPY_FAILED;
}

/**
 * hvic_copy_forget() - It is over: the host has begun anew, or the daemon is gone.
 * @copy: the copy
 */
void hvic_copy_forget(struct hvic_copy *copy)
{
	copy->state = HVIC_COPY_NONE;
	copy->serial++;
	copy->size = 0;
	copy->reached = 0;
	copy->writes = 0;
}

/**
 * hvic_copy_word() - Say for people how a copy is.
 * @copy: the copy
 *
 * Return: one word.
 */
const char *hvic_copy_word(const struct hvic_copy *copy)
{
	static const char *const words[HVIC_NR_COPY_STATES] = {
		[HVIC_COPY_NONE]	= "none",
		[HVIC_COPY_STARTING]	= "starting",
		[HVIC_COPY_RUNNING]	= "running",
		[HVIC_COPY_FAILED]	= "failed",
		[HVIC_COPY_ENDING]	= "ending",
	};

	return words[copy->state];
}
