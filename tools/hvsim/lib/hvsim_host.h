/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated host: plays Hyper-V's side of the integration services.
 */
#ifndef HVSIM_HOST_H
#define HVSIM_HOST_H

#include <stdbool.h>

#include <systemd/sd-event.h>

struct hvsim_control;
struct hvsim_host;

/**
 * struct hvsim_host_options - how a host is to behave
 * @directory: where it listens: <service>.sock for each service, for the
 *	plugin, and control.sock, for people; must exist
 * @profile: which Hyper-V it plays, a name of hvsim_profile.h; NULL for the
 *	default
 * @trace: file to which every packet is written, as bytes and in words; NULL
 *	for none; it is emptied first
 * @no_negotiate: do not negotiate by itself when the guest opens a channel
 * @no_heartbeat: do not send heartbeats by itself
 * @no_time: do not send the time by itself, neither at once nor regularly
 *
 * All zero but @directory is what a real host does.
 */
struct hvsim_host_options {
	const char *directory;
	const char *profile;
	const char *trace;
	bool no_negotiate;
	bool no_heartbeat;
	bool no_time;
};

int hvsim_host_new(struct hvsim_host **ret, sd_event *event,
		   const struct hvsim_host_options *options);
void hvsim_host_free(struct hvsim_host *host);
struct hvsim_control *hvsim_host_control(struct hvsim_host *host);

#endif
