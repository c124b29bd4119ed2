/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of file copy as they cross VMBus, from the host's point of view.  Nothing
 * here does input, output or allocation.
 */
#ifndef HVSIM_FCOPY_MESSAGE_H
#define HVSIM_FCOPY_MESSAGE_H

#include "hvsim_message.h"

/**
 * struct hvsim_fcopy_request - what is asked
 * @operation: an enum hvic_fcopy_operation
 * @session: what tells copies apart
 * @name: of a start: of the file that is copied, UTF-8
 * @path: of a start: where to, UTF-8
 * @flags: of a start: HVIC_FCOPY_*
 * @size: of a start: bytes of the file
 * @offset: of a write: where in the file
 * @data: of a write: the bytes
 * @len: of a write: how many, at most HVIC_FCOPY_DATA_LEN
 */
struct hvsim_fcopy_request {
	uint32_t operation;
	uint64_t session;
	const char *name;
	const char *path;
	uint32_t flags;
	uint64_t size;
	uint64_t offset;
	const void *data;
	size_t len;
};

int hvsim_fcopy_build(void *buf, size_t size, uint8_t transaction,
		      const struct hvsim_versions *versions,
		      const struct hvsim_fcopy_request *request);
const char *hvsim_fcopy_operation_name(uint32_t operation);
const char *hvsim_fcopy_error(uint32_t status);

#endif
