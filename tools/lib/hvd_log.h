/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a daemon has to say: to the journal with fields, or to syslog, or to stderr.
 */
#ifndef HVD_LOG_H
#define HVD_LOG_H

#include <stdbool.h>
#include <syslog.h>

void hvd_log_facility(int facility);
void hvd_log_open(const char *name, bool to_stderr, bool debug);
bool hvd_log_wanted(int level);
void hvd_log_hold(void);
void hvd_log_release(void);
__attribute__((format(printf, 2, 3)))
void hvd_log(int level, const char *format, ...);
__attribute__((format(printf, 3, 4)))
void hvd_log_fields(int level, const char *const fields[], const char *format, ...);

/* A format that is not wanted is not evaluated: arguments may cost something. */
#define hvd_debug(...)						\
	do {							\
		if (hvd_log_wanted(LOG_DEBUG))			\
			hvd_log(LOG_DEBUG, __VA_ARGS__);	\
	} while (0)
#define hvd_info(...)		hvd_log(LOG_INFO, __VA_ARGS__)
#define hvd_warning(...)	hvd_log(LOG_WARNING, __VA_ARGS__)
#define hvd_error(...)		hvd_log(LOG_ERR, __VA_ARGS__)

#endif
