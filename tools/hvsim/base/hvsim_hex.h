/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as hexadecimal text, as the control protocol carries them.
 */
#ifndef HVSIM_HEX_H
#define HVSIM_HEX_H

#include <stddef.h>
#include <stdint.h>

char *hvsim_hex_encode(const void *bytes, size_t len);
int hvsim_hex_decode(uint8_t **ret, size_t *len, const char *text);

#endif
