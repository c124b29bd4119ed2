/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between the versions of QEMU that the plugin is for.
 */
#ifndef HV_QEMU_H
#define HV_QEMU_H

#define QEMU_AT_LEAST(major, minor) \
	(QEMU_VERSION_MAJOR > (major) || \
	 (QEMU_VERSION_MAJOR == (major) && QEMU_VERSION_MINOR >= (minor)))

#include "hw/qdev-properties.h"
#if __has_include("system/kvm.h")
#include "system/kvm.h"
#include "system/reset.h"
#else
#include "sysemu/kvm.h"
#include "sysemu/reset.h"
#endif

#if !QEMU_AT_LEAST(9, 0)
#define bql_lock()	qemu_mutex_lock_iothread()
#define bql_unlock()	qemu_mutex_unlock_iothread()
#endif

#if QEMU_AT_LEAST(10, 2)
#define CharBackend	CharFrontend
#endif

/* QEMU 10 made properties constant, and counts them instead of marking the end. */
#ifdef DEFINE_PROP_END_OF_LIST
#define HV_PROPERTY_CONST
#define HV_PROPERTY_END	DEFINE_PROP_END_OF_LIST()
#else
#define HV_PROPERTY_CONST	const
#define HV_PROPERTY_END
#endif

/* QEMU 10.1 made a class's data constant. */
#if QEMU_AT_LEAST(10, 1)
#define HV_CLASS_DATA_CONST	const
#else
#define HV_CLASS_DATA_CONST
#endif

#endif
