// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is small of backups: messages, settings, who listens, and what is kept in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <hv/hvic_wire.h>

#include "tap.h"
#include "hvd_file.h"
#include "hvd_log.h"
#include "vss/fanotify.h"
#include "vss/message.h"
#include "vss/settings.h"

/* ---- messages ---- */

static const char *called;
static int result;

static int do_check(void *data)
{
	called = data ? "check" : "?";
	return result;
}

static int do_freeze(void *data)
{
	called = data ? "freeze" : "?";
	return result;
}

static int do_thaw(void *data)
{
	called = data ? "thaw" : "?";
	return result;
}

static const struct {
	unsigned int operation;
	int result;
	const char *called;
	int err;
	__u32 status, flags;
} messages[] = {
	{ HVIC_VSS_CHECK_HOT_BACKUP, 0, "check", 0, 0, HVIC_VSS_HBU_NO_AUTO_RECOVERY },
	{ HVIC_VSS_CHECK_HOT_BACKUP, -EPERM, "check", -EPERM, HVIC_STATUS_FAIL, 7 },
	{ HVIC_VSS_FREEZE, 0, "freeze", 0, 0, 7 },
	{ HVIC_VSS_FREEZE, -EALREADY, "freeze", -EALREADY, HVIC_STATUS_FAIL, 7 },
	{ HVIC_VSS_THAW, 0, "thaw", 0, 0, 7 },
	{ HVIC_VSS_THAW, -ETIMEDOUT, "thaw", -ETIMEDOUT, HVIC_STATUS_FAIL, 7 },
	{ HVIC_VSS_THAW, -ENODATA, "thaw", 0, 0, 7 },
	{ HVIC_VSS_CREATE, 0, "", -EOPNOTSUPP, HVIC_STATUS_NOT_SUPPORTED, 7 },
	{ HVIC_VSS_AUTO_RECOVER, 0, "", -EOPNOTSUPP, HVIC_STATUS_NOT_SUPPORTED, 7 },
	{ 255, 0, "", -EOPNOTSUPP, HVIC_STATUS_NOT_SUPPORTED, 7 },
};

static void test_messages(void)
{
	struct vss_service service = { do_check, do_freeze, do_thaw, &service };
	struct hvic_user_vss message, reply;
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		message = (struct hvic_user_vss){ .flags = 7 };
		message.operation = (__u8)messages[i].operation;
		called = "";
		result = messages[i].result;
		tap_is_int(vss_message_handle(&service, &message, &reply), messages[i].err,
			   "operation %u (%s), %d", messages[i].operation,
			   vss_message_name(messages[i].operation), messages[i].result);
		tap_is_str(called, messages[i].called, "who does it");
		tap_is_int((__u32)reply.error, messages[i].status, "status");
		tap_is_int(reply.flags, messages[i].flags, "flags");
	}
	tap_ok(vss_message_patience(HVIC_VSS_FREEZE) > 14 * 60000 &&
	       vss_message_patience(HVIC_VSS_FREEZE) < 15 * 60000, "a freeze has 15 minutes");
	tap_ok(vss_message_patience(HVIC_VSS_THAW) < 30000, "a thaw has 30 s");
	tap_is_int(vss_message_patience(1000), vss_message_patience(HVIC_VSS_THAW), "as all else");
}

static void test_registration(void)
{
	__u32 word = HVIC_USER_VSS_REGISTER1;
	struct hvic_user_vss message = { .operation = HVIC_USER_VSS_REGISTER1 };

	tap_ok(vss_message_is_registration(&word, 4), "four bytes are an answer to a registration");
	tap_ok(vss_message_is_registration(&message, 12), "and so is a message");
	tap_ok(!vss_message_is_registration(&message, 8), "not eight bytes");
	word = HVIC_VSS_FREEZE;
	tap_ok(!vss_message_is_registration(&word, 4), "nor another number");
	message.reserved[0] = 1;
	tap_ok(!vss_message_is_registration(&message, 12), "nor a status like it");
}

/* ---- settings ---- */

static const struct {
	const char *text;
	int err;
} settings_table[] = {
	{ "", 0 },
	{ "[vss]\nexclude = /mnt/* type:xfs\ninclude=\nremote = freeze\nunsupported = fail\n"
	  "frozen_by_others = skip\nlisteners = fail\nhooks = /a /b\nfsfreeze_hook "
	  "=\nhook_seconds = 600\n"
	  "flush_seconds = 1\ndeadline = 600\nrun_directory = /run/x\ndevice = /dev/x\n", 0 },
	{ "[vss]\nremote = yes\n", -EINVAL },
	{ "[vss]\nunsupported = no\n", -EINVAL },
	{ "[vss]\nfrozen_by_others = Skip\n", -EINVAL },
	{ "[vss]\nlisteners = skip\n", -EINVAL },
	{ "[vss]\ndeadline = 0\n", -EINVAL },
	{ "[vss]\ndeadline = 601\n", -EINVAL },
	{ "[vss]\ndeadline = -1\n", -EINVAL },
	{ "[vss]\ndeadline = 10s\n", -EINVAL },
	{ "[vss]\ndeadline =\n", -EINVAL },
	{ "[vss]\nhook_seconds = 99999999999999999999\n", -EINVAL },
	{ "[vss]\nhooks = freeze.d\n", -EINVAL },
	{ "[vss]\nhooks = /a b\n", -EINVAL },
	{ "[vss]\nfsfreeze_hook = x\n", -EINVAL },
	{ "[vss]\nrun_directory =\n", -EINVAL },
	{ "[vss]\nnonsense = 1\n", 0 },
	{ "[kvp]\ndirectory = /pools\n[network]\nbackend = x\n", 0 },
	{ "[kvp]\ndirectory = pools\n", -EINVAL },
};

static void test_settings(void)
{
	struct vss_settings settings;
	size_t i;

	for (i = 0; i < sizeof(settings_table) / sizeof(settings_table[0]); i++) {
		vss_settings_start(&settings);
		tap_is_int(vss_settings_parse(&settings, "test", settings_table[i].text),
			   settings_table[i].err, "settings: %s", settings_table[i].text);
		if (i == 1)
			tap_ok(!strcmp(settings.exclude, "/mnt/* "
				       "type:xfs") && settings.remote_freezes &&
			       settings.unsupported_fails && !settings.busy_fails &&
			       settings.listeners_fail && !strcmp(settings.hooks, "/a /b") &&
			       !*settings.qemu_hook && settings.hook_seconds == 600 &&
			       settings.flush_seconds == 1 && settings.deadline_seconds == 600 &&
			       !strcmp(settings.run_directory, "/run/x") &&
			       !strcmp(settings.device, "/dev/x"), "each is where it belongs");
		if (!i)
			tap_ok(settings.busy_fails && !settings.unsupported_fails &&
			       !settings.remote_freezes && settings.deadline_seconds == 60 &&
			       !strcmp(settings.hooks, "/etc/hyperv-ics/freeze.d"), "the usual "
			       "ones");
		vss_settings_free(&settings);
	}
}

/* ---- who listens ---- */

static const struct {
	const char *name, *fdinfo;
	bool asks;
} listeners[] = {
	{ "nothing", "", false },
	{ "a file", "pos:\t0\nflags:\t02\nmnt_id:\t9\n", false },
	{ "notices only", "pos:\t0\nfanotify flags:0 event-flags:0\n"
	  "fanotify mnt_id:1b mflags:0 mask:3b ignored_mask:0\n", false },
	{ "asked at open", "fanotify flags:4 event-flags:0\n"
	  "fanotify mnt_id:1b mflags:0 mask:10000 ignored_mask:0\n", true },
	{ "asked at access, of a file", "fanotify ino:1 sdev:2 mflags:0 mask:20001 "
	  "ignored_mask:0\n", true },
	{ "asked at execution, of a file system", "fanotify sdev:fe00000 mflags:0 mask:40000 "
	  "ignored_mask:0", true },
	{ "the second mark", "fanotify sdev:1 mflags:0 mask:1 ignored_mask:0\n"
	  "fanotify sdev:2 mflags:0 mask:10000 ignored_mask:0\n", true },
	{ "an ignored mask", "fanotify sdev:1 mflags:0 mask:1 ignored_mask:70000\n", false },
	{ "inotify", "inotify wd:1 ino:1 sdev:1 mask:70000 ignored_mask:0\n", false },
	{ "a mask in the next line", "fanotify flags:4\nx mask:10000\n", false },
};

static void test_listeners(void)
{
	char names[256], want[64];
	size_t i;
	int fd;

	for (i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++)
		tap_ok(vss_fanotify_asks(listeners[i].fdinfo) == listeners[i].asks, "%s",
		       listeners[i].name);
	tap_is_int(vss_fanotify_find("/nonexistent", names, sizeof(names)), -ENOENT, "no /proc");
	snprintf(want, sizeof(want), "(%d)", (int)getpid());
	vss_fanotify_find("/proc", names, sizeof(names));
	tap_ok(!strstr(names, want), "we are not asked");
	fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);
	/* of a file of our own: who is asked about all files holds up the system */
	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD,
				    "/proc/self/exe") < 0) {
		tap_skip("we are", "no permission events here: %s", strerror(errno));
	} else {
		vss_fanotify_find("/proc", names, sizeof(names));
		tap_ok(strstr(names, want) && strstr(names, "vss_message_tes"),
		       "now we are: %s", names);
	}
	close(fd);
}

/* ---- what is kept in memory ---- */

static void test_log(void)
{
	char path[] = "/tmp/vss_message_test.XXXXXX", text[65536];
	int file = mkstemp(path), saved = dup(STDERR_FILENO), i;

	hvd_log_open("test", true, false);
	dup2(file, STDERR_FILENO);
	hvd_log_hold();
	hvd_info("one");
	hvd_debug("no");
	hvd_warning("two\nlines");
	tap_is_int(hvd_file_read(path, text, sizeof(text)), 0, "what is held is not said");
	hvd_log_release();
	hvd_log_release();
	hvd_info("three");
	hvd_file_read(path, text, sizeof(text));
	tap_is_str(text, "test: one\ntest: two\\nlines\ntest: three\n", "until it is released, in "
		   "order");
	if (ftruncate(file, 0))
		tap_diag("cannot truncate");
	lseek(file, 0, SEEK_SET);
	hvd_log_hold();
	for (i = 0; i < 1000; i++)
		hvd_info("a line that is not short, number %d", i);
	hvd_log_release();
	hvd_file_read(path, text, sizeof(text));
	tap_ok(strstr(text, "number 400\n") && !strstr(text, "number 999\n") &&
	       strstr(text, "more messages did not fit\n"), "what does not fit is counted");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(file);
	unlink(path);
}

int main(void)
{
	test_messages();
	test_registration();
	test_settings();
	test_listeners();
	test_log();
	return tap_done();
}
