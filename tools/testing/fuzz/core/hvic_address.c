// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses as text: what we take, the C library takes too, and the same of it. */
#include <arpa/inet.h>

#include "fuzz.h"
#include "hvic_address.h"

static void parse(const char *text, size_t len, const char *string)
{
	u8 ours[HVIC_IPV6_LEN], theirs[HVIC_IPV6_LEN];
	bool v4 = hvic_ipv4_parse(text, len, ours);

	CHECK(v4 == (inet_pton(AF_INET, string, theirs) == 1));
	CHECK(!v4 || !memcmp(ours, theirs, HVIC_IPV4_LEN));
	if (hvic_ipv6_parse(text, len, ours)) {
		CHECK(inet_pton(AF_INET6, string, theirs) == 1);
		CHECK(!memcmp(ours, theirs, HVIC_IPV6_LEN));
	} else {
		CHECK(inet_pton(AF_INET6, string, theirs) != 1);
	}
}

static void print(const u8 *address)
{
	char *text = malloc(HVIC_IPV6_TEXT_CAP);
	u8 again[HVIC_IPV6_LEN];

	CHECK(text && hvic_ipv6_print(text, address) == strlen(text));
	CHECK(inet_pton(AF_INET6, text, again) == 1 && !memcmp(again, address, HVIC_IPV6_LEN));
	free(text);
	text = malloc(HVIC_IPV4_TEXT_CAP);
	CHECK(text && hvic_ipv4_print(text, address) == strlen(text));
	CHECK(inet_pton(AF_INET, text, again) == 1 && !memcmp(again, address, HVIC_IPV4_LEN));
	free(text);
}

/**
 * LLVMFuzzerTestOneInput() - Read a text, and write an address.
 * @data: the text; of 16 bytes, an address as well
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char string[128] = "";
	u8 *text;

	if (len >= HVIC_IPV6_LEN)
		print(data);
	if (!len || len >= sizeof(string) || memchr(data, 0, len))
		return 0;
	text = malloc(len);
	CHECK(text);
	memcpy(text, data, len);
	memcpy(string, data, len);
	parse((const char *)text, len, string);
	free(text);
	return 0;
}
