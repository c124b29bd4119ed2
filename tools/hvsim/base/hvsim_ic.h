/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The integration components: what each is called, here and on VMBus.  Needs
 * nothing, so that the QEMU plugin can include it.
 */
#ifndef HVSIM_IC_H
#define HVSIM_IC_H

/**
 * enum hvsim_service_id - the integration services
 * @HVSIM_HEARTBEAT: heartbeat
 * @HVSIM_SHUTDOWN: guest shutdown
 * @HVSIM_TIMESYNC: time synchronisation
 * @HVSIM_KVP: data exchange
 * @HVSIM_VSS: backup
 * @HVSIM_FCOPY: guest service interface
 * @HVSIM_NR_SERVICES: their number
 */
enum hvsim_service_id {
	HVSIM_HEARTBEAT,
	HVSIM_SHUTDOWN,
	HVSIM_TIMESYNC,
	HVSIM_KVP,
	HVSIM_VSS,
	HVSIM_FCOPY,
	HVSIM_NR_SERVICES,
};

/**
 * struct hvsim_ic - an integration component
 * @name: of the service, for commands and sockets
 * @class_id: by which a guest finds its driver
 * @instance_id: the same in each machine, and so the name in the guest's sysfs
 */
struct hvsim_ic {
	const char *name;
	const char *class_id;
	const char *instance_id;
};

/* By enum hvsim_service_id. */
static const struct hvsim_ic hvsim_ics[HVSIM_NR_SERVICES] = {
	{ "heartbeat",
	  "57164f39-9115-4e78-ab55-382f3bd5422d", "fd149e91-82e0-4a7d-afa6-2a4166cbd7c0" },
	{ "shutdown",
	  "0e0b6031-5213-4934-818b-38d90ced39db", "b6650ff7-33bc-4840-8048-e0676786f393" },
	{ "timesync",
	  "9527e630-d0ae-497b-adce-e80ab0175caf", "2dd1ce17-079e-403c-b352-a1921ee207ee" },
	{ "kvp",
	  "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6", "242ff919-07db-4180-9c2e-b86cb68c8c55" },
	{ "vss",
	  "35fa2e29-ea23-4236-96ae-3a6ebacba440", "2450ee40-33bf-4fbd-892e-9fb06e9214cf" },
	{ "fcopy",
	  "34d14be3-dee4-41c8-9ae7-6b174977c192", "eb765408-105f-49b6-b4aa-c123b64d17d4" },
};

#endif
