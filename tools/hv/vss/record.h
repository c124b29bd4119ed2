/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is frozen, or is about to be: memory that the processes of a freeze share, and a
 * file in /run, so that a daemon that begins after a crash knows what to thaw.
 *
 * It is written by storing to memory only, since a frozen system may have no other way:
 * /run is a tmpfs, which is never frozen, and all pages of it are there beforehand.
 */
#ifndef VSS_RECORD_H
#define VSS_RECORD_H

#include <stdatomic.h>
#include <stdint.h>

#include "vss/plan.h"

#define VSS_RUN_DIRECTORY	"/run/hyperv-ics"
#define VSS_RECORD_PATH		VSS_RUN_DIRECTORY "/vss-frozen"
#define VSS_RECORD_MAGIC	0x76737332	/* "vss2" */

/* What has become of a file system, as far as its freezing is concerned. */
enum vss_state {
	VSS_STATE_NOT,		/* not yet */
	VSS_STATE_FREEZING,	/* a call is under way */
	VSS_STATE_FROZEN,
	VSS_STATE_THAWING,	/* the same: who has set this does it */
	VSS_STATE_THAWED,
	VSS_STATE_LOST,		/* somebody else has thawed it */
	VSS_STATE_FAILED,	/* it could not be frozen */
};

/* Who holds what is frozen. */
enum vss_holder {
	VSS_HOLDER_NONE,
	VSS_HOLDER_PROCESS,	/* one of ours */
	VSS_HOLDER_MODULE,	/* it thaws when its device is closed */
};

/**
 * struct vss_entry - a file system
 * @major: of its device, as mountinfo has it
 * @minor: of the same
 * @level: as in the plan
 * @state: an enum vss_state
 * @error: 0, or a negative errno of freezing
 * @took_us: microseconds that freezing took
 */
struct vss_entry {
	uint32_t major;
	uint32_t minor;
	uint32_t level;
	atomic_uint state;
	int32_t error;
	uint32_t took_us;
};

/**
 * struct vss_record - what is frozen
 * @magic: VSS_RECORD_MAGIC
 * @count: how many entries
 * @holder: an enum vss_holder
 * @pid: of the process that holds; 0 for none
 * @worker: of the process that freezes for it; the same
 * @hurried: whether vss_rcu_rest() is due
 * @abort: whether nothing more is to be frozen
 * @end: an enum hvic_user_vss_end: why it was thawed
 * @failed: which one could not be frozen
 * @error: 0, or a negative errno: how the freezing ended
 * @froze_at: nanoseconds of CLOCK_MONOTONIC: when the first began to be frozen
 * @frozen_at: when the last was
 * @thawed_at: when all were thawed again
 * @entries: in the order of freezing
 */
struct vss_record {
	uint32_t magic;
	uint32_t count;
	atomic_uint holder;
	atomic_int pid;
	atomic_int worker;
	atomic_uint hurried;
	atomic_uint abort;
	atomic_uint end;
	atomic_uint failed;
	atomic_int error;
	uint64_t froze_at;
	uint64_t frozen_at;
	uint64_t thawed_at;
	struct vss_entry entries[];
};

int vss_record_new(struct vss_record **ret, const char *path, const struct vss_plan *plan);
void vss_record_free(struct vss_record *record, const char *path);
int vss_record_frozen(const char *path);
int vss_record_recover(const char *path);
uint64_t vss_record_now(void);

#endif
