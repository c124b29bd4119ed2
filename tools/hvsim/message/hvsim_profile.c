// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Version offers by host.  Where they come from: Documentation/protocol.rst.
 *
 * Only openvmm's lists are known in full, with their order (ascending).  Of
 * Windows it is known what guests end up with and what its symbols name; that
 * a list holds the older versions too, in ascending order, is inferred
 * everywhere below.  "inferred" at a line means the newest version itself.
 */
#include <string.h>

#include "hvsim_profile.h"

#define V(major, minor)	HVIC_VERSION(major, minor)

/* An array of versions and their number; macros, since the arrays are nameless. */
#define COUNT(...)	(sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define LIST(...)	((const uint32_t[]){ __VA_ARGS__ })

#define FRAMEWORK_1	.framework = LIST(V(1, 0)), .framework_count = 1
#define FRAMEWORK_3	.framework = LIST(V(1, 0), V(3, 0)), .framework_count = 2
#define MESSAGE(...)	.message = LIST(__VA_ARGS__), .message_count = COUNT(__VA_ARGS__)

/*
 * Logs of Azure of 2025 end with heartbeat 3.0, shutdown 3.2, time 4.0 and KVP
 * 4.0 on Linux, which knows no newer of each; the newest of heartbeat and VSS
 * are inferred from the symbols of a preview of 2016.
 */
#define OFFERS_SINCE_2019 { \
	[HVSIM_HEARTBEAT] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0), V(3, 1)) }, \
	[HVSIM_SHUTDOWN] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0), V(3, 1), V(3, 2)) }, \
	[HVSIM_TIMESYNC] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0), V(4, 0)) }, \
	[HVSIM_KVP] = { FRAMEWORK_3, MESSAGE(V(3, 0), V(4, 0), V(5, 0)) }, \
	[HVSIM_VSS] = { FRAMEWORK_3, MESSAGE(V(4, 0), V(5, 0), V(6, 0), V(7, 0)) }, \
	[HVSIM_FCOPY] = { FRAMEWORK_3, MESSAGE(V(1, 1)) }, \
}

static const struct hvsim_profile profiles[] = {
	{
		.name = "ws2008",
		.title = "Windows Server 2008",		/* VMBus 0.13 */
		.system = V(6, 0),
		.offers = {
			[HVSIM_HEARTBEAT] = { FRAMEWORK_1, MESSAGE(V(1, 0)) },
			[HVSIM_SHUTDOWN] = { FRAMEWORK_1, MESSAGE(V(1, 0)) },
			[HVSIM_TIMESYNC] = { FRAMEWORK_1, MESSAGE(V(1, 0)) },
			[HVSIM_KVP] = { FRAMEWORK_1, MESSAGE(V(1, 0)) },
		},
	}, {
		.name = "ws2008r2",
		.title = "Windows Server 2008 R2",	/* VMBus 1.1 */
		.system = V(6, 1),
		.offers = {
			/* the first three inferred */
			[HVSIM_HEARTBEAT] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_SHUTDOWN] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_TIMESYNC] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_KVP] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
		},
	}, {
		.name = "ws2012",
		.title = "Windows Server 2012",		/* VMBus 2.4 */
		.system = V(6, 2),
		.offers = {
			[HVSIM_HEARTBEAT] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_SHUTDOWN] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_TIMESYNC] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_KVP] = { FRAMEWORK_3, MESSAGE(V(3, 0), V(4, 0)) },
			[HVSIM_VSS] = { FRAMEWORK_3, MESSAGE(V(4, 0)) },
		},
	}, {
		.name = "ws2012r2",
		.title = "Windows Server 2012 R2",	/* VMBus 3.0 */
		.system = V(6, 3),
		.offers = {
			[HVSIM_HEARTBEAT] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_SHUTDOWN] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_TIMESYNC] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_KVP] = { FRAMEWORK_3, MESSAGE(V(3, 0), V(4, 0), V(5, 0)) },
			[HVSIM_VSS] = { FRAMEWORK_3, MESSAGE(V(4, 0), V(5, 0)) },
			[HVSIM_FCOPY] = { FRAMEWORK_3, MESSAGE(V(1, 1)) },
		},
	}, {
		.name = "win10-1511",
		.title = "Windows 10 1511, build 10586",	/* VMBus 3.0 */
		.system = V(10, 0),
		.offers = {
			[HVSIM_HEARTBEAT] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			/* inferred */
			[HVSIM_SHUTDOWN] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			/* known from what happened to guests that answered 4.0 */
			[HVSIM_TIMESYNC] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0)) },
			[HVSIM_KVP] = { FRAMEWORK_3, MESSAGE(V(3, 0), V(4, 0), V(5, 0)) },
			/* inferred; 6.0 is as possible */
			[HVSIM_VSS] = { FRAMEWORK_3, MESSAGE(V(4, 0), V(5, 0)) },
			[HVSIM_FCOPY] = { FRAMEWORK_3, MESSAGE(V(1, 1)) },
		},
	}, {
		.name = "ws2016",
		.title = "Windows Server 2016",		/* VMBus 4.0 */
		.system = V(10, 0),
		.offers = {
			/* inferred from the symbols of a preview; what 3.1 adds is unknown */
			[HVSIM_HEARTBEAT] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0), V(3, 1)) },
			/* inferred */
			[HVSIM_SHUTDOWN] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0), V(3, 1)) },
			[HVSIM_TIMESYNC] = { FRAMEWORK_3, MESSAGE(V(1, 0), V(3, 0), V(4, 0)) },
			[HVSIM_KVP] = { FRAMEWORK_3, MESSAGE(V(3, 0), V(4, 0), V(5, 0)) },
			/* inferred */
			[HVSIM_VSS] = { FRAMEWORK_3, MESSAGE(V(4, 0), V(5, 0), V(6, 0), V(7, 0)) },
			[HVSIM_FCOPY] = { FRAMEWORK_3, MESSAGE(V(1, 1)) },
		},
	}, {
		.name = "ws2019",
		.title = "Windows Server 2019",		/* VMBus 5.2 */
		.system = V(10, 0),
		.offers = OFFERS_SINCE_2019,
	}, {
		.name = "ws2022",
		.title = "Windows Server 2022",		/* VMBus 5.3 */
		.system = V(10, 0),
		.offers = OFFERS_SINCE_2019,
	}, {
		.name = "ws2025",
		.title = "Windows Server 2025",		/* inferred: no log of one was seen */
		.system = V(10, 0),
		.offers = OFFERS_SINCE_2019,
	}, {
		.name = "openvmm",
		.title = "OpenVMM",			/* has no other service */
		.addresses_since = V(5, 0),
		.offers = {
			[HVSIM_SHUTDOWN] = { FRAMEWORK_3,
				MESSAGE(V(1, 0), V(3, 0), V(3, 1), V(3, 2)) },
			[HVSIM_TIMESYNC] = { FRAMEWORK_3, MESSAGE(V(4, 0)) },
			[HVSIM_KVP] = { FRAMEWORK_3, MESSAGE(V(3, 0), V(4, 0), V(5, 0)) },
		},
	},
};

/**
 * hvsim_profile_at() - Get a profile by its place in the table.
 * @index: from 0
 *
 * Return: the profile; NULL behind the last.
 */
const struct hvsim_profile *hvsim_profile_at(size_t index)
{
	return index < sizeof(profiles) / sizeof(profiles[0]) ? &profiles[index] : NULL;
}

/**
 * hvsim_profile_find() - Get a profile by name.
 * @name: one of the table's, or NULL for HVSIM_PROFILE_DEFAULT
 *
 * Return: the profile; NULL when there is none of that name.
 */
const struct hvsim_profile *hvsim_profile_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (!strcmp(profiles[i].name, name ?: HVSIM_PROFILE_DEFAULT))
			return &profiles[i];
	return NULL;
}
