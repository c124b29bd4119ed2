/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the module says, and what it is answered.
 */
#ifndef FCOPY_MESSAGE_H
#define FCOPY_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <hv/hvic_user.h>
#include <hv/hvic_wire.h>

/* The longest is a piece of a file; the in-tree module has more behind the shortest. */
#define FCOPY_MESSAGE_MAX	16384

/**
 * enum fcopy_stage - how far a copy is
 * @FCOPY_IDLE: there is none
 * @FCOPY_OPEN: it is begun, and nothing is being done for it
 * @FCOPY_BUSY: what the host asked last is being done
 * @FCOPY_NR_STAGES: how many there are
 */
enum fcopy_stage {
	FCOPY_IDLE,
	FCOPY_OPEN,
	FCOPY_BUSY,
	FCOPY_NR_STAGES,
};

/**
 * enum fcopy_action - what a message is reason to do
 * @FCOPY_REFUSE: nothing: it does not belong here
 * @FCOPY_BEGIN: make the file
 * @FCOPY_WRITE: write to it
 * @FCOPY_FINISH: give it its name
 * @FCOPY_ABANDON: remove it
 * @FCOPY_ACCEPT: nothing, which is what was asked
 */
enum fcopy_action {
	FCOPY_REFUSE,
	FCOPY_BEGIN,
	FCOPY_WRITE,
	FCOPY_FINISH,
	FCOPY_ABANDON,
	FCOPY_ACCEPT,
};

/**
 * struct fcopy_message - a message of the module, looked through
 * @operation: an enum hvic_fcopy_operation
 * @name: of a start: the file on the host
 * @path: of a start: where to
 * @flags: of a start: HVIC_FCOPY_*
 * @size: of a start: bytes of the file
 * @offset: of a write: where @data goes
 * @data: of a write: in the bytes that it was taken from
 * @len: of a write: bytes at @data
 */
struct fcopy_message {
	uint32_t operation;
	char name[HVIC_FCOPY_NAME_LEN];
	char path[HVIC_FCOPY_NAME_LEN];
	uint32_t flags;
	uint64_t size;
	uint64_t offset;
	const void *data;
	size_t len;
};

int fcopy_message_parse(struct fcopy_message *message, const void *bytes, size_t len);
enum fcopy_action fcopy_message_action(const struct fcopy_message *message,
				       enum fcopy_stage stage);
uint32_t fcopy_message_status(int err);
const char *fcopy_message_reason(int err);
const char *fcopy_message_name(uint32_t operation);

#endif
