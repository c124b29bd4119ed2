/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backup: what the files of that service share.
 */
#ifndef HVSIM_VSS_H
#define HVSIM_VSS_H

#include "hvsim_service.h"
#include "hvsim_vss_message.h"

/* Time for an answer to a freeze: what hosts wait for is said to be that long. */
#define HVSIM_VSS_FREEZE_MS	900000
/* To anything else. */
#define HVSIM_VSS_ANSWER_MS	60000

struct hvsim_vss_backup;

/**
 * struct hvsim_vss - state of the service
 * @backup: the one under way; NULL when none is
 * @backups: that went well
 * @failures: that did not
 * @frozen: the guest has agreed to a freeze, and not been thawed since
 */
struct hvsim_vss {
	struct hvsim_vss_backup *backup;
	uint64_t backups;
	uint64_t failures;
	bool frozen;
};

/**
 * typedef hvsim_vss_asked - the guest has answered, or has not
 * @result: as of struct hvsim_exchange
 * @answer: likewise
 * @found: what is in it; with @result 0 only
 * @userdata: of hvsim_vss_ask()
 */
typedef void (*hvsim_vss_asked)(int result, const struct hvsim_answer *answer,
				const struct hvsim_vss_answer *found, void *userdata);

int hvsim_vss_ask(struct hvsim_service *service, const struct hvsim_vss_request *request,
		  uint64_t timeout_us, hvsim_vss_asked asked, void *userdata);
void hvsim_vss_command_backup(struct hvsim_request *request, struct json_object *arguments,
			      void *userdata);
void hvsim_vss_backup_free(struct hvsim_vss_backup *backup);

#endif
