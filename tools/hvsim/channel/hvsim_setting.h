/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all parts of an emulated host have in common: the options that it was started
 * with, its control socket, its journal, its bus.
 */
#ifndef HVSIM_SETTING_H
#define HVSIM_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct hvsim_control;
struct hvsim_journal;
struct hvsim_profile;
struct hvsim_root;

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

/**
 * struct hvsim_setting - what all parts of a host live in
 * @event: the loop
 * @control: where it tells what happened
 * @journal: where it notes what should not have
 * @root: hvsim's bus; NULL on QEMU's
 * @profile: which Hyper-V it plays
 * @options: of the host
 * @gap_ms: by how much the host's clock has moved on while the machine was
 *	paused or saved, beyond what has really passed, in ms
 */
struct hvsim_setting {
	sd_event *event;
	struct hvsim_control *control;
	struct hvsim_journal *journal;
	struct hvsim_root *root;
	const struct hvsim_profile *profile;
	struct hvsim_host_options options;
	int64_t gap_ms;
};

#endif
