/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flushing of file systems, at the same time.
 */
#ifndef VSS_FLUSH_H
#define VSS_FLUSH_H

#include "vss/wait.h"

int vss_flush(const int *fds, unsigned int count, unsigned int ms,
	      const struct vss_cancel *cancel);

#endif
