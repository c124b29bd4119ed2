// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does with /dev/vmbus/hv_vss what a daemon does, step by step, and says what became of
 * each step, a line each:
 *
 *	vss_probe STEP...
 *
 *	register		register, and read the greeting
 *	write HEX		write these bytes
 *	freeze MS PATH,PATH	have the module hold these for so long, one after the other;
 *				those with a plus between side by side
 *	raw COUNT MS FLAGS FD	the same with these numbers, of a descriptor
 *	twice PATH		the same of one file system, twice
 *	falling PATH,PATH	the same of two, whose levels fall
 *	null			the same with an address that is none
 *	thaw			have it thaw them
 *	pri MS			wait so long for it to thaw by itself
 *	hup MS			wait so long for the device to go
 *	sleep MS		do nothing
 *	stop			be stopped
 *	serve MS PATH,PATH	serve the host, and freeze these when it wants that, until the
 *				device goes
 *	agree N			serve N requests with success, freezing nothing
 *	late MS			serve a request with success after so long
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <hv/hvic_user.h>
#include <hv/hvic_wire.h>

#define DEVICE		"/dev/vmbus/hv_vss"
#define PATHS_MOST	64

static int device;
static struct hvic_user_vss_mount mounts[PATHS_MOST];

/* At once, and without a buffer that a killed process would take along. */
static void say(const char *format, ...)
{
	char line[4096];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len > 0 && write(STDOUT_FILENO, line, (size_t)len) < 0)
		_exit(3);
}

static const char *error_name(int err)
{
	return err ? strerrorname_np(err) : "0";
}

static unsigned int paths_open(const char *list)
{
	unsigned int count = 0, level = 0;
	const char *at;
	size_t len;

	for (at = list; *at && count < PATHS_MOST; at += len) {
		char *path;

		level += *at == ',';
		at += *at == ',' || *at == '+';
		len = strcspn(at, ",+");
		path = strndup(at, len);
		mounts[count].fd = open(path, O_RDONLY | O_CLOEXEC);
		mounts[count].level = level;
		if (mounts[count].fd < 0) {
			say("cannot open %s: %s\n", path, error_name(errno));
			exit(2);
		}
		free(path);
		count++;
	}
	return count;
}

static void paths_close(unsigned int count)
{
	while (count)
		close(mounts[--count].fd);
}

static int freeze_try(unsigned int count, unsigned int ms, unsigned int flags, __u64 address)
{
	struct hvic_user_vss_freeze asked = {
		.mounts = address, .count = count, .timeout_ms = ms, .flags = flags,
	};
	int err = ioctl(device, HVIC_USER_VSS_FREEZE, &asked) < 0 ? errno : 0;
	unsigned int i;

	say("freeze %s frozen %u failed %u", error_name(err), asked.frozen, asked.failed);
	for (i = 0; i < count && i < PATHS_MOST && err != EFAULT && err != EPERM; i++)
		say(" %s", error_name(-mounts[i].error));
	say("\n");
	return err;
}

static int freeze(const char *list, unsigned int ms)
{
	unsigned int count = paths_open(list);
	int err = freeze_try(count, ms, 0, (uintptr_t)mounts);

	/* the module has references of its own */
	paths_close(count);
	return err;
}

static int thaw(void)
{
	static const char *const ends[] = { "held", "thawed", "deadline", "gone", "others" };
	struct hvic_user_vss_thaw told = { 0 };
	int err = ioctl(device, HVIC_USER_VSS_THAW, &told) < 0 ? errno : 0;

	say("thaw %s thawed %u lost %u end %s after %u ms\n", error_name(err), told.thawed,
	    told.lost, told.end < 5 ? ends[told.end] : "?", told.frozen_ms);
	return err;
}

static void greet(void)
{
	struct hvic_user_vss message = { .operation = HVIC_USER_VSS_REGISTER1 };
	__u32 greeting = 0;
	ssize_t len;

	if (write(device, &message, sizeof(message)) != sizeof(message)) {
		say("register %s\n", error_name(errno));
		return;
	}
	len = read(device, &greeting, sizeof(greeting));
	say("register %zd bytes %u\n", len, greeting);
}

static void write_hex(const char *hex)
{
	unsigned char bytes[256];
	size_t len = 0;
	ssize_t n;

	for (; hex[0] && hex[1] && len < sizeof(bytes); hex += 2)
		if (sscanf(hex, "%2hhx", &bytes[len++]) != 1)
			exit(2);
	n = write(device, bytes, len);
	say("write %s\n", n < 0 ? error_name(errno) : "0");
}

static void wait_for(const char *what, short events, int ms)
{
	/* POLLHUP and POLLERR come unasked */
	struct pollfd wait = { .fd = device, .events = events };
	int n = poll(&wait, 1, ms);

	say("%s %s%s%s%s\n", what, n > 0 ? "" : "nothing", wait.revents & POLLPRI ? "pri" : "",
	    wait.revents & POLLIN ? " in" : "", wait.revents & POLLHUP ? " hup" : "");
}

/* Reads a request; returns its operation, or -1 when the device has gone. */
static int request_read(void)
{
	struct pollfd wait = { .fd = device, .events = POLLIN };
	struct hvic_user_vss message;

	if (poll(&wait, 1, -1) < 0 || wait.revents & (POLLHUP | POLLERR))
		return -1;
	if (read(device, &message, sizeof(message)) != sizeof(message))
		return -1;
	return message.operation;
}

static void reply(unsigned int status)
{
	struct hvic_user_vss message = { 0 };

	message.error = (int)status;
	if (write(device, &message, sizeof(message)) < 0)
		say("reply %s\n", error_name(errno));
}

static void serve(unsigned int ms, const char *list)
{
	int operation, err = 0;

	while ((operation = request_read()) >= 0) {
		if (operation == HVIC_VSS_FREEZE)
			err = freeze(list, ms);
		else if (operation == HVIC_VSS_THAW)
			err = thaw();
		reply(err ? HVIC_STATUS_FAIL : HVIC_STATUS_OK);
		err = 0;
	}
	say("serve gone\n");
}

static void agree(unsigned int count, unsigned int late_ms)
{
	int operation;

	while (count--) {
		operation = request_read();
		if (operation < 0) {
			say("agree gone\n");
			return;
		}
		usleep(late_ms * 1000);
		say("agree %d\n", operation);
		reply(HVIC_STATUS_OK);
	}
}

static const char *next(char ***step)
{
	if (!**step) {
		say("a word is missing\n");
		exit(2);
	}
	return *(*step)++;
}

static unsigned int number(char ***step)
{
	return (unsigned int)strtoul(next(step), NULL, 0);
}

static void raw(char ***step)
{
	unsigned int count = number(step), ms = number(step), flags = number(step);

	mounts[0].fd = (int)number(step);
	freeze_try(count, ms, flags, (uintptr_t)mounts);
}

static void twice(const char *path)
{
	paths_open(path);
	mounts[1].fd = dup(mounts[0].fd);
	freeze_try(2, 1000, 0, (uintptr_t)mounts);
	paths_close(2);
}

static void falling(const char *list)
{
	unsigned int count = paths_open(list);

	mounts[0].level = count;
	freeze_try(count, 1000, 0, (uintptr_t)mounts);
	paths_close(count);
}

/* Steps that freeze in a way that the module is to refuse. */
static bool wrong_run(const char *name, char ***step)
{
	if (!strcmp(name, "raw"))
		raw(step);
	else if (!strcmp(name, "twice"))
		twice(next(step));
	else if (!strcmp(name, "falling"))
		falling(next(step));
	else if (!strcmp(name, "null"))
		freeze_try(1, 1000, 0, 8);
	else
		return false;
	return true;
}

static bool wait_run(const char *name, char ***step)
{
	if (!strcmp(name, "pri"))
		wait_for("pri", POLLPRI, (int)number(step));
	else if (!strcmp(name, "hup"))
		wait_for("hup", 0, (int)number(step));
	else if (!strcmp(name, "sleep"))
		usleep(number(step) * 1000);
	else if (!strcmp(name, "stop"))
		raise(SIGSTOP);
	else
		return false;
	return true;
}

static bool step_run(const char *name, char ***step)
{
	unsigned int ms;

	if (!strcmp(name, "register")) {
		greet();
	} else if (!strcmp(name, "write")) {
		write_hex(next(step));
	} else if (!strcmp(name, "thaw")) {
		thaw();
	} else if (!strcmp(name, "agree")) {
		agree(number(step), 0);
	} else if (!strcmp(name, "late")) {
		agree(1, number(step));
	} else if (!strcmp(name, "freeze")) {
		ms = number(step);
		freeze(next(step), ms);
	} else if (!strcmp(name, "serve")) {
		ms = number(step);
		serve(ms, next(step));
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	char **step = argv + 1;
	const char *name;

	(void)argc;
	mlockall(MCL_CURRENT | MCL_FUTURE);
	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0) {
		say("open %s\n", error_name(errno));
		return 1;
	}
	while (*step) {
		name = *step++;
		if (!step_run(name, &step) && !wrong_run(name, &step) && !wait_run(name, &step)) {
			say("there is no step %s\n", name);
			return 2;
		}
	}
	return 0;
}
