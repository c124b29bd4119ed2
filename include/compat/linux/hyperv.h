/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv_driver.remove() returns nothing since 6.3; before, an int that nobody
 * read.  Kbuild looks into the kernel's header which it is.
 */
#ifndef _COMPAT_LINUX_HYPERV_H
#define _COMPAT_LINUX_HYPERV_H

#include_next <linux/hyperv.h>

#ifdef HAVE_HV_REMOVE_INT
#define DEFINE_HV_REMOVE(name, function)		\
	static int name(struct hv_device *device)	\
	{						\
		function(device);			\
		return 0;				\
	}
#else
#define DEFINE_HV_REMOVE(name, function)		\
	static void name(struct hv_device *device)	\
	{						\
		function(device);			\
	}
#endif

#endif
