// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results, as people like to read them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hvsim_cmd.h"
#include "hvsim_message.h"

static struct json_object *member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

/* A member as text; "-" when there is none, or nothing in it. */
static const char *text(struct json_object *object, const char *key)
{
	const char *found = json_object_get_string(member(object, key));

	return found && *found ? found : "-";
}

static uint64_t number(struct json_object *object, const char *key)
{
	return json_object_get_uint64(member(object, key));
}

static bool is_true(struct json_object *object, const char *key)
{
	return json_object_get_boolean(member(object, key));
}

static struct json_object *service(struct json_object *result, const char *name)
{
	return member(member(result, "services"), name);
}

/* Where the channel is; a dash when it is nowhere. */
static void channel_print(struct json_object *channel)
{
	if (!is_true(channel, "open"))
		printf("%s\n", member(channel, "relid") ? "offered" : "-");
	else if (!member(channel, "relid"))
		printf("open\n");
	else if (!member(channel, "processor"))
		printf("open, relid %s\n", text(channel, "relid"));
	else
		printf("open, relid %s, processor %s\n", text(channel, "relid"),
		       text(channel, "processor"));
}

static void service_head_print(void)
{
	printf("%-23s %-8s %-22s %-22s %-22s %s\n", "NAME", "ENABLED", "PRIMARY STATUS",
	       "SECONDARY STATUS", "VERSIONS", "CHANNEL");
}

static void service_line_print(struct json_object *one)
{
	char versions[64] = "-";

	if (member(one, "message"))
		snprintf(versions, sizeof(versions), "%s (framework %s)", text(one, "message"),
			 text(one, "framework"));
	printf("%-23s %-8s %-22s %-22s %-22s ", text(one, "title"),
	       is_true(one, "enabled") ? "True" : "False", text(one, "primary-status"),
	       text(one, "secondary-status"), versions);
	channel_print(member(one, "channel"));
}

static void bus_print(struct json_object *bus)
{
	if (strcmp(text(bus, "kind"), "hvsim"))
		printf("VMBus: QEMU's\n");
	else if (member(bus, "version"))
		printf("VMBus: hvsim's, version %s\n", text(bus, "version"));
	else
		printf("VMBus: hvsim's, the guest is not on it\n");
}

/**
 * hvsim_print_status() - Show all services, as Get-VMIntegrationService does.
 * @result: of the command "status"
 */
void hvsim_print_status(struct json_object *result)
{
	printf("%s\n", text(result, "host"));
	bus_print(member(result, "bus"));
	putchar('\n');
	service_head_print();
	json_object_object_foreach(member(result, "services"), name, one) {
		(void)name;
		service_line_print(one);
	}
}

/**
 * hvsim_print_services() - Show all services.
 * @result: of the command "service-list"
 */
void hvsim_print_services(struct json_object *result)
{
	struct json_object *list = member(result, "services");
	size_t i;

	service_head_print();
	for (i = 0; i < json_object_array_length(list); i++)
		service_line_print(json_object_array_get_idx(list, i));
}

/**
 * hvsim_print_service() - Show one service.
 * @result: of the command "service-enable" or "service-disable"
 */
void hvsim_print_service(struct json_object *result)
{
	service_head_print();
	service_line_print(result);
}

/* What the host does without being told. */
static void automatic_print(struct json_object *one)
{
	if (is_true(one, "automatic"))
		printf("By itself:          every %s ms\n", text(one, "interval-ms"));
	else
		printf("By itself:          no\n");
}

/**
 * hvsim_print_heartbeat() - Show how the guest's heart beats.
 * @result: of the command "status"
 */
void hvsim_print_heartbeat(struct json_object *result)
{
	struct json_object *heartbeat = service(result, "heartbeat");

	printf("Heartbeat:          %s\n", text(heartbeat, "heartbeat"));
	printf("Application state:  %s\n", text(heartbeat, "application-state"));
	printf("Beats:              %" PRIu64 ", the last numbered %" PRIu64 ", %" PRIu64
	       " missed in a row\n", number(heartbeat, "beats"), number(heartbeat, "sequence"),
	       number(heartbeat, "missed"));
	automatic_print(heartbeat);
}

static void latency_print(struct json_object *latency)
{
	if (member(latency, "median-us"))
		printf("Round trip:         median %" PRIu64 " us, from %" PRIu64 " to %" PRIu64
		       " us, 99 %% within %" PRIu64 " us\n", number(latency, "median-us"),
		       number(latency, "min-us"), number(latency, "max-us"),
		       number(latency, "p99-us"));
}

/**
 * hvsim_print_beat() - Show what came of some beats.
 * @result: of the command "heartbeat-beat"
 */
void hvsim_print_beat(struct json_object *result)
{
	printf("Heartbeat:          %s\n", text(result, "heartbeat"));
	printf("Application state:  %s\n", text(result, "application-state"));
	printf("Answered:           %" PRIu64 ", the last numbered %" PRIu64 "\n",
	       number(result, "answered"), number(result, "sequence"));
	latency_print(member(result, "round-trip"));
}

/* The parent time of a message as a date. */
static void date_print(const char *label, uint64_t parent)
{
	time_t seconds = (time_t)((parent - HVSIM_EPOCH_1601) / 10000000);
	struct tm parts;
	char date[64];

	if (parent < HVSIM_EPOCH_1601 || !gmtime_r(&seconds, &parts) ||
	    !strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &parts))
		snprintf(date, sizeof(date), "no date");
	printf("%-19s %s.%07" PRIu64 " UTC (%" PRIu64 ")\n", label, date, parent % 10000000,
	       parent);
}

/**
 * hvsim_print_time() - Show how the guest is told the time.
 * @result: of the command "status"
 */
void hvsim_print_time(struct json_object *result)
{
	struct json_object *timesync = service(result, "timesync");
	struct json_object *last = member(timesync, "last");

	automatic_print(timesync);
	printf("The host's clock:   %s ms ahead, leap indicator %s, stratum %s\n",
	       text(timesync, "offset-ms"), text(timesync, "leap"), text(timesync, "stratum"));
	printf("Messages:           %" PRIu64 "\n", number(timesync, "messages"));
	if (last)
		date_print("Last told:", number(last, "parent-time"));
}

/* How the guest took a request. */
static void outcome_print(struct json_object *result)
{
	if (number(result, "status"))
		printf("Status:             %s (0x%08" PRIx64 ")\n", text(result, "status-name"),
		       number(result, "status"));
	else
		printf("Status:             ok, after %" PRIu64 " us\n",
		       number(result, "round-trip-us"));
}

/**
 * hvsim_print_told() - Show what the guest was told of the time.
 * @result: of the command "time-sync" or "time-sample"
 */
void hvsim_print_told(struct json_object *result)
{
	date_print("Told:", number(result, "parent-time"));
	printf("Reference counter:  %" PRIu64 "\n", number(result, "reference-time"));
	outcome_print(result);
}

/**
 * hvsim_print_power() - Show how the guest took a shutdown request.
 * @result: of the command "shutdown"
 */
void hvsim_print_power(struct json_object *result)
{
	printf("The guest %s.\n", is_true(result, "accepted") ? "accepts" : "refuses");
	outcome_print(result);
}

/**
 * hvsim_print_versions() - Show what was negotiated.
 * @result: of the command "negotiate"
 */
void hvsim_print_versions(struct json_object *result)
{
	printf("The guest chooses %s, framework %s.\n", text(result, "message"),
	       text(result, "framework"));
}

/**
 * hvsim_print_raw() - Show what answered a packet.
 * @result: of the command "raw"
 */
void hvsim_print_raw(struct json_object *result)
{
	struct json_object *answer = member(result, "answer");
	struct json_object *faults = member(answer, "faults");
	size_t i;

	if (!answer) {
		printf("No answer.\n");
		return;
	}
	printf("Answer:             %" PRIu64 " bytes, VMBus type %s\n", number(answer, "length"),
	       text(answer, "vmbus-type"));
	printf("%s\n", text(answer, "hex"));
	if (member(answer, "type")) {
		printf("Message:            %s, framework %s, message %s, transaction %s, flags %s,"
		       " body %s bytes\n", text(answer, "type"), text(answer, "framework"),
		       text(answer, "message"), text(answer, "transaction"), text(answer, "flags"),
		       text(answer, "body-size"));
		outcome_print(answer);
	}
	for (i = 0; i < json_object_array_length(faults); i++)
		printf("Fault:              %s\n",
		       json_object_get_string(json_object_array_get_idx(faults, i)));
}

/**
 * hvsim_print_burst() - Show what came of a burst.
 * @result: of the command "burst"
 */
void hvsim_print_burst(struct json_object *result)
{
	printf("Requests:           %" PRIu64 " sent, %" PRIu64 " answered (%" PRIu64
	       " refused), %" PRIu64 " lost\n", number(result, "sent"), number(result, "answered"),
	       number(result, "refused"), number(result, "lost"));
	if (member(result, "ended-early"))
		printf("Ended early:        %s\n", text(result, "ended-early"));
	printf("Answers a second:   %" PRIu64 "\n", number(result, "answers-per-second"));
	latency_print(member(result, "round-trip"));
}

/**
 * hvsim_print_guest() - Show what a command in the guest wrote.
 * @result: of the command "guest-exec"
 */
void hvsim_print_guest(struct json_object *result)
{
	struct json_object *output = member(result, "output");

	fwrite(json_object_get_string(output), 1, (size_t)json_object_get_string_len(output),
	       stdout);
}

/**
 * hvsim_print_event() - Show an event on a line.
 * @result: of the command "wait"
 */
void hvsim_print_event(struct json_object *result)
{
	int64_t ms = json_object_get_int64(member(result, "time-ms"));

	printf("%4" PRIu64 " %6" PRId64 ".%03" PRId64 " %-20s", number(result, "number"),
	       ms / 1000, ms % 1000, text(result, "event"));
	json_object_object_foreach(member(result, "data"), key, value)
		printf(" %s=%s", key, json_object_get_string(value));
	putchar('\n');
}

/**
 * hvsim_print_events() - Show events, a line each.
 * @result: of the command "events"
 */
void hvsim_print_events(struct json_object *result)
{
	struct json_object *list = member(result, "events");
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		hvsim_print_event(json_object_array_get_idx(list, i));
}

/**
 * hvsim_print_anomalies() - Show what the guest did wrong.
 * @result: of the command "anomalies"
 */
void hvsim_print_anomalies(struct json_object *result)
{
	struct json_object *list = member(result, "anomalies");
	size_t i;

	printf("%" PRIu64 " anomalies\n", number(result, "count"));
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		printf("%-10s %-22s %s\n", text(one, "service"), text(one, "kind"),
		       text(one, "text"));
	}
}

static void versions_print(struct json_object *profile, const char *name)
{
	struct json_object *list = member(member(profile, name), "message");
	char line[64] = "";
	size_t i, used = 0;

	for (i = 0; i < json_object_array_length(list) && used < sizeof(line); i++) {
		struct json_object *version = json_object_array_get_idx(list, i);

		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s", i ? " " : "",
					 json_object_get_string(version));
	}
	printf(" %-16s", *line ? line : "-");
}

/**
 * hvsim_print_profiles() - Show which Hyper-V offers what.
 * @result: of the command "profiles"
 */
void hvsim_print_profiles(struct json_object *result)
{
	struct json_object *list = member(result, "profiles");
	size_t i;

	printf("%-12s %-16s %-16s %-16s %-16s %-16s %s\n", "NAME", "HEARTBEAT", "SHUTDOWN",
	       "TIMESYNC", "KVP", "VSS", "HOST");
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		printf("%-12s", text(one, "name"));
		versions_print(one, "heartbeat");
		versions_print(one, "shutdown");
		versions_print(one, "timesync");
		versions_print(one, "kvp");
		versions_print(one, "vss");
		printf(" %s\n", text(one, "title"));
	}
}

/**
 * hvsim_print_text() - Show a text.
 * @result: has it as "text"
 */
void hvsim_print_text(struct json_object *result)
{
	fputs(json_object_get_string(member(result, "text")) ?: "", stdout);
}
