/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network managers: what they have in common, and which one has a link.
 */
#ifndef KVP_BACKEND_H
#define KVP_BACKEND_H

#include "kvp/net/job.h"

/* How much a manager has to do with a link. */
enum kvp_claim {
	KVP_CLAIM_NONE,		/* it is not there, or leaves the link alone */
	KVP_CLAIM_ABLE,		/* it is there, and could have the link */
	KVP_CLAIM_HAS,		/* it has the link */
};

/**
 * struct kvp_backend - a network manager
 * @name: as in the configuration
 * @claim: what it has to do with a link
 * @apply: have it set the link; kvp_job_applied() says that it has, or why not
 * @restore: have it set the link to what it was, after kvp_undo_restore(), which is its to
 *	call; kvp_job_applied() says that it has; NULL where only files can be put back
 * @settle: drop what @restore would have needed; NULL when there is nothing
 *
 * What is to be put back is replaced by kvp_undo_replace() on the job's.
 */
struct kvp_backend {
	const char *name;
	enum kvp_claim (*claim)(struct kvp_net *net, const struct kvp_nic *nic);
	int (*apply)(struct kvp_job *job);
	int (*restore)(struct kvp_job *job);
	void (*settle)(struct kvp_job *job);
};

extern const struct kvp_backend kvp_backend_script;
extern const struct kvp_backend kvp_backend_netplan;
extern const struct kvp_backend kvp_backend_networkmanager;
extern const struct kvp_backend kvp_backend_networkd;
extern const struct kvp_backend kvp_backend_ifupdown;
extern const struct kvp_backend kvp_backend_ifcfg;

const struct kvp_backend *kvp_backend_choose(struct kvp_net *net, const struct kvp_nic *nic,
					     enum kvp_claim *claim);
bool kvp_backend_exists(const char *name);

#endif
