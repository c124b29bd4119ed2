// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated host without an emulated machine: what is here plays the plugin
 * and a Linux guest behind it, well and badly, and the client that gives the
 * host its commands.  The host runs in a thread of its own.
 */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_client.h"
#include "hvsim_control.h"
#include "hvsim_frame.h"
#include "hvsim_host.h"
#include "hvsim_json.h"
#include "hvsim_message.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define V(major, minor)	HVIC_VERSION(major, minor)

/* What the clock of the machine shows, always. */
#define REFERENCE	5000000000ull
#define REALTIME	1700000000123456789ull

static char directory[64];
static struct hvsim_client *client;
static char *call_error;

/* ---- the guest ---- */

enum manner {
	GOOD,
	SILENT,
	SLOW,
	TWICE,
	WRONG_ID,
	WRONG_TYPE,
	WRONG_PIPE_SIZE,
	WRONG_BODY_SIZE,
	WRONG_VMBUS_TYPE,
	NO_RESPONSE_FLAG,
	REQUEST_FLAG,
	OLD_VERSION,
	CUT,
	EMPTY,
	WRONG_SEQUENCE,
	WRONG_STATE,
	REFUSE,
	CHOOSE_NOTHING,
	CHOOSE_NOT_OFFERED,
	CHOOSE_TWO,
	CLOSE,
	NO_CLOCK,
	SHORT_CLOCK,
};

/**
 * struct guest - a plugin, and a driver behind it
 * @service: which
 * @speaks: message versions, best first
 * @fd: connected to the host
 * @thread: reads from @fd
 * @manner: how it answers, an enum manner
 * @packets: requests that came, offers left out
 * @last: the last of them
 */
struct guest {
	const char *service;
	uint32_t speaks[5];
	int fd;
	pthread_t thread;
	atomic_int manner;
	atomic_int packets;
	uint8_t last[4096];
};

static struct guest guests[] = {
	{ .service = "heartbeat", .speaks = { V(3, 0), V(1, 0) } },
	{ .service = "shutdown", .speaks = { V(3, 2), V(3, 1), V(3, 0), V(1, 0) } },
	{ .service = "timesync", .speaks = { V(4, 0), V(3, 0), V(1, 0) } },
};

static struct guest *const heartbeat = &guests[0];
static struct guest *const shutdown_guest = &guests[1];
static struct guest *const timesync = &guests[2];

static void guest_send(struct guest *guest, uint16_t type, uint16_t arg, const void *bytes,
		       size_t len)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	uint8_t *frame = malloc(HVSIM_FRAME_HEAD_LEN + len);
	size_t done = 0;
	ssize_t sent = 0;

	hvsim_frame_encode_head(frame, type, arg, (uint32_t)len);
	if (len)
		memcpy(frame + HVSIM_FRAME_HEAD_LEN, bytes, len);
	pthread_mutex_lock(&lock);
	for (len += HVSIM_FRAME_HEAD_LEN; done < len && sent >= 0; done += (size_t)sent)
		sent = send(guest->fd, frame + done, len - done, MSG_NOSIGNAL);
	pthread_mutex_unlock(&lock);
	free(frame);
}

static uint32_t version_at(const uint8_t *bytes)
{
	return V((uint32_t)hvsim_frame_get(bytes, 2), (uint32_t)hvsim_frame_get(bytes + 2, 2));
}

static void version_put(uint8_t *bytes, uint32_t version)
{
	hvsim_frame_put(bytes, HVIC_VERSION_MAJOR(version), 2);
	hvsim_frame_put(bytes + 2, HVIC_VERSION_MINOR(version), 2);
}

/* As Linux does it: the answer is the request, changed. */
static void guest_choose(struct guest *guest, uint8_t *bytes)
{
	unsigned int fw = (unsigned int)hvsim_frame_get(bytes + 28, 2);
	unsigned int mv = (unsigned int)hvsim_frame_get(bytes + 30, 2);
	uint32_t framework = 0, message = 0;
	unsigned int i, j;

	for (i = 0; i < fw; i++)
		if (version_at(bytes + 36 + 4 * i) == V(3, 0) ||
		    version_at(bytes + 36 + 4 * i) == V(1, 0))
			framework = version_at(bytes + 36 + 4 * i);
	for (j = 0; guest->speaks[j] && !message; j++)
		for (i = fw; i < fw + mv; i++)
			if (version_at(bytes + 36 + 4 * i) == guest->speaks[j])
				message = guest->speaks[j];
	if (guest->manner == CHOOSE_NOT_OFFERED)
		message = V(9, 9);
	if (guest->manner == CHOOSE_NOTHING || !framework)
		message = 0;
	hvsim_frame_put(bytes + 28, message ? 1 : 0, 2);
	hvsim_frame_put(bytes + 30, message ? guest->manner == CHOOSE_TWO ? 2 : 1 : 0, 2);
	hvsim_frame_put(bytes + 18, 16, 2);
	version_put(bytes + 36, framework);
	version_put(bytes + 40, message);
}

/* What is wrong with an answer in this manner; returns its length. */
static size_t guest_spoil(enum manner manner, uint8_t *bytes, size_t len)
{
	if (manner == WRONG_ID)
		bytes[24] += 100;
	else if (manner == WRONG_TYPE)
		bytes[12] = HVIC_TYPE_VSS;
	else if (manner == WRONG_PIPE_SIZE)
		hvsim_frame_put(bytes + 4, len - 7, 4);
	else if (manner == WRONG_BODY_SIZE)
		bytes[19] = 0xff;
	else if (manner == NO_RESPONSE_FLAG)
		bytes[25] = 1;
	else if (manner == REQUEST_FLAG)
		bytes[25] = 7;
	else if (manner == OLD_VERSION)
		bytes[8] = 1;
	else if (manner == CUT)
		return 27;
	else if (manner == EMPTY)
		return 0;
	else if (manner == WRONG_SEQUENCE)
		bytes[28]++;
	else if (manner == WRONG_STATE)
		bytes[36] = 77;
	else if (manner == REFUSE)
		hvsim_frame_put(bytes + 20, HVIC_STATUS_FAIL, 4);
	return len;
}

static void guest_answer(struct guest *guest, const struct hvsim_frame *frame)
{
	enum manner manner = guest->manner;
	uint8_t bytes[65536];
	size_t len = frame->length;

	memcpy(bytes, frame->bytes, len);
	if (len < 28)
		return;
	if (bytes[12]) {
		memcpy(guest->last, bytes, len < sizeof(guest->last) ? len : sizeof(guest->last));
		guest->packets++;
	}
	if (manner == SILENT)
		return;
	if (manner == CLOSE) {
		guest_send(guest, HVSIM_FRAME_CLOSED, 0, NULL, 0);
		return;
	}
	if (manner == SLOW)
		usleep(150000);
	bytes[25] = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	if (!bytes[12] && len >= 44)
		guest_choose(guest, bytes);
	if (bytes[12] == HVIC_TYPE_HEARTBEAT && len >= 36)
		hvsim_frame_put(bytes + 28, hvsim_frame_get(bytes + 28, 8) + 1, 8);
	if (bytes[12] == HVIC_TYPE_HEARTBEAT && len >= 40)
		bytes[36] = HVIC_APPLICATION_HEALTHY;
	len = guest_spoil(manner, bytes, len);
	guest_send(guest, HVSIM_FRAME_PACKET, manner == WRONG_VMBUS_TYPE ? 7 : HVSIM_VMBUS_INBAND,
		   bytes, len);
	if (manner == TWICE)
		guest_send(guest, HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, bytes, len);
}

static void guest_on_frame(struct guest *guest, const struct hvsim_frame *frame)
{
	uint8_t clock[HVSIM_FRAME_CLOCK_LEN];

	if (frame->type == HVSIM_FRAME_PACKET)
		guest_answer(guest, frame);
	if (frame->type != HVSIM_FRAME_CLOCK || guest->manner == NO_CLOCK)
		return;
	hvsim_frame_encode_clock(clock, REFERENCE, REALTIME);
	guest_send(guest, HVSIM_FRAME_CLOCK, 0, clock,
		   guest->manner == SHORT_CLOCK ? 15 : sizeof(clock));
}

static void *guest_run(void *argument)
{
	uint8_t *buffer = malloc(HVSIM_FRAME_MAX + HVSIM_FRAME_HEAD_LEN);
	struct guest *guest = argument;
	struct hvsim_frame frame;
	size_t len = 0, used;
	ssize_t got;

	while ((got = recv(guest->fd, buffer + len, 65536, 0)) > 0) {
		len += (size_t)got;
		while (hvsim_frame_decode(&frame, buffer, len) > 0) {
			guest_on_frame(guest, &frame);
			used = HVSIM_FRAME_HEAD_LEN + frame.length;
			len -= used;
			memmove(buffer, buffer + used, len);
		}
	}
	free(buffer);
	return NULL;
}

/* A number in the last request that the guest got. */
static int64_t got(const struct guest *guest, size_t at, unsigned int bytes)
{
	return (int64_t)hvsim_frame_get(guest->last + at, bytes);
}

static void guest_open(struct guest *guest)
{
	guest_send(guest, HVSIM_FRAME_OPENED, 0, NULL, 0);
}

static void guest_connect(struct guest *guest)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s.sock", directory,
		 guest->service);
	guest->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	guest->manner = GOOD;
	if (connect(guest->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s", address.sun_path);
	pthread_create(&guest->thread, NULL, guest_run, guest);
}

static void guest_disconnect(struct guest *guest)
{
	shutdown(guest->fd, SHUT_RDWR);
	pthread_join(guest->thread, NULL);
	close(guest->fd);
}

/* ---- the host ---- */

static pthread_t host_thread;
static struct hvsim_host *host;
static sd_event *loop;

static void command_quit(struct hvsim_request *request, struct json_object *arguments,
			 void *userdata)
{
	(void)arguments;
	(void)userdata;
	hvsim_request_return(request, NULL);
	sd_event_exit(loop, 0);
}

static void command_guest_exec(struct hvsim_request *request, struct json_object *arguments,
			       void *userdata)
{
	struct json_object *result = json_object_new_object();

	(void)userdata;
	hvsim_json_add(result, "output",
		       json_object_get(json_object_object_get(arguments, "command")));
	hvsim_json_add_int(result, "status", 3);
	hvsim_request_return(request, result);
}

static void *host_run(void *argument)
{
	(void)argument;
	sd_event_loop(loop);
	/* here, since that is the thread it has lived in */
	hvsim_host_free(host);
	host = NULL;
	/* whoever forgot something in the loop is to be seen as a leak */
	loop = sd_event_unref(loop);
	return NULL;
}

static int host_start(const struct hvsim_host_options *options)
{
	int err;

	sd_event_new(&loop);
	err = hvsim_host_new(&host, loop, options);
	if (err < 0) {
		sd_event_unref(loop);
		return err;
	}
	hvsim_control_register(hvsim_host_control(host), "quit", command_quit, NULL);
	hvsim_control_register(hvsim_host_control(host), "guest-exec", command_guest_exec, NULL);
	pthread_create(&host_thread, NULL, host_run, NULL);
	return 0;
}

/* ---- the client ---- */

/* What a command returned; NULL when it failed, and then call_error says how. */
__attribute__((format(printf, 2, 3)))
static struct json_object *call(const char *name, const char *format, ...)
{
	struct json_object *arguments, *result = NULL;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	arguments = json_tokener_parse(text);
	free(call_error);
	call_error = NULL;
	hvsim_client_call(client, name, arguments, &result, &call_error);
	return result;
}

static bool call_ok(const char *name, const char *arguments)
{
	struct json_object *result = call(name, "%s", arguments);

	json_object_put(result);
	if (!result)
		tap_diag("%s: %s", name, call_error ?: "no answer");
	return result;
}

/* Whether a command fails with an error of this class. */
static bool call_fails(const char *name, const char *arguments, const char *error_class)
{
	struct json_object *result = call(name, "%s", arguments);
	bool right = !result && !strcmp(hvsim_client_error_class(client), error_class);

	if (!right)
		tap_diag("%s: got \"%s\": %s, want \"%s\"", name, hvsim_client_error_class(client),
			 call_error ?: "no error", error_class);
	json_object_put(result);
	return right;
}

static struct json_object *member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

static const char *text_of(struct json_object *object, const char *key)
{
	return json_object_get_string(member(object, key)) ?: "";
}

static int64_t number_of(struct json_object *object, const char *key)
{
	return member(object, key) ? json_object_get_int64(member(object, key)) : -1;
}

static int64_t count_of(struct json_object *object, const char *key)
{
	return (int64_t)json_object_array_length(member(object, key));
}

/* What a service's status says under a key, as text; "" for nothing. */
static const char *status_of(const char *service, const char *key)
{
	static char text[200];
	struct json_object *status = call("status", "{}");
	struct json_object *services = member(status, "services");
	struct json_object *counters = member(member(services, service), "counters");

	snprintf(text, sizeof(text), "%s", member(counters, key) ? text_of(counters, key) :
		 text_of(member(services, service), key));
	json_object_put(status);
	return text;
}

static uint64_t seen;	/* number of the last event that was waited for */

static bool wait_event(const char *event, const char *match)
{
	return !hvsim_client_wait_event(client, event, match ? json_tokener_parse(match) : NULL,
					&seen, 5000, NULL);
}

/* Whether there was an anomaly of this kind, and no other. */
static bool anomalies_are(const char *kind)
{
	struct json_object *result = call("anomalies", "{\"clear\":true}");
	struct json_object *list = member(result, "anomalies");
	size_t i, count = json_object_array_length(list);
	bool right = (kind ? count > 0 : !count) && number_of(result, "count") == (int64_t)count;

	for (i = 0; i < count; i++) {
		const char *got = text_of(json_object_array_get_idx(list, i), "kind");

		if (!kind || strcmp(got, kind)) {
			tap_diag("anomaly %s", got);
			right = false;
		}
	}
	json_object_put(result);
	return right;
}

/* ---- the tests ---- */

static void test_start(void)
{
	struct hvsim_host_options options = { .directory = directory, .bus = HVSIM_BUS_QEMU };
	char longer[200], trace[100];
	char missing[] = "/nonexistent/hvsim";

	memset(longer, 'x', sizeof(longer));
	longer[0] = '/';
	longer[sizeof(longer) - 1] = '\0';
	options.profile = "ws95";
	tap_is_int(host_start(&options), -EINVAL, "a host needs a profile that exists");
	options.profile = NULL;
	options.directory = longer;
	tap_is_int(host_start(&options), -ENAMETOOLONG, "and a directory whose name fits a socket");
	options.directory = missing;
	tap_is_int(host_start(&options), -ENOENT, "which exists");
	options.directory = directory;
	options.trace = missing;
	tap_is_int(host_start(&options), -ENOENT, "and a trace that can be written");
	snprintf(trace, sizeof(trace), "%s/trace", directory);
	options.trace = trace;
	tap_is_int(host_start(&options), 0, "the host starts");
}

static void test_client(void)
{
	char path[100], *output;
	int status;

	setenv("HVSIM_CONTROL", "/nonexistent/control.sock", 1);
	tap_is_int(hvsim_client_open(&client, NULL), -ENOENT, "no machine runs there");
	snprintf(path, sizeof(path), "%s/control.sock", directory);
	setenv("HVSIM_CONTROL", path, 1);
	tap_is_int(hvsim_client_open(&client, NULL), 0, "a client connects");
	tap_is_int(hvsim_client_guest(client, "some \"command\"", &output, &status), 0,
		   "a command in the guest");
	tap_is_str(output, "some \"command\"", "and its output");
	tap_is_int(status, 3, "and its status");
	free(output);
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	tap_ok(!hvsim_client_directory(path, sizeof(path), NULL) &&
	       !strcmp(path, "/run/user/7/hvsim"), "the directory of a machine");
	tap_ok(!hvsim_client_directory(path, sizeof(path), "a") &&
	       !strcmp(path, "/run/user/7/hvsim-a"), "of one that has a name");
	tap_is_int(hvsim_client_directory(path, 17, NULL), -ENAMETOOLONG, "which may not fit");
}

static void test_closed(void)
{
	size_t i;

	for (i = 0; i < NR(guests); i++)
		tap_is_str(status_of(guests[i].service, "primary-status"), "No Contact",
			   "%s: no contact before there is a machine", guests[i].service);
	tap_ok(call_fails("heartbeat-beat", "{}", "not-open") &&
	       strstr(call_error, "no such device"), "nothing can be asked: no device");
	for (i = 0; i < NR(guests); i++)
		guest_connect(&guests[i]);
	usleep(50000);
	tap_ok(call_fails("heartbeat-beat", "{}", "not-open") && strstr(call_error, "no driver"),
	       "nothing can be asked: no driver");
	tap_ok(call_fails("raw", "{\"service\":\"shutdown\",\"hex\":\"\"}", "not-open"),
	       "nor sent raw");
	tap_ok(call_fails("negotiate", "{\"service\":\"shutdown\"}", "not-open"),
	       "nor negotiated");
}

static void test_opened(void)
{
	static const char *const want[] = { "3.0", "3.2", "4.0" };
	char match[64];
	size_t i;

	for (i = 0; i < NR(guests); i++) {
		guest_open(&guests[i]);
		snprintf(match, sizeof(match), "{\"service\":\"%s\",\"message\":\"%s\"}",
			 guests[i].service, want[i]);
		seen = 0;
		tap_ok(wait_event("negotiated", match), "%s: %s is negotiated", guests[i].service,
		       want[i]);
		tap_is_str(status_of(guests[i].service, "framework"), "3.0", "%s: framework 3.0",
			   guests[i].service);
	}
	seen = 0;
	tap_ok(wait_event("heartbeat-changed", "{\"heartbeat\":\"OkApplicationsHealthy\"}"),
	       "the host beats by itself");
	tap_is_str(status_of("heartbeat", "primary-status"), "OK", "heartbeat is OK");
	tap_is_str(status_of("shutdown", "primary-status"), "OK", "shutdown is OK");
	for (i = 0; i < 100 && !timesync->packets; i++)
		usleep(10000);
	tap_is_int(timesync->last[28 + 16], HVIC_TIMESYNC_SYNC,
		   "the first thing about time is a sync");
	tap_ok(call_ok("time-auto", "{\"enabled\":true,\"interval-ms\":10}"), "samples in 10 ms");
	for (i = 0; i < 200 && timesync->packets < 5; i++)
		usleep(10000);
	tap_ok(timesync->packets >= 5 && timesync->last[28 + 16] == HVIC_TIMESYNC_SAMPLE,
	       "then samples come regularly");
	tap_ok(call_ok("time-auto", "{\"enabled\":false}"), "no samples any more");
	tap_ok(call_ok("heartbeat-auto", "{\"enabled\":false}"), "no beats any more");
	usleep(100000);
	tap_ok(anomalies_are(NULL), "nothing was out of order");
}

static void test_heartbeat(void)
{
	struct json_object *result;
	int64_t before, id;

	result = call("heartbeat-beat", "{}");
	before = number_of(result, "sequence");
	tap_ok(before > 0, "a beat is counted");
	json_object_put(result);
	id = got(heartbeat, 24, 1);
	call_ok("heartbeat-beat", "{}");
	before++;
	tap_ok(got(heartbeat, 24, 1) != id, "and the next has another transaction id");
	result = call("heartbeat-beat", "{\"count\":50}");
	tap_is_int(number_of(result, "answered"), 50, "50 beats are answered");
	tap_is_int(number_of(result, "sequence"), before + 50, "and counted");
	tap_is_str(text_of(result, "application-state"), "healthy", "and healthy");
	json_object_put(result);
	result = call("heartbeat-beat", "{\"body-size\":8}");
	tap_is_str(text_of(result, "application-state"), "unknown", "no room, no state");
	tap_is_str(text_of(result, "heartbeat"), "OkApplicationsUnknown", "which shows");
	json_object_put(result);
	tap_ok(call_fails("heartbeat-beat", "{\"body-size\":7}", "bad-answer"),
	       "a beat without room for the count cannot be answered");
	tap_ok(anomalies_are("body-short"), "which is noted");
	tap_is_str(status_of("heartbeat", "secondary-status"), "No Application Data",
		   "as an administrator sees it");
}

static const struct {
	enum manner manner;
	const char *what;
	const char *error_class;	/* NULL when a real host takes the answer */
	const char *anomaly;
} misdeeds[] = {
	{ SILENT, "no answer", "timeout", NULL },
	{ WRONG_ID, "a wrong transaction id", "bad-answer", "transaction-id" },
	{ WRONG_TYPE, "a wrong type", "bad-answer", "message-type" },
	{ WRONG_PIPE_SIZE, "a wrong pipe size", "bad-answer", "pipe-size" },
	{ WRONG_BODY_SIZE, "a wrong body size", "bad-answer", "body-size" },
	{ WRONG_VMBUS_TYPE, "a wrong VMBus type", "bad-answer", "vmbus-type" },
	{ NO_RESPONSE_FLAG, "no response flag", "bad-answer", "response-flag" },
	{ EMPTY, "an empty packet", "bad-answer", "pipe-header" },
	{ REQUEST_FLAG, "the request flag", NULL, "other-flags" },
	{ OLD_VERSION, "another version", NULL, "version" },
	{ WRONG_SEQUENCE, "a wrong count", NULL, "sequence" },
	{ WRONG_STATE, "a wrong state", NULL, "application-state" },
};

static void test_misdeeds(void)
{
	size_t i;

	for (i = 0; i < NR(misdeeds); i++) {
		static const char request[] = "{\"timeout-ms\":50}";

		heartbeat->manner = misdeeds[i].manner;
		tap_ok(misdeeds[i].error_class ?
		       call_fails("heartbeat-beat", request, misdeeds[i].error_class) :
		       call_ok("heartbeat-beat", request), "%s is %s", misdeeds[i].what,
		       misdeeds[i].error_class ? "not taken" : "taken");
		tap_ok(anomalies_are(misdeeds[i].anomaly), "%s is noted", misdeeds[i].what);
		heartbeat->manner = GOOD;
		tap_ok(call_ok("heartbeat-beat", "{}"), "%s does no lasting harm",
		       misdeeds[i].what);
		anomalies_are(NULL);
	}
	heartbeat->manner = CUT;
	tap_ok(call_fails("heartbeat-beat", "{}", "bad-answer"), "half a header is not taken");
	heartbeat->manner = GOOD;
	call_ok("anomalies", "{\"clear\":true}");
}

static void test_late(void)
{
	heartbeat->manner = SLOW;
	tap_ok(call_fails("heartbeat-beat", "{\"timeout-ms\":50}", "timeout"), "too slow");
	heartbeat->manner = GOOD;
	tap_ok(wait_event("anomaly", "{\"kind\":\"late-answer\"}"), "what comes late is noted");
	tap_is_str(status_of("heartbeat", "late"), "1", "and counted");
	tap_ok(call_ok("heartbeat-beat", "{}"), "and not taken for another answer");
	call_ok("anomalies", "{\"clear\":true}");
	heartbeat->manner = TWICE;
	tap_ok(call_ok("heartbeat-beat", "{}"), "two answers");
	heartbeat->manner = GOOD;
	tap_ok(wait_event("anomaly", "{\"kind\":\"unexpected-packet\"}"), "one is too many");
	call_ok("anomalies", "{\"clear\":true}");
}

static void test_lost(void)
{
	tap_ok(call_ok("heartbeat-auto", "{\"enabled\":true,\"interval-ms\":20}"), "a fast heart");
	heartbeat->manner = SILENT;
	tap_ok(wait_event("heartbeat-changed", "{\"heartbeat\":\"LostCommunication\"}"),
	       "silence is lost communication");
	tap_is_str(status_of("heartbeat", "primary-status"), "Lost Communication",
		   "as an administrator sees it");
	heartbeat->manner = GOOD;
	guest_send(heartbeat, HVSIM_FRAME_CLOSED, 0, NULL, 0);
	guest_open(heartbeat);
	tap_ok(wait_event("heartbeat-changed", "{\"heartbeat\":\"OkApplicationsHealthy\"}"),
	       "and found again");
	tap_ok(call_ok("heartbeat-auto", "{\"enabled\":false,\"interval-ms\":2000}"), "at rest");
	usleep(50000);
	tap_ok(anomalies_are(NULL), "and nobody is to blame");
}

static const struct {
	const char *arguments;
	enum manner manner;
	const char *error_class;
	const char *framework, *message;
	const char *primary;
} offers[] = {
	{ "\"framework\":[\"1.0\"],\"message\":[\"1.0\"]", GOOD, NULL, "1.0", "1.0", "OK" },
	{ "\"message\":[\"3.0\",\"9.9\"]", GOOD, NULL, "3.0", "3.0", "Degraded" },
	{ "\"profile\":\"ws2008\"", GOOD, NULL, "1.0", "1.0", "OK" },
	{ "\"message\":[\"9.9\"]", GOOD, "no-common-version", "", "", "Non-Recoverable Error" },
	{ "\"message\":[]", GOOD, "no-common-version", "", "", "Non-Recoverable Error" },
	{ "\"framework\":[]", GOOD, "no-common-version", "", "", "Non-Recoverable Error" },
	{ "\"timeout-ms\":50", SILENT, "timeout", "", "", "Non-Recoverable Error" },
	{ "\"abrupt\":true", CHOOSE_NOTHING, "no-common-version", "", "", "Non-Recoverable Error" },
	{ "\"abrupt\":true", CHOOSE_NOT_OFFERED, "bad-answer", "", "", "Non-Recoverable Error" },
	{ "\"abrupt\":true", CHOOSE_TWO, "bad-answer", "", "", "Non-Recoverable Error" },
	{ "\"abrupt\":true", WRONG_ID, "bad-answer", "", "", "Non-Recoverable Error" },
	{ "\"abrupt\":true", GOOD, NULL, "3.0", "3.2", "OK" },
};

static void test_negotiate(void)
{
	char arguments[200];
	size_t i;

	for (i = 0; i < NR(offers); i++) {
		shutdown_guest->manner = offers[i].manner;
		snprintf(arguments, sizeof(arguments), "{\"service\":\"shutdown\",%s}",
			 offers[i].arguments);
		tap_ok(offers[i].error_class ?
		       call_fails("negotiate", arguments, offers[i].error_class) :
		       call_ok("negotiate", arguments), "negotiate %s", arguments);
		tap_is_str(status_of("shutdown", "framework"), offers[i].framework, "framework");
		tap_is_str(status_of("shutdown", "message"), offers[i].message, "message");
		tap_is_str(status_of("shutdown", "primary-status"), offers[i].primary, "status");
		if (offers[i].error_class)
			tap_ok(call_fails("shutdown", "{}", "not-ready"), "and no request is sent");
	}
	shutdown_guest->manner = GOOD;
	call_ok("anomalies", "{\"clear\":true}");
	tap_ok(call_fails("negotiate", "{\"service\":\"heartbeat\",\"profile\":\"openvmm\"}",
			  "not-offered"), "a profile without the service");
	tap_ok(call_fails("negotiate", "{\"service\":\"heartbeat\",\"profile\":\"x\"}",
			  "bad-argument"), "a profile that does not exist");
	tap_ok(call_fails("negotiate", "{\"service\":\"heartbeat\",\"message\":[\"3\"]}",
			  "bad-argument"), "a version that is none");
	tap_ok(call_fails("negotiate", "{\"service\":\"heartbeat\",\"message\":[3.0]}",
			  "bad-argument"), "a version that is no string");
	tap_ok(call_fails("negotiate", "{\"service\":\"ntp\"}", "bad-argument"),
	       "a service that does not exist");
}

static void test_shutdown(void)
{
	struct json_object *result;

	result = call("shutdown", "{\"force\":true,\"delay\":30,\"message\":\"\xc3\xbc\"}");
	tap_ok(json_object_get_boolean(member(result, "accepted")), "a power-off is accepted");
	json_object_put(result);
	tap_is_int(got(shutdown_guest, 28, 4), 0x80000000, "its reason");
	tap_is_int(got(shutdown_guest, 32, 4), 30, "its delay");
	tap_is_int(got(shutdown_guest, 36, 4), 1, "its flags");
	tap_is_str((char *)shutdown_guest->last + 40, "\xc3\xbc", "its message");
	tap_ok(call_ok("shutdown", "{\"action\":\"restart\",\"message\":\"a\","
		       "\"encoding\":\"utf-16le\",\"reason\":0}"), "a restart");
	tap_is_int(got(shutdown_guest, 36, 8), 0x6100000002, "its flags");
	tap_ok(call_ok("shutdown", "{\"action\":\"hibernate\"}"), "a hibernation");
	tap_is_int(got(shutdown_guest, 36, 4), 4, "its flags");
	tap_ok(call_ok("shutdown", "{\"flags\":4294967295}"), "flags that nobody knows");
	tap_is_int(got(shutdown_guest, 36, 4), 0xffffffff, "as given");
	shutdown_guest->manner = REFUSE;
	result = call("shutdown", "{}");
	tap_ok(!json_object_get_boolean(member(result, "accepted")), "a refusal");
	tap_is_str(text_of(result, "status-name"), "fail", "and how");
	json_object_put(result);
	shutdown_guest->manner = GOOD;

	tap_ok(call_fails("shutdown", "{\"action\":\"explode\"}", "bad-argument"),
	       "no such action");
	tap_ok(call_fails("shutdown", "{\"encoding\":\"ebcdic\"}", "bad-argument"),
	       "no such encoding");
	tap_ok(call_fails("shutdown", "{\"encoding\":\"utf-16le\",\"message\":\"\xff\"}",
			  "bad-argument"), "a message that is no text");
	tap_ok(call_fails("shutdown", "{\"delay\":-1}", "bad-argument"), "a delay into the past");
	tap_ok(call_ok("negotiate", "{\"service\":\"shutdown\",\"message\":[\"3.1\"]}"), "3.1");
	tap_ok(call_fails("shutdown", "{\"action\":\"hibernate\"}", "version"),
	       "knows no hibernation");
	tap_ok(call_ok("negotiate", "{\"service\":\"shutdown\",\"message\":[\"3.0\"]}"), "3.0");
	tap_ok(call_fails("shutdown", "{\"action\":\"restart\"}", "version"),
	       "knows no restart");
	tap_ok(call_ok("negotiate", "{\"service\":\"shutdown\"}"), "3.2 again");
}

static void test_time(void)
{
	const uint64_t parent = REALTIME / 100 + HVSIM_EPOCH_1601;
	struct json_object *result;

	result = call("time-sync", "{}");
	tap_is_int(number_of(result, "parent-time"), (int64_t)parent, "a sync tells the time");
	tap_is_int(number_of(result, "reference-time"), (int64_t)REFERENCE, "and since when");
	tap_is_int(number_of(result, "realtime-ns"), (int64_t)REALTIME, "by which clock");
	json_object_put(result);
	tap_is_int(got(timesync, 28, 8), (int64_t)parent, "on the wire");
	tap_ok(call_ok("time-set", "{\"offset-ms\":86400000,\"leap\":1,\"stratum\":2}"),
	       "a clock wrong by a day");
	tap_ok(call_ok("time-sample", "{\"reference-error\":-7}"), "a sample");
	tap_is_int(got(timesync, 28, 8),
		   (int64_t)(parent + 864000000000), "is wrong by a day");
	tap_is_int(got(timesync, 36, 8), (int64_t)REFERENCE - 7,
		   "and off by 700 ns");
	tap_is_int(got(timesync, 44, 3), 0x020102, "flags, leap, stratum");
	tap_ok(call_ok("time-set", "{\"offset-ms\":0,\"leap\":0,\"stratum\":0}"), "a right clock");
	tap_ok(call_ok("time-sample", "{\"flags\":0,\"body-size\":19}"), "a probe without padding");
	tap_is_int(got(timesync, 18, 2), 19, "its size");
	tap_ok(call_ok("negotiate", "{\"service\":\"timesync\",\"message\":[\"3.0\"]}"), "3.0");
	tap_ok(call_ok("time-sync", "{}"), "a sync of 3.0");
	tap_is_int(got(timesync, 18, 2), 28, "has another size");
	tap_is_int(timesync->last[28 + 24], HVIC_TIMESYNC_SYNC, "and its flags elsewhere");
	tap_ok(call_ok("negotiate", "{\"service\":\"timesync\"}"), "4.0 again");
	timesync->manner = NO_CLOCK;
	tap_ok(call_fails("time-sync", "{\"timeout-ms\":50}", "failed"), "no clock, no time");
	timesync->manner = SHORT_CLOCK;
	tap_ok(call_fails("time-sync", "{\"timeout-ms\":50}", "failed"), "a short clock is none");
	tap_ok(anomalies_are("clock-length"), "and is noted");
	timesync->manner = GOOD;
	tap_ok(call_ok("time-sync", "{}"), "and then it works");
}

static void test_raw(void)
{
	static const char beat[] = "010000001c000000030000000100030000000800000000002a0300000700"
				   "000000000000";
	struct json_object *result, *answer;
	uint8_t reply[64], short_reply[8];
	size_t len = sizeof(reply);
	uint8_t *bytes;
	size_t beat_len;

	result = call("raw", "{\"service\":\"heartbeat\",\"hex\":\"%s\"}", beat);
	answer = member(result, "answer");
	tap_is_str(text_of(answer, "type"), "heartbeat", "raw: the answer's type");
	tap_is_int(number_of(answer, "transaction"), 42, "raw: its transaction");
	tap_is_str(text_of(answer, "body"), "0800000000000000", "raw: its body");
	tap_is_int(count_of(answer, "faults"), 0, "raw: no faults");
	json_object_put(result);

	hvsim_hex_decode(&bytes, &beat_len, beat);
	tap_is_int(hvsim_client_raw(client, "heartbeat", bytes, beat_len, reply, &len, 5000), 0,
		   "raw: by the client");
	tap_ok(len == 36 && reply[24] == 42 && reply[28] == 8, "raw: the same answer");
	len = sizeof(short_reply);
	tap_is_int(hvsim_client_raw(client, "heartbeat", bytes, beat_len, short_reply, &len, 5000),
		   -EMSGSIZE, "raw: an answer that does not fit");
	len = sizeof(reply);
	tap_is_int(hvsim_client_raw(client, "heartbeat", bytes, 27, reply, &len, 50), -ETIMEDOUT,
		   "raw: half a header has no answer");
	free(bytes);

	heartbeat->manner = WRONG_ID;
	result = call("raw", "{\"service\":\"heartbeat\",\"hex\":\"%s\"}", beat);
	tap_is_str(text_of(member(result, "answer"), "faults"), "[ \"transaction-id\" ]",
		   "raw: faults are told");
	json_object_put(result);
	heartbeat->manner = GOOD;
	result = call("raw", "{\"service\":\"heartbeat\",\"hex\":\"%s\","
		      "\"expect-answer\":false}", beat);
	tap_ok(result && !member(result, "answer"), "raw: without waiting");
	json_object_put(result);
	usleep(50000);
	tap_ok(anomalies_are(NULL), "raw: what is not judged is no anomaly");
	tap_is_str(status_of("heartbeat", "discarded"), "1", "raw: an answer is dropped");
	tap_ok(call_fails("raw", "{\"service\":\"heartbeat\",\"hex\":\"0\"}", "bad-argument"),
	       "raw: half a byte");

	tap_ok(call_ok("expect-none", "{\"service\":\"heartbeat\",\"timeout-ms\":50}"), "silence");
	guest_send(heartbeat, HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, "boo", 3);
	tap_ok(wait_event("anomaly", "{\"kind\":\"unexpected-packet\"}"), "a packet from nowhere");
	call_ok("anomalies", "{\"clear\":true}");
}

static void *boo(void *guest)
{
	usleep(100000);
	guest_send(guest, HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, "boo", 3);
	return NULL;
}

static void test_expect_none(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, boo, heartbeat);
	tap_ok(call_fails("expect-none", "{\"service\":\"heartbeat\",\"timeout-ms\":5000}",
			  "unexpected-packet"), "silence that is broken");
	pthread_join(thread, NULL);
	tap_ok(call_ok("heartbeat-beat", "{}"), "and a beat after that");
}

/* An offer sent by hand changes what the guest speaks, and the host knows. */
static void test_raw_offer(void)
{
	static const uint32_t old[] = { V(3, 0) }, none[] = { V(9, 0) };
	struct hvsim_offer offer = { old, 1, old, 1 };
	uint8_t packet[64], reply[64];
	size_t len = sizeof(reply);
	int packet_len;

	packet_len = hvsim_message_build_offer(packet, sizeof(packet), 3, &offer);
	hvsim_client_raw(client, "timesync", packet, (size_t)packet_len, reply, &len, 5000);
	tap_is_str(status_of("timesync", "message"), "3.0", "raw: an offer that is taken");
	offer.message = none;
	packet_len = hvsim_message_build_offer(packet, sizeof(packet), 3, &offer);
	len = sizeof(reply);
	hvsim_client_raw(client, "timesync", packet, (size_t)packet_len, reply, &len, 5000);
	tap_is_str(status_of("timesync", "state"), "failed", "raw: an offer that is not");
	tap_ok(call_ok("negotiate", "{\"service\":\"timesync\"}"), "and back");
}

/* Somebody who asks for something that takes its time, beside the others. */
struct asker {
	pthread_t thread;
	struct hvsim_client *client;
	const char *command;
	struct json_object *arguments;
	int result;
	char error_class[32];
};

static void *asker_run(void *argument)
{
	struct asker *asker = argument;

	asker->result = hvsim_client_call(asker->client, asker->command, asker->arguments, NULL,
					  NULL);
	return NULL;
}

static void asker_start(struct asker *asker, const char *command, const char *arguments)
{
	asker->command = command;
	asker->arguments = json_tokener_parse(arguments);
	hvsim_client_open(&asker->client, NULL);
	pthread_create(&asker->thread, NULL, asker_run, asker);
	/* until the request has got as far as it can */
	usleep(100000);
}

static int asker_end(struct asker *asker)
{
	pthread_join(asker->thread, NULL);
	snprintf(asker->error_class, sizeof(asker->error_class), "%s",
		 hvsim_client_error_class(asker->client));
	hvsim_client_close(asker->client);
	return asker->result;
}

static void test_burst(void)
{
	static const char large[] = "{\"service\":\"heartbeat\",\"count\":20000,\"window\":128}";
	struct asker first, second;
	struct json_object *result;

	result = call("burst", "{\"service\":\"heartbeat\",\"count\":5000,\"window\":128}");
	tap_is_int(number_of(result, "answered"), 5000, "a burst of heartbeats");
	tap_is_int(number_of(result, "lost"), 0, "none is lost");
	json_object_put(result);
	result = call("burst", "{\"service\":\"timesync\",\"count\":1000,\"window\":1}");
	tap_is_int(number_of(result, "answered"), 1000, "a burst of samples, one by one");
	json_object_put(result);
	result = call("burst", "{\"service\":\"shutdown\",\"kind\":\"negotiate\",\"count\":300}");
	tap_is_int(number_of(result, "answered"), 300, "a burst of offers");
	json_object_put(result);
	tap_ok(call_fails("burst", "{\"service\":\"shutdown\",\"count\":1}", "bad-argument"),
	       "shutdown has no request that does no harm");
	/* more than there are transaction ids, if the host let them all go at once */
	asker_start(&first, "burst", large);
	asker_start(&second, "burst", large);
	result = call("burst", "%s", large);
	tap_is_int(number_of(result, "answered"), 20000, "three bursts at a time");
	json_object_put(result);
	tap_ok(!asker_end(&first) && !asker_end(&second), "and none is in another's way");
	heartbeat->manner = SILENT;
	result = call("burst", "{\"service\":\"heartbeat\",\"count\":100,\"window\":10,"
		      "\"timeout-ms\":50}");
	tap_is_int(number_of(result, "lost"), 10, "a burst into silence");
	tap_is_str(text_of(result, "ended-early"), "the guest answers no more", "is given up");
	json_object_put(result);
	heartbeat->manner = CLOSE;
	result = call("burst", "{\"service\":\"heartbeat\",\"count\":1000,\"window\":10}");
	tap_is_int(number_of(result, "lost"), 10, "a burst into a channel that closes");
	tap_is_str(text_of(result, "ended-early"), "the guest closed the channel", "says so");
	json_object_put(result);
	heartbeat->manner = GOOD;
	guest_open(heartbeat);
	tap_ok(wait_event("negotiated", "{\"service\":\"heartbeat\"}"), "and open again");
	result = call("burst", "{\"service\":\"heartbeat\",\"count\":100,\"timeout-ms\":1000}");
	tap_is_int(number_of(result, "answered"), 100, "another burst");
	json_object_put(result);
	tap_ok(anomalies_are(NULL), "nothing was out of order");
}

/* What is under way when the channel goes away or is negotiated anew. */
static void test_cut_off(void)
{
	struct asker beat;

	heartbeat->manner = CLOSE;
	tap_ok(call_fails("heartbeat-beat", "{}", "closed"), "a beat that closes the channel");
	tap_is_str(status_of("heartbeat", "primary-status"), "Lost Communication", "which is lost");
	heartbeat->manner = GOOD;
	guest_open(heartbeat);
	tap_ok(wait_event("negotiated", "{\"service\":\"heartbeat\"}"), "and back");
	guest_open(heartbeat);
	tap_ok(wait_event("channel-closed", NULL) &&
	       wait_event("negotiated", "{\"service\":\"heartbeat\"}"),
	       "a reset without a good-bye");

	heartbeat->manner = SILENT;
	asker_start(&beat, "heartbeat-beat", "{}");
	heartbeat->manner = GOOD;
	tap_ok(call_ok("negotiate", "{\"service\":\"heartbeat\",\"abrupt\":true}"),
	       "negotiation in the middle of a request");
	tap_is_int(asker_end(&beat), -EREMOTEIO, "which fails");
	guest_disconnect(heartbeat);
	tap_ok(wait_event("channel-closed", NULL), "the plugin goes away");
	guest_connect(heartbeat);
	guest_open(heartbeat);
	tap_ok(wait_event("negotiated", "{\"service\":\"heartbeat\"}"), "and comes back");
}

static void test_events(void)
{
	struct json_object *result;
	int64_t last;

	result = call("events", "{}");
	last = number_of(result, "last");
	tap_is_int(count_of(result, "events"), last, "all events are there");
	json_object_put(result);
	result = call("events", "{\"event\":\"negotiated\",\"after\":%lld}", (long long)last);
	tap_is_int(count_of(result, "events"), 0, "none after that");
	json_object_put(result);
	tap_ok(call_fails("wait", "{\"event\":\"never\",\"timeout-ms\":20}", "timeout"),
	       "waiting in vain");
	seen = (uint64_t)last;
	tap_is_int(hvsim_client_wait_event(client, "negotiated", NULL, &seen, 20, NULL), -ETIMEDOUT,
		   "waiting behind the last");
	seen = 0;
	tap_is_int(hvsim_client_wait_event(client, "negotiated", NULL, &seen, 20, &result), 0,
		   "finding the first");
	tap_ok(seen == (uint64_t)number_of(result, "number"), "and its number");
	json_object_put(result);
}

static int control_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/control.sock", directory);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s", address.sun_path);
	return fd;
}

/* Sends a line as it is; returns the answer, or NULL when the host hangs up. */
static char *converse(const char *line, size_t len)
{
	static char answer[4096];
	int fd = control_connect();
	size_t done = 0;
	ssize_t got = 0;

	while (done < len && (got = send(fd, line + done, len - done, MSG_NOSIGNAL)) > 0)
		done += (size_t)got;
	got = recv(fd, answer, sizeof(answer) - 1, 0);
	close(fd);
	if (got <= 0)
		return NULL;
	answer[got] = '\0';
	return answer;
}

static const struct {
	const char *line;
	const char *answer;	/* what it must contain */
} lines[] = {
	{ "nonsense\n", "\"bad-request\"" },
	{ "{'execute':'version'}\n", "\"bad-request\"" },
	{ "[]\n", "\"bad-request\"" },
	{ "{} {}\n", "\"bad-request\"" },
	{ "{}\n", "\"bad-request\"" },
	{ "{\"execute\":1}\n", "\"bad-request\"" },
	{ "{\"execute\":\"version\",\"arguments\":[]}\n", "\"bad-request\"" },
	{ "{\"execute\":\"nothing\",\"id\":7}\n", "\"id\":7" },
	{ "{\"execute\":\"nothing\"}\n", "\"unknown-command\"" },
	{ "{\"execute\":\"version\",\"arguments\":{\"x\":1}}\n", "has no argument \\\"x\\\"" },
	{ "{\"execute\":\"version\",\"id\":{\"a\":[1]}}\r\n", "\"id\":{\"a\":[1]}" },
	{ "\n\r\n{\"execute\":\"version\"}\n", "\"protocol\":1" },
	{ "{\"execute\":\"commands\"}\n", "\"heartbeat-beat\"" },
	{ "{\"execute\":\"profiles\"}\n", "\"win10-1511\"" },
	{ "{\"execute\":\"raw\",\"arguments\":{\"service\":\"heartbeat\"}}\n",
	  "\\\"hex\\\" is missing" },
	{ "{\"execute\":\"burst\",\"arguments\":{\"service\":\"heartbeat\",\"count\":0}}\n",
	  "from 1 to" },
	{ "{\"execute\":\"burst\",\"arguments\":{\"service\":\"heartbeat\",\"count\":99999999}}\n",
	  "from 1 to" },
	{ "{\"execute\":\"burst\",\"arguments\":{\"service\":\"heartbeat\",\"count\":1.5}}\n",
	  "a whole number" },
	{ "{\"execute\":\"burst\",\"arguments\":{\"service\":7,\"count\":1}}\n", "must be one of" },
	{ "{\"execute\":\"heartbeat-auto\",\"arguments\":{}}\n", "\\\"enabled\\\" is missing" },
	{ "{\"execute\":\"wait\",\"arguments\":{\"match\":[]}}\n", "must be an object" },
};

static void test_lines(void)
{
	char deep[200] = "", *huge;
	size_t i;

	for (i = 0; i < NR(lines); i++) {
		const char *answer = converse(lines[i].line, strlen(lines[i].line));

		if (!tap_ok(answer && strstr(answer, lines[i].answer), "request %zu: %s", i,
			    lines[i].line))
			tap_diag("%s", answer ?: "no answer");
	}
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 2] = '\n';
	tap_ok(strstr(converse(deep, sizeof(deep) - 1) ?: "", "bad-request"), "a deep request");
	huge = malloc(4 << 20);
	memset(huge, ' ', 4 << 20);
	tap_ok(!converse(huge, 4 << 20), "a request without an end");
	free(huge);
	tap_ok(call_ok("version", "{}"), "and the host still answers");
}

/* A client that leaves while it waits. */
static void test_impatient(void)
{
	static const char line[] = "{\"execute\":\"wait\",\"arguments\":{\"event\":\"never\"}}\n";
	int fd = control_connect();
	struct asker patient;

	asker_start(&patient, "wait", "{\"event\":\"never\",\"timeout-ms\":300}");
	tap_ok(send(fd, line, strlen(line), MSG_NOSIGNAL) > 0, "a client waits");
	close(fd);
	tap_ok(call_ok("version", "{}"), "and leaves, and the host still answers");
	asker_end(&patient);
	tap_is_str(patient.error_class, "timeout", "and another waits on");
}

static void test_hostile_plugin(void)
{
	uint8_t junk[64];
	unsigned int seed = 1;
	size_t i, j;

	guest_send(timesync, 99, 0, "what", 4);
	tap_ok(wait_event("anomaly", "{\"kind\":\"frame-type\"}"), "a frame of no type");
	guest_send(timesync, HVSIM_FRAME_CLOSED, 0, NULL, 0);
	guest_send(timesync, HVSIM_FRAME_PACKET, 6, "what", 4);
	tap_ok(wait_event("anomaly", "{\"kind\":\"closed-channel\"}"),
	       "a packet without a channel");
	memset(junk, 0xff, sizeof(junk));
	send(timesync->fd, junk, sizeof(junk), MSG_NOSIGNAL);
	tap_ok(wait_event("anomaly", "{\"kind\":\"frame-length\"}"), "a frame beyond all bounds");
	guest_disconnect(timesync);
	for (i = 0; i < 20; i++) {
		guest_connect(timesync);
		guest_open(timesync);
		for (j = 0; j < 200; j++) {
			size_t k, len = (size_t)rand_r(&seed) % sizeof(junk);

			for (k = 0; k < len; k++)
				junk[k] = (uint8_t)rand_r(&seed);
			guest_send(timesync, (uint16_t)(rand_r(&seed) % 6), 6, junk, len);
		}
		guest_disconnect(timesync);
	}
	call_ok("anomalies", "{\"clear\":true}");
	guest_connect(timesync);
	guest_open(timesync);
	for (i = 0; i < 300 && strcmp(status_of("timesync", "state"), "ready"); i++)
		usleep(10000);
	tap_ok(call_ok("time-sync", "{}"), "after 4000 frames of nonsense all is well");
}

static void test_stop(void)
{
	char path[100], line[200] = "";
	struct asker wait, beat;
	FILE *trace;
	size_t i;

	/* one request under way, one client waiting: both must not keep the host */
	heartbeat->manner = SILENT;
	asker_start(&beat, "heartbeat-beat", "{}");
	asker_start(&wait, "wait", "{\"event\":\"never\"}");
	tap_ok(call_ok("quit", "{}"), "the host stops");
	pthread_join(host_thread, NULL);
	tap_is_int(asker_end(&beat), -EREMOTEIO, "who asked for a beat is told");
	tap_is_int(asker_end(&wait), -ECONNRESET, "who waited is cut off");
	hvsim_client_close(client);
	for (i = 0; i < NR(guests); i++)
		guest_disconnect(&guests[i]);
	snprintf(path, sizeof(path), "%s/control.sock", directory);
	tap_ok(access(path, F_OK) < 0 && errno == ENOENT, "and leaves no socket");
	snprintf(path, sizeof(path), "%s/trace", directory);
	trace = fopen(path, "r");
	tap_ok(trace && fgets(line, sizeof(line), trace) && strstr(line, "negotiate request"),
	       "but a trace");
	if (trace)
		fclose(trace);
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	strcpy(directory, "/tmp/hvsim_host_test.XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	test_start();
	test_client();
	test_closed();
	test_opened();
	test_heartbeat();
	test_misdeeds();
	test_late();
	test_lost();
	test_negotiate();
	test_shutdown();
	test_time();
	test_raw();
	test_expect_none();
	test_raw_offer();
	test_burst();
	test_cut_off();
	test_events();
	test_lines();
	test_impatient();
	test_hostile_plugin();
	test_stop();
	free(call_error);
	return tap_done();
}
