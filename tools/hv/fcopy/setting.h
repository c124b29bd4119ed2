/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an administrator has set about copies: [fcopy] of hyperv-ics.conf(5).
 */
#ifndef FCOPY_SETTING_H
#define FCOPY_SETTING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fcopy/path.h"
#include "hvd_config.h"

#define FCOPY_TREES_MAX	32

/* Where hvic finds what the daemon tells of its copies. */
#define FCOPY_STATUS_PATH	"/run/hyperv-ics/copies"

/**
 * struct fcopy_trees - directories that a host may copy to, and below
 * @count: how many
 * @at: tidy paths, see fcopy_path_tidy()
 */
struct fcopy_trees {
	unsigned int count;
	char at[FCOPY_TREES_MAX][256];
};

/**
 * struct fcopy_setting - what an administrator has set
 * @trees: where a host may copy to
 * @owner: of what comes, and of the directories that are made for it
 * @group: the same
 * @mode: of what comes
 * @directory_mode: of the directories that are made for it
 * @silence: seconds that a host may be silent in a copy
 * @max_size: bytes of a file; 0 for any
 * @keep_free: bytes of a file system that a copy must leave
 * @missing_is_directory: whether a destination that is not there, and does not end with a
 *	slash, is to become a directory
 * @device: the module's
 * @state: the directory where it is kept which files are not finished
 * @status: the file where it is told what becomes of copies
 */
struct fcopy_setting {
	struct fcopy_trees trees;
	uid_t owner;
	gid_t group;
	mode_t mode;
	mode_t directory_mode;
	unsigned int silence;
	uint64_t max_size;
	uint64_t keep_free;
	bool missing_is_directory;
	char *device;
	char *state;
	char *status;
};

int fcopy_setting_start(struct fcopy_setting *setting);
int fcopy_setting_read(struct fcopy_setting *setting, const char *config, bool needed);
int fcopy_setting_parse(struct fcopy_setting *setting, const char *name, const char *text);
void fcopy_setting_end(struct fcopy_setting *setting);

const char *fcopy_trees_find(const struct fcopy_trees *trees, const char *text,
			     const char **below);

#endif
