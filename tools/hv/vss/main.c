// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hv_vss_daemon: the guest's side of Hyper-V's backup.
 *
 * One process and one thread.  While something is frozen it waits in poll() and does not
 * allocate, open or log; see hv_vss_daemon(8).
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hv/hvic_service.h>

#include "hvd_dev.h"
#include "hvd_log.h"
#include "hvd_program.h"
#include "vss/backup.h"
#include "vss/message.h"
#include "vss/status.h"

/* How long who holds what is frozen may be behind the deadline. */
#define GRACE_MS	2000

struct daemon {
	struct vss_settings settings;
	sd_event *event;
	struct hvd_dev *dev;
	struct vss_backup backup;
	bool active;		/* there is a backup that is not finished */
	bool spoiled;		/* what the host believes frozen is not any more */
	uint64_t until;		/* while frozen: when it must have been thawed, in ms */
};

/* ---- a backup ---- */

static void result_log(const struct vss_backup *backup)
{
	const struct vss_result *result = &backup->result;
	char line[VSS_WHY_LEN + 128], id[64], ms[48], status[32];
	const char *const fields[] = { id, ms, status, NULL };

	vss_status_line(backup, line, sizeof(line));
	snprintf(id, sizeof(id), "HV_VSS_ID=%s", result->id);
	snprintf(ms, sizeof(ms), "HV_VSS_FROZEN_MS=%u", result->frozen_ms);
	snprintf(status, sizeof(status), "HV_VSS_RESULT=%s", result->failed ? "failed" : "ok");
	hvd_log_fields(result->failed ? LOG_ERR : LOG_INFO, fields, "backup %s", line);
}

static void backup_report(struct vss_backup *backup)
{
	int err;

	result_log(backup);
	err = vss_status_write(backup);
	if (err)
		hvd_warning("cannot keep how the backup went: %s", strerror(-err));
	err = vss_status_tell_host(backup);
	if (err)
		hvd_warning("cannot tell the host how the backup went: %s", strerror(-err));
	vss_backup_free(backup);
}

/* The host need not wait for it. */
static void backup_end(struct daemon *daemon)
{
	vss_backup_finish(&daemon->backup);
	backup_report(&daemon->backup);
	daemon->active = false;
}

/* Thawed, or to be thawed, while the host believes that it is frozen. */
static void backup_lose(struct daemon *daemon)
{
	if (!daemon->active || !daemon->backup.frozen)
		return;
	daemon->spoiled = true;
	if (!vss_backup_thaw(&daemon->backup)) {
		daemon->backup.result.failed = true;
		snprintf(daemon->backup.result.why, sizeof(daemon->backup.result.why),
			 "it was thawed before the host was done");
	}
	backup_end(daemon);
}

static int service_check(void *data)
{
	struct daemon *daemon = data;
	struct vss_backup backup;
	int err;

	/* while frozen, nothing may be opened to look at it */
	if (daemon->active)
		return 0;
	vss_backup_start(&backup, &daemon->settings, "host", -1);
	err = vss_backup_check(&backup);
	if (err)
		hvd_error("there can be no backup: %s", backup.result.why);
	vss_backup_free(&backup);
	return err;
}

static int service_freeze(void *data)
{
	struct daemon *daemon = data;
	int err;

	if (daemon->active)
		return -EALREADY;
	daemon->spoiled = false;
	vss_backup_start(&daemon->backup, &daemon->settings, "host", hvd_dev_fd(daemon->dev));
	daemon->active = true;
	err = vss_backup_freeze(&daemon->backup);
	daemon->until = vss_wait_now() + daemon->settings.deadline_seconds * 1000 + GRACE_MS;
	return err;
}

static int service_thaw(void *data)
{
	struct daemon *daemon = data;
	int err = daemon->spoiled ? -ETIMEDOUT : -ENODATA;

	daemon->spoiled = false;
	return daemon->active && daemon->backup.frozen ? vss_backup_thaw(&daemon->backup) : err;
}

/* ---- messages ---- */

static void reply_log(unsigned int operation, int err)
{
	char name[40], number[40];
	const char *const fields[] = { name, number, NULL };
	int level = err ? LOG_WARNING : LOG_DEBUG;

	if (!hvd_log_wanted(level))
		return;
	snprintf(name, sizeof(name), "HV_VSS_OPERATION=%s", vss_message_name(operation));
	snprintf(number, sizeof(number), "HV_VSS_ERRNO=%d", -err);
	hvd_log_fields(level, fields, "%s: %s", vss_message_name(operation),
		       err ? strerror(-err) : "done");
}

static int message_serve(struct daemon *daemon, const struct hvic_user_vss *message,
			 uint64_t serial)
{
	const struct vss_service service = {
		.check = service_check,
		.freeze = service_freeze,
		.thaw = service_thaw,
		.data = daemon,
	};
	struct hvic_user_vss reply;
	int err;

	hvd_dev_patience(daemon->dev, vss_message_patience(message->operation));
	err = vss_message_handle(&service, message, &reply);
	reply_log(message->operation, err);
	err = hvd_dev_reply(daemon->dev, serial, &reply, sizeof(reply));
	if (daemon->active && !daemon->backup.frozen)
		backup_end(daemon);
	return err;
}

static int on_message(void *data, const void *bytes, size_t len, uint64_t serial)
{
	struct daemon *daemon = data;
	struct hvic_user_vss message;

	if (vss_message_is_registration(bytes, len)) {
		hvd_info("registered with the module");
		return 0;
	}
	if (len != sizeof(message)) {
		hvd_error("a message of %zu bytes, not %zu: is this the module's device?", len,
			  sizeof(message));
		return -EPROTO;
	}
	memcpy(&message, bytes, len);
	return message_serve(daemon, &message, serial);
}

static void on_urgent(void *data)
{
	backup_lose(data);
}

static void on_gone(void *data)
{
	struct daemon *daemon = data;

	backup_lose(daemon);
	/* a host that comes back begins anew */
	daemon->spoiled = false;
}

/* A host that still waits for the thaw is to learn that there is nothing to thaw. */
static void crash_recover(struct daemon *daemon)
{
	struct vss_backup backup;

	daemon->spoiled = vss_backup_recover(&backup, &daemon->settings);
	if (daemon->spoiled)
		backup_report(&backup);
}

/* ---- the loop ---- */

static int device_start(struct daemon *daemon)
{
	static const struct hvic_user_vss registration = { .operation = HVIC_USER_VSS_REGISTER1 };
	const struct hvd_dev_setup setup = {
		.path = daemon->settings.device,
		.class_id = HVIC_CLASS_VSS(HVIC_GUID_BRACED),
		.registration = &registration,
		.registration_len = sizeof(registration),
		.message_max = sizeof(registration),
		.reply_ms = vss_message_patience(0),
		.on_message = on_message,
		.on_urgent = on_urgent,
		.on_gone = on_gone,
		.data = daemon,
	};

	return hvd_dev_new(&daemon->dev, daemon->event, &setup);
}

/*
 * Who holds is looked at beside the loop, since adding it to the loop would allocate, at
 * a time when nothing may.
 */
static void frozen_wait(struct daemon *daemon)
{
	struct pollfd fds[] = {
		{ .fd = vss_freezer_fd(&daemon->backup.freezer), .events = POLLIN },
		{ .fd = sd_event_get_fd(daemon->event), .events = POLLIN },
	};
	uint64_t now = vss_wait_now();

	if (now < daemon->until && poll(fds, 2, (int)(daemon->until - now)) < 0)
		return;
	if (fds[0].revents || vss_wait_now() >= daemon->until)
		backup_lose(daemon);
}

/* As sd_event_loop() does, but for what is frozen. */
static int loop_run(struct daemon *daemon)
{
	int done = 0, code = 0;

	while (done >= 0 && sd_event_get_state(daemon->event) != SD_EVENT_FINISHED) {
		bool frozen = daemon->active && daemon->backup.frozen;

		done = sd_event_run(daemon->event, frozen ? 0 : UINT64_MAX);
		if (!done && frozen)
			frozen_wait(daemon);
	}
	if (done < 0)
		return done;
	sd_event_get_exit_code(daemon->event, &code);
	return code;
}

/* ---- the program ---- */

static int configure(void *data, const char *path, bool needed)
{
	struct daemon *daemon = data;
	int err = vss_settings_start(&daemon->settings);

	return err ?: vss_settings_read(&daemon->settings, path, needed);
}

static int start(void *data, sd_event *event)
{
	struct daemon *daemon = data;

	daemon->event = event;
	crash_recover(daemon);
	return device_start(daemon);
}

static int backups_wait(void *data, sd_event *event)
{
	struct daemon *daemon = data;
	int err = loop_run(daemon);

	(void)event;
	backup_lose(daemon);
	return err;
}

static void end(void *data)
{
	struct daemon *daemon = data;

	hvd_dev_free(daemon->dev);
	vss_settings_free(&daemon->settings);
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	static const struct hvd_program program = {
		.name = "hv_vss_daemon",
		.purpose =
		"Freezes and thaws the file systems of this guest when a Hyper-V host backs it\n"
		"up. Goes to the background unless told otherwise.\n",
		.more = "What would be frozen is shown by: hvic vss plan\n",
		.waiting = "Waiting for backups",
		.configure = configure,
		.start = start,
		.run = backups_wait,
		.end = end,
		.data = &daemon,
	};

	return hvd_program_main(&program, argc, argv);
}
