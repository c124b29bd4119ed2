// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File copy of the emulated host: what it sends, to the byte, and how it goes on when
 * a guest answers well and badly. What is here plays the plugin, a guest with a daemon
 * behind it, and the client.  The host runs in a thread of its own, and the guest in
 * another.
 */
#include <endian.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_fcopy_message.h"
#include "hvsim_json.h"
#include "hvsim_utf16.h"
#include "sim_host.h"

#define BODY		HVIC_HDR_LEN
#define FILE_LEN	20000

static char source[100];
static uint8_t content[FILE_LEN];

/* ---- the messages ---- */

static uint8_t packet[HVIC_PIPE_MAX];
static const struct hvsim_versions versions = { HVIC_VERSION(3, 0), HVIC_VERSION(1, 1) };

static uint64_t at(size_t offset, unsigned int bytes)
{
	return hvsim_frame_get(packet + BODY + offset, bytes);
}

static int build(const struct hvsim_fcopy_request *request)
{
	memset(packet, 0xee, sizeof(packet));
	return hvsim_fcopy_build(packet, sizeof(packet), 7, &versions, request);
}

static void test_start(void)
{
	struct hvsim_fcopy_request request = {
		.operation = HVIC_FCOPY_START, .session = 0x1122334455667788, .name = "n\xc3\xa4",
		.path = "/tmp", .flags = 3, .size = 0x123456789a,
	};
	char text[800];

	tap_is_int(build(&request), BODY + 1088, "a start is 1088 bytes of body");
	tap_is_int(packet[12], HVIC_TYPE_FCOPY, "of its type");
	tap_is_int((long long)at(0, 4), 0, "a start is operation 0");
	tap_is_int((long long)at(20, 8), 0x1122334455667788, "it has its session");
	tap_is_int((long long)at(36, 8), 0xe4006e, "the name is UTF-16, with a NUL");
	tap_is_int((long long)at(556, 8), 0x70006d0074002f, "so is the path");
	tap_is_int((long long)at(1076, 4), 3, "the flags are behind");
	tap_is_int((long long)at(1080, 8), 0x123456789a, "and the size");

	memset(text, 'x', 260);
	text[259] = '\0';
	request.path = text;
	tap_is_int(build(&request), BODY + 1088, "259 units fit");
	tap_is_int((long long)at(556 + 516, 4), 'x', "and have a NUL");
	text[259] = 'x';
	text[260] = '\0';
	tap_is_int(build(&request), -EMSGSIZE, "260 do not");
	request.path = "\xff";
	tap_is_int(build(&request), -EILSEQ, "what is no UTF-8 is not sent");
	request.path = "/";
	request.name = text;
	tap_is_int(build(&request), -EMSGSIZE, "nor a name that is too long");
}

static void test_others(void)
{
	struct hvsim_fcopy_request request = {
		.operation = HVIC_FCOPY_WRITE, .offset = 0x100000001, .data = "abc", .len = 3,
	};
	static const uint8_t most[HVIC_FCOPY_DATA_LEN + 1];
	char words[200];
	int len;

	len = build(&request);
	tap_is_int(len, BODY + 6196, "a write is 6196 bytes, however little it brings");
	tap_is_int((long long)at(40, 8), 0x100000001, "it has its offset");
	tap_is_int((long long)at(48, 4), 3, "and its size");
	tap_is_int((long long)at(52, 4), 0x636261, "and nothing behind what it brings");
	hvsim_message_describe(words, sizeof(words), packet, (size_t)len);
	tap_ok(strstr(words, "3 bytes at 4294967297"), "it is described: %s", words);
	request.data = most;
	request.len = HVIC_FCOPY_DATA_LEN;
	tap_is_int(build(&request), BODY + 6196, "6144 bytes fit");
	request.len++;
	tap_is_int(build(&request), -EMSGSIZE, "6145 do not");
	request.operation = HVIC_FCOPY_COMPLETE;
	len = build(&request);
	tap_is_int(len, BODY + 36, "a complete is a header");
	hvsim_message_describe(words, sizeof(words), packet, (size_t)len);
	tap_ok(strstr(words, "operation 2"), "it is described: %s", words);
	request.operation = HVIC_FCOPY_CANCEL;
	tap_is_int(build(&request), BODY + 36, "as is a cancel");
	request.operation = HVIC_NR_FCOPY_OPERATIONS;
	tap_is_int(build(&request), -EINVAL, "there is no other operation");
	tap_is_str(hvsim_fcopy_operation_name(3), "cancel", "operations have names");
	tap_is_str(hvsim_fcopy_operation_name(4), "unknown", "but what is none");
}

static void test_errors(void)
{
	static const struct {
		uint32_t status;
		const char *text;
	} errors[] = {
		{ 0x80070050, "The file exists" }, { 0x80070070, "There is not enough space" },
		{ 0x80070005, "Access is denied" }, { 0x80070003, "cannot find the path" },
		{ 0x80070057, "parameter is incorrect" }, { 0x80070032, "is not supported" },
		{ 0x80004005, "Unspecified error" }, { 1, "Unspecified error" },
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		tap_ok(strstr(hvsim_fcopy_error(errors[i].status), errors[i].text),
		       "0x%08x is as Windows says it", errors[i].status);
}

/* ---- the guest ---- */

/* Which request it does not take well, and how it answers that. */
static atomic_int bad_operation, bad_number, silent;
static atomic_uint bad_status;
static atomic_int asked[HVIC_NR_FCOPY_OPERATIONS];
static uint8_t taken[2 * FILE_LEN], last_start[sizeof(struct hvic_fcopy_start)];
static atomic_size_t taken_len;

static void guest_choose(uint8_t *bytes)
{
	hvsim_frame_put(bytes + 28, 0x10001, 4);
	hvsim_frame_put(bytes + 18, 16, 2);
	hvsim_frame_put(bytes + 36, 3, 4);
	hvsim_frame_put(bytes + 40, 0x10001, 4);
}

static uint32_t guest_take(const uint8_t *body)
{
	uint32_t operation = (uint32_t)hvsim_frame_get(body, 4);
	size_t offset = hvsim_frame_get(body + 40, 8), size = hvsim_frame_get(body + 48, 4);

	if (operation >= HVIC_NR_FCOPY_OPERATIONS)
		return HVIC_STATUS_NOT_SUPPORTED;
	if ((int)operation == bad_operation && ++asked[operation] == bad_number)
		return bad_status;
	asked[operation] += (int)operation != bad_operation;
	if (operation == HVIC_FCOPY_START)
		memcpy(last_start, body, sizeof(last_start));
	if (operation == HVIC_FCOPY_WRITE && offset + size <= sizeof(taken)) {
		memcpy(taken + offset, body + 52, size);
		taken_len = offset + size;
	}
	return 0;
}

static void guest_answer(const struct hvsim_frame *frame)
{
	uint8_t bytes[16384] = { 0 };
	uint32_t status = 0;

	memcpy(bytes, frame->bytes, frame->length);
	bytes[25] = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	if (bytes[12] && silent)
		return;
	if (bytes[12])
		status = guest_take(bytes + BODY);
	else
		guest_choose(bytes);
	hvsim_frame_put(bytes + 20, status, 4);
	sim_guest_send(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, bytes, frame->length);
}

/* ---- the host and the client ---- */

static bool host_start(void)
{
	const struct hvsim_host_options options = { .profile = "ws2022" };

	return sim_host_start(&options);
}

/* The guest takes all well but the @number-th request of an operation, from 1. */
static void guest_begin(int operation, int number, uint32_t status)
{
	size_t i;

	for (i = 0; i < HVIC_NR_FCOPY_OPERATIONS; i++)
		asked[i] = 0;
	bad_operation = operation;
	bad_number = number;
	bad_status = status;
	taken_len = 0;
	memset(taken, 0xee, sizeof(taken));
}

/* Copies, with more arguments; the caller puts the result. */
static struct json_object *copy(const char *more)
{
	char arguments[400];

	snprintf(arguments, sizeof(arguments), "{\"file\":\"%s\",\"path\":\"/tmp\"%s}", source,
		 more);
	return sim_call("copy", arguments);
}

static void copy_is(const char *more, const char *ended, long long status, long long sent,
		    const char *what)
{
	struct json_object *result = copy(more);

	tap_is_str(sim_text(result, "ended"), ended, "%s: it is %s", what, ended);
	tap_is_int(json_object_get_int64(sim_member(result, "status")), status, "%s: the status",
		   what);
	tap_is_int(json_object_get_int64(sim_member(result, "sent")), sent, "%s: bytes taken",
		   what);
	json_object_put(result);
}

/* ---- the service ---- */

static void test_copy(void)
{
	guest_begin(-1, 0, 0);
	copy_is("", "completed", 0, FILE_LEN, "a file");
	tap_ok(!memcmp(taken, content, FILE_LEN), "arrives as it is");
	tap_is_int(asked[HVIC_FCOPY_WRITE], 4, "in four pieces");
	tap_is_int(asked[HVIC_FCOPY_COMPLETE], 1, "and one complete");
	tap_is_int((long long)hvsim_frame_get(last_start + 1080, 8), FILE_LEN,
		   "its size is announced");
	tap_is_int((long long)hvsim_frame_get(last_start + 1076, 4), 0,
		   "nothing else is asked for");
	tap_is_int((long long)hvsim_frame_get(last_start + 36, 4), 's' | 'o' << 16,
		   "it has its name");

	guest_begin(-1, 0, 0);
	copy_is(",\"force\":true,\"create-path\":true,\"name\":\"other\"", "completed", 0, FILE_LEN,
		"with all options");
	tap_is_int((long long)hvsim_frame_get(last_start + 1076, 4), 3, "both flags are set");
	tap_is_int((long long)hvsim_frame_get(last_start + 36, 4), 'o' | 't' << 16,
		   "and the name another");
	guest_begin(-1, 0, 0);
	copy_is(",\"piece\":5000,\"flags\":64", "completed", 0, FILE_LEN,
		"in pieces of another size");
	tap_is_int(asked[HVIC_FCOPY_WRITE], 4, "four of 5000");
	tap_is_int((long long)hvsim_frame_get(last_start + 1076, 4), 64,
		   "and with flags of one's own");
	guest_begin(-1, 0, 0);
	copy_is(",\"size\":0", "completed", 0, 0, "nothing");
	tap_is_int(asked[HVIC_FCOPY_WRITE], 0, "without a piece");
	guest_begin(-1, 0, 0);
	copy_is(",\"size\":20001", "completed", 0, 20001, "longer than the file");
	tap_is_int(taken[20000], 0, "it ends with zeros");
}

static void test_endings(void)
{
	guest_begin(-1, 0, 0);
	copy_is(",\"cancel-at\":6145", "cancelled", 0, 12288, "cancelled in the middle");
	tap_is_int(asked[HVIC_FCOPY_CANCEL], 1, "the guest is told");
	tap_is_int(asked[HVIC_FCOPY_COMPLETE], 0, "and nothing else");
	guest_begin(-1, 0, 0);
	copy_is(",\"stop-at\":0", "abandoned", 0, 0, "a host that falls silent at once");
	tap_is_int(asked[HVIC_FCOPY_WRITE] + asked[HVIC_FCOPY_CANCEL], 0, "has said nothing more");
	guest_begin(HVIC_FCOPY_START, 1, HVIC_STATUS_EXISTS);
	copy_is("", "refused", HVIC_STATUS_EXISTS, 0, "a file that exists");
	tap_is_int(asked[HVIC_FCOPY_WRITE], 0, "is not sent");
	guest_begin(HVIC_FCOPY_WRITE, 3, HVIC_STATUS_DISK_FULL);
	copy_is("", "refused", HVIC_STATUS_DISK_FULL, 12288, "a full disk");
	tap_is_int(asked[HVIC_FCOPY_WRITE], 3, "gets no more");
	tap_is_int(asked[HVIC_FCOPY_CANCEL], 0, "and is told no more");
	guest_begin(HVIC_FCOPY_COMPLETE, 1, HVIC_STATUS_FAIL);
	copy_is("", "refused", HVIC_STATUS_FAIL, FILE_LEN, "a file that cannot be put in place");
	guest_begin(HVIC_FCOPY_CANCEL, 1, HVIC_STATUS_FAIL);
	copy_is(",\"cancel-at\":0", "refused", HVIC_STATUS_FAIL, 0, "a cancel that is refused");

	guest_begin(-1, 0, 0);
	silent = 1;
	sim_fails("copy", "{\"file\":\"/etc/hostname\",\"path\":\"/\",\"timeout-ms\":50}",
		  "timeout",
		  "did not answer", "a guest that says nothing is not waited for");
	silent = 0;
}

static void test_background(void)
{
	struct json_object *result;
	char arguments[64];

	guest_begin(-1, 0, 0);
	result = copy(",\"background\":true");
	tap_is_str(sim_text(result, "ended"), "running", "in the background it runs on");
	snprintf(arguments, sizeof(arguments), "{\"number\":%s}", sim_text(result, "number"));
	json_object_put(result);
	tap_ok(sim_wait_event("copy-ended"), "its end is told");
	do {
		result = sim_call("copy-status", arguments);
		if (strcmp(sim_text(result, "ended"), "running"))
			break;
		json_object_put(result);
	} while (true);
	tap_is_str(sim_text(result, "ended"), "completed", "how it went can be asked");
	json_object_put(result);
	json_object_put(sim_call("copy-cancel", arguments));
	sim_fails("copy-status", "{\"number\":99999}", "not-found", "99999",
		  "but not of what there is not");
	result = sim_call("copy-list", "{}");
	tap_ok(json_object_array_length(sim_member(result, "copies")) <= 16,
	       "the last are kept, no more");
	json_object_put(result);
}

static void test_arguments(void)
{
	sim_fails("copy", "{\"file\":\"/nowhere/at/all\",\"path\":\"/\"}", "bad-argument",
		  "/nowhere/at/all: No such file", "a file that there is not");
	sim_fails("copy", "{\"file\":\"/tmp\",\"path\":\"/\"}", "bad-argument",
		  "/tmp: Is a directory",
		  "a directory");
	sim_fails("copy", "{\"file\":\"/dev/null\",\"path\":\"/\"}", "bad-argument",
		  "not a regular file", "a device");
	sim_fails("copy", "{\"path\":\"/\"}", "bad-argument", "file", "no file at all");
	sim_fails("copy", "{\"file\":\"/etc/hostname\",\"path\":\"/\",\"piece\":6145}",
		  "bad-argument",
		  "piece", "a piece that no message holds");
}

int main(void)
{
	struct json_object *status;
	FILE *file;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	test_start();
	test_others();
	test_errors();
	if (!sim_directory_make("hvsim_fcopy_test"))
		return 1;
	for (i = 0; i < FILE_LEN; i++)
		content[i] = (uint8_t)(i * 7 + i / 256);
	snprintf(source, sizeof(source), "%s/source", sim_directory);
	file = fopen(source, "w");
	if (!file || fwrite(content, FILE_LEN, 1, file) != 1 || fclose(file))
		return 1;
	if (!tap_ok(host_start(), "the host begins"))
		return 1;
	sim_fails("copy", "{\"file\":\"/etc/hostname\",\"path\":\"/\"}", "not-open", "fcopy",
		  "without a guest there is no copy");
	sim_guest_connect("fcopy", guest_answer);
	/* the plugin says that the guest has opened the channel */
	sim_guest_send(HVSIM_FRAME_OPENED, 0, NULL, 0);
	tap_ok(sim_wait_event("negotiated"), "versions are agreed on");
	status = sim_call("status", "{}");
	tap_is_str(sim_text(sim_member(sim_member(status, "services"), "fcopy"), "title"),
		   "Guest Service Interface", "the service has its name");
	json_object_put(status);
	test_copy();
	test_endings();
	test_background();
	test_arguments();
	sim_guest_disconnect();
	sim_host_stop();
	unlink(source);
	tap_ok(sim_directory_remove(), "no socket is left");
	return tap_done();
}
