// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs of network managers that have no other way in.
 *
 * What ifup starts (a DHCP client) outlives it, writes where this daemon may not and has
 * rights that it has not.  So it is systemd that runs them, as a unit of their own.  Only
 * without systemd they are children of the daemon.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hvd_log.h"
#include "hvd_text.h"
#include "kvp/net/bus.h"
#include "kvp/net/command.h"

/*
 * struct kvp_command - a program that runs
 * @bus: by which systemd was asked; NULL for a child
 * @unit: its name there
 * @job: path of the job that is waited for
 * @pid: of a child that is not reaped; 0 for none
 * @fd: of the child
 */
struct kvp_command {
	struct kvp_net *net;
	char name[256];
	sd_event_source *timer;
	sd_bus *bus;
	char unit[64];
	char job[128];
	pid_t pid;
	int fd;
	sd_event_source *source;
	void (*done)(int err, void *userdata);
	void *userdata;
};

static const struct kvp_bus_object systemd = {
	"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
};

/* Which may free the command. */
static void command_finish(struct kvp_command *command, int err)
{
	sd_event_source_set_enabled(command->timer, SD_EVENT_OFF);
	if (err)
		hvd_error("%s failed: %s", command->name,
			  err == -ECHILD ? "see its own messages" : strerror(-err));
	command->done(err, command->userdata);
}

static void command_stop(struct kvp_command *command)
{
	if (command->bus && command->job[0])
		kvp_bus_call(command->net, NULL, &systemd, "KillUnit", "ssi", command->unit, "all",
			     SIGKILL);
	command->job[0] = '\0';
	if (command->pid <= 0)
		return;
	kill(-command->pid, SIGKILL);
	waitpid(command->pid, NULL, 0);
	command->pid = 0;
}

static int command_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct kvp_command *command = userdata;

	(void)source;
	(void)usec;
	command_stop(command);
	command_finish(command, -ETIMEDOUT);
	return 0;
}

static int command_on_exit(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct kvp_command *command = userdata;
	siginfo_t info = { 0 };

	(void)source;
	(void)fd;
	(void)revents;
	if (waitid(P_PIDFD, (id_t)command->fd, &info, WEXITED | WNOHANG) < 0 || !info.si_pid)
		return 0;
	command->pid = 0;
	sd_event_source_set_enabled(command->source, SD_EVENT_OFF);
	command_finish(command, info.si_code == CLD_EXITED && !info.si_status ? 0 : -ECHILD);
	return 0;
}

static int command_on_job(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
	struct kvp_command *command = userdata;
	const char *job, *unit, *result;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0 ||
	    strcmp(job, command->job))
		return 0;
	command->job[0] = '\0';
	command_finish(command, strcmp(result, "done") ? -ECHILD : 0);
	return 0;
}

static int unit_append(sd_bus_message *message, const struct kvp_command *command,
		       const char *const argv[])
{
	static const struct { char type; const char *contents, *text; } nest[] = {
		{ 'r', "sv", "ExecStart" }, { 'v', "a(sasb)" }, { 'a', "(sasb)" }, { 'r', "sasb" },
	};
	size_t i;
	int err;

	err = sd_bus_message_append(message, "ss", command->unit, "replace");
	if (err >= 0)
		err = sd_bus_message_open_container(message, 'a', "(sv)");
	if (err >= 0)
		err = sd_bus_message_append(message, "(sv)(sv)(sv)(sv)(sv)",
					    "Description", "s", "Network setting from the host",
					    "Type", "s", "oneshot",
					    "KillMode", "s", "process",
					    "CollectMode", "s", "inactive-or-failed",
					    "DefaultDependencies", "b", 0);
	for (i = 0; err >= 0 && i < sizeof(nest) / sizeof(nest[0]); i++) {
		err = sd_bus_message_open_container(message, nest[i].type, nest[i].contents);
		if (err >= 0 && nest[i].text)
			err = sd_bus_message_append(message, "s", nest[i].text);
	}
	if (err >= 0)
		err = sd_bus_message_append(message, "s", argv[0]);
	if (err >= 0)
		err = sd_bus_message_append_strv(message, (char **)argv);
	if (err >= 0)
		err = sd_bus_message_append(message, "b", 0);
	for (i = 0; err >= 0 && i <= sizeof(nest) / sizeof(nest[0]); i++)
		err = sd_bus_message_close_container(message);
	return err < 0 ? err : sd_bus_message_append(message, "a(sa(sv))", 0);
}

/* Asks on a connection of its own, whose signals come by the loop. */
static int unit_start(struct kvp_command *command, const char *const argv[])
{
	sd_bus_message *message = NULL, *reply = NULL;
	const char *job;
	int err;

	snprintf(command->unit, sizeof(command->unit), "hv-kvp-network-%d-%u.service", getpid(),
		 ++command->net->units);
	err = sd_bus_open_system(&command->bus);
	if (err >= 0)
		err = sd_bus_attach_event(command->bus, command->net->event, 0);
	if (err >= 0)
		err = sd_bus_match_signal(command->bus, NULL, systemd.service, systemd.path,
					  systemd.interface, "JobRemoved", command_on_job, command);
	if (err >= 0)
		err = sd_bus_call_method(command->bus, systemd.service, systemd.path,
					 systemd.interface, "Subscribe", NULL, NULL, NULL);
	if (err >= 0)
		err = sd_bus_message_new_method_call(command->bus, &message, systemd.service,
						     systemd.path, systemd.interface,
						     "StartTransientUnit");
	if (err >= 0)
		err = unit_append(message, command, argv);
	if (err >= 0)
		err = sd_bus_call(command->bus, message, 0, NULL, &reply);
	if (err >= 0)
		err = sd_bus_message_read(reply, "o", &job);
	if (err >= 0)
		err = hvd_text_copy(command->job, sizeof(command->job), job);
	sd_bus_message_unref(message);
	sd_bus_message_unref(reply);
	return err < 0 ? err : 0;
}

static int child_start(struct kvp_command *command, const char *const argv[])
{
	static char *const environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL,
	};
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	/* signals are our own affair, and a script's pipes its own */
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	err = posix_spawn(&command->pid, argv[0], NULL, &attr, (char *const *)argv, environment);
	posix_spawnattr_destroy(&attr);
	if (err) {
		command->pid = 0;
		return -err;
	}
	command->fd = pidfd_open(command->pid, 0);
	if (command->fd < 0)
		return -errno;
	return sd_event_add_io(command->net->event, &command->source, command->fd, EPOLLIN,
			       command_on_exit, command);
}

/**
 * kvp_command_run() - Run a program, and go on.
 * @ret: the program, to be freed also when it is done
 * @net: the network
 * @argv: its path and arguments, NULL behind the last; no shell sees them
 * @seconds: after which it is killed
 * @done: told once how it ended: 0, -ECHILD when it failed, -ETIMEDOUT; it may free the
 *	program
 * @userdata: for @done
 *
 * Return: 0; -ENOENT when there is no such program; another negative errno when it cannot
 * be started; @done is then not told.
 */
int kvp_command_run(struct kvp_command **ret, struct kvp_net *net, const char *const argv[],
		    unsigned int seconds, void (*done)(int err, void *userdata), void *userdata)
{
	struct kvp_command *command = calloc(1, sizeof(*command));
	int err;

	if (!command)
		return -ENOMEM;
	*command = (struct kvp_command){
		.net = net, .fd = -1, .done = done, .userdata = userdata,
	};
	snprintf(command->name, sizeof(command->name), "%s", argv[0]);
	if (access(argv[0], X_OK) < 0)
		err = -errno;
	else if (!*net->root && !access("/run/systemd/system", F_OK))
		err = unit_start(command, argv);
	else
		err = child_start(command, argv);
	if (err >= 0)
		err = sd_event_add_time_relative(net->event, &command->timer, CLOCK_MONOTONIC,
						 seconds * 1000000ULL, 0, command_on_timer,
						 command);
	if (err < 0) {
		hvd_error("cannot run %s: %s", argv[0], strerror(-err));
		kvp_command_free(command);
		return err;
	}
	*ret = command;
	return 0;
}

/**
 * kvp_command_free() - Forget a program, and kill it if it still runs.
 * @command: may be NULL
 */
void kvp_command_free(struct kvp_command *command)
{
	if (!command)
		return;
	command_stop(command);
	sd_event_source_disable_unref(command->timer);
	sd_event_source_disable_unref(command->source);
	sd_bus_flush_close_unref(command->bus);
	if (command->fd >= 0)
		close(command->fd);
	free(command);
}
