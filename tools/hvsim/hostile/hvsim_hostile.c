// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a host that means ill may send to a service.
 *
 * Each packet begins as a good one, made by the service's line in the table of
 * grammars, and is then spoilt at one layer.  What would do harm that no test
 * wants, a valid order to power off, is taken out at the end, whatever was done
 * before.
 */
#include <string.h>

#include "hvsim_dice.h"
#include "hvsim_hostile.h"
#include "hvsim_vmbus.h"
#include "hvsim_vss_message.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

/* Where the message header has its fields, from the start of the payload. */
#define AT_PIPE_SIZE	4
#define AT_TYPE		12
#define AT_BODY_SIZE	18
#define AT_STATUS	20
#define AT_TRANSACTION	24
#define AT_FLAGS	25

/* One packet in so many breaks the ring, when that is wanted at all. */
#define BREAKING_RATE	4096
/* Most versions in the lists of an offer. */
#define VERSIONS_MOST	1000
#define FLOOD_MOST	64
#define SIGNALS_MOST	16
/* How often a packet may be another that is another again. */
#define OTHERS_MOST	3

struct field {
	uint16_t offset;
	uint8_t size;
};

struct maker;

/**
 * struct grammar - what is good for a service
 * @type: of its messages
 * @body_len: bytes of body that a host sends, at most
 * @first: what the body begins with, 8 bytes, to be believed
 * @fields: of the body; ends with a size of 0
 * @needed: bytes of body that a request needs to be carried out; 0 when it may
 *	be
 * @spoilt: of a request that is not to be carried out, the field that prevents it
 * @fill: writes the body, which is zero, and returns its bytes; NULL for @body_len
 *	bytes that begin with @first
 */
struct grammar {
	uint16_t type;
	uint16_t body_len;
	uint64_t first;
	struct field fields[12];
	uint16_t needed;
	struct field spoilt;
	size_t (*fill)(struct maker *maker, uint8_t *body);
};

static size_t kvp_fill(struct maker *maker, uint8_t *body);
static size_t vss_fill(struct maker *maker, uint8_t *body);
static size_t fcopy_fill(struct maker *maker, uint8_t *body);

/* A service joins with a line here. */
static const struct grammar grammars[HVSIM_NR_SERVICES] = {
	[HVSIM_HEARTBEAT] = { HVIC_TYPE_HEARTBEAT, 16, 1, { { 0, 8 }, { 8, 4 }, { 12, 4 } } },
	/* flags that nobody knows: each guest refuses them */
	[HVSIM_SHUTDOWN] = { HVIC_TYPE_SHUTDOWN, 2060, 0x80000000,
			     { { 0, 4 }, { 4, 4 }, { 8, 4 }, { 12, 8 }, { 2052, 8 } },
			     .needed = 12, .spoilt = { 8, 4 } },
	[HVSIM_TIMESYNC] = { HVIC_TYPE_TIMESYNC, 28, HVSIM_EPOCH_1601 + 17000000000000000,
			     { { 0, 8 }, { 8, 8 }, { 16, 8 }, { 16, 1 }, { 17, 1 }, { 18, 1 },
			       { 24, 1 } } },
	/* of each operation: type, index, sizes and what they measure; of one, addresses */
	[HVSIM_KVP] = { HVIC_TYPE_KVP, HVIC_KVP_IP_LEN, 0,
			{ { 0, 1 }, { 1, 1 }, { 4, 4 }, { 8, 4 }, { 12, 4 }, { 16, 4 }, { 20, 4 },
			  { 24, 4 }, { 28, 2 }, { 258, 2 }, { 526, 4 } },
			.fill = kvp_fill },
	/* operation, flags, and of the long ones type, count and the first disk */
	[HVSIM_VSS] = { HVIC_TYPE_VSS, sizeof(struct hvic_vss_recover), 0,
			{ { 0, 1 }, { 1, 7 }, { 8, 4 }, { 12, 4 }, { 16, 4 }, { 20, 1 }, { 24, 4 },
			  { 28, 4 }, { 40, 4 }, { 6256, 4 }, { 6260, 4 } },
			.fill = vss_fill },
	/* operation; of a write where and how much; of a start texts, flags and size */
	[HVSIM_FCOPY] = { HVIC_TYPE_FCOPY, sizeof(struct hvic_fcopy_write), 0,
			  { { 0, 4 }, { 4, 4 }, { 36, 4 }, { 40, 8 }, { 48, 4 }, { 52, 2 },
			    { 554, 2 }, { 556, 2 }, { 1074, 2 }, { 1076, 4 }, { 1080, 8 } },
			  .fill = fcopy_fill },
};

static const struct field header_fields[] = {
	{ 8, 2 }, { 10, 2 }, { AT_TYPE, 2 }, { 14, 2 }, { 16, 2 }, { AT_BODY_SIZE, 2 },
	{ AT_STATUS, 4 }, { AT_TRANSACTION, 1 }, { AT_FLAGS, 1 }, { 26, 2 },
};

/**
 * struct maker - a packet being made
 * @target: for whom
 * @grammar: of the service there
 * @seed: of all packets
 * @number: of this one, or of the other that it is
 * @others: how often it is another
 * @dice: for this one
 * @packet: the packet; until it is done its bytes begin with the payload
 */
struct maker {
	const struct hvsim_hostile_target *target;
	const struct grammar *grammar;
	uint64_t seed;
	uint64_t number;
	unsigned int others;
	struct hvsim_dice dice;
	struct hvsim_hostile_packet *packet;
};

static uint64_t below(struct maker *maker, uint64_t end)
{
	return hvsim_dice_below(&maker->dice, end);
}

static bool toss(struct maker *maker)
{
	return below(maker, 2);
}

static void random_fill(struct maker *maker, uint8_t *to, size_t len)
{
	for (; len >= 8; to += 8, len -= 8)
		hvsim_frame_put(to, hvsim_dice_roll(&maker->dice), 8);
	hvsim_frame_put(to, hvsim_dice_roll(&maker->dice), (unsigned int)len);
}

static void field_spoil(struct maker *maker, uint8_t *base, const struct field *field)
{
	uint64_t right = hvsim_frame_get(base + field->offset, field->size);

	hvsim_frame_put(base + field->offset, hvsim_dice_odd(&maker->dice, field->size, right),
			field->size);
}

/* Has the headers say what there is. */
static void sizes_set(struct hvsim_hostile_packet *packet)
{
	if (packet->len >= AT_PIPE_SIZE + 4)
		hvsim_frame_put(packet->bytes + AT_PIPE_SIZE, packet->len - 8, 4);
	if (packet->len >= HVIC_HDR_LEN)
		hvsim_frame_put(packet->bytes + AT_BODY_SIZE, packet->len - HVIC_HDR_LEN, 2);
}

/* An offer as one Hyper-V or another makes it. */
static const struct hvsim_offer *offer_pick(struct maker *maker)
{
	const struct hvsim_offer *offer;
	size_t count = 0;

	while (hvsim_profile_at(count))
		count++;
	do {
		offer = &hvsim_profile_at(below(maker, count))->offers[maker->target->service];
	} while (!offer->message_count);
	return offer;
}

static void offer_make(struct maker *maker)
{
	struct hvsim_hostile_packet *packet = maker->packet;
	uint8_t transaction = (uint8_t)hvsim_dice_roll(&maker->dice);
	int len = hvsim_message_build_offer(packet->bytes, sizeof(packet->bytes), transaction,
					    offer_pick(maker));

	packet->len = len > 0 ? (size_t)len : 0;
}

/* A request with this much body, all of it zero. */
static void request_make(struct maker *maker, size_t body_len)
{
	const struct hvsim_offer *offer = offer_pick(maker);
	const struct hvsim_message message = {
		.pipe_type = HVIC_PIPE_DATA,
		.framework = offer->framework[offer->framework_count - 1],
		.version = offer->message[below(maker, offer->message_count)],
		.type = maker->grammar->type,
		.transaction = (uint8_t)hvsim_dice_roll(&maker->dice),
		.flags = HVIC_FLAG_TRANSACTION | HVIC_FLAG_REQUEST,
	};
	struct hvsim_hostile_packet *packet = maker->packet;

	hvsim_message_build(packet->bytes, sizeof(packet->bytes), &message);
	memset(packet->bytes + HVIC_HDR_LEN, 0, body_len);
	packet->len = HVIC_HDR_LEN + body_len;
	sizes_set(packet);
}

/* One of few texts, so that a guest that keeps them does not fill up; returns its bytes. */
static uint32_t kvp_text(struct maker *maker, uint8_t *to, uint64_t most)
{
	bool whole = !below(maker, 8);
	uint64_t len = whole ? most : 1 + below(maker, 3), i;

	for (i = 0; i < len; i++)
		hvsim_frame_put(to + 2 * i, 'A' + (whole ? 0 : below(maker, 2)), 2);
	return (uint32_t)(2 * (len + 1));
}

static void kvp_value(struct maker *maker, uint8_t *to)
{
	static const uint8_t types[] = { HVIC_KVP_SZ, HVIC_KVP_SZ, HVIC_KVP_EXPAND_SZ,
					 HVIC_KVP_DWORD, HVIC_KVP_QWORD };
	uint8_t type = types[below(maker, N(types))];
	uint8_t *key = to + offsetof(struct hvic_kvp_value, key);
	uint8_t *value = to + offsetof(struct hvic_kvp_value, value);
	uint32_t len = type == HVIC_KVP_DWORD ? 4 : type == HVIC_KVP_QWORD ? 8 :
		       kvp_text(maker, value, HVIC_KVP_VALUE_LEN / 2 - 1);

	hvsim_frame_put(to, type, 4);
	hvsim_frame_put(to + 4, kvp_text(maker, key, HVIC_KVP_KEY_LEN / 2 - 1), 4);
	hvsim_frame_put(to + 8, len, 4);
}

/* An adapter that no guest has: what is set must not cut the test off. */
static size_t kvp_adapter(struct maker *maker, uint8_t *body)
{
	static const char adapter[] = "{00000000-0000-0000-0000-000000000000}";
	bool binary = toss(maker);
	size_t i, at = binary ? offsetof(struct hvic_kvp_ip_binary, adapter) :
				offsetof(struct hvic_kvp_ip_text, adapter);

	for (i = 0; adapter[i]; i++)
		body[at + 2 * i] = (uint8_t)adapter[i];
	body[at + HVIC_KVP_ADAPTER_LEN] = (uint8_t)below(maker, 4);
	for (i = 4; binary && i < 28; i += 4)
		hvsim_frame_put(body + i, below(maker, 3), 4);
	if (!binary)
		kvp_text(maker, body + offsetof(struct hvic_kvp_ip_text, addresses), 1023);
	return HVIC_KVP_IP_LEN;
}

static size_t kvp_fill(struct maker *maker, uint8_t *body)
{
	/* those about addresses are long, and so rare */
	uint8_t operation = (uint8_t)below(maker, below(maker, 4) ? HVIC_KVP_GET_IP :
					   HVIC_NR_KVP_OPERATIONS);

	body[0] = operation;
	body[1] = (uint8_t)below(maker, HVIC_NR_KVP_POOLS);
	switch (operation) {
	case HVIC_KVP_GET:
	case HVIC_KVP_SET:
		kvp_value(maker, body + offsetof(struct hvic_kvp_exchange, item));
		break;
	case HVIC_KVP_DELETE:
		hvsim_frame_put(body + 4, kvp_text(maker, body + 8, HVIC_KVP_KEY_LEN / 2 - 1), 4);
		break;
	case HVIC_KVP_ENUMERATE:
		hvsim_frame_put(body + 4, below(maker, 8), 4);
		break;
	default:
		return kvp_adapter(maker, body);
	}
	return HVIC_KVP_EXCHANGE_LEN;
}

/* Of each operation; the two that are longest are slow, and so rare. */
static size_t vss_fill(struct maker *maker, uint8_t *body)
{
	static const uint8_t usual[] = {
		HVIC_VSS_CREATE, HVIC_VSS_DELETE, HVIC_VSS_CHECK_HOT_BACKUP,
		HVIC_VSS_GET_DM_INFO, HVIC_VSS_BACKUP_COMPLETE, HVIC_VSS_THAW, HVIC_VSS_FREEZE,
	};
	uint8_t operation = below(maker, 8) ? usual[below(maker, N(usual))] :
			    (uint8_t)below(maker, HVIC_NR_VSS_OPERATIONS);

	body[0] = operation;
	hvsim_frame_put(body + 8, below(maker, 8), 4);
	if (operation == HVIC_VSS_FREEZE || operation == HVIC_VSS_AUTO_RECOVER)
		hvsim_frame_put(body + 16, below(maker, HVIC_VSS_LUNS + 1), 4);
	return hvsim_vss_body_len(operation);
}

/* Where it does no harm if a daemon believes it. */
static size_t start_fill(struct maker *maker, uint8_t *body)
{
	static const char path[] = "/tmp/hvsim-fuzz";
	size_t i;

	for (i = 0; path[i]; i++)
		body[offsetof(struct hvic_fcopy_start, path) + 2 * i] = (uint8_t)path[i];
	kvp_text(maker, body + offsetof(struct hvic_fcopy_start, name),
		 HVIC_FCOPY_NAME_LEN / 2 - 1);
	hvsim_frame_put(body + offsetof(struct hvic_fcopy_start, flags), below(maker, 4), 4);
	hvsim_frame_put(body + offsetof(struct hvic_fcopy_start, size), below(maker, 100000), 8);
	return sizeof(struct hvic_fcopy_start);
}

static size_t fcopy_fill(struct maker *maker, uint8_t *body)
{
	uint64_t kind = below(maker, 8);
	uint32_t operation = kind < 2 ? HVIC_FCOPY_START : kind < 6 ? HVIC_FCOPY_WRITE :
			     kind < 7 ? HVIC_FCOPY_COMPLETE : HVIC_FCOPY_CANCEL;

	hvsim_frame_put(body, operation, 4);
	if (operation == HVIC_FCOPY_START)
		return start_fill(maker, body);
	if (operation != HVIC_FCOPY_WRITE)
		return sizeof(struct hvic_fcopy_hdr);
	hvsim_frame_put(body + offsetof(struct hvic_fcopy_write, offset), below(maker, 100000), 8);
	hvsim_frame_put(body + offsetof(struct hvic_fcopy_write, size),
			below(maker, HVIC_FCOPY_DATA_LEN + 1), 4);
	return sizeof(struct hvic_fcopy_write);
}

/* A request of the service; what is long for its text alone mostly has less of it. */
static void service_make(struct maker *maker)
{
	const struct grammar *grammar = maker->grammar;

	request_make(maker, grammar->body_len);
	if (grammar->fill) {
		maker->packet->len = HVIC_HDR_LEN +
				     grammar->fill(maker, maker->packet->bytes + HVIC_HDR_LEN);
		sizes_set(maker->packet);
		return;
	}
	hvsim_frame_put(maker->packet->bytes + HVIC_HDR_LEN, grammar->first, 8);
	if (!grammar->needed || !below(maker, 4))
		return;
	maker->packet->len = HVIC_HDR_LEN + grammar->needed + below(maker, 64);
	sizes_set(maker->packet);
}

/* Harmless: a beat, a probe of the time, and what the spoilt field makes of an order. */
static void make_good(struct maker *maker)
{
	if (!below(maker, 8))
		offer_make(maker);
	else
		service_make(maker);
}

static void make_type(struct maker *maker)
{
	make_good(maker);
	/* the highest bit is for the plugin */
	maker->packet->arg = (uint16_t)hvsim_dice_odd(&maker->dice, 2, HVSIM_VMBUS_INBAND) &
			     (HVSIM_PACKET_TELL - 1);
}

static void make_pipe(struct maker *maker)
{
	static const struct field fields[] = { { 0, 4 }, { AT_PIPE_SIZE, 4 } };
	uint64_t which = below(maker, 3);

	make_good(maker);
	if (which != 1)
		field_spoil(maker, maker->packet->bytes, &fields[0]);
	if (which != 0)
		field_spoil(maker, maker->packet->bytes, &fields[1]);
}

static void make_header(struct maker *maker)
{
	uint64_t count = 1 + below(maker, 3);

	make_good(maker);
	while (count--)
		field_spoil(maker, maker->packet->bytes,
			    &header_fields[below(maker, N(header_fields))]);
}

static void make_sizes(struct maker *maker)
{
	static const struct field fields[] = { { AT_PIPE_SIZE, 4 }, { AT_BODY_SIZE, 2 } };

	make_good(maker);
	field_spoil(maker, maker->packet->bytes, &fields[1]);
	if (toss(maker))
		field_spoil(maker, maker->packet->bytes, &fields[0]);
}

/* A version: of a list that there is, near it, or any. */
static uint32_t version_make(struct maker *maker, const struct hvsim_offer *offer)
{
	uint32_t known = offer->message[below(maker, offer->message_count)];

	switch (below(maker, 4)) {
	case 0:
		return offer->framework[below(maker, offer->framework_count)];
	case 1:
		return (uint32_t)hvsim_dice_odd(&maker->dice, 4, known);
	default:
		return known;
	}
}

/* Lists of any length, and counts that need not be theirs. */
static void make_versions(struct maker *maker)
{
	const struct hvsim_offer *offer = offer_pick(maker);
	struct hvsim_hostile_packet *packet = maker->packet;
	uint64_t fits = (maker->target->most - HVIC_HDR_LEN - 8) / 4;
	uint64_t most = fits < VERSIONS_MOST ? fits : VERSIONS_MOST;
	/* long lists are slow, and not much worse than short ones */
	uint64_t count = below(maker, below(maker, 8) ? 8 : most + 1);
	uint64_t framework = below(maker, count + 1), i;
	uint8_t *body = packet->bytes + HVIC_HDR_LEN;

	request_make(maker, 8 + 4 * count);
	/* both versions, and the type between them */
	memset(packet->bytes + 8, 0, 4 + 2 + 4);
	hvsim_frame_put(body, framework, 2);
	hvsim_frame_put(body + 2, count - framework, 2);
	for (i = 0; i < count; i++) {
		uint32_t version = version_make(maker, offer);

		hvsim_frame_put(body + 8 + 4 * i, HVIC_VERSION_MAJOR(version), 2);
		hvsim_frame_put(body + 10 + 4 * i, HVIC_VERSION_MINOR(version), 2);
	}
	if (toss(maker))
		field_spoil(maker, body, &(struct field){ (uint16_t)(2 * below(maker, 2)), 2 });
	if (!below(maker, 4))
		field_spoil(maker, body, &(struct field){ 4, 4 });
}

static void make_body(struct maker *maker)
{
	const struct grammar *grammar = maker->grammar;
	uint64_t changes = 1 + below(maker, 4), count = 0;

	service_make(maker);
	while (grammar->fields[count].size)
		count++;
	while (changes--)
		field_spoil(maker, maker->packet->bytes + HVIC_HDR_LEN,
			    &grammar->fields[below(maker, count)]);
	if (below(maker, 4))
		return;
	/* and of another length, in all honesty */
	maker->packet->len = HVIC_HDR_LEN + below(maker, grammar->body_len + 1u);
	sizes_set(maker->packet);
}

static void make_cut(struct maker *maker)
{
	make_good(maker);
	maker->packet->len = below(maker, maker->packet->len + 1);
	if (toss(maker))
		sizes_set(maker->packet);
}

static void make_long(struct maker *maker)
{
	struct hvsim_hostile_packet *packet = maker->packet;
	size_t len, before;

	make_good(maker);
	before = packet->len;
	if (before >= maker->target->most)
		return;
	/* the largest are slow, too, but they are where rings end */
	len = below(maker, 256);
	if (!below(maker, 8))
		len = maker->target->most - before - len % 64;
	if (len > maker->target->most - before)
		len = maker->target->most - before;
	random_fill(maker, packet->bytes + before, len);
	packet->len += len;
	if (toss(maker))
		sizes_set(packet);
}

static void make_noise(struct maker *maker)
{
	struct hvsim_hostile_packet *packet = maker->packet;
	uint64_t flips = 1 + below(maker, 16);

	if (toss(maker)) {
		packet->len = below(maker, below(maker, 8) ? 256 : maker->target->most);
		random_fill(maker, packet->bytes, packet->len);
		return;
	}
	make_good(maker);
	while (flips--)
		packet->bytes[below(maker, packet->len)] ^= (uint8_t)(1u << below(maker, 8));
}

static void make_reply(struct maker *maker)
{
	static const struct field status = { AT_STATUS, 4 };

	make_good(maker);
	maker->packet->bytes[AT_FLAGS] = HVIC_FLAG_RESPONSE | (uint8_t)below(maker, 4);
	if (toss(maker))
		field_spoil(maker, maker->packet->bytes, &status);
}

static void make_flood(struct maker *maker)
{
	make_good(maker);
	maker->packet->times = 2 + (unsigned int)below(maker, FLOOD_MOST - 1);
}

/* Puts descriptor and trailer around the payload: it is to be written as it is. */
static void descriptor_make(struct maker *maker)
{
	struct hvsim_hostile_packet *packet = maker->packet;
	size_t payload = (packet->len + 7) / 8 * 8;
	struct hvsim_vmbus_packet head = {
		.type = HVSIM_VMBUS_INBAND,
		.offset8 = sizeof(head) / 8,
		.length8 = (uint16_t)((sizeof(head) + payload) / 8),
		.transaction = hvsim_dice_roll(&maker->dice),
	};

	memset(packet->bytes + packet->len, 0, payload - packet->len);
	/* what moves the payload must not make another request of its body */
	if (maker->grammar->needed && payload > HVIC_HDR_LEN)
		memset(packet->bytes + HVIC_HDR_LEN, 0xff, payload - HVIC_HDR_LEN);
	memmove(packet->bytes + sizeof(head), packet->bytes, payload);
	memcpy(packet->bytes, &head, sizeof(head));
	packet->len = sizeof(head) + payload + HVSIM_PACKET_TRAILER;
	random_fill(maker, packet->bytes + packet->len - HVSIM_PACKET_TRAILER,
		    HVSIM_PACKET_TRAILER);
	packet->frame = HVSIM_FRAME_RING;
	packet->arg = 0;
}

static void make_descriptor(struct maker *maker)
{
	static const struct field fields[] = { { 0, 2 }, { 2, 2 }, { 2, 2 }, { 6, 2 } };

	make_good(maker);
	descriptor_make(maker);
	field_spoil(maker, maker->packet->bytes, &fields[below(maker, N(fields))]);
}

static void make_signal(struct maker *maker)
{
	maker->packet->frame = HVSIM_FRAME_SIGNAL;
	maker->packet->arg = 0;
	maker->packet->len = 0;
	maker->packet->times = 1 + (unsigned int)below(maker, SIGNALS_MOST);
}

static void make_length(struct maker *maker)
{
	static const struct field length = { 4, 2 };
	uint64_t right;

	make_good(maker);
	descriptor_make(maker);
	right = hvsim_frame_get(maker->packet->bytes + 4, 2);
	while (hvsim_frame_get(maker->packet->bytes + 4, 2) == right)
		field_spoil(maker, maker->packet->bytes, &length);
}

static void make_index(struct maker *maker)
{
	/*
	 * Of each ring: read index, interrupt mask, bytes wanted, features; and of the one
	 * to the guest, the write index.  With that of the other, which is the guest's own
	 * business, a host makes Linux write anywhere: see hv_vmbus-reports.rst.
	 */
	static const uint8_t offsets[] = { 4, 4, 8, 12, 64, 0, 0 };
	struct hvsim_hostile_packet *packet = maker->packet;

	packet->frame = HVSIM_FRAME_INDEX;
	packet->arg = (uint16_t)below(maker, 2);
	packet->len = 8;
	hvsim_frame_put(packet->bytes, offsets[below(maker, N(offsets) - 2 * packet->arg)], 4);
	hvsim_frame_put(packet->bytes + 4, hvsim_dice_odd(&maker->dice, 4, HVSIM_HOSTILE_ROOM), 4);
}

static void make_twice(struct maker *maker);
static void make_reordered(struct maker *maker);

/* Weights are relative; what breaks the ring has a rate of its own. */
static const struct {
	const char *name;
	const char *text;
	void (*make)(struct maker *maker);
	unsigned int weight;
} kinds[HVSIM_NR_HOSTILE] = {
	[HVSIM_HOSTILE_GOOD] = { "good", "nothing: it is harmless", make_good, 8 },
	[HVSIM_HOSTILE_TYPE] = { "type", "its VMBus packet type", make_type, 2 },
	[HVSIM_HOSTILE_PIPE] = { "pipe", "type or size of the pipe header", make_pipe, 4 },
	[HVSIM_HOSTILE_HEADER] = { "header", "fields of the message header", make_header, 8 },
	[HVSIM_HOSTILE_SIZES] = { "sizes", "sizes that are not those of what follows",
				  make_sizes, 4 },
	[HVSIM_HOSTILE_VERSIONS] = { "versions", "counts or lists of a version offer",
				     make_versions, 8 },
	[HVSIM_HOSTILE_BODY] = { "body", "fields of the service's body", make_body, 8 },
	[HVSIM_HOSTILE_CUT] = { "cut", "its end is missing", make_cut, 4 },
	[HVSIM_HOSTILE_LONG] = { "long", "there is more behind its end", make_long, 2 },
	[HVSIM_HOSTILE_NOISE] = { "noise", "any bits of it, or all", make_noise, 4 },
	[HVSIM_HOSTILE_REPLY] = { "reply", "it is a reply, to nothing", make_reply, 2 },
	[HVSIM_HOSTILE_TWICE] = { "twice", "it was sent just before", make_twice, 2 },
	[HVSIM_HOSTILE_REORDERED] = { "reordered", "it is another's turn", make_reordered, 2 },
	[HVSIM_HOSTILE_FLOOD] = { "flood", "there are too many of it", make_flood, 1 },
	[HVSIM_HOSTILE_DESCRIPTOR] = { "descriptor", "fields of the VMBus packet's descriptor",
				       make_descriptor, 4 },
	[HVSIM_HOSTILE_SIGNAL] = { "signal", "there is an interrupt and no packet",
				   make_signal, 1 },
	[HVSIM_HOSTILE_LENGTH] = { "length", "the length in the VMBus packet's descriptor",
				   make_length, 0 },
	[HVSIM_HOSTILE_INDEX] = { "index", "the indices of a ring", make_index, 0 },
};

static enum hvsim_hostile_kind kind_pick(struct maker *maker, uint32_t allowed)
{
	uint32_t breaking = allowed & HVSIM_HOSTILE_BREAKING;
	uint64_t total = 0, turn;
	int i;

	if (breaking && (breaking == allowed || !below(maker, BREAKING_RATE)))
		return breaking != HVSIM_HOSTILE_BREAKING ? __builtin_ctz(breaking) :
		       toss(maker) ? HVSIM_HOSTILE_LENGTH : HVSIM_HOSTILE_INDEX;
	for (i = 0; i < HVSIM_NR_HOSTILE; i++)
		total += allowed & 1u << i ? kinds[i].weight : 0;
	turn = total ? below(maker, total) : 0;
	for (i = 0; i < HVSIM_NR_HOSTILE; i++) {
		if (!(allowed & 1u << i))
			continue;
		if (turn < kinds[i].weight)
			return i;
		turn -= kinds[i].weight;
	}
	return HVSIM_HOSTILE_GOOD;
}

/* Makes the packet of the maker's number, and returns its kind. */
static enum hvsim_hostile_kind number_make(struct maker *maker)
{
	struct hvsim_hostile_packet *packet = maker->packet;
	uint64_t start = hvsim_dice_mix(maker->seed) + maker->target->service;
	uint32_t allowed = maker->target->kinds;
	enum hvsim_hostile_kind kind;

	maker->dice.state = hvsim_dice_mix(hvsim_dice_mix(start) + maker->number);
	packet->frame = HVSIM_FRAME_PACKET;
	packet->arg = HVSIM_VMBUS_INBAND;
	packet->times = 1;
	packet->len = 0;
	/* what breaks the ring does so when it is its own turn */
	if (maker->others)
		allowed &= ~HVSIM_HOSTILE_BREAKING;
	if (maker->others == OTHERS_MOST)
		allowed &= ~(HVSIM_HOSTILE(TWICE) | HVSIM_HOSTILE(REORDERED));
	kind = kind_pick(maker, allowed);
	kinds[kind].make(maker);
	return kind;
}

static void make_twice(struct maker *maker)
{
	maker->others++;
	maker->number--;
	number_make(maker);
}

static void make_reordered(struct maker *maker)
{
	maker->others++;
	maker->number ^= 1 + below(maker, 7);
	number_make(maker);
}

/* Spoils an order, should there be one. */
static void order_tame(const struct grammar *grammar, struct hvsim_hostile_packet *packet)
{
	bool ring = packet->frame == HVSIM_FRAME_RING;
	size_t before = ring ? sizeof(struct hvsim_vmbus_packet) : 0;
	size_t after = ring ? HVSIM_PACKET_TRAILER : 0;
	size_t order = HVIC_HDR_LEN + grammar->needed;
	unsigned int i;

	/* a ring fills up to eights with zeros, which would be part of the order */
	if (!ring && packet->len < order && packet->len > (order - 1) / 8 * 8)
		packet->len = (order - 1) / 8 * 8;
	if (packet->len < before + order + after)
		return;
	for (i = 0; i < grammar->spoilt.size; i++)
		packet->bytes[before + HVIC_HDR_LEN + grammar->spoilt.offset + i] |= 0x80;
}

/* Takes out what no test wants. */
static void packet_tame(const struct grammar *grammar, struct hvsim_hostile_packet *packet)
{
	size_t at = AT_TRANSACTION;

	if (packet->frame == HVSIM_FRAME_RING)
		at += sizeof(struct hvsim_vmbus_packet);
	else if (packet->frame != HVSIM_FRAME_PACKET)
		return;
	if (packet->len > at && packet->bytes[at] >= HVSIM_HOSTILE_OTHERS)
		packet->bytes[at] -= HVSIM_HOSTILE_OTHERS;
	if (grammar->needed)
		order_tame(grammar, packet);
}

/**
 * hvsim_hostile_make() - Make a packet.
 * @packet: written
 * @target: for whom
 * @seed: of all packets
 * @number: of this one, from 0
 */
void hvsim_hostile_make(struct hvsim_hostile_packet *packet,
			const struct hvsim_hostile_target *target, uint64_t seed, uint64_t number)
{
	struct maker maker = {
		.target = target,
		.grammar = &grammars[target->service],
		.seed = seed,
		.number = number,
		.packet = packet,
	};

	packet->kind = number_make(&maker);
	if (packet->frame == HVSIM_FRAME_PACKET && packet->len > target->most)
		packet->len = target->most;
	packet_tame(maker.grammar, packet);
}

/**
 * hvsim_hostile_knows() - Whether packets can be made for a service.
 * @service: which
 *
 * Return: whether it has a grammar.
 */
bool hvsim_hostile_knows(enum hvsim_service_id service)
{
	return grammars[service].body_len;
}

/**
 * hvsim_hostile_name() - The name of a kind, for programs.
 * @kind: which
 *
 * Return: a word.
 */
const char *hvsim_hostile_name(enum hvsim_hostile_kind kind)
{
	return kinds[kind].name;
}

/**
 * hvsim_hostile_text() - What is wrong with a packet of a kind, for people.
 * @kind: which
 *
 * Return: a phrase.
 */
const char *hvsim_hostile_text(enum hvsim_hostile_kind kind)
{
	return kinds[kind].text;
}
