// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and IP addresses as text, both ways. */

#include <linux/string.h>

#include "hvic_address.h"

/**
 * hvic_number_print() - Write a number in decimal.
 * @dst: where to: 21 bytes at most, ended by a NUL
 * @number: the number
 *
 * Return: bytes without the NUL.
 */
size_t hvic_number_print(char *dst, u64 number)
{
	char digits[20];
	size_t n = 0, i;

	do {
		digits[n++] = '0' + number % 10;
		number /= 10;
	} while (number);
	for (i = 0; i < n; i++)
		dst[i] = digits[n - 1 - i];
	dst[n] = '\0';
	return n;
}

/**
 * hvic_number_parse() - Read a number in decimal.
 * @src: nothing but digits
 * @len: bytes of it
 * @max: the largest number that is one
 * @number: the number; untouched on failure
 *
 * Return: whether it is one.
 */
bool hvic_number_parse(const char *src, size_t len, u64 max, u64 *number)
{
	u64 value = 0, digit;
	size_t i;

	for (i = 0; i < len; i++) {
		if (src[i] < '0' || src[i] > '9')
			return false;
		digit = src[i] - '0';
		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (len)
		*number = value;
	return len;
}

/**
 * hvic_ipv4_print() - Write an IPv4 address, or a mask.
 * @dst: where to: HVIC_IPV4_TEXT_CAP bytes, ended by a NUL
 * @address: HVIC_IPV4_LEN bytes in network order
 *
 * Return: bytes without the NUL.
 */
size_t hvic_ipv4_print(char *dst, const u8 *address)
{
	size_t len = 0, i;

	for (i = 0; i < HVIC_IPV4_LEN; i++) {
		len += hvic_number_print(dst + len, address[i]);
		if (i < HVIC_IPV4_LEN - 1)
			dst[len++] = '.';
	}
	return len;
}

/**
 * hvic_ipv4_parse() - Read an IPv4 address, or a mask.
 * @src: four numbers with points between, none with a needless 0 in front
 * @len: bytes of it
 * @address: HVIC_IPV4_LEN bytes in network order; untouched on failure
 *
 * Return: whether it is one.
 */
bool hvic_ipv4_parse(const char *src, size_t len, u8 *address)
{
	u8 bytes[HVIC_IPV4_LEN];
	size_t at = 0, n, i;
	u64 number;

	for (i = 0; i < HVIC_IPV4_LEN; i++) {
		for (n = 0; at + n < len && src[at + n] != '.'; n++)
			;
		/* some read 010 as 8 */
		if (n > 1 && src[at] == '0')
			return false;
		if (!hvic_number_parse(src + at, n, 255, &number))
			return false;
		bytes[i] = number;
		at += n;
		if (i < HVIC_IPV4_LEN - 1 && at++ == len)
			return false;
	}
	if (at != len)
		return false;
	memcpy(address, bytes, sizeof(bytes));
	return true;
}

/* The longest run of two groups of zeros or more, the first if there are two. */
static size_t zeros_find(const u8 *address, size_t *run)
{
	size_t at, n, found = HVIC_IPV6_LEN;

	*run = 2;
	for (at = 0; at < HVIC_IPV6_LEN; at += n ? n : 2) {
		for (n = 0; at + n < HVIC_IPV6_LEN && !address[at + n] && !address[at + n + 1];)
			n += 2;
		if (n > *run) {
			found = at;
			*run = n;
		}
	}
	return found;
}

static size_t group_print(char *dst, unsigned int group)
{
	size_t len = 0;
	int shift;

	for (shift = 12; shift >= 0; shift -= 4)
		if (len || group >> shift || !shift)
			dst[len++] = "0123456789abcdef"[group >> shift & 15];
	return len;
}

/**
 * hvic_ipv6_print() - Write an IPv6 address, as RFC 5952 has it.
 * @dst: where to: HVIC_IPV6_TEXT_CAP bytes, ended by a NUL
 * @address: HVIC_IPV6_LEN bytes in network order
 *
 * An address that holds one of IPv4 has no points: all who read can read that.
 *
 * Return: bytes without the NUL.
 */
size_t hvic_ipv6_print(char *dst, const u8 *address)
{
	size_t run, zeros = zeros_find(address, &run), len = 0, i;

	for (i = 0; i < HVIC_IPV6_LEN; i += 2) {
		if (i == zeros) {
			dst[len++] = ':';
			if (i + run == HVIC_IPV6_LEN)
				dst[len++] = ':';
			i += run - 2;
			continue;
		}
		if (i)
			dst[len++] = ':';
		len += group_print(dst + len, address[i] << 8 | address[i + 1]);
	}
	dst[len] = '\0';
	return len;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Up to four digits; returns how many there are. */
static size_t group_parse(const char *at, const char *end, u8 *dst)
{
	unsigned int group = 0;
	size_t n;

	for (n = 0; n < 4 && at + n < end && hex_digit(at[n]) >= 0; n++)
		group = group << 4 | hex_digit(at[n]);
	dst[0] = group >> 8;
	dst[1] = group & 0xff;
	return n;
}

/**
 * hvic_ipv6_parse() - Read an IPv6 address.
 * @src: RFC 4291's text, perhaps with an IPv4 address at its end; no zone
 * @len: bytes of it
 * @address: HVIC_IPV6_LEN bytes in network order; untouched on failure
 *
 * Return: whether it is one.
 */
bool hvic_ipv6_parse(const char *src, size_t len, u8 *address)
{
	const char *at = src, *end = src + len;
	const size_t none = HVIC_IPV6_LEN;	/* a gap stands for a group at least */
	size_t used = 0, gap = none, n;
	u8 bytes[HVIC_IPV6_LEN] = {};

	if (len >= 2 && src[0] == ':' && src[1] == ':') {
		gap = 0;
		at += 2;
	}
	while (at < end) {
		if (used + HVIC_IPV4_LEN <= HVIC_IPV6_LEN &&
		    hvic_ipv4_parse(at, end - at, bytes + used)) {
			used += HVIC_IPV4_LEN;
			break;
		}
		n = used < HVIC_IPV6_LEN ? group_parse(at, end, bytes + used) : 0;
		if (!n)
			return false;
		used += 2;
		at += n;
		if (at == end)
			break;
		if (*at++ != ':' || at == end)
			return false;
		if (*at != ':')
			continue;
		if (gap != none || used == HVIC_IPV6_LEN)
			return false;
		gap = used;
		at++;
	}
	/* all groups, or a gap in their place: one of the two */
	if (used == HVIC_IPV6_LEN ? gap != none : gap == none)
		return false;

	memset(address, 0, HVIC_IPV6_LEN);
	memcpy(address, bytes, gap);
	memcpy(address + HVIC_IPV6_LEN - (used - gap), bytes + gap, used - gap);
	return true;
}
