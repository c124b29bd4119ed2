// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of a pool: the input says which records it has, and what is then done
 * to it, by us and by others.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "hvd_log.h"
#include "hvd_pool.h"

static char directory[64], path[80];

/* All that is of no use is told of, which is not what is to be seen here. */
bool hvd_log_wanted(int level)
{
	(void)level;
	return false;
}

void hvd_log(int level, const char *format, ...)
{
	(void)level;
	(void)format;
}

static void files_remove(void)
{
	struct dirent *entry;
	DIR *dir = opendir(directory);

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static void directory_remove(void)
{
	files_remove();
	rmdir(directory);
}

/* In memory, where that is a file system: nothing here is to outlive the run. */
static void directory_make(void)
{
	strcpy(directory, "/dev/shm/fuzz_kvp_pool.XXXXXX");
	if (!mkdtemp(directory)) {
		strcpy(directory, "/tmp/fuzz_kvp_pool.XXXXXX");
		CHECK(mkdtemp(directory));
	}
	snprintf(path, sizeof(path), "%s/.kvp_pool_0", directory);
	atexit(directory_remove);
}

/* A record of few bytes of input: fields that end at once, later, or never. */
static void record_take(struct fuzz_input *input, struct kvp_record *record)
{
	u8 shape = (u8)fuzz_number(input, 1);
	size_t len;
	u8 *text;

	memset(record->key, shape & 1 ? 'k' : 0, sizeof(record->key));
	memset(record->value, shape & 2 ? 'v' : 0, sizeof(record->value));
	text = fuzz_take(input, shape >> 2 & 7, &len);
	memcpy(record->key, text, len);
	if (shape & 0x80)
		record->key[len] = '\0';
	free(text);
	text = fuzz_take(input, shape >> 4 & 7, &len);
	memcpy(record->value, text, len);
	if (shape & 0x40)
		record->value[len] = '\0';
	free(text);
}

/* Others append records, or a part of one. */
static void others_append(struct fuzz_input *input, size_t count, size_t tail)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	struct kvp_record record;

	CHECK(fd >= 0);
	while (count--) {
		record_take(input, &record);
		CHECK(write(fd, &record, sizeof(record)) == (ssize_t)sizeof(record));
	}
	if (tail) {
		record_take(input, &record);
		CHECK(write(fd, &record, tail) == (ssize_t)tail);
	}
	close(fd);
}

/* Each item can be used, can be got by its key, and the file holds just these. */
static void pool_check(struct kvp_pool *pool)
{
	int count = kvp_pool_count(pool), i;
	struct kvp_record item, got;
	struct stat status;

	CHECK(count >= 0);
	for (i = 0; i < count; i++) {
		CHECK(!kvp_pool_item(pool, (uint32_t)i, &item));
		CHECK(!kvp_record_fault(&item));
		CHECK(!kvp_pool_get(pool, item.key, &got));
		CHECK(!strcmp(item.key, got.key));
	}
	CHECK(kvp_pool_item(pool, (uint32_t)count, &item) == -ENODATA);
	CHECK(!stat(path, &status) && status.st_size == count * (off_t)sizeof(item));
}

static void operation_do(struct fuzz_input *input, struct kvp_pool *pool)
{
	struct kvp_record record, got;
	u8 what = (u8)fuzz_number(input, 1);

	if (what & 0x80) {
		others_append(input, what & 3, what & 4 ? 1 + (what >> 3 & 15) * 160u : 0);
		return;
	}
	record_take(input, &record);
	if (kvp_record_fault(&record))
		return;
	if (what & 1) {
		CHECK(!kvp_pool_set(pool, record.key, record.value));
		CHECK(!kvp_pool_get(pool, record.key, &got) && !strcmp(got.value, record.value));
	} else {
		kvp_pool_delete(pool, record.key);
		CHECK(kvp_pool_get(pool, record.key, &got) == -ENODATA);
	}
}

/**
 * LLVMFuzzerTestOneInput() - Be given a pool.
 * @data: what is in it, and what is done to it
 * @len: bytes of it
 *
 * Return: 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input input = { data, len };
	struct kvp_pool *pool, *reader;
	u8 records = (u8)fuzz_number(&input, 1);

	if (!directory[0])
		directory_make();
	others_append(&input, records & 15, (records >> 4) * 170u);
	CHECK(!kvp_pool_new(&reader, directory, 0, false));
	CHECK(kvp_pool_count(reader) == (records & 15));
	CHECK(!kvp_pool_new(&pool, directory, 0, true));
	pool_check(pool);
	while (input.len)
		operation_do(&input, pool);
	pool_check(pool);
	CHECK(kvp_pool_count(reader) == kvp_pool_count(pool));
	kvp_pool_free(reader);
	kvp_pool_free(pool);
	files_remove();
	return 0;
}
