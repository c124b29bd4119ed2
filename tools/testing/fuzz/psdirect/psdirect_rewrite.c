// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stream to the host, in pieces: the same comes out as when it is rewritten line by line
 * with all of it at hand.
 */
#include <strings.h>

#include "fuzz.h"
#include "psdirect/rewrite.h"

#define CLOSE_ACK	"<CloseAck PSGuid='00000000-0000-0000-0000-000000000000'"
#define PREFIX_LEN	(sizeof(PSDIRECT_PIPE_PREFIX) - 1)

/* A stream has a word at most behind this, and grows less than its size when rewritten. */
#define STREAM_MAX	1024
#define TEXT_MAX	(3 * STREAM_MAX)

/* Static, as this is done for each of millions of inputs. */
struct text {
	char at[TEXT_MAX];
	size_t len;
};

static struct text stream, want, got;

static void text_add(struct text *text, const void *from, size_t len)
{
	CHECK(len <= sizeof(text->at) - text->len);
	memcpy(text->at + text->len, from, len);
	text->len += len;
}

/* With the line's end, which CR LF is, too, where the line is left out. */
static size_t line_len(const u8 *at, size_t len, bool whole)
{
	size_t n = 0;

	while (n < len && at[n] != '\n' && at[n] != '\r')
		n++;
	if (n == len)
		return n;
	return n + 1 + (whole && at[n] == '\r' && n + 1 < len && at[n + 1] == '\n');
}

static void plain_rewrite(struct text *to, const u8 *at, size_t len, bool closed)
{
	bool is_error;
	size_t n;

	for (; len; at += n, len -= n) {
		is_error = len >= PREFIX_LEN &&
			   !strncasecmp((const char *)at, PSDIRECT_PIPE_PREFIX, PREFIX_LEN);
		n = line_len(at, len, is_error && closed);
		if (is_error && closed)
			continue;
		if (is_error) {
			text_add(to, PSDIRECT_HOST_PREFIX, sizeof(PSDIRECT_HOST_PREFIX) - 1);
			text_add(to, at + PREFIX_LEN, n - PREFIX_LEN);
			continue;
		}
		text_add(to, at, n);
		if (n >= sizeof(CLOSE_ACK) - 1 && !memcmp(at, CLOSE_ACK, sizeof(CLOSE_ACK) - 1))
			closed = true;
	}
}

/* Bytes that spell the words that matter more often than chance would. */
static void stream_make(struct fuzz_input *input)
{
	static const char *const words[] = {
		PSDIRECT_PIPE_PREFIX, CLOSE_ACK, "\n", "\r", "__NamedPipeError__", "\r\n", "_",
		"__NAMEDPIPEerror__:", "<CloseAck PSGuid='1'",
	};
	u8 byte;

	stream.len = 0;
	while (input->len && stream.len < STREAM_MAX) {
		byte = (u8)fuzz_number(input, 1);
		if (byte >= 0xf0 && byte - 0xf0u < sizeof(words) / sizeof(words[0]))
			text_add(&stream, words[byte - 0xf0], strlen(words[byte - 0xf0]));
		else
			text_add(&stream, &byte, 1);
	}
}

/*
 * In pieces of @step bytes, each at the end of one block on the heap, and into another one
 * that ends where the room does: a byte too far is seen.
 */
static void stream_rewrite(struct psdirect_rewrite *rewrite, size_t step)
{
	size_t rooms = PSDIRECT_REWRITE_ROOM(step), at, n, room, out;
	char *pieces = malloc(step), *outs = malloc(rooms), *piece, *to;

	CHECK(pieces && outs);
	for (at = 0; at < stream.len; at += n) {
		n = step < stream.len - at ? step : stream.len - at;
		room = PSDIRECT_REWRITE_ROOM(n);
		piece = pieces + step - n;
		to = outs + rooms - room;
		memcpy(piece, stream.at + at, n);
		out = psdirect_rewrite(rewrite, to, piece, n);
		CHECK(out <= room && rewrite->held < 64);
		text_add(&got, to, out);
	}
	to = outs + rooms - 32;
	out = psdirect_rewrite_end(rewrite, to);
	CHECK(out <= 32);
	text_add(&got, to, out);
	free(pieces);
	free(outs);
}

/**
 * LLVMFuzzerTestOneInput() - Rewrite a stream.
 * @data: how it is cut, and the stream
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	size_t step = 1 + (size_t)fuzz_number(&input, 1);
	bool closed = fuzz_number(&input, 1) & 1;
	struct psdirect_rewrite rewrite = { .closed = closed };

	stream_make(&input);
	want.len = 0;
	got.len = 0;
	plain_rewrite(&want, (const u8 *)stream.at, stream.len, closed);
	stream_rewrite(&rewrite, step);
	CHECK(got.len == want.len && !memcmp(got.at, want.at, got.len));
	return 0;
}
