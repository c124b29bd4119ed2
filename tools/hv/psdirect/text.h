/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of the host: UTF-16LE, checked and made UTF-8.
 */
#ifndef PSDIRECT_TEXT_H
#define PSDIRECT_TEXT_H

#include <stddef.h>

int psdirect_text_take(char *to, size_t room, const void *from, size_t bytes, size_t max);
void psdirect_text_ascii(char *to, size_t room, const char *from);
const char *psdirect_text_why(int error);

#endif
