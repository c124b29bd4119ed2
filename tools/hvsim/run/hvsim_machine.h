/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest on QEMU, with the emulated host beside it.
 */
#ifndef HVSIM_MACHINE_H
#define HVSIM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "hvsim_images.h"
#include "hvsim_options.h"
#include "hvsim_qmp.h"

struct hvsim_control;
struct hvsim_guest;
struct hvsim_host;
struct hvsim_machine;

/**
 * enum hvsim_machine_state - what a machine does
 * @HVSIM_MACHINE_RUNNING: the guest runs, or boots
 * @HVSIM_MACHINE_PAUSED: it stands still, and the host knows
 * @HVSIM_MACHINE_SAVED: it stands still, and the host is to forget it
 * @HVSIM_MACHINE_OFF: the guest has powered off; a reset starts it again
 * @HVSIM_MACHINE_PANICKED: the guest's kernel has given up
 * @HVSIM_MACHINE_GONE: QEMU has ended
 */
enum hvsim_machine_state {
	HVSIM_MACHINE_RUNNING,
	HVSIM_MACHINE_PAUSED,
	HVSIM_MACHINE_SAVED,
	HVSIM_MACHINE_OFF,
	HVSIM_MACHINE_PANICKED,
	HVSIM_MACHINE_GONE,
};

/**
 * struct hvsim_machine_owner - who runs a machine
 * @ready: the guest is up, for the first time or again
 * @panicked: the guest's kernel has given up
 * @gone: QEMU has ended; @status as of waitpid()
 */
struct hvsim_machine_owner {
	void (*ready)(void *userdata);
	void (*panicked)(void *userdata);
	void (*gone)(int status, void *userdata);
};

/**
 * struct hvsim_machine_options - how a machine is to be made
 * @run: what was told
 * @images: what it is made of
 * @host: that it runs on; outlives it
 * @directory: where its sockets are; in it the host listens already
 * @logs: where to write console.log and qemu.log
 */
struct hvsim_machine_options {
	const struct hvsim_options *run;
	const struct hvsim_images *images;
	struct hvsim_host *host;
	const char *directory;
	const char *logs;
};

int hvsim_machine_new(struct hvsim_machine **ret, sd_event *event,
		      const struct hvsim_machine_options *options,
		      const struct hvsim_machine_owner *owner, void *userdata);
void hvsim_machine_free(struct hvsim_machine *machine);

enum hvsim_machine_state hvsim_machine_state(const struct hvsim_machine *machine);
bool hvsim_machine_is_stopped(const struct hvsim_machine *machine);
struct hvsim_host *hvsim_machine_host(struct hvsim_machine *machine);
struct hvsim_guest *hvsim_machine_guest(struct hvsim_machine *machine);
const char *hvsim_machine_directory(const struct hvsim_machine *machine);
const char *hvsim_machine_logs(const struct hvsim_machine *machine);
pid_t hvsim_machine_pid(const struct hvsim_machine *machine);
int hvsim_machine_reset(struct hvsim_machine *machine, hvsim_qmp_reply reply, void *userdata);
int hvsim_machine_quit(struct hvsim_machine *machine, hvsim_qmp_reply reply, void *userdata);
int hvsim_machine_stop(struct hvsim_machine *machine, bool save, hvsim_qmp_reply reply,
		       void *userdata);
int hvsim_machine_continue(struct hvsim_machine *machine, int64_t gap_ms, bool reoffer,
			   hvsim_qmp_reply reply, void *userdata);

int hvsim_machine_register(struct hvsim_machine *machine, struct hvsim_control *control);

#endif
