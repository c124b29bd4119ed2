// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A host on hvsim's bus without a machine: services that come and go, and a
 * machine that is paused or saved meanwhile.  What is here plays the plugin with a
 * guest behind it, and the client.  All in one thread: settle() turns the loop
 * until nothing is left to do, so that nothing depends on time but time-outs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_frame.h"
#include "hvsim_guid.h"
#include "hvsim_host.h"
#include "hvsim_ic.h"
#include "hvsim_json.h"
#include "hvsim_message.h"
#include "hvsim_vmbus.h"

/* Services of the host that is played unless told otherwise. */
#define SERVICES	6

/* What the clock of the machine shows, always. */
#define REFERENCE	5000000000ull
#define REALTIME	1700000000000000000ull
#define PARENT		(REALTIME / 100 + HVSIM_EPOCH_1601)

static char directory[64];
static sd_event *loop;
static struct hvsim_host *host;

/* ---- the guest ---- */

/**
 * struct channel - one that the guest knows
 * @number: by the host; 0 when there is none
 * @service: which it is for
 * @rescinded: taken back
 * @open: by the guest's driver
 */
struct channel {
	uint32_t number;
	enum hvsim_service_id service;
	bool rescinded;
	bool open;
};

static struct channel channels[16];
static int plugin = -1;

/* How the guest behaves. */
static bool has_driver = true, lets_go = true, answers = true, understands = true, has_clock = true;

/* What the plugin was told besides: how often it was, and the last. */
static unsigned int offers, rescinds, negotiations, limit, traces;
static struct hvsim_frame held;		/* a packet that was not answered */
static uint8_t held_bytes[4096];
static uint8_t told[64];		/* the last message about time */
static unsigned int syncs;

static void plugin_tell(uint16_t type, uint16_t arg, uint32_t number, const void *bytes, size_t len)
{
	uint8_t frame[HVSIM_FRAME_HEAD_LEN + HVSIM_CHANNEL_LEN + 4096];
	size_t head = number ? HVSIM_CHANNEL_LEN : 0;

	hvsim_frame_encode_head(frame, type, arg, (uint32_t)(head + len));
	hvsim_frame_put(frame + HVSIM_FRAME_HEAD_LEN, number, (unsigned int)head);
	if (len)
		memcpy(frame + HVSIM_FRAME_HEAD_LEN + head, bytes, len);
	len += HVSIM_FRAME_HEAD_LEN + head;
	if (send(plugin, frame, len, MSG_NOSIGNAL) != (ssize_t)len)
		tap_diag("cannot send: %s", strerror(errno));
}

static struct channel *channel_of(uint32_t number)
{
	size_t i;

	for (i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
		if (channels[i].number == number)
			return &channels[i];
	return NULL;
}

/* The guest's channel of a service; NULL when it has none. */
static struct channel *channel_for(enum hvsim_service_id service)
{
	size_t i;

	for (i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
		if (channels[i].number && channels[i].service == service)
			return &channels[i];
	return NULL;
}

static void channel_open(struct channel *channel)
{
	const uint8_t processor[4] = { 1 };

	channel->open = true;
	plugin_tell(HVSIM_FRAME_OPENED, 0, channel->number, NULL, 0);
	plugin_tell(HVSIM_FRAME_MOVED, 0, channel->number, processor, sizeof(processor));
}

static void channel_let_go(struct channel *channel)
{
	plugin_tell(HVSIM_FRAME_RELEASED, 0, channel->number, NULL, 0);
	channel->number = 0;
}

static void on_offer(uint32_t number, const uint8_t *bytes)
{
	struct hvsim_vmbus_offer offer;
	struct channel *channel = channel_of(0);
	uint8_t relid[4] = { (uint8_t)(10 + number) }, guid[HVSIM_GUID_LEN];

	memcpy(&offer, bytes, sizeof(offer));
	*channel = (struct channel){ .number = number, .service = HVSIM_NR_SERVICES };
	while (channel->service--) {
		hvsim_guid_parse(guid, hvsim_ics[channel->service].class_id);
		if (!memcmp(guid, offer.class_id, sizeof(guid)))
			break;
	}
	hvsim_guid_parse(guid, hvsim_ics[channel->service].instance_id);
	tap_ok(!memcmp(guid, offer.instance_id, sizeof(guid)) &&
	       offer.flags == HVSIM_OFFER_PIPE && offer.user[0] == HVSIM_PIPE_MESSAGE,
	       "%s is offered as it should be", hvsim_ics[channel->service].name);
	offers++;
	plugin_tell(HVSIM_FRAME_OFFERED, 0, number, relid, sizeof(relid));
	if (has_driver)
		channel_open(channel);
}

static void on_rescind(struct channel *channel)
{
	rescinds++;
	channel->rescinded = true;
	if (channel->open)
		plugin_tell(HVSIM_FRAME_CLOSED, 0, channel->number, NULL, 0);
	channel->open = false;
	if (lets_go)
		channel_let_go(channel);
}

/* The last version of each list, or none. */
static void guest_choose(uint8_t *bytes)
{
	size_t framework = bytes[28], message = bytes[30];
	uint8_t chosen[8];

	negotiations++;
	memcpy(chosen, bytes + 36 + 4 * (framework - 1), 4);
	memcpy(chosen + 4, bytes + 36 + 4 * (framework + message - 1), 4);
	memcpy(bytes + 36, chosen, sizeof(chosen));
	bytes[28] = understands;
	bytes[30] = understands;
	bytes[18] = 16;
}

static void on_packet(struct channel *channel, const uint8_t *from, size_t len)
{
	uint8_t bytes[4096];

	memcpy(bytes, from, len);
	if (!answers) {
		memcpy(held_bytes, from, len);
		held = (struct hvsim_frame){ .type = HVSIM_FRAME_PACKET, .length = (uint32_t)len };
		return;
	}
	if (bytes[12] == HVIC_TYPE_TIMESYNC) {
		memcpy(told, bytes, len < sizeof(told) ? len : sizeof(told));
		syncs += bytes[28 + 16] == HVIC_TIMESYNC_SYNC;
	}
	bytes[25] = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	if (!bytes[12])
		guest_choose(bytes);
	if (bytes[12] == HVIC_TYPE_HEARTBEAT)
		bytes[28]++;
	plugin_tell(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, channel->number, bytes, len);
}

/* The answer to a heartbeat that was held back. */
static void guest_answer_late(void)
{
	held_bytes[25] = HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE;
	held_bytes[28]++;
	plugin_tell(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, channel_for(HVSIM_HEARTBEAT)->number,
		    held_bytes, held.length);
}

static void on_clock(void)
{
	uint8_t clock[HVSIM_FRAME_CLOCK_LEN];

	if (!has_clock)
		return;
	hvsim_frame_encode_clock(clock, REFERENCE, REALTIME);
	plugin_tell(HVSIM_FRAME_CLOCK, 0, 0, clock, sizeof(clock));
}

static void plugin_on_frame(const struct hvsim_frame *frame)
{
	uint32_t number = frame->length >= 4 ? (uint32_t)hvsim_frame_get(frame->bytes, 4) : 0;

	switch (frame->type) {
	case HVSIM_FRAME_OFFER:
		on_offer(number, frame->bytes + HVSIM_CHANNEL_LEN);
		break;
	case HVSIM_FRAME_RESCIND:
		on_rescind(channel_of(number));
		break;
	case HVSIM_FRAME_PACKET:
		on_packet(channel_of(number), frame->bytes + HVSIM_CHANNEL_LEN,
			  frame->length - HVSIM_CHANNEL_LEN);
		break;
	case HVSIM_FRAME_CLOCK:
		on_clock();
		break;
	case HVSIM_FRAME_LIMIT:
		limit = number;
		break;
	case HVSIM_FRAME_TRACE:
		traces += frame->arg;
		break;
	default:
		tap_ok(false, "the host sends no frame of type %u", frame->type);
	}
}

/* Handles what the host has sent; returns whether there was something. */
static bool plugin_run(void)
{
	static uint8_t bytes[1 << 17];
	static size_t len;
	struct hvsim_frame frame;
	size_t used = 0;
	ssize_t got;

	if (plugin < 0) {
		len = 0;
		return false;
	}
	got = recv(plugin, bytes + len, sizeof(bytes) - len, MSG_DONTWAIT);
	if (got <= 0)
		return false;
	len += (size_t)got;
	while (hvsim_frame_decode(&frame, bytes + used, len - used) > 0) {
		used += HVSIM_FRAME_HEAD_LEN + frame.length;
		plugin_on_frame(&frame);
	}
	len -= used;
	memmove(bytes, bytes + used, len);
	return true;
}

/* ---- the client ---- */

static int control = -1;
static char answers_got[1 << 17];	/* lines that have come and were not asked for */

static void control_run(void)
{
	size_t used = strlen(answers_got);
	ssize_t got;

	got = recv(control, answers_got + used, sizeof(answers_got) - used - 1, MSG_DONTWAIT);

	if (got > 0)
		answers_got[used + (size_t)got] = '\0';
}

/* Turns the loop until nobody has anything to do. */
static void settle(void)
{
	do {
		while (sd_event_run(loop, 3000) > 0)
			;
	} while (plugin_run());
	control_run();
}

static void ask(const char *command, const char *arguments)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "{\"execute\":\"%s\",\"arguments\":%s}\n", command,
			   arguments);

	if (send(control, line, (size_t)len, MSG_NOSIGNAL) != len)
		tap_diag("cannot ask: %s", strerror(errno));
	settle();
}

/* The next answer; NULL when none has come. */
static struct json_object *answer(void)
{
	char *end = strchr(answers_got, '\n');
	struct json_object *object;

	if (!end)
		return NULL;
	*end = '\0';
	object = json_tokener_parse(answers_got);
	memmove(answers_got, end + 1, strlen(end + 1) + 1);
	return object;
}

/* The next answer, waiting for what only time can bring. */
static struct json_object *answer_wait(void)
{
	struct json_object *object;
	int tries = 0;

	while (!(object = answer()) && tries++ < 500) {
		sd_event_run(loop, 10000);
		settle();
	}
	return object;
}

static struct json_object *member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

static const char *text_of(struct json_object *object, const char *key)
{
	return json_object_get_string(member(object, key)) ?: "";
}

/* Whether an answer is an error of a class that says something; frees it. */
static void is_error(struct json_object *object, const char *error_class, const char *says,
		     const char *what)
{
	struct json_object *error = member(object, "error");

	if (!tap_ok(!strcmp(text_of(error, "class"), error_class) &&
		    strstr(text_of(error, "desc"), says), "%s", what))
		tap_diag("%s", object ? json_object_to_json_string(object) : "no answer");
	json_object_put(object);
}

/* Whether an answer is a success whose member is as wanted; frees it. */
static void is_return(struct json_object *object, const char *key, const char *want,
		      const char *what)
{
	struct json_object *result = member(object, "return");

	if (!tap_ok(result && (!key || !strcmp(text_of(result, key), want)), "%s", what))
		tap_diag("%s", object ? json_object_to_json_string(object) : "no answer");
	json_object_put(object);
}

/* A service's status, or what is deeper in it, as text. */
static const char *status_of(const char *service, const char *within, const char *key)
{
	static char text[128];
	struct json_object *object, *status;

	ask("status", "{}");
	object = answer();
	status = member(member(member(object, "return"), "services"), service);
	if (within)
		status = member(status, within);
	snprintf(text, sizeof(text), "%s", text_of(status, key));
	json_object_put(object);
	return text;
}

/* How many events of that name there have been. */
static size_t events_of(const char *event)
{
	struct json_object *object;
	char arguments[64];
	size_t count;

	snprintf(arguments, sizeof(arguments), "{\"event\":\"%s\"}", event);
	ask("events", arguments);
	object = answer();
	count = json_object_array_length(member(member(object, "return"), "events"));
	json_object_put(object);
	return count;
}

static size_t anomalies(void)
{
	struct json_object *object;
	size_t count;

	ask("anomalies", "{\"clear\":true}");
	object = answer();
	count = (size_t)json_object_get_int(member(member(object, "return"), "count"));
	json_object_put(object);
	return count;
}

/* ---- the tests ---- */

static int socket_connect(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, name);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s: %s", address.sun_path, strerror(errno));
	return fd;
}

static bool host_start(struct hvsim_host_options *options)
{
	options->directory = directory;
	if (!tap_is_int(hvsim_host_new(&host, loop, options), 0, "a host"))
		return false;
	control = socket_connect("control.sock");
	settle();
	return true;
}

static void host_stop(void)
{
	close(control);
	if (plugin >= 0)
		close(plugin);
	plugin = -1;
	memset(channels, 0, sizeof(channels));
	settle();
	hvsim_host_free(host);
	answers_got[0] = '\0';
}

static void plugin_connect(void)
{
	plugin = socket_connect("bus.sock");
	settle();
}

static void test_connect(void)
{
	struct json_object *object;

	ask("service-list", "{}");
	object = answer();
	tap_is_int((long long)json_object_array_length(member(member(object, "return"),
							      "services")), SERVICES,
		   "all services");
	json_object_put(object);
	plugin_connect();
	tap_is_int(limit, HVSIM_VMBUS_VERSION(4, 1), "the plugin is told the newest version");
	tap_is_int(traces, 1, "and to tell all messages");
	tap_is_int(offers, SERVICES, "and what is offered");
	plugin_tell(HVSIM_FRAME_CONTACT, 0, 0, "\0\0\5\0\0\0\0\0", 8);
	plugin_tell(HVSIM_FRAME_CONTACT, 1, 0, "\1\0\4\0\1\0\0\0", 8);
	plugin_tell(HVSIM_FRAME_REQUESTED, 0, 0, NULL, 0);
	plugin_tell(HVSIM_FRAME_TRACED, 0, 0, "\4\0\0\0\0\0\0\0", 8);
	settle();
	tap_is_int((long long)events_of("vmbus-contact"), 2, "each contact is an event");
	tap_is_int((long long)events_of("vmbus-request"), 1, "and the request for offers");
	ask("status", "{}");
	object = answer();
	tap_is_str(text_of(member(member(object, "return"), "bus"), "version"), "4.1",
		   "the version that was agreed to");
	json_object_put(object);
	tap_is_int((long long)events_of("channel-offered"), SERVICES, "all channels are offered");
	tap_is_int((long long)events_of("negotiated"), SERVICES, "opened, and versions agreed on");
	tap_is_str(status_of("shutdown", "channel", "relid"), "12", "a relid");
	tap_is_str(status_of("shutdown", "channel", "processor"), "1", "a processor");
	tap_is_int(syncs, 1, "the guest's clock is set");
}

static void test_disable(void)
{
	unsigned int before = offers;

	lets_go = false;
	ask("service-disable", "{\"service\":\"heartbeat\",\"timeout-ms\":20}");
	tap_is_int(rescinds, 1, "a service that is disabled is taken back");
	is_error(answer_wait(), "timeout", "still holds", "a guest that keeps it is told of");
	tap_is_str(status_of("heartbeat", NULL, "state"), "disabled", "disabled all the same");
	tap_is_str(status_of("heartbeat", NULL, "heartbeat"), "Disabled", "so is the heartbeat");
	ask("heartbeat-beat", "{}");
	is_error(answer(), "not-open", "disabled", "nothing can be asked");
	plugin_tell(HVSIM_FRAME_OPENED, 0, channel_for(HVSIM_HEARTBEAT)->number, NULL, 0);
	plugin_tell(HVSIM_FRAME_PACKET, 6, channel_for(HVSIM_HEARTBEAT)->number, "late", 4);
	settle();
	tap_is_str(status_of("heartbeat", "channel", "open"), "false",
		   "what the guest still says is not heard");
	tap_is_int((long long)anomalies(), 0, "and nobody is to blame");

	ask("service-enable", "{\"service\":\"heartbeat\",\"timeout-ms\":20}");
	tap_is_int(offers, before, "it is not offered again before the guest has let go");
	is_error(answer_wait(), "timeout", "still holds", "which is told, too");
	ask("service-disable", "{\"service\":\"heartbeat\"}");
	tap_ok(!answer(), "a guest has time to let go");
	ask("service-enable", "{\"service\":\"Heartbeat\"}");
	tap_ok(!answer(), "and to come back, by the name that Windows has for it");
	lets_go = true;
	channel_let_go(channel_for(HVSIM_HEARTBEAT));
	settle();
	tap_is_int(offers, before + 1, "then it is offered");
	is_return(answer(), "name", "heartbeat", "who disabled it is told that it is gone");
	is_return(answer(), "state", "ready", "who enabled it, that it is there");
	tap_is_int(rescinds, 1, "it was taken back once");
	tap_is_int((long long)events_of("service-disabled"), 2, "two are the orders");
	tap_is_int((long long)events_of("channel-released"), 1, "but it was let go of once");
}

static void test_enable(void)
{
	ask("service-disable", "{\"service\":\"timesync\"}");
	is_return(answer(), "enabled", "false", "a service is disabled");
	ask("service-disable", "{\"service\":\"timesync\"}");
	is_return(answer(), "enabled", "false", "which can be said again");
	has_driver = false;
	ask("service-enable", "{\"service\":\"timesync\",\"timeout-ms\":20}");
	is_error(answer_wait(), "not-open", "no driver", "a guest that has no driver for it");
	ask("service-enable", "{\"service\":\"timesync\"}");
	ask("service-disable", "{\"service\":\"timesync\"}");
	is_error(answer(), "closed", "disabled meanwhile", "who waits is told of a change of mind");
	is_return(answer(), "enabled", "false", "which has its way");
	has_driver = true;
	understands = false;
	ask("service-enable", "{\"service\":\"timesync\"}");
	is_error(answer(), "not-ready", "negotiation failed", "a guest that understands nothing");
	understands = true;
	answers = false;
	ask("service-disable", "{\"service\":\"timesync\"}");
	json_object_put(answer());
	ask("service-enable", "{\"service\":\"timesync\",\"timeout-ms\":20}");
	is_error(answer_wait(), "timeout", "not agreed", "a guest that does not answer");
	answers = true;
	ask("service-disable", "{\"service\":\"timesync\"}");
	json_object_put(answer());
	ask("service-enable", "{\"service\":\"timesync\"}");
	is_return(answer(), "message", "4.0", "and one that does");
	ask("service-enable", "{\"service\":\"timesync\"}");
	is_return(answer(), "message", "4.0", "which can be said again");
	ask("service-enable", "{\"service\":\"ntp\"}");
	is_error(answer(), "bad-argument", "must be one of", "a service that there is not");
	tap_is_int((long long)anomalies(), 0, "nothing was out of order");
}

/* A machine that goes and comes: what is enabled is offered, and no more. */
static void test_machine(void)
{
	unsigned int before;

	lets_go = false;
	ask("service-disable", "{\"service\":\"shutdown\"}");
	close(plugin);
	plugin = -1;
	settle();
	is_return(answer(), "enabled", "false", "with the machine, all holds end");
	tap_is_int((long long)events_of("channel-closed") > 0, true, "and channels close");
	memset(channels, 0, sizeof(channels));
	before = offers;
	lets_go = true;
	plugin_connect();
	tap_is_int(offers, before + SERVICES - 1, "the next is offered what is enabled");
	ask("service-enable", "{\"service\":\"shutdown\"}");
	is_return(answer(), "state", "ready", "and what is enabled then");
	plugin_tell(HVSIM_FRAME_UNLOADED, 1, 0, NULL, 0);
	settle();
	tap_is_int((long long)events_of("vmbus-unload"), 1, "a guest that takes its leave");
	tap_is_str(status_of("shutdown", "channel", "relid"), "", "knows no channel any more");
}

static void test_trouble(void)
{
	uint32_t number = channel_for(HVSIM_SHUTDOWN)->number;

	plugin_tell(HVSIM_FRAME_ANOMALY, 0, number, "it lies", 7);
	plugin_tell(HVSIM_FRAME_ANOMALY, 0, HVSIM_CHANNEL_ANY, "it cheats", 9);
	plugin_tell(HVSIM_FRAME_MOVED, 0, number, "x", 1);
	plugin_tell(HVSIM_FRAME_CONTACT, 1, 0, "x", 1);
	plugin_tell(HVSIM_FRAME_CLOCK, 0, 0, "x", 1);
	settle();
	/* a clock of the wrong length is one to each service */
	tap_is_int((long long)anomalies(), 4 + SERVICES, "each complaint is noted");
	tap_is_str(status_of("shutdown", NULL, "anomalies"), "3",
		   "with the channel that it is about");
	plugin_tell(HVSIM_FRAME_RELEASED, 0, number, NULL, 0);
	channel_of(number)->number = 0;
	settle();
	tap_is_str(status_of("shutdown", NULL, "state"), "ready",
		   "what the bus takes back by itself is offered again");
}

static void test_pause(void)
{
	unsigned int before;

	answers = false;
	ask("heartbeat-beat", "{\"timeout-ms\":50}");
	hvsim_host_pause(host);
	settle();
	usleep(60000);
	settle();
	tap_ok(!answer(), "no time passes for a machine that is paused");
	ask("shutdown", "{}");
	is_error(answer(), "paused", "paused", "nothing can be asked of it");
	ask("service-disable", "{\"service\":\"shutdown\"}");
	is_error(answer(), "paused", "paused", "nor changed");
	tap_is_str(status_of("heartbeat", NULL, "heartbeat"), "Paused", "its heart");
	tap_is_str(status_of("heartbeat", NULL, "primary-status"), "Paused", "is paused");
	answers = true;
	before = syncs;
	hvsim_host_resume(host, 3600000);
	guest_answer_late();
	settle();
	is_return(answer(), "answered", "1", "what was under way is answered when it goes on");
	tap_is_int(syncs, before + 1, "and its clock is set");
	tap_is_int((long long)(hvsim_frame_get(told + 28, 8) - PARENT), 36000000000,
		   "to an hour later");
	hvsim_host_resume(host, 0);
	settle();
	tap_is_int(syncs, before + 1, "who has not stood still is not told");
	tap_is_int((long long)anomalies(), 0, "nothing was out of order");
}

static void test_clock_in_pause(void)
{
	has_clock = false;
	ask("time-sample", "{}");
	hvsim_host_pause(host);
	has_clock = true;
	on_clock();
	settle();
	tap_ok(!answer(), "a clock that comes in a pause is of no use");
	hvsim_host_resume(host, 0);
	settle();
	is_return(answer(), "flags", "2", "it is read once more");
}

/* A request can be on its way when the guest closes, and come into the new rings. */
static void test_reopen(void)
{
	struct channel *channel = channel_for(HVSIM_HEARTBEAT);
	long long before = (long long)anomalies();

	answers = false;
	ask("heartbeat-beat", "{}");
	plugin_tell(HVSIM_FRAME_CLOSED, 0, channel->number, NULL, 0);
	settle();
	json_object_put(answer());
	channel_open(channel);
	guest_answer_late();
	answers = true;
	settle();
	tap_is_int((long long)anomalies(), before,
		   "an answer from before the channel was closed is nobody's fault");
	tap_is_str(status_of("heartbeat", "counters", "discarded"), "2", "nor is it heard");
	hvsim_host_restore(host, 0, false);
	settle();
}

static void test_save(void)
{
	unsigned int before_negotiations = negotiations, before_syncs = syncs;
	unsigned int before_offers = offers;

	answers = false;
	ask("heartbeat-beat", "{}");
	hvsim_host_save(host);
	settle();
	is_error(answer(), "not-ready", "anew", "who waits for a guest that is saved is told");
	answers = true;
	hvsim_host_restore(host, 1000, false);
	guest_answer_late();
	settle();
	tap_is_str(status_of("heartbeat", "counters", "discarded"), "1",
		   "an answer from before is not heard");
	tap_is_int(negotiations, before_negotiations + SERVICES,
		   "each service is offered versions");
	tap_is_int(offers, before_offers, "on the channel that is still open");
	tap_is_int(syncs, before_syncs + 1, "and the clock is set");
	tap_is_int((long long)(hvsim_frame_get(told + 28, 8) - PARENT), 36010000000,
		   "to a second later still");
	hvsim_host_save(host);
	hvsim_host_restore(host, 0, true);
	settle();
	tap_is_int(offers, before_offers + SERVICES,
		   "or each is taken back, and offered again");
	tap_is_str(status_of("timesync", NULL, "state"), "ready", "and taken");
	tap_is_int((long long)anomalies(), 0, "nothing was out of order");
}

static void test_profile(void)
{
	struct hvsim_host_options options = { .profile = "openvmm", .no_time = true };

	offers = 0;
	if (!host_start(&options))
		return;
	plugin_connect();
	tap_is_int(offers, SERVICES - 3, "a host without three services does not offer them");
	ask("service-enable", "{\"service\":\"heartbeat\"}");
	is_error(answer(), "not-offered", "OpenVMM", "nor can it");
	tap_is_int(limit, HVSIM_VMBUS_VERSION(4, 1), "and a bus without a limit is told none");
	ask("service-enable", "{\"service\":\"shutdown\",\"timeout-ms\":20,\"x\":1}");
	is_error(answer(), "bad-argument", "\"x\"", "an argument that there is not");
	lets_go = false;
	ask("service-disable", "{\"service\":\"shutdown\"}");
	host_stop();
	lets_go = true;
}

static void test_no_negotiate(void)
{
	struct hvsim_host_options options = { .no_negotiate = true };

	if (!host_start(&options))
		return;
	plugin_connect();
	ask("service-enable", "{\"service\":\"shutdown\"}");
	is_return(answer(), "state", "negotiating", "without negotiation, open is enough");
	host_stop();
}

static void test_qemu(void)
{
	struct hvsim_host_options options = { .bus = HVSIM_BUS_QEMU };
	struct json_object *object;

	if (!host_start(&options))
		return;
	ask("service-disable", "{\"service\":\"shutdown\"}");
	is_error(answer(), "not-supported", "--bus hvsim", "QEMU's bus takes nothing back");
	ask("status", "{}");
	object = answer();
	tap_is_str(text_of(member(member(object, "return"), "bus"), "kind"), "qemu", "and says so");
	json_object_put(object);
	tap_ok(!hvsim_host_can_rescind(host), "also to who asks in C");
	host_stop();
}

static void test_trace(const char *trace)
{
	char line[256] = "";
	FILE *file = fopen(trace, "r");
	bool found = false;

	while (file && fgets(line, sizeof(line), file))
		found |= !!strstr(line, "vmbus to guest, 8 bytes: all-offers-delivered");
	tap_ok(found, "messages of VMBus are in the trace");
	if (file)
		fclose(file);
	unlink(trace);
}

int main(void)
{
	struct hvsim_host_options options = {
		.vmbus_version = HVSIM_VMBUS_VERSION(4, 1), .no_heartbeat = true,
		.no_kvp = true,
	};
	char trace[80];

	strcpy(directory, "/tmp/hvsim_switch_test.XXXXXX");
	if (!mkdtemp(directory) || sd_event_new(&loop) < 0)
		return 1;
	snprintf(trace, sizeof(trace), "%s/trace", directory);
	options.trace = trace;
	if (!host_start(&options))
		return 1;
	test_connect();
	test_disable();
	test_enable();
	test_machine();
	test_trouble();
	test_pause();
	test_clock_in_pause();
	test_save();
	test_reopen();
	host_stop();
	test_trace(trace);
	test_profile();
	test_no_negotiate();
	test_qemu();
	sd_event_unref(loop);
	rmdir(directory);
	return tap_done();
}
