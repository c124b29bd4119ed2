// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hyper-V sockets.
 *
 * Each connection is a channel of its own, offered when it is made and rescinded
 * when it is over; what stands on this side of it is a UNIX socket.  Who wants to
 * reach the guest connects to vsock.sock in the machine's directory and writes
 * "CONNECT PORT\n", or a GUID in place of the port, and " container" after it for a
 * connection to a container in the guest; "OK n\n" says that the guest has accepted, the
 * end of the stream that it has not.  Who wants to be reached
 * by the guest listens at vsock.sock_PORT, or vsock.sock_GUID.
 *
 *	ASKED --CONNECT--> OFFERED --opened--> OPEN --both ended, or one gone--> ENDED
 *	          the guest connects --^
 *
 * A connection is forgotten when the client is gone and the channel released.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hvsim_channel.h"
#include "hvsim_control.h"
#include "hvsim_guid.h"
#include "hvsim_journal.h"
#include "hvsim_json.h"
#include "hvsim_root.h"
#include "hvsim_setting.h"
#include "hvsim_socket.h"
#include "hvsim_stream.h"
#include "hvsim_vmbus.h"

/* Time for the guest to accept; Windows is said to take 30 s, openvmm takes 2 s. */
#define ACCEPT_MS	5000
/* Longest request of a client: CONNECT, a GUID, and the end of the line. */
#define REQUEST_MAX	64
/* Bytes of a stream that go to the guest in one packet; Hyper-V takes 16384 at most. */
#define CHUNK		8192
/* Packets that may be on their way into the guest's ring. */
#define FLYING_MAX	8
/* Bytes that may wait for a client before the guest is held up, and goes on again. */
#define WAITING_MAX	(256u << 10)
#define WAITING_LOW	(64u << 10)
/* Time for the guest to take what a client left behind that has gone. */
#define LINGER_MS	10000
/* STATUS_CONNECTION_REFUSED. */
#define STATUS_REFUSED	0xc0000236u
/* Where an offer says that it is for the guest to accept: behind the pipe's mode. */
#define USER_FROM_HOST	4
/* And that it is for a container in the guest. */
#define USER_CONTAINER	5

/* 00000000-facb-11e6-bd58-64006a7986d3, of which the first number is a port. */
static const uint8_t port_template[HVSIM_GUID_LEN] = {
	0, 0, 0, 0, 0xcb, 0xfa, 0xe6, 0x11, 0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3,
};

enum socket_state {
	SOCKET_ASKED,	/* the client has not said yet where to */
	SOCKET_OFFERED,	/* the guest has not accepted yet */
	SOCKET_OPEN,
	SOCKET_ENDED,	/* what is left is what waits for the client */
};

/**
 * struct connection - a connection
 * @link: in @sockets
 * @sockets: all of them
 * @state: an enum socket_state
 * @from_guest: the guest connected
 * @request: what the client asks for, as far as it has said
 * @request_len: bytes at @request
 * @offer: of its channel
 * @port: its channel; NULL before it is offered and when it is released
 * @fd: the client; -1 when it is gone
 * @io: events of @fd
 * @timer: until the guest has accepted, or has taken what the client left behind
 * @flying: packets that are not in the guest's ring yet
 * @client_ended: it sends no more, and the guest knows
 * @guest_ended: it sends no more
 * @told: and the client knows that
 * @held: the guest is held up
 * @waiting: bytes for the client
 * @len: bytes at @waiting
 * @size: what is allocated there
 */
struct connection {
	LIST_ENTRY(connection) link;
	struct hvsim_sockets *sockets;
	enum socket_state state;
	bool from_guest;
	char request[REQUEST_MAX];
	size_t request_len;
	struct hvsim_vmbus_offer offer;
	struct hvsim_port *port;
	int fd;
	sd_event_source *io;
	sd_event_source *timer;
	unsigned int flying;
	bool client_ended;
	bool guest_ended;
	bool told;
	bool held;
	uint8_t *waiting;
	size_t len;
	size_t size;
};

struct hvsim_sockets {
	const struct hvsim_setting *setting;
	struct hvsim_root_watch watch;
	char *path;
	int fd;
	sd_event_source *listener;
	LIST_HEAD(, connection) connections;
};

/* Tells that a connection came or went. */
static void connection_emit(struct connection *connection, const char *event)
{
	struct json_object *data = json_object_new_object();
	char service[HVSIM_GUID_TEXT_LEN];

	hvsim_guid_format(service, connection->offer.class_id);
	hvsim_json_add_string(data, "socket-service", service);
	hvsim_json_add_string(data, "by", connection->from_guest ? "guest" : "host");
	hvsim_control_emit(connection->sockets->setting->control, event, data);
}

static void connection_complain(struct connection *connection, const char *text,
				const void *bytes, size_t len)
{
	const struct hvsim_setting *setting = connection->sockets->setting;

	hvsim_control_emit(setting->control, "anomaly",
			   hvsim_journal_anomaly(setting->journal, "socket", "socket", text, bytes,
						 len));
}

static void client_close(struct connection *connection)
{
	if (connection->fd < 0)
		return;
	sd_event_source_disable_unref(connection->io);
	connection->io = NULL;
	close(connection->fd);
	connection->fd = -1;
	connection->len = 0;
}

/* Nobody may touch it afterwards, should it be gone. */
static void connection_free_if_done(struct connection *connection)
{
	if (connection->port || connection->fd >= 0)
		return;
	LIST_REMOVE(connection, link);
	sd_event_source_disable_unref(connection->timer);
	free(connection->waiting);
	free(connection);
}

/* Takes the channel back; what waits for the client is still for it to read. */
static void connection_end(struct connection *connection)
{
	if (connection->state == SOCKET_OPEN)
		connection_emit(connection, "socket-closed");
	connection->state = SOCKET_ENDED;
	connection->timer = sd_event_source_disable_unref(connection->timer);
	if (connection->port)
		hvsim_port_rescind(connection->port);
}

static int guest_send(struct connection *connection, const uint8_t *bytes, size_t len)
{
	uint8_t packet[8 + CHUNK];
	int err;

	hvsim_frame_put(packet, HVIC_PIPE_DATA, 4);
	hvsim_frame_put(packet + 4, len, 4);
	if (len)
		memcpy(packet + 8, bytes, len);
	err = hvsim_port_send(connection->port, HVSIM_FRAME_PACKET,
			      HVSIM_VMBUS_INBAND | HVSIM_PACKET_TELL, packet, 8 + len);
	if (!err)
		connection->flying++;
	return err;
}

/* An empty packet says that there will be no more. */
static void client_end(struct connection *connection)
{
	if (connection->state != SOCKET_OPEN || connection->client_ended)
		return;
	connection->client_ended = true;
	if (guest_send(connection, NULL, 0) < 0)
		connection_end(connection);
}

static int connection_on_timeout(sd_event_source *source, uint64_t usec, void *userdata);

static int timer_arm(struct connection *connection, uint64_t ms)
{
	connection->timer = sd_event_source_disable_unref(connection->timer);
	return sd_event_add_time_relative(connection->sockets->setting->event, &connection->timer,
					  CLOCK_MONOTONIC, ms * 1000, HVSIM_TIMER_ACCURACY_US,
					  connection_on_timeout, connection);
}

/* The client cannot be reached any more: the guest hears that it sends no more. */
static void client_lost(struct connection *connection)
{
	client_end(connection);
	client_close(connection);
	if (connection->state != SOCKET_OPEN || timer_arm(connection, LINGER_MS) < 0)
		connection_end(connection);
}

static void guest_hold(struct connection *connection, bool hold)
{
	if (connection->held == hold || connection->state != SOCKET_OPEN)
		return;
	connection->held = hold;
	hvsim_port_send(connection->port, HVSIM_FRAME_HOLD, hold, NULL, 0);
}

/* Gives the client what waits for it, as far as it takes it. */
static void client_flush(struct connection *connection)
{
	size_t done = 0;
	ssize_t sent = 0;

	while (done < connection->len) {
		sent = send(connection->fd, connection->waiting + done, connection->len - done,
			    MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			break;
		done += (size_t)sent;
	}
	if (sent < 0 && errno != EAGAIN) {
		client_lost(connection);
		return;
	}
	connection->len -= done;
	memmove(connection->waiting, connection->waiting + done, connection->len);
}

static int client_give(struct connection *connection, const void *bytes, size_t len)
{
	size_t size = connection->size ?: 4096;
	uint8_t *waiting;

	if (connection->fd < 0)
		return 0;
	while (size - connection->len < len)
		size *= 2;
	if (size != connection->size) {
		waiting = realloc(connection->waiting, size);
		if (!waiting)
			return -ENOMEM;
		connection->waiting = waiting;
		connection->size = size;
	}
	memcpy(connection->waiting + connection->len, bytes, len);
	connection->len += len;
	client_flush(connection);
	return 0;
}

static void client_watch(struct connection *connection)
{
	bool may_send = connection->state == SOCKET_OPEN && !connection->client_ended &&
			connection->flying < FLYING_MAX;
	bool must_wait = connection->flying >= FLYING_MAX && !connection->client_ended;
	uint32_t events = 0;

	if (connection->state == SOCKET_ASKED || may_send)
		events |= EPOLLIN;
	if (connection->len)
		events |= EPOLLOUT;
	sd_event_source_set_io_events(connection->io, events);
	/* a client that hangs up is heard of in any case, and too often while it must wait */
	sd_event_source_set_enabled(connection->io,
				    must_wait && !events ? SD_EVENT_OFF : SD_EVENT_ON);
}

/*
 * Whatever has happened, does what has become due; the connection may be gone
 * afterwards.
 */
static void connection_settle(struct connection *connection)
{
	size_t most = connection->held ? WAITING_LOW : WAITING_MAX;

	if (connection->state == SOCKET_OPEN) {
		guest_hold(connection, connection->len > most);
		if (connection->client_ended && !connection->flying &&
		    (connection->guest_ended || connection->fd < 0))
			connection_end(connection);
	}
	if (connection->fd >= 0 && !connection->len && connection->guest_ended &&
	    !connection->told) {
		connection->told = true;
		shutdown(connection->fd, SHUT_WR);
	}
	if (connection->state == SOCKET_ENDED && !connection->len)
		client_close(connection);
	if (connection->fd >= 0)
		client_watch(connection);
	connection_free_if_done(connection);
}

static int connection_on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct connection *connection = userdata;

	(void)source;
	(void)usec;
	connection_end(connection);
	client_close(connection);
	connection_free_if_done(connection);
	return 0;
}

/* ---- the channel ---- */

static void connection_on_opened(struct connection *connection)
{
	char ok[32];
	int len;

	if (connection->state != SOCKET_OFFERED)
		return;
	connection->state = SOCKET_OPEN;
	connection->timer = sd_event_source_disable_unref(connection->timer);
	connection_emit(connection, "socket-opened");
	if (connection->from_guest)
		return;
	len = snprintf(ok, sizeof(ok), "OK %u\n",
		       (unsigned int)hvsim_frame_get(connection->offer.instance_id, 4));
	if (client_give(connection, ok, (size_t)len) < 0)
		client_lost(connection);
}

static void connection_on_packet(struct connection *connection, const struct hvsim_frame *frame)
{
	uint32_t size;

	if (connection->state != SOCKET_OPEN)
		return;
	if (frame->length < 8 || hvsim_frame_get(frame->bytes, 4) != HVIC_PIPE_DATA ||
	    hvsim_frame_get(frame->bytes + 4, 4) > frame->length - 8) {
		connection_complain(connection,
				    "the guest sent a packet that is no part of a stream",
				    frame->bytes, frame->length);
		client_lost(connection);
		return;
	}
	size = (uint32_t)hvsim_frame_get(frame->bytes + 4, 4);
	if (!size)
		connection->guest_ended = true;
	else if (client_give(connection, frame->bytes + 8, size) < 0)
		client_lost(connection);
}

static void connection_on_frame(const struct hvsim_frame *frame, void *userdata)
{
	struct connection *connection = userdata;
	char text[256];

	switch (frame->type) {
	case HVSIM_FRAME_OPENED:
		connection_on_opened(connection);
		break;
	case HVSIM_FRAME_CLOSED:
		connection->guest_ended = true;
		connection_end(connection);
		break;
	case HVSIM_FRAME_PACKET:
		connection_on_packet(connection, frame);
		break;
	case HVSIM_FRAME_WRITTEN:
		if (connection->flying)
			connection->flying--;
		break;
	case HVSIM_FRAME_ANOMALY:
		snprintf(text, sizeof(text), "%.*s", (int)frame->length,
			 (const char *)frame->bytes);
		connection_complain(connection, text, NULL, 0);
		break;
	default:
		break;
	}
	connection_settle(connection);
}

static void connection_on_released(void *userdata)
{
	struct connection *connection = userdata;

	connection->port = NULL;
	connection_end(connection);
	connection_settle(connection);
}

static const struct hvsim_port_owner connection_owner = {
	.frame = connection_on_frame,
	.released = connection_on_released,
};

/* Puts the connection before the guest. */
static int connection_offer(struct connection *connection)
{
	struct hvsim_vmbus_offer *offer = &connection->offer;
	struct hvsim_sockets *sockets = connection->sockets;
	struct hvsim_link *link = hvsim_root_link(sockets->setting->root);
	int err;

	if (!hvsim_link_is_connected(link))
		return -ENOTCONN;
	offer->flags = HVSIM_OFFER_ENUMERATE | HVSIM_OFFER_PIPE | HVSIM_OFFER_SOCKET;
	offer->user[0] = HVSIM_PIPE_BYTE;
	offer->user[USER_FROM_HOST] = !connection->from_guest;
	err = timer_arm(connection, ACCEPT_MS);
	if (err < 0)
		return err;
	connection->state = SOCKET_OFFERED;
	return hvsim_port_new(&connection->port, link, offer, &connection_owner, connection);
}

/* ---- the client ---- */

/**
 * hvsim_sockets_service() - Find the service that a port or a GUID names.
 * @service: its GUID as on VMBus, 16 bytes, written
 * @name: a port, a decimal number of 32 bits, or a GUID
 *
 * Return: 0; -EINVAL when @name is neither.
 */
int hvsim_sockets_service(uint8_t service[16], const char *name)
{
	unsigned long long port;
	char *end;

	if (!hvsim_guid_parse(service, name))
		return 0;
	port = strtoull(name, &end, 10);
	if (*name < '0' || *name > '9' || *end || port > UINT32_MAX)
		return -EINVAL;
	memcpy(service, port_template, sizeof(port_template));
	hvsim_frame_put(service, port, 4);
	return 0;
}

/*
 * Takes the client's first line off the stream, and nothing of what is behind it;
 * returns whether it is whole, or a negative errno.
 */
static int request_read(struct connection *connection)
{
	char *line = connection->request;
	ssize_t got;
	char byte;

	while ((got = recv(connection->fd, &byte, 1, 0)) == 1 && byte != '\n') {
		if (connection->request_len == REQUEST_MAX - 1)
			return -EMSGSIZE;
		line[connection->request_len++] = byte;
	}
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!got)
		return -ECONNRESET;
	if (connection->request_len && line[connection->request_len - 1] == '\r')
		connection->request_len--;
	line[connection->request_len] = '\0';
	return 1;
}

/* Makes the offer that the client asks for; -EINVAL when its line is not understood. */
static int request_parse(struct connection *connection)
{
	static const char verb[] = "CONNECT ", container[] = " container";
	char *name = connection->request + strlen(verb), *end;

	if (strncmp(connection->request, verb, strlen(verb)))
		return -EINVAL;
	end = strchr(name, ' ');
	if (end && strcmp(end, container))
		return -EINVAL;
	if (end)
		*end = '\0';
	connection->offer.user[USER_CONTAINER] = !!end;
	return hvsim_sockets_service(connection->offer.class_id, name);
}

static void client_on_request(struct connection *connection)
{
	uint8_t *instance = connection->offer.instance_id;
	int whole = request_read(connection);

	if (!whole)
		return;
	if (whole < 0 || request_parse(connection) < 0 ||
	    getrandom(instance, sizeof(connection->offer.instance_id), 0) < 0 ||
	    connection_offer(connection) < 0)
		client_lost(connection);
}

static void client_on_input(struct connection *connection)
{
	uint8_t bytes[CHUNK];
	ssize_t got = recv(connection->fd, bytes, sizeof(bytes), 0);

	if (got > 0 && guest_send(connection, bytes, (size_t)got) < 0)
		connection_end(connection);
	else if (!got)
		client_end(connection);
	else if (got < 0 && errno != EAGAIN && errno != EINTR)
		client_lost(connection);
}

static int client_on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct connection *connection = userdata;
	bool may_read = connection->state == SOCKET_OPEN && !connection->client_ended;

	(void)source;
	(void)fd;
	if (revents & EPOLLOUT)
		client_flush(connection);
	if (connection->fd < 0)
		;	/* that was the end of it */
	else if (connection->state == SOCKET_ASKED && revents & EPOLLIN)
		client_on_request(connection);
	else if (may_read && revents & EPOLLIN)
		client_on_input(connection);
	else if (revents & (EPOLLHUP | EPOLLERR) && !(may_read && connection->flying >= FLYING_MAX))
		client_lost(connection);
	connection_settle(connection);
	return 0;
}

/* Takes @fd over, also when it fails. */
static struct connection *connection_new(struct hvsim_sockets *sockets, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	sd_event *event = sockets->setting->event;

	if (!connection || sd_event_add_io(event, &connection->io, fd, EPOLLIN, client_on_io,
					   connection) < 0) {
		free(connection);
		close(fd);
		return NULL;
	}
	connection->sockets = sockets;
	connection->fd = fd;
	LIST_INSERT_HEAD(&sockets->connections, connection, link);
	return connection;
}

static int sockets_on_client(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	(void)revents;
	fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		connection_new(userdata, fd);
	return 0;
}

/* ---- the guest ---- */

/* Connects to who listens for this service; the descriptor, or a negative errno. */
static int listener_connect(struct hvsim_sockets *sockets, const uint8_t *service)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[HVSIM_GUID_TEXT_LEN];
	int fd, len, err;

	if (!memcmp(service + 4, port_template + 4, sizeof(port_template) - 4))
		snprintf(name, sizeof(name), "%u", (unsigned int)hvsim_frame_get(service, 4));
	else
		hvsim_guid_format(name, service);
	len = snprintf(address.sun_path, sizeof(address.sun_path), "%s_%s", sockets->path, name);
	if (len < 0 || (size_t)len >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static void guest_refuse(struct hvsim_sockets *sockets, const uint8_t *asked)
{
	uint8_t result[2 * HVSIM_GUID_LEN + 4];

	memcpy(result, asked, sizeof(result) - 4);
	hvsim_frame_put(result + sizeof(result) - 4, STATUS_REFUSED, 4);
	hvsim_link_send(hvsim_root_link(sockets->setting->root), HVSIM_FRAME_RESULT, 0, result,
			sizeof(result));
}

/* The offer that answers a guest carries its own end of the connection. */
static void sockets_on_guest(struct hvsim_sockets *sockets, const uint8_t *asked)
{
	const uint8_t *endpoint = asked, *service = asked + HVSIM_GUID_LEN;
	struct connection *connection = NULL;
	int fd = listener_connect(sockets, service);

	if (fd >= 0)
		connection = connection_new(sockets, fd);
	if (!connection) {
		guest_refuse(sockets, asked);
		return;
	}
	connection->from_guest = true;
	memcpy(connection->offer.class_id, service, sizeof(connection->offer.class_id));
	memcpy(connection->offer.instance_id, endpoint, sizeof(connection->offer.instance_id));
	if (connection_offer(connection) < 0)
		client_lost(connection);
	connection_settle(connection);
}

static void sockets_on_root(const struct hvsim_frame *frame, void *userdata)
{
	if (frame->type == HVSIM_FRAME_CONNECT)
		sockets_on_guest(userdata, frame->bytes);
}

/**
 * hvsim_sockets_new() - Have Hyper-V sockets on a bus, at vsock.sock.
 * @ret: the sockets
 * @setting: what they live in, with a bus of hvsim's; must outlive them
 *
 * Return: 0; -ENOMEM; the errno of opening the socket; what the loop said.
 */
int hvsim_sockets_new(struct hvsim_sockets **ret, const struct hvsim_setting *setting)
{
	struct hvsim_sockets *sockets = calloc(1, sizeof(*sockets));
	int err = -ENOMEM;

	if (!sockets)
		return -ENOMEM;
	sockets->setting = setting;
	sockets->fd = -1;
	sockets->watch.frame = sockets_on_root;
	sockets->watch.userdata = sockets;
	hvsim_root_watch(setting->root, &sockets->watch);
	if (asprintf(&sockets->path, "%s/vsock.sock", setting->options.directory) < 0) {
		sockets->path = NULL;
		goto fail;
	}
	err = hvsim_stream_listen(sockets->path);
	if (err < 0)
		goto fail;
	sockets->fd = err;
	err = sd_event_add_io(setting->event, &sockets->listener, sockets->fd, EPOLLIN,
			      sockets_on_client, sockets);
	if (err < 0)
		goto fail;
	*ret = sockets;
	return 0;

fail:
	hvsim_sockets_free(sockets);
	return err;
}

/**
 * hvsim_sockets_free() - End all connections.
 * @sockets: may be NULL
 */
void hvsim_sockets_free(struct hvsim_sockets *sockets)
{
	struct connection *connection;

	if (!sockets)
		return;
	hvsim_root_unwatch(&sockets->watch);
	while ((connection = LIST_FIRST(&sockets->connections))) {
		client_close(connection);
		if (connection->port)
			hvsim_port_abandon(connection->port);
		connection->port = NULL;
		connection_free_if_done(connection);
	}
	sd_event_source_disable_unref(sockets->listener);
	if (sockets->fd >= 0) {
		close(sockets->fd);
		unlink(sockets->path);
	}
	free(sockets->path);
	free(sockets);
}
