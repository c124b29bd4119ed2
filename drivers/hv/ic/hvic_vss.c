// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backup: what the host asks, what of it the daemon has to do, and what the host is
 * told. Source: protocol.rst, "Backup".
 */
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/string.h>

#include <hv/hvic_limits.h>

#include "hvic_vss.h"

/*
 * 6.0 brings questions about a cluster, whose answers nobody has described; who
 * agrees to it promises them.
 */
static const u32 messages[] = { HVIC_VERSION(5, 0), HVIC_VERSION(4, 0), 0 };

const struct hvic_versions hvic_vss_versions = { hvic_frameworks, messages };

/**
 * hvic_vss_is_registration() - Whether a message says what the daemon is.
 * @written: the message
 *
 * A reply has a status in the same place, of which none is a number as small.
 *
 * Return: true for both kinds, that of old daemons as well.
 */
bool hvic_vss_is_registration(const struct hvic_user_vss *written)
{
	return written->error == HVIC_USER_VSS_REGISTER ||
	       written->error == HVIC_USER_VSS_REGISTER1;
}

/**
 * hvic_vss_register() - A daemon says what it is.
 * @written: its message
 * @greeting: what it is to read, in the byte order of the machine; untouched on
 *	failure
 *
 * The in-tree module takes the registration of daemons that spoke netlink as well,
 * but never answers it, and is not ready then: it is refused.
 *
 * Return: 0; -EINVAL for anything but a registration.
 */
int hvic_vss_register(const struct hvic_user_vss *written, u32 *greeting)
{
	if (written->operation != HVIC_USER_VSS_REGISTER1)
		return -EINVAL;
	*greeting = HVIC_USER_VSS_REGISTER1;
	return 0;
}

/* A guest without a freeze must not let its host believe in a snapshot. */
static int serve_before_freezes(u8 operation)
{
	return operation == HVIC_VSS_BACKUP_COMPLETE ? 0 : -EOPNOTSUPP;
}

/**
 * hvic_vss_serve() - Serve a request that needs no daemon.
 * @msg: the request, whose body is written
 * @version: the negotiated message version
 *
 * What means nothing to a guest that freezes is answered with success, for a host
 * that was told of an error might give its backup up.
 *
 * Return: 0 when it has become its own answer; HVIC_VSS_FORWARD when a daemon has to
 * answer it; -EMSGSIZE when the body is too short; -EOPNOTSUPP for what is unknown,
 * or needs another version.
 */
int hvic_vss_serve(const struct hvic_msg *msg, u32 version)
{
	struct hvic_vss_flags *body = hvic_msg_body(msg, sizeof(*body));

	if (!body)
		return -EMSGSIZE;
	if (version < HVIC_VERSION(5, 0))
		return serve_before_freezes(body->hdr.operation);
	switch (body->hdr.operation) {
	case HVIC_VSS_CHECK_HOT_BACKUP:
	case HVIC_VSS_FREEZE:
	case HVIC_VSS_THAW:
		return HVIC_VSS_FORWARD;
	case HVIC_VSS_GET_DM_INFO:
		body->flags = 0;	/* no disk is the guest's own */
		return 0;
	case HVIC_VSS_CREATE:
	case HVIC_VSS_DELETE:
	case HVIC_VSS_BACKUP_COMPLETE:
	case HVIC_VSS_AUTO_RECOVER:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * hvic_vss_forward() - Make a request of the host into one for the daemon.
 * @msg: a request that hvic_vss_serve() would have forwarded
 * @request: for the daemon; untouched on failure
 *
 * Return: 0; -EMSGSIZE when the body is too short.
 */
int hvic_vss_forward(const struct hvic_msg *msg, struct hvic_user_vss *request)
{
	const struct hvic_vss_flags *body = hvic_msg_body(msg, sizeof(*body));

	if (!body)
		return -EMSGSIZE;
	memset(request, 0, sizeof(*request));
	request->operation = body->hdr.operation;
	return 0;
}

static u8 operation_of(const struct hvic_msg *msg)
{
	const struct hvic_vss_hdr *hdr = hvic_msg_body(msg, sizeof(*hdr));

	return hdr ? hdr->operation : HVIC_NR_VSS_OPERATIONS;
}

/**
 * hvic_vss_timeout() - What time a request has.
 * @msg: the request
 *
 * Return: seconds from when it comes.
 */
unsigned int hvic_vss_timeout(const struct hvic_msg *msg)
{
	return operation_of(msg) == HVIC_VSS_FREEZE ? HVIC_LIMIT_VSS_FREEZE_SECS :
						      HVIC_LIMIT_VSS_SECS;
}

/**
 * hvic_vss_answer() - Make the daemon's reply into the body of the answer.
 * @msg: the request that hvic_vss_forward() took, whose body is written
 * @reply: the daemon's; which operation it is for is read from @msg, as the
 *	daemon's error lies over it
 * @awake: whether the guest has thawed since it was frozen, other than by this reply
 *
 * A thaw of a guest that was awake already fails, whatever the daemon thinks of it:
 * the snapshot may be of any moment. So does a freeze that is over before the host
 * hears of it.
 *
 * Return: the status of the answer: the daemon's, which is the host's already.
 */
u32 hvic_vss_answer(const struct hvic_msg *msg, const struct hvic_user_vss *reply, bool awake)
{
	struct hvic_vss_flags *body = hvic_msg_body(msg, sizeof(*body));

	if (reply->error)
		return reply->error;
	if (!body)
		return hvic_status(-EMSGSIZE);
	switch (body->hdr.operation) {
	case HVIC_VSS_CHECK_HOT_BACKUP:
		body->flags = cpu_to_le32(reply->flags ?: HVIC_VSS_HBU_NO_AUTO_RECOVERY);
		return HVIC_STATUS_OK;
	case HVIC_VSS_FREEZE:
	case HVIC_VSS_THAW:
		return awake ? HVIC_STATUS_FAIL : HVIC_STATUS_OK;
	default:
		return HVIC_STATUS_OK;
	}
}
