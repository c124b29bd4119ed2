/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's monitor protocol: events, and commands one after the other.
 */
#ifndef HVSIM_QMP_H
#define HVSIM_QMP_H

#include <stdint.h>

#include <json-c/json.h>
#include <systemd/sd-event.h>

struct hvsim_qmp;

/**
 * typedef hvsim_qmp_event - told of what happened in QEMU
 * @name: as QEMU calls it
 * @data: may be NULL; borrowed
 * @userdata: as given
 */
typedef void (*hvsim_qmp_event)(const char *name, struct json_object *data, void *userdata);

/**
 * typedef hvsim_qmp_reply - told how a command ended
 * @ret: what it returned, borrowed; NULL when it failed
 * @error: NULL, or what QEMU said of the failure
 * @userdata: as given
 */
typedef void (*hvsim_qmp_reply)(struct json_object *ret, const char *error, void *userdata);

int hvsim_qmp_new(struct hvsim_qmp **ret, sd_event *event, int fd, hvsim_qmp_event on_event,
		  void *userdata);
void hvsim_qmp_free(struct hvsim_qmp *qmp);
void hvsim_qmp_patience(struct hvsim_qmp *qmp, uint64_t us);
int hvsim_qmp_call(struct hvsim_qmp *qmp, const char *name, hvsim_qmp_reply reply,
		   void *userdata);

#endif
