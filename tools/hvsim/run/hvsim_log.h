/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a log file.
 */
#ifndef HVSIM_LOG_H
#define HVSIM_LOG_H

char *hvsim_log_tail(const char *directory, const char *name, unsigned int lines);
void hvsim_log_show(const char *directory, const char *name, const char *title);

#endif
