// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hyper-V sockets without a machine: what is here plays the plugin with a guest
 * behind it, and the programs on the host's side.  All in one thread: step()
 * turns the loop until what is waited for has come.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "hvsim_control.h"
#include "hvsim_frame.h"
#include "hvsim_guid.h"
#include "hvsim_journal.h"
#include "hvsim_root.h"
#include "hvsim_setting.h"
#include "hvsim_socket.h"
#include "hvsim_vmbus.h"

/* The template's bytes behind the port, and a GUID that is no port's. */
#define TEMPLATE	"-facb-11e6-bd58-64006a7986d3"
#define NO_PORT		"999e53d4-3d5c-4c3e-8779-bed06ec056e1"

static char directory[64];
static struct hvsim_setting setting;
static struct hvsim_sockets *sockets;

/* ---- the plugin ---- */

static int plugin = -1;
static uint8_t in[1 << 22];
static size_t in_len, in_used;
static struct hvsim_frame frame;	/* the last that came */
static uint32_t number;			/* of its channel */
static const uint8_t *bytes;		/* behind that */
static size_t len;

static int unix_socket(const char *name, bool listening)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", directory, name);
	if (!listening && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		tap_diag("cannot connect to %s: %s", address.sun_path, strerror(errno));
	if (listening &&
	    (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4) < 0))
		tap_diag("cannot listen at %s: %s", address.sun_path, strerror(errno));
	return fd;
}

static void tell(enum hvsim_frame_type type, uint16_t arg, uint32_t channel, const void *from,
		 size_t size)
{
	uint8_t head[HVSIM_FRAME_HEAD_LEN + HVSIM_CHANNEL_LEN];
	size_t extra = type == HVSIM_FRAME_CONNECT ? 0 : HVSIM_CHANNEL_LEN;

	hvsim_frame_encode_head(head, type, arg, (uint32_t)(extra + size));
	hvsim_frame_put(head + HVSIM_FRAME_HEAD_LEN, channel, HVSIM_CHANNEL_LEN);
	if (send(plugin, head, HVSIM_FRAME_HEAD_LEN + extra, MSG_MORE) < 0 ||
	    send(plugin, from, size, 0) < 0)
		tap_diag("the plugin cannot send: %s", strerror(errno));
}

/* Whether there is a frame; the next one then is in the variables above. */
static bool frame_next(void)
{
	if (hvsim_frame_decode(&frame, in + in_used, in_len - in_used) <= 0)
		return false;
	in_used += HVSIM_FRAME_HEAD_LEN + frame.length;
	number = frame.length < 4 ? 0 : (uint32_t)hvsim_frame_get(frame.bytes, 4);
	bytes = frame.bytes + HVSIM_CHANNEL_LEN;
	len = frame.length - HVSIM_CHANNEL_LEN;
	return true;
}

static void plugin_read(void)
{
	ssize_t got;

	if (in_used == in_len) {
		in_used = 0;
		in_len = 0;
	}
	got = recv(plugin, in + in_len, sizeof(in) - in_len, MSG_DONTWAIT);
	if (got > 0)
		in_len += (size_t)got;
}

/* Turns the loop until it has nothing more to do. */
static void settle(void)
{
	while (sd_event_run(setting.event, 20000) > 0)
		;
	plugin_read();
}

/* The next frame that is of this type; others before it are a mistake. */
static bool expect(enum hvsim_frame_type type)
{
	settle();
	if (!frame_next()) {
		tap_diag("  no frame, want type %d", type);
		return false;
	}
	if (frame.type != type)
		tap_diag("  frame of type %d, want %d", frame.type, type);
	return frame.type == type;
}

static bool expect_nothing(void)
{
	settle();
	if (!frame_next())
		return true;
	tap_diag("  frame of type %d, want none", frame.type);
	return false;
}

static void guest_send(uint32_t channel, const void *from, size_t size)
{
	uint8_t packet[8 + 4096];

	hvsim_frame_put(packet, 1, 4);
	hvsim_frame_put(packet + 4, size, 4);
	memcpy(packet + 8, from, size);
	/* rings hold eights */
	tell(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, channel, packet, 8 + (size + 7) / 8 * 8);
}

/* ---- the client ---- */

static void say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		tap_diag("the client cannot send: %s", strerror(errno));
}

/* What has come, as text; "EOF" for the end of it, with or without words unheard. */
static const char *hear(int fd)
{
	static char text[4096];
	ssize_t got;

	settle();
	got = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	if (!got || (got < 0 && errno == ECONNRESET))
		return "EOF";
	text[got > 0 ? got : 0] = '\0';
	return text;
}

static bool is_guid(const uint8_t *guid, const char *text)
{
	char got[HVSIM_GUID_TEXT_LEN];

	hvsim_guid_format(got, guid);
	return !strcmp(got, text);
}

/* A client that the guest has accepted; its channel is @number. */
static int client_open(void)
{
	int fd = unix_socket("vsock.sock", false);
	uint32_t processor = 0;

	say(fd, "CONNECT 5000\n");
	if (!expect(HVSIM_FRAME_OFFER))
		return fd;
	tell(HVSIM_FRAME_OPENED, 0, number, &processor, sizeof(processor));
	if (strncmp(hear(fd), "OK ", 3))
		tap_diag("the client is not told that it is accepted");
	return fd;
}

static void written(uint32_t channel, int count)
{
	while (count--)
		tell(HVSIM_FRAME_WRITTEN, 0, channel, NULL, 0);
	settle();
}

/* ---- the tests ---- */

static void test_names(void)
{
	static const struct {
		const char *name;
		const char *service;
	} names[] = {
		{ "0", "00000000" TEMPLATE },
		{ "997", "000003e5" TEMPLATE },
		{ "4294967295", "ffffffff" TEMPLATE },
		{ "4294967296", NULL },
		{ "", NULL },
		{ " 1", NULL },
		{ "-1", NULL },
		{ "1x", NULL },
		{ NO_PORT, NO_PORT },
		{ "999e53d4-3d5c-4c3e-8779-bed06ec056e", NULL },
	};
	uint8_t service[16];
	size_t i;
	int err;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		err = hvsim_sockets_service(service, names[i].name);
		tap_ok(names[i].service ? !err && is_guid(service, names[i].service) :
		       err == -EINVAL, "\"%s\" is %s", names[i].name,
		       names[i].service ? names[i].service : "no service");
	}
}

static void test_requests(void)
{
	static const char *const wrong[] = {
		"HELLO\n", "CONNECT\n", "CONNECT  1\n", "CONNECT x\n", "connect 1\n",
		"CONNECT 1 2\n", "CONNECT 99999999999\n", "CONNECT container\n",
		"CONNECT 1 container 2\n", "CONNECT 1  container\n",
		"CONNECT 1111111111111111111111111111111111111111111111111111111111111111",
	};
	uint32_t channel;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fd = unix_socket("vsock.sock", false);
		say(fd, wrong[i]);
		tap_is_str(hear(fd), "EOF", "a client is hung up on that says %.20s", wrong[i]);
		close(fd);
	}
	fd = unix_socket("vsock.sock", false);
	say(fd, "CONN");
	tap_ok(expect_nothing(), "a request that is not whole is waited for");
	say(fd, "ECT " NO_PORT "\r\nhello");
	tap_ok(expect(HVSIM_FRAME_OFFER), "a connection is offered when it is");
	tap_ok(is_guid(bytes, NO_PORT), "with the service as its class");
	tap_is_int((int)hvsim_frame_get(bytes + 48, 2), 0x2011, "with the flags of a socket");
	tap_ok(!bytes[52] && bytes[52 + 4] == 1, "for the guest to accept, as a stream of bytes");
	tap_is_int(bytes[52 + 5], 0, "and for no container");
	channel = number;
	tap_ok(expect_nothing(), "nothing is sent before that");
	tell(HVSIM_FRAME_OPENED, 0, channel, "\0\0\0", 4);
	tap_ok(expect(HVSIM_FRAME_PACKET) && len == 8 + 5 && !memcmp(bytes + 8, "hello", 5),
	       "then what the client has said meanwhile");
	tap_ok(!strncmp(hear(fd), "OK ", 3), "and the client is told");
	close(fd);
	tap_ok(expect(HVSIM_FRAME_PACKET) && len == 8 && !hvsim_frame_get(bytes + 4, 4),
	       "a client that goes away ends the stream");
	tap_ok(expect_nothing(), "its channel stays as long as that is on its way");
	written(channel, 2);
	tap_ok(expect(HVSIM_FRAME_RESCIND) && number == channel, "and is taken back then");
	tell(HVSIM_FRAME_CLOSED, 0, channel, NULL, 0);
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	tap_ok(expect_nothing(), "that is all");
}

static void test_container(void)
{
	int fd = unix_socket("vsock.sock", false);

	say(fd, "CONNECT " NO_PORT " container\n");
	tap_ok(expect(HVSIM_FRAME_OFFER) && is_guid(bytes, NO_PORT),
	       "a connection to a container is offered");
	tap_ok(bytes[52 + 4] == 1 && bytes[52 + 5] == 1, "as one");
	close(fd);
	tap_ok(expect(HVSIM_FRAME_RESCIND), "and taken back when the client goes");
	tell(HVSIM_FRAME_RELEASED, 0, number, NULL, 0);
	settle();
}

static void test_stream(void)
{
	int fd = client_open();
	uint32_t channel = number;

	guest_send(channel, "abc", 3);
	tap_is_str(hear(fd), "abc", "the client hears the guest");
	say(fd, "defg");
	tap_ok(expect(HVSIM_FRAME_PACKET) && hvsim_frame_get(bytes, 4) == 1 &&
	       hvsim_frame_get(bytes + 4, 4) == 4 && len == 12 && !memcmp(bytes + 8, "defg", 4),
	       "the guest hears the client");
	tap_is_int(frame.arg, HVSIM_VMBUS_INBAND | HVSIM_PACKET_TELL,
		   "in a packet that is accounted for");
	written(channel, 1);

	guest_send(channel, "", 0);
	tap_is_str(hear(fd), "EOF", "the client hears the end of the guest's stream");
	say(fd, "more");
	tap_ok(expect(HVSIM_FRAME_PACKET) && len == 12, "and can go on");
	written(channel, 1);
	shutdown(fd, SHUT_WR);
	tap_ok(expect(HVSIM_FRAME_PACKET) && len == 8, "until it ends its own");
	written(channel, 1);
	tap_ok(expect(HVSIM_FRAME_RESCIND), "when both have ended the channel is taken back");
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	close(fd);
	tap_ok(expect_nothing(), "that is all");
}

static void test_half_closed_by_client(void)
{
	int fd = client_open();
	uint32_t channel = number;

	shutdown(fd, SHUT_WR);
	tap_ok(expect(HVSIM_FRAME_PACKET) && len == 8, "the client ends its stream first");
	written(channel, 1);
	guest_send(channel, "late", 4);
	tap_is_str(hear(fd), "late", "and still hears the guest");
	guest_send(channel, "last", 4);
	guest_send(channel, "", 0);
	tap_ok(expect(HVSIM_FRAME_RESCIND), "the channel is taken back when that has ended too");
	tell(HVSIM_FRAME_CLOSED, 0, channel, NULL, 0);
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	tap_is_str(hear(fd), "last", "what came last is still there to be read");
	tap_is_str(hear(fd), "EOF", "before the end");
	close(fd);
}

static void test_closed_by_guest(void)
{
	int fd = client_open();
	uint32_t channel = number;

	guest_send(channel, "bye", 3);
	tell(HVSIM_FRAME_CLOSED, 0, channel, NULL, 0);
	tap_ok(expect(HVSIM_FRAME_RESCIND), "a channel that the guest closes is taken back");
	tap_is_str(hear(fd), "bye", "the client hears what was said before");
	tap_is_str(hear(fd), "EOF", "and then the end");
	say(fd, "x");
	tap_ok(expect_nothing(), "what it says then is for nobody");
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	close(fd);
	settle();
}

static void test_refused(void)
{
	int fd = unix_socket("vsock.sock", false);
	uint32_t channel;

	say(fd, "CONNECT 5001\n");
	tap_ok(expect(HVSIM_FRAME_OFFER), "a connection is offered");
	channel = number;
	/* nobody in the guest opens it */
	while (sd_event_run(setting.event, 7000000) > 0 && (plugin_read(), !frame_next()))
		;
	tap_ok(frame.type == HVSIM_FRAME_RESCIND && number == channel,
	       "one that the guest does not accept is taken back after a while");
	tap_is_str(hear(fd), "EOF", "and the client is hung up on without an OK");
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	close(fd);

	fd = unix_socket("vsock.sock", false);
	say(fd, "CONNECT 5001\n");
	expect(HVSIM_FRAME_OFFER);
	channel = number;
	close(fd);
	tap_ok(expect(HVSIM_FRAME_RESCIND) && number == channel,
	       "one whose client does not wait is taken back at once");
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	settle();
}

static void test_flow_to_guest(void)
{
	static char much[200000];
	int fd = client_open();
	uint32_t channel = number;
	unsigned int packets = 0;
	size_t got = 0, sent = 0;
	ssize_t done;

	while (sent < sizeof(much) && (done = send(fd, much, sizeof(much) - sent, 0)) > 0)
		sent += (size_t)done;
	settle();
	while (frame_next()) {
		packets++;
		got += len - 8;
	}
	tap_is_int(packets, 8, "not more than 8 packets are on their way to the guest");
	tap_ok(got <= 8 * 8192, "and not more than 64 KiB");
	while (packets) {
		written(channel, (int)packets);
		for (packets = 0; frame_next(); packets++)
			got += len - 8;
	}
	tap_is_int((long long)got, (long long)sent, "as it takes them, all of %zu bytes arrive",
		   sent);
	close(fd);
	expect(HVSIM_FRAME_PACKET);
	written(channel, 1);
	expect(HVSIM_FRAME_RESCIND);
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	settle();
}

static void test_flow_to_client(void)
{
	static uint8_t much[4000], some[65536];
	int fd = client_open(), held = -1;
	uint32_t channel = number;
	size_t sent = 0, got = 0;
	ssize_t done;

	while (held < 0 && sent < (8u << 20)) {
		guest_send(channel, much, sizeof(much));
		sent += sizeof(much);
		settle();
		if (frame_next())
			held = frame.type == HVSIM_FRAME_HOLD ? frame.arg : -2;
	}
	tap_is_int(held, 1, "a guest whose words nobody reads is held up");
	tap_ok(sent < (4u << 20), "soon enough");
	do {
		done = recv(fd, some, sizeof(some), MSG_DONTWAIT);
		got += done > 0 ? (size_t)done : 0;
		settle();
		if (frame_next())
			held = frame.type == HVSIM_FRAME_HOLD ? frame.arg : -2;
	} while (done > 0);
	tap_is_int(held, 0, "and goes on when they are read");
	tap_is_int((long long)got, (long long)sent, "nothing is lost of %zu bytes", sent);
	close(fd);
	expect(HVSIM_FRAME_PACKET);
	written(channel, 1);
	expect(HVSIM_FRAME_RESCIND);
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	settle();
}

static void guest_connect(const char *endpoint, const char *service)
{
	uint8_t ends[32];

	hvsim_guid_parse(ends, endpoint);
	hvsim_guid_parse(ends + 16, service);
	tell(HVSIM_FRAME_CONNECT, 0, 0, ends, sizeof(ends));
}

static void test_guest_connects(void)
{
	int listener = unix_socket("vsock.sock_600", true), fd;
	int other = unix_socket("vsock.sock_" NO_PORT, true);
	uint32_t channel;

	guest_connect("00001234" TEMPLATE, "00000258" TEMPLATE);
	tap_ok(expect(HVSIM_FRAME_OFFER), "a guest that connects is offered a channel");
	channel = number;
	tap_ok(is_guid(bytes, "00000258" TEMPLATE) && is_guid(bytes + 16, "00001234" TEMPLATE),
	       "of the service that it named, with its own end");
	tap_ok(hvsim_frame_get(bytes + 48, 2) == 0x2011 && !bytes[52 + 4],
	       "which is not for it to accept");
	tell(HVSIM_FRAME_OPENED, 0, channel, "\0\0\0", 4);
	settle();
	fd = accept(listener, NULL, NULL);
	tap_ok(fd >= 0, "who listens for it is connected");
	guest_send(channel, "hello", 5);
	tap_is_str(hear(fd), "hello", "hears it, and nothing before it");
	say(fd, "you");
	tap_ok(expect(HVSIM_FRAME_PACKET) && len == 11, "and is heard");
	close(fd);
	expect(HVSIM_FRAME_PACKET);
	written(channel, 2);
	tap_ok(expect(HVSIM_FRAME_RESCIND), "until it goes away");
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);

	guest_connect("00001235" TEMPLATE, NO_PORT);
	tap_ok(expect(HVSIM_FRAME_OFFER) && is_guid(bytes, NO_PORT),
	       "who listens for a GUID is found by that");
	channel = number;
	close(other);
	expect(HVSIM_FRAME_RESCIND);
	tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
	close(listener);
}

static void test_guest_is_refused(void)
{
	guest_connect("00001236" TEMPLATE, "00000259" TEMPLATE);
	tap_ok(expect(HVSIM_FRAME_RESULT) && frame.length == 36,
	       "a guest is refused where nobody listens");
	tap_ok(is_guid(frame.bytes, "00001236" TEMPLATE) &&
	       is_guid(frame.bytes + 16, "00000259" TEMPLATE) &&
	       hvsim_frame_get(frame.bytes + 32, 4) >> 30 == 3, "by name, with an error");
	/* a listener that has died leaves its socket behind */
	guest_connect("00001237" TEMPLATE, "00000258" TEMPLATE);
	tap_ok(expect(HVSIM_FRAME_RESULT), "or listens no more");
}

static void test_nonsense(void)
{
	static const struct {
		const char *what;
		size_t len;
		uint8_t packet[16];
	} packets[] = {
		{ "no pipe header", 7, { 1, 0, 0, 0, 1 } },
		{ "another pipe type", 16, { 2, 0, 0, 0, 1 } },
		{ "a size beyond the packet", 16, { 1, 0, 0, 0, 9 } },
	};
	struct json_object *anomalies;
	uint32_t channel;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		fd = client_open();
		channel = number;
		tell(HVSIM_FRAME_PACKET, HVSIM_VMBUS_INBAND, channel, packets[i].packet,
		     packets[i].len);
		tap_is_str(hear(fd), "EOF", "a guest that sends %s is hung up on",
			   packets[i].what);
		expect(HVSIM_FRAME_PACKET);
		written(channel, 1);
		expect(HVSIM_FRAME_RESCIND);
		tell(HVSIM_FRAME_RELEASED, 0, channel, NULL, 0);
		close(fd);
		anomalies = hvsim_journal_anomalies(setting.journal, true);
		tap_is_int(json_object_get_int(json_object_object_get(anomalies, "count")), 1,
			   "and that is noted");
		json_object_put(anomalies);
	}
}

static void test_plugin_goes(void)
{
	int fd = client_open(), again;

	close(plugin);
	in_len = 0;
	in_used = 0;
	tap_is_str(hear(fd), "EOF", "without a machine there is no connection");
	close(fd);
	again = unix_socket("vsock.sock", false);
	say(again, "CONNECT 1\n");
	tap_is_str(hear(again), "EOF", "nor can there be one");
	close(again);
	plugin = unix_socket("bus.sock", false);
	tap_ok(expect_nothing(), "and the next machine hears nothing of it");
}

static void test_free_while_open(void)
{
	int fd = client_open();
	int asked = unix_socket("vsock.sock", false);

	say(asked, "CONNECT 2\n");
	settle();
	hvsim_sockets_free(sockets);
	tap_is_str(hear(fd), "EOF", "a host that ends hangs up");
	tap_is_str(hear(asked), "EOF", "on who waits, too");
	close(fd);
	close(asked);
}

int main(void)
{
	char command[100];

	snprintf(directory, sizeof(directory), "/tmp/hvsim-socket-XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	setting.options.directory = directory;
	sd_event_new(&setting.event);
	snprintf(command, sizeof(command), "%s/control.sock", directory);
	hvsim_control_new(&setting.control, setting.event, command);
	hvsim_journal_new(&setting.journal, NULL);
	tap_ok(!hvsim_root_new(&setting.root, &setting) &&
	       !hvsim_sockets_new(&sockets, &setting), "a bus with sockets is there");
	plugin = unix_socket("bus.sock", false);
	settle();

	test_names();
	test_requests();
	test_container();
	test_stream();
	test_half_closed_by_client();
	test_closed_by_guest();
	test_refused();
	test_flow_to_guest();
	test_flow_to_client();
	test_guest_connects();
	test_guest_is_refused();
	test_nonsense();
	test_plugin_goes();
	test_free_while_open();

	hvsim_root_free(setting.root);
	hvsim_control_free(setting.control);
	hvsim_journal_free(setting.journal);
	sd_event_unref(setting.event);
	close(plugin);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	if (system(command))
		tap_diag("cannot remove %s", directory);
	return tap_done();
}
