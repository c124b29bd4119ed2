/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offers of Hyper-V sockets as a host that means ill may make them: made from a seed.
 * Nothing here does input, output or allocation.
 */
#ifndef HVSIM_HOSTILE_SOCKET_H
#define HVSIM_HOSTILE_SOCKET_H

#include <stdint.h>

#include "hvsim_vmbus.h"

/**
 * enum hvsim_hostile_socket - what is odd about the offer of a socket
 * @HVSIM_SOCKET_GOOD: nothing: a connection of PowerShell Direct
 * @HVSIM_SOCKET_FLAGS: its flags, but that it is a socket
 * @HVSIM_SOCKET_CONTAINER: it is for a container
 * @HVSIM_SOCKET_VERSION: the version of its parameters, and what follows them
 * @HVSIM_SOCKET_USER: all bytes for the service's own use
 * @HVSIM_SOCKET_ANY: any of these, and its class
 * @HVSIM_SOCKET_ENCRYPTED: its memory is to be encrypted, and its rings are not
 * @HVSIM_NR_SOCKETS: how many there are
 */
enum hvsim_hostile_socket {
	HVSIM_SOCKET_GOOD,
	HVSIM_SOCKET_FLAGS,
	HVSIM_SOCKET_CONTAINER,
	HVSIM_SOCKET_VERSION,
	HVSIM_SOCKET_USER,
	HVSIM_SOCKET_ANY,
	HVSIM_SOCKET_ENCRYPTED,
	HVSIM_NR_SOCKETS,
};

void hvsim_hostile_socket(struct hvsim_vmbus_offer *offer, enum hvsim_hostile_socket odd,
			  uint64_t seed, uint64_t number);

#endif
