// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commits a fault that a debug kernel is to report, one of each kind:
 *
 *	insmod faults.ko fault=use-after-free
 *
 * A debug kernel that does not notice would not notice it in hv_utils either.
 * The fault is over when the module is loaded; what it has broken stays so.
 */
#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

/* A length that the allocator rounds up: what lies behind is nobody's. */
#define BYTES_LEN	40

#define RACE_JIFFIES	(5 * HZ)

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "which fault to commit");

/* The compiler is not to see a fault coming: it would warn, or leave it out. */
#define HIDE(variable)	OPTIMIZER_HIDE_VAR(variable)

static void slab_use_after_free(void)
{
	u8 *bytes = kmalloc(BYTES_LEN, GFP_KERNEL);

	kfree(bytes);
	HIDE(bytes);
	READ_ONCE(bytes[0]);
}

static void slab_out_of_bounds(void)
{
	u8 *bytes = kmalloc(BYTES_LEN, GFP_KERNEL);

	HIDE(bytes);
	READ_ONCE(bytes[BYTES_LEN]);
	kfree(bytes);
}

static void vmalloc_out_of_bounds(void)
{
	u8 *bytes = vmalloc(BYTES_LEN);

	HIDE(bytes);
	READ_ONCE(bytes[BYTES_LEN]);
	vfree(bytes);
}

static void stack_out_of_bounds(void)
{
	u8 array[BYTES_LEN], *bytes = array;

	HIDE(bytes);
	READ_ONCE(bytes[BYTES_LEN]);
}

static void array_index(void)
{
	static const u8 array[BYTES_LEN];
	size_t index = 2 * BYTES_LEN;

	HIDE(index);
	READ_ONCE(array[index]);
}

static void shift(void)
{
	unsigned int one = 1, bits = 40;

	HIDE(bits);
	one <<= bits;
	HIDE(one);
}

static DEFINE_MUTEX(mutex_a);
static DEFINE_MUTEX(mutex_b);

/* Nothing ever waits here: it is the order that is wrong. */
static void lock_order(void)
{
	mutex_lock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_unlock(&mutex_b);
	mutex_unlock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_lock(&mutex_a);
	mutex_unlock(&mutex_a);
	mutex_unlock(&mutex_b);
}

static DEFINE_SPINLOCK(spinlock);

static void sleep_in_atomic(void)
{
	spin_lock(&spinlock);
	mutex_lock(&mutex_a);
	mutex_unlock(&mutex_a);
	spin_unlock(&spinlock);
}

static void list_corruption(void)
{
	struct list_head node, *next;
	LIST_HEAD(head);

	list_add(&node, &head);
	next = node.next;
	node.next = &node;
	list_del(&node);
	node.next = next;
}

static void timer_expired(struct timer_list *timer)
{
}

/* The timer is in its list while its memory goes. */
static void active_timer_freed(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, timer_expired, 0);
	mod_timer(timer, jiffies + HZ);
	kfree(timer);
}

static void leak(void)
{
	u8 *bytes = kmalloc(BYTES_LEN, GFP_KERNEL);

	HIDE(bytes);
}

static unsigned long counter;

static int count(void *unused)
{
	while (!kthread_should_stop()) {
		counter++;
		barrier();
	}
	return 0;
}

static void unlocked_count(void)
{
	unsigned long end = jiffies + RACE_JIFFIES;
	struct task_struct *other;

	other = kthread_run(count, NULL, "faults");
	if (IS_ERR(other))
		return;
	while (time_before(jiffies, end)) {
		counter++;
		barrier();
	}
	kthread_stop(other);
}

static const struct {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "slab-use-after-free", slab_use_after_free },
	{ "slab-out-of-bounds", slab_out_of_bounds },
	{ "vmalloc-out-of-bounds", vmalloc_out_of_bounds },
	{ "stack-out-of-bounds", stack_out_of_bounds },
	{ "array-index", array_index },
	{ "shift", shift },
	{ "lock-order", lock_order },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "list-corruption", list_corruption },
	{ "active-timer-freed", active_timer_freed },
	{ "leak", leak },
	{ "data-race", unlocked_count },
};

static int __init faults_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(faults[i].name, fault))
			continue;
		faults[i].commit();
		return 0;
	}
	pr_err("no fault is named '%s'\n", fault);
	return -EINVAL;
}
module_init(faults_init);

static void __exit faults_exit(void)
{
}
module_exit(faults_exit);

MODULE_DESCRIPTION("Faults for debug kernels to find");
MODULE_LICENSE("GPL");
