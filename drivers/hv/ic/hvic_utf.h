/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HVIC_UTF_H
#define _HVIC_UTF_H

#include <linux/types.h>

/* What stands for a sequence that is none; no character has this number. */
#define HVIC_NO_CHARACTER	0xffffffffu
#define HVIC_REPLACEMENT	0xfffdu

u32 hvic_utf16_next(const u8 **at, const u8 *end);
u32 hvic_utf8_next(const u8 **at, const u8 *end);
size_t hvic_utf8_put(char *dst, size_t room, u32 character);
size_t hvic_utf16_put(u8 *dst, size_t room_bytes, u32 character);
int hvic_utf16_to_utf8(char *dst, size_t cap_bytes, const void *src, size_t units);
int hvic_utf8_to_utf16(void *dst, size_t cap_units, const char *src, size_t bytes);
size_t hvic_utf8_to_utf16_lossy(void *dst, size_t cap_units, const char *src, size_t bytes);

#endif
