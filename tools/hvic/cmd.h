/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of hvic.
 */
#ifndef HVIC_CMD_H
#define HVIC_CMD_H

#include <stdbool.h>

/* Exit status. */
enum hvic_exit {
	HVIC_EXIT_OK	= 0,
	HVIC_EXIT_NO	= 1,	/* it is not there, or could not be done */
	HVIC_EXIT_USAGE	= 2,	/* a mistake on the command line */
};

/**
 * struct hvic_setup - what is given before the command
 * @json: whether results are wanted as JSON
 * @config: the settings; %NULL for those of the system
 */
struct hvic_setup {
	bool json;
	const char *config;
};

int hvic_copy_main(struct hvic_setup *setup, int argc, char **argv);
int hvic_kvp_main(struct hvic_setup *setup, int argc, char **argv);
int hvic_vss_main(struct hvic_setup *setup, int argc, char **argv);

#endif
