/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of backups, which the daemon and hvic share.
 */
#ifndef VSS_SETTINGS_H
#define VSS_SETTINGS_H

#include <stdbool.h>

/**
 * struct vss_settings - section [vss] of hyperv-ics.conf(5)
 * @device: the module's device
 * @include: see struct vss_choice; empty for all
 * @exclude: the same; empty for none
 * @remote_freezes: whether what the network or a process serves is frozen
 * @unsupported_fails: whether a file system that has no freeze fails the backup
 * @busy_fails: whether one that somebody else has frozen does
 * @listeners_fail: whether somebody who is asked for permission does
 * @hooks: directories, with blanks between
 * @qemu_hook: a hook as qemu-ga has it; empty for none
 * @hook_seconds: that a hook may take
 * @flush_seconds: that flushing all may take
 * @deadline_seconds: after which what is frozen is thawed
 * @run_directory: for what is not to outlive the system
 * @pools: where data exchange has its pools, and we what is to outlive it
 */
struct vss_settings {
	char *device;
	char *include;
	char *exclude;
	bool remote_freezes;
	bool unsupported_fails;
	bool busy_fails;
	bool listeners_fail;
	char *hooks;
	char *qemu_hook;
	unsigned int hook_seconds;
	unsigned int flush_seconds;
	unsigned int deadline_seconds;
	char *run_directory;
	char *pools;
};

int vss_settings_start(struct vss_settings *settings);
int vss_settings_parse(struct vss_settings *settings, const char *name, const char *text);
int vss_settings_read(struct vss_settings *settings, const char *path, bool needed);
void vss_settings_free(struct vss_settings *settings);

#endif
