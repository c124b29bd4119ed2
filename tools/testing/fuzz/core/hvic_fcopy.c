// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * File copy: the input is what happens, one step after the other. A step is a byte:
 * a request (with the length of its body, the bytes that it begins with, and zeros
 * behind), the answer to the oldest that waits, or the end of it all. No piece may be
 * taken that is not of a file whose start was answered well.
 */
#include "fuzz.h"
#include "hvic_fcopy.h"

#define WAITING_MAX	8

static const u16 lengths[] = { 1088, 6196, 36, 6200, 52, 51, 35, 1087 };

/**
 * struct waiting - a request that was admitted
 * @bytes: it
 * @msg: likewise
 * @serial: of the copy
 */
struct waiting {
	u8 *bytes;
	struct hvic_msg msg;
	u32 serial;
};

static struct waiting waiting[WAITING_MAX];
static size_t count;
static struct hvic_copy copy;
static bool open_file;		/* a start was answered well, and nothing ended it */
static u64 announced;

static void check_string(const u8 *text)
{
	size_t len = strnlen((const char *)text, HVIC_FCOPY_NAME_LEN), at, n;

	CHECK(len && len < HVIC_FCOPY_NAME_LEN);
	for (at = 0; at < len; at += n) {
		n = fuzz_utf8_len(text + at);
		CHECK(n && n <= len - at);
	}
	for (at = len; at < HVIC_FCOPY_NAME_LEN; at++)
		CHECK(!text[at]);
}

/* What every daemon relies on. */
static void check_forward(const struct hvic_msg *msg)
{
	struct hvic_user_fcopy_write *request = malloc(sizeof(*request));
	struct hvic_user_fcopy_start *start = (void *)request;
	int len;

	CHECK(request);
	len = hvic_fcopy_forward(msg, request);
	if (len == sizeof(*request)) {
		CHECK(request->hdr.operation == HVIC_FCOPY_WRITE && request->size <= 6144);
		CHECK(!memcmp(request->data, (u8 *)msg->body + 52, request->size));
	} else if (len == sizeof(*start)) {
		CHECK(start->hdr.operation == HVIC_FCOPY_START);
		check_string(start->name);
		check_string(start->path);
	} else {
		CHECK(len < 0 || (len == 36 && request->hdr.operation >= HVIC_FCOPY_COMPLETE));
	}
	free(request);
}

static void check_admitted(const struct hvic_msg *msg)
{
	const struct hvic_fcopy_start *start = msg->body;
	struct hvic_piece piece;

	switch (hvic_fcopy_operation(msg)) {
	case HVIC_FCOPY_START:
		open_file = false;
		announced = le64_to_cpu(start->size);
		break;
	case HVIC_FCOPY_WRITE:
		CHECK(open_file);
		CHECK(!hvic_fcopy_piece(msg, &piece) && piece.size <= 6144);
		CHECK(piece.offset <= announced && piece.size <= announced - piece.offset);
		CHECK(52 + piece.size <= msg->body_len);
		break;
	default:
		open_file = false;
	}
}

static void ask(struct fuzz_input *input)
{
	size_t len = lengths[fuzz_number(input, 1) % 8], used;
	size_t given = fuzz_number(input, 1);
	struct fuzz_input body;
	struct hvic_msg msg;
	u8 *taken, *all = calloc(1, len), *bytes;
	int err;

	CHECK(all);
	taken = fuzz_take(input, given < len ? given : len, &used);
	if (used)
		memcpy(all, taken, used);
	body = (struct fuzz_input){ all, len };
	bytes = fuzz_request(&body, HVIC_TYPE_FCOPY, &msg);
	free(taken);
	free(all);
	check_forward(&msg);
	err = count < WAITING_MAX ? hvic_copy_admit(&copy, &msg, fuzz_number(input,
									     1) << 10) : -EBUSY;
	if (err) {
		if (copy.state != HVIC_COPY_RUNNING)
			open_file = false;
		free(bytes);
		return;
	}
	check_admitted(&msg);
	waiting[count++] = (struct waiting){ bytes, msg, copy.serial };
}

static void settle(u32 status)
{
	struct waiting first = waiting[0];

	if (!count)
		return;
	memmove(waiting, waiting + 1, --count * sizeof(first));
	hvic_copy_settle(&copy, first.serial, &first.msg, status);
	if (first.serial == copy.serial && !status &&
	    hvic_fcopy_operation(&first.msg) == HVIC_FCOPY_START &&
	    copy.state == HVIC_COPY_RUNNING)
		open_file = true;
	CHECK(copy.reached <= copy.size && copy.writes <= count);
	if (copy.state != HVIC_COPY_RUNNING)
		open_file = false;
	free(first.bytes);
}

/**
 * LLVMFuzzerTestOneInput() - Have the host ask, and the guest answer.
 * @data: see above
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };

	memset(&copy, 0, sizeof(copy));
	open_file = false;
	while (input.len) {
		switch (fuzz_number(&input, 1) % 6) {
		case 0:
		case 1:
			ask(&input);
			break;
		case 2:
			settle(HVIC_STATUS_OK);
			break;
		case 3:
			settle(HVIC_STATUS_DISK_FULL);
			break;
		case 4:
			hvic_copy_fail(&copy);
			open_file = false;
			break;
		default:
			hvic_copy_forget(&copy);
			open_file = false;
		}
		CHECK(hvic_copy_word(&copy));
	}
	while (count)
		settle(HVIC_STATUS_FAIL);
	return 0;
}
