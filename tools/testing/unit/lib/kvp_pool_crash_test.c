// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pools whose daemon is stopped, and whose disk is full, at each step of a change.
 *
 * Each system call that changes the file is a step.  At each one, and for each
 * sector of what it writes, the daemon "dies", which is a longjmp(): then the file
 * is as a kill or a loss of power leaves it, and another daemon reads it.  Or the
 * call fails, and the same daemon goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_pool.h"
#include "pool_calls.h"

#define SECTOR	512

enum ending { ENDS, FAILS };

static char directory[64], path[96];
static jmp_buf death;
static bool armed;
static int step, steps_left;		/* that go well */
static size_t torn;			/* bytes of the next write that are done */
static enum ending ending;
static size_t widest;			/* write that was seen at the last step */

int __wrap_open(const char *name, int flags, ...)
{
	return __real_open(name, flags, 0644);
}

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset)
{
	return __real_pread(fd, to, len, offset);
}

/* Whether this step is the one. */
static bool step_ends(void)
{
	return armed && !steps_left--;
}

static int end(void)
{
	armed = false;
	if (ending == ENDS)
		longjmp(death, 1);
	errno = ENOSPC;
	return -1;
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t offset)
{
	if (!step_ends())
		return __real_pwrite(fd, from, len, offset);
	widest = len;
	if (torn < len) {
		if (torn)
			__real_pwrite(fd, from, torn, offset);
		return end();
	}
	__real_pwrite(fd, from, len, offset);
	return end();
}

int __wrap_fdatasync(int fd)
{
	(void)fd;
	return step_ends() ? end() : 0;
}

int __wrap_ftruncate(int fd, off_t len)
{
	return step_ends() ? end() : __real_ftruncate(fd, len);
}

/* ---- what is done, and what must be so behind it ---- */

#define RECORDS	5

static const char *key_of(int i)
{
	static const char *const keys[] = { "zero", "one", "two", "three", "four" };

	return keys[i];
}

/* Long, so that it can be torn: the last byte says whose it is, and which. */
static const char *text_of(char letter, int i)
{
	static char text[1500];

	memset(text, letter, sizeof(text) - 2);
	text[sizeof(text) - 2] = (char)('0' + i);
	return text;
}

static struct kvp_pool *pool_make(void)
{
	struct kvp_pool *pool;
	int i;

	unlink(path);
	if (kvp_pool_new(&pool, directory, 1, true))
		abort();
	for (i = 0; i < RECORDS; i++)
		if (kvp_pool_set(pool, key_of(i), text_of('a', i)))
			abort();
	return pool;
}

enum change { SET_NEW, SET_OLD, DELETE_FIRST, DELETE_LAST, NR_CHANGES };

static const struct {
	const char *name;
	int target;	/* -1: a key that was not there */
} changes[NR_CHANGES] = {
	[SET_NEW]	= { "a new key", -1 },
	[SET_OLD]	= { "a new value", 1 },
	[DELETE_FIRST]	= { "a delete", 0 },
	[DELETE_LAST]	= { "a delete of the last", RECORDS - 1 },
};

static int change_do(struct kvp_pool *pool, enum change change)
{
	switch (change) {
	case SET_NEW:
		return kvp_pool_set(pool, "new", text_of('n', 9));
	case SET_OLD:
		return kvp_pool_set(pool, key_of(1), text_of('b', 1));
	default:
		return kvp_pool_delete(pool, key_of(changes[change].target));
	}
}

/* The others are whole and there once; the target is as it was, as it is to be, or torn. */
static int check(struct kvp_pool *pool, enum change change, const char *when)
{
	struct kvp_record record;
	int count = kvp_pool_count(pool), seen = 0, i;

	for (i = 0; i < RECORDS; i++) {
		bool there = !kvp_pool_get(pool, key_of(i), &record);

		seen += there;
		if (i == changes[change].target)
			continue;
		if (!there || strcmp(record.value, text_of('a', i))) {
			tap_diag("%s, %s: '%s' is lost or spoilt", changes[change].name, when,
				 key_of(i));
			return 1;
		}
	}
	seen += !kvp_pool_get(pool, "new", &record);
	if (count != seen) {
		tap_diag("%s, %s: %d records, %d keys", changes[change].name, when, count, seen);
		return 1;
	}
	return 0;
}

/* What was not done is done now, and then all is as if nothing had been. */
static int finish(struct kvp_pool *pool, enum change change)
{
	struct kvp_record record;
	int err = change_do(pool, change), there;

	if (err && !(err == -ENODATA && change >= DELETE_FIRST))
		return 1;
	if (check(pool, change, "done again"))
		return 1;
	if (change == SET_NEW)
		return kvp_pool_get(pool, "new", &record) || strcmp(record.value, text_of('n', 9));
	there = !kvp_pool_get(pool, key_of(changes[change].target), &record);
	return change == SET_OLD ? !there || strcmp(record.value, text_of('b', 1)) : there;
}

/* Returns whether there was such a step. */
static bool try(enum change change, int at, size_t sectors, int *wrong)
{
	/* not on the stack, which longjmp() does not put back */
	static struct kvp_pool *pool, *next;
	static char when[64];
	static int err;

	pool = pool_make();
	next = pool;
	err = 0;
	snprintf(when, sizeof(when), "%s at step %d, %zu bytes",
		 ending == ENDS ? "stopped" : "failed", at, sectors);
	steps_left = at;
	torn = sectors;
	widest = 0;
	armed = true;
	if (!setjmp(death))
		err = change_do(pool, change);
	if (armed) {
		armed = false;
		kvp_pool_free(pool);
		return false;
	}
	if (ending == ENDS) {
		kvp_pool_free(pool);
		if (kvp_pool_new(&next, directory, 1, true))
			abort();
	} else if (!err) {
		tap_diag("%s, %s: is said to be done", changes[change].name, when);
		++*wrong;
	}
	*wrong += check(next, change, when) || finish(next, change);
	kvp_pool_free(next);
	return true;
}

static void test_change(enum change change)
{
	int wrong = 0, tries = 0;
	size_t sectors;

	for (step = 0; try(change, step, 0, &wrong); step++, tries++)
		for (sectors = SECTOR; sectors <= widest; sectors += SECTOR, tries++)
			try(change, step, sectors, &wrong);
	tap_ok(step >= 2 && !wrong, "%s: %s at each of %d steps, %d times, loses nothing",
	       changes[change].name, ending == ENDS ? "stopped" : "failing", step, tries);
}

int main(void)
{
	char command[128];
	int change;

	strcpy(directory, "/tmp/kvp_pool_crash_test.XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/.kvp_pool_1", directory);
	for (ending = ENDS; ending <= FAILS; ending++)
		for (change = 0; change < NR_CHANGES; change++)
			test_change((enum change)change);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command) ? 1 : tap_done();
}
