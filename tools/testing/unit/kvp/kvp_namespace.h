/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace of a test's own, for tests that change links.
 */
#ifndef KVP_NAMESPACE_H
#define KVP_NAMESPACE_H

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

/* What a kernel with IPv6 has in each namespace, and one without (ipv6.disable=1) nowhere. */
#define IPV6_LINKS	"/proc/self/net/if_inet6"

/* Enters the namespace; where that cannot be, @what is skipped with the reason. */
static inline bool namespace_enter(const char *what)
{
	if (unshare(CLONE_NEWNET) < 0 || system("ip link set lo up 2>/dev/null")) {
		tap_skip(what, "needs root and ip(8)");
		return false;
	}
	if (access(IPV6_LINKS, F_OK) < 0) {
		tap_skip(what, "this kernel has no IPv6");
		return false;
	}
	return true;
}

#endif
