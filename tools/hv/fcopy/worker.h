/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads for what may wait for a file system: the loop waits for none of them.
 */
#ifndef FCOPY_WORKER_H
#define FCOPY_WORKER_H

#include <pthread.h>

#include <systemd/sd-event.h>

/* More than this many are held up by file systems: then it is enough. */
#define FCOPY_WORKERS_MAX	8

/**
 * struct fcopy_workers - all workers of a daemon
 * @lock: guards @count
 * @fewer: one has ended
 * @count: how many there are, those that nobody waits for among them
 *
 * Must stay until the process ends.
 */
struct fcopy_workers {
	pthread_mutex_t lock;
	pthread_cond_t fewer;
	unsigned int count;
};

struct fcopy_worker;

void fcopy_workers_start(struct fcopy_workers *workers);
int fcopy_workers_wait(struct fcopy_workers *workers, unsigned int ms);

int fcopy_worker_new(struct fcopy_worker **ret, struct fcopy_workers *workers, sd_event *event,
		     void (*done)(int result, void *data), void *data);
void fcopy_worker_run(struct fcopy_worker *worker, int (*work)(void *data));
void fcopy_worker_leave(struct fcopy_worker *worker, void (*last)(void *data));

#endif
