// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the module, by tables: what they say, when they fit, what is answered. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "fcopy/message.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* A copy of exactly that size, so that a byte too far is seen. */
static int parse(struct fcopy_message *message, const void *bytes, size_t len)
{
	void *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, bytes, len);
	err = fcopy_message_parse(message, copy, len);
	free(copy);
	return err;
}

static void test_start(void)
{
	struct hvic_user_fcopy_start start = { .hdr.operation = HVIC_FCOPY_START };
	struct fcopy_message message;
	size_t len;
	int bad = 0;

	strcpy((char *)start.name, "n\xc3\xa4me");
	strcpy((char *)start.path, "/tmp/");
	start.flags = HVIC_FCOPY_CREATE_PATH;
	start.size = 0x123456789aULL;
	tap_is_int(parse(&message, &start, sizeof(start)), 0, "a start");
	tap_is_str(message.name, "n\xc3\xa4me", "has the name");
	tap_is_str(message.path, "/tmp/", "the path");
	tap_is_int(message.flags, HVIC_FCOPY_CREATE_PATH, "the flags");
	tap_is_int((long long)message.size, 0x123456789aLL, "and the size");
	for (len = 0; len < sizeof(start); len++)
		bad += parse(&message, &start, len) != -EBADMSG;
	tap_is_int(bad, 0, "cut short anywhere it is refused");
	memset(start.name, 'n', sizeof(start.name));
	tap_is_int(parse(&message, &start, sizeof(start)), -EBADMSG, "a name without an end");
	start.name[sizeof(start.name) - 1] = '\0';
	tap_is_int(parse(&message, &start, sizeof(start)), 0, "one that ends with the field");
	memset(start.path, '/', sizeof(start.path));
	tap_is_int(parse(&message, &start, sizeof(start)), -EBADMSG, "a path without an end");
}

static const struct {
	const char *name;
	uint32_t size;
	size_t data;		/* bytes that are there */
	int err;
} writes[] = {
	{ "a full one", 6144, 6144, 0 },
	{ "a short one in a full message", 5, 6144, 0 },
	{ "one that ends with its data", 5, 5, 0 },
	{ "an empty one", 0, 0, 0 },
	{ "one that says it is longer than it is", 6, 5, -EBADMSG },
	{ "one that is longer than can be", 6145, 6144, -EBADMSG },
	{ "one that is much longer", 0xffffffff, 6144, -EBADMSG },
	{ "one whose size is negative", 0x80000000, 6144, -EBADMSG },
	{ "one that is longer than can be, as is its message", 6145, 7000, -EBADMSG },
};

static void test_write(void)
{
	struct hvic_user_fcopy_write piece = { .hdr.operation = HVIC_FCOPY_WRITE, .offset = 77 };
	const size_t head = offsetof(struct hvic_user_fcopy_write, data);
	struct fcopy_message message;
	char longer[8000] = "";
	size_t i;

	memset(piece.data, 'd', sizeof(piece.data));
	for (i = 0; i < NR(writes); i++) {
		piece.size = writes[i].size;
		memcpy(longer, &piece, sizeof(piece));
		if (tap_is_int(parse(&message, longer, head + writes[i].data), writes[i].err,
			       "a write: %s", writes[i].name) && writes[i].err)
			continue;
		tap_is_int((long long)message.len, writes[i].size, "its size");
		tap_is_int((long long)message.offset, 77, "its place");
	}
	piece.size = 3;
	tap_is_int(fcopy_message_parse(&message, &piece, sizeof(piece)), 0, "the data of one");
	tap_ok(message.data == piece.data, "is where it was");
	tap_is_int(parse(&message, &piece, head - 1), -EBADMSG, "one cut short in its head");
}

static void test_header(void)
{
	struct hvic_user_fcopy_hdr hdr = { .operation = HVIC_FCOPY_COMPLETE };
	char longer[6200] = { HVIC_FCOPY_CANCEL };
	struct fcopy_message message;

	tap_is_int(parse(&message, &hdr, sizeof(hdr)), 0, "a complete");
	tap_is_int(message.operation, HVIC_FCOPY_COMPLETE, "is one");
	tap_is_int(parse(&message, &hdr, sizeof(hdr) - 1), -EBADMSG, "but not cut short");
	tap_is_int(parse(&message, longer, sizeof(longer)), 0, "a cancel with more behind it");
	tap_is_int(message.operation, HVIC_FCOPY_CANCEL, "is one");
	hdr.operation = HVIC_NR_FCOPY_OPERATIONS;
	tap_is_int(parse(&message, &hdr, sizeof(hdr)), -EOPNOTSUPP,
		   "an operation that there is not");
	tap_is_str(fcopy_message_name(message.operation), "unknown", "has no name");
	hdr.operation = 0xffffffff;
	tap_is_int(parse(&message, &hdr, sizeof(hdr)), -EOPNOTSUPP, "nor does the last of all");
}

static void test_actions(void)
{
	static const enum fcopy_action wanted[HVIC_NR_FCOPY_OPERATIONS][FCOPY_NR_STAGES] = {
		[HVIC_FCOPY_START] = { FCOPY_BEGIN, FCOPY_REFUSE, FCOPY_REFUSE },
		[HVIC_FCOPY_WRITE] = { FCOPY_REFUSE, FCOPY_WRITE, FCOPY_REFUSE },
		[HVIC_FCOPY_COMPLETE] = { FCOPY_REFUSE, FCOPY_FINISH, FCOPY_REFUSE },
		[HVIC_FCOPY_CANCEL] = { FCOPY_ACCEPT, FCOPY_ABANDON, FCOPY_ABANDON },
	};
	static const char *const stages[] = { "without a copy", "in one", "before the answer" };
	struct fcopy_message message = { 0 };
	unsigned int stage;

	for (; message.operation < HVIC_NR_FCOPY_OPERATIONS; message.operation++)
		for (stage = 0; stage < FCOPY_NR_STAGES; stage++)
			tap_is_int(fcopy_message_action(&message, stage),
				   wanted[message.operation][stage], "a %s %s",
				   fcopy_message_name(message.operation), stages[stage]);
}

static const struct {
	int err;
	uint32_t status;
} statuses[] = {
	{ 0, 0 }, { -EEXIST, 0x80070050 }, { -ENOSPC, 0x80070070 }, { -EDQUOT, 0x80070070 },
	{ -EFBIG, 0x80070070 }, { -EACCES, 0x80070005 }, { -EPERM, 0x80070005 },
	{ -EROFS, 0x80070005 }, { -ELOOP, 0x80070005 }, { -EXDEV, 0x80070005 },
	{ -EISDIR, 0x80070005 }, { -ENOENT, 0x80070003 }, { -ENOTDIR, 0x80070003 },
	{ -EINVAL, 0x80070057 }, { -EBADMSG, 0x80070057 }, { -EILSEQ, 0x80070057 },
	{ -ENAMETOOLONG, 0x80070057 }, { -EOPNOTSUPP, 0x80070032 }, { -EIO, 0x80004005 },
	{ -ENOMEM, 0x80004005 }, { -ETIMEDOUT, 0x80004005 }, { -ECANCELED, 0x80004005 },
	{ -EPROTO, 0x80004005 },
};

static void test_statuses(void)
{
	size_t i;

	for (i = 0; i < NR(statuses); i++)
		tap_is_int(fcopy_message_status(statuses[i].err), statuses[i].status,
			   "the host's status of %s: %s", strerror(-statuses[i].err),
			   fcopy_message_reason(statuses[i].err));
	tap_is_str(fcopy_message_reason(-EIO), strerror(EIO),
		   "what has no words of ours has others'");
}

int main(void)
{
	test_start();
	test_write();
	test_header();
	test_actions();
	test_statuses();
	return tap_done();
}
