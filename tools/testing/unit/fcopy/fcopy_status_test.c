// SPDX-License-Identifier: GPL-2.0-or-later
/* What has become of copies: lines of a file, and what a daemon finds of one before it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "fcopy/absence.h"
#include "fcopy/status.h"
#include "hvd_file.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static char directory[64];

static void test_line(void)
{
	struct fcopy_entry entry = {
		.number = 7, .state = FCOPY_FAILED, .began = 1700000000, .ms = 1500,
		.size = 3000, .bytes = 1500, .status = 0x80070070,
		.path = "/tmp/a b\n\tc", .why = "the disk is full",
	}, again;
	char line[FCOPY_LINE_LEN];
	int len = fcopy_entry_format(&entry, line, sizeof(line));

	tap_is_str(line, "7\tfailed\t1700000000\t1500\t3000\t1500\t0x80070070\t/tmp/a b??c\t"
		   "the disk is full\n", "a copy as a line");
	tap_is_int(len, (long long)strlen(line), "of that length");
	tap_is_int(fcopy_entry_parse(&again, line, (size_t)len - 1), 0, "and back");
	strcpy(entry.path, "/tmp/a b??c");
	tap_ok(!memcmp(&entry, &again, sizeof(entry)), "is the same");
	strcpy(entry.path, "/tmp/\xc2\x9b\xc3\xbc");
	fcopy_entry_format(&entry, line, sizeof(line));
	tap_ok(strstr(line, "\t/tmp/??\xc3\xbc\t"), "a terminal's control characters are none");
	strcpy(entry.path, "/tmp/\xc3\xbc\xff");
	fcopy_entry_format(&entry, line, sizeof(line));
	tap_ok(strstr(line, "\t/tmp/???\t"), "nor is what is no UTF-8");
	tap_is_int(fcopy_entry_format(&entry, line, 40), -ENOSPC, "a line that is too short");
	tap_is_int((long long)fcopy_entry_rate(&entry), 1000, "a rate");
	entry.ms = 0;
	tap_is_int((long long)fcopy_entry_rate(&entry), 0, "of no time");
	entry.ms = 1;
	entry.bytes = UINT64_MAX;
	tap_ok(fcopy_entry_rate(&entry) > 0, "and of far too much");
}

static const struct {
	const char *line;
	int err;
} lines[] = {
	{ "1\tdone\t2\t3\t4\t5\t0x0\t/p\t", 0 },
	{ "1\tdone\t2\t3\t4\t5\t0x0\t/p", 0 },
	{ "", -EBADMSG },
	{ "1\tdone\t2\t3\t4\t5", -EBADMSG },
	{ "x\tdone\t2\t3\t4\t5\t0x0\t/p\t", -EBADMSG },
	{ "1\tgone\t2\t3\t4\t5\t0x0\t/p\t", -EBADMSG },
	{ "1\tdone\t-2\t3\t4\t5\t0x0\t/p\t", -EBADMSG },
	{ "1\tdone\t2\t3\t4\t5\t0x100000000\t/p\t", -EBADMSG },
	{ "1\tdone\t2\t3\t4\t99999999999999999999\t0x0\t/p\t", -EBADMSG },
	{ "1\tdone\t2\t3\t4\t5\t0x0\t/p\twhy\tmore", -EBADMSG },
	{ "1 done 2 3 4 5 0x0 /p ", -EBADMSG },
};

static void test_lines(void)
{
	struct fcopy_entry entry;
	size_t i;

	for (i = 0; i < NR(lines); i++)
		tap_is_int(fcopy_entry_parse(&entry, lines[i].line, strlen(lines[i].line)),
			   lines[i].err, "'%s'", lines[i].line);
	tap_is_int(fcopy_entry_parse(&entry, "1\0", 2), -EBADMSG, "a NUL");
}

static void test_file(void)
{
	static struct fcopy_status status, again;
	char path[128], text[256];
	struct stat file;
	ino_t before;
	int i;

	snprintf(path, sizeof(path), "%s/copies", directory);
	fcopy_status_start(&status, path);
	tap_is_int(status.count, 0, "without a file there is none");
	for (i = 1; i <= FCOPY_ENTRIES_MAX + 5; i++)
		snprintf(fcopy_status_add(&status)->path, 16, "/p%d", i);
	fcopy_status_last(&status)->state = FCOPY_WAITING;
	tap_is_int(fcopy_status_write(&status), 0, "25 are written");
	stat(path, &file);
	before = file.st_ino;
	tap_is_int(file.st_mode & 07777, 0600, "for root only");
	tap_is_int(fcopy_status_write(&status), 0, "and not again");
	stat(path, &file);
	tap_ok(file.st_ino == before, "when nothing is new");
	fcopy_status_end(&status);
	tap_is_int(fcopy_status_read(&again, path), 0, "it is read");
	tap_is_int(again.count, FCOPY_ENTRIES_MAX, "the last 20");
	tap_is_int((long long)again.entries[0].number, 6, "from the sixth");
	tap_is_int(fcopy_status_last(&again)->state, FCOPY_WAITING, "as they are");
	fcopy_status_start(&again, path);
	tap_is_int(fcopy_status_last(&again)->state, FCOPY_FAILED, "the next daemon knows better");
	tap_is_str(fcopy_status_last(&again)->why, "the daemon ended", "and why");
	tap_is_int((long long)fcopy_status_add(&again)->number, 26, "and goes on with the next");
	snprintf(text, sizeof(text), "nonsense\n%s\nmore", lines[0].line);
	hvd_file_replace(path, text, strlen(text), 0600);
	tap_is_int(fcopy_status_read(&again, path), 0, "of a file with other things in it");
	tap_is_int(again.count, 1, "what is a copy is read");
	unlink(path);
	tap_is_int(fcopy_status_read(&again, path), -ENOENT, "a file that is not there");
}

static void device_make(const char *class_id, const char *driver)
{
	char path[200], link[200];

	snprintf(path, sizeof(path), "%s/devices", directory);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/devices/one", directory);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/devices/one/class_id", directory);
	hvd_file_replace(path, class_id, strlen(class_id), 0644);
	snprintf(path, sizeof(path), "%s/devices/one/driver", directory);
	unlink(path);
	snprintf(link, sizeof(link), "../../../bus/vmbus/drivers/%s", driver);
	if (driver[0] && symlink(link, path) < 0)
		tap_diag("cannot link %s", path);
}

static void test_absence(void)
{
	char devices[100], text[256];

	snprintf(devices, sizeof(devices), "%s/devices", directory);
	tap_is_int(fcopy_absence_tell(devices, text, sizeof(text)), -ENXIO, "no bus: %s", text);
	device_make("{00000000-0000-0000-0000-000000000000}\n", "");
	tap_is_int(fcopy_absence_tell(devices, text, sizeof(text)), -ENXIO, "no offer");
	tap_ok(strstr(text, "the host does not offer it"), "is said: %s", text);
	device_make(FCOPY_CLASS "\n", "");
	tap_is_int(fcopy_absence_tell(devices, text, sizeof(text)), -ENODEV, "no driver");
	tap_ok(strstr(text, "install that of hyperv-ics"), "is said: %s", text);
	device_make(FCOPY_CLASS "\n", "uio_hv_generic");
	tap_is_int(fcopy_absence_tell(devices, text, sizeof(text)), -ENODEV, "another driver");
	tap_ok(strstr(text, "uio_hv_generic has it"), "is said: %s", text);
	device_make(FCOPY_CLASS "\n", "hv_utils");
	tap_is_int(fcopy_absence_tell(devices, text, sizeof(text)), -ENODEV,
		   "a driver without a device");
	tap_ok(strstr(text, "has made no device"), "is said: %s", text);
}

int main(void)
{
	char command[96];

	strcpy(directory, "/tmp/fcopy_status_test.XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	test_line();
	test_lines();
	test_file();
	test_absence();
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) ? 1 : tap_done();
}
