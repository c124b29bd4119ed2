/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as text, RFC 4648 section 4.
 */
#ifndef HVSIM_BASE64_H
#define HVSIM_BASE64_H

#include <stddef.h>
#include <stdint.h>

char *hvsim_base64_encode(const void *bytes, size_t len);
int hvsim_base64_decode(const char *text, uint8_t **ret, size_t *len);

#endif
