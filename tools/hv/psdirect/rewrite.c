// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "pwsh -sshs" begins a line with __NamedPipeError__: for an error of the session itself;
 * the host's Hyper-V client looks for __HyperVSocketError__: in the same place and takes
 * any other line for XML.  Both are the same apart from that.
 *
 * After the CloseAck of the runspace pool, or with the host gone, pwsh finds its input
 * closed and says so with such a line.  That is how it ends, and no error.
 */
#include <ctype.h>
#include <string.h>

#include "psdirect/rewrite.h"

#define PREFIX_LEN	(sizeof(PSDIRECT_PIPE_PREFIX) - 1)
#define CLOSE_ACK	"<CloseAck PSGuid='00000000-0000-0000-0000-000000000000'"

/* The host's reader takes either for the end of a line. */
static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static size_t put(char *to, const char *from, size_t len)
{
	memcpy(to, from, len);
	return len;
}

/* The whole prefix has come. */
static size_t prefix_done(struct psdirect_rewrite *rewrite, char *to)
{
	rewrite->held = 0;
	rewrite->at = rewrite->closed ? PSDIRECT_AT_DROP : PSDIRECT_AT_LINE;
	if (rewrite->closed)
		return 0;
	return put(to, PSDIRECT_HOST_PREFIX, sizeof(PSDIRECT_HOST_PREFIX) - 1);
}

/* A byte at a line's start, where @held bytes are kept back; 1 when it has been used. */
static bool prefix_step(struct psdirect_rewrite *rewrite, char c, char **to)
{
	if (tolower((unsigned char)c) ==
	    tolower((unsigned char)PSDIRECT_PIPE_PREFIX[rewrite->held])) {
		rewrite->prefix[rewrite->held++] = c;
		if (rewrite->held == PREFIX_LEN)
			*to += prefix_done(rewrite, *to);
		return true;
	}
	*to += put(*to, rewrite->prefix, rewrite->held);
	rewrite->at = rewrite->held ? PSDIRECT_AT_LINE : PSDIRECT_AT_CLOSE;
	rewrite->held = 0;
	return false;
}

/* A byte of a line that has matched the CloseAck so far; it is passed on in any case. */
static void close_step(struct psdirect_rewrite *rewrite, char c)
{
	if (c != CLOSE_ACK[rewrite->held]) {
		rewrite->at = PSDIRECT_AT_LINE;
		return;
	}
	if (++rewrite->held < sizeof(CLOSE_ACK) - 1)
		return;
	rewrite->closed = true;
	rewrite->at = PSDIRECT_AT_LINE;
}

/* As much of a line as needs no look: its end ends it. */
static size_t line_copy(struct psdirect_rewrite *rewrite, char **to, const char *from, size_t len)
{
	const char *feed = memchr(from, '\n', len);
	size_t n = feed ? (size_t)(feed - from) : len;
	const char *back = memchr(from, '\r', n);

	n = back ? (size_t)(back - from) : n;
	if (rewrite->at != PSDIRECT_AT_DROP)
		*to += put(*to, from, n);
	return n;
}

static void byte_take(struct psdirect_rewrite *rewrite, char c, char **to)
{
	if (rewrite->at == PSDIRECT_AT_DROPPED) {
		rewrite->at = PSDIRECT_AT_PREFIX;
		if (c == '\n')
			return;
	}
	if (rewrite->at == PSDIRECT_AT_PREFIX && prefix_step(rewrite, c, to))
		return;
	if (rewrite->at == PSDIRECT_AT_CLOSE)
		close_step(rewrite, c);
	if (rewrite->at != PSDIRECT_AT_DROP)
		*(*to)++ = c;
	if (is_line_end(c)) {
		rewrite->at = rewrite->at == PSDIRECT_AT_DROP && c == '\r' ?
			      PSDIRECT_AT_DROPPED : PSDIRECT_AT_PREFIX;
		rewrite->held = 0;
	}
}

/**
 * psdirect_rewrite() - Rewrite a piece of the stream.
 * @rewrite: where in the stream; zeroes at its start
 * @to: what is to go to the host; PSDIRECT_REWRITE_ROOM() of @len bytes
 * @from: what the session program wrote
 * @len: bytes of it
 *
 * At most 19 bytes are kept back, and only at a line's start.
 *
 * Return: bytes at @to.
 */
size_t psdirect_rewrite(struct psdirect_rewrite *rewrite, char *to, const char *from, size_t len)
{
	char *at = to;
	size_t i = 0;

	while (i < len) {
		if (rewrite->at == PSDIRECT_AT_LINE || rewrite->at == PSDIRECT_AT_DROP)
			i += line_copy(rewrite, &at, from + i, len - i);
		if (i < len)
			byte_take(rewrite, from[i++], &at);
	}
	return (size_t)(at - to);
}

/**
 * psdirect_rewrite_end() - The stream is over: give what was kept back.
 * @rewrite: where in the stream
 * @to: room for 32 bytes
 *
 * Return: bytes at @to.
 */
size_t psdirect_rewrite_end(struct psdirect_rewrite *rewrite, char *to)
{
	size_t len = 0;

	if (rewrite->at == PSDIRECT_AT_PREFIX)
		len = put(to, rewrite->prefix, rewrite->held);
	rewrite->held = 0;
	return len;
}
