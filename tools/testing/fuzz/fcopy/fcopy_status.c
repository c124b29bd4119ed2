// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of copies: the input is a line of it.  What is one is the same when written. */
#include <inttypes.h>

#include "fcopy/status.h"
#include "fuzz.h"

/**
 * LLVMFuzzerTestOneInput() - Read a line.
 * @data: it
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	struct fcopy_entry entry, again;
	char line[2 * FCOPY_LINE_LEN];
	size_t size;
	u8 *bytes = fuzz_take(&input, len, &size);
	int out, err = fcopy_entry_parse(&entry, (const char *)bytes, size);

	CHECK(!err || err == -EBADMSG);
	if (!err) {
		CHECK(fcopy_state_name(entry.state)[0]);
		fcopy_entry_rate(&entry);
		out = fcopy_entry_format(&entry, line, sizeof(line));
		CHECK(out > 0 && line[out - 1] == '\n' && strlen(line) == (size_t)out);
		CHECK(!fcopy_entry_parse(&again, line, (size_t)out - 1));
		CHECK(again.number == entry.number && again.bytes == entry.bytes);
		CHECK(again.status == entry.status && again.state == entry.state);
		CHECK(strlen(again.path) == strlen(entry.path));
	}
	free(bytes);
	return 0;
}
