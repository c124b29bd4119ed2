// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does things that sleep side by side.
 *
 * Threads, and not works of a queue: they are there before there may be no memory for
 * a new worker, and one that is stuck holds up none of the others, nor who waits.
 */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "hv_ics_threads.h"

/**
 * struct hv_ics_threads - some threads
 * @wait: for work, and for the end of it
 * @lock: guards the next five
 * @job: what is done
 * @data: of it
 * @next: the first that nobody has taken
 * @end: behind the last
 * @busy: how many are being done
 * @size: of @tasks
 * @tasks: the threads
 */
struct hv_ics_threads {
	wait_queue_head_t wait;
	spinlock_t lock;	/* see above */
	void (*job)(void *data, unsigned int which);
	void *data;
	unsigned int next;
	unsigned int end;
	unsigned int busy;
	unsigned int size;
	struct task_struct *tasks[];
};

static bool threads_have_work(struct hv_ics_threads *threads)
{
	bool work;

	spin_lock(&threads->lock);
	work = threads->next < threads->end;
	spin_unlock(&threads->lock);
	return work;
}

static bool threads_are_idle(struct hv_ics_threads *threads)
{
	bool idle;

	spin_lock(&threads->lock);
	idle = threads->next == threads->end && !threads->busy;
	spin_unlock(&threads->lock);
	return idle;
}

static bool threads_take(struct hv_ics_threads *threads, unsigned int *which)
{
	bool taken;

	spin_lock(&threads->lock);
	taken = threads->next < threads->end;
	if (taken) {
		*which = threads->next++;
		threads->busy++;
	}
	spin_unlock(&threads->lock);
	return taken;
}

static void threads_work(struct hv_ics_threads *threads)
{
	unsigned int which;

	while (threads_take(threads, &which)) {
		threads->job(threads->data, which);
		spin_lock(&threads->lock);
		threads->busy--;
		spin_unlock(&threads->lock);
	}
	wake_up_all(&threads->wait);
}

static int thread_run(void *arg)
{
	struct hv_ics_threads *threads = arg;

	while (!kthread_should_stop()) {
		wait_event_idle(threads->wait, kthread_should_stop() || threads_have_work(threads));
		threads_work(threads);
	}
	return 0;
}

/**
 * hv_ics_threads_create() - Have threads ready.
 * @size: how many, at least 1; as many as can be had are taken
 *
 * Context: may sleep.
 * Return: the threads, or %NULL when there is no memory for one thread, or the process has
 * been killed.
 */
struct hv_ics_threads *hv_ics_threads_create(unsigned int size)
{
	struct hv_ics_threads *threads = kzalloc(struct_size(threads, tasks, size), GFP_KERNEL);
	struct task_struct *task;

	if (!threads)
		return NULL;
	init_waitqueue_head(&threads->wait);
	spin_lock_init(&threads->lock);
	while (threads->size < size) {
		task = kthread_run(thread_run, threads, "hv_ics_crew/%u", threads->size);
		if (IS_ERR(task))
			break;
		threads->tasks[threads->size++] = task;
	}
	if (threads->size)
		return threads;
	kfree(threads);
	return NULL;
}

/**
 * hv_ics_threads_destroy() - Let the threads go.
 * @threads: has nothing to do
 *
 * Context: may sleep, not for long.
 */
void hv_ics_threads_destroy(struct hv_ics_threads *threads)
{
	while (threads->size)
		kthread_stop(threads->tasks[--threads->size]);
	kfree(threads);
}

/**
 * hv_ics_threads_begin() - Have things done side by side.
 * @threads: has nothing else to do
 * @from: the first
 * @to: behind the last
 * @job: is called once for each number from @from on, by one of the threads
 * @data: for it
 *
 * Context: allocates nothing.
 */
void hv_ics_threads_begin(struct hv_ics_threads *threads, unsigned int from, unsigned int to,
			  void (*job)(void *data, unsigned int which), void *data)
{
	spin_lock(&threads->lock);
	threads->job = job;
	threads->data = data;
	threads->next = from;
	threads->end = to;
	spin_unlock(&threads->lock);
	wake_up_all(&threads->wait);
}

/**
 * hv_ics_threads_wait_killable() - Wait until all is done.
 * @threads: has begun
 *
 * Context: may sleep, as long as the longest of the jobs; allocates nothing.
 * Return: 0, or -ERESTARTSYS when the process is killed meanwhile.
 */
int hv_ics_threads_wait_killable(struct hv_ics_threads *threads)
{
	return wait_event_killable(threads->wait, threads_are_idle(threads));
}

/**
 * hv_ics_threads_wait() - Wait until all is done, whatever happens.
 * @threads: has begun
 *
 * Context: as of hv_ics_threads_wait_killable().
 */
void hv_ics_threads_wait(struct hv_ics_threads *threads)
{
	wait_event(threads->wait, threads_are_idle(threads));
}
