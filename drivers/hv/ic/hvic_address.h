/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_ADDRESS_H
#define _HVIC_ADDRESS_H

#include <linux/types.h>

#define HVIC_IPV4_LEN		4	/* bytes of an address */
#define HVIC_IPV6_LEN		16
#define HVIC_IPV4_TEXT_CAP	16	/* bytes of its text, NUL included */
#define HVIC_IPV6_TEXT_CAP	40

size_t hvic_number_print(char *dst, u64 number);
bool hvic_number_parse(const char *src, size_t len, u64 max, u64 *number);
size_t hvic_ipv4_print(char *dst, const u8 *address);
bool hvic_ipv4_parse(const char *src, size_t len, u8 *address);
size_t hvic_ipv6_print(char *dst, const u8 *address);
bool hvic_ipv6_parse(const char *src, size_t len, u8 *address);

#endif
