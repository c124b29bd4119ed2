// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tokens.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "psdirect/token.h"

/**
 * psdirect_token_encode() - Write random bytes as base64.
 * @text: the base64, with a NUL
 * @bytes: the bytes
 */
void psdirect_token_encode(char text[PSDIRECT_TOKEN_LEN + 1],
			   const uint8_t bytes[PSDIRECT_TOKEN_BYTES])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t three;
	size_t i, at;

	/* 32 bytes are ten threes and a two */
	for (i = 0, at = 0; i < PSDIRECT_TOKEN_BYTES; i += 3, at += 4) {
		three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < PSDIRECT_TOKEN_BYTES)
			three |= bytes[i + 2];
		text[at] = digits[three >> 18];
		text[at + 1] = digits[three >> 12 & 63];
		text[at + 2] = digits[three >> 6 & 63];
		text[at + 3] = digits[three & 63];
	}
	text[PSDIRECT_TOKEN_LEN - 1] = '=';
	text[PSDIRECT_TOKEN_LEN] = '\0';
}

/**
 * psdirect_token_make() - Make a token for a login.
 * @tokens: all of them
 * @text: the token, with a NUL; to be wiped once it is sent
 * @login: the login, not 0
 * @until: when it expires, in microseconds of CLOCK_MONOTONIC
 *
 * Return: 0; -EBUSY when too many wait; the errno of getrandom().
 */
int psdirect_token_make(struct psdirect_tokens *tokens, char text[PSDIRECT_TOKEN_LEN + 1],
			uint64_t login, uint64_t until)
{
	uint8_t bytes[PSDIRECT_TOKEN_BYTES];
	size_t i;

	for (i = 0; i < PSDIRECT_TOKENS_MAX && tokens->at[i].login; i++)
		;
	if (i == PSDIRECT_TOKENS_MAX)
		return -EBUSY;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return errno ? -errno : -EIO;
	psdirect_token_encode(tokens->at[i].text, bytes);
	explicit_bzero(bytes, sizeof(bytes));
	tokens->at[i].login = login;
	tokens->at[i].until = until;
	memcpy(text, tokens->at[i].text, sizeof(tokens->at[i].text));
	return 0;
}

/* The time it takes says nothing of where two differ. */
static bool is_same(const char *one, const char *other)
{
	unsigned int difference = 0;
	size_t i;

	for (i = 0; i < PSDIRECT_TOKEN_LEN; i++)
		difference |= (unsigned int)(one[i] ^ other[i]);
	return !difference;
}

/**
 * psdirect_token_use() - Find the login of a token, which is spent thereby.
 * @tokens: all of them
 * @text: %PSDIRECT_TOKEN_LEN characters
 * @now: microseconds of CLOCK_MONOTONIC
 *
 * All entries are compared in full, so that the time it takes tells nothing.
 *
 * Return: the login; 0 when there is none, or the token has expired.
 */
uint64_t psdirect_token_use(struct psdirect_tokens *tokens, const char *text, uint64_t now)
{
	struct psdirect_token *found = NULL;
	uint64_t login;
	size_t i;

	for (i = 0; i < PSDIRECT_TOKENS_MAX; i++)
		if (is_same(tokens->at[i].text, text) && tokens->at[i].login)
			found = &tokens->at[i];
	if (!found)
		return 0;
	login = now < found->until ? found->login : 0;
	explicit_bzero(found, sizeof(*found));
	return login;
}

/**
 * psdirect_token_forget() - Make the token of a login worthless.
 * @tokens: all of them
 * @login: the login; it may have none
 */
void psdirect_token_forget(struct psdirect_tokens *tokens, uint64_t login)
{
	size_t i;

	for (i = 0; i < PSDIRECT_TOKENS_MAX; i++)
		if (tokens->at[i].login == login)
			explicit_bzero(&tokens->at[i], sizeof(tokens->at[i]));
}
