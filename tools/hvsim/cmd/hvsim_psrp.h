/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small client of PowerShell remoting: one runspace, one pipeline, one script. Lines
 * in, lines out; what carries them is the caller's.
 */
#ifndef HVSIM_PSRP_H
#define HVSIM_PSRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvsim_guid.h"

struct hvsim_psrp;

/* Longest line of a session, a fragment of 32 KiB as base64 and what is around it. */
#define HVSIM_PSRP_LINE_MAX	65536

/**
 * enum hvsim_psrp_kind - what a pipeline says
 * @HVSIM_PSRP_OUTPUT: an object of its output
 * @HVSIM_PSRP_INFORMATION: as Write-Host does
 * @HVSIM_PSRP_NOTE: a warning, or verbose or debugging text
 * @HVSIM_PSRP_ERROR: an error
 */
enum hvsim_psrp_kind {
	HVSIM_PSRP_OUTPUT,
	HVSIM_PSRP_INFORMATION,
	HVSIM_PSRP_NOTE,
	HVSIM_PSRP_ERROR,
};

/**
 * struct hvsim_psrp_owner - who runs a script
 * @said: called with what the pipeline says; @text is UTF-8
 */
struct hvsim_psrp_owner {
	void (*said)(enum hvsim_psrp_kind kind, const char *text, void *userdata);
};

int hvsim_psrp_new(struct hvsim_psrp **ret, const uint8_t pool[HVSIM_GUID_LEN],
		   const uint8_t pipeline[HVSIM_GUID_LEN], const char *script,
		   const struct hvsim_psrp_owner *owner, void *userdata);
void hvsim_psrp_free(struct hvsim_psrp *psrp);

int hvsim_psrp_line(struct hvsim_psrp *psrp, const char *line);
int hvsim_psrp_stop(struct hvsim_psrp *psrp);
char *hvsim_psrp_take(struct hvsim_psrp *psrp, size_t *len);
bool hvsim_psrp_failed(const struct hvsim_psrp *psrp);
const char *hvsim_psrp_error(const struct hvsim_psrp *psrp);

#endif
