// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network managers: which one has a link.
 *
 * In order of who decides: an administrator's own program; netplan, which writes what the
 * two behind it read; and those that can be asked before those that can only be guessed by
 * their files.
 */
#include <string.h>

#include "hvd_log.h"
#include "kvp/net/backend.h"

static const struct kvp_backend *const backends[] = {
	&kvp_backend_script,
	&kvp_backend_netplan,
	&kvp_backend_networkmanager,
	&kvp_backend_networkd,
	&kvp_backend_ifupdown,
	&kvp_backend_ifcfg,
};

#define BACKENDS	(sizeof(backends) / sizeof(backends[0]))

/**
 * kvp_backend_exists() - Whether there is a back-end of a name.
 * @name: as in the configuration
 *
 * Return: whether there is, or it is "auto".
 */
bool kvp_backend_exists(const char *name)
{
	size_t i;

	for (i = 0; i < BACKENDS; i++)
		if (!strcmp(backends[i]->name, name))
			return true;
	return !strcmp(name, "auto");
}

/**
 * kvp_backend_choose() - Find who is to set a link.
 * @net: the network, which may name a back-end
 * @nic: the link
 * @claim: how much the back-end has to do with it; one that is named has it
 *
 * Return: the back-end; NULL when there is none.
 */
const struct kvp_backend *kvp_backend_choose(struct kvp_net *net, const struct kvp_nic *nic,
					     enum kvp_claim *claim)
{
	const struct kvp_backend *able = NULL;
	size_t i;

	for (i = 0; i < BACKENDS; i++) {
		*claim = KVP_CLAIM_HAS;
		if (!strcmp(net->backend, backends[i]->name))
			return backends[i];
		if (strcmp(net->backend, "auto"))
			continue;
		*claim = backends[i]->claim(net, nic);
		hvd_debug("%s: %s %s", nic->name, backends[i]->name,
			  *claim == KVP_CLAIM_HAS ? "has it" : *claim == KVP_CLAIM_ABLE ?
			  "could have it" : "has nothing to do with it");
		if (*claim == KVP_CLAIM_HAS)
			return backends[i];
		if (*claim == KVP_CLAIM_ABLE && !able)
			able = backends[i];
	}
	*claim = able ? KVP_CLAIM_ABLE : KVP_CLAIM_NONE;
	return able;
}
