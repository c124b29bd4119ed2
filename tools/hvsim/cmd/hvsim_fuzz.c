// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvsim fuzz: hostile packets, and what the guest says of them.  What our module
 * shows of itself in the guest's sysfs is read before and afterwards.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_client.h"
#include "hvsim_cmd.h"
#include "hvsim_ic.h"
#include "hvsim_json.h"

static const char help[] =
"usage: hvsim fuzz [SERVICE...] --count N [OPTION]...\n"
"\n"
"Sends hostile packets to services of the guest, all that are ready unless told\n"
"otherwise, and proves by good requests that each still answers.  The packets\n"
"are made from a seed: the same seed makes the same ones.\n"
"\n"
"  --count N         packets to each service\n"
"  --seed S          default is drawn, and shown\n"
"  --first N         number of the first packet; default 0\n"
"  --kinds LIST      only packets of these kinds, such as pipe,header,cut\n"
"  --check-every N   packets between two proofs; default 10000\n"
"  --rate N          packets a second to each service; default as many as it takes\n"
"  --most N          bytes of the longest payload; default 16224\n"
"  --bus-messages N  that many hostile messages of VMBus itself, beside the packets\n"
"  --sockets N       that many hostile offers of Hyper-V sockets, beside them\n"
"  --timeout N       seconds that the guest may say nothing; default 30\n"
"  --json            show the result as JSON\n"
"  --control SOCKET  of the machine\n"
"\n"
"No packet is an order to power off that a guest would carry out.\n"
"\n"
"Example: hvsim fuzz heartbeat timesync --count 100000 --seed 7\n";

/* What our module counts, and what it is called in the result. */
static const struct {
	const char *attribute;
	const char *key;
} counters[] = {
	{ "offers", "offers" },
	{ "requests", "requests" },
	{ "refused", "refused" },
	{ "dropped", "dropped" },
	{ "send_errors", "send-errors" },
};

#define NR_COUNTERS	(sizeof(counters) / sizeof(counters[0]))

/**
 * struct fuzz - the command
 * @client: connected to the machine
 * @arguments: of its command
 * @json: show the result as JSON
 * @before: what the guest counted before, by service; -1 where it does not count
 * @anomalies: how many the host had noted before
 */
struct fuzz {
	struct hvsim_client *client;
	struct json_object *arguments;
	bool json;
	int64_t before[HVSIM_NR_SERVICES][NR_COUNTERS];
	uint64_t anomalies;
};

static uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(json_object_object_get(object, key));
}

/* What the guest counts of a service; a guest without our module counts nothing. */
static void guest_count(struct fuzz *fuzz, enum hvsim_service_id service, int64_t *values)
{
	char command[256], *output = NULL, *at;
	int status = -1;
	size_t i;

	for (i = 0; i < NR_COUNTERS; i++)
		values[i] = -1;
	snprintf(command, sizeof(command), "cd /sys/bus/vmbus/devices/%s/ic 2>/dev/null && "
		 "cat offers requests refused dropped send_errors",
		 hvsim_ics[service].instance_id);
	if (hvsim_client_guest(fuzz->client, command, &output, &status) < 0 || status) {
		free(output);
		return;
	}
	for (i = 0, at = output; i < NR_COUNTERS && *at; i++)
		values[i] = strtoll(at, &at, 10);
	free(output);
}

static uint64_t anomalies_count(struct fuzz *fuzz)
{
	struct json_object *result = NULL;
	uint64_t count;

	if (hvsim_client_call(fuzz->client, "anomalies", NULL, &result, NULL) < 0)
		return 0;
	count = number(result, "count");
	json_object_put(result);
	return count;
}

/* Adds what the guest counted meanwhile, unless it began to count anew. */
static void guest_add(struct fuzz *fuzz, enum hvsim_service_id service, struct json_object *one)
{
	struct json_object *guest = NULL;
	int64_t after[NR_COUNTERS];
	size_t i;

	guest_count(fuzz, service, after);
	if (!number(one, "renewed") && !number(one, "closed") && after[0] >= 0 &&
	    fuzz->before[service][0] >= 0) {
		guest = json_object_new_object();
		for (i = 0; i < NR_COUNTERS; i++)
			hvsim_json_add_int(guest, counters[i].key,
					   after[i] - fuzz->before[service][i]);
	}
	hvsim_json_add(one, "guest", guest);
}

/* A number that the guest counted; a dash where it did not. */
static void counter_print(struct json_object *guest, const char *key)
{
	if (guest)
		printf(" %9" PRIu64, number(guest, key));
	else
		printf(" %9s", "-");
}

static void service_print(const char *name, struct json_object *one)
{
	struct json_object *guest = json_object_object_get(one, "guest");

	printf("%-10s %9" PRIu64 " %9" PRIu64, name, number(one, "sent"), number(one, "answered"));
	counter_print(guest, "refused");
	counter_print(guest, "dropped");
	printf(" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n", number(one, "proofs"),
	       number(one, "renewed"), number(one, "closed"));
}

static void result_print(struct json_object *result)
{
	struct json_object *services = json_object_object_get(result, "services");
	const char *failure;

	printf("Seed %" PRIu64 ", packets %" PRIu64 " to %" PRIu64 ", %.1f s, %" PRIu64
	       " packets a second\n\n", number(result, "seed"), number(result, "first"),
	       number(result, "first") + number(result, "count") - 1,
	       (double)number(result, "elapsed-us") / 1e6, number(result, "packets-per-second"));
	printf("%-10s %9s %9s %9s %9s %9s %9s %9s\n", "SERVICE", "SENT", "ANSWERED", "REFUSED",
	       "DROPPED", "PROOFS", "NEW RINGS", "CLOSED");
	json_object_object_foreach(services, name, one)
		service_print(name, one);
	printf("\nMessages of VMBus: %" PRIu64 ", sockets: %" PRIu64 ", anomalies noted: %" PRIu64
	       "\n", number(result, "bus-messages"), number(result, "sockets"),
	       number(result, "anomalies"));
	failure = json_object_get_string(json_object_object_get(result, "sockets-failure"));
	if (failure)
		printf("Sockets failed: %s\n", failure);
	json_object_object_foreach(services, failed, it) {
		printf("\n%s, what was wrong:", failed);
		json_object_object_foreach(json_object_object_get(it, "packets"), kind, count)
			printf(" %s %" PRIu64, kind, json_object_get_uint64(count));
		failure = json_object_get_string(json_object_object_get(it, "failure"));
		printf(failure ? "\n%s failed before packet %" PRIu64 ": %s\n" : "\n", failed,
		       number(it, "next"), failure);
	}
}

/* Which service a name means; HVSIM_NR_SERVICES when none. */
static enum hvsim_service_id service_find(const char *name)
{
	int i;

	for (i = 0; i < HVSIM_NR_SERVICES; i++)
		if (!strcmp(hvsim_ics[i].name, name))
			break;
	return i;
}

static int fuzz_run(struct fuzz *fuzz)
{
	struct json_object *result = NULL;
	char *error = NULL;
	int i, err, status;

	for (i = 0; i < HVSIM_NR_SERVICES; i++)
		guest_count(fuzz, i, fuzz->before[i]);
	fuzz->anomalies = anomalies_count(fuzz);
	err = hvsim_client_call(fuzz->client, "fuzz", json_object_get(fuzz->arguments), &result,
				&error);
	if (err < 0) {
		fprintf(stderr, "hvsim: %s\n", error ?: "the machine went away");
		free(error);
		return err != -EREMOTEIO ? HVSIM_EXIT_NO_MACHINE :
		       strcmp(hvsim_client_error_class(fuzz->client), "bad-argument") ?
		       HVSIM_EXIT_REFUSED : HVSIM_EXIT_USAGE;
	}
	json_object_object_foreach(json_object_object_get(result, "services"), name, one)
		guest_add(fuzz, service_find(name), one);
	hvsim_json_add_uint(result, "anomalies", anomalies_count(fuzz) - fuzz->anomalies);
	if (fuzz->json)
		hvsim_print_json(result);
	else
		result_print(result);
	status = json_object_get_boolean(json_object_object_get(result, "failed")) ?
		 HVSIM_EXIT_REFUSED : HVSIM_EXIT_OK;
	json_object_put(result);
	return status;
}

/* "a,b" as an array of strings. */
static struct json_object *list_parse(const char *text)
{
	struct json_object *list = json_object_new_array();
	size_t len;

	while (*text) {
		len = strcspn(text, ",");
		json_object_array_add(list, json_object_new_string_len(text, (int)len));
		text += len + (text[len] == ',');
	}
	return list;
}

static int number_add(struct json_object *arguments, const char *key, const char *text,
		      int64_t unit)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || end == text || *end) {
		fprintf(stderr, "hvsim fuzz: --%s must be a whole number; see hvsim fuzz --help\n",
			unit == 1 ? key : "timeout");
		return -EINVAL;
	}
	hvsim_json_add_int(arguments, key, value * unit);
	return 0;
}

static int options_parse(struct fuzz *fuzz, struct hvsim_setup *setup, int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, '1' },
		{ "seed", required_argument, NULL, '1' },
		{ "first", required_argument, NULL, '1' },
		{ "check-every", required_argument, NULL, '1' },
		{ "rate", required_argument, NULL, '1' },
		{ "most", required_argument, NULL, '1' },
		{ "bus-messages", required_argument, NULL, '1' },
		{ "sockets", required_argument, NULL, '1' },
		{ "timeout", required_argument, NULL, 't' },
		{ "kinds", required_argument, NULL, 'k' },
		{ "json", no_argument, NULL, 'j' },
		{ "control", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	int option, index = 0, err = 0;

	optind = 0;	/* once more, after the options before the command */
	while (!err && (option = getopt_long(argc, argv, "h", options, &index)) != -1) {
		if (option == 'h')
			return 1;
		if (option == '1')
			err = number_add(fuzz->arguments, options[index].name, optarg, 1);
		else if (option == 't')
			err = number_add(fuzz->arguments, "timeout-ms", optarg, 1000);
		else if (option == 'k')
			hvsim_json_add(fuzz->arguments, "kinds", list_parse(optarg));
		else if (option == 'c')
			setup->control = optarg;
		else if (option == 'j')
			fuzz->json = true;
		else
			err = -EINVAL;
	}
	return err;
}

static int services_parse(struct fuzz *fuzz, int argc, char **argv)
{
	struct json_object *services = json_object_new_array();
	int i;

	for (i = optind; i < argc; i++) {
		if (service_find(argv[i]) == HVSIM_NR_SERVICES) {
			fprintf(stderr, "hvsim fuzz: there is no service '%s'; hvsim status shows "
				"those there are\n", argv[i]);
			json_object_put(services);
			return -EINVAL;
		}
		json_object_array_add(services, json_object_new_string(argv[i]));
	}
	if (argc > optind)
		hvsim_json_add(fuzz->arguments, "services", services);
	else
		json_object_put(services);
	return 0;
}

/**
 * hvsim_fuzz_main() - The command `hvsim fuzz`.
 * @setup: for all subcommands
 * @argc: from "fuzz" on
 * @argv: likewise
 *
 * Return: exit status of the program.
 */
int hvsim_fuzz_main(const struct hvsim_setup *setup, int argc, char **argv)
{
	struct fuzz fuzz = { .arguments = json_object_new_object(), .json = setup->json };
	struct hvsim_setup mine = *setup;
	int err, status = HVSIM_EXIT_USAGE;

	err = options_parse(&fuzz, &mine, argc, argv);
	if (err > 0) {
		fputs(help, stdout);
		status = HVSIM_EXIT_OK;
	} else if (!err && !json_object_object_get(fuzz.arguments, "count")) {
		fprintf(stderr, "hvsim fuzz: --count is missing; see hvsim fuzz --help\n");
	} else if (!err && !services_parse(&fuzz, argc, argv)) {
		err = hvsim_client_open(&fuzz.client, mine.control);
		status = err < 0 ? hvsim_no_machine(&mine, err) : fuzz_run(&fuzz);
		if (!err)
			hvsim_client_close(fuzz.client);
	}
	json_object_put(fuzz.arguments);
	return status;
}
