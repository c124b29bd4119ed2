/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that the kernel asks before a file is opened: virus scanners and the like.
 */
#ifndef VSS_FANOTIFY_H
#define VSS_FANOTIFY_H

#include <stdbool.h>
#include <stddef.h>

bool vss_fanotify_asks(const char *fdinfo);
int vss_fanotify_find(const char *proc, char *names, size_t room);

#endif
