/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream of a session: from the host to the program and back.
 */
#ifndef PSDIRECT_RELAY_H
#define PSDIRECT_RELAY_H

#include <stddef.h>

/**
 * struct psdirect_relay_setup - ends of a stream
 * @host: the socket of the host
 * @main: the socket of the main process, which says when the session has ended
 * @input: the program's stdin, to be written
 * @output: the program's stdout, to be read
 * @first: what the host has already sent
 * @first_len: bytes of it, at most %PSDIRECT_MESSAGE_BYTES
 */
struct psdirect_relay_setup {
	int host;
	int main;
	int input;
	int output;
	const char *first;
	size_t first_len;
};

void psdirect_relay_run(const struct psdirect_relay_setup *setup);

#endif
