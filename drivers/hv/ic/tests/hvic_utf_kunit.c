// SPDX-License-Identifier: GPL-2.0-only
/* UTF-16LE and UTF-8: every character, what is none, and every end of a buffer. */

#include "../hvic_utf.h"
#include "hvic_packet.h"

#define NO_CHAR		HVIC_NO_CHARACTER

/**
 * struct sequence - the bytes of one character, or of none
 * @name: the test's
 * @bytes: the bytes; behind @len stands nothing at all
 * @len: how many
 * @want: the character
 * @used: bytes that are behind the reader then
 */
struct sequence {
	const char *name;
	u8 bytes[5];
	u8 len;
	u32 want;
	u8 used;
};

static void sequence_desc(const struct sequence *sequence, char *desc)
{
	strscpy(desc, sequence->name, KUNIT_PARAM_DESC_SIZE);
}

static void expect_next(struct kunit *test, u32 (*next)(const u8 **at, const u8 *end))
{
	const struct sequence *sequence = test->param_value;
	const u8 *bytes = packet_copy(test, sequence->bytes, sequence->len), *at = bytes;

	KUNIT_EXPECT_EQ(test, next(&at, bytes + sequence->len), sequence->want);
	KUNIT_EXPECT_EQ(test, at - bytes, sequence->used);
}

static const struct sequence utf8[] = {
	{ "nothing",				{ 0 }, 0, 0, 0 },
	{ "NUL",				{ 0 }, 1, 0, 1 },
	{ "first of one byte",			{ 0x01 }, 1, 0x01, 1 },
	{ "last of one byte",			{ 0x7f }, 1, 0x7f, 1 },
	{ "first of two bytes",			{ 0xc2, 0x80 }, 2, 0x80, 2 },
	{ "last of two bytes",			{ 0xdf, 0xbf }, 2, 0x7ff, 2 },
	{ "first of three bytes",		{ 0xe0, 0xa0, 0x80 }, 3, 0x800, 3 },
	{ "last before the surrogates",		{ 0xed, 0x9f, 0xbf }, 3, 0xd7ff, 3 },
	{ "first behind the surrogates",	{ 0xee, 0x80, 0x80 }, 3, 0xe000, 3 },
	{ "byte order mark",			{ 0xef, 0xbb, 0xbf }, 3, 0xfeff, 3 },
	{ "last of three bytes",		{ 0xef, 0xbf, 0xbf }, 3, 0xffff, 3 },
	{ "first of four bytes",		{ 0xf0, 0x90, 0x80, 0x80 }, 4, 0x10000, 4 },
	{ "last of all",			{ 0xf4, 0x8f, 0xbf, 0xbf }, 4, 0x10ffff, 4 },
	{ "one behind the last",		{ 0xf4, 0x90, 0x80, 0x80 }, 4, NO_CHAR, 1 },
	{ "far behind the last",		{ 0xf7, 0xbf, 0xbf, 0xbf }, 4, NO_CHAR, 1 },
	{ "five bytes",				{ 0xf8, 0x88, 0x80, 0x80, 0x80 }, 5, NO_CHAR, 1 },
	{ "byte that never occurs",		{ 0xff, 0x80 }, 2, NO_CHAR, 1 },
	{ "first surrogate",			{ 0xed, 0xa0, 0x80 }, 3, NO_CHAR, 1 },
	{ "last surrogate",			{ 0xed, 0xbf, 0xbf }, 3, NO_CHAR, 1 },
	{ "overlong NUL",			{ 0xc0, 0x80 }, 2, NO_CHAR, 1 },
	{ "overlong slash",			{ 0xc0, 0xaf }, 2, NO_CHAR, 1 },
	{ "overlong, two bytes",		{ 0xc1, 0xbf }, 2, NO_CHAR, 1 },
	{ "overlong, three bytes",		{ 0xe0, 0x9f, 0xbf }, 3, NO_CHAR, 1 },
	{ "overlong, four bytes",		{ 0xf0, 0x8f, 0xbf, 0xbf }, 4, NO_CHAR, 1 },
	{ "first continuation alone",		{ 0x80 }, 1, NO_CHAR, 1 },
	{ "last continuation alone",		{ 0xbf }, 1, NO_CHAR, 1 },
	{ "two bytes, cut",			{ 0xc2 }, 1, NO_CHAR, 1 },
	{ "three bytes, cut to one",		{ 0xe2 }, 1, NO_CHAR, 1 },
	{ "three bytes, cut to two",		{ 0xe2, 0x82 }, 2, NO_CHAR, 1 },
	{ "four bytes, cut to one",		{ 0xf0 }, 1, NO_CHAR, 1 },
	{ "four bytes, cut to three",		{ 0xf0, 0x9f, 0x98 }, 3, NO_CHAR, 1 },
	{ "no continuation but a letter",	{ 0xc3, 0x41 }, 2, NO_CHAR, 1 },
	{ "no continuation but another lead",	{ 0xe2, 0x82, 0xc3 }, 3, NO_CHAR, 1 },
	{ "no continuation but a NUL",		{ 0xf0, 0x9f, 0x98, 0x00 }, 4, NO_CHAR, 1 },
	{ "no more than one is read",		{ 0xc3, 0xa9, 0xc3, 0xa9 }, 4, 0xe9, 2 },
};

KUNIT_ARRAY_PARAM(utf8, utf8, sequence_desc);

static void utf8_next(struct kunit *test)
{
	expect_next(test, hvic_utf8_next);
}

static const struct sequence utf16[] = {
	{ "nothing",				{ 0 }, 0, 0, 0 },
	{ "half a unit",			{ 0x41 }, 1, 0, 0 },
	{ "NUL",				{ 0x00, 0x00 }, 2, 0, 2 },
	{ "letter",				{ 0x41, 0x00 }, 2, 0x41, 2 },
	{ "low byte alone is zero",		{ 0x00, 0x01 }, 2, 0x100, 2 },
	{ "byte order mark",			{ 0xff, 0xfe }, 2, 0xfeff, 2 },
	{ "last before the surrogates",		{ 0xff, 0xd7 }, 2, 0xd7ff, 2 },
	{ "first behind the surrogates",	{ 0x00, 0xe0 }, 2, 0xe000, 2 },
	{ "last of one unit",			{ 0xff, 0xff }, 2, 0xffff, 2 },
	{ "first pair",				{ 0x00, 0xd8, 0x00, 0xdc }, 4, 0x10000, 4 },
	{ "last pair",				{ 0xff, 0xdb, 0xff, 0xdf }, 4, 0x10ffff, 4 },
	{ "high half alone",			{ 0x00, 0xd8 }, 2, NO_CHAR, 2 },
	{ "high half, half a unit",		{ 0x00, 0xd8, 0x00 }, 3, NO_CHAR, 2 },
	{ "high half, then a letter",		{ 0xff, 0xdb, 0x41, 0x00 }, 4, NO_CHAR, 2 },
	{ "high half twice",			{ 0x00, 0xd8, 0x00, 0xd8 }, 4, NO_CHAR, 2 },
	{ "high half, then behind the low ones", { 0x00, 0xd8, 0x00, 0xe0 }, 4, NO_CHAR, 2 },
	{ "first low half alone",		{ 0x00, 0xdc }, 2, NO_CHAR, 2 },
	{ "last low half alone",		{ 0xff, 0xdf }, 2, NO_CHAR, 2 },
	{ "pair in the wrong order",		{ 0x00, 0xdc, 0x00, 0xd8 }, 4, NO_CHAR, 2 },
	{ "no more than one is read",		{ 0x41, 0x00, 0x42, 0x00 }, 4, 0x41, 2 },
};

KUNIT_ARRAY_PARAM(utf16, utf16, sequence_desc);

static void utf16_next(struct kunit *test)
{
	expect_next(test, hvic_utf16_next);
}

static bool in(u8 byte, u8 first, u8 last)
{
	return byte >= first && byte <= last;
}

/* How long a character starts at @b, as Unicode's table of well-formed bytes says. */
static unsigned int well_formed(const u8 *b)
{
	if (in(b[0], 0x00, 0x7f))
		return 1;
	if (in(b[0], 0xc2, 0xdf))
		return in(b[1], 0x80, 0xbf) ? 2 : 0;
	if (in(b[0], 0xe0, 0xef))
		return in(b[1], b[0] == 0xe0 ? 0xa0 : 0x80, b[0] == 0xed ? 0x9f : 0xbf) &&
		       in(b[2], 0x80, 0xbf) ? 3 : 0;
	if (in(b[0], 0xf0, 0xf4))
		return in(b[1], b[0] == 0xf0 ? 0x90 : 0x80, b[0] == 0xf4 ? 0x8f : 0xbf) &&
		       in(b[2], 0x80, 0xbf) && in(b[3], 0x80, 0xbf) ? 4 : 0;
	return 0;
}

static void expect_as_strict(struct kunit *test, u8 first, u8 second, u8 third, u8 fourth)
{
	const u8 bytes[] = { first, second, third, fourth }, *at = bytes;
	unsigned int len = well_formed(bytes);
	u32 got = hvic_utf8_next(&at, bytes + sizeof(bytes));

	KUNIT_ASSERT_EQ_MSG(test, got != NO_CHAR, len != 0, "%02x %02x %02x %02x", first, second,
			    third, fourth);
	KUNIT_ASSERT_EQ_MSG(test, at - bytes, len ? len : 1, "%02x %02x %02x %02x", first, second,
			    third, fourth);
}

/* All of the first two bytes, and of the others those at an edge of their range. */
static void utf8_next_is_as_strict_as_unicode(struct kunit *test)
{
	static const u8 edges[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff };
	unsigned int two, i, j;

	for (two = 0; two < 0x10000; two++)
		for (i = 0; i < ARRAY_SIZE(edges); i++)
			for (j = 0; j < ARRAY_SIZE(edges); j++)
				expect_as_strict(test, two >> 8, two & 0xff, edges[i], edges[j]);
}

static bool is_surrogate(u32 character)
{
	return character >= 0xd800 && character <= 0xdfff;
}

/* Each character, written and read back in both, and as long as it should be. */
static void utf_every_character(struct kunit *test)
{
	u32 c;

	for (c = 1; c <= 0x10ffff; c++) {
		size_t want8 = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		size_t want16 = c < 0x10000 ? 2 : 4;
		const u8 *at;
		u8 bytes[4];

		if (is_surrogate(c))
			continue;

		KUNIT_ASSERT_EQ_MSG(test, hvic_utf8_put((char *)bytes, 4, c), want8, "U+%04X", c);
		at = bytes;
		KUNIT_ASSERT_EQ(test, hvic_utf8_next(&at, bytes + want8), c);
		KUNIT_ASSERT_EQ_MSG(test, at - bytes, want8, "U+%04X", c);

		KUNIT_ASSERT_EQ_MSG(test, hvic_utf16_put(bytes, 4, c), want16, "U+%04X", c);
		at = bytes;
		KUNIT_ASSERT_EQ(test, hvic_utf16_next(&at, bytes + want16), c);
		KUNIT_ASSERT_EQ_MSG(test, at - bytes, want16, "U+%04X", c);
	}
}

static void utf_every_character_as_text(struct kunit *test)
{
	char text[5], back[5];
	u8 wide[6];
	u32 c;
	int n;

	for (c = 1; c <= 0x10ffff; c++) {
		if (is_surrogate(c))
			continue;
		text[hvic_utf8_put(text, 4, c)] = '\0';

		n = hvic_utf8_to_utf16(wide, 3, text, sizeof(text));
		KUNIT_ASSERT_EQ_MSG(test, n, c < 0x10000 ? 1 : 2, "U+%04X", c);
		KUNIT_ASSERT_EQ(test, hvic_utf16_to_utf8(back, sizeof(back), wide, 3),
				(int)strlen(text));
		KUNIT_ASSERT_EQ_MSG(test, strcmp(back, text), 0, "U+%04X", c);
	}
}

static void utf16_every_unit_alone(struct kunit *test)
{
	u32 unit;

	for (unit = 1; unit < 0x10000; unit++) {
		const u8 bytes[] = { unit & 0xff, unit >> 8 }, *at = bytes;
		u32 got = hvic_utf16_next(&at, bytes + 2);

		KUNIT_ASSERT_EQ(test, got, is_surrogate(unit) ? NO_CHAR : unit);
	}
}

/* A text whose characters are 1, 2, 3 and 4 bytes long, and 1, 1, 1 and 2 units. */
static const char mixed[] = "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
static const u8 mixed_wide[] = { 0x41, 0, 0xe9, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde };

/* Each character, in room for it and in each that is too small. */
static void utf_put_each_room(struct kunit *test)
{
	static const u32 characters[] = { 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000,
					  0x10ffff };
	unsigned int i;
	size_t room;

	for (i = 0; i < ARRAY_SIZE(characters); i++) {
		u32 c = characters[i];
		size_t len8 = 1 + (c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
		size_t len16 = 2 + 2 * (c >= 0x10000);

		for (room = 0; room < 6; room++) {
			u8 *bytes = packet_alloc(test, room);

			KUNIT_ASSERT_EQ_MSG(test, hvic_utf8_put((char *)bytes, room, c),
					    room < len8 ? 0 : len8, "U+%04X in %zu", c, room);
			if (room < len8)
				KUNIT_ASSERT_TRUE_MSG(test, !room || !bytes[0],
						      "U+%04X in %zu", c, room);

			bytes = packet_alloc(test, room);
			KUNIT_ASSERT_EQ_MSG(test, hvic_utf16_put(bytes, room, c),
					    room < len16 ? 0 : len16, "U+%04X in %zu", c, room);
			if (room < len16)
				KUNIT_ASSERT_TRUE_MSG(test, !room || !bytes[0],
						      "U+%04X in %zu", c, room);
		}
	}
}

/* Each end that falls on a character or into one, in exactly so much memory. */
static void utf16_to_utf8_each_cap(struct kunit *test)
{
	static const int lengths[] = { 0, 1, 3, 6, 10 };
	size_t cap, units, n;

	for (n = 0; n < ARRAY_SIZE(lengths); n++) {
		units = n == 4 ? 5 : n;
		for (cap = 1; cap < 16; cap++) {
			u8 *src = packet_copy(test, mixed_wide, 2 * units);
			char *dst = packet_alloc(test, cap);
			bool fits = (int)cap > lengths[n];

			memset(dst, 'x', cap);
			KUNIT_ASSERT_EQ_MSG(test, hvic_utf16_to_utf8(dst, cap, src, units),
					    fits ? lengths[n] : -ENAMETOOLONG,
					    "%zu units in %zu", units, cap);
			KUNIT_ASSERT_EQ_MSG(test, (int)strnlen(dst, cap), fits ? lengths[n] : 0,
					    "%zu units in %zu", units, cap);
			KUNIT_ASSERT_EQ_MSG(test, memcmp(dst, mixed, strlen(dst)), 0,
					    "%zu units in %zu", units, cap);
		}
	}
}

static void utf8_to_utf16_each_cap(struct kunit *test)
{
	static const size_t lengths[] = { 0, 1, 3, 6, 10 };
	size_t cap, n;

	for (n = 0; n < ARRAY_SIZE(lengths); n++) {
		int units = n == 4 ? 5 : n;

		for (cap = 1; cap < 9; cap++) {
			char *src = packet_copy(test, mixed, lengths[n]);
			u8 *dst = packet_alloc(test, 2 * cap);
			bool fits = (int)cap > units;
			int end = fits ? 2 * units : 0;

			memset(dst, 'x', 2 * cap);
			KUNIT_ASSERT_EQ_MSG(test, hvic_utf8_to_utf16(dst, cap, src, lengths[n]),
					    fits ? units : -ENAMETOOLONG,
					    "%zu bytes in %zu", lengths[n], cap);
			KUNIT_ASSERT_EQ_MSG(test, memcmp(dst, mixed_wide, end), 0,
					    "%zu bytes in %zu", lengths[n], cap);
			KUNIT_ASSERT_EQ_MSG(test, dst[end] | dst[end + 1], 0,
					    "%zu bytes in %zu", lengths[n], cap);
		}
	}
}

/* A NUL ends a text, whatever stands behind it, be it no text at all. */
static void utf_ends_at_a_nul(struct kunit *test)
{
	static const u8 wide[] = { 0x41, 0, 0, 0, 0x00, 0xdc };
	static const char text[] = { 'A', '\0', '\xff' };
	char bytes[8];
	u8 units[8];

	KUNIT_EXPECT_EQ(test, hvic_utf16_to_utf8(bytes, 8, wide, 3), 1);
	KUNIT_EXPECT_STREQ(test, bytes, "A");
	KUNIT_EXPECT_EQ(test, hvic_utf8_to_utf16(units, 4, text, 3), 1);
	KUNIT_EXPECT_EQ(test, memcmp(units, "A\0\0", 4), 0);
}

/* Fields of the host's lie at odd addresses, too. */
static void utf_at_any_address(struct kunit *test)
{
	u8 *wide = packet_alloc(test, 1 + 12);
	char text[11];

	KUNIT_EXPECT_EQ(test, hvic_utf8_to_utf16(wide + 1, 6, mixed, 10), 5);
	KUNIT_EXPECT_EQ(test, memcmp(wide + 1, mixed_wide, 10), 0);
	KUNIT_EXPECT_EQ(test, hvic_utf16_to_utf8(text, sizeof(text), wide + 1, 5), 10);
	KUNIT_EXPECT_STREQ(test, text, mixed);
}

/* A text is refused as a whole for one character that is none, wherever it is. */
static void utf_refuses_what_is_none(struct kunit *test)
{
	static const u8 lone[] = { 0x00, 0xdc };
	char bytes[16];
	u8 wide[32];
	size_t at;

	for (at = 0; at <= 4; at++) {
		u8 *src16 = packet_alloc(test, 2 * 5);
		char *src8 = packet_alloc(test, 5);

		memset(src8, 'a', 5);
		src8[at] = '\x80';
		memset(wide, 'x', sizeof(wide));
		KUNIT_ASSERT_EQ_MSG(test, hvic_utf8_to_utf16(wide, 16, src8, 5), -EILSEQ,
				    "at %zu", at);
		KUNIT_ASSERT_EQ_MSG(test, wide[0] | wide[1], 0, "at %zu", at);

		memset(src16, 'a', 2 * 5);
		memcpy(src16 + 2 * at, lone, 2);
		memset(bytes, 'x', sizeof(bytes));
		KUNIT_ASSERT_EQ_MSG(test, hvic_utf16_to_utf8(bytes, 16, src16, 5), -EILSEQ,
				    "at %zu", at);
		KUNIT_ASSERT_EQ_MSG(test, bytes[0], 0, "at %zu", at);
	}
}

/**
 * struct loss - a text that cannot be had whole
 * @name: the test's
 * @bytes: UTF-8, or not
 * @cap: units there is room for, with the NUL
 * @units: how many come of it
 * @want: UTF-16
 */
struct loss {
	const char *name;
	const char *bytes;
	size_t cap;
	size_t units;
	const char *want;
};

static const struct loss losses[] = {
	{ "nothing is lost", "ab", 3, 2, "a\0b\0" },
	{ "no room but for the NUL", "ab", 1, 0, "" },
	{ "no room for the last", "abc", 3, 2, "a\0b\0" },
	{ "no room for half a pair", "a\xf0\x9f\x98\x80", 3, 1, "a\0" },
	{ "just enough room for a pair", "a\xf0\x9f\x98\x80", 4, 3, "a\0\x3d\xd8\x00\xde" },
	{ "nothing behind what does not fit", "a\xf0\x9f\x98\x80z", 3, 1, "a\0" },
	{ "Latin 1", "caf\xe9!", 8, 5, "c\0a\0f\0\xfd\xff!\0" },
	{ "cut at its end", "a\xe2\x82", 8, 3, "a\0\xfd\xff\xfd\xff" },
	{ "a surrogate", "\xed\xa0\x80", 8, 3, "\xfd\xff\xfd\xff\xfd\xff" },
};

static void loss_desc(const struct loss *loss, char *desc)
{
	strscpy(desc, loss->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(loss, losses, loss_desc);

static void utf8_to_utf16_lossy(struct kunit *test)
{
	const struct loss *loss = test->param_value;
	const char *src = packet_copy(test, loss->bytes, strlen(loss->bytes));
	u8 *dst = packet_alloc(test, 2 * loss->cap);

	memset(dst, 'x', 2 * loss->cap);
	KUNIT_EXPECT_EQ(test, hvic_utf8_to_utf16_lossy(dst, loss->cap, src, strlen(loss->bytes)),
			loss->units);
	KUNIT_EXPECT_EQ(test, memcmp(dst, loss->want, 2 * loss->units), 0);
	KUNIT_EXPECT_EQ(test, dst[2 * loss->units] | dst[2 * loss->units + 1], 0);
}

static void utf8_to_utf16_lossy_ends_at_a_nul(struct kunit *test)
{
	u8 dst[16];

	KUNIT_EXPECT_EQ(test, hvic_utf8_to_utf16_lossy(dst, 8, "a\0b", 3), 1);
	KUNIT_EXPECT_EQ(test, memcmp(dst, "a\0\0\0", 4), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(utf8_next, utf8_gen_params),
	KUNIT_CASE_PARAM(utf16_next, utf16_gen_params),
	KUNIT_CASE(utf8_next_is_as_strict_as_unicode),
	KUNIT_CASE(utf_every_character),
	KUNIT_CASE(utf_every_character_as_text),
	KUNIT_CASE(utf16_every_unit_alone),
	KUNIT_CASE(utf_put_each_room),
	KUNIT_CASE(utf16_to_utf8_each_cap),
	KUNIT_CASE(utf8_to_utf16_each_cap),
	KUNIT_CASE(utf_ends_at_a_nul),
	KUNIT_CASE(utf_at_any_address),
	KUNIT_CASE(utf_refuses_what_is_none),
	KUNIT_CASE_PARAM(utf8_to_utf16_lossy, loss_gen_params),
	KUNIT_CASE(utf8_to_utf16_lossy_ends_at_a_nul),
	{}
};

static struct kunit_suite suite = { .name = "hvic_utf", .test_cases = cases };

kunit_test_suite(suite);
