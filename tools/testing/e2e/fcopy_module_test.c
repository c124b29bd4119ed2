// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module's part of file copy, with the least daemon there can be in the place of a
 * real one: order and sizes, the file that it takes over, and that nothing it does with
 * that file holds up whoever takes the service away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "e2e.h"
#include "hvsim_fcopy_message.h"

#define PROGRAM	"/usr/bin/hvsim_fcopy"
#define SAID	"/run/f/said"
#define DRIVER	"/sys/bus/vmbus/drivers/hv_utils"
/* What is copied: long enough to be stopped in the middle, and not of whole pieces. */
#define LENGTH	3000001
#define LONG	(40 << 20)
/* For what must not wait for a file system; a nested guest is slow. */
#define SOON_MS	5000

#define is_ok(pass, text, ...)		e2e_ok(pass, "fcopy-module: " text, ##__VA_ARGS__)
#define is_int(got, want, text, ...)	e2e_is_int(got, want, "fcopy-module: " text, ##__VA_ARGS__)
#define is_str(got, want, text, ...)	e2e_is_str(got, want, "fcopy-module: " text, ##__VA_ARGS__)

static const struct hvsim_versions versions = { HVIC_VERSION(3, 0), HVIC_VERSION(1, 1) };

/* The host's files, in the order in which they are made. */
static char files[2][64];

/* ---- the daemon ---- */

static bool says(const char *text, int ms)
{
	for (ms = e2e_patient_ms(ms); ms > 0; ms -= 100) {
		if (strstr(e2e_guest("cat " SAID), text))
			return true;
		e2e_sleep_ms(100);
	}
	e2e_note("  it says %s", e2e_guest("cat " SAID));
	return false;
}

static bool begin(const char *options, const char *path)
{
	e2e_guest("for p in $(pidof hvsim_fcopy); do kill -9 $p; done; "
		  "while pidof hvsim_fcopy >/dev/null; do sleep 0.1; done; rm -f " SAID "; "
		  "setsid " PROGRAM " %s %s >" SAID " 2>&1 </dev/null &", options, path);
	return says("ready", 10000);
}

static void stop(void)
{
	e2e_guest("for p in $(pidof hvsim_fcopy); do kill -9 $p; done; "
		  "while pidof hvsim_fcopy >/dev/null; do sleep 0.1; done");
}

/* ---- the host ---- */

static bool file_make(size_t which, size_t len)
{
	unsigned int value = 12345;
	FILE *file;
	size_t i;

	snprintf(files[which], sizeof(files[which]), "/tmp/hvsim-fcopy-XXXXXX");
	close(mkstemp(files[which]));
	file = fopen(files[which], "w");
	for (i = 0; file && i < len; i++) {
		value = value * 1103515245 + 12345;
		putc(value >> 16 & 0xff, file);
	}
	return file && !fclose(file);
}

/* Returns "ended status-name", valid until the next call; or why there is none. */
static const char *copy(size_t which, const char *more)
{
	struct json_object *ret = e2e_call("copy", "{\"file\":\"%s\",\"path\":\"/x\","
					   "\"name\":\"y\"%s}", files[which], more);
	static char text[400];

	if (ret)
		snprintf(text, sizeof(text), "%s %s", e2e_string(ret, "ended"),
			 e2e_string(ret, "status-name"));
	else
		snprintf(text, sizeof(text), "%s", e2e_error());
	json_object_put(ret);
	return text;
}

static long long copy_begin(size_t which)
{
	struct json_object *ret = e2e_call("copy", "{\"file\":\"%s\",\"path\":\"/x\","
					   "\"name\":\"y\",\"background\":true}", files[which]);
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
	long long sent;
	int ms;

	for (ms = e2e_patient_ms(20000); ms > 0; ms -= 50) {
		if (strcmp(copy_look(number, &sent), "running") || sent >= want)
			return sent >= want;
		e2e_sleep_ms(50);
	}
	return false;
}

/* Asks one thing, of which @cut bytes are left out; returns the status, -1 for none. */
static long long ask(struct hvsim_fcopy_request request, size_t cut)
{
	static const uint8_t zeros[HVIC_FCOPY_DATA_LEN];
	uint8_t packet[E2E_PACKET_MAX];
	struct hvsim_message answer;
	uint32_t operation = request.operation;
	int len;

	request.data = zeros;
	if (operation >= HVIC_NR_FCOPY_OPERATIONS)
		request.operation = HVIC_FCOPY_CANCEL;
	len = hvsim_fcopy_build(packet, sizeof(packet), 9, &versions, &request);
	if (len < 0)
		return len;
	packet[HVIC_HDR_LEN] = (uint8_t)operation;
	len -= (int)cut;
	packet[4] = (uint8_t)(len - 8);
	packet[5] = (uint8_t)((len - 8) >> 8);
	packet[18] = (uint8_t)(len - 28);
	packet[19] = (uint8_t)((len - 28) >> 8);
	return e2e_raw("fcopy", packet, (size_t)len, &answer) > 0 ? (long long)answer.status : -1;
}

static long long start(uint64_t size)
{
	return ask((struct hvsim_fcopy_request){
		.operation = HVIC_FCOPY_START, .name = "y", .path = "/x", .size = size }, 0);
}

static long long piece(uint64_t offset, size_t len)
{
	return ask((struct hvsim_fcopy_request){
		.operation = HVIC_FCOPY_WRITE, .offset = offset, .len = len }, 0);
}

static long long end(uint32_t operation)
{
	return ask((struct hvsim_fcopy_request){ .operation = operation }, 0);
}

/* ---- the guest ---- */

static const char *sum(const char *path)
{
	return e2e_guest("cksum <%s", path);
}

static uint32_t sum_add(uint32_t sum, unsigned int byte)
{
	int bit;

	sum ^= byte << 24;
	for (bit = 0; bit < 8; bit++)
		sum = sum << 1 ^ (sum >> 31 ? 0x04c11db7 : 0);
	return sum;
}

/* As cksum(1) prints it. */
static const char *host_sum(size_t which)
{
	static char text[2][64];
	FILE *file = fopen(files[which], "r");
	unsigned long len = 0, left;
	uint32_t sum = 0;
	int byte;

	if (*text[which] || !file) {
		if (file)
			fclose(file);
		return text[which];
	}
	for (; (byte = getc(file)) != EOF; len++)
		sum = sum_add(sum, (unsigned int)byte);
	for (left = len; left; left >>= 8)
		sum = sum_add(sum, left & 0xff);
	fclose(file);
	snprintf(text[which], sizeof(text[which]), "%u %lu", ~sum, len);
	return text[which];
}

/* Milliseconds that a command takes in the guest. */
static long long takes(const char *command)
{
	return strtoll(e2e_guest("a=$(date +%%s%%N); %s; b=$(date +%%s%%N); "
				 "echo $(((b - a) / 1000000))", command), NULL, 10);
}

/* ---- the tests ---- */

static void test_alone(void)
{
	stop();
	is_str(copy(0, ""), "refused fail", "without a daemon a copy is refused");
	is_str(e2e_attribute("fcopy", "daemon"), "none", "sysfs says that there is none");
	begin("", "/run/f/late");
	e2e_sleep_ms(500);
	is_str(e2e_guest("ls /run/f"), "said", "and is not made up for when there is one");
	is_str(e2e_attribute("fcopy", "daemon"), "ready", "sysfs says that it is there");
	is_ok(strstr(e2e_guest(PROGRAM " /run/f/second; true"), "EBUSY"), "there is but one");
}

static void test_registration(void)
{
	stop();
	is_ok(strstr(e2e_guest(PROGRAM " --register 7 /run/f/x; true"), "EINVAL"),
	      "who registers in a way that is not known is refused");
	begin("--slow --register 0", "/run/f/old");
	is_str(e2e_attribute("fcopy", "daemon"), "ready", "an old daemon is ready at once");
	is_str(copy(0, ""), "completed ok", "and serves");
	is_str(sum("/run/f/old"), host_sum(0), "a file arrives as it is");
}

static void test_paths(void)
{
	begin("", "/mnt/ext4/fast");
	is_str(copy(0, ""), "completed ok", "a file is copied");
	is_str(sum("/mnt/ext4/fast"), host_sum(0), "and arrives as it is");
	is_ok(says("take Success", 1000), "the module has taken it over");
	is_ok(says("chunks 489 error 0", 1000), "and written all of it");
	is_str(e2e_attribute("fcopy", "copy"), "none", "then there is no copy any more");
	is_str(e2e_attribute("fcopy", "writer"), "daemon", "and no file");
	is_str(copy(0, ",\"piece\":1000,\"size\":50000"), "completed ok", "in small pieces, too");
	is_str(e2e_guest("stat -c %%s /mnt/ext4/fast"), "50000", "as long as announced");
	is_str(copy(0, ",\"size\":0"), "completed ok", "and a file without a byte");

	begin("--slow", "/mnt/ext4/slow");
	is_str(copy(0, ""), "completed ok", "a daemon may write by itself");
	is_str(sum("/mnt/ext4/slow"), host_sum(0), "which arrives as well");
}

static void test_names(void)
{
	char text[300], more[400];

	begin("", "/run/f/out");
	copy(0, ",\"size\":0,\"name\":\"gr\\u00fcn \\ud83d\\ude42 \\u4e2d\"");
	is_ok(says("start 'gr\xc3\xbcn \xf0\x9f\x99\x82 \xe4\xb8\xad' '/x'", 1000),
	      "names are of any characters");
	memset(text, 'n', 259);
	text[259] = '\0';
	snprintf(more, sizeof(more), ",\"size\":0,\"name\":\"%s\"", text);
	is_str(copy(0, more), "completed ok", "the longest name is taken");
	is_ok(says(text, 1000), "to its end");
	is_str(copy(0, ",\"size\":0,\"name\":\"\""), "refused invalid-argument",
	       "an empty one is not");
	is_ok(!strstr(e2e_guest("cat " SAID), "start ''"), "and the daemon not asked");
}

static void test_order(void)
{
	const long long fail = HVIC_STATUS_FAIL, bad = HVIC_STATUS_INVALID_ARG;

	begin("", "/run/f/order");
	is_int(piece(0, 10), fail, "a write before a start is refused");
	is_int(end(HVIC_FCOPY_COMPLETE), fail, "as is a complete");
	is_int(end(HVIC_FCOPY_CANCEL), fail, "and a cancel");
	is_int(end(4), HVIC_STATUS_NOT_SUPPORTED, "and an operation that there is not");
	is_int(start(100), 0, "a start is taken");
	is_str(e2e_attribute("fcopy", "writer"), "module", "the module has the file");
	is_int(start(100), fail, "a second start is refused");
	is_int(piece(0, 60), 0, "a piece is taken");
	is_str(e2e_attribute("fcopy", "reached"), "60", "and written");
	is_int(piece(60, 41), bad, "one beyond the end is refused");
	is_str(e2e_attribute("fcopy", "copy"), "failed", "which ends the copy");
	is_ok(says("given up", 2000), "the daemon hears of it");
	is_int(piece(60, 40), fail, "nothing more is taken");
	is_int(end(HVIC_FCOPY_COMPLETE), fail, "nor completed");
	is_str(e2e_guest("stat -c %%s /run/f/order"), "60", "and nothing more was written");
	is_int(end(HVIC_FCOPY_CANCEL), 0, "but it can be cancelled");

	is_int(start(100), 0, "another begins");
	is_int(piece(~0ull - 5, 6), bad, "an offset that wraps is refused");
	is_int(start(100), 0, "a start follows what has failed");
	is_int(ask((struct hvsim_fcopy_request){ .operation = HVIC_FCOPY_WRITE, .len = 100 },
		   HVIC_FCOPY_DATA_LEN - 99), fail, "a piece longer than what came is refused");
	is_int(start(100), 0, "once more");
	is_int(piece(0, 99), 0, "all but one byte");
	is_int(end(HVIC_FCOPY_COMPLETE), fail, "and it cannot complete");
	is_int(start(100), 0, "once more");
	is_int(piece(0, 100), 0, "all of it");
	is_int(end(HVIC_FCOPY_COMPLETE), 0, "it completes");
	is_int(piece(0, 10), fail, "then a write is refused");
	is_int(end(HVIC_FCOPY_CANCEL), fail, "and so is a cancel: the file is there");
	is_str(e2e_guest("stat -c %%s /run/f/order"), "100", "as it should be");
	is_int(start(1ull << 63), bad, "a size that no file has is refused");
}

static void test_statuses(void)
{
	static const char *const statuses[][2] = {
		{ "0x80070050", "already-exists" }, { "0x80070070", "disk-full" },
		{ "0x80070005", "access-denied" }, { "0x80070003", "no-path" },
		{ "0x80070057", "invalid-argument" }, { "0x80004005", "fail" },
	};
	char options[64], want[64];
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		snprintf(options, sizeof(options), "--status %s", statuses[i][0]);
		snprintf(want, sizeof(want), "refused %s", statuses[i][1]);
		begin(options, "/run/f/status");
		is_str(copy(0, ""), want, "the daemon's %s reaches the host", statuses[i][0]);
		is_str(e2e_attribute("fcopy", "copy"), "none", "and nothing begins");
	}
}

static void test_full(void)
{
	begin("", "/mnt/small/file");
	is_str(copy(0, ""), "refused disk-full", "a disk that fills up in the middle is told of");
	is_ok(says("given up", 2000) && says("error -28 holds 0", 1000), "the daemon, too");
	begin("--slow", "/mnt/small/file");
	is_str(copy(0, ""), "refused disk-full", "as it is when the daemon writes");
	e2e_guest("rm /mnt/small/file");
	begin("", "/mnt/small/file");
	is_str(copy(0, ",\"size\":500000"), "completed ok", "what there is room for is copied");
}

static void test_probe(void)
{
	static const char *const wants[] = {
		"read only: EBADF", "append: EINVAL", "pipe: EINVAL", "device: EINVAL",
		"closed: EBADF", "negative: EINVAL", "size: EINVAL", "flags: EINVAL", "good: ok",
		"ioctl: ENOTTY",
	};
	const char *said;
	char line[64];
	size_t i;

	begin("--probe", "/run/f/probe");
	is_str(copy(0, ""), "completed ok", "a daemon that tries all it must not still serves");
	said = strdup(e2e_guest("sed -n '/probe at start/,$p' " SAID));
	for (i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		snprintf(line, sizeof(line), "probe %s", wants[i]);
		is_ok(strstr(said, line), "of what it hands over: %s", wants[i]);
	}
	is_ok(strstr(e2e_guest("sed '/probe at start/,$d' " SAID), "good: EINVAL"),
	      "and before a start no file at all");
	is_str(sum("/run/f/probe"), host_sum(0), "the last one it handed over is written");
}

/* Each message once; the pieces only by a daemon that gets them. */
static void test_death(void)
{
	static const char *const names[] = { "start", "write", "complete", "cancel" };
	char options[64];
	int op;

	for (op = 0; op < HVIC_NR_FCOPY_OPERATIONS; op++) {
		snprintf(options, sizeof(options), "--slow --die-at %d", op);
		begin(options, "/run/f/died");
		is_str(copy(0, op == HVIC_FCOPY_CANCEL ? ",\"cancel-at\":10000" : ""),
		       "refused fail",
		       "a daemon that dies at a %s ends the copy", names[op]);
		begin("", "/run/f/died");
		is_str(copy(0, ""), "completed ok", "and the next one serves");
	}
	begin("--die-at 2", "/run/f/died");
	is_str(copy(0, ""), "refused fail", "so does one whose file the module has");
}

static void test_killed(void)
{
	long long number;

	begin("", "/mnt/ext4/killed");
	number = copy_begin(1);
	is_ok(copy_reaches(number, 100000), "a long copy is under way");
	stop();
	is_str(copy_wait(number, 5000), "refused", "a daemon killed meanwhile ends it");
	is_str(e2e_attribute("fcopy", "writer"), "daemon", "the module has let go of the file");
	begin("", "/mnt/ext4/killed");
	is_str(copy(0, ""), "completed ok", "the next daemon serves");
}

static void test_frozen(void)
{
	long long number, before, after;

	begin("", "/mnt/ext4/frozen");
	number = copy_begin(1);
	is_ok(copy_reaches(number, 100000), "a long copy is under way");
	is_ok(takes("fsfreeze -f /mnt/ext4") < SOON_MS, "its file system can be frozen at once");
	e2e_sleep_ms(500);
	copy_look(number, &before);
	e2e_sleep_ms(2000);
	is_str(copy_look(number, &after), "running", "the copy waits");
	is_int(after, before, "and nothing is written");
	is_ok(takes("fsfreeze -u /mnt/ext4") < SOON_MS, "thawed,");
	is_str(copy_wait(number, 120000), "completed", "it goes on to its end");
	is_str(sum("/mnt/ext4/frozen"), host_sum(1), "and arrives as it is");
}

/* A freeze that begins in the middle of a write must not wait for what waits for it. */
static void test_frozen_often(void)
{
	long long number;
	int rounds;

	begin("", "/mnt/ext4/often");
	number = copy_begin(1);
	is_ok(copy_reaches(number, 100000), "a long copy is under way");
	for (rounds = 0; rounds < 20; rounds++) {
		e2e_guest("for i in 1 2 3 4 5; do timeout -s KILL 20 fsfreeze -f /mnt/ext4 && "
			  "timeout -s KILL 20 fsfreeze -u /mnt/ext4 || exit 1; done");
		if (e2e_guest_status())
			break;
	}
	is_int(rounds, 20, "its file system can be frozen and thawed again and again");
	is_str(copy_wait(number, 120000), "completed", "it goes on to its end all the same");
	is_str(sum("/mnt/ext4/often"), host_sum(1), "and arrives as it is");
}

/* Whoever takes the service away does not wait for a file system that is frozen. */
static void test_taken(void)
{
	const char *device = strrchr(e2e_device("fcopy"), '/') + 1;
	char command[200], name[64];
	long long number;

	snprintf(name, sizeof(name), "%s", device);
	begin("", "/mnt/ext4/taken");
	number = copy_begin(1);
	copy_reaches(number, 100000);
	e2e_guest("fsfreeze -f /mnt/ext4");
	e2e_sleep_ms(500);
	snprintf(command, sizeof(command), "echo %s >" DRIVER "/unbind", name);
	is_ok(takes(command) < SOON_MS, "while it is frozen, the driver can be unbound");
	/* the daemon has a file there, and is not gone before that is closed: in use, then */
	is_ok(takes("rmmod hv_utils") < SOON_MS, "who unloads the module is told at once");
	e2e_guest("stat -c %%s /mnt/ext4/taken >/run/f/size; fsfreeze -u /mnt/ext4; sleep 0.5");
	is_str(e2e_guest("stat -c %%s /mnt/ext4/taken"), e2e_guest("cat /run/f/size"),
	       "nothing is written when it is thawed");
	e2e_guest("for i in $(seq 50); do rmmod hv_utils && break; sleep 0.1; done");
	if (!is_str(e2e_guest("lsmod | grep -c ^hv_utils"), "0", "then it can be unloaded"))
		e2e_note("  %s", e2e_guest("lsmod | grep ^hv_utils; readlink /proc/[0-9]*/fd/* | "
					   "grep vmbus | tr '\\n' ' '"));
	e2e_guest("modprobe hv_utils");
	is_ok(e2e_wait_state("fcopy", "ready", 20000), "loaded again, the service is back");
	begin("", "/mnt/ext4/taken");
	is_str(copy(0, ""), "completed ok", "and serves");
}

static void test_rescinded(void)
{
	long long number, before;
	struct json_object *ret;

	begin("", "/mnt/ext4/rescinded");
	number = copy_begin(1);
	copy_reaches(number, 100000);
	e2e_guest("fsfreeze -f /mnt/ext4");
	before = e2e_now_ns();
	ret = e2e_call("service-disable", "{\"service\":\"fcopy\",\"timeout-ms\":20000}");
	is_ok(ret && (e2e_now_ns() - before) / 1000000 < 2 * SOON_MS,
	      "while it is frozen, the host can take the service back");
	json_object_put(ret);
	is_ok(strcmp(copy_wait(number, 5000), "completed"), "which ends the copy");
	e2e_guest("fsfreeze -u /mnt/ext4");
	json_object_put(e2e_call("service-enable", "{\"service\":\"fcopy\",\"timeout-ms\":20000}"));
	is_ok(e2e_wait_state("fcopy", "ready", 20000), "and give it again");
	begin("", "/mnt/ext4/rescinded");
	is_str(copy(0, ""), "completed ok", "it serves");
}

/* As after a migration: the host knows nothing of a copy, and asks for versions. */
static void test_anew(void)
{
	long long number;

	begin("", "/mnt/ext4/anew");
	number = copy_begin(1);
	copy_reaches(number, 100000);
	e2e_tell("negotiate", "{\"service\":\"fcopy\",\"abrupt\":true}");
	is_ok(strcmp(copy_wait(number, 5000), "completed"),
	      "a host that begins anew has forgotten it");
	is_ok(says("given up", 3000), "the daemon hears of it");
	is_int(piece(200000, 10), HVIC_STATUS_FAIL, "and a piece of it is refused");
	is_str(copy(0, ""), "completed ok", "the next copy is served");
	is_str(sum("/mnt/ext4/anew"), host_sum(0), "and arrives as it is");
}

static void test_two(void)
{
	long long number;

	begin("", "/mnt/ext4/two");
	number = copy_begin(1);
	copy_reaches(number, 100000);
	is_str(copy(0, ""), "refused fail", "a second copy is refused while one goes on");
	is_str(copy_wait(number, 120000), "completed", "which does not disturb the first");
	is_str(sum("/mnt/ext4/two"), host_sum(1), "it arrives as it is");
}

static void run(void)
{
	e2e_quiet();
	e2e_guest("mkdir -p /run/f /mnt/ext4 /mnt/small; mount /dev/vda /mnt/ext4; "
		  "mount -t tmpfs -o size=1m small /mnt/small; "
		  /* udev would start one whenever the device comes back */
		  "systemctl mask --runtime --now hv-fcopy-daemon hv-kvp-daemon hv-vss-daemon "
		  "2>/dev/null; true");
	if (!is_ok(file_make(0, LENGTH) && file_make(1, LONG), "the host has files") ||
	    !is_ok(e2e_wait_state("fcopy", "ready", 20000), "the service is ready"))
		return;
	test_alone();
	test_registration();
	test_paths();
	test_names();
	test_order();
	test_statuses();
	test_full();
	test_probe();
	test_death();
	test_killed();
	test_two();
	test_anew();
	test_frozen();
	test_frozen_often();
	test_taken();
	test_rescinded();
	stop();
	unlink(files[0]);
	unlink(files[1]);
	is_str(e2e_anomaly(), "", "the host has seen nothing odd");
	is_str(e2e_complaints(), "", "the kernel has no complaint");
}

const struct e2e_group e2e_fcopy_module = { "fcopy-module", run };
