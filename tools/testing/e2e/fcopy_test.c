// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File copy, in a Debian with systemd: with our daemon (the group "fcopy"), and with the
 * one that Debian 6.1 ships (the group "stock-fcopy").  The names in parentheses are
 * those of the suites for real Hyper-V that test the same: Documentation/testing.rst.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "e2e.h"

#define UNIT	"hv-fcopy-daemon"
#define BEGIN_MS	120000
#define ROUNDS		20
#define MIB		(1 << 20)
/* 10 GB and 2 GB on Hyper-V: here what a guest within a guest copies in a minute or so. */
#define LARGE_MIB	86
#define REPEAT_MIB	4
#define REPEATS		10

static const char *group;

/* Tests, under the name of the group that runs. */
#define is_ok(pass, text, ...)		e2e_ok(pass, "%s: " text, group, ##__VA_ARGS__)
#define is_int(got, want, text, ...)	e2e_is_int(got, want, "%s: " text, group, ##__VA_ARGS__)
#define is_str(got, want, text, ...)	e2e_is_str(got, want, "%s: " text, group, ##__VA_ARGS__)

/* ---- the host's files ---- */

/**
 * struct host_file - a file of the host
 * @path: where it is
 * @sum: as cksum(1) prints it
 */
struct host_file {
	char path[64];
	char sum[64];
};

static struct host_file small, other, large;

static uint32_t sum_add(uint32_t sum, unsigned int byte)
{
	int bit;

	sum ^= byte << 24;
	for (bit = 0; bit < 8; bit++)
		sum = sum << 1 ^ (sum >> 31 ? 0x04c11db7 : 0);
	return sum;
}

/* Text that is not ASCII, the same again and again but for the lines' numbers. */
static bool file_make(struct host_file *host_file, unsigned long len)
{
	char line[128];
	unsigned long done = 0, n = 0, left;
	uint32_t sum = 0;
	FILE *file;
	int size, i;

	strcpy(host_file->path, "/tmp/hvsim-fcopy-XXXXXX");
	close(mkstemp(host_file->path));
	file = fopen(host_file->path, "w");
	for (; file && done < len; done += (unsigned long)size, n++) {
		size = snprintf(line, sizeof(line), "%lu gr\xc3\xbcn \xe4\xb8\xad\xe6\x96\x87 "
				"\xf0\x9f\x99\x82 \xff\xfe %lu\n", n, len);
		if ((unsigned long)size > len - done)
			size = (int)(len - done);
		for (i = 0; i < size; i++)
			sum = sum_add(sum, (unsigned char)line[i]);
		fwrite(line, (size_t)size, 1, file);
	}
	for (left = len; left; left >>= 8)
		sum = sum_add(sum, left & 0xff);
	snprintf(host_file->sum, sizeof(host_file->sum), "%u %lu", ~sum, len);
	return file && !fclose(file);
}

/* ---- what the host does ---- */

/* Returns how it ended, valid until the next call; @more is JSON behind a comma. */
static const char *copy(const struct host_file *file, const char *path, const char *more)
{
	struct json_object *ret = e2e_call("copy", "{\"file\":\"%s\",\"path\":\"%s\","
					   "\"name\":\"file\"%s}", file->path, path, more);
	static char text[400];

	if (!ret)
		snprintf(text, sizeof(text), "%s", e2e_error());
	else if (e2e_number(ret, "status"))
		snprintf(text, sizeof(text), "%s", e2e_string(ret, "status-name"));
	else
		snprintf(text, sizeof(text), "%s", e2e_string(ret, "ended"));
	json_object_put(ret);
	return text;
}

static long long copy_begin(const struct host_file *file, const char *path)
{
	struct json_object *ret = e2e_call("copy", "{\"file\":\"%s\",\"path\":\"%s\","
					   "\"name\":\"file\",\"background\":true}", file->path,
					   path);
	long long number = ret ? e2e_number(ret, "number") : -1;

	json_object_put(ret);
	return number;
}

/* How a copy in the background is, and how much of it the guest has taken. */
static const char *copy_look(long long number, long long *sent)
{
	struct json_object *ret = e2e_call("copy-status", "{\"number\":%lld}", number);
	static char text[400];

	*sent = ret ? e2e_number(ret, "sent") : -1;
	snprintf(text, sizeof(text), "%s", ret ? e2e_string(ret, "ended") : e2e_error());
	json_object_put(ret);
	return text;
}

static const char *copy_wait(long long number, int ms)
{
	const char *how = "";
	long long sent;

	for (ms = e2e_patient_ms(ms); ms > 0; ms -= 100) {
		how = copy_look(number, &sent);
		if (strcmp(how, "running"))
			break;
		e2e_sleep_ms(100);
	}
	return how;
}

static bool copy_reaches(long long number, long long want)
{
	long long sent = 0;
	int ms;

	for (ms = e2e_patient_ms(20000); ms > 0; ms -= 50) {
		if (strcmp(copy_look(number, &sent), "running") || sent >= want)
			break;
		e2e_sleep_ms(50);
	}
	return sent >= want;
}

/* ---- what the guest has ---- */

static const char *sum(const char *path)
{
	return e2e_guest("cksum <%s 2>&1", path);
}

/* All that is in a directory, hidden or not. */
static const char *list(const char *path)
{
	return e2e_guest("ls -A %s | tr '\\n' ' ' | sed 's/ $//'", path);
}

static bool daemon_is_active(void)
{
	return !strcmp(e2e_guest("systemctl is-active " UNIT), "active");
}

static bool daemon_has_device(void)
{
	return !strcmp(e2e_guest("readlink /proc/$(pidof hv_fcopy_daemon)/fd/* | "
				 "grep -cx /dev/vmbus/hv_fcopy"), "1");
}

static bool daemon_begin(void)
{
	int waited;

	if (!e2e_unit_start(UNIT, "fcopy", BEGIN_MS))
		return false;
	for (waited = 0; waited < BEGIN_MS; waited += 200) {
		if (daemon_is_active() && daemon_has_device())
			return true;
		e2e_sleep_ms(200);
	}
	return false;
}

/* ---- the tests ---- */

static bool test_basic(void)
{
	if (!is_ok(daemon_begin(), "the daemon begins")) {
		e2e_note("%s", e2e_guest("systemctl status " UNIT " | head -20"));
		return false;
	}
	is_str(copy(&small, "/tmp/in", ""), "completed", "a file is copied (FCOPY-BASIC)");
	is_str(sum("/tmp/in/file"), small.sum, "and is what it was");
	is_str(e2e_guest("stat -c '%%a %%U:%%G' /tmp/in/file"), "644 root:root",
	       "all may read it, and only root write");
	is_str(list("/tmp/in"), "file", "nothing else is left there");
	return true;
}

static const char *driver_name(void)
{
	return e2e_guest("basename $(readlink %s/driver)", e2e_device("fcopy"));
}

/* The host takes the service back and gives it again, without waiting for the guest. */
static int disable_enable(int rounds)
{
	struct json_object *ret;
	int n;

	for (n = 0; n < rounds; n++) {
		ret = e2e_call("service-disable", "{\"service\":\"fcopy\"}");
		if (!ret)
			break;
		json_object_put(ret);
		ret = e2e_call("service-enable", "{\"service\":\"fcopy\",\"timeout-ms\":20000}");
		if (!ret)
			break;
		json_object_put(ret);
	}
	if (n < rounds)
		e2e_note("  %s", e2e_error());
	return n;
}

/* Who is registered first is asked first. */
static void test_device_second(void)
{
	e2e_guest("systemctl stop hv-*-daemon; rmmod hv_utils; modprobe hv_utils; udevadm settle");
	is_str(driver_name(), "hv_utils", "loaded after another driver, ours gets the device");
	is_int(disable_enable(ROUNDS), ROUNDS, "which the host takes and gives %d times", ROUNDS);
	e2e_guest("udevadm settle");
	is_str(driver_name(), "hv_utils", "and udev's rule takes each for us");
	e2e_guest("systemctl stop hv-*-daemon; rmmod uio_hv_generic hv_utils; "
		  "modprobe hv_utils; modprobe uio_hv_generic; udevadm settle");
	is_ok(daemon_begin(), "with ours loaded first again, the daemon is back");
}

/* uio_hv_generic, which knows the class on newer kernels. */
static void test_device(void)
{
	const char *device;

	if (e2e_in_tree() || strcmp(group, "fcopy"))
		return;
	device = strrchr(e2e_device("fcopy"), '/') + 1;
	is_str(driver_name(), "hv_utils", "the device is ours");
	if (!atoi(e2e_guest("grep -c 'vmbus:e34bd134.* uio_hv_generic' "
			    "/lib/modules/$(uname -r)/modules.alias"))) {
		e2e_note("  no other driver knows it here");
		return;
	}
	/* held up, for otherwise it has taken the device back before we look */
	e2e_guest("systemctl stop " UNIT "; udevadm control --stop-exec-queue; "
		  "d=%s; modprobe uio_hv_generic; cd /sys/bus/vmbus && "
		  "echo $d >drivers/hv_utils/unbind && "
		  "echo $d >drivers/uio_hv_generic/bind", device);
	is_str(driver_name(), "uio_hv_generic", "even if another driver has it,");
	e2e_guest("udevadm control --start-exec-queue; "
		  "udevadm trigger --subsystem-match=vmbus; udevadm settle");
	is_str(driver_name(), "hv_utils", "udev's rule gives it to us");
	is_ok(daemon_begin(), "and the daemon is back");
	test_device_second();
}

static void test_exists(void)
{
	is_str(copy(&other, "/tmp/in", ""), "already-exists",
	       "a second one of its name is refused (FCOPY-FILE-EXISTS)");
	is_str(sum("/tmp/in/file"), small.sum, "and the first is as it was");
	is_str(copy(&other, "/tmp/in", ",\"force\":true"), "completed",
	       "unless it is to be written over (FCOPY-OVERWRITE)");
	is_str(sum("/tmp/in/file"), other.sum, "then it is the second");
	is_str(copy(&small, "/tmp/in", ",\"force\":true,\"cancel-at\":100000"), "cancelled",
	       "cancelled in the middle");
	is_str(sum("/tmp/in/file"), other.sum, "it is still the second");
	is_str(list("/tmp/in"), "file", "and nothing of the other is left");
}

static void test_paths(void)
{
	is_str(copy(&other, "/tmp/in/deep/er", ""), "no-path",
	       "a directory that is missing is an error");
	is_str(copy(&other, "/tmp/in/deep/er/", ",\"create-path\":true"), "completed",
	       "unless it is to be made");
	is_str(sum("/tmp/in/deep/er/file"), other.sum, "then the file is in it");
	is_str(copy(&other, "\\\\tmp\\\\in\\\\deep", ""), "completed", "slashes may be Windows'");
	is_str(sum("/tmp/in/deep/file"), other.sum, "they mean the same");
	e2e_guest("rm -rf /tmp/in/deep");
	is_str(copy(&other, "/tmp/in/renamed.txt", ""), "completed",
	       "a destination that is no directory is the file's name");
	is_str(sum("/tmp/in/renamed.txt"), other.sum, "which it has");
	is_str(copy(&other, "/tmp/in/", ",\"name\":\"gr\\u00fcn \\ud83d\\ude42 \\u4e2d\""),
	       "completed",
	       "a name may be of any characters");
	is_str(sum("'/tmp/in/gr\xc3\xbcn \xf0\x9f\x99\x82 \xe4\xb8\xad'"), other.sum,
	       "all of them are right");
}

static void test_lengths(void)
{
	char name[300], more[400], path[320];

	memset(name, 'n', 255);
	name[255] = '\0';
	snprintf(more, sizeof(more), ",\"name\":\"%s\"", name);
	is_str(copy(&other, "/tmp/in/", more), "completed", "the longest name of a file is taken");
	snprintf(path, sizeof(path), "/tmp/in/%s", name);
	is_str(sum(path), other.sum, "to its last character");
	name[255] = 'n';
	name[256] = '\0';
	snprintf(more, sizeof(more), ",\"name\":\"%s\"", name);
	is_ok(strcmp(copy(&other, "/tmp/in/", more), "completed"), "one more is an error");
	e2e_guest("rm -rf /tmp/in; mkdir /tmp/in");
}

static void test_escapes(void)
{
	static const char *const paths[] = {
		"/etc", "/etc/cron.d/x", "/tmp/../etc", "/tmp/in/../../etc/x", "/tmp/link",
		"/tmp/link/x", "/tmp/in/file-link", "\\\\tmp\\\\..\\\\etc", "/proc/sys/kernel",
		"..",
		"C:\\\\Windows",
	};
	size_t i;

	e2e_guest("ln -sfn /etc /tmp/link; ln -sf /etc/victim /tmp/in/file-link; "
		  "rm -f /etc/victim; "
		  "find /etc /proc/sys/kernel -maxdepth 2 2>/dev/null | sort >/run/before");
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		is_ok(strcmp(copy(&other, paths[i], ",\"force\":true"), "completed"),
		      "nothing is copied to %s", paths[i]);
	is_ok(strcmp(copy(&other, "/tmp/in/", ",\"name\":\"../../etc/victim\""), "completed") ||
	      !strcmp(e2e_guest("ls /etc/victim 2>/dev/null"), ""), "nor by a name with slashes");
	is_str(e2e_guest("find /etc /proc/sys/kernel -maxdepth 2 2>/dev/null | sort | "
			 "diff /run/before - >/dev/null && echo same"), "same",
	       "what is outside is as it was");
	e2e_guest("rm -f /tmp/link /tmp/in/file-link; rm -rf /tmp/in/*");
}

static void test_negative(void)
{
	e2e_guest("mkdir /mnt/ext4/fixed; chattr +i /mnt/ext4/fixed");
	is_str(copy(&other, "/mnt/ext4/fixed/", ""), "access-denied",
	       "a directory that is immutable is an error (FCOPY-NEGATIVE)");
	e2e_guest("chattr -i /mnt/ext4/fixed; mount -o remount,ro /mnt/small");
	is_str(copy(&other, "/mnt/small/", ""), "access-denied", "as is a read-only file system");
	e2e_guest("mount -o remount,rw /mnt/small");
	is_str(copy(&small, "/mnt/small/", ""), "disk-full", "and a disk without room");
	is_str(list("/mnt/small"), "", "on which nothing is left");

	e2e_guest("systemctl stop " UNIT);
	is_str(copy(&other, "/tmp/in/", ",\"name\":\"late\""), "fail",
	       "without the daemon it is an error (FCOPY-NEGATIVE)");
	is_ok(daemon_begin(), "the daemon begins again");
	e2e_sleep_ms(1000);
	is_str(list("/tmp/in"), "", "and nothing appears (FCOPY-NEGATIVE)");
	json_object_put(e2e_call("service-disable",
				 "{\"service\":\"fcopy\",\"timeout-ms\":20000}"));
	is_ok(strstr(copy(&other, "/tmp/in/", ""), "disabled"),
	      "when it is disabled, it is an error (FCOPY-NEGATIVE)");
	json_object_put(e2e_call("service-enable", "{\"service\":\"fcopy\",\"timeout-ms\":20000}"));
	is_ok(daemon_begin(), "enabled again, the daemon is there");
}

static void test_rounds(void)
{
	struct json_object *ret;
	const char *status;

	is_int(disable_enable(ROUNDS), ROUNDS,
	       "disabled and enabled %d times (FCOPY-DISABLE-ENABLE)", ROUNDS);
	if (!e2e_in_tree())
		is_str(driver_name(), "hv_utils", "no other driver has got the device");
	is_ok(daemon_begin(), "the daemon is there afterwards (FCOPY-DISABLE-ENABLE)");
	is_str(copy(&small, "/tmp/in", ""), "completed", "and serves (FCOPY-DISABLE-ENABLE)");
	is_str(sum("/tmp/in/file"), small.sum, "a file that is what it was");
	ret = e2e_call("status", "{}");
	status = e2e_string(ret, "services.fcopy.primary-status");
	is_str(status, "OK", "the host shows OK (FCOPY-DISABLE-ENABLE)");
	json_object_put(ret);
	e2e_guest("rm /tmp/in/file");
}

/* In KiB: what the kernel has for itself and cannot give back, and the daemon's own. */
static long long memory(void)
{
	return strtoll(e2e_guest("awk '/^SUnreclaim/ { n += $2 } /^Anonymous/ { n += $2 } "
				 "END { print n }' /proc/meminfo "
				 "/proc/$(pidof hv_fcopy_daemon)/smaps_rollup"), NULL, 10);
}

static void test_repeated(void)
{
	long long before = 0;
	char descriptors[16];
	int n;

	for (n = 0; n < REPEATS; n++) {
		if (strcmp(copy(&small, "/mnt/ext4/", ""), "completed"))
			break;
		e2e_guest("rm /mnt/ext4/file; sync");
		if (n == 1) {
			before = memory();
			snprintf(descriptors, sizeof(descriptors), "%s",
				 e2e_guest("ls /proc/$(pidof hv_fcopy_daemon)/fd | wc -l"));
		}
	}
	is_int(n, REPEATS, "copied and deleted %d times (FCOPY-REPEATED-DELETE, here %d MiB)",
	       REPEATS,
	       REPEAT_MIB);
	is_ok(memory() - before < 2048, "without memory that grows: %lld KiB then, %lld now",
	      before,
	      memory());
	is_str(e2e_guest("ls /proc/$(pidof hv_fcopy_daemon)/fd | wc -l"), descriptors,
	       "nor descriptors");
}

static void test_large(void)
{
	long long before, used = memory();

	before = e2e_now_ns();
	is_str(copy(&large, "/mnt/ext4/", ""), "completed",
	       "%d MiB are copied (FCOPY-LARGE-FILE, FCOPY-NON-ASCII, sized to this machine)",
	       LARGE_MIB);
	e2e_note("  in %lld s", (e2e_now_ns() - before) / 1000000000);
	is_str(sum("/mnt/ext4/file"), large.sum, "and are what they were (FCOPY-NON-ASCII)");
	is_ok(memory() - used < 4096, "without memory that grows: %lld KiB then, %lld now", used,
	      memory());
	e2e_guest("rm /mnt/ext4/file");
}

static void test_frozen(void)
{
	long long number, before, after;

	number = copy_begin(&large, "/mnt/ext4/");
	is_ok(copy_reaches(number, 1000000), "a long copy is under way");
	e2e_guest("fsfreeze -f /mnt/ext4");
	e2e_sleep_ms(500);
	copy_look(number, &before);
	e2e_sleep_ms(2000);
	is_str(copy_look(number, &after), "running", "with its file system frozen, it waits");
	is_int(after, before, "and nothing is written");
	e2e_guest("fsfreeze -u /mnt/ext4");
	is_ok(copy_reaches(number, after + 1000000), "thawed, it goes on");
	is_str(copy(&other, "/tmp/in/", ""), "fail", "another one is refused meanwhile");
	json_object_put(e2e_call("copy-cancel", "{\"number\":%lld}", number));
	is_str(copy_wait(number, 20000), "cancelled", "it can be cancelled");
	is_str(list("/mnt/ext4"), "fixed lost+found", "and nothing of it is left");
	is_str(copy(&other, "/tmp/in/", ""), "completed", "then another one is taken");
	e2e_guest("rm -f /tmp/in/file");
}

/* The file system waits, and with it a daemon that begins or ends a copy. */
static void test_frozen_ends(void)
{
	long long number;

	e2e_guest("fsfreeze -f /mnt/ext4");
	number = copy_begin(&other, "/mnt/ext4/");
	e2e_sleep_ms(2000);
	e2e_guest("fsfreeze -u /mnt/ext4");
	is_str(copy_wait(number, 20000), "completed", "a copy that begins in a freeze waits, too");
	is_str(sum("/mnt/ext4/file"), other.sum, "and comes whole");
	e2e_guest("rm -f /mnt/ext4/file");
}

/* The host's backup freezes what its copy is written to. */
static void test_backup(void)
{
	struct json_object *ret;
	long long number;

	e2e_tell("negotiate", "{\"service\":\"vss\"}");
	if (!is_ok(e2e_unit_start("hv-vss-daemon", "vss", BEGIN_MS), "the guest can be backed up"))
		return;
	number = copy_begin(&large, "/mnt/ext4/");
	is_ok(copy_reaches(number, 1000000), "while a long copy is under way");
	ret = e2e_call("vss-backup", "{\"hold-ms\":2000}");
	is_str(e2e_string(ret, "status-name"), "ok", "a backup does not wait for it");
	json_object_put(ret);
	is_str(copy_wait(number, 120000), "completed", "and it goes on to its end");
	is_str(sum("/mnt/ext4/file"), large.sum, "and is what it was");
	e2e_guest("rm /mnt/ext4/file; systemctl stop hv-vss-daemon");
}

static void test_killed(void)
{
	long long number;

	number = copy_begin(&large, "/mnt/ext4/");
	is_ok(copy_reaches(number, 1000000), "a long copy is under way once more");
	e2e_guest("kill -9 $(pidof hv_fcopy_daemon)");
	is_str(copy_wait(number, 20000), "refused", "a daemon that is killed ends it");
	is_ok(daemon_begin(), "another takes its place");
	e2e_sleep_ms(1000);
	is_str(list("/mnt/ext4"), "fixed lost+found", "which removes what was left");
	is_str(copy(&other, "/mnt/ext4/", ""), "completed", "and serves");
	e2e_guest("rm -f /mnt/ext4/file");
}

static void test_silence(void)
{
	int waited;

	e2e_guest("mkdir -p /etc/hyperv-ics.conf.d; printf '[fcopy]\\nsilence_seconds = 5\\n' "
		  ">/etc/hyperv-ics.conf.d/test.conf; systemctl restart " UNIT);
	daemon_begin();
	is_str(copy(&small, "/mnt/ext4/", ",\"stop-at\":100000"), "abandoned",
	       "a host that is gone in the middle");
	for (waited = 0; waited < 15000; waited += 500) {
		if (!strcmp(list("/mnt/ext4"), "fixed lost+found"))
			break;
		e2e_sleep_ms(500);
	}
	is_str(list("/mnt/ext4"), "fixed lost+found", "is not waited for, and nothing is left");
	is_str(copy(&other, "/mnt/ext4/", ""), "completed", "the next copy is taken");
	e2e_guest("rm -f /mnt/ext4/file /etc/hyperv-ics.conf.d/test.conf; systemctl restart " UNIT);
	daemon_begin();
}

static void test_anew(void)
{
	long long number = copy_begin(&large, "/mnt/ext4/");

	copy_reaches(number, 1000000);
	e2e_tell("negotiate", "{\"service\":\"fcopy\",\"abrupt\":true}");
	is_ok(strcmp(copy_wait(number, 5000), "completed"),
	      "a host that begins anew has forgotten it");
	e2e_sleep_ms(2000);
	is_str(list("/mnt/ext4"), "fixed lost+found", "so has the guest: nothing of it is left");
	is_str(copy(&other, "/mnt/ext4/", ""), "completed", "and a new copy is taken");
	e2e_guest("rm -f /mnt/ext4/file");
}

static void run_as(const char *name)
{
	const char *odd;

	group = name;
	e2e_quiet();
	e2e_guest("mkdir -p /mnt/ext4 /mnt/small /tmp/in; mount /dev/vda /mnt/ext4; "
		  "mount -t tmpfs -o size=1m small /mnt/small");
	if (!is_ok(file_make(&small, REPEAT_MIB * MIB + 1) && file_make(&other, 50000) &&
		   file_make(&large, LARGE_MIB * MIB), "the host has files"))
		return;
	if (test_basic()) {
		test_device();
		test_exists();
		test_paths();
		test_lengths();
		test_escapes();
		test_negative();
		test_frozen_ends();
		test_frozen();
		test_killed();
		test_silence();
		test_anew();
		test_rounds();
		test_repeated();
		test_large();
		if (!strcmp(name, "fcopy"))
			test_backup();
	}
	unlink(small.path);
	unlink(other.path);
	unlink(large.path);
	odd = e2e_anomaly();
	/* in-tree, the other services have their own ways */
	if (!e2e_in_tree() || !strncmp(odd, "fcopy:", strlen("fcopy:")))
		is_str(odd, "", "the host has seen nothing odd");
	is_str(e2e_complaints(), "", "the kernel has no complaint");
}

static void run(void)
{
	run_as("fcopy");
}

static void run_stock(void)
{
	run_as("stock-fcopy");
}

const struct e2e_group e2e_fcopy = { "fcopy", run };
const struct e2e_group e2e_stock_fcopy = { "stock-fcopy", run_stock };
