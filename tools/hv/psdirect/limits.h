/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sizes of PowerShell Direct, in one place.
 *
 * The protocol has no lengths of its own: one field is one send of the host.  The sizes of
 * the host's own buffers are facts of its client's source; the others are decisions.
 */
#ifndef PSDIRECT_LIMITS_H
#define PSDIRECT_LIMITS_H

/* Bytes of UTF-16LE that a field may have: domain, user, configuration; password. */
#define PSDIRECT_NAME_BYTES	512
#define PSDIRECT_PASSWORD_BYTES	1024

/* The same as UTF-8, where a unit takes 3 bytes at most, with the NUL. */
#define PSDIRECT_NAME_ROOM	(PSDIRECT_NAME_BYTES / 2 * 3 + 1)
#define PSDIRECT_PASSWORD_ROOM	(PSDIRECT_PASSWORD_BYTES / 2 * 3 + 1)

/* What is read at once: a Hyper-V socket hands over one packet, of 16 KiB at most. */
#define PSDIRECT_MESSAGE_BYTES	16384

/* A token: random bytes, and their base64.  The host's server reads at most 110 bytes. */
#define PSDIRECT_TOKEN_BYTES	32
#define PSDIRECT_TOKEN_LEN	44

/* A sentence for the person at the host; the client's buffer has 1024 bytes. */
#define PSDIRECT_TEXT_ROOM	1024

/* Bytes of a rewritten stream, and of the two error prefixes in it. */
#define PSDIRECT_STREAM_BYTES	65536
#define PSDIRECT_PIPE_PREFIX	"__NamedPipeError__:"
#define PSDIRECT_HOST_PREFIX	"__HyperVSocketError__:"

#endif
