// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile packets and a misbehaving host without a machine: what is here plays the
 * plugin with a guest behind it, well and badly, and the client.  All in one
 * thread: call() turns the loop until the answer is there.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "tap.h"
#include "hvsim_behaviour.h"
#include "hvsim_dice.h"
#include "hvsim_frame.h"
#include "hvsim_guid.h"
#include "hvsim_hostile.h"
#include "hvsim_hostile_bus.h"
#include "hvsim_host.h"
#include "hvsim_ic.h"
#include "hvsim_message.h"
#include "hvsim_vmbus.h"

#define CHANNELS	(HVSIM_MORE_MAX + 16)
#define TIMEOUT_S	30

static char directory[64];
static sd_event *loop;
static struct hvsim_host *host;

/* ---- the guest ---- */

enum manner {
	GOOD,
	SILENT,		/* after so many packets */
	FORGETFUL,	/* so many answers to the proofs in between */
	MISSHAPEN,	/* so many answers */
	UNWILLING,	/* good requests are refused after so many packets */
	BUSY,		/* two good requests are refused after so many packets */
	UNDECIDED,	/* no versions are chosen after so many packets */
	HANGS_UP,	/* once, after so many packets */
	KEEPS,		/* what is taken back */
};

static struct {
	enum manner manner;
	unsigned int after;
	unsigned int packets;
	unsigned int answered;
	unsigned int dropped;
	unsigned int messages;
	unsigned int rescinds;
	unsigned int refused;
	uint64_t hash;		/* of all packets but those that the host tells apart */
} guest;

static struct channel {
	uint32_t number;	/* 0 for none */
	bool open;
	bool broken;
	bool held;
} channels[CHANNELS];

/* What the bus is to do wrong once. */
static struct {
	uint16_t step;
	uint32_t trick;
} armed;

static int plugin = -1;

static void tell(enum hvsim_frame_type type, uint16_t arg, uint32_t number, const void *bytes,
		 size_t len)
{
	uint8_t frame[HVSIM_FRAME_HEAD_LEN + HVSIM_CHANNEL_LEN + HVSIM_HOSTILE_ROOM + 8];
	size_t total = HVSIM_FRAME_HEAD_LEN + HVSIM_CHANNEL_LEN + len, done = 0;
	ssize_t sent;

	hvsim_frame_encode_head(frame, type, arg, (uint32_t)(HVSIM_CHANNEL_LEN + len));
	hvsim_frame_put(frame + HVSIM_FRAME_HEAD_LEN, number, HVSIM_CHANNEL_LEN);
	if (len)
		memcpy(frame + HVSIM_FRAME_HEAD_LEN + HVSIM_CHANNEL_LEN, bytes, len);
	while (done < total) {
		sent = send(plugin, frame + done, total - done, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN)
			return;
		/* the host reads in this very thread */
		if (sent < 0)
			sd_event_run(loop, 0);
		done += sent > 0 ? (size_t)sent : 0;
	}
}

static struct channel *channel_find(uint32_t number)
{
	size_t i;

	for (i = 0; i < CHANNELS; i++)
		if (channels[i].number == number)
			return &channels[i];
	return NULL;
}

static void channel_release(struct channel *channel)
{
	uint32_t number = channel->number;

	if (channel->open)
		tell(HVSIM_FRAME_CLOSED, 0, number, NULL, 0);
	*channel = (struct channel){ 0 };
	tell(HVSIM_FRAME_RELEASED, 0, number, NULL, 0);
}

static void channel_open(struct channel *channel)
{
	channel->open = true;
	tell(HVSIM_FRAME_OPENED, 0, channel->number, "\0\0\0", 4);
}

/* A device that the guest has a driver for is opened, unless a trick is played. */
static void on_offer(uint32_t number, const uint8_t *offer)
{
	struct channel *channel = channel_find(0);
	char class_id[HVSIM_GUID_TEXT_LEN];
	uint32_t trick = armed.trick;
	bool known = false;
	size_t i;

	*channel = (struct channel){ .number = number };
	tell(HVSIM_FRAME_OFFERED, 0, number, "\1\0\0", 4);
	hvsim_guid_format(class_id, offer);
	for (i = 0; i < HVSIM_NR_SERVICES; i++)
		known |= !strcmp(hvsim_ics[i].class_id, class_id);
	/* a program accepts sockets */
	known |= !!(hvsim_frame_get(offer + 48, 2) & HVSIM_OFFER_SOCKET);
	if (!known)
		return;
	if (armed.step != HVSIM_STEP_GPADL && armed.step != HVSIM_STEP_OPEN) {
		channel_open(channel);
		return;
	}
	armed.step = 0;
	if (trick == HVSIM_TRICK_TWICE || trick == HVSIM_TRICK_RESCIND_AFTER)
		channel_open(channel);
	if (trick <= HVSIM_TRICK_RESCIND_INSTEAD)
		channel_release(channel);
}

/* As the module does; 0 when it is to be dropped. */
static bool is_request(const uint8_t *bytes, size_t len)
{
	size_t pipe = len < 28 ? 0 : hvsim_frame_get(bytes + 4, 4);

	return len >= 28 && hvsim_frame_get(bytes, 4) == 1 && pipe >= 20 && pipe <= len - 8 &&
	       hvsim_frame_get(bytes + 18, 2) <= pipe - 20 && (bytes[25] & 6) == 2;
}

/* Chooses the last of each list, if they are lists. */
static void choose(uint8_t *bytes, size_t len)
{
	size_t body = hvsim_frame_get(bytes + 18, 2), framework, message;
	uint64_t chosen[2];

	framework = body < 8 ? 0 : hvsim_frame_get(bytes + 28, 2);
	message = body < 8 ? 0 : hvsim_frame_get(bytes + 30, 2);
	if (len < 44 || !framework || !message || 8 + 4 * (framework + message) > body) {
		hvsim_frame_put(bytes + 20, HVIC_STATUS_FAIL, 4);
		return;
	}
	chosen[0] = hvsim_frame_get(bytes + 36 + 4 * (framework - 1), 4);
	chosen[1] = hvsim_frame_get(bytes + 36 + 4 * (framework + message - 1), 4);
	hvsim_frame_put(bytes + 36, chosen[0], 4);
	hvsim_frame_put(bytes + 40, chosen[1], 4);
	hvsim_frame_put(bytes + 28, 1, 2);
	hvsim_frame_put(bytes + 30, 1, 2);
	hvsim_frame_put(bytes + 18, 16, 2);
	if (guest.manner == UNDECIDED && guest.packets > guest.after)
		hvsim_frame_put(bytes + 28, 0, 4);
}

static void answer(struct channel *channel, uint8_t *bytes, size_t len)
{
	guest.answered++;
	if (guest.manner == FORGETFUL && guest.after && bytes[24] >= HVSIM_HOSTILE_OTHERS &&
	    bytes[24] < 255) {
		guest.after--;
		return;
	}
	bytes[25] = 5;
	if (hvsim_frame_get(bytes + 12, 2) == HVIC_TYPE_NEGOTIATE)
		choose(bytes, len);
	else if (bytes[12] == HVIC_TYPE_HEARTBEAT && len >= 36)
		hvsim_frame_put(bytes + 28, hvsim_frame_get(bytes + 28, 8) + 1, 8);
	if (bytes[12] && guest.manner == UNWILLING && guest.packets > guest.after)
		hvsim_frame_put(bytes + 20, HVIC_STATUS_FAIL, 4);
	if (bytes[12] && guest.manner == BUSY && guest.packets > guest.after && guest.refused < 2) {
		guest.refused++;
		hvsim_frame_put(bytes + 20, HVIC_STATUS_FAIL, 4);
	}
	if (guest.manner == MISSHAPEN && bytes[24] < HVSIM_HOSTILE_OTHERS && bytes[12] &&
	    guest.after) {
		guest.after--;
		bytes[25] = 7;
	}
	tell(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, channel->number, bytes, len);
}

static void on_packet(struct channel *channel, const uint8_t *from, size_t len)
{
	uint8_t bytes[HVSIM_HOSTILE_ROOM] = { 0 };
	size_t i;

	memcpy(bytes, from, len);
	len = (len + 7) / 8 * 8;
	guest.packets++;
	if (len < 25 || (bytes[24] < HVSIM_HOSTILE_OTHERS && bytes[25] != 3))
		for (i = 0; i < len; i++)
			guest.hash = hvsim_dice_mix(guest.hash + bytes[i]);
	if (guest.manner == SILENT && guest.packets > guest.after)
		return;
	if (armed.step == HVSIM_STEP_PACKET) {
		armed.step = 0;
		channel_release(channel);
		return;
	}
	if (guest.manner == HANGS_UP && guest.packets == guest.after) {
		tell(HVSIM_FRAME_CLOSED, 0, channel->number, NULL, 0);
		channel_open(channel);
		return;
	}
	if (is_request(bytes, len))
		answer(channel, bytes, len);
	else
		guest.dropped++;
}

/* A packet with its descriptor: believed as Linux believes it. */
static void on_ring(struct channel *channel, const uint8_t *bytes, size_t len)
{
	size_t length = hvsim_frame_get(bytes + 4, 2) * 8;
	size_t offset = hvsim_frame_get(bytes + 2, 2) * 8;

	if (length + HVSIM_PACKET_TRAILER != len) {
		channel->broken = true;
		return;
	}
	if (offset < 16 || offset > length)
		offset = 16;
	on_packet(channel, bytes + offset, length - offset);
}

static void on_channel(const struct hvsim_frame *frame)
{
	uint32_t number = (uint32_t)hvsim_frame_get(frame->bytes, 4);
	const uint8_t *bytes = frame->bytes + HVSIM_CHANNEL_LEN;
	size_t len = frame->length - HVSIM_CHANNEL_LEN;
	struct channel *channel;

	if (frame->type == HVSIM_FRAME_OFFER) {
		on_offer(number, bytes);
		return;
	}
	channel = channel_find(number);
	if (!channel)
		return;
	if (frame->type == HVSIM_FRAME_RESCIND) {
		guest.rescinds++;
		if (guest.manner != KEEPS)
			channel_release(channel);
	} else if (frame->type == HVSIM_FRAME_INDEX) {
		channel->broken = true;
	} else if (frame->type == HVSIM_FRAME_HOLD) {
		channel->held = frame->arg;
	} else if (channel->broken || !channel->open) {
		;
	} else if (frame->type == HVSIM_FRAME_PACKET && !channel->held) {
		on_packet(channel, bytes, len);
	} else if (frame->type == HVSIM_FRAME_RING) {
		on_ring(channel, bytes, len);
	}
}

/* All channels have the relid 1: it is the one that was not answered that opens. */
static void on_message(const struct hvsim_frame *frame)
{
	size_t i;

	guest.messages++;
	if (hvsim_frame_get(frame->bytes, 4) != HVSIM_OPEN_CHANNEL_RESULT ||
	    hvsim_frame_get(frame->bytes + 8, 4) != 1)
		return;
	for (i = 0; i < CHANNELS; i++)
		if (channels[i].number && !channels[i].open)
			channel_open(&channels[i]);
}

static void on_frame(const struct hvsim_frame *frame)
{
	if (frame->type == HVSIM_FRAME_MESSAGE) {
		on_message(frame);
	} else if (frame->type == HVSIM_FRAME_TRICK) {
		armed.step = frame->arg;
		armed.trick = (uint32_t)hvsim_frame_get(frame->bytes + 4, 4);
	} else if (frame->type == HVSIM_FRAME_CLOCK) {
		uint8_t head[HVSIM_FRAME_HEAD_LEN + HVSIM_FRAME_CLOCK_LEN];

		hvsim_frame_encode_head(head, HVSIM_FRAME_CLOCK, 0, HVSIM_FRAME_CLOCK_LEN);
		hvsim_frame_encode_clock(head + HVSIM_FRAME_HEAD_LEN, 5000000000ull,
					 1700000000000000000ull);
		if (send(plugin, head, sizeof(head), MSG_NOSIGNAL) < 0)
			tap_diag("the plugin cannot tell the time");
	} else if (frame->length >= HVSIM_CHANNEL_LEN) {
		on_channel(frame);
	}
}

static void plugin_turn(void)
{
	static uint8_t in[4u << 20];
	static size_t len;
	struct hvsim_frame frame;
	size_t used = 0;
	ssize_t got;

	while ((got = recv(plugin, in + len, sizeof(in) - len, MSG_DONTWAIT)) > 0)
		len += (size_t)got;
	while (hvsim_frame_decode(&frame, in + used, len - used) > 0) {
		used += HVSIM_FRAME_HEAD_LEN + frame.length;
		on_frame(&frame);
	}
	len -= used;
	memmove(in, in + used, len);
}

/* ---- the client ---- */

static int unix_connect(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, name);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s: %s", address.sun_path, strerror(errno));
	return fd;
}

static void ask(int fd, const char *command, const char *arguments)
{
	char line[1024];

	snprintf(line, sizeof(line), "{\"execute\":\"%s\",\"arguments\":%s}\n", command,
		 arguments);
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		tap_diag("cannot ask: %s", strerror(errno));
}

/* The next answer, to be put; NULL when none comes in time. */
static struct json_object *hear(int fd)
{
	static char text[1u << 20];
	time_t until = time(NULL) + TIMEOUT_S;
	size_t len = 0;
	ssize_t got;

	do {
		sd_event_run(loop, 1000);
		plugin_turn();
		got = recv(fd, text + len, sizeof(text) - 1 - len, MSG_DONTWAIT);
		len += got > 0 ? (size_t)got : 0;
		text[len] = '\0';
	} while (!strchr(text, '\n') && time(NULL) < until);
	return json_tokener_parse(text);
}

/* What a command answers, to be put: what it returns, or its error. */
static struct json_object *call(const char *command, const char *format, ...)
{
	struct json_object *answer, *result;
	char arguments[512];
	va_list args;
	int fd = unix_connect("control.sock");

	va_start(args, format);
	vsnprintf(arguments, sizeof(arguments), format, args);
	va_end(args);
	ask(fd, command, arguments);
	answer = hear(fd);
	close(fd);
	result = json_object_object_get(answer, "return") ?:
		 json_object_object_get(answer, "error");
	json_object_get(result);
	json_object_put(answer);
	return result;
}

static struct json_object *member(struct json_object *object, const char *key)
{
	return json_object_object_get(object, key);
}

static int64_t number(struct json_object *object, const char *key)
{
	return member(object, key) ? json_object_get_int64(member(object, key)) : -1;
}

static const char *text(struct json_object *object, const char *key)
{
	return json_object_get_string(member(object, key)) ?: "";
}

static bool fails(const char *command, const char *arguments, const char *error_class)
{
	struct json_object *result = call(command, "%s", arguments);
	bool right = !strcmp(text(result, "class"), error_class);

	if (!right)
		tap_diag("%s %s: %s", command, arguments, json_object_to_json_string(result));
	json_object_put(result);
	return right;
}

static void guest_is(enum manner manner, unsigned int after)
{
	memset(&guest, 0, sizeof(guest));
	guest.manner = manner;
	guest.after = after;
}

/* What "fuzz" says of a service, to be put together with all of it: see @all. */
static struct json_object *fuzz(struct json_object **all, const char *arguments)
{
	*all = call("fuzz", "{\"services\":[\"heartbeat\"],%s}", arguments);
	return member(member(*all, "services"), "heartbeat");
}

static void host_start(enum hvsim_bus_kind bus)
{
	const struct hvsim_host_options options = {
		.directory = directory, .bus = bus, .no_heartbeat = true, .no_time = true,
		.no_kvp = true,
	};

	sd_event_new(&loop);
	if (hvsim_host_new(&host, loop, &options) < 0)
		tap_diag("the host does not start");
	guest_is(GOOD, 0);
	if (bus == HVSIM_BUS_HVSIM)
		plugin = unix_connect("bus.sock");
}

static void host_stop(void)
{
	hvsim_host_free(host);
	close(plugin);
	memset(channels, 0, sizeof(channels));
	armed.step = 0;
	sd_event_unref(loop);
}

/* Lets everything happen that is under way, until all services are ready. */
static bool all_ready(void)
{
	time_t until = time(NULL) + TIMEOUT_S;
	struct json_object *status;
	bool ready = false;

	while (!ready && time(NULL) < until) {
		status = call("status", "{}");
		ready = true;
		json_object_object_foreach(member(status, "services"), name, one) {
			(void)name;
			ready &= !strcmp(text(one, "state"), "ready") ||
				 !strcmp(text(one, "state"), "disabled");
		}
		json_object_put(status);
	}
	return ready;
}

/* ---- the tests ---- */

static void test_fuzz(void)
{
	struct json_object *all, *one = fuzz(&all, "\"count\":3000,\"seed\":5");
	uint64_t hash = guest.hash;

	tap_is_int(number(one, "next"), 3000, "so many packets are made as are asked for");
	tap_ok(!member(one, "failure") && !json_object_get_boolean(member(all, "failed")),
	       "and a good guest stands them");
	tap_is_int(number(one, "proofs"), 2, "which it proves");
	tap_is_int(number(one, "misshapen"), 0, "by well-shaped answers");
	tap_ok(number(one, "sent") > 3000, "floods are counted in full");
	tap_is_int(number(one, "renewed"), number(member(one, "packets"), "length") +
		   number(member(one, "packets"), "index") + 1,
		   "a ring that is broken is replaced");
	json_object_put(all);

	guest_is(GOOD, 0);
	one = fuzz(&all, "\"count\":2000,\"seed\":6,\"kinds\":[\"good\",\"header\",\"cut\"]");
	tap_is_int(number(one, "sent"), number(one, "answered") + guest.dropped,
		   "each packet is answered or dropped, once");
	hash = guest.hash;
	json_object_put(all);
	guest_is(GOOD, 0);
	one = fuzz(&all, "\"count\":2000,\"seed\":6,\"kinds\":[\"good\",\"header\",\"cut\"]");
	tap_ok(hash == guest.hash, "the same seed sends the same packets");
	json_object_put(all);
	guest_is(GOOD, 0);
	one = fuzz(&all, "\"count\":2000,\"seed\":7,\"kinds\":[\"good\",\"header\",\"cut\"]");
	tap_ok(hash != guest.hash, "another seed sends others");
	json_object_put(all);
}

static void test_proofs(void)
{
	struct json_object *all, *one;

	guest_is(GOOD, 0);
	one = fuzz(&all, "\"count\":1000,\"check-every\":100,\"kinds\":[\"pipe\"]");
	tap_is_int(number(one, "proofs"), 20, "there are proofs as often as is asked for");
	tap_ok(number(all, "seed") >= 0, "a seed that is not given is drawn, and told");
	json_object_put(all);
	one = fuzz(&all, "\"count\":8000,\"seed\":4,\"check-every\":800,"
		   "\"kinds\":[\"pipe\",\"length\"]");
	tap_ok(number(one, "renewed") > 0, "rings are lost in the middle of it");
	tap_is_int(number(one, "proofs"), 20, "and proofs do not become fewer by that");
	json_object_put(all);
	one = fuzz(&all, "\"count\":100,\"first\":900,\"kinds\":[\"good\"],\"rate\":400");
	tap_is_int(number(one, "next"), 1000, "packets are numbered from the first on");
	tap_ok(number(all, "elapsed-us") > 150000, "and not sent faster than allowed");
	json_object_put(all);
}

static void test_all_services(void)
{
	struct json_object *all = call("fuzz", "{\"count\":500,\"seed\":1,\"bus-messages\":20,"
				      "\"sockets\":50}");
	unsigned int services = 0;

	if (!member(all, "services"))
		tap_diag("%s", json_object_to_json_string(all));
	json_object_object_foreach(member(all, "services"), name, one) {
		services++;
		tap_ok(number(one, "next") == 500 && !member(one, "failure"),
		       "%s stands it beside the others", name);
	}
	tap_is_int(services, 6, "all services have their packets");
	tap_ok(number(all, "bus-messages") == 20 && guest.messages == 20,
	       "and the bus its messages");
	tap_ok(number(all, "sockets") == 50 && !member(all, "sockets-failure"),
	       "and all sockets are offered and let go of");
	json_object_put(all);
}

static void test_silent_guests(void)
{
	struct json_object *all, *one;

	guest_is(SILENT, 300);
	one = fuzz(&all, "\"count\":1000,\"kinds\":[\"good\"],\"timeout-ms\":300");
	tap_is_str(text(one, "failure"), "the guest does not answer any more",
		   "a guest that falls silent fails");
	tap_ok(json_object_get_boolean(member(all, "failed")) && number(one, "next") < 1000,
	       "and it is told at which packet");
	json_object_put(all);

	guest_is(UNWILLING, 300);
	one = fuzz(&all, "\"count\":1000,\"kinds\":[\"pipe\"]");
	tap_is_str(text(one, "failure"), "the guest answers no good request any more",
		   "as does one that refuses good requests");
	json_object_put(all);

	guest_is(BUSY, 101);
	one = fuzz(&all, "\"count\":100,\"kinds\":[\"cut\"]");
	tap_is_str(text(one, "failure"), "", "one that is busy for a while does not");
	tap_is_int(guest.refused, 2, "though it refused two good requests");
	/* the versions, and a request */
	tap_is_int(number(one, "proofs"), 2, "and what it refused is no proof");
	json_object_put(all);
}

static void test_bad_guests(void)
{
	struct json_object *all, *one;

	guest_is(UNDECIDED, 300);
	one = fuzz(&all, "\"count\":1000,\"kinds\":[\"pipe\"]");
	tap_is_str(text(one, "failure"), "the guest chooses no versions any more",
		   "and one that agrees to no version");
	json_object_put(all);

	guest_is(GOOD, 0);
	json_object_put(call("negotiate", "{\"service\":\"heartbeat\"}"));
	guest_is(HANGS_UP, 300);
	one = fuzz(&all, "\"count\":1000,\"kinds\":[\"good\"]");
	tap_ok(number(one, "closed") == 1 && !member(one, "failure"),
	       "one that starts over does not");
	json_object_put(all);

	guest_is(MISSHAPEN, 7);
	one = fuzz(&all, "\"count\":1000,\"kinds\":[\"good\"]");
	tap_is_int(number(one, "misshapen"), 7, "answers that no host would take are counted");
	json_object_put(all);

	guest_is(FORGETFUL, 4);
	one = fuzz(&all, "\"count\":20,\"seed\":1,\"kinds\":[\"flood\"]");
	tap_ok(number(one, "lost") > 0 && !member(one, "failure"),
	       "a proof that gets lost in a flood is asked for again");
	json_object_put(all);

	guest_is(KEEPS, 0);
	one = fuzz(&all, "\"count\":3,\"kinds\":[\"length\"],\"timeout-ms\":300");
	tap_is_str(text(one, "failure"), "the guest does not open the channel any more",
		   "one that keeps a broken channel fails");
	json_object_put(all);
}

static void test_arguments(void)
{
	static const struct {
		const char *arguments;
		const char *error_class;
	} wrong[] = {
		{ "{}", "bad-argument" },
		{ "{\"count\":0}", "bad-argument" },
		{ "{\"count\":1,\"services\":[\"nobody\"]}", "bad-argument" },
		{ "{\"count\":1,\"services\":[\"heartbeat\",\"heartbeat\"]}", "bad-argument" },
		{ "{\"count\":1,\"services\":[]}", "bad-argument" },
		{ "{\"count\":1,\"kinds\":[]}", "bad-argument" },
		{ "{\"count\":1,\"kinds\":[\"worse\"]}", "bad-argument" },
		{ "{\"count\":1,\"kinds\":[1]}", "bad-argument" },
		{ "{\"count\":1,\"most\":63}", "bad-argument" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		tap_ok(fails("fuzz", wrong[i].arguments, wrong[i].error_class),
		       "fuzz %s is refused", wrong[i].arguments);
	tap_ok(fails("misbehave", "{\"name\":\"nicely\"}", "bad-argument"),
	       "there is no such behaviour");
	tap_ok(fails("misbehave", "{\"name\":\"cut\",\"service\":\"nobody\"}", "bad-argument"),
	       "nor such a service");
	tap_ok(fails("misbehave", "{\"name\":\"time-jumps\",\"service\":\"heartbeat\"}",
		     "bad-argument"), "the time is not for each service");
}

static void test_behaviours(void)
{
	const struct hvsim_behaviour *behaviour;
	struct json_object *result;
	size_t i;

	guest_is(GOOD, 0);
	for (i = 0; (behaviour = hvsim_behaviour_at(i)); i++) {
		/* this guest closes nothing by itself, and gives up a ring that makes no sense */
		if (behaviour->deeds[1] == HVSIM_DEED_AWAIT_CLOSED ||
		    behaviour->deeds[0] == HVSIM_DEED_INDEX)
			continue;
		result = call("misbehave", "{\"name\":\"%s\",\"count\":%d}", behaviour->name,
			      behaviour->deeds[0] == HVSIM_DEED_PACKETS ? 50 : 1);
		if (!tap_ok(number(result, "proofs") > 0 && !member(result, "failure"),
			    "a good guest stands: %s", behaviour->name))
			tap_diag("  %s", json_object_to_json_string(result));
		json_object_put(result);
		if (!all_ready())
			tap_diag("  the services are not ready afterwards");
	}
	result = call("misbehave-list", "{}");
	tap_is_int((long long)json_object_array_length(member(result, "behaviours")),
		   (long long)i, "all of %zu are listed", i);
	json_object_put(result);

	result = call("misbehave", "{\"name\":\"reoffer\",\"count\":20}");
	tap_is_int(number(result, "proofs"), 40, "a behaviour can be had many times");
	json_object_put(result);
}

static void test_behaviour_fails(void)
{
	struct json_object *result;
	int fd;

	guest_is(SILENT, 0);
	result = call("misbehave", "{\"name\":\"reoffer\",\"timeout-ms\":300}");
	tap_is_str(text(result, "failure"), "the guest does not answer any more",
		   "a guest that does not stand it fails");
	json_object_put(result);

	guest_is(GOOD, 0);
	result = call("negotiate", "{\"service\":\"heartbeat\"}");
	json_object_put(result);
	result = call("misbehave", "{\"name\":\"rescind-before-close\",\"timeout-ms\":300}");
	tap_is_str(text(result, "failure"), "the guest did not close the channel",
		   "one that waits for the guest does not wait for ever");
	json_object_put(result);
	armed.step = 0;

	fd = unix_connect("control.sock");
	ask(fd, "misbehave", "{\"name\":\"silence\"}");
	while (armed.step == 0 && guest.rescinds == 0) {
		sd_event_run(loop, 1000);
		plugin_turn();
	}
	guest_is(GOOD, 0);
	result = call("misbehave", "{\"name\":\"cut\",\"service\":\"heartbeat\"}");
	tap_ok(!strcmp(text(result, "class"), "not-open") ||
	       !strcmp(text(result, "class"), "not-ready"),
	       "nothing else is done to a service meanwhile");
	json_object_put(result);
	json_object_put(hear(fd));
	close(fd);

	guest_is(KEEPS, 0);
	result = call("misbehave", "{\"name\":\"class-twice\",\"service\":\"shutdown\","
		      "\"timeout-ms\":300}");
	tap_is_str(text(result, "failure"), "the guest does not let go of the channel",
		   "a guest that keeps a channel fails");
	json_object_put(result);
	result = call("fuzz", "{\"count\":1,\"kinds\":[\"good\"],\"sockets\":3,"
		      "\"services\":[\"heartbeat\"],\"timeout-ms\":300}");
	tap_is_str(text(result, "sockets-failure"), "the guest does not let go of a socket",
		   "also one that keeps a socket");
	json_object_put(result);
}

static void test_stop(void)
{
	struct json_object *result;
	int fuzzing, misbehaving, i;

	guest_is(GOOD, 0);
	fuzzing = unix_connect("control.sock");
	misbehaving = unix_connect("control.sock");
	ask(fuzzing, "fuzz", "{\"count\":1000000,\"services\":[\"shutdown\"]}");
	ask(misbehaving, "misbehave", "{\"name\":\"time-jumps\",\"count\":1000}");
	for (i = 0; i < 200; i++) {
		sd_event_run(loop, 1000);
		plugin_turn();
	}
	hvsim_host_free(host);
	host = NULL;
	result = hear(fuzzing);
	tap_is_str(text(member(result, "error"), "class"), "closed",
		   "a host that ends tells who waits");
	json_object_put(result);
	result = hear(misbehaving);
	tap_is_str(text(member(result, "return"), "failure"), "the host stops",
		   "whatever is under way");
	json_object_put(result);
	close(fuzzing);
	close(misbehaving);
}

static void test_other_bus(void)
{
	struct json_object *result, *list, *last;

	host_start(HVSIM_BUS_QEMU);
	tap_ok(fails("fuzz", "{\"count\":1,\"kinds\":[\"descriptor\"]}", "bad-argument"),
	       "on QEMU's bus there are no odd descriptors");
	tap_ok(fails("fuzz", "{\"count\":1,\"bus-messages\":1}", "not-supported"),
	       "nor messages of the bus");
	tap_ok(fails("fuzz", "{\"count\":1,\"sockets\":1}", "not-supported"), "nor sockets");
	tap_ok(fails("misbehave", "{\"name\":\"reoffer\"}", "not-supported"),
	       "nor is anything taken back");
	tap_ok(fails("fuzz", "{\"count\":1}", "bad-argument"),
	       "and without a guest there is nothing");
	result = call("misbehave-list", "{}");
	list = member(result, "behaviours");
	last = json_object_array_get_idx(list, json_object_array_length(list) - 1);
	tap_ok(last && !json_object_get_boolean(member(last, "possible")),
	       "which the list says");
	json_object_put(result);
	host_stop();
}

static void test_messages(void)
{
	uint8_t one[HVSIM_VMBUS_MESSAGE_MAX], again[HVSIM_VMBUS_MESSAGE_MAX];
	unsigned int i, wrong = 0, differ = 0, live = 0, types = 0;
	uint32_t seen[32] = { 0 };
	size_t len, least;
	uint64_t type, relid;

	for (i = 0; i < 20000; i++) {
		len = hvsim_hostile_message(one, 3, i);
		hvsim_hostile_message(again, 3, i + 1);
		differ += hvsim_hostile_message(again, 3, i) != len || memcmp(one, again, len);
		type = hvsim_frame_get(one, 4);
		least = type == HVSIM_ALL_OFFERS_DELIVERED ? 8 : 12;
		wrong += len < least || len > HVSIM_VMBUS_MESSAGE_MAX || type > 24;
		seen[type % 32]++;
		relid = hvsim_frame_get(one + 8, 4);
		live += type == HVSIM_RESCIND_CHANNEL_OFFER && relid;
		live += (type == HVSIM_OPEN_CHANNEL_RESULT || type == HVSIM_GPADL_CREATED) &&
			relid < HVSIM_VMBUS_RELIDS - 256;
	}
	for (i = 0; i < 32; i++)
		types += seen[i] > 0;
	tap_is_int(differ, 0, "the same seed and number make the same message of the bus");
	tap_is_int(wrong, 0, "each is one that a guest can read");
	tap_is_int(live, 0, "and about no channel that there is");
	tap_is_int(types, 8, "all types occur");
}

int main(void)
{
	char command[100];

	snprintf(directory, sizeof(directory), "/tmp/hvsim-fuzz-XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	test_messages();
	host_start(HVSIM_BUS_HVSIM);
	tap_ok(all_ready(), "the guest is ready");
	test_fuzz();
	test_proofs();
	test_all_services();
	test_arguments();
	test_behaviours();
	test_silent_guests();
	test_bad_guests();
	host_stop();
	host_start(HVSIM_BUS_HVSIM);
	all_ready();
	test_behaviour_fails();
	host_stop();
	host_start(HVSIM_BUS_HVSIM);
	all_ready();
	test_stop();
	host_stop();
	test_other_bus();
	snprintf(command, sizeof(command), "rm -r %s", directory);
	if (system(command))
		tap_diag("cannot remove %s", directory);
	return tap_done();
}
