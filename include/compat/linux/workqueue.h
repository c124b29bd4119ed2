/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A workqueue's work runs where it was queued, which had no name before 6.18.  Kbuild
 * looks into the kernel's header whether it has.
 */
#ifndef _COMPAT_LINUX_WORKQUEUE_H
#define _COMPAT_LINUX_WORKQUEUE_H

#include_next <linux/workqueue.h>

#ifndef HAVE_WQ_PERCPU
#define WQ_PERCPU	0
#endif

#endif
