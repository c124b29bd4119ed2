// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values that are too long for one key.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvd_text.h"
#include "part.h"

/**
 * hvic_part_len() - Find where a value is to be cut.
 * @value: UTF-8
 *
 * Return: bytes of the longest beginning that is a part, whole characters all of them; 0
 * only where @value is empty.
 */
size_t hvic_part_len(const char *value)
{
	size_t len = 0, next, units = 0, wide;

	while (value[len]) {
		for (next = len + 1; (value[next] & 0xc0) == 0x80; next++)
			;
		/* what takes four bytes takes two units */
		wide = next - len == 4 ? 2 : 1;
		if (next > HVIC_PART_BYTES || units + wide > HVIC_PART_UNITS)
			break;
		units += wide;
		len = next;
	}
	return len;
}

/**
 * hvic_part_wanted() - Whether a value must be cut.
 * @value: UTF-8
 *
 * Return: whether it is too long for one key.
 */
bool hvic_part_wanted(const char *value)
{
	return hvd_text_units(value) > HVIC_VALUE_UNITS || strlen(value) > HVIC_PART_BYTES;
}

/**
 * hvic_part_key() - Name a part.
 * @key: its key
 * @room: bytes at @key
 * @of: the key of all
 * @number: which part, from 0
 *
 * Return: 0; -ENOSPC when it does not fit.
 */
int hvic_part_key(char *key, size_t room, const char *of, unsigned int number)
{
	int len = snprintf(key, room, "%s%u", of, number);

	return len < 0 || (size_t)len >= room ? -ENOSPC : 0;
}

/**
 * hvic_part_join() - Get a value, of one key or of all its parts.
 * @pool: where
 * @key: the key; where there is none, that of the parts
 * @value: the value, on the heap
 * @parts: how many it is of; 0 for a key of its own
 *
 * Return: 0; -ENODATA when there is neither; -ENOMEM; see kvp_pool_get().
 */
int hvic_part_join(struct kvp_pool *pool, const char *key, char **value, unsigned int *parts)
{
	char part[HVIC_KVP_KEY_LEN], *joined = NULL, *longer;
	struct kvp_record record;
	size_t len = 0, more;
	int err;

	*parts = 0;
	err = kvp_pool_get(pool, key, &record);
	if (!err)
		return (*value = strdup(record.value)) ? 0 : -ENOMEM;
	while (err == -ENODATA && !hvic_part_key(part, sizeof(part), key, *parts) &&
	       !kvp_pool_get(pool, part, &record)) {
		more = strlen(record.value);
		longer = realloc(joined, len + more + 1);
		if (!longer) {
			free(joined);
			return -ENOMEM;
		}
		joined = longer;
		memcpy(joined + len, record.value, more + 1);
		len += more;
		++*parts;
	}
	if (!*parts)
		return err;
	*value = joined;
	return 0;
}

/**
 * hvic_part_delete() - Delete parts.
 * @pool: where
 * @key: the key of all
 * @from: the first that goes; all behind it go with it
 *
 * Return: how many went; see kvp_pool_delete().
 */
int hvic_part_delete(struct kvp_pool *pool, const char *key, unsigned int from)
{
	char part[HVIC_KVP_KEY_LEN];
	unsigned int number = from;
	int err = 0;

	while (!err && !hvic_part_key(part, sizeof(part), key, number)) {
		err = kvp_pool_delete(pool, part);
		number += !err;
	}
	return err && err != -ENODATA ? err : (int)(number - from);
}

/**
 * hvic_part_set() - Set a value, in parts where it is too long for one key.
 * @pool: where
 * @key: the key; where there are parts, there is none of this name afterwards
 * @value: UTF-8
 * @parts: how many there are; 0 for a key of its own
 *
 * Who reads in between may see parts of two values.
 *
 * Return: 0; -EINVAL when @key is too long with the number of the last part; see
 * kvp_pool_set().
 */
int hvic_part_set(struct kvp_pool *pool, const char *key, const char *value,
		  unsigned int *parts)
{
	char part[HVIC_KVP_KEY_LEN], text[HVIC_PART_BYTES + 1];
	size_t len;
	int err;

	*parts = 0;
	if (!hvic_part_wanted(value))
		return kvp_pool_set(pool, key, value);
	for (; *value; value += len, ++*parts) {
		len = hvic_part_len(value);
		memcpy(text, value, len);
		text[len] = '\0';
		if (hvic_part_key(part, sizeof(part), key, *parts) ||
		    hvd_text_units(part) > HVIC_KEY_UNITS)
			return -EINVAL;
		err = kvp_pool_set(pool, part, text);
		if (err)
			return err;
	}
	/* what was there of a value that was longer, or shorter */
	err = hvic_part_delete(pool, key, *parts);
	if (err < 0)
		return err;
	err = kvp_pool_delete(pool, key);
	return err == -ENODATA ? 0 : err;
}
