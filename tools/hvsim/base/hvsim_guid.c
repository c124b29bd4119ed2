// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GUIDs, as VMBus has them and as people write them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hvsim_guid.h"

/* Which byte each pair of digits is, in the order in which they are written. */
static const uint8_t order[HVSIM_GUID_LEN] = {
	3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15,
};

/* Where pairs of digits begin; the characters that are left out are dashes. */
static size_t text_position(size_t pair)
{
	return 2 * pair + (pair >= 4) + (pair >= 6) + (pair >= 8) + (pair >= 10);
}

/**
 * hvsim_guid_parse() - Read a GUID.
 * @guid: where to write it, as it is on VMBus
 * @text: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, in digits of either case
 *
 * Return: 0; -EINVAL when @text is no GUID, and then nothing is written.
 */
int hvsim_guid_parse(uint8_t guid[HVSIM_GUID_LEN], const char *text)
{
	uint8_t bytes[HVSIM_GUID_LEN];
	size_t i;

	if (strlen(text) != HVSIM_GUID_TEXT_LEN - 1)
		return -EINVAL;
	for (i = 0; i < HVSIM_GUID_LEN; i++) {
		const char *at = text + text_position(i);
		const char pair[] = { at[0], at[1], '\0' };

		if (!isxdigit((unsigned char)at[0]) || !isxdigit((unsigned char)at[1]) ||
		    (text_position(i + 1) - text_position(i) == 3 && at[2] != '-'))
			return -EINVAL;
		bytes[order[i]] = (uint8_t)strtoul(pair, NULL, 16);
	}
	memcpy(guid, bytes, sizeof(bytes));
	return 0;
}

/**
 * hvsim_guid_format() - Write a GUID for people.
 * @text: where to write
 * @guid: as it is on VMBus
 */
void hvsim_guid_format(char text[HVSIM_GUID_TEXT_LEN], const uint8_t guid[HVSIM_GUID_LEN])
{
	size_t i;

	memset(text, '-', HVSIM_GUID_TEXT_LEN - 1);
	for (i = 0; i < HVSIM_GUID_LEN; i++) {
		char pair[3];

		snprintf(pair, sizeof(pair), "%02x", guid[order[i]]);
		memcpy(text + text_position(i), pair, 2);
	}
	text[HVSIM_GUID_TEXT_LEN - 1] = '\0';
}
