/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backup as the guest sees it: hooks, flush, freeze, thaw, hooks.
 */
#ifndef VSS_BACKUP_H
#define VSS_BACKUP_H

#include <time.h>

#include "vss/freezer.h"
#include "vss/hook.h"
#include "vss/plan.h"
#include "vss/settings.h"

#define VSS_WHY_LEN	512

/**
 * struct vss_result - how a backup went, as far as it has got
 * @started: when it began
 * @id: a UUID of its own
 * @type: "host", or "test" for one that no host asked for
 * @holder: who held what was frozen; empty as long as nothing was
 * @end: how it was thawed
 * @failed: whether it did
 * @why: when it failed: one line for people
 * @listeners: who is asked when files are opened (fanotify); empty for nobody
 * @hooks_ms: how long the hooks before the freeze took
 * @flush_ms: how long flushing took
 * @freeze_ms: how long freezing took
 * @frozen_ms: how long it was frozen in all
 * @lost: how many had been thawed by somebody else
 */
struct vss_result {
	time_t started;
	char id[40];
	const char *type;
	const char *holder;
	enum hvic_user_vss_end end;
	bool failed;
	char why[VSS_WHY_LEN];
	char listeners[256];
	unsigned int hooks_ms;
	unsigned int flush_ms;
	unsigned int freeze_ms;
	unsigned int frozen_ms;
	unsigned int lost;
};

/**
 * struct vss_backup - a backup
 * @settings: what is wanted
 * @result: how it went
 * @plan: what of
 * @record: what is frozen; %NULL when nothing was to be
 * @frozen: whether it is, as far as we know
 * @left: whether something could not be thawed: the record stays, for the next start
 * @cancel: what ends it before anything is frozen
 * @hooks: what is run
 * @set: what is frozen
 * @freezer: who does
 * @record_path: the file of @record
 * @environment: of the hooks
 * @nr_environment: how many variables
 * @begun_ms: when it began, by vss_wait_now()
 * @lock: that there is one backup at a time; -1 without
 * @nr_fds: how many descriptors there are in @set
 */
struct vss_backup {
	const struct vss_settings *settings;
	struct vss_result result;
	struct vss_plan plan;
	struct vss_record *record;
	bool frozen;
	bool left;

	struct vss_cancel cancel;
	struct vss_hooks hooks;
	struct vss_set set;
	struct vss_freezer freezer;
	char record_path[256];
	char *environment[16];
	int nr_environment;
	uint64_t begun_ms;
	int lock;
	size_t nr_fds;
};

void vss_backup_start(struct vss_backup *backup, const struct vss_settings *settings,
		      const char *type, int device);
int vss_backup_check(struct vss_backup *backup);
int vss_backup_freeze(struct vss_backup *backup);
int vss_backup_thaw(struct vss_backup *backup);
void vss_backup_finish(struct vss_backup *backup);
void vss_backup_free(struct vss_backup *backup);

bool vss_backup_recover(struct vss_backup *backup, const struct vss_settings *settings);
void vss_backup_choice(struct vss_choice *choice, const struct vss_settings *settings);

#endif
