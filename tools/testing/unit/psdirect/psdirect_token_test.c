// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens: what they look like, and what they are good for. */
#include <errno.h>
#include <string.h>

#include "psdirect/token.h"
#include "tap.h"

static struct psdirect_tokens tokens;

static void test_encoding(void)
{
	char text[PSDIRECT_TOKEN_LEN + 1];
	uint8_t bytes[PSDIRECT_TOKEN_BYTES];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	psdirect_token_encode(text, bytes);
	/* base64(1) of the bytes 0 to 31 */
	tap_is_str(text, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "base64");
	memset(bytes, 0xff, sizeof(bytes));
	psdirect_token_encode(text, bytes);
	tap_is_str(text, "//////////////////////////////////////////8=", "base64 of ones");
}

static void test_use(void)
{
	char one[PSDIRECT_TOKEN_LEN + 1], two[PSDIRECT_TOKEN_LEN + 1];
	char wrong[PSDIRECT_TOKEN_LEN + 1];

	tap_is_int(psdirect_token_make(&tokens, one, 7, 1000), 0, "a token is made");
	tap_is_int(psdirect_token_make(&tokens, two, 8, 1000), 0, "and another");
	tap_is_int(strlen(one), PSDIRECT_TOKEN_LEN, "of 44 characters");
	tap_ok(strcmp(one, two), "they differ");
	memcpy(wrong, one, sizeof(wrong));
	wrong[42] ^= 1;
	tap_is_int((long long)psdirect_token_use(&tokens, wrong, 10), 0, "one bit wrong");
	tap_is_int((long long)psdirect_token_use(&tokens, one, 10), 7, "the first is its login's");
	tap_is_int((long long)psdirect_token_use(&tokens, one, 10), 0, "once only");
	tap_is_int((long long)psdirect_token_use(&tokens, two, 1000), 0, "the second is too late");
	tap_is_int((long long)psdirect_token_use(&tokens, two, 10), 0, "and then spent");
	psdirect_token_make(&tokens, one, 9, 1000);
	psdirect_token_forget(&tokens, 9);
	tap_is_int((long long)psdirect_token_use(&tokens, one, 10), 0, "one that was forgotten");
	memset(wrong, 0, sizeof(wrong));
	tap_is_int((long long)psdirect_token_use(&tokens, wrong, 10), 0,
		   "zeroes are no token, though free entries hold them");
}

static void test_cap(void)
{
	char text[PSDIRECT_TOKEN_LEN + 1];
	int i, err = 0;

	for (i = 0; i < PSDIRECT_TOKENS_MAX; i++)
		err = err ?: psdirect_token_make(&tokens, text, 100 + (uint64_t)i, 1000);
	tap_is_int(err, 0, "%d can wait", PSDIRECT_TOKENS_MAX);
	tap_is_int(psdirect_token_make(&tokens, text, 1, 1000), -EBUSY, "and no more");
	tap_is_int((long long)psdirect_token_use(&tokens, text, 10), 100 + PSDIRECT_TOKENS_MAX - 1,
		   "the last works");
	tap_is_int(psdirect_token_make(&tokens, text, 1, 1000), 0, "then there is room");
}

int main(void)
{
	test_encoding();
	test_use();
	test_cap();
	return tap_done();
}
