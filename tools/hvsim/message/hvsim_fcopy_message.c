// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests of file copy: built as hosts send them, always at their full size. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "hvsim_fcopy_message.h"
#include "hvsim_utf16.h"

union body {
	struct hvic_fcopy_hdr hdr;
	struct hvic_fcopy_start start;
	struct hvic_fcopy_write write;
};

/**
 * hvsim_fcopy_operation_name() - Name of an operation.
 * @operation: an enum hvic_fcopy_operation, or another number
 *
 * Return: a word; "unknown" for another number.
 */
const char *hvsim_fcopy_operation_name(uint32_t operation)
{
	static const char *const names[HVIC_NR_FCOPY_OPERATIONS] = {
		[HVIC_FCOPY_START] = "start",
		[HVIC_FCOPY_WRITE] = "write",
		[HVIC_FCOPY_COMPLETE] = "complete",
		[HVIC_FCOPY_CANCEL] = "cancel",
	};

	return operation < HVIC_NR_FCOPY_OPERATIONS ? names[operation] : "unknown";
}

/**
 * hvsim_fcopy_error() - What Copy-VMFile's users read for a status.
 * @status: from an answer
 *
 * Return: Windows' text for it, without a full stop.
 */
const char *hvsim_fcopy_error(uint32_t status)
{
	switch (status) {
	case HVIC_STATUS_EXISTS:
		return "The file exists";
	case HVIC_STATUS_DISK_FULL:
		return "There is not enough space on the disk";
	case HVIC_STATUS_ACCESS_DENIED:
		return "Access is denied";
	case HVIC_STATUS_NO_PATH:
		return "The system cannot find the path specified";
	case HVIC_STATUS_INVALID_ARG:
		return "The parameter is incorrect";
	case HVIC_STATUS_NOT_SUPPORTED:
		return "The request is not supported";
	default:
		return "Unspecified error";
	}
}

/* What is behind it in the field is zero, and so ends it. */
static int text_write(uint8_t to[HVIC_FCOPY_NAME_LEN], const char *text)
{
	return hvsim_utf16_encode(to, HVIC_FCOPY_NAME_LEN - 2, text);
}

static int start_write(struct hvic_fcopy_start *start, const struct hvsim_fcopy_request *request)
{
	int err = text_write(start->name, request->name);

	if (err < 0)
		return err;
	start->flags = htole32(request->flags);
	start->size = htole64(request->size);
	return text_write(start->path, request->path);
}

static int piece_write(struct hvic_fcopy_write *write, const struct hvsim_fcopy_request *request)
{
	if (request->len > sizeof(write->data))
		return -EMSGSIZE;
	write->offset = htole64(request->offset);
	write->size = htole32((uint32_t)request->len);
	if (request->len)
		memcpy(write->data, request->data, request->len);
	return 0;
}

/**
 * hvsim_fcopy_build() - Write a request of file copy.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @versions: what was negotiated
 * @request: what to ask
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small, a text too long or a piece
 * too large; -EILSEQ when a text is not UTF-8.
 */
int hvsim_fcopy_build(void *buf, size_t size, uint8_t transaction,
		      const struct hvsim_versions *versions,
		      const struct hvsim_fcopy_request *request)
{
	static const size_t lengths[HVIC_NR_FCOPY_OPERATIONS] = {
		[HVIC_FCOPY_START] = sizeof(struct hvic_fcopy_start),
		[HVIC_FCOPY_WRITE] = sizeof(struct hvic_fcopy_write),
		[HVIC_FCOPY_COMPLETE] = sizeof(struct hvic_fcopy_hdr),
		[HVIC_FCOPY_CANCEL] = sizeof(struct hvic_fcopy_hdr),
	};
	uint64_t session = htole64(request->session);
	union body body;
	int err = 0;

	if (request->operation >= HVIC_NR_FCOPY_OPERATIONS)
		return -EINVAL;
	memset(&body, 0, sizeof(body));
	body.hdr.operation = htole32(request->operation);
	memcpy(body.hdr.session, &session, sizeof(session));
	if (request->operation == HVIC_FCOPY_START)
		err = start_write(&body.start, request);
	else if (request->operation == HVIC_FCOPY_WRITE)
		err = piece_write(&body.write, request);
	if (err < 0)
		return err;
	return hvsim_message_build_request(buf, size, transaction, HVIC_TYPE_FCOPY, versions, &body,
					   lengths[request->operation]);
}
