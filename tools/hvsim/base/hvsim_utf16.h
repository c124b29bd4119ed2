/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text as Windows has it.
 */
#ifndef HVSIM_UTF16_H
#define HVSIM_UTF16_H

#include <stddef.h>
#include <stdint.h>

int hvsim_utf16_encode(uint8_t *bytes, size_t size, const char *text);
int hvsim_utf16_decode(char *text, size_t size, const uint8_t *bytes, size_t len);

#endif
