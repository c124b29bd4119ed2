// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim: an emulated Hyper-V host for Linux guests.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/hvsim_cmd.h"
#include "run/hvsim_run.h"

static void help_print(FILE *to)
{
	const struct hvsim_verb *verb;

	fprintf(to, "usage: hvsim [--json] [--name NAME] [--control SOCKET] COMMAND [ARGUMENT]...\n"
		"\n"
		"Plays a Hyper-V host to a Linux guest, anywhere.\n"
		"\n"
		"  run              Boot a guest, and give you a shell or run a script beside it\n"
		"  list             Show the machines that run\n"
		"\nOf a machine that runs:\n\n"
		"  console          Give you a shell in the guest\n"
		"  socket           Connect to a program in the guest, or be connected to by one\n"
		"  ps               Log in to the guest as PowerShell Direct does, and run a command\n"
		"  fuzz             Send hostile packets, and see whether the guest still answers\n");
	for (verb = hvsim_verbs; verb->name; verb++)
		fprintf(to, "  %-16s %s\n", verb->name, verb->summary);
	fprintf(to, "\n"
		"  --json            show results as JSON\n"
		"  --name NAME       the machine that was given that name\n"
		"  --control SOCKET  the machine with that control socket; default is that of\n"
		"                    $HVSIM_CONTROL, then the machine without a name\n"
		"\n"
		"hvsim COMMAND --help tells more, with an example.\n"
		"Exit status: 0 when all is well, 1 when the machine or the guest said no, 2 for\n"
		"a mistake on the command line, 3 when no machine runs.\n");
}

/* The verb that the words begin with, and how many they are. */
static const struct hvsim_verb *verb_find(int argc, char **argv, int *words)
{
	const struct hvsim_verb *verb, *found = NULL;
	size_t len = strlen(argv[0]);

	*words = 1;
	for (verb = hvsim_verbs; verb->name; verb++) {
		if (!strcmp(verb->name, argv[0]))
			found = verb;
		if (argc > 1 && !strncmp(verb->name, argv[0], len) && verb->name[len] == ' ' &&
		    !strcmp(verb->name + len + 1, argv[1])) {
			*words = 2;
			return verb;
		}
	}
	return found;
}

/* What is about one thing is told together. */
static void group_help_print(const char *name)
{
	const struct hvsim_verb *verb;
	const char *before = "\nSee also:\n";
	size_t len = strlen(name);

	for (verb = hvsim_verbs; verb->name; verb++) {
		if (strncmp(verb->name, name, len) || verb->name[len] != ' ')
			continue;
		printf("%s  hvsim %-16s %s\n", before, verb->name, verb->summary);
		before = "";
	}
}

static int command_run(struct hvsim_setup *setup, int argc, char **argv)
{
	const struct hvsim_verb *verb;
	int words, status;

	if (!strcmp(argv[0], "run"))
		return hvsim_run_main(argc, argv);
	if (!strcmp(argv[0], "list"))
		return hvsim_list_main(setup, argc, argv);
	if (!strcmp(argv[0], "console"))
		return hvsim_console_main(setup, argc, argv);
	if (!strcmp(argv[0], "fuzz"))
		return hvsim_fuzz_main(setup, argc, argv);
	if (!strcmp(argv[0], "socket"))
		return hvsim_bridge_main(setup, argc, argv);
	if (!strcmp(argv[0], "ps"))
		return hvsim_ps_main(setup, argc, argv);
	verb = verb_find(argc, argv, &words);
	if (!verb) {
		fprintf(stderr, "hvsim: there is no command '%s'; hvsim --help lists all\n",
			argv[0]);
		return HVSIM_EXIT_USAGE;
	}
	status = hvsim_verb_run(verb, setup, argc - words + 1, argv + words - 1);
	if (words == 1 && argc == 2 && !strcmp(argv[1], "--help"))
		group_help_print(argv[0]);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "control", required_argument, NULL, 'c' },
		{ "name", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct hvsim_setup setup = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			setup.json = true;
			break;
		case 'c':
			setup.control = optarg;
			break;
		case 'n':
			if (hvsim_setup_name(&setup, optarg) < 0)
				return HVSIM_EXIT_USAGE;
			break;
		case 'h':
			help_print(stdout);
			return HVSIM_EXIT_OK;
		default:
			return HVSIM_EXIT_USAGE;
		}
	}
	if (optind == argc) {
		help_print(stderr);
		return HVSIM_EXIT_USAGE;
	}
	return command_run(&setup, argc - optind, argv + optind);
}
