/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream from the session program to the host: errors get the prefix that the host
 * looks for.
 */
#ifndef PSDIRECT_REWRITE_H
#define PSDIRECT_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "psdirect/limits.h"

/* Bytes that may come out of psdirect_rewrite() for @len that go in. */
#define PSDIRECT_REWRITE_ROOM(len)						\
	((len) + (len) / (sizeof(PSDIRECT_PIPE_PREFIX) - 1) * 4 + 32)

enum psdirect_rewrite_at {
	PSDIRECT_AT_PREFIX,	/* a line's start, @held bytes of which match the prefix */
	PSDIRECT_AT_CLOSE,	/* in a line that may be the last CloseAck */
	PSDIRECT_AT_LINE,	/* in any other line */
	PSDIRECT_AT_DROP,	/* in a line that is not passed on */
	PSDIRECT_AT_DROPPED,	/* after its carriage return */
};

/**
 * struct psdirect_rewrite - where in a stream it is
 * @at: in what sort of line
 * @held: bytes of the prefix, or of the CloseAck, that have come
 * @prefix: those of the prefix as they came, for what turns out to be another word
 * @closed: whether the session is over for the host, so that an error is of no interest
 */
struct psdirect_rewrite {
	enum psdirect_rewrite_at at;
	size_t held;
	char prefix[sizeof(PSDIRECT_PIPE_PREFIX)];
	bool closed;
};

size_t psdirect_rewrite(struct psdirect_rewrite *rewrite, char *to, const char *from, size_t len);
size_t psdirect_rewrite_end(struct psdirect_rewrite *rewrite, char *to);

#endif
