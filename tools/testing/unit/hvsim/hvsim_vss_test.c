// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Backup of the emulated host without an emulated machine: its messages to the byte, and
 * whole backups of guests that do well and badly.  The host runs in a thread of its own,
 * and the guest in another.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_json.h"
#include "hvsim_vss_message.h"
#include "sim_host.h"

#define V(major, minor)	HVIC_VERSION(major, minor)
#define BODY		HVIC_HDR_LEN
#define NOBODY		255
/* Two pieces of a copy and a bit. */
#define DISK_LEN	(600u << 10)

static uint8_t packet[HVIC_PIPE_MAX];

static uint64_t at(size_t offset, unsigned int bytes)
{
	return hvsim_frame_get(packet + BODY + offset, bytes);
}

/* ---- messages ---- */

static int build(uint8_t operation, uint32_t disks)
{
	static const struct hvsim_versions versions = { V(3, 0), V(5, 0) };
	const struct hvsim_vss_request request = {
		.operation = operation, .backup = 5, .flags = 0x0a0b0c0d, .disks = disks,
	};

	memset(packet, 0xee, sizeof(packet));
	return hvsim_vss_message_build(packet, sizeof(packet), 7, &versions, &request);
}

static void test_lengths(void)
{
	static const int lengths[] = { 32, 32, 32, 32, 32, 6260, 32, 12500, 7320, 32 };
	unsigned int i, wrong = 0;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		wrong += build((uint8_t)i, 0) != (int)BODY + lengths[i] || at(0, 1) != i ||
			 at(1, 7);
	tap_is_int(wrong, 0, "each request is as long as a host's, and says what it is");
	tap_ok(packet[12] == HVIC_TYPE_VSS && packet[24] == 7 && packet[25] == 3, "its header");
	tap_is_int(hvsim_vss_message_build(packet, 40, 0, &(struct hvsim_versions){ 0 },
					   &(struct hvsim_vss_request){ 0 }), -EMSGSIZE,
		   "no room for it");
}

static void test_fields(void)
{
	build(HVIC_VSS_FREEZE, 2);
	tap_ok(at(8, 4) == 5 && at(12, 4) == 0x0a0b0c0d && at(16, 4) == 2, "a freeze has its head");
	tap_ok(at(20, 1) == 1 && at(24, 8) && !at(42, 1) && at(44, 1) == 1 && at(66, 1) == 1,
	       "and its disks");
	tap_ok(!at(68, 8) && !at(6252, 8), "and no more");
	build(HVIC_VSS_AUTO_RECOVER, 300);
	tap_ok(at(16, 4) == 260 && at(20, 1) == 1 && at(6260, 1) == 1 && at(12476, 1) == 1,
	       "an auto recovery has both lists, full at most");
	build(HVIC_VSS_QUERY_CLUSTER, 1);
	tap_ok(at(24, 4) == 7320 && at(28, 4) == 1 && at(32, 1) == 1, "a question for a cluster");
	build(HVIC_VSS_CREATE, 0);
	tap_ok(at(8, 8) == 0x5e5e5e5e5e5e5e5e && at(24, 4) == 5, "a set of snapshots");
	build(HVIC_VSS_THAW, 0);
	tap_ok(at(8, 4) == 0x0a0b0c0d && !at(12, 8), "flags alone");
}

static void test_answers(void)
{
	const struct hvsim_vss_request check = { .operation = HVIC_VSS_CHECK_HOT_BACKUP };
	const struct hvsim_vss_request thaw = { .operation = HVIC_VSS_THAW };
	uint8_t body[12] = { HVIC_VSS_CHECK_HOT_BACKUP, [8] = 5 };
	struct hvsim_message answer = { .body = body, .body_len = sizeof(body) };
	struct hvsim_vss_answer found;

	tap_ok(!hvsim_vss_message_read(&answer, &check, &found) && found.flags == 5,
	       "the flags of a check are read");
	tap_ok(hvsim_vss_message_read(&answer, &thaw, &found) ==
	       HVSIM_FAULT(VSS_OPERATION) && !found.flags, "an answer to something else");
	answer.body_len = 11;
	tap_ok(hvsim_vss_message_read(&answer, &check, &found) == HVSIM_FAULT(BODY_SHORT),
	       "an answer that is too short");
	answer.status = HVIC_STATUS_FAIL;
	tap_is_int(hvsim_vss_message_read(&answer, &check, &found), 0,
		   "which it may be when there is nothing to say");
}

static void test_names(void)
{
	uint8_t operation = NOBODY;
	unsigned int i, wrong = 0;

	for (i = 0; i < HVIC_NR_VSS_OPERATIONS; i++)
		wrong += hvsim_vss_operation_find(&operation,
						  hvsim_vss_operation_name((uint8_t)i)) ||
			 operation != i;
	tap_is_int(wrong, 0, "each operation is found by its name");
	tap_ok(!hvsim_vss_operation_find(&operation, "255") && operation == 255, "or a number");
	tap_is_int(hvsim_vss_operation_find(&operation, "256"), -ENOENT, "of a byte");
	tap_is_int(hvsim_vss_operation_find(&operation, "-1"), -ENOENT, "that is none below 0");
	tap_is_int(hvsim_vss_operation_find(&operation, "5x"), -ENOENT, "with nothing behind it");
	tap_is_str(hvsim_vss_operation_name(9), "unknown", "what there is not has no name");
	tap_is_int(hvsim_vss_operation_since(9), 0, "nor a version");
	tap_is_int(hvsim_vss_operation_since(HVIC_VSS_FREEZE), V(5, 0), "a freeze has");
}

/* ---- the guest ---- */

/* which operation fails, is not answered, or is answered as another */
static atomic_int failing, silent, odd;
static atomic_uint speaks;
static uint8_t log_operations[64];
static atomic_uint log_len;

static void guest_answer(const struct hvsim_frame *frame)
{
	uint8_t bytes[16384] = { 0 }, operation;

	memcpy(bytes, frame->bytes, frame->length);
	bytes[25] = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	operation = bytes[BODY];
	if (!bytes[12]) {
		hvsim_frame_put(bytes + 28, 0x10001, 4);
		hvsim_frame_put(bytes + 18, 16, 2);
		hvsim_frame_put(bytes + 36, 3, 4);
		hvsim_frame_put(bytes + 40, speaks, 4);
	} else {
		log_operations[log_len % sizeof(log_operations)] = operation;
		log_len++;
		if (operation == silent)
			return;
		if (operation == failing)
			hvsim_frame_put(bytes + 20, HVIC_STATUS_FAIL, 4);
		if (operation == HVIC_VSS_CHECK_HOT_BACKUP)
			bytes[BODY + 8] = 5;
		if (operation == odd)
			bytes[BODY]++;
	}
	sim_guest_send(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, bytes, frame->length);
}

static void guest_is(int failing_now, int silent_now, int odd_now)
{
	failing = failing_now;
	silent = silent_now;
	odd = odd_now;
	log_len = 0;
}

/* What the guest was asked, as digits. */
static const char *asked(void)
{
	static char text[sizeof(log_operations) + 1];
	unsigned int i;

	for (i = 0; i < log_len && i < sizeof(log_operations); i++)
		text[i] = (char)('0' + log_operations[i]);
	text[i] = '\0';
	return text;
}

/* ---- the host and the client ---- */

static char disk[2][100];

static bool host_start(size_t disks)
{
	static char *words[2] = { disk[0], disk[1] };
	const struct hvsim_host_options options = { .disks = words, .disk_count = disks };

	if (!sim_host_start(&options))
		return false;
	sim_guest_connect("vss", guest_answer);
	sim_guest_send(HVSIM_FRAME_OPENED, 0, NULL, 0);
	return sim_wait_event("negotiated");
}

static void machine_stop(void)
{
	sim_guest_disconnect();
	sim_host_stop();
}

static void status_is(const char *key, const char *want, const char *what)
{
	struct json_object *status = sim_call("status", "{}");

	tap_is_str(sim_text(sim_member(sim_member(status, "services"), "vss"), key), want, "%s",
		   what);
	json_object_put(status);
}

/* A backup, what of it failed, and what the guest was asked for that. */
static void backup_is(const char *arguments, const char *failed, const char *want,
		      const char *what)
{
	struct json_object *result = sim_call("vss-backup", arguments);

	tap_is_str(sim_text(result, "failed"), failed, "%s", what);
	tap_is_str(asked(), want, "%s: what it was asked", what);
	json_object_put(result);
}

static void test_backup(void)
{
	struct json_object *result, *steps;

	guest_is(NOBODY, NOBODY, NOBODY);
	result = sim_call("vss-backup", "{\"hold-ms\":60}");
	steps = sim_member(result, "steps");
	tap_is_int((int)json_object_array_length(steps), 5, "a backup has five steps");
	tap_is_str(asked(), "23564", "in their order");
	tap_is_str(sim_text(json_object_array_get_idx(steps, 0), "flags"), "5",
		   "what a check says");
	tap_ok(json_object_get_int(sim_member(result, "frozen-ms")) >= 60,
	       "it is held as long as told");
	tap_is_str(sim_text(result, "status-name"), "ok", "and it is well");
	json_object_put(result);
	status_is("backups", "1", "it is counted");
	status_is("frozen", "false", "and the guest is not frozen");

	guest_is(HVIC_VSS_CHECK_HOT_BACKUP, NOBODY, NOBODY);
	backup_is("{}", "check", "2", "a guest that cannot");
	guest_is(HVIC_VSS_FREEZE, NOBODY, NOBODY);
	backup_is("{}", "freeze", "235", "a guest that does not freeze");
	guest_is(NOBODY, HVIC_VSS_FREEZE, NOBODY);
	backup_is("{\"timeout-ms\":50}", "freeze", "2356",
		  "a guest that does not say whether it does");
	guest_is(HVIC_VSS_THAW, NOBODY, NOBODY);
	backup_is("{}", "thaw", "2356", "a guest that was awake meanwhile");
	status_is("failures", "4", "those are counted, too");
	sim_fails("vss-backup", "{\"keep\":\"/nowhere\"}", "bad-argument", "--disk",
		  "a snapshot needs a disk");
}

static void test_steps(void)
{
	struct json_object *result;

	guest_is(NOBODY, NOBODY, HVIC_VSS_GET_DM_INFO);
	result = sim_call("vss-step", "{\"operation\":\"freeze\",\"disks\":3}");
	tap_is_str(sim_text(result, "status-name"), "ok", "a step alone");
	json_object_put(result);
	status_is("frozen", "true", "leaves the guest frozen");
	json_object_put(sim_call("vss-step", "{\"operation\":\"thaw\"}"));
	status_is("frozen", "false", "until another");
	json_object_put(sim_call("vss-step", "{\"operation\":\"dm-info\"}"));
	result = sim_call("anomalies", "{}");
	tap_ok(strstr(json_object_to_json_string(result), "vss-operation"),
	       "an answer to something else is noted");
	json_object_put(result);
	result = sim_call("vss-step", "{\"operation\":\"77\"}");
	tap_is_str(sim_text(result, "operation"), "unknown", "what no host asks can be asked");
	json_object_put(result);
	sim_fails("vss-step", "{\"operation\":\"cluster\"}", "version", "6.0",
		  "but not before its time");
	sim_fails("vss-step", "{\"operation\":\"melt\"}", "bad-argument", "freeze",
		  "nor anything else");
	sim_fails("vss-step", "{\"operation\":\"freeze\",\"disks\":261}", "bad-argument", "disks",
		  "of no more disks than there is room for");
	silent = HVIC_VSS_THAW;
	sim_fails("vss-step", "{\"operation\":\"thaw\",\"timeout-ms\":50}", "timeout", "",
		  "a guest that says nothing");
}

static void *backup_run(void *error)
{
	struct json_object *arguments = json_tokener_parse("{\"hold-ms\":60000}"), *result = NULL;
	struct hvsim_client *other;
	char path[100];

	snprintf(path, sizeof(path), "%s/control.sock", sim_directory);
	if (hvsim_client_open(&other, path)) {
		json_object_put(arguments);
		return NULL;
	}
	hvsim_client_call(other, "vss-backup", arguments, &result, error);
	json_object_put(result);
	hvsim_client_close(other);
	return NULL;
}

/* In the middle of the hold, nothing is asked of the guest that could fail. */
static void test_gone(void)
{
	char *error = NULL;
	pthread_t other;

	guest_is(NOBODY, NOBODY, NOBODY);
	pthread_create(&other, NULL, backup_run, &error);
	while (log_len < 3)
		usleep(1000);
	usleep(50000);
	sim_fails("vss-backup", "{}", "busy", "under way", "there is one backup at a time");
	sim_guest_send(HVSIM_FRAME_CLOSED, 0, NULL, 0);
	pthread_join(other, NULL);
	tap_ok(error && strstr(error, "middle of a backup"),
	       "a guest that goes ends its backup");
	free(error);
}

static void disk_make(const char *path, uint8_t with)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	uint8_t *bytes = calloc(1, DISK_LEN);

	/* something at the begin, in the middle across two blocks, and a hole at the end */
	memset(bytes, with, 10);
	memset(bytes + (300u << 10) - 5, with, 10);
	if (write(fd, bytes, DISK_LEN) != DISK_LEN)
		tap_diag("cannot write %s", path);
	free(bytes);
	close(fd);
}

static bool is_copy(const char *path, uint8_t with)
{
	uint8_t *bytes = malloc(DISK_LEN + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, bytes, DISK_LEN + 1);
	struct stat stat = { 0 };
	size_t i;
	bool same = len == DISK_LEN;

	for (i = 0; same && i < DISK_LEN; i++)
		same = bytes[i] == (i < 10 || (i >= (300u << 10) - 5 && i < (300u << 10) + 5) ?
				    with : 0);
	if (fd >= 0)
		fstat(fd, &stat);
	if (same && stat.st_blocks * 512 > 64 << 10)
		tap_diag("%s takes %lld bytes", path, (long long)stat.st_blocks * 512);
	same = same && stat.st_blocks * 512 <= 64 << 10;
	if (fd >= 0)
		close(fd);
	free(bytes);
	return same;
}

static void test_snapshots(void)
{
	char path[2][120], arguments[200];
	struct json_object *result;

	disk_make(disk[0], 0xa5);
	disk_make(disk[1], 0x5a);
	if (!tap_ok(host_start(2), "a machine with two disks"))
		return;
	guest_is(NOBODY, NOBODY, NOBODY);
	snprintf(arguments, sizeof(arguments), "{\"keep\":\"%s/kept\"}", sim_directory);
	result = sim_call("vss-backup", arguments);
	tap_is_str(sim_text(result, "status-name"), "ok", "is backed up");
	tap_is_int((int)json_object_array_length(sim_member(result, "snapshots")), 2,
		   "both of them");
	json_object_put(result);
	snprintf(path[0], sizeof(path[0]), "%s/kept.0", sim_directory);
	snprintf(path[1], sizeof(path[1]), "%s/kept.1", sim_directory);
	tap_ok(is_copy(path[0], 0xa5) && is_copy(path[1], 0x5a), "whole, and sparse");
	unlink(path[0]);
	unlink(path[1]);
	guest_is(NOBODY, NOBODY, NOBODY);
	backup_is("{\"keep\":\"/nowhere/kept\"}", "snapshot", "2356",
		  "a snapshot that cannot be written, and a guest that is thawed all the same");
	machine_stop();
	unlink(disk[1]);
	if (!host_start(2))
		return;
	guest_is(NOBODY, NOBODY, NOBODY);
	result = sim_call("vss-backup", arguments);
	tap_is_str(sim_text(result, "failed"), "snapshot", "a disk that is not there");
	json_object_put(result);
	unlink(path[0]);
	unlink(disk[0]);
	machine_stop();
}

int main(void)
{
	if (!sim_directory_make("hvsim_vss_test"))
		return 1;
	snprintf(disk[0], sizeof(disk[0]), "%s/disk0", sim_directory);
	snprintf(disk[1], sizeof(disk[1]), "%s/disk1", sim_directory);
	speaks = 5;
	test_lengths();
	test_fields();
	test_answers();
	test_names();
	if (!host_start(0))
		return 1;
	test_backup();
	test_steps();
	test_gone();
	machine_stop();
	test_snapshots();
	tap_ok(sim_directory_remove(), "no socket is left");
	return tap_done();
}
