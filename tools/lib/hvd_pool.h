/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool of keys and values: a file of records, as in-tree daemons, cloud-init,
 * azure-init and others have it, /var/lib/hyperv/.kvp_pool_N.
 *
 * Others append, truncate and read while we are at it.  Each operation holds both
 * kinds of lock that are in use, and looks whether the file is still the one that
 * the index in memory is of; the index has no more than where each key is.
 *
 * A file stays the same inode: who waits for a lock on it with the file already
 * open (cloud-init does) would append to a dead one otherwise, and its record would
 * be lost.  So nothing is renamed over it, and every change is made in place, in an
 * order that loses no record that was there, whenever the power goes:
 *
 *   new key	the record is written behind the last: torn, it is a part of a record,
 *		which is put aside when the file is next read.
 *   new value	its 2048 bytes are written over the old ones, the key is not touched.
 *		Torn at a sector of 512 bytes, the value is part new and part old.
 *   delete	the last record is written over the one that goes: first the value, then
 *		the key, which is one sector and cannot be torn; then the file is cut.
 *		Stopped in between, the last record is there twice, which is mended when
 *		the file is next read.  The price: the last record changes its place, so
 *		that order is that of appending only until something is deleted.  The
 *		other way, to move all that is behind, costs what the file is long, and is
 *		torn in more places.
 *
 * Each is on the disk (fdatasync) before the next step, and before the host is told.
 */
#ifndef KVP_POOL_H
#define KVP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hv/hvic_wire.h>

#define KVP_POOL_DIRECTORY	"/var/lib/hyperv"
#define KVP_POOL_FILES		5	/* one more than there are on the wire */

/* A host that is not trusted is not to fill the disk: 40 MiB a pool. */
#define KVP_POOL_RECORDS_MAX	16384

/**
 * struct kvp_record - what a pool's file is made of
 * @key: UTF-8, with NUL; what is behind that means nothing
 * @value: the same
 */
struct kvp_record {
	char key[HVIC_KVP_KEY_LEN];
	char value[HVIC_KVP_VALUE_LEN];
};

_Static_assert(sizeof(struct kvp_record) == 2560, "a record is 2560 bytes");

struct kvp_pool;

const char *kvp_record_fault(const struct kvp_record *record);

int kvp_pool_new(struct kvp_pool **ret, const char *directory, unsigned int number,
		 bool writable);
void kvp_pool_free(struct kvp_pool *pool);
const char *kvp_pool_path(const struct kvp_pool *pool);
int kvp_pool_count(struct kvp_pool *pool);
int kvp_pool_item(struct kvp_pool *pool, uint32_t index, struct kvp_record *record);
int kvp_pool_get(struct kvp_pool *pool, const char *key, struct kvp_record *record);
int kvp_pool_set(struct kvp_pool *pool, const char *key, const char *value);
int kvp_pool_delete(struct kvp_pool *pool, const char *key);
int kvp_pool_forget(struct kvp_pool *pool);

#endif
