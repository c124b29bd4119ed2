/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Debian's daemons differ from ours, on either module: pairs of a test's name (a
 * shell pattern) and the reason.  Included into a table by e2e.c.
 */
	{ "stock-kvp: * (SQM-BASIC)", "it says no more than ten things of the guest" },
	{ "stock-kvp: a new host name *", "it looks the name up once, when it begins" },
	{ "stock-kvp: when a daemon dies before *", "its unit does not start it again" },
	{ "stock-kvp: a daemon that dies over *", "its locks exclude no other program's" },
	{ "stock-kvp: and nothing else is lost", "it empties the file before it writes it" },
	{ "stock-kvp: with room, it goes on", "it ends when a file cannot be written" },
	{ "stock-kvp: on a read-only disk, *", "it opens all files for writing" },
	{ "stock-vss: every file system takes a write after its daemon was killed",
	  "what it has frozen stays so until somebody thaws it" },
