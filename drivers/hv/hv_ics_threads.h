/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HV_ICS_THREADS_H
#define _HV_ICS_THREADS_H

struct hv_ics_threads;

struct hv_ics_threads *hv_ics_threads_create(unsigned int size);
void hv_ics_threads_destroy(struct hv_ics_threads *threads);
void hv_ics_threads_begin(struct hv_ics_threads *threads, unsigned int from, unsigned int to,
			  void (*job)(void *data, unsigned int which), void *data);
int hv_ics_threads_wait_killable(struct hv_ics_threads *threads);
void hv_ics_threads_wait(struct hv_ics_threads *threads);

#endif
