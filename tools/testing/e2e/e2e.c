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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../tap.h"
#include "e2e.h"
#include "hvsim_client.h"

/* How the in-tree module, and Debian's daemons, are known to differ, and why. */
static const struct difference {
	const char *test;
	const char *why;
} in_tree_differs[] = {
#include "in_tree.h"
	{ NULL }
}, stock_differs[] = {
#include "stock.h"
	{ NULL }
};

static const struct e2e_group *const groups[] = {
	&e2e_boot, &e2e_versions, &e2e_heartbeat, &e2e_time, &e2e_hostile,
	&e2e_lifecycle, &e2e_disable, &e2e_save, &e2e_cpu, &e2e_hibernate, &e2e_kexec,
	&e2e_shutdown, &e2e_offers, &e2e_sockets, &e2e_misbehave, &e2e_fuzz,
	&e2e_concurrency, &e2e_debug, &e2e_kvp, &e2e_stock_kvp,
	&e2e_net_networkd, &e2e_net_networkmanager, &e2e_net_netplan, &e2e_net_ifupdown,
	&e2e_vss, &e2e_stock_vss, &e2e_vss_module, &e2e_vss_hold, &e2e_vss_stacks,
	&e2e_fcopy, &e2e_stock_fcopy, &e2e_fcopy_module, &e2e_sftp,
	&e2e_psdirect, &e2e_psdirect_module, &e2e_psdirect_smoke, &e2e_psdirect_hostile, NULL
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

static const char *find_difference(const struct difference *differences, const char *test)
{
	size_t i;

	for (i = 0; differences[i].test; i++)
		if (!fnmatch(differences[i].test, test, 0))
			return differences[i].why;
	return NULL;
}

static const char *known_difference(const char *test)
{
	const char *why = find_difference(stock_differs, test);

	return why || !in_tree ? why : find_difference(in_tree_differs, test);
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
 * e2e_host() - Run a shell command on this side, where the files of the run are.
 * @format: of printf(); the command; what it prints is not for standard output
 *
 * Return: its exit status; -1 when it could not be run, or was killed.
 */
int e2e_host(const char *format, ...)
{
	char command[1024];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * A kernel that another has taken the place of, by kexec or from a disk, has
 * left its complaints on the console alone.
 */
static const char *console_complaint(void)
{
	static const char *const signs[] = {
		"BUG:", "WARNING:", "Oops:", "Call Trace:", "RIP:", "INFO: task"
	};
	struct json_object *ret = e2e_call("console-log", "{\"lines\":100000}");
	static char line[256];
	const char *found;
	size_t i;

	line[0] = '\0';
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]) && !line[0]; i++) {
		found = strstr(e2e_string(ret, "text"), signs[i]);
		if (found)
			snprintf(line, sizeof(line), "%.*s", (int)strcspn(found, "\r\n"), found);
	}
	json_object_put(ret);
	return line;
}

/**
 * e2e_complaints() - What the guest's kernel complains of.
 *
 * Return: the first lines of its complaints; "" when there are none.
 */
const char *e2e_complaints(void)
{
	const char *lines = e2e_guest("dmesg | grep -E -m 3 "
				      "'BUG:|WARNING:|Oops:|Call Trace:|RIP:|INFO: task'");

	return *lines ? lines : console_complaint();
}

/**
 * e2e_anomaly() - What the guest should not have done, as the host sees it.
 *
 * Return: the first since the last call, valid until the next; "" for none.
 */
const char *e2e_anomaly(void)
{
	struct json_object *ret = e2e_call("anomalies", "{\"clear\":true}");
	struct json_object *list = e2e_get(ret, "anomalies"), *first = NULL;
	static char text[256];

	if (list && json_object_array_length(list))
		first = json_object_array_get_idx(list, 0);
	text[0] = '\0';
	if (first)
		snprintf(text, sizeof(text), "%s: %s: %s", e2e_string(first, "service"),
			 e2e_string(first, "kind"), e2e_string(first, "text"));
	json_object_put(ret);
	return text;
}

/**
 * e2e_watch_uevents() - Have a program run for each uevent, as udev would.
 * @command: for the guest's shell; the event is in its environment
 *
 * Return: whether the guest listens.
 */
bool e2e_watch_uevents(const char *command)
{
	/* the 15 is NETLINK_KOBJECT_UEVENT, whose sockets are named by process */
	e2e_guest("uevent %s >/dev/null 2>&1 & "
		  "until grep -q \" 15 *$! \" /proc/net/netlink; do kill -0 $! || exit 1; done",
		  command);
	return !guest_status;
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

/**
 * e2e_patient_ms() - How long to wait for what takes longer in a slow kernel.
 * @ms: what would do in one of usual speed, in ms
 *
 * Return: time in ms, by $E2E_PATIENCE.
 */
int e2e_patient_ms(int ms)
{
	return ms * patience;
}

/**
 * e2e_mark_events() - Let e2e_wait_event() look at what comes from now on.
 */
void e2e_mark_events(void)
{
	struct json_object *ret = e2e_call("events", "{\"after\":%llu}",
					   (unsigned long long)events_seen);

	if (ret)
		events_seen = (uint64_t)e2e_number(ret, "last");
	json_object_put(ret);
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
				      e2e_patient_ms(timeout_ms), &ret);
	json_object_put(ret);
	return err >= 0;
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
			       e2e_patient_ms(in_tree ? 300 : 1000));
	if (err == -ETIMEDOUT)
		return 0;
	if (err < 0)
		e2e_abort("cannot send to %s: %s", service, strerror(-err));
	hvsim_message_open(answer, reply, reply_len);
	return (int)reply_len;
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
	if (in_tree)
		e2e_services_leave();
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
		e2e_anomaly();	/* what one group provoked is none of the next one's */
		group->run();
	}
	hvsim_client_close(client);
	return tap_done();
}
