// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pool of keys and values.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "hvd_file.h"
#include "hvd_log.h"
#include "hvd_pool.h"
#include "hvd_text.h"

#define RECORD_LEN	((off_t)sizeof(struct kvp_record))
#define VALUE_AT	((off_t)offsetof(struct kvp_record, value))
#define CHUNK_RECORDS	16	/* that are read at a time */
#define NOWHERE		UINT32_MAX

/* Anybody who may read the file can lock it, and for as long as he likes. */
#define LOCK_SECONDS	5

/* Where a key is: records whose keys have the same hash are a list, in their order. */
struct entry {
	uint32_t hash;
	uint32_t next;
	bool ours;	/* not known to be older than our use of the file */
};

struct kvp_pool {
	char path[256];
	unsigned int number;
	bool writable;		/* wanted; a read-only file system says no all the same */
	int fd;			/* -1 while there is no file */
	bool open_rw;		/* and that may be written */
	struct stat seen;	/* when the index was right */
	bool indexed;
	bool known;		/* indexed once: what comes to be there now is not old */
	uint32_t count;		/* records */
	uint32_t room;		/* for entries */
	struct entry *entries;
	uint32_t *heads;	/* of the lists; as many as @room, a power of two */
};

/**
 * kvp_record_fault() - Say what is wrong with a record.
 * @record: as it is in the file
 *
 * Return: what, in words; %NULL when it can be used.
 */
const char *kvp_record_fault(const struct kvp_record *record)
{
	if (hvd_text_len(record->key, sizeof(record->key)) < 0)
		return "its key does not end";
	if (!record->key[0])
		return "it has no key";
	if (hvd_text_units(record->key) < 0)
		return "its key is not UTF-8";
	if (hvd_text_len(record->value, sizeof(record->value)) < 0)
		return "its value does not end";
	if (hvd_text_units(record->value) < 0)
		return "its value is not UTF-8";
	return NULL;
}

/* ---- the index ---- */

/* FNV-1a: keys are the host's and root's choice, so that none is made to collide. */
static uint32_t key_hash(const char *key)
{
	uint32_t hash = 2166136261u;

	for (; *key; key++)
		hash = (hash ^ (uint8_t)*key) * 16777619u;
	return hash;
}

static uint32_t *index_head(struct kvp_pool *pool, uint32_t hash)
{
	return &pool->heads[hash & (pool->room - 1)];
}

static void index_add(struct kvp_pool *pool, uint32_t at, uint32_t hash, bool ours)
{
	uint32_t *link = index_head(pool, hash);

	/* by position: of a key that is there twice, the first counts */
	while (*link != NOWHERE && *link < at)
		link = &pool->entries[*link].next;
	pool->entries[at] = (struct entry){ .hash = hash, .next = *link, .ours = ours };
	*link = at;
}

static void index_remove(struct kvp_pool *pool, uint32_t at)
{
	uint32_t *link = index_head(pool, pool->entries[at].hash);

	while (*link != at)
		link = &pool->entries[*link].next;
	*link = pool->entries[at].next;
}

/* Room for @wanted entries; the lists are made anew, for there are more of them. */
static int index_grow(struct kvp_pool *pool, uint32_t wanted)
{
	uint32_t room = pool->room ? pool->room : 64, at;
	struct entry *entries;
	uint32_t *heads;

	if (wanted <= pool->room)
		return 0;
	while (room < wanted)
		room *= 2;
	entries = realloc(pool->entries, room * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	pool->entries = entries;
	heads = realloc(pool->heads, room * sizeof(*heads));
	if (!heads)
		return -ENOMEM;
	pool->heads = heads;
	pool->room = room;
	memset(heads, 0xff, room * sizeof(*heads));
	for (at = pool->count; at--;)
		index_add(pool, at, entries[at].hash, entries[at].ours);
	return 0;
}

static void index_clear(struct kvp_pool *pool)
{
	pool->count = 0;
	pool->indexed = false;
	if (pool->heads)
		memset(pool->heads, 0xff, pool->room * sizeof(*pool->heads));
}

/* ---- the file ---- */

static int record_read(struct kvp_pool *pool, uint32_t at, struct kvp_record *record)
{
	int got = hvd_file_pread(pool->fd, record, sizeof(*record), at * RECORD_LEN);

	return got < 0 ? got : got < RECORD_LEN ? -EIO : 0;
}

static int file_sync(struct kvp_pool *pool)
{
	return fdatasync(pool->fd) < 0 ? -errno : 0;
}

static int file_cut(struct kvp_pool *pool, uint32_t count)
{
	int cut;

	do {
		cut = ftruncate(pool->fd, count * RECORD_LEN);
	} while (cut < 0 && errno == EINTR);
	return cut < 0 ? -errno : file_sync(pool);
}

/* What we have just done to the file is not to be taken for the doing of others. */
static int file_seen(struct kvp_pool *pool)
{
	pool->indexed = !fstat(pool->fd, &pool->seen);
	return pool->indexed ? 0 : -errno;
}

/* In the order that the header promises: no step leaves a record that never was. */
static int record_drop(struct kvp_pool *pool, uint32_t at)
{
	uint32_t last = pool->count - 1;
	struct kvp_record record;
	int err = 0;

	if (at != last) {
		err = record_read(pool, last, &record);
		if (!err)
			err = hvd_file_pwrite(pool->fd, record.value, sizeof(record.value),
					      at * RECORD_LEN + VALUE_AT);
		if (!err)
			err = file_sync(pool);
		if (!err)
			err = hvd_file_pwrite(pool->fd, record.key, sizeof(record.key),
					      at * RECORD_LEN);
		if (!err)
			err = file_sync(pool);
	}
	return err ? err : file_cut(pool, last);
}

static int pool_drop(struct kvp_pool *pool, uint32_t at)
{
	uint32_t last = pool->count - 1;
	struct entry moved = pool->entries[last];
	int err = record_drop(pool, at);

	if (err) {
		pool->indexed = false;
		return err;
	}
	index_remove(pool, at);
	if (at != last) {
		index_remove(pool, last);
		index_add(pool, at, moved.hash, moved.ours);
	}
	pool->count--;
	return file_seen(pool);
}

/* Aside, for a person to look at, what cannot be used. */
static int aside_put(struct kvp_pool *pool, const void *bytes, size_t len, const char *fault)
{
	char name[sizeof(pool->path) + 32];
	int fd, err;

	snprintf(name, sizeof(name), "%s.corrupt-%lld", pool->path, (long long)time(NULL));
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	errno = EIO;
	err = write(fd, bytes, len) == (ssize_t)len ? 0 : -errno;
	if (!err && fsync(fd) < 0)
		err = -errno;
	close(fd);
	if (!err)
		hvd_warning("%s: a record was of no use, %s: moved to %s", pool->path, fault, name);
	return err;
}

static int tail_mend(struct kvp_pool *pool, off_t size)
{
	uint8_t tail[sizeof(struct kvp_record)];
	int len = hvd_file_pread(pool->fd, tail, (size_t)(size % RECORD_LEN),
				 size - size % RECORD_LEN);
	int err = len < 0 ? len : aside_put(pool, tail, (size_t)len, "its end is missing");

	return err ? err : file_cut(pool, (uint32_t)(size / RECORD_LEN));
}

/* The first of the same key before @at. */
static uint32_t index_find(struct kvp_pool *pool, const char *key, uint32_t before,
			   struct kvp_record *record)
{
	uint32_t hash = key_hash(key), at;

	if (!pool->room)
		return NOWHERE;
	for (at = *index_head(pool, hash); at < before; at = pool->entries[at].next)
		if (pool->entries[at].hash == hash && !record_read(pool, at, record) &&
		    !kvp_record_fault(record) && !strcmp(record->key, key))
			return at;
	return NOWHERE;
}

/* A delete that was stopped has left the last record twice: see the header. */
static int twin_mend(struct kvp_pool *pool)
{
	struct kvp_record last, twin;
	uint32_t at;
	int err;

	if (pool->count < 2)
		return 0;
	err = record_read(pool, pool->count - 1, &last);
	if (err || kvp_record_fault(&last))
		return err;
	at = index_find(pool, last.key, pool->count - 1, &twin);
	if (at == NOWHERE || strcmp(last.value, twin.value))
		return 0;
	hvd_info("%s: '%s' is there twice: a delete was stopped; it is done now", pool->path,
		 last.key);
	return pool_drop(pool, pool->count - 1);
}

/* One after the other: the last takes the place of each, and may be as bad. */
static int faults_mend(struct kvp_pool *pool)
{
	struct kvp_record record;
	uint32_t at = 0;
	int err = 0;

	while (!err && at < pool->count) {
		const char *fault;

		err = record_read(pool, at, &record);
		fault = err ? NULL : kvp_record_fault(&record);
		if (fault) {
			err = aside_put(pool, &record, sizeof(record), fault);
			if (!err)
				err = pool_drop(pool, at);
		} else {
			at++;
		}
	}
	return err;
}

/* Reads all keys; @faults says whether there is a record that cannot be used. */
static int index_build(struct kvp_pool *pool, uint32_t count, bool *faults)
{
	struct kvp_record *chunk = malloc(CHUNK_RECORDS * sizeof(*chunk));
	uint32_t at, i, many;
	int got = 0;

	*faults = false;
	index_clear(pool);
	if (!chunk)
		return -ENOMEM;
	got = index_grow(pool, count);
	/* backwards: each goes in front of those behind it */
	for (at = count; !(got < 0) && at; at -= many) {
		many = at < CHUNK_RECORDS ? at : CHUNK_RECORDS;
		got = hvd_file_pread(pool->fd, chunk, many * sizeof(*chunk),
				     (at - many) * RECORD_LEN);
		if (got >= 0 && (size_t)got < many * sizeof(*chunk))
			got = -EIO;
		for (i = many; !(got < 0) && i--;) {
			*faults |= !!kvp_record_fault(&chunk[i]);
			chunk[i].key[sizeof(chunk[i].key) - 1] = '\0';
			index_add(pool, at - many + i, key_hash(chunk[i].key), pool->known);
		}
	}
	free(chunk);
	if (got < 0)
		return got;
	pool->count = count;
	pool->known = true;
	return file_seen(pool);
}

static int file_mend(struct kvp_pool *pool, off_t size, bool faults)
{
	int err = size % RECORD_LEN ? tail_mend(pool, size) : 0;

	if (!err && size % RECORD_LEN)
		err = file_seen(pool);
	if (!err && faults)
		err = faults_mend(pool);
	return err ? err : twin_mend(pool);
}

static int file_load(struct kvp_pool *pool, off_t size, bool mend)
{
	uint32_t count = (uint32_t)(size / RECORD_LEN);
	bool faults;
	int err;

	if (size / RECORD_LEN > KVP_POOL_RECORDS_MAX)
		return -EFBIG;
	err = index_build(pool, count, &faults);
	if (err || !mend)
		return err;
	err = file_mend(pool, size, faults);
	if (!err)
		return 0;
	/* a full disk is no reason not to read what is there */
	hvd_warning("%s cannot be mended: %s", pool->path, strerror(-err));
	return pool->indexed ? 0 : -EIO;
}

/* A file that cannot be made or written can be read all the same. */
static int file_open(struct kvp_pool *pool)
{
	int flags = O_CLOEXEC | O_NOFOLLOW, err;

	if (pool->fd >= 0)
		close(pool->fd);
	index_clear(pool);
	pool->fd = -1;
	pool->open_rw = false;
	if (pool->writable) {
		pool->fd = open(pool->path, flags | O_RDWR | O_CREAT, 0644);
		pool->open_rw = pool->fd >= 0;
		if (pool->open_rw)
			return 0;
		err = errno;
		if (err != EROFS && err != EACCES && err != EPERM)
			return -err;
	}
	pool->fd = open(pool->path, flags | O_RDONLY);
	return pool->fd < 0 ? -errno : 0;
}

/* ---- locks ---- */

static void on_alarm(int signal)
{
	(void)signal;
}

/* @kind of fcntl(); both, or none. */
static int locks_take(int fd, short kind)
{
	struct flock all = { .l_type = kind, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLKW, &all) < 0)
		return errno == EINTR ? -ETIMEDOUT : -errno;
	if (!flock(fd, kind == F_WRLCK ? LOCK_EX : LOCK_SH))
		return 0;
	return errno == EINTR ? -ETIMEDOUT : -errno;
}

static void locks_drop(int fd)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	flock(fd, LOCK_UN);
	fcntl(fd, F_OFD_SETLK, &all);
}

/* At once where nobody has them, else with a limit, which only a signal can set. */
static int locks_wait(int fd, short kind)
{
	static const struct itimerval limit = {
		.it_value.tv_sec = LOCK_SECONDS,
		.it_interval.tv_sec = 1,	/* the first may come before the call */
	};
	static const struct itimerval none;
	struct sigaction action = { .sa_handler = on_alarm }, before;
	struct flock all = { .l_type = kind, .l_whence = SEEK_SET };
	int err;

	if (!fcntl(fd, F_OFD_SETLK, &all) &&
	    !flock(fd, (kind == F_WRLCK ? LOCK_EX : LOCK_SH) | LOCK_NB))
		return 0;
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &limit, NULL);
	err = locks_take(fd, kind);
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &before, NULL);
	if (err)
		locks_drop(fd);
	return err;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool same_contents(const struct stat *a, const struct stat *b)
{
	return same_file(a, b) && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Opens it where that has not been done, or may work now: disks become writable. */
static int file_ready(struct kvp_pool *pool, short kind)
{
	int err = 0;

	if (pool->fd < 0 || (kind == F_WRLCK && !pool->open_rw))
		err = file_open(pool);
	return err ? err : kind == F_WRLCK && !pool->open_rw ? -EROFS : 0;
}

/* Locks the file that has the name now; the one that we have may have lost it. */
static int file_lock(struct kvp_pool *pool, short kind, struct stat *now)
{
	struct stat ours;
	int err;

	for (;;) {
		err = file_ready(pool, kind);
		if (!err)
			err = locks_wait(pool->fd, kind);
		if (err)
			return err;
		if (!fstat(pool->fd, &ours) && !lstat(pool->path, now) && same_file(&ours, now))
			return 0;
		locks_drop(pool->fd);
		err = file_open(pool);
		if (err)
			return err;
	}
}

static void pool_unlock(struct kvp_pool *pool)
{
	locks_drop(pool->fd);
}

/*
 * Locks the pool, with the index right.  What cannot be used is put aside only by
 * who may write; it is read past by others.
 */
static int pool_lock(struct kvp_pool *pool, short kind)
{
	struct stat now;
	int err = file_lock(pool, kind, &now);

	if (!err && (!pool->indexed || !same_contents(&now, &pool->seen))) {
		bool mend = pool->open_rw;

		/* mending takes a lock to write */
		if (mend && kind != F_WRLCK) {
			pool_unlock(pool);
			return pool_lock(pool, F_WRLCK);
		}
		err = file_load(pool, now.st_size, mend);
		if (err) {
			pool->indexed = false;
			pool_unlock(pool);
		}
	}
	return err;
}

/**
 * kvp_pool_new() - Begin to use a pool.
 * @ret: the pool
 * @directory: where its file is
 * @number: an enum hvic_kvp_pool, or 4
 * @writable: whether the file is made, written and mended; else it is only read
 *
 * The file need not be there, nor can it be written at once: each operation tries.
 *
 * Return: 0; -ENAMETOOLONG; -ENOMEM.
 */
int kvp_pool_new(struct kvp_pool **ret, const char *directory, unsigned int number,
		 bool writable)
{
	struct kvp_pool *pool = calloc(1, sizeof(*pool));
	int len;

	if (!pool)
		return -ENOMEM;
	pool->fd = -1;
	pool->number = number;
	pool->writable = writable;
	len = snprintf(pool->path, sizeof(pool->path), "%s/.kvp_pool_%u", directory, number);
	if (len < 0 || (size_t)len >= sizeof(pool->path)) {
		free(pool);
		return -ENAMETOOLONG;
	}
	*ret = pool;
	return 0;
}

/**
 * kvp_pool_free() - End using a pool.
 * @pool: may be %NULL
 */
void kvp_pool_free(struct kvp_pool *pool)
{
	if (!pool)
		return;
	if (pool->fd >= 0)
		close(pool->fd);
	free(pool->entries);
	free(pool->heads);
	free(pool);
}

/**
 * kvp_pool_path() - Tell where a pool is.
 * @pool: the pool
 *
 * Return: the path of its file.
 */
const char *kvp_pool_path(const struct kvp_pool *pool)
{
	return pool->path;
}

/**
 * kvp_pool_count() - Count the records, and see whether there is a file.
 * @pool: the pool
 *
 * Return: how many there are; -ETIMEDOUT when somebody else has the file locked for
 * 5 s; -EFBIG when it has more than KVP_POOL_RECORDS_MAX records; -ENOMEM; a negative
 * errno of the file's system calls.
 */
int kvp_pool_count(struct kvp_pool *pool)
{
	int err = pool_lock(pool, F_RDLCK);

	if (err)
		return err;
	pool_unlock(pool);
	return (int)pool->count;
}

/**
 * kvp_pool_item() - Get a record by its place.
 * @pool: the pool
 * @index: from 0
 * @record: the record; untouched unless this returns 0
 *
 * Return: 0; -ENODATA when there are not so many; -EBADMSG when it cannot be used, which
 * is so only in a pool that we cannot write; see kvp_pool_count().
 */
int kvp_pool_item(struct kvp_pool *pool, uint32_t index, struct kvp_record *record)
{
	struct kvp_record item;
	int err = pool_lock(pool, F_RDLCK);

	if (err)
		return err;
	err = index < pool->count ? record_read(pool, index, &item) : -ENODATA;
	if (!err && kvp_record_fault(&item))
		err = -EBADMSG;
	pool_unlock(pool);
	if (!err)
		*record = item;
	return err;
}

/**
 * kvp_pool_get() - Get a record by its key.
 * @pool: the pool
 * @key: UTF-8
 * @record: the record, the first of that key; untouched unless this returns 0
 *
 * Return: 0; -ENODATA when there is none; see kvp_pool_count().
 */
int kvp_pool_get(struct kvp_pool *pool, const char *key, struct kvp_record *record)
{
	struct kvp_record item;
	int err = pool_lock(pool, F_RDLCK);

	if (err)
		return err;
	if (index_find(pool, key, pool->count, &item) == NOWHERE)
		err = -ENODATA;
	pool_unlock(pool);
	if (!err)
		*record = item;
	return err;
}

static int pool_append(struct kvp_pool *pool, const struct kvp_record *record)
{
	int err = pool->count < KVP_POOL_RECORDS_MAX ? index_grow(pool, pool->count + 1) : -ENOSPC;

	if (err)
		return err;
	err = hvd_file_pwrite(pool->fd, record, sizeof(*record), pool->count * RECORD_LEN);
	if (!err)
		err = file_sync(pool);
	if (err) {
		/* a full disk takes a part of it, which is not to stay */
		pool->indexed = false;
		file_cut(pool, pool->count);
		return err;
	}
	index_add(pool, pool->count, key_hash(record->key), true);
	pool->count++;
	return file_seen(pool);
}

static int pool_replace(struct kvp_pool *pool, uint32_t at, const struct kvp_record *record)
{
	int err = hvd_file_pwrite(pool->fd, record->value, sizeof(record->value),
				  at * RECORD_LEN + VALUE_AT);

	if (!err)
		err = file_sync(pool);
	if (err) {
		pool->indexed = false;
		return err;
	}
	pool->entries[at].ours = true;
	return file_seen(pool);
}

/**
 * kvp_pool_set() - Give a key a value.
 * @pool: the pool
 * @key: UTF-8; a record is added when there is none of it
 * @value: UTF-8
 *
 * Return: 0; -EINVAL when the key or the value is too long, not UTF-8, or the key is
 * empty; -ENOSPC when there are KVP_POOL_RECORDS_MAX already, or the disk is full; -EROFS
 * when we cannot write; see kvp_pool_count().
 */
int kvp_pool_set(struct kvp_pool *pool, const char *key, const char *value)
{
	struct kvp_record record = { 0 }, old;
	uint32_t at;
	int err;

	if (hvd_text_copy(record.key, sizeof(record.key), key) < 0 ||
	    hvd_text_copy(record.value, sizeof(record.value), value) < 0 ||
	    kvp_record_fault(&record))
		return -EINVAL;
	err = pool_lock(pool, F_WRLCK);
	if (err)
		return err;
	at = index_find(pool, key, pool->count, &old);
	if (at == NOWHERE)
		err = pool_append(pool, &record);
	else if (strcmp(old.value, value))
		err = pool_replace(pool, at, &record);
	else
		pool->entries[at].ours = true;
	pool_unlock(pool);
	return err;
}

/**
 * kvp_pool_delete() - Delete all records of a key.
 * @pool: the pool
 * @key: UTF-8
 *
 * Return: 0; -ENODATA when there is none; -EROFS; see kvp_pool_count().
 */
int kvp_pool_delete(struct kvp_pool *pool, const char *key)
{
	struct kvp_record record;
	int err = pool_lock(pool, F_WRLCK);
	uint32_t at;

	if (err)
		return err;
	at = index_find(pool, key, pool->count, &record);
	err = at == NOWHERE ? -ENODATA : 0;
	while (!err && at != NOWHERE) {
		err = pool_drop(pool, at);
		if (!err)
			at = index_find(pool, key, pool->count, &record);
	}
	pool_unlock(pool);
	return err;
}

/**
 * kvp_pool_forget() - Delete what was there before the pool came into use here.
 * @pool: the pool
 *
 * What has been set since stays, and so does what is not known to be older.
 *
 * Return: how many records went; -EROFS; see kvp_pool_count().
 */
int kvp_pool_forget(struct kvp_pool *pool)
{
	int err = pool_lock(pool, F_WRLCK), gone = 0;
	uint32_t at;

	if (err)
		return err;
	/* from the end: what takes a place that is free has been looked at */
	for (at = pool->count; !err && at--;) {
		if (pool->entries[at].ours)
			continue;
		err = pool_drop(pool, at);
		gone += !err;
	}
	pool_unlock(pool);
	return err ? err : gone;
}
