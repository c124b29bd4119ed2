/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that run beside an event loop, and must not outlive it.
 */
#ifndef HVSIM_CHILD_H
#define HVSIM_CHILD_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "hvsim_argv.h"

/* Most descriptors that a child is given. */
#define HVSIM_CHILD_FDS	8

struct hvsim_child;

/**
 * struct hvsim_child_options - how a program is to be run
 * @argv: the program, sought in $PATH, and its arguments
 * @environment: NAME=VALUE, added to that of the caller; may be NULL
 * @fds: descriptors that it keeps, besides the standard ones
 * @nr_fds: their number
 * @standard: its standard input, output and error; -1 for those of the caller
 * @own_group: have a process group for it and its children, out of reach of the
 *	terminal's keys
 */
struct hvsim_child_options {
	const struct hvsim_argv *argv;
	const struct hvsim_argv *environment;
	int fds[HVSIM_CHILD_FDS];
	unsigned int nr_fds;
	int standard[3];
	bool own_group;
};

int hvsim_child_new(struct hvsim_child **ret, sd_event *event,
		    const struct hvsim_child_options *options,
		    void (*ended)(int status, void *userdata), void *userdata);
void hvsim_child_free(struct hvsim_child *child);
void hvsim_child_signal(struct hvsim_child *child, int number);
pid_t hvsim_child_pid(const struct hvsim_child *child);
int hvsim_child_socket(struct hvsim_child_options *options, int *ours);
int hvsim_child_exit_status(int status);

#endif
