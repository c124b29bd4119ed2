/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of the log that a test answers itself: the linker has __wrap_NAME() called in the
 * place of NAME().
 */
#ifndef LOG_CALLS_H
#define LOG_CALLS_H

struct iovec;

int __wrap_access(const char *path, int mode);
__attribute__((format(printf, 2, 3)))
void __wrap_syslog(int priority, const char *format, ...);
int __wrap_sd_journal_sendv(const struct iovec *parts, int count);

#endif
