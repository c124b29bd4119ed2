// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the guest posts to the bus.
 */
#include <stdlib.h>
#include <string.h>

#include "hvsim_bus.h"
#include "hvsim_bus_state.h"

static const uint32_t versions[] = {
	HVSIM_VMBUS_OLDEST,
	HVSIM_VMBUS_VERSION(3, 0),
	HVSIM_VMBUS_VERSION(4, 0),
	HVSIM_VMBUS_VERSION(4, 1),
	HVSIM_VMBUS_VERSION(5, 0),
	HVSIM_VMBUS_VERSION(5, 1),
	HVSIM_VMBUS_VERSION(5, 2),
	HVSIM_VMBUS_VERSION(5, 3),
	HVSIM_VMBUS_NEWEST,
};

static bool version_is_known(uint32_t version)
{
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i] == version)
			return true;
	return false;
}

static void on_contact(struct hvsim_bus *bus, const void *message)
{
	const struct hvsim_vmbus_contact *contact = message;
	struct hvsim_vmbus_version_response answer = { .head.type = HVSIM_VERSION_RESPONSE };
	bool supported = version_is_known(contact->version) && contact->version <= bus->limit;

	hvsim_bus_disconnect(bus);
	bus->vp = contact->vp;
	bus->sint = HVSIM_VMBUS_SINT;
	if (contact->version >= HVSIM_VMBUS_SINTS && contact->sint < HVSIM_VMBUS_SINTS_MAX)
		bus->sint = contact->sint;
	if (supported) {
		bus->version = contact->version;
		answer.supported = 1;
		answer.connection = contact->version >= HVSIM_VMBUS_SINTS ?
				    HVSIM_VMBUS_CONNECTION_SINTS : HVSIM_VMBUS_CONNECTION;
	}
	hvsim_bus_tell_all(bus, HVSIM_FRAME_CONTACT, supported, &contact->version,
			   sizeof(contact->version) + sizeof(contact->vp));
	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_CONTACT, .message = &answer, .len = sizeof(answer),
		.status = offsetof(struct hvsim_vmbus_version_response, supported),
	});
}

static void on_request(struct hvsim_bus *bus, const void *message)
{
	struct hvsim_vmbus_head answer = { .type = HVSIM_ALL_OFFERS_DELIVERED };
	struct hvsim_bus_channel *channel;

	(void)message;
	if (bus->requested)
		hvsim_bus_complain(bus, NULL, "the guest asks for offers, which it has");
	bus->requested = true;
	TAILQ_FOREACH(channel, &bus->channels, link)
		if (!channel->relid && !channel->rescinded)
			hvsim_bus_channel_offer(bus, channel);
	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_REQUEST, .message = &answer, .len = sizeof(answer),
	});
	hvsim_bus_tell_all(bus, HVSIM_FRAME_REQUESTED, 0, NULL, 0);
}

/* The channel that the guest means; when there is none, the host knows it now. */
static struct hvsim_bus_channel *channel_named(struct hvsim_bus *bus, uint32_t relid,
					       const char *what)
{
	struct hvsim_bus_channel *channel = hvsim_bus_channel_by_relid(bus, relid);

	if (!channel)
		hvsim_bus_complain(bus, NULL, "%s of the relid %u, which is no channel's", what,
				   relid);
	return channel;
}

static struct hvsim_gpadl *gpadl_find(struct hvsim_bus *bus, uint32_t id)
{
	struct hvsim_gpadl *gpadl;

	TAILQ_FOREACH(gpadl, &bus->gpadls, link)
		if (gpadl->id == id)
			return gpadl;
	return NULL;
}

static void gpadl_answer(struct hvsim_bus *bus, uint32_t relid, uint32_t id, uint32_t status)
{
	struct hvsim_vmbus_gpadl_created answer = {
		.head.type = HVSIM_GPADL_CREATED,
		.relid = relid,
		.gpadl = id,
		.status = status,
	};

	if (status)
		hvsim_bus_complain(bus, hvsim_bus_channel_by_relid(bus, relid),
				   "memory, GPADL %#x, that cannot be used", id);
	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_GPADL, .channel = hvsim_bus_channel_by_relid(bus, relid),
		.message = &answer, .len = sizeof(answer),
		.about = offsetof(struct hvsim_vmbus_gpadl_created, gpadl),
		.status = offsetof(struct hvsim_vmbus_gpadl_created, status),
	});
}

/* The guest may have told of all pages: then they are mapped, and it is answered. */
static void gpadl_advance(struct hvsim_bus *bus, struct hvsim_gpadl *gpadl)
{
	uint32_t relid = gpadl->relid, id = gpadl->id;

	if (!hvsim_gpadl_is_complete(gpadl))
		return;
	if (hvsim_gpadl_map(gpadl, bus->platform, bus->userdata) < 0) {
		hvsim_bus_gpadl_drop(bus, gpadl);
		gpadl_answer(bus, relid, id, HVSIM_STATUS_INVALID);
		return;
	}
	gpadl_answer(bus, relid, id, HVSIM_STATUS_OK);
}

/* Keeps a GPADL as far as the guest has told of it; NULL when it cannot be had. */
static struct hvsim_gpadl *gpadl_begin(struct hvsim_bus *bus, const void *message, size_t len)
{
	struct hvsim_gpadl *gpadl;

	if (bus->gpadl_count >= HVSIM_BUS_GPADLS_MAX || hvsim_gpadl_new(&gpadl, message, len) < 0)
		return NULL;
	if (gpadl->count > HVSIM_BUS_GPADL_PAGES_MAX - bus->gpadl_pages) {
		hvsim_gpadl_free(gpadl, bus->platform, bus->userdata);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&bus->gpadls, gpadl, link);
	bus->gpadl_count++;
	bus->gpadl_pages += gpadl->count;
	return gpadl;
}

static void on_gpadl_header(struct hvsim_bus *bus, const void *message, size_t len)
{
	const struct hvsim_vmbus_gpadl_header *header = message;
	struct hvsim_gpadl *gpadl = NULL;

	if (channel_named(bus, header->relid, "memory") && !gpadl_find(bus, header->gpadl))
		gpadl = gpadl_begin(bus, message, len);
	if (gpadl)
		gpadl_advance(bus, gpadl);
	else
		gpadl_answer(bus, header->relid, header->gpadl, HVSIM_STATUS_INVALID);
}

static void on_gpadl_body(struct hvsim_bus *bus, const void *message, size_t len)
{
	const struct hvsim_vmbus_gpadl_body *body = message;
	struct hvsim_gpadl *gpadl = gpadl_find(bus, body->gpadl);
	uint32_t relid;

	if (!gpadl || hvsim_gpadl_is_complete(gpadl)) {
		hvsim_bus_complain(bus, NULL, "more of GPADL %#x, which is %s", body->gpadl,
				   gpadl ? "complete" : "not there");
		return;
	}
	relid = gpadl->relid;
	if (hvsim_gpadl_add(gpadl, message, len) < 0) {
		hvsim_bus_gpadl_drop(bus, gpadl);
		gpadl_answer(bus, relid, body->gpadl, HVSIM_STATUS_INVALID);
		return;
	}
	gpadl_advance(bus, gpadl);
}

static void on_gpadl_teardown(struct hvsim_bus *bus, const void *message)
{
	const struct hvsim_vmbus_gpadl_teardown *teardown = message;
	struct hvsim_vmbus_gpadl_torndown answer = {
		.head.type = HVSIM_GPADL_TORNDOWN,
		.gpadl = teardown->gpadl,
	};
	struct hvsim_gpadl *gpadl = gpadl_find(bus, teardown->gpadl);
	struct hvsim_bus_channel *channel = hvsim_bus_channel_by_relid(bus, teardown->relid);

	if (!gpadl || gpadl->relid != teardown->relid) {
		hvsim_bus_complain(bus, channel, "takes back GPADL %#x, which is not there",
				   teardown->gpadl);
		return;
	}
	if (channel && channel->open && channel->gpadl == gpadl->id) {
		hvsim_bus_complain(bus, channel, "takes back the memory of open rings");
		hvsim_bus_channel_close(bus, channel);
	}
	hvsim_bus_gpadl_drop(bus, gpadl);
	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_TEARDOWN, .channel = channel,
		.message = &answer, .len = sizeof(answer),
		.about = offsetof(struct hvsim_vmbus_gpadl_torndown, gpadl),
	});
}

static void on_open(struct hvsim_bus *bus, const void *message)
{
	const struct hvsim_vmbus_open *open = message;
	struct hvsim_bus_channel *channel = channel_named(bus, open->relid, "an open");
	struct hvsim_vmbus_open_result answer = {
		.head.type = HVSIM_OPEN_CHANNEL_RESULT,
		.relid = open->relid,
		.open_id = open->open_id,
		.status = HVSIM_STATUS_INVALID,
	};
	bool opened;

	if (channel)
		answer.status = hvsim_bus_channel_open(bus, channel, open);
	opened = !answer.status;
	/* a guest cannot know yet that a channel was taken back meanwhile */
	if (channel && !opened && !channel->rescinded)
		hvsim_bus_complain(bus, channel, "an open that was refused, %#x", answer.status);
	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_OPEN, .channel = channel,
		.message = &answer, .len = sizeof(answer),
		.about = offsetof(struct hvsim_vmbus_open_result, relid),
		.status = offsetof(struct hvsim_vmbus_open_result, status),
	});
	channel = hvsim_bus_channel_by_relid(bus, open->relid);
	if (!opened || !channel || !channel->open)
		return;
	/* a refusal that was none: the guest will not use the rings */
	if (answer.status) {
		hvsim_bus_channel_close(bus, channel);
		return;
	}
	channel->announced = true;
	hvsim_bus_tell(bus, channel, HVSIM_FRAME_OPENED, 0, &channel->vp, sizeof(channel->vp));
	/* for what is in the ring already, there will be no signal */
	hvsim_bus_channel_drain(bus, channel);
}

static void on_close(struct hvsim_bus *bus, const void *message)
{
	const struct hvsim_vmbus_relid *close = message;
	struct hvsim_bus_channel *channel = channel_named(bus, close->relid, "a close");

	if (!channel)
		return;
	if (!channel->open && !channel->rescinded)
		hvsim_bus_complain(bus, channel, "closes what is not open");
	hvsim_bus_channel_close(bus, channel);
	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_CLOSE, .channel = channel });
}

static void on_release(struct hvsim_bus *bus, const void *message)
{
	const struct hvsim_vmbus_relid *release = message;
	struct hvsim_bus_channel *channel = channel_named(bus, release->relid, "a release");
	struct hvsim_vmbus_relid again = {
		.head.type = HVSIM_RESCIND_CHANNEL_OFFER,
		.relid = release->relid,
	};
	struct hvsim_bus_armed *armed;

	if (!channel)
		return;
	if (!channel->rescinded) {
		hvsim_bus_complain(bus, channel, "lets go of what was not taken back");
		return;
	}
	armed = hvsim_bus_trick_take(bus, HVSIM_STEP_RELEASE, channel);
	hvsim_bus_channel_release(bus, channel);
	/* whatever the trick: all that can be done is to take it back once more */
	if (armed)
		hvsim_bus_post(bus, &again, sizeof(again));
	free(armed);
	/* after that, for it may be with the same relid */
	hvsim_bus_channel_offer_next(bus);
}

/* Status of a move; when there can be none, the host knows why. */
static uint32_t move_check(struct hvsim_bus *bus, const struct hvsim_bus_channel *channel,
			   uint32_t vp)
{
	if (!channel)
		return HVSIM_STATUS_INVALID;
	if (!channel->open || bus->version < HVSIM_VMBUS_MOVES) {
		hvsim_bus_complain(bus, channel, "moves what cannot be moved");
		return HVSIM_STATUS_INVALID;
	}
	if (!bus->platform->has_vp(bus->userdata, vp)) {
		hvsim_bus_complain(bus, channel, "moves to processor %u, which is not there", vp);
		return HVSIM_STATUS_INVALID;
	}
	return HVSIM_STATUS_OK;
}

static void on_modify(struct hvsim_bus *bus, const void *message)
{
	const struct hvsim_vmbus_modify *modify = message;
	struct hvsim_bus_channel *channel = channel_named(bus, modify->relid, "a move");
	struct hvsim_vmbus_modify_response answer = {
		.head.type = HVSIM_MODIFY_CHANNEL_RESPONSE,
		.relid = modify->relid,
		.status = move_check(bus, channel, modify->vp),
	};
	bool possible = !answer.status;

	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_MOVE, .channel = channel,
		.message = bus->version < HVSIM_VMBUS_ANSWERS_MOVES ? NULL : &answer,
		.len = sizeof(answer),
		.about = offsetof(struct hvsim_vmbus_modify_response, relid),
		.status = offsetof(struct hvsim_vmbus_modify_response, status),
	});
	channel = hvsim_bus_channel_by_relid(bus, modify->relid);
	/* what the guest was refused is not done, reason or not */
	if (!possible || answer.status || !channel || !channel->open)
		return;
	channel->vp = modify->vp;
	hvsim_bus_tell(bus, channel, HVSIM_FRAME_MOVED, 0, &channel->vp, sizeof(channel->vp));
	/* what the old processor was told last it may not have seen */
	hvsim_bus_channel_interrupt(bus, channel);
}

static void on_unload(struct hvsim_bus *bus, const void *message)
{
	struct hvsim_vmbus_head answer = { .type = HVSIM_UNLOAD_RESPONSE };

	(void)message;
	hvsim_bus_disconnect(bus);
	hvsim_bus_tell_all(bus, HVSIM_FRAME_UNLOADED, 0, NULL, 0);
	hvsim_bus_reply(bus, &(struct hvsim_bus_reply){
		.step = HVSIM_STEP_UNLOAD, .message = &answer, .len = sizeof(answer),
	});
}

static void on_connect(struct hvsim_bus *bus, const void *message)
{
	const struct hvsim_vmbus_connect *connect = message;

	hvsim_bus_tell_all(bus, HVSIM_FRAME_CONNECT, 0, connect->endpoint_id,
			   sizeof(connect->endpoint_id) + sizeof(connect->service_id));
}

/**
 * struct handler - what to do with a message of the guest
 * @size: bytes that it has at least
 * @handle: gets the message
 * @handle_sized: likewise, for one whose length says something
 * @without_contact: is heard before a version is agreed on; ends all that was, also
 *	what waits for the guest
 */
struct handler {
	size_t size;
	void (*handle)(struct hvsim_bus *bus, const void *message);
	void (*handle_sized)(struct hvsim_bus *bus, const void *message, size_t len);
	bool without_contact;
};

static const struct handler handlers[] = {
	[HVSIM_REQUEST_OFFERS] = { sizeof(struct hvsim_vmbus_head), on_request },
	[HVSIM_OPEN_CHANNEL] = { sizeof(struct hvsim_vmbus_open), on_open },
	[HVSIM_CLOSE_CHANNEL] = { sizeof(struct hvsim_vmbus_relid), on_close },
	[HVSIM_GPADL_HEADER] = { sizeof(struct hvsim_vmbus_gpadl_header),
				 .handle_sized = on_gpadl_header },
	[HVSIM_GPADL_BODY] = { sizeof(struct hvsim_vmbus_gpadl_body),
			       .handle_sized = on_gpadl_body },
	[HVSIM_GPADL_TEARDOWN] = { sizeof(struct hvsim_vmbus_gpadl_teardown), on_gpadl_teardown },
	[HVSIM_RELID_RELEASED] = { sizeof(struct hvsim_vmbus_relid), on_release },
	[HVSIM_INITIATE_CONTACT] = { sizeof(struct hvsim_vmbus_contact), on_contact,
				     .without_contact = true },
	[HVSIM_UNLOAD] = { sizeof(struct hvsim_vmbus_head), on_unload, .without_contact = true },
	[HVSIM_TL_CONNECT_REQUEST] = { sizeof(struct hvsim_vmbus_connect), on_connect },
	[HVSIM_MODIFY_CHANNEL] = { sizeof(struct hvsim_vmbus_modify), on_modify },
};

/* NULL for a type that no guest sends. */
static const struct handler *handler_find(uint32_t type)
{
	if (type < sizeof(handlers) / sizeof(handlers[0]) && handlers[type].size)
		return &handlers[type];
	return NULL;
}

static void message_handle(struct hvsim_bus *bus, uint32_t type, const void *message, size_t len)
{
	const struct handler *handler = handler_find(type);

	if (!handler)
		hvsim_bus_complain(bus, NULL, "a message of the type %u, which no guest sends",
				   type);
	else if (len < handler->size)
		hvsim_bus_complain(bus, NULL, "a message of the type %u with %zu of %zu bytes",
				   type, len, handler->size);
	else if (!bus->version && !handler->without_contact)
		hvsim_bus_complain(bus, NULL, "a message of the type %u before any contact",
				   type);
	else if (handler->handle)
		handler->handle(bus, message);
	else
		handler->handle_sized(bus, message, len);
}

/*
 * Whether there is room for what the message brings about.  A guest that starts
 * anew is always heard: one that died may have left the queue full.
 */
static bool message_is_heard(const struct hvsim_bus *bus, uint32_t type)
{
	const struct handler *handler = handler_find(type);

	return bus->post_count < HVSIM_BUS_POSTS_MAX || (handler && handler->without_contact);
}

/**
 * hvsim_bus_receive() - The guest posts a message.
 * @bus: which
 * @connection: to where
 * @type: SynIC message type
 * @bytes: the message
 * @len: bytes at @bytes
 *
 * Return: status of the hypercall, HVSIM_HV_*.  After HVSIM_HV_INSUFFICIENT_BUFFERS
 * nothing has happened, and guests try again.
 */
int hvsim_bus_receive(struct hvsim_bus *bus, uint32_t connection, uint32_t type,
		      const void *bytes, size_t len)
{
	struct hvsim_vmbus_head head;

	/* a host that does not know the newer versions has no such connection */
	if (connection != HVSIM_VMBUS_CONNECTION &&
	    (connection != HVSIM_VMBUS_CONNECTION_SINTS || bus->limit < HVSIM_VMBUS_SINTS))
		return HVSIM_HV_INVALID_CONNECTION;
	if (type != HVSIM_VMBUS_MESSAGE || len < sizeof(struct hvsim_vmbus_head) ||
	    len > HVSIM_VMBUS_MESSAGE_MAX) {
		hvsim_bus_complain(bus, NULL, "a SynIC message of type %u and %zu bytes", type,
				   len);
		return HVSIM_HV_INVALID_PARAMETER;
	}
	memcpy(&head, bytes, sizeof(head));
	if (!message_is_heard(bus, head.type))
		return HVSIM_HV_INSUFFICIENT_BUFFERS;
	if (bus->trace)
		hvsim_bus_tell_all(bus, HVSIM_FRAME_TRACED, 1, bytes, len);
	message_handle(bus, head.type, bytes, len);
	return HVSIM_HV_SUCCESS;
}
