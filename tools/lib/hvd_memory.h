/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of a daemon that waits most of the time.
 */
#ifndef HVD_MEMORY_H
#define HVD_MEMORY_H

void hvd_memory_trim(void);

#endif
