// SPDX-License-Identifier: GPL-2.0-or-later
/* A field of the host: what is taken is UTF-8 without control characters, and no longer. */
#include "fuzz.h"
#include "psdirect/limits.h"
#include "psdirect/text.h"

/* The units of the field that the text @at stands for. */
static size_t units_count(const u8 *at, size_t len)
{
	size_t units = 0, n;

	for (; len; at += n, len -= n) {
		n = fuzz_utf8_len(at);
		CHECK(n && n <= len);
		CHECK(at[0] >= 0x20 && at[0] != 0x7f);
		CHECK(at[0] != 0xc2 || at[1] >= 0xa0);
		units += n == 4 ? 2 : 1;
	}
	return units;
}

/**
 * LLVMFuzzerTestOneInput() - Take a field.
 * @data: the field
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t room = len / 2 * 3 + 1;
	struct fuzz_input input = { data, len };
	u8 *field = fuzz_take(&input, len, &len);
	char *text = malloc(room), ascii[16];
	int got = psdirect_text_take(text, room, field, len, PSDIRECT_NAME_BYTES);

	CHECK(got != -ENOSPC);
	if (got < 0) {
		CHECK(!text[0]);
	} else {
		CHECK(len && len <= PSDIRECT_NAME_BYTES && !(len % 2));
		CHECK(!text[got] && strlen(text) == (size_t)got);
		CHECK(units_count((const u8 *)text, (size_t)got) == len / 2);
		psdirect_text_ascii(ascii, sizeof(ascii), text);
		CHECK(strlen(ascii) < sizeof(ascii));
	}
	CHECK(psdirect_text_why(got)[0]);
	free(text);
	free(field);
	return 0;
}
