/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every daemon is as a program: a command line, signals, a loop, an end.
 */
#ifndef HVD_PROGRAM_H
#define HVD_PROGRAM_H

#include <stdbool.h>

#include <systemd/sd-event.h>

/**
 * struct hvd_program_option - an option that one daemon only has
 * @name: without the dashes; it always has an argument
 * @take: its argument stays; 0, or a negative errno for a wrong one, of which it has told
 */
struct hvd_program_option {
	const char *name;
	int (*take)(void *data, const char *argument);
};

/**
 * struct hvd_program - what sets one daemon apart
 * @name: of the program and its manual
 * @purpose: what --help says of it, in whole lines
 * @more: likewise, at the end; may be %NULL
 * @waiting: what systemd shows while it runs
 * @configure: read the settings from @path, which @needed says must be there, and tell
 *	what is wrong with them: 0, or a negative errno
 * @start: begin to serve: 0, or a negative errno
 * @run: until the loop ends: 0, or a negative errno; %NULL for sd_event_loop()
 * @end: give back all, whatever of it there is
 * @option: an option of its own, which @more explains; %NULL for none
 * @data: for those
 */
struct hvd_program {
	const char *name;
	const char *purpose;
	const char *more;
	const char *waiting;
	int (*configure)(void *data, const char *path, bool needed);
	int (*start)(void *data, sd_event *event);
	int (*run)(void *data, sd_event *event);
	void (*end)(void *data);
	const struct hvd_program_option *option;
	void *data;
};

int hvd_program_main(const struct hvd_program *program, int argc, char **argv);

#endif
