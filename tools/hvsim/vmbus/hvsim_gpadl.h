/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GPADLs: pages of the guest that it lets the host use, told in one message or
 * in several.
 */
#ifndef HVSIM_GPADL_H
#define HVSIM_GPADL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "hvsim_bus_platform.h"

/* Pages of one GPADL: 64 MiB, more than any device of Hyper-V asks for. */
#define HVSIM_GPADL_PAGES_MAX	16384u

/**
 * struct hvsim_gpadl - memory of the guest
 * @link: in the bus's list
 * @id: by the guest
 * @relid: of the channel that it is for
 * @count: pages that there are to be
 * @told: of these, how many the guest has told of; all when it is complete
 * @addresses: of the pages, in the guest's memory
 * @pages: the same, mapped, once it is complete; else NULL
 */
struct hvsim_gpadl {
	TAILQ_ENTRY(hvsim_gpadl) link;
	uint32_t id;
	uint32_t relid;
	size_t count;
	size_t told;
	uint64_t *addresses;
	void **pages;
};

int hvsim_gpadl_new(struct hvsim_gpadl **ret, const void *message, size_t len);
int hvsim_gpadl_add(struct hvsim_gpadl *gpadl, const void *message, size_t len);
bool hvsim_gpadl_is_complete(const struct hvsim_gpadl *gpadl);
int hvsim_gpadl_map(struct hvsim_gpadl *gpadl, const struct hvsim_bus_platform *platform,
		    void *userdata);
void hvsim_gpadl_free(struct hvsim_gpadl *gpadl, const struct hvsim_bus_platform *platform,
		      void *userdata);

#endif
