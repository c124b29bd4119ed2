// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VMBus's own messages in words.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "hvsim_channel_message.h"
#include "hvsim_frame.h"
#include "hvsim_guid.h"
#include "hvsim_vmbus.h"

/* Fields that one message can have. */
#define FIELDS_MAX	6

enum field_kind {
	NUMBER,
	HEXADECIMAL,
	VERSION,
	GUID,
};

/**
 * struct field - a part of a message that is worth telling
 * @name: for people
 * @kind: how to write it
 * @offset: where it is, in bytes
 * @size: bytes
 */
struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
	size_t size;
};

#define FIELD(name, kind, type, member) \
	{ name, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) }

static const struct {
	const char *name;
	struct field fields[FIELDS_MAX];
} messages[] = {
	[HVSIM_OFFER_CHANNEL] = { "offer-channel", {
		FIELD("relid", NUMBER, hvsim_vmbus_offer_channel, relid),
		FIELD("class", GUID, hvsim_vmbus_offer_channel, offer.class_id),
		FIELD("instance", GUID, hvsim_vmbus_offer_channel, offer.instance_id),
		FIELD("flags", HEXADECIMAL, hvsim_vmbus_offer_channel, offer.flags),
		FIELD("sub-channel", NUMBER, hvsim_vmbus_offer_channel, offer.sub_channel),
		FIELD("connection", HEXADECIMAL, hvsim_vmbus_offer_channel, connection),
	} },
	[HVSIM_RESCIND_CHANNEL_OFFER] = { "rescind-channel-offer", {
		FIELD("relid", NUMBER, hvsim_vmbus_relid, relid),
	} },
	[HVSIM_REQUEST_OFFERS] = { "request-offers" },
	[HVSIM_ALL_OFFERS_DELIVERED] = { "all-offers-delivered" },
	[HVSIM_OPEN_CHANNEL] = { "open-channel", {
		FIELD("relid", NUMBER, hvsim_vmbus_open, relid),
		FIELD("open-id", NUMBER, hvsim_vmbus_open, open_id),
		FIELD("gpadl", HEXADECIMAL, hvsim_vmbus_open, gpadl),
		FIELD("processor", NUMBER, hvsim_vmbus_open, vp),
		FIELD("downstream-page", NUMBER, hvsim_vmbus_open, downstream_page),
	} },
	[HVSIM_OPEN_CHANNEL_RESULT] = { "open-channel-result", {
		FIELD("relid", NUMBER, hvsim_vmbus_open_result, relid),
		FIELD("open-id", NUMBER, hvsim_vmbus_open_result, open_id),
		FIELD("status", HEXADECIMAL, hvsim_vmbus_open_result, status),
	} },
	[HVSIM_CLOSE_CHANNEL] = { "close-channel", {
		FIELD("relid", NUMBER, hvsim_vmbus_relid, relid),
	} },
	[HVSIM_GPADL_HEADER] = { "gpadl-header", {
		FIELD("relid", NUMBER, hvsim_vmbus_gpadl_header, relid),
		FIELD("gpadl", HEXADECIMAL, hvsim_vmbus_gpadl_header, gpadl),
		FIELD("range-bytes", NUMBER, hvsim_vmbus_gpadl_header, range_bytes),
		FIELD("range-count", NUMBER, hvsim_vmbus_gpadl_header, range_count),
	} },
	[HVSIM_GPADL_BODY] = { "gpadl-body", {
		FIELD("number", NUMBER, hvsim_vmbus_gpadl_body, number),
		FIELD("gpadl", HEXADECIMAL, hvsim_vmbus_gpadl_body, gpadl),
	} },
	[HVSIM_GPADL_CREATED] = { "gpadl-created", {
		FIELD("relid", NUMBER, hvsim_vmbus_gpadl_created, relid),
		FIELD("gpadl", HEXADECIMAL, hvsim_vmbus_gpadl_created, gpadl),
		FIELD("status", HEXADECIMAL, hvsim_vmbus_gpadl_created, status),
	} },
	[HVSIM_GPADL_TEARDOWN] = { "gpadl-teardown", {
		FIELD("relid", NUMBER, hvsim_vmbus_gpadl_teardown, relid),
		FIELD("gpadl", HEXADECIMAL, hvsim_vmbus_gpadl_teardown, gpadl),
	} },
	[HVSIM_GPADL_TORNDOWN] = { "gpadl-torndown", {
		FIELD("gpadl", HEXADECIMAL, hvsim_vmbus_gpadl_torndown, gpadl),
	} },
	[HVSIM_RELID_RELEASED] = { "relid-released", {
		FIELD("relid", NUMBER, hvsim_vmbus_relid, relid),
	} },
	[HVSIM_INITIATE_CONTACT] = { "initiate-contact", {
		FIELD("version", VERSION, hvsim_vmbus_contact, version),
		FIELD("processor", NUMBER, hvsim_vmbus_contact, vp),
		FIELD("interrupt", HEXADECIMAL, hvsim_vmbus_contact, interrupt_page),
	} },
	[HVSIM_VERSION_RESPONSE] = { "version-response", {
		FIELD("supported", NUMBER, hvsim_vmbus_version_response, supported),
		FIELD("state", NUMBER, hvsim_vmbus_version_response, state),
		FIELD("connection", NUMBER, hvsim_vmbus_version_response, connection),
	} },
	[HVSIM_UNLOAD] = { "unload" },
	[HVSIM_UNLOAD_RESPONSE] = { "unload-response" },
	[HVSIM_TL_CONNECT_REQUEST] = { "tl-connect-request", {
		FIELD("endpoint", GUID, hvsim_vmbus_connect, endpoint_id),
		FIELD("service", GUID, hvsim_vmbus_connect, service_id),
	} },
	[HVSIM_MODIFY_CHANNEL] = { "modify-channel", {
		FIELD("relid", NUMBER, hvsim_vmbus_modify, relid),
		FIELD("processor", NUMBER, hvsim_vmbus_modify, vp),
	} },
	[HVSIM_TL_CONNECT_RESULT] = { "tl-connect-result", {
		FIELD("endpoint", GUID, hvsim_vmbus_connect_result, endpoint_id),
		FIELD("service", GUID, hvsim_vmbus_connect_result, service_id),
		FIELD("status", HEXADECIMAL, hvsim_vmbus_connect_result, status),
	} },
	[HVSIM_MODIFY_CHANNEL_RESPONSE] = { "modify-channel-response", {
		FIELD("relid", NUMBER, hvsim_vmbus_modify_response, relid),
		FIELD("status", HEXADECIMAL, hvsim_vmbus_modify_response, status),
	} },
};

static int field_write(char *text, size_t size, const struct field *field, const uint8_t *message)
{
	const uint8_t *at = message + field->offset;
	char guid[HVSIM_GUID_TEXT_LEN];
	uint64_t value = 0;

	if (field->kind == GUID) {
		hvsim_guid_format(guid, at);
		return snprintf(text, size, "%s %s", field->name, guid);
	}
	value = hvsim_frame_get(at, (unsigned int)field->size);
	switch (field->kind) {
	case VERSION:
		return snprintf(text, size, "%s %" PRIu64 ".%" PRIu64, field->name, value >> 16,
				value & 0xffff);
	case HEXADECIMAL:
		return snprintf(text, size, "%s 0x%" PRIx64, field->name, value);
	default:
		return snprintf(text, size, "%s %" PRIu64, field->name, value);
	}
}

/* Bytes that an output of snprintf(), which may have been cut, really has. */
static size_t text_len(int wanted, size_t size)
{
	if (wanted < 0 || !size)
		return 0;
	return (size_t)wanted < size ? (size_t)wanted : size - 1;
}

/**
 * hvsim_channel_message_describe() - Say in words what a message on VMBus is.
 * @text: where to write; terminated when @size is not 0
 * @size: bytes at @text; what does not fit is cut
 * @bytes: the message, anything at all
 * @len: bytes at @bytes
 *
 * Fields that are not there are left out.
 *
 * Return: bytes written to @text, without the terminator.
 */
size_t hvsim_channel_message_describe(char *text, size_t size, const void *bytes, size_t len)
{
	const struct field *field;
	const char *before = ": ";
	uint32_t type;
	size_t used, i;

	if (len < sizeof(type))
		return text_len(snprintf(text, size, "%zu bytes that are no message", len), size);
	type = (uint32_t)hvsim_frame_get(bytes, sizeof(type));
	if (type >= sizeof(messages) / sizeof(messages[0]) || !messages[type].name)
		return text_len(snprintf(text, size, "message of unknown type %u", type), size);
	used = text_len(snprintf(text, size, "%s", messages[type].name), size);
	for (i = 0; i < FIELDS_MAX && messages[type].fields[i].name; i++) {
		field = &messages[type].fields[i];
		if (field->offset + field->size > len)
			continue;
		used += text_len(snprintf(text + used, size - used, "%s", before), size - used);
		used += text_len(field_write(text + used, size - used, field, bytes), size - used);
		before = ", ";
	}
	return used;
}
