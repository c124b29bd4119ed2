// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads for what may wait for a file system.
 *
 * One that is frozen holds a thread up in the kernel, where nothing reaches it.  So whoever
 * has had enough leaves the worker, with something to do at the end, and it ends by itself
 * when it can.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "fcopy/worker.h"

#define STACK	(256 * 1024)	/* paths are on it */

struct fcopy_worker {
	struct fcopy_workers *workers;
	sd_event_source *source;	/* the loop's; none when it is left */
	void (*done)(int result, void *data);
	void *data;
	int fd;				/* says to the loop that work is done */

	pthread_mutex_t lock;		/* guards all below */
	pthread_cond_t wake;
	int (*work)(void *data);	/* none while there is nothing to do */
	void (*last)(void *data);
	bool is_left;
	int result;
};

/**
 * fcopy_workers_start() - Begin with none.
 * @workers: them
 */
void fcopy_workers_start(struct fcopy_workers *workers)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->fewer, &attributes);
	pthread_condattr_destroy(&attributes);
	workers->count = 0;
}

static bool count_add(struct fcopy_workers *workers)
{
	bool room;

	pthread_mutex_lock(&workers->lock);
	room = workers->count < FCOPY_WORKERS_MAX;
	workers->count += room;
	pthread_mutex_unlock(&workers->lock);
	return room;
}

static void count_remove(struct fcopy_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->count--;
	pthread_cond_broadcast(&workers->fewer);
	pthread_mutex_unlock(&workers->lock);
}

/**
 * fcopy_workers_wait() - Wait until all have ended.
 * @workers: them; all have been left
 * @ms: for how long, milliseconds
 *
 * Return: 0; -ETIMEDOUT when one is held up.
 */
int fcopy_workers_wait(struct fcopy_workers *workers, unsigned int ms)
{
	struct timespec end;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += (long)(ms % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&workers->lock);
	while (workers->count && !err)
		err = pthread_cond_timedwait(&workers->fewer, &workers->lock, &end);
	pthread_mutex_unlock(&workers->lock);
	return -err;
}

static void worker_free(struct fcopy_worker *worker)
{
	if (worker->fd >= 0)
		close(worker->fd);
	pthread_cond_destroy(&worker->wake);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}

/* Work, or none when it is left. */
static int (*work_wait(struct fcopy_worker *worker))(void *data)
{
	int (*work)(void *data);

	pthread_mutex_lock(&worker->lock);
	while (!worker->work && !worker->is_left)
		pthread_cond_wait(&worker->wake, &worker->lock);
	work = worker->is_left ? NULL : worker->work;
	pthread_mutex_unlock(&worker->lock);
	return work;
}

static void work_done(struct fcopy_worker *worker, int result)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&worker->lock);
	worker->work = NULL;
	worker->result = result;
	/* an eventfd takes many more than there can be */
	if (!worker->is_left && write(worker->fd, &one, sizeof(one)) < 0)
		abort();
	pthread_mutex_unlock(&worker->lock);
}

static void *worker_main(void *argument)
{
	struct fcopy_worker *worker = argument;
	struct fcopy_workers *workers = worker->workers;
	int (*work)(void *data);

	while ((work = work_wait(worker)))
		work_done(worker, work(worker->data));
	if (worker->last)
		worker->last(worker->data);
	worker_free(worker);
	count_remove(workers);
	return NULL;
}

static int on_done(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct fcopy_worker *worker = data;
	uint64_t count;
	int result;

	(void)source;
	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return 0;
	pthread_mutex_lock(&worker->lock);
	result = worker->result;
	pthread_mutex_unlock(&worker->lock);
	worker->done(result, worker->data);
	return 0;
}

static int thread_start(struct fcopy_worker *worker)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int err;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK);
	err = pthread_create(&thread, &attributes, worker_main, worker);
	pthread_attr_destroy(&attributes);
	return -err;
}

/**
 * fcopy_worker_new() - Begin a thread.
 * @ret: it
 * @workers: those that it is counted among
 * @event: the loop
 * @done: told from the loop what became of each work
 * @data: of @done, and of all work
 *
 * Return: 0; -EBUSY when there are too many, which something holds up; -ENOMEM; a negative
 * errno of the calls that make it.
 */
int fcopy_worker_new(struct fcopy_worker **ret, struct fcopy_workers *workers, sd_event *event,
		     void (*done)(int result, void *data), void *data)
{
	struct fcopy_worker *worker;
	int err = 0;

	if (!count_add(workers))
		return -EBUSY;
	worker = calloc(1, sizeof(*worker));
	if (!worker) {
		count_remove(workers);
		return -ENOMEM;
	}
	worker->workers = workers;
	worker->done = done;
	worker->data = data;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->wake, NULL);
	worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->fd < 0)
		err = -errno;
	if (!err)
		err = sd_event_add_io(event, &worker->source, worker->fd, EPOLLIN, on_done, worker);
	if (err >= 0)
		err = thread_start(worker);
	if (err < 0) {
		sd_event_source_disable_unref(worker->source);
		worker_free(worker);
		count_remove(workers);
		return err;
	}
	*ret = worker;
	return 0;
}

/**
 * fcopy_worker_run() - Have work done.
 * @worker: one that has none
 * @work: the work; its result is told
 */
void fcopy_worker_run(struct fcopy_worker *worker, int (*work)(void *data))
{
	pthread_mutex_lock(&worker->lock);
	worker->work = work;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}

/**
 * fcopy_worker_leave() - Have a thread end when it can.
 * @worker: not to be used any more
 * @last: what it does then, when the work that it is at is over; may free its data
 *
 * Nothing is told any more.
 */
void fcopy_worker_leave(struct fcopy_worker *worker, void (*last)(void *data))
{
	sd_event_source_disable_unref(worker->source);
	worker->source = NULL;
	pthread_mutex_lock(&worker->lock);
	worker->is_left = true;
	worker->last = last;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
}
