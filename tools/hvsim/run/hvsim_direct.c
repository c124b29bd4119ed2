// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a machine on this machine's KVM, and a script or a shell beside it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_child.h"
#include "hvsim_control.h"
#include "hvsim_directory.h"
#include "hvsim_host.h"
#include "hvsim_log.h"
#include "hvsim_machine.h"
#include "hvsim_relay.h"
#include "hvsim_run.h"

#define USEC_PER_S	1000000ULL

/* For a guest to come up: some twenty times what it takes when nested. */
#define BOOT_LIMIT_S	120
/* For a script to do something about a guest that has panicked. */
#define PANIC_GRACE_S	5

/**
 * struct direct - a run
 * @options: what was told
 * @images: what the machine is made of
 * @output: directory for what the script, and the guest's console, leave
 * @directory: of the machine's sockets
 * @event: the loop
 * @host: the emulated host
 * @machine: the machine
 * @script: what is run beside it; NULL before
 * @boot_timer: runs until the guest is up for the first time
 * @grace_timer: runs since the guest has panicked
 */
struct direct {
	const struct hvsim_options *options;
	const struct hvsim_images *images;
	const char *output;
	char directory[PATH_MAX];
	sd_event *event;
	struct hvsim_host *host;
	struct hvsim_machine *machine;
	struct hvsim_child *script;
	sd_event_source *boot_timer;
	sd_event_source *grace_timer;
};

static bool is_interactive(const struct direct *direct)
{
	return !direct->options->script.count;
}

static void run_fail(struct direct *direct, const char *what, const char *log)
{
	warnx("run: %s", what);
	hvsim_log_show(direct->output, log, log);
	/* a person at a shell may want to look around */
	if (!is_interactive(direct) || !direct->script)
		sd_event_exit(direct->event, HVSIM_RUN_FAILED);
}

static void script_ended(int status, void *userdata)
{
	struct direct *direct = userdata;

	if (hvsim_machine_state(direct->machine) == HVSIM_MACHINE_PANICKED)
		run_fail(direct, "the guest's kernel panicked", "console.log");
	else
		sd_event_exit(direct->event, hvsim_child_exit_status(status));
}

static void shell_announce(const struct direct *direct)
{
	printf("The guest is up (%s; its console is in %s/console.log).\n"
	       "This is the host: hvsim status, hvsim shutdown, ... act on the guest; hvsim --help\n"
	       "lists all, hvsim console is a shell in the guest.  exit ends the machine.\n",
	       direct->options->profile ?: "default host", direct->output);
	fflush(stdout);
}

static int script_start(struct direct *direct)
{
	struct hvsim_argv environment = { 0 }, shell = { 0 };
	struct hvsim_child_options child = {
		.argv = &direct->options->script,
		.environment = &environment,
		.standard = { -1, -1, -1 },
		.own_group = !is_interactive(direct),
	};
	int err;

	hvsim_argv_addf(&environment, "HVSIM_CONTROL=%s/control.sock", direct->directory);
	hvsim_argv_addf(&environment, "HVSIM_OUTPUT=%s", direct->output);
	if (is_interactive(direct)) {
		shell_announce(direct);
		hvsim_argv_add(&environment, "PS1=host# ");
		hvsim_argv_add(&environment, "HISTFILE=");
		hvsim_argv_add(&shell, access("/bin/bash", X_OK) ? "/bin/sh" : "/bin/bash");
		if (!access("/bin/bash", X_OK))
			hvsim_argv_add(&shell, "--norc");
		hvsim_argv_add(&shell, "-i");
		child.argv = &shell;
	} else {
		/* the same, whether the terminal is near or, nested, far */
		child.standard[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	err = hvsim_child_new(&direct->script, direct->event, &child, script_ended, direct);
	if (child.standard[0] >= 0)
		close(child.standard[0]);
	hvsim_argv_free(&environment);
	hvsim_argv_free(&shell);
	return err;
}

static void guest_ready(void *userdata)
{
	struct direct *direct = userdata;
	int err;

	direct->boot_timer = sd_event_source_disable_unref(direct->boot_timer);
	if (direct->script)
		return;
	err = script_start(direct);
	if (err < 0) {
		warnx("run: cannot run %s: %s", direct->options->script.words ?
		      direct->options->script.words[0] : "a shell", strerror(-err));
		sd_event_exit(direct->event, HVSIM_RUN_FAILED);
	}
}

static int grace_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct direct *direct = userdata;

	(void)source;
	(void)usec;
	if (hvsim_machine_state(direct->machine) == HVSIM_MACHINE_PANICKED)
		run_fail(direct, "the guest's kernel panicked", "console.log");
	return 0;
}

static void guest_panicked(void *userdata)
{
	struct direct *direct = userdata;

	sd_event_source_disable_unref(direct->grace_timer);
	direct->grace_timer = NULL;
	if (sd_event_add_time_relative(direct->event, &direct->grace_timer, CLOCK_MONOTONIC,
				       PANIC_GRACE_S * USEC_PER_S, 0, grace_over, direct) < 0)
		sd_event_exit(direct->event, HVSIM_RUN_FAILED);
}

static void qemu_gone(int status, void *userdata)
{
	struct direct *direct = userdata;

	/* as it ends when the script has told it to */
	if (!status && direct->script)
		return;
	run_fail(direct, "QEMU ended", "qemu.log");
}

static int boot_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	run_fail(userdata, "the guest did not come up", "console.log");
	return 0;
}

static int time_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct direct *direct = userdata;

	(void)source;
	(void)usec;
	warnx("run: not done after %u s", direct->options->timeout_s);
	sd_event_exit(direct->event, HVSIM_RUN_TIMEOUT);
	return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct direct *direct = userdata;

	(void)source;
	/* a shell cares for ^C itself */
	if (info->ssi_signo == SIGINT && is_interactive(direct) && direct->script)
		return 0;
	sd_event_exit(direct->event, 128 + (int)info->ssi_signo);
	return 0;
}

static int loop_make(struct direct *direct)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	const struct hvsim_options *options = direct->options;
	sigset_t blocked;
	size_t i;
	int err;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);

	err = sd_event_new(&direct->event);
	for (i = 0; err >= 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		err = sd_event_add_signal(direct->event, NULL, signals[i], on_signal, direct);
	if (err >= 0)
		err = sd_event_add_time_relative(direct->event, &direct->boot_timer,
						 CLOCK_MONOTONIC, BOOT_LIMIT_S * USEC_PER_S, 0,
						 boot_over, direct);
	if (err >= 0 && options->timeout_s)
		err = sd_event_add_time_relative(direct->event, NULL, CLOCK_MONOTONIC,
						 options->timeout_s * USEC_PER_S, 0,
						 time_over, direct);
	return err;
}

static int host_start(struct direct *direct)
{
	const struct hvsim_options *options = direct->options;
	struct hvsim_host_options host = {
		.directory = direct->directory,
		.bus = options->bus,
		.vmbus_version = options->vmbus_version,
		.profile = options->profile,
		.name = options->name,
		.no_negotiate = options->no_negotiate,
		.no_heartbeat = options->no_heartbeat,
		.no_time = options->no_time,
		.no_kvp = options->no_kvp,
		.disks = options->disks.words,
		.disk_count = options->disks.count,
	};
	char trace[PATH_MAX];
	int err, port;

	snprintf(trace, sizeof(trace), "%s/trace.log", direct->output);
	if (options->trace)
		host.trace = trace;
	err = hvsim_host_new(&direct->host, direct->event, &host);
	if (err < 0 || !getenv(HVSIM_NESTED_VARIABLE))
		return err;
	/* who asks outside of the machine around this one */
	port = hvsim_relay_port_open();
	return port < 0 ? port : hvsim_control_attach(hvsim_host_control(direct->host), port);
}

static int machine_start(struct direct *direct)
{
	static const struct hvsim_machine_owner owner = {
		.ready = guest_ready,
		.panicked = guest_panicked,
		.gone = qemu_gone,
	};
	const struct hvsim_machine_options machine = {
		.run = direct->options,
		.images = direct->images,
		.host = direct->host,
		.directory = direct->directory,
		.logs = direct->output,
	};
	int err;

	err = hvsim_machine_new(&direct->machine, direct->event, &machine, &owner, direct);
	if (err < 0)
		return err;
	return hvsim_machine_register(direct->machine, hvsim_host_control(direct->host));
}

static int direct_loop(struct direct *direct)
{
	int err = loop_make(direct);

	if (err >= 0)
		err = host_start(direct);
	if (err >= 0)
		err = machine_start(direct);
	if (err >= 0 && direct->options->no_wait)
		err = script_start(direct);
	if (err < 0) {
		warnx("run: cannot start the machine: %s", strerror(-err));
		return HVSIM_RUN_FAILED;
	}
	err = sd_event_loop(direct->event);
	if (err < 0) {
		warnx("run: the event loop failed: %s", strerror(-err));
		return HVSIM_RUN_FAILED;
	}
	return err;
}

/**
 * hvsim_direct_run() - Run a machine on this machine's KVM.
 * @options: what was told
 * @images: what the machine is made of
 * @output: directory for what is left of the run; exists
 *
 * Return: exit status of the program.
 */
int hvsim_direct_run(const struct hvsim_options *options, const struct hvsim_images *images,
		     const char *output)
{
	struct direct direct = { .options = options, .images = images, .output = output };
	int err, status;

	/* scripts find their machine by its control socket; people, by its place */
	if (options->script.count && !options->name)
		err = hvsim_directory_make_temporary(direct.directory, sizeof(direct.directory));
	else
		err = hvsim_directory_make(direct.directory, sizeof(direct.directory),
					   options->name);
	if (err < 0)
		return HVSIM_RUN_UNFIT;
	status = direct_loop(&direct);
	hvsim_child_free(direct.script);
	hvsim_machine_free(direct.machine);
	hvsim_host_free(direct.host);
	sd_event_source_disable_unref(direct.boot_timer);
	sd_event_source_disable_unref(direct.grace_timer);
	sd_event_unref(direct.event);
	hvsim_directory_remove(direct.directory);
	return status;
}
