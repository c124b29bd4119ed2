// SPDX-License-Identifier: GPL-2.0-or-later
/* The stream to the host, by a table: each whole, byte by byte, and cut at each place. */
#include <stdlib.h>
#include <string.h>

#include "psdirect/rewrite.h"
#include "tap.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))
#define PIPE	"__NamedPipeError__:"
#define HOST	"__HyperVSocketError__:"
#define ACK	"<CloseAck PSGuid='00000000-0000-0000-0000-000000000000' />"

static const struct {
	const char *name, *from, *to;
} streams[] = {
	{ "nothing", "", "" },
	{ "a line", "<Data/>\n", "<Data/>\n" },
	{ "no prefix at the end", "<Data/>", "<Data/>" },
	{ "the prefix first", PIPE "x\n", HOST "x\n" },
	{ "the prefix after a line feed", "a\n" PIPE "x\n", "a\n" HOST "x\n" },
	{ "after a carriage return", "a\r" PIPE "x", "a\r" HOST "x" },
	{ "after both", "a\r\n" PIPE "x", "a\r\n" HOST "x" },
	{ "after an empty line", "\n\n" PIPE, "\n\n" HOST },
	{ "capitals", "__NAMEDPIPEERROR__:x", HOST "x" },
	{ "small letters", "__namedpipeerror__:x", HOST "x" },
	{ "in the middle of a line", "a" PIPE "x\n", "a" PIPE "x\n" },
	{ "after a blank", " " PIPE "x\n", " " PIPE "x\n" },
	{ "twice in a line", PIPE PIPE "\n", HOST PIPE "\n" },
	{ "twice", PIPE "\n" PIPE "\n", HOST "\n" HOST "\n" },
	{ "almost", "__NamedPipeError__;x\n", "__NamedPipeError__;x\n" },
	{ "almost, then right", "__NamedPipe\n" PIPE "x\n", "__NamedPipe\n" HOST "x\n" },
	{ "a beginning at the end", "a\n__NamedPipe", "a\n__NamedPipe" },
	{ "beginnings in a row", "___NamedPipeError__:x\n", "___NamedPipeError__:x\n" },
	{ "an error of several lines", PIPE "a\nb\n", HOST "a\nb\n" },
	{ "the last line of pwsh", ACK "\n" PIPE "end of input\n", ACK "\n" },
	{ "and what is after it", ACK "\r\n" PIPE "x\r\ny\n", ACK "\r\ny\n" },
	{ "without its end", ACK "\n" PIPE "x", ACK "\n" },
	{ "an error before", PIPE "a\n" ACK "\n" PIPE "b\n", HOST "a\n" ACK "\n" },
	{ "the CloseAck of a pipeline",
	  "<CloseAck PSGuid='00000000-0000-0000-0000-000000000001' />\n"
	  PIPE "x\n", "<CloseAck PSGuid='00000000-0000-0000-0000-000000000001' />\n" HOST "x\n" },
	{ "a CloseAck in the middle of a line", "x" ACK "\n" PIPE "y\n", "x" ACK "\n" HOST "y\n" },
	{ "a Close", "<Close PSGuid='00000000-0000-0000-0000-000000000000' />\n" PIPE "x\n",
	  "<Close PSGuid='00000000-0000-0000-0000-000000000000' />\n" HOST "x\n" },
};

/* In pieces of @first and then @step bytes, each on the heap and just as long as it is. */
static void play(char *to, size_t room, const char *from, size_t first, size_t step, bool closed)
{
	struct psdirect_rewrite rewrite = { .closed = closed };
	size_t len = strlen(from), at = 0, n, out, total = 0;
	char *piece, *result;

	for (n = first < len ? first : len; at < len; n = step < len - at ? step : len - at) {
		piece = malloc(n);
		result = malloc(PSDIRECT_REWRITE_ROOM(n));
		memcpy(piece, from + at, n);
		out = psdirect_rewrite(&rewrite, result, piece, n);
		if (out < room - total)
			memcpy(to + total, result, out);
		total += out;
		at += n;
		free(piece);
		free(result);
	}
	result = malloc(32);
	out = psdirect_rewrite_end(&rewrite, result);
	memcpy(to + total, result, out);
	to[total + out] = '\0';
	free(result);
}

static void test_streams(void)
{
	char whole[1024], single[1024], cut[1024];
	size_t i, at;
	bool same;

	for (i = 0; i < NR(streams); i++) {
		play(whole, sizeof(whole), streams[i].from, 1000, 1000, false);
		tap_is_str(whole, streams[i].to, "%s", streams[i].name);
		play(single, sizeof(single), streams[i].from, 1, 1, false);
		tap_is_str(single, streams[i].to, "%s, byte by byte", streams[i].name);
		same = true;
		for (at = 1; at < strlen(streams[i].from); at++) {
			play(cut, sizeof(cut), streams[i].from, at, 1000, false);
			same = same && !strcmp(cut, streams[i].to);
		}
		tap_ok(same, "%s, cut at each place", streams[i].name);
	}
}

static void test_closed(void)
{
	char out[256];

	play(out, sizeof(out), "a\n" PIPE "x\nb\n", 1000, 1000, true);
	tap_is_str(out, "a\nb\n", "with the host gone, an error is of no interest");
}

static void test_held(void)
{
	struct psdirect_rewrite rewrite = { 0 };
	char out[64];

	tap_is_int(psdirect_rewrite(&rewrite, out, "a\n__NamedPipeError__", 20), 2,
		   "what may be the prefix is kept back");
	tap_is_int(rewrite.held, 18, "at most 18 bytes of 19");
	tap_is_int(psdirect_rewrite(&rewrite, out, "x", 1), 19, "and given when it is not");
}

int main(void)
{
	test_streams();
	test_closed();
	test_held();
	return tap_done();
}
