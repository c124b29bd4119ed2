// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is to be frozen.
 *
 * The order: whatever is needed to write to a file system is frozen after it.  That is
 * what its loop devices' files lie in, directly or through device-mapper, md and other
 * loops.  Those that do not need each other are of one level, and may be frozen side by
 * side; among them the last mounted is the first, so that what is mounted on something
 * comes before it.  The root has a level of its own, the last.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vss/plan.h"

#define MOUNTINFO	"/proc/self/mountinfo"

/* Which file systems each needs. */
struct needs {
	size_t *of;		/* pairs: who needs, what */
	size_t count;
	size_t room;
};

static const char *const verdicts[VSS_NR_VERDICTS] = {
	[VSS_FREEZE] = "freeze",
	[VSS_SAME] = "same",
	[VSS_READ_ONLY] = "read-only",
	[VSS_VIRTUAL] = "virtual",
	[VSS_NETWORK] = "network",
	[VSS_FUSE] = "fuse",
	[VSS_OVERLAY] = "overlay",
	[VSS_UNSUPPORTED] = "unsupported",
	[VSS_REMOTE] = "remote",
	[VSS_EXCLUDED] = "excluded",
	[VSS_BUSY] = "busy",
	[VSS_HIDDEN] = "hidden",
};

/**
 * vss_plan_verdict() - Name a verdict.
 * @verdict: the verdict
 *
 * Return: a word.
 */
const char *vss_plan_verdict(enum vss_verdict verdict)
{
	return verdicts[verdict];
}

static bool is_one_of(const char *word, const char *const list[])
{
	for (; *list; list++)
		if (!strcmp(word, *list))
			return true;
	return false;
}

static bool type_is_network(const char *type)
{
	static const char *const types[] = {
		"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "afs", "coda", "lustre",
		"virtiofs", "orangefs", "vboxsf", "gpfs", "beegfs", NULL
	};

	return is_one_of(type, types);
}

static bool type_is_fuse(const char *type)
{
	return !strcmp(type, "fuse") || !strcmp(type, "fuseblk") || !strncmp(type, "fuse.", 5);
}

static bool type_is_overlay(const char *type)
{
	static const char *const types[] = { "overlay", "overlayfs", "aufs", "unionfs", NULL };

	return is_one_of(type, types);
}

/* Nodes of a cluster that share a disk: a freeze of one holds up all. */
static bool type_is_shared(const char *type)
{
	static const char *const types[] = { "gfs2", "ocfs2", NULL };

	return is_one_of(type, types);
}

/* These have no operation for it; one that is not known is tried. */
static bool type_is_unsupported(const char *type)
{
	static const char *const types[] = {
		"vfat", "msdos", "umsdos", "exfat", "ntfs", "ntfs3", "udf", "hfs", "hfsplus",
		"minix", "sysv", "ufs", "affs", "hpfs", "qnx4", "qnx6", "omfs", "bfs", "adfs",
		"jffs2", "ubifs", "zfs", NULL
	};

	return is_one_of(type, types);
}

static bool word_matches(const char *word, const struct vss_mount *mount)
{
	if (!strncmp(word, "type:", 5))
		return !fnmatch(word + 5, mount->type, 0);
	if (!strncmp(word, "device:", 7))
		return !fnmatch(word + 7, mount->source, 0);
	return !fnmatch(word, mount->point, 0);
}

/**
 * vss_plan_matches() - See whether a mount is meant.
 * @patterns: as of struct vss_choice; may be %NULL
 * @mount: the mount
 *
 * Return: whether one of the patterns is of its mount point, its type or its source; a
 * pattern of 255 bytes or more never is.
 */
bool vss_plan_matches(const char *patterns, const struct vss_mount *mount)
{
	char word[256];
	size_t len;

	for (; patterns; patterns += len) {
		patterns += strspn(patterns, " \t");
		len = strcspn(patterns, " \t");
		if (!len)
			return false;
		if (len >= sizeof(word))
			continue;
		memcpy(word, patterns, len);
		word[len] = '\0';
		if (word_matches(word, mount))
			return true;
	}
	return false;
}

__attribute__((format(printf, 3, 4)))
static void judge(struct vss_item *item, enum vss_verdict verdict, const char *format, ...)
{
	va_list args;

	item->verdict = verdict;
	va_start(args, format);
	vsnprintf(item->why, sizeof(item->why), format, args);
	va_end(args);
}

/* ---- one file system, several mounts ---- */

static bool is_same(const struct vss_mount *a, const struct vss_mount *b)
{
	return a->major == b->major && a->minor == b->minor;
}

/* The whole of a file system stands for it; else the first mount of it. */
static void firsts_find(struct vss_plan *plan)
{
	size_t i, j, first;

	for (i = 0; i < plan->nr_items; i++)
		plan->items[i].first = SIZE_MAX;
	for (i = 0; i < plan->nr_items; i++) {
		if (plan->items[i].first != SIZE_MAX)
			continue;
		for (first = i, j = i; j < plan->nr_items; j++)
			if (is_same(&plan->items[i].mount, &plan->items[j].mount) &&
			    strcmp(plan->items[first].mount.root, "/") &&
			    !strcmp(plan->items[j].mount.root, "/"))
				first = j;
		for (j = i; j < plan->nr_items; j++)
			if (is_same(&plan->items[i].mount, &plan->items[j].mount))
				plan->items[j].first = first;
	}
}

/* By whatever mount somebody names it. */
static bool any_matches(const struct vss_plan *plan, size_t first, const char *patterns)
{
	size_t i;

	for (i = 0; i < plan->nr_items; i++)
		if (plan->items[i].first == first &&
		    vss_plan_matches(patterns, &plan->items[i].mount))
			return true;
	return false;
}

/* ---- what each stands on ---- */

/* The mount that a path is in: the longest, and of those the last, which is on top. */
static size_t mount_of(const struct vss_plan *plan, const char *path)
{
	size_t i, len, best = SIZE_MAX, best_len = 0;
	const char *point;

	for (i = 0; i < plan->nr_items; i++) {
		point = plan->items[i].mount.point;
		len = strcmp(point, "/") ? strlen(point) : 0;
		if (strncmp(path, point, len) || path[len] != '/' || len < best_len)
			continue;
		best = i;
		best_len = len;
	}
	return best == SIZE_MAX ? best : plan->items[best].first;
}

static int needs_add(struct needs *needs, size_t who, size_t what)
{
	if (needs->count == needs->room) {
		size_t room = needs->room ? needs->room * 2 : 16;
		size_t *more = reallocarray(needs->of, room * 2, sizeof(*more));

		if (!more)
			return -ENOMEM;
		needs->of = more;
		needs->room = room;
	}
	needs->of[needs->count * 2] = who;
	needs->of[needs->count * 2 + 1] = what;
	needs->count++;
	return 0;
}

/* A file that the network or a process serves makes what lies in it the same. */
static void file_judge(struct vss_stack *stack, const struct vss_item *holder)
{
	const char *type = holder->mount.type;

	if (!stack->remote[0] && (type_is_network(type) || type_is_fuse(type)))
		snprintf(stack->remote, sizeof(stack->remote), "its file lies in %.20s (%.50s)",
			 type, holder->mount.point);
}

static int files_follow(struct vss_plan *plan, struct needs *needs, size_t who,
			struct vss_stack *stack)
{
	unsigned int i;
	size_t holder;
	int err = 0;

	for (i = 0; i < stack->nr_files && !err; i++) {
		holder = mount_of(plan, stack->files[i]);
		if (holder == SIZE_MAX || holder == who)
			continue;
		file_judge(stack, &plan->items[holder]);
		err = needs_add(needs, who, holder);
	}
	return err;
}

/* ---- what becomes of each ---- */

static bool type_judge(struct vss_item *item)
{
	const char *type = item->mount.type;

	if (type_is_network(type))
		judge(item, VSS_NETWORK, "%.40s", type);
	else if (type_is_fuse(type))
		judge(item, VSS_FUSE, "%.40s", type);
	else if (type_is_overlay(type))
		judge(item, VSS_OVERLAY, "what it writes is frozen with what it lies in");
	else if (!strcmp(type, "zfs"))
		judge(item, VSS_UNSUPPORTED, "zfs has no freeze; it is consistent by itself");
	else
		return false;
	return true;
}

static int item_judge(struct vss_plan *plan, size_t i, const struct vss_sysfs *sysfs,
		      const struct vss_choice *choice, struct needs *needs)
{
	struct vss_item *item = &plan->items[i];
	struct vss_stack stack;
	int err;

	if (item->first != i) {
		judge(item, VSS_SAME, "%.120s", plan->items[item->first].mount.point);
		return 0;
	}
	if (type_judge(item))
		return 0;
	vss_block_stack(&stack, sysfs, &item->mount);
	if (!item->mount.major && !stack.on_devices) {
		judge(item, VSS_VIRTUAL, "%.40s", item->mount.type);
		return 0;
	}
	/* also of what is not frozen: a third may need what it lies in */
	err = files_follow(plan, needs, i, &stack);
	if (item->mount.read_only)
		judge(item, VSS_READ_ONLY, "nothing is written to it");
	else if ((choice->include && !any_matches(plan, i, choice->include)) ||
		 any_matches(plan, i, choice->exclude))
		judge(item, VSS_EXCLUDED, "by the settings");
	else if (type_is_unsupported(item->mount.type))
		judge(item, VSS_UNSUPPORTED, "%.40s has no freeze", item->mount.type);
	else if (!choice->remote && stack.remote[0])
		judge(item, VSS_REMOTE, "%s", stack.remote);
	else if (!choice->remote && type_is_shared(item->mount.type))
		judge(item, VSS_REMOTE, "other nodes have it mounted");
	else
		judge(item, VSS_FREEZE, "%s", stack.remote);
	return err;
}

/* ---- order ---- */

/*
 * Gives an item a level above all that need it, by way of those that are not frozen as
 * well.  Who needs himself, which cannot be, is placed as if he did not.
 */
static void level_find(struct vss_plan *plan, const struct needs *needs, bool *seen, size_t i)
{
	unsigned int level = 0, above;
	size_t n, who;

	if (seen[i])
		return;
	seen[i] = true;
	for (n = 0; n < needs->count; n++) {
		if (needs->of[n * 2 + 1] != i)
			continue;
		who = needs->of[n * 2];
		level_find(plan, needs, seen, who);
		above = plan->items[who].level + (plan->items[who].verdict == VSS_FREEZE);
		level = above > level ? above : level;
	}
	plan->items[i].level = level;
}

static size_t root_of(const struct vss_plan *plan)
{
	size_t i, root = SIZE_MAX;

	for (i = 0; i < plan->nr_items; i++)
		if (!strcmp(plan->items[i].mount.point, "/"))
			root = plan->items[i].first;
	return root;
}

/* Marks what somebody needs, and what that needs. */
static void needed_mark(const struct needs *needs, bool *needed, size_t who)
{
	size_t n, what;

	for (n = 0; n < needs->count; n++) {
		what = needs->of[n * 2 + 1];
		if (needs->of[n * 2] != who || needed[what])
			continue;
		needed[what] = true;
		needed_mark(needs, needed, what);
	}
}

/* All need the root, but for what it needs itself: programs are in it. */
static int root_need(struct vss_plan *plan, struct needs *needs, bool *needed)
{
	size_t i, root = root_of(plan);
	int err = 0;

	if (root == SIZE_MAX)
		return 0;
	needed_mark(needs, needed, root);
	needed[root] = true;
	for (i = 0; i < plan->nr_items && !err; i++)
		if (plan->items[i].verdict == VSS_FREEZE && !needed[i])
			err = needs_add(needs, i, root);
	return err;
}

static int order_make(struct vss_plan *plan, struct needs *needs)
{
	bool *marks = calloc(plan->nr_items + 1, sizeof(*marks));
	unsigned int level, end = 0;
	size_t i;
	int err;

	plan->order = calloc(plan->nr_items + 1, sizeof(*plan->order));
	err = marks && plan->order ? root_need(plan, needs, marks) : -ENOMEM;
	if (err) {
		free(marks);
		return err;
	}
	memset(marks, 0, plan->nr_items * sizeof(*marks));
	for (i = 0; i < plan->nr_items; i++) {
		level_find(plan, needs, marks, i);
		end = plan->items[i].level >= end ? plan->items[i].level + 1 : end;
	}
	free(marks);
	for (level = 0; level < end; level++)
		for (i = plan->nr_items; i--;)
			if (plan->items[i].verdict == VSS_FREEZE && plan->items[i].level == level)
				plan->order[plan->nr_order++] = i;
	return 0;
}

/* ---- all of it ---- */

static int lines_parse(struct vss_plan *plan)
{
	size_t lines = 1;
	char *at, *end;
	int err = 0;

	for (at = plan->text; (at = strchr(at, '\n')); at++)
		lines++;
	plan->items = calloc(lines, sizeof(*plan->items));
	if (!plan->items)
		return -ENOMEM;
	for (at = plan->text; *at && !err; at = end) {
		end = strchrnul(at, '\n');
		if (*end)
			*end++ = '\0';
		if (*at)
			err = vss_mount_parse(&plan->items[plan->nr_items++].mount, at);
	}
	return err;
}

/**
 * vss_plan_make() - Plan what to freeze.
 * @plan: the plan, to be freed also on failure
 * @mountinfo: /proc/PID/mountinfo (proc(5))
 * @sysfs: who is asked for devices
 * @choice: what is wanted
 *
 * Return: 0; -EBADMSG when a line of @mountinfo cannot be read; -ENOMEM.
 */
int vss_plan_make(struct vss_plan *plan, const char *mountinfo, const struct vss_sysfs *sysfs,
		  const struct vss_choice *choice)
{
	struct needs needs = { 0 };
	size_t i;
	int err;

	*plan = (struct vss_plan){ .text = strdup(mountinfo) };
	err = plan->text ? lines_parse(plan) : -ENOMEM;
	if (err)
		return err;
	firsts_find(plan);
	for (i = 0; i < plan->nr_items && !err; i++)
		err = item_judge(plan, i, sysfs, choice, &needs);
	if (!err)
		err = order_make(plan, &needs);
	free(needs.of);
	return err;
}

/* Of /proc, whose files do not say how long they are. */
static char *text_read(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t room = 0;
	char *text = NULL;
	ssize_t len;

	if (!file)
		return NULL;
	len = getdelim(&text, &room, '\0', file);
	if (len < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

/**
 * vss_plan_system() - Plan what to freeze of this system.
 * @plan: see vss_plan_make()
 * @choice: what is wanted
 *
 * Return: see there; a negative errno of reading mountinfo.
 */
int vss_plan_system(struct vss_plan *plan, const struct vss_choice *choice)
{
	char *text;
	int err;

	errno = 0;
	text = text_read(MOUNTINFO);
	if (!text) {
		*plan = (struct vss_plan){ 0 };
		return errno ? -errno : -EIO;
	}
	err = vss_plan_make(plan, text, &vss_sysfs, choice);
	free(text);
	return err;
}

/**
 * vss_plan_drop() - Do not freeze one, after all.
 * @plan: the plan
 * @place: its place in the order
 * @verdict: why
 * @why: more about it
 */
void vss_plan_drop(struct vss_plan *plan, size_t place, enum vss_verdict verdict,
		   const char *why)
{
	judge(&plan->items[plan->order[place]], verdict, "%s", why);
	plan->nr_order--;
	memmove(plan->order + place, plan->order + place + 1,
		(plan->nr_order - place) * sizeof(*plan->order));
}

/**
 * vss_plan_open() - Open a file system, by whichever of its mounts can be reached.
 * @plan: the plan
 * @item: which
 *
 * Return: a descriptor; see vss_mount_open(), of its first mount.
 */
int vss_plan_open(const struct vss_plan *plan, size_t item)
{
	int fd = vss_mount_open(&plan->items[item].mount), other = -EXDEV;
	size_t i;

	for (i = 0; fd < 0 && other < 0 && i < plan->nr_items; i++)
		if (i != item && plan->items[i].first == item)
			other = vss_mount_open(&plan->items[i].mount);
	return other >= 0 ? other : fd;
}

/**
 * vss_plan_free() - Free what a plan has.
 * @plan: the plan
 */
void vss_plan_free(struct vss_plan *plan)
{
	free(plan->items);
	free(plan->order);
	free(plan->text);
	*plan = (struct vss_plan){ 0 };
}
