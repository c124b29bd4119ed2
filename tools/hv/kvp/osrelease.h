/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the system says it is: os-release(5).
 */
#ifndef KVP_OSRELEASE_H
#define KVP_OSRELEASE_H

/**
 * struct kvp_osrelease - what of it the host is told; empty is what is not said
 * @name: NAME
 * @version_id: VERSION_ID
 * @pretty_name: PRETTY_NAME
 */
struct kvp_osrelease {
	char name[256];
	char version_id[256];
	char pretty_name[256];
};

void kvp_osrelease_parse(struct kvp_osrelease *os, const char *text);
void kvp_osrelease_read(struct kvp_osrelease *os);

#endif
