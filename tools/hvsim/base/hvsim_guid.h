/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GUIDs: 16 bytes on VMBus, of which the first three numbers are little endian,
 * and 36 characters for people.
 */
#ifndef HVSIM_GUID_H
#define HVSIM_GUID_H

#include <stdint.h>

#define HVSIM_GUID_LEN		16
/* Characters, with the terminator. */
#define HVSIM_GUID_TEXT_LEN	37

int hvsim_guid_parse(uint8_t guid[HVSIM_GUID_LEN], const char *text);
void hvsim_guid_format(char text[HVSIM_GUID_TEXT_LEN], const uint8_t guid[HVSIM_GUID_LEN]);

#endif
