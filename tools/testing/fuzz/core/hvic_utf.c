// SPDX-License-Identifier: GPL-2.0-or-later
/* Both conversions: the input is the room for the output and then the text. */

#include "fuzz.h"
#include "hvic_utf.h"

static void to_utf8_and_back(const u8 *src, size_t units, size_t cap)
{
	char *dst = malloc(cap);
	size_t at, n;
	u8 *back;
	int len;

	CHECK(dst);
	memset(dst, 'x', cap);
	len = hvic_utf16_to_utf8(dst, cap, src, units);
	CHECK(len >= 0 || len == -EILSEQ || len == -ENAMETOOLONG);
	CHECK(strnlen(dst, cap) == (len < 0 ? 0 : (size_t)len));
	for (at = 0; len > 0 && at < (size_t)len; at += n) {
		n = fuzz_utf8_len((u8 *)dst + at);
		CHECK(n && n <= len - at);
	}
	if (len > 0) {
		back = malloc(2 * (units + 1));
		CHECK(back);
		/* as many units as there were before the NUL, and the same */
		n = hvic_utf8_to_utf16(back, units + 1, dst, len);
		CHECK(n <= units && !memcmp(back, src, 2 * n));
		CHECK(n == units || !(src[2 * n] | src[2 * n + 1]));
		free(back);
	}
	free(dst);
}

static void to_utf16_and_back(const u8 *src, size_t bytes, size_t cap)
{
	u8 *dst = malloc(2 * cap);
	char *back;
	int units, len;

	CHECK(dst);
	memset(dst, 'x', 2 * cap);
	units = hvic_utf8_to_utf16(dst, cap, (const char *)src, bytes);
	CHECK(units >= 0 ? units < (int)cap : units == -EILSEQ || units == -ENAMETOOLONG);
	CHECK(!(dst[units < 0 ? 0 : 2 * units] | dst[units < 0 ? 1 : 2 * units + 1]));
	if (units > 0) {
		back = malloc(bytes + 1);
		CHECK(back);
		len = hvic_utf16_to_utf8(back, bytes + 1, dst, units);
		CHECK(len > 0 && (size_t)len == strnlen((const char *)src, bytes));
		CHECK(!memcmp(back, src, len));
		free(back);
	}
	free(dst);
}

/* A reader always comes to the end, and never past it. */
static void walk(u32 (*next)(const u8 **at, const u8 *end), const u8 *src, size_t len)
{
	const u8 *at = src, *end = src + len, *was;
	u32 character;

	do {
		was = at;
		character = next(&at, end);
		CHECK(at <= end && (at > was || !character));
		CHECK(character == HVIC_NO_CHARACTER || character <= 0x10ffff);
		CHECK(character < 0xd800 || character > 0xdfff);
	} while (at > was);
	CHECK(end - at < 2);
}

/**
 * LLVMFuzzerTestOneInput() - Convert a text both ways, and back.
 * @data: the room for the output, then the text
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	size_t cap = fuzz_number(&input, 1) + 1, n;
	u8 *src = fuzz_take(&input, len, &n);

	if (n) {
		walk(hvic_utf8_next, src, n);
		walk(hvic_utf16_next, src, n);
		to_utf16_and_back(src, n, cap);
		to_utf8_and_back(src, n / 2, cap);
	}
	free(src);
	return 0;
}
