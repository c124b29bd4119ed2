/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated host: plays Hyper-V's side of the integration services.
 */
#ifndef HVSIM_HOST_H
#define HVSIM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct hvsim_control;
struct hvsim_host;

/**
 * enum hvsim_bus_kind - whose VMBus the machine has
 * @HVSIM_BUS_HVSIM: hvsim's own, on which channels come and go
 * @HVSIM_BUS_QEMU: QEMU's, which is older and can less: an independent peer
 */
enum hvsim_bus_kind {
	HVSIM_BUS_HVSIM,
	HVSIM_BUS_QEMU,
};

/**
 * struct hvsim_host_options - how a host is to behave
 * @directory: where it listens: bus.sock or, on QEMU's bus, <service>.sock for each
 *	service, for the plugin, and control.sock, for people; must exist
 * @bus: whose VMBus the machine has
 * @vmbus_version: newest version of VMBus to agree to, major << 16 | minor; 0 for
 *	the newest there is; of hvsim's bus only
 * @profile: which Hyper-V it plays, a name of hvsim_profile.h; NULL for the
 *	default
 * @name: of the machine, which data exchange tells the guest; NULL for "hvsim"
 * @trace: file to which every packet is written, and on hvsim's bus every message
 *	of VMBus, as bytes and in words; NULL for none; it is emptied first
 * @no_negotiate: do not negotiate by itself when the guest opens a channel
 * @no_heartbeat: do not send heartbeats by itself
 * @no_time: do not send the time by itself, neither at once nor regularly
 * @no_kvp: do not tell the guest by itself what the host is, nor what it was to be
 *	told while it was away
 * @disks: files, or disks, that are the machine's, of which a backup can keep
 *	snapshots; stay the caller's as long as there is the host
 * @disk_count: how many
 *
 * All zero but @directory is what a real host does.
 */
struct hvsim_host_options {
	const char *directory;
	enum hvsim_bus_kind bus;
	uint32_t vmbus_version;
	const char *profile;
	const char *name;
	const char *trace;
	bool no_negotiate;
	bool no_heartbeat;
	bool no_time;
	bool no_kvp;
	char *const *disks;
	size_t disk_count;
};

int hvsim_host_new(struct hvsim_host **ret, sd_event *event,
		   const struct hvsim_host_options *options);
void hvsim_host_free(struct hvsim_host *host);
struct hvsim_control *hvsim_host_control(struct hvsim_host *host);
bool hvsim_host_can_rescind(const struct hvsim_host *host);
void hvsim_host_pause(struct hvsim_host *host);
void hvsim_host_save(struct hvsim_host *host);
void hvsim_host_resume(struct hvsim_host *host, int64_t gap_ms);
void hvsim_host_restore(struct hvsim_host *host, int64_t gap_ms, bool reoffer);

#endif
