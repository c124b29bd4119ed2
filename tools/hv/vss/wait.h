/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for what may take long, with an end to it.
 */
#ifndef VSS_WAIT_H
#define VSS_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct vss_cancel - what ends a wait before its time
 * @device: of the module: that it is gone, or has another message; -1 for none
 * @signals: whether a signal that is blocked and ends the process is waiting
 */
struct vss_cancel {
	int device;
	bool signals;
};

bool vss_wait_cancelled(const struct vss_cancel *cancel);
int vss_wait_readable(int fd, uint64_t until_ms, const struct vss_cancel *cancel);
uint64_t vss_wait_now(void);

#endif
