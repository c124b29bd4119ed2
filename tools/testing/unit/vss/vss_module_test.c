// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Freezing by the module, whose ioctls are played here.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "tap.h"
#include "ioctl_calls.h"
#include "vss/freezer.h"

#define DEVICE	1000

static int freeze_err, thaw_errs[3], thaws;
static struct hvic_user_vss_freeze asked;
static struct hvic_user_vss_mount results[2];
static struct hvic_user_vss_thaw told;
static struct hvic_user_vss_mount mounts_asked[2];

static int module_freeze(struct hvic_user_vss_freeze *request)
{
	struct hvic_user_vss_mount *mounts = (void *)(uintptr_t)request->mounts;

	asked = *request;
	memcpy(mounts_asked, mounts, sizeof(mounts_asked));
	if (freeze_err != ENOTTY)
		memcpy(mounts, results, sizeof(results));
	request->frozen = freeze_err ? 0 : request->count;
	request->failed = freeze_err == EBUSY ? 1 : request->count;
	errno = freeze_err;
	return freeze_err ? -1 : 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd != DEVICE)
		return __real_ioctl(fd, request, arg);
	if (request == HVIC_USER_VSS_FREEZE)
		return module_freeze(arg);
	errno = request == HVIC_USER_VSS_THAW ? thaw_errs[thaws < 3 ? thaws : 2] : ENOTTY;
	thaws++;
	if (errno)
		return -1;
	*(struct hvic_user_vss_thaw *)arg = told;
	return 0;
}

static struct vss_freezer freezer;
static struct vss_plan plan;
static struct vss_set set;
static int fds[2] = { 77, 78 };

static int freeze(int err)
{
	static size_t order[2] = { 0, 1 };
	static struct vss_item items[2] = { { .level = 3 }, { .level = 5 } };

	plan = (struct vss_plan){ .items = items, .nr_items = 2, .order = order, .nr_order = 2 };
	if (vss_record_new(&set.record, NULL, &plan))
		return 1;
	set.fds = fds;
	freeze_err = err;
	thaws = 0;
	memset(thaw_errs, 0, sizeof(thaw_errs));
	vss_freezer_start(&freezer, DEVICE);
	return vss_freezer_freeze(&freezer, &set, 4321);
}

static void test_freeze(void)
{
	struct vss_outcome outcome;

	results[0] = (struct hvic_user_vss_mount){ .took_us = 100 };
	results[1] = (struct hvic_user_vss_mount){ .took_us = 200 };
	told = (struct hvic_user_vss_thaw){ 2, 0, HVIC_USER_VSS_THAWED, 55 };
	tap_is_int(freeze(0), 0, "the module freezes");
	tap_ok(asked.count == 2 && asked.timeout_ms == 4321 && !asked.flags && !asked.reserved,
	       "what it is asked for");
	tap_ok(mounts_asked[0].fd == 77 && mounts_asked[1].fd == 78, "in order");
	tap_ok(mounts_asked[0].level == 3 && mounts_asked[1].level == 5, "by level");
	tap_is_int(set.record->entries[1].took_us, 200, "its times are taken");
	tap_is_int(set.record->holder, VSS_HOLDER_MODULE, "the record says who holds");
	tap_is_int(vss_freezer_fd(&freezer), -1, "news come from the device");
	thaw_errs[0] = EBUSY;
	thaw_errs[1] = EBUSY;
	tap_is_int(vss_freezer_thaw(&freezer, &outcome), 0, "it thaws, when it can");
	tap_is_int(thaws, 3, "at the third time");
	tap_ok(outcome.thawed == 2 && outcome.end == HVIC_USER_VSS_THAWED &&
	       outcome.frozen_ms == 55 && !outcome.lost, "and how is told");
	tap_is_int(set.record->holder, VSS_HOLDER_NONE, "nobody holds");
	vss_record_free(set.record, NULL);
}

static void test_ends(void)
{
	struct vss_outcome outcome;

	told = (struct hvic_user_vss_thaw){ 0, 1, HVIC_USER_VSS_DEADLINE, 9 };
	freeze(0);
	tap_is_int(vss_freezer_thaw(&freezer, &outcome), 0, "one that was thawed before");
	tap_ok(outcome.end == HVIC_USER_VSS_DEADLINE && outcome.lost == 1 && !outcome.thawed,
	       "is told of");
	vss_record_free(set.record, NULL);
	freeze(0);
	thaw_errs[0] = EIO;
	tap_is_int(vss_freezer_thaw(&freezer, &outcome), -EIO, "one that cannot be thawed, too");
	vss_record_free(set.record, NULL);
}

static void test_failures(void)
{
	struct vss_outcome outcome;

	results[1] = (struct hvic_user_vss_mount){ .error = -EBUSY };
	tap_is_int(freeze(EBUSY), -EBUSY, "one that is frozen already");
	tap_is_int(set.record->failed, 1, "is the second");
	tap_is_int(set.record->entries[1].error, -EBUSY, "with its error");
	tap_is_int(set.record->holder, VSS_HOLDER_NONE, "nobody holds");
	tap_is_int(vss_freezer_thaw(&freezer, &outcome), -ENODATA, "and nothing is to be thawed");
	vss_record_free(set.record, NULL);
	tap_is_int(freeze(ETIMEDOUT), -ETIMEDOUT, "one that takes too long");
	tap_is_int(set.record->failed, 2, "is none of them");
	vss_record_free(set.record, NULL);
}

/* Descriptors 77 and 78 are not open: the processes say so. */
static void test_in_tree(void)
{
	tap_is_int(freeze(ENOTTY), -EBADF, "a module that knows no ioctl has us do it");
	tap_is_str(freezer.ops->name, "process", "by processes");
	vss_record_free(set.record, NULL);
}

int main(void)
{
	test_freeze();
	test_ends();
	test_failures();
	test_in_tree();
	return tap_done();
}
