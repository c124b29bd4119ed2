// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the module says, and what it is answered.
 *
 * The in-tree module passes a host's numbers on as they came, so that here is where they
 * are looked at; ours has done that before, and it is done again.
 */
#include <errno.h>
#include <string.h>

#include "fcopy/message.h"
#include "hvd_text.h"

static int start_parse(struct fcopy_message *message, const void *bytes, size_t len)
{
	struct hvic_user_fcopy_start start;

	if (len < sizeof(start))
		return -EBADMSG;
	memcpy(&start, bytes, sizeof(start));
	if (hvd_text_len(start.name, sizeof(start.name)) < 0 ||
	    hvd_text_len(start.path, sizeof(start.path)) < 0)
		return -EBADMSG;
	memcpy(message->name, start.name, sizeof(message->name));
	memcpy(message->path, start.path, sizeof(message->path));
	message->flags = start.flags;
	message->size = start.size;
	return 0;
}

static int write_parse(struct fcopy_message *message, const void *bytes, size_t len)
{
	const size_t head = offsetof(struct hvic_user_fcopy_write, data);
	struct hvic_user_fcopy_write piece;

	if (len < head)
		return -EBADMSG;
	memcpy(&piece, bytes, head);
	if (piece.size > sizeof(piece.data) || piece.size > len - head)
		return -EBADMSG;
	message->offset = piece.offset;
	message->data = (const char *)bytes + head;
	message->len = piece.size;
	return 0;
}

/* All there is of it, has been looked at. */
static int header_parse(struct fcopy_message *message, const void *bytes, size_t len)
{
	(void)message;
	(void)bytes;
	(void)len;
	return 0;
}

static const struct {
	const char *name;
	int (*parse)(struct fcopy_message *message, const void *bytes, size_t len);
	enum fcopy_action actions[FCOPY_NR_STAGES];
} operations[HVIC_NR_FCOPY_OPERATIONS] = {
	[HVIC_FCOPY_START] = {
		"start", start_parse, { FCOPY_BEGIN, FCOPY_REFUSE, FCOPY_REFUSE }
	},
	[HVIC_FCOPY_WRITE] = {
		"write", write_parse, { FCOPY_REFUSE, FCOPY_WRITE, FCOPY_REFUSE }
	},
	[HVIC_FCOPY_COMPLETE] = {
		"complete", header_parse, { FCOPY_REFUSE, FCOPY_FINISH, FCOPY_REFUSE }
	},
	/* the in-tree module says it on its own, too, before it hibernates */
	[HVIC_FCOPY_CANCEL] = {
		"cancel", header_parse, { FCOPY_ACCEPT, FCOPY_ABANDON, FCOPY_ABANDON }
	},
};

/**
 * fcopy_message_parse() - Look a message through.
 * @message: what it says
 * @bytes: the message; @message refers to it
 * @len: bytes of it
 *
 * Return: 0; -EBADMSG when it is cut short, has texts without an end or says of itself that
 * it is longer than it is; -EOPNOTSUPP for an operation that there is not, in which case
 * nothing but @message's operation is set.
 */
int fcopy_message_parse(struct fcopy_message *message, const void *bytes, size_t len)
{
	struct hvic_user_fcopy_hdr hdr;

	memset(message, 0, sizeof(*message));
	if (len < sizeof(hdr))
		return -EBADMSG;
	memcpy(&hdr, bytes, sizeof(hdr));
	message->operation = hdr.operation;
	if (hdr.operation >= HVIC_NR_FCOPY_OPERATIONS)
		return -EOPNOTSUPP;
	return operations[hdr.operation].parse(message, bytes, len);
}

/**
 * fcopy_message_action() - Say what a message is reason to do.
 * @message: one that fcopy_message_parse() took
 * @stage: how far the copy is
 *
 * Return: what to do.
 */
enum fcopy_action fcopy_message_action(const struct fcopy_message *message,
				       enum fcopy_stage stage)
{
	return operations[message->operation].actions[stage];
}

/* The first that fits is what hosts' people read. */
static const struct {
	int err;
	uint32_t status;
	const char *reason;
} results[] = {
	{ 0, HVIC_STATUS_OK, "done" },
	{ -EEXIST, HVIC_STATUS_EXISTS, "the file is there already" },
	{ -ENOSPC, HVIC_STATUS_DISK_FULL, "the disk is full" },
	{ -EDQUOT, HVIC_STATUS_DISK_FULL, "over quota" },
	{ -EFBIG, HVIC_STATUS_DISK_FULL, "the file is too large" },
	{ -EACCES, HVIC_STATUS_ACCESS_DENIED, "not allowed" },
	{ -EPERM, HVIC_STATUS_ACCESS_DENIED, "the file system does not permit it" },
	{ -EROFS, HVIC_STATUS_ACCESS_DENIED,
	  "read-only, or not among ReadWritePaths= of the daemon's unit" },
	{ -ELOOP, HVIC_STATUS_ACCESS_DENIED, "a symbolic link, which is not followed" },
	{ -EXDEV, HVIC_STATUS_ACCESS_DENIED, "it leads out of the allowed directory" },
	{ -EISDIR, HVIC_STATUS_ACCESS_DENIED, "there is a directory of this name" },
	{ -ENOENT, HVIC_STATUS_NO_PATH, "there is no such directory" },
	{ -ENOTDIR, HVIC_STATUS_NO_PATH, "what should be a directory is none" },
	{ -EINVAL, HVIC_STATUS_INVALID_ARG, "it makes no sense" },
	{ -EBADMSG, HVIC_STATUS_INVALID_ARG, "the message makes no sense" },
	{ -EILSEQ, HVIC_STATUS_INVALID_ARG, "a name is no UTF-8" },
	{ -ENAMETOOLONG, HVIC_STATUS_INVALID_ARG, "a name is too long" },
	{ -EOPNOTSUPP, HVIC_STATUS_NOT_SUPPORTED, "there is no such operation" },
	{ -ECANCELED, HVIC_STATUS_FAIL, "cancelled by the host" },
	{ -ETIMEDOUT, HVIC_STATUS_FAIL, "the file system does not answer" },
	{ -ETIME, HVIC_STATUS_FAIL, "the host fell silent" },
	{ -ENODEV, HVIC_STATUS_FAIL, "the host has taken the service back" },
	{ -EPROTO, HVIC_STATUS_FAIL, "less than the whole file has come" },
	{ -ESTALE, HVIC_STATUS_FAIL, "somebody has replaced the unfinished file" },
	{ -EBUSY, HVIC_STATUS_FAIL, "another copy goes on" },
	{ -ESHUTDOWN, HVIC_STATUS_FAIL, "the daemon was told to end" },
};

#define RESULTS	(sizeof(results) / sizeof(results[0]))

/**
 * fcopy_message_status() - Say to the host what has become of a request.
 * @err: 0, or a negative errno
 *
 * Return: an HVIC_STATUS_*; of those, the ones that Copy-VMFile has words for.
 */
uint32_t fcopy_message_status(int err)
{
	size_t i;

	for (i = 0; i < RESULTS; i++)
		if (results[i].err == err)
			return results[i].status;
	return HVIC_STATUS_FAIL;
}

/**
 * fcopy_message_reason() - The same for people.
 * @err: see fcopy_message_status()
 *
 * Return: in words, which may be strerror()'s and are good until that is called again.
 */
const char *fcopy_message_reason(int err)
{
	size_t i;

	for (i = 0; i < RESULTS; i++)
		if (results[i].err == err)
			return results[i].reason;
	return strerror(-err);
}

/**
 * fcopy_message_name() - Name an operation.
 * @operation: an enum hvic_fcopy_operation, or anything
 *
 * Return: its name for people.
 */
const char *fcopy_message_name(uint32_t operation)
{
	return operation < HVIC_NR_FCOPY_OPERATIONS ? operations[operation].name : "unknown";
}
