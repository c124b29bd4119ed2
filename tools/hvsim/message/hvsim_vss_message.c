// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup: requests as a host sends them, as long as it sends them, and what it makes of
 * the answers.  No host of backup but Windows is known, so no fault of a body is fatal.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_vss_message.h"

static const struct {
	const char *name;
	uint32_t since;		/* message version from which hosts ask it */
	size_t len;		/* bytes of body */
} operations[HVIC_NR_VSS_OPERATIONS] = {
	[HVIC_VSS_CREATE] = { "create", HVIC_VERSION(1, 0), HVIC_VSS_SHORT_LEN },
	[HVIC_VSS_DELETE] = { "delete", HVIC_VERSION(1, 0), HVIC_VSS_SHORT_LEN },
	[HVIC_VSS_CHECK_HOT_BACKUP] = { "check", HVIC_VERSION(1, 0), HVIC_VSS_SHORT_LEN },
	[HVIC_VSS_GET_DM_INFO] = { "dm-info", HVIC_VERSION(1, 0), HVIC_VSS_SHORT_LEN },
	[HVIC_VSS_BACKUP_COMPLETE] = { "complete", HVIC_VERSION(4, 0), HVIC_VSS_SHORT_LEN },
	[HVIC_VSS_FREEZE] = { "freeze", HVIC_VERSION(5, 0), sizeof(struct hvic_vss_freeze) },
	[HVIC_VSS_THAW] = { "thaw", HVIC_VERSION(5, 0), HVIC_VSS_SHORT_LEN },
	[HVIC_VSS_AUTO_RECOVER] = { "recover", HVIC_VERSION(5, 0),
				    sizeof(struct hvic_vss_recover) },
	[HVIC_VSS_QUERY_CLUSTER] = { "cluster", HVIC_VERSION(6, 0),
				     sizeof(struct hvic_vss_cluster) },
};

/**
 * hvsim_vss_operation_name() - Name of an operation.
 * @operation: its number
 *
 * Return: a word; "unknown" for a number that is none.
 */
const char *hvsim_vss_operation_name(uint8_t operation)
{
	return operation < HVIC_NR_VSS_OPERATIONS ? operations[operation].name : "unknown";
}

/**
 * hvsim_vss_operation_find() - Get an operation by its name or number.
 * @operation: written when there is one
 * @name: a name, or a number from 0 to 255, to ask for what there is not, too
 *
 * Return: 0; -ENOENT.
 */
int hvsim_vss_operation_find(uint8_t *operation, const char *name)
{
	unsigned long number;
	uint8_t i;
	char *end;

	for (i = 0; i < HVIC_NR_VSS_OPERATIONS; i++)
		if (!strcmp(operations[i].name, name)) {
			*operation = i;
			return 0;
		}
	number = strtoul(name, &end, 10);
	if (end == name || *end || name[0] == '-' || number > UINT8_MAX)
		return -ENOENT;
	*operation = (uint8_t)number;
	return 0;
}

/**
 * hvsim_vss_operation_since() - From which version hosts ask an operation.
 * @operation: its number
 *
 * Return: a message version, an HVIC_VERSION(); 0 for what no host asks.
 */
uint32_t hvsim_vss_operation_since(uint8_t operation)
{
	return operation < HVIC_NR_VSS_OPERATIONS ? operations[operation].since : 0;
}

/**
 * hvsim_vss_body_len() - How long a host makes the body of an operation.
 * @operation: its number
 *
 * Return: bytes.
 */
size_t hvsim_vss_body_len(uint8_t operation)
{
	return operation < HVIC_NR_VSS_OPERATIONS ? operations[operation].len :
						    HVIC_VSS_SHORT_LEN;
}

/* As large as the longest. */
union body {
	struct hvic_vss_hdr hdr;
	struct hvic_vss_flags flags;
	struct hvic_vss_set set;
	struct hvic_vss_freeze freeze;
	struct hvic_vss_recover recover;
	struct hvic_vss_cluster cluster;
	uint8_t room[HVIC_VSS_SHORT_LEN];
};

static void disks_write(struct hvic_vss_lun *luns, uint32_t count)
{
	/* "HVSIM controller", as bytes */
	static const uint8_t controller[HVIC_VSS_GUID_LEN] = {
		'H', 'V', 'S', 'I', 'M', ' ', 'c', 'o', 'n', 't', 'r', 'o', 'l', 'l', 'e', 'r',
	};
	uint32_t i;

	for (i = 0; i < count; i++) {
		luns[i].bus = HVIC_VSS_BUS_SCSI;
		memcpy(luns[i].controller, controller, sizeof(controller));
		luns[i].lun = (uint8_t)i;
	}
}

static void body_write(union body *body, const struct hvsim_vss_request *request)
{
	uint32_t disks = request->disks < HVIC_VSS_LUNS ? request->disks : HVIC_VSS_LUNS;

	body->hdr.operation = request->operation;
	switch (request->operation) {
	case HVIC_VSS_CREATE:
	case HVIC_VSS_DELETE:
		memset(body->set.set, 0x5e, sizeof(body->set.set));
		body->set.backup = htole32(request->backup);
		break;
	case HVIC_VSS_AUTO_RECOVER:
	case HVIC_VSS_FREEZE:
		body->freeze.backup = htole32(request->backup);
		body->freeze.flags = htole32(request->flags);
		body->freeze.lun_count = htole32(disks);
		disks_write(body->freeze.luns, disks);
		if (request->operation == HVIC_VSS_AUTO_RECOVER)
			disks_write(body->recover.shadows, disks);
		break;
	case HVIC_VSS_QUERY_CLUSTER:
		body->cluster.size = htole32(sizeof(body->cluster));
		body->cluster.lun_count = htole32(disks);
		disks_write(body->cluster.luns, disks);
		break;
	default:
		body->flags.flags = htole32(request->flags);
	}
}

/**
 * hvsim_vss_message_build() - Write a request about a backup.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @versions: what was negotiated
 * @request: what to ask
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small.
 */
int hvsim_vss_message_build(void *buf, size_t size, uint8_t transaction,
			    const struct hvsim_versions *versions,
			    const struct hvsim_vss_request *request)
{
	union body body;

	memset(&body, 0, sizeof(body));
	body_write(&body, request);
	return hvsim_message_build_request(buf, size, transaction, HVIC_TYPE_VSS, versions, &body,
					   hvsim_vss_body_len(request->operation));
}

/**
 * hvsim_vss_message_read() - Read what a guest answers.
 * @answer: its answer
 * @request: what was asked
 * @found: written as far as it is there
 *
 * Return: set of faults.
 */
uint32_t hvsim_vss_message_read(const struct hvsim_message *answer,
				const struct hvsim_vss_request *request,
				struct hvsim_vss_answer *found)
{
	struct hvic_vss_flags body;

	found->flags = 0;
	if (answer->body_len < sizeof(body))
		return answer->status ? 0 : HVSIM_FAULT(BODY_SHORT);
	memcpy(&body, answer->body, sizeof(body));
	if (request->operation == HVIC_VSS_CHECK_HOT_BACKUP ||
	    request->operation == HVIC_VSS_GET_DM_INFO)
		found->flags = le32toh(body.flags);
	return body.hdr.operation != request->operation ? HVSIM_FAULT(VSS_OPERATION) : 0;
}
