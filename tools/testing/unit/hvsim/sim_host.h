/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An emulated host without an emulated machine, for the tests of its services: it runs
 * in a thread of its own, what is here plays the plugin and the client, and a test the
 * guest, in another thread.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "hvsim_client.h"
#include "hvsim_frame.h"
#include "hvsim_host.h"

/**
 * typedef sim_guest - what a guest does with a packet, in the guest's thread
 * @frame: the packet
 */
typedef void (*sim_guest)(const struct hvsim_frame *frame);

extern char sim_directory[64];
extern struct hvsim_client *sim_client;

bool sim_directory_make(const char *test);
bool sim_directory_remove(void);
bool sim_host_start(const struct hvsim_host_options *options);
void sim_host_stop(void);

void sim_guest_connect(const char *service, sim_guest guest);
void sim_guest_disconnect(void);
void sim_guest_send(uint16_t type, uint16_t arg, const void *bytes, size_t len);

struct json_object *sim_call(const char *command, const char *arguments);
bool sim_error_is(const char *command, const char *arguments, const char *error_class,
		  const char *text);
bool sim_wait_event(const char *event);
void sim_events_skip(void);
struct json_object *sim_member(struct json_object *object, const char *key);
const char *sim_text(struct json_object *object, const char *key);

/* A test that a command fails, see sim_error_is(). */
#define sim_fails(command, arguments, error_class, text, what) \
	tap_ok(sim_error_is(command, arguments, error_class, text), "%s", what)

#endif
