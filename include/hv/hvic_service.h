/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How each service is named on VMBus and below /dev.
 *
 * The module, the daemons and the tests take these names from here. What cannot include
 * a header is compared with it by tools/testing/check/check-names.sh. Source of the GUIDs:
 * Documentation/protocol.rst, "Services".
 */
#ifndef _HV_HVIC_SERVICE_H
#define _HV_HVIC_SERVICE_H

/*
 * HVIC_CLASS_x is the GUID by which a driver finds the service, HVIC_INSTANCE_x the one
 * that names its device in /sys/bus/vmbus/devices. Each hands its five groups of digits
 * to a macro that gives them a form.
 */
#define HVIC_CLASS_HEARTBEAT(form)	form(57164f39, 9115, 4e78, ab55, 382f3bd5422d)
#define HVIC_CLASS_SHUTDOWN(form)	form(0e0b6031, 5213, 4934, 818b, 38d90ced39db)
#define HVIC_CLASS_TIMESYNC(form)	form(9527e630, d0ae, 497b, adce, e80ab0175caf)
#define HVIC_CLASS_KVP(form)		form(a9a0f4e7, 5a45, 4d96, b827, 8a841e8c03e6)
#define HVIC_CLASS_VSS(form)		form(35fa2e29, ea23, 4236, 96ae, 3a6ebacba440)
#define HVIC_CLASS_FCOPY(form)		form(34d14be3, dee4, 41c8, 9ae7, 6b174977c192)

#define HVIC_INSTANCE_HEARTBEAT(form)	form(fd149e91, 82e0, 4a7d, afa6, 2a4166cbd7c0)
#define HVIC_INSTANCE_SHUTDOWN(form)	form(b6650ff7, 33bc, 4840, 8048, e0676786f393)
#define HVIC_INSTANCE_TIMESYNC(form)	form(2dd1ce17, 079e, 403c, b352, a1921ee207ee)
#define HVIC_INSTANCE_KVP(form)		form(242ff919, 07db, 4180, 9c2e, b86cb68c8c55)
#define HVIC_INSTANCE_VSS(form)		form(2450ee40, 33bf, 4fbd, 892e, 9fb06e9214cf)
#define HVIC_INSTANCE_FCOPY(form)	form(eb765408, 105f, 49b6, b4aa, c123b64d17d4)

/*
 * Forms: as a device is named in sysfs, and as sysfs shows a class. checkpatch knows a
 * string by the empty one.
 */
#define HVIC_GUID_TEXT(a, b, c, d, e)	"" #a "-" #b "-" #c "-" #d "-" #e
#define HVIC_GUID_BRACED(a, b, c, d, e)	"{" HVIC_GUID_TEXT(a, b, c, d, e) "}"

/* Devices of the services that have a daemon, below /dev. */
#define HVIC_DEVICE_KVP		"vmbus/hv_kvp"
#define HVIC_DEVICE_VSS		"vmbus/hv_vss"
#define HVIC_DEVICE_FCOPY	"vmbus/hv_fcopy"

#endif
