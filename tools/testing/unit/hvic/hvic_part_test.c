// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values that are too long for one key.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_text.h"
#include "part.h"

static char directory[64];
static struct kvp_pool *pool;

/* @count times @piece, on the heap. */
static char *repeat(const char *piece, size_t count)
{
	char *text = calloc(count, strlen(piece) + 1);

	while (count--)
		strcat(text, piece);
	return text;
}

static const struct {
	const char *name, *piece;
	size_t count;
	unsigned int parts;
} values[] = {
	{ "empty", "", 1, 0 },
	{ "short", "x", 1, 0 },
	{ "the longest of one key", "x", 1023, 0 },
	{ "one more", "x", 1024, 2 },
	{ "two full parts", "x", 2044, 2 },
	{ "and one more", "x", 2045, 3 },
	{ "two bytes each", "\xc3\xa9", 1023, 0 },
	{ "two bytes each, one more", "\xc3\xa9", 1024, 2 },
	{ "three bytes each, by bytes", "\xe2\x82\xac", 682, 0 },
	{ "three bytes each, one more", "\xe2\x82\xac", 683, 2 },
	{ "two units each", "\xf0\x9f\x98\x80", 511, 0 },
	{ "two units each, one more", "\xf0\x9f\x98\x80", 512, 2 },
	{ "long", "line\n", 4000, 20 },
};

static void test_values(void)
{
	unsigned int parts, joined;
	char *value, *got;
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		value = repeat(values[i].piece, values[i].count);
		tap_is_int(hvic_part_set(pool, "key", value, &parts), 0, "%s", values[i].name);
		tap_is_int(parts, values[i].parts, "is in as many parts");
		tap_is_int(hvic_part_join(pool, "key", &got, &joined), 0, "and is got");
		tap_ok(!strcmp(got, value), "as it was");
		tap_is_int(joined, parts, "of as many parts");
		free(got);
		free(value);
		kvp_pool_delete(pool, "key");
		tap_is_int(hvic_part_delete(pool, "key", 0), parts, "which are deleted");
		tap_is_int(kvp_pool_count(pool), 0, "and that is all");
	}
}

/* No part has a piece of a character, nor more than what crosses everywhere. */
static void test_parts(void)
{
	char *value = repeat("a\xe2\x82\xac\xf0\x9f\x98\x80", 1000);
	struct kvp_record record;
	unsigned int parts, wrong = 0;
	uint32_t i;

	hvic_part_set(pool, "key", value, &parts);
	for (i = 0; !kvp_pool_item(pool, i, &record); i++)
		wrong += hvd_text_units(record.value) < 0 ||
			 hvd_text_units(record.value) > HVIC_PART_UNITS ||
			 strlen(record.value) > HVIC_PART_BYTES;
	tap_is_int(i, parts, "parts of a value with characters of all sizes");
	tap_is_int(wrong, 0, "are texts themselves, none too long");
	free(value);
	hvic_part_delete(pool, "key", 0);
}

static void test_change(void)
{
	char *longer = repeat("y", 5000), *shorter = repeat("z", 2000), *got;
	unsigned int parts;

	kvp_pool_set(pool, "key", "of its own");
	kvp_pool_set(pool, "keyring", "another's");
	hvic_part_set(pool, "key", longer, &parts);
	hvic_part_set(pool, "key", shorter, &parts);
	tap_is_int(hvic_part_join(pool, "key", &got, &parts), 0, "a value that becomes shorter");
	tap_is_str(got, shorter, "has nothing of the longer one, nor of a key of its own");
	free(got);
	hvic_part_set(pool, "key", "short", &parts);
	tap_is_int(hvic_part_join(pool, "key", &got, &parts), 0, "of both, the key of its own");
	tap_is_str(got, "short", "counts");
	free(got);
	tap_is_int(hvic_part_join(pool, "ring", &got, &parts), -ENODATA, "what is not there");
	tap_is_int(kvp_pool_count(pool), 4, "another's key stays");
	free(longer);
	free(shorter);
}

static void test_keys(void)
{
	char *key = repeat("k", 255), *value = repeat("v", 3000);
	unsigned int parts;

	tap_is_int(hvic_part_set(pool, key, "v", &parts), 0, "the longest key");
	tap_is_int(hvic_part_set(pool, key, value, &parts), -EINVAL, "has no room for a number");
	free(key);
	free(value);
}

int main(void)
{
	char command[96];

	strcpy(directory, "/tmp/hvic_part_test.XXXXXX");
	if (!mkdtemp(directory) || kvp_pool_new(&pool, directory, 1, true))
		return 1;
	test_values();
	test_parts();
	test_change();
	test_keys();
	kvp_pool_free(pool);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) ? 1 : tap_done();
}
