// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hvic kvp watch: changes as they are made.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cmd.h"
#include "kvp.h"

struct item {
	char *key;
	char *value;
};

/* A pool as it was seen last, by key. */
struct view {
	struct item *items;
	size_t count;
	struct kvp_pool *pool;
};

static int item_compare(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->key, ((const struct item *)b)->key);
}

static void items_free(struct item *items, size_t count)
{
	while (count--) {
		free(items[count].key);
		free(items[count].value);
	}
	free(items);
}

static int item_add(struct item **items, size_t *count, const struct kvp_record *record)
{
	struct item *more = realloc(*items, (*count + 1) * sizeof(**items));

	if (!more)
		return -ENOMEM;
	*items = more;
	more[*count].key = strdup(record->key);
	more[*count].value = strdup(record->value);
	++*count;
	return more[*count - 1].key && more[*count - 1].value ? 0 : -ENOMEM;
}

/* Of a key that is there twice, the first counts; a pool that is not there has none. */
static int items_read(struct kvp_pool *pool, struct item **items, size_t *count)
{
	struct kvp_record record, first;
	uint32_t i;
	int err = 0;

	*items = NULL;
	*count = 0;
	for (i = 0; !err || err == -EBADMSG; i++) {
		err = kvp_pool_item(pool, i, &record);
		if (!err && !kvp_pool_get(pool, record.key, &first) &&
		    !strcmp(first.value, record.value))
			err = item_add(items, count, &record);
	}
	if (*count)
		qsort(*items, *count, sizeof(**items), item_compare);
	return err == -ENODATA || err == -ENOENT ? 0 : err;
}

/* Both are in the order of their keys. */
static void changes_print(const struct hvic_kvp *kvp, unsigned int number,
			  const struct view *old, const struct item *items, size_t count)
{
	size_t was = 0, is = 0;
	int order;

	while (was < old->count || is < count) {
		order = was == old->count ? 1 : is == count ? -1 :
			item_compare(&old->items[was], &items[is]);
		if (order < 0)
			hvic_kvp_print(kvp, number, "delete", old->items[was].key, NULL, 0);
		else if (order > 0 || strcmp(old->items[was].value, items[is].value))
			hvic_kvp_print(kvp, number, "set", items[is].key, items[is].value, 0);
		was += order <= 0;
		is += order >= 0;
	}
	/* somebody reads it line by line */
	fflush(stdout);
}

static int view_update(const struct hvic_kvp *kvp, unsigned int number, struct view *view,
		       bool silent)
{
	struct item *items;
	size_t count;
	int err = items_read(view->pool, &items, &count);

	if (err) {
		items_free(items, count);
		return hvic_kvp_complain("watch the keys", number, kvp_pool_path(view->pool), err);
	}
	if (!silent)
		changes_print(kvp, number, view, items, count);
	items_free(view->items, view->count);
	view->items = items;
	view->count = count;
	return HVIC_EXIT_OK;
}

static bool wanted(const struct hvic_kvp *kvp, unsigned int number)
{
	return number != HVIC_KVP_AUTO && (kvp->pool < 0 || kvp->pool == (int)number);
}

static int views_update(const struct hvic_kvp *kvp, struct view *views, bool silent)
{
	int status = HVIC_EXIT_OK;
	unsigned int i;

	for (i = 0; i < HVIC_NR_KVP_POOLS && !status; i++)
		if (wanted(kvp, i))
			status = view_update(kvp, i, &views[i], silent);
	return status;
}

/* What is read first is where changes are from: the watch is there before. */
static int views_watch(const struct hvic_kvp *kvp, struct view *views)
{
	char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
	int fd = inotify_init1(IN_CLOEXEC), status;

	if (fd < 0 || inotify_add_watch(fd, kvp->directory, IN_MODIFY | IN_CREATE | IN_DELETE |
					IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR) < 0) {
		fprintf(stderr, "hvic: cannot watch %s: %s%s\n", kvp->directory, strerror(errno),
			errno == ENOENT ? ": hv_kvp_daemon makes it when it first runs" : "");
		status = HVIC_EXIT_NO;
	} else {
		status = views_update(kvp, views, true);
	}
	while (!status && !ferror(stdout)) {
		if (read(fd, events, sizeof(events)) < 0 && errno != EINTR)
			status = HVIC_EXIT_NO;
		else
			status = views_update(kvp, views, false);
	}
	if (fd >= 0)
		close(fd);
	return status;
}

/**
 * hvic_kvp_watch() - Show changes until there is nobody to show them to.
 * @kvp: of which pool, and how
 *
 * Return: what hvic exits with.
 */
int hvic_kvp_watch(const struct hvic_kvp *kvp)
{
	struct view views[HVIC_NR_KVP_POOLS] = { 0 };
	int status = HVIC_EXIT_OK;
	unsigned int i;

	for (i = 0; i < HVIC_NR_KVP_POOLS && !status; i++)
		if (wanted(kvp, i) && kvp_pool_new(&views[i].pool, kvp->directory, i, false))
			status = HVIC_EXIT_NO;
	if (!status)
		status = views_watch(kvp, views);
	for (i = 0; i < HVIC_NR_KVP_POOLS; i++) {
		items_free(views[i].items, views[i].count);
		kvp_pool_free(views[i].pool);
	}
	return status;
}
