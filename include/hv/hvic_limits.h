/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time limits on which the module and the daemons must agree.
 *
 * A daemon gives up a margin before the module does. The margins are the daemon's own
 * and stand in its sources, as differences from these.
 */
#ifndef _HV_HVIC_LIMITS_H
#define _HV_HVIC_LIMITS_H

/*
 * Seconds that the module waits for the daemon's reply, from when the host's request
 * comes. HVIC_LIMIT_IN_TREE_SECS is what the in-tree module allows each message; our
 * daemons run on it, too.
 */
#define HVIC_LIMIT_IN_TREE_SECS		30
#define HVIC_LIMIT_KVP_SECS		30
#define HVIC_LIMIT_VSS_SECS		30	/* all but a freeze */
#define HVIC_LIMIT_VSS_FREEZE_SECS	(15 * 60)	/* as long as hosts wait */
/* Flushing a long file takes longer than 30 s, and so may a backup that froze its disk. */
#define HVIC_LIMIT_FCOPY_SECS		120

/* Milliseconds that the ioctl that thaws waits for disks, before it says -EBUSY. */
#define HVIC_LIMIT_VSS_THAW_MS		5000

/* Seconds that a host may be silent in a copy, before another copy may begin. */
#define HVIC_LIMIT_FCOPY_SILENCE_SECS	60

#endif
