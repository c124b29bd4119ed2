// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvic: what Hyper-V's integration services are about in this guest, for people.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hvd_log.h"
#include "cmd.h"

static const struct {
	const char *name;
	int (*main)(struct hvic_setup *setup, int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "kvp", hvic_kvp_main, "Show and change keys and values that the host sees" },
	{ "vss", hvic_vss_main, "Show what a backup freezes and how the last one went; try one" },
	{ "copy", hvic_copy_main, "Show what files the host has copied into this guest" },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: hvic [--json] [--config FILE] COMMAND [ARGUMENT]...\n"
		"\n"
		"Shows and changes what a Hyper-V host and this guest tell each other.\n"
		"\n");
	for (i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(to, "\n"
		"  --json         show results as JSON\n"
		"  --config FILE  settings; default is /etc/hyperv-ics.conf\n"
		"\n"
		"hvic COMMAND --help tells more, with an example.\n"
		"Exit status: 0 when all is well, 1 when something is not there or could not be\n"
		"done, 2 for a mistake on the command line.\n");
}

static int command_run(struct hvic_setup *setup, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, argv[0]))
			return commands[i].main(setup, argc, argv);
	fprintf(stderr, "hvic: there is no command '%s'; hvic --help lists all\n", argv[0]);
	return HVIC_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct hvic_setup setup = { 0 };
	int option;

	hvd_log_open("hvic", true, false);
	opterr = 0;
	umask(022);	/* the host's daemon reads what is made here, and others do */
	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			setup.json = true;
			break;
		case 'c':
			setup.config = optarg;
			break;
		case 'h':
			usage(stdout);
			return HVIC_EXIT_OK;
		default:
			fprintf(stderr, "hvic: there is no option '%s', or it lacks its argument; "
				"hvic --help explains\n", argv[optind - 1]);
			return HVIC_EXIT_USAGE;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return HVIC_EXIT_USAGE;
	}
	return command_run(&setup, argc - optind, argv + optind);
}
