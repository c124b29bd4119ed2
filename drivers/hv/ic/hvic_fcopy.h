/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_FCOPY_H
#define _HVIC_FCOPY_H

#include <hv/hvic_limits.h>
#include <hv/hvic_user.h>

#include "hvic_msg.h"
#include "hvic_negotiate.h"

/* Milliseconds without a word after which another copy may begin. */
#define HVIC_COPY_SILENCE_MS	(HVIC_LIMIT_FCOPY_SILENCE_SECS * 1000)

/*
 *   NONE --start--> STARTING --done--> RUNNING --complete--> ENDING --answered--> NONE
 *                      |                 |  ^
 *                      | failed          |  | write
 *                      v                 v
 *                     NONE             FAILED --start--> STARTING
 *
 * A cancel leads to ENDING from STARTING, RUNNING and FAILED.  What is not drawn is
 * refused.
 */
enum hvic_copy_state {
	HVIC_COPY_NONE,		/* nothing is copied */
	HVIC_COPY_STARTING,	/* the daemon makes room for a file */
	HVIC_COPY_RUNNING,	/* pieces come */
	HVIC_COPY_FAILED,	/* one could not be written: nothing more is */
	HVIC_COPY_ENDING,	/* the daemon ends it, well or not */
	HVIC_NR_COPY_STATES
};

/**
 * struct hvic_copy - the copy of a file; all zero to begin with
 * @state: how far it is
 * @serial: counts copies, so that what belongs to one that is over is told apart
 * @size: bytes that were announced
 * @reached: where the furthest piece ends that is written
 * @writes: pieces that were taken and are not answered
 * @heard: when the host last said something, in ms
 */
struct hvic_copy {
	enum hvic_copy_state state;
	u32 serial;
	u64 size;
	u64 reached;
	u32 writes;
	u64 heard;
};

/**
 * struct hvic_piece - a piece of a file
 * @offset: where it goes
 * @size: bytes of it
 * @data: the bytes, inside the request
 */
struct hvic_piece {
	u64 offset;
	u32 size;
	const u8 *data;
};

extern const struct hvic_versions hvic_fcopy_versions;

int hvic_fcopy_register(const __u32 *written, __u32 *greeting);
int hvic_fcopy_operation(const struct hvic_msg *msg);
int hvic_fcopy_piece(const struct hvic_msg *msg, struct hvic_piece *piece);
int hvic_fcopy_forward(const struct hvic_msg *msg, void *request);

int hvic_copy_admit(struct hvic_copy *copy, const struct hvic_msg *msg, u64 now_ms);
void hvic_copy_settle(struct hvic_copy *copy, u32 serial, const struct hvic_msg *msg, u32 status);
void hvic_copy_fail(struct hvic_copy *copy);
void hvic_copy_forget(struct hvic_copy *copy);
const char *hvic_copy_word(const struct hvic_copy *copy);

#endif
