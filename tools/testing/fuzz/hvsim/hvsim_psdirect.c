// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host's side of PowerShell Direct's handshakes, with whatever a guest may answer, and
 * the prefix of errors in a stream, however it is cut.
 */
#include "fuzz.h"
#include "hvsim_psdirect.h"

static void handshake_try(struct fuzz_input *input, bool legacy, bool server)
{
	static const struct hvsim_psdirect_login login = {
		.user = "u", .password = "p", .configuration = "c",
	};
	static struct hvsim_psdirect handshake;
	enum hvsim_psdirect_next next;
	unsigned int steps = 0;
	size_t len;
	u8 *answer;

	memset(&handshake, 0, sizeof(handshake));
	strcpy(handshake.token, "t");
	next = server ? hvsim_psdirect_server(&handshake) :
	       hvsim_psdirect_broker(&handshake, &login, legacy);
	while (next == HVSIM_PSDIRECT_ANSWER) {
		CHECK(++steps < 12);
		CHECK(handshake.out_len <= sizeof(handshake.out));
		answer = fuzz_take(input, (size_t)fuzz_number(input, 2) % 1025, &len);
		next = hvsim_psdirect_answer(&handshake, answer, len);
		free(answer);
	}
	CHECK((next == HVSIM_PSDIRECT_FAILED) == !!handshake.error[0]);
	CHECK((next == HVSIM_PSDIRECT_FAILED) == !!handshake.step);
	CHECK(next != HVSIM_PSDIRECT_DONE || legacy || handshake.token[0]);
}

static size_t rewrite(char *to, const u8 *from, size_t len, size_t step)
{
	struct hvsim_psdirect_prefix prefix = { 0 };
	size_t at, part, used = 0;

	for (at = 0; at < len; at += part) {
		part = len - at < step ? len - at : step;
		used += hvsim_psdirect_rewrite(&prefix, to + used, (const char *)from + at, part);
	}
	return used + hvsim_psdirect_rewrite(&prefix, to + used, NULL, 0);
}

/* However it is cut, the same comes out, and no more than went in. */
static void rewrite_try(struct fuzz_input *input)
{
	size_t step = 1 + (size_t)fuzz_number(input, 1), len, once, cut;
	u8 *from = fuzz_take(input, input->len, &len);
	char *a = malloc(len + 1), *b = malloc(len + 1);

	CHECK(a && b);
	once = rewrite(a, from, len, len ?: 1);
	cut = rewrite(b, from, len, step);
	CHECK(once <= len && once == cut && !memcmp(a, b, once));
	free(a);
	free(b);
	free(from);
}

/**
 * LLVMFuzzerTestOneInput() - Give a handshake, or the rewriting of a stream, an input.
 * @data: which, in its first byte, and the input
 * @len: bytes at @data
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { .at = data, .len = len };
	unsigned int how = (unsigned int)fuzz_number(&input, 1) % 4;

	if (how == 3)
		rewrite_try(&input);
	else
		handshake_try(&input, how == 1, how == 2);
	return 0;
}
