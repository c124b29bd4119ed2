// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests as a host sends them, and a host's judgement of the answers.
 */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hvsim_message.h"

#define HVSIM_FLAGS_REQUEST	(HVIC_FLAG_TRANSACTION | HVIC_FLAG_REQUEST)

static uint32_t version_read(const struct hvic_version *version)
{
	return HVIC_VERSION(le16toh(version->major), le16toh(version->minor));
}

static struct hvic_version version_write(uint32_t version)
{
	struct hvic_version wire = {
		.major = htole16(HVIC_VERSION_MAJOR(version)),
		.minor = htole16(HVIC_VERSION_MINOR(version)),
	};

	return wire;
}

/**
 * hvsim_message_build() - Write a message as its fields say.
 * @buf: where to write; may hold the body already, in its place
 * @size: bytes at @buf
 * @message: all of it is used as it is, but for @has_header; a size that lies
 *	is sent as the lie it is, and @body_len bytes of @body follow
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small.
 */
int hvsim_message_build(void *buf, size_t size, const struct hvsim_message *message)
{
	struct hvic_pipe_hdr pipe = {
		.type = htole32(message->pipe_type),
		.size = htole32(message->pipe_size),
	};
	struct hvic_hdr header = {
		.framework = version_write(message->framework),
		.type = htole16(message->type),
		.message = version_write(message->version),
		.size = htole16(message->body_size),
		.status = htole32(message->status),
		.transaction = message->transaction,
		.flags = message->flags,
		.reserved = { message->reserved & 0xff, message->reserved >> 8 },
	};
	uint8_t *to = buf;

	if (size < HVIC_HDR_LEN || size - HVIC_HDR_LEN < message->body_len)
		return -EMSGSIZE;

	memcpy(to, &pipe, sizeof(pipe));
	memcpy(to + sizeof(pipe), &header, sizeof(header));
	if (message->body_len && message->body != to + HVIC_HDR_LEN)
		memcpy(to + HVIC_HDR_LEN, message->body, message->body_len);
	return (int)(HVIC_HDR_LEN + message->body_len);
}

/**
 * hvsim_message_build_request() - Write a well-formed request.
 * @buf: where to write; may hold the body already, in its place
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @type: an enum hvic_type
 * @versions: what was negotiated
 * @body: of the request
 * @body_len: bytes at @body
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small.
 */
int hvsim_message_build_request(void *buf, size_t size, uint8_t transaction, uint16_t type,
				const struct hvsim_versions *versions, const void *body,
				size_t body_len)
{
	struct hvsim_message message = {
		.pipe_type = HVIC_PIPE_DATA,
		.pipe_size = (uint32_t)(sizeof(struct hvic_hdr) + body_len),
		.framework = versions->framework,
		.version = versions->message,
		.type = type,
		.body_size = (uint16_t)body_len,
		.transaction = transaction,
		.flags = HVSIM_FLAGS_REQUEST,
		.body = body,
		.body_len = body_len,
	};

	return hvsim_message_build(buf, size, &message);
}

/**
 * hvsim_message_build_offer() - Write a version offer.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @offer: the versions, which may be none, or more than a guest stands
 *
 * Return: bytes written; -EMSGSIZE when @buf, or the largest message there can
 * be, is too small.
 */
int hvsim_message_build_offer(void *buf, size_t size, uint8_t transaction,
			      const struct hvsim_offer *offer)
{
	static const struct hvsim_versions none;
	struct hvic_negotiate head = {
		.framework_count = htole16((uint16_t)offer->framework_count),
		.message_count = htole16((uint16_t)offer->message_count),
	};
	size_t count = offer->framework_count + offer->message_count;
	size_t most = (HVIC_PIPE_MAX - HVIC_HDR_LEN - sizeof(head)) / sizeof(struct hvic_version);
	uint8_t *body = (uint8_t *)buf + HVIC_HDR_LEN;
	size_t len = sizeof(head) + count * sizeof(struct hvic_version);
	size_t i;

	if (count > most || size < HVIC_HDR_LEN || size - HVIC_HDR_LEN < len)
		return -EMSGSIZE;

	memcpy(body, &head, sizeof(head));
	for (i = 0; i < count; i++) {
		struct hvic_version version = version_write(i < offer->framework_count ?
			offer->framework[i] : offer->message[i - offer->framework_count]);

		memcpy(body + sizeof(head) + i * sizeof(version), &version, sizeof(version));
	}
	return hvsim_message_build_request(buf, size, transaction, HVIC_TYPE_NEGOTIATE, &none,
					   body, len);
}

/* The body, cut or padded with zeros to @body_len, as a request. */
static int request_build_sized(void *buf, size_t size, uint8_t transaction, uint16_t type,
			       const struct hvsim_versions *versions, const void *body,
			       size_t full, size_t body_len)
{
	uint8_t sized[HVSIM_BODY_LEN_MAX] = { 0 };

	if (body_len > sizeof(sized))
		return -EMSGSIZE;
	memcpy(sized, body, full < body_len ? full : body_len);
	return hvsim_message_build_request(buf, size, transaction, type, versions, sized, body_len);
}

/**
 * hvsim_message_build_heartbeat() - Write a heartbeat.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @versions: what was negotiated
 * @sequence: number of the beat
 * @body_len: bytes of body, at most HVSIM_BODY_LEN_MAX; hosts differ
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small or @body_len too large.
 */
int hvsim_message_build_heartbeat(void *buf, size_t size, uint8_t transaction,
				  const struct hvsim_versions *versions, uint64_t sequence,
				  size_t body_len)
{
	struct hvic_heartbeat body = { .sequence = htole64(sequence) };

	return request_build_sized(buf, size, transaction, HVIC_TYPE_HEARTBEAT, versions, &body,
				   sizeof(body), body_len);
}

/**
 * hvsim_message_build_shutdown() - Write a shutdown request.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @versions: what was negotiated
 * @power: what to say
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small or the text too long.
 */
int hvsim_message_build_shutdown(void *buf, size_t size, uint8_t transaction,
				 const struct hvsim_versions *versions,
				 const struct hvsim_power *power)
{
	struct hvic_shutdown body = {
		.reason = htole32(power->reason),
		.timeout = htole32(power->timeout),
		.flags = htole32(power->flags),
	};

	if (power->text_len > sizeof(body.text))
		return -EMSGSIZE;
	if (power->text_len)
		memcpy(body.text, power->text, power->text_len);
	return hvsim_message_build_request(buf, size, transaction, HVIC_TYPE_SHUTDOWN, versions,
					   &body, sizeof(body));
}

/**
 * hvsim_message_build_time() - Write a time message, as its version wants it.
 * @buf: where to write
 * @size: bytes at @buf
 * @transaction: id of the transaction
 * @versions: what was negotiated; from 4.0 the body is another one
 * @time: what to say
 * @body_len: bytes of body, at most HVSIM_BODY_LEN_MAX; 0 for a real host's
 *
 * Return: bytes written; -EMSGSIZE when @buf is too small or @body_len too large.
 */
int hvsim_message_build_time(void *buf, size_t size, uint8_t transaction,
			     const struct hvsim_versions *versions,
			     const struct hvsim_time *time, size_t body_len)
{
	struct hvic_timesync_v3 v3 = {
		.parent = htole64(time->parent),
		.flags = time->flags,
	};
	struct hvic_timesync_v4 v4 = {
		.parent = htole64(time->parent),
		.reference = htole64(time->reference),
		.flags = time->flags,
		.leap = time->leap,
		.stratum = time->stratum,
	};

	if (versions->message < HVIC_VERSION(4, 0))
		return request_build_sized(buf, size, transaction, HVIC_TYPE_TIMESYNC, versions,
					   &v3, sizeof(v3), body_len ?: HVSIM_TIME_V3_LEN);
	return request_build_sized(buf, size, transaction, HVIC_TYPE_TIMESYNC, versions, &v4,
				   sizeof(v4), body_len ?: HVSIM_TIME_V4_LEN);
}

/* Takes the message header apart; the body is what is there of what it claims. */
static uint32_t header_open(struct hvsim_message *message, const uint8_t *bytes, size_t len)
{
	struct hvic_hdr header;

	if (len < sizeof(header))
		return HVSIM_FAULT(HEADER);
	memcpy(&header, bytes, sizeof(header));
	len -= sizeof(header);

	message->has_header = true;
	message->framework = version_read(&header.framework);
	message->type = le16toh(header.type);
	message->version = version_read(&header.message);
	message->body_size = le16toh(header.size);
	message->status = le32toh(header.status);
	message->transaction = header.transaction;
	message->flags = header.flags;
	message->reserved = (uint16_t)(header.reserved[0] | header.reserved[1] << 8);
	message->body = bytes + sizeof(header);
	message->body_len = message->body_size < len ? message->body_size : len;
	return message->body_size > len ? HVSIM_FAULT(BODY_SIZE) : 0;
}

/**
 * hvsim_message_open() - Take a packet's payload apart.
 * @message: filled in as far as the bytes go, the rest is 0
 * @bytes: the payload, anything at all
 * @len: bytes at @bytes; up to 7 more than the message has is the ring's padding
 *
 * Return: set of faults that show without knowing what was asked.
 */
uint32_t hvsim_message_open(struct hvsim_message *message, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;
	struct hvic_pipe_hdr pipe;
	uint32_t faults = 0;

	memset(message, 0, sizeof(*message));
	if (len > HVIC_PIPE_MAX)
		faults |= HVSIM_FAULT(TOO_LONG);
	if (len < sizeof(pipe))
		return faults | HVSIM_FAULT(PIPE_HEADER);

	memcpy(&pipe, from, sizeof(pipe));
	message->pipe_type = le32toh(pipe.type);
	message->pipe_size = le32toh(pipe.size);
	len -= sizeof(pipe);

	if (message->pipe_type != HVIC_PIPE_DATA)
		faults |= HVSIM_FAULT(PIPE_TYPE);
	if (message->pipe_size > len)
		faults |= HVSIM_FAULT(PIPE_SIZE);
	else
		len = message->pipe_size;
	return faults | header_open(message, from + sizeof(pipe), len);
}

/**
 * hvsim_message_answers() - Judge an answer's header by the request.
 * @answer: as hvsim_message_open() left it
 * @request: what was asked, likewise
 *
 * Return: set of faults; none when there is no header to judge.
 */
uint32_t hvsim_message_answers(const struct hvsim_message *answer,
			       const struct hvsim_message *request)
{
	uint32_t faults = 0;

	if (!answer->has_header)
		return 0;
	if (!(answer->flags & HVIC_FLAG_TRANSACTION))
		faults |= HVSIM_FAULT(TRANSACTION_FLAG);
	if (!(answer->flags & HVIC_FLAG_RESPONSE))
		faults |= HVSIM_FAULT(RESPONSE_FLAG);
	if (answer->flags & ~(HVIC_FLAG_TRANSACTION | HVIC_FLAG_RESPONSE))
		faults |= HVSIM_FAULT(OTHER_FLAGS);
	if (answer->transaction != request->transaction)
		faults |= HVSIM_FAULT(TRANSACTION_ID);
	if (answer->type != request->type)
		faults |= HVSIM_FAULT(MESSAGE_TYPE);
	if (answer->framework != request->framework || answer->version != request->version)
		faults |= HVSIM_FAULT(VERSION);
	return faults;
}

/**
 * hvsim_message_read_offer() - Read which versions a message offers.
 * @message: an offer, which need not come from here
 * @versions: where to write them
 * @size: how many versions there is room for
 * @offer: lists in @versions
 *
 * Return: 0; HVSIM_FAULT(BODY_SHORT) when @message lacks what its counts say,
 * HVSIM_FAULT(COUNTS) when it has more than @size; @offer is not written then.
 */
uint32_t hvsim_message_read_offer(const struct hvsim_message *message, uint32_t *versions,
				  size_t size, struct hvsim_offer *offer)
{
	struct hvic_version version;
	struct hvic_negotiate head;
	size_t framework, count, i;

	if (message->body_len < sizeof(head))
		return HVSIM_FAULT(BODY_SHORT);
	memcpy(&head, message->body, sizeof(head));
	framework = le16toh(head.framework_count);
	count = framework + le16toh(head.message_count);
	if ((message->body_len - sizeof(head)) / sizeof(version) < count)
		return HVSIM_FAULT(BODY_SHORT);
	if (count > size)
		return HVSIM_FAULT(COUNTS);

	for (i = 0; i < count; i++) {
		memcpy(&version, message->body + sizeof(head) + i * sizeof(version),
		       sizeof(version));
		versions[i] = version_read(&version);
	}
	*offer = (struct hvsim_offer){
		.framework = versions,
		.framework_count = framework,
		.message = versions + framework,
		.message_count = count - framework,
	};
	return 0;
}

static bool version_offered(uint32_t version, const uint32_t *offered, size_t count)
{
	while (count--)
		if (offered[count] == version)
			return true;
	return false;
}

/**
 * hvsim_message_read_choice() - Read which versions a guest chose.
 * @answer: its answer to the offer
 * @offer: what was offered
 * @choice: the choice; written only when there is one, be it a wrong one
 *
 * Return: set of faults.  HVSIM_FAULT(NO_CHOICE) is the well-formed way of a
 * guest to say that it understands nothing that was offered.
 */
uint32_t hvsim_message_read_choice(const struct hvsim_message *answer,
				   const struct hvsim_offer *offer,
				   struct hvsim_versions *choice)
{
	struct hvic_version versions[2];
	struct hvic_negotiate head;
	uint32_t faults = 0;

	if (answer->body_len < sizeof(head))
		return HVSIM_FAULT(BODY_SHORT);
	memcpy(&head, answer->body, sizeof(head));
	if (!head.framework_count && !head.message_count)
		return HVSIM_FAULT(NO_CHOICE);
	if (head.framework_count != htole16(1) || head.message_count != htole16(1))
		return HVSIM_FAULT(COUNTS);
	if (answer->body_len < sizeof(head) + sizeof(versions))
		return HVSIM_FAULT(BODY_SHORT);

	memcpy(versions, answer->body + sizeof(head), sizeof(versions));
	choice->framework = version_read(&versions[0]);
	choice->message = version_read(&versions[1]);
	if (!version_offered(choice->framework, offer->framework, offer->framework_count))
		faults |= HVSIM_FAULT(FRAMEWORK_NOT_OFFERED);
	if (!version_offered(choice->message, offer->message, offer->message_count))
		faults |= HVSIM_FAULT(MESSAGE_NOT_OFFERED);
	return faults;
}

/**
 * hvsim_message_read_heartbeat() - Read what a guest says of itself.
 * @answer: its answer to a heartbeat
 * @sent: the sequence number that the host sent
 * @sequence: the guest's
 * @state: the guest's enum hvic_application_state; HVIC_APPLICATION_UNKNOWN
 *	when its answer has no room for one
 *
 * Return: set of faults; both outputs are written unless it has
 * HVSIM_FAULT(BODY_SHORT).
 */
uint32_t hvsim_message_read_heartbeat(const struct hvsim_message *answer, uint64_t sent,
				      uint64_t *sequence, uint32_t *state)
{
	struct hvic_heartbeat body = { 0 };
	uint32_t faults = 0;

	if (answer->body_len < sizeof(body.sequence))
		return HVSIM_FAULT(BODY_SHORT);
	memcpy(&body.sequence, answer->body, sizeof(body.sequence));
	if (answer->body_len >= offsetof(struct hvic_heartbeat, reserved))
		memcpy(&body, answer->body, offsetof(struct hvic_heartbeat, reserved));

	*sequence = le64toh(body.sequence);
	*state = le32toh(body.application_state);
	if (*sequence != sent + 1)
		faults |= HVSIM_FAULT(SEQUENCE);
	if (*state > HVIC_APPLICATION_STOPPED)
		faults |= HVSIM_FAULT(APPLICATION_STATE);
	return faults;
}

static const struct {
	const char *name;
	const char *text;
} faults[HVSIM_NR_FAULTS] = {
	[HVSIM_FAULT_VMBUS_TYPE] = { "vmbus-type",
		"the VMBus packet is not an in-band one" },
	[HVSIM_FAULT_TOO_LONG] = { "too-long",
		"the packet is larger than any message may be" },
	[HVSIM_FAULT_PIPE_HEADER] = { "pipe-header",
		"the packet ends within the pipe header" },
	[HVSIM_FAULT_PIPE_TYPE] = { "pipe-type",
		"the pipe header's type is not data" },
	[HVSIM_FAULT_PIPE_SIZE] = { "pipe-size",
		"the pipe header claims more bytes than came" },
	[HVSIM_FAULT_HEADER] = { "header",
		"the message ends within its header" },
	[HVSIM_FAULT_BODY_SIZE] = { "body-size",
		"the header claims more bytes of body than came" },
	[HVSIM_FAULT_TRANSACTION_FLAG] = { "transaction-flag",
		"the answer is not marked as part of a transaction" },
	[HVSIM_FAULT_RESPONSE_FLAG] = { "response-flag",
		"the answer is not marked as a response" },
	[HVSIM_FAULT_OTHER_FLAGS] = { "other-flags",
		"the answer has flags that no answer has" },
	[HVSIM_FAULT_TRANSACTION_ID] = { "transaction-id",
		"the answer does not carry the request's transaction id" },
	[HVSIM_FAULT_MESSAGE_TYPE] = { "message-type",
		"the answer is of another type than the request" },
	[HVSIM_FAULT_VERSION] = { "version",
		"the answer's versions are not the request's" },
	[HVSIM_FAULT_BODY_SHORT] = { "body-short",
		"the answer's body ends before what it must hold" },
	[HVSIM_FAULT_NO_CHOICE] = { "no-choice",
		"the guest understands no version that was offered" },
	[HVSIM_FAULT_COUNTS] = { "counts",
		"the guest did not choose exactly one framework and one message version" },
	[HVSIM_FAULT_FRAMEWORK_NOT_OFFERED] = { "framework-not-offered",
		"the guest chose a framework version that was not offered" },
	[HVSIM_FAULT_MESSAGE_NOT_OFFERED] = { "message-not-offered",
		"the guest chose a message version that was not offered" },
	[HVSIM_FAULT_SEQUENCE] = { "sequence",
		"the guest did not count the heartbeat one further" },
	[HVSIM_FAULT_APPLICATION_STATE] = { "application-state",
		"the guest's application state is none that is known" },
	[HVSIM_FAULT_TEXT_SIZE] = { "text-size",
		"a size is odd, 0, larger than its field, or not that of its number" },
	[HVSIM_FAULT_TEXT_END] = { "text-end",
		"a text does not end with a NUL" },
	[HVSIM_FAULT_TEXT_BEHIND] = { "text-behind",
		"there is more behind a text's NUL" },
	[HVSIM_FAULT_TEXT_UTF16] = { "text-utf16",
		"a text is not UTF-16" },
	[HVSIM_FAULT_KVP_OPERATION] = { "kvp-operation",
		"the answer is for another operation, pool or index" },
	[HVSIM_FAULT_KVP_TYPE] = { "kvp-type",
		"the value's type is none that a host knows" },
	[HVSIM_FAULT_KVP_COUNTS] = { "kvp-counts",
		"there are more addresses than there is room for" },
	[HVSIM_FAULT_KVP_ADDRESS] = { "kvp-address",
		"an address, its mask, the family or the DHCP state makes no sense" },
	[HVSIM_FAULT_VSS_OPERATION] = { "vss-operation",
		"the answer is for another operation of backup" },
};

/**
 * hvsim_fault_name() - Name of a fault, for programs.
 * @fault: which
 *
 * Return: a word.
 */
const char *hvsim_fault_name(enum hvsim_fault fault)
{
	return faults[fault].name;
}

/**
 * hvsim_fault_text() - What a fault is, for people.
 * @fault: which
 *
 * Return: a clause without a full stop.
 */
const char *hvsim_fault_text(enum hvsim_fault fault)
{
	return faults[fault].text;
}

static const struct {
	uint32_t status;
	const char *name;
	const char *text;
} statuses[] = {
	{ HVIC_STATUS_OK, "ok", "it is done" },
	{ HVIC_STATUS_FAIL, "fail", "it failed, or there is nobody to do it" },
	{ HVIC_STATUS_NOT_SUPPORTED, "not-supported", "it cannot do that" },
	{ HVIC_STATUS_INVALID_ARG, "invalid-argument", "an argument is wrong" },
	{ HVIC_STATUS_NO_MORE, "no-more", "there is no such item, or no more of them" },
	{ HVIC_STATUS_IN_PROGRESS, "in-progress", "that is under way already" },
	{ HVIC_STATUS_NOT_FOUND, "not-found", "there is no such adapter" },
	{ HVIC_STATUS_NOT_CONNECTED, "device-not-connected", "the adapter is not connected" },
	{ 0x800704f7u, "machine-locked", "somebody is at work" },
	{ HVIC_STATUS_EXISTS, "already-exists", "it is there already" },
	{ HVIC_STATUS_DISK_FULL, "disk-full", "there is no room for it" },
	{ HVIC_STATUS_ACCESS_DENIED, "access-denied", "that is not allowed" },
	{ HVIC_STATUS_NO_PATH, "no-path", "there is no such directory" },
};

static size_t status_find(uint32_t status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			break;
	return i;
}

/**
 * hvsim_status_name() - Name of a status.
 * @status: from an answer
 *
 * Return: a word; "unknown" for one that no service is known to use.
 */
const char *hvsim_status_name(uint32_t status)
{
	size_t i = status_find(status);

	return i < sizeof(statuses) / sizeof(statuses[0]) ? statuses[i].name : "unknown";
}

/**
 * hvsim_status_text() - What a guest says with a status, for people.
 * @status: from an answer
 *
 * Return: a clause without a full stop.
 */
const char *hvsim_status_text(uint32_t status)
{
	size_t i = status_find(status);

	return i < sizeof(statuses) / sizeof(statuses[0]) ? statuses[i].text :
	       "a status that no service is known to use";
}

/**
 * hvsim_type_name() - Name of a message type.
 * @type: from a header
 *
 * Return: a word; "unknown" for a type that is not known.
 */
const char *hvsim_type_name(uint16_t type)
{
	static const char *const names[] = {
		[HVIC_TYPE_NEGOTIATE] = "negotiate",
		[HVIC_TYPE_HEARTBEAT] = "heartbeat",
		[HVIC_TYPE_KVP] = "kvp",
		[HVIC_TYPE_SHUTDOWN] = "shutdown",
		[HVIC_TYPE_TIMESYNC] = "timesync",
		[HVIC_TYPE_VSS] = "vss",
		[HVIC_TYPE_RDV] = "rdv",
		[HVIC_TYPE_FCOPY] = "fcopy",
		[HVIC_TYPE_VMSESSION] = "vmsession",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "unknown";
}

static int fcopy_describe(char *text, size_t size, const struct hvsim_message *message)
{
	struct hvic_fcopy_hdr hdr;
	struct hvic_fcopy_write piece;
	const size_t head = offsetof(struct hvic_fcopy_write, data);

	memcpy(&hdr, message->body, sizeof(hdr));
	if (le32toh(hdr.operation) != HVIC_FCOPY_WRITE || message->body_len < head)
		return snprintf(text, size, ": operation %u", le32toh(hdr.operation));
	memcpy(&piece, message->body, head);
	return snprintf(text, size, ": operation 1, %u bytes at %" PRIu64, le32toh(piece.size),
			(uint64_t)le64toh(piece.offset));
}

/* What the body says, behind what is in @text already; returns its length. */
static int body_describe(char *text, size_t size, const struct hvsim_message *message)
{
	struct hvic_heartbeat beat;
	struct hvic_negotiate offer;
	struct hvic_timesync_v3 v3;
	struct hvic_timesync_v4 v4;
	uint32_t power[3];

	if (message->type == HVIC_TYPE_KVP && message->body_len >= sizeof(struct hvic_kvp_hdr))
		return snprintf(text, size, ": operation %u, pool %u", message->body[0],
				message->body[1]);
	if (message->type == HVIC_TYPE_VSS && message->body_len >= sizeof(struct hvic_vss_hdr))
		return snprintf(text, size, ": operation %u", message->body[0]);
	if (message->type == HVIC_TYPE_FCOPY && message->body_len >= sizeof(struct hvic_fcopy_hdr))
		return fcopy_describe(text, size, message);
	if (message->type == HVIC_TYPE_NEGOTIATE && message->body_len >= sizeof(offer)) {
		memcpy(&offer, message->body, sizeof(offer));
		return snprintf(text, size, ": %u framework and %u message versions",
				le16toh(offer.framework_count), le16toh(offer.message_count));
	}
	if (message->type == HVIC_TYPE_HEARTBEAT && message->body_len >= sizeof(beat)) {
		memcpy(&beat, message->body, sizeof(beat));
		return snprintf(text, size, ": sequence %" PRIu64 ", application state %u",
				(uint64_t)le64toh(beat.sequence), le32toh(beat.application_state));
	}
	if (message->type == HVIC_TYPE_SHUTDOWN && message->body_len >= sizeof(power)) {
		memcpy(power, message->body, sizeof(power));
		return snprintf(text, size, ": reason 0x%x, timeout %u s, flags 0x%x",
				le32toh(power[0]), le32toh(power[1]), le32toh(power[2]));
	}
	if (message->type == HVIC_TYPE_TIMESYNC && message->version >= HVIC_VERSION(4, 0) &&
	    message->body_len >= sizeof(v4)) {
		memcpy(&v4, message->body, sizeof(v4));
		return snprintf(text, size, ": parent %" PRIu64 ", reference %" PRIu64
				", flags %u, leap %u, stratum %u", (uint64_t)le64toh(v4.parent),
				(uint64_t)le64toh(v4.reference), v4.flags, v4.leap, v4.stratum);
	}
	if (message->type == HVIC_TYPE_TIMESYNC && message->version < HVIC_VERSION(4, 0) &&
	    message->body_len >= HVIC_TIMESYNC_V3_LEN) {
		memcpy(&v3, message->body, HVIC_TIMESYNC_V3_LEN);
		return snprintf(text, size, ": parent %" PRIu64 ", flags %u",
				(uint64_t)le64toh(v3.parent), v3.flags);
	}
	return 0;
}

/* Bytes that an output of snprintf(), which may have been cut, really has. */
static size_t text_len(int wanted, size_t size)
{
	if (wanted < 0 || !size)
		return 0;
	return (size_t)wanted < size ? (size_t)wanted : size - 1;
}

/**
 * hvsim_message_describe() - Say in words what a packet's payload is.
 * @text: where to write; terminated when @size is not 0
 * @size: bytes at @text; what does not fit is cut
 * @bytes: the payload, anything at all
 * @len: bytes at @bytes
 *
 * Return: bytes written to @text, without the terminator.
 */
size_t hvsim_message_describe(char *text, size_t size, const void *bytes, size_t len)
{
	struct hvsim_message message;
	uint32_t found = hvsim_message_open(&message, bytes, len);
	size_t used;
	int i;

	if (!message.has_header)
		used = text_len(snprintf(text, size, "%zu bytes that are no message", len), size);
	else
		used = text_len(snprintf(text, size, "%s%s%s%s %u.%u/%u.%u id %u status 0x%x"
					 " body %u", hvsim_type_name(message.type),
					 message.flags & HVIC_FLAG_TRANSACTION ? "" : " lone",
					 message.flags & HVIC_FLAG_REQUEST ? " request" : "",
					 message.flags & HVIC_FLAG_RESPONSE ? " response" : "",
					 HVIC_VERSION_MAJOR(message.framework),
					 HVIC_VERSION_MINOR(message.framework),
					 HVIC_VERSION_MAJOR(message.version),
					 HVIC_VERSION_MINOR(message.version), message.transaction,
					 message.status, message.body_size), size);
	used += text_len(body_describe(text + used, size - used, &message), size - used);
	for (i = 0; i < HVSIM_NR_FAULTS; i++)
		if (found & 1u << i)
			used += text_len(snprintf(text + used, size - used, " [%s]",
						  faults[i].name), size - used);
	return used;
}
