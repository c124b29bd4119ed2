// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hv_fcopy_daemon: the guest's side of Hyper-V's file copy.
 *
 * One process on an event loop, and a thread for what may wait for a file system; see
 * hv_fcopy_daemon(8).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <hv/hvic_limits.h>

#include "fcopy/absence.h"
#include "fcopy/service.h"
#include "hvd_dev.h"
#include "hvd_log.h"
#include "hvd_program.h"

/*
 * Before the in-tree module gives up, and before ours does: first a step of a copy is
 * given up, then the answer.
 */
#define REPLY_MS	(HVIC_LIMIT_IN_TREE_SECS * 1000 - 1000)
#define STEP_MS		(HVIC_LIMIT_IN_TREE_SECS * 1000 - 5000)
#define OUR_REPLY_MS	(HVIC_LIMIT_FCOPY_SECS * 1000 - 2000)
#define OUR_STEP_MS	(HVIC_LIMIT_FCOPY_SECS * 1000 - 10000)
#define TICK_MS		1000
#define END_MS		5000

struct daemon {
	struct fcopy_setting setting;
	sd_event *event;
	struct hvd_dev *dev;
	struct fcopy_workers workers;
	struct fcopy_service *service;
};

static int module_reply(void *data, uint64_t serial, uint32_t status)
{
	struct daemon *daemon = data;

	return hvd_dev_reply(daemon->dev, serial, &status, sizeof(status));
}

static int module_ask(struct daemon *daemon, unsigned long request, void *argument)
{
	if (!ioctl(hvd_dev_fd(daemon->dev), request, argument))
		return 0;
	/* a test's socket has other words for what it does not know */
	return errno == EOPNOTSUPP ? -ENOTTY : -errno;
}

static int module_take(void *data, int fd, uint64_t size)
{
	struct hvic_user_fcopy_take take = { .size = size, .fd = fd };

	return module_ask(data, HVIC_USER_FCOPY_TAKE, &take);
}

static int module_state(void *data, struct hvic_user_fcopy_state *state)
{
	return module_ask(data, HVIC_USER_FCOPY_STATE, state);
}

/* Which module it is: ours has a state to ask for. */
static void registered(struct daemon *daemon, uint32_t version)
{
	struct hvic_user_fcopy_state state;
	bool ours = !module_state(daemon, &state);

	hvd_dev_patience(daemon->dev, ours ? OUR_REPLY_MS : REPLY_MS);
	fcopy_service_module(daemon->service, ours, ours ? OUR_STEP_MS : STEP_MS);
	hvd_info("registered with %s module, version %u", ours ? "our" : "the kernel's own",
		 version);
}

/* What is as short as its number is the answer to the registration. */
static int on_message(void *data, const void *bytes, size_t len, uint64_t serial)
{
	struct daemon *daemon = data;
	uint32_t version;

	if (len != sizeof(version)) {
		fcopy_service_message(daemon->service, bytes, len, serial);
		return 0;
	}
	memcpy(&version, bytes, sizeof(version));
	registered(daemon, version);
	return 0;
}

static void on_urgent(void *data)
{
	struct daemon *daemon = data;

	fcopy_service_urgent(daemon->service);
}

static void on_gone(void *data)
{
	struct daemon *daemon = data;

	fcopy_service_lost(daemon->service);
}

static int service_start(struct daemon *daemon)
{
	const struct fcopy_service_setup setup = {
		.event = daemon->event,
		.setting = &daemon->setting,
		.workers = &daemon->workers,
		.reply = module_reply,
		.take = module_take,
		.state = module_state,
		.step_ms = STEP_MS,
		.tick_ms = TICK_MS,
		.data = daemon,
	};

	fcopy_workers_start(&daemon->workers);
	return fcopy_service_new(&daemon->service, &setup);
}

static int device_start(struct daemon *daemon)
{
	static const uint32_t registration = HVIC_USER_FCOPY_REGISTER1;
	const struct hvd_dev_setup setup = {
		.path = daemon->setting.device,
		.class_id = FCOPY_CLASS,
		.registration = &registration,
		.registration_len = sizeof(registration),
		.message_max = FCOPY_MESSAGE_MAX,
		.reply_ms = REPLY_MS,
		.on_message = on_message,
		.on_urgent = on_urgent,
		.on_gone = on_gone,
		.data = daemon,
	};
	char why[256];
	int err = hvd_dev_new(&daemon->dev, daemon->event, &setup);

	if (!err && hvd_dev_fd(daemon->dev) < 0 &&
	    fcopy_absence_tell(FCOPY_SYSFS, why, sizeof(why)) == -ENODEV)
		hvd_error("the host offers file copy, but there is no %s: %s",
			  daemon->setting.device, why);
	return err;
}

/* Where systemd has not made it: RuntimeDirectory= */
static void status_directory_make(const char *path)
{
	char *directory = strdup(path), *slash = directory ? strrchr(directory, '/') : NULL;

	if (slash && slash != directory) {
		*slash = '\0';
		if (mkdir(directory, 0755) < 0 && errno != EEXIST)
			hvd_warning("cannot make %s: %s: hvic copy status shows nothing", directory,
				    strerror(errno));
	}
	free(directory);
}

static int configure(void *data, const char *path, bool needed)
{
	struct daemon *daemon = data;
	int err = fcopy_setting_start(&daemon->setting);

	return err ?: fcopy_setting_read(&daemon->setting, path, needed);
}

static int start(void *data, sd_event *event)
{
	struct daemon *daemon = data;
	int err;

	daemon->event = event;
	status_directory_make(daemon->setting.status);
	err = service_start(daemon);
	return err ?: device_start(daemon);
}

static void end(void *data)
{
	struct daemon *daemon = data;
	int err = fcopy_service_free(daemon->service, END_MS);

	hvd_dev_free(daemon->dev);
	if (err)
		hvd_warning("a file system does not answer: what is unfinished is removed at the "
			    "next start");
	else
		fcopy_setting_end(&daemon->setting);
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	static const struct hvd_program program = {
		.name = "hv_fcopy_daemon",
		.purpose =
		"Takes files that a Hyper-V host copies into this guest (Copy-VMFile). Goes to the\n"
		"background unless told otherwise.\n",
		.waiting = "Taking files from the host",
		.configure = configure,
		.start = start,
		.end = end,
		.data = &daemon,
	};

	return hvd_program_main(&program, argc, argv);
}
