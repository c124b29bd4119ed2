// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs hvsim in a machine that is emulated for the purpose, since this one has
 * no KVM that would do: a stock kernel on an emulated AMD processor, which can
 * nest.  That machine sees this one's files, and cannot change them.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "hvsim_child.h"
#include "hvsim_directory.h"
#include "hvsim_disk.h"
#include "hvsim_log.h"
#include "hvsim_nest_command.h"
#include "hvsim_relay.h"
#include "hvsim_run.h"
#include "hvsim_stream.h"

#define USEC_PER_S	1000000ULL

/* For the machine to come up: some thirty times what it takes. */
#define BOOT_LIMIT_S	120
/* What it is given beyond the time that the nested hvsim is given. */
#define BEYOND_S	20
/* Memory beside the guest's: for kernel, QEMU, file cache and written files. */
#define MEMORY_MB	1024

/*
 * What else an EPYC has and TCG has not is left out by QEMU (check=off: without a
 * word).  Without xsave, which TCG has but in part, so that newest kernels stop at what
 * they find in a nested guest.  With two processors, QEMU 7.2 sees old code
 * where a kernel has patched itself.
 */
#define CPU		"EPYC,check=off,+svm,+npt,-xsave,-avx,-avx2,-fma,-f16c"

/* Beside the guest's own logs, in the output directory. */
#define QEMU_LOG	"nest-qemu.log"
#define CONSOLE_LOG	"nest-console.log"

/* What the machine says first, on the port that will carry the exit status. */
#define UP_LINE		"up\n"

/**
 * struct nest - a run
 * @options: what was told
 * @images: what the guest is made of
 * @nest_images: what the machine around it is made of
 * @output: directory for what the script leaves
 * @directory: of what the nested hvsim is told
 * @place: of the control socket
 * @event: the loop
 * @qemu: the machine
 * @relay: from the control socket into it
 * @out: our end of the script's standard output
 * @err: of its standard error
 * @status: of the port for the exit status
 * @boot_timer: runs until the machine is up
 * @is_up: it is
 * @qemu_status: how the machine ended, as of waitpid()
 * @exit_status: of the nested hvsim; -1 while unknown
 */
struct nest {
	const struct hvsim_options *options;
	const struct hvsim_images *images;
	struct hvsim_images nest_images;
	const char *output;
	char directory[PATH_MAX];
	char place[PATH_MAX];
	sd_event *event;
	struct hvsim_child *qemu;
	struct hvsim_relay *relay;
	struct hvsim_stream *out;
	struct hvsim_stream *err;
	struct hvsim_stream *status;
	sd_event_source *boot_timer;
	bool is_up;
	int qemu_status;
	int exit_status;
};

static bool is_interactive(const struct nest *nest)
{
	return !nest->options->script.count;
}

/* A reader that has gone ends the run, as SIGPIPE would end the script. */
static ptrdiff_t bytes_relay(struct nest *nest, int to, const uint8_t *bytes, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(to, bytes + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			sd_event_exit(nest->event, 128 + SIGPIPE);
			return -errno;
		}
		done += (size_t)n;
	}
	return (ptrdiff_t)len;
}

static ptrdiff_t out_received(const uint8_t *bytes, size_t len, void *userdata)
{
	return bytes_relay(userdata, STDOUT_FILENO, bytes, len);
}

static ptrdiff_t err_received(const uint8_t *bytes, size_t len, void *userdata)
{
	return bytes_relay(userdata, STDERR_FILENO, bytes, len);
}

/*
 * The exit status comes after all output has reached the sockets; killing the
 * machine closes them, so that what is left is read up to the end.
 */
static ptrdiff_t status_received(const uint8_t *bytes, size_t len, void *userdata)
{
	struct nest *nest = userdata;
	char line[16];

	if (!memchr(bytes, '\n', len))
		return 0;
	if (!nest->is_up) {
		if (len < strlen(UP_LINE) || memcmp(bytes, UP_LINE, strlen(UP_LINE)))
			return -EBADMSG;
		nest->is_up = true;
		nest->boot_timer = sd_event_source_disable_unref(nest->boot_timer);
		return (ptrdiff_t)strlen(UP_LINE);
	}
	snprintf(line, sizeof(line), "%.*s", (int)(len < 15 ? len : 15), (const char *)bytes);
	nest->exit_status = (int)strtol(line, NULL, 10);
	hvsim_child_signal(nest->qemu, SIGKILL);
	return (ptrdiff_t)len;
}

static void nest_end_maybe(struct nest *nest)
{
	if (hvsim_child_pid(nest->qemu) || nest->out || nest->err)
		return;
	if (nest->exit_status >= 0) {
		sd_event_exit(nest->event, nest->exit_status);
		return;
	}
	warnx("run: the machine around the guest failed: QEMU ended with status %d",
	      hvsim_child_exit_status(nest->qemu_status));
	hvsim_log_show(nest->output, QEMU_LOG, QEMU_LOG);
	hvsim_log_show(nest->output, CONSOLE_LOG, CONSOLE_LOG);
	sd_event_exit(nest->event, HVSIM_RUN_FAILED);
}

static void out_closed(void *userdata)
{
	struct nest *nest = userdata;

	hvsim_stream_free(nest->out);
	nest->out = NULL;
	nest_end_maybe(nest);
}

static void err_closed(void *userdata)
{
	struct nest *nest = userdata;

	hvsim_stream_free(nest->err);
	nest->err = NULL;
	nest_end_maybe(nest);
}

static void status_closed(void *userdata)
{
	struct nest *nest = userdata;

	hvsim_stream_free(nest->status);
	nest->status = NULL;
}

static void qemu_ended(int status, void *userdata)
{
	struct nest *nest = userdata;

	nest->qemu_status = status;
	nest_end_maybe(nest);
}

static int boot_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	hvsim_child_signal(((struct nest *)userdata)->qemu, SIGKILL);
	return 0;
}

static int time_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct nest *nest = userdata;

	(void)source;
	(void)usec;
	warnx("run: not done after %u s", nest->options->timeout_s);
	sd_event_exit(nest->event, HVSIM_RUN_TIMEOUT);
	return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	(void)source;
	sd_event_exit(((struct nest *)userdata)->event, 128 + (int)info->ssi_signo);
	return 0;
}

static void argv_share(struct hvsim_argv *argv, const char *path, const char *tag, bool readonly)
{
	hvsim_argv_add(argv, "-virtfs");
	hvsim_argv_addf(argv, "local,path=%s,mount_tag=%s,security_model=none,multidevs=remap%s",
			path, tag, readonly ? ",readonly=on" : "");
}

static void argv_base(struct hvsim_argv *argv, const struct nest *nest)
{
	const char *const fixed[] = {
		nest->nest_images.qemu, "-accel", "tcg,thread=single", "-cpu", CPU, "-smp", "1",
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-kernel", nest->nest_images.kernel, "-initrd", nest->nest_images.initrd,
		"-device", "virtio-serial,max_ports=5",
	};
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		hvsim_argv_add(argv, fixed[i]);
	hvsim_argv_add(argv, "-m");
	hvsim_argv_addf(argv, "%u", nest->options->memory_mb + MEMORY_MB);
	hvsim_argv_add(argv, "-append");
	/* on a busy machine the kernel's check of its timer fails, and that is its end */
	hvsim_argv_addf(argv, "console=ttyS0 quiet mitigations=off cryptomgr.notests tsc=reliable "
			"no_timer_check hvsim.run=%s", nest->directory);
	hvsim_argv_add(argv, "-serial");
	hvsim_argv_addf(argv, "file:%s/%s", nest->output, CONSOLE_LOG);
	argv_share(argv, "/", "root", true);
	argv_share(argv, nest->directory, "hvsim", true);
	argv_share(argv, nest->output, "output", false);
	hvsim_disk_add(argv, nest->options);
}

/* Adds a port over a socket of ours. */
static int argv_port(struct hvsim_argv *argv, struct hvsim_child_options *child, const char *name,
		     int *ours)
{
	int theirs = hvsim_child_socket(child, ours);

	if (theirs < 0)
		return theirs;
	hvsim_argv_add(argv, "-chardev");
	hvsim_argv_addf(argv, "socket,id=%s,fd=%d", name, theirs);
	hvsim_argv_add(argv, "-device");
	hvsim_argv_addf(argv, "virtserialport,chardev=%s,name=hvsim.%s", name, name);
	return 0;
}

/* QEMU is the one that knows how to make a terminal raw, and to restore it. */
static void argv_terminal(struct hvsim_argv *argv)
{
	hvsim_argv_add(argv, "-chardev");
	hvsim_argv_add(argv, "stdio,id=terminal,signal=off");
	hvsim_argv_add(argv, "-device");
	hvsim_argv_add(argv, "virtconsole,chardev=terminal");
}

static int ports_attach(struct nest *nest, int out, int err_fd, int status, int control)
{
	static const struct hvsim_stream_owner out_owner = { out_received, out_closed, 0 };
	static const struct hvsim_stream_owner err_owner = { err_received, err_closed, 0 };
	static const struct hvsim_stream_owner status_owner = {
		status_received, status_closed, 64
	};
	int err;

	err = hvsim_stream_new(&nest->status, nest->event, status, &status_owner, nest);
	err = hvsim_relay_new(&nest->relay, nest->event, nest->place, control) ?: err;
	if (is_interactive(nest))
		return err;
	err = hvsim_stream_new(&nest->out, nest->event, out, &out_owner, nest) ?: err;
	return hvsim_stream_new(&nest->err, nest->event, err_fd, &err_owner, nest) ?: err;
}

static int qemu_run(struct nest *nest, struct hvsim_child_options *child)
{
	char path[PATH_MAX + 16];
	int log, null, err;

	snprintf(path, sizeof(path), "%s/%s", nest->output, QEMU_LOG);
	log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (log < 0)
		return -errno;
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	child->standard[2] = log;
	if (!is_interactive(nest)) {
		child->standard[0] = null;
		child->standard[1] = log;
	}
	err = hvsim_child_new(&nest->qemu, nest->event, child, qemu_ended, nest);
	close(null);
	close(log);
	return err;
}

static int qemu_start(struct nest *nest)
{
	struct hvsim_argv argv = { 0 };
	struct hvsim_child_options child = {
		.argv = &argv,
		.standard = { -1, -1, -1 },
		/* in a group of its own it could not read from the terminal */
		.own_group = !is_interactive(nest),
	};
	int out = -1, err_fd = -1, status = -1, control = -1, err;
	unsigned int i;

	argv_base(&argv, nest);
	err = argv_port(&argv, &child, "status", &status) ?:
	      argv_port(&argv, &child, "control", &control);
	if (is_interactive(nest)) {
		argv_terminal(&argv);
	} else if (!err) {
		err = argv_port(&argv, &child, "stdout", &out);
		if (!err)
			err = argv_port(&argv, &child, "stderr", &err_fd);
	}
	if (!err)
		err = qemu_run(nest, &child);
	for (i = 0; i < child.nr_fds; i++)
		close(child.fds[i]);
	if (!err)
		err = ports_attach(nest, out, err_fd, status, control);
	hvsim_argv_free(&argv);
	return err;
}

static int loop_make(struct nest *nest)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	uint64_t limit_s = nest->options->timeout_s;
	sigset_t blocked;
	size_t i;
	int err;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);

	err = sd_event_new(&nest->event);
	for (i = 0; err >= 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		err = sd_event_add_signal(nest->event, NULL, signals[i], on_signal, nest);
	if (err >= 0)
		err = sd_event_add_time_relative(nest->event, &nest->boot_timer, CLOCK_MONOTONIC,
						 BOOT_LIMIT_S * USEC_PER_S, 0, boot_over, nest);
	if (err >= 0 && limit_s)
		err = sd_event_add_time_relative(nest->event, NULL, CLOCK_MONOTONIC,
						 (limit_s + BEYOND_S) * USEC_PER_S, 0, time_over,
						 nest);
	return err;
}

static int nest_loop(struct nest *nest)
{
	int err = loop_make(nest);

	if (err >= 0)
		err = hvsim_nest_command_write(nest->directory, nest->options, nest->images,
					       nest->output);
	if (err >= 0)
		err = qemu_start(nest);
	if (err >= 0)
		err = sd_event_loop(nest->event);
	if (err >= 0)
		return err;
	warnx("run: cannot run the machine around the guest: %s", strerror(-err));
	return HVSIM_RUN_FAILED;
}

/* Where the machine is found: as in hvsim_direct_run(). */
static int place_make(struct nest *nest)
{
	const struct hvsim_options *options = nest->options;

	if (!options->script.count || options->name)
		return hvsim_directory_make(nest->place, sizeof(nest->place), options->name);
	memcpy(nest->place, nest->directory, sizeof(nest->place));
	return 0;
}

/**
 * hvsim_nest_run() - Run a machine nested in an emulated one.
 * @options: what was told
 * @images: what the guest is made of
 * @output: directory for what is left of the run; exists
 *
 * Return: exit status of the program.
 */
int hvsim_nest_run(const struct hvsim_options *options, const struct hvsim_images *images,
		   const char *output)
{
	struct nest nest = {
		.options = options, .images = images, .output = output, .exit_status = -1,
	};
	struct termios terminal;
	bool is_terminal = !tcgetattr(STDIN_FILENO, &terminal);
	int status = HVSIM_RUN_UNFIT;

	if (!hvsim_images_nest(&nest.nest_images) &&
	    !hvsim_directory_make_temporary(nest.directory, sizeof(nest.directory))) {
		if (!place_make(&nest)) {
			status = nest_loop(&nest);
			hvsim_directory_remove(nest.place);
		}
		hvsim_child_signal(nest.qemu, SIGKILL);
		hvsim_child_free(nest.qemu);
		hvsim_directory_remove(nest.directory);
	}
	/* QEMU, killed, had no chance to */
	if (is_terminal && !options->script.count)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal);
	hvsim_stream_free(nest.out);
	hvsim_stream_free(nest.err);
	hvsim_stream_free(nest.status);
	hvsim_relay_free(nest.relay);
	sd_event_source_disable_unref(nest.boot_timer);
	sd_event_unref(nest.event);
	hvsim_images_free(&nest.nest_images);
	return status;
}
