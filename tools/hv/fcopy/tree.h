/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that a host may copy to, opened so that nothing in them leads out.
 */
#ifndef FCOPY_TREE_H
#define FCOPY_TREE_H

#include <sys/types.h>

/**
 * struct fcopy_owner - whose a new directory is
 * @user: the user
 * @group: the group
 * @mode: its mode
 */
struct fcopy_owner {
	uid_t user;
	gid_t group;
	mode_t mode;
};

int fcopy_tree_open(const char *path);
int fcopy_tree_open_below(int tree, const char *below);
int fcopy_tree_make_below(int tree, const char *below, const struct fcopy_owner *owner);

#endif
