// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest on QEMU, with the emulated host beside it.
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
#include "hvsim_disk.h"
#include "hvsim_guest.h"
#include "hvsim_host.h"
#include "hvsim_ic.h"
#include "hvsim_json.h"
#include "hvsim_machine.h"
#include "hvsim_stream.h"

/* What the guest must see to take QEMU for Hyper-V, and KVM for nothing. */
#define CPU_FLAGS	"host,kvm=off,hv-relaxed,hv-vapic,hv-time,hv-vpindex,hv-synic,hv-stimer," \
			"hv-runtime,hv-reset,hv-frequencies,hv-stimer-direct"

/* As the kernel announces that it has given up. */
#define PANIC_SIGN	"Kernel panic - not syncing"

/* Longest line of the guest's console that is looked at as a whole. */
#define CONSOLE_LINE_MAX	512

/* Between a reset and the one with which the firmware follows it, when nested. */
#define FIRMWARE_RESET_USEC	3000000

/**
 * struct turn - a machine that is about to stand still, or to go on
 * @reply: to be told; NULL when there is none
 * @userdata: for @reply
 * @state: that follows
 * @gap_ms: see hvsim_host_resume()
 * @reoffer: see hvsim_host_restore()
 */
struct turn {
	hvsim_qmp_reply reply;
	void *userdata;
	enum hvsim_machine_state state;
	int64_t gap_ms;
	bool reoffer;
};

struct hvsim_machine {
	sd_event *event;
	struct hvsim_host *host;
	struct hvsim_control *control;
	const struct hvsim_machine_owner *owner;
	void *userdata;
	char *directory;
	char *logs;
	enum hvsim_machine_state state;
	struct turn turn;		/* one at a time */
	uint64_t reset_usec;		/* of the last reset, on the monotonic clock */
	struct hvsim_child *qemu;
	struct hvsim_qmp *qmp;
	struct hvsim_guest *guest;
	struct hvsim_stream *console;
	int console_log;
	char line[CONSOLE_LINE_MAX];	/* of the console, as far as it has come */
	size_t line_len;
};

static void machine_on_ready(void *userdata)
{
	struct hvsim_machine *machine = userdata;

	hvsim_control_emit(machine->control, "guest-ready", NULL);
	machine->owner->ready(machine->userdata);
}

static bool data_is_from_guest(struct json_object *data)
{
	struct json_object *guest;

	return json_object_object_get_ex(data, "guest", &guest) &&
	       json_object_get_boolean(guest);
}

static void on_shutdown(struct hvsim_machine *machine, struct json_object *data)
{
	if (!data_is_from_guest(data))
		return;
	machine->state = HVSIM_MACHINE_OFF;
	hvsim_guest_reset(machine->guest);
	hvsim_control_emit(machine->control, "guest-poweroff", NULL);
}

static void on_reset(struct hvsim_machine *machine, struct json_object *data)
{
	bool by_guest = data_is_from_guest(data), firmware = false;
	struct json_object *told;
	uint64_t now = 0;

	/* the firmware resets once more to get its memory as it was at power-on */
	sd_event_now(machine->event, CLOCK_MONOTONIC, &now);
	if (by_guest && !hvsim_guest_is_ready(machine->guest))
		firmware = now - machine->reset_usec < FIRMWARE_RESET_USEC;
	machine->reset_usec = now;

	/* QEMU stops when a guest powers off, or is paused, and does not go on by itself */
	if (machine->state == HVSIM_MACHINE_OFF || hvsim_machine_is_stopped(machine))
		hvsim_qmp_call(machine->qmp, "cont", NULL, NULL);
	if (hvsim_machine_is_stopped(machine))
		hvsim_host_resume(machine->host, 0);
	machine->state = HVSIM_MACHINE_RUNNING;
	hvsim_guest_reset(machine->guest);
	if (firmware)
		return;
	told = json_object_new_object();
	hvsim_json_add_bool(told, "by-guest", by_guest);
	hvsim_control_emit(machine->control, "guest-reset", told);
}

/* The agent's port is the only one of its kind. */
static void on_port(struct hvsim_machine *machine, struct json_object *data)
{
	struct json_object *open;

	if (!json_object_object_get_ex(data, "open", &open))
		return;
	/* a kernel that is started by another one, by kexec, resets no machine */
	hvsim_guest_reset(machine->guest);
	if (json_object_get_boolean(open))
		hvsim_guest_hail(machine->guest);
}

static void machine_on_event(const char *name, struct json_object *data, void *userdata)
{
	struct hvsim_machine *machine = userdata;

	if (!strcmp(name, "SHUTDOWN"))
		on_shutdown(machine, data);
	else if (!strcmp(name, "RESET"))
		on_reset(machine, data);
	else if (!strcmp(name, "VSERPORT_CHANGE"))
		on_port(machine, data);
	else if (!strcmp(name, "SUSPEND_DISK"))
		hvsim_control_emit(machine->control, "guest-hibernate", NULL);
}

static void line_handle(struct hvsim_machine *machine)
{
	struct json_object *data;
	char *sign;

	machine->line[machine->line_len] = '\0';
	machine->line_len = 0;
	sign = strstr(machine->line, PANIC_SIGN);
	if (!sign || machine->state == HVSIM_MACHINE_PANICKED)
		return;
	machine->state = HVSIM_MACHINE_PANICKED;
	data = json_object_new_object();
	hvsim_json_add_string(data, "message", sign);
	hvsim_control_emit(machine->control, "guest-panicked", data);
	machine->owner->panicked(machine->userdata);
}

static ptrdiff_t console_received(const uint8_t *bytes, size_t len, void *userdata)
{
	struct hvsim_machine *machine = userdata;
	size_t i;

	/* the log is for people: the machine goes on without */
	if (machine->console_log >= 0 && write(machine->console_log, bytes, len) < 0) {
		warn("run: the guest's console.log");
		close(machine->console_log);
		machine->console_log = -1;
	}
	for (i = 0; i < len; i++) {
		if (bytes[i] == '\r')
			continue;
		if (bytes[i] == '\n' || machine->line_len == CONSOLE_LINE_MAX - 1)
			line_handle(machine);
		else
			machine->line[machine->line_len++] = (char)bytes[i];
	}
	return (ptrdiff_t)len;
}

static void console_closed(void *userdata)
{
	struct hvsim_machine *machine = userdata;

	hvsim_stream_free(machine->console);
	machine->console = NULL;
}

static void machine_on_end(int status, void *userdata)
{
	struct hvsim_machine *machine = userdata;
	struct json_object *data = json_object_new_object();

	machine->state = HVSIM_MACHINE_GONE;
	hvsim_guest_reset(machine->guest);
	hvsim_json_add_int(data, "status", hvsim_child_exit_status(status));
	hvsim_control_emit(machine->control, "machine-exit", data);
	machine->owner->gone(status, machine->userdata);
}

static void argv_chardev(struct hvsim_argv *argv, const char *directory, const char *name)
{
	hvsim_argv_add(argv, "-chardev");
	hvsim_argv_addf(argv, "socket,id=%s,path=%s/%s.sock", name, directory, name);
	hvsim_argv_add(argv, "-device");
}

static void argv_bus(struct hvsim_argv *argv, enum hvsim_bus_kind bus, const char *directory)
{
	char path[PATH_MAX];
	size_t i;

	if (bus == HVSIM_BUS_HVSIM) {
		argv_chardev(argv, directory, "bus");
		hvsim_argv_add(argv, "hvsim-vmbus,chardev=bus");
		return;
	}
	hvsim_argv_add(argv, "-device");
	hvsim_argv_add(argv, "vmbus-bridge");
	for (i = 0; i < HVSIM_NR_SERVICES; i++) {
		const char *name = hvsim_ics[i].name;

		snprintf(path, sizeof(path), "%s/%s.sock", directory, name);
		/* the host listens for those that it has */
		if (access(path, F_OK) < 0)
			continue;
		argv_chardev(argv, directory, name);
		hvsim_argv_addf(argv, "hv-ic-%s,chardev=%s", name, name);
	}
}

static void argv_base(struct hvsim_argv *argv, const struct hvsim_machine_options *options)
{
	const struct hvsim_options *run = options->run;
	const char *const fixed[] = {
		options->images->qemu, "-accel", "kvm", "-cpu", CPU_FLAGS, "-nodefaults",
		"-no-user-config", "-display", "none", "-no-shutdown",
		"-kernel", options->images->kernel, "-initrd", options->images->initrd,
	};
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		hvsim_argv_add(argv, fixed[i]);
	hvsim_argv_add(argv, "-append");
	hvsim_argv_addf(argv, "console=ttyS0 quiet mitigations=off cryptomgr.notests%s%s",
			run->append ? " " : "", run->append ?: "");
	hvsim_argv_add(argv, "-smp");
	hvsim_argv_addf(argv, "%u", run->smp);
	hvsim_argv_add(argv, "-m");
	hvsim_argv_addf(argv, "%u", run->memory_mb);
}

/* Adds a chardev over a socket of ours. */
static int argv_socket(struct hvsim_argv *argv, struct hvsim_child_options *child,
		       const char *id, int *ours)
{
	int theirs = hvsim_child_socket(child, ours);

	if (theirs < 0)
		return theirs;
	hvsim_argv_add(argv, "-chardev");
	hvsim_argv_addf(argv, "socket,id=%s,fd=%d", id, theirs);
	return 0;
}

/**
 * struct sockets - our ends of what leads to QEMU
 * @qmp: monitor
 * @console: the guest's serial console
 * @agent: the guest's agent
 */
struct sockets {
	int qmp;
	int console;
	int agent;
};

static int argv_sockets(struct hvsim_argv *argv, struct hvsim_child_options *child,
			struct sockets *sockets, const char *directory)
{
	const char *const devices[] = {
		"-mon", "chardev=qmp,mode=control", "-serial", "chardev:console",
		/* each port costs a nested guest some 10 ms, and there would be 31 */
		"-device", "virtio-serial,max_ports=2", "-device", "virtconsole,chardev=shell",
		"-device", "virtserialport,id=agent,chardev=agent,name=hvsim.agent",
	};
	size_t i;
	int err;

	err = argv_socket(argv, child, "qmp", &sockets->qmp);
	if (!err)
		err = argv_socket(argv, child, "console", &sockets->console);
	if (!err)
		err = argv_socket(argv, child, "agent", &sockets->agent);
	hvsim_argv_add(argv, "-chardev");
	hvsim_argv_addf(argv, "socket,id=shell,path=%s/shell.sock,server=on,wait=off", directory);
	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		hvsim_argv_add(argv, devices[i]);
	return err;
}

static int log_open(const char *directory, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
	return fd < 0 ? -errno : fd;
}

static int sockets_attach(struct hvsim_machine *machine, const struct sockets *sockets)
{
	static const struct hvsim_stream_owner console_owner = {
		.received = console_received,
		.closed = console_closed,
		.most = 0,
	};
	int err, err2, err3;

	/* each of these owns its socket from now on, also when it fails */
	err = hvsim_qmp_new(&machine->qmp, machine->event, sockets->qmp, machine_on_event, machine);
	err2 = hvsim_stream_new(&machine->console, machine->event, sockets->console,
				&console_owner, machine);
	err3 = hvsim_guest_new(&machine->guest, machine->event, sockets->agent, machine_on_ready,
			       machine);
	return err ?: err2 ?: err3;
}

static int qemu_run(struct hvsim_machine *machine, struct hvsim_child_options *child)
{
	int log = log_open(machine->logs, "qemu.log");
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int err = log < 0 ? log : 0;

	child->standard[0] = null;
	child->standard[1] = log;
	child->standard[2] = log;
	if (!err)
		err = hvsim_child_new(&machine->qemu, machine->event, child, machine_on_end,
				      machine);
	close(null);
	if (log >= 0)
		close(log);
	return err;
}

static int qemu_start(struct hvsim_machine *machine, const struct hvsim_machine_options *options)
{
	struct sockets sockets = { -1, -1, -1 };
	struct hvsim_argv argv = { 0 }, environment = { 0 };
	struct hvsim_child_options child = {
		.argv = &argv,
		.environment = &environment,
		.own_group = true,
	};
	unsigned int i;
	int err;

	argv_base(&argv, options);
	argv_bus(&argv, options->run->bus, options->directory);
	hvsim_disk_add(&argv, options->run);
	err = argv_sockets(&argv, &child, &sockets, options->directory);
	for (i = 0; i < options->run->qemu_args.count; i++)
		hvsim_argv_add(&argv, options->run->qemu_args.words[i]);
	hvsim_argv_addf(&environment, "LD_PRELOAD=%s", options->images->plugin);
	if (!err)
		err = qemu_run(machine, &child);
	for (i = 0; i < child.nr_fds; i++)
		close(child.fds[i]);
	if (!err)
		err = sockets_attach(machine, &sockets);
	hvsim_argv_free(&argv);
	hvsim_argv_free(&environment);
	return err;
}

/**
 * hvsim_machine_new() - Start a guest.
 * @ret: the machine
 * @event: the loop; SIGCHLD must be blocked
 * @options: how; borrowed for the call, but for the strings' contents
 * @owner: told of the guest
 * @userdata: for @owner
 *
 * Return: 0; -ENOMEM; the errno of what failed.
 */
int hvsim_machine_new(struct hvsim_machine **ret, sd_event *event,
		      const struct hvsim_machine_options *options,
		      const struct hvsim_machine_owner *owner, void *userdata)
{
	struct hvsim_machine *machine;
	int err;

	machine = calloc(1, sizeof(*machine));
	if (!machine)
		return -ENOMEM;
	machine->event = event;
	machine->host = options->host;
	machine->control = hvsim_host_control(options->host);
	machine->owner = owner;
	machine->userdata = userdata;
	machine->directory = strdup(options->directory);
	machine->logs = strdup(options->logs);
	machine->console_log = log_open(options->logs, "console.log");
	err = machine->directory && machine->logs ? 0 : -ENOMEM;
	if (!err && machine->console_log < 0)
		err = machine->console_log;
	if (!err)
		err = qemu_start(machine, options);
	if (err < 0) {
		hvsim_machine_free(machine);
		return err;
	}
	*ret = machine;
	return 0;
}

/**
 * hvsim_machine_free() - End a machine at once, as a power cut does.
 * @machine: may be NULL
 *
 * Its commands are still registered, and must not be called any more.
 */
void hvsim_machine_free(struct hvsim_machine *machine)
{
	if (!machine)
		return;
	hvsim_child_signal(machine->qemu, SIGKILL);
	hvsim_child_free(machine->qemu);
	hvsim_qmp_free(machine->qmp);
	hvsim_guest_free(machine->guest);
	hvsim_stream_free(machine->console);
	if (machine->console_log >= 0)
		close(machine->console_log);
	free(machine->directory);
	free(machine->logs);
	free(machine);
}

/**
 * hvsim_machine_is_stopped() - Whether a machine stands still for now.
 * @machine: which
 *
 * Return: whether it is paused or saved.
 */
bool hvsim_machine_is_stopped(const struct hvsim_machine *machine)
{
	return machine->state == HVSIM_MACHINE_PAUSED || machine->state == HVSIM_MACHINE_SAVED;
}

/**
 * hvsim_machine_state() - Tell what a machine does.
 * @machine: which
 *
 * Return: its state.
 */
enum hvsim_machine_state hvsim_machine_state(const struct hvsim_machine *machine)
{
	return machine->state;
}

/**
 * hvsim_machine_host() - The host that a machine runs on.
 * @machine: which
 *
 * Return: the host, not owned by the machine.
 */
struct hvsim_host *hvsim_machine_host(struct hvsim_machine *machine)
{
	return machine->host;
}

/**
 * hvsim_machine_guest() - The way to the agent in the guest.
 * @machine: which
 *
 * Return: the guest, owned by the machine.
 */
struct hvsim_guest *hvsim_machine_guest(struct hvsim_machine *machine)
{
	return machine->guest;
}

/**
 * hvsim_machine_directory() - Where a machine's sockets are.
 * @machine: which
 *
 * Return: the path, owned by the machine.
 */
const char *hvsim_machine_directory(const struct hvsim_machine *machine)
{
	return machine->directory;
}

/**
 * hvsim_machine_logs() - Where a machine's logs are.
 * @machine: which
 *
 * Return: the path, owned by the machine.
 */
const char *hvsim_machine_logs(const struct hvsim_machine *machine)
{
	return machine->logs;
}

/**
 * hvsim_machine_pid() - Tell QEMU's process.
 * @machine: which
 *
 * Return: its id; 0 when it has ended.
 */
pid_t hvsim_machine_pid(const struct hvsim_machine *machine)
{
	return hvsim_child_pid(machine->qemu);
}

/**
 * hvsim_machine_reset() - Press the reset button, or switch on what is off.
 * @machine: which
 * @reply: told that QEMU has taken it; may be NULL
 * @userdata: for @reply
 *
 * Return: as hvsim_qmp_call().
 */
int hvsim_machine_reset(struct hvsim_machine *machine, hvsim_qmp_reply reply, void *userdata)
{
	return hvsim_qmp_call(machine->qmp, "system_reset", reply, userdata);
}

/**
 * hvsim_machine_quit() - End QEMU, as a power cut does.
 * @machine: which
 * @reply: told that QEMU has taken it; may be NULL
 * @userdata: for @reply
 *
 * Return: as hvsim_qmp_call().
 */
int hvsim_machine_quit(struct hvsim_machine *machine, hvsim_qmp_reply reply, void *userdata)
{
	return hvsim_qmp_call(machine->qmp, "quit", reply, userdata);
}

/* What the host does about it, and what those hear who wait for events. */
static void turn_complete(struct hvsim_machine *machine)
{
	const struct turn *turn = &machine->turn;
	bool saved = turn->state == HVSIM_MACHINE_SAVED || machine->state == HVSIM_MACHINE_SAVED;
	bool stops = turn->state != HVSIM_MACHINE_RUNNING;
	struct json_object *data = json_object_new_object();

	if (stops && saved)
		hvsim_host_save(machine->host);
	else if (stops)
		hvsim_host_pause(machine->host);
	else if (saved)
		hvsim_host_restore(machine->host, turn->gap_ms, turn->reoffer);
	else
		hvsim_host_resume(machine->host, turn->gap_ms);
	machine->state = turn->state;
	if (!stops)
		hvsim_json_add_int(data, "gap-ms", turn->gap_ms);
	hvsim_control_emit(machine->control, stops ? saved ? "machine-saved" : "machine-paused" :
			   saved ? "machine-restored" : "machine-resumed", data);
}

static void turn_replied(struct json_object *ret, const char *error, void *userdata)
{
	struct hvsim_machine *machine = userdata;
	hvsim_qmp_reply reply = machine->turn.reply;

	machine->turn.reply = NULL;
	if (ret && machine->turn.state != HVSIM_MACHINE_RUNNING &&
	    machine->state != HVSIM_MACHINE_RUNNING) {
		ret = NULL;
		error = "the machine went off meanwhile";
	}
	if (ret)
		turn_complete(machine);
	reply(ret, error, machine->turn.userdata);
}

static int turn_start(struct hvsim_machine *machine, const char *command, const struct turn *turn)
{
	if (machine->turn.reply)
		return -EBUSY;
	machine->turn = *turn;
	return hvsim_qmp_call(machine->qmp, command, turn_replied, machine);
}

/**
 * hvsim_machine_stop() - Have a machine stand still.
 * @machine: one that runs
 * @save: and have the host forget it, as if its memory were in a file
 * @reply: told when that is so
 * @userdata: for @reply
 *
 * Return: -EBUSY when it is about to stop, or to go on, already; else as
 * hvsim_qmp_call().
 */
int hvsim_machine_stop(struct hvsim_machine *machine, bool save, hvsim_qmp_reply reply,
		       void *userdata)
{
	const struct turn turn = {
		.reply = reply,
		.userdata = userdata,
		.state = save ? HVSIM_MACHINE_SAVED : HVSIM_MACHINE_PAUSED,
	};

	return turn_start(machine, "stop", &turn);
}

/**
 * hvsim_machine_continue() - Have a machine go on.
 * @machine: one that stands still
 * @gap_ms: see hvsim_host_resume()
 * @reoffer: see hvsim_host_restore(); of one that was saved
 * @reply: told when that is so
 * @userdata: for @reply
 *
 * Return: as hvsim_machine_stop().
 */
int hvsim_machine_continue(struct hvsim_machine *machine, int64_t gap_ms, bool reoffer,
			   hvsim_qmp_reply reply, void *userdata)
{
	const struct turn turn = {
		.reply = reply,
		.userdata = userdata,
		.state = HVSIM_MACHINE_RUNNING,
		.gap_ms = gap_ms,
		.reoffer = reoffer,
	};

	return turn_start(machine, "cont", &turn);
}
