// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every daemon is as a program: a command line, signals, a loop, an end.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "hvd_config.h"
#include "hvd_log.h"
#include "hvd_memory.h"
#include "hvd_program.h"

struct command_line {
	bool foreground;
	bool debug;
	const char *config;	/* or NULL for the usual */
};

static void usage(const struct hvd_program *program)
{
	printf("usage: %s [OPTION]...\n"
	       "\n"
	       "%s"
	       "\n"
	       "  -n, --no-daemon, --foreground  stay in the foreground\n"
	       "  -d, --debug                    log each message\n"
	       "  -c, --config FILE              settings; default is " HVD_CONFIG_PATH "\n"
	       "  -h, --help                     show this\n"
	       "\n"
	       "Exit status: 0 when it was told to end, 1 for a failure, 2 for a mistake on the\n"
	       "command line. See %s(8) and hyperv-ics.conf(5).\n"
	       "%s", program->name, program->purpose, program->name, program->more ?: "");
}

/* Exit status; -1 to go on. */
static int options_take(const struct hvd_program *program, struct command_line *line, int argc,
			char **argv)
{
	const struct option options[] = {
		{ "no-daemon", no_argument, NULL, 'n' },
		{ "foreground", no_argument, NULL, 'n' },
		{ "debug", no_argument, NULL, 'd' },
		{ "debug-enabled", no_argument, NULL, 'd' },	/* as in-tree */
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ program->option ? program->option->name : NULL, required_argument, NULL, 'o' },
		{ 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "ndc:h", options, NULL)) != -1) {
		if (option == 'h') {
			usage(program);
			return EXIT_SUCCESS;
		}
		if (option == 'n')
			line->foreground = true;
		else if (option == 'd')
			line->debug = true;
		else if (option == 'c')
			line->config = optarg;
		else if (option != 'o' || program->option->take(program->data, optarg) < 0)
			return 2;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "%s: takes no argument '%s' (--help explains)\n", program->name,
		argv[optind]);
	return 2;
}

static int signals_take(sd_event *event)
{
	static const int ends[] = { SIGTERM, SIGINT };
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]) && err >= 0; i++) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, ends[i]);
		sigprocmask(SIG_BLOCK, &set, NULL);
		err = sd_event_add_signal(event, NULL, ends[i], NULL, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	/* a file that grows beyond a limit is an error like others */
	signal(SIGXFSZ, SIG_IGN);
	return err < 0 ? err : 0;
}

static int program_run(const struct hvd_program *program)
{
	sd_event *event = NULL;
	int err = sd_event_new(&event);

	if (err >= 0)
		err = signals_take(event);
	if (err >= 0)
		err = program->start(program->data, event);
	if (err >= 0) {
		hvd_memory_trim();
		sd_notifyf(0, "READY=1\nSTATUS=%s", program->waiting);
		err = program->run ? program->run(program->data, event) : sd_event_loop(event);
		sd_notify(0, "STOPPING=1");
	}
	if (err < 0)
		hvd_error("ends: %s", strerror(-err));
	program->end(program->data);
	sd_event_unref(event);
	return err;
}

/**
 * hvd_program_main() - Be a daemon, from its command line to its end.
 * @program: which
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * Files that it makes can be read by others, unless their mode says no.
 *
 * Return: exit status of the program: 0 when it was told to end, 1 for a failure, 2 for a
 * mistake on the command line.
 */
int hvd_program_main(const struct hvd_program *program, int argc, char **argv)
{
	struct command_line line = { 0 };
	int status = options_take(program, &line, argc, argv);

	if (status >= 0)
		return status;
	hvd_log_open(program->name, true, line.debug);
	/* mistakes are told while there is somebody to tell them to */
	if (program->configure(program->data, line.config ?: HVD_CONFIG_PATH, line.config) < 0)
		return EXIT_FAILURE;
	if (!line.foreground && daemon(0, 0) < 0) {
		hvd_error("cannot go to the background: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	hvd_log_open(program->name, line.foreground, line.debug);
	umask(022);
	return program_run(program) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
