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
 * struct hv_ics_crew - some threads
 * @wait: for work, and for the end of it
 * @lock: guards the next five
 * @job: what is done
 * @data: of it
 * @next: the first that nobody has taken
 * @end: behind the last
 * @busy: how many are being done
 * @size: of @members
 * @members: the threads
 */
struct hv_ics_crew {
	wait_queue_head_t wait;
	spinlock_t lock;	/* see above */
	void (*job)(void *data, unsigned int which);
	void *data;
	unsigned int next;
	unsigned int end;
	unsigned int busy;
	unsigned int size;
	struct task_struct *members[];
};

static bool crew_has_work(struct hv_ics_crew *crew)
{
	bool work;

	spin_lock(&crew->lock);
	work = crew->next < crew->end;
	spin_unlock(&crew->lock);
	return work;
}

static bool crew_is_idle(struct hv_ics_crew *crew)
{
	bool idle;

	spin_lock(&crew->lock);
	idle = crew->next == crew->end && !crew->busy;
	spin_unlock(&crew->lock);
	return idle;
}

static bool crew_take(struct hv_ics_crew *crew, unsigned int *which)
{
	bool taken;

	spin_lock(&crew->lock);
	taken = crew->next < crew->end;
	if (taken) {
		*which = crew->next++;
		crew->busy++;
	}
	spin_unlock(&crew->lock);
	return taken;
}

static void crew_work(struct hv_ics_crew *crew)
{
	unsigned int which;

	while (crew_take(crew, &which)) {
		crew->job(crew->data, which);
		spin_lock(&crew->lock);
		crew->busy--;
		spin_unlock(&crew->lock);
	}
	wake_up_all(&crew->wait);
}

static int member_run(void *arg)
{
	struct hv_ics_crew *crew = arg;

	while (!kthread_should_stop()) {
		wait_event_idle(crew->wait, kthread_should_stop() || crew_has_work(crew));
		crew_work(crew);
	}
	return 0;
}

/**
 * hv_ics_crew_create() - Have threads ready.
 * @size: how many, at least 1; as many as can be had are taken
 *
 * Context: may sleep.
 * Return: the crew, or %NULL when there is no memory for one thread, or the process has
 * been killed.
 */
struct hv_ics_crew *hv_ics_crew_create(unsigned int size)
{
	struct hv_ics_crew *crew = kzalloc(struct_size(crew, members, size), GFP_KERNEL);
	struct task_struct *member;

	if (!crew)
		return NULL;
	init_waitqueue_head(&crew->wait);
	spin_lock_init(&crew->lock);
	while (crew->size < size) {
		member = kthread_run(member_run, crew, "hv_ics_crew/%u", crew->size);
		if (IS_ERR(member))
			break;
		crew->members[crew->size++] = member;
	}
	if (crew->size)
		return crew;
	kfree(crew);
	return NULL;
}

/**
 * hv_ics_crew_destroy() - Let the threads go.
 * @crew: has nothing to do
 *
 * Context: may sleep, not for long.
 */
void hv_ics_crew_destroy(struct hv_ics_crew *crew)
{
	while (crew->size)
		kthread_stop(crew->members[--crew->size]);
	kfree(crew);
}

/**
 * hv_ics_crew_begin() - Have things done side by side.
 * @crew: has nothing else to do
 * @from: the first
 * @to: behind the last
 * @job: is called once for each number from @from on, by a thread of the crew
 * @data: for it
 *
 * Context: allocates nothing.
 */
void hv_ics_crew_begin(struct hv_ics_crew *crew, unsigned int from, unsigned int to,
		       void (*job)(void *data, unsigned int which), void *data)
{
	spin_lock(&crew->lock);
	crew->job = job;
	crew->data = data;
	crew->next = from;
	crew->end = to;
	spin_unlock(&crew->lock);
	wake_up_all(&crew->wait);
}

/**
 * hv_ics_crew_wait_killable() - Wait until all is done.
 * @crew: has begun
 *
 * Context: may sleep, as long as the longest of the jobs; allocates nothing.
 * Return: 0, or -ERESTARTSYS when the process is killed meanwhile.
 */
int hv_ics_crew_wait_killable(struct hv_ics_crew *crew)
{
	return wait_event_killable(crew->wait, crew_is_idle(crew));
}

/**
 * hv_ics_crew_wait() - Wait until all is done, whatever happens.
 * @crew: has begun
 *
 * Context: as of hv_ics_crew_wait_killable().
 */
void hv_ics_crew_wait(struct hv_ics_crew *crew)
{
	wait_event(crew->wait, crew_is_idle(crew));
}
