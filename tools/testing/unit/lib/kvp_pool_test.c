// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pools: the format on the disk, what others do to it, and what an operation costs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "hvd_pool.h"
#include "pool_calls.h"

#define MANY	10000

static char directory[64], path[96];
static unsigned long calls;		/* of the system */
static size_t bytes;			/* read and written by them */
static bool read_only;			/* the file system is */

int __wrap_open(const char *name, int flags, ...)
{
	if (read_only && (flags & O_ACCMODE) != O_RDONLY) {
		errno = EROFS;
		return -1;
	}
	return __real_open(name, flags, 0644);
}

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset)
{
	calls++;
	bytes += len;
	return __real_pread(fd, to, len, offset);
}

ssize_t __wrap_pwrite(int fd, const void *from, size_t len, off_t offset)
{
	calls++;
	bytes += len;
	return __real_pwrite(fd, from, len, offset);
}

int __wrap_fdatasync(int fd)
{
	calls++;
	return __real_fdatasync(fd);
}

int __wrap_ftruncate(int fd, off_t len)
{
	calls++;
	return __real_ftruncate(fd, len);
}

/* ---- the file, as others see it ---- */

static void file_remove(void)
{
	struct dirent *entry;
	char name[400];
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, ".kvp_pool_", 10)) {
			snprintf(name, sizeof(name), "%s/%s", directory, entry->d_name);
			unlink(name);
		}
	closedir(dir);
}

/* Files beside the pool's, and the bytes in them. */
static int aside(size_t *size)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);
	struct stat status;
	char name[400];
	int count = 0;

	*size = 0;
	while (dir && (entry = readdir(dir)))
		if (strstr(entry->d_name, ".corrupt-")) {
			snprintf(name, sizeof(name), "%s/%s", directory, entry->d_name);
			if (!stat(name, &status))
				*size += (size_t)status.st_size;
			count++;
		}
	closedir(dir);
	return count;
}

static void raw_write(const void *from, size_t len, int flags)
{
	int fd = __real_open(path, O_WRONLY | O_CREAT | flags, 0644);

	if (fd < 0 || write(fd, from, len) != (ssize_t)len)
		tap_diag("cannot write %s: %s", path, strerror(errno));
	close(fd);
}

static size_t raw_read(void *to, size_t room)
{
	int fd = __real_open(path, O_RDONLY);
	ssize_t len = read(fd, to, room);

	close(fd);
	return len < 0 ? 0 : (size_t)len;
}

/* What cloud-init appends: bytes behind the NUL that mean nothing. */
static void raw_append(const char *key, const char *value)
{
	struct kvp_record record;

	memset(&record, 'x', sizeof(record));
	strcpy(record.key, key);
	strcpy(record.value, value);
	raw_write(&record, sizeof(record), O_APPEND);
}

static off_t raw_size(void)
{
	struct stat status;

	return stat(path, &status) < 0 ? -1 : status.st_size;
}

static struct kvp_pool *pool_open(bool writable)
{
	struct kvp_pool *pool;

	if (kvp_pool_new(&pool, directory, 1, writable))
		abort();
	return pool;
}

static const char *value_of(struct kvp_pool *pool, const char *key)
{
	static struct kvp_record record;

	return kvp_pool_get(pool, key, &record) ? NULL : record.value;
}

static const char *key_at(struct kvp_pool *pool, uint32_t index)
{
	static struct kvp_record record;

	return kvp_pool_item(pool, index, &record) ? NULL : record.key;
}

/* ---- the tests ---- */

static const struct {
	const char *name;
	struct kvp_record record;
	size_t key_fill, value_fill;	/* as many bytes 'x', without a NUL */
	const char *fault;
} faults[] = {
	{ "a record", { "key", "value" } },
	{ "an empty value", { "key", "" } },
	{ "all of Unicode", { "k\xc3\xa9y", "\xe2\x82\xac\xf0\x9f\x98\x80" } },
	{ "the longest key", { "", "v" }, 511 },
	{ "the longest value", { "k", "" }, 0, 2047 },
	{ "no key", { "", "value" }, 0, 0, "it has no key" },
	{ "a key without end", { "", "v" }, 512, 0, "its key does not end" },
	{ "a value without end", { "k", "" }, 0, 2048, "its value does not end" },
	{ "a key in Latin-1", { "k\xe9y", "v" }, 0, 0, "its key is not UTF-8" },
	{ "a value in Latin-1", { "k", "v\xe9" }, 0, 0, "its value is not UTF-8" },
	{ "a surrogate", { "k", "\xed\xa0\x80" }, 0, 0, "its value is not UTF-8" },
	{ "a long form", { "k", "\xc0\x80" }, 0, 0, "its value is not UTF-8" },
	{ "beyond Unicode", { "k", "\xf4\x90\x80\x80" }, 0, 0, "its value is not UTF-8" },
	{ "a character cut off", { "k", "\xe2\x82" }, 0, 0, "its value is not UTF-8" },
};

static void test_faults(void)
{
	struct kvp_record record;
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		record = faults[i].record;
		memset(record.key, 'x', faults[i].key_fill);
		memset(record.value, 'x', faults[i].value_fill);
		tap_is_str(kvp_record_fault(&record), faults[i].fault, "%s", faults[i].name);
	}
}

static void test_format(void)
{
	struct kvp_pool *pool = pool_open(true);
	struct kvp_record records[4], empty = { 0 };
	struct stat status;
	ino_t inode;

	tap_is_int(kvp_pool_count(pool), 0, "a pool that is not there is made");
	tap_is_int(stat(path, &status) ? 0 : status.st_mode & 07777, 0644, "others may read it");
	inode = status.st_ino;
	tap_is_int(kvp_pool_set(pool, "one", "1"), 0, "a key");
	tap_is_int(kvp_pool_set(pool, "two", "zwei"), 0, "another");
	tap_is_int(kvp_pool_set(pool, "three", "3"), 0, "a third");
	tap_is_int(raw_size(), 3 * 2560, "are three records");
	tap_is_int(kvp_pool_set(pool, "two", "2"), 0, "a shorter value");
	raw_read(records, sizeof(records));
	strcpy(empty.key, "two");
	strcpy(empty.value, "2");
	tap_ok(!memcmp(&records[1], &empty, sizeof(empty)), "leaves nothing of the longer one");
	tap_is_str(value_of(pool, "two"), "2", "and is what is got");
	tap_is_str(key_at(pool, 2), "three", "items are in the order of setting");
	tap_ok(!key_at(pool, 3), "and have an end");
	tap_is_int(kvp_pool_delete(pool, "one"), 0, "one is deleted");
	tap_is_int(raw_size(), 2 * 2560, "and the file shorter");
	tap_is_str(key_at(pool, 0), "three", "the last has its place");
	tap_is_int(kvp_pool_delete(pool, "one"), -ENODATA, "it cannot be deleted again");
	tap_ok(!value_of(pool, "one"), "nor be got");
	tap_is_str(value_of(pool, "three"), "3", "the others can");
	tap_ok(!stat(path, &status) && status.st_ino == inode, "it is the same file all the time");
	tap_is_int(kvp_pool_set(pool, "", "v"), -EINVAL, "an empty key");
	tap_is_int(kvp_pool_set(pool, "k", "\xff"), -EINVAL, "what is not UTF-8");
	kvp_pool_free(pool);
	file_remove();
}

static void test_corrupt(void)
{
	struct kvp_record bad;
	struct kvp_pool *pool;
	size_t size;
	char junk[100];

	memset(&bad, 0xff, sizeof(bad));
	memset(junk, 'j', sizeof(junk));
	raw_write(&bad, sizeof(bad), O_APPEND);
	raw_append("a", "1");
	raw_write(&bad, sizeof(bad), O_APPEND);
	raw_append("b", "2");
	raw_append("c", "3");
	raw_write(junk, sizeof(junk), O_APPEND);
	pool = pool_open(false);
	tap_is_int(kvp_pool_count(pool), 5, "who only reads sees what is bad, too");
	tap_ok(!key_at(pool, 0), "as no item");
	tap_is_str(value_of(pool, "c"), "3", "and reads what is behind it");
	tap_is_int(raw_size(), 5 * 2560 + 100, "and changes nothing");
	kvp_pool_free(pool);
	pool = pool_open(true);
	tap_is_int(kvp_pool_count(pool), 3, "who writes keeps what can be read");
	tap_is_str(value_of(pool, "a"), "1", "the first");
	tap_is_str(value_of(pool, "b"), "2", "the second");
	tap_is_str(value_of(pool, "c"), "3", "the third");
	tap_is_int(raw_size(), 3 * 2560, "and the rest has gone");
	tap_ok(aside(&size) >= 1, "aside");
	tap_is_int((long long)size, 2 * 2560 + 100, "all of it");
	tap_is_int(kvp_pool_set(pool, "d", "4"), 0, "a key is added");
	raw_write(junk, sizeof(junk), O_APPEND);
	tap_is_str(value_of(pool, "d"), "4", "and found although somebody appends junk");
	tap_is_int(raw_size(), 4 * 2560, "which is put aside");
	kvp_pool_free(pool);
	file_remove();
}

static void test_others(void)
{
	struct kvp_pool *pool = pool_open(true);
	char name[128];

	tap_is_int(kvp_pool_set(pool, "ours", "1"), 0, "we set");
	raw_append("theirs", "2");
	tap_is_str(value_of(pool, "theirs"), "2", "what others append is seen");
	raw_append("theirs", "3");
	tap_is_str(value_of(pool, "theirs"), "2", "of a key that is there twice the first");
	tap_is_str(key_at(pool, 2), "theirs", "both are told the host");
	tap_is_int(kvp_pool_delete(pool, "theirs"), 0, "both are deleted");
	tap_is_int(kvp_pool_count(pool), 1, "at once");
	tap_ok(!truncate(path, 0), "others truncate");
	tap_is_int(kvp_pool_count(pool), 0, "which is seen");
	tap_is_int(kvp_pool_set(pool, "ours", "4"), 0, "we set again");
	tap_is_int(raw_size(), 2560, "at the beginning");
	snprintf(name, sizeof(name), "%s/other", directory);
	rename(path, name);
	raw_append("new", "5");
	tap_is_str(value_of(pool, "new"), "5", "a file that has taken the name is opened");
	tap_is_int(kvp_pool_set(pool, "ours", "6"), 0, "and written");
	tap_is_int(raw_size(), 2 * 2560, "behind what it has");
	unlink(path);
	tap_is_int(kvp_pool_set(pool, "ours", "7"), 0, "one that is removed");
	tap_is_int(raw_size(), 2560, "is made again");
	unlink(name);
	kvp_pool_free(pool);
	file_remove();
}

static void test_forget(void)
{
	struct kvp_pool *pool;

	raw_append("old", "1");
	raw_append("older", "2");
	raw_append("kept", "3");
	raw_append("oldest", "4");
	pool = pool_open(true);
	tap_is_int(kvp_pool_count(pool), 4, "what is there from before");
	tap_is_int(kvp_pool_set(pool, "kept", "3"), 0, "one is set again");
	tap_is_int(kvp_pool_set(pool, "new", "5"), 0, "one is set");
	tap_is_int(kvp_pool_forget(pool), 3, "goes when it is forgotten");
	tap_is_str(value_of(pool, "kept"), "3", "but not what was set since");
	tap_is_str(value_of(pool, "new"), "5", "nor what is new");
	tap_is_int(kvp_pool_count(pool), 2, "and that is all");
	kvp_pool_free(pool);
	file_remove();
}

/* A process that holds a lock until it is told, by a pipe that is closed. */
static pid_t lock_hold(bool posix, int *release)
{
	int to[2], from[2];
	char byte;
	pid_t pid;

	if (pipe(to) || pipe(from))
		abort();
	pid = fork();
	if (!pid) {
		struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int fd = __real_open(path, O_RDWR);

		close(to[1]);
		if (posix ? fcntl(fd, F_SETLKW, &all) : flock(fd, LOCK_EX))
			_exit(1);
		if (write(from[1], "x", 1) != 1 || read(to[0], &byte, 1) < 0)
			_exit(1);
		/* as cloud-init does: it has waited for us with the file open */
		if (pwrite(fd, "late", 5, 0) != 5)
			_exit(1);
		_exit(0);
	}
	close(to[0]);
	close(from[1]);
	tap_ok(read(from[0], &byte, 1) == 1, "another process has it locked");
	close(from[0]);
	*release = to[1];
	return pid;
}

static void test_locks(bool posix)
{
	struct kvp_pool *pool = pool_open(true);
	int release, status;
	pid_t pid;

	kvp_pool_set(pool, "early", "1");
	pid = lock_hold(posix, &release);
	/* too long takes 5 s: once is enough */
	if (posix)
		tap_is_int(kvp_pool_set(pool, "early", "2"), -ETIMEDOUT, "for too long to wait");
	close(release);
	tap_is_int(kvp_pool_set(pool, "second", "2"), 0, "who waits for %s() gets it",
		   posix ? "fcntl" : "flock");
	tap_ok(waitpid(pid, &status, 0) == pid && !status, "when it is let go");
	tap_is_str(value_of(pool, "late"), "1", "and sees what was done meanwhile");
	kvp_pool_free(pool);
	file_remove();
}

static void test_read_only(void)
{
	struct kvp_pool *pool;

	raw_append("a", "1");
	read_only = true;
	pool = pool_open(true);
	tap_is_str(value_of(pool, "a"), "1", "a read-only disk can be read");
	tap_is_int(kvp_pool_set(pool, "a", "2"), -EROFS, "and not written");
	read_only = false;
	tap_is_int(kvp_pool_set(pool, "a", "2"), 0, "until it can");
	kvp_pool_free(pool);
	file_remove();
	pool = pool_open(false);
	tap_is_int(kvp_pool_count(pool), -ENOENT, "who only reads makes no file");
	tap_is_int(kvp_pool_set(pool, "a", "1"), -ENOENT, "nor writes it");
	kvp_pool_free(pool);
}

static const char *name_of(unsigned int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "key-%u", i);
	return name;
}

/* System calls and bytes of each operation, in a pool of as many records. */
static void cost(unsigned int records, unsigned long call_count[5], size_t byte_count[5])
{
	struct kvp_pool *pool = pool_open(true);
	struct kvp_record record = { 0 };
	unsigned int i;
	int fd = __real_open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);

	for (i = 0; i < records; i++) {
		strcpy(record.key, name_of(i));
		strcpy(record.value, name_of(i));
		if (write(fd, &record, sizeof(record)) != (ssize_t)sizeof(record))
			abort();
	}
	close(fd);
	tap_is_int(kvp_pool_count(pool), records, "%u records", records);
	for (i = 0; i < 5; i++) {
		int err;

		calls = 0;
		bytes = 0;
		err = i == 0 ? kvp_pool_set(pool, "new", "1") :
		      i == 1 ? kvp_pool_set(pool, name_of(3), "2") :
		      i == 2 ? kvp_pool_get(pool, name_of(records - 1), &record) :
		      i == 3 ? kvp_pool_item(pool, records / 2, &record) :
			       kvp_pool_delete(pool, name_of(0));
		tap_is_int(err, 0, "an operation among %u", records);
		call_count[i] = calls;
		byte_count[i] = bytes;
	}
	kvp_pool_free(pool);
	file_remove();
}

static void test_cost(void)
{
	static const char *const names[] = { "new", "set", "get", "enumerate", "delete" };
	unsigned long few_calls[5], many_calls[5];
	size_t few_bytes[5], many_bytes[5];
	int i;

	cost(10, few_calls, few_bytes);
	cost(MANY, many_calls, many_bytes);
	for (i = 0; i < 5; i++) {
		tap_is_int((long long)many_calls[i], (long long)few_calls[i],
			   "%s: as many system calls with %d records as with 10", names[i], MANY);
		tap_is_int((long long)many_bytes[i], (long long)few_bytes[i], "and as many bytes");
	}
}

/* As many operations as it takes to meet all ways, against an array. */
static void test_model(void)
{
	bool there[64] = { false };
	unsigned int value[64], seed = 1, i, count = 0, faults_seen = 0;
	struct kvp_pool *pool = pool_open(true);
	char text[16];

	for (i = 0; i < 1000; i++) {
		unsigned int key = (seed = seed * 1103515245 + 12345) >> 16 & 63;

		snprintf(text, sizeof(text), "%u", i);
		if (seed >> 8 & 1) {
			faults_seen += !!kvp_pool_set(pool, name_of(key), text);
			count += !there[key];
			there[key] = true;
			value[key] = i;
		} else {
			faults_seen += kvp_pool_delete(pool, name_of(key)) !=
				       (there[key] ? 0 : -ENODATA);
			count -= there[key];
			there[key] = false;
		}
		faults_seen += kvp_pool_count(pool) != (int)count;
	}
	for (i = 0; i < 64; i++) {
		const char *got = value_of(pool, name_of(i));

		snprintf(text, sizeof(text), "%u", value[i]);
		faults_seen += there[i] ? !got || strcmp(got, text) : !!got;
	}
	tap_is_int(faults_seen, 0, "1000 operations do what they do to an array");
	kvp_pool_free(pool);
	file_remove();
}

static void test_limits(void)
{
	struct kvp_pool *pool = pool_open(true);

	raw_append("a", "1");
	tap_ok(!truncate(path, (KVP_POOL_RECORDS_MAX + 1) * 2560l), "a file that is far too long");
	tap_is_int(kvp_pool_count(pool), -EFBIG, "is not read");
	tap_is_int(kvp_pool_set(pool, "a", "1"), -EFBIG, "nor written");
	kvp_pool_free(pool);
	file_remove();
}

int main(void)
{
	strcpy(directory, "/tmp/kvp_pool_test.XXXXXX");
	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/.kvp_pool_1", directory);
	test_faults();
	test_format();
	test_corrupt();
	test_others();
	test_forget();
	test_locks(false);
	test_locks(true);
	test_read_only();
	test_cost();
	test_model();
	test_limits();
	rmdir(directory);
	return tap_done();
}
