// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File copy of the emulated host: what it sends, to the byte, and how it goes on when
 * a guest answers well and badly. What is here plays the plugin, a guest with a daemon
 * behind it, and the client.  The host runs in a thread of its own, and the guest in
 * another.
 */
#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../tap.h"
#include "hvsim_client.h"
#include "hvsim_control.h"
#include "hvsim_fcopy_message.h"
#include "hvsim_frame.h"
#include "hvsim_host.h"
#include "hvsim_json.h"
#include "hvsim_utf16.h"

#define BODY		HVIC_HDR_LEN
#define FILE_LEN	20000

static char directory[64], source[100];
static uint8_t content[FILE_LEN];
static struct hvsim_client *client;
static char *call_error;

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
static int guest_fd;
static pthread_t guest_thread;

static void guest_send(uint16_t type, uint16_t arg, const void *bytes, size_t len)
{
	uint8_t frame[HVSIM_FRAME_HEAD_LEN + 16384];

	hvsim_frame_encode_head(frame, type, arg, (uint32_t)len);
	if (len)
		memcpy(frame + HVSIM_FRAME_HEAD_LEN, bytes, len);
	if (send(guest_fd, frame, HVSIM_FRAME_HEAD_LEN + len, MSG_NOSIGNAL) < 0)
		tap_diag("the host is gone");
}

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
	guest_send(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, bytes, frame->length);
}

static void *guest_run(void *argument)
{
	uint8_t *buffer = malloc(1 << 20);
	struct hvsim_frame frame;
	size_t len = 0, used;
	ssize_t got;

	(void)argument;
	while ((got = recv(guest_fd, buffer + len, 65536, 0)) > 0) {
		len += (size_t)got;
		while (hvsim_frame_decode(&frame, buffer, len) > 0) {
			if (frame.type == HVSIM_FRAME_PACKET)
				guest_answer(&frame);
			used = HVSIM_FRAME_HEAD_LEN + frame.length;
			len -= used;
			memmove(buffer, buffer + used, len);
		}
	}
	free(buffer);
	return NULL;
}

static void guest_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/fcopy.sock", directory);
	guest_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(guest_fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s", address.sun_path);
	pthread_create(&guest_thread, NULL, guest_run, NULL);
}

static void guest_disconnect(void)
{
	shutdown(guest_fd, SHUT_RDWR);
	pthread_join(guest_thread, NULL);
	close(guest_fd);
}

/* ---- the host and the client ---- */

static pthread_t host_thread;
static struct hvsim_host *host;
static sd_event *loop;
static uint64_t seen;	/* number of the last event that was waited for */

static void command_quit(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	(void)arguments;
	(void)userdata;
	hvsim_request_return(request, NULL);
	sd_event_exit(loop, 0);
}

static void *host_run(void *argument)
{
	(void)argument;
	sd_event_loop(loop);
	/* here, since that is the thread it has lived in */
	hvsim_host_free(host);
	loop = sd_event_unref(loop);
	return NULL;
}

static bool host_start(void)
{
	const struct hvsim_host_options options = {
		.directory = directory, .bus = HVSIM_BUS_QEMU, .profile = "ws2022",
	};
	char path[100];

	sd_event_new(&loop);
	if (hvsim_host_new(&host, loop, &options) < 0)
		return false;
	hvsim_control_register(hvsim_host_control(host), "quit", command_quit, NULL);
	pthread_create(&host_thread, NULL, host_run, NULL);
	snprintf(path, sizeof(path), "%s/control.sock", directory);
	return !hvsim_client_open(&client, path);
}

static struct json_object *call(const char *name, const char *arguments)
{
	struct json_object *result = NULL;

	free(call_error);
	call_error = NULL;
	hvsim_client_call(client, name, json_tokener_parse(arguments), &result, &call_error);
	if (!result)
		tap_diag("%s: %s: %s", name, hvsim_client_error_class(client), call_error);
	return result;
}

static void host_stop(void)
{
	json_object_put(call("quit", "{}"));
	pthread_join(host_thread, NULL);
	hvsim_client_close(client);
}

static bool wait_event(const char *event)
{
	return !hvsim_client_wait_event(client, event, NULL, &seen, 5000, NULL);
}

static struct json_object *member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

static const char *text_of(struct json_object *object, const char *key)
{
	return json_object_get_string(member(object, key)) ?: "";
}

static void fails(const char *command, const char *arguments, const char *error_class,
		  const char *text, const char *what)
{
	struct json_object *result = NULL;

	free(call_error);
	call_error = NULL;
	hvsim_client_call(client, command, json_tokener_parse(arguments), &result, &call_error);
	if (!tap_ok(!result && !strcmp(hvsim_client_error_class(client), error_class) &&
		    strstr(call_error, text), "%s", what))
		tap_diag("  got \"%s\": %s", hvsim_client_error_class(client),
			 call_error ?: "no error");
	json_object_put(result);
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
	return call("copy", arguments);
}

static void copy_is(const char *more, const char *ended, long long status, long long sent,
		    const char *what)
{
	struct json_object *result = copy(more);

	tap_is_str(text_of(result, "ended"), ended, "%s: it is %s", what, ended);
	tap_is_int(json_object_get_int64(member(result, "status")), status, "%s: the status", what);
	tap_is_int(json_object_get_int64(member(result, "sent")), sent, "%s: bytes taken", what);
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
	fails("copy", "{\"file\":\"/etc/hostname\",\"path\":\"/\",\"timeout-ms\":50}", "timeout",
	      "did not answer", "a guest that says nothing is not waited for");
	silent = 0;
}

static void test_background(void)
{
	struct json_object *result;
	char arguments[64];

	guest_begin(-1, 0, 0);
	result = copy(",\"background\":true");
	tap_is_str(text_of(result, "ended"), "running", "in the background it runs on");
	snprintf(arguments, sizeof(arguments), "{\"number\":%s}", text_of(result, "number"));
	json_object_put(result);
	tap_ok(wait_event("copy-ended"), "its end is told");
	do {
		result = call("copy-status", arguments);
		if (strcmp(text_of(result, "ended"), "running"))
			break;
		json_object_put(result);
	} while (true);
	tap_is_str(text_of(result, "ended"), "completed", "how it went can be asked");
	json_object_put(result);
	json_object_put(call("copy-cancel", arguments));
	fails("copy-status", "{\"number\":99999}", "not-found", "99999",
	      "but not of what there is not");
	result = call("copy-list", "{}");
	tap_ok(json_object_array_length(member(result, "copies")) <= 16,
	       "the last are kept, no more");
	json_object_put(result);
}

static void test_arguments(void)
{
	fails("copy", "{\"file\":\"/nowhere/at/all\",\"path\":\"/\"}", "bad-argument",
	      "/nowhere/at/all: No such file", "a file that there is not");
	fails("copy", "{\"file\":\"/tmp\",\"path\":\"/\"}", "bad-argument", "/tmp: Is a directory",
	      "a directory");
	fails("copy", "{\"file\":\"/dev/null\",\"path\":\"/\"}", "bad-argument",
	      "not a regular file", "a device");
	fails("copy", "{\"path\":\"/\"}", "bad-argument", "file", "no file at all");
	fails("copy", "{\"file\":\"/etc/hostname\",\"path\":\"/\",\"piece\":6145}", "bad-argument",
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
	strcpy(directory, "/tmp/hvsim_fcopy_test-XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	for (i = 0; i < FILE_LEN; i++)
		content[i] = (uint8_t)(i * 7 + i / 256);
	snprintf(source, sizeof(source), "%s/source", directory);
	file = fopen(source, "w");
	if (!file || fwrite(content, FILE_LEN, 1, file) != 1 || fclose(file))
		return 1;
	if (!tap_ok(host_start(), "the host begins"))
		return 1;
	fails("copy", "{\"file\":\"/etc/hostname\",\"path\":\"/\"}", "not-open", "fcopy",
	      "without a guest there is no copy");
	guest_connect();
	/* the plugin says that the guest has opened the channel */
	guest_send(HVSIM_FRAME_OPENED, 0, NULL, 0);
	tap_ok(wait_event("negotiated"), "versions are agreed on");
	status = call("status", "{}");
	tap_is_str(text_of(member(member(status, "services"), "fcopy"), "title"),
		   "Guest Service Interface", "the service has its name");
	json_object_put(status);
	test_copy();
	test_endings();
	test_background();
	test_arguments();
	guest_disconnect();
	host_stop();
	unlink(source);
	tap_is_int(rmdir(directory), 0, "no socket is left");
	free(call_error);
	return tap_done();
}
