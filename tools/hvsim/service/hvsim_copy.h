/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of files and disks, made a piece at a time beside everything else.
 */
#ifndef HVSIM_COPY_H
#define HVSIM_COPY_H

#include <stdint.h>

#include <systemd/sd-event.h>

struct hvsim_copy;

/**
 * typedef hvsim_copy_done - a copy is whole, or has failed
 * @result: 0, or the negative errno of what failed; what was written stays
 * @bytes: that were copied, zeros included
 * @userdata: of hvsim_copy_new()
 *
 * May free the copy.
 */
typedef void (*hvsim_copy_done)(int result, uint64_t bytes, void *userdata);

int hvsim_copy_new(struct hvsim_copy **ret, sd_event *event, const char *from, const char *to,
		   hvsim_copy_done done, void *userdata);
void hvsim_copy_free(struct hvsim_copy *copy);

#endif
