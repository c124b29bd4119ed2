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

struct text {
	char *at;
	size_t len;
};

static void text_add(struct text *text, const void *from, size_t len)
{
	text->at = realloc(text->at, text->len + len + 1);
	CHECK(text->at);
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
static u8 *stream_make(struct fuzz_input *input, size_t *len)
{
	static const char *const words[] = {
		PSDIRECT_PIPE_PREFIX, CLOSE_ACK, "\n", "\r", "__NamedPipeError__", "\r\n", "_",
		"__NAMEDPIPEerror__:", "<CloseAck PSGuid='1'",
	};
	struct text text = { 0 };
	u8 byte;

	while (input->len && text.len < 1024) {
		byte = (u8)fuzz_number(input, 1);
		if (byte >= 0xf0 && byte - 0xf0u < sizeof(words) / sizeof(words[0]))
			text_add(&text, words[byte - 0xf0], strlen(words[byte - 0xf0]));
		else
			text_add(&text, &byte, 1);
	}
	*len = text.len;
	return (u8 *)text.at;
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
	size_t step = 1 + (size_t)fuzz_number(&input, 1), at, n, stream_len, out;
	bool closed = fuzz_number(&input, 1) & 1;
	struct psdirect_rewrite rewrite = { .closed = closed };
	u8 *stream = stream_make(&input, &stream_len), *piece;
	struct text want = { 0 }, got = { 0 };
	char *room;

	plain_rewrite(&want, stream, stream_len, closed);
	for (at = 0; at < stream_len; at += n) {
		n = step < stream_len - at ? step : stream_len - at;
		piece = malloc(n);
		room = malloc(PSDIRECT_REWRITE_ROOM(n));
		memcpy(piece, stream + at, n);
		out = psdirect_rewrite(&rewrite, room, (char *)piece, n);
		CHECK(out <= PSDIRECT_REWRITE_ROOM(n) && rewrite.held < 64);
		text_add(&got, room, out);
		free(piece);
		free(room);
	}
	room = malloc(32);
	out = psdirect_rewrite_end(&rewrite, room);
	text_add(&got, room, out);
	CHECK(got.len == want.len && !memcmp(got.at, want.at ?: "", got.len));
	free(room);
	free(stream);
	free(want.at);
	free(got.at);
	return 0;
}
