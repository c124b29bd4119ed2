/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hyper-V sockets: streams between programs here and programs in the guest, which
 * knows them as AF_VSOCK.
 */
#ifndef HVSIM_SOCKET_H
#define HVSIM_SOCKET_H

#include <stdint.h>

struct hvsim_setting;
struct hvsim_sockets;

int hvsim_sockets_new(struct hvsim_sockets **ret, const struct hvsim_setting *setting);
void hvsim_sockets_free(struct hvsim_sockets *sockets);
int hvsim_sockets_service(uint8_t service[16], const char *name);

#endif
