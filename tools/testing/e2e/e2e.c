// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs groups of tests against the machine that $HVSIM_CONTROL names.
 *
 * usage: [E2E_PATIENCE=N] e2e MODULE KERNEL GROUP...
 *
 * With N, waits N times as long for a slow kernel.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"
#include "e2e.h"
#include "hvsim_client.h"

/* How the in-tree module is known to differ, by the names of tests, and why. */
static const struct difference {
	const char *test;
	const char *why;
} differences[] = {
#include "in_tree.h"
	{ NULL }
};

static const struct e2e_group *const groups[] = {
	&e2e_boot, &e2e_versions, &e2e_heartbeat, &e2e_time, &e2e_hostile,
	&e2e_lifecycle, &e2e_shutdown, &e2e_offers, &e2e_sockets, &e2e_misbehave,
	&e2e_fuzz, &e2e_concurrency, &e2e_debug, NULL
};

static const struct service {
	const char *name;
	const char *device;
	uint16_t type;
} services[] = {
	{ "heartbeat", "fd149e91-82e0-4a7d-afa6-2a4166cbd7c0", HVIC_TYPE_HEARTBEAT },
	{ "shutdown", "b6650ff7-33bc-4840-8048-e0676786f393", HVIC_TYPE_SHUTDOWN },
	{ "timesync", "2dd1ce17-079e-403c-b352-a1921ee207ee", HVIC_TYPE_TIMESYNC },
	{ NULL }
};

static struct hvsim_client *client;
static bool in_tree;
static char *call_error;
static int guest_status;
static uint64_t events_seen;
static int patience = 1;
static uint8_t reply[E2E_PACKET_MAX];

/**
 * e2e_in_tree() - Whether the in-tree module is under test, not ours.
 *
 * Return: whether it is.
 */
bool e2e_in_tree(void)
{
	return in_tree;
}

static const char *known_difference(const char *test)
{
	size_t i;

	for (i = 0; in_tree && differences[i].test; i++)
		if (!fnmatch(differences[i].test, test, 0))
			return differences[i].why;
	return NULL;
}

static bool report(bool pass, const char *format, va_list args)
{
	const char *why;
	char test[512];
	char *at;

	vsnprintf(test, sizeof(test), format, args);
	for (at = test; *at; at++)
		if (*at == '#' || *at == '\n')
			*at = ' ';
	why = known_difference(test);
	tap_run++;
	tap_failed += !why == !pass;
	printf("%sok %d - %s%s%s\n", pass ? "" : "not ", tap_run, test, why ? " # TODO " : "",
	       why ? why : "");
	fflush(stdout);
	return pass;
}

/**
 * e2e_ok() - Report a test.
 * @pass: whether it passed
 * @format: of printf(); what holds when it passes, with the group in front
 *
 * A known difference of the in-tree module is expected to fail; when it does
 * not, the table is wrong, and that is a failure.
 *
 * Return: @pass.
 */
bool e2e_ok(bool pass, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(pass, format, args);
	va_end(args);
	return pass;
}

/**
 * e2e_is_int() - Report a test of a number; as e2e_ok().
 * @got: the number
 * @want: what it should be
 * @format: of printf()
 *
 * Return: whether they are the same.
 */
bool e2e_is_int(long long got, long long want, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(got == want, format, args);
	va_end(args);
	if (got != want)
		tap_diag("  got %lld (0x%llx), want %lld (0x%llx)", got, got, want, want);
	return got == want;
}

/**
 * e2e_is_str() - Report a test of a string; as e2e_ok().
 * @got: the string
 * @want: what it should be
 * @format: of printf()
 *
 * Return: whether they are the same.
 */
bool e2e_is_str(const char *got, const char *want, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(!strcmp(got, want), format, args);
	va_end(args);
	if (strcmp(got, want))
		tap_diag("  got \"%s\", want \"%s\"", got, want);
	return !strcmp(got, want);
}

/**
 * e2e_note() - Print something worth knowing that is no test.
 * @format: of printf(); one line
 */
void e2e_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	fflush(stdout);
	va_end(args);
}

/**
 * e2e_abort() - Stop: nothing that follows could mean anything.
 * @format: of printf(); why
 */
void e2e_abort(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("Bail out! ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	exit(1);
}

static struct json_object *call(const char *command, const char *format, va_list args)
{
	struct json_object *arguments, *ret = NULL;
	static char text[2 * E2E_PACKET_MAX + 256];
	int err;

	vsnprintf(text, sizeof(text), format, args);
	arguments = json_tokener_parse(text);
	if (!arguments)
		e2e_abort("the test asks %s with arguments that are no JSON: %s", command, text);

	free(call_error);
	call_error = NULL;
	err = hvsim_client_call(client, command, arguments, &ret, &call_error);
	if (err < 0) {
		if (!call_error)
			call_error = strdup(strerror(-err));
		return NULL;
	}
	return ret ? ret : json_object_new_object();
}

/**
 * e2e_call() - Have the host do something, and see what came of it.
 * @command: of the control socket
 * @format: of printf(); the arguments as JSON
 *
 * Return: what it returned, to be given back by json_object_put(), or %NULL
 * when it failed: see e2e_error().
 */
struct json_object *e2e_call(const char *command, const char *format, ...)
{
	struct json_object *ret;
	va_list args;

	va_start(args, format);
	ret = call(command, format, args);
	va_end(args);
	return ret;
}

/**
 * e2e_tell() - Have the host do something that cannot fail, or stop the test.
 * @command: of the control socket
 * @format: of printf(); the arguments as JSON
 */
void e2e_tell(const char *command, const char *format, ...)
{
	struct json_object *ret;
	va_list args;

	va_start(args, format);
	ret = call(command, format, args);
	va_end(args);
	if (!ret)
		e2e_abort("%s %s: %s", command, format, e2e_error());
	json_object_put(ret);
}

/**
 * e2e_error() - Why the last e2e_call() failed.
 *
 * Return: a sentence, or "" when it did not.
 */
const char *e2e_error(void)
{
	return call_error ? call_error : "";
}

/**
 * e2e_get() - A member of what a command returned.
 * @object: may be %NULL
 * @key: its name, or several with '.' between them
 *
 * Return: the member, borrowed, or %NULL when there is none.
 */
struct json_object *e2e_get(struct json_object *object, const char *key)
{
	char part[64];
	size_t len;

	while (object && *key) {
		len = strcspn(key, ".");
		snprintf(part, sizeof(part), "%.*s", (int)len, key);
		if (!json_object_object_get_ex(object, part, &object))
			return NULL;
		key += len + (key[len] == '.');
	}
	return object;
}

/**
 * e2e_number() - A number of what a command returned.
 * @object: may be %NULL
 * @key: as in e2e_get()
 *
 * Return: the number, or -1 when there is none.
 */
long long e2e_number(struct json_object *object, const char *key)
{
	struct json_object *member = e2e_get(object, key);

	return member ? json_object_get_int64(member) : -1;
}

/**
 * e2e_string() - A string of what a command returned.
 * @object: may be %NULL
 * @key: as in e2e_get()
 *
 * Return: the string, borrowed, or "" when there is none.
 */
const char *e2e_string(struct json_object *object, const char *key)
{
	struct json_object *member = e2e_get(object, key);

	return member ? json_object_get_string(member) : "";
}

/**
 * e2e_guest() - Run a shell command in the guest.
 * @format: of printf(); the command
 *
 * Return: what it printed, without the last newline, valid until the eighth
 * call from here; its exit status is e2e_guest_status().
 */
const char *e2e_guest(const char *format, ...)
{
	static char *outputs[8];
	static unsigned int turn;
	char command[4096], **output = &outputs[turn++ % 8];
	size_t len;
	va_list args;
	int err;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	free(*output);
	*output = NULL;
	err = hvsim_client_guest(client, command, output, &guest_status);
	if (err < 0) {
		guest_status = -1;
		free(*output);
		*output = strdup(strerror(-err));
	}
	len = strlen(*output);
	while (len && (*output)[len - 1] == '\n')
		(*output)[--len] = '\0';
	return *output;
}

/**
 * e2e_guest_status() - How the last command in the guest ended.
 *
 * Return: its exit status; -1 when it could not be run.
 */
int e2e_guest_status(void)
{
	return guest_status;
}

/**
 * e2e_complaints() - What the guest's kernel complains of.
 *
 * Return: the first lines of its complaints; "" when there are none.
 */
const char *e2e_complaints(void)
{
	return e2e_guest("dmesg | grep -E -m 3 'BUG:|WARNING:|Oops:|Call Trace:|RIP:|INFO: task'");
}

static const struct service *find_service(const char *name)
{
	const struct service *service;

	for (service = services; service->name; service++)
		if (!strcmp(service->name, name))
			return service;
	e2e_abort("no service %s", name);
}

/**
 * e2e_device() - Where a service is in the guest's sysfs.
 * @service: its name
 *
 * Return: the directory of its VMBus device.
 */
const char *e2e_device(const char *service)
{
	static char path[128];

	snprintf(path, sizeof(path), "/sys/bus/vmbus/devices/%s", find_service(service)->device);
	return path;
}

/**
 * e2e_attribute() - What our module shows of a service.
 * @service: its name
 * @name: of the attribute
 *
 * Return: as e2e_guest().
 */
const char *e2e_attribute(const char *service, const char *name)
{
	return e2e_guest("cat %s/ic/%s", e2e_device(service), name);
}

/**
 * e2e_counter() - A number that our module shows of a service.
 * @service: its name
 * @name: of the attribute
 *
 * Return: the number.
 */
long long e2e_counter(const char *service, const char *name)
{
	return strtoll(e2e_attribute(service, name), NULL, 0);
}

/**
 * e2e_sleep_ms() - Wait.
 * @ms: for how long
 */
void e2e_sleep_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}

/**
 * e2e_now_ns() - The host's time.
 *
 * Return: ns since 1970.
 */
long long e2e_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* How long to wait where @ms would do for a kernel of usual speed. */
static int patient_ms(int ms)
{
	return ms * patience;
}

/**
 * e2e_mark_events() - Let e2e_wait_event() look at what comes from now on.
 */
void e2e_mark_events(void)
{
	struct json_object *events = e2e_call("events", "{}");
	struct json_object *list = e2e_get(events, "events");
	size_t n = list ? json_object_array_length(list) : 0;

	struct json_object *last = n ? json_object_array_get_idx(list, n - 1) : NULL;

	if (last)
		events_seen = (uint64_t)e2e_number(last, "number");
	json_object_put(events);
}

/**
 * e2e_wait_event() - Wait for something to happen to the machine.
 * @event: its name
 * @timeout_ms: for how long
 *
 * Return: whether it happened since e2e_mark_events() or the last one found.
 */
bool e2e_wait_event(const char *event, int timeout_ms)
{
	struct json_object *ret = NULL;
	int err;

	err = hvsim_client_wait_event(client, event, NULL, &events_seen,
					patient_ms(timeout_ms), &ret);
	json_object_put(ret);
	return err >= 0;
}

/**
 * e2e_wait_state() - Wait for a service to be in a state, as the host sees it.
 * @service: its name
 * @state: the state
 * @timeout_ms: for how long
 *
 * Return: whether it got there.
 */
bool e2e_wait_state(const char *service, const char *state, int timeout_ms)
{
	struct json_object *ret, *found;
	char key[64];
	bool there;

	snprintf(key, sizeof(key), "services.%s.state", service);
	timeout_ms = patient_ms(timeout_ms);
	for (;;) {
		ret = e2e_call("status", "{}");
		found = e2e_get(ret, key);
		there = found && !strcmp(json_object_get_string(found), state);
		json_object_put(ret);
		if (there || timeout_ms <= 0)
			return there;
		e2e_sleep_ms(100);
		timeout_ms -= 100;
	}
}

static void note_machine(void)
{
	struct json_object *ret = e2e_call("machine-status", "{}");

	e2e_note("  the machine: %s", ret ? json_object_to_json_string(ret) : e2e_error());
	json_object_put(ret);
	ret = e2e_call("events", "{}");
	e2e_note("  what happened: %s", ret ? json_object_to_json_string(ret) : e2e_error());
	json_object_put(ret);
}

/**
 * e2e_restart() - Start the machine over and wait until it can be used.
 *
 * A machine that does not come up is looked at, and reset once more: that is
 * no fault of what is tested here.
 *
 * Return: whether it can.
 */
bool e2e_restart(void)
{
	int try;

	for (try = 0; try < 2; try++) {
		e2e_mark_events();
		e2e_tell("machine-reset", "{}");
		if (e2e_wait_event("guest-ready", 60000))
			return true;
		e2e_note("the guest did not come up within 60 s");
		note_machine();
	}
	return false;
}

/**
 * e2e_quiet() - Let the host send nothing by itself.
 */
void e2e_quiet(void)
{
	e2e_tell("heartbeat-auto", "{\"enabled\":false}");
	e2e_tell("time-auto", "{\"enabled\":false}");
}

/**
 * e2e_raw() - Send bytes to a service as they are.
 * @service: its name
 * @bytes: the payload of a VMBus packet
 * @len: bytes there
 * @answer: what came back, valid until the next call
 *
 * Return: bytes that came back; 0 when nothing came in time.
 */
int e2e_raw(const char *service, const void *bytes, size_t len, struct hvsim_message *answer)
{
	size_t reply_len = sizeof(reply);
	int err;

	memset(answer, 0, sizeof(*answer));
	err = hvsim_client_raw(client, service, bytes, len, reply, &reply_len,
			       patient_ms(in_tree ? 300 : 1000));
	if (err == -ETIMEDOUT)
		return 0;
	if (err < 0)
		e2e_abort("cannot send to %s: %s", service, strerror(-err));
	hvsim_message_open(answer, reply, reply_len);
	return (int)reply_len;
}

/**
 * e2e_agree() - Agree on versions with a service.
 * @service: its name
 * @framework: an HVIC_VERSION()
 * @message: an HVIC_VERSION()
 *
 * Return: whether both were chosen.
 */
bool e2e_agree(const char *service, uint32_t framework, uint32_t message)
{
	struct json_object *ret;

	/* not by e2e_raw(): the host must know what it has agreed to */
	ret = e2e_call("negotiate", "{\"service\":\"%s\",\"framework\":[\"%u.%u\"],"
		       "\"message\":[\"%u.%u\"]}", service,
		       HVIC_VERSION_MAJOR(framework), HVIC_VERSION_MINOR(framework),
		       HVIC_VERSION_MAJOR(message), HVIC_VERSION_MINOR(message));
	json_object_put(ret);
	return ret;
}

/**
 * e2e_agree_all() - Agree with each service on what host and guest like best.
 */
void e2e_agree_all(void)
{
	const struct service *service;

	for (service = services; service->name; service++)
		e2e_tell("negotiate", "{\"service\":\"%s\"}", service->name);
}

/**
 * e2e_host_counter() - A number that the host counts of a service's channel.
 * @service: its name
 * @name: of the counter, as "status" gives it
 *
 * Return: the number, or -1 when there is none.
 */
long long e2e_host_counter(const char *service, const char *name)
{
	struct json_object *ret = e2e_call("status", "{}");
	char key[96];
	long long n;

	snprintf(key, sizeof(key), "services.%s.counters.%s", service, name);
	n = e2e_number(ret, key);
	json_object_put(ret);
	return n;
}

/**
 * e2e_rebind() - Unbind a service from its driver and bind it again.
 * @service: its name
 *
 * Return: whether it was ready afterwards.
 */
bool e2e_rebind(const char *service)
{
	long long before = e2e_host_counter(service, "opened");
	int i;

	e2e_guest("cd /sys/bus/vmbus/drivers/hv_utils && d=$(basename %s) && "
		  "echo $d >unbind && echo $d >bind", e2e_device(service));
	if (guest_status)
		return false;
	for (i = 0; i < 50 && e2e_host_counter(service, "opened") <= before; i++)
		e2e_sleep_ms(100);
	return e2e_wait_state(service, "ready", 5000);
}

/**
 * e2e_alive() - Whether a service answers a good request.
 * @service: its name; versions must have been agreed on
 *
 * Return: whether it did, and with status 0.
 */
bool e2e_alive(const char *service)
{
	struct hvsim_message answer, request = {
		.pipe_type = HVIC_PIPE_DATA,
		.type = find_service(service)->type,
		.transaction = 99,
		.flags = HVIC_FLAG_TRANSACTION | HVIC_FLAG_REQUEST,
	};
	const struct hvsim_versions v3 = { HVIC_VERSION(3, 0), HVIC_VERSION(3, 0) };
	const struct hvsim_time probe = { .parent = HVSIM_EPOCH_1601 + 10000000 };
	uint8_t packet[128];
	int len;

	/* the cheapest there is: a beat, a probe, an offer where all else has effects */
	if (request.type == HVIC_TYPE_SHUTDOWN)
		return e2e_agree(service, HVIC_VERSION(3, 0), HVIC_VERSION(3, 2));
	if (!e2e_agree(service, HVIC_VERSION(3, 0), HVIC_VERSION(3, 0)))
		return false;
	len = request.type == HVIC_TYPE_HEARTBEAT ?
	      hvsim_message_build_heartbeat(packet, sizeof(packet), 99, &v3, 1, 16) :
	      hvsim_message_build_time(packet, sizeof(packet), 99, &v3, &probe, HVSIM_TIME_V3_LEN);
	return e2e_raw(service, packet, (size_t)len, &answer) > 0 && !answer.status &&
	       answer.transaction == 99;
}

static const struct e2e_group *find_group(const char *name)
{
	size_t i;

	for (i = 0; groups[i]; i++)
		if (!strcmp(groups[i]->name, name))
			return groups[i];
	e2e_abort("no group of tests is named %s", name);
}

int main(int argc, char **argv)
{
	const struct e2e_group *group;
	int i, err;

	if (argc < 4) {
		fprintf(stderr, "usage: e2e ours|in-tree KERNEL GROUP...\n");
		return 2;
	}
	in_tree = !strcmp(argv[1], "in-tree");
	printf("TAP version 13\n");
	if (getenv("E2E_PATIENCE"))
		patience = atoi(getenv("E2E_PATIENCE"));
	if (patience < 1)
		e2e_abort("E2E_PATIENCE is '%s': it is a number from 1", getenv("E2E_PATIENCE"));
	err = hvsim_client_open(&client, NULL);
	if (err < 0)
		e2e_abort("no machine to test: %s", strerror(-err));
	for (i = 3; i < argc; i++) {
		group = find_group(argv[i]);
		if (i > 3)
			e2e_agree_all();
		group->run();
	}
	hvsim_client_close(client);
	return tap_done();
}
