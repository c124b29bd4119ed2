// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measures the machine that $HVSIM_CONTROL names.
 *
 * usage: bench MODULE KERNEL GROUP...
 *
 * Prints a line for each figure, with tabs between:
 *
 *	KERNEL MODULE turnaround WHAT RECORDS MEDIAN LOW HIGH SAMPLES FORKS	in us; the
 *		10 % that took least were below LOW, the 10 % that took most above HIGH;
 *		FORKS is of one request
 *	KERNEL MODULE cpu fcopy 0 MS-PER-MB MS MB
 *	KERNEL MODULE large fcopy MIB DAEMON-GREW KERNEL-GREW SECONDS	in KiB
 *	KERNEL MODULE memory daemon 0 RSS ANONYMOUS FILE			in KiB
 *	KERNEL MODULE wakeups daemon 0 COUNT SECONDS
 *	KERNEL MODULE stream psdirect 0 KB/S BARE-KB/S ROUNDS
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "hvsim_client.h"

/* What is measured first is not counted: caches are cold, and an index is made. */
#define WARM_UP		2

/* Between requests, for the guest to be done with the one before. */
#define PAUSE_US	20000

#define ROUNDS		30
#define BEATS		100
#define ADDRESS_ROUNDS	5
#define IDLE_SECONDS	"30"
/* What hosts send in one message, and how many are looked at. */
#define COPY_PIECE	6144
#define COPY_PIECES	200
#define COPY_MB		20
#define LARGE_MIB	2048
/* For a command in the guest; the longest waits for the guest to have come up. */
#define GUEST_MS	300000
#define MAC		"00:15:5D:01:02:03"

static const uint32_t pool_sizes[] = { 10, 200, 1000, 10000 };

static struct hvsim_client *client;
static const char *module, *kernel;

/**
 * bench_client() - The connection to the host.
 *
 * Return: it.
 */
struct hvsim_client *bench_client(void)
{
	return client;
}

/**
 * bench_die() - Stop: what could not be measured has no figure.
 * @format: of printf(); why
 */
void bench_die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "bench: %s, %s module: ", kernel, module);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

/* Takes @arguments over. */
static struct json_object *call(const char *command, struct json_object *arguments)
{
	struct json_object *ret = NULL;
	char *error = NULL;
	int err;

	err = hvsim_client_call(client, command, arguments, &ret, &error);
	if (err < 0)
		bench_die("%s: %s", command, error ? error : strerror(-err));
	return ret;
}

/**
 * bench_call() - Have the host do something that cannot fail, or stop.
 * @command: of the control socket
 * @format: of printf(); the arguments as JSON
 *
 * Return: what it returned, to be given back by json_object_put().
 */
struct json_object *bench_call(const char *command, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return call(command, json_tokener_parse(text));
}

/**
 * bench_guest() - Run a shell command in the guest that must succeed.
 * @format: of printf(); the command
 *
 * Return: what it printed, to be freed.
 */
char *bench_guest(const char *format, ...)
{
	struct json_object *arguments = json_object_new_object(), *ret;
	char command[2048], *output;
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	json_object_object_add(arguments, "command", json_object_new_string(command));
	json_object_object_add(arguments, "timeout-ms", json_object_new_int(GUEST_MS));
	ret = call("guest-exec", arguments);
	output = strdup(json_object_get_string(json_object_object_get(ret, "output")));
	status = json_object_get_int(json_object_object_get(ret, "status"));
	json_object_put(ret);
	if (!output)
		bench_die("out of memory");
	if (status)
		bench_die("this fails in the guest with status %d: %s: %s", status, command,
			  output);
	return output;
}

/**
 * bench_number() - Run a shell command in the guest that prints a number.
 * @command: the command
 *
 * What is no number is not taken for one: it stops, then.
 *
 * Return: the number.
 */
double bench_number(const char *command)
{
	char *text = bench_guest("%s", command), *end;
	double number = strtod(text, &end);

	if (end == text)
		bench_die("the guest says '%s', which is no number, to: %s", text, command);
	free(text);
	return number;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void figure_print(const char *what, uint32_t records, struct bench_trace *trace)
{
	double *us = trace->us + WARM_UP;
	size_t count = trace->count - WARM_UP;

	qsort(us, count, sizeof(*us), compare);
	printf("%s\t%s\tturnaround\t%s\t%u\t%.0f\t%.0f\t%.0f\t%zu\t%.1f\n", kernel, module, what,
	       records, us[count / 2], us[count / 10], us[count - 1 - count / 10], count,
	       (double)trace->forks / (double)trace->count);
	fflush(stdout);
}

/* Ends what bench_trace_begin() began, of @rounds with so many @requests each. */
static void trace_print(const char *what, uint32_t records, size_t rounds,
			size_t requests)
{
	struct bench_trace trace;
	size_t i, j;

	bench_trace_end(&trace);
	if (trace.count != rounds * requests)
		bench_die("%s: the guest's kernel saw %zu answers to %zu requests", what,
			  trace.count, rounds * requests);
	for (i = 0; i < rounds; i++) {
		trace.us[i] = trace.us[i * requests];
		for (j = 1; j < requests; j++)
			trace.us[i] += trace.us[i * requests + j];
	}
	trace.count = rounds;
	figure_print(what, records, &trace);
}

/* ---- heartbeat ---- */

static void heartbeat_measure(void)
{
	bench_trace_begin("heartbeat", false);
	json_object_put(bench_call("heartbeat-beat", "{\"count\":%d}", BEATS));
	trace_print("heartbeat", 0, BEATS, 1);
}

/* ---- data exchange ---- */

static void set_ask(uint32_t key, uint32_t round)
{
	bench_kvp_set(key, round);
}

static void enumerate_ask(uint32_t key, uint32_t round)
{
	(void)round;
	bench_kvp_enumerate(key);
}

static void replace_ask(uint32_t key, uint32_t round)
{
	bench_kvp_delete(key);
	bench_kvp_set(key, round);
}

static void get_ask(uint32_t key, uint32_t round)
{
	(void)round;
	bench_kvp_get(key);
}

static const struct operation {
	const char *what;
	void (*ask)(uint32_t key, uint32_t round);
	size_t requests;
	bool both;	/* the in-tree module answers it, too */
} operations[] = {
	{ "kvp set", set_ask, 1, true },
	{ "kvp enumerate", enumerate_ask, 1, true },
	{ "kvp delete+set", replace_ask, 2, true },
	{ "kvp get", get_ask, 1, false },
};

static void items_measure(void)
{
	const struct operation *operation;
	uint32_t records, rounds, round;
	size_t i, j;

	for (i = 0; i < sizeof(pool_sizes) / sizeof(pool_sizes[0]); i++) {
		records = pool_sizes[i];
		bench_kvp_begin(records);
		rounds = WARM_UP + ROUNDS;
		for (j = 0; j < sizeof(operations) / sizeof(operations[0]); j++) {
			operation = &operations[j];
			if (!operation->both && !strcmp(module, "in-tree"))
				continue;
			bench_trace_begin("kvp", false);
			/* from the middle on: what is first or last may be found sooner */
			for (round = 0; round < rounds; round++) {
				operation->ask((records / 2 + round) % records, round);
				usleep(PAUSE_US);
			}
			trace_print(operation->what, records, rounds, operation->requests);
		}
	}
}

static void addresses_measure(void)
{
	struct json_object *ret;
	int round;

	free(bench_guest("ip link add eth7 address " MAC " type dummy && ip link set eth7 up && "
			 "ip address add 10.7.0.2/24 dev eth7 && "
			 "ip -6 address add fd00:7::2/64 dev eth7 nodad && "
			 "ip route add default via 10.7.0.1 && "
			 "rm -f /etc/resolv.conf && "
			 "echo 'nameserver 10.7.0.53' >/etc/resolv.conf"));
	bench_trace_begin("kvp", false);
	for (round = 0; round < WARM_UP + ADDRESS_ROUNDS; round++) {
		ret = bench_call("kvp-get-ip", "{\"mac\":\"" MAC "\"}");
		if (json_object_get_int64(json_object_object_get(ret, "status")))
			bench_die("the guest does not tell the addresses of " MAC);
		json_object_put(ret);
	}
	trace_print("kvp get-ip", 0, WARM_UP + ADDRESS_ROUNDS, 1);
	free(bench_guest("ip link delete eth7"));
}

/* ---- file copy ---- */

static void copy_measure(void)
{
	double before, idle, busy;
	struct bench_trace trace;

	bench_fcopy_begin();
	bench_fcopy_copy(COPY_PIECE);
	bench_trace_begin("fcopy", bench_fcopy_by_uio());
	bench_fcopy_copy(COPY_PIECES * COPY_PIECE);
	bench_trace_end(&trace);
	/*
	 * A start and a complete are among them, too few to tell; and where the next piece
	 * comes before the guest is done with the interrupt of the last, it has none.
	 */
	if (trace.count < COPY_PIECES * 3 / 4)
		bench_die("fcopy piece: the guest's kernel saw only %zu answers", trace.count);
	figure_print("fcopy piece", 0, &trace);

	before = bench_fcopy_busy();
	idle = bench_fcopy_busy() - before;
	before = bench_fcopy_busy();
	bench_fcopy_copy((size_t)COPY_MB * 1000000);
	busy = bench_fcopy_busy() - before - idle;
	printf("%s\t%s\tcpu\tfcopy\t0\t%.1f\t%.0f\t%d\n", kernel, module, busy / COPY_MB, busy,
	       COPY_MB);
	fflush(stdout);
}

static void large_measure(void)
{
	const struct bench_run run = { .kernel = kernel, .module = module };

	if (!strcmp(module, "in-tree"))
		return;
	bench_fcopy_begin();
	bench_fcopy_large(&run, LARGE_MIB);
}

/* ---- the daemon's process ---- */

static void memory_measure(void)
{
	char *text = bench_guest("awk '/^Rss:/ { rss = $2 } /^Anonymous:/ { mine = $2 } "
				 "END { print rss \"\\t\" mine \"\\t\" rss - mine }' "
				 "/proc/$(pidof hv_kvp_daemon)/smaps_rollup");

	printf("%s\t%s\tmemory\tdaemon\t0\t%s", kernel, module, text);
	fflush(stdout);
	free(text);
}

/* Whoever is woken up for nothing goes to sleep again, which the kernel counts. */
static void idle_measure(void)
{
	double count = bench_number("count() { cat /proc/$(pidof hv_kvp_daemon)/task/*/status | "
				    "awk '/^voluntary_ctxt_switches:/ { n += $2 } "
				    "END { print n }'; }; before=$(count) && "
				    "sleep " IDLE_SECONDS " && echo $(($(count) - before))");

	printf("%s\t%s\twakeups\tdaemon\t0\t%.0f\t" IDLE_SECONDS "\n", kernel, module, count);
	fflush(stdout);
}

static void vss_measure(void)
{
	const struct bench_run run = { .kernel = kernel, .module = module };

	bench_vss_measure(&run);
}

static void psdirect_measure(void)
{
	const struct bench_run run = { .kernel = kernel, .module = module };

	/* in-tree there is no such thing */
	if (strcmp(module, "in-tree"))
		bench_psdirect_measure(&run);
}

static const struct group {
	const char *name;
	void (*measure)(void);
} groups[] = {
	{ "heartbeat", heartbeat_measure },
	{ "addresses", addresses_measure },
	{ "items", items_measure },
	{ "copy", copy_measure },
	{ "large", large_measure },
	{ "memory", memory_measure },
	{ "idle", idle_measure },
	{ "vss", vss_measure },
	{ "psdirect", psdirect_measure },
};

static void group_run(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (!strcmp(groups[i].name, name)) {
			groups[i].measure();
			return;
		}
	}
	bench_die("nothing that could be measured is named '%s'", name);
}

/*
 * What a boot has begun goes on for a while; that a unit fails is no matter here.  And
 * udev is no part of what is measured, but has work at times, as when its workers end.
 */
static void guest_settle(void)
{
	free(bench_guest("systemctl is-system-running --wait >/dev/null; "
			 "udevadm settle --timeout=200; systemctl start hv-kvp-daemon && "
			 "systemctl stop systemd-udevd-control.socket "
			 "systemd-udevd-kernel.socket systemd-udevd.service"));
}

int main(int argc, char **argv)
{
	int i, err;

	if (argc < 4) {
		fprintf(stderr, "usage: bench ours|in-tree KERNEL GROUP...\n");
		return 2;
	}
	module = argv[1];
	kernel = argv[2];
	err = hvsim_client_open(&client, NULL);
	if (err < 0)
		bench_die("there is no machine to measure: %s", strerror(-err));
	guest_settle();
	/* the same for both; and the in-tree module may have been late for the first offer */
	json_object_put(bench_call("negotiate", "{\"service\":\"kvp\",\"framework\":[\"3.0\"],"
				   "\"message\":[\"4.0\"]}"));
	for (i = 3; i < argc; i++)
		group_run(argv[i]);
	hvsim_client_close(client);
	return 0;
}
