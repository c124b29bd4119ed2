// SPDX-License-Identifier: GPL-2.0-only
/* File copy: each operation, order, size and length. */

#include "../hvic_fcopy.h"
#include "hvic_offer.h"

#define START_LEN	1088
#define WRITE_LEN	6196
#define HEAD_LEN	36
/* A time at which a copy was heard of. */
#define NOW		1000000ull
#define LONGEST		0x7fffffffffffffffull

/* A request of an operation, with no more in it than that and its two GUIDs. */
static struct hvic_packet fcopy_new(struct kunit *test, u32 operation, size_t len)
{
	struct hvic_packet packet = packet_new(test, HVIC_TYPE_FCOPY, len);
	u8 head[HEAD_LEN];
	size_t i;

	for (i = 0; i < sizeof(head); i++)
		head[i] = i < 4 ? operation >> 8 * i & 0xff : 0x40 + i;
	memcpy(packet.body, head, len < sizeof(head) ? len : sizeof(head));
	return packet;
}

static void units_write(u8 *dst, const u16 *units)
{
	do {
		dst[0] = *units & 0xff;
		dst[1] = *units >> 8;
		dst += 2;
	} while (*units++);
}

static struct hvic_packet start_new(struct kunit *test, u64 size)
{
	static const u16 name[] = { 'n', 0 }, path[] = { '/', 't', 0 };
	struct hvic_packet packet = fcopy_new(test, HVIC_FCOPY_START, START_LEN);
	struct hvic_fcopy_start *start = packet.body;

	units_write(start->name, name);
	units_write(start->path, path);
	start->flags = cpu_to_le32(HVIC_FCOPY_CREATE_PATH);
	start->size = cpu_to_le64(size);
	return packet;
}

static struct hvic_packet write_new(struct kunit *test, u64 offset, u32 size)
{
	struct hvic_packet packet = fcopy_new(test, HVIC_FCOPY_WRITE, WRITE_LEN);
	struct hvic_fcopy_write *write = packet.body;
	size_t i;

	write->offset = cpu_to_le64(offset);
	write->size = cpu_to_le32(size);
	for (i = 0; i < sizeof(write->data); i++)
		write->data[i] = 1 + i % 255;
	return packet;
}

static void expect_bytes(struct kunit *test, const void *bytes, size_t len, u8 value,
			 const char *what)
{
	const u8 *at = bytes;
	size_t i;

	for (i = 0; i < len; i++)
		KUNIT_ASSERT_EQ_MSG(test, at[i], value, "%s, byte %zu", what, i);
}

/* What was in the memory before must not reach anybody. */
static void *request_new(struct kunit *test, size_t len)
{
	return memset(packet_alloc(test, len), 0xee, len);
}

static void fcopy_registers(struct kunit *test)
{
	static const u32 wrong[] = { 2, 3, 100, 0x01000000, 0xffffffff };
	u32 written = 1, greeting = PACKET_UNTOUCHED;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, hvic_fcopy_register(&written, &greeting), 4);
	KUNIT_EXPECT_EQ(test, greeting, 1);
	written = 0;
	greeting = PACKET_UNTOUCHED;
	KUNIT_EXPECT_EQ(test, hvic_fcopy_register(&written, &greeting), 0);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		written = wrong[i];
		KUNIT_EXPECT_EQ(test, hvic_fcopy_register(&written, &greeting), -EINVAL);
	}
	KUNIT_EXPECT_EQ(test, greeting, PACKET_UNTOUCHED);
}

static void fcopy_each_operation(struct kunit *test)
{
	static const u32 wrong[] = { 4, 5, 0x100, 0x10000, 0x1000000, 0x80000000, 0xffffffff };
	struct hvic_packet packet;
	struct hvic_msg msg;
	unsigned int i;

	for (i = 0; i < HVIC_NR_FCOPY_OPERATIONS; i++) {
		packet = fcopy_new(test, i, HEAD_LEN);
		msg = packet_open(test, &packet);
		KUNIT_EXPECT_EQ(test, hvic_fcopy_operation(&msg), i);
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct hvic_copy copy = {};
		u8 *room = request_new(test, WRITE_LEN);

		packet = fcopy_new(test, wrong[i], WRITE_LEN);
		msg = packet_open(test, &packet);
		KUNIT_EXPECT_EQ(test, hvic_fcopy_operation(&msg), -EOPNOTSUPP);
		KUNIT_EXPECT_EQ(test, hvic_fcopy_forward(&msg, room), -EOPNOTSUPP);
		KUNIT_EXPECT_EQ(test, hvic_copy_admit(&copy, &msg, NOW), -EOPNOTSUPP);
		KUNIT_EXPECT_EQ(test, copy.heard, 0);
	}
	for (i = 0; i < HEAD_LEN; i++) {
		packet = fcopy_new(test, HVIC_FCOPY_CANCEL, i);
		msg = packet_open(test, &packet);
		KUNIT_EXPECT_EQ(test, hvic_fcopy_operation(&msg), -EMSGSIZE);
	}
}

/* Each in memory of its own, which ends where the daemon's structure does. */
static void fcopy_forwards(struct kunit *test)
{
	static const size_t lengths[] = { START_LEN, WRITE_LEN, HEAD_LEN, HEAD_LEN };
	unsigned int op;

	for (op = 0; op < HVIC_NR_FCOPY_OPERATIONS; op++) {
		struct hvic_packet packet = op == HVIC_FCOPY_START ? start_new(test, 5) :
			op == HVIC_FCOPY_WRITE ? write_new(test, 7, 9) :
			fcopy_new(test, op, HEAD_LEN);
		struct hvic_msg msg = packet_open(test, &packet);
		struct hvic_user_fcopy_hdr *hdr = request_new(test, lengths[op]);
		const struct hvic_fcopy_hdr *from = packet.body;

		KUNIT_ASSERT_EQ(test, hvic_fcopy_forward(&msg, hdr), (int)lengths[op]);
		KUNIT_EXPECT_EQ(test, hdr->operation, op);
		KUNIT_EXPECT_EQ(test, memcmp(hdr->service, from->service, 16), 0);
		KUNIT_EXPECT_EQ(test, memcmp(hdr->session, from->session, 16), 0);
	}
}

static void fcopy_forwards_a_start(struct kunit *test)
{
	struct hvic_packet packet = start_new(test, 0x123456789abcdefull);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_user_fcopy_start *to = request_new(test, sizeof(*to));

	KUNIT_ASSERT_EQ(test, hvic_fcopy_forward(&msg, to), START_LEN);
	KUNIT_EXPECT_EQ(test, memcmp(to->name, "n", 2), 0);
	KUNIT_EXPECT_EQ(test, memcmp(to->path, "/t", 3), 0);
	expect_bytes(test, to->name + 1, sizeof(to->name) - 1, 0, "behind the name");
	expect_bytes(test, to->path + 2, sizeof(to->path) - 2, 0, "behind the path");
	KUNIT_EXPECT_EQ(test, to->flags, HVIC_FCOPY_CREATE_PATH);
	KUNIT_EXPECT_EQ(test, to->size, 0x123456789abcdefull);
}

static void fcopy_forwards_a_write(struct kunit *test)
{
	struct hvic_packet packet = write_new(test, 0xfedcba9876543210ull, 6144);
	struct hvic_msg msg = packet_open(test, &packet);
	struct hvic_user_fcopy_write *to = request_new(test, sizeof(*to));
	const struct hvic_fcopy_write *from = packet.body;

	KUNIT_ASSERT_EQ(test, hvic_fcopy_forward(&msg, to), WRITE_LEN);
	KUNIT_EXPECT_EQ(test, to->pad, 0);
	KUNIT_EXPECT_EQ(test, to->offset, 0xfedcba9876543210ull);
	KUNIT_EXPECT_EQ(test, to->size, 6144);
	KUNIT_EXPECT_EQ(test, memcmp(to->data, from->data, 6144), 0);

	packet = write_new(test, 1, 100);
	msg = packet_open(test, &packet);
	KUNIT_ASSERT_EQ(test, hvic_fcopy_forward(&msg, to), WRITE_LEN);
	KUNIT_EXPECT_EQ(test, memcmp(to->data, from->data, 100), 0);
	expect_bytes(test, to->data + 100, sizeof(to->data) - 100, 0, "behind the data");
}

/**
 * struct text - a name or path of the host
 * @what: what about it
 * @units: it, but for what repeats
 * @count: how often the first of @units comes before them
 * @utf8: what the daemon reads, without what repeats; NULL when only the length counts
 * @want: bytes of it, or an errno
 */
struct text {
	const char *what;
	u16 units[6];
	unsigned int count;
	const char *utf8;
	int want;
};

static const struct text texts[] = {
	{ "nothing", { 0 }, 0, "", -EINVAL },
	{ "umlauts", { 0xe4, 0xf6, 0xdf, 0 }, 0, "\xc3\xa4\xc3\xb6\xc3\x9f", 6 },
	{ "Japanese", { 0x65e5, 0x672c, 0 }, 0, "\xe6\x97\xa5\xe6\x9c\xac", 6 },
	{ "a pair", { 0xd83d, 0xde00, 0 }, 0, "\xf0\x9f\x98\x80", 4 },
	{ "the last character", { 0xdbff, 0xdfff, 0 }, 0, "\xf4\x8f\xbf\xbf", 4 },
	{ "half a pair", { 'a', 0xd83d, 0 }, 0, NULL, -EINVAL },
	{ "the other half", { 'a', 0xde00, 0 }, 0, NULL, -EINVAL },
	{ "a pair the wrong way", { 0xde00, 0xd83d, 0 }, 0, NULL, -EINVAL },
	{ "259 units", { 'a', 0 }, 258, NULL, 259 },
	{ "260 units without NUL", { 'a', 'b' }, 258, NULL, 260 },
	{ "half a pair at the end", { 'a', 0xd83d }, 258, NULL, -EINVAL },
	{ "519 bytes", { 0xe4, 'a', 0 }, 258, NULL, 519 },
	{ "520 bytes", { 0xe4, 0xe4, 0 }, 258, NULL, -EINVAL },
	{ "519 bytes of three", { 0x65e5, 0 }, 172, NULL, 519 },
	{ "522 bytes of three", { 0x65e5, 0 }, 173, NULL, -EINVAL },
	{ "777 bytes", { 0x65e5, 0 }, 258, NULL, -EINVAL },
};

static void text_write(u8 *dst, const struct text *text)
{
	unsigned int at, i;
	u16 unit;

	for (at = 0; at < 260; at++) {
		i = at < text->count ? 0 : at - text->count;
		unit = i < 6 ? text->units[i] : 0xdead;
		dst[2 * at] = unit & 0xff;
		dst[2 * at + 1] = unit >> 8;
		if (!unit)
			break;
	}
}

static void text_desc(const struct text *text, char *desc)
{
	strscpy(desc, text->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(text, texts, text_desc);

static void fcopy_texts(struct kunit *test)
{
	const struct text *text = test->param_value;
	unsigned int which;

	for (which = 0; which < 2; which++) {
		struct hvic_packet packet = start_new(test, 0);
		struct hvic_user_fcopy_start *to = request_new(test, sizeof(*to));
		struct hvic_fcopy_start *from = packet.body;
		struct hvic_msg msg = packet_open(test, &packet);
		u8 *got = which ? to->path : to->name;

		memset(which ? from->path : from->name, 0xff, 520);
		text_write(which ? from->path : from->name, text);
		KUNIT_ASSERT_EQ(test, hvic_fcopy_forward(&msg, to),
				text->want < 0 ? text->want : START_LEN);
		if (text->want < 0)
			continue;
		KUNIT_EXPECT_EQ(test, strlen((char *)got), text->want);
		expect_bytes(test, got + text->want, 520 - text->want, 0, text->what);
		if (text->utf8)
			KUNIT_EXPECT_EQ(test, memcmp(got, text->utf8, text->want), 0);
	}
}

static void fcopy_each_length(struct kunit *test)
{
	u8 *room = request_new(test, WRITE_LEN);
	struct hvic_packet whole = start_new(test, 1), packet;
	struct hvic_msg msg;
	size_t len;

	for (len = HEAD_LEN; len <= START_LEN; len++) {
		struct hvic_copy copy = {};

		packet = packet_new(test, HVIC_TYPE_FCOPY, len);
		memcpy(packet.body, whole.body, len);
		msg = packet_open(test, &packet);
		KUNIT_ASSERT_EQ(test, hvic_fcopy_forward(&msg, room),
				len < START_LEN ? -EMSGSIZE : START_LEN);
		KUNIT_ASSERT_EQ(test, hvic_copy_admit(&copy, &msg, NOW),
				len < START_LEN ? -EMSGSIZE : 0);
	}
	whole = write_new(test, 0, 100);
	for (len = HEAD_LEN; len <= 52 + 110; len++) {
		packet = packet_new(test, HVIC_TYPE_FCOPY, len);
		memcpy(packet.body, whole.body, len);
		msg = packet_open(test, &packet);
		KUNIT_ASSERT_EQ_MSG(test, hvic_fcopy_forward(&msg, room),
				    len < 52 + 100 ? -EMSGSIZE : WRITE_LEN, "%zu bytes", len);
	}
}

/**
 * struct bounds - a piece and the file that it is of
 * @announced: bytes of the file
 * @offset: where the piece goes
 * @size: its bytes
 * @want: whether it is taken
 */
struct bounds {
	u64 announced;
	u64 offset;
	u32 size;
	int want;
};

static const struct bounds bounds[] = {
	{ 0, 0, 0, 0 },
	{ 0, 0, 1, -EINVAL },
	{ 0, 1, 0, -EINVAL },
	{ 10, 0, 10, 0 },
	{ 10, 0, 11, -EINVAL },
	{ 10, 9, 1, 0 },
	{ 10, 9, 2, -EINVAL },
	{ 10, 10, 0, 0 },
	{ 10, 10, 1, -EINVAL },
	{ 10, 11, 0, -EINVAL },
	{ 6144, 0, 6144, 0 },
	{ 6143, 0, 6144, -EINVAL },
	{ LONGEST, 0, 6145, -EINVAL },
	{ LONGEST, 0, 0x80000000, -EINVAL },
	{ LONGEST, 0, 0xffffffff, -EINVAL },
	{ LONGEST, LONGEST - 6144, 6144, 0 },
	{ LONGEST, LONGEST - 6143, 6144, -EINVAL },
	{ LONGEST, LONGEST, 0, 0 },
	{ LONGEST, LONGEST + 1, 0, -EINVAL },
	{ LONGEST, ~0ull, 1, -EINVAL },
	{ LONGEST, ~0ull - 6143, 6144, -EINVAL },
	{ 0x100000000ull, 0xffffffffull, 1, 0 },
	{ 0x100000000ull, 0xffffffffull, 2, -EINVAL },
	{ 10, 0x100000000ull, 1, -EINVAL },
};

static void bounds_desc(const struct bounds *b, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u at %llx of %llx", b->size,
		 (unsigned long long)b->offset, (unsigned long long)b->announced);
}

KUNIT_ARRAY_PARAM(bounds, bounds, bounds_desc);

static void copy_bounds(struct kunit *test)
{
	const struct bounds *b = test->param_value;
	struct hvic_copy copy = { HVIC_COPY_RUNNING, .size = b->announced };
	struct hvic_packet packet = write_new(test, b->offset, b->size);
	struct hvic_msg msg = packet_open(test, &packet);

	KUNIT_EXPECT_EQ(test, hvic_copy_admit(&copy, &msg, NOW), b->want);
	KUNIT_EXPECT_EQ(test, copy.writes, b->want ? 0 : 1);
	/* what is left out would be a hole */
	KUNIT_EXPECT_EQ(test, copy.state, b->want ? HVIC_COPY_FAILED : HVIC_COPY_RUNNING);
	KUNIT_EXPECT_EQ(test, copy.heard, b->want ? 0 : NOW);
}

static void copy_takes_any_size(struct kunit *test)
{
	static const u64 sizes[] = { 0, 1, 6144, 0xffffffffull, 0x100000000ull, LONGEST,
				    LONGEST + 1,
				    ~0ull };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct hvic_copy copy = { .serial = 3, .writes = 0, .reached = 4 };
		struct hvic_packet packet = start_new(test, sizes[i]);
		struct hvic_msg msg = packet_open(test, &packet);
		bool fits = sizes[i] <= LONGEST;

		KUNIT_EXPECT_EQ(test, hvic_copy_admit(&copy, &msg, NOW), fits ? 0 : -EINVAL);
		KUNIT_EXPECT_EQ(test, copy.state, fits ? HVIC_COPY_STARTING : HVIC_COPY_NONE);
		KUNIT_EXPECT_EQ(test, copy.size, fits ? sizes[i] : 0);
		KUNIT_EXPECT_EQ(test, copy.reached, fits ? 0 : 4);
		KUNIT_EXPECT_EQ(test, copy.serial, fits ? 4 : 3);
	}
}

/**
 * struct order - a request in a state
 * @state: the state
 * @operation: the request
 * @writes: pieces that are not answered
 * @reached: how much of 10 bytes is written
 * @want: whether it is taken
 * @next: the state then
 */
struct order {
	enum hvic_copy_state state;
	u32 operation;
	u32 writes;
	u64 reached;
	int want;
	enum hvic_copy_state next;
};

#define O(state, operation, writes, reached, want, next) \
	{ HVIC_COPY_##state, HVIC_FCOPY_##operation, writes, reached, want, HVIC_COPY_##next }

static const struct order orders[] = {
	O(NONE, START, 0, 0, 0, STARTING),
	O(NONE, WRITE, 0, 0, -EPROTO, NONE),
	O(NONE, COMPLETE, 0, 10, -EPROTO, NONE),
	O(NONE, CANCEL, 0, 0, -EPROTO, NONE),
	O(STARTING, START, 0, 0, -EBUSY, STARTING),
	O(STARTING, WRITE, 0, 0, -EPROTO, STARTING),
	O(STARTING, COMPLETE, 0, 10, -EPROTO, STARTING),
	O(STARTING, CANCEL, 0, 0, 0, ENDING),
	O(RUNNING, START, 0, 0, -EBUSY, RUNNING),
	O(RUNNING, START, 1, 0, -EBUSY, RUNNING),
	O(RUNNING, WRITE, 0, 0, 0, RUNNING),
	O(RUNNING, WRITE, 1, 0, 0, RUNNING),
	O(RUNNING, COMPLETE, 0, 10, 0, ENDING),
	O(RUNNING, COMPLETE, 0, 9, -EIO, FAILED),
	O(RUNNING, COMPLETE, 1, 10, -EBUSY, RUNNING),
	O(RUNNING, CANCEL, 0, 0, 0, ENDING),
	O(RUNNING, CANCEL, 1, 0, 0, ENDING),
	O(FAILED, START, 0, 0, 0, STARTING),
	O(FAILED, START, 1, 0, -EBUSY, FAILED),
	O(FAILED, WRITE, 0, 0, -EPROTO, FAILED),
	O(FAILED, COMPLETE, 0, 10, -EPROTO, FAILED),
	O(FAILED, CANCEL, 0, 0, 0, ENDING),
	O(ENDING, START, 0, 0, -EBUSY, ENDING),
	O(ENDING, WRITE, 0, 0, -EPROTO, ENDING),
	O(ENDING, COMPLETE, 0, 10, -EPROTO, ENDING),
	O(ENDING, CANCEL, 0, 0, -EPROTO, ENDING),
};

static struct hvic_packet request_of(struct kunit *test, u32 operation)
{
	return operation == HVIC_FCOPY_START ? start_new(test, 10) :
	       operation == HVIC_FCOPY_WRITE ? write_new(test, 4, 6) :
	       fcopy_new(test, operation, HEAD_LEN);
}

static void copy_order(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		const struct order *order = &orders[i];
		struct hvic_packet packet = request_of(test, order->operation);
		struct hvic_msg msg = packet_open(test, &packet);
		struct hvic_copy copy = {
			order->state, .size = 10, .reached = order->reached,
			.writes = order->writes, .heard = NOW,
		};

		KUNIT_EXPECT_EQ_MSG(test, hvic_copy_admit(&copy, &msg, NOW + 1), order->want,
				    "order %u", i);
		KUNIT_EXPECT_EQ_MSG(test, copy.state, order->next, "order %u", i);
		KUNIT_EXPECT_EQ_MSG(test, copy.heard, NOW + !order->want, "order %u", i);
	}
}

static void copy_silence(struct kunit *test)
{
	static const struct {
		enum hvic_copy_state state;
		u32 writes;
		u64 after;
		int want;
	} table[] = {
		{ HVIC_COPY_RUNNING, 0, HVIC_COPY_SILENCE_MS - 1, -EBUSY },
		{ HVIC_COPY_RUNNING, 0, HVIC_COPY_SILENCE_MS, 0 },
		{ HVIC_COPY_RUNNING, 1, HVIC_COPY_SILENCE_MS, -EBUSY },
		{ HVIC_COPY_STARTING, 0, HVIC_COPY_SILENCE_MS, -EBUSY },
		{ HVIC_COPY_ENDING, 0, HVIC_COPY_SILENCE_MS, -EBUSY },
	};
	struct hvic_packet packet = start_new(test, 1);
	struct hvic_msg msg = packet_open(test, &packet);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct hvic_copy copy = { table[i].state, .writes = table[i].writes, .heard = NOW };

		KUNIT_EXPECT_EQ_MSG(test, hvic_copy_admit(&copy, &msg, NOW + table[i].after),
				    table[i].want, "silence %u", i);
	}
}

/**
 * struct settling - the answer to a request
 * @state: of the copy
 * @operation: the request
 * @status: the answer
 * @next: the state then
 */
struct settling {
	enum hvic_copy_state state;
	u32 operation;
	u32 status;
	enum hvic_copy_state next;
};

#define S(state, operation, status, next) \
	{ HVIC_COPY_##state, HVIC_FCOPY_##operation, HVIC_STATUS_##status, HVIC_COPY_##next }

static const struct settling settlings[] = {
	S(STARTING, START, OK, RUNNING),
	S(STARTING, START, EXISTS, NONE),
	S(ENDING, START, OK, ENDING),
	S(ENDING, START, FAIL, ENDING),
	S(RUNNING, WRITE, OK, RUNNING),
	S(RUNNING, WRITE, DISK_FULL, FAILED),
	S(FAILED, WRITE, OK, FAILED),
	S(FAILED, WRITE, FAIL, FAILED),
	S(ENDING, WRITE, OK, ENDING),
	S(ENDING, WRITE, FAIL, ENDING),
	S(ENDING, COMPLETE, OK, NONE),
	S(ENDING, COMPLETE, FAIL, NONE),
	S(ENDING, CANCEL, OK, NONE),
	S(ENDING, CANCEL, FAIL, NONE),
};

static void copy_settles(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(settlings); i++) {
		const struct settling *s = &settlings[i];
		struct hvic_packet packet = request_of(test, s->operation);
		struct hvic_msg msg = packet_open(test, &packet);
		struct hvic_copy copy = { s->state, .serial = 5, .size = 10, .writes = 2 };
		struct hvic_copy before = copy;
		bool write = s->operation == HVIC_FCOPY_WRITE, over = s->next == HVIC_COPY_NONE;

		hvic_copy_settle(&copy, 4, &msg, s->status);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(&copy, &before, sizeof(copy)), 0, "stale %u", i);
		hvic_copy_settle(&copy, 5, &msg, s->status);
		KUNIT_EXPECT_EQ_MSG(test, copy.state, s->next, "settling %u", i);
		KUNIT_EXPECT_EQ_MSG(test, copy.writes, over ? 0 : write ? 1 : 2, "settling %u", i);
		KUNIT_EXPECT_EQ_MSG(test, copy.reached, write && !s->status ? 10 : 0,
				    "settling %u", i);
		KUNIT_EXPECT_EQ_MSG(test, copy.serial, over ? 6 : 5, "settling %u", i);
	}
}

static void copy_reaches_furthest(struct kunit *test)
{
	struct hvic_copy copy = { HVIC_COPY_RUNNING, .size = 100, .writes = 3 };
	static const u64 offsets[] = { 50, 0, 54 }, reached[] = { 56, 56, 60 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		struct hvic_packet packet = write_new(test, offsets[i], 6);
		struct hvic_msg msg = packet_open(test, &packet);

		hvic_copy_settle(&copy, 0, &msg, HVIC_STATUS_OK);
		KUNIT_EXPECT_EQ(test, copy.reached, reached[i]);
	}
	KUNIT_EXPECT_EQ(test, copy.writes, 0);
}

/* The bytes are the caller's, who may have changed them: no harm comes of it. */
static void copy_settles_what_was_changed(struct kunit *test)
{
	struct hvic_copy copy = { HVIC_COPY_RUNNING, .size = 100, .writes = 1 };
	struct hvic_packet packet = write_new(test, 0, 6145);
	struct hvic_msg msg = packet_open(test, &packet);

	hvic_copy_settle(&copy, 0, &msg, HVIC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, copy.state, HVIC_COPY_FAILED);
	KUNIT_EXPECT_EQ(test, copy.reached, 0);
}

static void copy_fails_and_is_forgotten(struct kunit *test)
{
	unsigned int state;

	for (state = 0; state < HVIC_NR_COPY_STATES; state++) {
		struct hvic_copy copy = { state, 7, 100, 50, 3, NOW };

		hvic_copy_fail(&copy);
		KUNIT_EXPECT_EQ(test, copy.state,
				state == HVIC_COPY_RUNNING ? HVIC_COPY_FAILED : state);
		hvic_copy_forget(&copy);
		KUNIT_EXPECT_EQ(test, copy.state, HVIC_COPY_NONE);
		KUNIT_EXPECT_EQ(test, copy.serial, 8);
		KUNIT_EXPECT_EQ(test, copy.size + copy.reached + copy.writes, 0);
	}
}

/* Two pieces at most wait on a walk through all that may happen. */
#define WALK_DEPTH	7
#define WALK_WRITES	2

/**
 * struct walk - a copy, and what a bystander knows of it
 * @test: the test
 * @msgs: a request of each operation; a write brings all of the file
 * @copy: the copy
 * @owed: requests that were admitted, by operation, and not settled
 * @open: a start was answered well, and nothing has ended that since
 * @whole: all was written, and answered well
 */
struct walk {
	struct kunit *test;
	const struct hvic_msg *msgs;
	struct hvic_copy copy;
	unsigned int owed[HVIC_NR_FCOPY_OPERATIONS];
	bool open;
	bool whole;
};

static void walk_ask(struct walk *walk, unsigned int op)
{
	bool open = walk->open, whole = walk->whole, writes = walk->owed[HVIC_FCOPY_WRITE];
	int err = hvic_copy_admit(&walk->copy, &walk->msgs[op], NOW);

	if (op == HVIC_FCOPY_WRITE)
		KUNIT_ASSERT_EQ(walk->test, err, open ? 0 : -EPROTO);
	if (op == HVIC_FCOPY_COMPLETE)
		KUNIT_ASSERT_EQ(walk->test, !err, open && whole && !writes);
	if (op == HVIC_FCOPY_START && open)
		KUNIT_ASSERT_EQ(walk->test, err, -EBUSY);
	if (!err)
		walk->owed[op]++;
	/* no piece is taken between one of these and the next good start */
	if (op == HVIC_FCOPY_START ? !err : op != HVIC_FCOPY_WRITE && (!err || err == -EIO))
		walk->open = false;
	if (op == HVIC_FCOPY_START && !err)
		walk->whole = false;
}

static void walk_settle(struct walk *walk, unsigned int op, u32 status)
{
	if (!walk->owed[op])
		return;
	walk->owed[op]--;
	hvic_copy_settle(&walk->copy, walk->copy.serial, &walk->msgs[op], status);
	if (op == HVIC_FCOPY_START)
		walk->open = !status && walk->copy.state == HVIC_COPY_RUNNING;
	else if (op == HVIC_FCOPY_WRITE && status)
		walk->open = false;
	else if (op == HVIC_FCOPY_WRITE)
		walk->whole = true;
	else
		memset(walk->owed, 0, sizeof(walk->owed));
	KUNIT_ASSERT_EQ(walk->test, walk->copy.writes, walk->owed[HVIC_FCOPY_WRITE]);
}

static void walk_on(struct walk *walk, unsigned int depth)
{
	struct walk here = *walk;
	unsigned int op;

	if (!depth)
		return;
	for (op = 0; op < HVIC_NR_FCOPY_OPERATIONS; op++) {
		if (here.owed[HVIC_FCOPY_WRITE] < WALK_WRITES || op != HVIC_FCOPY_WRITE) {
			walk_ask(walk, op);
			walk_on(walk, depth - 1);
			*walk = here;
		}
		if (here.owed[op]) {
			walk_settle(walk, op, HVIC_STATUS_OK);
			walk_on(walk, depth - 1);
			*walk = here;
			walk_settle(walk, op, HVIC_STATUS_FAIL);
			walk_on(walk, depth - 1);
			*walk = here;
		}
	}
}

static void copy_every_path(struct kunit *test)
{
	struct hvic_packet packets[HVIC_NR_FCOPY_OPERATIONS];
	struct hvic_msg msgs[HVIC_NR_FCOPY_OPERATIONS];
	struct walk walk = { .test = test, .msgs = msgs };
	unsigned int op;

	for (op = 0; op < HVIC_NR_FCOPY_OPERATIONS; op++) {
		packets[op] = request_of(test, op);
		msgs[op] = packet_open(test, &packets[op]);
	}
	walk_on(&walk, WALK_DEPTH);
}

static void copy_words(struct kunit *test)
{
	static const char *const words[] = { "none", "starting", "running", "failed", "ending" };
	struct hvic_copy copy = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		copy.state = i;
		KUNIT_EXPECT_EQ(test, memcmp(hvic_copy_word(&copy), words[i], strlen(words[i]) + 1),
				0);
	}
}

static void fcopy_versions(struct kunit *test)
{
	static const u32 best_first[] = { V(1, 1), V(1, 0), 0 };

	KUNIT_EXPECT_EQ(test, memcmp(hvic_fcopy_versions.message, best_first, sizeof(best_first)),
			0);
	KUNIT_EXPECT_TRUE(test, hvic_fcopy_versions.framework == hvic_frameworks);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(fcopy_registers),
	KUNIT_CASE(fcopy_each_operation),
	KUNIT_CASE(fcopy_forwards),
	KUNIT_CASE(fcopy_forwards_a_start),
	KUNIT_CASE(fcopy_forwards_a_write),
	KUNIT_CASE_PARAM(fcopy_texts, text_gen_params),
	KUNIT_CASE(fcopy_each_length),
	KUNIT_CASE_PARAM(copy_bounds, bounds_gen_params),
	KUNIT_CASE(copy_takes_any_size),
	KUNIT_CASE(copy_order),
	KUNIT_CASE(copy_silence),
	KUNIT_CASE(copy_settles),
	KUNIT_CASE(copy_reaches_furthest),
	KUNIT_CASE(copy_settles_what_was_changed),
	KUNIT_CASE(copy_fails_and_is_forgotten),
	KUNIT_CASE(copy_every_path),
	KUNIT_CASE(copy_words),
	KUNIT_CASE(fcopy_versions),
	{}
};

static struct kunit_suite suite = { .name = "hvic_fcopy", .test_cases = cases };

kunit_test_suite(suite);
