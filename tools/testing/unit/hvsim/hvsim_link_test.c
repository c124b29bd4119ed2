// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The connection to hvsim's VMBus, with what is here as the plugin; and VMBus's
 * messages in words.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_channel_message.h"
#include "hvsim_guid.h"
#include "hvsim_ic.h"
#include "hvsim_link.h"
#include "hvsim_vmbus.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static char directory[64], path[80];
static sd_event *loop;
static struct hvsim_link *connection;
static struct hvsim_vmbus_offer offer;

/* What the owners were told, a word each, one behind the other. */
static char heard[512];

static void hear(const char *word)
{
	size_t used = strlen(heard);

	snprintf(heard + used, sizeof(heard) - used, "%s%s", used ? " " : "", word);
}

/* Lets all that has come in be handled; returns what was told. */
static const char *listen_to(void)
{
	static char last[sizeof(heard)];

	while (sd_event_run(loop, 10000) > 0)
		;
	memcpy(last, heard, sizeof(last));
	heard[0] = '\0';
	return last;
}

/* ---- the plugin ---- */

static int plugin = -1;

static void plugin_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	plugin = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (connect(plugin, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s: %s", path, strerror(errno));
	/* the connection is heard of before what comes over it */
	while (sd_event_run(loop, 10000) > 0)
		;
}

static void plugin_send(const void *bytes, size_t len)
{
	if (send(plugin, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		tap_diag("cannot send: %s", strerror(errno));
}

static void plugin_tell(uint16_t type, uint16_t arg, uint32_t number, const char *text)
{
	uint8_t frame[128];
	size_t len = HVSIM_CHANNEL_LEN + strlen(text);

	hvsim_frame_encode_head(frame, type, arg, (uint32_t)len);
	hvsim_frame_put(frame + HVSIM_FRAME_HEAD_LEN, number, HVSIM_CHANNEL_LEN);
	memcpy(frame + HVSIM_FRAME_HEAD_LEN + HVSIM_CHANNEL_LEN, text, strlen(text));
	plugin_send(frame, HVSIM_FRAME_HEAD_LEN + len);
}

/* The next frame that the plugin gets; type 0 when there is none. */
static struct hvsim_frame plugin_get(void)
{
	static uint8_t bytes[1024];
	struct hvsim_frame frame = { 0 };
	size_t len;

	while (sd_event_run(loop, 10000) > 0)
		;
	if (recv(plugin, bytes, HVSIM_FRAME_HEAD_LEN, 0) != HVSIM_FRAME_HEAD_LEN)
		return frame;
	len = (size_t)hvsim_frame_get(bytes, 4);
	if (len && recv(plugin, bytes + HVSIM_FRAME_HEAD_LEN, len, 0) != (ssize_t)len)
		return frame;
	hvsim_frame_decode(&frame, bytes, HVSIM_FRAME_HEAD_LEN + len);
	return frame;
}

static void is_frame(enum hvsim_frame_type type, const struct hvsim_port *port, const char *what)
{
	struct hvsim_frame frame = plugin_get();

	tap_ok(frame.type == type && frame.length >= HVSIM_CHANNEL_LEN &&
	       hvsim_frame_get(frame.bytes, HVSIM_CHANNEL_LEN) == hvsim_port_number(port),
	       "%s", what);
}

/* ---- the owners ---- */

static void on_connected(void *userdata)
{
	(void)userdata;
	hear("connected");
}

static void on_disconnected(void *userdata)
{
	(void)userdata;
	hear("disconnected");
}

static void on_link_frame(const struct hvsim_frame *frame, void *userdata)
{
	char word[128];

	(void)userdata;
	snprintf(word, sizeof(word), "link-%u", frame->type);
	if (frame->type == HVSIM_FRAME_ANOMALY)
		snprintf(word, sizeof(word), "anomaly(%.*s)", (int)frame->length,
			 (const char *)frame->bytes);
	hear(word);
}

static const struct hvsim_link_owner link_owner = {
	on_connected, on_disconnected, on_link_frame
};

static struct hvsim_port *again;	/* what was offered from within released() */

static void on_frame(const struct hvsim_frame *frame, void *userdata)
{
	static const char *const words[] = {
		[HVSIM_FRAME_OPENED] = "opened", [HVSIM_FRAME_CLOSED] = "closed",
		[HVSIM_FRAME_PACKET] = "packet", [HVSIM_FRAME_OFFERED] = "offered",
		[HVSIM_FRAME_MOVED] = "moved", [HVSIM_FRAME_WRITTEN] = "written",
		[HVSIM_FRAME_ANOMALY] = "anomaly",
	};
	char word[64];

	snprintf(word, sizeof(word), "%s:%s%.*s", (const char *)userdata, words[frame->type],
		 (int)frame->length, frame->length ? (const char *)frame->bytes : "");
	hear(word);
}

static void on_released(void *userdata)
{
	char word[64];

	snprintf(word, sizeof(word), "%s:released", (const char *)userdata);
	hear(word);
}

static const struct hvsim_port_owner port_owner = { on_frame, on_released };

static void on_released_again(void *userdata)
{
	on_released(userdata);
	hvsim_port_new(&again, connection, &offer, &port_owner, "again");
}

static const struct hvsim_port_owner again_owner = { on_frame, on_released_again };

static struct hvsim_port *port_new(const char *name)
{
	struct hvsim_port *port;

	if (hvsim_port_new(&port, connection, &offer, &port_owner, (void *)name) < 0)
		tap_ok(false, "a port");
	return port;
}

/* ---- the tests ---- */

static void test_unconnected(void)
{
	static char longer[200];
	struct hvsim_link *other;
	struct hvsim_port *port;

	memset(longer, 'x', sizeof(longer) - 1);
	tap_is_int(hvsim_link_new(&other, loop, longer, &link_owner, NULL), -ENAMETOOLONG,
		   "a socket's path has a longest length");
	tap_is_int(hvsim_link_new(&connection, loop, path, &link_owner, NULL), 0, "a connection");
	tap_ok(!hvsim_link_is_connected(connection), "is not connected at first");
	tap_is_int(hvsim_link_send(connection, HVSIM_FRAME_TRACE, 1, NULL, 0), -ENOTCONN,
		   "and nothing can be sent");
	port = port_new("a");
	tap_is_int(hvsim_port_send(port, HVSIM_FRAME_PACKET, 6, "x", 1), -ENOTCONN,
		   "nor to a channel");
	hvsim_port_rescind(port);
	tap_is_str(heard, "", "a channel is not released from within");
	tap_is_str(listen_to(), "a:released", "but at once when there is no guest");
	port = port_new("b");
	hvsim_port_rescind(port);
	plugin_connect();
	tap_is_str(listen_to(), "b:released connected", "also when a plugin comes meanwhile");
	tap_is_int(plugin_get().type, 0, "which never hears of it");
}

static void test_offers(struct hvsim_port *ports[2])
{
	struct hvsim_frame frame;

	ports[0] = port_new("a");
	frame = plugin_get();
	tap_is_int(frame.type, HVSIM_FRAME_OFFER, "a channel is offered to a plugin that is there");
	tap_ok(frame.length == HVSIM_CHANNEL_LEN + sizeof(offer) &&
	       !memcmp(frame.bytes + HVSIM_CHANNEL_LEN, &offer, sizeof(offer)), "as it is");
	ports[1] = port_new("b");
	is_frame(HVSIM_FRAME_OFFER, ports[1], "and another");
	tap_ok(hvsim_port_number(ports[0]) != hvsim_port_number(ports[1]),
	       "which has another number");
	tap_ok(hvsim_port_link(ports[0]) == connection, "on the same connection");
	hvsim_port_send(ports[0], HVSIM_FRAME_PACKET, 6, "out", 3);
	frame = plugin_get();
	tap_ok(frame.type == HVSIM_FRAME_PACKET && frame.arg == 6 && frame.length == 7 &&
	       hvsim_frame_get(frame.bytes, 4) == hvsim_port_number(ports[0]) &&
	       !memcmp(frame.bytes + 4, "out", 3), "a packet goes to its channel");
	hvsim_link_send(connection, HVSIM_FRAME_TRACE, 1, NULL, 0);
	frame = plugin_get();
	tap_ok(frame.type == HVSIM_FRAME_TRACE && frame.arg == 1 && !frame.length,
	       "and what is about no channel, as it is");
	tap_is_int(hvsim_port_send(ports[0], HVSIM_FRAME_PACKET, 6, heard, HVSIM_FRAME_MAX - 3),
		   -EMSGSIZE, "no frame is larger than it may be");
}

static void test_frames(struct hvsim_port *ports[2])
{
	uint32_t a = hvsim_port_number(ports[0]), b = hvsim_port_number(ports[1]);

	plugin_tell(HVSIM_FRAME_OFFERED, 0, a, "");
	plugin_tell(HVSIM_FRAME_OPENED, 0, a, "");
	plugin_tell(HVSIM_FRAME_PACKET, 6, a, "in");
	plugin_tell(HVSIM_FRAME_OPENED, 0, b, "");
	plugin_tell(HVSIM_FRAME_WRITTEN, 0, b, "");
	plugin_tell(HVSIM_FRAME_MOVED, 0, b, "");
	plugin_tell(HVSIM_FRAME_ANOMALY, 0, b, "why");
	tap_is_str(listen_to(), "a:offered a:opened a:packetin b:opened b:written b:moved "
		   "b:anomalywhy", "each channel hears what is about it");
	plugin_tell(HVSIM_FRAME_CONTACT, 1, 0, "");
	plugin_tell(HVSIM_FRAME_REQUESTED, 0, 0, "");
	plugin_tell(HVSIM_FRAME_UNLOADED, 0, 0, "");
	plugin_tell(HVSIM_FRAME_CONNECT, 0, 0, "");
	plugin_tell(HVSIM_FRAME_TRACED, 0, 0, "");
	plugin_tell(HVSIM_FRAME_CLOCK, 0, 0, "");
	plugin_tell(HVSIM_FRAME_ANOMALY, 0, HVSIM_CHANNEL_ANY, "bad");
	tap_is_str(listen_to(), "link-52 link-53 link-54 link-55 link-56 link-4 anomaly(bad)",
		   "what is about none is heard by the owner");
	plugin_send("\2\0\0\0\3\0\0\0ab", 10);
	plugin_send("\0\0\0\0\143\0\0\0", 8);
	plugin_tell(HVSIM_FRAME_OPENED, 0, 77, "");
	tap_is_str(listen_to(),
		   "anomaly(the plugin sent a frame without the channel it is about) "
		   "anomaly(the plugin sent a frame of unknown type) "
		   "anomaly(the plugin sent a frame about a channel that there is not)",
		   "what makes no sense is told, and does no harm");
}

static void test_release(struct hvsim_port *ports[2])
{
	hvsim_port_rescind(ports[0]);
	hvsim_port_rescind(ports[0]);
	is_frame(HVSIM_FRAME_RESCIND, ports[0], "a channel is taken back");
	tap_is_int(plugin_get().type, 0, "once");
	tap_is_str(listen_to(), "", "it is there until the guest has let go of it");
	plugin_tell(HVSIM_FRAME_CLOSED, 0, hvsim_port_number(ports[0]), "");
	plugin_tell(HVSIM_FRAME_RELEASED, 0, hvsim_port_number(ports[0]), "");
	tap_is_str(listen_to(), "a:closed a:released", "and then is gone");
	plugin_tell(HVSIM_FRAME_RELEASED, 0, hvsim_port_number(ports[1]), "");
	tap_is_str(listen_to(), "b:closed b:released",
		   "one that the bus took back by itself is closed first");
	hvsim_port_new(&ports[0], connection, &offer, &again_owner, "c");
	is_frame(HVSIM_FRAME_OFFER, ports[0], "a third");
	hvsim_port_rescind(ports[0]);
	is_frame(HVSIM_FRAME_RESCIND, ports[0], "is taken back");
	plugin_tell(HVSIM_FRAME_RELEASED, 0, hvsim_port_number(ports[0]), "");
	tap_is_str(listen_to(), "c:released", "and when it is released");
	is_frame(HVSIM_FRAME_OFFER, again, "the same can be offered at once");
	hvsim_port_abandon(again);
	is_frame(HVSIM_FRAME_RESCIND, again, "one that is abandoned is taken back, too");
	plugin_tell(HVSIM_FRAME_OPENED, 0, hvsim_port_number(again), "");
	plugin_tell(HVSIM_FRAME_RELEASED, 0, hvsim_port_number(again), "");
	tap_is_str(listen_to(), "", "and nobody hears of it");
}

static void test_disconnect(void)
{
	struct hvsim_port *a = port_new("a"), *b = port_new("b"), *c = port_new("c");
	int old = plugin;

	plugin_tell(HVSIM_FRAME_OPENED, 0, hvsim_port_number(a), "");
	plugin_tell(HVSIM_FRAME_OPENED, 0, hvsim_port_number(c), "");
	hvsim_port_rescind(b);
	hvsim_port_rescind(c);
	listen_to();
	close(plugin);
	tap_is_str(listen_to(), "a:closed c:closed b:released c:released disconnected",
		   "without a plugin all is closed, and what was taken back is gone");
	plugin_connect();
	tap_is_str(listen_to(), "connected", "another plugin comes");
	is_frame(HVSIM_FRAME_OFFER, a, "and is offered what is left");
	tap_is_int(plugin_get().type, 0, "and no more");
	plugin_tell(HVSIM_FRAME_OPENED, 0, hvsim_port_number(a), "");
	listen_to();
	old = plugin;
	plugin_connect();
	tap_is_str(listen_to(), "a:closed disconnected connected",
		   "a second plugin takes the place of the first");
	close(old);
	plugin_send("\377\377\377\377\377\377\377\377", 8);
	tap_is_str(listen_to(), "anomaly(the plugin sent a frame that is too large) disconnected",
		   "who sends no frames is cut off");
	close(plugin);
	port_new("left");
	hvsim_link_free(connection);
	tap_is_str(listen_to(), "", "an end without a word");
	tap_ok(access(path, F_OK) < 0 && errno == ENOENT, "and without a socket");
}

/* ---- GUIDs and words ---- */

static void test_guid(void)
{
	static const char *const bad[] = {
		"", "57164f39", "57164f39-9115-4e78-ab55-382f3bd5422",
		"57164f39-9115-4e78-ab55-382f3bd5422dd", "57164f39-9115-4e78-ab55+382f3bd5422d",
		"57164f399-115-4e78-ab55-382f3bd5422d", "x7164f39-9115-4e78-ab55-382f3bd5422d",
		"\xff" "7164f39-9115-4e78-ab55-382f3bd5422d",
	};
	static const uint8_t heartbeat[] = {
		0x39, 0x4f, 0x16, 0x57, 0x15, 0x91, 0x78, 0x4e,
		0xab, 0x55, 0x38, 0x2f, 0x3b, 0xd5, 0x42, 0x2d,
	};
	uint8_t guid[HVSIM_GUID_LEN];
	char text[HVSIM_GUID_TEXT_LEN];
	size_t i;

	tap_is_int(hvsim_guid_parse(guid, "57164F39-9115-4e78-AB55-382f3bd5422d"), 0, "a GUID");
	tap_ok(!memcmp(guid, heartbeat, sizeof(guid)), "as it is on VMBus");
	hvsim_guid_format(text, guid);
	tap_is_str(text, hvsim_ics[HVSIM_HEARTBEAT].class_id, "and back");
	for (i = 0; i < NR(bad); i++)
		tap_is_int(hvsim_guid_parse(guid, bad[i]), -EINVAL, "'%s' is no GUID", bad[i]);
	for (i = 0; i < HVSIM_NR_SERVICES; i++)
		tap_ok(!hvsim_guid_parse(guid, hvsim_ics[i].class_id) &&
		       !hvsim_guid_parse(guid, hvsim_ics[i].instance_id),
		       "the GUIDs of %s", hvsim_ics[i].name);
}

static const char *describe(const void *message, size_t len)
{
	static char text[256];

	hvsim_channel_message_describe(text, sizeof(text), message, len);
	return text;
}

static void test_words(void)
{
	const struct hvsim_vmbus_open_result result = {
		.head.type = HVSIM_OPEN_CHANNEL_RESULT, .relid = 7, .open_id = 9,
		.status = HVSIM_STATUS_INVALID,
	};
	const struct hvsim_vmbus_contact contact = {
		.head.type = HVSIM_INITIATE_CONTACT, .version = HVSIM_VMBUS_VERSION(5, 2),
		.vp = 3, .sint = 2,
	};
	struct hvsim_vmbus_connect socket = { .head.type = HVSIM_TL_CONNECT_REQUEST };
	char text[8];
	uint32_t type;

	hvsim_guid_parse(socket.service_id, hvsim_ics[HVSIM_KVP].class_id);
	tap_is_str(describe(&result, sizeof(result)),
		   "open-channel-result: relid 7, open-id 9, status 0xc000000d", "a result");
	tap_is_str(describe(&contact, sizeof(contact)),
		   "initiate-contact: version 5.2, processor 3, interrupt 0x2", "a contact");
	tap_is_str(describe(&socket, sizeof(socket)),
		   "tl-connect-request: endpoint 00000000-0000-0000-0000-000000000000, "
		   "service a9a0f4e7-5a45-4d96-b827-8a841e8c03e6", "a socket that connects");
	tap_is_str(describe(&result, 15), "open-channel-result: relid 7",
		   "fields that are not there are not told");
	tap_is_str(describe("\3\0\0\0\0\0\0\0", 8), "request-offers", "one without fields");
	tap_is_str(describe("\23\0\0\0", 4), "message of unknown type 19", "one that nobody knows");
	tap_is_str(describe("\377\377\377\377", 4), "message of unknown type 4294967295",
		   "whatever it be");
	tap_is_str(describe("ab", 2), "2 bytes that are no message", "and what is none");
	tap_is_int((long long)hvsim_channel_message_describe(text, sizeof(text), &result,
							     sizeof(result)), 7, "what does");
	tap_is_str(text, "open-ch", "not fit is cut");
	for (type = 0; type < 32; type++)
		hvsim_channel_message_describe(text, 0, &type, sizeof(type));
	tap_ok(true, "nothing is written where there is no room");
}

int main(void)
{
	struct hvsim_port *ports[2];

	strcpy(directory, "/tmp/hvsim_link_test.XXXXXX");
	if (!mkdtemp(directory) || sd_event_new(&loop) < 0)
		return 1;
	snprintf(path, sizeof(path), "%s/bus.sock", directory);
	memset(&offer, 0x5a, sizeof(offer));
	test_unconnected();
	test_offers(ports);
	test_frames(ports);
	test_release(ports);
	test_disconnect();
	test_guid();
	test_words();
	sd_event_unref(loop);
	rmdir(directory);
	return tap_done();
}
