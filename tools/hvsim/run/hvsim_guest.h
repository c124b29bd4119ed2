/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the agent in the guest does for its host: commands and files.
 */
#ifndef HVSIM_GUEST_H
#define HVSIM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

struct hvsim_guest;

/**
 * struct hvsim_guest_result - how a job ended
 * @error: 0; -ETIME when the command was killed since its time was up; -ESTALE
 *	when the guest was reset or has gone meanwhile; -ETIMEDOUT when the guest
 *	does not answer; or the guest's negative errno
 * @status: of a command that ended: its exit code, or 128 + a signal
 * @output: what it wrote, also when it was killed; borrowed
 * @len: bytes at @output
 */
struct hvsim_guest_result {
	int error;
	int status;
	const char *output;
	size_t len;
};

typedef void (*hvsim_guest_done)(const struct hvsim_guest_result *result, void *userdata);

int hvsim_guest_new(struct hvsim_guest **ret, sd_event *event, int fd,
		    void (*ready)(void *userdata), void *userdata);
void hvsim_guest_free(struct hvsim_guest *guest);
bool hvsim_guest_is_ready(const struct hvsim_guest *guest);
void hvsim_guest_reset(struct hvsim_guest *guest);
int hvsim_guest_hail(struct hvsim_guest *guest);
int hvsim_guest_exec(struct hvsim_guest *guest, const char *command, uint32_t timeout_ms,
		     hvsim_guest_done done, void *userdata);
int hvsim_guest_push(struct hvsim_guest *guest, const char *path, uint32_t mode,
		     const void *bytes, size_t len, hvsim_guest_done done, void *userdata);

#endif
