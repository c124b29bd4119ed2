/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens: what ties the second connection to the login on the first.
 */
#ifndef PSDIRECT_TOKEN_H
#define PSDIRECT_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "psdirect/limits.h"

/* Logins that wait for their second connection, at most. */
#define PSDIRECT_TOKENS_MAX	64

/**
 * struct psdirect_token - a token that has been given to the host
 * @text: base64 of its random bytes
 * @login: which login it is of; 0 for a free entry
 * @until: when it expires, in microseconds of CLOCK_MONOTONIC
 */
struct psdirect_token {
	char text[PSDIRECT_TOKEN_LEN + 1];
	uint64_t login;
	uint64_t until;
};

/**
 * struct psdirect_tokens - all of them
 * @at: entries
 */
struct psdirect_tokens {
	struct psdirect_token at[PSDIRECT_TOKENS_MAX];
};

int psdirect_token_make(struct psdirect_tokens *tokens, char text[PSDIRECT_TOKEN_LEN + 1],
			uint64_t login, uint64_t until);
uint64_t psdirect_token_use(struct psdirect_tokens *tokens, const char *text, uint64_t now);
void psdirect_token_forget(struct psdirect_tokens *tokens, uint64_t login);
void psdirect_token_encode(char text[PSDIRECT_TOKEN_LEN + 1],
			   const uint8_t bytes[PSDIRECT_TOKEN_BYTES]);

#endif
