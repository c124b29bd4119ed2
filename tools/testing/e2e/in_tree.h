/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the in-tree module differs, and why: pairs of a test's name (a shell
 * pattern) and the reason.  Included into a table by e2e.c.
 */
	{ "*: sysfs *", "it shows nothing of its services in sysfs" },
	{ "boot: the tracepoints hv_ic*", "it has no tracepoints" },

	{ "versions: * leaves the service failed", "it shows nothing of its services in sysfs" },
	{ "versions: *: an offer cut short *", "it takes versions from behind the body" },
	{ "versions: a request without versions *", "it serves requests before an offer" },

	{ "heartbeat: without a whole count *", "it counts what is behind the body" },
	{ "heartbeat: healthy unless *", "it never fills in the application state" },
	{ "heartbeat: the host is told [!u]*", "it never fills in the application state" },
	{ "heartbeat: and again at the next beat: [!u]*",
	  "it never fills in the application state" },
	{ "heartbeat: and changes nothing", "it has no application state" },
	{ "heartbeat: auto is healthy *", "it has no application state" },

	{ "time: no sample yet *", "its PTP clock gives garbage until the first sample" },
	{ "time: also for PTP_SYS_OFFSET_EXTENDED", "its PTP clock has no gettimex64" },
	{ "time: PTP_SYS_OFFSET_EXTENDED works", "its PTP clock has no gettimex64" },
	{ "time: PTP_SYS_OFFSET_PRECISE works *", "its PTP clock has no cross-timestamps" },
	{ "time: but not when it is 600 s old",
	  "it counts the age of a sample from its reception" },
	{ "time: a sample * is refused", "it takes any reference counter" },
	{ "time: and changes nothing", "it takes any reference counter" },
	{ "time: the year * is refused", "it takes any time" },
	{ "time: just before 1970 is refused", "it takes any time" },
	{ "time: the end of time is refused", "it takes any time" },
	{ "time: and the clock is left alone", "it takes any time" },
	{ "time: the leap indicator *", "it forgets leap and stratum" },
	{ "time: the stratum *", "it forgets leap and stratum" },
	{ "time: and replaced", "it forgets leap and stratum" },

	{ "hostile: *: each of 5 wrong message types *",
	  "it refuses with another status, 0x80004005" },
	{ "hostile: *: each of 5 wrong *", "it does not look at this field" },
	{ "hostile: *: each drop is counted", "it has no counters" },
	{ "hostile: heartbeat: versions, *", "it answers with the status that the host sent" },
	{ "hostile: timesync: versions, *", "it answers with the status that the host sent" },
	{ "hostile: shutdown: bodies of *", "it drops what has no text of 2048 bytes" },
	{ "hostile: *: bodies of *", "it does not look at the body size" },
	{ "hostile: *: the longest legal message *", "its ring is too small for it" },
	{ "hostile: each of 61 malformed *", "it has no counters" },
	{ "hostile: and some are", "it does not log what it takes for good" },

	{ "lifecycle: a device that is bound anew *", "it has no counters" },
	{ "lifecycle: the tracepoints *", "it has no tracepoints" },
	{ "hibernate: a time sample from before *", "its PTP clock serves a sample from before" },
	{ "hibernate: *: services count on *", "it has no counters" },

	{ "shutdown: the guest goes down after it, *", "it ignores the delay" },
	{ "shutdown: * where user space cannot be asked: the guest stays up",
	  "it treats every order as forced" },
