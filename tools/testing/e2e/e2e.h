/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * End to end: a test plays the host through hvsim's control socket and looks
 * into the guest through its shell.
 */
#ifndef E2E_H
#define E2E_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "hvsim_message.h"

#define E2E_PACKET_MAX	20000

/**
 * struct e2e_group - tests that belong together
 * @name: for the command line
 * @run: runs them; the module is loaded, the services are ready
 */
struct e2e_group {
	const char *name;
	void (*run)(void);
};

extern const struct e2e_group e2e_versions, e2e_heartbeat, e2e_time, e2e_hostile;
extern const struct e2e_group e2e_lifecycle, e2e_shutdown, e2e_boot, e2e_offers;
extern const struct e2e_group e2e_cpu, e2e_disable, e2e_hibernate, e2e_kexec, e2e_save;
extern const struct e2e_group e2e_sockets, e2e_misbehave, e2e_fuzz, e2e_debug, e2e_concurrency;
extern const struct e2e_group e2e_kvp, e2e_stock_kvp;
extern const struct e2e_group e2e_vss, e2e_stock_vss, e2e_vss_module, e2e_vss_hold, e2e_vss_stacks;
extern const struct e2e_group e2e_fcopy, e2e_stock_fcopy, e2e_fcopy_module;
extern const struct e2e_group e2e_net_networkd, e2e_net_networkmanager, e2e_net_netplan;
extern const struct e2e_group e2e_net_ifupdown, e2e_sftp;
extern const struct e2e_group e2e_psdirect;
extern const struct e2e_group e2e_psdirect_module, e2e_psdirect_smoke, e2e_psdirect_hostile;

/**
 * struct e2e_service - a service, for tests that are the same for all of them
 * @name: as the host calls it
 * @device: its VMBus device
 * @alive: whether it answers a good request; agrees on versions first
 * @traffic: the host's command that has it send by itself; %NULL where it never does
 * @handle: what a program may hold open, a pattern of the guest's shell; or %NULL
 * @has_daemon: whether a process serves its requests; here there is none
 */
struct e2e_service {
	const char *name;
	const char *device;
	bool (*alive)(void);
	const char *traffic;
	const char *handle;
	bool has_daemon;
};

/* The last one has no name; those with a daemon are the last before it. */
extern struct e2e_service e2e_services[];

bool e2e_in_tree(void);

bool e2e_ok(bool pass, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool e2e_is_int(long long got, long long want, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool e2e_is_str(const char *got, const char *want, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void e2e_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void e2e_abort(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

struct json_object *e2e_call(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void e2e_tell(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *e2e_error(void);
struct json_object *e2e_get(struct json_object *object, const char *key);
long long e2e_number(struct json_object *object, const char *key);
const char *e2e_string(struct json_object *object, const char *key);

const char *e2e_guest(const char *format, ...) __attribute__((format(printf, 1, 2)));
int e2e_guest_status(void);
int e2e_host(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *e2e_complaints(void);
bool e2e_watch_uevents(const char *command);
int e2e_patient_ms(int ms);
bool e2e_wait_event(const char *event, int timeout_ms);
void e2e_mark_events(void);
bool e2e_restart(void);
void e2e_sleep_ms(int ms);
long long e2e_now_ns(void);
const char *e2e_anomaly(void);
int e2e_raw(const char *service, const void *bytes, size_t len, struct hvsim_message *answer);

int e2e_socket(const char *suffix, bool listening);
bool e2e_socket_input(int fd);
int e2e_socket_dial(const char *name);
int e2e_socket_accepted(int fd);
int e2e_socket_connect(const char *name);
const char *e2e_socket_hear(int fd);

void e2e_services_leave(void);
const char *e2e_device(const char *service);
const char *e2e_attribute(const char *service, const char *name);
long long e2e_counter(const char *service, const char *name);
long long e2e_host_counter(const char *service, const char *name);
bool e2e_wait_state(const char *service, const char *state, int timeout_ms);
void e2e_traffic(void);
void e2e_quiet(void);
bool e2e_agree(const char *service, uint32_t framework, uint32_t message);
void e2e_agree_all(void);
bool e2e_rebind(const char *service);
bool e2e_unit_start(const char *unit, const char *service, int timeout_ms);
bool e2e_alive(const char *service);
void e2e_check_services(const char *group, const char *when);

#endif
