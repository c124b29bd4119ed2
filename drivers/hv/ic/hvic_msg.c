// SPDX-License-Identifier: GPL-2.0-only
/* Framing: the headers that every integration component message starts with. */

#include <asm/byteorder.h>
#include <linux/errno.h>

#include "hvic_msg.h"

/**
 * hvic_msg_open() - Check the framing of a packet and set up a view of it.
 * @msg: the view to fill in; untouched on failure
 * @buf: the packet as it was received, aligned for a u64
 * @len: bytes in @buf
 *
 * VMBus rounds lengths up to 8, so @len may exceed what the pipe header says,
 * and a host may pad behind the body; such bytes are ignored. What a header
 * claims beyond what arrived is refused. Source: protocol.rst, "Framing".
 *
 * Return: 0; -EMSGSIZE when the packet cannot hold what its headers claim;
 * -EPROTO when it is not a request, so that answering it would be wrong.
 */
int hvic_msg_open(struct hvic_msg *msg, void *buf, size_t len)
{
	const struct hvic_pipe_hdr *pipe = buf;
	struct hvic_hdr *hdr;
	size_t sent, body;

	if (len < HVIC_HDR_LEN)
		return -EMSGSIZE;
	if (le32_to_cpu(pipe->type) != HVIC_PIPE_DATA)
		return -EPROTO;

	sent = le32_to_cpu(pipe->size);
	if (sent < sizeof(*hdr) || sent > len - sizeof(*pipe))
		return -EMSGSIZE;

	hdr = buf + sizeof(*pipe);
	body = le16_to_cpu(hdr->size);
	if (body > sent - sizeof(*hdr))
		return -EMSGSIZE;
	if ((hdr->flags & (HVIC_FLAG_REQUEST | HVIC_FLAG_RESPONSE)) != HVIC_FLAG_REQUEST)
		return -EPROTO;

	msg->hdr = hdr;
	msg->body = hdr + 1;
	msg->body_len = body;
	return 0;
}

/**
 * hvic_msg_answer() - Turn a request into its own answer.
 * @msg: the request
 * @status: an HVIC_STATUS_* for the host
 *
 * The transaction id stays: hosts match answers by it. The flags are set as a
 * whole, because hosts refuse an answer without both.
 */
void hvic_msg_answer(struct hvic_msg *msg, u32 status)
{
	msg->hdr->status = cpu_to_le32(status);
	msg->hdr->flags = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
}

/**
 * hvic_status() - Say an errno in the host's words.
 * @err: 0 or a negative errno
 *
 * The only crossing between the two: everything inside the guest is an errno.
 *
 * Return: an HVIC_STATUS_*.
 */
u32 hvic_status(int err)
{
	switch (err) {
	case 0:
		return HVIC_STATUS_OK;
	case -EOPNOTSUPP:
		return HVIC_STATUS_NOT_SUPPORTED;
	case -EINVAL:
	case -ERANGE:
		return HVIC_STATUS_INVALID_ARG;
	case -ENODATA:
		return HVIC_STATUS_NO_MORE;
	case -EINPROGRESS:
		return HVIC_STATUS_IN_PROGRESS;
	case -EEXIST:
		return HVIC_STATUS_EXISTS;
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return HVIC_STATUS_DISK_FULL;
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return HVIC_STATUS_ACCESS_DENIED;
	case -ENOENT:
	case -ENOTDIR:
		return HVIC_STATUS_NO_PATH;
	default:
		return HVIC_STATUS_FAIL;
	}
}
