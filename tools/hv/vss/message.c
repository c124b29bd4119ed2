// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host asks for.
 */
#include <errno.h>
#include <string.h>

#include <hv/hvic_limits.h>
#include <hv/hvic_wire.h>

#include "vss/message.h"

/* A little before the module gives up. */
#define FREEZE_MS	(HVIC_LIMIT_VSS_FREEZE_SECS * 1000 - 5000)
#define REPLY_MS	(HVIC_LIMIT_VSS_SECS * 1000 - 1000)

static int check(const struct vss_service *service, struct hvic_user_vss *reply)
{
	int err = service->check(service->data);

	/*
	 * Nothing is to be recovered in what is copied.  A module that looks at the operation
	 * of a reply, over which the error lies, does not pass this on.
	 */
	if (!err)
		reply->flags = HVIC_VSS_HBU_NO_AUTO_RECOVERY;
	return err;
}

static int freeze(const struct vss_service *service, struct hvic_user_vss *reply)
{
	(void)reply;
	return service->freeze(service->data);
}

static int thaw(const struct vss_service *service, struct hvic_user_vss *reply)
{
	int err = service->thaw(service->data);

	(void)reply;
	/* hosts send it after a freeze that failed, too */
	return err == -ENODATA ? 0 : err;
}

static const struct {
	const char *name;
	int (*handle)(const struct vss_service *service, struct hvic_user_vss *reply);
	unsigned int patience;
} operations[] = {
	[HVIC_VSS_CHECK_HOT_BACKUP] = { "check", check, REPLY_MS },
	[HVIC_VSS_FREEZE] = { "freeze", freeze, FREEZE_MS },
	[HVIC_VSS_THAW] = { "thaw", thaw, REPLY_MS },
};

#define OPERATIONS	(sizeof(operations) / sizeof(operations[0]))

static bool is_known(unsigned int operation)
{
	return operation < OPERATIONS && operations[operation].handle;
}

/**
 * vss_message_is_registration() - See whether it is the module's answer to a registration.
 * @bytes: the message
 * @len: bytes of it
 *
 * Return: whether it is: four bytes, or a whole message.
 */
bool vss_message_is_registration(const void *bytes, size_t len)
{
	__u32 word;

	if (len != sizeof(word) && len != sizeof(struct hvic_user_vss))
		return false;
	memcpy(&word, bytes, sizeof(word));
	return word == HVIC_USER_VSS_REGISTER1;
}

/**
 * vss_message_name() - Name an operation.
 * @operation: an enum hvic_vss_operation; any number
 *
 * Return: a word.
 */
const char *vss_message_name(unsigned int operation)
{
	return is_known(operation) ? operations[operation].name : "unknown";
}

/**
 * vss_message_patience() - Say how long the module waits for the reply.
 * @operation: see vss_message_name()
 *
 * Return: milliseconds, and a little less than it does.
 */
unsigned int vss_message_patience(unsigned int operation)
{
	return is_known(operation) ? operations[operation].patience : REPLY_MS;
}

/**
 * vss_message_handle() - Do what is asked.
 * @service: who does it
 * @message: what
 * @reply: the reply
 *
 * Return: 0; a negative errno: why the host is told that it failed; -EOPNOTSUPP for an
 * operation that there is not.
 */
int vss_message_handle(const struct vss_service *service, const struct hvic_user_vss *message,
		       struct hvic_user_vss *reply)
{
	int err = -EOPNOTSUPP;

	*reply = (struct hvic_user_vss){ .flags = message->flags };
	if (!is_known(message->operation)) {
		reply->error = (__s32)HVIC_STATUS_NOT_SUPPORTED;
		return err;
	}
	err = operations[message->operation].handle(service, reply);
	reply->error = err ? (__s32)HVIC_STATUS_FAIL : 0;
	return err;
}
