// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that a guest lets hvsim's bus use, by tables of messages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "hvsim_gpadl.h"
#include "hvsim_hex.h"
#include "hvsim_vmbus.h"

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* A header up to the pages, of a range of one kind or another. */
#define HEADER(range_bytes, ranges, bytes, offset) \
	"0800000000000000 21000000 e0100e00" range_bytes ranges bytes offset
#define BODY	"0900000000000000 00000000 e0100e00"

static const struct {
	const char *name;
	const char *header;
	const char *body;		/* NULL for none */
	int header_err, body_err;
	size_t count, told;
	const char *addresses;
} messages[] = {
	{ "one page", HEADER("1000", "0100", "00100000", "00000000") "8877665544330000", NULL,
	  0, 0, 1, 1, "0080786756453403" },
	{ "three pages", HEADER("2000", "0100", "00300000", "00000000")
	  "0100000000000000 0300000000000000 0200000000000000", NULL, 0, 0, 3, 3,
	  "0010000000000000 0030000000000000 0020000000000000" },
	{ "none of them in the header", HEADER("2000", "0100", "00300000", "00000000"), NULL,
	  0, 0, 3, 0, "" },
	{ "some in a body", HEADER("2000", "0100", "00300000", "00000000") "0100000000000000",
	  BODY "0300000000000000 0200000000000000", 0, 0, 3, 3,
	  "0010000000000000 0030000000000000 0020000000000000" },
	{ "not all in a body", HEADER("2000", "0100", "00300000", "00000000") "0100000000000000",
	  BODY "0300000000000000", 0, 0, 3, 2, "0010000000000000 0030000000000000" },
	{ "a body of none", HEADER("2000", "0100", "00300000", "00000000") "0100000000000000",
	  BODY, 0, 0, 3, 1, "0010000000000000" },
	{ "too many in a body", HEADER("1800", "0100", "00200000", "00000000") "0100000000000000",
	  BODY "0300000000000000 0200000000000000", 0, -EINVAL },
	{ "half a page number in a body", HEADER("1800", "0100", "00200000", "00000000")
	  "0100000000000000", BODY "03000000", 0, -EINVAL },
	{ "half a body", HEADER("1800", "0100", "00200000", "00000000") "0100000000000000",
	  "0900000000000000 00000000", 0, -EINVAL },
	{ "a page in a body beyond all memory", HEADER("1800", "0100", "00200000", "00000000")
	  "0100000000000000", BODY "0000000000001000", 0, -EINVAL },
	{ "the last page that has an address", HEADER("1000", "0100", "00100000", "00000000")
	  "ffffffffffff0f00", NULL, 0, 0, 1, 1, "00f0ffffffffffff" },
	{ "a page beyond", HEADER("1000", "0100", "00100000", "00000000") "0000000000001000",
	  NULL, -EINVAL },
	{ "a page number as large as can be", HEADER("1000", "0100", "00100000", "00000000")
	  "ffffffffffffffff", NULL, -EINVAL },
	{ "too many in the header", HEADER("1000", "0100", "00100000", "00000000")
	  "0100000000000000 0300000000000000", NULL, -EINVAL },
	{ "half a page number", HEADER("1000", "0100", "00100000", "00000000") "01000000", NULL,
	  -EINVAL },
	{ "no bytes", HEADER("0800", "0100", "00000000", "00000000"), NULL, -EINVAL },
	{ "bytes that are no whole pages", HEADER("1000", "0100", "01100000", "00000000")
	  "0100000000000000", NULL, -EINVAL },
	{ "less than a page", HEADER("1000", "0100", "ff0f0000", "00000000") "0100000000000000",
	  NULL, -EINVAL },
	{ "from the middle of a page", HEADER("1000", "0100", "00100000", "08000000")
	  "0100000000000000", NULL, -EINVAL },
	{ "no range", HEADER("1000", "0000", "00100000", "00000000") "0100000000000000", NULL,
	  -EINVAL },
	{ "two ranges", HEADER("2000", "0200", "00100000", "00000000") "0100000000000000", NULL,
	  -EINVAL },
	{ "a range of less than its pages", HEADER("0800", "0100", "00100000", "00000000")
	  "0100000000000000", NULL, -EINVAL },
	{ "a range of more than its pages", HEADER("1800", "0100", "00100000", "00000000")
	  "0100000000000000", NULL, -EINVAL },
	{ "64 MiB, whose length does not fit in its field",
	  HEADER("0800", "0100", "00000004", "00000000"), NULL, 0, 0, 16384, 0, "" },
	{ "a page more", HEADER("1000", "0100", "00100004", "00000000"), NULL, -EINVAL },
	{ "as many bytes as can be", HEADER("0000", "0100", "00f0ffff", "00000000"), NULL,
	  -EINVAL },
	{ "no range at all", "0800000000000000 21000000 e0100e00 1000 0100", NULL, -EINVAL },
	{ "half a range", "0800000000000000 21000000 e0100e00 1000 0100 00100000", NULL, -EINVAL },
	{ "half a header", "0800000000000000 21000000 e0100e00 1000 01", NULL, -EBADMSG },
	{ "nothing", "", NULL, -EBADMSG },
};

static void *platform_map(void *userdata, uint64_t address)
{
	unsigned int *maps = userdata;

	if (address / HVSIM_VMBUS_PAGE >= 8)
		return NULL;
	return &maps[address / HVSIM_VMBUS_PAGE];
}

static void platform_unmap(void *userdata, void *page)
{
	(void)userdata;
	(*(unsigned int *)page)++;
}

static const struct hvsim_bus_platform platform = {
	.map = platform_map,
	.unmap = platform_unmap,
};

/* Bytes of exactly their size, so that the sanitizer sees one too far. */
static uint8_t *exact(const char *hex, size_t *len)
{
	uint8_t *bytes;

	if (hvsim_hex_decode(&bytes, len, hex) < 0)
		abort();
	return realloc(bytes, *len ?: 1);
}

static bool addresses_are(const struct hvsim_gpadl *gpadl, const char *hex)
{
	size_t len;
	uint8_t *want = exact(hex, &len);
	bool same = len == gpadl->told * sizeof(*gpadl->addresses) &&
		    !memcmp(gpadl->addresses, want, len);

	free(want);
	return same;
}

static int body_add(struct hvsim_gpadl *gpadl, const char *hex)
{
	size_t len;
	uint8_t *bytes = exact(hex, &len);
	int err = hvsim_gpadl_add(gpadl, bytes, len);

	free(bytes);
	return err;
}

static void test_messages(void)
{
	struct hvsim_gpadl *gpadl;
	uint8_t *bytes;
	size_t i, len;
	int err;

	for (i = 0; i < NR(messages); i++) {
		bytes = exact(messages[i].header, &len);
		gpadl = NULL;
		err = hvsim_gpadl_new(&gpadl, bytes, len);
		free(bytes);
		tap_is_int(err, messages[i].header_err, "gpadl: %s", messages[i].name);
		tap_ok(!err == !!gpadl, "gpadl: %s: there is one or there is not",
		       messages[i].name);
		if (gpadl && messages[i].body)
			err = body_add(gpadl, messages[i].body);
		if (gpadl && messages[i].body)
			tap_is_int(err, messages[i].body_err, "gpadl: %s: its body",
				   messages[i].name);
		if (gpadl && !err) {
			tap_ok(gpadl->relid == 0x21 && gpadl->id == 0xe10e0, "gpadl: %s: whose",
			       messages[i].name);
			tap_is_int(gpadl->count, messages[i].count, "gpadl: %s: pages",
				   messages[i].name);
			tap_is_int(gpadl->told, messages[i].told, "gpadl: %s: pages so far",
				   messages[i].name);
			tap_ok(addresses_are(gpadl, messages[i].addresses),
			       "gpadl: %s: which pages", messages[i].name);
			tap_is_int(hvsim_gpadl_is_complete(gpadl),
				   messages[i].told == messages[i].count,
				   "gpadl: %s: whether that is all", messages[i].name);
		}
		hvsim_gpadl_free(gpadl, &platform, NULL);
	}
}

static const struct {
	const char *name;
	const char *pages;
	int err;
	unsigned int given[8];		/* how often each was given back at the end */
} maps[] = {
	{ "pages in any order", "0300000000000000 0100000000000000 0200000000000000", 0,
	  { 0, 1, 1, 1 } },
	{ "a page twice", "0300000000000000 0300000000000000 0200000000000000", 0,
	  { 0, 0, 1, 2 } },
	{ "the first is no memory", "0800000000000000 0100000000000000 0200000000000000", -EFAULT,
	  { 0 } },
	{ "the last is no memory", "0100000000000000 0200000000000000 0800000000000000", -EFAULT,
	  { 0, 1, 1 } },
};

static void test_maps(void)
{
	unsigned int given[8];
	struct hvsim_gpadl *gpadl;
	uint8_t *bytes;
	char hex[256];
	size_t i, len;

	for (i = 0; i < NR(maps); i++) {
		memset(given, 0, sizeof(given));
		snprintf(hex, sizeof(hex), "%s%s",
			 HEADER("2000", "0100", "00300000", "00000000"), maps[i].pages);
		bytes = exact(hex, &len);
		if (hvsim_gpadl_new(&gpadl, bytes, len) < 0)
			abort();
		free(bytes);
		tap_is_int(hvsim_gpadl_map(gpadl, &platform, given), maps[i].err, "map: %s",
			   maps[i].name);
		tap_is_int(!gpadl->pages, !!maps[i].err, "map: %s: there are pages or none",
			   maps[i].name);
		tap_ok(!gpadl->pages || (gpadl->pages[0] == &given[3] &&
					 gpadl->pages[2] == &given[2]),
		       "map: %s: in their order", maps[i].name);
		hvsim_gpadl_free(gpadl, &platform, given);
		tap_ok(!memcmp(given, maps[i].given, sizeof(given)),
		       "map: %s: each is given back once", maps[i].name);
	}
	hvsim_gpadl_free(NULL, &platform, given);
}

int main(void)
{
	test_messages();
	test_maps();
	return tap_done();
}
