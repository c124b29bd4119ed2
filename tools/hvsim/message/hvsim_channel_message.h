/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMBus's own messages, by which channels are offered, opened and taken back, in
 * words.
 */
#ifndef HVSIM_CHANNEL_MESSAGE_H
#define HVSIM_CHANNEL_MESSAGE_H

#include <stddef.h>

size_t hvsim_channel_message_describe(char *text, size_t size, const void *bytes, size_t len);

#endif
