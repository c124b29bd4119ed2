/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest costs: the host's requests one at a time, and the guest's own clock.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

struct hvsim_client;

#define BENCH_SAMPLES_MAX	256

/**
 * struct bench_trace - what the guest's kernel saw of requests
 * @us: how long it had each, from the host's interrupt to the one for the host, in us
 * @count: of @us
 * @forks: processes that began meanwhile, whoever began them
 */
struct bench_trace {
	double us[BENCH_SAMPLES_MAX];
	size_t count;
	unsigned int forks;
};

/**
 * struct bench_run - what is measured
 * @kernel: of the guest
 * @module: "ours" or "in-tree"
 */
struct bench_run {
	const char *kernel;
	const char *module;
};

struct hvsim_client *bench_client(void);
void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
struct json_object *bench_call(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *bench_guest(const char *format, ...) __attribute__((format(printf, 1, 2)));

double bench_number(const char *command);

void bench_trace_begin(const char *service, bool any_driver);
void bench_trace_end(struct bench_trace *trace);

void bench_fcopy_begin(void);
bool bench_fcopy_by_uio(void);
void bench_fcopy_copy(size_t len);
double bench_fcopy_busy(void);
void bench_fcopy_large(const struct bench_run *run, unsigned int mib);

void bench_kvp_begin(uint32_t records);
void bench_kvp_set(uint32_t key, uint32_t value);
void bench_kvp_delete(uint32_t key);
void bench_kvp_enumerate(uint32_t index);
void bench_kvp_get(uint32_t key);

void bench_psdirect_measure(const struct bench_run *run);

void bench_vss_measure(const struct bench_run *run);

#endif
