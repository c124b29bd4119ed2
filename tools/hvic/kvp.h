/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hvic kvp: what its commands share.
 */
#ifndef HVIC_KVP_H
#define HVIC_KVP_H

#include <stdbool.h>

#include "hvd_pool.h"

/**
 * struct hvic_kvp - a command about pools
 * @json: whether results are wanted as JSON
 * @directory: where the pools are
 * @pool: the one that is asked for; -1 for any
 */
struct hvic_kvp {
	bool json;
	char *directory;
	int pool;
};

const char *hvic_kvp_pool_name(unsigned int number);
void hvic_kvp_print(const struct hvic_kvp *kvp, unsigned int pool, const char *event,
		    const char *key, const char *value, unsigned int parts);
int hvic_kvp_complain(const char *what, unsigned int pool, const char *path, int err);
int hvic_kvp_watch(const struct hvic_kvp *kvp);

#endif
