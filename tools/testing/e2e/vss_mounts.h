/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests of backup have in common: file systems of a guest that are frozen, step by
 * step, and the proof that none of them stays frozen.
 */
#ifndef VSS_MOUNTS_H
#define VSS_MOUNTS_H

#include <stdbool.h>

/* Those on disks of the host, of which a backup keeps snapshots, in their order. */
#define VSS_DISKS	"/mnt/ext4,/mnt/xfs,/mnt/btrfs"
/* All that can be frozen, leaves first. */
#define VSS_ALL		"/mnt/loop,/mnt/dm," VSS_DISKS

/* Those of a guest without a Debian. */
#define VSS_FEW		"/mnt/a+/mnt/b"

long long vss_step(const char *operation, int timeout_ms);
bool vss_mounts_make(void);
bool vss_mounts_make_few(void);
void vss_mounts_take(const char *points, int how_many);
int vss_mounts_written_soon(void);
void vss_mounts_prove(const char *group, const char *when);
int vss_mounts_count(void);
bool vss_writer_start(void);
void vss_writer_stop(void);
void vss_snapshots_check(const char *group);
void vss_ours_run(void);

#endif
