/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backup as it crosses VMBus, from the host's point of view.  Nothing here does
 * input, output or allocation.
 */
#ifndef HVSIM_VSS_MESSAGE_H
#define HVSIM_VSS_MESSAGE_H

#include "hvsim_message.h"

/* Kinds of backup, as Windows numbers them. */
#define HVSIM_VSS_BACKUP_FULL	1
#define HVSIM_VSS_BACKUP_COPY	5

/**
 * struct hvsim_vss_request - what is asked
 * @operation: an enum hvic_vss_operation, or another number
 * @backup: type of the backup; of a create, a freeze and an auto recovery
 * @flags: of those, and of a thaw and the end of a backup
 * @disks: how many disks are named, on one SCSI controller, up to HVIC_VSS_LUNS
 */
struct hvsim_vss_request {
	uint8_t operation;
	uint32_t backup;
	uint32_t flags;
	uint32_t disks;
};

/**
 * struct hvsim_vss_answer - what a guest says
 * @flags: of itself, in the answer to a check and to a question for direct-mapped disks
 */
struct hvsim_vss_answer {
	uint32_t flags;
};

const char *hvsim_vss_operation_name(uint8_t operation);
int hvsim_vss_operation_find(uint8_t *operation, const char *name);
uint32_t hvsim_vss_operation_since(uint8_t operation);
size_t hvsim_vss_body_len(uint8_t operation);
int hvsim_vss_message_build(void *buf, size_t size, uint8_t transaction,
			    const struct hvsim_versions *versions,
			    const struct hvsim_vss_request *request);
uint32_t hvsim_vss_message_read(const struct hvsim_message *answer,
				const struct hvsim_vss_request *request,
				struct hvsim_vss_answer *found);

#endif
