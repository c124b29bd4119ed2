/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that a copy makes: there as a whole or not at all.
 */
#ifndef FCOPY_TARGET_H
#define FCOPY_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fcopy/message.h"
#include "fcopy/partial.h"
#include "fcopy/path.h"
#include "fcopy/setting.h"

/**
 * struct fcopy_target - the file that a copy makes
 * @setting: what an administrator has set
 * @run: of the daemon, see fcopy_partial_run()
 * @dir: the directory that it is to be in; -1 for none
 * @fd: the file, open for writing; -1 for none
 * @size: bytes that are announced
 * @written: bytes that fcopy_target_write() has written
 * @overwrite: whether it may take the place of another
 * @is_given_up: whether the host has been told that nothing came of it
 * @is_synced: whether it is known to be on the disk
 * @name: what it is to be called
 * @partial: what it is called until then; "" when there is nothing of that name
 * @path: of it, for people; of what the host said, as long as that is all there is
 * @why: what is wrong, in better words than the errno's; "" for none
 */
struct fcopy_target {
	const struct fcopy_setting *setting;
	uint32_t run;
	int dir;
	int fd;
	uint64_t size;
	uint64_t written;
	bool overwrite;
	bool is_given_up;
	bool is_synced;
	char name[FCOPY_NAME_LEN];
	char partial[FCOPY_PARTIAL_LEN];
	char path[FCOPY_PATH_LEN + FCOPY_NAME_LEN];
	char why[160];
};

void fcopy_target_start(struct fcopy_target *target, const struct fcopy_setting *setting,
			uint32_t run);
int fcopy_target_open(struct fcopy_target *target, const struct fcopy_message *start);
int fcopy_target_write(struct fcopy_target *target, const void *data, size_t len,
		       uint64_t offset);
void fcopy_target_flush(struct fcopy_target *target, uint64_t from, uint64_t to);
int fcopy_target_finish(struct fcopy_target *target, unsigned int ms);
void fcopy_target_settle(struct fcopy_target *target);
void fcopy_target_remove(struct fcopy_target *target);

#endif
