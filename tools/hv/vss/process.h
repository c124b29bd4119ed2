/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes of a backup that outlive who made them.
 */
#ifndef VSS_PROCESS_H
#define VSS_PROCESS_H

int vss_process_fork(void);
void vss_process_trim(const int *fds, unsigned int count, int keep);

#endif
